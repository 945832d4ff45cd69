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

    def others_may_be_contacted(self, *who: str) -> None:
        """Whatever reaches these people is not what this story is about."""
        for one in who:
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
