"""A broker whose access rules let alarmd read and not write: replies to devices are refused."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from alarmd.publishing import BrokerPublisher
from config.sections import Broker
from tests.support.door import until
from tests.support.mosquitto import Mosquitto
from tests.support.subscribed import Hurried

pytestmark = pytest.mark.broker


async def test_the_log_says_what_the_broker_refuses(tmp_path: Path) -> None:
    """mosquitto 2.0.11 ends the connection with each refusal: without the reason it looked like a bad line."""
    rules = tmp_path / "acl"
    rules.write_text("topic read #\n", encoding="utf-8")
    rules.chmod(0o644)
    async with Mosquitto(tmp_path, more=("allow_anonymous true", f"acl_file {rules}")) as broker:
        where = Broker("127.0.0.1", broker.port, tls=False, username=None)
        publisher = BrokerPublisher(broker=where, password=None, client_id="replies", clock=Hurried())
        running = asyncio.create_task(publisher.run())
        try:
            with capture_logs() as said:
                await until(lambda: publisher._line is not None)
                assert not await publisher.publish("alarmd/v1/bed/reply", b"{}")
            assert {
                "event": "the broker refuses replies to devices; allow them in its access rules",
                "error": "Not authorized",
                "log_level": "error",
            } in said
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
