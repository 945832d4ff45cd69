"""`alarmd exposure`: who was unprotected from when to when, as a list to be rung through by hand."""

from __future__ import annotations

import csv
import itertools
import json
import sys
from collections.abc import Iterable, Iterator
from datetime import datetime
from types import MappingProxyType
from typing import Annotated

import msgspec
import typer

from alarmd.cli.ages import age
from alarmd.cli.log import quiet_end, since_from
from alarmd.cli.options import ConfigOption, settings_from
from alarmd.cli.telling_parts import clean
from alarmd.clock import SystemClock
from alarmd.directory.exposing import Home, Reason, Span, exposures, of_everybody
from alarmd.store import reading
from config.settings import Settings
from config.wording import for_later, said

_WHY = MappingProxyType(
    {
        Reason.AWAY: for_later("alarmd was not running"),
        Reason.BROKER: for_later("no connection to the MQTT broker"),
        Reason.HEARING: for_later("the MQTT broker passed nothing on"),
        Reason.CANARY: for_later("alarmd's own test press did not get through"),
        Reason.WRITER: for_later("the store did not answer"),
        Reason.PHONES: for_later("no phone provider worked: nobody could be rung"),
        Reason.ALL: for_later("silent, like every device"),
        Reason.GATEWAY: for_later("silent, with its gateway"),
        Reason.STREET: for_later("silent, with the street"),
        Reason.HOME: for_later("silent"),
        Reason.SIM: for_later("SIM not paid for"),
        Reason.UNTESTED: for_later("not commissioned: its test never arrived"),
        Reason.NEVER_HEARD: for_later("not commissioned: never heard"),
        Reason.TESTING: for_later("in test mode"),
        Reason.NOBODY_NEAR: for_later("nobody on duty near enough"),
        Reason.NO_POSITION: for_later("no position: nobody is known to be near"),
        Reason.UNKNOWN: for_later("unprotected"),
    }
)
_COLUMNS = (
    "resident",
    "name",
    "phone",
    "address",
    "contact",
    "contact_phone",
    "since",
    "until",
    "seconds",
    "scope",
    "why",
    "devices",
    "incident",
)


def exposure(
    since: Annotated[str, typer.Option(help="A time (2026-11-21T19:30) or an age (2h, 30d).")],
    config: ConfigOption = None,
    json_: Annotated[bool, typer.Option("--json", help="As JSON, for machines.")] = False,
    csv_: Annotated[bool, typer.Option("--csv", help="As CSV, for a spreadsheet: one line for each time.")] = False,
) -> None:
    """List who was unprotected at any time since then, from when to when and why: a call list, home by home."""
    settings = settings_from(config)
    now = SystemClock().now()
    with quiet_end(), reading(settings.store.url) as tx:
        begun = since_from(since, settings.zone)
        homes = exposures(tx, since=begun, now=now, settings=settings)
        if json_:
            _write_json(homes, now)
        elif csv_:
            _write_csv(homes, settings, now)
        else:
            _write_list(of_everybody(tx, since=begun, now=now), homes, settings, now)


def _write_json(homes: Iterable[Home], now: datetime) -> None:
    """One list, written as it is found."""
    between = "["
    for home in homes:
        for span in home.spans:
            row = msgspec.to_builtins(home) | msgspec.to_builtins(span)
            row |= {"scope": row.pop("why"), "why": _why(span), "seconds": _seconds(span, now)}
            del row["spans"]
            facts = json.dumps({name: row[name] for name in _COLUMNS}, ensure_ascii=False)
            sys.stdout.write(f"{between}\n  {facts}")
            between = ","
    sys.stdout.write("[]\n" if between == "[" else "\n]\n")


def _write_csv(homes: Iterable[Home], settings: Settings, now: datetime) -> None:
    """For a spreadsheet: times in the service's zone, as people say them."""
    rows = csv.writer(sys.stdout, lineterminator="\n")
    rows.writerow(_COLUMNS)
    for home in homes:
        for span in home.spans:
            since, until = (
                f"{moment.astimezone(settings.zone):%Y-%m-%d %H:%M:%S}" if moment else ""
                for moment in (span.since, span.until)
            )
            whose = (home.resident, home.name, home.phone, home.address, home.contact, home.contact_phone)
            lasted = _seconds(span, now)
            what = (
                "" if lasted is None else lasted,
                span.why.value,
                _why(span),
                ";".join(span.devices),
                span.incident or "",
            )
            rows.writerow([_cell(str(value)) for value in (*whose, since, until, *what)])


def _cell(text: str) -> str:
    """A name that begins like a formula must not be one in a spreadsheet; a telephone number may begin with +."""
    formula = text[:1] in {"=", "@", "\t"} or (text[:1] in {"+", "-"} and not text[1:].replace(" ", "").isdigit())
    return f"'{text}" if formula else text


def _write_list(shared: tuple[Span, ...], homes: Iterator[Home], settings: Settings, now: datetime) -> None:
    first = next(homes, None)
    if first is None:
        sys.stdout.write(said("Nobody was unprotected.") + "\n")
        return
    for span in shared:
        sys.stdout.write(said("Every home: {span}", span=_told(span, settings, now)) + "\n")
    if shared:
        sys.stdout.write("\n")
    count = 0
    for home in itertools.chain((first,), homes):
        count += 1
        sys.stdout.write(_called(home))
        for span in home.spans:
            sys.stdout.write(f"  {_told(span, settings, now)}\n")
    sys.stdout.write("\n" + said("Homes to be rung: {count}", count=count) + "\n")


def _called(home: Home) -> str:
    """Whom to ring: the resident, then the first contact."""
    phone = home.phone or said("no telephone")
    lines = [f"{home.name} ({home.resident})  {phone}"]
    if home.address:
        lines.append(f"  {home.address}")
    if home.contact:
        lines.append("  " + said("first contact: {name} {phone}", name=home.contact, phone=home.contact_phone))
    return "".join(clean(line) + "\n" for line in lines)


def _told(span: Span, settings: Settings, now: datetime) -> str:
    since = f"{span.since.astimezone(settings.zone):%m-%d %H:%M:%S}" if span.since else said("always")
    until = f"{span.until.astimezone(settings.zone):%m-%d %H:%M:%S}" if span.until else said("still")
    lasted = f" ({age((span.until or now) - span.since)})" if span.since else ""
    devices = f" [{', '.join(span.devices)}]" if span.devices else ""
    return clean(f"{since} – {until}{lasted}  {_why(span)}{devices}")


def _why(span: Span) -> str:
    return said(_WHY[span.why])


def _seconds(span: Span, now: datetime) -> int | None:
    return None if span.since is None else round(((span.until or now) - span.since).total_seconds())
