"""What `alarmd check` found: one line each, with the file and line of the key that it is about."""

from __future__ import annotations

from pathlib import Path
from types import MappingProxyType

import msgspec
from rich.cells import cell_len, set_cell_size
from rich.console import Console
from rich.text import Text

from config import bounded
from config.faults import Location, line_of, name
from config.wording import for_later, said

# What was looked at, in the order of the check.
_WHAT = MappingProxyType(
    {
        "plans": for_later("plans"),
        "web": for_later("web"),
        "door": for_later("listener"),
        "rights": for_later("rights"),
        "number": for_later("number"),
        "desk": for_later("desk"),
        "ambulance": for_later("ambulance"),
        "store": for_later("store"),
        "event log": for_later("event log"),
        "directory": for_later("directory"),
        "devices": for_later("devices"),
        "on call": for_later("on call"),
        "telephones": for_later("telephones"),
        "holidays": for_later("holidays"),
        "broker": for_later("broker"),
        "topics": for_later("topics"),
        "redelivery": for_later("redelivery"),
        "queue": for_later("queue"),
        "families": for_later("families"),
        "phone": for_later("phone"),
        "webhooks": for_later("webhooks"),
        "clock": for_later("clock"),
        "watchdog": for_later("watchdog"),
    }
)
_WIDTH = 10
_MARKS = {True: ("✓√+", "green"), None: ("?", "yellow"), False: ("✗×x", "bold red")}  # the first that can be shown


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
        self._text = bounded.read(path, bounded.SETTINGS).decode("utf-8-sig") if path else ""

    def __call__(self, location: Location) -> str:
        """``alarmd.toml:7: store.url: ``; empty where there is no key."""
        if not location or self._path is None:
            return ""
        line = line_of(self._text, location)
        return f"{self._path}{f':{line}' if line else ''}: {name(location)}: "


def show(console: Console, finding: Finding, where: Where) -> None:
    """Print it."""
    marks, style = _MARKS[finding.ok]
    mark = next(one for one in marks if _can_show(one, console.encoding))
    key = where(finding.where) if finding.ok is False else ""
    what = said(_WHAT.get(finding.what, finding.what))
    console.print(
        Text.assemble((mark, style), f" {set_cell_size(what, max(_WIDTH, cell_len(what)))} ", key, finding.text)
    )


def _can_show(sign: str, encoding: str) -> bool:
    """Whether a terminal of that encoding has the sign; a replacement would look like another finding."""
    try:
        sign.encode(encoding)
    except (UnicodeEncodeError, LookupError):
        return sign.isascii()
    return True
