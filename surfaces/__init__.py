"""The dialects spoken to callers: each surface parses and renders, and does nothing else."""
