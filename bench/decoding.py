"""What a decoder costs: messages of each family on one core, beside the broker and ``json.loads`` alone."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from time import perf_counter

import devices
from bench.behind_mosquitto import BROKER
from bench.figures import Figure
from simulators import dialects

GROUP = "decoding, one core"
NOW = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)
ROUNDS = 5  # of which the fastest counts: a decoder does not get faster by chance

Message = tuple[str, bytes]


def measure(*, quick: bool) -> Iterator[Figure]:
    """Every family's messages, found by their topic among those of all families; then all of them in turn."""
    seconds = 0.01 if quick else 0.05
    said = {family: messages(family) for family in dialects.FAMILIES}
    every = [message for some in said.values() for message in some]
    yield _figure("all families in turn", every, seconds)
    for family, some in said.items():
        yield _figure(f"`{family}`", some, seconds)


def _figure(name: str, some: Sequence[Message], seconds: float) -> Figure:
    rate, plain = (_rate(some, reader, seconds) for reader in (devices.decode, _loads))
    note = f"{len(some)} messages, {rate / plain:.2f} × `json.loads` of the same"
    return Figure(group=GROUP, name=name, value=rate, unit="/s", against=BROKER, note=note)


def messages(family: str) -> list[Message]:
    """What a device of that family says in all that can happen to it, as topics and bytes."""
    spoken = dialects.dialect(family)
    signals = [one for one in ("sos", "fall", "vital", "location", "heartbeat") if one in spoken.says]
    episodes = [dialects.says(family, spoken.device, one, at=NOW) for one in signals]
    return [(said.topic, said.payload) for episode in episodes for said in episode]


def _loads(_topic: str, payload: bytes) -> object:
    try:
        return json.loads(payload)
    except ValueError:
        return None


def _rate(some: Sequence[Message], reader: Callable[[str, bytes], object], seconds: float) -> float:
    """Messages a second of the fastest of a few rounds, each about so long."""
    again = max(1, round(seconds / _once(some, reader, 1)))
    return len(some) * again / min(_once(some, reader, again) for _ in range(ROUNDS))


def _once(some: Sequence[Message], reader: Callable[[str, bytes], object], times: int) -> float:
    before = perf_counter()
    for _ in range(times):
        for topic, payload in some:
            reader(topic, payload)
    return perf_counter() - before
