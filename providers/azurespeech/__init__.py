"""Upstreams that speak Azure Speech's own format."""
