"""The whole daemon in a simulated neighbourhood, in fast motion, with telephones a test speaks for."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from simulators import neighbourhood, scenario
from simulators.dispatch import DispatchCentre
from simulators.stage import Stage
from simulators.story import Phone, Phones
from simulators.story_clock import StoryClock

SPEED = 40.0  # story seconds a second on the wall


class Street:
    """A stage and its telephones."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.phones = Phones(stage.town, stage.look_alikes)

    def phone(self, who: str) -> Phone:
        """Somebody's telephone, by the id the event log uses (``neighbour``, ``circle:street``, ``line`` …)."""
        row = self.stage.place.people[who]
        return self.phones.phone(row["phone"], row["name"])

    @property
    def code(self) -> str:
        """The reply code of the incident."""
        return next(str(entry.data["code"]) for entry in self.stage.log if entry.event == "incident.opened")

    def count(self, event: str, actor: str = "") -> int:
        """How many such entries the event log has."""
        return sum(entry.event == event and actor in {"", entry.actor} for entry in self.stage.log)

    def is_not_about(self, *who: str) -> None:
        """Whatever reaches these people is not what this story is about; without names: whatever reaches anybody."""
        for one in who or self.stage.place.people:
            self.phone(one).may_be_contacted()


@asynccontextmanager
async def street(
    folder: Path,
    *,
    language: str = "zh-CN",
    at: str = "15:20",
    speed: float = SPEED,
    dispatch: DispatchCentre | None = None,
    **more: Any,
) -> AsyncIterator[Street]:
    """A neighbourhood whose daemon runs; at its end nothing unexpected may have reached anybody.

    Args:
        folder: For the store.
        language: ``zh-CN`` or ``en``.
        at: Local time at the beginning.
        speed: Story seconds a second on the wall.
        dispatch: Who sits at the ambulance line; by default somebody who confirms.
        **more: See `Stage`.
    """
    place = neighbourhood.of(language)
    begins = scenario.beginning(scenario.Starts(at=at), ZoneInfo(place.timezone), datetime.now(UTC))
    stage = Stage(
        place=place,
        clock=StoryClock(speed=speed, begins=begins),
        folder=folder,
        dispatch=dispatch or DispatchCentre(),
        calls_per_second=more.pop("calls_per_second", 10.0),
        **more,
    )
    async with stage:
        found = Street(stage)
        async with found.phones:
            yield found
