"""One incident on the terminal: who and where, who was asked, the story with its seconds, and what comes next."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import msgspec
from rich.console import Console
from rich.text import Text

from alarmd.cli.telling import clean, tell
from alarmd.cli.terminal import terminal
from alarmd.clock import SystemClock
from alarmd.journal import LogEntry
from config.settings import Settings
from config.wording import for_later, said

STATUS_STYLES = {
    "opened": "bold red",
    "notifying": "bold red",
    "accepted": "yellow",
    "coming": "green",
    "arrived": "bold green",
    "closed": "blue",
}
_STANDING_STYLES = {
    "declined": "bright_black",
    "unreachable": "yellow",
    "accepted": "green",
    "coming": "green",
    "arrived": "bold green",
    "overdue": "bold yellow",
}
_DIRECTIONS = {
    "north": for_later("north"),
    "north-east": for_later("north-east"),
    "east": for_later("east"),
    "south-east": for_later("south-east"),
    "south": for_later("south"),
    "south-west": for_later("south-west"),
    "west": for_later("west"),
    "north-west": for_later("north-west"),
}
_HOME = ("address", "access", "phone", "conditions", "medication", "allergies", "mobility", "notes")


def age(passed: timedelta) -> str:
    """A stretch of time as ``4:09`` or ``1:04:09``; what is negative as nothing."""
    total = max(0, int(passed.total_seconds()))
    hours, minutes, seconds = total // 3600, total // 60 % 60, total % 60
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"


def print_incident(settings: Settings, found: dict[str, Any]) -> None:
    """Print what the API said of one incident."""
    console = terminal(lines=True)
    opened = datetime.fromisoformat(found["opened_at"])
    _heading(console, settings, found, opened)
    _home(console, found["home"])
    _people(console, settings, found["participants"])
    _story(console, settings, found, opened)
    _next(console, settings, found)


def _heading(console: Console, settings: Settings, found: dict[str, Any], opened: datetime) -> None:
    who = found["resident_name"] or found["subject"]
    head = Text(f"{found['id']}  ", style="bold cyan").append(f"{clean(who)}  ", style="bold")
    head.append(found["status"], style=STATUS_STYLES.get(found["status"], ""))
    console.print(head)
    times = "" if found["presses"] == 1 else f", pressed {found['presses']} times"
    doubt = f", doubted: {found['suspect']}" if found["suspect"] else ""
    when = f"{opened.astimezone(settings.zone):%Y-%m-%d %H:%M:%S}"
    told = f"{found['kind']} from {found['device']} at {when}{times}{doubt}; code {found['code']}"
    console.print(Text(clean(told)))
    if found.get("whereabouts"):
        console.print(
            Text(_whereabouts(found["whereabouts"]), style="bold yellow" if found["whereabouts"]["away"] else "")
        )
    if found["sender"]:
        console.print(Text(clean(f"unregistered; family/address: {found['sender']}"), style="yellow"))
    if found["handoff"]:
        console.print(Text(f"hand-off to the ambulance: {found['handoff']}", style="magenta"))


def _whereabouts(there: dict[str, Any]) -> str:
    """Where the device is, and how far that is from home."""
    position = f"{there['lat']:.5f}, {there['lon']:.5f}"
    if not there["away"]:
        return said("the device is at home, by its own position ({position})", position=position)
    if there["metres_from_home"] is None:
        where = said("the device is at {position}", position=position)
    else:
        way = _DIRECTIONS[there["direction"]]
        where = said(
            "NOT AT HOME: the device is at {position}, {metres} m {direction} of home",
            position=position,
            metres=round(there["metres_from_home"]),
            direction=said(way),
        )
    return (
        where
        if there["fresh"]
        else said("{where}; that was its last position, too old to send people there", where=where)
    )


def _home(console: Console, home: dict[str, Any] | None) -> None:
    for key in _HOME if home else ():
        if home and home[key]:
            console.print(Text(f"  {key + ':':<12} ", style="bright_black").append(clean(home[key]), style="default"))
    for reason in home["not_protected"] if home else ():
        console.print(Text(clean(f"  NOT PROTECTED: {reason}"), style="yellow"))


def _people(console: Console, settings: Settings, participants: list[dict[str, Any]]) -> None:
    if not participants:
        return
    console.print()
    for one in participants:
        way = f"{one['travel_seconds'] / 60:.0f} min away" if one["travel_seconds"] is not None else ""
        until = datetime.fromisoformat(one["arrive_by"]).astimezone(settings.zone) if one["arrive_by"] else None
        expected = f"to arrive by {until:%H:%M:%S}" if until else ""
        line = Text(f"  {one['standing']:<12} ", style=_STANDING_STYLES.get(one["standing"], "default"))
        line.append(clean(f"{one['name']} ({one['id']}), {one['role'].replace('_', ' ')}"), style="default")
        facts = ", ".join(fact for fact in (way, expected) if fact)
        console.print(line.append(f", {facts}" if facts else "", style="default"))


def _story(console: Console, settings: Settings, found: dict[str, Any], opened: datetime) -> None:
    console.print()
    names = _names(found)
    for raw in found["log"]:
        entry = msgspec.convert(raw, LogEntry)
        told = tell(entry, names)
        since = "+" + age(entry.at - opened)
        line = Text(f"  {entry.at.astimezone(settings.zone):%H:%M:%S} {since:>8}  ", style="bright_black")
        console.print(line.append(told.text, style=told.style))


def _next(console: Console, settings: Settings, found: dict[str, Any]) -> None:
    console.print()
    now = SystemClock().now()
    for deadline in found["deadlines"]:
        at = datetime.fromisoformat(deadline["at"])
        when = f"in {age(at - now)}" if at > now else f"OVERDUE by {age(now - at)}"
        console.print(
            Text(clean(f"Next, {at.astimezone(settings.zone):%H:%M:%S} ({when}): {deadline['what']}"), style="bold")
        )
    if found["closed_at"]:
        at = datetime.fromisoformat(found["closed_at"]).astimezone(settings.zone)
        text = f"Closed {at:%Y-%m-%d %H:%M:%S} by {found['closed_by']}: {found['close_reason']}"
        console.print(Text(clean(text), style="blue"))


def _names(found: dict[str, Any]) -> Callable[[str], str]:
    known = {one["id"]: one["name"] for one in found["participants"]}
    if found["home"]:
        known[found["home"]["id"]] = found["home"]["name"]
        known |= {contact["id"]: contact["name"] for contact in found["home"]["contacts"]}
        known |= {device["id"]: _device(device) for device in found["home"]["devices"]}
    return lambda id_: str(known.get(id_, id_.removeprefix("operator:")))


def _device(device: dict[str, Any]) -> str:
    return f"{device['id']} ({device['room']})" if device["room"] else str(device["id"])
