"""A small station for tests of web and commands: real store with one lane of people, real engine, real web server.

Nobody is rung: what the engine wants to send is dropped here, for the phone has tests of its own.
"""

from __future__ import annotations

import random
from datetime import datetime
from pathlib import Path
from typing import Any, Self

import structlog
from fastapi import APIRouter, FastAPI

from alarmd import journal
from alarmd.clock import Clock
from alarmd.engine import Engine, Opening
from alarmd.ids import Ids
from alarmd.messages import Messages
from alarmd.metrics import Metrics
from alarmd.store import Store, Transaction, path_of, schema
from alarmd.store.sqlite import connect
from alarmd.web.app import build
from alarmd.web.health import Health
from alarmd.web.server import WebServer
from config.settings import Settings, load, plans
from escalation.incident import Incident, Pressed, Send, Unsend
from tests.support.stopped_clock import StoppedClock

READ_TOKEN = "read-read-read-read-read"
ADMIN_TOKEN = "admin-admin-admin-admin"
PEOPLE = """
INSERT INTO circle VALUES ('lane', '和平里', 'street', '', 39.95, 116.41, '+861064210000');
INSERT INTO resident (id, name, language, phone, birth_date, address, lat, lon, access, conditions, categories, circle)
  VALUES ('wang', '王秀英', 'zh-CN', '+861064211111', '1941-03-08', '和平里三区5号楼402', 39.950, 116.410, '钥匙在传达室', '心脏病', 'living_alone;very_old', 'lane');
INSERT INTO resident (id, name, address, lat, lon) VALUES ('smith', 'Ann Smith', 'Room 12', 39.951, 116.411);
INSERT INTO responder (id, name, language, phone, role, lat, lon, travel, on_call, circle) VALUES
  ('li', '李强', 'zh-CN', '+8613800000001', 'neighbour', 39.9505, 116.4105, 'walk', '', 'lane'),
  ('zhao', '赵敏', 'zh-CN', '+8613800000002', 'nurse', 39.953, 116.413, 'bicycle', '', 'lane'),
  ('chen1', '陈伟', 'zh-CN', '+8613800000003', 'volunteer', 39.99, 116.50, 'walk', '', ''),
  ('chen2', '陈伟', 'zh-CN', '+8613800000004', 'volunteer', 39.99, 116.50, 'walk', '', '');
INSERT INTO contact VALUES ('wang', 'zhao', 1, 'daughter', 1);
INSERT INTO device (id, family, address, resident, kind, room, report_every)
  VALUES ('bed', 'zigbee2mqtt', 'bed_button', 'wang', 'button', '卧室', 86400);
"""  # noqa: E501 - rows of a table


class _Silent(Messages):
    """Drops what is to be sent."""

    def queue(self, tx: Transaction, incident: Incident, send: Send, now: datetime) -> None:
        pass

    def withdraw(self, tx: Transaction, incident: Incident, unsend: Unsend, now: datetime) -> None:
        pass

    def reply(
        self, tx: Transaction, incident: Incident, status: str, now: datetime, *, only_latest: bool = False
    ) -> None:
        pass


def write_settings(folder: Path, *, listen: str = "127.0.0.1:0", more: str = "") -> Path:
    """An ``alarmd.toml`` whose store is in that folder."""
    file = folder / "alarmd.toml"
    file.write_text(
        f'[mqtt]\nlisten = "127.0.0.1:0"\n[store]\nurl = "sqlite:///{folder / "alarmd.db"}"\n'
        f'[web]\nlisten = "{listen}"\n{more}\n',
        encoding="utf-8",
    )
    return file


def fill(path: Path) -> None:
    """Create a store with the lane's people, unless it is there."""
    if path.exists():
        return
    schema.migrate(path)
    connection = connect(path, readonly=False)
    connection.executescript(PEOPLE)
    connection.close()


class Station:
    """Store, engine and web server; use it in ``async with``.

    Args:
        folder: Where settings and store are.
        clock: Time; stopped unless given.
        more: Further lines of the settings.
        routers: Further routers of the application.
    """

    def __init__(
        self, folder: Path, *, clock: Clock | None = None, more: str = "", routers: tuple[APIRouter, ...] = ()
    ) -> None:
        self.file = write_settings(folder, more=more)
        self.settings: Settings = load(self.file, {})
        self.clock: Any = clock or StoppedClock()
        self._routers = routers

    async def __aenter__(self) -> Self:
        fill(path_of(self.settings.store.url))
        self.store = await Store.open(self.settings.store.url)
        self.ids = Ids(random.Random(7))  # noqa: S311 - the same references in every run
        self.engine = Engine(
            store=self.store,
            settings=self.settings,
            plans=plans(None),
            clock=self.clock,
            ids=self.ids,
            messages_=_Silent(settings=self.settings, texts=_no_words, ids=self.ids),
        )
        self.health = Health(self.store, self.clock)
        self.metrics = Metrics(self.clock)
        self.app: FastAPI = build(
            settings=self.settings,
            store=self.store,
            engine=self.engine,
            health=self.health,
            metrics=self.metrics,
            routers=self._routers,
            clock=self.clock,
        )
        self.server = WebServer(self.app, "127.0.0.1", 0, structlog.get_logger())
        await self.server.start()
        self.file = write_settings(self.file.parent, listen=f"127.0.0.1:{self.server.port}")
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.server.stop()
        await self.store.close()

    @property
    def url(self) -> str:
        """Where the web server answers."""
        return f"http://127.0.0.1:{self.server.port}"

    async def press(self, resident: str | None = "wang", kind: str = "sos") -> Incident:
        """The button by the bed."""
        pressed = Pressed(signal=1, device="bed", type=kind)
        opening = Opening(
            subject=resident or "device:zigbee2mqtt/loose",
            resident=resident,
            plan_name="",
            device="bed" if resident else "loose",
            kind=kind,
            pressed=pressed,
        )
        return await self.store.write(lambda tx: self.engine.press(tx, opening, self.clock.now()))

    def entries(self, tx: Transaction) -> list[journal.LogEntry]:
        """The whole event log."""
        return list(journal.read(tx))

    async def log(self, event: str, **fields: Any) -> int:
        """Write one entry into the event log."""
        entry = journal.Entry(event=event, **fields)
        return await self.store.write(lambda tx: journal.append(tx, self.clock.now(), entry))


def _no_words(language: str) -> Any:
    raise AssertionError(f"nothing is sent here, so no words in {language} are needed")
