"""Acked means kept, whatever order publishing, committing, failing, repeating and hanging up come in."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable

from hypothesis import example, given, settings
from hypothesis import strategies as st

from alarmd.clock import SystemClock
from alarmd.door.connection import Connection
from alarmd.door.doorstep import Doorstep, Guest
from alarmd.door.house import House
from alarmd.door.hub import Hub
from alarmd.door.limits import Limits
from alarmd.door.packets import V5, V311, Connect
from alarmd.door.stats import Counters
from alarmd.door.turns import Turns
from alarmd.door.wire import Cursor, Kind, Properties
from alarmd.right_of_way import RightOfWay
from tests.support.mqtt import Acked, Answer, Keeper, connect_bytes, packet, publish_bytes, read_answer


class Wire(asyncio.Transport):
    """A transport that only remembers."""

    def __init__(self) -> None:
        super().__init__()
        self.written = bytearray()
        self.closed = False
        self.reading = True

    def get_extra_info(self, name: str, default: object = None) -> object:
        return ("127.0.0.1", 1) if name == "peername" else self if name == "socket" else default

    def setsockopt(self, *_: object) -> None:
        pass

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        pass

    def write(self, data: bytes | bytearray | memoryview) -> None:
        assert not self.closed
        self.written += data

    def get_write_buffer_size(self) -> int:
        return 0

    def is_closing(self) -> bool:
        return self.closed

    def close(self) -> None:
        self.closed = True

    def abort(self) -> None:
        self.closed = True

    def pause_reading(self) -> None:
        assert self.reading
        self.reading = False

    def resume_reading(self) -> None:
        assert not self.reading
        self.reading = True


class Story:
    """A client that comes back again and again, and a disk that commits when told."""

    def __init__(self, version: int, in_flight: int) -> None:
        self.version = version
        self.keeper = Keeper(holding=True)
        counters = Counters()
        loop = asyncio.get_running_loop()
        limits = Limits(in_flight=in_flight)
        self.house = House(
            taker=self.keeper,
            clock=SystemClock(),
            limits=limits,
            users=None,
            hub=Hub(limits=limits, counters=counters, loop=loop, publish_will=lambda *_: None),
            counters=counters,
            loop=loop,
            connections=set(),
            doorstep=Doorstep(
                limits=limits,
                certificate=None,
                counters=counters,
                connection=lambda guest: Connection(self.house, guest),
                way=RightOfWay(),
            ),
            on_client=lambda _: None,
            on_gone=lambda: None,
            turns=Turns(loop, RightOfWay()),
        )
        self.kept: set[bytes] = set()
        self.number = 0
        self.connect()

    def connect(self) -> None:
        self.wire = Wire()
        with socket.socket() as nothing:
            self.connection = Connection(self.house, Guest(nothing, "127.0.0.1", self.house.loop.time()))
        self.connection.connection_made(self.wire)
        self.published: list[tuple[int, int, bytes]] = []
        properties = Properties(session_expiry=99) if self.version == V5 else Properties()
        self.say(
            connect_bytes(
                Connect(version=self.version, client_id="x", clean=False, keep_alive=0, properties=properties)
            )
        )

    def say(self, data: bytes) -> None:
        if not self.wire.closed:
            self.connection.data_received(data)

    def publish(self, qos: int) -> None:
        self.number += 1
        payload = b"%d" % self.number
        if not self.wire.closed:
            self.published.append((qos, self.number, payload))
        self.say(publish_bytes(self.version, "a", payload, qos=qos, packet_id=self.number))

    def hang_up(self) -> None:
        self.wire.closed = True
        self.connection.connection_lost(None)
        self.connect()

    async def settle(self) -> None:
        for _ in range(3):
            await asyncio.sleep(0)

    def commit(self, at: int) -> None:
        if self.keeper.waiting:
            self.kept.add(self.keeper.keep(at % self.keeper.waiting))

    def fail(self, at: int) -> None:
        if self.keeper.waiting:
            self.keeper.lose(at % self.keeper.waiting)

    def answers(self) -> list[Answer]:
        cursor = Cursor(bytes(self.wire.written))
        found = []
        while cursor.left:
            first = cursor.u8()
            found.append(read_answer(self.version, first, cursor.take(cursor.varint())))
        return found

    def check(self, *, settled: bool) -> None:
        acked = [one.packet_id for one in self.answers() if isinstance(one, Acked) and one.kind is not Kind.PUBCOMP]
        owed = [number for qos, number, _ in self.published if qos]
        assert acked == owed[: len(acked)], "in the order of arrival, none left out"
        payloads = {number: payload for _, number, payload in self.published}
        assert {payloads[number] for number in acked} <= self.kept, "nothing is acknowledged that is not kept"
        if settled and not self.wire.closed and not self.keeper.waiting:
            assert acked == owed, "what is kept is acknowledged"


ACTIONS: dict[str, Callable[[Story, int], None]] = {
    "publish": lambda story, number: story.publish(number % 3),
    "commit": lambda story, number: story.commit(number),
    "fail": lambda story, number: story.fail(number),
    "hang up": lambda story, _: story.hang_up(),
    "ping": lambda story, _: story.say(packet(Kind.PINGREQ, b"")),
}
steps = st.lists(st.tuples(st.sampled_from(("turn", "publish", "publish", "commit", *ACTIONS)), st.integers(0, 9)))


@given(st.sampled_from((V311, V5)), st.integers(1, 5), steps)
@example(V311, 5, [("publish", 1), ("publish", 1), ("fail", 0), ("commit", 0), ("turn", 0)])
@settings(deadline=None)
def test_it_acknowledges_what_is_kept_and_nothing_else(
    version: int, in_flight: int, script: list[tuple[str, int]]
) -> None:
    async def play() -> None:
        story = Story(version, in_flight)
        for action, number in script:
            if action == "turn":
                await story.settle()
            else:
                ACTIONS[action](story, number)
            story.check(settled=action == "turn")
        while story.keeper.waiting:
            story.commit(0)
            await story.settle()
            story.check(settled=True)

    asyncio.run(play())


@given(st.sampled_from((V311, V5)), st.lists(st.binary(max_size=60), max_size=5))
@settings(deadline=None)
def test_it_survives_noise_in_a_conversation(version: int, noise: list[bytes]) -> None:
    async def play() -> None:
        story = Story(version, in_flight=3)
        for one in noise:
            story.publish(1)
            story.say(one)
            await story.settle()
        while story.keeper.waiting:
            story.commit(0)
            await story.settle()
        story.hang_up()

    asyncio.run(play())
