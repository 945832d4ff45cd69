"""What a start does that cannot work: a sentence, the right exit code, and nothing half started."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from simulators.serving import free_port
from tests.support.running import ALARMD, PATIENCE, Running


async def refused(alarmd: Running, *before: str) -> tuple[int, str]:
    """Start it in vain; returns exit code and what it said last."""
    process = await asyncio.create_subprocess_exec(
        *before, str(ALARMD), "run", "-c", str(alarmd.file), stderr=asyncio.subprocess.PIPE
    )
    async with asyncio.timeout(PATIENCE):
        _, said = await process.communicate()
    assert process.returncode is not None
    text = said.decode()
    assert "Traceback" not in text
    return process.returncode, text.strip().splitlines()[-1]


def change(alarmd: Running, sql: str) -> None:
    with closing(sqlite3.connect(alarmd.path)) as connection:
        connection.execute(sql)
        connection.commit()


@pytest.fixture
def alarmd(tmp_path: Path) -> Running:
    made = Running(tmp_path)
    made.fill()
    return made


async def test_a_store_of_a_newer_version(alarmd: Running) -> None:
    change(alarmd, "UPDATE alembic_version SET version_num = '9999'")
    code, said = await refused(alarmd)
    assert code == 1
    assert "newer" in said


async def test_a_damaged_store(alarmd: Running) -> None:
    whole = alarmd.path.read_bytes()
    alarmd.path.write_bytes(whole[:100] + b"\xff" * 4000 + whole[4100:])
    code, said = await refused(alarmd)
    assert code == 1
    assert f"{alarmd.path}" in said


async def test_a_full_disk(alarmd: Running) -> None:
    code, said = await refused(alarmd, "prlimit", "--fsize=0")
    assert code == 1
    assert said.startswith("alarmd: ")


async def test_a_second_alarmd_on_the_same_store(alarmd: Running) -> None:
    async with alarmd:
        await alarmd.start()
        code, said = await refused(alarmd)
        assert code == 1
        assert "another alarmd" in said
        async with httpx.AsyncClient() as client:
            assert (await client.get(f"{alarmd.web}/healthz")).status_code == 200, "the first goes on"


async def test_a_broker_that_is_away_is_no_reason_not_to_start(tmp_path: Path) -> None:
    port = free_port()
    async with Running(tmp_path, mqtt=f'url = "mqtt://127.0.0.1:{port}"') as alarmd:
        alarmd.fill()
        await alarmd.start()
        async with httpx.AsyncClient() as client:
            ready = await client.get(f"{alarmd.web}/readyz")
        assert ready.status_code == 503
        assert f"127.0.0.1:{port}" in ready.json()["parts"]["mqtt"]["says"]


async def test_a_port_that_is_taken_leaves_nothing_half_started(alarmd: Running) -> None:
    server = await asyncio.start_server(lambda _r, w: w.close(), "127.0.0.1", int(alarmd.web.rpartition(":")[2]))
    async with server:
        code, said = await refused(alarmd)
    assert code == 1
    assert "cannot listen" in said
    async with alarmd:
        await alarmd.start()
