"""Speed and memory, as ratios to a bare pass-through in the same run: `make bench`."""
