"""The web server put together: pages, API and the webhooks that bring answers back.

What it is made of takes Python longer to load than everything else of the daemon together. `alarmd.daemon` loads this
module when what was overdue goes out already.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Sequence
from functools import partial

import structlog

from alarmd.clock import Clock
from alarmd.engine import Engine
from alarmd.messages import Messages
from alarmd.metrics import Metrics
from alarmd.outbox import Outbox
from alarmd.phone import webhooks
from alarmd.phone.signing import Signer
from alarmd.store import Store
from alarmd.switchboard import Switchboard
from alarmd.watch.present import DownProvider, Present
from alarmd.watch.troubles import Troubles
from alarmd.web import app as web
from alarmd.web.health import Health
from alarmd.web.hosts import own_names
from alarmd.web.server import WebServer
from config.settings import Settings

log = structlog.get_logger()


async def open_web(
    *,
    settings: Settings,
    store: Store,
    engine: Engine,
    messages: Messages,
    outbox: Outbox,
    health: Health,
    metrics: Metrics,
    clock: Clock,
    signers: Callable[[], Sequence[Signer]],
    listener: socket.socket,
    troubles: Troubles,
    connections: int,
) -> WebServer:
    """Answer requests on the listener; whoever connected meanwhile is answered now.

    Args:
        settings: The operator's.
        store: What pages show.
        engine: What the API changes.
        messages: What is said on the telephone.
        outbox: Told of what became of a message.
        health: Asked by `/readyz`.
        metrics: Shown by `/metrics`.
        clock: The daemon's.
        signers: The accounts and secrets with which a phone provider signs.
        troubles: What the watchdogs found; said at the top of what the desk sees.
        connections: How many there may be at once.
        listener: Already listening, on the address of the settings.
    """
    switchboard = Switchboard(engine=engine, outbox=outbox, messages=messages, settings=settings, clock=clock)
    present = Present(
        troubles=troubles,
        providers=lambda: [DownProvider(name=n, since=at, reason=why) for n, at, why in outbox.failover.down()],
        parts={name: partial(health.fault, name) for name in ("mqtt", "store")},
    )
    app = web.build(
        settings=settings,
        store=store,
        engine=engine,
        health=health,
        metrics=metrics,
        routers=[webhooks.router(switchboard, public_url=settings.web.base_url, signers=signers)],
        clock=clock,
        present=present,
    )
    address = settings.web.address
    server = WebServer(
        app,
        address.host,
        address.port,
        log,
        listener=listener,
        most=connections,
        names=[*own_names(), *settings.web.names],
        proxies=settings.web.proxies,
    )
    await server.start()
    return server
