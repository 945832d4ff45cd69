"""An operator at the desk's console: takes, notes, sends somebody, enters who was not asked, hands over, closes."""

from __future__ import annotations

import asyncio
import random
from contextlib import suppress
from contextvars import Context
from typing import Any

from alarmd.engine import EngineError
from alarmd.store import StoreError
from escalation.incident import Answer, Answered, Closed, Event, HandedOver, Noted
from tests.simulation.machine import Machine
from tests.simulation.people import Record

BY = "Zhang"
ENTERED = ("li", "zhao", "desk:0", "wu", "tom", "sun", "zhou-r")  # also who was not asked
WAYS = ("take", "note", "note", "go", "go", "there", "there", "cannot", "hand over", "confirm", "refuse")


class Console:
    """What one operator does in an evening; or nobody sits there at all."""

    def __init__(self, machine: Machine, record: Record, dice: random.Random) -> None:
        self._machine = machine
        self._record = record
        self._dice = dice
        self._diligence = dice.choice([0.0, 0.2, 0.6])
        self.closed: set[str] = set()

    async def run(self) -> None:
        """Look at what is open, and do something about it."""
        dice = self._dice
        while True:
            await asyncio.sleep(dice.uniform(20.0, 120.0))
            rows = self._machine.disk.query("SELECT id, status FROM incident WHERE status <> 'closed' ORDER BY rowid")
            if not rows or dice.random() > self._diligence:
                continue
            row = dice.choice(rows)
            what = "close" if row["status"] == "arrived" and dice.random() < 0.8 else dice.choice(WAYS)
            self._do(row["id"], "close" if dice.random() < 0.05 else what)

    def _do(self, incident: str, what: str) -> None:
        alarmd, process = self._machine.running, self._machine.process
        if alarmd is None or process is None:
            return
        event = self._event(incident, what)
        self._machine.story.tell("operator", f"{what} {incident}")
        task = self._machine.loop.create_task(_apply(alarmd.engine, incident, event), context=process.context.copy())
        task.add_done_callback(lambda done: done.exception(), context=Context())

    def _event(self, incident: str, what: str) -> Event:
        says = self._record.says
        match what:
            case "close":
                self.closed.add(incident)
                return Closed(by=BY, reason="she is well", cancel_ambulance=self._dice.random() < 0.3)
            case "note":
                return Noted(by=BY, text="rang her")
            case "take":
                says(f"operator:{BY}", incident, "1", "desk")
                return Answered(person=f"operator:{BY}", answer=Answer.GO, via="desk", by=BY)
            case "hand over" | "confirm" | "refuse":
                accepted = what != "refuse"
                says(BY, incident, "1" if accepted else "2", "desk", "handoff")
                return HandedOver(by=BY, via="desk", accepted=accepted, reason="" if accepted else "no car is free")
        person = self._dice.choice(ENTERED)
        digit, answer = {"go": ("1", Answer.GO), "there": ("3", Answer.THERE), "cannot": ("2", Answer.CANNOT)}[what]
        says(person, incident, digit, "desk")
        return Answered(person=person, answer=answer, via="desk", by=BY)


async def _apply(engine: Any, incident: str, event: Event) -> None:
    with suppress(EngineError, StoreError):  # the page says so; the operator tries again or not
        await engine.apply(incident, event)
