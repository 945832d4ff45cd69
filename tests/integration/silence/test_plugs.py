"""Pull the plug of one device, of a gateway, of the broker: one incident each, and the call list afterwards."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import aiomqtt
import pytest

from alarmd.journal import LogEntry
from alarmd.store.sqlite import connect
from tests.support.commands import alarmd
from tests.support.mosquitto import Mosquitto
from tests.support.running import Running

pytestmark = pytest.mark.broker

HEARTBEAT = '{"ref":"h","type":"heartbeat"}'
STATE = '{"battery":90,"linkquality":80}'
TOPICS = {
    **{f"p{n}": (f"alarmd/v1/p{n}/signal", HEARTBEAT) for n in range(4)},
    **{f"z{n}": (f"zigbee2mqtt/z{n}", STATE) for n in range(3)},
}
EVERY_S = 0.2


def furnish(path: Path) -> None:
    """Seven homes with a device each, that promise to be heard every second; three are behind one Zigbee gateway."""
    connection = connect(path, readonly=False)
    for name in TOPICS:
        family = "alarmd" if name.startswith("p") else "zigbee2mqtt"
        connection.execute("INSERT INTO resident (id, name) VALUES (?, ?)", (f"of-{name}", f"Resident {name}"))
        connection.execute(
            "INSERT INTO device VALUES (?, ?, ?, ?, 'pendant', '', 1)", (name, family, name, f"of-{name}")
        )
    connection.close()


class Town:
    """Everybody who still has a plug in the wall."""

    def __init__(self, broker: Mosquitto) -> None:
        self.broker = broker
        self.alive = set(TOPICS)

    async def beat(self) -> None:
        while True:
            with contextlib.suppress(aiomqtt.MqttError):
                async with self.broker.client("town") as client:
                    while True:
                        for name in sorted(self.alive):
                            topic, payload = TOPICS[name]
                            await client.publish(topic, payload, qos=1, timeout=2)
                        await asyncio.sleep(EVERY_S)
            await asyncio.sleep(EVERY_S)


@asynccontextmanager
async def town(folder: Path) -> AsyncIterator[tuple[Town, Running, Mosquitto]]:
    async with (
        Mosquitto(folder) as broker,
        Running(folder, mqtt=f'url = "mqtt://127.0.0.1:{broker.port}"') as daemon,
    ):
        daemon.fill()
        furnish(daemon.path)
        await daemon.start()
        here = Town(broker)
        beating = asyncio.create_task(here.beat())
        try:
            yield here, daemon, broker
        finally:
            beating.cancel()
            await asyncio.gather(beating, return_exceptions=True)


def scope(wanted: str, device: str = "") -> Callable[[LogEntry], bool]:
    def fits(entry: LogEntry) -> bool:
        return entry.data["scope"] == wanted and (not device or device in entry.data["devices"])

    return fits


async def test_each_plug_is_one_incident_and_who_was_unprotected_is_a_list(tmp_path: Path) -> None:
    async with town(tmp_path) as (here, daemon, broker):
        await daemon.until_said("devices are supervised")
        here.alive -= {"p1"}
        await daemon.until_logged("device.silent", fits=scope("home", "p1"))
        here.alive -= {"z0", "z1", "z2"}
        await daemon.until_logged("device.silent", fits=scope("gateway"))
        await broker.kill()
        await daemon.until_logged("device.silent", fits=scope("all"))
        here.alive = set(TOPICS)
        await broker.start()
        await daemon.until_logged("device.back")
        await _until_nobody_is_silent(daemon)
        opened = [entry.data["kind"] for entry in daemon.log("incident.opened")]
        scopes = [entry.data["scope"] for entry in daemon.log("device.silent")]
        listed = json.loads(alarmd("exposure", "-c", daemon.file, "--since", "1h", "--json").out)
        found = [one for one in listed if one["scope"] in {"home", "gateway", "all"}]
    assert opened == ["silent"] * 3
    assert list(dict.fromkeys(scopes)) == ["home", "gateway", "all"]
    assert {one["resident"] for one in found} == {f"of-{name}" for name in TOPICS}
    assert all(one["until"] for one in found)
    texts = daemon.rows("SELECT DISTINCT person, incident FROM outbox WHERE channel = 'voice'")
    assert texts == [], "nobody is rung for a silent device"


async def _until_nobody_is_silent(daemon: Running) -> None:
    while daemon.rows("SELECT 1 FROM exposure WHERE until IS NULL"):
        await asyncio.wait_for(daemon.until_logged("exposure.closed"), 20)
        await asyncio.sleep(EVERY_S)
