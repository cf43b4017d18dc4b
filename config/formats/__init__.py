"""How times are written for people."""
