"""``alarmd decode``: what a message means, for installers and for whoever writes a family."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator
from datetime import UTC
from typing import IO, Annotated, Any

import msgspec
import typer

import devices
from alarmd.cli.errors import Exit
from config.wording import said
from devices.signal import Signal

_ALWAYS = ("device", "family", "type", "at", "ref", "battery", "lat", "lon", "measurements", "retained")
_EXAMPLE = '{"topic":…,"payload":…}'
_LONGEST = 16_000_000  # bytes; the largest message that is taken, as JSON
_WHEN_SAID = ("gesture", "text", "accuracy_m", "suspect")


class LineError(ValueError):
    """A line of ``alarmd decode -`` that cannot be read; its text says why."""


def decode(
    topic: Annotated[str, typer.Argument(help="The MQTT topic, or - to read lines of {'topic':…,'payload':…}.")],
    payload: Annotated[str | None, typer.Argument(help="The payload, as published.")] = None,
    family: Annotated[str | None, typer.Option(help="Read it as this family, whatever the topic looks like.")] = None,
) -> None:
    """Print the signals a message means, one JSON object a line; nothing where it means nothing."""
    if family is not None and family not in devices.FAMILIES:
        known = ", ".join(devices.FAMILIES)
        _refuse(said("there is no device family {family!r}; there are: {known}", family=family, known=known))
    if payload is not None:
        _print(devices.decode(topic, payload.encode("utf-8", "surrogateescape"), family=family))
    elif topic != "-":
        _refuse(
            said("the payload is missing: alarmd decode TOPIC PAYLOAD, or alarmd decode - with lines on standard input")
        )
    elif not _decode_lines(_lines(sys.stdin.buffer), family):
        raise typer.Exit(Exit.FOUND)


def line(signal: Signal) -> str:
    """One signal as the JSON object of CONTRACT.md, section MQTT."""
    told = msgspec.to_builtins(signal)
    if signal.at is not None:
        told["at"] = signal.at.astimezone(UTC).isoformat().replace("+00:00", "Z")
    shown = {name: told[name] for name in _ALWAYS} | {
        name: told[name] for name in _WHEN_SAID if told[name] not in (None, "")
    }
    return json.dumps(shown, ensure_ascii=False, allow_nan=False)


def _print(signals: Iterable[Signal]) -> None:
    for signal in signals:
        typer.echo(line(signal))


def _refuse(why: str) -> None:
    typer.echo(why, err=True)
    raise typer.Exit(Exit.USAGE)


def _lines(stream: IO[bytes]) -> Iterator[bytes]:
    """Each line; of one that is longer than any message only the beginning, which is no JSON."""
    while line := stream.readline(_LONGEST):
        yield line
        while line and not line.endswith(b"\n"):
            line = stream.readline(_LONGEST)


def _decode_lines(lines: Iterable[bytes], family: str | None) -> bool:
    """Decode each line; a bad one is named and the others go on."""
    good = True
    for number, raw in enumerate(lines, start=1):
        if not raw.strip():
            continue
        try:
            message = _message(raw)
        except LineError as error:
            typer.echo(said("line {number}: {why}", number=number, why=error), err=True)
            good = False
            continue
        _print(devices.decode(message[0], message[1], retained=message[2], family=family))
    return good


def _message(raw: bytes) -> tuple[str, bytes, bool]:
    """Topic, payload and retain flag of one line; a payload that is text is the payload itself, else its JSON.

    Raises:
        LineError: The line is no such object; the text says what is wrong with it.
    """
    try:
        told: Any = json.loads(raw.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise LineError(said("this is no line of JSON")) from error
    if not isinstance(told, dict) or not isinstance(told.get("topic"), str):
        raise LineError(said("this is no object with a topic and a payload: {example}", example=_EXAMPLE))
    if "payload" not in told:
        raise LineError(said("the payload is missing"))
    payload = told["payload"]
    mqtt = told.get("mqtt")
    retained = told.get("retained") is True or (isinstance(mqtt, dict) and mqtt.get("retain") is True)
    text = payload if isinstance(payload, str) else json.dumps(payload, ensure_ascii=False)
    return told["topic"], text.encode("utf-8", "surrogatepass"), retained
