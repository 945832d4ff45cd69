"""What would happen if somebody pressed now and nobody answered: each step, its people, and each gap."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from itertools import pairwise

import msgspec

from alarmd.directory import lookup
from alarmd.directory.around import Known, choose_for, last_resort
from alarmd.directory.proving import unproved
from alarmd.directory.rotas import Fresh, spoken
from alarmd.directory.telephones import phone_of
from alarmd.naming import named
from alarmd.store import Transaction
from config.settings import Settings, plan_for
from config.wording import for_later, said, said_again
from escalation.people import Candidate, Choice, PassedOver, Resident, Role
from escalation.plan import Plan, Step, Who
from escalation.responders import GAPS, NOBODY_TO_ASK, Numbers

_DESK = Step(contact=Who.DESK)
_BY_SHIFT = frozenset({PassedOver.OFF_DUTY, PassedOver.ON_CALL_UNREADABLE})
_LEFT_OUT = {
    PassedOver.IS_RESIDENT: for_later("{name} ({id}): is the resident, and is not rung for her or his own alarm"),
    PassedOver.RESIDENTS_TELEPHONE: for_later(
        "{name} ({id}): has the resident's own telephone and cannot be rung there; give another number"
    ),
    PassedOver.RESIDENTS_POSITION: for_later(
        "{name} ({id}): stands at the resident's own position, and is asked only where nobody else of the step is left"
    ),
    PassedOver.OWN_ALARM: for_later("{name} ({id}): has an open alarm at home, and is not asked while it lasts"),
}
_LOOKED_AT = 50  # people of whose on-call texts something is said


class Stage(msgspec.Struct, frozen=True, kw_only=True):
    """One step as it would go.

    Attributes:
        number: From 1; the desk's endless ringing is the last.
        contact: As written in the plan, for example ``nearest`` or ``role:nurse``.
        after_seconds: From the press to the step's beginning.
        wait_seconds: Until the next one begins; 0 = at once, or together with it; None = without end.
        reasons: Why each of the chosen was chosen, in their order.
        choice: Who, and why not the others.
    """

    number: int
    contact: str
    after_seconds: float
    wait_seconds: float | None
    reasons: tuple[str, ...]
    choice: Choice


class Explanation(msgspec.Struct, frozen=True, kw_only=True):
    """The whole way of a press that nobody answers; ``gaps`` are sentences for whoever keeps the directory.

    ``on_call`` says what is worth knowing of the on-call texts of those who were looked at. ``last_resort``: whom no
    step asks, who are rung where there is no desk or nothing reaches it, and nobody was asked who could be rung again.
    """

    resident: str
    name: str
    signal: str
    at: datetime
    plan: str
    stages: tuple[Stage, ...]
    gaps: tuple[str, ...]
    on_call: tuple[str, ...] = ()
    last_resort: Choice = Choice()


def explain(
    tx: Transaction,
    resident: Resident,
    *,
    signal: str,
    at: datetime,
    settings: Settings,
    plans: Mapping[str, Plan],
    duty: Fresh,
) -> Explanation:
    """Play a press through, as if nobody answered.

    Args:
        tx: A transaction that may only read.
        resident: Whose press.
        signal: Its type, for example ``sos``.
        at: When, aware; who is on duty is asked for each step's own time.
        settings: The service's.
        plans: All plans by name.
        duty: Who is on duty.
    """
    plan = plan_for(signal, resident.plan, settings.service.plan, plans)
    stages: list[Stage] = []
    asked: frozenset[str] = frozenset()
    numbers: dict[str, str] = {}
    steps = (*plan.steps, _DESK)
    after, wait = 0.0, 0.0  # of the steps that begin together: when, and how long the next one waits for them
    for step in steps:
        if not (step.together and wait):
            after, wait = after + wait, 0.0
        now = at + timedelta(seconds=after)
        known = Known(settings=settings, now=now, asked=asked, duty=duty, numbers=Numbers(asked=numbers))
        choice = choose_for(tx, step, resident, skipped=None, **known)
        if choice.chosen:
            wait = settings.ambulance.confirm_within if step.contact is Who.AMBULANCE else step.wait
        stages.append(_stage(len(stages) + 1, step, after, choice))
        asked |= {candidate.id for candidate in choice.chosen}
        numbers |= {phone_of(tx, settings, one.id): one.name for one in choice.chosen if one.role is not Role.RESIDENT}
    waits = [following.after_seconds - stage.after_seconds for stage, following in pairwise(stages)]
    stages = [
        msgspec.structs.replace(stage, wait_seconds=wait) for stage, wait in zip(stages, [*waits, None], strict=True)
    ]
    known = Known(settings=settings, now=now, asked=asked, duty=duty, numbers=Numbers(asked=numbers))
    return Explanation(
        last_resort=last_resort(tx, plan, resident, **known),
        resident=resident.id,
        name=resident.name,
        signal=signal,
        at=at,
        plan=plan.name,
        stages=tuple(stages),
        gaps=(
            *_gaps(tx, resident, plan, signal, stages),
            *_left_out(stages),
            *_unprotected(tx, resident, at, settings),
        ),
        on_call=tuple(_on_call(tx, stages, at, duty)),
    )


def _stage(number: int, step: Step, after: float, choice: Choice) -> Stage:
    return Stage(
        number=number,
        contact=contact(step),
        after_seconds=after,
        wait_seconds=None,
        reasons=tuple(_reason(step, candidate) for candidate in choice.chosen),
        choice=choice,
    )


def contact(step: Step) -> str:
    """Whom a step means, as the plan writes it."""
    return f"role:{step.role}" if step.contact is Who.ROLE else step.contact.value


def _reason(step: Step, candidate: Candidate) -> str:  # noqa: C901 - one line for each word of a plan
    known = said("named by the resident, rank {rank}", rank=candidate.rank) if candidate.rank else ""
    if candidate.relationship:
        known = said("{sentence} ({facts})", sentence=known, facts=candidate.relationship)
    if candidate.has_key:
        known += said(", has a key")
    match step.contact:
        case Who.NEAREST:
            reason = (
                said("among the nearest on duty")
                if candidate.travel_seconds is not None
                else said("instead of the nearest")
            )
        case Who.CIRCLE:
            reason = (
                said("the circle's own phone") if candidate.id.startswith("circle:") else said("member of the circle")
            )
        case Who.ROLE:
            reason = said("{role} on duty", role=named(step.role))
        case Who.EVERYONE:
            reason = said("in reach, named, or of the circle")
        case Who.AMBULANCE:
            reason = said("contracted line") if candidate.id == "line" else said("the desk hands over to the ambulance")
        case Who.DESK:
            reason = said("the desk")
        case Who.RESIDENT:
            reason = said("is asked first whether all is well")
        case Who.CONTACTS:
            reason = ""
    return said("; ").join(part for part in (reason, known) if part)


def _gaps(tx: Transaction, resident: Resident, plan: Plan, signal: str, stages: list[Stage]) -> list[str]:
    gaps = [
        said(
            "step {number} ({contact}): {why}; the next step begins at once",
            number=stage.number,
            contact=named(stage.contact),
            why=_passed(stage.choice),
        )
        for stage in stages
        if not stage.choice.chosen and stage.wait_seconds == 0
    ]
    gaps += [
        said(
            "step {number} ({contact}): {why}",
            number=s.number,
            contact=named(s.contact),
            why=said_again(s.choice.gap, GAPS) if s.choice.chosen else _passed(s.choice),
        )
        for s in stages
        if s.choice.gap and (s.choice.chosen or s.wait_seconds)
    ]
    if not stages[-1].choice.chosen:
        gaps.append(
            said("the desk: no desk_phones and no responder of role desk, so the end of the plan rings nowhere")
        )
    doubtful = {one.id: one.name for stage in stages for one in stage.choice.flagged}
    gaps += [
        said("{name} ({id}): on_call cannot be read; counted as on duty", name=name, id=id_)
        for id_, name in doubtful.items()
    ]
    if signal not in plan.signals:
        gaps.append(
            said("no plan answers {signal}; the service's plan '{plan}' is used", signal=named(signal), plan=plan.name)
        )
    if resident.plan and resident.plan != plan.name:
        gaps.append(
            said(
                "the resident's own plan '{plan}' does not answer {signal}, or does not exist",
                plan=resident.plan,
                signal=named(signal),
            )
        )
    if tx.one("directory_device_of", resident=resident.id) is None:
        gaps.append(said("no device is registered for this resident"))
    return gaps


def _left_out(stages: list[Stage]) -> Iterator[str]:
    """Who is never asked for this resident, and why, as their keeper may not have meant it."""
    found = {one.id: one for stage in stages for one in stage.choice.skipped if one.why in _LEFT_OUT}
    for one in list(found.values())[:_LOOKED_AT]:
        yield said(_LEFT_OUT[one.why], name=one.name, id=one.id)


def _on_call(tx: Transaction, stages: list[Stage], at: datetime, duty: Fresh) -> Iterator[str]:
    """What their keeper should know of the on-call texts of those who are chosen, doubtful or off duty."""
    seen: dict[str, str] = {}
    for stage in stages:
        choice = stage.choice
        seen |= {one.id: one.name for one in choice.chosen}
        seen |= {one.id: one.name for one in (*choice.flagged, *choice.skipped) if one.why in _BY_SHIFT}
    for id_, name in list(seen.items())[:_LOOKED_AT]:
        responder = lookup.responder(tx, id_)
        if responder is not None and responder.on_call.strip():
            for sentence in spoken(responder.on_call, duty.rota(responder.on_call, at).remarks):
                yield f"{name} ({id_}): {sentence}"


def _unprotected(tx: Transaction, resident: Resident, at: datetime, settings: Settings) -> list[str]:
    return [
        said("NOT PROTECTED: {why} {device}", why=said(one.why.value), device=one)
        for one in unproved(tx, resident.id, now=at, zone=settings.zone)
    ]


def _passed(choice: Choice) -> str:
    counts: dict[str, int] = {}
    for one in choice.skipped:
        counts[one.why.value] = counts.get(one.why.value, 0) + 1
    why = said(", ").join(said("{number} {word}", number=count, word=named(word)) for word, count in counts.items())
    return said("nobody to ask ({why})", why=why) if why else said_again(choice.gap or NOBODY_TO_ASK, GAPS)
