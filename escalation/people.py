"""The people of an incident: who lives there, who may come, and how they are reached."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

import msgspec


class Role(StrEnum):
    """What a responder is to the circle (CONTRACT.md, Files)."""

    FAMILY = "family"
    NEIGHBOUR = "neighbour"
    VOLUNTEER = "volunteer"
    COMMUNITY_WORKER = "community_worker"
    NURSE = "nurse"
    DOCTOR = "doctor"
    KEYHOLDER = "keyholder"
    DESK = "desk"
    DISPATCH = "dispatch"  # the ambulance line; never imported from a file
    RESIDENT = "resident"  # who is asked whether all is well; never imported from a file


OF_ONE_HOME = frozenset({Role.FAMILY, Role.KEYHOLDER})
"""What somebody is to their own only: to every other home they are strangers."""
VOLUNTEER = "volunteer"
"""The skill by which family and key holders go to other homes too."""


class Travel(StrEnum):
    """How a responder comes to the door."""

    WALK = "walk"
    BICYCLE = "bicycle"
    CAR = "car"


class Tier(StrEnum):
    """The level of a circle."""

    STREET = "street"
    COMMUNITY = "community"
    POINT = "point"


class Channel(StrEnum):
    """How a person is reached."""

    SMS = "sms"
    VOICE = "voice"


class Resident(msgspec.Struct, frozen=True, kw_only=True):
    """A person who lives with a button. Positions are WGS-84 degrees; None where unknown.

    ``categories`` may hold ``share_medical``: the resident allowed volunteers and neighbours to be told medical facts.
    """

    id: str
    name: str
    language: str = ""
    phone: str = ""
    birth_date: date | None = None
    address: str = ""
    lat: float | None = None
    lon: float | None = None
    access: str = ""
    conditions: str = ""
    medication: str = ""
    allergies: str = ""
    mobility: str = ""
    categories: tuple[str, ...] = ()
    circle: str = ""
    plan: str = ""
    notes: str = ""


class Responder(msgspec.Struct, frozen=True, kw_only=True):
    """A person who can be at a door.

    ``phone`` is E.164; ``on_call`` an OpenStreetMap opening-hours text or ``ics:…``; empty = always.
    """

    id: str
    name: str
    language: str = ""
    phone: str = ""
    role: Role = Role.NEIGHBOUR
    lat: float | None = None
    lon: float | None = None
    travel: Travel = Travel.WALK
    skills: tuple[str, ...] = ()
    on_call: str = ""
    circle: str = ""

    @property
    def serves_anybody(self) -> bool:
        """Whether they go to homes that did not name them.

        Family and key holders are that to their own; one of them who is a volunteer too says so in ``skills``.
        """
        return self.role not in OF_ONE_HOME or VOLUNTEER in self.skills


class Contact(msgspec.Struct, frozen=True, kw_only=True):
    """A responder whom a resident named, and in which order (rank 1 first)."""

    resident: str
    responder: str
    rank: int
    relationship: str = ""
    has_key: bool = False


class Circle(msgspec.Struct, frozen=True, kw_only=True):
    """A street, community or point of care; ``phone`` is rung as one contact of its own."""

    id: str
    name: str
    tier: Tier
    parent: str = ""
    lat: float | None = None
    lon: float | None = None
    phone: str = ""


class Device(msgspec.Struct, frozen=True, kw_only=True):
    """A registered device. ``report_every`` is the promised reporting time in seconds; None = its family's default."""

    id: str
    family: str
    address: str
    resident: str
    kind: str
    room: str = ""
    report_every: int | None = None


class Candidate(msgspec.Struct, frozen=True, kw_only=True):
    """One person chosen for one step, as the plan's record keeps them; the phone number is looked up when sending.

    ``id`` is a responder's id, ``circle:<id>`` for a circle's own phone, ``desk:<n>`` for the n-th desk phone (from 0),
    or ``line`` for the contracted ambulance line. ``travel_seconds`` is the estimated way to the door; None where no
    position is known. ``telephone`` names a telephone that several share by one of their ids, the same for all of them;
    empty = nobody else's.
    """

    id: str
    name: str
    role: Role
    language: str
    channels: tuple[Channel, ...]
    travel_seconds: float | None = None
    rank: int | None = None
    relationship: str = ""
    has_key: bool = False
    telephone: str = ""


def telephone_of(who: Candidate) -> str:
    """Which telephone somebody has: those who share one have the same."""
    return who.telephone or who.id


class PassedOver(StrEnum):
    """Why somebody was not chosen; the words of `alarmd explain`."""

    OFF_DUTY = "off_duty"
    TOO_FAR = "too_far"
    NO_POSITION = "no_position"
    NO_PHONE = "no_phone"
    BUSY = "busy"
    DECLINED = "declined"
    ALREADY_ASKED = "already_asked"
    NOT_NEEDED = "not_needed"  # enough nearer ones
    WRONG_ROLE = "wrong_role"
    FAMILY_OF_ANOTHER_HOME = "family_of_another_home"
    KEYHOLDER_OF_ANOTHER_HOME = "keyholder_of_another_home"
    ON_CALL_UNREADABLE = "on_call_unreadable"  # treated as on duty: a wrong calendar must not silence a person
    IS_RESIDENT = "is_resident"  # the same person: nobody is rung for their own alarm
    RESIDENTS_TELEPHONE = "residents_telephone"
    RESIDENTS_POSITION = "residents_position"  # of the same home, or the resident by another name
    OWN_ALARM = "own_alarm"  # has an open alarm in their own home
    SHARES_TELEPHONE = "shares_telephone"  # one number is one slot: somebody else of it is asked, or said no


class Skipped(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody not chosen, and why; ``travel_seconds`` where it was worked out.

    ``shared_with``: by name, whose telephone it is too, where that is why.
    """

    id: str
    name: str
    why: PassedOver
    travel_seconds: float | None = None
    shared_with: str = ""


class Choice(msgspec.Struct, frozen=True, kw_only=True):
    """Who is contacted in one step, in order, and why not the others.

    Attributes:
        chosen: Nearest or first-ranked first.
        skipped: The nearest of those passed over; in a town that is not everybody.
        flagged: People counted on although something in their record is doubtful, such as an unreadable calendar.
        gap: Why the step could not be done as written, as a sentence; empty if it could.
    """

    chosen: tuple[Candidate, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    flagged: tuple[Skipped, ...] = ()
    gap: str = ""
