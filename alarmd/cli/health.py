"""`alarmd devices` and `alarmd exposure`: how the devices are, and who was unprotected."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from datetime import datetime
from typing import Annotated

import msgspec
import typer
from rich.table import Table
from rich.text import Text

from alarmd.cli import device_list
from alarmd.cli.ages import age
from alarmd.cli.desk import JsonOption
from alarmd.cli.log import quiet_end, resident_like, since_from
from alarmd.cli.options import ConfigOption, seen_from, settings_from
from alarmd.cli.telling import clean
from alarmd.cli.terminal import terminal
from alarmd.clock import SystemClock
from alarmd.directory.health import Exposure, Health, State, each, exposures
from alarmd.directory.paid import SCOPE
from alarmd.store import reading
from config.glance import Seen as Settings
from config.wording import said


def devices(
    config: ConfigOption = None,
    resident: Annotated[str | None, typer.Option(help="Only this resident's (id or name).", show_default=False)] = None,
    faulty: Annotated[bool, typer.Option("--faulty", help="Only those that are not well.")] = False,
    json_: JsonOption = False,
) -> None:
    """List the devices: where, last seen, what they promised, battery, and how they stand."""
    settings = seen_from(config)
    now = SystemClock().now()
    with quiet_end(), reading(settings.store.url) as tx:
        whose = resident_like(tx, resident) if resident else None
        all_ = each(tx, now=now, zone=settings.zone, resident=whose)
        found = (one for one in all_ if not faulty or one.state is not State.WELL or one.trouble)
        if json_:
            _write_json(found)
        elif not device_list.write(found, settings.zone, now):
            nothing = said("No device that is not well.") if faulty else said("No device is registered.")
            sys.stdout.write(f"{nothing}\n")


def _write_json(found: Iterable[Health]) -> None:
    """A JSON list, each device written as it is read."""
    first = True
    for one in found:
        sys.stdout.write("[\n" if first else ",\n")
        text = json.dumps(msgspec.to_builtins(one), ensure_ascii=False, indent=2)
        sys.stdout.write("\n".join(f"  {line}" for line in text.splitlines()))
        first = False
    sys.stdout.write("[]\n" if first else "\n]\n")


def exposure(
    since: Annotated[str, typer.Option(help="A time (2026-11-21T19:30) or an age (2h, 30d).")],
    config: ConfigOption = None,
    json_: JsonOption = False,
) -> None:
    """List who was unprotected at any time since then, from when to when: a call list for after an outage."""
    settings = settings_from(config)
    now = SystemClock().now()
    with quiet_end(), reading(settings.store.url) as tx:
        found = exposures(tx, since=since_from(since, settings.zone), now=now, zone=settings.zone)
        if json_:
            _print_json(found)
        elif not found:
            sys.stdout.write("Nobody was unprotected.\n")
        else:
            _print_exposures(found, settings, now)


def _print_json(found: list[Exposure]) -> None:
    sys.stdout.write(json.dumps(msgspec.to_builtins(found), ensure_ascii=False, indent=2) + "\n")


def _table(*titles: str) -> Table:
    table = Table(box=None, header_style="bright_black", pad_edge=False)
    for title in titles:
        table.add_column(title, overflow="fold")
    return table


def _print_exposures(found: list[Exposure], settings: Settings, now: datetime) -> None:
    table = _table("RESIDENT", "PHONE", "FROM", "TO", "FOR", "WHY", "DEVICES")
    for one in found:
        everybody = one.resident is None
        until = one.until or now
        table.add_row(
            Text("everybody" if everybody else clean(f"{one.name} ({one.resident})")),
            clean(one.phone),
            f"{one.since.astimezone(settings.zone):%m-%d %H:%M:%S}",
            f"{one.until.astimezone(settings.zone):%m-%d %H:%M:%S}" if one.until else "still",
            age(until - one.since),
            _why(one),
            Text(clean(", ".join(one.devices))),
        )
    terminal().print(table)


def _why(one: Exposure) -> str:
    if one.resident is None:
        return "alarmd was not running"
    return "SIM not paid for" if one.scope == SCOPE else f"{one.scope} silent"
