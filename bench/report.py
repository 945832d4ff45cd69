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


def write(section: str, path: Path = PAGE) -> None:
    """Put the section between the page's markers.

    Raises:
        ValueError: The page has no markers.
    """
    text = path.read_text(encoding="utf-8")
    if BEGIN not in text or END not in text:
        raise ValueError(f"{path}: the lines {BEGIN} and {END} are not there")
    head, rest = text.split(BEGIN, 1)
    _, tail = rest.split(END, 1)
    path.write_text(f"{head}{BEGIN}\n{section}\n{END}{tail}", encoding="utf-8")
