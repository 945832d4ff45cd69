"""The systemd unit that is shipped, and the daemon's own idea of being alive."""

from __future__ import annotations

import re

from alarmd.systemd import _half_watchdog
from alarmd.watch.stalls import WRITER_MOST_S
from alarmd.web.health import LIVE_WITHIN_S
from tests.support.commands import ROOT

UNIT = (ROOT / "config" / "deployments" / "systemd" / "alarmd.service").read_text(encoding="utf-8")


def setting(name: str) -> str:
    found = re.search(rf"^{name}=(.+)$", UNIT, re.MULTILINE)
    assert found is not None, name
    return found[1]


def test_a_writer_that_is_only_slow_does_not_get_alarmd_killed() -> None:
    """Fed at half its time, and after the writer has answered at the last moment."""
    seconds = int(setting("WatchdogSec"))
    half = _half_watchdog({"WATCHDOG_USEC": str(seconds * 1_000_000)})
    assert half is not None
    assert half + LIVE_WITHIN_S < seconds
    assert WRITER_MOST_S < LIVE_WITHIN_S, "and it is told of before"


def test_it_is_started_again_for_ever_and_soon() -> None:
    assert setting("Restart") == "always"
    assert setting("StartLimitIntervalSec") == "0"
    assert int(setting("RestartSec")) <= 5
    assert setting("NotifyAccess") == "main"
