"""What a planted defect is."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import pytest

Patch = pytest.MonkeyPatch


class Defect(NamedTuple):
    """One of them: what is done wrong, the promise that must be seen broken, and a seed that lately saw it."""

    plant: Callable[[Patch], None]
    breaks: str
    lately: int = 0

    def seeds(self, within: int) -> list[int]:
        """Every seed there is, beginning with the one that found it last."""
        return [*range(self.lately, within), *range(self.lately)]
