"""A user's mistake: a sentence on stderr and an exit code, never a traceback."""

from __future__ import annotations


class UserError(Exception):
    """What the user asked cannot be done; the text says what and what to do about it.

    Args:
        message: One sentence, or one a line.
        exit_code: 1 = a check found something, 2 = usage or settings.
    """

    def __init__(self, message: str, exit_code: int = 2) -> None:
        super().__init__(message)
        self.exit_code = exit_code
