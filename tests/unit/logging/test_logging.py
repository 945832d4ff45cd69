from __future__ import annotations

import io
import json
import logging
import warnings
from collections.abc import Iterator
from typing import Any

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st
from twilio.rest import Client

from alarmd.logging import STRUCK, TALKATIVE, setup, struck


@pytest.fixture(autouse=True)
def _as_it_was() -> Iterator[None]:
    """What is set up here must not reach other tests."""
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    levels = {name: logging.getLogger(name).level for name in TALKATIVE}
    yield
    structlog.reset_defaults()
    logging.captureWarnings(capture=False)
    root.handlers = handlers
    root.setLevel(level)
    for name, before in levels.items():
        logging.getLogger(name).setLevel(before)


def _lines(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_it_writes_one_json_object_a_line_in_utf_8() -> None:
    stream = io.StringIO()
    setup("json", "info", stream)
    structlog.get_logger().info("door listens", place="王家", port=1883)
    structlog.get_logger().debug("not said")
    (line,) = _lines(stream)
    assert (line["event"], line["place"], line["port"], line["level"]) == ("door listens", "王家", 1883, "info")
    assert line["timestamp"].endswith("Z")
    assert "王家" in stream.getvalue()


def test_it_writes_for_eyes_without_colours_into_a_file() -> None:
    stream = io.StringIO()
    setup("console", "debug", stream)
    structlog.get_logger().debug("door listens", port=1883)
    assert "door listens" in stream.getvalue()
    assert "port=1883" in stream.getvalue()
    assert "\x1b" not in stream.getvalue()


def test_the_real_twilio_library_does_not_print_numbers_and_words() -> None:
    stream = io.StringIO()
    setup("json", "debug", stream)
    client = Client("AC" + "0" * 32, "secret-auth-token")
    client.http_client.log_request(
        {
            "method": "POST",
            "url": "https://api.twilio.com/2010-04-01/Accounts/AC0/Messages.json",
            "params": {},
            "data": {"To": "+8613800000001", "Body": "王秀英老人按了求助键"},
            "headers": {"Authorization": "Basic c2VjcmV0"},
        }
    )
    logging.getLogger("twilio.http_client").info("To: %s, Body: %s", "+8613800000001", "王秀英")
    logging.getLogger("httpx").info("HTTP Request: GET https://api.twilio.com/?To=%2B8613800000001")
    assert stream.getvalue() == ""


def test_what_a_library_warns_of_comes_through_without_numbers_and_secrets() -> None:
    stream = io.StringIO()
    setup("json", "info", stream)
    try:
        int("+86 138 0000 0001 with token=abcdef123456")
    except ValueError:
        logging.getLogger("httpx").exception("failed for %s", "+8613800000001")
    (line,) = _lines(stream)
    assert line["event"] == f"failed for {STRUCK}"
    assert line["logger"] == "httpx"
    assert "ValueError: invalid literal" in line["exception"]
    told = line["event"] + line["exception"]
    assert "138" not in told
    assert "abcdef" not in told


@pytest.mark.parametrize("format_", ["json", "console"])
def test_a_traceback_does_not_show_the_values_of_variables(format_: str) -> None:
    stream = io.StringIO()
    setup(format_, "info", stream)
    auth_token = f"{format_}-do-not-print-this"
    try:
        int(auth_token[:0])
    except ValueError:
        structlog.get_logger().exception("failed")
    assert "ValueError" in stream.getvalue()
    assert "do-not-print-this" not in stream.getvalue()


def test_warnings_go_the_same_way() -> None:
    stream = io.StringIO()
    setup("json", "info", stream)
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        logging.captureWarnings(capture=True)
        warnings.warn("old", UserWarning, stacklevel=1)
    assert "UserWarning: old" in _lines(stream)[0]["event"]


@pytest.mark.parametrize(
    "said",
    [
        "Authorization: Basic QUMxMjM6c2VjcmV0",
        "authorization=Bearer QUMxMjM6c2VjcmV0",
        "{'auth_token': 'QUMxMjM6c2VjcmV0'}",
        "password = QUMxMjM6c2VjcmV0",
        "sent Bearer QUMxMjM6c2VjcmV0 along",
    ],
)
def test_it_strikes_secrets_out(said: str) -> None:
    assert "QUMx" not in struck(said)
    assert STRUCK in struck(said)


@given(country=st.sampled_from(["+86", "+1", "0086", "%2B86", ""]), number=st.integers(10**8, 10**11 - 1))
def test_it_strikes_every_telephone_number_out(country: str, number: int) -> None:
    assert str(number) not in struck(f"To={country}{number}&From=x, calling {country}{number}.")


@pytest.mark.parametrize(
    "said", ["2026-11-21 19:30:22 up", "listens on 127.0.0.1:8080", "read 12345 bytes", "AC12ab34"]
)
def test_it_leaves_times_addresses_and_counts(said: str) -> None:
    assert struck(said) == said


HOSTILE = "\x1b[2J\x1b]0;owned\x07\x9b31m\u202etxt\u2028\r\nfake=line\x00\x7f\u200b"
OBEYED = {*map(chr, range(0x20)), *map(chr, range(0x7F, 0xA0)), *"\u202e\u2028\u200b"} - {"\n"}


@pytest.mark.parametrize("form", ["json", "console"])
def test_no_terminal_obeys_what_a_stranger_says(form: str) -> None:
    stream = io.StringIO()
    setup(form, "info", stream)
    structlog.get_logger().warning(
        f"door {HOSTILE}",
        client=HOSTILE,
        among=[{"a": HOSTILE, HOSTILE: (HOSTILE,)}],
        raw=HOSTILE.encode(),
        s={HOSTILE},
    )
    logging.getLogger("paho").error("it said %s", HOSTILE)
    assert not OBEYED & set(stream.getvalue())
    assert len(stream.getvalue().splitlines()) == 2
    assert r"\x1b[2J" in stream.getvalue().replace("\\\\", "\\")
    assert r"\u202e" in stream.getvalue().replace("\\\\", "\\")


@pytest.mark.parametrize("form", ["json", "console"])
def test_nor_what_stands_in_an_error(form: str) -> None:
    stream = io.StringIO()
    setup(form, "info", stream)
    try:
        int(HOSTILE)
    except ValueError:
        structlog.get_logger().exception("broken")
        logging.getLogger("asyncio").exception("broken %s", HOSTILE)
    assert not OBEYED & set(stream.getvalue())
    assert "ValueError" in stream.getvalue()


def test_a_terminal_still_gets_its_colours() -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    stream = Terminal()
    setup("console", "info", stream)
    structlog.get_logger().info("door listens", client="\x1b[2J")
    assert "\x1b[0m" in stream.getvalue()
    assert "\x1b[2J" not in stream.getvalue()
