"""What a judge may look at: the committed rows, the log, the providers' doors, and what people really did."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import msgspec

from escalation.incident import Incident
from tests.simulation.devices import Press
from tests.simulation.machine import Machine
from tests.simulation.people import Record
from tests.simulation.phones import Asked, Phones
from tests.simulation.town import Town


class Entry(NamedTuple):
    """One entry of the event log, and when the world saw it committed."""

    seen: float
    seq: int
    at: str
    event: str
    incident: str | None
    actor: str
    data: dict[str, Any]
    hash: str


@dataclass
class Eyes:
    """Everything that can be seen of one run."""

    machine: Machine
    phones: Phones
    town: Town
    record: Record
    presses: list[Press]
    closed: set[str]  # by an operator
    log: list[Entry] = field(default_factory=list)

    @property
    def now(self) -> float:
        """The world's time."""
        return self.machine.loop.time()

    def wrong(self, promise: str, what: str, *, about: str = "") -> None:
        """A promise was not kept."""
        self.machine.story.wrong(promise, what, about=about)

    def incident(self, incident: str) -> Incident:
        """As it is stored now."""
        (row,) = self.machine.disk.query("SELECT state FROM incident WHERE id = ?", incident)
        return msgspec.json.decode(row["state"], type=Incident)

    def well_for(self) -> float:
        """For how many seconds neither alarmd nor the providers have been hindered."""
        return min(self.machine.able_for, self.phones.well_for())


class Rule:
    """One independent judge; each of its hooks does nothing unless it looks there.

    Args:
        eyes: What it may look at.
    """

    def __init__(self, eyes: Eyes) -> None:
        self.eyes = eyes

    def committed(self, entries: Sequence[Entry]) -> None:
        """These entries of the log are on the disk since this moment, all of one commit."""

    def sends(self, asked: Asked, row: dict[str, Any]) -> None:
        """alarmd asks a provider to send something of an incident; ``row`` is its row of the outbox."""

    def looks(self) -> None:
        """Some seconds have passed."""

    def ends(self) -> None:
        """The run is over."""
