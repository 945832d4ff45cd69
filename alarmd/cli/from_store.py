"""What the desk sees while no daemon answers: read from the store itself, so that somebody can still be rung by hand.

Whoever may read the store's file may know what is in it; the API's roles are for those who come by the network.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from alarmd.cli.errors import Exit, UserError
from alarmd.clock import SystemClock
from alarmd.store import reading
from config.wording import said

MOST_INCIDENTS = 1000

if TYPE_CHECKING:
    from config.settings import Settings


def incidents(settings: Settings, *, all_: bool, resident: str | None) -> list[dict[str, Any]]:
    """As the API lists them.

    Raises:
        UserError: The store cannot be read.
    """
    from alarmd.web import reading as desk  # noqa: PLC0415 - the API takes long to load

    now = SystemClock().now()
    with reading(settings.store.url) as tx:
        found = desk.incidents(tx, include_closed=all_, resident=resident, limit=MOST_INCIDENTS, now=now)
    return [one.model_dump(mode="json") for one in found]


def incident(settings: Settings, part: str) -> dict[str, Any]:
    """One incident with the telephones of those who can be rung, as the API tells it.

    Raises:
        UserError: The store cannot be read, or there is no such incident, or more than one.
    """
    from alarmd.web import reading as desk  # noqa: PLC0415 - the API takes long to load

    with reading(settings.store.url) as tx:
        found = desk.like(tx, part)
        if len(found) != 1:
            raise UserError(
                said("{part!r} could be {found}: write more of it.", part=part, found=", ".join(found))
                if found
                else said("There is no incident {incident!r}.", incident=part),
                Exit.FOUND,
            )
        told = desk.detail(tx, found[0], now=SystemClock().now(), settings=settings, numbers=True)
    assert told is not None
    return told.model_dump(mode="json")
