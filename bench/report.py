"""The table, on the terminal and in docs/performance.md."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bench.figures import Figure, ratio

PAGE = Path(__file__).parent.parent / "docs" / "performance.md"
BEGIN, END = "<!-- bench: begin -->", "<!-- bench: end -->"
ATTACKS_BEGIN, ATTACKS_END = "<!-- attacks: begin -->", "<!-- attacks: end -->"


def show(figures: Sequence[Figure]) -> None:
    """Print the figures."""
    table = Table("", "", "of", "", title="alarmd bench")
    for group in dict.fromkeys(f.group for f in figures):
        table.add_section()
        for figure in (f for f in figures if f.group == group):
            table.add_row(figure.name, figure.shown, ratio(figure, figures), figure.note, style=None)
    Console().print(table)


def page(figures: Sequence[Figure], machine: Sequence[str], busy: float, day: date) -> str:
    """The section of the page."""
    lines = [f"Measured {day:%Y-%m-%d}, on:", ""]
    lines += [f"- {line}" for line in machine]
    lines += [f"- load before it began: {busy:.1f}", ""]
    for group in dict.fromkeys(f.group for f in figures):
        lines += [f"**{group.capitalize()}**", "", "| | figure | of | |", "|---|---:|---|---|"]
        lines += [f"| {f.name} | {f.shown} | {ratio(f, figures)} | {f.note} |" for f in figures if f.group == group]
        lines.append("")
    return "\n".join(lines)


def attacks(rows: Sequence[str], machine: Sequence[str], busy: float, day: date, *, quick: bool) -> str:
    """The section of the page for presses under attack."""
    form = "the short form, few presses each" if quick else "100 presses each"
    where = f"on {machine[0]}; load before it began: {busy:.1f}"
    return "\n".join([f"Measured {day:%Y-%m-%d} ({form}), {where}.", "", *rows, ""])


def write(section: str, path: Path = PAGE, *, begin: str = BEGIN, end: str = END) -> None:
    """Put the section between the page's markers.

    Raises:
        ValueError: The page has no markers.
    """
    text = path.read_text(encoding="utf-8")
    if begin not in text or end not in text:
        raise ValueError(f"{path}: the lines {begin} and {end} are not there")
    head, rest = text.split(begin, 1)
    _, tail = rest.split(end, 1)
    path.write_text(f"{head}{begin}\n{section}\n{end}{tail}", encoding="utf-8")
