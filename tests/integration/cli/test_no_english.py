"""Every command in a Chinese terminal, with people, an incident and its end in the store: no English but names."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from alarmd.cli.finding import _WHAT
from escalation.incident import Answer, Answered, Closed, HandedOver, Refused
from escalation.people import Channel
from tests.support.commands import ROOT, alarmd
from tests.support.english import english
from tests.support.station import Station

NAMES = {
    "Ann Smith",
    "wang",
    "smith",
    "li",
    "zhao",
    "chen1",
    "chen2",
    "bed",
    "lane",
    "circle",
    "root",
    "operator",
    "alarmd.db",
    "line",
    "daughter",
}
CHINESE = {"LANG": "zh_CN.UTF-8", "NO_COLOR": "1", "COLUMNS": "200"}
MORE = """
[service]
language = "zh-CN"
timezone = "Asia/Shanghai"
desk_phones = ["+8613900000009"]
[ambulance]
mode = "line"
phone = "+861065551234"
"""


@pytest.fixture
async def station(tmp_path: Path) -> AsyncIterator[Station]:
    """Somebody goes and withdraws, the ambulance is ordered, comes, and is called off; another home is still open."""
    async with Station(tmp_path, more=MORE) as made:
        incident = await made.press()
        happened = (
            Refused(person="zhao", channel=Channel.SMS, code="30003", for_now=True),
            Answered(person="li", answer=Answer.GO, via="voice"),
            Answered(person="li", answer=Answer.CANNOT, via="sms"),
            HandedOver(by="老周", via="desk", accepted=True),
            Answered(person="ambulance", answer=Answer.THERE, via="desk", by="老周"),
            HandedOver(by="老周", via="desk", accepted=False, reason="没有车"),
            Closed(by="老周", reason="没事"),
        )
        for event in happened:
            await made.engine.apply(incident.id, event, login="token:this machine, uid:0 root")
        open_ = await made.press()
        await made.engine.apply(open_.id, HandedOver(by="老周", via="desk", accepted=True))
        yield made


@pytest.mark.parametrize(
    "words",
    [
        ("incidents",),
        ("incidents", "--all"),
        ("show", "{first}"),
        ("show", "{open}"),
        ("tail",),
        ("devices",),
        ("people",),
        ("explain", "wang"),
        ("coverage",),
        ("exposure", "--since", "7d"),
        ("report", "--month", "2026-11"),
        ("verify",),
        ("accept", "{open}", "--by", "老周"),
        ("arrived", "{open}", "--for", "ambulance", "--by", "老周"),
    ],
    ids=" ".join,
)
async def test_a_command_speaks_no_english_in_a_chinese_terminal(station: Station, words: tuple[str, ...]) -> None:
    rows = await station.store.read(
        lambda tx: tx._connection.execute("SELECT id FROM incident ORDER BY rowid").fetchall()
    )
    first, open_ = (str(row["id"]) for row in rows)
    typed = [word.format(first=first, open=open_) for word in words]
    done = await asyncio.to_thread(alarmd, "--language", "zh", *typed, "-c", station.file, env=CHINESE)
    shown = done.out + done.err
    assert shown.strip()
    names = NAMES | {first, open_, str(station.file.parent)}
    assert [(english(line, names), line) for line in shown.splitlines() if english(line, names)] == []


def test_every_finding_of_the_check_has_a_heading_that_is_said() -> None:
    used = {
        found
        for source in (ROOT / "alarmd" / "cli").glob("*.py")
        for found in re.findall(r'Finding\(\s*ok=[^,]+,\s*what="([^"]+)"', source.read_text(encoding="utf-8"))
    }
    assert len(used) > 15
    assert used - set(_WHAT) == set()
