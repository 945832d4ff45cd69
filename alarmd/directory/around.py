"""From the settings and the directory to the people of one step: what `escalation.responders` needs to choose."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Required, TypedDict, Unpack

from alarmd.directory import lookup, telephones
from alarmd.directory.rotas import DutyAt, Stored
from alarmd.store import Transaction
from config.settings import Service, Settings
from escalation.neighbourhood import RESIDENT, Neighbourhood, is_at, place_of
from escalation.people import Choice, Contact, PassedOver, Resident, Responder, Role, Travel
from escalation.plan import Plan, Step, Who
from escalation.responders import BEFORE_SILENCE, NOBODY, Limits, Numbers, choose
from escalation.travel import Position, Router, StraightLine

CROWD = 200  # so many within reach, and only the nearest of them are looked at: each takes some 30 µs
_EVERYONE = Step(contact=Who.EVERYONE)
_NOT_AT_A_DOOR = {Who.DESK, Who.AMBULANCE, Who.RESIDENT}
_AT_NO_DOOR = {Who.DESK, Who.AMBULANCE, Who.ROLE, Who.CIRCLE, Who.RESIDENT}
_SURELY = 0.999  # the plane by which ways within a town are worked out errs by less than a thousandth


def router(service: Service) -> Router:
    """How ways are worked out: straight line × detour ÷ speed, by the service's figures."""
    kmh = {Travel.WALK: service.walk_kmh, Travel.BICYCLE: service.bicycle_kmh, Travel.CAR: service.car_kmh}
    return StraightLine(detour=service.detour, kmh=kmh)


def limits(service: Service, *, skipped: int | None = 20) -> Limits:
    """What the service allows; ``skipped`` = how many passed-over people are told of, None = all."""
    return Limits(
        reach_within=service.reach_within,
        language=service.language,
        skipped=skipped,
    )


class Known(TypedDict, total=False):
    """What `choose_for` is told besides the step."""

    settings: Required[Settings]
    now: Required[datetime]
    asked: frozenset[str]
    declined: frozenset[str]
    busy: Callable[[Mapping[str, str]], frozenset[str]]
    numbers: Numbers | None
    duty: DutyAt | None
    also: Sequence[str]


def choose_for(
    tx: Transaction,
    step: Step,
    resident: Resident | None,
    *,
    settings: Settings,
    now: datetime,
    asked: frozenset[str] = NOBODY,
    declined: frozenset[str] = NOBODY,
    busy: Callable[[Mapping[str, str]], frozenset[str]] = lambda _: NOBODY,
    numbers: Numbers | None = None,
    skipped: int | None = 20,
    duty: DutyAt | None = None,
    before_silence: PassedOver | None = None,
    also: Sequence[str] = (),
) -> Choice:
    """Who is contacted in a step, by what the directory says at this moment. See `escalation.responders.choose`.

    In a crowd the nearest are asked for first, and farther ones only where those are not enough: the answer is the one
    that looking at everybody gives.

    Args:
        tx: The transaction.
        step: Of the plan.
        resident: Whose home it is.
        settings: The service's.
        now: The present.
        asked: As for `choose`.
        declined: As for `choose`.
        busy: Which of these people, each with a number, are engaged elsewhere.
        numbers: As for `choose`.
        skipped: How many passed-over people are told of, None = all.
        duty: Who is on duty; None = by what is stored, which takes no longer than looking it up.
        before_silence: As for `choose`.
        also: Who else it may be, by id, so that those whom they named are asked as well.
    """
    way = router(settings.service)
    duty = duty or Stored(tx, settings)
    for within in _circles(tx, step, resident, settings.service, way, skipped):
        near = neighbourhood(tx, step, resident, settings=settings, way=way, within=within, duty=duty, also=also)
        phones = _numbers(near, resident)
        engaged = busy(_who_travels(phones))
        choice = choose(
            step,
            resident=resident,
            neighbourhood=near,
            router=way,
            limits=limits(settings.service, skipped=skipped),
            now=now,
            asked=asked,
            declined=declined,
            busy=engaged,
            in_need=telephones.in_need(tx, phones, resident, now),
            numbers=numbers,
            before_silence=before_silence,
        )
        last = engaged | {one.id for one in near.responders if is_at(place_of(one), near.home)}
        spared = last.isdisjoint(one.id for one in choice.chosen)  # they come after all the others
        if within is None or (spared and _is_settled(choice, step.count, skipped, within * _SURELY)):
            break
    return telephones.with_telephones(tx, settings, choice, phones)


def last_resort(
    tx: Transaction,
    plan: Plan,
    resident: Resident | None,
    **known: Unpack[Known],
) -> Choice:
    """Whom no step asks, where there is no desk or nothing reaches it, and nobody else is left.

    Everyone around and whom the plan means; then those off duty, then those with an alarm of their own.

    Args:
        tx: The transaction.
        plan: Of the incident.
        resident: Whose home it is.
        known: As for `choose_for`.
    """
    steps = [_EVERYONE, *(one for one in plan.steps if one.contact not in _NOT_AT_A_DOOR)]
    choices: list[Choice] = []
    for before_silence in BEFORE_SILENCE:
        choices = [choose_for(tx, step, resident, before_silence=before_silence, **known) for step in steps]
        chosen = {one.id: one for choice in choices for one in choice.chosen}
        if chosen:
            gap = next((choice.gap for choice in choices if choice.chosen), "")
            return Choice(chosen=tuple(chosen.values()), gap=gap)
    return choices[0]


def neighbourhood(
    tx: Transaction,
    step: Step,
    resident: Resident | None,
    *,
    settings: Settings,
    way: Router,
    within: float | None = None,
    duty: DutyAt | None = None,
    also: Sequence[str] = (),
) -> Neighbourhood:
    """The people whom a step may mean, and no more: a town's directory is not read for each press.

    Args:
        tx: The transaction.
        step: Of the plan.
        resident: Whose home it is.
        settings: The service's.
        way: How long ways take.
        within: Seconds of way; of those who are only near, no farther ones. None = as far as the step reaches.
        duty: As for `choose_for`.
        also: As for `choose_for`.
    """
    circles = tuple(lookup.circle_chain(tx, resident.circle)) if resident else ()
    contacts = contacts_of(tx, resident.id, also) if resident else ()
    found: dict[str, Responder] = {}
    for responder in _responders(tx, step, resident, [c.id for c in circles], settings.service, way, within):
        found[responder.id] = responder
    if step.contact not in _AT_NO_DOOR:
        found |= {one.id: one for who in also for one in lookup.responders_named_by(tx, who)}
    responders = tuple(found.values())
    lives = (lookup.resident(tx, resident.id) or resident) if resident else None
    return Neighbourhood(
        responders=responders,
        contacts=contacts,
        circles=circles,
        desk_phones=tuple(settings.service.desk_phones),
        line=str(settings.ambulance.phone or "") if settings.ambulance.mode == "line" else "",
        duty=duty or Stored(tx, settings),
        home=_place(lives),
        is_house=lives is not None and lookup.is_house(tx, lives.id),
        is_at_home=_place(lives) == _place(resident),
    )


def contacts_of(tx: Transaction, resident: str, also: Sequence[str] = ()) -> tuple[Contact, ...]:
    """Whom a resident named, and whom those did who have the same telephone; each once, by the first of them."""
    found: dict[str, Contact] = {}
    for who in (resident, *also):
        for contact in lookup.contacts_of(tx, who):
            found.setdefault(contact.responder, contact)
    return tuple(found.values())


def _place(resident: Resident | None) -> Position | None:
    if resident is None or resident.lat is None or resident.lon is None:
        return None
    return Position(resident.lat, resident.lon)


def _circles(
    tx: Transaction, step: Step, resident: Resident | None, service: Service, way: Router, skipped: int | None
) -> Iterator[float | None]:
    """Seconds of way around the door, each twice as far as the one before; at last None, for all the step reaches."""
    door = None if resident is None or resident.lat is None or resident.lon is None else (resident.lat, resident.lon)
    if step.contact is Who.NEAREST and skipped is not None and door is not None:
        reach = _reach(step, service)
        if lookup.is_crowd(tx, *door, _metres(way, reach), CROWD):
            yield from (reach / part for part in (64, 32, 16, 8, 4, 2))
    yield None


def _is_settled(choice: Choice, count: int, skipped: int | None, within: float) -> bool:
    """Whether nobody who lives farther away could be in this choice, nor among those of whom it tells."""
    ways = [one.travel_seconds for one in choice.chosen] + [one.travel_seconds for one in choice.skipped]
    enough = len(choice.chosen) >= count and len(choice.skipped) == skipped
    return enough and all(seconds is not None and seconds < within for seconds in ways)


def _numbers(near: Neighbourhood, resident: Resident | None) -> dict[str, str]:
    """Everybody whom a step may choose there, each with a number."""
    numbers = {person.id: person.phone for person in near.responders}
    numbers |= {f"{telephones.CIRCLE_PREFIX}{circle.id}": circle.phone for circle in near.circles}
    numbers |= {f"{telephones.DESK_PREFIX}{n}": phone for n, phone in enumerate(near.desk_phones)}
    numbers |= {telephones.LINE: near.line} if near.line else {}
    return {**numbers, f"{RESIDENT}:{resident.id}": resident.phone} if resident else numbers


def _who_travels(numbers: Mapping[str, str]) -> dict[str, str]:
    """Without the desk's phones and the line, which serve many at once."""
    at_desk = (telephones.LINE, telephones.DESK_PREFIX)
    return {who: phone for who, phone in numbers.items() if not who.startswith(at_desk)}


def _reach(step: Step, service: Service) -> float:
    return service.reach_within if step.reach_within is None else step.reach_within


def _metres(way: Router, seconds: float, *, each: bool = False) -> dict[Travel, float]:
    """How far to look for those who come that way; as far for all as for the fastest, unless ``each`` by itself."""
    reach = {travel: way.reach_metres(seconds, travel) for travel in Travel}
    return reach if each else dict.fromkeys(Travel, max(reach.values()))


def _responders(
    tx: Transaction,
    step: Step,
    resident: Resident | None,
    circles: list[str],
    service: Service,
    way: Router,
    within: float | None,
) -> Iterable[Responder]:
    if step.contact in {Who.DESK, Who.AMBULANCE}:
        return lookup.responders_of_role(tx, Role.DESK)
    if step.contact is Who.ROLE:
        return lookup.responders_of_role(tx, step.role)
    if resident is None:
        return ()
    found: list[Responder] = []
    if step.contact in {Who.NEAREST, Who.EVERYONE} and resident.lat is not None and resident.lon is not None:
        metres = _metres(way, _reach(step, service)) if within is None else _metres(way, within, each=True)
        found += lookup.responders_near(tx, resident.lat, resident.lon, metres)
    if step.contact is not Who.CONTACTS:
        found += [member for circle in circles for member in lookup.responders_of_circle(tx, circle)]
    if step.contact is not Who.CIRCLE:
        found += lookup.responders_named_by(tx, resident.id)
    return found
