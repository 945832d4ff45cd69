"""`alarmd run` as its user starts it: a process of its own, that can be killed, starved of disk, and started again."""

from __future__ import annotations

import asyncio
import json
import resource
import signal
import sqlite3
import sys
from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from alarmd import journal, times
from alarmd.clock import SystemClock
from alarmd.directory import importing
from alarmd.directory import reading as tables
from alarmd.directory.rotas import Book
from alarmd.directory.rows import Context
from alarmd.directory.unfolding import here
from alarmd.journal import LogEntry
from alarmd.store import reading, schema, writing
from config.settings import load, plans
from simulators import neighbourhood
from simulators.serving import free_port

PATIENCE = 20.0  # seconds until a test that waits in vain fails
ALARMD = Path(sys.executable).with_name("alarmd")


class Running:
    """One store and its daemon; used with ``async with``, at whose end the daemon is stopped as systemd would.

    Args:
        folder: Where settings and store are.
        more: Further lines of the settings.
        mqtt: The ``[mqtt]`` section.
        before: What is put before the command, such as a tracer.
        command: What is run instead of ``alarmd``.
    """

    def __init__(
        self,
        folder: Path,
        *,
        more: str = "",
        mqtt: str = 'listen = "127.0.0.1:0"',
        before: Sequence[str] = (),
        command: Sequence[str] = (str(ALARMD),),
    ) -> None:
        self.file = folder / "alarmd.toml"
        self.path = folder / "alarmd.db"
        self.url = f"sqlite:///{self.path}"
        self.web = f"http://127.0.0.1:{(web := free_port())}"
        self.said: list[dict[str, Any]] = []
        self._before = (*before, *command)
        self._spoke = asyncio.Event()
        self._silent = True
        self._process: asyncio.subprocess.Process | None = None
        self._listening: asyncio.Task[None] | None = None
        self.file.write_text(
            f'[mqtt]\n{mqtt}\n[store]\nurl = "{self.url}"\n'
            f'[web]\nlisten = "127.0.0.1:{web}"\npublic_url = "{self.web}"\n'
            f'[service]\ntimezone = "Europe/London"\nlanguage = "en"\ncountry = "GB"\n'
            f'desk_phones = ["+441174960300"]\n[log]\nlevel = "info"\n{more}\n',
            encoding="utf-8",
        )

    def fill(self, place: neighbourhood.Neighbourhood | None = None) -> None:
        """Import the neighbourhood, as an operator would."""
        place = place or neighbourhood.of("en")
        schema.migrate(self.path)
        now = times.from_text("2026-11-21T11:30:00.000000Z")
        context = Context(
            country=place.country,
            plans=tuple(plans(self.file)),
            today=now.date(),
            duty=Book(load(self.file, {}), here(load(self.file, {})), SystemClock().now()),
        )
        with writing(self.url) as tx:
            reports = importing.load(tx, [tables.read(file) for file in place.files], context, now=now, actor="test")
        assert not [fault for report in reports for fault in report.faults]

    # ------------------------------------------------------------ the process

    async def start(self, *, patience: float = PATIENCE) -> dict[str, Any]:
        """Start it; returns the line with which it says that it is ready."""
        mark, self._silent = len(self.said), False
        self._process = await asyncio.create_subprocess_exec(
            *self._before,
            "run",
            "-c",
            str(self.file),
            stderr=asyncio.subprocess.PIPE,
            limit=1 << 20,
        )
        self._listening = asyncio.create_task(self._listen(self._process))
        return await self.until_said("alarmd is ready", since=mark, patience=patience)

    async def kill(self) -> None:
        """kill -9."""
        await self._end(signal.SIGKILL)

    async def stop(self) -> None:
        """What `systemctl stop` does."""
        assert await self._end(signal.SIGTERM) in {0, None}

    async def until_it_ends(self) -> int:
        """Wait until it ends by itself; what it says to its parent."""
        assert self._process is not None
        assert self._listening is not None
        async with asyncio.timeout(PATIENCE):
            ended = await self._process.wait()
            await self._listening
        self._process = None
        return ended

    async def _end(self, how: signal.Signals) -> int | None:
        process, self._process = self._process, None
        if process is None or self._listening is None:
            return None
        if process.returncode is None:
            process.send_signal(how)
        await process.wait()
        await self._listening
        return process.returncode

    async def _listen(self, process: asyncio.subprocess.Process) -> None:
        assert process.stderr is not None
        async for line in process.stderr:
            self.said.append(_parsed(line))
            self._spoke.set()
        self._silent = True
        self._spoke.set()

    async def until_said(self, event: str, *, since: int = 0, patience: float = PATIENCE) -> dict[str, Any]:
        """Wait for a line of its own log; the line."""
        try:
            async with asyncio.timeout(patience):
                while not (found := [line for line in self.said[since:] if line["event"] == event]):
                    assert not self._silent, f"it ended: {self.said[-5:]}"
                    self._spoke.clear()
                    await self._spoke.wait()
        except TimeoutError:
            raise AssertionError(f"{event!r} was not said: {self.said[-20:]}") from None
        return found[0]

    @property
    def lives(self) -> bool:
        """Whether the process is there."""
        return not self._silent

    @property
    def pid(self) -> int:
        """The process's number."""
        assert self._process is not None
        return self._process.pid

    @property
    def port(self) -> int:
        """Where its own MQTT door listens."""
        ready = [line for line in self.said if line["event"] == "alarmd is ready"]
        return int(ready[-1]["door"])

    def fill_the_disk(self) -> None:
        """From now on no file of this process can grow, nor be written at all."""
        resource.prlimit(self.pid, resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))

    def make_room(self) -> None:
        """There is room on the disk again."""
        resource.prlimit(self.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))

    # ------------------------------------------------------------ what it wrote

    def log(self, event: str = "") -> list[LogEntry]:
        """The event log so far, or its entries of one name."""
        with reading(self.url) as tx:
            return [entry for entry in journal.read(tx) if event in {"", entry.event}]

    async def until_logged(self, event: str, *, fits: Callable[[LogEntry], bool] = lambda _: True) -> LogEntry:
        """Wait for an entry of the event log."""
        try:
            async with asyncio.timeout(PATIENCE):
                while not (found := [entry for entry in await asyncio.to_thread(self.log, event) if fits(entry)]):
                    assert self.lives, f"it ended: {self.said[-5:]}"
        except TimeoutError:
            told = [f"{entry.event} {entry.actor} {entry.data}" for entry in self.log()[-20:]]
            raise AssertionError(f"{event} was not logged: {told}") from None
        return found[0]

    def rows(self, sql: str) -> list[sqlite3.Row]:
        """Rows of the store, straight from the file."""
        with closing(sqlite3.connect(self.path)) as raw:
            raw.row_factory = sqlite3.Row
            return raw.execute(sql).fetchall()

    def time_passes(self, seconds: float) -> None:
        """While it is dead: every time by which something is due or was noted lies so much further back."""
        back = timedelta(seconds=seconds)
        with closing(sqlite3.connect(self.path)) as raw, raw:
            for row in raw.execute("SELECT id, state FROM incident WHERE status <> 'closed'").fetchall():
                state = json.loads(row[1])
                for deadline in state["deadlines"]:
                    deadline["due_at"] = _earlier(deadline["due_at"], back)
                due_at = min(d["due_at"] for d in state["deadlines"])
                raw.execute(
                    "UPDATE incident SET state = ?, due_at = ? WHERE id = ?", (json.dumps(state), due_at, row[0])
                )
            due = raw.execute("SELECT due_at, attempt FROM outbox WHERE due_at IS NOT NULL").fetchall()
            raw.executemany(
                "UPDATE outbox SET due_at = ? WHERE attempt = ?", [(_earlier(at, back), a) for at, a in due]
            )
            alive = raw.execute("SELECT value FROM note_to_self WHERE name = 'last_alive'").fetchone()[0]
            raw.execute("UPDATE note_to_self SET value = ? WHERE name = 'last_alive'", (_earlier(alive, back),))

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await (self.kill() if error else self.stop())


def _parsed(line: bytes) -> dict[str, Any]:
    try:
        found = json.loads(line)
    except ValueError:
        found = None
    return found if isinstance(found, dict) and "event" in found else {"event": line.decode().rstrip()}


def _earlier(moment: str, back: timedelta) -> str:
    fixed = moment if "." in moment else moment.replace("Z", ".000000Z")
    return times.to_text(times.from_text(fixed) - back)
