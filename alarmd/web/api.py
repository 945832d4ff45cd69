"""The API, version 1. docs/api.md tells it with examples."""

from __future__ import annotations

from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Depends, Header, Path, Query, Request
from fastapi.responses import StreamingResponse

from alarmd.watch.present import Present
from alarmd.web import models
from alarmd.web.desk import Desk
from alarmd.web.errors import ApiError
from alarmd.web.guard import Operator, Reader
from alarmd.web.log_stream import LogStream, Wanted
from alarmd.web.tokens import Role
from config.wording import said

MOST_INCIDENTS = 1000
LAST_SEQ = 2**63 - 1  # as large as the store can count
_NOT_KEPT = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
_FAULTS: dict[int | str, dict[str, Any]] = {
    401: {"model": models.FaultView, "description": "No valid token."},
    403: {"model": models.FaultView, "description": "The token's role does not suffice."},
    404: {"model": models.FaultView, "description": "There is no such thing."},
    409: {"model": models.FaultView, "description": "Not possible as things stand; the message says why."},
    422: {"model": models.FaultView, "description": "The request cannot be read; the message says which field."},
    429: {"model": models.FaultView, "description": "Too many requests without a valid token."},
}
router = APIRouter(prefix="/api/v1", responses=_FAULTS, tags=["desk"])


def _desk(request: Request) -> Desk:
    desk: Desk = request.app.state.desk
    return desk


def _stream(request: Request) -> LogStream:
    stream: LogStream = request.app.state.log_stream
    return stream


TheDesk = Annotated[Desk, Depends(_desk)]
TheLog = Annotated[LogStream, Depends(_stream)]
Id = Annotated[str, Path(description="The incident's reference, or a unique beginning or end of it.", max_length=100)]


@router.get("/incidents", summary="Incidents, the open ones first")
async def incidents(
    desk: TheDesk,
    _: Reader,
    resident: Annotated[str | None, Query(description="Only those of this resident.")] = None,
    limit: Annotated[int, Query(ge=1, le=MOST_INCIDENTS)] = 200,
    all_: Annotated[bool, Query(alias="all", description="Closed ones too.")] = False,  # noqa: FBT002 - a query has no order
) -> list[models.IncidentView]:
    """Open incidents first, then closed ones, the newest first in each."""
    return await desk.incidents(include_closed=all_, resident=resident, limit=limit)


@router.get("/incidents/{id}", summary="One incident with all that is known of it")
async def show(desk: TheDesk, caller: Reader, id: Id) -> models.IncidentDetail:  # noqa: A002 - its name in the address
    """Home, people, messages, deadlines and the log; responders' telephones only for the role operator."""
    return await desk.show(id, numbers=caller.role >= Role.OPERATOR)


@router.get("/troubles", summary="What does not work now")
async def troubles(request: Request, _: Reader) -> list[models.TroubleView]:
    """The broker, the store, the phone providers: what makes a quiet desk no good news. Empty: all works."""
    present: Present | None = request.app.state.present
    found = await present.now() if present is not None else []
    return [models.TroubleView(what=one.what, since=one.since, says=one.says) for one in found]


@router.post("/incidents/{id}/accept", summary="Somebody goes")
async def accept(desk: TheDesk, _: Operator, id: Id, body: models.Acceptance) -> models.IncidentDetail:  # noqa: A002 - see above
    """A responder who said so to the operator, or else the operator, who holds it for a quarter of an hour."""
    return await desk.accept(id, by=body.by, person=body.person)


@router.post("/incidents/{id}/coming", summary="Somebody is on the way")
async def coming(desk: TheDesk, _: Operator, id: Id, body: models.Progress) -> models.IncidentDetail:  # noqa: A002 - see above
    """Who had not accepted has by that."""
    return await desk.coming(id, by=body.by, person=body.person)


@router.post("/incidents/{id}/arrived", summary="Somebody is at the door")
async def arrived(desk: TheDesk, _: Operator, id: Id, body: models.Progress) -> models.IncidentDetail:  # noqa: A002 - see above
    """The incident stays open until a person closes it."""
    return await desk.arrived(id, by=body.by, person=body.person)


@router.post("/incidents/{id}/note", summary="Put something on record")
async def note(desk: TheDesk, _: Operator, id: Id, body: models.Note) -> models.IncidentDetail:  # noqa: A002 - see above
    """Possible after the close, too."""
    return await desk.note(id, by=body.by, text=body.text)


@router.post("/incidents/{id}/close", summary="Close, with who and why")
async def close(desk: TheDesk, _: Operator, id: Id, body: models.Closing) -> models.IncidentDetail:  # noqa: A002 - see above
    """Everybody who was asked is told. Never opened again."""
    return await desk.close(id, by=body.by, reason=body.reason, cancel_ambulance=body.cancel_ambulance)


@router.post("/incidents/{id}/handoff", summary="The ambulance took it, or refused")
async def handoff(desk: TheDesk, _: Operator, id: Id, body: models.HandoffResult) -> models.IncidentDetail:  # noqa: A002 - see above
    """A refusal goes on to the next step at once."""
    return await desk.handed_over(id, by=body.by, accepted=body.accepted, reason=body.reason)


@router.get("/residents/{id}", summary="A resident with contacts and devices")
async def resident(desk: TheDesk, _: Reader, id: Annotated[str, Path(max_length=200)]) -> models.ResidentView:  # noqa: A002 - see above
    """The record as imported, and each device's last sign of life."""
    return await desk.resident(id)


def _wanted(
    after: Annotated[int, Query(ge=0, le=LAST_SEQ, description="Only entries with a larger seq.")] = 0,
    incident: Annotated[str | None, Query(description="Only those of this incident.")] = None,
    resident: Annotated[str | None, Query(description="Only those of this resident.")] = None,
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
    request: Request, stream: TheLog, _: Reader, wanted: Annotated[Wanted, Depends(_wanted)]
) -> StreamingResponse:
    """JSON lines, or server-sent events for whoever accepts ``text/event-stream`` (those always follow)."""
    if "text/event-stream" in request.headers.get("accept", ""):
        events = stream.events(msgspec.structs.replace(wanted, follow=True))
        return StreamingResponse(events, media_type="text/event-stream", headers=_NOT_KEPT)
    return StreamingResponse(stream.lines(wanted), media_type="application/x-ndjson", headers=_NOT_KEPT)
