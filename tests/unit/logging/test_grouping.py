"""What strangers make the log say is shortened, and counted after a few lines of each."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
import structlog

from alarmd import logging as ours
from alarmd.grouping import LINES, LONGEST, PEERS, WINDOW_S, Grouping


class Told:
    def __init__(self) -> None:
        self.now = 0.0
        self.left_out: list[Mapping[str, Any]] = []
        self.grouping = Grouping(lambda: self.now, self.left_out.append)

    def says(self, event: str, **facts: Any) -> dict[str, Any] | None:
        try:
            return dict(self.grouping(None, "warning", {"event": event, **facts}))
        except structlog.DropEvent:
            return None


def test_after_a_few_lines_of_one_peer_the_others_are_counted() -> None:
    told = Told()
    said = [told.says("door.protocol", address="192.0.2.7", why="x") for _ in range(LINES + 812)]
    assert sum(line is not None for line in said) == LINES
    told.now = WINDOW_S
    assert told.says("door.protocol", address="192.0.2.7") is not None
    assert told.left_out == [{"of": "door.protocol", "peer": "192.0.2.7", "count": 812}]


def test_another_peer_is_written_as_ever() -> None:
    told = Told()
    for _ in range(100):
        told.says("door.refused", address="192.0.2.7")
    assert told.says("door.refused", address="192.0.2.8") is not None


def test_who_comes_from_everywhere_is_counted_as_one() -> None:
    told = Told()
    said = [told.says("door.refused", address=f"2001:db8::{n:x}") for n in range(PEERS + 1000)]
    assert sum(line is not None for line in said) == PEERS + LINES


def test_a_long_value_is_cut_and_its_length_said() -> None:
    line = Told().says("door.refused", address="192.0.2.7", client="c" * 60_000)
    assert line is not None
    assert line["client"] == f"{'c' * LONGEST}… (60000 characters)"


def test_what_alarmd_says_of_itself_is_never_left_out() -> None:
    told = Told()
    assert all(told.says("not kept", topic="t") is not None for _ in range(1000))
    assert told.says("SIMULATED, NOT SENT", body="x" * 500) == {"event": "SIMULATED, NOT SENT", "body": "x" * 500}


@pytest.fixture
def as_it_was() -> Iterator[None]:
    root, configured = logging.getLogger(), structlog.get_config()
    handlers, level = root.handlers, root.level
    yield
    root.handlers, root.level = handlers, level
    structlog.configure(**configured)
    logging.captureWarnings(capture=False)


@pytest.mark.usefixtures("as_it_was")
def test_it_is_so_in_the_daemon_s_own_log_for_ours_and_for_libraries() -> None:
    stream = io.StringIO()
    ours.setup("json", "info", stream)
    for _ in range(50):
        structlog.get_logger().warning("door.protocol", client="x" * 9000, address="192.0.2.7")
        logging.getLogger("httptools").warning("Invalid HTTP request received.")
    lines = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert len(lines) == 2 * LINES
    assert max(len(line) for line in stream.getvalue().splitlines()) < 400
