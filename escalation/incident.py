"""An incident: its state, what can happen to it, and what follows. `escalation.decide` tells the story itself."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

import msgspec

from escalation.people import Candidate, Channel, Choice
from escalation.plan import Plan
from escalation.whereabouts import Fix


class Status(StrEnum):
    """opened → notifying → accepted → coming → arrived → closed; an overdue acceptance goes back to notifying."""

    OPENED = "opened"
    NOTIFYING = "notifying"
    ACCEPTED = "accepted"
    COMING = "coming"
    ARRIVED = "arrived"
    CLOSED = "closed"


class Standing(StrEnum):
    """How one person stands to the incident."""

    ASKED = "asked"
    DECLINED = "declined"
    UNREACHABLE = "unreachable"
    ACCEPTED = "accepted"
    COMING = "coming"
    ARRIVED = "arrived"
    OVERDUE = "overdue"
    FOLLOWS = "follows"  # comes too, but cannot be waited for: too far away, or engaged in another home


class DeadlineKind(StrEnum):
    """What a deadline is for."""

    STEP = "step"  # the current step's time is over
    REPEAT = "repeat"  # ring those who have not answered once more
    ARRIVAL = "arrival"  # somebody accepted and ought to be there
    HANDOFF = "handoff"  # the ambulance line or desk ought to have confirmed
    AFTERCARE = "aftercare"  # arrived or handed over, and still nobody has closed


class Answer(StrEnum):
    """What a person said: by key, by reply with the code, by tap, or by the operator's hand."""

    GO = "go"
    CANNOT = "cannot"
    THERE = "there"
    WELL = "well"  # the resident's own, asked in a verify step


class Purpose(StrEnum):
    """Why a message is sent; `escalation.wording` has the words."""

    ASK = "ask"
    DETAILS = "details"
    TAKEN = "taken"
    AGAIN = "again"
    RAISED = "raised"
    CLOSED = "closed"
    DESK = "desk"
    HANDOFF = "handoff"
    HANDOFF_UPDATE = "handoff_update"
    HANDOFF_CANCEL = "handoff_cancel"
    HANDOFF_REFUSED = "handoff_refused"  # the desk is told whose "no" it was
    AFTERCARE = "aftercare"
    VERIFY = "verify"  # the resident is asked whether all is well
    SAID = "said"  # the desk reads what somebody wrote
    MOVED = "moved"  # the wearer is somewhere else by now


class Elsewhere(StrEnum):
    """Why somebody cannot be counted on at a door where they are expected."""

    OWN_ALARM = "own_alarm"  # they have an open alarm of their own
    OTHER_DOOR = "other_door"  # they have arrived at another home
    OTHER_HOME = "other_home"  # they go to another home now, as an operator says who asked them


class HandoffState(StrEnum):
    """Where the hand-off to the ambulance stands."""

    QUEUED = "queued"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    CANCELLED = "cancelled"


class Deadline(msgspec.Struct, frozen=True, kw_only=True):
    """When something is due; ``person`` names whose arrival it is."""

    kind: DeadlineKind
    due_at: datetime
    person: str = ""


class Participant(msgspec.Struct, frozen=True, kw_only=True):
    """One person who was asked, and how they stand.

    Attributes:
        who: As chosen for the step.
        standing: How they stand.
        step: The index of the step in which they were last asked.
        arrive_by: When they ought to be at the door; set by acceptance.
        failed: Channels that refused for good.
        doubtful: Channels that a message could not take for now: they stay open, and others are tried beside them.
        arrived_at: When they said that they are at the door.
    """

    who: Candidate
    standing: Standing = Standing.ASKED
    step: int = 0
    arrive_by: datetime | None = None
    failed: tuple[Channel, ...] = ()
    doubtful: tuple[Channel, ...] = ()
    arrived_at: datetime | None = None


class Handoff(msgspec.Struct, frozen=True, kw_only=True):
    """The hand-off to the ambulance: its version, its state, in which step and how often it was rung, who confirmed.

    Attributes:
        asked: To whom it was queued, by id; only they, or an operator, can confirm or refuse it.
        refused: Who of them said no. It waits while anyone of them has not.
        named: Who it said is on the way or has taken it, by id; who of them is not any more is said so, too.
        besides: Who else says that they ordered one, by id.
    """

    state: HandoffState
    step: int
    version: int = 1
    rings: int = 1
    confirmed_by: str = ""
    asked: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()
    named: tuple[str, ...] = ()
    besides: tuple[str, ...] = ()


class Others(msgspec.Struct, frozen=True, kw_only=True):
    """What other devices that nobody registered, of the same sender, said in an incident of such a device.

    Attributes:
        addresses: How many other addresses there are, as far as they are told apart.
        messages: How many messages came of them.
        told: At how many messages the desk was last told.
        told_at: When.
    """

    addresses: int = 0
    messages: int = 0
    told: int = 0
    told_at: datetime | None = None


class Incident(msgspec.Struct, frozen=True, kw_only=True):
    """One emergency of one resident (or of one unregistered device), from press to close.

    Attributes:
        id: Readable reference, spoken in the hand-off.
        code: Digits that an SMS reply carries; unique among open incidents.
        subject: The resident's id, or ``device:<family>/<address>`` where nobody is registered.
        resident: The resident's id, or None.
        device: The registered id or the address of the device that opened it.
        kind: The signal type that opened it; one open incident per subject and kind.
        opened_at: Receive time of the first signal.
        plan: Frozen at opening.
        step: Index into the plan's steps; -1 before the first; len(steps) once the desk rings without end.
        presses: How many distinct signals came.
        counted_from: How many had come when somebody arrived, or took it at the desk.
        deadlines: Never empty while the incident is open.
        suspect: The opening signal could not be read; a person should know that.
        pressed_at: The device's own time of the first signal, where it gave one.
        recovered_at: When what was silent was heard again, all of it; a person has yet to close.
        fix: Where the device was, by its own satellite receiver; None where it did not say.
        heard: The last words of somebody in the case that concern the ambulance; they go with the hand-off.
        others: Further devices of the same sender that nobody registered either; None where there are none.
        also: Residents with the same telephone, by id: it may be one of them who asked for help.
    """

    id: str
    code: str
    subject: str
    resident: str | None
    device: str
    kind: str
    opened_at: datetime
    plan: Plan
    status: Status = Status.OPENED
    step: int = -1
    presses: int = 1
    counted_from: int = 0
    participants: tuple[Participant, ...] = ()
    deadlines: tuple[Deadline, ...] = ()
    handoff: Handoff | None = None
    suspect: str = ""
    pressed_at: datetime | None = None
    closed_at: datetime | None = None
    closed_by: str = ""
    close_reason: str = ""
    recovered_at: datetime | None = None
    fix: Fix | None = None
    heard: str = ""
    others: Others | None = None
    also: tuple[str, ...] = ()


# ---------------------------------------------------------------- what can happen


class Pressed(msgspec.Struct, frozen=True, kw_only=True, tag_field="event", tag="pressed"):
    """A signal of this incident's kind: the first opens it, further ones raise it. ``also``: as `Incident` has it."""

    signal: int
    device: str
    type: str
    suspect: str = ""
    text: str = ""
    pressed_at: datetime | None = None
    fix: Fix | None = None
    also: tuple[str, ...] = ()


class Joined(msgspec.Struct, frozen=True, kw_only=True, tag_field="event", tag="joined"):
    """Another device of the same sender, that nobody registered either, asks for help.

    Attributes:
        signal: The signal's number.
        device: Its address.
        text: All that is known of it.
        new: It is told apart from those that joined before.
        messages: How many like it came together, itself among them.
    """

    signal: int
    device: str
    text: str = ""
    new: bool = True
    messages: int = 1


class DeviceReset(msgspec.Struct, frozen=True, kw_only=True, tag_field="event", tag="reset"):
    """The device says cancel: a fact, never the end."""

    signal: int
    device: str


class Due(msgspec.Struct, frozen=True, kw_only=True, tag_field="event", tag="due"):
    """A deadline came."""

    kind: DeadlineKind
    due_at: datetime
    person: str = ""


class Answered(msgspec.Struct, frozen=True, kw_only=True, tag_field="event", tag="answered"):
    """A person answered. ``via`` is voice, sms, link or desk; ``by`` names an operator who answered for somebody.

    ``engaged``: they are going to another home's emergency already.
    """

    person: str
    answer: Answer
    via: str
    by: str = ""
    engaged: bool = False


class CalledAway(msgspec.Struct, frozen=True, kw_only=True, tag_field="event", tag="called_away"):
    """Somebody who goes, or is asked to, is needed or is somewhere else by now, by the word of another ``incident``."""

    person: str
    why: Elsewhere
    incident: str


class Refused(msgspec.Struct, frozen=True, kw_only=True, tag_field="event", tag="refused"):
    """A message to somebody cannot arrive.

    ``dead_number``: no channel will do (bad number), go on to the next contact. Otherwise only ``channel`` is closed,
    and by ``for_now`` not even that: nothing is known of the number, another channel is tried for this message.
    ``purpose``: why it was sent. ``words``: what somebody was to read, and can be read out to them instead.
    """

    person: str
    channel: Channel
    code: str
    dead_number: bool = False
    for_now: bool = False
    words: str = ""
    purpose: Purpose | None = None


class HandedOver(msgspec.Struct, frozen=True, kw_only=True, tag_field="event", tag="handed_over"):
    """A person at the line or desk confirmed (or rejected) the hand-off by key, or an operator did."""

    by: str
    via: str
    accepted: bool = True
    reason: str = ""


class Noted(msgspec.Struct, frozen=True, kw_only=True, tag_field="event", tag="noted"):
    """An operator's note."""

    by: str
    text: str


class Closed(msgspec.Struct, frozen=True, kw_only=True, tag_field="event", tag="closed"):
    """A person closes the incident and says why.

    A hand-off that nobody confirmed is cancelled with it; a confirmed one only where ``cancel_ambulance`` says so.
    """

    by: str
    reason: str
    cancel_ambulance: bool = False


class Repaired(msgspec.Struct, frozen=True, kw_only=True, tag_field="event", tag="repaired"):
    """The auditor found the incident without a live deadline: go on now."""

    found: str


class Recovered(msgspec.Struct, frozen=True, kw_only=True, tag_field="event", tag="recovered"):
    """What the incident is about works again (``what``: which devices): a fact, never the end."""

    what: str


class Said(msgspec.Struct, frozen=True, kw_only=True, tag_field="event", tag="said"):
    """Somebody wrote words that are no answer, or more than one.

    Attributes:
        person: Who, by candidate id; ``name`` as the desk reads it.
        words: What they wrote, without what no log may hold.
        via: How it came.
        why: Why it is no answer: ``free_words``, ``several``, ``unknown_code``, ``with_answer``, ``resident``,
            ``closed``; ``taken_up``: said after the close, and another incident has it by now.
        ambulance: The words call for the ambulance.
    """

    person: str
    words: str
    name: str = ""
    via: str = "sms"
    why: str = "free_words"
    ambulance: bool = False


class Located(msgspec.Struct, frozen=True, kw_only=True, tag_field="event", tag="located"):
    """The device of an open incident says where it is by now."""

    fix: Fix
    device: str


Event = (
    Pressed
    | Joined
    | DeviceReset
    | Due
    | Answered
    | CalledAway
    | Refused
    | HandedOver
    | Noted
    | Closed
    | Repaired
    | Recovered
    | Said
    | Located
)


# ---------------------------------------------------------------- what follows


class Send(msgspec.Struct, frozen=True, kw_only=True, tag_field="effect", tag="send"):
    """A message to one person through one channel.

    ``words`` are those of ``by`` that the desk reads; where it was no words but a key, ``answer`` says which: an
    `Answer`, ``handed_over`` or ``rejected``. ``whose``: by id, who said it and can be rung back.
    """

    to: Candidate
    channel: Channel
    purpose: Purpose
    words: str = ""
    by: str = ""
    answer: str = ""
    whose: str = ""


class Unsend(msgspec.Struct, frozen=True, kw_only=True, tag_field="effect", tag="unsend"):
    """Messages not yet sent need not go out any more: those with this purpose, or all; except those to ``keep``."""

    purpose: Purpose | None = None
    keep: str = ""


class Log(msgspec.Struct, frozen=True, kw_only=True, tag_field="effect", tag="log"):
    """An entry of the event log (names in CONTRACT.md)."""

    event: str
    actor: str = ""
    data: dict[str, Any] = msgspec.field(default_factory=dict)


class Reply(msgspec.Struct, frozen=True, kw_only=True, tag_field="effect", tag="reply"):
    """What the device is told: accepted, coming, arrived or closed; kept, where nobody comes any more."""

    status: str


Effect = Send | Unsend | Log | Reply


class People:
    """Who can be asked, as the engine knows it at this moment; the engine, replay and tests each have their own."""

    def choose(self, incident: Incident, step: int) -> Choice:
        """Who is contacted in that step of the incident's plan, and why not the others."""
        raise NotImplementedError

    def desk(self, incident: Incident) -> Choice:
        """The desk's phones."""
        raise NotImplementedError

    def anybody(self, incident: Incident) -> Choice:
        """The last resort where nobody is at the desk: also who is off duty, or has an alarm of their own."""
        raise NotImplementedError

    def gone(self, incident: Incident) -> tuple[str, ...]:
        """By id, who takes part and has no number any more: taken out of the settings or the directory meanwhile."""
        raise NotImplementedError

    def person(self, incident: Incident, who: str) -> Candidate | None:
        """Somebody by id, with their way to this door; None where nobody is known by it."""
        raise NotImplementedError
