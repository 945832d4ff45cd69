"""The daemon's care for who is on duty: rotas unfolded anew each day, and when a calendar or the directory changed.

It works beside everything else: texts are read over a connection of its own, unfolded in another process, and each rota
is one short write. A press meets what is there.
"""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

import msgspec
import structlog

from alarmd import journal, times
from alarmd.clock import Clock
from alarmd.directory import rotas
from alarmd.directory.rotas import Known, Stamps, Text
from alarmd.directory.unfolding import AHEAD, Unfolder
from alarmd.store import Store, Transaction, reading
from alarmd.waking import Alarm
from config.settings import Settings
from escalation.on_call import Rota

log = structlog.get_logger()

LOOK_EVERY_S = 30.0
A_DAY = timedelta(days=1)


class _Due(msgspec.Struct, frozen=True):
    text: Text
    key: str
    stamp: str
    before: Known | None


class DutyKeeper:
    """Keeps rotas up to date.

    Args:
        store: Where they are kept.
        clock: The daemon's.
        settings: The operator's.
    """

    def __init__(self, *, store: Store, clock: Clock, settings: Settings) -> None:
        self._store = store
        self._clock = clock
        self._settings = settings
        self._alarm = Alarm(clock)

    async def run(self) -> None:
        """Look and refresh, until cancelled."""
        while True:
            await self.refresh()
            await self._alarm.until(None, at_most=LOOK_EVERY_S)

    async def refresh(self) -> int:
        """Unfold what is due; returns how many rotas are new."""
        now = self._clock.now()
        try:
            due, gone = await asyncio.to_thread(self._due, now)
            for key in gone:
                await self._store.write(lambda tx, one=key: rotas.forget(tx, one))  # type: ignore[misc] # a lambda's default has no type
            if due:
                await self._unfold(due, now)
        except Exception as error:  # noqa: BLE001 - a calendar, a list of holidays, a full disk: none of it may stop alarms
            log.error("who is on duty cannot be refreshed", error=repr(error))  # noqa: TRY400 - its text says it all
            return 0
        return len(due)

    async def _unfold(self, due: list[_Due], now: datetime) -> None:
        with Unfolder(self._settings, polite=True) as unfolder:
            for one in due:
                rota = await asyncio.to_thread(unfolder.rota, one.text.on_call, now)
                await self._store.write(lambda tx, one=one, rota=rota: self._keep(tx, one, rota))  # type: ignore[misc] # as above

    def _due(self, now: datetime) -> tuple[list[_Due], list[str]]:
        with reading(self._settings.store.url) as tx:
            texts, known = rotas.texts(tx), rotas.known(tx)
        stamps = Stamps(self._settings)
        wanted = {rotas.key(text.on_call, self._settings): text for text in texts}
        found = [_Due(text, key, stamps.of(text.on_call), known.get(key)) for key, text in wanted.items()]
        return [one for one in found if _is_due(one, now)], [key for key in known if key not in wanted]

    def _keep(self, tx: Transaction, one: _Due, rota: Rota) -> None:
        rotas.put(tx, one.text.on_call, rota, one.stamp, self._settings)
        if rota.readable or (one.before is not None and not one.before.readable and one.before.stamp == one.stamp):
            return
        why = [remark.sentence.format(**remark.facts) for remark in rota.remarks]
        log.error("on_call cannot be worked out; counted as on duty", responder=one.text.one, why=why)
        data = {"responder": one.text.one, "people": one.text.people, "why": why}
        data["until"] = times.to_text(self._clock.now() + AHEAD)
        journal.append(tx, self._clock.now(), journal.Entry(event="shift.unreadable", data=data))


def _is_due(one: _Due, now: datetime) -> bool:
    before = one.before
    if before is None or before.stamp != one.stamp:
        return True
    until = (now + AHEAD - A_DAY).timestamp()
    return before.until < until or before.since > now.timestamp()
