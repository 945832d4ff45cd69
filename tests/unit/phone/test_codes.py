"""What the provider's error codes ask for, as FIELD.md lists them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alarmd.phone import codes
from alarmd.phone.provider import Remedy


@pytest.mark.parametrize(
    ("listed", "remedy"),
    [
        ("20003 30002", Remedy.NEXT_PROVIDER),
        ("21211 21214 21217", Remedy.DEAD_NUMBER),
        ("21610", Remedy.OTHER_CHANNEL),
        ("30003 30008 30001", Remedy.OTHER_CHANNEL_AND_RETRY),
        ("30004 30005 30006", Remedy.OTHER_CHANNEL),
        ("30007 21617", Remedy.OTHER_CHANNEL_ONCE),
        ("21608 21219 21408 21215", Remedy.NEXT_PROVIDER),
        ("20429 22005", Remedy.BACK_OFF),
    ],
)
def test_it_follows_the_field(listed: str, remedy: Remedy) -> None:
    for code in listed.split():
        assert codes.look_up(code).remedy is remedy, code


CLOSES_BOTH = frozenset({"13223", "21211", "21214", "21217", "21401", "21421"})
CLOSES_CALLS = frozenset({"13225", "21216"})
CLOSES_TEXTS = frozenset({"21610", "21612", "21614", "21635", "30004", "30005", "30006"})
CLOSES = CLOSES_BOTH | CLOSES_CALLS | CLOSES_TEXTS
"""What says of the number itself that nothing arrives there; whatever else Twilio says, it is tried again."""


def test_it_tries_the_other_channel_for_a_code_nobody_knows_and_closes_nothing() -> None:
    assert codes.look_up("99999").remedy is Remedy.OTHER_CHANNEL_AND_RETRY
    assert codes.look_up("").remedy is Remedy.OTHER_CHANNEL_AND_RETRY
    assert codes.look_up("99999", 400).remedy is Remedy.OTHER_CHANNEL_AND_RETRY


@pytest.mark.parametrize("code", [*codes.KNOWN, "", "0", "failed", "canceled", "busy", "no-answer"])
def test_only_a_code_that_closes_a_number_closes_a_channel(code: str) -> None:
    assert codes.look_up(code).remedy.closes == (code in CLOSES)


@given(st.integers(min_value=0, max_value=99_999).map(str), st.none() | st.integers(min_value=100, max_value=599))
def test_no_code_that_nobody_knows_closes_anything(code: str, status: int | None) -> None:
    assert codes.look_up(code, status).remedy.closes == (code in CLOSES)


def test_it_judges_an_unknown_code_by_its_http_status() -> None:
    assert codes.look_up("99999", 429).remedy is Remedy.BACK_OFF
    assert codes.look_up("99999", 500).remedy is Remedy.BACK_OFF
    assert codes.look_up("", 401).remedy is Remedy.NEXT_PROVIDER
    assert codes.look_up("", 302).remedy is Remedy.NEXT_PROVIDER


@given(st.text(max_size=8), st.none() | st.integers(min_value=100, max_value=599))
def test_it_has_a_remedy_and_a_sentence_for_anything(code: str, status: int | None) -> None:
    meaning = codes.look_up(code, status)
    assert meaning.reason
    assert meaning.remedy in Remedy
