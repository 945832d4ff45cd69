"""The provider's HTTP API."""

from __future__ import annotations

import base64
import binascii
import secrets
from collections.abc import Callable
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from simulators.town import Reception
from simulators.twilio import listing, rules
from simulators.twilio.exchange import Exchange
from simulators.twilio.faults import Faults, Rule, Trouble
from simulators.twilio.records import Record, rfc2822

CREATED, UNAUTHORIZED, NOT_FOUND = 201, 401, 404
ROOT = "/2010-04-01/Accounts/{sid}"


class BrokenAnswer(Response):
    """An answer whose connection breaks in the middle."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - ASGI's signature
        """Send the head and half a body; the server then closes the connection."""
        head = [(b"content-type", b"application/json"), (b"content-length", b"900")]
        await send({"type": "http.response.start", "status": CREATED, "headers": head})
        await send({"type": "http.response.body", "body": b'{"sid": "', "more_body": True})


class NoAnswer(Response):
    """An answer that never comes."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - ASGI's signature
        """Wait until the client gives up."""
        while (await receive())["type"] != "http.disconnect":
            pass


def refusal(status: int, code: int, message: str, retry_after: int | None = None) -> JSONResponse:
    """An error in the API's shape."""
    return JSONResponse(
        {
            "code": code,
            "message": message,
            "more_info": f"https://www.twilio.com/docs/errors/{code}",
            "status": status,
        },
        status_code=status,
        headers={"Retry-After": str(retry_after)} if retry_after is not None else None,
    )


class Api:
    """The routes of one account.

    Args:
        exchange: What happens behind them.
        owned: The account's numbers.
        faults: The troubles planned.
    """

    def __init__(self, *, exchange: Exchange, owned: frozenset[str], faults: Faults) -> None:
        self._exchange = exchange
        self._owned = owned
        self._faults = faults
        self.requests: list[tuple[str, str]] = []  # method and path of all that came
        self.app = Starlette(
            routes=[
                Route(f"{ROOT}/Messages.json", self.send_message, methods=["POST"]),
                Route(f"{ROOT}/Messages.json", self.list_messages),
                Route(f"{ROOT}/Messages/{{name}}.json", self.show_message),
                Route(f"{ROOT}/Calls.json", self.place_call, methods=["POST"]),
                Route(f"{ROOT}/Calls.json", self.list_calls),
                Route(f"{ROOT}/Calls/{{name}}.json", self.change_call, methods=["POST"]),
                Route(f"{ROOT}/Calls/{{name}}.json", self.show_call),
                Route(f"{ROOT}.json", self.account),
            ]
        )

    # ------------------------------------------------------------ who asks, and what stands in the way

    def _unwelcome(self, request: Request) -> JSONResponse | None:
        """Refuse a stranger, and whatever the planned faults hit that only asks."""
        self.requests.append((request.method, request.url.path))
        try:
            scheme, _, value = request.headers.get("authorization", "").partition(" ")
            user, _, password = base64.b64decode(value, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            scheme, user, password = "", "", ""
        token = self._exchange.webhooks.token
        if scheme.lower() != "basic" or user != self._exchange.account or not secrets.compare_digest(password, token):
            self._exchange.violations.append(f"20003: {request.method} {request.url.path} with wrong credentials")
            return refusal(UNAUTHORIZED, 20003, "Authenticate")
        if request.path_params["sid"] != self._exchange.account:
            return refusal(NOT_FOUND, 20404, f"The requested resource {request.url.path} was not found")
        return None

    def _trouble(self, resource: str) -> JSONResponse | None:
        rule = self._faults.take(resource)
        return _refused(rule) if rule else None

    # ------------------------------------------------------------ sending

    async def send_message(self, request: Request) -> Response:
        """POST Messages: send an SMS."""
        return await self._send(
            request, "Messages", rules.message_faults, _message_refusal, self._exchange.take_message, Record.as_message
        )

    async def place_call(self, request: Request) -> Response:
        """POST Calls: place a call."""
        return await self._send(
            request, "Calls", rules.call_faults, _call_refusal, self._exchange.take_call, Record.as_call
        )

    async def _send(
        self,
        request: Request,
        resource: str,
        faults_of: Callable[[rules.Form, frozenset[str]], list[rules.Fault]],
        refused_by: Callable[[Reception], int],
        take: Callable[[rules.Form], Record],
        show: Callable[[Record], dict[str, Any]],
    ) -> Response:
        if unwelcome := self._unwelcome(request):
            return unwelcome
        form = rules.Form([(name, str(value)) for name, value in (await request.form()).multi_items()])
        rule = self._faults.take(resource, form.get("To", ""))
        if rule and rule.trouble in {Trouble.REFUSED, Trouble.DROPPED}:
            return _refused(rule) if rule.trouble is Trouble.REFUSED else BrokenAnswer()
        faults = faults_of(form, self._owned)
        self._exchange.violations.extend(f"{fault.code}: {resource}: {fault.message}" for fault in faults)
        if refused := next((fault for fault in faults if fault.status), None):
            return refusal(refused.status, refused.code, refused.message)
        if code := refused_by(self._exchange.town.handset(form["To"]).reception):
            return refusal(400, code, f"{resource} to {form['To']} refused ({code})")
        return _answer(rule, show(take(form)))

    async def change_call(self, request: Request) -> Response:
        """POST Calls/{sid}: cancel or complete a call."""
        if unwelcome := self._unwelcome(request) or self._trouble("*"):
            return unwelcome
        record = self._exchange.calls.get(request.path_params["name"])
        if record is None:
            return refusal(NOT_FOUND, 20404, f"The requested resource {request.url.path} was not found")
        status = str((await request.form()).get("Status", ""))
        if status not in {"canceled", "completed"}:
            self._exchange.violations.append(f"21218: Calls: Status must be canceled or completed: {status!r}")
            return refusal(400, 21218, "Invalid Status")
        if not self._exchange.end_call(record, status):
            return refusal(400, 21220, "Call is not in-progress. Cannot redirect.")
        return JSONResponse(record.as_call())

    # ------------------------------------------------------------ asking

    async def list_messages(self, request: Request) -> Response:
        """GET Messages: newest first."""
        return self._list(request, self._exchange.messages, "messages", "DateSent", Record.as_message)

    async def list_calls(self, request: Request) -> Response:
        """GET Calls: newest first."""
        return self._list(request, self._exchange.calls, "calls", "StartTime", Record.as_call)

    def _list(
        self,
        request: Request,
        records: dict[str, Record],
        key: str,
        time_field: str,
        show: Callable[[Record], dict[str, Any]],
    ) -> Response:
        if unwelcome := self._unwelcome(request) or self._trouble("*"):
            return unwelcome
        try:
            found = listing.page(
                records.values(),
                request.query_params,
                key=key,
                time_field=time_field,
                path=request.url.path,
                show=show,
            )
        except ValueError as error:
            self._exchange.violations.append(f"20001: GET {request.url.path}: {error}")
            return refusal(400, 20001, str(error))
        return JSONResponse(found)

    async def show_message(self, request: Request) -> Response:
        """GET one message."""
        return self._show(request, self._exchange.messages, Record.as_message)

    async def show_call(self, request: Request) -> Response:
        """GET one call."""
        return self._show(request, self._exchange.calls, Record.as_call)

    def _show(self, request: Request, records: dict[str, Record], show: Callable[[Record], dict[str, Any]]) -> Response:
        if unwelcome := self._unwelcome(request) or self._trouble("*"):
            return unwelcome
        record = records.get(request.path_params["name"])
        if record is None:
            return refusal(NOT_FOUND, 20404, f"The requested resource {request.url.path} was not found")
        return JSONResponse(show(record))

    async def account(self, request: Request) -> Response:
        """GET the account."""
        if unwelcome := self._unwelcome(request) or self._trouble("*"):
            return unwelcome
        sid, now = self._exchange.account, rfc2822(self._exchange.town.clock.now())
        return JSONResponse(
            {
                "sid": sid,
                "owner_account_sid": sid,
                "friendly_name": "look-alike",
                "status": "active",
                "type": "Full",
                "auth_token": "********",
                "date_created": now,
                "date_updated": now,
                "subresource_uris": {},
                "uri": f"/2010-04-01/Accounts/{sid}.json",
            }
        )


def _answer(rule: Rule | None, shown: dict[str, Any]) -> Response:
    """The answer to a request that was taken, as far as the planned trouble lets it through."""
    if rule is None:
        return JSONResponse(shown, status_code=CREATED)
    return BrokenAnswer() if rule.trouble is Trouble.LOST else NoAnswer()


def _refused(rule: Rule) -> JSONResponse:
    return refusal(rule.status, rule.code, f"planned trouble {rule.code}", rule.retry_after)


def _message_refusal(reception: Reception) -> int:
    return 21610 if reception.stopped else reception.refuse_text


def _call_refusal(reception: Reception) -> int:
    return reception.refuse_call
