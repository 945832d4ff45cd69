"""The HTTP transport under the Twilio SDK.

The SDK's own asynchronous client ignores its timeout and, without pooling, answers one request with another's response
(twilio 9.13, tried; FIELD.md). This one has explicit timeouts, follows no redirect and never repeats a request by
itself: whether a message was sent is then always known, or known to be unknown.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping

import httpx
from twilio.http import AsyncHttpClient
from twilio.http.response import Response

CONNECT_SECONDS = 5.0
READ_SECONDS = 10.0
WRITE_SECONDS = 5.0
WAIT_FOR_CONNECTION_SECONDS = 10.0
# The timeouts above begin anew with every piece; an answer that trickles in must still end.
ALL_SECONDS = 30.0
MAX_CONNECTIONS = 50
_TOO_MANY = 429
_UNAVAILABLE = 503

_log = logging.getLogger("alarmd.phone.transport")


class NotSentError(Exception):
    """The provider could not be reached; the request certainly never got there."""


class OutcomeUnknownError(Exception):
    """The request may or may not have been carried out: no answer came, or none that can be read."""


class ThrottledError(Exception):
    """The provider refused for now: too many requests, or out of service.

    Attributes:
        status: The HTTP status, 429 or 503.
        body: What it said.
        retry_after: Seconds it asks to wait; None where it does not say.
    """

    def __init__(self, status: int, body: str, retry_after: float | None) -> None:
        super().__init__(f"HTTP {status}")
        self.status = status
        self.body = body
        self.retry_after = retry_after


class Transport(AsyncHttpClient):  # type: ignore[misc]  # the SDK ships no types
    """Carries the SDK's requests over one pool of connections.

    Args:
        connect: Seconds to make a connection.
        read: Seconds without a byte of the answer.
        whole: Seconds for all of it, from the wait for a connection to the last byte.
    """

    def __init__(
        self, *, connect: float = CONNECT_SECONDS, read: float = READ_SECONDS, whole: float = ALL_SECONDS
    ) -> None:
        super().__init__(_log, is_async=True, timeout=read)
        self._all_seconds = whole
        self._client = httpx.AsyncClient(
            timeout=httpx.Timeout(connect=connect, read=read, write=WRITE_SECONDS, pool=WAIT_FOR_CONNECTION_SECONDS),
            limits=httpx.Limits(max_connections=MAX_CONNECTIONS, max_keepalive_connections=MAX_CONNECTIONS),
            follow_redirects=False,
            transport=httpx.AsyncHTTPTransport(retries=0, limits=httpx.Limits(max_connections=MAX_CONNECTIONS)),
            # A proxy from the environment would be one more party that knows where an old woman lives.
            trust_env=False,
        )

    async def request(
        self,
        method: str,
        uri: str,
        params: Mapping[str, object] | None = None,
        data: Mapping[str, object] | None = None,
        headers: Mapping[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        timeout: float | None = None,  # noqa: ARG002, ASYNC109  # the SDK's signature; it never passes one
        allow_redirects: bool = False,  # noqa: ARG002, FBT001, FBT002  # the SDK's signature; never
    ) -> Response:
        """Carry one request.

        Raises:
            NotSentError: No connection came about.
            OutcomeUnknownError: It was sent and no readable answer came.
            ThrottledError: HTTP 429 or 503.
        """
        try:
            async with asyncio.timeout(self._all_seconds):
                answer = await self._client.request(
                    method.upper(),
                    uri,
                    params=_texts(params),
                    data=_texts(data),
                    headers=dict(headers or {}),
                    auth=auth,
                )
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol) as error:
            raise NotSentError(f"{type(error).__name__}: {error}") from error
        except (httpx.HTTPError, httpx.InvalidURL, TimeoutError) as error:
            raise OutcomeUnknownError(f"{type(error).__name__}: {error}") from error
        if answer.status_code in {_TOO_MANY, _UNAVAILABLE}:
            raise ThrottledError(answer.status_code, answer.text, _seconds(answer.headers.get("Retry-After")))
        return Response(answer.status_code, answer.text, answer.headers)

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()


def _texts(fields: Mapping[str, object] | None) -> dict[str, str | list[str]] | None:
    if fields is None:
        return None
    return {name: [str(v) for v in value] if isinstance(value, list) else str(value) for name, value in fields.items()}


def _seconds(retry_after: str | None) -> float | None:
    try:
        return max(0.0, float(retry_after or ""))
    except ValueError:  # absent, or the HTTP-date form, which needs the provider's clock
        return None
