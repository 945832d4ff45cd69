"""What `/readyz` says while the whole daemon is deaf."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from alarmd.daemon import Daemon
from config.settings import load
from tests.support.door import until
from tests.support.mosquitto import Mosquitto
from tests.support.station import fill, write_settings

pytestmark = pytest.mark.broker


async def said_of_the_broker(daemon: Daemon) -> str:
    async with httpx.AsyncClient() as client:
        ready = await client.get(f"http://127.0.0.1:{daemon.web_port}/readyz")
    return str(ready.json()["parts"]["mqtt"]["says"])


async def test_a_deaf_daemon_is_not_ready_until_it_hears_again(tmp_path: Path) -> None:
    (tmp_path / "broker").mkdir()
    async with Mosquitto(tmp_path / "broker") as broker:
        file = write_settings(tmp_path)
        file.write_text(file.read_text(encoding="utf-8").replace('listen = "127.0.0.1:0"', f'url = "{broker.url}"', 1))
        fill(tmp_path / "alarmd.db")
        daemon = Daemon(load(file, {}))
        await daemon.start()
        try:
            subscription = daemon._subscription
            assert subscription is not None
            assert daemon._tower is not None
            hearing = daemon._tower.hearing
            assert hearing is not None
            hearing._within = 0.5
            await until(lambda: subscription.subscribed)
            assert await hearing.listen()
            assert await said_of_the_broker(daemon) == "works"
            connection = subscription._connection
            assert connection is not None
            connection._client.paho.unsubscribe(list(subscription._filters))
            await broker.until_said("Received UNSUBSCRIBE from alarmd")
            assert not await hearing.listen()
            await broker.until_said("Sending SUBACK to alarmd", times=2)
            await until(lambda: subscription.subscribed)
            assert "passes nothing on" in await said_of_the_broker(daemon), "connected is not heard"
            assert await hearing.listen()
            assert await said_of_the_broker(daemon) == "works"
        finally:
            await daemon.stop()
