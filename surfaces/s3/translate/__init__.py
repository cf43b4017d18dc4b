"""From requests of this surface to plain values, and from rows to its documents. Pure."""
