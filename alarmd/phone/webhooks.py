"""Twilio's webhooks: every request is signed, every answer is TwiML or nothing, and no key is ever swallowed.

A repeated request gets the answer the first one got, without a second effect. A request whose handling failed gets a
500, so that Twilio asks again (see `alarmd.phone.twilio.TUNING`), and the repeat is then handled.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections import Counter, OrderedDict
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import NamedTuple
from urllib.parse import parse_qsl

import structlog
from fastapi import APIRouter, HTTPException, Request, Response
from starlette.datastructures import FormData
from twilio.request_validator import RequestValidator

from alarmd.phone import echo, status, twiml
from alarmd.phone.callbacks import Callbacks, SendStatus, StatusUpdate
from alarmd.phone.refusals import Refusals
from alarmd.phone.signing import Signer

MAX_BODY = 32 * 1024  # bytes; the longest text there is, 1,600 Chinese characters, takes half of it
AT_ONCE = 4 * 1024  # bytes; what is longer than nearly all of Twilio's own is read beside the loop, one at a time
MOST_LONG, MOST_LONG_OF_ONE = (
    64,
    8,
)  # long forms that wait to be read, of all and of one address; more are asked to come again
_MAX_FIELDS = 200
_REMEMBERED = 5_000
_FORM = "application/x-www-form-urlencoded"
_log = structlog.get_logger("alarmd.phone.webhooks")


class Signed:
    """A request that was proved to come from Twilio."""

    def __init__(self, form: FormData, digest: str, token: str) -> None:
        self.form = form
        self.digest = digest
        self.token = token

    def text(self, name: str) -> str:
        """A field of the form; empty where it is absent."""
        value = self.form.get(name)
        return value if isinstance(value, str) else ""


class Answers:
    """What was answered to which request, for its repeats; forgets the oldest."""

    def __init__(self) -> None:
        self._given: OrderedDict[str, str] = OrderedDict()

    async def once(self, digest: str, make: Callable[[], Awaitable[str]]) -> str:
        """The answer given before to the same request, else a new one."""
        if digest in self._given:
            return self._given[digest]
        answer = await make()
        self._given[digest] = answer
        if len(self._given) > _REMEMBERED:
            self._given.popitem(last=False)
        return answer


def router(callbacks: Callbacks, *, public_url: str, signers: Callable[[], Sequence[Signer]]) -> APIRouter:
    """The routes ``/phone/twilio/voice|gather|status/<attempt>`` and ``/phone/twilio/sms``.

    Args:
        callbacks: The daemon's side.
        public_url: What Twilio was told to ask; signatures are checked against it, never against the Host header.
        signers: The accounts that may have signed, each with a token; two of one account while one is being replaced.
    """
    webhooks = _Webhooks(callbacks, public_url.rstrip("/"), signers)
    routes = APIRouter(prefix="/phone/twilio", include_in_schema=False)
    routes.add_api_route("/voice/{attempt}", webhooks.answered, methods=["POST"])
    routes.add_api_route("/gather/{attempt}", webhooks.pressed, methods=["POST"])
    routes.add_api_route("/status/{attempt}", webhooks.reported, methods=["POST"])
    routes.add_api_route("/sms", webhooks.texted, methods=["POST"])
    routes.add_api_route(echo.PATH.removeprefix(routes.prefix), webhooks.echoed, methods=["POST"])
    return routes


def echo_only(*, public_url: str, signers: Callable[[], Sequence[Signer]]) -> APIRouter:
    """The one route that `alarmd check` asks for, where no daemon runs that would answer."""
    gate = Gate(public_url.rstrip("/"), signers)

    async def echoed(request: Request) -> Response:
        return _echo(await gate.signed(request))

    routes = APIRouter(include_in_schema=False)
    routes.add_api_route(echo.PATH, echoed, methods=["POST"])
    return routes


class _Webhooks:
    """The handlers. See `router`."""

    def __init__(self, callbacks: Callbacks, base: str, signers: Callable[[], Sequence[Signer]]) -> None:
        self._callbacks = callbacks
        self._base = base
        self._gate = Gate(base, signers)
        self._answers = Answers()

    async def answered(self, attempt: str, request: Request) -> Response:
        """The call was taken: what is said."""
        post = await self._gate.signed(request)

        async def make() -> str:
            scene = await self._callbacks.answered(attempt, post.text("CallSid"), post.text("AnsweredBy"))
            return twiml.call(scene, self._next_menu(attempt, request))

        return _xml(await self._answers.once(post.digest, make))

    async def pressed(self, attempt: str, request: Request) -> Response:
        """A key was pressed: what is said to that."""
        post = await self._gate.signed(request)

        async def make() -> str:
            scene = await self._callbacks.key(attempt, post.text("CallSid"), post.text("Digits"), post.digest)
            return twiml.call(scene, self._next_menu(attempt, request))

        return _xml(await self._answers.once(post.digest, make))

    async def reported(self, attempt: str, request: Request) -> Response:
        """A message or call changed its state."""
        post = await self._gate.signed(request)

        async def make() -> str:
            update = _update(attempt, post)
            if update is not None:
                await self._callbacks.status(update)
            return ""

        await self._answers.once(post.digest, make)
        return Response(status_code=204)

    async def texted(self, request: Request) -> Response:
        """A text message came in: what is answered."""
        post = await self._gate.signed(request)

        async def make() -> str:
            sid = post.text("MessageSid") or post.text("SmsSid") or post.digest
            answer = await self._callbacks.text(post.text("From"), post.text("Body"), sid)
            # Twilio itself has answered STOP, START or HELP; but HELP may be a resident's cry, and STOP is on record.
            return twiml.message("" if post.text("OptOutType") else answer)

        return _xml(await self._answers.once(post.digest, make))

    async def echoed(self, request: Request) -> Response:
        """`alarmd check` asks whether what a provider sends arrives here."""
        return _echo(await self._gate.signed(request))

    def _next_menu(self, attempt: str, request: Request) -> str:
        # Each menu has a number of its own: the same key pressed in two menus is then no repeat.
        turn = request.query_params.get("turn", "0")
        following = int(turn) + 1 if turn.isdecimal() else 1
        return f"{self._base}/phone/twilio/gather/{attempt}?turn={following}"


def _echo(post: Signed) -> Response:
    return Response(echo.answer(post.token, post.text(echo.FIELD)), media_type="text/plain")


def _xml(text: str) -> Response:
    return Response(text, media_type="text/xml")


class _Proved(NamedTuple):
    """A form, and the accounts whose token signed it."""

    pairs: list[tuple[str, str]]
    form: FormData
    by: list[Signer]


class Gate:
    """Lets through what an account signed.

    Anybody may send a form, and to read 32 kB of it takes some hundredths of a second. So what bears no signature is
    not read, and what is long waits for its turn in a thread: presses and the short forms of calls pass it.
    """

    def __init__(self, base: str, signers: Callable[[], Sequence[Signer]]) -> None:
        self._base = base
        self._signers = signers
        self._refusals = Refusals()
        self._reading = asyncio.Lock()
        self._waiting = Counter[str]()  # long forms, by address

    async def signed(self, request: Request) -> Signed:
        """The form of a request, once its size, type and signature are right, and it speaks for who signed it.

        Raises:
            HTTPException: 413 too large, 415 no form, 403 signed by nobody we know, or for another's account.
        """
        signature = request.headers.get("x-twilio-signature", "")
        if not signature:
            raise self._refused(request, 0)
        body = await _body(request)
        if request.headers.get("content-type", "").partition(";")[0].strip().lower() != _FORM:
            raise HTTPException(415, "a form is expected")
        path = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        prove = partial(_proved, body, self._base + path, signature, self._signers())
        if len(body) <= AT_ONCE:
            found = prove()
        else:
            found = await self._in_turn(request, prove)
        if not found.by:
            raise self._refused(request, len(body))
        named = found.form.get("AccountSid")  # `alarmd check` names none: it asks with the token alone
        token = next((one.token for one in found.by if named is None or one.account == named), None)
        if token is None:
            raise self._refused(request, len(body), account=str(named)[:40])
        # Over what is signed, not over a header that anybody could change: a replayed request is the same request.
        signed = "\n".join([path, *(f"{k}={v}" for k, v in sorted(found.pairs))])
        return Signed(found.form, hashlib.sha256(signed.encode()).hexdigest(), token)

    async def _in_turn(self, request: Request, prove: Callable[[], _Proved]) -> _Proved:
        """Read a long form beside the loop, one at a time; of who has hung up meanwhile nothing is read."""
        client = request.client.host if request.client else ""
        if self._waiting[client] >= MOST_LONG_OF_ONE or self._waiting.total() >= MOST_LONG:
            self._refusals.note(client, request.url.path, 0)
            raise HTTPException(503, "busy; ask again", headers={"Retry-After": "1"})
        self._waiting[client] += 1
        try:
            async with self._reading:
                if await request.is_disconnected():
                    raise HTTPException(400, "nobody waits for the answer")
                return await asyncio.to_thread(prove)
        finally:
            self._waiting[client] -= 1
            if not self._waiting[client]:
                del self._waiting[client]

    def _refused(self, request: Request, size: int, account: str = "") -> HTTPException:
        client = request.client.host if request.client else ""
        if account:
            self._refusals.note(client, request.url.path, size, account=account)
            return HTTPException(403, "it speaks for another account")
        self._refusals.note(client, request.url.path, size)
        return HTTPException(403, "the signature does not match")


def _proved(body: bytes, url: str, signature: str, signers: Sequence[Signer]) -> _Proved:
    try:
        pairs = parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=_MAX_FIELDS, strict_parsing=bool(body))
    except ValueError:
        raise HTTPException(400, "the form cannot be read") from None
    form = FormData([(name, value) for name, value in pairs])
    by = [one for one in signers if one.token and RequestValidator(one.token).validate(url, form, signature)]
    return _Proved(pairs, form, by)


async def _body(request: Request) -> bytes:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BODY:
            raise HTTPException(413, "too large")
    return bytes(body)


def _update(attempt: str, post: Signed) -> StatusUpdate | None:
    message = post.text("MessageStatus") or post.text("SmsStatus")
    raw = message or post.text("CallStatus")
    state: SendStatus | None = status.of_message(raw) if message else status.of_call(raw)
    if state is None:
        _log.warning("webhook.unknown_status", attempt=attempt, status=raw)
        return None
    return StatusUpdate(
        attempt=attempt,
        sid=post.text("MessageSid") or post.text("SmsSid") or post.text("CallSid"),
        status=state,
        raw=raw,
        code=post.text("ErrorCode"),
        answered_by=post.text("AnsweredBy"),
    )
