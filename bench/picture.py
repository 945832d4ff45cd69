"""The figures that matter most as one picture: bars on a scale of tenfold steps."""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape
from pathlib import Path

from bench.figures import Figure

PICTURE = Path(__file__).parent.parent / "docs" / "images" / "performance.svg"
WIDTH, LEFT, ROW, HEAD = 860, 400, 22, 48
BAR = 12
ROOM = 90  # for the figure behind the longest bar
FONT = "font-family='system-ui, sans-serif'"
INK, QUIET, LIMIT, OURS = "#1d2733", "#6b7785", "#b8c2cc", "#c8102e"

AXIS = 18  # below the bars, for what the scale counts

# title, unit of the figures, what the scale counts, the figures
PANELS: tuple[tuple[str, str, str, tuple[str, ...]], ...] = (
    (
        "What is kept, a second",
        "/s",
        "messages or rows a second; each line is ten times the one before, longer is better",
        (
            "syncs of 4 kB",
            "SQLite rows, 64 per commit",
            "mosquitto to a subscriber that keeps nothing",
            "mosquitto to alarmd, kept",
            "kept, one connection",
            "kept, 200 connections",
            "presses of many homes",
            "heartbeats, 200 connections",
        ),
    ),
    (
        "From a press to the request at the provider, p99",
        "ms",
        "milliseconds; each line is ten times the one before, shorter is better",
        (
            "idle: press → request at the provider, p99",
            "beside 100 heartbeats/s: press → request at the provider, p99",
            "beside 1,000 heartbeats/s: press → request at the provider, p99",
            "in a storm: press → request at the provider, p99",
        ),
    ),
    (
        "Processor time of one press as the town grows",
        "µs",
        "microseconds; each line is ten times the one before, shorter is better",
        (
            "a press, 1,000 residents",
            "a press, 10,000 residents",
            "a press, 100,000 residents",
            "a press, 400,000 residents",
            "a press, 1,000 open",
            "a press, 10,000 open",
        ),
    ),
)
YARDSTICKS = ("syncs", "SQLite rows", "mosquitto to a subscriber")


def write(figures: Sequence[Figure], path: Path = PICTURE) -> None:
    """Draw it into the documentation."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(draw(figures), encoding="utf-8")


def draw(figures: Sequence[Figure]) -> str:
    """The picture as SVG; a figure that was not measured is left out."""
    known = {figure.name: figure for figure in figures}
    parts: list[str] = []
    top = 10
    for title, unit, scale, names in PANELS:
        found = [known[name] for name in names if name in known and known[name].unit == unit]
        if found:
            parts += _panel(title, scale, found, top)
            top += HEAD + ROW * len(found) + AXIS + 14
    head = f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {WIDTH} {top}' role='img' {FONT}>"
    ground = f"<rect width='{WIDTH}' height='{top}' fill='#ffffff'/>"
    return "\n".join((head, "<title>What alarmd does, measured</title>", ground, *parts, "</svg>\n"))


def _panel(title: str, axis: str, figures: Sequence[Figure], top: int) -> list[str]:
    least = 10 ** math.floor(math.log10(min(f.value for f in figures)) - 0.001)
    decades = math.log10(max(f.value for f in figures) / least)
    scale = (WIDTH - LEFT - ROOM) / max(decades, 0.5)
    lines = [f"<text x='10' y='{top + 18}' font-size='15' font-weight='600' fill='{INK}'>{escape(title)}</text>"]
    for step in range(math.floor(decades) + 1):
        x = LEFT + step * scale
        bottom = top + HEAD + ROW * len(figures)
        lines.append(f"<path d='M{x:.0f} {top + HEAD - 6}V{bottom}' stroke='#e6eaee'/>")
        lines.append(
            f"<text x='{x:.0f}' y='{top + HEAD - 10}' font-size='10' text-anchor='middle' fill='{QUIET}'>"
            f"{_tick(least * 10**step)}</text>"
        )
    lines.append(
        f"<text x='{LEFT}' y='{top + HEAD + ROW * len(figures) + AXIS - 4}' font-size='11' fill='{QUIET}'>"
        f"{escape(axis)}</text>"
    )
    for number, figure in enumerate(figures):
        lines += _bar(figure, top + HEAD + number * ROW, math.log10(figure.value / least) * scale)
    return lines


def _tick(value: float) -> str:
    return f"{value:,.0f}" if value >= 1 else f"{value:g}"


def _bar(figure: Figure, top: int, length: float) -> list[str]:
    name = figure.name.replace(": press → request at the provider, p99", "")
    colour = LIMIT if figure.name.startswith(YARDSTICKS) else OURS
    middle = top + BAR
    return [
        f"<text x='{LEFT - 8}' y='{middle}' font-size='12' text-anchor='end' fill='{INK}'>{escape(name)}</text>",
        f"<rect x='{LEFT}' y='{top + 1}' width='{max(length, 1):.1f}' height='{BAR}' rx='2' fill='{colour}'/>",
        f"<text x='{LEFT + length + 6:.1f}' y='{middle}' font-size='12' fill='{INK}'>{escape(figure.shown)}</text>",
    ]
