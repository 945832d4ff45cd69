"""`alarmd explain`, `alarmd coverage`: the people behind the buttons."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Annotated, Any

import msgspec
import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table as Grid

from alarmd import times
from alarmd.cli.errors import Exit, UserError
from alarmd.cli.options import ConfigOption, settings_from
from alarmd.clock import SystemClock
from alarmd.directory import coverage as covering
from alarmd.directory import explaining, lookup, rotas
from alarmd.directory.proving import Why
from alarmd.directory.unfolding import Unfolder
from alarmd.store import StoreError, Transaction, reading
from config.settings import Settings, SettingsError, plans
from config.wording import said
from devices import SignalType
from escalation.people import Resident, Skipped
from escalation.plan import Plan

_PASSED_OVER_SHOWN = 8
_PATIENCE_S = (
    30.0  # for the calendars that `explain` and `coverage` have to unfold; what is left then counts as on duty
)

AtOption = Annotated[
    str | None,
    typer.Option(
        "--at", help="A time such as 2026-11-22T03:00, in the service's zone. [default: now]", show_default=False
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="For machines.")]


def explain(
    resident: Annotated[str, typer.Argument(help="The resident's id or name.")],
    config: ConfigOption = None,
    signal: Annotated[str, typer.Option(help="The type of the signal.")] = SignalType.SOS.value,
    at: AtOption = None,
    json_: JsonOption = False,
) -> None:
    """Say who would be contacted, when, through what, and why; why not the others; and each gap."""
    settings = settings_from(config)
    if signal not in list(SignalType):
        raise UserError(f"there is no signal type {signal!r}; {_nearest(signal, list(SignalType))}")
    moment = _moment(at, settings)
    known = _plans(settings)
    with _unfolder(settings, budget_s=_PATIENCE_S) as unfolder, _reading(settings) as tx:
        person = _resident(tx, resident)
        duty = rotas.Fresh(tx, settings, unfolder.rota)
        told = explaining.explain(tx, person, signal=signal, at=moment, settings=settings, plans=known, duty=duty)
    if json_:
        typer.echo(msgspec.json.encode(told).decode())
        return
    _print_explanation(told, settings)


def coverage(config: ConfigOption = None, at: AtOption = None, json_: JsonOption = False) -> None:
    """List the residents nobody on duty could reach in time (service.reach_within); exit 1 if there is one."""
    settings = settings_from(config)
    moment = _moment(at, settings)
    with _unfolder(settings, budget_s=_PATIENCE_S) as unfolder, _reading(settings) as tx:
        duty = rotas.Fresh(tx, settings, unfolder.rota)
        found = covering.coverage(tx, settings=settings, at=moment, duty=duty)
    if json_:
        typer.echo(msgspec.json.encode(_coverage_json(found, moment)).decode())
    else:
        _print_coverage(found, moment, settings)
    if found.uncovered:
        raise typer.Exit(Exit.FOUND)


@contextmanager
def _unfolder(settings: Settings, *, budget_s: float | None = None) -> Iterator[Unfolder]:
    try:
        with Unfolder(settings, budget_s=budget_s) as unfolder:
            yield unfolder
    except SettingsError as error:
        raise UserError(str(error)) from None


@contextmanager
def _reading(settings: Settings) -> Iterator[Transaction]:
    try:
        with reading(settings.store.url) as tx:
            yield tx
    except StoreError as error:
        raise UserError(str(error), Exit.FOUND) from None


def _plans(settings: Settings) -> dict[str, Plan]:
    try:
        return plans(settings.path)
    except SettingsError as error:
        raise UserError(str(error)) from None


def _moment(at: str | None, settings: Settings) -> datetime:
    if at is None:
        return SystemClock().now()
    try:
        moment = datetime.fromisoformat(at)
    except ValueError:
        raise UserError(f"--at {at!r} is not a time; write for example 2026-11-22T03:00") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=settings.zone)


def _resident(tx: Transaction, wanted: str) -> Resident:
    found = lookup.resident(tx, wanted)
    if found is not None:
        return found
    everybody = lookup.residents(tx)
    named = [resident for resident in everybody if resident.name == wanted]
    if len(named) == 1:
        return named[0]
    if named:
        raise UserError(
            f"{len(named)} residents are called {wanted!r}; name one by id: {', '.join(r.id for r in named[:8])}",
            Exit.FOUND,
        )
    raise UserError(
        f"there is no resident {wanted!r}; {_nearest(wanted, [name for r in everybody for name in (r.id, r.name)])}",
        Exit.FOUND,
    )


def _nearest(wanted: str, choices: Sequence[str]) -> str:
    near = difflib.get_close_matches(wanted, choices, 3, cutoff=0.5) or list(choices)[:8]
    return f"near to it: {', '.join(near)}" if near else "none is imported yet"


# ---------------------------------------------------------------- for eyes


def _plural(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"


def _console() -> Console:
    return Console(highlight=False, soft_wrap=False)


def _print_explanation(told: explaining.Explanation, settings: Settings) -> None:
    console = _console()
    when = told.at.astimezone(settings.zone).strftime("%a %Y-%m-%d %H:%M %Z")
    console.print(f"[bold]{escape(told.name)}[/] ({escape(told.resident)}), {told.signal}, {when}, plan {told.plan}")
    for stage in told.stages:
        _print_stage(console, stage)
    if told.gaps:
        console.print("\n[bold yellow]Gaps[/]")
    for gap in told.gaps:
        console.print(f"  {escape(gap)}", soft_wrap=True)
    if told.on_call:
        heading = said("On call")
        console.print(f"\n[bold]{heading}[/]")
    for sentence in told.on_call:
        console.print(f"  {escape(sentence)}", soft_wrap=True)


def _print_stage(console: Console, stage: explaining.Stage) -> None:
    after = "" if stage.wait_seconds is None else f", next step after {_span(stage.wait_seconds)} without an answer"
    title = "the desk rings until somebody takes it" if stage.wait_seconds is None else stage.contact
    console.print(
        f"\n[bold]T+{_clock(stage.after_seconds)}  {stage.number}. {title}[/]{after if stage.choice.chosen else ''}"
    )
    if stage.choice.chosen:
        grid = Grid("who", "role", "through", "way", "why", box=None, padding=(0, 2), header_style="dim")
        for candidate, reason in zip(stage.choice.chosen, stage.reasons, strict=True):
            who = candidate.name if candidate.name == candidate.id else f"{candidate.name} ({candidate.id})"
            through = " + ".join(candidate.channels)
            grid.add_row(*map(escape, (who, candidate.role, through, _minutes(candidate.travel_seconds), reason)))
        console.print(grid)
    else:
        console.print("  [yellow]nobody: the next step begins at once[/]")
    if stage.choice.skipped:
        console.print(f"  [dim]not: {escape(_not(stage.choice.skipped))}[/]", soft_wrap=True)


def _not(skipped: Sequence[Skipped]) -> str:
    shown = []
    for one in skipped[:_PASSED_OVER_SHOWN]:
        way = f", {_minutes(one.travel_seconds)}" if one.travel_seconds is not None else ""
        shown.append(f"{one.name} ({one.why.value.replace('_', ' ')}{way})")
    more = len(skipped) - len(shown)
    return ", ".join(shown) + (f" and {more} more" if more else "")


def _print_coverage(found: covering.Coverage, at: datetime, settings: Settings) -> None:
    console = _console()
    when = at.astimezone(settings.zone).strftime("%a %Y-%m-%d %H:%M %Z")
    reach = _minutes(settings.service.reach_within)
    console.print(
        f"{when}: {found.residents} residents, {found.on_duty} responders on duty; "
        f"nobody reaches {len(found.uncovered)} of them within {reach}"
    )
    homes = len({one.resident for one in found.unproved})
    if homes:
        verb = "is" if homes == 1 else "are"
        why = ", or ".join(dict.fromkeys(_WHY[one.why] for one in found.unproved))
        console.print(f"{_plural(homes, 'home')} {verb} NOT PROTECTED: {why}")
    if not found.uncovered:
        return
    grid = Grid("resident", "name", "why", "nearest on duty", box=None, padding=(0, 2), header_style="dim")
    for one in found.uncovered:
        nearest = f"{one.nearest}, {_minutes(one.nearest_seconds)}" if one.nearest else ""
        grid.add_row(*map(escape, (one.resident.id, one.resident.name, one.why, nearest)))
    console.print(grid)


_WHY = {
    Why.UNTESTED: "no test has arrived from each trigger",
    Why.NEVER_HEARD: "a device was never heard",
    Why.SIM_ENDED: "a SIM card is no longer paid for",
}


def _coverage_json(found: covering.Coverage, at: datetime) -> dict[str, Any]:
    return {
        "at": times.to_text(at),
        "residents": found.residents,
        "on_duty": found.on_duty,
        "uncovered": [
            {
                "resident": one.resident.id,
                "name": one.resident.name,
                "why": one.why,
                "nearest": one.nearest or None,
                "nearest_seconds": one.nearest_seconds and round(one.nearest_seconds),
            }
            for one in found.uncovered
        ],
        "not_protected": [
            {
                "resident": one.resident,
                "name": one.name,
                "device": one.device,
                "kind": one.kind,
                "why": one.why.name.lower(),
            }
            for one in found.unproved
        ],
    }


def _clock(seconds: float) -> str:
    return f"{int(seconds) // 60}:{int(seconds) % 60:02}"


def _span(seconds: float) -> str:
    return f"{seconds:g} s"


def _minutes(seconds: float | None) -> str:
    return "" if seconds is None else f"{seconds / 60:.0f} min"
