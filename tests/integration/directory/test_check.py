"""`alarmd check`: what an installer is told before the first press."""

from __future__ import annotations

import asyncio
import socket
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from alarmd.cli import outside_trial
from alarmd.clock import SystemClock
from alarmd.store.lock import Lock
from alarmd.store.sqlite import connect
from simulators.serving import free_port
from tests.support.commands import Outcome
from tests.support.mosquitto import Mosquitto
from tests.support.rough_server import Answer, rough_server, send
from tests.support.site import SETTINGS, Site

PHONE = """
[[phone]]
account_sid = "AC1"
auth_token = "secret"
numbers = ["+15005550006"]
api_base = "{}"
"""


def listening(door: int, web: int) -> str:
    """Settings with those ports."""
    return SETTINGS.replace("1883", str(door)) + f'[web]\nlisten = "127.0.0.1:{web}"\n'


def line(result: Outcome, what: str) -> str:
    """The line about one thing, without its padding."""
    return " ".join(next(text for text in result.out.splitlines() if text[2:].startswith(what)).split())


def answering(status: int, body: object) -> Answer:
    async def answer(_asked: object, writer: asyncio.StreamWriter) -> None:
        await send(writer, status, body)

    return answer


async def test_it_finds_everything_in_order(tmp_path: Path) -> None:
    async with rough_server(answering(200, {"sid": "AC1", "status": "active"})) as twilio:
        site = Site(tmp_path, listening(door := free_port(), free_port()) + PHONE.format(twilio.url))
        assert site.import_example().code == 0
        result = await asyncio.to_thread(site.run, "check")
    assert result.code == 0, result.out
    assert line(result, "plans") == "✓ plans fire, gentle, intruder, standard, technical, verify, water"
    assert line(result, "listener") == f"✓ listener listens on 127.0.0.1:{door}"
    assert line(result, "desk") == "✓ desk +8613800138009; not rung by this check"
    assert line(result, "ambulance") == "✓ ambulance a person at the desk hands over"
    assert line(result, "directory") == "✓ directory 3 residents, 8 responders (0 at the desk)"
    assert line(result, "phone").endswith("the account works; nothing was sent")
    assert "a signed request came back in" in line(result, "webhooks")
    assert line(result, "webhooks").endswith("not tried from the internet")
    assert line(result, "clock") == "? clock not compared: 127.0.0.1 does not tell the time"
    assert line(result, "watchdog") == "? watchdog no ping_url: nobody outside notices when this machine is dead"


async def test_it_says_what_the_provider_says(tmp_path: Path) -> None:
    async with rough_server(answering(200, {"sid": "AC1", "status": "suspended"})) as twilio:
        site = Site(tmp_path, SETTINGS + PHONE.format(twilio.url))
        result = await asyncio.to_thread(site.run, "check")
    assert result.code == 1
    assert line(result, "phone") == "✗ phone alarmd.toml:7: phone[1]: the Twilio account is suspended, not active"


def test_it_names_line_and_key_of_what_is_missing(tmp_path: Path) -> None:
    settings = '[mqtt]\nlisten = "0.0.0.0:1883"\n[ambulance]\nmode = "desk"\n[service]\nplan = "standard"\n'
    result = Site(tmp_path, settings).run("check", "--settings-only")
    assert result.code == 1
    assert line(result, "listener").startswith("✗ listener alarmd.toml:2: mqtt.listen: 0.0.0.0:1883 without users_file")
    assert line(result, "desk").startswith("✗ desk alarmd.toml:5: service.desk_phones: no desk_phones")
    assert line(result, "ambulance").startswith("✗ ambulance alarmd.toml:4: ambulance.mode: mode desk, and no desk")


def test_it_says_that_nobody_is_rung_without_a_provider(tmp_path: Path) -> None:
    result = Site(tmp_path).run("check")
    assert result.code == 1
    assert "none is configured: nobody is rung" in line(result, "phone")
    assert line(result, "store") == "✓ store there is no store here yet: alarmd.db; a start creates an empty one"


def test_it_does_not_take_a_misspelt_store_for_a_new_house(tmp_path: Path) -> None:
    site = Site(tmp_path)
    assert site.import_example().code == 0
    other = Site(tmp_path, f'{SETTINGS}[store]\nurl = "sqlite:///{tmp_path}/alarmd.bd"\n').run("check")
    assert line(other, "store").startswith("✗ store alarmd.toml:7: store.url: there is no store here yet: alarmd.bd;")
    assert line(other, "store").endswith("is store.url misspelt? There is a store at alarmd.db")


@pytest.mark.parametrize("what", ["listener", "web"])
def test_it_finds_that_a_port_is_taken_but_not_by_alarmd_itself(tmp_path: Path, what: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        ports = (port, free_port()) if what == "listener" else (free_port(), port)
        site = Site(tmp_path, listening(*ports))
        result = site.run("check")
        assert result.code == 1
        assert f"127.0.0.1:{port}: another program listens there" in line(result, what)
        assert line(result, what).startswith("✗")
        running = Lock(tmp_path / "alarmd.db")
        said = line(site.run("check"), what)
        running.release()
        assert said == f"✓ {what} listens on 127.0.0.1:{port}: an alarmd is running on this store"


def test_it_names_an_address_that_this_machine_has_not(tmp_path: Path) -> None:
    site = Site(tmp_path, SETTINGS + '[web]\nlisten = "192.0.2.7:8080"\n')
    assert "✗ web alarmd.toml:7: web.listen: 192.0.2.7:8080: this machine has no such address" in line(
        site.run("check"), "web"
    )
    assert line(site.run("check", "--settings-only"), "web") == "? web to listen on 192.0.2.7:8080; not tried"


def test_it_knows_that_a_provider_in_the_internet_cannot_call_this_machine(tmp_path: Path) -> None:
    site = Site(tmp_path, SETTINGS + PHONE.format("http://phones.invalid"))
    assert "http://127.0.0.1:8080 cannot be reached by a phone provider" in line(site.run("check"), "webhooks")


def test_it_makes_no_folder_for_a_store_and_says_what_may_be_wrong(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/mnt/data/alarmd.db"
    site = Site(tmp_path, f'{SETTINGS}[store]\nurl = "{url}"\n')
    assert "there is no such folder, and none is made: is a disk not mounted" in line(site.run("check"), "store")
    for outcome in (site.import_example(), site.run("run"), site.run("backup", tmp_path / "b.db")):
        assert outcome.code == 1
        assert "there is no such folder, and none is made" in outcome.err or "there is no store here" in outcome.err
    assert not (tmp_path / "mnt").exists()


async def test_it_knows_a_clock_that_is_wrong() -> None:
    async def answer(_: object, writer: asyncio.StreamWriter) -> None:
        await send(writer, 200, "", "Date: Sat, 21 Nov 2015 11:30:00 GMT\r\n")

    async with rough_server(answer) as twilio:
        well, text = await outside_trial.clock(twilio.url, SystemClock().now())
        right, _ = await outside_trial.clock(twilio.url, datetime(2015, 11, 21, 11, 30, 7, tzinfo=UTC))
    assert (well, right) == (False, True)
    assert "s ahead of 127.0.0.1: let the machine set its clock" in text


async def test_it_finds_whether_the_switch_outside_is_reached_and_says_nothing_to_it(tmp_path: Path) -> None:
    async with rough_server(answering(200, {})) as switch:
        settings = f'{SETTINGS}[watch]\nping_url = "{switch.url}/secret"\nalert_url = "http://127.0.0.1:1/secret"\n'
        result = await asyncio.to_thread(Site(tmp_path, settings).run, "check")
        assert switch.asked == []
    assert "✓ watchdog   ping_url is reached; nothing was sent to it" in result.out
    assert "✗ watchdog" in result.out
    assert "alert_url is not reached" in result.out
    assert "secret" not in result.out


def test_it_refuses_faulty_settings_and_plans_as_settings(tmp_path: Path) -> None:
    faulty = Site(tmp_path, '[mqtt]\nlistem = "127.0.0.1:1883"\n').run("check")
    assert faulty.code == 2
    assert 'alarmd.toml:2: mqtt.listem: unknown key; did you mean "listen"?' in faulty.err
    site = Site(tmp_path)
    site.file("plans/mine.toml", '[plan.mine]\nsignals = ["sos"]\n[[plan.mine.step]]\ncontact = "nearst"\n')
    result = site.run("check")
    assert result.code == 2
    assert "mine.toml: plan.mine.step[1]: contact: invalid enum value 'nearst'" in result.err


def test_it_lists_people_for_whom_a_press_would_find_nobody(tmp_path: Path) -> None:
    site = Site(tmp_path)
    site.run(
        "import",
        site.file("residents.csv", "id,name,lat,lon\nlonely,孤,,\n"),
        site.file("responders.csv", "id,name,phone,role\nli,李,,neighbour\n"),
    )
    said = site.run("check").out
    assert "1 residents for whom only the desk can be found (no position, contacts or circle): 孤 (lonely)" in said
    assert "1 responders without a telephone number: 李 (li)" in said


def test_it_reads_a_damaged_store_as_one(tmp_path: Path) -> None:
    site = Site(tmp_path)
    site.file("alarmd.db", "this is no database, whatever its name says")
    assert "✗ store" in site.run("check").out


def test_it_finds_damage_in_the_middle_of_the_store(tmp_path: Path) -> None:
    site = Site(tmp_path)
    site.import_example()
    file = tmp_path / "alarmd.db"
    with closing(connect(file, readonly=False)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        page = connection.execute("PRAGMA page_size").fetchone()[0]
        root = connection.execute("SELECT rootpage FROM sqlite_schema WHERE name = 'resident'").fetchone()[0]
    with file.open("r+b") as raw:
        raw.seek((root - 1) * page)
        raw.write(b"\xff" * 200)
    result = site.run("check")
    assert result.code == 1
    assert "✗ store" in result.out
    assert "Traceback" not in result.err


def test_it_finds_a_log_that_somebody_changed(tmp_path: Path) -> None:
    site = Site(tmp_path)
    site.import_example()
    assert line(site.run("check"), "event log").endswith("entries, the chain is whole")
    with closing(connect(tmp_path / "alarmd.db", readonly=False)) as connection:
        connection.execute("DROP TRIGGER journal_append_only_update")
        connection.execute("UPDATE journal SET actor = 'nobody' WHERE seq = 2")
    result = site.run("check")
    assert result.code == 1
    assert line(result, "event log").startswith("✗ event log it is bad from seq 2 on")


@pytest.mark.broker
async def test_it_reaches_a_broker_or_says_why_not(tmp_path: Path) -> None:
    (tmp_path / "broker").mkdir()
    broker = Mosquitto(tmp_path / "broker")
    site = Site(tmp_path, f'[mqtt]\nurl = "{broker.url}"\n')
    gone = await asyncio.to_thread(site.run, "check")
    assert gone.code == 1
    assert f"✗ broker alarmd.toml:2: mqtt.url: 127.0.0.1:{broker.port} cannot be used" in line(gone, "broker")
    async with broker:
        there = await asyncio.to_thread(site.run, "check")
    assert line(there, "broker") == f"✓ broker 127.0.0.1:{broker.port} lets alarmd in"


@pytest.mark.broker
async def test_it_says_that_the_broker_refuses_it(tmp_path: Path) -> None:
    (tmp_path / "broker").mkdir()
    async with Mosquitto(tmp_path / "broker", more=("allow_anonymous false",)) as broker:
        site = Site(tmp_path, f'[mqtt]\nurl = "{broker.url}"\n')
        result = await asyncio.to_thread(site.run, "check")
    assert "cannot be used" in line(result, "broker")
    assert "Not authorized" in line(result, "broker")
