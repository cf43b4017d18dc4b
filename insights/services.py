"""Everything that may be done with insights, by the module that does it."""

from insights.backfill import start_backfill
from insights.groups import assign, create_group, delete_group, unassign, update_group
from insights.runs import run_now, start_runs
from insights.templates import create_template, delete_template, update_template
from insights.training_sets import start_training_set

__all__ = [
    "assign",
    "create_group",
    "create_template",
    "delete_group",
    "delete_template",
    "run_now",
    "start_backfill",
    "start_runs",
    "start_training_set",
    "unassign",
    "update_group",
    "update_template",
]
