"""Playing one scenario on a stage."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from simulators import ending, neighbourhood
from simulators.dispatch import Ambulance, DispatchCentre
from simulators.habits import Scripted
from simulators.scenario import Scenario, beginning
from simulators.stage import Stage
from simulators.story_clock import StoryClock
from simulators.telling import Line, Teller

AFTERMATH = 12.0  # story seconds after the last thing that must come, for what must not come
FAMILIES = {"bed_button": "alarmd", "fall_sensor": "zigbee2mqtt", "li_button": "zigbee2mqtt"}


class Play:
    """One scenario, in one language, at one speed; used with ``async with`` on its `stage`.

    Args:
        scenario: The story.
        language: ``zh-CN`` or ``en``.
        speed: Story seconds a second on the wall.
        folder: Where the daemon keeps its store.
        told: Called with each line of the timeline and its time.
        moved: Called when the ambulance moves.
    """

    def __init__(
        self,
        scenario: Scenario,
        *,
        language: str,
        speed: float,
        folder: Path,
        told: Callable[[datetime, Line], None],
        moved: Callable[[Ambulance], None] | None = None,
    ) -> None:
        self.scenario = scenario
        self.place = neighbourhood.of(language)
        self.zone = ZoneInfo(self.place.timezone)
        line = scenario.line
        down = scenario.first_provider == "down"
        self.stage = Stage(
            place=self.place,
            clock=StoryClock(speed=speed, begins=beginning(scenario.starts, self.zone, datetime.now(UTC))),
            folder=folder,
            dispatch=DispatchCentre(
                answers_after=line.answers_after, confirms=line.confirms, drive=line.drive, moved=moved
            ),
            providers=2 if down else 1,
            first_down=down,
        )
        self._told = told
        self._owners = {row["phone"]: who for who, row in self.place.people.items()}
        self.teller = Teller(language=language, names=self.name, home=self.place.resident["name"], numbers=self._owners)
        self._listen()

    def _listen(self) -> None:
        stage = self.stage

        def of_log(line: Line | None, at: datetime) -> None:
            if line:
                self._told(at, line)

        stage.watchers.append(lambda entry: of_log(self.teller.entry(entry), entry.at))
        stage.town.watchers.append(lambda happening: of_log(self.teller.happening(happening), happening.at))

    def name(self, who: str) -> str:
        """The name of a person's id."""
        return self.place.people.get(who, {}).get("name", who)

    def cast(self) -> None:
        """Give everybody in the scenario their habit."""
        for who, habit in self.scenario.people.items():
            self.stage.handset(who).person = Scripted(habit)

    async def press(self, device: str = "", signal: str = "") -> None:
        """Let a device say what it says."""
        device = device or self.scenario.device
        await self.stage.press(device, FAMILIES[device], signal or self.scenario.signal, patience=5.0)

    async def until_the_end(self) -> list[str]:
        """Wait for the end the scenario names; returns what is wrong with it (empty: nothing)."""
        stage, speed = self.stage, self.scenario.limit
        rings = asyncio.ensure_future(stage.clock.sleep(speed))
        rings.add_done_callback(lambda _: stage.bell.ring())
        try:
            await stage.bell.until(lambda: rings.done() or not ending.missing(self.scenario.ending, stage.log))
        finally:
            rings.cancel()
        await stage.clock.sleep(AFTERMATH)
        return self.faults()

    def faults(self) -> list[str]:
        """What is wrong with the story so far, the providers' complaints included."""
        stage = self.stage
        touched = [self._owners.get(h.number, h.number) for h in stage.town.handsets.values() if h.texts or h.calls]
        found = ending.faults(self.scenario.ending, stage.log, touched)
        return found + [sentence for one in stage.look_alikes for sentence in one.violations] + stage.town.faults
