"""Take README's picture of the demo anew, from the real page: `make pictures`."""

from __future__ import annotations

import asyncio
import shutil

from playwright.async_api import Page, ViewportSize, async_playwright

from simulators.page import Show, build
from simulators.serving import Serving
from tests.support.pages import ROOT

PICTURE = ROOT / "docs" / "images" / "demo.png"
SIZE = ViewportSize(width=1200, height=800)
SPEED = 2.0
PATIENCE = 120_000  # milliseconds


async def play(page: Page) -> None:
    """Press, let the neighbour say that he goes, and stop where he is on his way and others ring no more."""
    await page.click("#press")
    for button in ("#phone-neighbour .answer", "#phone-neighbour .listening .key"):
        found = await page.wait_for_selector(button)
        assert found is not None
        await found.evaluate("element => element.click()")
    await page.wait_for_selector('#home[data-light="accepted"], #home[data-light="coming"]')
    await page.wait_for_selector("#walkers text")
    await page.wait_for_selector("#phone-volunteer .texts li:nth-child(2)")


async def main() -> None:
    """Play the first half minute in English, by hand, and take the picture."""
    show = Show()
    serving = Serving(build(show))
    await serving.start()
    await show.begin("", language="en", speed=SPEED)
    async with async_playwright() as browsers:
        browser = await browsers.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"]
        )
        page = await browser.new_page(viewport=SIZE, color_scheme="light", reduced_motion="reduce")
        page.set_default_timeout(PATIENCE)
        await page.goto(serving.url)
        await play(page)
        await page.screenshot(path=PICTURE)
        await browser.close()
    await show.close()
    await serving.stop()


if __name__ == "__main__":
    asyncio.run(main())
