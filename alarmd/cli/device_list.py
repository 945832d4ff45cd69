"""The devices as a table that is written row by row, however many there are."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta, tzinfo

from alarmd.cli.ages import age
from alarmd.cli.lines import Column, Part, Table
from alarmd.cli.telling_parts import clean
from alarmd.directory.health import Health, State
from alarmd.naming import named
from config.wording import said

_STYLES = {
    State.SILENT: "bold red",
    State.NOT_ACTIVATED: "yellow",
    State.NEVER_HEARD: "bold red",
    State.SIM_ENDED: "bold red",
    State.NOT_TESTED: "bold yellow",
    State.LOW_BATTERY: "yellow",
    State.SIM_ENDING: "yellow",
    State.TESTING: "cyan",
    State.WELL: "green",
}


def write(found: Iterable[Health], zone: tzinfo, now: datetime) -> bool:
    """Write the table; False = there was none to write."""
    table: Table | None = None
    for one in found:
        if table is None:
            table = _table()
            table.head()
        table.row(_row(one, zone, now))
    return table is not None


def _table() -> Table:
    return Table(
        (
            Column(said("DEVICE"), 14, 24, whole=True),
            Column(said("RESIDENT"), 12, 24),
            Column(said("ROOM"), 8, 14, weight=2),
            Column(said("KIND"), 8, 10, weight=3),
            Column(said("LAST SEEN"), 14, 14),
            Column(said("PROMISED"), 14, 16, weight=5),
            Column(said("BATTERY"), 7, 8, weight=4),
            Column(said("SIM UNTIL"), 10, 10, weight=6),
            Column(said("STATE"), 22, 30),
            Column(said("SAID"), 14, 40, weight=7),
        )
    )


def _row(one: Health, zone: tzinfo, now: datetime) -> list[Part]:
    seen = f"{one.last_seen.astimezone(zone):%m-%d %H:%M:%S}" if one.last_seen else said("never")
    return [
        Part(clean(one.id)),
        Part(clean(one.name)),
        Part(clean(one.room)),
        Part(named(one.kind)),
        Part(seen),
        Part(said("every {time}", time=age(timedelta(seconds=one.promised)))),
        Part("" if one.battery is None else f"{one.battery:.0f} %"),
        Part(str(one.sim_until or "")),
        Part(_standing(one, now), _STYLES[one.state]),
        Part(_trouble(one, now)),
    ]


def _trouble(one: Health, now: datetime) -> str:
    if one.trouble_at is None:
        return ""
    return said("{trouble}, {time} ago", trouble=named(clean(one.trouble)), time=age(now - one.trouble_at))


def _standing(one: Health, now: datetime) -> str:
    if one.state is State.NOT_ACTIVATED:
        return said("not activated: from {day} on", day=one.active_from)
    if one.silent_since is None:
        return named(one.state.value)
    for_ = age(now - one.silent_since)
    if one.incident:
        return said("silent for {time}, {incident}", time=for_, incident=one.incident)
    return said("silent for {time}", time=for_)
