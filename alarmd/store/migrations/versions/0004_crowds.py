"""Who lives near, and which codes are free, found in a dense city and with thousands of open incidents.

Revision ID: 0004
"""

from alarmd.store.migrations import run_file

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add an index and a count; an older version that still runs keeps them up without knowing."""
    run_file("0004_crowds.sql")
