"""`alarmd check` asks its own webhooks from outside in: by the public name, through proxy and certificate, signed.

What a phone provider sends takes the same way, but for its beginning: it comes from the internet, and that cannot be
tried from here. So it is said with each result.
"""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import re
import secrets
import socket
import ssl
import time
from collections.abc import AsyncIterator, MutableMapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, NoReturn
from urllib.parse import urlsplit

import httpx
from twilio.request_validator import RequestValidator

from alarmd.phone import echo
from config.settings import Settings
from config.wording import said

TIMEOUT_S = 10.0  # Twilio waits 15 s, of which 5 for the connection
_LOOPBACK = {"localhost", "127.0.0.1", "::1", "0.0.0.0"}  # noqa: S104 - compared with, not bound to
_ALARMD_SAYS_NO = "the signature does not match"
_TITLE = re.compile(r"<title>\s*([^<]{1,80})", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was found: well or not, or not tried (None), and a sentence."""

    well: bool | None
    text: str


async def attempt(settings: Settings, *, runs: bool, free: bool) -> Verdict:
    """Ask `web.public_url` as the first phone account would.

    Args:
        settings: The operator's.
        runs: A daemon runs on this store, and will answer.
        free: Its port is free, so that this program may answer in its stead.
    """
    base = settings.web.base_url
    url = urlsplit(base)
    shown = _without_secrets(base)
    near = all(urlsplit(phone.api_base).hostname in _LOOPBACK for phone in settings.phone)
    if url.hostname in _LOOPBACK and not near:
        words = said("{url} cannot be reached by a phone provider; answers would never arrive", url=shown)
        return Verdict(well=False, text=words)
    addresses = await _resolved(str(url.hostname), url.port or (443 if url.scheme == "https" else 80))
    if isinstance(addresses, str):
        return Verdict(well=False, text=said("{url}: {fault}", url=shown, fault=addresses))
    if not runs and not free:
        words = said("{url}: not tried: no alarmd runs, and its port is taken", url=shown)
        return Verdict(well=None, text=words)
    async with _answering(settings, runs=runs):
        verdict = await _ask(settings, base, shown, runs=runs)
    if verdict.well and not near and (inner := [one for one in addresses if not ipaddress.ip_address(one).is_global]):
        words = said(
            "{found}. But here the name means {address}, which the internet does not reach: where it means another "
            "address outside, that was not tried",
            found=verdict.text,
            address=inner[0],
        )
        return Verdict(well=None if _is_name(str(url.hostname)) else False, text=words)
    return verdict


async def _resolved(host: str, port: int) -> Sequence[str] | str:
    """Its addresses, or what is wrong."""
    try:
        async with asyncio.timeout(TIMEOUT_S):
            found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except TimeoutError:
        return said(
            "the name {host} is not resolved in {seconds} s: is DNS there?", host=host, seconds=f"{TIMEOUT_S:g}"
        )
    except (OSError, UnicodeError):
        return said("the name {host} does not resolve: is it misspelt, or not in DNS yet?", host=host)
    return [str(address[0]).partition("%")[0] for *_, address in found]


def _is_name(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return True
    return False


# ---------------------------------------------------------------- asking


async def _ask(settings: Settings, base: str, shown: str, *, runs: bool) -> Verdict:
    token, nonce = settings.phone[0].auth_token.get_secret_value(), secrets.token_hex(16)
    target, form = f"{base}{echo.PATH}?turn=1", {echo.FIELD: nonce}
    headers = {"X-Twilio-Signature": RequestValidator(token).compute_signature(target, form)}
    begun = time.monotonic()
    try:
        # A proxy from this machine's environment is not the way a provider takes.
        async with asyncio.timeout(TIMEOUT_S), httpx.AsyncClient(timeout=TIMEOUT_S, trust_env=False) as client:
            answer = await client.post(target, data=form, headers=headers)
    except (httpx.HTTPError, TimeoutError) as error:
        return Verdict(well=False, text=said("{url}: {fault}", url=shown, fault=_unreached(error, settings)))
    if answer.status_code == HTTPStatus.OK and answer.text == echo.answer(token, nonce):
        seconds = f"{time.monotonic() - begun:.2f}"
        words = (
            said(
                "{url}: a signed request came back in {seconds} s; not tried from the internet",
                url=shown,
                seconds=seconds,
            )
            if url_is_safe(base)
            else said(
                "{url}: a signed request came back in {seconds} s; not tried from the internet. Without https it "
                "can be read on the way",
                url=shown,
                seconds=seconds,
            )
        )
        return Verdict(well=True, text=words)
    fault = _refused(answer, settings, runs=runs)
    return Verdict(well=False, text=said("{url}: {fault}", url=shown, fault=fault))


def url_is_safe(url: str) -> bool:
    """Whether nobody on the way reads along: TLS, or this machine only."""
    parts = urlsplit(url)
    return parts.scheme == "https" or parts.hostname in _LOOPBACK


def _unreached(error: BaseException, settings: Settings) -> str:
    """Why no answer came at all."""
    causes: list[BaseException] = [error]
    while (cause := causes[-1].__cause__ or causes[-1].__context__) is not None and cause not in causes:
        causes.append(cause)
    for cause in causes:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return said("its certificate is not accepted: {fault}", fault=cause.verify_message)
        if isinstance(cause, ssl.SSLError):
            fault = str(cause.reason or cause)
            return said("no TLS is spoken there ({fault}): does the proxy serve https on this port?", fault=fault)
    if isinstance(error, httpx.TimeoutException | TimeoutError):
        return said("no answer in {seconds} s: is a firewall between?", seconds=f"{TIMEOUT_S:g}")
    if isinstance(error, httpx.ConnectError):
        return said(
            "nothing listens there; let a proxy listen, and pass it on to {listen} (web.listen)",
            listen=settings.web.listen,
        )
    return said("what listens there broke off ({fault})", fault=type(error).__name__)


def _refused(answer: httpx.Response, settings: Settings, *, runs: bool) -> str:  # noqa: PLR0911 - a table of answers
    """What the answer that is not ours means."""
    status = answer.status_code
    if answer.is_redirect:
        to = _without_secrets(answer.headers.get("location", "?"))
        return said(
            "it sends elsewhere ({status}, {to}), and keys are lost on that way: write that address",
            status=status,
            to=to,
        )
    if status == HTTPStatus.FORBIDDEN and _ALARMD_SAYS_NO in answer.text:
        if runs:
            return said("alarmd does not know the signature: has it older settings? Restart it. Or another one answers")
        return said("an alarmd answers that does not know the signature: is it another one's address?")
    if status in {HTTPStatus.BAD_GATEWAY, HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.GATEWAY_TIMEOUT}:
        return said(
            "the proxy does not reach alarmd (HTTP {status}): let it pass on to {listen} (web.listen)",
            status=status,
            listen=settings.web.listen,
        )
    if status in {HTTPStatus.NOT_FOUND, HTTPStatus.METHOD_NOT_ALLOWED}:
        return said(
            "/phone/twilio/ is not passed on to alarmd, or not under its own path (HTTP {status})", status=status
        )
    if status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.PROXY_AUTHENTICATION_REQUIRED}:
        return said(
            "the proxy lets nobody in without a password or permission (HTTP {status}); a provider has none",
            status=status,
        )
    title = _TITLE.search(answer.text[:4096])
    what = f"HTTP {status}" + (f", {title[1].strip()}" if title else "")
    return said("what answers there is not this alarmd ({what})", what=what)


def _without_secrets(url: str) -> str:
    """An address as it may be shown: without a user, a password or a query."""
    shown = re.sub(r"//[^/@]*@", "//…@", url)
    return re.sub(r"[^\x20-\x7e\u00a0-\uffff]", " ", shown.partition("?")[0])[:200]


# ---------------------------------------------------------------- answering, where no daemon runs


def _leave_out(_logger: object, _method: str, _entry: MutableMapping[str, Any]) -> NoReturn:
    """Drop each line of the trial's own server: it is no finding, at any level of the process's log."""
    import structlog  # noqa: PLC0415 - loaded with the web server, only where no daemon answers

    raise structlog.DropEvent


@contextlib.asynccontextmanager
async def _answering(settings: Settings, *, runs: bool) -> AsyncIterator[None]:
    """A moment's web server in the daemon's place, which answers this one question and nothing else."""
    if runs:
        yield
        return
    # Only where it is needed: loading a web server takes longer than asking one.
    import structlog  # noqa: PLC0415 - as the others
    from fastapi import FastAPI  # noqa: PLC0415 - as the others

    from alarmd.phone import accounts, webhooks  # noqa: PLC0415 - as the others
    from alarmd.web import errors  # noqa: PLC0415 - as the others
    from alarmd.web.server import WebServer  # noqa: PLC0415 - as the others

    app = FastAPI(openapi_url=None)
    errors.install(app)
    app.include_router(
        webhooks.echo_only(public_url=settings.web.base_url, signers=lambda: accounts.signers(settings, None))
    )
    address = settings.web.address
    before = structlog.get_config()
    structlog.configure(processors=[_leave_out])
    server = WebServer(app, address.host, address.port, structlog.get_logger())
    try:
        await server.start()
        yield
    finally:
        await server.stop()
        structlog.configure(**before)
