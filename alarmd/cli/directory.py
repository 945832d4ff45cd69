"""`alarmd explain`, `alarmd coverage`: the people behind the buttons."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Annotated, Any

import msgspec
import typer

from alarmd import times
from alarmd.cli import lines
from alarmd.cli.errors import Exit, UserError
from alarmd.cli.lines import Column, Part
from alarmd.cli.options import ConfigOption, looked_at, settings_from
from alarmd.cli.telling_parts import clean
from alarmd.clock import SystemClock
from alarmd.directory import coverage as covering
from alarmd.directory import explaining, lookup, rotas
from alarmd.directory.proving import Why
from alarmd.directory.unfolding import Unfolder
from alarmd.naming import left_out, named
from alarmd.store import Transaction
from config.settings import Settings, SettingsError, plans
from config.wording import for_later, said, said_again, said_of
from devices import SignalType
from escalation.people import Choice, Resident, Skipped
from escalation.plan import Plan
from escalation.responders import GAPS

_PASSED_OVER_SHOWN = 8
YEARS = range(1900, 9000)  # of --at
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
        raise UserError(
            said(
                "there is no signal type {signal}; {near}", signal=repr(signal), near=_nearest(signal, list(SignalType))
            )
        )
    moment = _moment(at, settings)
    known = _plans(settings)
    with _unfolder(settings, budget_s=_PATIENCE_S) as unfolder, looked_at(settings) as tx:
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
    with _unfolder(settings, budget_s=_PATIENCE_S) as unfolder, looked_at(settings) as tx:
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
        moment = datetime.min  # noqa: DTZ901 - in no year of those
    if moment.year not in YEARS:  # at the edges of the calendar no shift can be reckoned
        raise UserError(said("--at {time} is not a time; write for example 2026-11-22T03:00", time=repr(at)))
    return moment if moment.tzinfo else moment.replace(tzinfo=settings.zone)


def _resident(tx: Transaction, wanted: str) -> Resident:
    found = lookup.resident(tx, wanted)
    if found is not None:
        return found
    everybody = lookup.residents(tx)
    same = [resident for resident in everybody if resident.name == wanted]
    if len(same) == 1:
        return same[0]
    if same:
        raise UserError(
            said(
                "{number} residents are called {name}; name one by id: {ids}",
                number=len(same),
                name=repr(wanted),
                ids=", ".join(r.id for r in same[:8]),
            ),
            Exit.FOUND,
        )
    raise UserError(
        said(
            "there is no resident {resident}; {near}",
            resident=repr(wanted),
            near=_nearest(wanted, [name for r in everybody for name in (r.id, r.name)]),
        ),
        Exit.FOUND,
    )


def _nearest(wanted: str, choices: Sequence[str]) -> str:
    near = difflib.get_close_matches(wanted, choices, 3, cutoff=0.5) or list(choices)[:8]
    return said("near to it: {names}", names=", ".join(near)) if near else said("none is imported yet")


# ---------------------------------------------------------------- for eyes


def _plural(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"


def _print_explanation(told: explaining.Explanation, settings: Settings) -> None:
    when = _when(told.at, settings)
    lines.write(
        Part(told.name, "bold"),
        Part(
            said(
                " ({id}), {signal}, {when}, plan {plan}",
                id=told.resident,
                signal=named(told.signal),
                when=when,
                plan=told.plan,
            )
        ),
    )
    for stage in told.stages:
        _print_stage(stage)
    if told.last_resort.chosen:
        lines.write()
        lines.write(Part(said("Last resort, where nobody sits at the desk or nothing reaches it"), "bold"))
        lines.paragraph(said("rung before silence: {people}", people=_rung(told.last_resort)), indent=2)
        if told.last_resort.gap:
            lines.paragraph(said_again(told.last_resort.gap, GAPS), "bright_black", indent=2)
    if told.gaps:
        lines.write()
        lines.write(Part(said("Gaps"), "bold yellow"))
    for gap in told.gaps:
        lines.paragraph(gap, indent=2)
    if told.on_call:
        lines.write()
        lines.write(Part(said("On call"), "bold"))
    for sentence in told.on_call:
        lines.paragraph(sentence, indent=2)


def _print_stage(stage: explaining.Stage) -> None:
    title = named(stage.contact)
    if stage.wait_seconds is None:
        title = said("the desk rings until somebody takes it")
    after = ""
    if stage.choice.chosen and stage.wait_seconds == 0:
        after = said(", together with the next step")
    elif stage.choice.chosen and stage.wait_seconds is not None:
        after = said(", next step after {time} without an answer", time=_span(stage.wait_seconds))
    lines.write()
    lines.write(Part(f"T+{_clock(stage.after_seconds)}  {stage.number}. {title}", "bold"), Part(after))
    if stage.choice.chosen:
        _print_chosen(stage)
    else:
        nobody = said("nobody: the next step begins at once") if stage.wait_seconds == 0 else said("nobody")
        lines.write(Part("  " + nobody, "yellow"))
    if stage.choice.skipped:
        lines.paragraph(said("not: {people}", people=_not(stage.choice.skipped)), "bright_black", indent=2)


def _print_chosen(stage: explaining.Stage) -> None:
    table = lines.Table(
        (
            Column("", 1, 1),
            Column(said("who"), 24, 32),
            Column(said("role"), 10, 16),
            Column(said("through"), 11, 14),
            Column(said("way"), 8, 8),
            Column(said("why"), 20, 80, weight=1),
        )
    )
    table.head()
    for candidate, reason in zip(stage.choice.chosen, stage.reasons, strict=True):
        who = candidate.name if candidate.name == candidate.id else f"{candidate.name} ({candidate.id})"
        through = " + ".join(named(channel) for channel in candidate.channels)
        way = _minutes(candidate.travel_seconds)
        table.row([Part(text) for text in ("", who, named(candidate.role), through, way, reason)])


def _rung(choice: Choice) -> str:
    people = (one.name if one.name == one.id else f"{one.name} ({one.id})" for one in choice.chosen)
    return said(", ").join(people)


def _not(skipped: Sequence[Skipped]) -> str:
    shown = []
    for one in skipped[:_PASSED_OVER_SHOWN]:
        facts = said(", ").join(filter(None, (left_out(one.why.value, one.shared_with), _minutes(one.travel_seconds))))
        shown.append(said("{sentence} ({facts})", sentence=one.name, facts=facts))
    people, more = said(", ").join(shown), len(skipped) - len(shown)
    return said("{people} and {number} more", people=people, number=more) if more else people


def _print_coverage(found: covering.Coverage, at: datetime, settings: Settings) -> None:
    sentence = said(
        "{when}: {residents} residents, {responders} responders on duty; "
        "nobody reaches {uncovered} of them within {reach}",
        when=_when(at, settings),
        residents=found.residents,
        responders=found.on_duty,
        uncovered=len(found.uncovered),
        reach=_minutes(settings.service.reach_within),
    )
    lines.write(Part(sentence))
    homes = len({one.resident for one in found.unproved})
    if homes:
        why = said(", or ").join(dict.fromkeys(said(_WHY[one.why]) for one in found.unproved))
        lines.write(
            Part(
                said_of(
                    "{number} home is NOT PROTECTED: {why}", "{number} homes are NOT PROTECTED: {why}", homes, why=why
                )
            )
        )
    if found.uncovered:
        _print_uncovered(found.uncovered)


def _print_uncovered(uncovered: Sequence[covering.Uncovered]) -> None:
    table = lines.Table(
        (
            Column(said("resident"), 12, 24, whole=True),
            Column(said("name"), 12, 32),
            Column(said("why"), 26, 40),
            Column(said("nearest on duty"), 18, 40),
        )
    )
    table.head()
    for one in uncovered:
        nearest = said(", ").join((one.nearest, _minutes(one.nearest_seconds))) if one.nearest else ""
        table.row([Part(clean(text)) for text in (one.resident.id, one.resident.name, one.why, nearest)])


_WHY = {
    Why.UNTESTED: for_later("no test has arrived from each trigger"),
    Why.NEVER_HEARD: for_later("a device was never heard"),
    Why.SIM_ENDED: for_later("a SIM card is no longer paid for"),
}
_WEEKDAYS = (
    for_later("Mon"),
    for_later("Tue"),
    for_later("Wed"),
    for_later("Thu"),
    for_later("Fri"),
    for_later("Sat"),
    for_later("Sun"),
)


def _when(at: datetime, settings: Settings) -> str:
    local = at.astimezone(settings.zone)
    return f"{said(_WEEKDAYS[local.weekday()])} {local:%Y-%m-%d %H:%M %Z}"


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
    return said("{number} s", number=f"{seconds:g}")


def _minutes(seconds: float | None) -> str:
    return "" if seconds is None else said("{number} min", number=f"{seconds / 60:.0f}")
