"""What is beyond a budget and alike is one entry: with how many it stands for, and the first and last of them.

A press each with another reference, a thousand a second, filled the disk with 30 GB a day where each had its entry.
What tells messages apart for a person stays apart: device, type, gesture, words, what makes them suspect.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import replace

from alarmd.intake.budget import Held
from alarmd.intake.delivery import Delivery, Like

ENTRIES = 16
"""Of what is unlike so many have an entry each, one of each kind in any case; the others share one."""
MOST_ENTRIES = 32
OTHERS = 20
"""Addresses that are named of those that share one."""


def grouped(held: Sequence[Held]) -> list[list[Held]]:
    """Those that are alike together, in the order of the first of each; at most `MOST_ENTRIES` and one groups."""
    like: dict[Hashable, list[Held]] = {}
    for one in held:
        like.setdefault(_alike(one), []).append(one)
    firsts: dict[Hashable, Hashable] = {}
    for key, group in like.items():
        firsts.setdefault(_kinds(group[0]), key)
    own = list(dict.fromkeys((*list(firsts.values())[:MOST_ENTRIES], *like)))
    own = own[: max(ENTRIES, min(len(firsts), MOST_ENTRIES))]
    chosen = set(own)
    groups = [group for key, group in like.items() if key in chosen]
    rest = [one for key, group in like.items() if key not in chosen for one in group]
    return [*groups, rest] if rest else groups


def for_all(one: Held, group: Sequence[Held]) -> Delivery:
    """The message that stands for all of them."""
    if len(group) == 1:
        return one.delivery
    refs = tuple(dict.fromkeys(ref for ref in map(ref_of, group) if ref is not None))
    of = _device(one)
    others = dict.fromkeys(device for device in map(_device, group) if device not in {None, of})
    like = Like(
        messages=len(group),
        first_at=group[0].delivery.received_at,
        refs=refs,
        others=tuple(str(device) for device in others)[:OTHERS],
    )
    return replace(one.delivery, like=like)


def newest(group: Sequence[Held], most: int) -> list[Held]:
    """Of each reference the newest, the newest first; at most so many."""
    seen: dict[str | None, Held] = {}
    for one in reversed(group):
        seen.setdefault(ref_of(one), one)
        if len(seen) >= most:
            break
    return list(seen.values())


def ref_of(one: Held) -> str | None:
    """The reference of what it says first."""
    return one.signals[0].ref if one.signals else None


def _device(one: Held) -> str | None:
    return one.signals[0].device if one.signals else one.delivery.topic


def _kinds(one: Held) -> Hashable:
    return tuple(signal.type for signal in one.signals)


def _alike(one: Held) -> Hashable:
    said = tuple(
        (signal.family, signal.device, signal.type, signal.gesture, signal.text, signal.suspect, signal.retained)
        for signal in one.signals
    )
    return one.reason, one.delivery.will, said or one.delivery.topic
