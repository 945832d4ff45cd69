"""How long a press takes while somebody attacks, beside the same when nobody does; and what the attack costs."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from pathlib import Path

from bench.attacks import ATTACKS
from bench.attacks.shape import Attack, under
from bench.figures import Figure, percentile
from bench.siege import PATIENCE, Press, Siege

GROUP = "a press under attack"
LEFT = "what an attack leaves behind"


async def measure(folder: Path, *, quick: bool, only: str = "") -> AsyncIterator[Figure]:
    """Each attack at a daemon of its own, idle presses before it.

    Args:
        folder: Where the daemons live.
        quick: A fifth of the presses, and of the attackers' effort.
        only: The attacks whose name contains this.
    """
    for number, one in enumerate(ATTACKS):
        if only in one.name:
            place = folder / f"attack-{number}"
            place.mkdir()
            async for figure in _one(place, one, presses=20 if quick else 100, effort=0.2 if quick else 1.0):
                yield figure


async def _one(folder: Path, one: Attack, *, presses: int, effort: float) -> AsyncIterator[Figure]:
    async with Siege(folder, 2 * presses + 10, one) as siege:
        idle = await siege.presses(presses)
        before = siege.rss()
        async with under(one, siege.target(effort)):
            attacked = await siege.presses(presses)
            most = siege.rss()
        unanswered = sum(press.asked >= PATIENCE for press in attacked)
        for figure in _latencies(one.name, idle, attacked):
            yield figure
        note = f"{before:.0f} MB before; {unanswered} of {presses} presses unanswered"
        yield Figure(group=LEFT, name=f"{one.name}: memory while it runs", value=most - before, unit="MB", note=note)


def _latencies(name: str, idle: Sequence[Press], attacked: Sequence[Press]) -> list[Figure]:
    figures = []
    for what, field in (("first login", "login"), ("PUBACK", "acked"), ("request at the provider", "asked")):
        for share in (0.5, 0.99):
            before, under_it = ([getattr(press, field) for press in some] for some in (idle, attacked))
            usual, now = percentile(before, share) * 1000, percentile(under_it, share) * 1000
            figures.append(
                Figure(
                    group=GROUP,
                    name=f"{name}: {what}, p{share * 100:.0f}",
                    value=now,
                    unit="ms",
                    note=f"{now / usual:.1f} × {usual:.3g} ms idle",
                )
            )
    return figures
