"""How long a press takes while somebody attacks, beside the same when nobody does; and what the attack costs."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.attacks import ATTACKS
from bench.attacks.shape import Attack, under
from bench.figures import Figure, percentile
from bench.siege import PATIENCE, Press, Siege

GROUP = "a press under attack"
LEFT = "what an attack leaves behind"
QUICK = 12
TIMES, MOST_S, MOST_MB = 5.0, 1.0, 150.0
"""The aim: p99 of what a press waits for no more than so many times the idle one, and never more than so many seconds;
and no more memory than that."""
_FIELDS = (("first login", "login"), ("PUBACK", "acked"), ("request at the provider", "asked"))


@dataclass(frozen=True, kw_only=True)
class Attacked:
    """One attack and what it did.

    Attributes:
        attack: Which.
        idle: Presses before it.
        presses: Presses while it ran.
        before: Resident memory before it, MB.
        growth: How much it grew while it ran, MB.
        kept: Whether whatever was acknowledged is in the store.
    """

    attack: Attack
    idle: Sequence[Press]
    presses: Sequence[Press]
    before: float
    growth: float
    kept: bool

    @property
    def unanswered(self) -> int:
        """Presses that were not acknowledged, or whose people were not rung, in time."""
        return sum(press.asked >= PATIENCE for press in self.presses)

    def ms(self, field: str, share: float) -> tuple[float, float]:
        """A percentile when idle and under attack, in milliseconds."""
        before, now = (percentile([getattr(press, field) for press in some], share) * 1000 for some in self._both)
        return before, now

    @property
    def _both(self) -> tuple[Sequence[Press], Sequence[Press]]:
        return self.idle, self.presses

    @property
    def holds(self) -> bool:
        """Whether the aim is reached."""
        waits = [self.ms(field, 0.99) for field in ("acked", "asked")]
        times = all(now <= TIMES * before for before, now in waits)
        return times and max(now for _, now in waits) <= MOST_S * 1000 and self.growth <= MOST_MB and self.kept

    @property
    def figures(self) -> Iterator[Figure]:
        """One for each line on the terminal."""
        for what, field in _FIELDS:
            for share in (0.5, 0.99):
                before, now = self.ms(field, share)
                yield Figure(
                    group=GROUP,
                    name=f"{self.attack.name}: {what}, p{share * 100:.0f}",
                    value=now,
                    unit="ms",
                    note=f"{now / before:.1f} × {before:.3g} ms idle",
                )
        lost = "" if self.kept else "; what was acknowledged is not all there"
        note = f"{self.before:.0f} MB before; {self.unanswered} of {len(self.presses)} presses unanswered{lost}"
        yield Figure(
            group=LEFT, name=f"{self.attack.name}: memory while it runs", value=self.growth, unit="MB", note=note
        )


async def measure(folder: Path, *, quick: bool, only: str = "") -> AsyncIterator[Attacked]:
    """Each attack at a daemon of its own, idle presses before it.

    Args:
        folder: Where the daemons live.
        quick: Few presses, and a fifth of the attackers' effort.
        only: The attacks whose name contains this.
    """
    for number, one in enumerate(ATTACKS):
        if only in one.name:
            place = folder / f"attack-{number}"
            place.mkdir()
            yield await _one(place, one, presses=QUICK if quick else 100, effort=0.2 if quick else 1.0)


async def _one(folder: Path, one: Attack, *, presses: int, effort: float) -> Attacked:
    async with Siege(folder, 2 * presses + 10, one) as siege:
        idle = await siege.presses(presses)
        before = siege.rss()
        async with under(one, siege.target(effort)):
            attacked = await siege.presses(presses)
            most = siege.rss()
        kept = siege.kept([*idle, *attacked])
        return Attacked(attack=one, idle=idle, presses=attacked, before=before, growth=most - before, kept=kept)


def table(all_: Sequence[Attacked]) -> list[str]:
    """The rows of the page, in the order of what was found."""
    lines = [
        "| # | attack | first login: p50 · p99 | PUBACK: p50 · p99 | provider asked: p50 · p99 | memory | aim |",
        "|---:|---|---:|---:|---:|---:|---|",
    ]
    for one in sorted(all_, key=lambda one: one.attack.number):
        cells = [
            " · ".join(_cell(*one.ms(field, share)) for share in (0.5, 0.99)) for field in ("login", "acked", "asked")
        ]
        aim = "held" if one.holds else "**missed**"
        if one.unanswered:
            aim += f"; {one.unanswered} of {len(one.presses)} unanswered"
        row = [str(one.attack.number), one.attack.name, *cells, f"{one.growth:+.0f} MB", aim]
        lines.append(f"| {' | '.join(row)} |")
    return lines


def _cell(before: float, now: float) -> str:
    return f"{now / before:.1f} × ({now:,.0f} ms)"
