"""The demo's page: an old woman's home, the phones of her neighbourhood and the ambulance, live."""

from __future__ import annotations

import asyncio
import signal
from pathlib import Path

from rich.console import Console

from simulators.page.app import build
from simulators.page.show import Show
from simulators.serving import Serving

__all__ = ["Show", "build", "serve"]

_WORDS = {
    "zh-CN": ("打开", "按 Ctrl-C 结束。"),
    "en": ("Open", "Ctrl-C ends it."),
}


async def serve(
    *,
    scenario: str | None,
    language: str,
    speed: float,
    port: int,
    folder: Path | None,
    console: Console,
    chosen: bool = True,
) -> int:
    """Serve the page until Ctrl-C; then 0.

    Args:
        scenario: Which is played; None = the person at the page presses.
        language: ``zh-CN`` or ``en``.
        speed: Story seconds a second on the wall.
        port: 0 = a free one.
        folder: Where the store is kept; None = a temporary one.
        console: Where the address is printed.
        chosen: Somebody asked for this language; else the page takes the browser's.

    Raises:
        OSError: The port is taken.
    """
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, stop.set)
    show = Show(folder)
    serving = Serving(build(show), port=port)
    await serving.start()
    try:
        await show.begin(scenario or "", language=language, speed=speed, chosen=chosen)
        open_it, end = _WORDS[language]
        console.print(f"alarmd demo: {open_it} [bold link={serving.url}]{serving.url}[/]  {end}", highlight=False)
        await stop.wait()
    finally:
        await show.close()
        await serving.stop()
    return 0
