"""The API, version 1. docs/api.md tells it with examples."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Sequence
from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Depends, Header, Path, Query, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel
from starlette.types import Receive, Scope, Send

from alarmd.directory import lookup
from alarmd.store import Store, Transaction
from alarmd.watch.present import Present
from alarmd.web import models, reading
from alarmd.web.budgets import Budgets, Stream
from alarmd.web.desk import Desk
from alarmd.web.errors import ApiError
from alarmd.web.guard import Operator, Reader
from alarmd.web.log_stream import LogStream, Wanted
from alarmd.web.reads import Reads
from alarmd.web.tokens import Caller, Role
from config.wording import said

MOST_INCIDENTS = 1000
LAST_SEQ = 2**63 - 1  # as large as the store can count
_AN_INCIDENT = 5  # of a list costs as much as so many rows of the log
_NOT_KEPT = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
_FAULTS: dict[int | str, dict[str, Any]] = {
    401: {"model": models.FaultView, "description": "No valid token."},
    403: {"model": models.FaultView, "description": "The token's role does not suffice."},
    404: {"model": models.FaultView, "description": "There is no such thing."},
    409: {"model": models.FaultView, "description": "Not possible as things stand; the message says why."},
    422: {"model": models.FaultView, "description": "The request cannot be read; the message says which field."},
    429: {
        "model": models.FaultView,
        "description": "Too many requests without a valid token, or more than this token's share.",
    },
}
router = APIRouter(prefix="/api/v1", responses=_FAULTS, tags=["desk"])


def _desk(request: Request) -> Desk:
    desk: Desk = request.app.state.desk
    return desk


def _stream(request: Request) -> LogStream:
    stream: LogStream = request.app.state.log_stream
    return stream


def _budgets(request: Request) -> Budgets:
    budgets: Budgets = request.app.state.budgets
    return budgets


def _reads(request: Request) -> Reads:
    reads: Reads = request.app.state.reads
    return reads


TheBudgets = Annotated[Budgets, Depends(_budgets)]
TheReads = Annotated[Reads, Depends(_reads)]


def _acting(caller: Operator, budgets: TheBudgets) -> Caller:
    budgets.act(caller.name)
    return caller


Acting = Annotated[Caller, Depends(_acting)]
TheDesk = Annotated[Desk, Depends(_desk)]
TheLog = Annotated[LogStream, Depends(_stream)]
Id = Annotated[str, Path(description="The incident's reference, or a unique beginning or end of it.", max_length=100)]


@router.get("/incidents", summary="Incidents, the open ones first", response_model=list[models.IncidentView])
async def incidents(
    desk: TheDesk,
    caller: Reader,
    budgets: TheBudgets,
    reads: TheReads,
    resident: Annotated[str | None, Query(description="Only those of this resident.", max_length=200)] = None,
    limit: Annotated[int, Query(ge=1, le=MOST_INCIDENTS)] = 200,
    all_: Annotated[bool, Query(alias="all", description="Closed ones too.")] = False,  # noqa: FBT002 - a query has no order
) -> Response:
    """Open incidents first, then closed ones, the newest first in each."""
    async with budgets.reading(caller.name) as cost:
        found = await desk.incidents(include_closed=all_, resident=resident, limit=limit)
        cost(_AN_INCIDENT * len(found))
        for one in found:
            _noted(reads, caller, "incidents", one)
        if not found:
            _noted(reads, caller, "incidents", None)
        return await _answer(found)


@router.get(
    "/incidents/{id}", summary="One incident with all that is known of it", response_model=models.IncidentDetail
)
async def show(desk: TheDesk, caller: Reader, budgets: TheBudgets, reads: TheReads, id: Id) -> Response:  # noqa: A002 - its name in the address
    """Home, people, messages, deadlines and the log; responders' telephones only for the role operator."""
    async with budgets.reading(caller.name) as cost:
        found = await desk.show(id, numbers=caller.role >= Role.OPERATOR)
        cost(_rows(found))
        _noted(reads, caller, "incident", found)
        return await _answer(found)


@router.get("/troubles", summary="What does not work now")
async def troubles(request: Request, _: Reader) -> list[models.TroubleView]:
    """The broker, the store, the phone providers: what makes a quiet desk no good news. Empty: all works."""
    present: Present | None = request.app.state.present
    found = await present.now() if present is not None else []
    return [models.TroubleView(what=one.what, since=one.since, says=one.says) for one in found]


@router.post("/incidents/{id}/accept", summary="Somebody goes", response_model=models.IncidentDetail)
async def accept(desk: TheDesk, caller: Acting, reads: TheReads, id: Id, body: models.Acceptance) -> Response:  # noqa: A002 - see above
    """A responder who said so to the operator, or else the operator, who holds it for a quarter of an hour."""
    return await _done(desk.accept(id, by=body.by, login=caller.login, person=body.person), reads, caller)


@router.post("/incidents/{id}/coming", summary="Somebody is on the way", response_model=models.IncidentDetail)
async def coming(desk: TheDesk, caller: Acting, reads: TheReads, id: Id, body: models.Progress) -> Response:  # noqa: A002 - see above
    """Who had not accepted has by that."""
    return await _done(desk.coming(id, by=body.by, login=caller.login, person=body.person), reads, caller)


@router.post("/incidents/{id}/arrived", summary="Somebody is at the door", response_model=models.IncidentDetail)
async def arrived(desk: TheDesk, caller: Acting, reads: TheReads, id: Id, body: models.Progress) -> Response:  # noqa: A002 - see above
    """The incident stays open until a person closes it."""
    return await _done(desk.arrived(id, by=body.by, login=caller.login, person=body.person), reads, caller)


@router.post("/incidents/{id}/note", summary="Put something on record", response_model=models.IncidentDetail)
async def note(desk: TheDesk, caller: Acting, reads: TheReads, id: Id, body: models.Note) -> Response:  # noqa: A002 - see above
    """Possible after the close, too."""
    return await _done(desk.note(id, by=body.by, login=caller.login, text=body.text), reads, caller)


@router.post("/incidents/{id}/close", summary="Close, with who and why", response_model=models.IncidentDetail)
async def close(desk: TheDesk, caller: Acting, reads: TheReads, id: Id, body: models.Closing) -> Response:  # noqa: A002 - see above
    """Everybody who was asked is told. Never opened again."""
    doing = desk.close(id, by=body.by, login=caller.login, reason=body.reason, cancel_ambulance=body.cancel_ambulance)
    return await _done(doing, reads, caller)


@router.post(
    "/incidents/{id}/handoff", summary="The ambulance took it, or refused", response_model=models.IncidentDetail
)
async def handoff(desk: TheDesk, caller: Acting, reads: TheReads, id: Id, body: models.HandoffResult) -> Response:  # noqa: A002 - see above
    """A refusal goes on to the next step at once."""
    doing = desk.handed_over(id, by=body.by, login=caller.login, accepted=body.accepted, reason=body.reason)
    return await _done(doing, reads, caller)


@router.get("/residents/{id}", summary="A resident with contacts and devices", response_model=models.ResidentView)
async def resident(
    desk: TheDesk,
    caller: Reader,
    budgets: TheBudgets,
    reads: TheReads,
    id: Annotated[str, Path(max_length=200)],  # noqa: A002 - see above
) -> Response:
    """The record as imported, and each device's last sign of life."""
    async with budgets.reading(caller.name):
        found = await desk.resident(id, numbers=caller.role >= Role.OPERATOR)
        reads.note(caller.token, "resident", found.id, user=caller.local_user)
        return await _answer(found)


async def _done(doing: Awaitable[models.IncidentDetail], reads: Reads, caller: Caller) -> Response:
    """Something was done, and the whole record is shown; a refusal may tell who was asked: both have been read then."""
    try:
        found = await doing
    except ApiError as error:
        if error.told_of is not None:
            resident, incident = error.told_of
            reads.note(caller.token, "incident", resident, incident=incident, user=caller.local_user)
        raise
    _noted(reads, caller, "incident", found)
    return await _answer(found)


def _noted(reads: Reads, caller: Caller, what: str, found: models.IncidentView | None) -> None:
    resident, incident = (found.resident, found.id) if found is not None else (None, "")
    reads.note(caller.token, what, resident, incident=incident, user=caller.local_user)


def _rows(found: models.IncidentDetail) -> int:
    return len(found.log) + len(found.messages) + len(found.participants)


async def _answer(found: BaseModel | Sequence[BaseModel]) -> Response:
    """As JSON, written in a thread one by one: a long list must not hold up the loop on which presses are taken."""

    def write() -> str:
        if isinstance(found, BaseModel):
            return found.model_dump_json()
        return f"[{','.join(one.model_dump_json() for one in found)}]"

    return Response(await asyncio.to_thread(write), media_type="application/json")


def _wanted(
    after: Annotated[int, Query(ge=0, le=LAST_SEQ, description="Only entries with a larger seq.")] = 0,
    incident: Annotated[str | None, Query(description="Only those of this incident.", max_length=100)] = None,
    resident: Annotated[str | None, Query(description="Only those of this resident.", max_length=200)] = None,
    since: Annotated[datetime | None, Query(description="Only those not older; ISO 8601 with a zone.")] = None,
    limit: Annotated[int | None, Query(ge=1)] = None,
    follow: Annotated[bool, Query(description="Go on with what is written later.")] = False,  # noqa: FBT002 - see above
    last_event_id: Annotated[str | None, Header(description="A browser's own way to say after.")] = None,
) -> Wanted:
    if last_event_id and last_event_id.isdecimal() and len(last_event_id) < len(str(LAST_SEQ)):
        after = max(after, int(last_event_id))
    if since is not None and since.tzinfo is None:
        raise ApiError(
            HTTPStatus.UNPROCESSABLE_ENTITY, "unreadable", said("since: needs a zone, for example 2026-11-21T19:30:00Z")
        )
    return Wanted(after=after, incident=incident, resident=resident, since=since, limit=limit, follow=follow)


@router.get(
    "/log",
    summary="The event log",
    tags=["log"],
    response_class=StreamingResponse,
    responses={
        200: {
            "description": "One entry a line, or an event each.",
            "content": {"application/x-ndjson": {}, "text/event-stream": {}},
        }
    },
)
async def log(
    request: Request,
    log_: TheLog,
    caller: Reader,
    budgets: TheBudgets,
    reads: TheReads,
    wanted: Annotated[Wanted, Depends(_wanted)],
) -> StreamingResponse:
    """JSON lines, or server-sent events for whoever accepts ``text/event-stream`` (those always follow)."""
    stream = budgets.stream(caller.name)
    try:
        whose, incident = await _whose(request.app.state.store, wanted)
    except BaseException:
        stream.close()
        raise
    reads.note(caller.token, "log", whose, incident=incident, user=caller.local_user)
    if "text/event-stream" in request.headers.get("accept", ""):
        events = log_.events(msgspec.structs.replace(wanted, follow=True), stream)
        return _LogAnswer(events, stream, "text/event-stream")
    return _LogAnswer(log_.lines(wanted, stream), stream, "application/x-ndjson")


async def _whose(store: Store, wanted: Wanted) -> tuple[str | None, str]:
    """Whose log is read, and which incident's; nothing for a name made up, which must not stand in the log."""

    def read(tx: Transaction) -> tuple[str | None, str]:
        incident = reading.incident(tx, wanted.incident) if wanted.incident else None
        asked = incident.resident if incident is not None else wanted.resident
        whose = asked if asked and lookup.was_resident(tx, asked) else None
        return whose, incident.id if incident is not None else ""

    return await store.read(read) if wanted.incident or wanted.resident else (None, "")


class _LogAnswer(StreamingResponse):
    """Gives the reader's place back however it ends, also where it ends before it began."""

    def __init__(self, content: AsyncIterator[bytes], stream: Stream, media_type: str) -> None:
        super().__init__(content, media_type=media_type, headers=_NOT_KEPT)
        self._stream = stream

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._stream.close()
