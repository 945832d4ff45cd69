"""A wristband that walks about, measures, and notices a fall."""

from __future__ import annotations

import random
from dataclasses import dataclass

from simulators.buttons import Button, Pressed
from simulators.dialects import dialect

STEP_DEGREES = 0.0002  # about twenty metres


@dataclass(slots=True, kw_only=True)
class Wearable:
    """A band worn by somebody who starts out at a place.

    Attributes:
        band: The connected device, of any family.
        lat: WGS-84 degrees.
        lon: WGS-84 degrees.
        chance: Makes two walks with the same seed the same.
    """

    band: Button
    lat: float
    lon: float
    chance: random.Random

    async def walks(self, *, steps: int, every: float) -> int:
        """Report place and pulse so many times, as far as the family has them; returns how many were acknowledged."""
        word = self._first_of("location", "vital", "heartbeat")
        for number in range(steps):
            if number:
                await self.band.clock.sleep(every)
            self.lat += self.chance.uniform(-STEP_DEGREES, STEP_DEGREES)
            self.lon += self.chance.uniform(-STEP_DEGREES, STEP_DEGREES)
            await self._report(word)
        return steps

    async def falls(self, *, patience: float = 5.0) -> Pressed:
        """Report a fall, or by a family that knows none a call, and wait for the reply."""
        return await self._report(self._first_of("fall", "sos"), patience=patience, pulse=118)

    def _first_of(self, *words: str) -> str:
        known = dialect(self.band.family).says
        return next((word for word in words if word in known), words[0])

    async def _report(self, signal: str, *, patience: float = 0.0, pulse: int = 0) -> Pressed:
        return await self.band.says(
            signal,
            patience=patience,
            lat=round(self.lat, 6),
            lon=round(self.lon, 6),
            accuracy_m=12.0,
            measurements={"heart_rate": pulse or self.chance.randint(62, 84)},
        )
