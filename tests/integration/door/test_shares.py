"""One password in many connections, and the press of another: the user's share bounds them all together."""

from __future__ import annotations

import asyncio
import contextlib
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

import devices
from alarmd.door import shares
from alarmd.door.limits import Limits
from alarmd.door.packets import V5, V311
from alarmd.door.server import Door
from alarmd.door.users import Users, hash_password
from devices import SignalType, Suspect
from tests.support.door import OpenDoor, until
from tests.support.mqtt import Acked, Farewell, Keeper, Pong, RawClient, publish_bytes

HASHED = hash_password("secret")
MANY, EACH = 12, 10
OWN = "alarmd/v1/d0/signal"


@pytest.fixture
async def door(open_door: OpenDoor, tmp_path: Path) -> Door:
    path = tmp_path / "users"
    path.write_text(f"d0:{HASHED}\nd1:{HASHED}\n", encoding="utf-8")
    return await open_door(users=Users(path))


async def of(door: Door, user: str, name: str) -> RawClient:
    return await RawClient.connect(door.port, name, user=user, password=b"secret")


async def crowd(door: Door, stack: AsyncExitStack) -> list[RawClient]:
    return [await stack.enter_async_context(await of(door, "d0", f"c{n}")) for n in range(MANY)]


async def press(door: Door) -> None:
    async with await of(door, "d1", "button") as button:
        button.publish("alarmd/v1/d1/signal", b"sos")
        await button.expect(Acked)


async def press_nothing(door: Door) -> None:
    """Come and go: what others sent before has been read then."""
    async with await of(door, "d1", "witness"):
        pass


async def test_who_has_spent_its_share_is_not_read_and_another_is(
    door: Door, keeper: Keeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shares, "SHARE", 1e-9)
    async with AsyncExitStack() as stack:
        talkers = await crowd(door, stack)
        monkeypatch.setattr(shares, "PACKET", 1.0)
        monkeypatch.setattr("alarmd.door.connection.PACKET", 1.0)
        talkers[0].publish(OWN, b"first")
        await talkers[0].expect(Acked)
        for talker in talkers:
            talker.send(b"".join(publish_bytes(V311, OWN, b"x", qos=1, packet_id=n) for n in range(2, EACH)))
        await press(door)
        payloads = [one.payload for one in keeper.taken if one.topic == OWN]
        assert payloads[0] == b"first"
        assert len(payloads) <= 1 + EACH  # one slice may have been under way


async def test_nothing_of_it_is_dropped_and_each_connection_has_its_turn(
    door: Door, keeper: Keeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shares, "SHARE", 20.0)
    monkeypatch.setattr(shares, "AT_ONCE", 0.001)
    async with AsyncExitStack() as stack:
        talkers = await crowd(door, stack)
        monkeypatch.setattr("alarmd.door.connection.PACKET", 0.05)
        for talker in talkers:
            talker.send(b"".join(publish_bytes(V311, OWN, b"x", qos=1, packet_id=n) for n in range(1, EACH + 1)))
        for talker in talkers:
            for number in range(1, EACH + 1):
                assert (await talker.expect(Acked)).packet_id == number
    assert len([one for one in keeper.taken if one.topic == OWN]) == MANY * EACH


async def test_pings_count_too_and_who_waits_is_not_called_silent(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shares, "SHARE", 1e-9)
    async with await RawClient.connect(door.port, "c", user="d0", password=b"secret", keep_alive=1) as talker:
        monkeypatch.setattr("alarmd.door.connection.PACKET", 1.0)
        talker.send(b"\xc0\0")
        await talker.expect(Pong)
        talker.send(b"\xc0\0")
        await press(door)
        (connection,) = [one for one in door._connections if one._client_id == "c"]
        assert connection.held_by_us()
        connection.sweep(connection.deadline + 1)
        monkeypatch.setattr(shares, "SHARE", 1e9)
        assert connection._share is not None
        connection._share.spend(0)
        connection.may_go_on()
        await talker.expect(Pong)


async def test_a_user_who_left_is_forgotten(door: Door) -> None:
    async with await of(door, "d0", "c"):
        connection = next(iter(door._connections))
        held = connection._house.turns.shares._of
        assert set(held) == {"d0"}
    await until(lambda: not door._connections)
    assert set(held) <= {"d0"}
    await until(lambda: connection._house.turns.shares.of("d0").is_quiet())
    shares = connection._house.turns.shares
    shares.of("d0").holders += 1
    shares.let_go("d0", connection)
    assert not held


@pytest.mark.parametrize("version", [V311, V5])
async def test_a_press_in_a_packet_that_is_too_long_is_taken_as_far_as_it_came_and_not_acknowledged(
    open_door: OpenDoor, keeper: Keeper, version: int
) -> None:
    door = await open_door(limits=Limits(packet=4096))
    long = publish_bytes(version, OWN, b'{"type":"sos"' + b" " * 8000, qos=1, packet_id=1)
    async with await RawClient.connect(door.port, "c", version=version) as button:
        button.send(long)
        if version == V5:
            assert (await button.expect(Farewell)).code == 0x95
        await button.is_hung_up_on()
    (taken,) = keeper.taken
    assert (taken.topic, taken.sender) == (OWN, "c")
    assert taken.payload.startswith(b'{"type":"sos"')
    (signal,) = devices.decode(taken.topic, taken.payload)
    assert (signal.type, signal.suspect) == (SignalType.SOS, Suspect.UNPARSEABLE)


async def test_nor_does_too_long_a_packet_speak_where_its_sender_may_not(door: Door, keeper: Keeper) -> None:
    huge = publish_bytes(V311, "alarmd/v1/d1/signal", b"x" * (3 << 20), qos=1, packet_id=1)
    async with await of(door, "d0", "c") as button:
        button.send(huge)
        await button.is_hung_up_on()
    assert keeper.taken == []


@pytest.mark.parametrize("first", [5, 10, 30, 200, 4_000])
async def test_what_is_taken_of_too_long_a_packet_is_waited_for(door: Door, keeper: Keeper, first: int) -> None:
    said = b'{"type":"sos"' + b" " * 3_000_000 + b"}"
    long = publish_bytes(V311, "alarmd/v1/d0/signal", said, qos=1, packet_id=1)
    async with await of(door, "d0", "c") as button:
        button.send(long[:first])
        await press_nothing(door)
        assert keeper.taken == []
        with contextlib.suppress(OSError):
            button.send(long[first:])
        await keeper.has(1)
    assert [one.topic for one in keeper.taken] == ["alarmd/v1/d0/signal"]
    assert len(keeper.payloads[0]) > 65_000
    assert said.startswith(keeper.payloads[0])


@pytest.mark.parametrize("ends", ["cut", "silent"])
async def test_it_is_taken_as_far_as_it_came_where_no_more_comes(door: Door, keeper: Keeper, ends: str) -> None:
    long = publish_bytes(V311, "alarmd/v1/d0/signal", b'{"type":"sos"' + b" " * 3_000_000, qos=1, packet_id=1)
    async with await of(door, "d0", "c") as button:
        button.send(long[:40])
        await press_nothing(door)
        assert keeper.taken == []
        if ends == "cut":
            button.writer.transport.abort()
        else:
            door.sweep(asyncio.get_running_loop().time() + 11)
            await button.is_hung_up_on()
        await keeper.has(1)
    assert [one.topic for one in keeper.taken] == ["alarmd/v1/d0/signal"]
    assert keeper.payloads[0].startswith(b'{"type"')
