from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from alarmd.systemd import Systemd


@pytest.fixture
def manager(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[socket.socket]:
    """What systemd holds: the other end of the notification socket."""
    path = str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as receiver:
        receiver.bind(path)
        receiver.settimeout(10)
        monkeypatch.setenv("NOTIFY_SOCKET", path)
        monkeypatch.delenv("WATCHDOG_PID", raising=False)
        monkeypatch.delenv("WATCHDOG_USEC", raising=False)
        yield receiver


def test_it_tells_ready_status_and_stopping(manager: socket.socket) -> None:
    systemd = Systemd()
    systemd.ready("door 1883, web 8080")
    systemd.status("守望中\n2 open incidents")
    systemd.stopping()
    systemd.close()
    said = [manager.recv(4096).decode() for _ in range(3)]
    assert said == ["READY=1\nSTATUS=door 1883, web 8080", "STATUS=守望中 2 open incidents", "STOPPING=1"]


async def test_it_feeds_the_watchdog_while_alive_and_only_then(
    manager: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WATCHDOG_USEC", "20000")
    monkeypatch.setenv("WATCHDOG_PID", str(os.getpid()))
    faults: list[str | None] = [None, "the writer hangs", None]
    done = asyncio.Event()

    async def alive() -> str | None:
        if not faults:
            done.set()
            await asyncio.Event().wait()
        return faults.pop(0)

    systemd = Systemd()
    with capture_logs() as logs:
        watch = asyncio.create_task(systemd.watch(alive))
        await asyncio.wait_for(done.wait(), 10)
        watch.cancel()
        await asyncio.gather(watch, return_exceptions=True)
    systemd.close()
    said = [manager.recv(4096).decode() for _ in range(3)]
    assert said == ["WATCHDOG=1", "STATUS=not alive: the writer hangs", "WATCHDOG=1"]
    assert [(entry["event"], entry["why"]) for entry in logs] == [("the watchdog is not fed", "the writer hangs")]


@pytest.mark.parametrize("environ", [{}, {"WATCHDOG_USEC": "0"}, {"WATCHDOG_USEC": "20000", "WATCHDOG_PID": "1"}])
async def test_it_watches_nothing_where_systemd_asks_for_nothing(
    manager: socket.socket, monkeypatch: pytest.MonkeyPatch, environ: dict[str, str]
) -> None:
    for name, value in environ.items():
        monkeypatch.setenv(name, value)

    async def never_asked() -> str | None:
        raise AssertionError("asked")

    systemd = Systemd()
    await systemd.watch(never_asked)
    systemd.close()


async def test_without_systemd_nothing_happens() -> None:
    async def never_asked() -> str | None:
        raise AssertionError("asked")

    systemd = Systemd({})
    systemd.ready("works")
    systemd.stopping()
    await systemd.watch(never_asked)
    systemd.close()
    systemd.close()


def test_it_goes_on_and_says_so_where_systemd_does_not_hear(tmp_path: Path) -> None:
    systemd = Systemd({"NOTIFY_SOCKET": str(tmp_path / "nobody")})
    with capture_logs() as logs:
        systemd.ready()
    systemd.close()
    assert [(entry["event"], entry["told"]) for entry in logs] == [("systemd could not be told", "READY=1")]


def test_it_finds_the_socket_of_a_container_in_the_abstract_namespace() -> None:
    name = f"alarmd-test-{os.getpid()}-{id(object())}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as receiver:
        receiver.bind(f"\0{name}")
        receiver.settimeout(10)
        systemd = Systemd({"NOTIFY_SOCKET": f"@{name}"})
        systemd.ready()
        systemd.close()
        assert receiver.recv(4096) == b"READY=1"
