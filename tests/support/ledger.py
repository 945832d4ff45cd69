"""An open door whose taker keeps everything at once, and answers presses as alarmd does."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import devices
from alarmd.clock import SystemClock
from alarmd.door.server import Door
from alarmd.intake.delivery import Delivery


@dataclass
class Ledger:
    """What came in."""

    door: Door | None = None
    kept: list[Delivery] = field(default_factory=list)

    def take(self, delivery: Delivery) -> asyncio.Future[None]:
        self.kept.append(delivery)
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        done.set_result(None)
        body = json.loads(delivery.payload) if delivery.topic.endswith("/signal") else {}
        if body.get("type") in {"sos", "fall"} and self.door:
            reply = json.dumps({"ref": body["ref"], "status": "kept", "incident": "A-1"}).encode()
            self.door.publish(delivery.topic.replace("signal", "reply"), reply, qos=1)
        return done

    def types(self) -> list[str]:
        return [str(found.type) for one in self.kept for found in devices.decode(one.topic, one.payload)]

    @property
    def url(self) -> str:
        return f"mqtt://127.0.0.1:{self.door.port if self.door else 0}"


@asynccontextmanager
async def open_ledger() -> AsyncIterator[Ledger]:
    """Open the door on a free port."""
    found = Ledger()
    found.door = Door(taker=found, clock=SystemClock(), host="127.0.0.1", port=0)
    await found.door.start()
    try:
        yield found
    finally:
        await found.door.stop()
