"""Upstreams of the Azure AI model inference API."""
