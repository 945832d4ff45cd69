"""Scenarios: what people do, and how the story must end. One TOML file each in ``scenarios/``."""

from __future__ import annotations

import tomllib
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec

from escalation.plan import seconds
from simulators.habits import Habit

HERE = Path(__file__).parent / "scenarios"
DEFAULT = "neighbour-comes"


class Line(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How the dispatch centre behaves; see `simulators.dispatch.DispatchCentre`."""

    answers_after: float = 4.0
    confirms: str = "1"
    drive: float = 480.0


class Starts(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When the story begins: local time, ``HH:MM``."""

    at: str = "15:20"


class Ending(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How it must end.

    Attributes:
        needs: Entries of the event log, each the event and, where it matters, the actor; in this order.
        never: Entries that must not be there.
        untouched: People whose telephones must have stayed silent.
        within: How long after the press, in story time, at the latest.
    """

    needs: tuple[str, ...]
    never: tuple[str, ...] = ()
    untouched: tuple[str, ...] = ()
    within: str = "15m"


class Scenario(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One story.

    Attributes:
        signal: What the device says.
        device: Which device.
        title: By language.
        story: By language.
        people: Habits by a person's id; everybody else lets it ring.
        line: The dispatch centre.
        first_provider: ``up`` or ``down``.
        starts: The hour.
        ending: How it must end.
        name: The file's name.
    """

    signal: str
    device: str
    title: dict[str, str]
    story: dict[str, str]
    ending: Ending
    people: dict[str, Habit] = msgspec.field(default_factory=dict)
    line: Line = msgspec.field(default_factory=Line)
    first_provider: str = "up"
    starts: Starts = msgspec.field(default_factory=Starts)
    name: str = ""

    @property
    def limit(self) -> float:
        """Seconds of story time within which it must have ended."""
        return seconds(self.ending.within, f"{self.name}: ending.within")


def names() -> tuple[str, ...]:
    """All scenarios, the default first."""
    found = sorted(path.stem for path in HERE.glob("*.toml"))
    return (DEFAULT, *(name for name in found if name != DEFAULT))


def load(name: str) -> Scenario:
    """Read one scenario.

    Raises:
        LookupError: There is none of that name.
    """
    path = HERE / f"{name}.toml"
    if name not in names():
        raise LookupError(f"there is no scenario {name!r}; there are {', '.join(names())}")
    return msgspec.convert({**tomllib.loads(path.read_text(encoding="utf-8")), "name": name}, Scenario)


def beginning(starts: Starts, zone: ZoneInfo, today: datetime) -> datetime:
    """The instant at which the story begins: that hour, on this day, in the neighbourhood."""
    hour, minute = starts.at.split(":")
    return today.astimezone(zone).replace(hour=int(hour), minute=int(minute), second=0, microsecond=0)
