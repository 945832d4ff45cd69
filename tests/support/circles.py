"""A small neighbourhood for stories: who can be asked in which step, decided by the test."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from escalation import decide as story
from escalation.incident import (
    Answer,
    Answered,
    Due,
    Effect,
    Event,
    Incident,
    Log,
    People,
    Pressed,
    Purpose,
    Reply,
    Send,
    Standing,
)
from escalation.people import Candidate, Channel, Choice, Role
from escalation.plan import Plan, Step, Who
from escalation.wanted import still_wanted

START = datetime(2026, 11, 21, 18, 30, tzinfo=UTC)
BOTH = (Channel.SMS, Channel.VOICE)


def neighbour(
    name: str, minutes: float = 2, *, role: Role = Role.NEIGHBOUR, by: tuple[Channel, ...] = BOTH
) -> Candidate:
    """Somebody who lives that many minutes away."""
    return Candidate(id=name, name=name, role=role, language="en", channels=by, travel_seconds=minutes * 60)


DESK = Candidate(id="desk:0", name="desk", role=Role.DESK, language="en", channels=BOTH)
WANG = Candidate(id="resident:wang", name="Wang", role=Role.RESIDENT, language="zh-CN", channels=(Channel.VOICE,))
LINE = Candidate(id="line", name="ambulance line", role=Role.DISPATCH, language="en", channels=(Channel.VOICE,))

STANDARD = Plan(
    name="standard",
    signals=("sos",),
    steps=(
        Step(contact=Who.NEAREST, count=3, wait=60),
        Step(contact=Who.CONTACTS, count=5, wait=60),
        Step(contact=Who.AMBULANCE, wait=120),
    ),
)


class Circle(People):
    """Offers, step by step, those of the test who have not been asked yet."""

    def __init__(self, *steps: list[Candidate], desk: list[Candidate] | None = None) -> None:
        self.steps = steps
        self.at_desk = [DESK] if desk is None else desk

    def choose(self, incident: Incident, step: int) -> Choice:
        asked = {p.who.id for p in incident.participants}
        wanted = self.steps[step] if step < len(self.steps) else []
        if incident.plan.steps[step].contact in {Who.AMBULANCE, Who.DESK}:
            return Choice(chosen=tuple(wanted))
        fresh = [c for c in wanted if c.id not in asked]
        return Choice(chosen=tuple(fresh[: incident.plan.steps[step].count]))

    def desk(self, incident: Incident) -> Choice:
        return Choice(chosen=tuple(self.at_desk))

    def anybody(self, incident: Incident) -> Choice:
        return Choice()

    def gone(self, incident: Incident) -> tuple[str, ...]:
        return ()

    def person(self, incident: Incident, who: str) -> Candidate | None:
        everybody = [c for step in self.steps for c in step]
        return next((c for c in everybody if c.id == who), None)


class Telling:
    """An incident being told: each line of the story is a method, and what followed from it can be asked."""

    def __init__(self, people: People, plan: Plan = STANDARD, kind: str = "sos") -> None:
        self.people = people
        self.now = START
        self.effects: tuple[Effect, ...] = ()
        self.log: list[Log] = []
        self.incident = story.opening(
            id="261121-7KQ2",
            code="4821",
            subject="wang",
            resident="wang",
            device="bed_button",
            kind=kind,
            plan=plan,
            now=START,
        )

    def happens(self, event: Event) -> Telling:
        self.incident, self.effects = story.decide(self.incident, event, self.now, self.people)
        self.log += [e for e in self.effects if isinstance(e, Log)]
        sent = [e for e in self.effects if isinstance(e, Send)]
        late = [(e.to.id, e.purpose) for e in sent if not still_wanted(self.incident, e.purpose, e.to.id)]
        assert not late, "the outbox takes back what comes too late, and this does when it is queued"
        return self

    def pressed(self) -> Telling:
        return self.happens(Pressed(signal=1, device="bed_button", type="sos"))

    def answers(self, who: str, answer: Answer, via: str = "voice") -> Telling:
        return self.happens(Answered(person=who, answer=answer, via=via))

    def passes(self, seconds: float) -> Telling:
        """Let time pass; each deadline fires when it is due."""
        until = self.now + timedelta(seconds=seconds)
        followed: tuple[Effect, ...] = ()
        while (due := min(self.incident.deadlines, key=lambda d: d.due_at, default=None)) and due.due_at <= until:
            self.now = due.due_at
            self.happens(Due(kind=due.kind, due_at=due.due_at, person=due.person))
            followed += self.effects
        self.now, self.effects = until, followed
        return self

    def told(self, purpose: Purpose) -> list[str]:
        """Who was just sent something for that reason, each channel once."""
        return [f"{e.to.id} {e.channel}" for e in self.effects if isinstance(e, Send) and e.purpose is purpose]

    def replies(self) -> list[str]:
        return [e.status for e in self.effects if isinstance(e, Reply)]

    def events(self) -> list[str]:
        return [entry.event for entry in self.log]

    def standing(self, who: str) -> Standing:
        return next(p.standing for p in self.incident.participants if p.who.id == who)
