"""What may go out next, found without sorting.

Revision ID: 0003
"""

from alarmd.store.migrations import run_file

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add an index; an older version that still runs keeps it up without knowing."""
    run_file("0003_lanes.sql")
