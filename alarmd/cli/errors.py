"""A user's mistake: a sentence on stderr and an exit code, never a traceback."""

from __future__ import annotations

from enum import IntEnum


class Exit(IntEnum):
    """How every command ends. What cannot be understood is 2; what was understood, and is not so, is 1."""

    DONE = 0
    FOUND = 1
    """A check found something, or it cannot be done: a fault, nobody of that name, a store or daemon out of order."""
    USAGE = 2
    """The command line, a file that it names, or the settings: nothing was tried."""


class UserError(Exception):
    """What the user asked cannot be done; the text says what and what to do about it.

    Args:
        message: One sentence, or one a line.
        exit_code: See `Exit`.
    """

    def __init__(self, message: str, exit_code: int = Exit.USAGE) -> None:
        super().__init__(message)
        self.exit_code = int(exit_code)
