"""What the API says, as its OpenAPI shows it.

Times are ISO 8601 in UTC, durations seconds, positions WGS-84 degrees.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from config.visible import shows_nothing, visible


def _seen(text: str) -> str:
    if shows_nothing(text):
        raise PydanticCustomError("shows_nothing", "shows nothing")
    return text


_Seen = AfterValidator(_seen)
Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000), _Seen]
Name = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100), _Seen, AfterValidator(visible)
]


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True)


class _Body(_Model):
    """What is sent to the API: an unknown field is a mistake, not to be passed over."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    by: Name = Field(description="Who does this: the operator's name; it goes on record.")


class Next(_Model):
    """What happens if nobody does anything, and when."""

    at: datetime
    what: str


class TroubleView(_Model):
    """Something that does not work now, so that what the desk sees is not what it seems."""

    what: str = Field(description="broker, hearing, canary, writer, phones, record, `phone NAME`, mqtt, store …")
    since: datetime | None = Field(description="What was heard last, or worked last; none where nobody knows.")
    says: str


class WaitingView(_Model):
    """Texts and calls of an incident that do not get out."""

    texts: int
    calls: int
    since: datetime = Field(description="When the oldest of them was queued.")
    tries: int = Field(description="How often the one that was tried most was tried.")
    provider: str = Field(description="Who was asked last to take one; empty where nobody was.")


class WhereaboutsView(_Model):
    """Where the device is, by its own receiver."""

    lat: float
    lon: float
    accuracy_m: float | None
    at: datetime = Field(description="When that position was received.")
    fresh: bool = Field(description="Young enough when help was asked for that people are sent there.")
    away: bool = Field(description="Not at home.")
    metres_from_home: float | None = Field(description="None where the home has no position.")
    direction: str = Field(description="From home: north, north-east …; empty where not away.")


class IncidentView(_Model):
    """One incident in a list."""

    id: str
    code: str = Field(description="What an SMS reply carries.")
    status: str
    kind: str
    subject: str
    resident: str | None
    resident_name: str = Field(description="Both names, where a couple with one telephone have one alarm.")
    also: list[str] = Field(description="Ids of residents with the same telephone, whose alarm it may be too.")
    resident_retired: bool = Field(default=False, description="Whether the resident was retired since.")
    device: str
    device_retired: bool = Field(default=False, description="Whether the device was retired since.")
    opened_at: datetime = Field(description="When the first signal was received.")
    pressed_at: datetime | None = Field(description="When it was pressed, by the device's own clock, if it has one.")
    late_seconds: float | None = Field(
        description="How long it was under way, where that is more than a minute: it waited in a broker or a gateway."
    )
    presses: int
    whereabouts: WhereaboutsView | None = Field(default=None, description="None where the device does not tell.")
    suspect: str = Field(description="Why the opening signal is doubted; empty if it is not.")
    step: int = Field(description="The plan's present step, from 1; 0 before the first.")
    steps: int
    coming: list[str] = Field(description="Names of those who accepted, are on the way or are there.")
    handoff: str | None = Field(description="Where the hand-off to the ambulance stands.")
    waiting: WaitingView | None = Field(description="What does not get out; none where everything went out.")
    next: Next | None = Field(description="The earliest deadline; none only when closed.")
    closed_at: datetime | None
    closed_by: str
    close_reason: str


class ParticipantView(_Model):
    """One person who was asked."""

    id: str
    name: str
    role: str
    retired: bool = Field(
        default=False, description="Whether they were retired since: never rung, and without a number."
    )
    standing: str
    phone: str | None = Field(description="Null for a token of the role read, and where there is none.")
    channels: list[str]
    failed: list[str]
    step: int = Field(description="The step in which they were last asked, from 1.")
    travel_seconds: float | None
    arrive_by: datetime | None


class ReachableView(_Model):
    """Somebody who could be asked and was not yet, to be rung by hand."""

    id: str
    name: str
    role: str
    phone: str
    relationship: str
    travel_seconds: float | None
    last_resort: str = Field(description="Why no step asks them, only where nobody else is left; empty: one may.")


class MessageView(_Model):
    """One text or call of the incident, without its number and words."""

    person: str
    channel: str
    purpose: str
    state: str
    status: str
    code: str
    tries: int
    provider: str
    queued_at: datetime
    changed_at: datetime


class LogView(_Model):
    """One entry of the event log, exactly as `alarmd tail --json` prints it."""

    seq: int
    at: str
    event: str
    incident: str | None
    resident: str | None
    device: str | None
    actor: str
    data: dict[str, Any]
    prev: str
    hash: str


class ContactView(_Model):
    """Somebody whom the resident named."""

    id: str
    name: str
    role: str
    phone: str = Field(description="Empty for a token of the role read.")
    rank: int
    relationship: str
    has_key: bool


class DeviceView(_Model):
    """A registered device and its last sign of life."""

    id: str
    family: str
    address: str
    kind: str
    room: str
    report_every: int | None
    last_seen: datetime | None
    battery: float | None


class ResidentView(_Model):
    """A resident, who may be asked, and what hangs on the wall."""

    id: str
    name: str
    language: str
    phone: str
    birth_date: date | None
    address: str
    lat: float | None
    lon: float | None
    access: str
    conditions: str
    medication: str
    allergies: str
    mobility: str
    categories: list[str]
    circle: str
    plan: str
    notes: str
    contacts: list[ContactView]
    devices: list[DeviceView]
    not_protected: list[str] = Field(
        description="Why the home is not protected: triggers that were never tested, devices never heard, SIM cards "
        "not paid for. Empty: it is protected."
    )


class IncidentDetail(IncidentView):
    """One incident with all that is known of it."""

    sender: str = Field(
        description="Family and address of a device that nobody registered, in full; logs and texts may shorten it."
    )
    home: ResidentView | None
    also_homes: list[ResidentView] = Field(description="Of those whose alarm it may be too, each as ``home``.")
    participants: list[ParticipantView]
    reachable: list[ReachableView] = Field(
        description="Who could be asked next, named contacts first; empty for a token of the role read, or when closed."
    )
    desk_phones: list[str] = Field(description="The desk's own telephones; empty for a token of the role read.")
    deadlines: list[Next]
    messages: list[MessageView]
    log: list[LogView]


class Acceptance(_Body):
    """Somebody goes: the operator's own desk, or a responder who said so to the operator."""

    person: str | None = Field(
        default=None, alias="for", description="A responder's id or name; none = the operator takes it."
    )


class Progress(_Body):
    """Somebody is on the way, or at the door."""

    person: str | None = Field(
        default=None, alias="for", description="A responder's id or name; none = whoever accepted."
    )


class Note(_Body):
    """Something that ought to be on record."""

    text: Words


class Closing(_Body):
    """The end of an incident needs a person and a reason."""

    reason: Words
    cancel_ambulance: bool = Field(
        default=False, description="Also take back a hand-off that the ambulance has accepted."
    )


class HandoffResult(_Body):
    """What the ambulance said."""

    accepted: bool = True
    reason: str = Field(default="", max_length=2000, description="Why it was refused.")

    @model_validator(mode="after")
    def _refused_for_a_reason(self) -> Self:
        if not self.accepted and shows_nothing(self.reason):
            raise ValueError("a refusal needs its reason")
        return self


class PartView(_Model):
    """One part of the daemon."""

    ok: bool
    says: str


class ReadyView(_Model):
    """Whether alarmd can do its work."""

    ready: bool
    parts: dict[str, PartView]


class AliveView(_Model):
    """Whether alarmd lives."""

    alive: bool
    says: str


class Fault(_Model):
    """What went wrong: a word for programs and a sentence for people."""

    code: str
    message: str


class FaultView(_Model):
    """Every answer of the API that is not a success."""

    error: Fault
