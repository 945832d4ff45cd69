"""What ``docs/door.md`` says of the door is so."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from alarmd.door import shares, users
from alarmd.door.limits import Limits
from alarmd.intake import budget, likes
from devices.families import alarmd

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs/door.md").read_text(encoding="utf-8")
INTEROP = ROOT / "tests/integration/door/test_interop.py"


def test_every_case_of_the_table_has_its_test() -> None:
    tests = {node.name for node in ast.walk(ast.parse(INTEROP.read_text())) if isinstance(node, ast.AsyncFunctionDef)}
    named = set(re.findall(r"`(test_\w+)", PAGE))
    named |= {
        test
        for tail in re.findall(r"`…(_\w+)`", PAGE)
        for test in tests
        if test.endswith(tail) and test.startswith("test_")
    }
    assert named
    assert named <= tests
    rows = [line for line in PAGE.splitlines() if re.match(r"\| .* \| .*(passes|does not apply).* \| .*test_", line)]
    assert len(rows) == 27, "the suite for MQTT 5 has 27 cases"


LIMITS = Limits()
KIB, MIB = 1024, 1024 * 1024


@pytest.mark.parametrize(
    ("row", "figure"),
    [
        ("one packet", f"{LIMITS.packet // MIB} MiB"),
        ("a CONNECT", f"{LIMITS.connect_packet // KIB} KiB"),
        ("connections", f"{LIMITS.connections:,}"),
        ("connections from one address", f"{LIMITS.connections_per_address:,}, loopback not counted"),
        ("time until CONNECT, and for the TLS handshake", f"{LIMITS.connect_timeout:.0f} s"),
        ("keep alive", f"{LIMITS.keep_alive:,} s"),
        (
            "messages of one client taken and not committed",
            f"{LIMITS.in_flight}, or {LIMITS.in_flight_bytes // MIB} MiB",
        ),
        ("rate of one client", f"{LIMITS.rate:,.0f} messages a second, {LIMITS.burst:,} at once"),
        ("topic aliases a client may set", f"{LIMITS.topic_aliases}"),
        ("client id", f"{LIMITS.client_id} characters"),
        ("sessions", f"{LIMITS.sessions:,}"),
        ("life of a session whose client is away", f"{LIMITS.session_expiry // 86_400} days"),
        ("subscriptions of one session", f"{LIMITS.subscriptions:,}, of up to {LIMITS.levels} levels"),
        ("filters with a `+` of one user", f"{LIMITS.branching}"),
        ("user name, password", f"{LIMITS.credential:,} bytes each"),
        (
            "what is held for all who have not shown a password, until it is checked",
            f"{LIMITS.strangers_bytes // MIB} MiB",
        ),
        ("held in memory for one user", f"{LIMITS.memory_per_user // MIB} MiB"),
        ("held in memory for all users", f"{LIMITS.memory // MIB} MiB"),
        ("waiting for one subscriber", f"{LIMITS.queued:,} messages, or {LIMITS.queued_bytes // MIB} MiB"),
        ("unconfirmed messages under way to one subscriber", f"{LIMITS.window}, or its own Receive Maximum"),
        ("QoS 0 to a subscriber that does not read", f"{LIMITS.write_buffer // KIB} KiB"),
        ("retained messages", f"{LIMITS.retained:,}, or {LIMITS.retained_bytes // MIB} MiB"),
    ],
)
def test_the_table_of_limits_has_the_figures_in_force(row: str, figure: str) -> None:
    assert f"| {row} | {figure} |" in PAGE


def test_it_names_what_a_user_may_take_of_the_time_and_how_long_a_message_is_read() -> None:
    assert (shares.SHARE, shares.AT_ONCE) == (0.2, 0.5)
    assert "| time of one user, in all its connections | a fifth of each second, half a second at once |" in PAGE
    assert (
        f"{shares.PACKET * 1000:g} ms a packet, {shares.BYTE * 1e9:g} ms a MB, {shares.COMING * 1000:g} ms a conn"
        in PAGE
    )
    assert f"| a message under `alarmd/v1/` | {alarmd.LONGEST // KIB} KiB |" in PAGE
    assert f"| {budget.AT_ONCE} of one kind at once, {budget.PER_SECOND:g} a second; " in PAGE
    assert f"{budget.OF_ALL_AT_ONCE} of all kinds, {budget.OF_ALL_PER_SECOND:g} a second." in PAGE
    assert f"wait {budget.HELD_S:g} s for their like, up to {budget.HELD_LONGEST_S:g} s" in PAGE
    assert f"| {likes.ENTRIES}, and one of each kind |" in PAGE


def test_it_names_the_rounds_of_a_password() -> None:
    assert f"{users.ITERATIONS:,}" in PAGE
    assert f"$7${users.ITERATIONS}$" in PAGE


def test_every_event_in_the_log_is_named() -> None:
    sources = "".join(path.read_text() for path in (ROOT / "alarmd/door").glob("*.py"))
    logged = set(re.findall(r"log\.\w+\(\s*\"(door\.\w+)\"", sources))
    assert logged == set(re.findall(r"`(door\.\w+)`", PAGE))
