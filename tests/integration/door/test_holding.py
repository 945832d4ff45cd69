"""What one client may make the door do and hold: filters, memory, sessions, sockets that say nothing."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable
from pathlib import Path

import pytest

from alarmd.door.limits import Limits
from alarmd.door.packets import MAX_FILTERS, V5, V311, Request, Will
from alarmd.door.users import Users, hash_password
from alarmd.door.wire import MAX_PAIRS, Kind, Properties
from alarmd.entrance import Crowd, Entrance, bound, shares
from tests.integration.door.test_access import make_certificate
from tests.support.door import OpenDoor, until
from tests.support.mqtt import (
    Acked,
    Farewell,
    Heard,
    Keeper,
    RawClient,
    publish_bytes,
    subscribe_bytes,
    unsubscribe_bytes,
)

HASHED = hash_password("secret")


@pytest.fixture
async def users(tmp_path: Path) -> Users:
    path = tmp_path / "users"
    path.write_text(f"one:{HASHED}:#\nother:{HASHED}:#\n", encoding="utf-8")
    return Users(path, refused_after=0.0)


async def of(port: int, user: str, name: str, **more: object) -> RawClient:
    return await RawClient.connect(port, name, version=V5, user=user, password=b"secret", **more)  # type: ignore[arg-type] # as connect takes them


# ---------------------------------------------------------------- filters


@pytest.mark.parametrize("kind", ["subscribe", "unsubscribe"])
async def test_it_takes_so_many_filters_in_one_packet(open_door: OpenDoor, kind: str) -> None:
    door = await open_door()
    async with await RawClient.connect(door.port, version=V5) as client:
        assert len(await client.subscribe(*["a"] * MAX_FILTERS)) == MAX_FILTERS
        if kind == "subscribe":
            client.send(subscribe_bytes(V5, 1, [Request("a", 1)] * (MAX_FILTERS + 1), Properties()))
        else:
            client.send(unsubscribe_bytes(V5, 1, ["a"] * (MAX_FILTERS + 1)))
        assert (await client.expect(Farewell)).code == 0x97


async def test_a_filter_that_is_repeated_is_answered_once(open_door: OpenDoor) -> None:
    door = await open_door()
    for number in range(300):
        door.publish(f"a/{number}", b"x", retain=True)
    async with await RawClient.connect(door.port) as client:
        await client.subscribe(*["a/+"] * 200)
        heard = [(await client.hear()).topic for _ in range(300)]
        assert len(set(heard)) == 300
        await client.hears_nothing()


async def test_what_was_said_meanwhile_is_not_followed_by_what_was_retained_before(open_door: OpenDoor) -> None:
    door = await open_door(limits=Limits(window=1))
    for number in range(50):
        door.publish(f"a/{number}", b"old", retain=True)
    async with await RawClient.connect(door.port, version=V311) as client:
        await client.subscribe("a/+", qos=1)
        first = await client.expect(Heard)
        for number in range(50):
            door.publish(f"a/{number}", b"new", retain=True)
        client.ack(Kind.PUBACK, first.packet_id)
        last: dict[str, bytes] = {first.topic: first.payload}
        for _ in range(50):
            heard = await client.hear()
            last[heard.topic] = heard.payload
        assert set(last.values()) == {b"new"}


async def test_a_user_has_so_many_filters_that_branch(open_door: OpenDoor, users: Users) -> None:
    door = await open_door(users=users, limits=Limits(branching=3, levels=4))
    async with await of(door.port, "one", "a") as first, await of(door.port, "one", "b") as second:
        assert await first.subscribe("+/a", "+/b") == (2, 2)
        assert await second.subscribe("+/c", "+/d", "d/#", "+/a/b/c/d") == (2, 0x97, 2, 0x97)
        async with await of(door.port, "other", "a") as other:
            assert await other.subscribe("+/a", "+/b/c/d") == (2, 2)
        await first.unsubscribe("+/a")
        assert await second.subscribe("+/d") == (2,)


# ---------------------------------------------------------------- packets


async def test_it_reads_so_many_user_properties(open_door: OpenDoor, keeper: Keeper) -> None:
    door = await open_door()
    async with await RawClient.connect(door.port, version=V5) as client:
        client.publish("a", b"x", properties=Properties(user=(("k", "v"),) * MAX_PAIRS))
        assert (await client.expect(Acked)).code == 0
        client.publish("a", b"x", properties=Properties(user=(("k", "v"),) * 1_000))
        assert (await client.expect(Farewell)).code == 0x97
    assert len(keeper.taken) == 1


async def test_it_takes_topics_of_a_bounded_length(open_door: OpenDoor) -> None:
    door = await open_door()
    async with await RawClient.connect(door.port, version=V5) as client:
        assert await client.subscribe("x" * 1_024, "x" * 1_025) == (2, 0x8F)
        client.publish("x" * 1_025, b"x")
        assert (await client.expect(Farewell)).code == 0x90


# ---------------------------------------------------------------- memory


async def test_who_holds_most_gives_way(open_door: OpenDoor, users: Users) -> None:
    door = await open_door(users=users, limits=Limits(memory=2_000_000, memory_per_user=1_500_000))
    async with await of(door.port, "one", "fills") as abuser, await of(door.port, "other", "little") as other:
        for number in range(2_000):
            abuser.publish(f"full/{number}", b"." * 1_000, retain=True)
            await abuser.expect(Acked)
        held = door.stats.retained
        assert held < 1_100, "it has its share, and no more"
        for number in range(400):
            other.publish(f"own/{number}", b"." * 1_000, retain=True)
            await other.expect(Acked)
        async with await of(door.port, "other", "reads") as reader:
            await reader.subscribe("own/#", qos=0)
            assert len({(await reader.hear()).topic for _ in range(400)}) == 400
        assert door.stats.retained < held + 400, "some of the other's went for them"


async def test_properties_topics_and_filters_count(open_door: OpenDoor) -> None:
    door = await open_door(limits=Limits(memory=300_000, memory_per_user=300_000))
    async with await RawClient.connect(door.port, version=V5) as client:
        pairs = Properties(user=(("k" * 500, "v" * 500),) * 10)
        for number in range(100):
            client.publish(f"a/{number}", b"x", retain=True, properties=pairs)
            await client.expect(Acked)
        assert 20 < door.stats.retained < 35
        codes = await client.subscribe(*(f"{number}/{'y' * 900}" for number in range(100)))
        assert codes[-1] == 0x97


async def test_queues_of_absent_sessions_count_for_their_user(open_door: OpenDoor, users: Users) -> None:
    door = await open_door(users=users, limits=Limits(memory_per_user=100_000))
    lasting = Properties(session_expiry=600)
    for number in range(5):
        async with await of(door.port, "one", f"absent {number}", clean=False, properties=lasting) as absent:
            await absent.subscribe("a")
            await absent.leave()
    async with await of(door.port, "other", "x", clean=False, properties=lasting) as honest:
        await honest.subscribe("a")
        await honest.leave()
    for _ in range(50):
        door.publish("a", b"." * 1_000)
    async with await of(door.port, "other", "x", clean=False, properties=lasting) as honest:
        assert [(await honest.hear()).qos for _ in range(50)] == [1] * 50
    assert door.stats.dropped >= 5 * 50 - 100


async def test_a_user_has_so_many_sessions_and_gives_way_to_itself(open_door: OpenDoor, users: Users) -> None:
    door = await open_door(users=users, limits=Limits(sessions_per_user=3))
    lasting = Properties(session_expiry=600)
    async with await of(door.port, "other", "mine", clean=False, properties=lasting) as mine:
        await mine.leave()
    for number in range(10):
        async with await of(door.port, "one", f"{number}", clean=False, properties=lasting) as many:
            await many.leave()
    assert door.stats.sessions == 4
    async with await of(door.port, "other", "mine", clean=False, properties=lasting) as mine:
        assert mine.connack.present
    connected = [await of(door.port, "one", f"stays {number}") for number in range(3)]
    async with await of(door.port, "one", "one too many") as refused:
        assert refused.connack.code == 0x97
    for client in connected:
        await client.cut()


async def test_where_there_are_few_descriptors_one_password_leaves_room_for_others(
    open_door: OpenDoor, users: Users
) -> None:
    door = await open_door(users=users, limits=Limits.of_room(20))
    connected = [await of(door.port, "one", f"{number}") for number in range(10)]
    async with await of(door.port, "one", "one too many") as refused:
        assert refused.connack.code == 0x97
    async with await of(door.port, "other", "honest") as honest:
        assert honest.connack.code == 0
    for client in connected:
        await client.cut()


def test_with_as_much_room_as_usual_the_usual_limits_hold() -> None:
    assert Limits.of_room(100_000) == Limits()


async def test_nothing_is_counted_when_all_are_gone(open_door: OpenDoor, users: Users) -> None:
    door = await open_door(users=users)
    will = Will(topic="will", payload=b"." * 100, qos=1, retain=False, properties=Properties(user=(("a", "b"),)))
    async with await of(door.port, "one", "a", will=will) as client:
        await client.subscribe("a/+", "b")
        client.publish("a/b", b"." * 5_000, qos=2)
        client.send(publish_bytes(V5, "a/c", b"." * 5_000, qos=1, packet_id=9)[:2_000])
        await client.expect(Heard)
        client.publish("r", b"x" * 100, retain=True)
        client.publish("r", b"", retain=True)
    await until(lambda: door.stats.connections == 0)
    hub = door._hub
    assert hub is not None
    await until(lambda: hub.ledger.total == 0)
    assert not hub.in_flight


# ---------------------------------------------------------------- connections


async def test_those_who_have_not_said_who_they_are_make_room(open_door: OpenDoor, users: Users) -> None:
    door = await open_door(users=users, limits=Limits(strangers=5))
    async with await of(door.port, "one", "known") as known:
        silent = [await RawClient.dial(door.port) for _ in range(20)]
        async with await of(door.port, "other", "honest") as honest:
            assert honest.connack.code == 0
            await honest.hears_nothing()
        await known.hears_nothing()
        await silent[0].is_hung_up_on()
        for one in silent:
            await one.cut()


async def test_half_open_tls_is_counted_and_ends(
    open_door: OpenDoor, tmp_path: Path, time_passes: Callable[[float], None]
) -> None:
    cert, key = await asyncio.to_thread(make_certificate, tmp_path, "cert")
    door = await open_door(tls_cert=cert, tls_key=key, limits=Limits(strangers=10))
    opened = [await RawClient.dial(door.port) for _ in range(30)]
    for one in opened[::2]:
        one.send(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03")
    async with await RawClient.connect(door.port, tls=ssl.create_default_context(cafile=cert)) as honest:
        assert honest.connack.code == 0
        assert door._doorstep is not None
        assert len(door._doorstep) <= 11
        time_passes(11)
        door.sweep(asyncio.get_running_loop().time())
        await honest.hears_nothing()
        for one in opened:
            await one.cut()
        await until(lambda: door._doorstep is not None and len(door._doorstep) == 1)


async def test_a_crowd_loses_the_oldest_of_the_source_with_most() -> None:
    crowd: Crowd[str] = Crowd()
    for source, guest in (("a", "a1"), ("b", "b1"), ("b", "b2"), ("a", "a2"), ("b", "b3")):
        crowd.add(source, guest)
    assert crowd.first_to_go() == "b1"
    assert crowd.drop("b", "b1")
    assert not crowd.drop("b", "b1")
    assert (crowd.first_to_go(), len(crowd)) == ("a1", 4)


@pytest.mark.parametrize("descriptors", [64, 80, 256, 1_024, 20_000, 65_536])
def test_descriptors_are_shared_out_and_some_are_kept(descriptors: int) -> None:
    share = shares(descriptors)
    assert share.web >= 1
    assert share.door >= (descriptors // 2 if descriptors >= 256 else 2)
    assert descriptors - share.door - share.web >= min(256, max(56, descriptors // 4))


async def test_without_descriptors_somebody_goes_and_nothing_is_a_traceback(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A listener whose accept finds no descriptor, as with a limit that is reached."""
    listener, *more = bound("127.0.0.1", 0)
    assert not more
    taken, rooms = [], []

    class Short:
        full = True

        def __getattr__(self, name: str) -> object:
            return getattr(listener, name)

        def accept(self) -> object:
            if Short.full:
                raise OSError(24, "Too many open files")
            return listener.accept()

    def make_room() -> bool:
        rooms.append(1)
        Short.full = False
        return True

    entrance = Entrance([Short()], lambda sock, _: taken.append(sock), make_room)  # type: ignore[list-item] # acts as one
    entrance.open()
    _, writer = await asyncio.open_connection("127.0.0.1", entrance.port)
    await until(lambda: bool(taken))
    assert rooms
    assert "Traceback" not in capsys.readouterr().err
    writer.close()
    taken[0].close()
    entrance.close()
