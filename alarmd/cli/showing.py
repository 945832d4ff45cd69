"""One incident on the terminal: who and where, who was asked, the story with its seconds, and what comes next."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import msgspec
from rich.console import Console
from rich.text import Text

from alarmd.cli.ages import age
from alarmd.cli.telling import clean, tell
from alarmd.cli.terminal import terminal
from alarmd.clock import SystemClock
from alarmd.journal import LogEntry
from config.glance import Seen as Settings

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
_HOME = ("address", "access", "phone", "conditions", "medication", "allergies", "mobility", "notes")


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
    if found["sender"]:
        console.print(Text(clean(f"unregistered; family/address: {found['sender']}"), style="yellow"))
    if found["handoff"]:
        console.print(Text(f"hand-off to the ambulance: {found['handoff']}", style="magenta"))


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
