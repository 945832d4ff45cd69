"""The web application: health, metrics, the API, and whatever routers the daemon adds (webhooks, pages)."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from functools import partial
from http import HTTPStatus

from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.responses import HTMLResponse
from prometheus_client import CONTENT_TYPE_LATEST

from alarmd import __version__
from alarmd.clock import Clock
from alarmd.languages import ENGLISH, operator_words
from alarmd.metrics import Metrics
from alarmd.store import Store
from alarmd.watch.present import Present
from alarmd.web import api, errors, models, page
from alarmd.web.budgets import Budgets
from alarmd.web.desk import Engine, StoreDesk
from alarmd.web.guard import Guard
from alarmd.web.health import Health
from alarmd.web.log_stream import LogStream
from alarmd.web.reader import InReadersLanguage
from alarmd.web.reads import Reads
from alarmd.web.together import Together
from alarmd.web.tokens import Keyring
from alarmd.web.unhurried import Unhurried
from config import languages
from config.settings import Settings
from config.wording import speaking

MOST_BYTES = 64 * 1024  # of a request; nobody fills the memory before anybody asked for a token
_open = APIRouter(tags=["health"])  # no token: what watches alarmd has none


def build(
    *,
    settings: Settings,
    store: Store,
    engine: Engine,
    health: Health,
    metrics: Metrics,
    routers: Sequence[APIRouter],
    clock: Clock,
    present: Present | None = None,
) -> FastAPI:
    """Put the application together.

    Args:
        settings: For the tokens.
        store: What is read.
        engine: What changes incidents.
        health: What `/healthz` and `/readyz` ask.
        metrics: What `/metrics` shows.
        routers: Further pages and webhooks; they see to their own access.
        clock: The daemon's.
        present: What does not work now.

    Raises:
        TokenError: A token cannot be used.
    """
    app = FastAPI(
        title="alarmd",
        version=__version__,
        summary="The server that answers when an old person presses the red button by the bed.",
        openapi_url=None,  # `description` below
        docs_url=None,  # their pages load scripts from elsewhere
        redoc_url=None,
        max_body_size=MOST_BYTES,
    )
    app.state.closing = asyncio.Event()
    app.state.store = store
    app.state.language = settings.service.language
    app.state.health = health
    app.state.metrics = metrics
    app.state.desk = StoreDesk(store, engine, settings)
    app.state.present = present
    app.state.guard = Guard(Keyring.of(settings), clock)
    app.state.budgets = Budgets()
    app.state.reads = Reads(store, clock)
    app.state.at_the_end = (app.state.reads.close,)
    app.state.log_stream = LogStream(store, app.state.closing, way=getattr(engine, "way", None))
    errors.install(app)
    app.state.figures = Together(partial(_figures, metrics, store))
    app.state.alive = Together(health.alive)
    app.state.description = Together(partial(_describe, app))
    app.state.described = b""
    app.add_middleware(InReadersLanguage, language=settings.service.language)
    app.add_middleware(Unhurried)
    for router in (_open, api.router, *routers):
        app.include_router(router)
    return app


@_open.get("/healthz", summary="Alive?", responses={503: {"model": models.AliveView}})
async def healthz(request: Request, response: Response) -> models.AliveView:
    """200 as long as the event loop and the store's writer answer."""
    fault = await request.app.state.alive.get()
    if fault is not None:
        response.status_code = HTTPStatus.SERVICE_UNAVAILABLE
    return models.AliveView(alive=fault is None, says=fault or "alive")


@_open.get("/readyz", summary="Ready?", responses={503: {"model": models.ReadyView}})
async def readyz(request: Request, response: Response) -> models.ReadyView:
    """200 only if every part that a press needs is usable: store, broker or door, a phone provider."""
    health: Health = request.app.state.health
    view = models.ReadyView.model_validate(await health.ready(), from_attributes=True)
    metrics: Metrics = request.app.state.metrics
    for name, part in view.parts.items():
        metrics.part(name, up=part.ok)
    if not view.ready:
        response.status_code = HTTPStatus.SERVICE_UNAVAILABLE
    return view


@_open.get("/metrics", summary="For Prometheus", response_class=Response)
async def metrics_(request: Request) -> Response:
    """Counters and gauges; docs/operating.md names them."""
    return Response(await request.app.state.figures.get(), media_type=CONTENT_TYPE_LATEST)


async def _figures(metrics: Metrics, store: Store) -> bytes:
    await metrics.refresh(store)
    return metrics.exposition()


@_open.get("/api/v1/openapi.json", response_class=Response, include_in_schema=False)
async def description(request: Request) -> Response:
    """The API in OpenAPI's words."""
    return Response(await request.app.state.description.get(), media_type="application/json")


async def _describe(app: FastAPI) -> bytes:
    if not app.state.described:  # in a thread, and once: it takes longer than a press may
        app.state.described = await asyncio.to_thread(lambda: json.dumps(app.openapi()).encode())
    described: bytes = app.state.described
    return described


@_open.get("/", response_class=HTMLResponse, include_in_schema=False)
async def first_page(request: Request) -> HTMLResponse:
    """What this is, and whether it works; in the browser's language, or in the service's where that is not spoken."""
    store: Store = request.app.state.store
    health: Health = request.app.state.health
    row = await store.read(lambda tx: tx.one("desk_open_count"))
    accepted = request.headers.get("accept-language", "")
    language = languages.of_browser(accepted) or (request.app.state.language if accepted else languages.ENGLISH)
    present: Present | None = request.app.state.present
    with speaking(operator_words(language) or ENGLISH):
        says = [one.says for one in await present.now()] if present is not None else []
    shown = page.render(row["n"] if row else 0, await health.ready(), language, says)
    return HTMLResponse(shown, headers={"Vary": "Accept-Language", "Content-Language": language})


@_open.get("/favicon.ico", response_class=Response, include_in_schema=False)
async def icon() -> Response:
    """Asked for by each browser that looks at any address here."""
    return Response(page.ICON, media_type="image/svg+xml")
