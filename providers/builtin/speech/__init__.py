"""`builtin/speak` and `builtin/listen`: C libraries of others, each in a child process."""
