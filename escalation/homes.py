"""Where several live with one telephone: which of them are one home, and how one of them is spoken of."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from msgspec.structs import replace

from escalation.neighbourhood import plainly
from escalation.people import Resident
from escalation.travel import Position, metres
from escalation.whereabouts import NEAR_METRES

MOST_NAMED = 3  # of those who share a telephone; in a house of many it is the house that is gone to
SHARE_MEDICAL = "share_medical"


def of_one_telephone(living: Sequence[Resident], *, fixed_line: bool) -> list[list[Resident]]:
    """Those who have one telephone, by home: one number is one home, unless the homes are known to be apart.

    Args:
        living: In a fixed order.
        fixed_line: The telephone stands somewhere, so that two ways of writing an address mean one.
    """
    homes: list[list[Resident]] = []
    for resident in living:
        home = next((home for home in homes if not _are_apart(home[0], resident, fixed_line=fixed_line)), None)
        if home is None:
            homes.append([resident])
        else:
            home.append(resident)
    return homes


def either(residents: Sequence[Resident]) -> Resident:
    """One of several, as they are spoken of together: the first, with the names, homes and facts of all.

    What only one of them allowed to be told is not told. Who is how old, nobody knows.
    """
    first, *others = residents
    if not others:
        return first
    return replace(
        first,
        name=_together(residents, lambda one: one.name),
        address=_together(residents, lambda one: one.address),
        access=_together(residents, lambda one: one.access),
        birth_date=None,
        conditions=_of_each(residents, lambda one: one.conditions),
        medication=_of_each(residents, lambda one: one.medication),
        allergies=_of_each(residents, lambda one: one.allergies),
        mobility=_of_each(residents, lambda one: one.mobility),
        categories=tuple(
            one
            for one in first.categories
            if one != SHARE_MEDICAL or all(SHARE_MEDICAL in other.categories for other in others)
        ),
    )


def _are_apart(one: Resident, other: Resident, *, fixed_line: bool) -> bool:
    if one.lat is not None and one.lon is not None and other.lat is not None and other.lon is not None:
        return metres(Position(one.lat, one.lon), Position(other.lat, other.lon)) > NEAR_METRES
    differ = bool(one.address and other.address) and plainly(one.address) != plainly(other.address)
    return differ and not fixed_line


def _together(residents: Sequence[Resident], fact: Callable[[Resident], str]) -> str:
    found = list(dict.fromkeys(said for one in residents if (said := fact(one))))
    more = ["…"] if len(found) > MOST_NAMED else []
    return " / ".join([*found[:MOST_NAMED], *more])


def _of_each(residents: Sequence[Resident], fact: Callable[[Resident], str]) -> str:
    return "; ".join(f"{one.name}: {said}" for one in residents[:MOST_NAMED] if (said := fact(one)))
