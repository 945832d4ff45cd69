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
        ("30004 30005 30006 30007", Remedy.OTHER_CHANNEL),
        ("21608 21219 21408 21215", Remedy.NEXT_PROVIDER),
        ("20429 22005", Remedy.BACK_OFF),
    ],
)
def test_it_follows_the_field(listed: str, remedy: Remedy) -> None:
    for code in listed.split():
        assert codes.look_up(code).remedy is remedy, code


def test_it_tries_the_other_channel_for_a_code_nobody_knows() -> None:
    assert codes.look_up("99999").remedy is Remedy.OTHER_CHANNEL
    assert codes.look_up("").remedy is Remedy.OTHER_CHANNEL


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
