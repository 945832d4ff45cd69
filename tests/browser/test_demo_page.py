"""The demo's page in a real browser: somebody presses, answers the neighbour's phone, and sees her arrive."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Page, async_playwright, expect

from simulators.page import Show, build
from simulators.serving import Serving

pytestmark = pytest.mark.browser

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-sync",
    "--no-first-run",
]
PATIENCE = 20_000  # milliseconds


@pytest.fixture
async def page() -> AsyncIterator[Page]:
    """The page of a fresh demo, in fast motion."""
    show = Show()
    serving = Serving(build(show))
    await serving.start()
    await show.begin("", language="en", speed=10)
    complaints: list[str] = []
    async with async_playwright() as browsers:
        browser = await browsers.chromium.launch(executable_path=shutil.which("chromium"), args=ARGUMENTS)
        found = await browser.new_page(viewport={"width": 1200, "height": 800})
        found.set_default_timeout(PATIENCE)
        found.on("pageerror", lambda error: complaints.append(str(error)))
        found.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
        await found.goto(serving.url)
        yield found
        await browser.close()
    await show.close()
    await serving.stop()
    assert complaints == []


async def test_it_brings_the_neighbour_to_the_door(page: Page) -> None:
    await page.get_by_role("button", name="Press the red help button by the bed").click()
    await expect(page.locator("#light")).to_have_text("Kept; looking for somebody", timeout=PATIENCE)

    await page.get_by_role("button", name="Answer: Tom Baker").click()
    neighbour = page.locator("#phone-neighbour")
    await expect(neighbour.locator(".heard")).to_contain_text("Mary Collins", timeout=PATIENCE)
    await page.get_by_role("button", name="Tom Baker: keys 1").click()
    await expect(page.locator("#light")).to_have_text("Somebody is coming", timeout=PATIENCE)
    await expect(page.locator("#onway")).to_have_text("Tom Baker is coming", timeout=PATIENCE)
    await expect(page.locator("#phone-volunteer .texts")).to_contain_text("You need not go", timeout=PATIENCE)

    await expect(neighbour.locator(".heard")).to_contain_text("press 3", timeout=PATIENCE)
    await page.get_by_role("button", name="Tom Baker: keys 3").click()
    await expect(page.locator("#light")).to_have_text("Somebody has arrived", timeout=PATIENCE)
    await expect(page.locator("#onway")).to_have_text("Tom Baker has arrived", timeout=PATIENCE)
    await expect(page.locator("#timeline")).to_contain_text("Tom Baker has arrived! (by key)", timeout=PATIENCE)


async def test_it_plays_a_scenario_and_says_how_it_ended(page: Page) -> None:
    await page.get_by_label("Speed").select_option("20")
    await page.get_by_label("Scenario").select_option("neighbour-comes")
    await expect(page.locator("#verdict")).to_have_text("It ended as the scenario says ✓", timeout=60_000)
    await expect(page.locator("#times")).to_contain_text("at the door", timeout=PATIENCE)


async def test_it_speaks_chinese_when_asked(page: Page) -> None:
    await page.get_by_role("button", name="中文").click()
    await expect(page.locator("#who")).to_have_text("王秀英", timeout=PATIENCE)
    await expect(page.locator("#press")).to_have_text("求助", timeout=PATIENCE)
    await expect(page.locator("html")).to_have_attribute("lang", "zh-CN", timeout=PATIENCE)


async def test_it_takes_the_browsers_language_where_nobody_chose_one() -> None:
    show = Show()
    serving = Serving(build(show))
    await serving.start()
    await show.begin("", language="zh-CN", speed=10, chosen=False)
    async with async_playwright() as browsers:
        browser = await browsers.chromium.launch(executable_path=shutil.which("chromium"), args=ARGUMENTS)
        found = await browser.new_page(locale="en-GB")
        await found.goto(serving.url)
        await expect(found.locator("#who")).to_have_text("Mary Collins", timeout=PATIENCE)
        await expect(found).to_have_title("alarmd demo: one press", timeout=PATIENCE)
        await found.get_by_role("button", name="中文").click()
        await expect(found).to_have_title("alarmd 演示：一次按铃", timeout=PATIENCE)
        await expect(found.locator("#phones")).to_have_attribute("aria-label", "模拟电话", timeout=PATIENCE)
        await browser.close()
    await show.close()
    await serving.stop()


# What is scrolled must look scrolled, what is long must wrap, and nothing may push the page wider than its window.
CLIPPED = """() => [...document.querySelectorAll("main *, header *, #story")].filter((element) => {
  const style = getComputedStyle(element);
  const hides = (way) => ["hidden", "clip"].includes(way);
  const shadowed = style.backgroundAttachment.includes("scroll") && style.backgroundAttachment.includes("local");
  const down = element.scrollHeight > element.clientHeight + 2, right = element.scrollWidth > element.clientWidth + 2;
  return element.clientHeight && (
    (down && hides(style.overflowY)) || (right && hides(style.overflowX)) ||
    (down && style.overflowY === "auto" && !shadowed)
  );
}).map((element) => element.outerHTML.slice(0, 120))"""


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_it_puts_who_is_rung_first_and_clips_nothing_without_a_hint(page: Page, width: int, scheme: str) -> None:
    await page.set_viewport_size({"width": width, "height": 844})
    await page.emulate_media(color_scheme="dark" if scheme == "dark" else "light", reduced_motion="reduce")
    await page.locator("#press").click()
    await page.wait_for_selector('.phone[data-state="ringing"]')
    assert await page.evaluate(CLIPPED) == []
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    heights = await page.evaluate(
        """() => [...document.querySelectorAll(".phone")].map((card) =>
          [card.dataset.state === "ringing" ? 0 : 1, card.getBoundingClientRect().y, card.getBoundingClientRect().x])"""
    )
    seen = [rung for rung, *_ in sorted(heights, key=lambda card: (round(card[1]), card[2]))]
    assert seen == sorted(seen), "who is rung stands first"
    ground = await page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
    dark = sum(int(part) for part in ground.removeprefix("rgb(").rstrip(")").split(",")) < 3 * 128
    assert dark == (scheme == "dark")


async def test_it_can_be_used_with_the_keyboard_alone(page: Page) -> None:
    await page.locator("#press").focus()
    await page.keyboard.press("Enter")
    answer = page.get_by_role("button", name="Answer: Tom Baker")
    await answer.focus()
    await page.keyboard.press("Enter")
    await expect(page.locator("#phone-neighbour")).to_have_attribute("data-state", "talking", timeout=PATIENCE)
    await expect(page.get_by_role("button", name="Tom Baker: keys 1")).to_be_focused()  # the way goes on from here
