"""The dispatch centre at the end of the contracted ambulance line, and its ambulance."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum

from simulators.live_call import LiveCall
from simulators.town import Handset, Text


class Ambulance(StrEnum):
    """Where the ambulance is."""

    STANDING_BY = "standing_by"
    DRIVING = "driving"
    AT_THE_DOOR = "at_the_door"


class DispatchCentre:
    """A person on the line: listens to the record, presses for the read-back, confirms, and sends the ambulance.

    Args:
        answers_after: Seconds until the line is taken (120 answers within ten in China).
        confirms: The key that confirms, pressed after the record and again after the read-back; empty = never confirms.
        drive: Seconds the ambulance needs from the confirmation to the door.
        moved: Called each time the ambulance's place changes.
    """

    def __init__(
        self,
        *,
        answers_after: float = 4.0,
        confirms: str = "1",
        drive: float = 480.0,
        moved: Callable[[Ambulance], None] | None = None,
    ) -> None:
        self.answers_after = answers_after
        self.confirms = confirms
        self.drive = drive
        self.ambulance = Ambulance.STANDING_BY
        self.record: list[str] = []
        self._moved = moved

    async def texted(self, handset: Handset, text: Text) -> None:
        """The written record arrived; it lies on the desk."""

    async def rung(self, handset: Handset, call: LiveCall) -> None:
        """Take the call."""
        await handset.town.clock.sleep(self.answers_after)
        call.answer()
        pressed = 0
        while self.confirms and await call.until_asked():
            await handset.town.clock.sleep(1.0)
            call.press(self.confirms)
            pressed += 1
        await call.until_over()
        self.record = list(call.heard)
        if pressed and self.ambulance is Ambulance.STANDING_BY:
            handset.town.spawn(self._send(handset))

    async def _send(self, handset: Handset) -> None:
        self._place(Ambulance.DRIVING)
        await handset.town.clock.sleep(self.drive)
        self._place(Ambulance.AT_THE_DOOR)

    def _place(self, where: Ambulance) -> None:
        self.ambulance = where
        if self._moved:
            self._moved(where)
