"""The alert rules that are shipped: every figure they name is one that alarmd shows."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

from prometheus_client.parser import text_string_to_metric_families

from alarmd.door.stats import Stats
from escalation.texts.watching import Silence
from tests.support.commands import ROOT
from tests.support.station import Station
from tests.support.stopped_clock import StoppedClock

FILE = ROOT / "config" / "deployments" / "prometheus" / "alarmd.rules.yml"
OTHERS = {"up"}  # Prometheus' own
RULE = re.compile(
    r"      - alert: (\w+)\n"
    r"        expr: '(.+)'\n"
    r"(?:        for: \d+[sm]\n)?"
    r"        labels: { severity: (page|ticket) }\n"
    r"        annotations:\n"
    r"          summary: '(.+)'\n"
    r"          do: '(.+)'\n"
)
WORDS = {"or", "and", "absent", "increase", "rate", "sum", "by", "time", "histogram_quantile", "le", "for"}


class Rule(NamedTuple):
    """One alert rule."""

    alert: str
    expr: str
    severity: str
    summary: str
    do: str


def rules() -> list[Rule]:
    """The rules of the file, which is written one key a line and its texts in quotes, so that it reads without YAML."""
    found = RULE.findall(FILE.read_text(encoding="utf-8"))
    return [Rule(*(text.replace("''", "'") for text in parts)) for parts in found]


def figures(expression: str) -> set[str]:
    """The names of figures in an expression."""
    bare = re.sub(r"\{[^}]*\}|\[[^\]]*\]", "", expression)
    return set(re.findall(r"[a-z_]{2,}", bare)) - WORDS


def asked_for(expression: str, figure: str, label: str) -> list[str]:
    """The patterns that an expression has for a label of a figure."""
    return re.findall(rf'{figure}\{{[^}}]*{label}=~?"([^"]+)"', expression)


async def test_they_name_only_figures_that_alarmd_shows(tmp_path: Path) -> None:
    async with Station(tmp_path, clock=StoppedClock()) as station:
        station.metrics.watch_store(station.store)
        station.metrics.watch_door(Stats)
        await station.press()
        await station.log("message.refused", data={"channel": "voice"})
        await station.log("signal.quarantined", data={"reason": "unreadable"})
        await station.metrics.refresh(station.store)
        station.metrics.kept(0.1)
        station.metrics.watch.stalled("loop")
        station.metrics.watch.pinged("well", arrived=True)
        station.metrics.watch.alerted(arrived=True)
        text = station.metrics.exposition().decode()
    shown = {sample.name for family in text_string_to_metric_families(text) for sample in family.samples}
    named = {figure for rule in rules() for figure in figures(rule.expr)}
    assert len(named) > 10
    assert named - shown - OTHERS == set()


def test_they_name_only_silences_that_there_are() -> None:
    patterns = [what for rule in rules() for what in asked_for(rule.expr, "alarmd_silent", "what")]
    silences = {silence.value for silence in Silence}
    caught = {silence for silence in silences for pattern in patterns if re.fullmatch(pattern, silence)}
    assert all(any(re.fullmatch(pattern, silence) for silence in silences) for pattern in patterns)
    assert caught == silences, "every silence has its rule"


def test_every_rule_is_whole() -> None:
    """A quote or an indent too few, and Prometheus refuses the whole file."""
    text = FILE.read_text(encoding="utf-8")
    assert len(rules()) == text.count("- alert:")
    rest = RULE.sub("", text)
    assert [line for line in rest.splitlines() if line and not line.startswith("#")] == [
        "groups:",
        "  - name: alarmd",
        "    rules:",
    ]
    assert all(
        rule.expr.count(left) == rule.expr.count(right) for rule in rules() for left, right in ("()", "{}", "[]")
    )
    assert len({rule.alert for rule in rules()}) == len(rules())
