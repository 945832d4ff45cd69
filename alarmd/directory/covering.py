"""Which homes nobody on duty could reach in time, and from when to when: coverage, hour by hour.

By the directory as it stands now: who was in it then, and where they lived, is not kept.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import msgspec

from alarmd.directory import coverage, lookup
from alarmd.directory.rotas import Stored
from alarmd.store import Transaction
from config.settings import Settings

STEP = timedelta(hours=1)
FARTHEST_BACK = timedelta(hours=48)  # each hour's rota is worked out anew


class Bare(msgspec.Struct, frozen=True, kw_only=True):
    """A home that nobody on duty could reach.

    Attributes:
        since: The first hour at which it was so; None: as far as was looked back.
        until: The first hour at which it was not so any more; None = still.
        placed: Whether its position is known at all.
    """

    resident: str
    since: datetime | None
    until: datetime | None
    placed: bool


def bare_spells(tx: Transaction, *, settings: Settings, since: datetime, now: datetime) -> Iterator[Bare]:
    """Each stretch of hours since then, two days at most, in which nobody on duty could reach a home."""
    residents = lookup.residents(tx)
    placed = {one.id: one.lat is not None and one.lon is not None for one in residents}
    known: dict[frozenset[str], frozenset[str]] = {}
    begun: dict[str, datetime | None] = {}
    everybody, duty = coverage.ringable(tx), Stored(tx, settings)  # read once, and not for each of the hours
    first = True
    for moment in _moments(since, now):
        people = [person for person in everybody if duty(person.on_call, moment).on]
        crew = frozenset(person.id for person in people)
        if crew not in known:
            reach = coverage.Reach(tx, people, settings)
            known[crew] = frozenset(one.id for one in residents if not reach.holds(one))
        bare = known[crew]
        for resident in sorted(begun.keys() - bare):
            yield Bare(resident=resident, since=begun.pop(resident), until=moment, placed=placed[resident])
        for resident in bare - begun.keys():
            begun[resident] = None if first else moment
        first = False
    for resident in sorted(begun):
        yield Bare(resident=resident, since=begun[resident], until=None, placed=placed[resident])


def _moments(since: datetime, now: datetime) -> Iterator[datetime]:
    """The beginning, each full hour, and now."""
    moment = max(since, now - FARTHEST_BACK)
    while moment < now:
        yield moment
        moment = (moment + STEP).replace(minute=0, second=0, microsecond=0)
    yield now
