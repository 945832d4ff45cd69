"""`alarmd simulate …` as an installer types it."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from simulators import phones
from simulators.serving import free_port
from tests.support.ledger import Ledger, open_ledger

ALARMD = str(Path(sys.executable).with_name("alarmd"))


@pytest.fixture
async def ledger() -> AsyncIterator[Ledger]:
    async with open_ledger() as found:
        yield found


async def simulate(*words: str) -> tuple[int, str, str]:
    """Exit code, output, errors."""
    process = await asyncio.create_subprocess_exec(
        ALARMD, "simulate", *words, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    out, errors = await process.communicate()
    return process.returncode or 0, out.decode(), " ".join(errors.decode().split())


async def test_it_presses_a_button_and_says_what_came_back(ledger: Ledger) -> None:
    code, said, _ = await simulate("press", "--broker", ledger.url, "--device", "bed_button")
    assert code == 0
    assert "told 'kept' (incident A-1)" in said
    assert ledger.types() == ["sos"]


async def test_it_presses_a_zigbee_button(ledger: Ledger) -> None:
    code, said, _ = await simulate("press", "--broker", ledger.url, "--family", "zigbee2mqtt")
    assert (code, "acknowledged after" in said) == (0, True)
    topics = [one.topic for one in ledger.kept]
    assert topics[:2] == ["zigbee2mqtt/bridge/state", "zigbee2mqtt/bed_button/availability"]
    assert topics[2:] == ["zigbee2mqtt/bed_button", "zigbee2mqtt/bed_button/action", "zigbee2mqtt/bed_button"]


async def test_it_says_that_no_reply_came(ledger: Ledger) -> None:
    code, _, errors = await simulate("press", "--broker", ledger.url, "--signal", "test", "--wait", "0.2")
    assert code == 1
    assert "bed_button got no reply within 0.2 s" in errors


async def test_it_says_that_no_broker_listens() -> None:
    code, _, errors = await simulate("press", "--broker", f"mqtt://127.0.0.1:{free_port()}")
    assert code == 1
    assert errors.startswith("alarmd: the broker cannot be used")
    assert "Traceback" not in errors


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("press", "--broker", "localhost"), "write for example mqtt://127.0.0.1:1883"),
        (("phones", "--listen", "8090"), "write for example 127.0.0.1:8090"),
        (("press", "--family", "enocean"), "there are alarmd, aliyun_iot, ava4_gateway, "),
        (("dispatch", "120"), "write for example +861064211200"),
    ],
)
async def test_it_says_how_to_write_it(words: tuple[str, ...], sentence: str) -> None:
    code, _, errors = await simulate(*words)
    assert code == 2
    assert sentence in errors


async def test_it_sends_a_fleet_and_a_storm_and_a_walk(ledger: Ledger) -> None:
    fleet = ("fleet", "--broker", ledger.url, "--devices", "5", "--rounds", "2", "--every", "0")
    storm = ("storm", "--broker", ledger.url, "--devices", "40", "--connections", "4", "--press", "bed_button")
    walk = ("wearable", "--broker", ledger.url, "--steps", "2", "--every", "0", "--fall")
    said = [await simulate(*words) for words in (fleet, storm, walk)]
    assert [code for code, _, _ in said] == [0, 0, 0]
    assert "10 messages acknowledged" in said[0][1]
    assert "the press in the midst of it: kept after" in said[1][1]
    assert "fell" in said[2][1]
    assert ledger.types().count("heartbeat") == 50


async def test_its_phones_stop_cleanly_on_ctrl_c() -> None:
    port = free_port()
    process = await asyncio.create_subprocess_exec(
        ALARMD, "simulate", "phones", "--listen", f"127.0.0.1:{port}", stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    assert f"Open http://127.0.0.1:{port}" in (await process.stdout.readline()).decode()
    process.send_signal(signal.SIGINT)
    out, _ = await process.communicate()
    assert process.returncode == 0
    assert f'api_base = "http://127.0.0.1:{port}"' in out.decode()


async def test_a_hand_answers_what_the_provider_sends() -> None:
    running = await phones.start(dispatch="+861064211200")
    auth = (running.provider.account, running.provider.token)
    async with httpx.AsyncClient(base_url=running.url, auth=auth, trust_env=False) as client:
        assert "simulated phones" in (await client.get(running.page)).text
        form = {"To": "+8613801110001", "From": running.provider.numbers[0], "Url": "http://127.0.0.1:1/voice"}
        placed = await client.post(f"/2010-04-01/Accounts/{auth[0]}/Calls.json", data=form)
        assert placed.status_code == 201
        await running.town.bell.until(lambda: running.town.handset("+8613801110001").engaged)
        shown = {phone["id"]: phone for phone in running.snapshot()["phones"]}
        assert shown["8613801110001"]["state"] == "ringing"
        declined = await client.post(running.page + "act", json={"do": "decline", "who": "8613801110001"})
        assert declined.json() == {"done": True}
        assert running.town.handset("+8613801110001").calls[0].verdict == "busy"
        nobody = await client.post(running.page + "act", json={"do": "answer", "who": "1"})
        assert nobody.json() == {"error": "there is no such telephone yet"}
    await running.stop()


async def test_its_page_is_for_who_has_the_link_and_for_no_other_site() -> None:
    running = await phones.start()
    another = await phones.start()
    async with httpx.AsyncClient(base_url=running.url, trust_env=False) as client:
        for path in ("/", "/events", "/act", "/style.css", "/by_hand.js", "/guess/", "/guess/events"):
            assert (await client.get(path)).status_code == 404, path
        assert (await client.get(running.page)).status_code == 200
        for header in ("evil.example", "evil.example:80", "127.0.0.1.evil.example", "10.0.0.7", "[2001:db8::1]:80"):
            for path in ("/", running.page, running.page + "events", "/2010-04-01/Accounts/AC/Calls.json"):
                assert (await client.get(path, headers={"Host": header})).status_code == 421, (header, path)
        for header in ("localhost", "LOCALHOST:8090", "127.0.0.1", "[::1]:8090"):
            answer = await client.get(running.page, headers={"Host": header})
            assert answer.status_code == 200
            assert answer.headers["x-frame-options"] == "DENY"
    assert running.page.removeprefix(running.url) != another.page.removeprefix(another.url)
    await running.stop()
    await another.stop()


async def test_a_card_says_who_is_rung_where_the_daemon_knows() -> None:
    asked: list[str] = []

    def whose(number: str) -> list[tuple[str, str]]:
        asked.append(number)
        return [("李桂花", "neighbour")] if number == "+8613801110001" else []

    running = await phones.start(whose=whose)
    auth = (running.provider.account, running.provider.token)
    async with httpx.AsyncClient(base_url=running.url, auth=auth, trust_env=False) as client:
        for number in ("+8613801110001", "+8613801110002"):
            form = {"To": number, "From": running.provider.numbers[0], "Body": "hello"}
            assert (await client.post(f"/2010-04-01/Accounts/{auth[0]}/Messages.json", data=form)).status_code == 201
        async with asyncio.timeout(20):
            await running.changed.until(
                lambda: len(asked) >= 2 and any(card["name"] == "李桂花" for card in running.snapshot()["phones"])
            )
        cards = {card["id"]: (card["name"], card["role"]) for card in running.snapshot()["phones"]}
        assert cards["8613801110001"] == ("李桂花", "neighbour")
        assert cards["8613801110002"] == ("+8613801110002", "")
        icon = await client.get("/favicon.ico")
        assert (icon.status_code, icon.headers["content-type"]) == (200, "image/svg+xml")
    await running.stop()
