"""References of signals that share another's entry, so that a repetition is known after a crash too.

Revision ID: 0014
"""

from alarmd.store.migrations import run_file

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add a table; an older version that still runs leaves it alone."""
    run_file("0014_shared_entries.sql")
