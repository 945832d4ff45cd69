"""A mosquitto of a test's own: on a free port of loopback, with its own settings, and with everything it says noted."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

import aiomqtt

from simulators.serving import free_port

PATIENCE = 20.0  # seconds until a test that waits in vain fails


class Mosquitto:
    """One broker that can be started, stopped, killed and frozen, and comes back on the same port.

    Args:
        folder: For its settings, and for what it persists.
        persistent: Whether sessions outlive it.
        quiet: Say only what goes wrong: noting every packet takes longer than carrying it.
        more: Further lines of its settings; replaces ``allow_anonymous true``.
    """

    def __init__(
        self,
        folder: Path,
        *,
        persistent: bool = False,
        quiet: bool = False,
        more: Sequence[str] = ("allow_anonymous true",),
    ) -> None:
        self.port = free_port()
        self.said: list[str] = []
        self._spoke = asyncio.Event()
        self._config = folder / "mosquitto.conf"
        self._process: asyncio.subprocess.Process | None = None
        self._listening: asyncio.Task[None] | None = None
        lines = [
            *(
                [f"user {os.environ.get('USER', 'root')}"] if os.getuid() == 0 else []
            ),  # else it becomes somebody who may not write here
            f"listener {self.port} 127.0.0.1",
            f"persistence {str(persistent).lower()}",
            f"persistence_location {folder}/",
            "max_queued_messages 0",
            "log_dest stderr",
            *(f"log_type {kind}" for kind in (("error", "warning", "information") if quiet else ("all",))),
            *more,
        ]
        self._config.write_text("\n".join(lines) + "\n", encoding="utf-8")

    @property
    def url(self) -> str:
        """For ``[mqtt] url``."""
        return f"mqtt://127.0.0.1:{self.port}"

    async def start(self) -> None:
        """Start it, and return once it listens."""
        mark = len(self.said)
        self._process = await asyncio.create_subprocess_exec(
            "mosquitto", "-c", str(self._config), stderr=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.DEVNULL
        )
        self._listening = asyncio.create_task(self._listen(self._process))
        await self.until_said(" running", since=mark)

    async def stop(self) -> None:
        """A clean stop: with ``persistent`` it writes everything down."""
        await self._end(signal.SIGTERM)

    async def kill(self) -> None:
        """Pull the plug."""
        await self._end(signal.SIGKILL)

    def freeze(self) -> None:
        """Let it hang: connections stay open and nothing is answered."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on."""
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)

    async def _end(self, how: signal.Signals) -> None:
        process, self._process = self._process, None
        if process is None or self._listening is None:
            return
        process.send_signal(how)
        process.send_signal(signal.SIGCONT)
        await process.wait()
        await self._listening

    async def _listen(self, process: asyncio.subprocess.Process) -> None:
        assert process.stderr is not None
        async for line in process.stderr:
            self.said.append(line.decode().rstrip())
            self._spoke.set()

    async def until_said(self, *words: str, since: int = 0, times: int = 1) -> None:
        """Wait until so many lines with all these words were logged."""
        async with asyncio.timeout(PATIENCE):
            while self.count(*words, since=since) < times:
                self._spoke.clear()
                await self._spoke.wait()

    def count(self, *words: str, since: int = 0) -> int:
        """How many lines with all these words were logged."""
        return sum(all(word in line for word in words) for line in self.said[since:])

    def client(self, name: str, user: str | None = None, password: str | None = None) -> aiomqtt.Client:
        """A device or gateway, to be entered with ``async with``."""
        return aiomqtt.Client("127.0.0.1", self.port, identifier=name, username=user, password=password)

    async def publish(self, topic: str, *payloads: bytes, qos: int = 1, retain: bool = False) -> None:
        """Publish, and return once the broker has acknowledged everything."""
        async with self.client("button") as button:
            for payload in payloads:
                await button.publish(topic, payload, qos=qos, retain=retain)

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()
