"""The real daemon with a simulated world around it: the demo's stage, and that of the acceptance tests."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from alarmd import journal
from alarmd.clock import Clock
from alarmd.daemon import Daemon
from alarmd.directory import importing, reading
from alarmd.directory.rotas import Book
from alarmd.directory.rows import Context
from alarmd.directory.unfolding import here
from alarmd.journal import LogEntry
from alarmd.store import path_of, schema
from alarmd.store import reading as store_reading
from alarmd.store import writing as store_writing
from config.settings import Settings, plans
from simulators.bell import Bell
from simulators.broker import Broker
from simulators.buttons import Button, Pressed
from simulators.dispatch import DispatchCentre
from simulators.neighbourhood import Neighbourhood
from simulators.serving import free_port
from simulators.town import Handset, Town
from simulators.twilio import LookAlike

LOOK_EVERY = 0.05  # seconds on the wall between two looks at the event log


@dataclass(kw_only=True)
class Stage:
    """Everything a story needs; used with ``async with``.

    Attributes:
        place: The neighbourhood.
        clock: Everybody's.
        folder: Where the daemon keeps its store.
        dispatch: Who sits at the ambulance line.
        providers: How many phone providers there are, 1 or 2.
        first_down: True: the first of them cannot be reached.
        changes: Settings that differ, by section.
        calls_per_second: Of each provider.
        settings: As the daemon got them.
        log: The event log so far.
    """

    place: Neighbourhood
    clock: Clock
    folder: Path
    dispatch: DispatchCentre = field(default_factory=DispatchCentre)
    providers: int = 1
    first_down: bool = False
    changes: dict[str, dict[str, Any]] = field(default_factory=dict)
    calls_per_second: float = 1.0
    watchers: list[Callable[[LogEntry], None]] = field(default_factory=list)
    log: list[LogEntry] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.town = Town(self.clock)
        self.bell: Bell = self.town.bell
        self.look_alikes = [self._provider(number) for number in range(self.providers)]
        for who, row in self.place.people.items():
            if row["phone"]:
                self.town.handset(row["phone"], name=row["name"])
            if who == "line":
                self.town.handset(row["phone"], person=self.dispatch)
        self.web_port = free_port()
        self.settings = Settings(**self._settings())
        self.daemon = Daemon(self.settings, clock=self.clock)
        self._stack = contextlib.AsyncExitStack()

    def _provider(self, number: int) -> LookAlike:
        return LookAlike(
            self.town,
            account=f"AC{number + 1}" + "5" * 31,
            token=f"token-of-look-alike-{number + 1}",
            numbers=[self.place.ours[number]],
            calls_per_second=self.calls_per_second,
        )

    # ------------------------------------------------------------ settings

    def _settings(self) -> dict[str, Any]:
        web = f"127.0.0.1:{self.web_port}"
        sections: dict[str, Any] = {
            "mqtt": {"listen": "127.0.0.1:0"},
            "store": {"url": f"sqlite:///{self.folder}/alarmd.db"},
            "web": {"listen": web, "public_url": f"http://{web}"},
            "ambulance": {"mode": "line", "phone": self.place.line},
            "service": {
                "timezone": self.place.timezone,
                "language": self.place.language,
                "country": self.place.country,
                "desk_phones": [self.place.desk],
            },
            "log": {"level": "error"},
        }
        merged = {name: {**section, **self.changes.get(name, {})} for name, section in sections.items()}
        return merged | {"phone": [self._account(provider) for provider in self.look_alikes]}

    def _account(self, provider: LookAlike) -> dict[str, Any]:
        return {
            "account_sid": provider.account,
            "auth_token": provider.token,
            "numbers": list(provider.numbers),
            "api_base": provider.url,
            "calls_per_second": self.calls_per_second,
            "messages_per_second": 10.0,
        }

    # ------------------------------------------------------------ up and down

    async def __aenter__(self) -> Self:
        try:
            await self._rise()
        except BaseException:
            await self._stack.aclose()
            raise
        return self

    async def _rise(self) -> None:
        self._stack.push_async_callback(self.town.close)
        for number, provider in enumerate(self.look_alikes):
            provider.texts_go_to(f"{self.settings.web.base_url}/phone/twilio/sms")
            self._stack.push_async_callback(provider.stop)
            if number or not self.first_down:
                await provider.start()
        await asyncio.to_thread(self.fill)
        self._stack.push_async_callback(self._stop_daemon)
        await self.daemon.start()
        watch = asyncio.create_task(self._follow(), name="follow the event log")
        self._stack.push_async_callback(_cancel, watch)

    async def _stop_daemon(self) -> None:
        await self.daemon.stop()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stack.aclose()

    async def restart(self) -> None:
        """Stop the daemon and start another on the same store, as an operator would."""
        await self.daemon.stop()
        self.daemon = Daemon(self.settings, clock=self.clock)
        await self.daemon.start()

    def fill(self, files: Sequence[Path] = ()) -> None:
        """Import the neighbourhood as an operator would.

        Raises:
            ValueError: A file has a fault.
        """
        schema.migrate(path_of(self.settings.store.url))
        now = self.clock.now()
        duty = Book(self.settings, here(self.settings), now)
        context = Context(country=self.place.country, plans=tuple(plans(None)), today=now.date(), duty=duty)
        tables = [reading.read(path) for path in (files or self.place.files)]
        with store_writing(self.settings.store.url) as tx:
            reports = importing.load(tx, tables, context, now=now, actor="demo")
        if faults := [f"{report.path.name}: {fault}" for report in reports for fault in report.faults]:
            raise ValueError("; ".join(faults))

    # ------------------------------------------------------------ the event log

    async def _follow(self) -> None:
        while True:
            for entry in await asyncio.to_thread(self._news):
                self.log.append(entry)
                for watcher in self.watchers:
                    watcher(entry)
                self.bell.ring()
            await asyncio.sleep(LOOK_EVERY)

    def _news(self) -> list[LogEntry]:
        last = self.log[-1].seq if self.log else 0
        with store_reading(self.settings.store.url) as tx:
            return list(journal.read(tx, after=last))

    async def until_logged(self, event: str, actor: str = "", *, patience: float = 20.0) -> LogEntry:
        """Wait for an entry of the event log.

        Raises:
            AssertionError: It does not come in so many seconds on the wall; with what came instead.
        """

        def there() -> LogEntry | None:
            return next((e for e in self.log if e.event == event and actor in {"", e.actor}), None)

        try:
            async with asyncio.timeout(patience):
                found = await self.bell.until(there)
        except TimeoutError:
            found = None
        if found is None:
            told = "\n".join(f"  {e.at:%H:%M:%S} {e.event} {e.actor} {e.data}" for e in self.log[-40:])
            raise AssertionError(f"{event} {actor} is not in the event log:\n{told}") from None
        return found

    def events(self, *, but: Sequence[str] = ("message.", "signal.", "directory.")) -> list[str]:
        """The names of the events so far, without the noisy ones."""
        return [entry.event for entry in self.log if not entry.event.startswith(tuple(but))]

    # ------------------------------------------------------------ people and things

    def broker(self) -> Broker:
        """The daemon's own door."""
        return Broker(host="127.0.0.1", port=self.daemon.door_port or 0)

    def button(self, device: str = "bed_button", family: str = "alarmd") -> Button:
        """A device that is not yet connected."""
        return Button(broker=self.broker(), family=family, device=device, clock=self.clock)

    async def press(
        self, device: str = "bed_button", family: str = "alarmd", signal: str = "sos", *, patience: float = 10.0
    ) -> Pressed:
        """Connect, say it once, wait for the reply."""
        async with self.button(device, family) as button:
            return await button.says(signal, patience=patience)

    def handset(self, who: str) -> Handset:
        """Somebody's telephone, by the id the event log uses."""
        return self.town.handset(self.place.people[who]["phone"])


async def _cancel(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
