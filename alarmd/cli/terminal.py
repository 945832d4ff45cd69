"""Where the commands print for eyes."""

from __future__ import annotations

from rich.console import Console

WIDE = 200  # columns where nobody looks: what is cut off in a file or pipe is lost


class Terminal(Console):
    """rich's console; a closed pipe is for `alarmd.cli.log.quiet_end`, not an exit of its own with code 1."""

    def on_broken_pipe(self) -> None:
        """Let it be heard; called while the error is being handled."""
        raise BrokenPipeError


def terminal(*, lines: bool = False) -> Terminal:
    """A console on stdout.

    Args:
        lines: Each print is a line however long it is; otherwise what is printed is laid out to the width.
    """
    console = Terminal(highlight=False, soft_wrap=lines)
    if not console.is_terminal:
        console.width = WIDE
    return console
