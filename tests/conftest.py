"""What holds for every test: tools from the system, generated examples, and nothing left running."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import threading
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

IN_CI = os.environ.get("CI") == "true"
TOOLS = {
    "broker": ("mosquitto", "mosquitto_pub"),
    "browser": ("chromium",),
    "node": ("node", "npm"),
    "trace": ("strace",),
}
PATIENCE = 5.0
"""Seconds that a thread has to end after the test that started it."""

# Debian keeps the broker where a user's PATH does not look.
os.environ["PATH"] = os.pathsep.join([os.environ.get("PATH", ""), "/usr/local/sbin", "/usr/sbin", "/sbin"])

# What commands say is compared in English, whatever language the terminal of the developer or the service speaks.
os.environ["ALARMD_LANGUAGE"] = "en"

# No deadline for one example: the machine has other work too, and slowness has tests of its own in bench/.
settings.register_profile("dev", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("ci", parent=settings.get_profile("dev"), derandomize=True)
settings.load_profile("ci" if IN_CI else "dev")


@cache
def lacking(marker: str) -> str:
    """Why tests with that marker cannot run here; empty where they can."""
    missing = [tool for tool in TOOLS[marker] if shutil.which(tool) is None]
    if missing:
        return f"{' and '.join(missing)} not installed; tests/system-packages says how"
    if marker == "trace" and subprocess.run(["strace", "-o", os.devnull, "true"], check=False).returncode:
        return "strace may not trace here"
    return ""


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Leave out what cannot run here and say why; in CI that is a failure."""
    for marker in TOOLS:
        if item.get_closest_marker(marker) is not None and (why := lacking(marker)):
            if IN_CI:
                pytest.fail(why, pytrace=False)
            pytest.skip(why)


@pytest.fixture
async def time_passes(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Moves the event loop's time forward by that many seconds; nobody waits."""
    loop = asyncio.get_running_loop()
    plain, offset = loop.time, 0.0

    def forward(seconds: float) -> None:
        nonlocal offset
        offset += seconds

    monkeypatch.setattr(loop, "time", lambda: plain() + offset)
    return forward


@pytest.fixture(autouse=True)
def _nothing_left_running() -> Iterator[None]:
    """A test that leaves a thread or a process behind is a daemon that would not stop cleanly."""
    threads, children = set(threading.enumerate()), _children()
    yield
    for thread in set(threading.enumerate()) - threads:
        thread.join(PATIENCE)
        assert not thread.is_alive(), f"left running: {thread.name}"
    assert not (left := _children() - children), f"left running: {sorted(left)}"


def _children() -> set[str]:
    """Child processes, as ``pid name``; none where the system does not tell."""
    found = set()
    for tasks in Path("/proc/self/task").glob("*/children"):
        try:
            pids = tasks.read_text().split()
        except OSError:  # a thread that ended meanwhile
            continue
        for pid in pids:
            try:
                found.add(f"{pid} {Path('/proc', pid, 'comm').read_text().strip()}")
            except OSError:
                continue
    return found
