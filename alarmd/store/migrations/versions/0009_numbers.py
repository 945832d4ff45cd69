"""Everybody of a telephone number, of a circle and of a responder, found by an index.

Revision ID: 0009
"""

from alarmd.store.migrations import run_file

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add indexes; an older version that still runs keeps them up without knowing."""
    run_file("0009_numbers.sql")
