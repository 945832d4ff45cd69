"""One shape for everything that goes wrong over HTTP: ``{"error": {"code": …, "message": a sentence}}``."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any, Self

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from alarmd.web import reader
from config.wording import for_later, said, speaking

log = structlog.get_logger()

# What pydantic finds most often, by its name for it; the rest comes in its own English.
_FAULTS = {
    "missing": for_later("is missing"),
    "json_invalid": for_later("is not JSON"),
    "string_too_long": for_later("is longer than {max_length} characters"),
    "shows_nothing": for_later("shows nothing"),
    "string_too_short": for_later("is shorter than {min_length} characters"),
    "extra_forbidden": for_later("is not known here"),
    "int_parsing": for_later("is not a whole number"),
    "bool_parsing": for_later("is neither true nor false"),
    "greater_than_equal": for_later("is less than {ge}"),
    "less_than_equal": for_later("is more than {le}"),
}


class ApiError(Exception):
    """A request that cannot be done.

    Attributes:
        told_of: Resident and reference of the incident of which the message tells who was asked, or who did what.

    Args:
        status: The HTTP status.
        code: A word for programs.
        message: A sentence for people: what is wrong and what to do.
        headers: Further headers of the answer.
    """

    def __init__(self, status: HTTPStatus, code: str, message: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.headers = headers
        self.told_of: tuple[str | None, str] | None = None

    def of(self, resident: str | None, incident: str) -> Self:
        """The same, which tells of an incident: who reads it has read of that."""
        self.told_of = (resident, incident)
        return self


def install(app: FastAPI) -> None:
    """Give the application this shape for every error."""
    app.add_exception_handler(ApiError, _api_error)
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(RequestValidationError, _unreadable)
    app.add_exception_handler(Exception, _broken)


def _shape(status: int, code: str, message: str, headers: dict[str, str] | None = None) -> JSONResponse:
    return JSONResponse({"error": {"code": code, "message": message}}, status_code=status, headers=headers)


async def _api_error(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, ApiError)
    return _shape(error.status, error.code, error.message, error.headers)


async def _http_error(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    status = HTTPStatus(error.status_code)
    message = {
        HTTPStatus.NOT_FOUND: said("There is nothing at {path}.", path=request.url.path),
        HTTPStatus.METHOD_NOT_ALLOWED: said(
            "{method} is not possible at {path}.", method=request.method, path=request.url.path
        ),
    }.get(status, str(error.detail))
    headers = dict(error.headers) if error.headers else None
    return _shape(status, status.name.lower(), message, headers)


async def _unreadable(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    faults = [
        said(
            "{field}: {fault}",
            field=".".join(str(part) for part in fault["loc"][1:]) or said("the body"),
            fault=_fault(fault),
        )
        for fault in error.errors()
    ]
    return _shape(HTTPStatus.UNPROCESSABLE_ENTITY, "unreadable", "; ".join(faults))


def _fault(fault: dict[str, Any]) -> str:
    known = _FAULTS.get(fault["type"])
    return said(known, **fault.get("ctx", {})) if known is not None else str(fault["msg"])


async def _broken(request: Request, error: Exception) -> JSONResponse:
    log.error("a request failed", method=request.method, path=request.scope.get("route_path", ""), exc_info=error)
    # Outside of everything that knows the reader, so the header is read once more.
    with speaking(reader.words(request.headers.get("accept-language", ""), "en")):
        sentence = said("alarmd failed at this request; its log says why. Nothing was changed.")
    return _shape(HTTPStatus.INTERNAL_SERVER_ERROR, "broken", sentence)
