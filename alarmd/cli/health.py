"""`alarmd devices`: how the devices are."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from typing import Annotated

import msgspec
import typer

from alarmd.cli import device_list
from alarmd.cli.desk import JsonOption
from alarmd.cli.log import quiet_end, resident_like
from alarmd.cli.options import ConfigOption, seen_from
from alarmd.clock import SystemClock
from alarmd.directory.health import Health, State, each
from alarmd.store import reading
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
