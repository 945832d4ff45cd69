"""What a measurement says, and how it is shown."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One line of the table.

    Attributes:
        group: The table it stands in.
        name: What was measured.
        value: The figure.
        unit: ``/s``, ``ms`` or ``MB``.
        against: The name of the figure it is a part of, or a multiple of; empty = it stands for itself.
        note: What one needs to know to read it.
    """

    group: str
    name: str
    value: float
    unit: str
    against: str = ""
    note: str = ""

    @property
    def shown(self) -> str:
        """The figure with as many digits as mean something."""
        if self.value >= 100:
            return f"{round(self.value, -1 if self.value < 10_000 else -2):,.0f} {self.unit}".strip()
        return f"{self.value:.3g} {self.unit}".strip()


def ratio(figure: Figure, figures: Sequence[Figure]) -> str:
    """The figure divided by the one it is held against, or empty."""
    other = next((f for f in figures if f.name == figure.against), None)
    if other is None or not other.value:
        return ""
    return f"{figure.value / other.value:.2f} × {other.name}"


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which that share of all lies (nearest rank)."""
    return sorted(values)[max(0, math.ceil(share * len(values)) - 1)]
