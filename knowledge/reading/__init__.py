"""From a file, whoever wrote it, to its text.

`apart.extract_apart` is the door: it reads in a process of its own (`child`), with limits on time
and memory, for parsers meet hostile files here. `extraction.extract` does the work, one module per
kind of file. Nothing in this package needs Django, so that the process starts fast and knows
nothing: no settings, no keys.
"""
