"""Twilio, through its own SDK over our transport."""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Awaitable, Sequence
from datetime import datetime, timedelta
from itertools import cycle
from typing import Any

from twilio.base.exceptions import (
    TwilioException,
    TwilioRestException,
    TwilioServiceException,
)
from twilio.rest import Client

from alarmd.clock import Clock
from alarmd.part_faults import TWILIO_ACCOUNT, TWILIO_AWAY, TWILIO_ODD
from alarmd.phone import codes
from alarmd.phone.pacing import Pacer
from alarmd.phone.provider import Accepted, Outcome, Outgoing, Rejected, Remedy, Unknown
from alarmd.phone.transport import NotSentError, OutcomeUnknownError, ThrottledError, Transport
from escalation.people import Channel
from escalation.wording import segments

# How Twilio asks our webhooks: 2 s to connect, 5 s to answer, three repeats, whatever went wrong. The fragment stays
# with Twilio and takes no part in the signature.
TUNING = "#ct=2000&rt=5000&rc=3&rp=all"
CALL_EVENTS = ("initiated", "ringing", "answered", "completed")
MAX_RING_SECONDS = 600
MAX_VALID_SECONDS = 36_000
# Twilio's clock may be behind ours by so much when a lost send is looked for, and it cuts off fractions of a second.
# Small on purpose: to take an older call for the lost one leaves somebody uncalled, to miss it only rings twice.
CLOCK_SKEW = timedelta(seconds=2)
# A send does not show in Twilio's lists at once: before this, "not there" is no answer.
SETTLES_AFTER = timedelta(seconds=3)
_LISTED = 50
_REMEMBERED = 10_000
_SERVER_ERRORS = 500
_REQUEST_TIMEOUT = 408
CALLS_AT_ONCE = 5  # a step's worth; Twilio queues calls above the account's rate by itself
SEGMENTS_AT_ONCE = 30


class TwilioPhone:
    """One Twilio account, as a `alarmd.phone.provider.PhoneProvider`.

    Args:
        account_sid: ``AC…``.
        auth_token: Its secret.
        numbers: Our own numbers, E.164, used in turn.
        api_base: Where the API is; another address for tests and look-alikes.
        public_url: Where Twilio finds our webhooks, without a slash at the end.
        clock: Whose time paces the sending.
        calls_per_second: Of the whole account, as Twilio counts them; one by default there too.
        messages_per_second: Segments a second for each of our numbers; one is a US long code.
        transport: How requests travel; None = a `Transport` of its own.
    """

    def __init__(
        self,
        *,
        account_sid: str,
        auth_token: str,
        numbers: Sequence[str],
        public_url: str,
        clock: Clock,
        api_base: str = "https://api.twilio.com",
        calls_per_second: float = 1.0,
        messages_per_second: float = 1.0,
        transport: Transport | None = None,
    ) -> None:
        if not numbers:
            raise ValueError("a Twilio account needs at least one number of ours to send from")
        self._sid = account_sid
        self._transport = transport or Transport()
        # Without the empty environment TWILIO_EDGE and TWILIO_REGION of the machine would bend the address.
        self._client = Client(
            account_sid, auth_token, http_client=self._transport, environment={"TWILIO_EDGE": "", "TWILIO_REGION": ""}
        )
        self._client.api.base_url = api_base.rstrip("/")
        self._public_url = public_url.rstrip("/")
        self._clock = clock
        self._callers = cycle(numbers)
        self._senders = cycle(numbers)
        self._calls = Pacer(clock, calls_per_second, CALLS_AT_ONCE)
        self._messages = {number: Pacer(clock, messages_per_second, SEGMENTS_AT_ONCE) for number in numbers}
        self._taken: OrderedDict[str, str] = OrderedDict()  # sid → attempt

    @property
    def name(self) -> str:
        """For the log; never a secret."""
        return f"twilio:{self._sid[:6]}…{self._sid[-4:]}"

    async def send(self, message: Outgoing) -> Outcome:
        """Send one SMS or place one call, when its turn comes; one request, never repeated."""
        if message.channel is Channel.SMS:
            sender = next(self._senders)
            await self._messages[sender].turn(segments(message.body).count)
            return await self._outcome(message, self._text(message, sender))
        await self._calls.turn()
        return await self._outcome(message, self._call(message, next(self._callers)))

    async def find(self, message: Outgoing, *, since: datetime) -> Outcome:
        """Ask whether a send whose answer was lost was taken.

        The lists name neither our attempt nor its callback address, so it is known by number, time and, for an SMS, its
        text. A send already known to belong to another attempt is not taken for this one.
        """
        listed = self._client.messages if message.channel is Channel.SMS else self._client.calls
        try:
            entries = await listed.list_async(to=message.to, limit=_LISTED, page_size=_LISTED)
        except (NotSentError, OutcomeUnknownError, ThrottledError, TwilioException, ValueError) as error:
            return Unknown(reason=f"the provider cannot say: {_said(error)}")
        for entry in entries:
            if self._is_ours(entry, message, since - CLOCK_SKEW):
                self._remember(str(entry.sid), message.attempt)
                return Accepted(sid=str(entry.sid))
        if self._clock.now() - since < SETTLES_AFTER:
            return Unknown(reason="not in the provider's list yet")
        return Rejected(
            code="", reason="not in the provider's list: it was never taken", remedy=Remedy.BACK_OFF, retry_after=0.0
        )

    async def usable(self) -> str | None:
        """None if the account answers and is active, else a sentence."""
        try:
            account = await self._client.api.v2010.accounts(self._sid).fetch_async()
        except NotSentError as error:
            return TWILIO_AWAY.format(error=error)
        except (OutcomeUnknownError, ThrottledError, TwilioException, ValueError) as error:
            return TWILIO_ODD.format(error=_said(error))
        if account.status != "active":
            return TWILIO_ACCOUNT.format(status=account.status)
        return None

    async def hang_up(self, sid: str) -> str | None:
        """End a call that is queued or rings; *canceled*, unlike *completed*, leaves alone whoever has picked up."""
        try:
            await self._client.calls(sid).update_async(status="canceled")
        except (NotSentError, OutcomeUnknownError, ThrottledError, TwilioException) as error:
            return _said(error)
        except (ValueError, TypeError, AttributeError) as error:  # an answer that the SDK stumbles over
            return f"the provider's answer cannot be read: {error}"
        return None

    async def close(self) -> None:
        """Release the connections."""
        await self._transport.close()

    def _text(self, message: Outgoing, sender: str) -> Awaitable[Any]:
        created: Awaitable[Any] = self._client.messages.create_async(
            to=message.to,
            from_=sender,
            body=message.body,
            status_callback=self._callback("status", message.attempt),
            validity_period=min(max(1, message.valid_seconds), MAX_VALID_SECONDS),
        )
        return created

    def _call(self, message: Outgoing, caller: str) -> Awaitable[Any]:
        placed: Awaitable[Any] = self._client.calls.create_async(
            to=message.to,
            from_=caller,
            url=self._callback("voice", message.attempt),
            method="POST",
            status_callback=self._callback("status", message.attempt),
            status_callback_method="POST",
            status_callback_event=list(CALL_EVENTS),
            timeout=min(max(1, message.ring_seconds), MAX_RING_SECONDS),
        )
        return placed

    def _callback(self, kind: str, attempt: str) -> str:
        return f"{self._public_url}/phone/twilio/{kind}/{attempt}{TUNING}"

    async def _outcome(self, message: Outgoing, request: Awaitable[Any]) -> Outcome:
        try:
            created = await request
        except (NotSentError, OutcomeUnknownError, ThrottledError) as error:
            return _unanswered(error)
        except TwilioRestException as error:
            return _refused(error.status, error.code, str(error.msg))
        except TwilioServiceException as error:
            return _refused(error.status, error.code, error.detail or error.title)
        except (TwilioException, ValueError, TypeError, AttributeError) as error:
            # The SDK stumbles over an answer that is no JSON object. It was an answer, so something may have been sent.
            return Unknown(reason=f"the provider's answer cannot be read: {error}")
        sid = created.sid
        if not isinstance(sid, str) or not sid:
            return Unknown(reason="the provider's answer names no message")
        self._remember(sid, message.attempt)
        return Accepted(sid=sid)

    def _is_ours(self, entry: Any, message: Outgoing, earliest: datetime) -> bool:
        if self._taken.get(str(entry.sid), message.attempt) != message.attempt:
            return False
        # A call still queued has no date yet: it is new.
        if isinstance(entry.date_created, datetime) and entry.date_created < earliest:
            return False
        # Twilio writes "outbound-api" for what came through the API; an answer to a webhook is "outbound-reply".
        if not str(entry.direction or "outbound-api").startswith("outbound-api"):
            return False
        return message.channel is Channel.VOICE or entry.body == message.body

    def _remember(self, sid: str, attempt: str) -> None:
        self._taken[sid] = attempt
        if len(self._taken) > _REMEMBERED:
            self._taken.popitem(last=False)


def _unanswered(error: NotSentError | OutcomeUnknownError | ThrottledError) -> Outcome:
    match error:
        case NotSentError():
            # A provider that nobody reaches is down: said once in the log, and left alone for a while (promise 7).
            return Rejected(code="", reason=f"the provider cannot be reached: {error}", remedy=Remedy.NEXT_PROVIDER)
        case ThrottledError():
            return _throttled(error)
        case _:
            return Unknown(reason=str(error))


def _throttled(error: ThrottledError) -> Rejected:
    try:
        answer = json.loads(error.body)
        code, reason = str(answer["code"]), str(answer["message"])
    except (ValueError, TypeError, KeyError):
        code, reason = "", codes.look_up("", error.status).reason
    return Rejected(code=code, reason=reason, remedy=Remedy.BACK_OFF, retry_after=error.retry_after)


def _refused(status: int, code: int | None, said: str) -> Outcome:
    """What a refusal means. A server error tells nothing about what was done before it."""
    if status >= _SERVER_ERRORS or status == _REQUEST_TIMEOUT:
        return Unknown(reason=f"HTTP {status}: {said}")
    # Where Twilio gives no code the SDK puts the HTTP status in its place.
    name = "" if code is None or code == status else str(code)
    meaning = codes.look_up(name, status)
    return Rejected(code=name or str(status), reason=f"{meaning.reason} ({said})", remedy=meaning.remedy)


def _said(error: Exception) -> str:
    """A short sentence without colours: the SDK paints its own when it sees a terminal."""
    match error:
        case TwilioRestException():
            return f"HTTP {error.status}: {error.msg}"
        case TwilioServiceException():
            return f"HTTP {error.status}: {error.title}"
        case _:
            return str(error)
