"""The operator's hands without a browser: see, accept, note, hand over, close. All through the running daemon."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from datetime import datetime
from typing import Annotated, Any

import typer

from alarmd.cli import daemon_api, from_store, persons
from alarmd.cli.ages import age
from alarmd.cli.daemon_api import NotRunningError
from alarmd.cli.errors import Exit, UserError
from alarmd.cli.lines import Part, write
from alarmd.cli.log import quiet_end
from alarmd.cli.options import ConfigOption, seen_from, settings_from
from alarmd.cli.showing import STATUS_STYLES, late, print_incident, print_troubles, subject, waits
from alarmd.cli.telling_parts import clean
from alarmd.clock import SystemClock
from alarmd.naming import named
from alarmd.web.words import status_word
from config.glance import Seen as Settings
from config.visible import shows_nothing
from config.wording import said

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
    settings = seen_from(config)
    away: NotRunningError | None = None
    try:
        found = daemon_api.get(settings, "/api/v1/incidents", all=all_, resident=resident)
        troubles = daemon_api.get(settings, "/api/v1/troubles")
    except NotRunningError as error:
        with quiet_end():
            found = from_store.incidents(settings_from(config), all_=all_, resident=resident)
        troubles, away = [], error
    with quiet_end():
        if json_:
            _print_json(found)
        else:
            print_troubles(settings, troubles, away=away)
            if found:
                _print_list(settings, found)
            else:
                sys.stdout.write((said("No incident yet.") if all_ else said("No open incident.")) + "\n")
    if away is not None:
        raise away


def show(incident: IncidentArgument, config: ConfigOption = None, json_: JsonOption = False) -> None:
    """Tell one incident from the press to now, what happens next, and whom to ring by hand."""
    settings = seen_from(config)
    path = _path(incident)
    away: NotRunningError | None = None
    try:
        found = daemon_api.get(settings, path)
        troubles = daemon_api.get(settings, "/api/v1/troubles")
    except NotRunningError as error:
        with quiet_end():
            found = from_store.incident(settings_from(config), incident)
        troubles, away = [], error
    with quiet_end():
        if json_:
            _print_json(found)
        else:
            print_troubles(settings, troubles, away=away)
            print_incident(settings, found)
    if away is not None:
        raise away


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
        raise UserError(said("a refusal needs its reason: --reason WHY"))
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
    if shows_nothing(reason or ""):
        raise UserError(said("closing needs a reason: --reason WHY"))
    _do(config, incident, "close", by, {"reason": reason, "cancel_ambulance": cancel_ambulance})


def _do(config: Any, incident: str, what: str, by: str | None, body: dict[str, Any]) -> None:
    who = persons.named(by)
    settings = seen_from(config)
    told = {key: value for key, value in body.items() if value is not None}
    after = daemon_api.post(settings, f"{_path(incident)}/{what}", {"by": who, **told})
    sentence = said("{incident} is {status}.", incident=after["id"], status=status_word(after["status"]))
    if after["next"]:
        sentence += " " + said(
            "Next, {time}: {what}.", time=_at(settings, after["next"]["at"]), what=after["next"]["what"]
        )
    with quiet_end():
        sys.stdout.write(clean(sentence) + "\n")


def _path(incident: str) -> str:
    if not incident or not all(c.isalnum() or c in "-_" for c in incident):
        raise UserError(said("there is no incident {incident!r}", incident=incident), Exit.FOUND)
    return f"/api/v1/incidents/{incident}"


def _at(settings: Settings, moment: str) -> str:
    local = datetime.fromisoformat(moment).astimezone(settings.zone)
    today = SystemClock().now().astimezone(settings.zone).date()
    return f"{local:%H:%M:%S}" if local.date() == today else f"{local:%m-%d %H:%M:%S}"


def _print_json(found: Any) -> None:
    sys.stdout.write(json.dumps(found, ensure_ascii=False, indent=2) + "\n")


def _print_list(settings: Settings, found: list[dict[str, Any]]) -> None:
    """A few lines for each: they hold on a narrow terminal, with wide characters too."""
    now = SystemClock().now()
    for i, one in enumerate(found):
        if i:
            write()
        for line in _listed(settings, one, now):
            write(*line)


def _listed(settings: Settings, one: dict[str, Any], now: datetime) -> Iterator[list[Part]]:
    opened = datetime.fromisoformat(one["opened_at"])
    end = datetime.fromisoformat(one["closed_at"]) if one["closed_at"] else now
    status = Part(status_word(one["status"]), STATUS_STYLES.get(one["status"], ""))
    kind = f"{named(one['kind'])} ×{one['presses']}" if one["presses"] > 1 else named(one["kind"])
    when = f"{opened.astimezone(settings.zone):%m-%d %H:%M:%S}"
    told = clean(f"  {kind}  {when}  ({age(end - opened)})")
    yield [Part(one["id"], "bold cyan"), Part("  "), status, Part(told)]
    who = subject(one)
    going = (
        said("taken by {names}", names=said(", ").join(one["coming"])) if one["coming"] else said("nobody has taken it")
    )
    yield [Part(clean("  " + (said("; ").join((who, going)) if not one["closed_at"] else who)))]
    if one["late_seconds"] is not None:
        yield [Part(f"  {late(settings, one)}", "bold yellow")]
    if one["waiting"]:
        yield [Part(f"  {waits(settings, one['waiting'])}", "bold red")]
    if one["next"]:
        following = said("next, {time}: {what}", time=_at(settings, one["next"]["at"]), what=one["next"]["what"])
        yield [Part(clean(f"  {following}"))]
    if one["closed_at"]:
        yield [Part(clean("  " + said("closed by {by}: {reason}", by=one["closed_by"], reason=one["close_reason"])))]
