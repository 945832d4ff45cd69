from __future__ import annotations

import ast
import itertools
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alarmd.cli import telling
from alarmd.cli.ages import age
from alarmd.journal import LogEntry

NAMES = {"li": "李强", "bed": "the button by the bed"}
CONTRACT = Path(__file__).parents[3] / "docs" / "event-log.md"


def _entry(event: str, *, actor: str = "", device: str | None = None, **data: Any) -> LogEntry:
    return LogEntry(
        seq=1, at=datetime(2026, 11, 21, tzinfo=UTC), event=event, incident="261121-7KQ2", resident="wang",
        device=device, actor=actor, data=data, prev="0" * 64, hash="1" * 64,
    )  # fmt: skip


def _told(event: str, **fields: Any) -> str:
    return telling.tell(_entry(event, **fields), lambda id_: NAMES.get(id_, id_)).text


@pytest.mark.parametrize(
    ("event", "fields", "sentence"),
    [
        (
            "signal.kept",
            {"device": "bed", "type": "sos", "family": "zigbee2mqtt", "battery": 87.0},
            "sos from the button by the bed (battery=87)",
        ),
        (
            "incident.opened",
            {"kind": "sos", "plan": "standard", "code": "4821", "cause": {"big": 1}},
            "ALARM: sos (plan standard, code 4821)",
        ),
        (
            "incident.opened",
            {"kind": "sos", "plan": "p", "code": "1", "suspect": "unparseable"},
            "ALARM: sos, doubted: unparseable (plan p, code 1)",
        ),
        (
            "incident.opened",
            {"kind": "sos", "plan": "desk", "code": "1", "text": "family alarmd; at 31.20000,121.40000; battery 12"},
            "ALARM: sos (plan desk, code 1): family alarmd; at 31.20000,121.40000; battery 12",
        ),
        (
            "device.fault",
            {"device": "bed", "count": 20, "type": "repeats"},
            "the button by the bed has a FAULT (count=20, type=repeats)",
        ),
        ("incident.raised", {"presses": 3}, "pressed again, 3 times by now"),
        (
            "device.silent",
            {"device": "bed", "count": 1, "scope": "home"},
            "the button by the bed is SILENT (count=1, scope=home)",
        ),
        (
            "device.silent",
            {"count": 5, "devices": ["a"], "scope": "gateway", "name": "home/gw1"},
            "5 devices behind home/gw1 are SILENT (devices=a, scope=gateway)",
        ),
        (
            "device.silent",
            {"count": 24, "devices": ["a"], "scope": "street", "name": "li"},
            "24 devices of 李强 are SILENT (devices=a, scope=street)",
        ),
        ("device.back", {"device": "bed", "count": 3, "devices": ["a"]}, "3 devices are back (devices=a)"),
        (
            "incident.step",
            {"step": 1, "contact": "nearest", "chosen": [{"id": "li", "name": "李强"}]},
            "step 1, nearest: asking 李强",
        ),
        (
            "incident.gap",
            {"step": 2, "contact": "contacts", "skipped": [{"name": "赵敏", "why": "off_duty"}]},
            "GAP: step 2, contacts: nobody to ask (赵敏 off duty)",
        ),
        (
            "incident.gap",
            {"actor": "li", "name": "李强", "why": "unreachable", "code": "21211"},
            "GAP: 李强 unreachable (code=21211)",
        ),
        ("incident.accepted", {"actor": "li", "name": "李强", "via": "voice"}, "李强 goes (by a key on the phone)"),
        ("incident.accepted", {"actor": "li", "via": "desk", "by": "Ma"}, "李强 goes (so Ma was told)"),
        ("incident.declined", {"actor": "li", "via": "sms", "withdrew": True}, "李强 withdraws (by text)"),
        ("incident.arrived", {"actor": "li", "via": "link"}, "李强 IS THERE (by the link)"),
        ("incident.overdue", {"actor": "li"}, "OVERDUE: 李强 ought to have arrived"),
        ("incident.noted", {"actor": "Ma", "text": "tea"}, "note by Ma: tea"),
        ("incident.noted", {"device": "bed", "reset": True}, "the device ? was reset; the incident goes on"),
        ("incident.closed", {"actor": "Ma", "reason": "tea"}, "closed by Ma: tea"),
        (
            "message.refused",
            {"actor": "li", "channel": "sms", "purpose": "ask", "code": "30003", "remedy": "x"},
            "text to 李强 was REFUSED [ask] (code=30003)",
        ),
        (
            "handoff.queued",
            {"version": 1, "to": [{"id": "line", "name": "急救线"}]},
            "ambulance: hand-off rings to 急救线 (version=1)",
        ),
        (
            "provider.down",
            {"provider": "twilio:AC", "code": "20003"},
            "phone provider DOWN (provider=twilio:AC, code=20003)",
        ),
        ("something.new", {"a": 1}, "something.new (a=1)"),
    ],
)
def test_each_entry_is_a_sentence(event: str, fields: dict[str, Any], sentence: str) -> None:
    assert _told(event, **fields) == sentence


FIX = {"lat": 39.9735, "lon": 116.4407, "at": "2026-11-21T11:30:00Z", "accuracy_m": 12.0, "age_s": 0.0}


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (
            {"moved": True, "fix": FIX},
            "the device the button by the bed is somewhere else by now: 39.97350,116.44070, within 12 m",
        ),
        (
            {"moved": True, "fix": FIX | {"accuracy_m": None}},
            "the device the button by the bed is somewhere else by now: 39.97350,116.44070",
        ),
        ({"moved": True}, "the device the button by the bed is somewhere else by now"),
    ],
)
def test_a_device_that_moved_is_no_person(data: dict[str, Any], sentence: str) -> None:
    entry = _entry("incident.noted")
    entry = entry.__class__(**{**_fields(), "event": "incident.noted", "data": {"device": "bed"} | data})
    assert telling.tell(entry, lambda id_: NAMES.get(id_, id_)).text == sentence


VALUES: dict[str, list[Any]] = {
    "answer": ["go", "cannot", "there", "well"],
    "handed_over": [True, False],
    "well": [True, False],
    "fix": [FIX],
    "device": ["bed"],
    "name": ["李强"],
    "via": ["sms"],
    "text": ["tea"],
    "what": ["silence of a street"],
    "signal": [7],
    "verify": ["no answer"],
}


AFTER_THE_CLOSE = ({"answer", "via"}, {"text"}, {"handed_over"}, {"text", "via"})
"""What `escalation.rooms.ended` notes, by the kind of what was said."""


def _noted() -> list[set[str]]:
    """What the story writes with ``incident.noted``: the names of the facts of each place."""
    found = []
    for path in (CONTRACT.parents[1] / "escalation").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            first = node.args[0] if isinstance(node, ast.Call) and node.args else None
            if isinstance(node, ast.Call) and isinstance(first, ast.Constant) and first.value == "incident.noted":
                found.append({keyword.arg for keyword in node.keywords if keyword.arg is not None})
    return [*found, *({"actor", "after_close", *facts} for facts in AFTER_THE_CLOSE)]


@pytest.mark.parametrize("names", _noted(), ids=lambda names: "-".join(sorted(names)))
def test_whatever_is_noted_is_told_in_a_sentence_and_not_in_bare_facts(names: set[str]) -> None:
    for values in itertools.product(*(VALUES.get(name, [True]) for name in sorted(names - {"actor"}))):
        data = dict(zip(sorted(names - {"actor"}), values, strict=True))
        fields = {**_fields(), "event": "incident.noted", "data": data, "actor": "li" if "actor" in names else ""}
        text = telling.tell(_entry("x").__class__(**fields), lambda id_: NAMES.get(id_, id_)).text
        assert "=" not in text
        assert "somebody" not in text


def test_every_event_of_the_documentation_has_its_sentence() -> None:
    documented = set(re.findall(r"^\| `([a-z]+\.[a-z]+)`", CONTRACT.read_text(encoding="utf-8"), re.MULTILINE))
    assert len(documented) > 30
    assert documented == set(telling._TELL)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
_KEYS = st.sampled_from(["name", "chosen", "skipped", "to", "step", "text", "via", "by", "why", "kind", "channel"])


@given(event=st.sampled_from(sorted(telling._TELL)), data=st.dictionaries(_KEYS | st.text(), _JSON, max_size=5))
def test_whatever_a_device_says_it_stays_one_line_that_no_terminal_obeys(event: str, data: dict[str, Any]) -> None:
    text = telling.tell(_entry(event).__class__(**{**_fields(), "event": event, "data": data}), str).text
    assert text.isprintable() or not any(c in text for c in "\n\r\x1b\x07\u2028\u202e\x9b")


def _fields() -> dict[str, Any]:
    entry = _entry("x")
    return {name: getattr(entry, name) for name in entry.__struct_fields__}


@pytest.mark.parametrize(("seconds", "text"), [(0, "0:00"), (249, "4:09"), (3849, "1:04:09"), (-5, "0:00")])
def test_an_age_is_read_at_a_glance(seconds: int, text: str) -> None:
    assert age(timedelta(seconds=seconds)) == text


@pytest.mark.parametrize(
    ("data", "told"),
    [
        ({"recovered": True, "what": "bed"}, "all of it is heard again (bed); a person has yet to close it"),
        ({"verify": "no answer", "name": "王秀英"}, "王秀英 was asked at home and gave no answer"),
        (
            {"well": True, "name": "王秀英", "via": "voice"},
            "王秀英 was asked at home: ALL IS WELL (by a key on the phone)",
        ),
        ({"well": False, "name": "王秀英"}, "王秀英 was asked at home: NEEDS HELP"),
    ],
)
def test_it_tells_what_the_resident_said_and_that_a_device_is_back(data: dict[str, object], told: str) -> None:
    assert _told("incident.noted", **data) == told
