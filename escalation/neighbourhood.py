"""The people around one resident, as they are seen from one door."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable
from datetime import datetime

import msgspec

from escalation.on_call import Duty, unknown
from escalation.people import Circle, Contact, Resident, Responder, Role
from escalation.travel import Position, Router

RESIDENT = "resident"  # before the id of who is asked at home
_FAR = float("inf")
_SAME_PLACE = 1e-6  # degrees, a tenth of a metre: the very same figures, whatever they went through


def desk_name(number: int, language: str) -> str:
    """What the desk's n-th telephone (from 0) is called in the service's language."""
    return f"值班电话{number + 1}" if language.startswith("zh") else f"desk phone {number + 1}"


def line_name(language: str) -> str:
    """What the ambulance's line is called in the service's language."""
    return "急救专线" if language.startswith("zh") else "ambulance line"


class Neighbourhood(msgspec.Struct, frozen=True, kw_only=True):
    """The people around one resident, as the directory knows them; more than needed does no harm.

    Attributes:
        responders: Those near, those the resident named, the members of the circles, the desk's people.
        contacts: Whom the resident named.
        circles: The resident's circle and its parents, nearest first.
        desk_phones: The numbers of the desk's own phones.
        line: The number of the contracted ambulance line; empty where none is configured (mode ``line``).
        duty: Whether somebody with an ``on_call`` is on duty then; worked out beforehand, so that nobody waits.
        home: Where the resident lives; None where that is not known.
        is_house: Whether others are registered at that position, in other homes: it says nothing of one flat.
        is_at_home: Whether the door to go to is that home's; who wears a device may be elsewhere.
    """

    responders: tuple[Responder, ...] = ()
    contacts: tuple[Contact, ...] = ()
    circles: tuple[Circle, ...] = ()
    desk_phones: tuple[str, ...] = ()
    line: str = ""
    duty: Callable[[str, datetime], Duty] = unknown
    home: Position | None = None
    is_house: bool = False
    is_at_home: bool = True


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody the step may mean; ``is_machine``: a telephone by itself, of the desk, the line or a circle."""

    id: str
    name: str
    role: Role
    language: str
    phone: str
    on_call: str = ""
    place: Position | None = None
    is_machine: bool = False
    travel_seconds: float | None = None
    contact: Contact | None = None
    serves_anybody: bool = True


class Seen:
    """The neighbourhood, seen from one door."""

    def __init__(self, around: Neighbourhood, router: Router, door: Position | None, language: str) -> None:
        self._around = around
        self._language = language
        named = {contact.responder: contact for contact in around.contacts}
        self._by_id = {r.id: _person(r, _way(r, door, router), named.get(r.id)) for r in around.responders}

    def nearest(self) -> list[Person]:
        """Everybody but the desk's people."""
        return by_way(self._of(r for r in self._around.responders if r.role is not Role.DESK))

    def of_role(self, role: str) -> list[Person]:
        """Those of that role."""
        return by_way(self._of(r for r in self._around.responders if r.role == role))

    def contacts(self) -> list[Person]:
        """Whom the resident named, by rank."""
        ranked = sorted(self._around.contacts, key=lambda c: (c.rank, c.responder))
        return [self._by_id[c.responder] for c in ranked if c.responder in self._by_id]

    def circle(self) -> list[Person]:
        """Each circle's own phone, then its members."""
        return unique(person for circle in self._around.circles for person in self._of_circle(circle))

    def everyone(self, reach: float) -> list[Person]:
        """Everybody in reach or named, so that a contact who is far away is asked too."""
        near = [p for p in self.nearest() if p.travel_seconds is not None and p.travel_seconds <= reach]
        return unique([*near, *self.contacts(), *self.circle()])

    def at_home(self, resident: Resident | None) -> list[Person]:
        """The resident."""
        if resident is None or not resident.phone:
            return []
        language = resident.language or self._language
        return [
            Person(
                id=f"{RESIDENT}:{resident.id}",
                name=resident.name,
                role=Role.RESIDENT,
                language=language,
                phone=resident.phone,
            )
        ]

    def desk(self) -> list[Person]:
        """The desk's phones, then its people."""
        phones = [
            self._machine(f"desk:{n}", desk_name(n, self._language), Role.DESK, phone)
            for n, phone in enumerate(self._around.desk_phones)
        ]
        people = self._of(r for r in self._around.responders if r.role is Role.DESK)
        # nobody travels from a desk; a way would make the hold expire like a neighbour's
        return [*phones, *(msgspec.structs.replace(person, travel_seconds=None) for person in people)]

    def line(self) -> list[Person]:
        """The ambulance line, if there is one."""
        if not self._around.line:
            return []
        return [self._machine("line", line_name(self._language), Role.DISPATCH, self._around.line)]

    def _of_circle(self, circle: Circle) -> list[Person]:
        members = by_way(
            self._of(r for r in self._around.responders if r.circle == circle.id and r.role is not Role.DESK)
        )
        own = self._machine(f"circle:{circle.id}", circle.name, Role.COMMUNITY_WORKER, circle.phone)
        return [own, *members] if circle.phone else members

    def _machine(self, id_: str, name: str, role: Role, phone: str) -> Person:
        return Person(id=id_, name=name, role=role, language=self._language, phone=phone, is_machine=True)

    def _of(self, responders: Iterable[Responder]) -> list[Person]:
        return [self._by_id[r.id] for r in responders]


def _person(responder: Responder, way: float | None, contact: Contact | None) -> Person:
    return Person(
        id=responder.id,
        name=responder.name,
        role=responder.role,
        language=responder.language,
        phone=responder.phone,
        on_call=responder.on_call,
        place=place_of(responder),
        travel_seconds=way,
        contact=contact,
        serves_anybody=responder.serves_anybody,
    )


def _way(responder: Responder, door: Position | None, router: Router) -> float | None:
    place = place_of(responder)
    return None if door is None or place is None else router.seconds(place, door, responder.travel)


def place_of(responder: Responder) -> Position | None:
    """Where somebody is at home; None where nobody knows."""
    if responder.lat is None or responder.lon is None:
        return None
    return Position(responder.lat, responder.lon)


def by_way(people: Iterable[Person]) -> list[Person]:
    """The nearest first."""
    return sorted(people, key=lambda p: (_FAR if p.travel_seconds is None else p.travel_seconds, p.id))


def unique(people: Iterable[Person]) -> list[Person]:
    """Each once."""
    return list({person.id: person for person in people}.values())


def is_at(place: Position | None, home: Position | None) -> bool:
    """Whether somebody stands at the very position of a home."""
    if place is None or home is None:
        return False
    return abs(place.lat - home.lat) <= _SAME_PLACE and abs(place.lon - home.lon) <= _SAME_PLACE


def plainly(name: str) -> str:
    """A name as it would be recognised, whatever its case, width and blanks."""
    return "".join(unicodedata.normalize("NFKC", name).casefold().split())


def is_the_same(responder: Responder, resident: Resident) -> bool:
    """Whether a responder cannot be rung for a resident: it is the same person, or they have one telephone."""
    if responder.phone and responder.phone == resident.phone:
        return True
    home = None if resident.lat is None or resident.lon is None else Position(resident.lat, resident.lon)
    return is_at(place_of(responder), home) and plainly(responder.name) == plainly(resident.name)
