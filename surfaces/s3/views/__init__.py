"""The operations of this surface."""
