"""What all connections of the door share."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from alarmd.clock import Clock
from alarmd.door.doorstep import Doorstep
from alarmd.door.hub import Hub
from alarmd.door.limits import Limits
from alarmd.door.stats import ClientEvent, Counters
from alarmd.door.turns import Turns
from alarmd.door.users import Users
from alarmd.intake.delivery import Taker

if TYPE_CHECKING:
    from alarmd.door.connection import Connection


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """What all connections share."""

    taker: Taker
    clock: Clock
    limits: Limits
    users: Users | None
    hub: Hub
    counters: Counters
    loop: asyncio.AbstractEventLoop
    connections: set[Connection]
    doorstep: Doorstep
    on_client: Callable[[ClientEvent], None]
    on_gone: Callable[[], None]
    turns: Turns
