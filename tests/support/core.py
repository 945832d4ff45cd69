"""Intake, engine, outbox and timers on a real store, with a clock the story moves and a provider it scripts."""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Self

from alarmd import journal, languages
from alarmd.engine import Engine, decode_state
from alarmd.ids import Ids
from alarmd.intake.delivery import Delivery
from alarmd.intake.intake import Intake
from alarmd.intake.keeping import Kept
from alarmd.intake.reader import Reader
from alarmd.journal import LogEntry
from alarmd.messages import Messages
from alarmd.outbox import Outbox
from alarmd.phone.provider import Accepted, Outcome, Outgoing
from alarmd.store import Row, Store, StoreError, Transaction, path_of
from alarmd.supervision import Supervision
from alarmd.switchboard import Switchboard
from alarmd.timers import Timers
from config.settings import Settings, load, plans
from devices.family import Message
from escalation.incident import Incident
from tests.support.station import fill, write_settings
from tests.support.stopped_clock import StoppedClock

MORE = """
[service]
language = "zh-CN"
desk_phones = ["+8613900000009"]
[ambulance]
mode = "line"
phone = "+861065551234"
"""


@dataclass
class ScriptedProvider:
    """Answers what the story says, else accepts; keeps what it was asked."""

    answer: Callable[[Outgoing], Outcome] = lambda message: Accepted(sid=f"SM{message.attempt}")
    found: Callable[[Outgoing], Outcome] = lambda message: Accepted(sid=f"SM{message.attempt}")
    sent: list[Outgoing] = field(default_factory=list)
    looked_up: list[Outgoing] = field(default_factory=list)
    name: str = "scripted"

    async def send(self, message: Outgoing) -> Outcome:
        self.sent.append(message)
        return self.answer(message)

    async def find(self, message: Outgoing, *, since: datetime) -> Outcome:
        self.looked_up.append(message)
        return self.found(message)

    async def usable(self) -> str | None:
        return None

    async def close(self) -> None:
        """Nothing is held."""


class Published:
    """Keeps what devices were told."""

    def __init__(self) -> None:
        self.messages: list[tuple[str, dict[str, Any]]] = []

    async def publish(self, topic: str, payload: bytes) -> bool:
        self.messages.append((topic, json.loads(payload)))
        return True


class Core:
    """The heart of the daemon, moved by hand; use it in ``async with``."""

    def __init__(self, folder: Path, *, more: str = MORE) -> None:
        self.settings: Settings = load(write_settings(folder, more=more), {})
        self.clock = StoppedClock()
        self.provider = ScriptedProvider()
        self.published = Published()
        self.kept: list[Kept] = []
        self.receipts: list[Message] = []

    async def __aenter__(self) -> Self:
        fill(path_of(self.settings.store.url))
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.store.close()

    async def start(self) -> None:
        """As after a restart: everything that was only in memory is gone."""
        self.store = await Store.open(self.settings.store.url)
        ids = Ids(random.Random(11))  # noqa: S311 - the same references in every run
        self.messages = Messages(settings=self.settings, texts=languages.texts, ids=ids)
        self.engine = Engine(
            store=self.store,
            settings=self.settings,
            plans=plans(None),
            clock=self.clock,
            ids=ids,
            messages_=self.messages,
        )
        self.outbox = Outbox(
            store=self.store,
            engine=self.engine,
            clock=self.clock,
            providers=[self.provider],
            publisher=self.published,
        )
        self.timers = Timers(engine=self.engine, clock=self.clock)
        self.intake = Intake(
            store=self.store,
            engine=self.engine,
            supervision=Supervision(store=self.store, clock=self.clock),
            clock=self.clock,
            reader=Reader(),
            kept=self.kept.extend,
            receipt=self.receipts.append,
        )
        await self.intake.recall()
        self.switchboard = Switchboard(
            engine=self.engine,
            outbox=self.outbox,
            messages=self.messages,
            settings=self.settings,
            clock=self.clock,
        )

    async def restart(self) -> None:
        """Stop and start again on the same file."""
        await self.store.close()
        await self.start()
        await self.store.write(self.outbox._after_a_crash)

    # ------------------------------------------------------------ what happens

    async def receive(self, topic: str, payload: str | bytes, *, retained: bool = False, user: str = "") -> None:
        """A message at the door, until it may be acknowledged."""
        raw = payload.encode() if isinstance(payload, str) else payload
        delivery = Delivery(
            topic=topic, payload=raw, qos=1, retained=retained, received_at=self.clock.now(), via="door", user=user
        )
        await self.intake.take(delivery)

    @contextlib.contextmanager
    def undone(self) -> Iterator[None]:
        """Whatever is done in the store meanwhile is undone at its commit, as on a full disk."""
        submit = self.store.submit

        def undo(work: Callable[[Transaction], Any], **how: Any) -> asyncio.Future[Any]:
            def done_and_undone(tx: Transaction) -> None:
                work(tx)
                raise StoreError("database or disk is full")

            return submit(done_and_undone, **how)

        self.store.submit = undo  # type: ignore[method-assign] # a disk that is full for a while
        try:
            yield
        finally:
            self.store.submit = submit  # type: ignore[method-assign] # and is not any more

    async def press(self) -> Incident:
        """Wang Xiuying presses the button by her bed."""
        await self.receive("zigbee2mqtt/bed_button", '{"action":"emergency","battery":87}')
        return (await self.incidents())[-1]

    async def send(self) -> list[Outgoing]:
        """Let the outbox send all that is due now; returns what went out."""
        before = len(self.provider.sent)
        while await self.outbox._send_due():
            await self.outbox.drain(5)
        await self.outbox.drain(5)
        return self.provider.sent[before:]

    async def passes(self, seconds: float) -> None:
        """Time passes; what is due then fires."""
        self.clock.pass_(seconds)
        while await self.timers.fire():
            pass

    # ------------------------------------------------------------ what is seen

    async def incidents(self) -> list[Incident]:
        """Every incident, in the order of opening."""
        rows = await self.store.read(
            lambda tx: tx._connection.execute("SELECT * FROM incident ORDER BY rowid").fetchall()
        )
        return [decode_state(row) for row in rows]

    async def log(self, event: str = "") -> list[LogEntry]:
        """The event log, or its entries of one kind."""
        entries = await self.store.read(lambda tx: list(journal.read(tx)))
        return [entry for entry in entries if not event or entry.event == event]

    async def outgoing(self) -> list[Row]:
        """The rows of the outbox."""
        return await self.store.read(
            lambda tx: tx._connection.execute("SELECT * FROM outbox ORDER BY rowid").fetchall()
        )

    async def rows(self, sql: str) -> list[Row]:
        """Rows of the store, as they are on disk."""

        def run(tx: Transaction) -> list[Row]:
            return tx._connection.execute(sql).fetchall()  # a test looks past the named queries

        return await self.store.read(run)

    async def run_sql(self, sql: str) -> None:
        """Change the store behind everybody's back."""
        await self.store.write(lambda tx: _script(tx, sql))


def _script(tx: Transaction, sql: str) -> None:
    for statement in _statements(sql):
        tx._connection.execute(statement)


def _statements(sql: str) -> Iterator[str]:
    yield from (part for part in sql.split(";") if part.strip())
