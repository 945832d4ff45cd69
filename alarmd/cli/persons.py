"""Who does something on the command line, by their own word; and why."""

from __future__ import annotations

from alarmd.cli.errors import UserError
from alarmd.reserved import OWN_SHOWN, is_no_person
from config.visible import shows_nothing, visible
from config.wording import said


def named(by: str | None) -> str:
    """The name given with ``--by``.

    Raises:
        UserError: There is none, none that can be seen, or it is alarmd's own word.
    """
    if by is None or shows_nothing(by):
        raise UserError(said("say who you are: --by NAME; it goes on record"))
    if is_no_person(by):
        raise UserError(
            said("{text!r} is a name alarmd gives itself ({names}): say who you are.", text=by, names=OWN_SHOWN)
        )
    return visible(by)
