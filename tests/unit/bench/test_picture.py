"""The picture of the figures: each scale says what it counts."""

from __future__ import annotations

import re
from html import unescape
from itertools import pairwise

from bench.figures import Figure
from bench.picture import PANELS, PICTURE, draw

FIGURES = [
    Figure(group="", name=name, value=7.5 * 3**number, unit=unit)
    for _, unit, _, names in PANELS
    for number, name in enumerate(names)
]


def test_it_labels_every_axis_with_its_unit_and_the_way_to_read_it() -> None:
    for drawn in (draw(FIGURES), PICTURE.read_text(encoding="utf-8")):
        texts = [unescape(text) for text in re.findall(r"<text [^>]*>([^<]*)</text>", drawn)]
        for title, _, scale, _ in PANELS:
            assert title in texts
            assert scale in texts
            assert re.search(r"second|microsecond|millisecond", scale)
            assert re.search(r"(longer|shorter) is better", scale)


def test_it_numbers_the_lines_of_a_scale_in_tenfold_steps() -> None:
    for _, unit, _, names in PANELS:
        small = [
            Figure(group="", name=name, value=0.04 * 10**number, unit=unit) for number, name in enumerate(names[:4])
        ]
        ticks = re.findall(r"text-anchor='middle'[^>]*>([\d.,]+)</text>", draw(small))
        values = [float(tick.replace(",", "")) for tick in ticks]
        assert values[0] == 0.01
        assert all(abs(after / before - 10) < 1e-9 for before, after in pairwise(values))


def test_it_leaves_no_bar_and_no_words_outside() -> None:
    drawn = draw(FIGURES)
    found = re.search(r"viewBox='0 0 (\d+) (\d+)'", drawn)
    assert found is not None
    width, height = int(found[1]), int(found[2])
    assert all(float(y) <= height for y in re.findall(r" y='([\d.]+)'", drawn))
    bars = re.findall(r"<rect x='([\d.]+)' y='[\d.]+' width='([\d.]+)'", drawn)
    assert len(bars) == len(FIGURES)
    assert all(float(x) + float(length) < width for x, length in bars)
