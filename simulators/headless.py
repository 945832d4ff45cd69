"""The demo in a terminal: a timeline as it happens, a summary, and an exit code."""

from __future__ import annotations

import tempfile
from datetime import datetime, timedelta
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.panel import Panel
from rich.table import Table

from simulators import ending
from simulators.play import Play
from simulators.scenario import Scenario
from simulators.telling import Line

STYLES = {
    "alarm": "bold white on red",
    "step": "bold cyan",
    "good": "green",
    "best": "bold green",
    "warn": "yellow",
    "phone": "default",
    "dim": "bright_black",
}
_WORDS = {
    "pressed": ("按键", "press"),
    "contacted": ("第一条消息发出", "first message sent"),
    "accepted": ("有人答应", "somebody accepted"),
    "arrived": ("到达门口", "at the door"),
    "handed_over": ("急救确认接收", "ambulance confirmed"),
    "table": ("按键后用时", "after the press"),
    "good": ("结局与剧本一致", "It ended as the scenario says"),
    "bad": ("结局与剧本不符", "It did not end as the scenario says"),
    "waiting": ("故事时间", "story time"),
}


class Headless:
    """One scenario in a terminal.

    Args:
        scenario: The story.
        language: ``zh-CN`` or ``en``.
        speed: Story seconds a second on the wall.
        console: Where it is printed.
        folder: Where the store is kept; None = a temporary one.
    """

    def __init__(
        self, scenario: Scenario, *, language: str, speed: float, console: Console, folder: Path | None = None
    ) -> None:
        self._console = console
        self._column = 0 if language.startswith("zh") else 1
        self._language = language
        self._speed = speed
        self._scenario = scenario
        self._folder = folder
        self._began: datetime | None = None

    def _word(self, key: str) -> str:
        return _WORDS[key][self._column]

    async def run(self) -> int:
        """Play it; 0 if it ended as the scenario says, else 1."""
        with tempfile.TemporaryDirectory(prefix="alarmd-demo-") as spare:
            play = Play(
                self._scenario,
                language=self._language,
                speed=self._speed,
                folder=self._folder or Path(spare),
                told=self._tell,
            )
            play.cast()
            self._zone = play.zone
            self._title(play)
            async with play.stage:
                self._began = play.stage.clock.now()
                with self._console.status("…") as status:
                    play.stage.town.watchers.append(lambda happening: status.update(self._time(happening.at)))
                    await play.press()
                    faults = await play.until_the_end()
            self._summary(play, faults)
        return 1 if faults else 0

    def _title(self, play: Play) -> None:
        told = self._scenario
        home = play.place.resident
        text = f"{escape(told.story[self._language])}\n[bright_black]{escape(home['name'])}, {escape(home['address'])}"
        self._console.print(Panel(text, title=f"{told.title[self._language]}  ×{self._speed:g}", border_style="red"))

    def _time(self, at: datetime) -> str:
        return f"{self._word('waiting')} {at.astimezone(self._zone):%H:%M:%S}"

    def _tell(self, at: datetime, line: Line) -> None:
        if self._began is None:
            return
        after = max(timedelta(), at - self._began)
        minutes, seconds = divmod(int(after.total_seconds()), 60)
        self._console.print(
            f"[bright_black]{at.astimezone(self._zone):%H:%M:%S}  +{minutes}:{seconds:02}[/]  {line.sign} "
            f"[{STYLES.get(line.style, 'default')}]{escape(line.words)}[/]",
            highlight=False,
            no_wrap=True,
            overflow="ellipsis",
            crop=True,
        )

    def _summary(self, play: Play, faults: list[str]) -> None:
        took = ending.times(play.stage.log)
        table = Table(title=self._word("table"), title_justify="left", show_header=False, box=None, padding=(0, 2))
        for key in ("contacted", "accepted", "arrived", "handed_over"):
            if (found := getattr(took, key)) is not None:
                minutes, seconds = divmod(found.total_seconds(), 60)
                table.add_row(self._word(key), f"[bold]{int(minutes)}:{seconds:04.1f}[/]")
        self._console.print()
        self._console.print(table)
        self._console.print()
        if not faults:
            self._console.print(f"[bold green]✓ {self._word('good')}[/]")
        else:
            self._console.print(f"[bold red]✗ {self._word('bad')}[/]")
            for fault in faults:
                self._console.print(f"  [red]{escape(fault)}[/]", highlight=False)
