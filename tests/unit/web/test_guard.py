from __future__ import annotations

from http import HTTPStatus
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from alarmd.peers import is_this_machine
from alarmd.web.errors import ApiError
from alarmd.web.guard import REMEMBERED, WRONG_PER_MINUTE, Guard
from alarmd.web.tokens import Keyring, Role, operator_token
from config.settings import load
from tests.support.station import write_settings
from tests.support.stopped_clock import StoppedClock


@pytest.mark.parametrize(
    ("address", "here"),
    [
        ("127.0.0.1", True),
        ("127.9.9.9", True),
        ("::1", True),
        ("::ffff:127.0.0.1", True),
        ("192.0.2.4", False),
        ("::2", False),
        ("fe80::1%lo", False),
        ("testclient", False),
        ("", False),
    ],
)
def test_it_knows_this_machine(address: str, here: bool) -> None:  # noqa: FBT001 - a row of a table
    assert is_this_machine(address) is here


class Gate:
    """A guard, its clock and a right token."""

    def __init__(self, folder: Path) -> None:
        settings = load(write_settings(folder), {})
        self.clock = StoppedClock()
        self.guard = Guard(Keyring.of(settings), self.clock)
        self.right = operator_token(settings)

    def knock(self, token: str | None, address: str = "10.0.0.9", role: Role = Role.OPERATOR) -> HTTPStatus:
        try:
            self.guard.admit(address, token, role)
        except ApiError as error:
            return error.status
        return HTTPStatus.OK


@pytest.fixture
def gate(tmp_path: Path) -> Gate:
    return Gate(tmp_path)


def test_it_lets_a_right_token_in_and_no_other(gate: Gate) -> None:
    assert gate.knock(gate.right) == HTTPStatus.OK
    assert gate.knock(gate.right[:-1]) == HTTPStatus.UNAUTHORIZED
    assert gate.knock(None) == HTTPStatus.UNAUTHORIZED


def test_it_says_which_role_is_missing(gate: Gate) -> None:
    with pytest.raises(ApiError, match="needs the role admin") as caught:
        gate.guard.admit("10.0.0.9", gate.right, Role.ADMIN)
    assert caught.value.status == HTTPStatus.FORBIDDEN


def test_it_holds_up_whoever_guesses_and_says_for_how_long(gate: Gate) -> None:
    with capture_logs() as logs:
        answers = [gate.knock("wrong") for _ in range(WRONG_PER_MINUTE + 5)]
    assert answers.count(HTTPStatus.UNAUTHORIZED) == WRONG_PER_MINUTE
    assert answers.count(HTTPStatus.TOO_MANY_REQUESTS) == 5
    assert [entry["event"] for entry in logs] == ["many wrong tokens"]
    gate.clock.pass_(20)
    with pytest.raises(ApiError) as caught:
        gate.guard.admit("10.0.0.9", "wrong", Role.READ)
    assert caught.value.headers == {"WWW-Authenticate": "Bearer", "Retry-After": "40"}


def test_nobody_can_lock_the_desk_out_by_guessing_from_its_address(gate: Gate) -> None:
    for _ in range(WRONG_PER_MINUTE * 3):
        gate.knock("wrong")
    assert gate.knock(gate.right) == HTTPStatus.OK


def test_other_addresses_and_the_next_minute_are_not_held_up(gate: Gate) -> None:
    for _ in range(WRONG_PER_MINUTE + 1):
        gate.knock("wrong")
    assert gate.knock("wrong", address="10.0.0.10") == HTTPStatus.UNAUTHORIZED
    gate.clock.pass_(61)
    assert gate.knock("wrong") == HTTPStatus.UNAUTHORIZED


def test_a_clock_that_jumps_back_holds_nobody_up_for_hours(gate: Gate) -> None:
    for _ in range(WRONG_PER_MINUTE + 1):
        gate.knock("wrong")
    gate.clock.pass_(-7200)
    assert gate.knock("wrong") == HTTPStatus.UNAUTHORIZED


def test_a_flood_of_addresses_does_not_fill_the_memory(gate: Gate) -> None:
    for n in range(REMEMBERED + 50):
        gate.knock("wrong", address=str(n))
    assert len(gate.guard._wrong) == REMEMBERED
