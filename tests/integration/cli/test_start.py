"""What `alarmd run` says when it cannot start, with which exit code it ends, and that it leaves nothing half done."""

from __future__ import annotations

import asyncio
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from simulators.broker import Broker
from simulators.buttons import press
from simulators.serving import free_port
from tests.support.commands import alarmd as command
from tests.support.running import ALARMD, PATIENCE, Running


async def refused(house: Running, *before: str) -> tuple[int | None, str]:
    """Start it; its exit code and what it said to the person who started it."""
    process = await asyncio.create_subprocess_exec(
        *before, str(ALARMD), "run", "-c", str(house.file), stderr=asyncio.subprocess.PIPE
    )
    async with asyncio.timeout(PATIENCE):
        _, said = await process.communicate()
    assert "Traceback" not in said.decode()
    return process.returncode, said.decode().splitlines()[-1]


async def test_a_store_of_a_newer_version_is_left_alone(tmp_path: Path) -> None:
    house = Running(tmp_path)
    house.fill()
    with closing(sqlite3.connect(house.path)) as raw, raw:
        raw.execute("UPDATE alembic_version SET version_num = '9999'")
    content = house.path.read_bytes()
    code, said = await refused(house)
    assert code == 1
    assert said == (
        f"alarmd: {house.path}: was written by a newer alarmd (version 9999); install that version or restore a backup"
    )
    assert house.path.read_bytes() == content


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"a diary, not a database. " * 400, "is not a database; restore a backup with `alarmd restore`"),
        (None, "is damaged; restore a backup with `alarmd restore`"),
    ],
)
async def test_a_store_that_cannot_be_read_says_what_to_do(tmp_path: Path, content: bytes | None, says: str) -> None:
    house = Running(tmp_path)
    if content is None:
        house.fill()
        with closing(sqlite3.connect(house.path)) as raw:
            raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        whole = house.path.read_bytes()
        content = whole[:100] + b"\x5a" * 4000 + whole[4100:]
    house.path.write_bytes(content)
    code, said = await refused(house)
    assert (code, said) == (1, f"alarmd: {house.path}: {says}")
    assert house.path.read_bytes() == content


FULL = (
    "import os, resource, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0)); os.execv(sys.argv[1], sys.argv[1:])"
)


async def test_a_disk_that_is_full_at_the_start_is_a_sentence_and_the_next_start_finds_all(tmp_path: Path) -> None:
    """No file of the process can grow, as on a full disk."""
    house = Running(tmp_path)
    house.fill()
    code, said = await refused(house, sys.executable, "-c", FULL)
    assert code == 1
    assert str(house.path) in said or "nothing was stored" in said
    assert "full" in said or "disk I/O error" in said
    async with house:
        await house.start()
        assert (await press(Broker(host="127.0.0.1", port=house.port))).incident


async def test_a_full_disk_on_the_very_first_start_leaves_nothing_behind_that_bars_the_second(tmp_path: Path) -> None:
    house = Running(tmp_path)
    code, said = await refused(house, sys.executable, "-c", FULL)
    assert code == 1
    assert str(house.path) in said
    async with house:
        await house.start()


async def test_a_wrong_chain_bars_no_alarm_and_is_found_by_verify(tmp_path: Path) -> None:
    """Who tampered with the log must not have silenced the buttons too."""
    house = Running(tmp_path)
    house.fill()
    with closing(sqlite3.connect(house.path)) as raw, raw:
        raw.execute("DROP TRIGGER journal_append_only_update")
        raw.execute("UPDATE journal SET actor = 'nobody' WHERE seq = 1")
    async with house:
        await house.start()
        assert (await press(Broker(host="127.0.0.1", port=house.port))).incident
    found = command("verify", "-c", house.file)
    assert found.code == 1
    assert "seq 1" in found.out + found.err or '"bad_seq":1' in found.out


async def test_without_its_broker_it_starts_says_so_and_goes_on_trying(tmp_path: Path) -> None:
    """Deadlines, the desk and what is queued do not wait for a broker."""
    house = Running(tmp_path, mqtt=f'url = "mqtt://127.0.0.1:{free_port()}"')
    house.fill()
    async with house:
        await house.start()
        lost = await house.until_said("broker not reached")
        assert "127.0.0.1" in lost["problem"]
        async with httpx.AsyncClient(base_url=house.web, trust_env=False) as web:
            assert (await web.get("/healthz")).status_code == httpx.codes.OK
            ready = await web.get("/readyz")
        assert ready.status_code == httpx.codes.SERVICE_UNAVAILABLE
        assert "the broker is not read" in ready.text


async def test_a_port_that_is_taken_is_named(tmp_path: Path) -> None:
    server = await asyncio.start_server(lambda *_: None, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    house = Running(tmp_path, mqtt=f'listen = "127.0.0.1:{port}"')
    code, said = await refused(house)
    server.close()
    assert code == 1
    assert str(port) in said


@pytest.mark.parametrize("taken", ["web", "door", "users"])
async def test_a_daemon_that_cannot_start_sends_nothing_of_what_is_overdue(tmp_path: Path, taken: str) -> None:
    """Two of one house, started by mistake on two stores: the second must not ring people and then be gone."""
    server = await asyncio.start_server(lambda *_: None, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    house = Running(tmp_path)
    house.fill()
    await house.start()
    assert (await press(Broker(host="127.0.0.1", port=house.port))).incident
    await house.kill()
    house.time_passes(3600)
    settings = house.file.read_text(encoding="utf-8")
    house.file.write_text(
        {
            "web": settings.replace(house.web, f"http://127.0.0.1:{port}").replace(
                f'listen = "{house.web.removeprefix("http://")}"', f'listen = "127.0.0.1:{port}"'
            ),
            "door": settings.replace('listen = "127.0.0.1:0"', f'listen = "127.0.0.1:{port}"', 1),
            "users": settings.replace("[mqtt]", '[mqtt]\nusers_file = "nobody-wrote-it"', 1),
        }[taken],
        encoding="utf-8",
    )
    before = len(house.log())
    code, said = await refused(house)
    server.close()
    assert code == (2 if taken == "users" else 1)
    assert (str(port) if taken != "users" else "nobody-wrote-it") in said
    assert {entry.event for entry in house.log()[before:]} <= {"exposure.closed"}
    assert not house.rows("SELECT 1 FROM outbox WHERE state = 'queued' AND tries > 1")


async def test_a_start_without_a_store_says_so_with_its_path(tmp_path: Path) -> None:
    """A misspelt store.url looks like a new house, and nobody lives in it."""
    house = Running(tmp_path)
    async with house:
        await house.start()
        said = await house.until_said("no store here: a new one without any resident is begun; was store.url meant?")
        assert said["store"] == str(house.path)


async def test_a_start_with_an_empty_store_names_the_one_that_has_the_residents(tmp_path: Path) -> None:
    """Imported beside the settings, run with a store elsewhere: nobody lives there."""
    (tmp_path / "elsewhere").mkdir()
    house = Running(tmp_path)
    house.fill()
    text = house.file.read_text(encoding="utf-8")
    house.file.write_text(text.replace(f"{tmp_path}/alarmd.db", f"{tmp_path}/elsewhere/alarmd.db"), encoding="utf-8")
    async with house:
        await house.start()
        said = await house.until_said("residents are in another store, and in none that is read here: was it meant?")
    assert said["others"] == [str(house.path)]
