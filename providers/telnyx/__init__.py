"""Telnyx as an upstream, or another server with its API."""
