"""What a text may need to know, who hears it, and how much of it that person may be told."""

from __future__ import annotations

import re
import unicodedata
from datetime import date, datetime, tzinfo
from typing import Protocol

import msgspec

from escalation import handoff
from escalation.draft import TAKEN
from escalation.handoff import HandoffRecord
from escalation.incident import HandoffState, Incident, Purpose, Standing, Status
from escalation.people import Candidate, Resident, Role, telephone_of
from escalation.whereabouts import Away, away


class Texts(Protocol):
    """Words of one language (a gettext catalogue)."""

    @property
    def language(self) -> str:
        """BCP 47 tag of the words, for example ``zh-CN``."""
        ...

    def gettext(self, message: str, /) -> str:
        """The sentence in this language; the English one where nobody has translated it."""
        ...


class English:
    """The sentences as they stand in the source."""

    @property
    def language(self) -> str:
        """BCP 47 tag of the words."""
        return "en"

    def gettext(self, message: str, /) -> str:
        """The sentence itself."""
        return message


class Spoken(msgspec.Struct, frozen=True, kw_only=True):
    """What a person on the telephone hears next, already in their language.

    Attributes:
        language: BCP 47 tag of the words.
        say: Sentences to be spoken, in order.
        menu: True when a key is waited for; False: speak and hang up.
        again: Spoken when no key came, before the menu is repeated.
        bye: Spoken last, when still no key came.
    """

    language: str
    say: tuple[str, ...]
    menu: bool = False
    again: str = ""
    bye: str = ""


class OnTheWay(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who goes, or is there already; ``minutes`` until they ought to be at the door.

    ``desk``: they have taken it at the desk, and do not go themselves. ``follows``: they come too, but later: nobody
    is told to stay because of them.
    """

    id: str
    name: str
    desk: bool = False
    there: bool = False
    follows: bool = False
    minutes: int | None = None


class NotComing(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody of whom the ambulance was told that they are on the way, and who is not; ``overdue``: or not yet."""

    name: str
    desk: bool = False
    overdue: bool = False


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """All that a text may need; the wording leaves out what its hearer need not know.

    Attributes:
        incident: Readable reference.
        code: Digits a reply by SMS carries.
        kind: The signal type that opened the incident.
        name: The resident's name; empty where nobody is registered (then ``device`` is named).
        age: Whole years; None where unknown.
        share_medical: The resident allowed everybody who comes to be told medical facts.
        opened_at: When help was asked for, aware, in the service's own time zone: by the device's own clock where the
            message came late, else when it was received.
        received_at: When the message was received, where it came late; None where it came at once.
        minutes: Whole minutes since help was asked for.
        presses: How often help was asked for.
        suspect: The signal could not be read or is doubted.
        late: alarmd itself is late with this (it stood still, or the message was under way for long).
        coming: Who is on the way or there.
        ambulance: The ambulance has taken the case, and is on the way; or at the door, if ``ambulance_there``.
        handed_over: The hand-off is confirmed.
        passes_on: It is the desk that tells the ambulance what is new, for no line of its own is told.
        not_coming: Whom the hand-off named as on the way, and who is not any more.
        said_yes: By id, who has said that they go.
        asked: By id, who is being asked now, or has the hand-off to confirm.
        drill: A test alarm; said first, so that nobody runs.
        link: The hearer's page for this incident, or empty.
        record: The hand-off record, for the hand-off texts.
        away: Where the person is, if not at home (see `escalation.whereabouts`).
        handing_over: Whether the hand-off to the ambulance still waits for somebody's key.
        words: What somebody wrote, for the desk; ``by`` is who; ``by_key``: they wrote nothing, but pressed a key.
        beside: The hearer goes to this home already, for another alarm there.
        ambulance_late: It was confirmed and has not come in time; ``ambulance_off``: and does not come after all.
        goes_too: By id, of the desk and the line, whose telephone is also that of somebody who goes or is asked to.
        was: Whose the device was until it was retired; ``address`` is theirs then.
    """

    incident: str
    code: str
    kind: str
    device: str = ""
    name: str = ""
    was: str = ""
    address: str = ""
    room: str = ""
    access: str = ""
    phone: str = ""
    age: int | None = None
    conditions: str = ""
    medication: str = ""
    allergies: str = ""
    mobility: str = ""
    share_medical: bool = False
    opened_at: datetime
    received_at: datetime | None = None
    minutes: int = 0
    presses: int = 1
    suspect: bool = False
    late: bool = False
    coming: tuple[OnTheWay, ...] = ()
    ambulance: bool = False
    ambulance_there: bool = False
    handed_over: bool = False
    ambulance_late: bool = False
    ambulance_off: bool = False
    passes_on: bool = False
    goes_too: tuple[str, ...] = ()
    not_coming: tuple[NotComing, ...] = ()
    said_yes: tuple[str, ...] = ()
    asked: tuple[str, ...] = ()
    closed: bool = False
    drill: bool = False
    link: str = ""
    record: HandoffRecord | None = None
    away: Away | None = None
    handing_over: bool = False
    words: str = ""
    by: str = ""
    by_key: bool = False
    beside: bool = False


_HEALTH_ROLES = frozenset({Role.NURSE, Role.DOCTOR, Role.DESK, Role.DISPATCH})
_ACCESS_ROLES = frozenset({Role.DESK, Role.DISPATCH})
AMBULANCE = "ambulance"  # its id among who is on the way (`escalation.rooms.ambulance`)
_BEING_ASKED = frozenset({Standing.ASKED, Standing.OVERDUE, Standing.FOLLOWS})
_TOOK_IT = frozenset({Standing.ACCEPTED, Standing.COMING, Standing.ARRIVED, Standing.OVERDUE, Standing.FOLLOWS})


STAYS_WHERE_THEY_ARE = frozenset({Role.DESK, Role.DISPATCH})
"""They take an alarm where they sit: nobody wishes them a safe way."""


def took_it(standing: Standing) -> bool:
    """True for somebody who said yes, whatever has come of it."""
    return standing in _TOOK_IT


def standing_for(purpose: Purpose, standing: Standing) -> Standing:
    """How the hearer stands, as their message supposes: whoever gets the details has said yes and means it still."""
    details = purpose is Purpose.DETAILS and not took_it(standing) and standing is not Standing.DECLINED
    return Standing.ACCEPTED if details else standing


def may_know_access(who: Candidate, standing: Standing) -> bool:
    """Door code and key safe: whoever goes, holds a key to this home anyway, or directs others; nobody who declined."""
    if who.role in _ACCESS_ROLES:
        return True
    return standing is not Standing.DECLINED and (who.has_key or took_it(standing))


def may_know_health(who: Candidate, facts: Facts, standing: Standing = Standing.ACCEPTED) -> bool:
    """Medical facts: professionals, desk, dispatch; family whom this resident named; others only as she allowed.

    A role says what somebody is to their own: the son of another home is a stranger to this one. Who declined is told
    nothing more.
    """
    if who.role in _ACCESS_ROLES:
        return True
    own_family = who.role is Role.FAMILY and who.rank is not None
    return standing is not Standing.DECLINED and (facts.share_medical or own_family or who.role in _HEALTH_ROLES)


_SPACE = re.compile(r"\s+")
_NOT_SAID = frozenset({"Cc", "Cs", "Zl", "Zp"})  # control characters, half characters, line and paragraph ends


def clean(text: str) -> str:
    """One line without control characters: names come from files, and TwiML and SMS carry no such characters."""
    kept = "".join(" " if unicodedata.category(c) in _NOT_SAID or c in "\ufffe\uffff" else c for c in text)
    return _SPACE.sub(" ", kept).strip()


def describe(
    incident: Incident,
    resident: Resident | None,
    *,
    now: datetime,
    zone: tzinfo,
    room: str = "",
    record: HandoffRecord | None = None,
    late: bool = False,
    pressed_at: datetime | None = None,
    drill: bool = False,
    link: str = "",
    words: str = "",
    by: str = "",
    was: tuple[str, str] = ("", ""),
) -> Facts:
    """The facts of an incident as they stand at ``now``.

    Args:
        incident: As it stands.
        resident: Who lives there, or None for an unregistered device.
        now: The decision's time, aware.
        zone: The service's time zone.
        room: Where in the home the device is.
        record: The hand-off record, where one is spoken or sent.
        late: alarmd is late with this.
        pressed_at: When it was pressed, where the message was under way for long; with it every age is told.
        drill: A test alarm.
        link: The hearer's page for this incident.
        words: What somebody wrote, for the desk.
        by: Who wrote it.
        was: Name and address of the home a retired device was in.
    """
    asked_at = incident.opened_at if pressed_at is None else pressed_at
    facts = Facts(
        incident=incident.id,
        code=incident.code,
        kind=handoff.complaint(incident),
        device=clean(incident.device),
        room=clean(room),
        opened_at=asked_at.astimezone(zone),
        received_at=None if pressed_at is None else incident.opened_at.astimezone(zone),
        minutes=max(0, int((now - asked_at).total_seconds() // 60)),
        presses=incident.presses,
        suspect=bool(incident.suspect),
        late=late or pressed_at is not None,
        coming=_coming(incident, now),
        ambulance=_hand_off_is(incident, HandoffState.ACCEPTED) and not _stands(incident, AMBULANCE, Standing.OVERDUE),
        handed_over=_hand_off_is(incident, HandoffState.ACCEPTED),
        ambulance_there=_stands(incident, AMBULANCE, Standing.ARRIVED),
        ambulance_late=_stands(incident, AMBULANCE, Standing.OVERDUE),
        ambulance_off=_stands(incident, AMBULANCE, Standing.DECLINED),
        passes_on=_desk_passes_on(incident),
        goes_too=_go_too(incident),
        not_coming=_not_coming(incident),
        said_yes=tuple(p.who.id for p in incident.participants if took_it(p.standing)),
        asked=_asked(incident),
        closed=incident.status is Status.CLOSED,
        drill=drill,
        link=link,
        record=record,
        away=away(resident, incident.fix),
        handing_over=_hand_off_is(incident, HandoffState.QUEUED),
        words=clean(words),
        by=clean(by),
        was=clean(was[0]),
        address=clean(was[1]),
    )
    return facts if resident is None else _at_home(facts, resident, now.astimezone(zone).date())


def _at_home(facts: Facts, resident: Resident, today: date) -> Facts:
    return msgspec.structs.replace(
        facts,
        name=clean(resident.name),
        address=clean(resident.address),
        access=clean(resident.access),
        phone=clean(resident.phone),
        age=handoff.age(resident.birth_date, today),
        conditions=clean(resident.conditions),
        medication=clean(resident.medication),
        allergies=clean(resident.allergies),
        mobility=clean(resident.mobility),
        share_medical="share_medical" in resident.categories,
    )


def _coming(incident: Incident, now: datetime) -> tuple[OnTheWay, ...]:
    return tuple(
        OnTheWay(
            id=p.who.id,
            name=clean(p.who.name),
            desk=p.who.role is Role.DESK,
            there=standing is Standing.ARRIVED,
            follows=standing is Standing.FOLLOWS,
            minutes=None
            if p.arrive_by is None or p.who.role is Role.DESK
            else max(0, round((p.arrive_by - now).total_seconds() / 60)),
        )
        for standing in handoff.ON_THE_WAY
        for p in incident.participants
        if p.standing is standing and p.who.role is not Role.DISPATCH
    )


def _hand_off_is(incident: Incident, state: HandoffState) -> bool:
    return incident.handoff is not None and incident.handoff.state is state


def _stands(incident: Incident, who: str, standing: Standing) -> bool:
    return any(p.who.id == who and p.standing is standing for p in incident.participants)


def _go_too(incident: Incident) -> tuple[str, ...]:
    may_go = _TOOK_IT | {Standing.ASKED}
    go = {
        telephone_of(p.who)
        for p in incident.participants
        if p.standing in may_go and p.who.role not in {*STAYS_WHERE_THEY_ARE, Role.RESIDENT}
    }
    stay = (p.who for p in incident.participants if p.who.role in STAYS_WHERE_THEY_ARE)
    return tuple(who.id for who in stay if telephone_of(who) in go)


def _desk_passes_on(incident: Incident) -> bool:
    """Whether no line is told itself: there is none, it has refused, or another than the line has confirmed."""
    handoff = incident.handoff
    if handoff is None:
        return True
    dispatch = [p for p in incident.participants if p.who.role is Role.DISPATCH]
    lines = {p.who.id for p in dispatch if p.standing is not Standing.UNREACHABLE} & set(handoff.asked)
    return handoff.confirmed_by not in lines if handoff.confirmed_by else not lines - set(handoff.refused)


def _not_coming(incident: Incident) -> tuple[NotComing, ...]:
    named = incident.handoff.named if incident.handoff else ()
    return tuple(
        NotComing(name=clean(p.who.name), desk=p.who.role is Role.DESK, overdue=p.standing is Standing.OVERDUE)
        for p in incident.participants
        if p.who.id in named and p.standing not in handoff.ON_THE_WAY and p.who.role is not Role.DISPATCH
    )


def _asked(incident: Incident) -> tuple[str, ...]:
    if incident.status is Status.CLOSED:
        return ()
    waits = _waits_for(incident)
    asks = incident.status not in TAKEN
    return tuple(
        p.who.id
        for p in incident.participants
        if p.who.id in waits
        or (asks and p.who.channels and p.standing in _BEING_ASKED and p.who.role not in {Role.RESIDENT, Role.DISPATCH})
    )


def _waits_for(incident: Incident) -> set[str]:
    if incident.handoff is None or incident.handoff.state is not HandoffState.QUEUED:
        return set()
    return set(incident.handoff.asked) - set(incident.handoff.refused)
