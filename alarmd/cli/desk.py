"""The operator's hands without a browser: see, accept, note, hand over, close. All through the running daemon."""

from __future__ import annotations

import json
import sys
from datetime import datetime
from typing import Annotated, Any

import typer
from rich.table import Table
from rich.text import Text

from alarmd.cli import daemon_api
from alarmd.cli.ages import age
from alarmd.cli.errors import Exit, UserError
from alarmd.cli.log import quiet_end
from alarmd.cli.options import ConfigOption
from alarmd.cli.options import seen_from as settings_from
from alarmd.cli.showing import STATUS_STYLES, print_incident
from alarmd.cli.telling import clean
from alarmd.cli.terminal import terminal
from alarmd.clock import SystemClock
from config.glance import Seen as Settings

IncidentArgument = Annotated[
    str,
    typer.Argument(metavar="INCIDENT", help="Its reference, or a unique beginning or end of it.", show_default=False),
]
JsonOption = Annotated[bool, typer.Option("--json", help="As JSON, for machines.")]
ByOption = Annotated[
    str | None, typer.Option("--by", "--who", help="Who does this: your name. Needed.", show_default=False)
]
ForOption = Annotated[
    str | None, typer.Option("--for", help="The responder (id or name) who told you so.", show_default=False)
]


def incidents(
    config: ConfigOption = None,
    all_: Annotated[bool, typer.Option("--all", help="Closed ones too.")] = False,
    resident: Annotated[str | None, typer.Option(help="Only this resident's (id).", show_default=False)] = None,
    json_: JsonOption = False,
) -> None:
    """List the open incidents: who, since when, who goes, what happens next."""
    settings = settings_from(config)
    found = daemon_api.get(settings, "/api/v1/incidents", all=all_, resident=resident)
    with quiet_end():
        if json_:
            _print_json(found)
        elif not found:
            sys.stdout.write("No incident yet.\n" if all_ else "No open incident.\n")
        else:
            _print_list(settings, found)


def show(incident: IncidentArgument, config: ConfigOption = None, json_: JsonOption = False) -> None:
    """Tell one incident from the press to now, and what happens next."""
    settings = settings_from(config)
    found = daemon_api.get(settings, _path(incident))
    with quiet_end():
        if json_:
            _print_json(found)
        else:
            print_incident(settings, found)


def accept(
    incident: IncidentArgument, by: ByOption = None, for_: ForOption = None, config: ConfigOption = None
) -> None:
    """Take an incident: for the responder who told you "I go", or else yourself at the desk."""
    _do(config, incident, "accept", by, {"for": for_})


def coming(
    incident: IncidentArgument, by: ByOption = None, for_: ForOption = None, config: ConfigOption = None
) -> None:
    """Somebody is on the way: the named responder, or whoever accepted."""
    _do(config, incident, "coming", by, {"for": for_})


def arrived(
    incident: IncidentArgument, by: ByOption = None, for_: ForOption = None, config: ConfigOption = None
) -> None:
    """Somebody is at the door: the named responder, or whoever accepted."""
    _do(config, incident, "arrived", by, {"for": for_})


def note(
    incident: IncidentArgument,
    text: Annotated[str, typer.Argument(help="What ought to be on record.", show_default=False)],
    by: ByOption = None,
    config: ConfigOption = None,
) -> None:
    """Put something on record, also after the close."""
    _do(config, incident, "note", by, {"text": text})


def handed_over(
    incident: IncidentArgument,
    by: ByOption = None,
    refused: Annotated[bool, typer.Option("--refused", help="The ambulance did not take it.")] = False,
    reason: Annotated[
        str | None, typer.Option("--reason", "--why", help="Why it was refused.", show_default=False)
    ] = None,
    config: ConfigOption = None,
) -> None:
    """The ambulance has taken the case (or refused it): said to you, so say it here."""
    if refused and not (reason or "").strip():
        raise UserError("a refusal needs its reason: --reason WHY")
    _do(config, incident, "handoff", by, {"accepted": not refused, "reason": reason or ""})


def close(
    incident: IncidentArgument,
    by: ByOption = None,
    reason: Annotated[
        str | None, typer.Option("--reason", "--why", help="What it was and how it ended. Needed.", show_default=False)
    ] = None,
    cancel_ambulance: Annotated[
        bool, typer.Option("--cancel-ambulance", help="Take back a hand-off that the ambulance has accepted.")
    ] = False,
    config: ConfigOption = None,
) -> None:
    """Close an incident: only a person does, and says why. It is never opened again."""
    if not (reason or "").strip():
        raise UserError("closing needs a reason: --reason WHY")
    _do(config, incident, "close", by, {"reason": reason, "cancel_ambulance": cancel_ambulance})


def _do(config: Any, incident: str, what: str, by: str | None, body: dict[str, Any]) -> None:
    if not (by or "").strip():
        raise UserError("say who you are: --by NAME; it goes on record")
    settings = settings_from(config)
    said = {key: value for key, value in body.items() if value is not None}
    after = daemon_api.post(settings, f"{_path(incident)}/{what}", {"by": by, **said})
    following = f"; next, {_at(settings, after['next']['at'])}: {after['next']['what']}" if after["next"] else ""
    with quiet_end():
        sys.stdout.write(clean(f"{after['id']} is {after['status']}{following}.") + "\n")


def _path(incident: str) -> str:
    if not incident or not all(c.isalnum() or c in "-_" for c in incident):
        raise UserError(f"there is no incident {incident!r}", Exit.FOUND)
    return f"/api/v1/incidents/{incident}"


def _at(settings: Settings, moment: str) -> str:
    local = datetime.fromisoformat(moment).astimezone(settings.zone)
    today = SystemClock().now().astimezone(settings.zone).date()
    return f"{local:%H:%M:%S}" if local.date() == today else f"{local:%m-%d %H:%M:%S}"


def _print_json(found: Any) -> None:
    sys.stdout.write(json.dumps(found, ensure_ascii=False, indent=2) + "\n")


def _print_list(settings: Settings, found: list[dict[str, Any]]) -> None:
    now = SystemClock().now()
    table = Table(box=None, header_style="bright_black", pad_edge=False)
    for title in ("INCIDENT", "SINCE", "AGE", "STATUS", "WHAT", "WHO", "ON THE WAY", "NEXT"):
        table.add_column(title, overflow="fold", no_wrap=title in {"INCIDENT", "SINCE", "AGE", "STATUS"})
    for one in found:
        opened = datetime.fromisoformat(one["opened_at"])
        end = datetime.fromisoformat(one["closed_at"]) if one["closed_at"] else now
        following = f"{_at(settings, one['next']['at'])} {one['next']['what']}" if one["next"] else ""
        closed = f"closed by {one['closed_by']}: {one['close_reason']}" if one["closed_at"] else ""
        table.add_row(
            one["id"],
            f"{opened.astimezone(settings.zone):%m-%d %H:%M:%S}",
            age(end - opened),
            Text(one["status"], style=STATUS_STYLES.get(one["status"], "")),
            clean(f"{one['kind']} ×{one['presses']}" if one["presses"] > 1 else one["kind"]),
            Text(clean(one["resident_name"] or one["subject"])),
            Text(clean(", ".join(one["coming"]) or "nobody yet")),
            Text(clean(following or closed)),
        )
    terminal().print(table)
