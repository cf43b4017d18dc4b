"""Upstreams that are an AI DIAL core."""
