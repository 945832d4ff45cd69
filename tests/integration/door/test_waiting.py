"""Who had to wait for the door is not hung up on for having been silent meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from alarmd.door.limits import Limits
from alarmd.door.link import Hold
from alarmd.door.server import Door
from alarmd.door.users import Grants, Users, hash_password
from tests.support.door import OpenDoor, until
from tests.support.mqtt import Acked, Connack, Keeper, Pong, RawClient

LOGIN = b"\x10\x21\0\4MQTT\4\xc2\0\x0a\0\1a\0\x0abed_button\0\6secret"  # a keep alive of ten seconds
PINGREQ = b"\xc0\0"
HASHED = hash_password("secret")


class Crowd(Users):
    """After an outage: before this login others wait for theirs, and it takes as long as the story says."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.turn = asyncio.Event()

    async def verify(self, name: str, password: bytes, address: str = "") -> Grants | None:
        await self.turn.wait()
        return await super().verify(name, password)


@pytest.fixture
async def crowd(tmp_path: Path) -> Crowd:
    path = tmp_path / "users"
    path.write_text(f"bed_button:{HASHED}\n", encoding="utf-8")
    return Crowd(path)


def sweep(door: Door) -> None:
    door.sweep(asyncio.get_running_loop().time())


@pytest.mark.parametrize("waited", [5, 16, 40, 59])
async def test_whose_login_waited_has_its_whole_keep_alive_from_then_on(
    open_door: OpenDoor, crowd: Crowd, time_passes: Callable[[float], None], waited: float
) -> None:
    """It was hung up on right after CONNACK, and came again, with all the others, again and again."""
    door = await open_door(users=crowd)
    async with await RawClient.dial(door.port) as button:
        button.send(LOGIN)
        await until(lambda: any(one.state == "login" for one in door._connections))
        time_passes(waited)
        sweep(door)
        crowd.turn.set()
        assert await button.expect(Connack) == Connack(present=False, code=0)
        sweep(door)
        time_passes(14)
        sweep(door)
        button.send(PINGREQ)
        await button.expect(Pong)
        time_passes(16)
        sweep(door)
        await button.is_hung_up_on()


async def test_what_it_sent_meanwhile_is_taken(
    open_door: OpenDoor, crowd: Crowd, keeper: Keeper, time_passes: Callable[[float], None]
) -> None:
    door = await open_door(users=crowd)
    async with await RawClient.dial(door.port) as button:
        button.send(LOGIN)
        button.publish("alarmd/v1/bed_button/signal", b"x")
        await until(lambda: any(one.state == "login" for one in door._connections))
        time_passes(30)
        crowd.turn.set()
        await button.expect(Connack)
        sweep(door)
        await button.expect(Acked)
    assert keeper.payloads == [b"x"]


async def test_who_was_not_read_for_long_is_heard_before_it_is_called_silent(
    open_door: OpenDoor, keeper: Keeper, time_passes: Callable[[float], None]
) -> None:
    """Its pings lay in the socket for as long as the disk was slow."""
    door = await open_door(limits=Limits(in_flight=1))
    keeper.holding = True
    async with await RawClient.connect(door.port, keep_alive=10) as button:
        button.publish("alarmd/v1/bed/signal", b"1")
        await keeper.has(1)
        time_passes(16)  # and nobody swept meanwhile
        keeper.keep_all()
        await button.expect(Acked)
        sweep(door)
        button.send(PINGREQ)
        await button.expect(Pong)


async def test_whose_introduction_waits_for_its_turn_is_not_sent_away(door: Door) -> None:
    async with await RawClient.dial(door.port):
        await until(lambda: len(door._connections) == 1)
        (connection,) = door._connections
        connection.hold(Hold.TURN)
        door.sweep(connection.deadline + 1)
        assert not connection._transport.is_closing() if connection._transport else False
        connection.release(Hold.TURN)
        door.sweep(connection.deadline + 1)
        await until(lambda: not door._connections)
