"""What a sender has asked for of late: so that no one credential buries the alarms of others.

Revision ID: 0012
"""

from alarmd.store.migrations import run_file

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add tables, a column and indexes; an older version that still runs leaves them alone."""
    run_file("0012_senders.sql")
