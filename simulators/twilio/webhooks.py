"""Signed requests to the customer's server, with the time limits and retries Twilio documents."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping
from urllib.parse import parse_qsl, urldefrag, urlsplit

import httpx
from twilio.request_validator import RequestValidator

from simulators.twilio.records import new_sid

CONNECT_SECONDS = 5.0
READ_SECONDS = 15.0
RETRIES = 1
SERVER_ERROR = 500
CLIENT_ERROR = 400


class Webhooks:
    """Posts forms to the customer's addresses.

    Args:
        token: The account's token; changed by rotation.
        complain: Called with a sentence when the customer's server answers with an error.
    """

    def __init__(self, token: str, complain: Callable[[str], None]) -> None:
        self.token = token
        self.unreached: list[str] = []
        self._complain = complain
        self._client = httpx.AsyncClient(trust_env=False, follow_redirects=False)

    async def post(self, address: str, form: Mapping[str, str], *, token: str = "") -> httpx.Response | None:
        """Post one form.

        Args:
            address: Where to; its fragment may hold connection overrides.
            form: What.
            token: The idempotency token, the same for a repetition.

        Returns:
            The answer, or None when there was none or it was an error (Twilio's error 11200).
        """
        target, fragment = urldefrag(address)
        tuning = dict(parse_qsl(fragment))
        retries = int(tuning.get("rc", RETRIES))
        policy = set(tuning.get("rp", "ct").split(","))
        headers = {
            "X-Twilio-Signature": RequestValidator(self.token).compute_signature(target, dict(form)),
            "I-Twilio-Idempotency-Token": token or new_sid("")[:32],
            "User-Agent": "TwilioProxy/1.1",
        }
        limits = httpx.Timeout(
            int(tuning.get("rt", READ_SECONDS * 1000)) / 1000,
            connect=int(tuning.get("ct", CONNECT_SECONDS * 1000)) / 1000,
        )
        response = None
        for _ in range(retries + 1):
            response, why = await self._once(target, form, headers, limits)
            if not why or not policy & {why, "all"}:
                break
        return self._judge(target, response)

    async def _once(
        self, target: str, form: Mapping[str, str], headers: Mapping[str, str], limits: httpx.Timeout
    ) -> tuple[httpx.Response | None, str]:
        """The answer, and the retry policy's word for what went wrong (empty: nothing)."""
        try:
            response = await self._client.post(target, data=dict(form), headers=dict(headers), timeout=limits)
        except (httpx.ConnectError, httpx.ConnectTimeout):
            return None, "ct"
        except httpx.TransportError:
            return None, "rt"
        if response.status_code >= SERVER_ERROR:
            return response, "5xx"
        return response, "4xx" if response.status_code >= CLIENT_ERROR else ""

    def _judge(self, target: str, response: httpx.Response | None) -> httpx.Response | None:
        path = urlsplit(target).path
        if response is None:
            self.unreached.append(path)
            return None
        if response.status_code >= CLIENT_ERROR:
            self._complain(f"11200: {path} answered {response.status_code}: {response.text[:300]}")
            return None
        return response

    async def close(self) -> None:
        """Release the connections."""
        with contextlib.suppress(RuntimeError):  # the loop that opened them is already gone
            await self._client.aclose()
