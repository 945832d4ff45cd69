"""A broker behind TLS that puts several messages into one record, as some do and mosquitto does not."""

from __future__ import annotations

import asyncio
import ssl
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from alarmd.clock import SystemClock
from alarmd.door.packets import V5
from alarmd.door.wire import Kind
from alarmd.intake.broker import Subscription
from config.sections import Broker
from tests.support.mqtt import Keeper, packet, publish_bytes

SIGNAL = "alarmd/v1/bed_button/signal"


@pytest.fixture
def certificate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A certificate and key for localhost in one file, which this machine trusts for the moment."""
    file = tmp_path / "broker.pem"
    subprocess.run(
        [*("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"),
         *("-keyout", str(file), "-out", str(tmp_path / "cert.pem"), "-subj", "/CN=localhost"),
         *("-addext", "subjectAltName=DNS:localhost")],
        check=True, capture_output=True,
    )  # fmt: skip
    with file.open("a") as whole:
        whole.write((tmp_path / "cert.pem").read_text())
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "cert.pem"))
    return file


@asynccontextmanager
async def gushing(certificate: Path, messages: int) -> AsyncIterator[int]:
    """A broker that sends all its messages in one write; gives its port."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for answer in (packet(Kind.CONNACK, b"\0\0\0"), None):
            length = (await reader.readexactly(2))[1]
            body = await reader.readexactly(length)
            publishes = b"".join(publish_bytes(V5, SIGNAL, b"%d" % i, qos=1, packet_id=i + 1) for i in range(messages))
            codes = packet(Kind.SUBACK, body[:2] + b"\0\1")
            writer.write(answer or codes + publishes)
        await reader.read()
        writer.close()

    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(certificate)
    async with await asyncio.start_server(serve, "127.0.0.1", 0, ssl=tls) as server:
        yield int(server.sockets[0].getsockname()[1])


async def test_nothing_waits_inside_a_record_until_something_else_comes(certificate: Path, keeper: Keeper) -> None:
    async with gushing(certificate, 50) as port:
        subscription = Subscription(
            broker=Broker("localhost", port, tls=True, username=None),
            password=None,
            client_id="alarmd",
            filters=[SIGNAL],
            taker=keeper,
            clock=SystemClock(),
        )
        running = asyncio.create_task(subscription.run())
        await keeper.has(50)
        running.cancel()
        await asyncio.wait([running])
    assert keeper.payloads == [b"%d" % i for i in range(50)]
