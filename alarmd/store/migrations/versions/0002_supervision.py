"""Silence, and what is set where a device is registered.

Revision ID: 0002
"""

from alarmd.store.migrations import run_file

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add tables; an older version that still runs does not look at them."""
    run_file("0002_supervision.sql")
