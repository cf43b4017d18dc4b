"""Exact search: every vector of an index is compared with the question's.

`matrix` compares, `loading` reads the vectors from the database, `cache` keeps them in memory.
"""
