"""A proof belongs to the device that gave it, not to the one that took its place.

Revision ID: 0007
"""

from alarmd.store.migrations import run_file

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add a table and triggers; an older version that still runs obeys them without knowing."""
    run_file("0007_proof_of_one_device.sql")
