"""Who is engaged, by telephone and until when; who lives in one home, found by an index.

Revision ID: 0010
"""

from alarmd.store.migrations import run_file

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add columns and indexes; an older version that still runs leaves the columns empty."""
    run_file("0010_one_number.sql")
