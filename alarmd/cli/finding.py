"""What `alarmd check` found: one line each, with the file and line of the key that it is about."""

from __future__ import annotations

from pathlib import Path

import msgspec
from rich.console import Console
from rich.text import Text

from config.faults import Location, line_of, name

_MARKS = {True: ("✓", "green"), None: ("?", "yellow"), False: ("✗", "bold red")}


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the check: what was looked at, where it is set, and what was found; ``ok`` is None if not tried."""

    ok: bool | None
    what: str
    text: str
    where: Location = ()


class Where:
    """Names the file and line of a key."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._text = path.read_text(encoding="utf-8-sig") if path else ""

    def __call__(self, location: Location) -> str:
        """``alarmd.toml:7: store.url: ``; empty where there is no key."""
        if not location or self._path is None:
            return ""
        line = line_of(self._text, location)
        return f"{self._path}{f':{line}' if line else ''}: {name(location)}: "


def show(console: Console, finding: Finding, where: Where) -> None:
    """Print it."""
    mark, style = _MARKS[finding.ok]
    key = where(finding.where) if finding.ok is False else ""
    console.print(Text.assemble((mark, style), f" {finding.what:<10} ", key, finding.text))
