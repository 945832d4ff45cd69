"""The pages' drawings, measured as a browser draws them: no words leave their box, or the picture."""

from __future__ import annotations

import asyncio
import shutil
from typing import Any

import pytest
from playwright.async_api import async_playwright

from tests.support.pages import ROOT

pytestmark = pytest.mark.browser

PICTURES = sorted((ROOT / "docs" / "images").glob("*.svg"))
# Every text with its box as drawn, and the smallest rectangle that its middle stands in.
MEASURE = """() => {
  const box = (element) => {
    const b = element.getBBox();
    return {x: b.x, y: b.y, right: b.x + b.width, bottom: b.y + b.height};
  };
  const svg = document.querySelector("svg");
  const whole = {x: 0, y: 0, right: svg.viewBox.baseVal.width, bottom: svg.viewBox.baseVal.height};
  const rects = [...svg.querySelectorAll("rect")].map(box).concat([whole]);
  return [...svg.querySelectorAll("text")].map((text) => {
    const b = box(text), x = (b.x + b.right) / 2, y = (b.y + b.bottom) / 2;
    const around = rects.filter((r) => r.x < x && x < r.right && r.y < y && y < r.bottom);
    around.sort((r, s) => (r.right - r.x) * (r.bottom - r.y) - (s.right - s.x) * (s.bottom - s.y));
    return {words: text.textContent, box: b, room: around[0] ?? null};
  });
}"""
LEAST_ROOM = 4  # units of the drawing, at each side: another machine's letters are a little wider


@pytest.mark.parametrize("picture", PICTURES, ids=lambda path: path.name)
async def test_it_keeps_its_words_inside_their_boxes(picture: Any) -> None:
    async with async_playwright() as browsers:
        browser = await browsers.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"]
        )
        page = await browser.new_page()
        await page.set_content(await asyncio.to_thread(picture.read_text, encoding="utf-8"))
        found: list[dict[str, Any]] = await page.evaluate(MEASURE)
        await browser.close()
    assert found
    for text in found:
        box, room = text["box"], text["room"]
        assert room is not None, f"{text['words']} stands outside the picture"
        assert room["x"] + LEAST_ROOM <= box["x"], text
        assert box["right"] <= room["right"] - LEAST_ROOM, text
        assert room["y"] <= box["y"], text
        assert box["bottom"] <= room["bottom"], text


async def test_it_would_be_seen_if_words_left_their_box() -> None:
    drawn = (
        "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 400 100' width='400' height='100'>"
        "<rect x='150' y='20' width='60' height='40'/>"
        "<text x='180' y='45' text-anchor='middle'>much too long for it</text></svg>"
    )
    async with async_playwright() as browsers:
        browser = await browsers.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"]
        )
        page = await browser.new_page()
        await page.set_content(drawn)
        (text,) = await page.evaluate(MEASURE)
        await browser.close()
    assert text["box"]["right"] > text["room"]["right"]
