"""The hand-off record: what an ambulance service is told, in one versioned value (FIELD.md, "The hand-off record").

It is spoken, sent as text, and later mapped to FHIR, EIDO and CAP. Missing data never blocks it: what is not known is
said to be unknown.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from enum import StrEnum

import msgspec

from escalation.incident import HandoffState, Incident, Standing
from escalation.people import Candidate, Channel, Resident, Role

SOS = "sos"
CRY = "cry"
"""What happened where somebody called or wrote for help, and pressed nothing."""
BY_TELEPHONE = frozenset({Channel.SMS.value, Channel.VOICE.value})
"""What stands where else the device does, then."""


class HandoffKind(StrEnum):
    """What this version of the record is for."""

    NEW = "new"
    UPDATE = "update"
    CANCEL = "cancel"


class Known(StrEnum):
    """An observation that somebody made, or did not make."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


class SceneSafety(StrEnum):
    """Whether the crew may walk in; always sent."""

    SAFE = "safe"
    UNSAFE = "unsafe"
    UNKNOWN = "unknown"


class Certainty(StrEnum):
    """How sure the place is: confirmed by a person there, or provisional (from the file, from a moving device)."""

    CONFIRMED = "confirmed"
    PROVISIONAL = "provisional"


class Access(msgspec.Struct, frozen=True, kw_only=True):
    """The way in. ``text`` is all of it as written; the rest is what could be told apart, empty where it could not."""

    text: str = ""
    floor: str = ""
    door_code: str = ""
    key_safe: str = ""
    dog: str = ""


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """Where. ``lat`` and ``lon`` are WGS-84 degrees, ``accuracy_m`` metres; None where unknown.

    ``address`` and ``access`` are the home's. Where the person is not there, ``away`` is true, ``lat`` and ``lon`` are
    where the device is, and ``home_lat`` and ``home_lon`` where the home is.
    """

    address: str = ""
    room: str = ""
    lat: float | None = None
    lon: float | None = None
    accuracy_m: float | None = None
    certainty: Certainty = Certainty.PROVISIONAL
    access: Access = Access()
    away: bool = False
    home_lat: float | None = None
    home_lon: float | None = None


class CallBack(msgspec.Struct, frozen=True, kw_only=True):
    """A person who can be rung about this case; ``phone`` is E.164. Rank 1 is the one to call back."""

    rank: int
    name: str = ""
    phone: str = ""
    relation: str = ""


class Patient(msgspec.Struct, frozen=True, kw_only=True):
    """The person in need. Nothing here is required; ``age`` is in whole years."""

    id: str = ""
    name: str = ""
    birth_date: date | None = None
    age: int | None = None
    sex: str = ""
    language: str = ""
    phone: str = ""
    mobility: str = ""


class Findings(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody saw or an operator learned; everything starts as unknown.

    ``text`` is what to add to the complaint in their own words.
    """

    conscious: Known = Known.UNKNOWN
    breathing: Known = Known.UNKNOWN
    scene: SceneSafety = SceneSafety.UNKNOWN
    text: str = ""
    infection: str = ""
    advance_decisions: str = ""


class Times(msgspec.Struct, frozen=True, kw_only=True):
    """When things happened, aware UTC; None where nobody knows. ``pressed_at`` is by the device's own clock."""

    pressed_at: datetime | None = None
    received_at: datetime
    answered_at: datetime | None = None
    handed_over_at: datetime | None = None


class Informed(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody else who knows, and how they stand.

    ``arrive_by`` is when they ought to be at the door; None for the desk, which does not go.
    """

    name: str
    role: Role
    standing: Standing
    arrive_by: datetime | None = None


class HandoffRecord(msgspec.Struct, frozen=True, kw_only=True):
    """One version of one case, as handed to the ambulance.

    Attributes:
        reference: Unique and readable aloud; the same through all versions.
        version: 1 for the first; each update or cancel counts one up.
        kind: New, update or cancel.
        reason: Why it is cancelled or updated; empty for a new one.
        written_at: When this version was made, aware UTC.
        complaint: The signal type that opened the case (`devices.signal.SignalType`).
        presses: How often help was asked for.
        suspect: Why the signal is doubted, or empty; a doubted alarm is an alarm.
        contacts: Ranked from 1 without gaps, so exactly one is rank 1.
    """

    reference: str
    version: int
    kind: HandoffKind
    reason: str = ""
    written_at: datetime
    place: Place
    contacts: tuple[CallBack, ...]
    patient: Patient
    complaint: str
    presses: int = 1
    suspect: str = ""
    findings: Findings = Findings()
    conditions: str = ""
    allergies: str = ""
    medication: str = ""
    times: Times
    informed: tuple[Informed, ...] = ()

    def __post_init__(self) -> None:
        """Refuse a record nobody could call back on: ranks must be 1, 2, 3 … in order."""
        if [contact.rank for contact in self.contacts] != list(range(1, len(self.contacts) + 1)) or not self.contacts:
            raise ValueError("a hand-off record needs contacts ranked 1, 2, 3 … with exactly one rank 1")

    @property
    def call_back(self) -> CallBack:
        """The contact of rank 1; its phone is empty where no number at all is known."""
        return self.contacts[0]


ON_THE_WAY = (Standing.ARRIVED, Standing.COMING, Standing.ACCEPTED, Standing.FOLLOWS)
_NOTHING_FOUND = Findings()
_PARTS = {
    "floor": ("floor", "楼层"),
    "door_code": ("door code", "code", "门禁", "门禁密码", "密码"),
    "key_safe": ("key safe", "keysafe", "钥匙盒", "钥匙"),
    "dog": ("dog", "狗"),
}
_PART_OF = {word: part for part, words in _PARTS.items() for word in words}
_PIECES = re.compile(r"[;；]")
_COLON = re.compile(r"[:：]")


def access(text: str) -> Access:
    """Read the way in from a resident's ``access`` column.

    ``floor: 4; door code: 12#; key safe: left of the door; dog: friendly`` is told apart (in Chinese
    ``楼层：4；门禁：12#；钥匙盒：…；狗：…``); anything else stays whole in ``text``, which always keeps everything.
    """
    found: dict[str, str] = {}
    for piece in _PIECES.split(text):
        label, *value = (one.strip() for one in _COLON.split(piece, maxsplit=1))
        part = _PART_OF.get(label.casefold())
        if part is not None and value and value[0]:
            found.setdefault(part, value[0])
    return msgspec.convert({"text": text.strip(), **found}, Access)


def age(birth_date: date | None, today: date) -> int | None:
    """Whole years on that day; None where the birth date is unknown or lies ahead."""
    if birth_date is None or birth_date > today:
        return None
    return today.year - birth_date.year - ((today.month, today.day) < (birth_date.month, birth_date.day))


def complaint(incident: Incident) -> str:
    """What happened, for those who are told: the signal's type, or that they asked in words of their own."""
    return CRY if incident.kind == SOS and incident.device in BY_TELEPHONE else incident.kind


def record(
    incident: Incident,
    resident: Resident | None,
    *,
    now: datetime,
    phones: Mapping[str, str] | None = None,
    contacts: Sequence[tuple[Candidate, str]] = (),
    desk_phone: str = "",
    room: str = "",
    pressed_at: datetime | None = None,
    answered_at: datetime | None = None,
    handed_over_at: datetime | None = None,
    position: tuple[float, float, float | None] | None = None,
    confirmed: bool = False,
    findings: Findings = _NOTHING_FOUND,
    reason: str = "",
) -> HandoffRecord:
    """Make the record of an incident from whatever is known; never fails for missing data.

    Args:
        incident: As it stands; its ``handoff`` says version and whether this cancels.
        resident: Who lives there, or None for an unregistered device.
        now: The decision's time.
        phones: Candidate id → E.164 number of those taking part, for call-backs.
        contacts: The resident's named contacts with their numbers, by rank.
        desk_phone: The desk's number: the last resort for a call-back.
        room: Where in the home the device is.
        pressed_at: The device's own time of the press, if it gave one.
        answered_at: When a person first answered.
        handed_over_at: When the ambulance took it.
        position: Latitude, longitude and accuracy in metres of a device that is not at home; goes before the home's.
        confirmed: Somebody at the place says that it is right.
        findings: What was seen.
        reason: Why it is updated or cancelled.
    """
    handoff = incident.handoff
    version = handoff.version if handoff is not None else 1
    cancelled = handoff is not None and handoff.state is HandoffState.CANCELLED
    return HandoffRecord(
        reference=incident.id,
        version=version,
        kind=HandoffKind.CANCEL if cancelled else HandoffKind.UPDATE if version > 1 else HandoffKind.NEW,
        reason=reason,
        written_at=now,
        place=_place(incident, resident, room, position, confirmed=confirmed),
        contacts=_call_backs(incident, resident, phones or {}, contacts, desk_phone),
        patient=_patient(resident, now),
        complaint=complaint(incident),
        presses=incident.presses,
        suspect=incident.suspect,
        findings=findings,
        conditions=resident.conditions if resident else "",
        allergies=resident.allergies if resident else "",
        medication=resident.medication if resident else "",
        times=Times(
            pressed_at=pressed_at,
            received_at=incident.opened_at,
            answered_at=answered_at,
            handed_over_at=handed_over_at,
        ),
        informed=_informed(incident),
    )


def _informed(incident: Incident) -> tuple[Informed, ...]:
    return tuple(
        Informed(
            name=p.who.name,
            role=p.who.role,
            standing=p.standing,
            arrive_by=None if p.who.role is Role.DESK else p.arrive_by,
        )
        for p in incident.participants
        if p.who.role not in {Role.DISPATCH, Role.RESIDENT}
    )


def _place(
    incident: Incident,
    resident: Resident | None,
    room: str,
    position: tuple[float, float, float | None] | None,
    *,
    confirmed: bool,
) -> Place:
    somebody_is_there = any(p.standing is Standing.ARRIVED for p in incident.participants)
    certainty = Certainty.CONFIRMED if confirmed or somebody_is_there else Certainty.PROVISIONAL
    lat, lon, accuracy = position or (None, None, None)
    if position is None and resident is not None:
        lat, lon = resident.lat, resident.lon
    return Place(
        address=resident.address if resident else "",
        room=room,
        lat=lat,
        lon=lon,
        accuracy_m=accuracy,
        certainty=certainty,
        access=access(resident.access) if resident else Access(),
        away=position is not None,
        home_lat=resident.lat if resident and position else None,
        home_lon=resident.lon if resident and position else None,
    )


def _patient(resident: Resident | None, now: datetime) -> Patient:
    if resident is None:
        return Patient()
    return Patient(
        id=resident.id,
        name=resident.name,
        birth_date=resident.birth_date,
        age=age(resident.birth_date, now.date()),
        language=resident.language,
        phone=resident.phone,
        mobility=resident.mobility,
    )


def _call_backs(
    incident: Incident,
    resident: Resident | None,
    phones: Mapping[str, str],
    contacts: Sequence[tuple[Candidate, str]],
    desk_phone: str,
) -> tuple[CallBack, ...]:
    """Who to call back, best first: who is there or nearly there, the patient, the named contacts, the desk."""
    best: list[tuple[str, str, str]] = []
    for standing in ON_THE_WAY:
        best += [
            (p.who.name, phones.get(p.who.id, ""), p.who.relationship or p.who.role.value)
            for p in incident.participants
            if p.standing is standing and p.who.role is not Role.DISPATCH
        ]
    if resident is not None:
        best.append((resident.name, resident.phone, "patient"))
    best += [(who.name, phone, who.relationship or who.role.value) for who, phone in contacts]
    best.append(("", desk_phone, "desk"))
    return _ranked(best)


def _ranked(best: Iterable[tuple[str, str, str]]) -> tuple[CallBack, ...]:
    once: dict[str, CallBack] = {}
    for name, phone, relation in best:
        if phone and phone not in once:
            once[phone] = CallBack(rank=len(once) + 1, name=name, phone=phone, relation=relation)
    # Exactly one rank 1 must be there even where no number is known: an empty one says so.
    return tuple(once.values()) or (CallBack(rank=1),)
