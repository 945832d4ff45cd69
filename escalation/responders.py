"""Who is contacted in one step of a plan, and why not the others.

In the order in which it is decided:

1. The step says whom it means, and in which order: by way, by rank, by circle.
2. Passed over are, in this order of reasons: no phone, family or key holder of another home, declined, already asked,
   no position, too far, off duty.
3. Who is engaged in another home's emergency is passed over, unless nobody else is left (capacity).
4. The first ``count`` of the rest are chosen; the others were not needed.
5. The desk is never silent: where nobody of it is left, those who declined are rung again, then those off duty.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime

import msgspec

from escalation.on_call import Duty, unknown
from escalation.people import (
    Candidate,
    Channel,
    Choice,
    Circle,
    Contact,
    PassedOver,
    Resident,
    Responder,
    Role,
    Skipped,
)
from escalation.plan import Step, Who
from escalation.travel import Position, Router

NOBODY: frozenset[str] = frozenset()
RESIDENT = "resident"  # before the id of who is asked at home


def for_later(sentence: str) -> str:
    """Mark a literal that is said by somebody who has a reader."""
    return sentence


NOBODY_TO_ASK = for_later("nobody to ask")
_NO_HOME_PHONE = for_later("no telephone at home to ask")
_DECLINED = for_later("everybody at the desk declined; they are rung again")
_OFF_DUTY = for_later("nobody at the desk is on duty; those off duty are rung")
_NOT_REGISTERED = for_later("the device is not registered: no home is known")
_NO_POSITION = for_later("resident {id} has no position; the circle and the contacts are asked instead of the nearest")
DIRECTORY_NOT_ASKED = for_later("the directory could not be asked")
GAPS = (NOBODY_TO_ASK, _NO_HOME_PHONE, _DECLINED, _OFF_DUTY, _NOT_REGISTERED, _NO_POSITION, DIRECTORY_NOT_ASKED)
"""Every sentence that `Choice.gap` may hold, as it is written before its facts are put in."""
_FAR = float("inf")
_OF_ANOTHER_HOME = {
    Role.FAMILY: PassedOver.FAMILY_OF_ANOTHER_HOME,
    Role.KEYHOLDER: PassedOver.KEYHOLDER_OF_ANOTHER_HOME,
}
_LAST = frozenset({Who.DESK, Who.AMBULANCE})


class Neighbourhood(msgspec.Struct, frozen=True, kw_only=True):
    """The people around one resident, as the directory knows them; more than needed does no harm.

    Attributes:
        responders: Those near, those the resident named, the members of the circles, the desk's people.
        contacts: Whom the resident named.
        circles: The resident's circle and its parents, nearest first.
        desk_phones: How many desk phones are configured.
        line: Whether a contracted ambulance line is configured (mode ``line``).
        duty: Whether somebody with an ``on_call`` is on duty then; worked out beforehand, so that nobody waits.
    """

    responders: tuple[Responder, ...] = ()
    contacts: tuple[Contact, ...] = ()
    circles: tuple[Circle, ...] = ()
    desk_phones: int = 0
    line: bool = False
    duty: Callable[[str, datetime], Duty] = unknown


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """What the service allows.

    Attributes:
        reach_within: Seconds of travel for ``nearest`` and ``everyone`` where the step says nothing.
        language: Of desk phones, circles' phones and the line.
        skipped: How many passed-over people are told of; None = all.
    """

    reach_within: float
    language: str = ""
    skipped: int | None = 20


def choose(  # noqa: C901 - one line for each word of a plan
    step: Step,
    *,
    resident: Resident | None,
    neighbourhood: Neighbourhood,
    router: Router,
    limits: Limits,
    now: datetime,
    asked: frozenset[str] = NOBODY,
    declined: frozenset[str] = NOBODY,
    busy: frozenset[str] = NOBODY,
) -> Choice:
    """Who is contacted in a step, and why not the others.

    Args:
        step: Of the plan frozen into the incident.
        resident: Whose home it is; None = an unregistered device.
        neighbourhood: The people around.
        router: Works out ways.
        limits: What the service allows.
        now: The present, aware.
        asked: Ids of people still being asked. The desk and the line are rung again all the same.
        declined: Ids of people who said no or cannot be reached.
        busy: Ids of people engaged in another home's emergency. The desk and the line serve many at once.
    """
    door = (
        Position(resident.lat, resident.lon)
        if resident and resident.lat is not None and resident.lon is not None
        else None
    )
    people = _People(neighbourhood, router, door, limits.language)
    match step.contact:
        case Who.DESK:
            found, gap = people.desk(), ""
        case Who.AMBULANCE:
            found, gap = people.line() or people.desk(), ""
        case Who.NEAREST if door is None:
            found, gap = _unique([*people.circle(), *people.contacts()]), _no_position(resident)
        case Who.NEAREST:
            found, gap = people.nearest(), ""
        case Who.EVERYONE:
            found, gap = people.everyone(_reach(step, limits)), "" if door else _no_position(resident)
        case Who.CONTACTS:
            found, gap = people.contacts(), ""
        case Who.CIRCLE:
            found, gap = people.circle(), ""
        case Who.ROLE:
            found, gap = people.of_role(step.role), ""
        case Who.RESIDENT:
            found, gap = people.at_home(resident), "" if resident and resident.phone else _NO_HOME_PHONE
    if step.contact in _LAST:
        asked = busy = NOBODY
    sieve = _Sieve(step, neighbourhood, limits, now, asked=asked, declined=declined, busy=busy, door=door)
    return sieve.choice(found, gap)


class _Person(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody the step may mean."""

    id: str
    name: str
    role: Role
    language: str
    phone: bool
    on_call: str = ""
    placed: bool = True
    travel_seconds: float | None = None
    contact: Contact | None = None
    serves_anybody: bool = True


class _People:
    """The neighbourhood, seen from one door."""

    def __init__(self, around: Neighbourhood, router: Router, door: Position | None, language: str) -> None:
        self._around = around
        self._language = language
        named = {contact.responder: contact for contact in around.contacts}
        self._by_id = {r.id: _person(r, _way(r, door, router), named.get(r.id)) for r in around.responders}

    def nearest(self) -> list[_Person]:
        return _by_way(self._of(r for r in self._around.responders if r.role is not Role.DESK))

    def of_role(self, role: str) -> list[_Person]:
        return _by_way(self._of(r for r in self._around.responders if r.role == role))

    def contacts(self) -> list[_Person]:
        ranked = sorted(self._around.contacts, key=lambda c: (c.rank, c.responder))
        return [self._by_id[c.responder] for c in ranked if c.responder in self._by_id]

    def circle(self) -> list[_Person]:
        return _unique(person for circle in self._around.circles for person in self._of_circle(circle))

    def everyone(self, reach: float) -> list[_Person]:
        """Everybody in reach or named, so that a contact who is far away is asked too."""
        near = [p for p in self.nearest() if p.travel_seconds is not None and p.travel_seconds <= reach]
        return _unique([*near, *self.contacts(), *self.circle()])

    def at_home(self, resident: Resident | None) -> list[_Person]:
        if resident is None or not resident.phone:
            return []
        language = resident.language or self._language
        return [
            _Person(
                id=f"{RESIDENT}:{resident.id}", name=resident.name, role=Role.RESIDENT, language=language, phone=True
            )
        ]

    def desk(self) -> list[_Person]:
        chinese = self._language.startswith("zh")
        phones = [
            self._machine(f"desk:{n}", f"值班电话{n + 1}" if chinese else f"desk phone {n + 1}", Role.DESK)
            for n in range(self._around.desk_phones)
        ]
        people = self._of(r for r in self._around.responders if r.role is Role.DESK)
        # nobody travels from a desk; a way would make the hold expire like a neighbour's
        return [*phones, *(msgspec.structs.replace(person, travel_seconds=None) for person in people)]

    def line(self) -> list[_Person]:
        if not self._around.line:
            return []
        return [
            self._machine("line", "急救专线" if self._language.startswith("zh") else "ambulance line", Role.DISPATCH)
        ]

    def _of_circle(self, circle: Circle) -> list[_Person]:
        members = _by_way(
            self._of(r for r in self._around.responders if r.circle == circle.id and r.role is not Role.DESK)
        )
        own = self._machine(f"circle:{circle.id}", circle.name, Role.COMMUNITY_WORKER)
        return [own, *members] if circle.phone else members

    def _machine(self, id_: str, name: str, role: Role) -> _Person:
        return _Person(id=id_, name=name, role=role, language=self._language, phone=True)

    def _of(self, responders: Iterable[Responder]) -> list[_Person]:
        return [self._by_id[r.id] for r in responders]


class _Sieve:
    """Who of them is chosen, and the reason of each who is not."""

    def __init__(
        self,
        step: Step,
        around: Neighbourhood,
        limits: Limits,
        now: datetime,
        *,
        asked: frozenset[str],
        declined: frozenset[str],
        busy: frozenset[str],
        door: Position | None,
    ) -> None:
        self._step = step
        self._duty = around.duty
        self._limits = limits
        self._now = now
        self._asked, self._declined, self._busy = asked, declined, busy
        self._must_be_placed = step.contact is Who.NEAREST and door is not None
        self._reach = _reach(step, limits) if self._must_be_placed else step.reach_within
        self._flagged: list[Skipped] = []

    def choice(self, found: list[_Person], gap: str) -> Choice:
        fit: list[_Person] = []
        engaged: list[_Person] = []
        skipped: list[Skipped] = []
        everybody = self._step.contact in {Who.EVERYONE, *_LAST} or self._limits.skipped is None
        for person in found:
            # A town has thousands of shifts; once enough people are found nobody looks at the farther ones'.
            why = self._why_not(person, look_at_shift=everybody or len(fit) < self._step.count)
            if why is not None:
                skipped.append(_skipped(person, why))
            elif person.id in self._busy:
                engaged.append(person)
            else:
                fit.append(person)
        if not fit:
            fit, engaged = engaged, []
        if not fit and found and self._step.contact in _LAST:
            fit, gap = self._last_resort(found, skipped)
        count = len(fit) if self._step.contact in {Who.EVERYONE, *_LAST} else self._step.count
        skipped += [_skipped(p, PassedOver.BUSY) for p in engaged]
        skipped += [_skipped(p, PassedOver.NOT_NEEDED) for p in fit[count:]]
        skipped.sort(key=lambda s: _FAR if s.travel_seconds is None else s.travel_seconds)
        return Choice(
            chosen=tuple(_candidate(p, self._step.by) for p in fit[:count]),
            skipped=tuple(skipped[: self._limits.skipped]),
            flagged=tuple(self._flagged[: self._limits.skipped]),
            gap=gap or ("" if fit else NOBODY_TO_ASK),
        )

    def _last_resort(self, found: list[_Person], skipped: list[Skipped]) -> tuple[list[_Person], str]:
        why = {one.id: one.why for one in skipped}
        for reason, gap in (
            (PassedOver.DECLINED, _DECLINED),
            (PassedOver.OFF_DUTY, _OFF_DUTY),
        ):
            if reserve := [person for person in found if why.get(person.id) is reason]:
                skipped[:] = [one for one in skipped if one.why is not reason]
                return reserve, gap
        return [], ""

    def _why_not(self, person: _Person, *, look_at_shift: bool) -> PassedOver | None:
        early = (
            (PassedOver.NO_PHONE, not person.phone),
            (_OF_ANOTHER_HOME.get(person.role), not person.serves_anybody and person.contact is None),
            (PassedOver.DECLINED, person.id in self._declined),
            (PassedOver.ALREADY_ASKED, person.id in self._asked),
            (PassedOver.NO_POSITION, self._must_be_placed and not person.placed),
            (PassedOver.TOO_FAR, self._is_too_far(person)),
        )
        for why, applies in early:
            if applies and why is not None:
                return why
        if not look_at_shift:
            return None
        duty = self._duty(person.on_call, self._now)
        if not duty.readable:
            self._flagged.append(_skipped(person, PassedOver.ON_CALL_UNREADABLE))
        return None if duty.on else PassedOver.OFF_DUTY

    def _is_too_far(self, person: _Person) -> bool:
        return self._reach is not None and person.travel_seconds is not None and person.travel_seconds > self._reach


def _reach(step: Step, limits: Limits) -> float:
    return limits.reach_within if step.reach_within is None else step.reach_within


def _no_position(resident: Resident | None) -> str:
    if resident is None:
        return _NOT_REGISTERED
    return _NO_POSITION.format(id=resident.id)


def _person(responder: Responder, way: float | None, contact: Contact | None) -> _Person:
    return _Person(
        id=responder.id,
        name=responder.name,
        role=responder.role,
        language=responder.language,
        phone=bool(responder.phone),
        on_call=responder.on_call,
        placed=responder.lat is not None,
        travel_seconds=way,
        contact=contact,
        serves_anybody=responder.serves_anybody,
    )


def _way(responder: Responder, door: Position | None, router: Router) -> float | None:
    if door is None or responder.lat is None or responder.lon is None:
        return None
    return router.seconds(Position(responder.lat, responder.lon), door, responder.travel)


def _by_way(people: Iterable[_Person]) -> list[_Person]:
    return sorted(people, key=lambda p: (_FAR if p.travel_seconds is None else p.travel_seconds, p.id))


def _unique(people: Iterable[_Person]) -> list[_Person]:
    return list({person.id: person for person in people}.values())


def _skipped(person: _Person, why: PassedOver) -> Skipped:
    return Skipped(id=person.id, name=person.name, why=why, travel_seconds=person.travel_seconds)


def _candidate(person: _Person, by: tuple[Channel, ...]) -> Candidate:
    contact = person.contact
    if person.role is Role.RESIDENT:
        by = (Channel.VOICE,)  # whoever lies on the floor writes no text
    return Candidate(
        id=person.id,
        name=person.name,
        role=person.role,
        language=person.language,
        channels=by,
        travel_seconds=person.travel_seconds,
        rank=contact.rank if contact else None,
        relationship=contact.relationship if contact else "",
        has_key=contact.has_key if contact else False,
    )
