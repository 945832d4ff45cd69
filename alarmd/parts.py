"""The parts of a daemon, put together: everything that acts and takes, before anything of it runs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from alarmd import languages
from alarmd.auditor import Auditor
from alarmd.clock import Clock
from alarmd.engine import Engine
from alarmd.hanging_up import HangUps
from alarmd.ids import Ids
from alarmd.intake import attempts
from alarmd.intake.attempts import Attempts
from alarmd.intake.delivery import Taker
from alarmd.intake.intake import Intake
from alarmd.intake.keeping import Kept
from alarmd.intake.reader import Reader
from alarmd.messages import Messages
from alarmd.metrics import Metrics
from alarmd.outbox import Outbox
from alarmd.phone.failover import Failover
from alarmd.phone.provider import PhoneProvider
from alarmd.publishing import Publishers
from alarmd.store import Store, path_of
from alarmd.supervision import Supervision
from alarmd.timers import Timers
from alarmd.watch.tower import Tower
from config.settings import Settings, plans


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What one daemon is made of; ``taker`` is the intake as the doors see it."""

    store: Store
    engine: Engine
    messages: Messages
    providers: list[PhoneProvider]
    tower: Tower
    outbox: Outbox
    hang_ups: HangUps
    timers: Timers
    auditor: Auditor
    supervision: Supervision
    intake: Intake
    taker: Taker


def put_together(
    *,
    settings: Settings,
    store: Store,
    clock: Clock,
    ids: Ids,
    providers: list[PhoneProvider],
    publishers: Publishers,
    metrics: Metrics,
    reader: Reader,
    kept: Callable[[list[Kept]], None],
    connected: Callable[[], bool],
) -> Parts:
    """Build everything around one store.

    Args:
        settings: The operator's.
        store: Open already.
        clock: The daemon's.
        ids: Where references and codes come from.
        providers: Phones, in the operator's order.
        publishers: Replies to devices.
        metrics: What Prometheus sees.
        reader: Which family reads which topic.
        kept: Called after the commit with what came in.
        connected: Whether the broker is there.
    """
    messages = Messages(settings=settings, texts=languages.texts, ids=ids)
    engine = Engine(
        store=store, settings=settings, plans=plans(settings.path), clock=clock, ids=ids, messages_=messages
    )
    tower = Tower(
        settings=settings,
        store=store,
        engine=engine,
        clock=clock,
        ids=ids,
        figures=metrics.watch,
        providers=providers,
    )
    supervision = Supervision(store=store, clock=clock, engine=engine, connected=connected)
    auditor = Auditor(engine=engine, clock=clock)
    intake = Intake(
        store=store,
        engine=engine,
        supervision=supervision,
        clock=clock,
        reader=reader,
        kept=kept,
        took=metrics.kept,
        receipt=lambda told: publishers.publish_soon(told.topic, told.payload),
        attempts=Attempts(attempts.beside(path_of(settings.store.url)), clock.now()),
    )
    outbox = _outbox(engine, providers, publishers, tower)
    hang_ups = HangUps(engine=engine, clock=clock, providers=providers)
    _bound_by_now(supervision, auditor, tower, outbox.failover, hang_ups)
    return Parts(
        store=store,
        engine=engine,
        messages=messages,
        providers=providers,
        tower=tower,
        outbox=outbox,
        hang_ups=hang_ups,
        timers=Timers(engine=engine, clock=clock),
        auditor=auditor,
        supervision=supervision,
        intake=intake,
        taker=tower.ear(intake),
    )


def _bound_by_now(supervision: Supervision, auditor: Auditor, *parts: Tower | Failover | HangUps) -> None:
    """When the clock is set back, nothing that is remembered lies ahead of now."""
    for part in parts:
        supervision.on_set_back(lambda now, _, part=part: part.set_back(now))  # type: ignore[misc] # a default has no type
    supervision.on_set_back(auditor.set_back)


def _outbox(engine: Engine, providers: list[PhoneProvider], publishers: Publishers, tower: Tower) -> Outbox:
    return Outbox(
        store=engine.store,
        engine=engine,
        clock=engine.clock,
        providers=providers,
        publisher=tower.sink(publishers),
        phones_changed=tower.phones.changed,
    )
