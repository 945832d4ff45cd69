"""``alarmd decode``: an installer's look at what a message means."""

from __future__ import annotations

import json
from typing import Any

import pytest
import typer
from typer.testing import CliRunner, Result

from alarmd.cli.decode import decode

app = typer.Typer()
app.command()(decode)


def run(*arguments: str, lines: str | bytes = "") -> Result:
    return CliRunner().invoke(app, list(arguments), input=lines)


def printed(result: Result) -> list[dict[str, Any]]:
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_it_prints_a_signal_as_the_contract_says() -> None:
    result = run(
        "zigbee2mqtt/bed_button", '{"action":"emergency","battery":87,"last_seen":"2026-11-21T16:00:00+08:00"}'
    )
    assert result.exit_code == 0
    assert printed(result) == [
        {
            "device": "bed_button",
            "family": "zigbee2mqtt",
            "type": "sos",
            "at": "2026-11-21T08:00:00Z",
            "ref": None,
            "battery": 87,
            "lat": None,
            "lon": None,
            "measurements": {},
            "retained": False,
        }
    ]


def test_it_adds_what_was_said_beyond_that() -> None:
    (press,) = printed(run("zigbee2mqtt/b/action", "2_hold"))
    assert press["gesture"] == "long"
    (garbled,) = printed(run("alarmd/v1/bed-12/signal", "{"))
    assert (garbled["type"], garbled["suspect"]) == ("sos", "unparseable")
    (told,) = printed(run("alarmd/v1/bed-12/signal", '{"text":"浴室","lat":1,"lon":2,"accuracy_m":5}'))
    assert (told["text"], told["accuracy_m"]) == ("浴室", 5)


def test_it_prints_nothing_for_what_means_nothing() -> None:
    result = run("zigbee2mqtt/bed_button", '{"action":""}')
    assert (result.exit_code, result.output) == (0, "")


def test_it_reads_lines_and_names_the_bad_ones() -> None:
    lines = """\
{"topic":"zigbee2mqtt/a","payload":{"action":"sos"}}
not json
{"topic":"zigbee2mqtt/a/action","payload":"single","mqtt":{"qos":1,"retain":true}}
{"payload":"single"}
{"topic":"alarmd/v1/x/signal"}

{"topic":"alarmd/v1/x/signal","payload":7}
{"topic":"alarmd/v1/x/signal","payload":[]}
"""
    result = run("-", lines=lines)
    assert result.exit_code == 1
    assert [(signal["type"], signal["retained"]) for signal in printed(result)] == [
        ("sos", False),
        ("press", True),
        ("sos", False),
        ("sos", False),
    ]
    assert result.stderr.splitlines() == [
        "line 2: this is no line of JSON",
        'line 4: this is no object with a topic and a payload: {"topic":…,"payload":…}',
        "line 5: the payload is missing",
    ]


def test_it_reads_all_good_lines_with_success() -> None:
    result = run("-", lines='{"topic":"zigbee2mqtt/a","payload":{"action":"sos"}}\n')
    assert (result.exit_code, result.stderr) == (0, "")


def test_it_survives_lines_that_are_no_text() -> None:
    result = run("-", lines=b"\xff\xfe\n" + b"[" * 100_000 + b"\n")
    assert result.exit_code == 1
    assert len(result.stderr.splitlines()) == 2


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (
            ("--family", "zigbee", "a", "b"),
            "there is no device family 'zigbee'; there are: alarmd, aliyun_iot, ",
        ),
        (("zigbee2mqtt/a",), "the payload is missing"),
    ],
)
def test_it_says_what_is_wrong_with_the_command(arguments: tuple[str, ...], why: str) -> None:
    result = run(*arguments)
    assert result.exit_code == 2
    assert why in result.stderr


def test_it_reads_a_topic_as_the_named_family() -> None:
    (signal,) = printed(run("--family", "zigbee2mqtt", "heim/bett", '{"sos":true}'))
    assert (signal["device"], signal["type"]) == ("bett", "sos")
