"""What is beyond a budget and alike is one entry: with how many it stands for, and the first and last of them.

A press each with another reference, a thousand a second, filled the disk with 30 GB a day where each had its entry.
What tells messages apart for a person stays apart: device, type, gesture, words, what makes them suspect. Where more is
unlike than that, only what one device says of one kind shares an entry, with the newest words. Devices that nobody
registered may share one, which names each: but whether somebody did is asked of the store (`alarmd.intake.excess`).
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import replace
from typing import NamedTuple

from alarmd.intake.budget import Held
from alarmd.intake.delivery import Delivery, Like
from devices.signal import Signal

ENTRIES = 8
"""Of what is unlike so many have an entry each; of the others those of one device and kind share one."""
DEVICES = 32
"""Devices that nobody registered that share one entry, which names them all."""
MESSAGES = 500
"""Messages that share an entry though they are unlike: what each means is asked."""


class Group(NamedTuple):
    """What may share an entry: in any case where they are alike, else where they turn out to count as the same."""

    held: list[Held]
    is_alike: bool


def grouped(held: Sequence[Held]) -> list[Group]:
    """Those that are alike together, in the order of the first of each; each holds one signal or none."""
    like: dict[Hashable, list[Held]] = {}
    for one in held:
        like.setdefault(_alike(one), []).append(one)
    groups = list(like.values())
    rest: dict[Hashable, list[Held]] = {}
    for group in groups[ENTRIES:]:
        rest.setdefault(_kind(group[0]), []).extend(group)
    return [Group(group, is_alike=True) for group in groups[:ENTRIES]] + [
        Group(part, is_alike=False) for of_kind in rest.values() for part in _parts(of_kind)
    ]


def _parts(of_kind: list[Held]) -> list[list[Held]]:
    """Of so many devices and messages each."""
    parts: list[list[Held]] = [[]]
    devices: set[Hashable] = set()
    for one in of_kind:
        device = device_of(one)
        if len(parts[-1]) >= MESSAGES or (device not in devices and len(devices) >= DEVICES):
            parts.append([])
            devices = set()
        parts[-1].append(one)
        devices.add(device)
    return parts


def for_all(one: Held, group: Sequence[Held]) -> Delivery:
    """The message that stands for all of them."""
    if len(group) == 1:
        return one.delivery
    of = device_of(one)
    refs = tuple(dict.fromkeys(ref for other in group if device_of(other) == of and (ref := ref_of(other)) is not None))
    others = dict.fromkeys(_name(other) for other in group if device_of(other) != of)
    like = Like(
        messages=len(group),
        first_at=group[0].delivery.received_at,
        refs=refs,
        others=tuple(others)[:DEVICES],
    )
    return replace(one.delivery, like=like)


def newest(group: Sequence[Held], most: int) -> list[Held]:
    """Of each device and reference the newest, the newest first; at most so many, and one of each device first."""
    seen: dict[Hashable, Held] = {}
    devices: dict[Hashable, Held] = {}
    for one in reversed(group):
        devices.setdefault(device_of(one), one)
        if len(seen) < most:
            seen.setdefault((device_of(one), ref_of(one)), one)
    if len(devices) > 1:
        return list(devices.values())[:most]
    return list(seen.values())


def ref_of(one: Held) -> str | None:
    """The reference of what it says."""
    return one.signals[0].ref if one.signals else None


def device_of(one: Held) -> Hashable:
    """Which device said it; where nobody can tell, its topic."""
    return (one.signals[0].family, one.signals[0].device) if one.signals else one.delivery.topic


def _name(one: Held) -> str:
    return str(one.signals[0].device) if one.signals else one.delivery.topic


def _kind(one: Held) -> Hashable:
    """What never shares an entry: a stored copy and a will are no press, and a doubted press is no other."""
    said = tuple((signal.family, signal.type, signal.suspect, signal.retained) for signal in one.signals)
    return one.reason, one.delivery.will, said


def _alike(one: Held) -> Hashable:
    said = tuple((signal.device, signal.gesture, signal.text, _flags(signal)) for signal in one.signals)
    return _kind(one), said or one.delivery.topic


def _flags(signal: Signal) -> Hashable:
    """Whether a door is open, a bed is empty: an opening is not the closing after it."""
    return frozenset((name, value) for name, value in signal.measurements.items() if isinstance(value, bool))
