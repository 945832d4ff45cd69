"""What is silent now, on record once at its beginning and once at its end, however often it is noticed.

Whoever notices calls `begin` and `end`, which never wait and never fail. The event log and the desk's texts are written
by a task of its own, as soon as the store can; the paths outside hear of it at once (`listen`), for the store may be
what is silent.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from datetime import datetime
from typing import Any

import msgspec
import structlog

from alarmd import journal, times
from alarmd.circle import DESK_PREFIX
from alarmd.clock import Clock
from alarmd.engine import Engine
from alarmd.ids import Ids
from alarmd.messages import log_message
from alarmd.store import Store, StoreError, Transaction
from alarmd.waking import Alarm
from alarmd.watch.figures import WatchFigures
from escalation.people import Channel
from escalation.texts import watching
from escalation.texts.facts import Texts
from escalation.texts.watching import Silence

log = structlog.get_logger()

DESK_LANE = 2
LOOK_AGAIN_S = 5.0
UNWRITTEN_MOST = 1_000
OWNER = "desk"
EVERYBODY = "everybody"


UNPROTECTED = frozenset({Silence.BROKER, Silence.HEARING, Silence.CANARY, Silence.WRITER, Silence.PHONES})
"""While one of these is silent no home is protected; that is put on record as an exposure of everybody."""


class Notice(msgspec.Struct, frozen=True, kw_only=True):
    """That something fell silent, or is heard again.

    Attributes:
        silence: What.
        began: False at its end.
        at: When it was noticed.
        since: When it began: what was last heard, or last worked, where that is known.
        event: The entry of the event log; empty where somebody else writes it.
        text: A sentence for a person.
        data: Facts for the log.
    """

    silence: Silence
    began: bool
    at: datetime
    since: datetime
    event: str
    text: str
    data: dict[str, Any]


class Troubles:
    """Everything that is silent now.

    Args:
        store: Where it is put on record.
        engine: Woken when a text to the desk waits.
        clock: The daemon's.
        ids: Names of texts.
        texts: The words, in the service's language.
        desk_phones: Who is told by text; E.164.
        figures: Who counts.
    """

    def __init__(
        self,
        *,
        store: Store,
        engine: Engine,
        clock: Clock,
        ids: Ids,
        texts: Texts,
        desk_phones: tuple[str, ...],
        figures: WatchFigures,
    ) -> None:
        self._store = store
        self._engine = engine
        self._clock = clock
        self._ids = ids
        self._texts = texts
        self._desk_phones = desk_phones
        self._figures = figures
        self._now: dict[Silence, Notice] = {}
        self._unwritten: deque[Notice] = deque(maxlen=UNWRITTEN_MOST)
        self._listeners: list[Callable[[Notice], None]] = []
        self._alarm = Alarm(clock)

    def listen(self, listener: Callable[[Notice], None]) -> None:
        """Call ``listener`` at once with each beginning and each end."""
        self._listeners.append(listener)

    def now(self) -> tuple[Notice, ...]:
        """What is silent now, the oldest first."""
        return tuple(self._now.values())

    def is_silent(self, silence: Silence) -> bool:
        """Whether that is silent now."""
        return silence in self._now

    def moment(self) -> datetime:
        """The present, by the clock that the event log goes by; what last worked is noted by it."""
        return self._clock.now()

    def set_back(self, now: datetime) -> None:
        """The clock was ahead: nothing began, or was noticed, later than now."""
        self._now = {silence: _bounded(notice, now) for silence, notice in self._now.items()}
        self._unwritten = deque((_bounded(notice, now) for notice in self._unwritten), maxlen=UNWRITTEN_MOST)

    def passed(self, silence: Silence, since: datetime) -> None:
        """It was silent for a moment and is heard again: on record, and no news for the desk."""
        now = self._clock.now()
        notice = Notice(silence=silence, began=False, at=now, since=min(since, now), event="", text="", data={})
        self._unwritten.append(notice)
        self._alarm.wake()

    def begin(self, silence: Silence, event: str, *, since: datetime | None = None, **data: Any) -> bool:
        """Something is silent, ``since`` it last was heard or worked; returns whether that is news."""
        if silence in self._now:
            return False
        text = watching.began(silence, self._texts)
        now = self._clock.now()
        since = min(since or now, now)
        notice = Notice(silence=silence, began=True, at=now, since=since, event=event, text=text, data=data)
        self._now[silence] = notice
        log.error("silent", what=silence.value, **data)
        self._tell(notice)
        return True

    def end(self, silence: Silence, event: str, **data: Any) -> bool:
        """It is heard again; returns whether it had been silent."""
        before = self._now.pop(silence, None)
        if before is None:
            return False
        now = self._clock.now()
        before = _bounded(before, now)
        facts = {"after_seconds": round((now - before.since).total_seconds(), 3)} | data
        text = watching.over(silence, self._texts)
        log.warning("heard again", what=silence.value, **facts)
        notice = Notice(silence=silence, began=False, at=now, since=before.since, event=event, text=text, data=facts)
        self._tell(notice)
        return True

    async def run(self) -> None:
        """Put on record what was noticed, until cancelled."""
        while True:
            await self.write()
            await self._alarm.until(None, at_most=LOOK_AGAIN_S)

    async def write(self) -> None:
        """Put on record what is not yet; what the store does not take now is kept for the next time."""
        while self._unwritten:
            notice = self._unwritten[0]
            try:
                await self._store.write(lambda tx, one=notice: self._record(tx, one))  # type: ignore[misc]  # a lambda's default has no type
            except StoreError as error:
                log.error("not on record yet", what=notice.silence.value, error=str(error))  # noqa: TRY400 - its text says it all
                return
            self._unwritten.popleft()  # the same, or what `set_back` put in its place meanwhile
            self._engine.committed()

    def _tell(self, notice: Notice) -> None:
        self._figures.silent(notice.silence, now=notice.began)
        self._unwritten.append(notice)
        self._alarm.wake()
        for listener in self._listeners:
            listener(notice)

    def _record(self, tx: Transaction, notice: Notice) -> None:
        now = self._clock.now()
        notice = _bounded(notice, now)
        if notice.event:
            what = {"what": notice.silence.value, "silent": notice.began, "noticed_at": times.to_text(notice.at)}
            data = what | {"owner": OWNER} | notice.data
            journal.append(tx, now, journal.Entry(event=notice.event, data=data))
        if notice.silence in UNPROTECTED:
            _expose(tx, notice, now)
        if notice.silence is Silence.PHONES or not notice.text:  # a text about the phones would come when it is over
            return
        for i, number in enumerate(self._desk_phones):
            attempt = self._ids.attempt()
            tx.run(
                "outbox_insert",
                attempt=attempt,
                incident=None,
                person=f"{DESK_PREFIX}{i}",
                channel=Channel.SMS.value,
                purpose="watchdog",
                lane=DESK_LANE,
                destination=number,
                body=notice.text,
                language=self._texts.language,
                now=times.to_text(now),
            )
            row = tx.one("outbox_get", attempt=attempt)
            assert row is not None
            log_message(tx, row, "message.queued", now)


def _bounded(notice: Notice, now: datetime) -> Notice:
    return msgspec.structs.replace(notice, at=min(notice.at, now), since=min(notice.since, now))


def _expose(tx: Transaction, notice: Notice, now: datetime) -> None:
    """From when to when nobody was protected: `alarmd exposure` makes its call list of it."""
    data = {"who": EVERYBODY, "scope": notice.silence.value, "from": times.to_text(notice.since), "owner": OWNER}
    event = "exposure.opened" if notice.began else "exposure.closed"
    if not notice.began:
        data["to"] = times.to_text(notice.at)
    journal.append(tx, now, journal.Entry(event=event, data=data))
