"""A Zigbee gateway written in JavaScript runs against the door as it does against a broker."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import shutil
import subprocess
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from alarmd.door.packets import V5, V311
from alarmd.door.server import Door
from tests.support.mqtt import Keeper, RawClient

pytestmark = pytest.mark.node

SOURCES = Path(__file__).parent / "js"


@pytest.fixture(scope="module")
def scripts(request: pytest.FixtureRequest) -> Path:
    """The scripts beside the client library in its locked version; installed once, kept in pytest's cache."""
    npm = shutil.which("npm")
    assert npm is not None, "npm is not installed"
    assert request.config.cache is not None
    cache = Path(request.config.cache.mkdir("door-javascript"))
    sources = sorted(SOURCES.iterdir())
    installed = cache / hashlib.sha256(b"".join(source.read_bytes() for source in sources)).hexdigest()[:16]
    if not installed.exists():
        fresh = Path(tempfile.mkdtemp(dir=cache))
        for source in sources:
            shutil.copy(source, fresh)
        subprocess.run([npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=fresh, check=True)
        with contextlib.suppress(OSError):  # another worker was faster
            fresh.rename(installed)
    return installed


class Gateway:
    """The running script."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process

    async def says(self, key: str) -> dict[str, Any]:
        """The next line, which must be about that."""
        assert self.process.stdout is not None
        async with asyncio.timeout(20):
            line = await self.process.stdout.readline()
        said: dict[str, Any] = json.loads(line)
        assert key in said, said
        return said


@asynccontextmanager
async def gateway(scripts: Path, door: Door, version: int) -> AsyncIterator[Gateway]:
    process = await asyncio.create_subprocess_exec(
        "node", "gateway.mjs", str(door.port), str(version), cwd=scripts, stdout=asyncio.subprocess.PIPE
    )
    try:
        yield Gateway(process)
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


@pytest.mark.parametrize("version", [V311, V5])
async def test_a_gateway_lives_at_the_door(scripts: Path, door: Door, keeper: Keeper, version: int) -> None:
    async with await RawClient.connect(door.port, "desk") as desk, gateway(scripts, door, version) as bridge:
        await desk.subscribe("zigbee2mqtt/+", "zigbee2mqtt/bridge/state", "zigbee2mqtt/bridge/response/#", qos=1)
        assert (await bridge.says("connected"))["connected"] is False
        own = [await bridge.says("heard") for _ in range(4)]
        assert [one["heard"] for one in own] == [
            "zigbee2mqtt/bridge/state",
            "zigbee2mqtt/bridge/devices",
            "zigbee2mqtt/bed_button",
            "zigbee2mqtt/bed_lamp",
        ]
        assert own[1]["bytes"] > 600_000, "many devices make one large message"
        assert not any(one["retain"] for one in own)
        await bridge.says("ready")
        heard = [(one.topic, json.loads(one.payload)) for one in [await desk.hear() for _ in range(3)]]
        assert heard == [
            ("zigbee2mqtt/bridge/state", {"state": "online"}),
            ("zigbee2mqtt/bed_button", {"action": "emergency", "battery": 87}),
            ("zigbee2mqtt/bed_lamp", {"state": "OFF"}),
        ]
        door.publish("zigbee2mqtt/bed_lamp/set", b'{"state":"ON"}')
        lit = await desk.hear()
        assert (lit.topic, json.loads(lit.payload), lit.retain) == ("zigbee2mqtt/bed_lamp", {"state": "ON"}, False)
        desk.publish("zigbee2mqtt/bridge/request/permit_join", b'{"time":60}', qos=0)
        answer = await desk.hear()
        assert json.loads(answer.payload) == {"data": {"time": 60}, "status": "ok"}
        desk.publish("zigbee2mqtt/bridge/request/leave", b"{}", qos=0)
        async with asyncio.timeout(20):
            assert await bridge.process.wait() == 0
        await desk.hears_nothing()
    async with await RawClient.connect(door.port, "later") as later:
        await later.subscribe("zigbee2mqtt/+", "zigbee2mqtt/bridge/state")
        states = {one.topic: json.loads(one.payload) for one in [await later.hear(), await later.hear()]}
        assert states == {"zigbee2mqtt/bed_lamp": {"state": "ON"}, "zigbee2mqtt/bridge/state": {"state": "online"}}
    assert {"action": "emergency", "battery": 87} in [
        json.loads(delivery.payload) for delivery in keeper.taken if delivery.topic == "zigbee2mqtt/bed_button"
    ]


async def test_a_gateway_that_is_killed_leaves_its_will(scripts: Path, door: Door, keeper: Keeper) -> None:
    async with await RawClient.connect(door.port, "desk") as desk:
        await desk.subscribe("zigbee2mqtt/bridge/state")
        async with gateway(scripts, door, V5):
            assert json.loads((await desk.hear()).payload) == {"state": "online"}
        assert json.loads((await desk.hear()).payload) == {"state": "offline"}
    assert keeper.payloads[-1] == b'{"state":"offline"}'


async def test_a_gateway_sends_again_what_was_not_kept(scripts: Path, door: Door, keeper: Keeper) -> None:
    keeper.holding = True
    async with gateway(scripts, door, V311) as bridge:
        await bridge.says("connected")
        await keeper.has(1)
        keeper.lose()
        keeper.holding = False
        await keeper.has(3)
    assert keeper.payloads[:3] == [b'{"state":"online"}', b'{"state":"offline"}', b'{"state":"online"}'], (
        "its state, its will when the door hung up, its state again"
    )
