"""Lines for who waits at a terminal, with what is left of the time below them; without a terminal the lines alone."""

from __future__ import annotations

from types import TracebackType
from typing import Self, TextIO

from rich.cells import cell_len, set_cell_size
from rich.console import Console
from rich.status import Status
from rich.text import Text

_EVERY_S = 60
_SPINNER = 3  # columns before the text


class Countdown:
    """Says lines, and shows how long it still waits.

    Args:
        stream: Where to.
    """

    def __init__(self, stream: TextIO) -> None:
        # Lines are broken at words where somebody reads them, and never where a program does.
        self._console = Console(file=stream, highlight=False, soft_wrap=not stream.isatty())
        self._status: Status | None = None
        self._told: int | None = None

    def __enter__(self) -> Self:
        if self._console.is_terminal:
            self._status = self._console.status("", spinner="line")  # of letters that every terminal has
            self._status.start()
        return self

    def __exit__(self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None) -> None:
        if self._status is not None:
            self._status.stop()
            self._status = None

    def say(self, line: str, style: str = "", *, aloud: bool = False) -> None:
        """A line that stays; ``aloud`` with the terminal's bell."""
        if aloud and self._console.is_terminal:
            self._console.bell()
        self._console.print(Text(line, style=style))
        self._console.file.flush()

    def left(self, seconds: float, waiting_for: str) -> None:
        """What is still waited for, and how long; where nobody sees it change, once a minute."""
        whole = max(0, round(seconds))
        clock = f"{whole // 60}:{whole % 60:02}"
        if self._status is not None:
            room = self._console.width - _SPINNER
            line = f"{clock}  {waiting_for}"
            self._status.update(Text(line if cell_len(line) <= room else set_cell_size(line, room - 1) + "…"))
        elif self._told is None or whole // _EVERY_S < self._told // _EVERY_S:
            if self._told is not None:
                self.say(f"{clock}  {waiting_for}")
            self._told = whole
