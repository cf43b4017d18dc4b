"""Upstreams that speak Google's Generative Language API."""
