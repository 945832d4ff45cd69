"""The parts of a line that tells an entry of the event log: who, how, and the facts that no sentence told."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping
from typing import Any

from alarmd.cli import telling_values
from alarmd.journal import LogEntry
from alarmd.naming import fact_name
from config.wording import for_later, said

Names = Callable[[str], str]
"""The name of a person, resident, circle or device id; the id itself where there is none."""
_INNER = {"login", "cause", "attempt", "sid", "skipped", "token"}  # for machines; `alarmd tail --json` has them
AMBULANCE = "ambulance"


def clean(text: str) -> str:
    """One line without anything that a terminal would obey: devices and text messages may say what they like."""
    if text.isprintable():
        return text
    return "".join(" " if unicodedata.category(c) in {"Cc", "Cf", "Zl", "Zp"} else c for c in text)


def with_facts(sentence: str, data: Mapping[str, Any], *, but: tuple[str, ...]) -> str:
    """The sentence and the facts it did not tell."""
    left = {k: v for k, v in data.items() if k not in _INNER and k not in but and v not in (None, "", [], {}, False)}
    facts = said(", ").join(f"{fact_name(key)}={_fact(key, value)}" for key, value in left.items())
    return said("{sentence} ({facts})", sentence=sentence, facts=facts) if facts else sentence


def _fact(key: str, value: Any) -> str:
    """A fact; of those whose words are alarmd's own, in the reader's language."""
    if value is True:
        return said("yes")
    return telling_values.of(key, value) if isinstance(value, str) else short(value)


def short(value: Any) -> str:
    """A value in few words: of a person or thing the name, else the id."""
    if isinstance(value, list):
        return ", ".join(short(v) for v in value)
    if isinstance(value, Mapping):
        return str(value.get("name") or value.get("id") or "; ".join(f"{k}:{short(v)}" for k, v in value.items()))
    return f"{value:g}" if isinstance(value, float) else str(value)


def _listed(parts: list[str]) -> str:
    return said(", ").join(parts)


def who(entry: LogEntry, names: Names) -> str:
    """Who did it."""
    if entry.actor == AMBULANCE:
        return said("the ambulance")
    return str(entry.data.get("name") or "") or names(entry.actor) or entry.actor or said("somebody")


def people(value: Any, names: Names) -> str:
    """Several people, by name."""
    if not isinstance(value, list) or not value:
        return said("nobody")
    return _listed(
        [str(one.get("name") or one.get("id")) if isinstance(one, Mapping) else names(str(one)) for one in value]
    )


_VIA = {
    "voice": for_later(" (by a key on the phone)"),
    "sms": for_later(" (by text)"),
    "link": for_later(" (by the link)"),
}


def via_of(entry: LogEntry) -> str:
    """By which way somebody said it, in brackets; empty where it goes without saying."""
    via, by = str(entry.data.get("via") or ""), str(entry.data.get("by") or "")
    if via == "desk":
        if by in {"", entry.data.get("name")}:
            return said(" (at the desk)")
        return said(" (so {operator} was told)", operator=by)
    return said(_VIA[via]) if via in _VIA else ""
