"""`alarmd demo`: the real daemon, its own MQTT door, a simulated neighbourhood, phones and a dispatch centre."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

import structlog
from rich.console import Console

from config import languages
from config.wording import for_later, said
from simulators import neighbourhood
from simulators import scenario as scenarios
from simulators.headless import Headless
from simulators.page import serve

HEADLESS_SPEED = 15.0
PAGE_SPEED = 2.0
FASTEST = 60.0  # above this a webhook's way through the machine is as long as a story minute
QUIET = 50  # the daemon's own log stays out of the way; the timeline tells what matters
DONE, FOUND, USAGE = 0, 1, 2


def run(
    *,
    headless: bool = False,
    scenario: str | None = None,
    speed: float | None = None,
    language: str | None = None,
    port: int = 0,
    folder: Path | None = None,
    console: Console | None = None,
) -> int:
    """Run the demo until it has ended (headless) or until Ctrl-C (with its page).

    Args:
        headless: Play in the terminal instead of on a page.
        scenario: Which scenario, or ``list``; None = the default one, on the page: press the button yourself.
        speed: Story seconds a second on the wall; None = what suits.
        language: ``zh-CN`` or ``en``, as people write them; None = the terminal's, else Chinese.
        port: Of the page; 0 = a free one.
        folder: Where the store is kept; None = a temporary one.
        console: Where it is printed.

    Returns:
        0: it ended as the scenario says. 1: it did not. 2: there is no such scenario, language or speed.
    """
    console = console or Console()
    chosen = language is not None
    wish = language or languages.of_terminal(os.environ) or languages.CHINESE
    language = languages.nearest(wish) or wish
    speed = speed or (HEADLESS_SPEED if headless else PAGE_SPEED)
    if fault := _fault(None if scenario == "list" else scenario, speed, language):
        Console(stderr=True).print(fault, style="red", highlight=False)
        return USAGE
    if scenario == "list":
        return _list(console, language)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(QUIET))
    work: Coroutine[Any, Any, int]
    if headless:
        told = scenarios.load(scenario or scenarios.DEFAULT)
        work = Headless(told, language=language, speed=speed, console=console, folder=folder).run()
    else:
        work = serve(
            scenario=scenario,
            language=language,
            speed=speed,
            port=port,
            folder=folder,
            console=console,
            chosen=chosen,
        )
    try:
        return asyncio.run(work)
    except KeyboardInterrupt:
        return FOUND if headless else DONE
    except OSError as error:
        why = error.strerror or error
        sentence = said("the demo cannot listen: {why}; choose another --port", why=why)
        Console(stderr=True).print(sentence, style="red", highlight=False)
        return FOUND


def _list(console: Console, language: str) -> int:
    for name in scenarios.names():
        console.print(f"[bold]{name}[/]  {scenarios.load(name).title.get(language, '')}", highlight=False)
    return DONE


def _fault(scenario: str | None, speed: float, language: str) -> str:
    """What is wrong with the wishes; empty = nothing."""
    if scenario is not None and scenario not in scenarios.names():
        names = ", ".join(scenarios.names())
        return said("there is no scenario {name}; there are {names}", name=repr(scenario), names=names)
    if language not in neighbourhood.LANGUAGES:
        return said("{language} is not spoken here; write zh-CN or en", language=repr(language))
    if not 0 < speed <= FASTEST:
        sentence = for_later("speed {speed} is not possible; write a number above 0, at most {fastest}")
        return said(sentence, speed=f"{speed:g}", fastest=f"{FASTEST:g}")
    return ""
