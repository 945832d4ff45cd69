"""`alarmd run` as its user starts it."""

from __future__ import annotations

import asyncio
from pathlib import Path

import httpx

from simulators.broker import Broker
from simulators.buttons import press
from tests.support.running import Running


async def test_without_an_account_the_phones_are_simulated_and_answered_on_a_page(tmp_path: Path) -> None:
    house = Running(tmp_path)
    house.fill()
    async with house:
        await house.start()
        simulated = await house.until_said("no [[phone]] is configured: answer the simulated phones by hand")
        async with httpx.AsyncClient(trust_env=False) as client:
            page = await client.get(simulated["page"])
            readiness = await client.get(f"{house.web}/readyz")
        assert page.status_code == 200
        assert readiness.status_code == 503
        assert "simulated phones" in readiness.text
        secret = simulated["page"].rstrip("/").rpartition("/")[2]
        assert len(secret) > 20
        assert secret not in readiness.text
        pressed = await press(Broker(host="127.0.0.1", port=house.port))
        sent = await house.until_logged("message.sent")
        assert (sent.incident, sent.data["provider"]) == (pressed.incident, "simulated")
        marked = await house.until_said("SIMULATED, NOT SENT")
        assert marked["answer_at"] == simulated["page"]


async def test_it_ends_at_once_though_a_broker_says_nothing_to_its_greeting(tmp_path: Path) -> None:
    """The handshake waits in a thread, for ten seconds or more; a dead name server takes longer than systemd does."""
    asked, callers = asyncio.Event(), list[asyncio.StreamWriter]()

    async def mute(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        callers.append(writer)
        asked.set()

    async with await asyncio.start_server(mute, "127.0.0.1", 0) as broker:
        port = broker.sockets[0].getsockname()[1]
        house = Running(tmp_path, mqtt=f'url = "mqtts://127.0.0.1:{port}"')
        house.fill()
        async with house:
            await house.start()
            await asked.wait()
            async with asyncio.timeout(5):
                await house.stop()
        for caller in callers:
            caller.close()
    assert house.said[-1]["event"] == "stopped"
