from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from tests.support.station import Station

PAGE = (Path(__file__).parents[3] / "docs" / "event-log.md").read_text(encoding="utf-8")


def _shown(language: str) -> str:
    found = re.search(rf"^```{language}\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    assert found
    return found[1]


def _checker() -> Callable[[Iterable[str]], None]:
    """The program that the page gives to an auditor."""
    names: dict[str, Callable[[Iterable[str]], None]] = {}
    exec(_shown("python"), names)  # noqa: S102 - our own page, to be proved
    return names["check"]


def test_the_entry_on_the_page_has_the_right_hash() -> None:
    _checker()([_shown("json").strip()])


async def test_the_pages_program_checks_a_real_log_and_finds_what_was_changed(tmp_path: Path) -> None:
    async with Station(tmp_path) as station:
        await station.press()
        await station.log("incident.noted", actor="Ma", data={"text": '茶 \x1b \u2028 "é"', "n": 1.5})
        entries = await station.store.read(lambda tx: [entry.as_json() for entry in station.entries(tx)])
    check = _checker()
    check(entries)
    changed = json.loads(entries[1]) | {"actor": "somebody else"}
    with pytest.raises(AssertionError, match="2"):
        check([entries[0], json.dumps(changed), *entries[2:]])
