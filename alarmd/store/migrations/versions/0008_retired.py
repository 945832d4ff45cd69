"""Who and what is no longer part of the directory, kept for the log and for coming back.

Revision ID: 0008
"""

from alarmd.store.migrations import run_file

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add a table; an older version that still runs sees only that the retired are gone."""
    run_file("0008_retired.sql")
