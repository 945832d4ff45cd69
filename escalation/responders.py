"""Who is contacted in one step of a plan, and why not the others.

In the order in which it is decided:

1. The step says whom it means, and in which order: by way, by rank, by circle.
2. Passed over are, in this order of reasons: no phone, family or key holder of another home, the resident and whoever
   has the resident's telephone, an open alarm of their own, declined, already asked, a telephone that is being asked or
   said no, no position, too far, off duty.
3. Who stands at the resident's own position is passed over, unless nobody else is left; then who is engaged in another
   home's emergency (capacity).
4. Of several with one telephone one is chosen. The first ``count`` of the rest are chosen; the others were not needed.
5. The desk is never silent: where nobody of it is left, those who declined are rung again, then those off duty, then
   those with an alarm of their own, and at last the resident's own telephone.
6. Where there is no desk, and nobody could be asked at all, those off duty are, then those with an alarm of their own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

import msgspec

from escalation.neighbourhood import Neighbourhood, Person, Seen, is_at, place_of, plainly, unique
from escalation.people import Candidate, Channel, Choice, PassedOver, Resident, Role, Skipped
from escalation.plan import Step, Who
from escalation.travel import Position, Router

NOBODY: frozenset[str] = frozenset()


def for_later(sentence: str) -> str:
    """Mark a literal that is said by somebody who has a reader."""
    return sentence


NOBODY_TO_ASK = for_later("nobody to ask")
_NO_HOME_PHONE = for_later("no telephone at home to ask")
_DECLINED = for_later("everybody at the desk declined; they are rung again")
_OFF_DUTY = for_later("nobody at the desk is on duty; those off duty are rung")
_IN_NEED = for_later("everybody at the desk has an open alarm of their own; they are rung all the same")
_OWN_DESK = for_later("the desk's only telephone is the resident's own; it is rung all the same")
_ONLY_OFF_DUTY = for_later("nobody else is left and nobody is at the desk; those off duty are rung")
_ONLY_IN_NEED = for_later(
    "nobody else is left and nobody is at the desk; those with an open alarm of their own are rung all the same"
)
_NOT_REGISTERED = for_later("the device is not registered: no home is known")
_NO_POSITION = for_later("resident {id} has no position; the circle and the contacts are asked instead of the nearest")
DIRECTORY_NOT_ASKED = for_later("the directory could not be asked")
GAPS = (
    NOBODY_TO_ASK,
    _NO_HOME_PHONE,
    _DECLINED,
    _OFF_DUTY,
    _IN_NEED,
    _OWN_DESK,
    _ONLY_OFF_DUTY,
    _ONLY_IN_NEED,
    _NOT_REGISTERED,
    _NO_POSITION,
    DIRECTORY_NOT_ASKED,
)
"""Every sentence that `Choice.gap` may hold, as it is written before its facts are put in."""
_FAR = float("inf")
_OF_ANOTHER_HOME = {
    Role.FAMILY: PassedOver.FAMILY_OF_ANOTHER_HOME,
    Role.KEYHOLDER: PassedOver.KEYHOLDER_OF_ANOTHER_HOME,
}
_LAST = frozenset({Who.DESK, Who.AMBULANCE})
_LAST_RESORT = (
    (frozenset({PassedOver.DECLINED}), _DECLINED),
    (frozenset({PassedOver.OFF_DUTY}), _OFF_DUTY),
    (frozenset({PassedOver.OWN_ALARM}), _IN_NEED),
    (frozenset({PassedOver.IS_RESIDENT, PassedOver.RESIDENTS_TELEPHONE}), _OWN_DESK),
)
_BEFORE_SILENCE = {PassedOver.OFF_DUTY: _ONLY_OFF_DUTY, PassedOver.OWN_ALARM: _ONLY_IN_NEED}
BEFORE_SILENCE = (None, *_BEFORE_SILENCE)
"""In which order those are asked whom no step asks, where there is no desk and nobody else is left."""
_ONE_HOME = 2  # so many helpers may live with a resident; where more have that position, it is a house's


class Numbers(msgspec.Struct, frozen=True, kw_only=True):
    """The telephones of an incident's people, E.164, each with the name of whose it is.

    Attributes:
        asked: That are being asked, or that go.
        declined: That said no, or cannot be reached; a no of the desk's is no neighbour's.
    """

    asked: Mapping[str, str] = msgspec.field(default_factory=dict)
    declined: Mapping[str, str] = msgspec.field(default_factory=dict)


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
    in_need: frozenset[str] = NOBODY,
    numbers: Numbers | None = None,
    before_silence: PassedOver | None = None,
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
        in_need: Ids of people who have an open alarm in their own home.
        numbers: The telephones of those people. The desk and the line are rung on theirs all the same.
        before_silence: Those passed over for that reason are chosen where nobody else is: one of `BEFORE_SILENCE`.
    """
    door = (
        Position(resident.lat, resident.lon)
        if resident and resident.lat is not None and resident.lon is not None
        else None
    )
    people = Seen(neighbourhood, router, door, limits.language)
    match step.contact:
        case Who.DESK:
            found, gap = people.desk(), ""
        case Who.AMBULANCE:
            found, gap = people.line() or people.desk(), ""
        case Who.NEAREST if door is None:
            found, gap = unique([*people.circle(), *people.contacts()]), _no_position(resident)
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
        numbers = None
    known = _Known(asked=asked, declined=declined, busy=busy, in_need=in_need, numbers=numbers or Numbers())
    sieve = _Sieve(
        step, neighbourhood, limits, now, known=known, door=door, resident=resident, before_silence=before_silence
    )
    return sieve.choice(found, gap)


class _Known(msgspec.Struct, frozen=True, kw_only=True):
    """How people stand, by id."""

    asked: frozenset[str]
    declined: frozenset[str]
    busy: frozenset[str]
    in_need: frozenset[str]
    numbers: Numbers


class _Sieve:
    """Who of them is chosen, and the reason of each who is not."""

    def __init__(
        self,
        step: Step,
        around: Neighbourhood,
        limits: Limits,
        now: datetime,
        *,
        known: _Known,
        door: Position | None,
        resident: Resident | None,
        before_silence: PassedOver | None,
    ) -> None:
        self._before_silence = before_silence
        self._step = step
        self._duty = around.duty
        self._limits = limits
        self._now = now
        self._known = known
        self._resident = None if step.contact is Who.RESIDENT else resident
        self._home = None if self._resident is None else around.home
        self._is_one_home = around.is_at_home and not around.is_house and _few_are_at(self._home, around, resident)
        self._must_be_placed = step.contact is Who.NEAREST and door is not None
        self._reach = _reach(step, limits) if self._must_be_placed else step.reach_within
        self._flagged: list[Skipped] = []

    def choice(self, found: list[Person], gap: str) -> Choice:
        fit: dict[str, Person] = {}  # by telephone
        last: list[tuple[Person, PassedOver]] = []
        skipped: list[Skipped] = []
        everybody = self._step.contact in {Who.EVERYONE, *_LAST} or self._limits.skipped is None
        for person in found:
            # A town has thousands of shifts; once enough people are found nobody looks at the farther ones'.
            why = self._why_not(person, look_at_shift=everybody or len(fit) < self._step.count)
            later = self._only_where_nobody_else_is_left(person)
            if why is not None:
                skipped.append(_skipped(person, why, self._whose(person) if why is PassedOver.SHARES_TELEPHONE else ""))
            elif later is not None:
                last.append((person, later))
            else:
                _take(fit, person, skipped)
        for reason in (PassedOver.RESIDENTS_POSITION, PassedOver.BUSY):
            if not fit:
                for person, _ in (one for one in last if one[1] is reason):
                    _take(fit, person, skipped)
                last = [one for one in last if one[1] is not reason] if fit else last
        if not fit and found and self._step.contact in _LAST:
            fit, gap = self._last_resort(found, skipped, _LAST_RESORT)
        elif not fit and self._before_silence is not None:
            reason = self._before_silence
            fit, gap = self._last_resort(found, skipped, ((frozenset({reason}), _BEFORE_SILENCE[reason]),))
        chosen = list(fit.values())
        count = len(chosen) if self._step.contact in {Who.EVERYONE, *_LAST} else self._step.count
        skipped += [_skipped(person, why) for person, why in last]
        skipped += [_skipped(p, PassedOver.NOT_NEEDED) for p in chosen[count:]]
        skipped.sort(key=lambda s: _FAR if s.travel_seconds is None else s.travel_seconds)
        return Choice(
            chosen=tuple(_candidate(p, self._step.by) for p in chosen[:count]),
            skipped=tuple(skipped[: self._limits.skipped]),
            flagged=tuple(self._flagged[: self._limits.skipped]),
            gap=gap or ("" if chosen else NOBODY_TO_ASK),
        )

    def _last_resort(
        self, found: list[Person], skipped: list[Skipped], resorts: Iterable[tuple[frozenset[PassedOver], str]]
    ) -> tuple[dict[str, Person], str]:
        why = {one.id: one.why for one in skipped}
        for reasons, gap in resorts:
            if reserve := [person for person in found if why.get(person.id) in reasons]:
                skipped[:] = [one for one in skipped if one.why not in reasons]
                fit: dict[str, Person] = {}
                for person in reserve:
                    _take(fit, person, skipped)
                return fit, gap
        return {}, ""

    def _why_not(self, person: Person, *, look_at_shift: bool) -> PassedOver | None:
        known = self._known
        early = (
            (PassedOver.NO_PHONE, not person.phone),
            (_OF_ANOTHER_HOME.get(person.role), not person.serves_anybody and person.contact is None),
            (PassedOver.IS_RESIDENT, self._is_resident(person)),
            (PassedOver.RESIDENTS_TELEPHONE, self._has_residents_telephone(person)),
            (PassedOver.OWN_ALARM, person.id in known.in_need),
            (PassedOver.DECLINED, person.id in known.declined),
            (PassedOver.ALREADY_ASKED, person.id in known.asked),
            (PassedOver.SHARES_TELEPHONE, self._whose(person) != ""),
            (PassedOver.NO_POSITION, self._must_be_placed and person.place is None),
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

    def _whose(self, person: Person) -> str:
        """Whose telephone it is too, of those who were asked or said no."""
        numbers = self._known.numbers
        return numbers.asked.get(person.phone, "") or numbers.declined.get(person.phone, "")

    def _has_residents_telephone(self, person: Person) -> bool:
        return self._resident is not None and person.phone == self._resident.phone

    def _is_resident(self, person: Person) -> bool:
        """The same name with the same telephone, or at the same position."""
        same = self._has_residents_telephone(person) or is_at(person.place, self._home)
        return same and self._resident is not None and plainly(person.name) == plainly(self._resident.name)

    def _only_where_nobody_else_is_left(self, person: Person) -> PassedOver | None:
        """Whom the resident named is never taken for the resident, wherever they live."""
        if self._is_one_home and person.contact is None and is_at(person.place, self._home):
            return PassedOver.RESIDENTS_POSITION
        return PassedOver.BUSY if person.id in self._known.busy else None

    def _is_too_far(self, person: Person) -> bool:
        return self._reach is not None and person.travel_seconds is not None and person.travel_seconds > self._reach


def _reach(step: Step, limits: Limits) -> float:
    return limits.reach_within if step.reach_within is None else step.reach_within


def _no_position(resident: Resident | None) -> str:
    if resident is None:
        return _NOT_REGISTERED
    return _NO_POSITION.format(id=resident.id)


def _few_are_at(home: Position | None, around: Neighbourhood, resident: Resident | None) -> bool:
    """Whether a position is that of one home, and not of a house with neighbours in it."""
    own = resident.phone if resident else ""
    there = {person.phone for person in around.responders if is_at(place_of(person), home)} - {own, ""}
    return home is not None and len(there) <= _ONE_HOME


def _take(fit: dict[str, Person], person: Person, skipped: list[Skipped]) -> None:
    """One telephone is one slot: the first of it has it, but a circle's own phone is its member's who can go."""
    first = fit.get(person.phone)
    if first is None:
        fit[person.phone] = person
        return
    of_circle = first.is_machine and person.role is not Role.DESK
    stays, goes = (person, first) if of_circle else (first, person)
    fit[person.phone] = stays
    skipped.append(_skipped(goes, PassedOver.SHARES_TELEPHONE, stays.name))


def _skipped(person: Person, why: PassedOver, shared_with: str = "") -> Skipped:
    return Skipped(
        id=person.id, name=person.name, why=why, travel_seconds=person.travel_seconds, shared_with=shared_with
    )


def _candidate(person: Person, by: tuple[Channel, ...]) -> Candidate:
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
