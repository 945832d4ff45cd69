"""Many presses at once, and an exact account of which of them were acknowledged."""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from dataclasses import dataclass, field
from itertools import count

from tests.support.mqtt import Acked, RawClient
from tests.support.running import PATIENCE, Running

SIGNAL = "alarmd/v1/bed_button/signal"
ZIGBEE = "zigbee2mqtt/li_button"
WINDOW = 64  # unanswered presses of one client
GONE = (ConnectionError, asyncio.IncompleteReadError, OSError)


def kept(alarmd: Running) -> Counter[str]:
    """How often each reference was kept as a new signal: with an entry of its own, or with its like in one."""
    found = Counter(entry.data["ref"] for entry in alarmd.log("signal.kept") if "ref" in entry.data)
    return found + Counter({row["ref"] for row in alarmd.rows("SELECT ref FROM signal_shared")} - found.keys())


async def until_kept(alarmd: Running, ref: str) -> None:
    """Wait until that reference is on the disk."""
    async with asyncio.timeout(PATIENCE):
        while ref not in await asyncio.to_thread(kept, alarmd):
            assert alarmd.lives, f"it ended: {alarmd.said[-5:]}"


@dataclass
class Presses:
    """What was pressed at alarmd's own door, over all its lives.

    Attributes:
        acked: References of native signals that were acknowledged.
        zigbee: How many of Zigbee2MQTT's messages were acknowledged.
        unanswered: References of native signals that were sent and never acknowledged.
    """

    acked: set[str] = field(default_factory=set)
    zigbee: int = 0
    unanswered: set[str] = field(default_factory=set)
    _numbers: count[int] = field(default_factory=count)
    _grew: asyncio.Event = field(default_factory=asyncio.Event)

    async def until(self, total: int) -> None:
        """Wait until so many were acknowledged."""
        while len(self.acked) + self.zigbee < total:
            self._grew.clear()
            await self._grew.wait()

    async def press(self, port: int, client_id: str) -> None:
        """Press as fast as answers come, now with the native button, now with the Zigbee one, until the line is cut."""
        with contextlib.suppress(*GONE):
            client = await RawClient.connect(port, client_id)
            waiting: dict[int, str] = {}
            try:
                while True:
                    while len(waiting) < WINDOW:
                        self._send(client, waiting)
                    answer = await client.expect(Acked)
                    self._note(waiting.pop(answer.packet_id))
            finally:
                self.unanswered |= {ref for ref in waiting.values() if ref}
                await client.cut()

    async def repeat(self, port: int) -> None:
        """Press once more whatever was never acknowledged, as buttons do, and wait until it is."""
        async with await RawClient.connect(port, "gateway, again") as client:
            for number, ref in enumerate(sorted(self.unanswered), 1):
                client.publish(SIGNAL, b'{"ref":"%s"}' % ref.encode(), packet_id=number)
            for _ in self.unanswered:
                await client.expect(Acked)
        self.acked |= self.unanswered
        self.unanswered = set()

    def _send(self, client: RawClient, waiting: dict[int, str]) -> None:
        number = next(self._numbers)
        packet_id = number % 60_000 + 1
        if number % 4:
            client.publish(SIGNAL, b'{"ref":"%d"}' % number, packet_id=packet_id)
        else:
            client.publish(ZIGBEE, b'{"action":"emergency","battery":87}', packet_id=packet_id)
        waiting[packet_id] = str(number) if number % 4 else ""

    def _note(self, ref: str) -> None:
        if ref:
            self.acked.add(ref)
        else:
            self.zigbee += 1
        self._grew.set()
