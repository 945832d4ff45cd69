"""A customer of the look-alike, small enough to be read in one glance: it checks signatures and speaks TwiML."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from twilio.request_validator import RequestValidator
from twilio.twiml.voice_response import Gather, VoiceResponse

from alarmd.clock import SystemClock
from simulators.serving import Serving
from simulators.story import Phones
from simulators.town import Town
from simulators.twilio import LookAlike

SPEED = 200.0  # town seconds a second on the wall


@dataclass
class Customer:
    """What the customer's server was told, and what it answers."""

    token: str
    forms: dict[str, list[dict[str, str]]] = field(default_factory=dict)
    tokens: list[str] = field(default_factory=list)
    answers: dict[str, Callable[[dict[str, str]], str]] = field(default_factory=dict)
    url: str = ""

    async def take(self, request: Request) -> Response:
        """Any webhook."""
        form = {name: str(value) for name, value in (await request.form()).items()}
        signature = request.headers["X-Twilio-Signature"]
        if not RequestValidator(self.token).validate(self.url + request.url.path, form, signature):
            return Response("wrong signature", status_code=403)
        self.forms.setdefault(request.url.path, []).append(form)
        self.tokens.append(request.headers["I-Twilio-Idempotency-Token"])
        answer = self.answers.get(request.url.path)
        return Response(answer(form), media_type="text/xml") if answer else Response(status_code=204)

    def said(self, path: str, name: str) -> list[str]:
        """The values of one field over all webhooks to that path."""
        return [form[name] for form in self.forms.get(path, [])]


def menu(words: str) -> str:
    """A document that says something and waits for a key, once more, and then gives up."""
    document = VoiceResponse()
    for _ in range(2):
        gather = Gather(num_digits=1, timeout=8, action="/key", method="POST")
        gather.say(words, language="zh-CN")
        document.append(gather)
    document.say("再见", language="zh-CN")
    return str(document)


def spoken(words: str) -> str:
    """A document that says something and hangs up."""
    document = VoiceResponse()
    document.say(words, language="zh-CN")
    return str(document)


@dataclass
class World:
    """A town with its provider and a customer."""

    town: Town
    provider: LookAlike
    customer: Customer
    phones: Phones


@asynccontextmanager
async def world(*, calls_per_second: float = 100.0) -> AsyncIterator[World]:
    """A town in fast motion, with one provider and one customer."""
    town = Town(SystemClock(SPEED))
    provider = LookAlike(town, calls_per_second=calls_per_second)
    customer = Customer(provider.token)
    serving = Serving(Starlette(routes=[Route("/{path:path}", customer.take, methods=["POST"])]))
    await serving.start()
    customer.url = serving.url
    provider.texts_go_to(f"{serving.url}/sms")
    await provider.start()
    try:
        yield World(town, provider, customer, Phones(town, [provider]))
    finally:
        await town.close()
        await asyncio.gather(provider.stop(), serving.stop())
