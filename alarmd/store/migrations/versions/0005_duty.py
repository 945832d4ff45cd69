"""When each person is on duty, worked out beforehand.

Revision ID: 0005
"""

from alarmd.store.migrations import run_file

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add a table; an older version that still runs works shifts out as it did."""
    run_file("0005_duty.sql")
