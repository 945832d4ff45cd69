"""One shape for everything that goes wrong over HTTP: ``{"error": {"code": …, "message": a sentence}}``."""

from __future__ import annotations

from http import HTTPStatus

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

log = structlog.get_logger()


class ApiError(Exception):
    """A request that cannot be done.

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
        HTTPStatus.NOT_FOUND: f"There is nothing at {request.url.path}.",
        HTTPStatus.METHOD_NOT_ALLOWED: f"{request.method} is not possible at {request.url.path}.",
    }.get(status, str(error.detail))
    headers = dict(error.headers) if error.headers else None
    return _shape(status, status.name.lower(), message, headers)


async def _unreadable(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    faults = [
        f"{'.'.join(str(part) for part in fault['loc'][1:]) or 'the body'}: {fault['msg']}" for fault in error.errors()
    ]
    return _shape(HTTPStatus.UNPROCESSABLE_ENTITY, "unreadable", "; ".join(faults))


async def _broken(request: Request, error: Exception) -> JSONResponse:
    log.error("a request failed", method=request.method, path=request.scope.get("route_path", ""), exc_info=error)
    return _shape(
        HTTPStatus.INTERNAL_SERVER_ERROR,
        "broken",
        "alarmd failed at this request; its log says why. Nothing was changed.",
    )
