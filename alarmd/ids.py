"""Names that nobody can guess or mistake: incident references, reply codes, attempts."""

from __future__ import annotations

import random
import secrets
from collections.abc import Callable
from datetime import datetime

# Crockford's base 32: no I, L, O, U, so that a reference survives the telephone.
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_LOWER = _ALPHABET.lower()
_BITS = 5
_DIGITS = "0123456789"
EXAMPLE_CODE = "1234"  # what texts show to somebody who forgot the code
_SHORTEST = 4
_TRIES_BEFORE_LONGER = 20
_AT_MOST_IN_USE = 1 / 3  # of the codes of one length: a free one then takes one try and a half, on average


class Ids:
    """Where new names come from.

    Args:
        source: The randomness; a seeded one makes a simulation repeatable. None in service: the system's.
    """

    def __init__(self, source: random.Random | None = None) -> None:
        self._random = source or secrets.SystemRandom()

    def incident(self, now: datetime, taken: Callable[[str], bool]) -> str:
        """A reference that can be read out, for example ``261121-7KQ2``."""
        return self._free(lambda n: f"{now:%y%m%d}-{self._letters(_ALPHABET, n)}", taken)

    def code(self, taken: Callable[[str], bool], in_use: Callable[[int], int] = lambda _: 0) -> str:
        """The digits an SMS reply carries: four, more only while a third of those are in use; never the example's.

        Args:
            taken: Whether a code is in use.
            in_use: How many of so many digits are.
        """
        length = _SHORTEST
        while in_use(length) > _AT_MOST_IN_USE * 10**length:
            length += 1
        return self._free(lambda n: self._letters(_DIGITS, n), lambda code: code == EXAMPLE_CODE or taken(code), length)

    def attempt(self) -> str:
        """The id of one message, which travels in its callback address: 130 bits."""
        return self._letters(_LOWER, 26)

    def _letters(self, alphabet: str, n: int) -> str:
        if alphabet is not _DIGITS:  # 32 letters: five bits each, all drawn at once, for each draw asks the system
            bits = self._random.getrandbits(_BITS * n)
            return "".join(alphabet[bits >> _BITS * i & 31] for i in range(n))
        return "".join(self._random.choice(alphabet) for _ in range(n))

    def _free(self, make: Callable[[int], str], taken: Callable[[str], bool], length: int = _SHORTEST) -> str:
        while True:
            for _ in range(_TRIES_BEFORE_LONGER):
                name = make(length)
                if not taken(name):
                    return name
            length += 1
