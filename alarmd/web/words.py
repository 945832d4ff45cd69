"""What happens next, and how somebody stands, in the reader's words."""

from __future__ import annotations

from collections.abc import Callable
from types import MappingProxyType

from config.wording import for_later, said
from escalation.draft import ACTIVE
from escalation.incident import Deadline, DeadlineKind, Incident, Standing, Status
from escalation.people import Candidate, Role
from escalation.plan import Step, Who
from escalation.texts.facts import AMBULANCE

_STEPS = MappingProxyType(
    {
        Who.NEAREST: for_later("step {step} of {steps} begins: the nearest responders"),
        Who.CONTACTS: for_later("step {step} of {steps} begins: the resident's contacts"),
        Who.CIRCLE: for_later("step {step} of {steps} begins: the circle"),
        Who.DESK: for_later("step {step} of {steps} begins: the desk"),
        Who.EVERYONE: for_later("step {step} of {steps} begins: everyone near"),
        Who.AMBULANCE: for_later("step {step} of {steps} begins: the ambulance"),
        Who.RESIDENT: for_later("step {step} of {steps} begins: the resident"),
    }
)
_STANDINGS = MappingProxyType(
    {
        Standing.ASKED: for_later("asked"),
        Standing.DECLINED: for_later("declined"),
        Standing.UNREACHABLE: for_later("unreachable"),
        Standing.ACCEPTED: for_later("accepted"),
        Standing.COMING: for_later("coming"),
        Standing.ARRIVED: for_later("arrived"),
        Standing.OVERDUE: for_later("overdue"),
        Standing.FOLLOWS: for_later("follows"),
    }
)
_STATUSES = MappingProxyType(
    {
        Status.OPENED: for_later("opened"),
        Status.NOTIFYING: for_later("notifying"),
        Status.ACCEPTED: for_later("accepted"),
        Status.COMING: for_later("coming"),
        Status.ARRIVED: for_later("arrived"),
        Status.CLOSED: for_later("closed"),
    }
)


_ROLES = MappingProxyType(
    {
        Role.FAMILY: for_later("family"),
        Role.NEIGHBOUR: for_later("neighbour"),
        Role.VOLUNTEER: for_later("volunteer"),
        Role.COMMUNITY_WORKER: for_later("community worker"),
        Role.NURSE: for_later("nurse"),
        Role.DOCTOR: for_later("doctor"),
        Role.KEYHOLDER: for_later("keyholder"),
        Role.DESK: for_later("desk"),
        Role.DISPATCH: for_later("ambulance"),
        Role.RESIDENT: for_later("resident"),
    }
)


def role_word(role: str) -> str:
    """What somebody is, in the reader's language; a word that is not known as it is."""
    return said(_ROLES[Role(role)]) if role in set(Role) else role


def standing_word(standing: str) -> str:
    """How somebody stands, in the reader's language; a word that is not known as it is."""
    return said(_STANDINGS[Standing(standing)]) if standing in set(Standing) else standing


def status_word(status: str) -> str:
    """How an incident stands, in the reader's language; a word that is not known as it is."""
    return said(_STATUSES[Status(status)]) if status in set(Status) else status


def person_name(who: Candidate) -> str:
    """What somebody of an incident is called: their name; the ambulance that was ordered, in the reader's language."""
    return said("the ambulance") if who.id == AMBULANCE else who.name


def what(incident: Incident, deadline: Deadline) -> str:
    """What happens when that deadline comes."""
    return _TELL[deadline.kind](incident, deadline)


def _begins(step: Step, number: int, steps: int) -> str:
    if step.contact is Who.ROLE:
        sentence = for_later("step {step} of {steps} begins: everyone with the role {role}")
        return said(sentence, step=number, steps=steps, role=step.role)
    return said(_STEPS[step.contact], step=number, steps=steps)


def _step(incident: Incident, _: Deadline) -> str:
    coming = incident.step + 1
    steps = incident.plan.steps
    if coming >= len(steps):
        return _reminded() if incident.plan.remind else said("the desk rings until a person takes it")
    return _begins(steps[coming], coming + 1, len(steps))


def _repeat(incident: Incident, _: Deadline) -> str:
    if incident.plan.remind:
        return _reminded()
    if incident.step >= len(incident.plan.steps):
        return said("the desk rings again, until a person takes it")
    return said("those who have not answered are rung again")


def _reminded() -> str:
    return said("the desk is reminded by text")


def _arrival(incident: Incident, deadline: Deadline) -> str:
    who = next((p.who for p in incident.participants if p.who.id == deadline.person), None)
    name = person_name(who) if who else deadline.person
    if who and who.role is Role.DESK:
        return said("{name} at the desk is asked whether they still have it", name=name)
    if any(p.standing in ACTIVE and p.who.id != deadline.person for p in incident.participants):
        return said("{name} ought to have arrived, else they are asked again", name=name)
    return said("{name} ought to have arrived, else the next are asked", name=name)


def _handoff(_: Incident, __: Deadline) -> str:
    return said("the hand-off to the ambulance ought to be confirmed, else it rings again")


def _aftercare(_: Incident, __: Deadline) -> str:
    return said("the desk is asked to close it")


_TELL: MappingProxyType[DeadlineKind, Callable[[Incident, Deadline], str]] = MappingProxyType(
    {
        DeadlineKind.STEP: _step,
        DeadlineKind.REPEAT: _repeat,
        DeadlineKind.ARRIVAL: _arrival,
        DeadlineKind.HANDOFF: _handoff,
        DeadlineKind.AFTERCARE: _aftercare,
    }
)
