"""What happens next, as a sentence."""

from __future__ import annotations

from collections.abc import Callable

from escalation.draft import ACTIVE
from escalation.incident import Deadline, DeadlineKind, Incident
from escalation.plan import Step, Who

_WHOM = {
    Who.NEAREST: "the nearest responders",
    Who.CONTACTS: "the resident's contacts",
    Who.CIRCLE: "the circle",
    Who.DESK: "the desk",
    Who.EVERYONE: "everyone near",
    Who.AMBULANCE: "the ambulance",
}
_REMINDED = "the desk is reminded by text"


def whom(step: Step) -> str:
    """Whom a step asks."""
    return f"everyone with the role {step.role}" if step.contact is Who.ROLE else _WHOM[step.contact]


def what(incident: Incident, deadline: Deadline) -> str:
    """What happens when that deadline comes."""
    return _TELL[deadline.kind](incident, deadline)


def _step(incident: Incident, _: Deadline) -> str:
    coming = incident.step + 1
    steps = incident.plan.steps
    if coming >= len(steps):
        return _REMINDED if incident.plan.remind else "the desk rings until a person takes it"
    return f"step {coming + 1} of {len(steps)} begins: {whom(steps[coming])}"


def _repeat(incident: Incident, _: Deadline) -> str:
    if incident.plan.remind:
        return _REMINDED
    if incident.step >= len(incident.plan.steps):
        return "the desk rings again, until a person takes it"
    return "those who have not answered are rung again"


def _arrival(incident: Incident, deadline: Deadline) -> str:
    name = next((p.who.name for p in incident.participants if p.who.id == deadline.person), deadline.person)
    others = any(p.standing in ACTIVE and p.who.id != deadline.person for p in incident.participants)
    return f"{name} ought to have arrived, else " + ("they are asked again" if others else "the next are asked")


def _handoff(_: Incident, __: Deadline) -> str:
    return "the hand-off to the ambulance ought to be confirmed, else it rings again"


def _aftercare(_: Incident, __: Deadline) -> str:
    return "the desk is asked to close it"


_TELL: dict[DeadlineKind, Callable[[Incident, Deadline], str]] = {
    DeadlineKind.STEP: _step,
    DeadlineKind.REPEAT: _repeat,
    DeadlineKind.ARRIVAL: _arrival,
    DeadlineKind.HANDOFF: _handoff,
    DeadlineKind.AFTERCARE: _aftercare,
}
