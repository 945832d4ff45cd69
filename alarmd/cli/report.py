"""`alarmd report`: one month's figures from the event log."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Annotated, Any

import msgspec
import typer
from rich.table import Table

from alarmd import journal
from alarmd.cli.errors import UserError
from alarmd.cli.log import quiet_end
from alarmd.cli.options import ConfigOption, settings_from
from alarmd.cli.telling_parts import clean
from alarmd.cli.terminal import terminal
from alarmd.clock import SystemClock
from alarmd.directory import lookup, retiring
from alarmd.figures import Apart, Figures, Month, Share, Spread
from alarmd.figures import month as month_of
from alarmd.naming import called
from alarmd.store import Transaction, reading
from config.settings import Settings
from config.wording import said
from escalation.people import Circle, Resident, Responder, Role, Tier

_MONTH = re.compile(r"[12][0-9]{3}-(?:0[1-9]|1[0-2])")
_Row = tuple[str, str, str]


def report(
    month: Annotated[
        str, typer.Option(metavar="YYYY-MM", help="Which month, in the service's time zone.", show_default=False)
    ],
    config: ConfigOption = None,
    json_: Annotated[bool, typer.Option("--json", help="As JSON; times in seconds.")] = False,
) -> None:
    """The figures that centres are held to: contact, an operator's answer, acceptance, arrival, hand-over."""
    settings = settings_from(config)
    start, end = _span(month, settings)
    now = SystemClock().now()
    with quiet_end():
        with reading(settings.store.url) as tx:
            gone = retiring.values(tx)  # the month's figures do not change because somebody left since
            desk = {one.id for one in lookup.responders_of_role(tx, Role.DESK)} | _desk_of(gone)
            entries = journal.read(tx, since=start)
            found = month_of(entries, start, end, operators=desk, centre_of=_centres(tx, gone))
        if json_:
            shown = {"month": month, "timezone": settings.service.timezone, "over": end <= now, **_as_json(found)}
            sys.stdout.write(json.dumps(shown, ensure_ascii=False, indent=2) + "\n")
        else:
            so_far = "" if end <= now else said("the month so far") if start <= now else said("not begun yet")
            _print(settings, month, found, so_far)


def _span(month: str, settings: Settings) -> tuple[datetime, datetime]:
    """From its first moment to the next month's, by the service's own clock."""
    if not _MONTH.fullmatch(month):
        raise UserError(said("--month {month}: write it as 2026-11", month=repr(month)))
    start = datetime.fromisoformat(f"{month}-01").replace(tzinfo=settings.zone)
    return start, start.replace(year=start.year + start.month // 12, month=start.month % 12 + 1)


def _desk_of(gone: retiring.Gone) -> set[str]:
    """The desk's people among those who were retired."""
    return {
        id_
        for id_, (_, value) in gone.get("responder", {}).items()
        if isinstance(value, Responder) and value.role is Role.DESK
    }


def _centres(tx: Transaction, gone: retiring.Gone) -> Callable[[str], str]:
    """The name of a resident's centre: the street's of their circle, else the uppermost above it."""
    left = [value for one in gone.values() for _, value in one.values()]
    circles = {one.id: one for one in (*left, *lookup.circles(tx)) if isinstance(one, Circle)}
    circle_of = {one.id: one.circle for one in (*left, *lookup.residents(tx)) if isinstance(one, Resident)}

    def chain(id_: str) -> Iterator[Circle]:
        seen: set[str] = set()
        while id_ in circles and id_ not in seen:
            seen.add(id_)
            yield circles[id_]
            id_ = circles[id_].parent

    def centre(resident: str) -> str:
        above = list(chain(circle_of.get(resident, "")))
        street = next((one for one in above if one.tier is Tier.STREET), above[-1] if above else None)
        return (street.name or street.id) if street else ""

    return centre


def _as_json(found: Month) -> dict[str, Any]:
    """The month's figures on the first level, as ever; then the centres' and what is apart."""
    return {
        **_plain(found.all),
        "centres": {name: _plain(figures) for name, figures in found.centres.items()},
        "apart": msgspec.to_builtins(found.apart),
    }


def _plain(found: Figures) -> dict[str, Any]:
    def plain(value: Any) -> Any:
        if isinstance(value, Share):
            return {"count": value.count, "of": value.of, "percent": value.percent}
        return msgspec.to_builtins(value)

    return {name: plain(value) for name, value in msgspec.structs.asdict(found).items()}


# ---------------------------------------------------------------- for eyes


def _print(settings: Settings, month: str, found: Month, so_far: str) -> None:
    title = f"{month} ({settings.service.timezone})" + (f", {so_far}" if so_far else "")
    table = Table(title=title, title_justify="left", show_header=False)
    table.add_column(overflow="fold")
    table.add_column(justify="right", overflow="fold")
    table.add_column(style="bright_black", overflow="fold", ratio=1)
    sections = (_alarms, _operators, _people, _waiting, _faults)
    for section in sections:
        rows = list(section(found.all))
        for row in rows:
            table.add_row(*row, end_section=row is rows[-1])
    for row in _apart(found.apart):
        table.add_row(*row)
    console = terminal()
    console.print(table)
    if found.centres:
        console.print(_by_centre(found))


def _alarms(found: Figures) -> Iterator[_Row]:
    kinds = ", ".join(f"{clean(called(kind))} {n}" for kind, n in found.by_kind.items())
    yield said("alarms of residents"), str(found.incidents), kinds
    yield said("first contact"), _times(found.first_contact), said("a provider took the first text or call")


def _operators(found: Figures) -> Iterator[_Row]:
    held = said(
        "EN 50134-7, TSA: an operator's answer to {number} of {all}", number=found.answered.count, all=found.incidents
    )
    yield said("answered by the desk"), _times(found.answered), held
    yield said("- in 60 s"), _share(found.answered_in_60), said("held to: 97.5 % (TSA); 98.5 % (older EN)")
    yield said("- in 180 s"), _share(found.answered_in_180), said("held to: 99 % (TSA)")
    asked = said(
        "the desk was asked in {number} of {all}; the plan asks neighbours first",
        number=found.desk_asked,
        all=found.incidents,
    )
    yield said("- once asked"), _times(found.answered_once_asked), asked


def _people(found: Figures) -> Iterator[_Row]:
    yield said("answered by people"), _times(found.responder), said("who were asked to come; yes or no")
    yield said("accepted"), _share(found.accepted), said("somebody goes, or the ambulance")
    yield said("- after"), _times(found.accepting), ""
    yield said("arrived"), _share(found.arrived), said("somebody said they were at the door")
    yield said("- after"), _times(found.arriving), ""
    yield said("- in 15 minutes"), _share(found.arrived_in_15_min), said("the care circle's promise")
    yield said("ambulance"), _share(found.handed_over), said("confirmed the hand-off")


def _waiting(found: Figures) -> Iterator[_Row]:
    """Alarms that came late, from the press itself; nothing where there were none."""
    if not found.late:
        return
    yield said("received late"), str(found.late), said("pressed before, waited {times}", times=_times(found.waited))
    yield said("- desk's answer"), _times(found.answered_from_the_press), said("from the press itself")
    yield said("- accepted"), _times(found.accepting_from_the_press), said("from the press itself")
    yield said("- arrived"), _times(found.arriving_from_the_press), said("from the press itself")
    yield said("- in 15 minutes"), _share(found.arrived_in_15_min_of_the_press), said("of all alarms, from the press")


def _faults(found: Figures) -> Iterator[_Row]:
    yield said("pressed again"), str(found.raised), ""
    yield said("accepted and late"), str(found.overdue), ""
    yield said("gaps"), str(found.gaps), said("nobody to ask, or not to be reached")
    yield said("refused messages"), str(found.messages_refused), said("texts and calls")
    yield said("still open"), str(found.still_open), ""


def _apart(found: Apart) -> Iterator[_Row]:
    """What is in none of the figures above."""
    apart = said("in no figure above")
    yield (
        said("tests"),
        str(found.tests),
        said("{number} triggers commissioned; in no figure above", number=found.commissioned),
    )
    yield (
        said("unregistered"),
        str(found.unregistered),
        said("alarms of devices that nobody registered; in no figure above"),
    )
    yield said("of devices"), str(found.technical), said("silence, SIM cards; in no figure above")
    yield (
        said("simulated"),
        str(found.simulated),
        said("alarms that rang simulated phones only") if found.simulated else apart,
    )


def _by_centre(found: Month) -> Table:
    table = Table(title=said("By centre"), title_justify="left")
    for heading in (
        said("centre"),
        said("alarms"),
        said("desk in 60 s"),
        said("in 180 s"),
        said("accepted after"),
        said("at the door in 15 min"),
    ):
        table.add_column(heading, overflow="fold")
    for name, one in found.centres.items():
        table.add_row(
            clean(name),
            str(one.incidents),
            _short(one.answered_in_60),
            _short(one.answered_in_180),
            _times(one.accepting),
            _short(one.arrived_in_15_min),
        )
    return table


def _times(spread: Spread) -> str:
    if spread.p50 is None or spread.p90 is None:
        return "–"
    return said("median {half}, 90 % in {most}", half=_seconds(spread.p50), most=_seconds(spread.p90))


def _seconds(value: float) -> str:
    minute, hour = 60, 3600
    if round(value, 1) < minute:
        return said("{seconds} s", seconds=f"{value:.1f}")
    whole = round(value)
    if whole < hour:
        return said("{minutes} min", minutes=f"{whole // minute}:{whole % minute:02}")
    return said("{hours} h", hours=f"{whole // hour}:{whole % hour // minute:02}")


def _share(share: Share) -> str:
    if share.percent is None:
        return "–"
    return said("{percent} % ({count} of {all})", percent=_percent(share.percent), count=share.count, all=share.of)


def _short(share: Share) -> str:
    return "–" if share.percent is None else f"{_percent(share.percent)} %"


def _percent(value: float) -> str:
    """Cut, not rounded: 97.49 % must not be read as 97.5."""
    return f"{int(value * 10) / 10:.1f}"
