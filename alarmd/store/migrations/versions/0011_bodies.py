"""Old texts, found by an index without reading a town's outbox.

Revision ID: 0011
"""

from alarmd.store.migrations import run_file

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add an index; an older version that still runs keeps them up without knowing."""
    run_file("0011_bodies.sql")
