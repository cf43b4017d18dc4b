"""Upstreams that speak ElevenLabs's own format."""
