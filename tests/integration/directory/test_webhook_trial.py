"""`alarmd check` asks its webhooks by the public address, as a phone provider does, and says what is wrong."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
import structlog
from fastapi import FastAPI
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from alarmd.cli import webhook_trial
from alarmd.cli.webhook_trial import Verdict
from alarmd.phone import echo, webhooks
from alarmd.phone.signing import Signer
from config.settings import Settings, load
from simulators.serving import Serving, free_port
from tests.support.site import SETTINGS

TOKEN = "the-token-of-the-account"
PHONE = """
[[phone]]
account_sid = "AC1"
auth_token = "{token}"
numbers = ["+15005550006"]
api_base = "{api}"
"""


def settings(
    folder: Path, public_url: str, *, web: int = 0, api: str = "http://127.0.0.1:9", token: str = TOKEN
) -> Settings:
    file = folder / "alarmd.toml"
    listen = f'[web]\nlisten = "127.0.0.1:{web or free_port()}"\npublic_url = "{public_url}"\n'
    file.write_text(SETTINGS + listen + PHONE.format(token=token, api=api), encoding="utf-8")
    return load(file, {})


@asynccontextmanager
async def daemon(public_url: str, token: str = TOKEN) -> AsyncIterator[Serving]:
    """A running alarmd's webhooks, as far as they are asked here."""
    app = FastAPI()
    app.include_router(
        webhooks.echo_only(public_url=public_url, signers=lambda: [Signer("AC0", ""), Signer("AC1", token)])
    )
    serving = Serving(app)
    await serving.start()
    try:
        yield serving
    finally:
        await serving.stop()


@asynccontextmanager
async def proxy(target: str, *, strip: str = "", port: int = 0) -> AsyncIterator[Serving]:
    """Passes everything on, under another host's name, as a reverse proxy does."""

    async def passed_on(request: Request) -> Response:
        path = request.url.path.removeprefix(strip) + (f"?{request.url.query}" if request.url.query else "")
        headers = {name: value for name, value in request.headers.items() if name not in {"host", "content-length"}}
        async with httpx.AsyncClient() as client:
            answer = await client.request(request.method, target + path, content=await request.body(), headers=headers)
        return Response(answer.content, answer.status_code)

    async with answering(passed_on, port=port) as serving:
        yield serving


@asynccontextmanager
async def answering(handle: object, *, port: int = 0) -> AsyncIterator[Serving]:
    serving = Serving(Starlette(routes=[Route("/{path:path}", handle, methods=["POST"])]), port=port)  # type: ignore[arg-type]  # whatever the story says
    await serving.start()
    try:
        yield serving
    finally:
        await serving.stop()


async def tried(folder: Path, public_url: str, **more: object) -> Verdict:
    return await webhook_trial.attempt(settings(folder, public_url, **more), runs=True, free=False)  # type: ignore[arg-type]  # whatever the story says


async def test_a_signed_request_comes_back_through_a_proxy_with_another_host_and_path(tmp_path: Path) -> None:
    port = free_port()
    public = f"http://127.0.0.1:{port}/alarm"
    async with daemon(public) as behind, proxy(behind.url, strip="/alarm", port=port):
        verdict = await tried(tmp_path, public)
    assert verdict.well is True, verdict.text
    assert "a signed request came back in" in verdict.text
    assert "not tried from the internet" in verdict.text


async def test_where_no_daemon_runs_it_answers_itself_for_a_moment(tmp_path: Path) -> None:
    port, web = free_port(), free_port()
    public = f"http://127.0.0.1:{port}"
    async with proxy(f"http://127.0.0.1:{web}", port=port):
        verdict = await webhook_trial.attempt(settings(tmp_path, public, web=web), runs=False, free=True)
        assert verdict.well is True, verdict.text
        taken = await webhook_trial.attempt(settings(tmp_path, public, web=web), runs=False, free=False)
        assert taken.well is None
        assert "not tried" in taken.text


@pytest.mark.usefixtures("_logging_as_the_daemon_does")
async def test_it_answers_itself_whatever_the_log_of_the_process_is_set_to(tmp_path: Path) -> None:
    port, web = free_port(), free_port()
    async with proxy(f"http://127.0.0.1:{web}", port=port):
        verdict = await webhook_trial.attempt(
            settings(tmp_path, f"http://127.0.0.1:{port}", web=web), runs=False, free=True
        )
    assert verdict.well is True, verdict.text


@pytest.fixture
def _logging_as_the_daemon_does() -> Iterator[None]:
    before = structlog.get_config()
    structlog.configure(
        processors=[structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
    )
    yield
    structlog.configure(**before)


async def test_a_name_that_does_not_resolve_is_a_fault(tmp_path: Path) -> None:
    verdict = await tried(tmp_path, "https://alarm.invalid")
    assert verdict == Verdict(
        well=False,
        text="https://alarm.invalid: the name alarm.invalid does not resolve: is it misspelt, or not in DNS yet?",
    )


async def test_this_machines_own_address_is_reached_by_no_provider_in_the_internet(tmp_path: Path) -> None:
    verdict = await tried(tmp_path, "http://127.0.0.1:8080", api="https://api.twilio.com")
    assert (verdict.well, "cannot be reached by a phone provider" in verdict.text) == (False, True)


async def test_a_name_that_means_this_machine_here_is_not_called_well(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An entry of /etc/hosts, or a name server of the house's own."""
    port = free_port()
    public = f"http://alarm.test:{port}"

    async def here(_host: str, _port: int) -> list[str]:
        return ["127.0.0.1"]

    monkeypatch.setattr(webhook_trial, "_resolved", here)
    monkeypatch.setattr(webhook_trial, "_ask", well)
    verdict = await tried(tmp_path, public, api="https://api.twilio.com")
    assert verdict.well is None
    assert "here the name means 127.0.0.1, which the internet does not reach" in verdict.text


async def well(*_: object, **__: object) -> Verdict:
    return Verdict(well=True, text="came back")


async def moved(_: Request) -> Response:
    return RedirectResponse("https://alarm.example.org/phone/twilio/echo?secret=1", 301)


async def bad_gateway(_: Request) -> Response:
    return HTMLResponse("<title>502 Bad Gateway</title>", 502)


async def not_found(_: Request) -> Response:
    return HTMLResponse("<title>404 Not Found</title>", 404)


async def password(_: Request) -> Response:
    return Response("", 401)


async def another(_: Request) -> Response:
    return HTMLResponse("<html><title>Welcome to nginx!</title>")


async def slow(_: Request) -> Response:
    await asyncio.Event().wait()
    return Response("")


WRONG = {
    "it sends elsewhere (301, https://alarm.example.org/phone/twilio/echo)": moved,
    "the proxy does not reach alarmd (HTTP 502): let it pass on to 127.0.0.1:": bad_gateway,
    "/phone/twilio/ is not passed on to alarmd": not_found,
    "the proxy lets nobody in without a password": password,
    "what answers there is not this alarmd (HTTP 200, Welcome to nginx!)": another,
}


@pytest.mark.parametrize("said", sorted(WRONG))
async def test_it_says_what_is_wrong_on_the_way(tmp_path: Path, said: str) -> None:
    async with answering(WRONG[said]) as serving:
        verdict = await tried(tmp_path, serving.url)
    assert verdict.well is False
    assert said in verdict.text
    assert TOKEN not in verdict.text
    assert "secret" not in verdict.text


async def test_it_says_that_nothing_listens_or_that_nothing_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    refused = await tried(tmp_path, f"http://127.0.0.1:{free_port()}")
    assert "nothing listens there; let a proxy listen" in refused.text
    monkeypatch.setattr(webhook_trial, "TIMEOUT_S", 0.3)
    taken: list[asyncio.StreamWriter] = []
    listener = await asyncio.start_server(lambda _, writer: taken.append(writer), "127.0.0.1", 0)
    silent = await tried(tmp_path, f"http://127.0.0.1:{listener.sockets[0].getsockname()[1]}")
    for writer in taken:
        writer.close()
        await writer.wait_closed()
    listener.close()
    assert "no answer in 0.3 s" in silent.text
    assert refused.well is silent.well is False


async def test_it_says_that_no_tls_is_spoken_there(tmp_path: Path) -> None:
    async with answering(another) as serving:
        verdict = await tried(tmp_path, serving.url.replace("http://", "https://"))
    assert "no TLS is spoken there" in verdict.text


def test_it_says_why_a_certificate_is_not_accepted(tmp_path: Path) -> None:
    error = ssl.SSLCertVerificationError(1, "certificate verify failed")
    error.verify_message = "certificate has expired"
    failed = httpx.ConnectError("failed")
    failed.__cause__ = error
    said = webhook_trial._unreached(failed, settings(tmp_path, "https://alarm.example.org"))
    assert said == "its certificate is not accepted: certificate has expired"


async def test_it_knows_a_daemon_with_older_settings(tmp_path: Path) -> None:
    port = free_port()
    public = f"http://127.0.0.1:{port}"
    async with daemon(public, "the-token-of-last-year") as behind, proxy(behind.url, port=port):
        verdict = await tried(tmp_path, public)
    assert verdict.well is False
    assert "alarmd does not know the signature" in verdict.text


async def test_who_repeats_the_question_learns_nothing_of_the_token() -> None:
    assert echo.answer(TOKEN, "1") != echo.answer(TOKEN, "2") != echo.answer("another", "2")
    assert TOKEN not in echo.answer(TOKEN, "1")
