"""What the page shows, and what it lets a person do: one play after another, each with its own daemon."""

from __future__ import annotations

import asyncio
import contextlib
import tempfile
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import structlog

from config import languages
from simulators import ending, scenario
from simulators.bell import Bell
from simulators.buttons import Button
from simulators.dispatch import Ambulance
from simulators.page import hands
from simulators.page.hands import UnknownActError
from simulators.play import Play
from simulators.telling import Line

log = structlog.get_logger()

FREE = scenario.Scenario(
    signal="sos",
    device="bed_button",
    title={"zh-CN": "自己来：按按钮，接电话", "en": "Try it: press the button, answer the phones"},
    story={
        "zh-CN": "您来按老人床头的红色按钮，再替邻居接电话：按 1 是“我去”，按 3 是“我到了”。"
        "没有人接也不要紧，最后会找到救护车。",
        "en": "Press the red button by her bed, then answer for the neighbours: 1 is I go, 3 is I am there. "
        "If nobody answers, the ambulance is found in the end.",
    },
    ending=scenario.Ending(needs=()),
    name="",
)
LINES = 200  # of the timeline in one picture
PRESSED_REPLY = 5.0  # seconds on the wall


class Show:
    """The running play, as the page sees it.

    Args:
        folder: Where the store is kept; None = a temporary one for each play.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self.changed = Bell()
        self.version = 0
        self.closed = False
        self._folder = folder
        self._lock = asyncio.Lock()
        self._stack = contextlib.AsyncExitStack()
        self._play: Play | None = None
        self._button: Button | None = None
        self._told: list[tuple[datetime, Line]] = []
        self._drives_since: datetime | None = None
        self._verdict: list[str] | None = None
        self._settled = FREE, "zh-CN", 2.0
        self._chosen = True
        self._plays = 0

    # ------------------------------------------------------------ plays

    async def begin(self, name: str, *, language: str, speed: float, chosen: bool = True) -> None:
        """End the play that runs and begin another; an empty name lets the person at the page do everything.

        Args:
            name: Of the scenario.
            language: ``zh-CN`` or ``en``.
            speed: Story seconds a second on the wall.
            chosen: Somebody asked for this language; else the browser's may take its place.

        Raises:
            LookupError: There is no such scenario.
        """
        told = scenario.load(name) if name else FREE
        async with self._lock:
            await self._stack.aclose()
            self._told, self._verdict, self._drives_since = [], None, None
            self._settled, self._chosen = (told, language, speed), chosen
            self._plays += 1
            folder = self._place_for_store()
            play = Play(told, language=language, speed=speed, folder=folder, told=self._tell, moved=self._moved)
            play.cast()
            await self._stack.enter_async_context(play.stage)
            self._button = await self._stack.enter_async_context(play.stage.button())
            self._button.heard = lambda _: self.touch()
            self._play = play
            self._stack.callback(self._forget)
            if name:
                run = asyncio.create_task(self._run(play))
                self._stack.push_async_callback(_cancel, run)
        self.touch()

    def _place_for_store(self) -> Path:
        """A folder of its own for each play: the last one's incidents are not this one's."""
        if self._folder is None:
            return Path(self._stack.enter_context(tempfile.TemporaryDirectory(prefix="alarmd-demo-")))
        return self._folder / f"play-{self._plays}"

    def _forget(self) -> None:
        self._play = self._button = None

    async def _run(self, play: Play) -> None:
        await play.stage.clock.sleep(3.0)
        await play.press()
        self._verdict = await play.until_the_end()
        self.touch()

    async def close(self) -> None:
        """End the play and all streams."""
        self.closed = True
        self.touch()
        async with self._lock:
            await self._stack.aclose()

    def touch(self) -> None:
        """Something can be seen that was not there before."""
        self.version += 1
        self.changed.ring()

    def _tell(self, at: datetime, line: Line) -> None:
        self._told.append((at, line))
        self.touch()

    def _moved(self, where: Ambulance) -> None:
        if where is Ambulance.DRIVING and self._play:
            self._drives_since = self._play.stage.clock.now()
        self.touch()

    # ------------------------------------------------------------ what a person can do

    async def act(self, wish: Mapping[str, Any]) -> None:
        """Do what the page asks for.

        Raises:
            UnknownActError: It cannot be done.
        """
        what = str(wish.get("do", ""))
        if what == "begin":
            told, language, speed = self._settled
            try:
                await self.begin(
                    str(wish.get("scenario", told.name)),
                    language=languages.language(str(wish.get("language", language))),
                    speed=float(wish.get("speed", speed)),
                )
            except (LookupError, ValueError) as error:
                raise UnknownActError(str(error)) from None
            return
        play = self._play
        if play is None:
            raise UnknownActError("no play runs at the moment")
        if what == "press":
            await self._press(play, str(wish.get("signal", "sos")))
        else:
            await self._at_the_phone(play, what, wish)
        self.touch()

    async def _press(self, play: Play, signal: str) -> None:
        if signal == "fall":
            await play.press("fall_sensor", "fall")
        elif self._button:
            await self._button.says("sos", patience=PRESSED_REPLY)

    async def _at_the_phone(self, play: Play, what: str, wish: Mapping[str, Any]) -> None:
        who = str(wish.get("who", ""))
        if who not in play.place.people:
            raise UnknownActError(f"nobody is called {who!r} here")
        await hands.act(play.stage.handset(who), what, wish)

    # ------------------------------------------------------------ what it looks like

    def snapshot(self) -> dict[str, Any]:
        """Everything the page shows, as plain JSON."""
        told, language, speed = self._settled
        common = {
            "language": language,
            "chosen": self._chosen,
            "speed": speed,
            "scenario": told.name,
            "title": told.title,
            "story": told.story,
            "scenarios": [{"name": "", "title": FREE.title}]
            + [{"name": name, "title": scenario.load(name).title} for name in scenario.names()],
            "verdict": self._verdict,
        }
        return common | (self._scene(self._play) if self._play else {"ready": False})

    def _scene(self, play: Play) -> dict[str, Any]:
        now = play.stage.clock.now()
        opened = next((entry for entry in play.stage.log if entry.event == "incident.opened"), None)
        return {
            "ready": True,
            "now": _local(now, play),
            "home": {"name": play.place.resident["name"], "address": play.place.resident["address"]},
            "pressed": opened is not None,
            "light": [reply.get("status") for reply in self._button.replies] if self._button else [],
            "phones": [self._phone(play, who) for who in play.place.people],
            "ambulance": self._ambulance(play, now),
            "walkers": self._walkers(play, now),
            "times": _times(play),
            "timeline": self._timeline(play),
        }

    def _timeline(self, play: Play) -> dict[str, Any]:
        first = max(0, len(self._told) - LINES)
        lines = [{"at": _local(at, play), "words": line.words, "style": line.style} for at, line in self._told[first:]]
        return {"play": self._plays, "first": first, "lines": lines}

    def _phone(self, play: Play, who: str) -> dict[str, Any]:
        row, handset = play.place.people[who], play.stage.handset(who)
        role = row.get("role") or {"line": "dispatch", "desk:0": "desk"}.get(who, "circle")
        by_hand = who not in play.scenario.people and handset.person is not play.stage.dispatch
        return hands.picture(handset, key=who, name=row["name"], role=role, by_hand=by_hand, zone=play.zone)

    def _ambulance(self, play: Play, now: datetime) -> dict[str, Any]:
        dispatch = play.stage.dispatch
        gone = (now - self._drives_since).total_seconds() if self._drives_since else 0.0
        return {"where": str(dispatch.ambulance), "progress": min(1.0, gone / dispatch.drive)}

    def _walkers(self, play: Play, now: datetime) -> list[dict[str, Any]]:
        """Who said yes, and how far they are: a guess from the time they were given."""
        found: dict[str, dict[str, Any]] = {}
        for entry in play.stage.log:
            if entry.event == "incident.accepted":
                by = datetime.fromisoformat(str(entry.data["arrive_by"]))
                way = max((by - entry.at).total_seconds(), 1.0)
                progress = min(0.9, (now - entry.at).total_seconds() / way)
                found[entry.actor] = {"name": play.name(entry.actor), "state": "going", "progress": progress}
            elif entry.actor in found and entry.event == "incident.arrived":
                found[entry.actor].update(state="there", progress=1.0)
            elif entry.actor in found and entry.event in {"incident.overdue", "incident.declined"}:
                found[entry.actor].update(state="gone")
        return list(found.values())


def _local(at: datetime, play: Play) -> str:
    return f"{at.astimezone(play.zone):%H:%M:%S}"


def _times(play: Play) -> dict[str, str]:
    took = ending.times(play.stage.log)
    names = ("contacted", "accepted", "arrived", "handed_over")
    return {name: _minutes(found) for name in names if (found := getattr(took, name)) is not None}


def _minutes(span: timedelta) -> str:
    minutes, seconds = divmod(int(span.total_seconds()), 60)
    return f"{minutes}:{seconds:02}"


async def _cancel(task: asyncio.Task[None]) -> None:
    task.cancel()
    results = await asyncio.gather(task, return_exceptions=True)
    for error in results:
        if isinstance(error, Exception):
            log.error("the scenario broke off", error=repr(error))
