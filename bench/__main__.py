"""`python -m bench [--quick] [--folder DIR] [--no-write]`."""

from __future__ import annotations

import argparse
import asyncio
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console

from bench import (
    behind_mosquitto,
    decoding,
    disk,
    growth,
    losing,
    machine,
    own_door,
    picture,
    report,
    restart,
    supervised,
    under_attack,
)
from bench.figures import Figure
from bench.under_attack import Attacked

console = Console(stderr=True)


def main() -> None:
    """Measure everything, print the table, and write it into docs/performance.md."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a fifth of the time; good for a look, not for the page")
    parser.add_argument("--folder", type=Path, default=Path(), help="on the disk to be measured (default: here)")
    parser.add_argument(
        "--attacks",
        metavar="WORDS",
        nargs="?",
        const="",
        help="only presses under attack, and their table of the page; with WORDS only the attacks whose name has them, "
        "and nothing is written",
    )
    parser.add_argument(
        "--no-write", action="store_true", help="leave docs/performance.md as it is; so does --quick, but for --attacks"
    )
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix=".bench-", dir=asked.folder) as made:
        folder = Path(made).absolute()
        folder.chmod(0o755)
        system, busy = machine.describe(folder), machine.load()
        measured = [] if asked.attacks is not None else asyncio.run(_measure(folder, quick=asked.quick))
        attacked = asyncio.run(_attacked(_below(folder, "attacks"), quick=asked.quick, only=asked.attacks or ""))
    report.show([*measured, *(figure for one in attacked for figure in one.figures)])
    day = datetime.now(UTC).date()
    if measured and not asked.quick and not asked.no_write:
        picture.write(measured)
        report.write(report.page(measured, system, busy, day))
    if not asked.attacks and not asked.no_write and (asked.attacks == "" or not asked.quick):
        section = report.attacks(under_attack.table(attacked), system, busy, day, quick=asked.quick)
        report.write(section, begin=report.ATTACKS_BEGIN, end=report.ATTACKS_END)


async def _attacked(folder: Path, *, quick: bool, only: str) -> list[Attacked]:
    found = []
    async for one in under_attack.measure(folder, quick=quick, only=only):
        found.append(one)
        console.print("\n".join(under_attack.table([one])[2:]), highlight=False, soft_wrap=True)
    return found


async def _measure(folder: Path, *, quick: bool) -> list[Figure]:
    figures: list[Figure] = []

    def note(figure: Figure) -> None:
        figures.append(figure)
        console.print(f"{figure.group}: {figure.name}: {figure.shown}", highlight=False)

    for figure in disk.measure(_below(folder, "disk"), quick=quick):
        note(figure)
    for figure in decoding.measure(quick=quick):
        note(figure)
    for figure in supervised.measure(quick=quick):
        note(figure)
    async for figure in own_door.measure(_below(folder, "door"), quick=quick):
        note(figure)
    async for figure in behind_mosquitto.measure(_below(folder, "broker"), quick=quick):
        note(figure)
    async for figure in restart.measure(_below(folder, "restart"), quick=quick):
        note(figure)
    for figure in growth.measure(_below(folder, "growth"), quick=quick):
        note(figure)
    async for figure in losing.measure(_below(folder, "losing")):
        note(figure)
    return figures


def _below(folder: Path, name: str) -> Path:
    made = folder / name
    made.mkdir()
    return made


if __name__ == "__main__":
    main()
