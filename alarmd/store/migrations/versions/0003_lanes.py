"""What may go out next, and the people of a role, found without sorting and reading all there is.

Revision ID: 0003
"""

from alarmd.store.migrations import run_file

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add indexes; an older version that still runs keeps them up without knowing."""
    run_file("0003_lanes.sql")
