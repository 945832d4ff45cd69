"""`alarmd devices`: how the devices are."""

from __future__ import annotations

import json
import sys
from datetime import datetime, timedelta
from typing import Annotated

import msgspec
import typer
from rich.table import Table
from rich.text import Text

from alarmd.cli.desk import JsonOption
from alarmd.cli.log import quiet_end, resident_like
from alarmd.cli.options import ConfigOption, settings_from
from alarmd.cli.showing import age
from alarmd.cli.telling import clean
from alarmd.cli.terminal import terminal
from alarmd.clock import SystemClock
from alarmd.directory.health import Health, State, health
from alarmd.store import reading
from config.settings import Settings

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


def devices(
    config: ConfigOption = None,
    resident: Annotated[str | None, typer.Option(help="Only this resident's (id or name).", show_default=False)] = None,
    faulty: Annotated[bool, typer.Option("--faulty", help="Only those that are not well.")] = False,
    json_: JsonOption = False,
) -> None:
    """List the devices: where, last seen, what they promised, battery, and how they stand."""
    settings = settings_from(config)
    now = SystemClock().now()
    with quiet_end(), reading(settings.store.url) as tx:
        whose = resident_like(tx, resident) if resident else None
        all_ = health(tx, now=now, zone=settings.zone, resident=whose)
        found = [one for one in all_ if not faulty or one.state is not State.WELL or one.trouble]
        if json_:
            _print_json(found)
        elif not found:
            sys.stdout.write("No device that is not well.\n" if faulty else "No device is registered.\n")
        else:
            _print_devices(found, settings, now)


def _print_json(found: list[Health]) -> None:
    sys.stdout.write(json.dumps(msgspec.to_builtins(found), ensure_ascii=False, indent=2) + "\n")


def _table(*titles: str) -> Table:
    table = Table(box=None, header_style="bright_black", pad_edge=False)
    for title in titles:
        table.add_column(title, overflow="fold")
    return table


def _print_devices(found: list[Health], settings: Settings, now: datetime) -> None:
    paid = ["SIM UNTIL"] if any(one.sim_until for one in found) else []
    said = ["SAID"] if any(one.trouble for one in found) else []
    table = _table("DEVICE", "RESIDENT", "ROOM", "KIND", "LAST SEEN", "PROMISED", "BATTERY", *paid, "STATE", *said)
    for one in found:
        table.add_row(
            clean(one.id),
            Text(clean(one.name)),
            Text(clean(one.room)),
            one.kind,
            f"{one.last_seen.astimezone(settings.zone):%m-%d %H:%M:%S}" if one.last_seen else "never",
            f"every {age(timedelta(seconds=one.promised))}",
            "" if one.battery is None else f"{one.battery:.0f} %",
            *[str(one.sim_until or "") for _ in paid],
            Text(_standing(one, now), style=_STYLES[one.state]),
            *[Text(_trouble(one, now)) for _ in said],
        )
    terminal().print(table)


def _trouble(one: Health, now: datetime) -> str:
    if one.trouble_at is None:
        return ""
    return f"{clean(one.trouble)}, {age(now - one.trouble_at)} ago"


def _standing(one: Health, now: datetime) -> str:
    if one.state is State.NOT_ACTIVATED:
        return f"{one.state.value}: from {one.active_from} on"
    if one.silent_since is None:
        return one.state.value
    about = f", {one.incident}" if one.incident else ""
    return f"silent for {age(now - one.silent_since)}{about}"
