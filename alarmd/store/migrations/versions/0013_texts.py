"""Texts of one telephone are gathered, and who was guessed at is rung a few times.

Revision ID: 0013
"""

from alarmd.store.migrations import run_file

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add columns and an index; an older version that still runs leaves them alone."""
    run_file("0013_texts.sql")
