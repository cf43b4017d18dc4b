"""The admin's first page: what goes on in each organisation that the visitor may look at."""

from config.dashboard.page import dashboard

__all__ = ["dashboard"]
