"""Status callbacks come repeated and out of order; the end of the story is the same."""

from __future__ import annotations

from functools import reduce

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alarmd.phone import status
from alarmd.phone.callbacks import SendStatus

NOT_FINAL = [s for s in SendStatus if s not in status.FINAL]


def told(callbacks: list[SendStatus]) -> SendStatus | None:
    start: SendStatus | None = None
    return reduce(status.advance, callbacks, start)


@given(st.lists(st.sampled_from(NOT_FINAL)), st.sampled_from(sorted(status.FINAL)), st.randoms())
def test_it_ends_in_the_final_state_whatever_the_order(
    before: list[SendStatus], end: SendStatus, random: object
) -> None:
    callbacks = [*before, end, end]
    random.shuffle(callbacks)  # type: ignore[attr-defined]  # Hypothesis hands out a random.Random
    assert told(callbacks) is end


@given(st.lists(st.sampled_from(SendStatus)), st.sampled_from(SendStatus))
def test_it_never_goes_back(callbacks: list[SendStatus], late: SendStatus) -> None:
    before = told(callbacks)
    after = status.advance(before, late)
    order = list(SendStatus)
    if before is not None:
        assert order.index(after) >= order.index(before)
        assert after is before or before not in status.FINAL


@given(st.permutations(["queued", "sending", "sent", "delivered"]))
def test_it_tells_a_delivered_text_from_its_callbacks(raws: list[str]) -> None:
    known = [s for raw in raws if (s := status.of_message(raw)) is not None]
    assert told(known) is SendStatus.DELIVERED


@pytest.mark.parametrize("raw", ["busy", "no-answer", "canceled"])
def test_it_calls_a_call_nobody_took_unanswered(raw: str) -> None:
    assert status.of_call(raw) is SendStatus.UNANSWERED


def test_it_does_not_guess_at_words_it_has_never_heard() -> None:
    assert status.of_call("teleported") is None
    assert status.of_message("") is None
