"""Admin of insights, and of conversations: their page shows both side by side."""

from insights.admin import conversations, groups, records, templates

__all__ = ["conversations", "groups", "records", "templates"]
