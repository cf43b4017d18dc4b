"""How a format spoken on both sides is spelled: both directions in one file."""
