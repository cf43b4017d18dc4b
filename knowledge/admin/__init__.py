"""Admin of what is known: tasks, indexes and what is in them; and of buckets, which are searched on
their own pages."""

from knowledge.admin import buckets, records, tasks

__all__ = ["buckets", "records", "tasks"]
