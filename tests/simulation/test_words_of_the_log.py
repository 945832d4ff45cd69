"""What the log of an evening of trouble says to a Chinese operator has no English but names and people's words."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from alarmd import journal, languages
from alarmd.cli.telling import tell
from alarmd.following import name_of
from alarmd.journal import LogEntry
from alarmd.store import Transaction, reading
from config.wording import speaking
from tests.simulation.run import World, _apart, _folder, template
from tests.support.english import english

SEEDS = range(6)
NAMES = (
    "SELECT id, name FROM responder",
    "SELECT id, name FROM resident",
    "SELECT id, name FROM circle",
    "SELECT id, address FROM device",
)
BY_PEOPLE = {
    "incident.closed": "reason",
    "incident.noted": "text",
    "message.unread": "text",
    "handoff.rejected": "reason",
    "handoff.cancelled": "reason",
}
SHANGHAI = ZoneInfo("Asia/Shanghai")


@pytest.fixture(scope="module")
def town() -> Iterator[Path]:
    with template() as database:
        yield database


@pytest.mark.parametrize("seed", SEEDS)
def test_no_entry_is_told_in_english(town: Path, seed: int) -> None:
    with _folder() as folder:
        world = World(seed, folder, town)
        try:
            with _apart(world.story):
                world.play()
            with (
                reading(f"sqlite:///{world.disk.path}") as tx,
                speaking(languages.operator_words("zh-CN") or languages.ENGLISH),
            ):
                found = _english(tx)
        finally:
            world.loop.end()
            world.disk.close()
    assert found == []


def _english(tx: Transaction) -> list[tuple[set[str], str, str]]:
    rows = [row for query in NAMES for row in tx._connection.execute(query)]
    names = {str(value) for row in rows for value in row}
    found = []
    for entry in journal.read(tx):
        told = tell(entry, lambda who: name_of(tx, who), SHANGHAI).text
        if words := english(told, names | _of_people(entry)):
            found.append((words, entry.event, told))
    return found


def _of_people(entry: LogEntry) -> set[str]:
    """What somebody wrote, and what a device calls itself."""
    data = entry.data
    said = {str(entry.actor), str(data.get("topic", "")), str(data.get("by", "")), str(entry.device or "")}
    if (key := BY_PEOPLE.get(entry.event)) is not None and data.get(key) not in {"key 2", "reply 2"}:
        said.add(str(data.get(key, "")))
    if entry.event == "signal.kept" and data.get("via") in {"sms", "voice"}:
        said.add(str(data.get("text", "")))
    text = str(data.get("text", ""))
    if entry.event == "incident.opened" and not text.startswith("family "):
        said.add(text)
    if entry.event == "incident.opened":  # the address of what nobody registered stands in its topic
        said |= {piece.partition(" ")[2] for piece in text.split("; ") if piece.startswith("topic ")}
    return said


@pytest.mark.parametrize(
    "shown",
    [
        "给李强的短信已送达（raw=delivered）",
        "withdrew=True",
        "[token:this machine, uid:0 root]",
        "ambulance到了",
        "button（卧室）",
    ],
)
def test_it_would_have_found_what_was_there(shown: str) -> None:
    assert english(shown, {"李强", "root"})
