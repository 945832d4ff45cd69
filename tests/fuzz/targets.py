"""What is fuzzed: each target takes any bytes, and raises only where there is a defect."""

from __future__ import annotations

import asyncio
import contextlib
import json
import tempfile
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from fastapi import HTTPException, Request

import devices
from alarmd.directory import reading as tables
from alarmd.directory.rotas import Book
from alarmd.directory.rows import PARSERS, Context
from alarmd.directory.unfolding import here
from alarmd.door import topics, wire
from alarmd.door.packets import V5, V311, Connect, Publish, Reader, Subscribe
from alarmd.door.reasons import ProtocolError
from alarmd.phone import webhooks
from alarmd.phone.signing import Signer
from alarmd.privacy import is_ordinary, masked, nickname
from config.settings import load
from devices import FAMILIES, receipts
from escalation import menu, shift_calendar
from tests.support import mqtt

CORPUS: Final = Path(__file__).parent / "corpus"
SAMPLES: Final = Path(__file__).parents[1] / "unit" / "devices" / "families"
LIMIT: Final = 65_536
NOON: Final = datetime(2026, 11, 21, 12, tzinfo=UTC)
_TOPICS: Final = ("alarmd/v1/d1/signal", "zigbee2mqtt/0xa4c138", "a/b/c", "$SYS/x", "é/中", "")


def _read(reader: Reader, stream: bytes, step: int) -> Iterator[object]:
    """What a reader makes of a stream that comes in pieces."""
    with contextlib.suppress(ProtocolError):
        for start in range(0, len(stream), step):
            reader.feed(stream[start : start + step])
            while (packet := reader.next()) is not None:
                yield packet


def packets(data: bytes) -> None:
    """A whole conversation; the first byte says how it is split, and whether a CONNECT comes before it."""
    how, stream = (data[0] if data else 0), data[1:]
    reader = Reader(LIMIT)
    if how & 1:
        version = V5 if how & 2 else V311
        hello = mqtt.connect_bytes(Connect(version=version, client_id="x", clean=True, keep_alive=0))
        assert len(list(_read(reader, hello, len(hello)))) == 1
    for packet in _read(reader, stream, 1 + (how >> 2)):
        if isinstance(packet, Publish) and packet.topic:
            assert topics.is_name(packet.topic)


def subscribe(data: bytes) -> None:
    """The body of one SUBSCRIBE: what it asks for is matched against topics, and against what a user may read."""
    reader = Reader(LIMIT)
    version = V5 if data[:1] == b"5" else V311
    hello = mqtt.connect_bytes(Connect(version=version, client_id="x", clean=True, keep_alive=0))
    assert len(list(_read(reader, hello, len(hello)))) == 1
    body = data[1:]
    for packet in _read(reader, b"\x82" + wire.varint(len(body)) + body, LIMIT):
        if isinstance(packet, Subscribe):
            for request in packet.requests:
                if topics.is_filter(request.pattern):
                    for topic in _TOPICS:
                        topics.matches(request.pattern, topic)


def families(data: bytes) -> None:
    """A topic, a zero, a payload: what each family and all together make of it."""
    head, _, payload = data.partition(b"\0")
    topic = head.decode("utf-8", "replace")
    signals = list(devices.decode(topic, payload))
    for name, family in FAMILIES.items():
        if family.matches(topic):
            signals += devices.decode(topic, payload, family=name)
            if family.gateway is not None:
                family.gateway(topic, payload)
    receipts.receipt(topic, payload, NOON)
    for signal in signals:
        json.dumps(signal.measurements, allow_nan=False)
        masked(signal.text)
        if signal.device is not None:
            assert is_ordinary(nickname(signal.device, 7)) or nickname(signal.device, 7) != signal.device


def _post(body: bytes) -> Request:
    async def receive() -> dict[str, object]:
        return {"type": "http.request", "body": body, "more_body": False}

    headers = [(b"content-type", b"application/x-www-form-urlencoded"), (b"x-twilio-signature", b"x")]
    scope = {"type": "http", "method": "POST", "path": "/phone/twilio/sms", "query_string": b"", "headers": headers}
    return Request(scope, receive)


def webhook(data: bytes) -> None:
    """The body of a webhook; and the words of a text message, read in every way in which they are."""
    with contextlib.suppress(HTTPException):
        asyncio.run(webhooks.Gate("https://alarmd.example", lambda: (Signer("AC1", "secret"),)).signed(_post(data)))
    text = data.decode("utf-8", "replace")[:2_000]
    read = menu.read(text, ["1234", "77", "0815"])
    menu.unjoined(menu.Reply(answer=read.answer, code=read.code))
    for ask in (
        menu.word,
        menu.cries_for_help,
        menu.calls_for_ambulance,
        menu.speaks_of_another,
        menu.speaks_of_oneself,
    ):
        ask(text)
    masked(text, length=None)


@cache
def _context() -> Context:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "alarmd.toml"
        file.write_text(
            '[mqtt]\nlisten = "127.0.0.1:0"\n[service]\ntimezone = "Asia/Shanghai"\ncountry = "CN"\n', encoding="utf-8"
        )
        settings = load(file, {})
        return Context(country="CN", plans=("standard",), today=NOON.date(), duty=Book(settings, here(settings), NOON))


def table(data: bytes) -> None:
    """A file that somebody imports: read, and every row of it parsed."""
    with tempfile.NamedTemporaryFile(suffix=".csv") as file:
        Path(file.name).write_bytes(data)
        try:
            found = tables.tables(Path(file.name))
        except tables.UnreadableFileError:
            return
    for one in found:
        tables.parse_rows(one, lambda cells, kind=one.kind: PARSERS[kind](cells, _context()), "CN")  # type: ignore[misc] # bound for this round


def calendar(data: bytes) -> None:
    """A calendar of shifts, two days of it; the daemon unfolds it in a process that it ends after a while."""
    text = data.decode("utf-8", "replace")
    rota = shift_calendar.unfolded(text, NOON, NOON + timedelta(days=2), ZoneInfo("Asia/Shanghai"))
    assert len(rota.starts) == len(rota.ends)


TARGETS: Final[Mapping[str, Callable[[bytes], None]]] = {
    "packets": packets,
    "subscribe": subscribe,
    "families": families,
    "webhooks": webhook,
    "tables": table,
    "calendars": calendar,
}
MAY_TAKE_LONG: Final = frozenset({"calendars"})
"""What the daemon does in another process, which it ends."""


def corpus(name: str) -> list[bytes]:
    """Where mutation begins: what is stored, and the samples of every family."""
    stored = [path.read_bytes() for path in sorted((CORPUS / name).iterdir())]
    return stored + (_samples() if name == "families" else [])


def _samples() -> list[bytes]:
    found = []
    for path in sorted(SAMPLES.glob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines()[:6]:
            sample = json.loads(line)
            payload = sample["payload"]
            said = payload if isinstance(payload, str) else json.dumps(payload)
            found.append(f"{sample['topic']}\0{said}".encode())
    return found
