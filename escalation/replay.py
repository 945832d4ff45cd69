"""The log explains the incident: the causes it holds, told again through `decide`, give the stored incident.

For this each decision's first log entry carries its `Cause`: the event, and whom the directory offered at that moment.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

import msgspec

from escalation.decide import decide
from escalation.incident import Event, Incident, People
from escalation.people import Candidate, Choice


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """One question put to the directory during a decision, and its answer."""

    question: str
    choice: Choice = Choice()
    person: Candidate | None = None
    ids: tuple[str, ...] = ()


class Cause(msgspec.Struct, frozen=True, kw_only=True):
    """What one decision was made from; ``opened`` is the incident before its first event, at its opening only."""

    event: Event
    choices: tuple[Asked, ...] = ()
    opened: Incident | None = None


class Recorder(People):
    """Passes questions on and writes down the answers."""

    def __init__(self, people: People) -> None:
        self._people = people
        self.choices: list[Asked] = []

    def choose(self, incident: Incident, step: int) -> Choice:
        """Pass on, write down."""
        return self._wrote(Asked(question=f"step {step}", choice=self._people.choose(incident, step))).choice

    def desk(self, incident: Incident) -> Choice:
        """Pass on, write down."""
        return self._wrote(Asked(question="desk", choice=self._people.desk(incident))).choice

    def anybody(self, incident: Incident) -> Choice:
        """Pass on, write down."""
        return self._wrote(Asked(question="anybody", choice=self._people.anybody(incident))).choice

    def gone(self, incident: Incident) -> tuple[str, ...]:
        """Pass on, write down."""
        return self._wrote(Asked(question="gone", ids=self._people.gone(incident))).ids

    def person(self, incident: Incident, who: str) -> Candidate | None:
        """Pass on, write down."""
        return self._wrote(Asked(question=f"person {who}", person=self._people.person(incident, who))).person

    def _wrote(self, asked: Asked) -> Asked:
        self.choices.append(asked)
        return asked


class DifferentQuestionError(Exception):
    """The decision asks something else than it did then: the code or the log was changed."""


class _Recorded(People):
    def __init__(self, choices: tuple[Asked, ...]) -> None:
        self._left: Iterator[Asked] = iter(choices)

    def choose(self, incident: Incident, step: int) -> Choice:
        del incident
        return self._next(f"step {step}").choice

    def desk(self, incident: Incident) -> Choice:
        del incident
        return self._next("desk").choice

    def anybody(self, incident: Incident) -> Choice:
        del incident
        return self._next("anybody").choice

    def gone(self, incident: Incident) -> tuple[str, ...]:
        del incident
        return self._next("gone").ids

    def person(self, incident: Incident, who: str) -> Candidate | None:
        del incident
        return self._next(f"person {who}").person

    def _next(self, question: str) -> Asked:
        asked = next(self._left, None)
        if asked is None or asked.question != question:
            raise DifferentQuestionError(f"asked {question!r}, the log has {asked.question if asked else 'nothing'!r}")
        return asked


def replay(causes: Iterable[tuple[datetime, Cause]]) -> Incident:
    """Tell an incident again from its causes in order, each with the time of its decision.

    Raises:
        DifferentQuestionError: The log does not fit the code.
        ValueError: The first cause is not an opening.
    """
    incident: Incident | None = None
    for now, cause in causes:
        incident = cause.opened or incident
        if incident is None:
            raise ValueError("the log does not begin with the opening")
        incident, _ = decide(incident, cause.event, now, _Recorded(cause.choices))
    if incident is None:
        raise ValueError("the log holds no decision")
    return incident
