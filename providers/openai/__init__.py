"""Upstreams that speak the OpenAI format, Azure OpenAI among them."""
