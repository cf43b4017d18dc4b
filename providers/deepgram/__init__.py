"""Upstreams that speak Deepgram's own format."""
