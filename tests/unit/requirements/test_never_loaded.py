"""What the Twilio SDK brings for a client that alarmd does not use is never loaded by the daemon."""

from __future__ import annotations

import subprocess
import sys

TREE = ("aiohttp", "aiohttp_retry", "aiohappyeyeballs", "aiosignal", "frozenlist", "multidict", "propcache", "yarl")
LOADED = """
import sys, alarmd.daemon, alarmd.web.opening, alarmd.phone.twilio, alarmd.phone.webhooks, alarmd.cli.run
print(*sorted({name.partition(".")[0] for name in sys.modules}))
"""


def test_the_daemon_loads_none_of_it() -> None:
    found = subprocess.run([sys.executable, "-c", LOADED], capture_output=True, text=True, check=True, timeout=100)
    assert set(TREE) & set(found.stdout.split()) == set()
    assert "twilio" in found.stdout.split()
