"""Who wants to make it stop, and how: what `bench` and `tests/integration/attacks` try while somebody presses.

To add an attack: write it in a module here, as `shape.attack` says, and put it into that module's ``ATTACKS``; name the
module below. `python -m bench.attacks` lists them, the table and the tests find them by themselves.
"""

from __future__ import annotations

from typing import Final

from bench.attacks import bury, door, hold, share, web
from bench.attacks.shape import Attack

ATTACKS: Final[tuple[Attack, ...]] = (*door.ATTACKS, *hold.ATTACKS, *web.ATTACKS, *bury.ATTACKS, *share.ATTACKS)
