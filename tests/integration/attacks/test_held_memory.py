"""What is held for clients is counted from the first byte to the last, and whoever holds most gives way."""

from __future__ import annotations

import asyncio
import gc
import tracemalloc
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from alarmd.clock import SystemClock
from alarmd.door.hub import Hub
from alarmd.door.ledger import ALWAYS_HELD, STRANGERS
from alarmd.door.limits import Limits
from alarmd.door.packets import V5, V311, Connect, Reader, Will
from alarmd.door.server import Door
from alarmd.door.users import Grants, Users, hash_password
from alarmd.door.wire import Kind, Properties
from tests.support.door import until
from tests.support.mqtt import Acked, Connack, Farewell, Keeper, RawClient, connect_bytes, publish_bytes

HASHED = hash_password("secret")
LASTING = Properties(session_expiry=600)
Opening = Callable[..., Awaitable[Door]]


class Crowd(Users):
    """Everybody waits for the check of their password until the story says."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, refused_after=0.0)
        self.turn = asyncio.Event()
        self.turn.set()

    async def verify(self, name: str, password: bytes, address: str = "") -> Grants | None:
        await self.turn.wait()
        return await super().verify(name, password)


@pytest.fixture
async def users(tmp_path: Path) -> Crowd:
    path = tmp_path / "users"
    path.write_text("".join(f"{name}:{HASHED}:#\n" for name in ("one", "other", "third", "honest")), encoding="utf-8")
    return Crowd(path)


@pytest.fixture
async def keeper() -> Keeper:
    return Keeper()


@pytest.fixture
async def opening(keeper: Keeper, users: Crowd) -> AsyncIterator[Opening]:
    async with AsyncExitStack() as stack:

        async def open_door(**limits: int) -> Door:
            door = Door(
                taker=keeper, clock=SystemClock(), host="127.0.0.1", port=0, users=users, limits=Limits(**limits)
            )
            await door.start()

            async def close() -> None:
                keeper.keep_all()
                users.turn.set()
                await door.stop()

            stack.push_async_callback(close)
            return door

        yield open_door


def hub_of(door: Door) -> Hub:
    assert door._hub is not None
    return door._hub


async def of(door: Door, user: str, name: str, **more: object) -> RawClient:
    return await RawClient.connect(door.port, name, version=V5, user=user, password=b"secret", **more)  # type: ignore[arg-type] # as connect takes them


def introduction(name: str, *, will: Will | None = None, password: bytes = b"secret") -> bytes:
    return connect_bytes(
        Connect(version=V311, client_id=name, clean=True, keep_alive=60, user="honest", password=password, will=will)
    )


def will_of(size: int, delay: int | None = None) -> Will:
    return Will(topic="gone", payload=b"." * size, qos=1, retain=False, properties=Properties(will_delay=delay))


# ---------------------------------------------------------------- strangers


@pytest.mark.parametrize("behind", [b"", b"\xc0", publish_bytes(V311, "a", b"x")])
async def test_a_login_that_waits_is_counted_and_the_large_make_room(
    opening: Opening, users: Crowd, behind: bytes
) -> None:
    door = await opening(strangers_bytes=1_000_000)
    users.turn.clear()
    honest = await RawClient.dial(door.port)
    honest.send(introduction("honest"))
    crowd = [await RawClient.dial(door.port) for _ in range(60)]
    for number, one in enumerate(crowd):
        one.send(introduction(f"c{number}", will=will_of(60_000)) + behind)
    ledger = hub_of(door).ledger
    await until(lambda: door.stats.refused >= 60 - 1_000_000 // 60_000)
    assert 800_000 < ledger.of(STRANGERS) <= 1_000_000 + 61 * ALWAYS_HELD
    await until(lambda: door.stats.connections <= 1 + 1_000_000 // 60_000)
    await crowd[0].is_hung_up_on()
    users.turn.set()
    assert (await honest.expect(Connack)).code == 0
    for one in (honest, *crowd):
        await one.cut()
    await until(lambda: door.stats.connections == 0)
    await until(lambda: not ledger.total and not ledger.of(STRANGERS))


async def test_half_a_connect_counts_too_and_takes_nothing_from_who_is_known(opening: Opening) -> None:
    door = await opening(memory=500_000, memory_per_user=500_000, strangers_bytes=450_000)
    halves = [await RawClient.dial(door.port) for _ in range(20)]
    for half in halves:
        half.send(introduction("half", will=will_of(50_000))[:45_000])
    ledger = hub_of(door).ledger
    await until(lambda: door.stats.refused == 10)
    assert 400_000 < ledger.of(STRANGERS) <= 450_000
    async with await of(door, "honest", "gateway", will=will_of(10_000)) as gateway:
        for number in range(6):
            gateway.publish(f"a/{number}", b"." * 60_000, retain=True)
            assert (await gateway.expect(Acked)).code == 0
        assert door.stats.retained == 6
    for half in halves:
        await half.cut()
    await until(lambda: not ledger.of(STRANGERS))


def wills_but(known: set[int]) -> list[Will]:
    """All that is held in memory, without those of before, by their ids."""
    return [one for one in gc.get_objects() if isinstance(one, Will) and id(one) not in known]


async def test_nothing_of_a_login_outlives_its_connection(opening: Opening, users: Crowd) -> None:
    """Also where the garbage collector does not come by: it may be a minute until it looks at what is old."""
    door = await opening(strangers_bytes=300_000)
    gc.collect()
    gc.disable()
    before_us = {id(one) for one in wills_but(set())}  # what other tests left
    try:
        for turn in ("was sent away", "waited", "was refused"):
            (users.turn.set if turn == "was refused" else users.turn.clear)()
            before = door.stats.refused
            crowd = [await RawClient.dial(door.port) for _ in range(10)]
            for number, one in enumerate(crowd):
                one.send(
                    introduction(f"{number}", password=b"wrong", will=will_of(60_000 if turn[-1] == "y" else 5_000))
                )
            await until(
                lambda: sum(one.state == "login" for one in door._connections) >= 4 or door.stats.refused > before  # noqa: B023 - asked in this turn only
            )
            for one in crowd:
                await one.cut()
            users.turn.set()
            await until(lambda: door.stats.connections == 0)
            await until(lambda: not wills_but(before_us))
    finally:
        gc.enable()


@pytest.mark.parametrize(("name", "password"), [("one", b"x" * 1_025), ("n" * 1_025, b"x"), ("中" * 342, b"x")])
async def test_names_and_passwords_have_a_length(opening: Opening, users: Crowd, name: str, password: bytes) -> None:
    door = await opening()
    users.turn.clear()  # it is not even asked whether they are right
    async with await RawClient.connect(door.port, version=V5, user=name, password=password) as client:
        assert client.connack.code == 0x86
        assert "1024" in (client.connack.properties.reason_string or "")


def test_a_stream_of_single_bytes_costs_what_it_counts() -> None:
    reader = Reader(2 * 1024 * 1024)
    reader.feed(b"\x10\x80\x80\x07" + b"." * 96)
    tracemalloc.start()
    try:
        assert reader.next() is None
        before, _ = tracemalloc.get_traced_memory()
        for number in range(50_000):
            reader.feed(b"%d" % (number % 10))
        after, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert reader.held == 50_100
    assert after - before < 2 * reader.held


# ---------------------------------------------------------------- wills


async def test_wills_ask_for_room_and_a_small_one_always_has_it(opening: Opening) -> None:
    door = await opening(memory_per_user=400_000)
    async with AsyncExitStack() as stack:
        codes = []
        for number in range(10):
            client = await stack.enter_async_context(
                await of(door, "one", f"{number}", will=will_of(60_000, 600), properties=LASTING)
            )
            codes.append(client.connack.code)
        assert codes == [0] * 6 + [0x97] * 4
        assert hub_of(door).ledger.of("one") <= 400_000
        async with await of(door, "one", "small", will=will_of(100)) as small:
            assert small.connack.code == 0
        async with await of(door, "one", "0", clean=False, will=will_of(50_000), properties=LASTING) as again:
            assert again.connack.code == 0, "instead of the one it had"


@pytest.mark.parametrize("stays", [True, False])
async def test_a_reply_to_an_honest_button_is_never_what_gives_way(opening: Opening, *, stays: bool) -> None:
    """Two passwords are stolen, and all memory is full of their wills, of clients that are there or away."""
    door = await opening(memory=1_000_000, memory_per_user=600_000)
    lasting = Properties(session_expiry=600)
    async with AsyncExitStack() as stack:
        for number in range(20):
            for user in ("one", "other"):
                client = await stack.enter_async_context(
                    await of(
                        door,
                        user,
                        f"{number}",
                        clean=False,
                        will=will_of(60_000, 600),
                        properties=lasting,
                    )
                )
                if not stays:
                    await client.cut()
        ledger = hub_of(door).ledger
        assert 850_000 < ledger.total <= 1_000_000
        for name in range(30):
            button = await stack.enter_async_context(await of(door, "honest", f"b{name}"))
            assert await button.subscribe(f"alarmd/v1/{name}/reply", qos=1) == (1,)
            door.publish(f"alarmd/v1/{name}/reply", b"." * 3_000)
            assert (await button.hear()).payload == b"." * 3_000
        third = await stack.enter_async_context(await of(door, "third", "gateway", will=will_of(50_000)))
        assert third.connack.code == 0
        assert ledger.total <= 1_000_000
        assert door.stats.dropped == 0


async def test_wills_that_are_due_are_counted_until_they_are_kept(opening: Opening, keeper: Keeper) -> None:
    door = await opening(memory_per_user=300_000)
    keeper.holding = True
    for number in range(4):
        async with await of(door, "one", f"{number}", will=will_of(60_000)) as client:
            assert client.connack.code == 0
    await until(lambda: keeper.waiting == 4)
    async with await of(door, "one", "5", will=will_of(60_000)) as refused:
        assert refused.connack.code == 0x97
    keeper.keep_all()
    await until(lambda: hub_of(door).ledger.total == 0)


# ---------------------------------------------------------------- what else is held


async def test_what_a_slow_disk_leaves_under_way_counts(opening: Opening, keeper: Keeper) -> None:
    """A thousand connections of one password, each with a large message that is not kept yet."""
    door = await opening(memory_per_user=1_500_000, in_flight_user=100_000_000)
    keeper.holding = True
    async with AsyncExitStack() as stack:
        clients = [await stack.enter_async_context(await of(door, "one", f"{number}")) for number in range(12)]
        for client in clients:
            client.publish("a", b"." * 300_000)
        await until(lambda: keeper.waiting >= 4 and door.stats.connections <= 5)
        assert 1_200_000 < hub_of(door).ledger.of("one") <= 1_600_000
        async with await of(door, "one", "button") as button:
            button.publish("press", b"sos")
            await keeper.has(keeper.waiting + 1)
            assert keeper.payloads[-1] == b"sos"
            keeper.keep_all()
            assert (await button.expect(Acked)).code == 0


async def test_messages_remembered_until_their_pubrel_count(opening: Opening) -> None:
    door = await opening(memory_per_user=100_000)
    async with AsyncExitStack() as stack:
        for name in range(4):
            client = await stack.enter_async_context(await of(door, "one", f"{name}"))
            for number in range(1, 200):
                client.publish("a", b"x", qos=2, packet_id=number)
                assert await client.expect(Acked) == Acked(Kind.PUBREC, number)
        assert hub_of(door).ledger.of("one") <= 110_000
        client.ack(Kind.PUBREL, 199)
        assert (await client.expect(Acked)).kind is Kind.PUBCOMP


async def test_what_a_client_does_not_read_counts(opening: Opening) -> None:
    """A large message at QoS 0 to many subscribers of one user, none of which reads."""
    door = await opening(memory_per_user=12_000_000)
    async with AsyncExitStack() as stack:
        deaf = [await stack.enter_async_context(await of(door, "one", f"{number}")) for number in range(12)]
        for one in deaf:
            await one.subscribe("a", qos=0)
            one.writer.transport.pause_reading()  # type: ignore[attr-defined] # a stream's transport reads too
        async with await of(door, "honest", "reads") as honest:
            await honest.subscribe("a", qos=0)
            for _ in range(6):
                door.publish("a", b"." * 2_000_000, qos=0)
                assert len((await honest.hear()).payload) == 2_000_000
        held = sum(connection.unsent for connection in door._connections)
        assert held <= 14_000_000, "its share, and the one that found room"
        assert abs(hub_of(door).ledger.of("one") - held) < 1_000_000


async def test_aliases_and_topics_that_are_remembered_count(opening: Opening) -> None:
    door = await opening()
    async with await of(door, "one", "a") as client:
        for alias in range(1, 65):
            topic = f"{alias}" + "🔴" * 250
            client.publish(topic, b"x", qos=1, properties=Properties(topic_alias=alias))
            await client.expect(Acked)
        await until(lambda: hub_of(door).ledger.of("one") > 2 * 64 * 1_000)
    await until(lambda: hub_of(door).ledger.total == 0)


async def test_filters_count_as_python_holds_them(opening: Opening) -> None:
    door = await opening(memory_per_user=200_000)
    async with await of(door, "one", "a") as client:
        codes: tuple[int, ...] = ()
        for part in range(5):
            codes += await client.subscribe(*(f"{part}-{number}" + "🔴" * 240 for number in range(50)), qos=0)
        assert codes.count(0) < 200_000 // 960
        assert codes[-1] == 0x97


async def test_what_waits_to_be_passed_on_counts(opening: Opening, monkeypatch: pytest.MonkeyPatch) -> None:
    door = await opening()
    async with AsyncExitStack() as stack:
        for number in range(30):
            reader = await stack.enter_async_context(await of(door, "other", f"{number}"))
            await reader.subscribe("a", qos=0)
        monkeypatch.setattr("alarmd.door.turns.BUDGET", 0.0)
        for _ in range(20):
            door.publish("a", b"." * 1_000, qos=0)
        assert hub_of(door).ledger.of("") >= 20_000
        await until(lambda: door.stats.sent == 600)
        await until(lambda: not hub_of(door).ledger.of(""))


async def test_a_connection_refused_for_room_hears_so(opening: Opening) -> None:
    door = await opening(memory_per_user=100_000)
    async with await of(door, "one", "a") as client:
        client.send(publish_bytes(V5, "a", b"." * 200_000, qos=1, packet_id=1)[:150_000])
        assert (await client.expect(Farewell)).code == 0x97
