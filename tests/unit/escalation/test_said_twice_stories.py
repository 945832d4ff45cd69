"""The same answer twice, by two keys, a key and a text, or two calls: one effect, one entry, and nobody told again."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from msgspec.structs import replace

from escalation.incident import Answer, Answered, Closed, Event, HandedOver, HandoffState, Log, Purpose, Status
from escalation.people import Role
from tests.support.circles import BOTH, DESK, LINE, Circle, Telling, neighbour

LI, CHEN, FAR = neighbour("li", 2), neighbour("chen", 3), neighbour("far", 200)
DAUGHTER = neighbour("daughter", 25, role=Role.FAMILY)
TEXTED_LINE = replace(LINE, channels=BOTH)


def rung() -> Telling:
    """Neighbours, contacts, line and desk are asked."""
    return Telling(Circle([LI, CHEN, FAR], [DAUGHTER], [TEXTED_LINE], desk=[DESK])).pressed().passes(300)


def li_goes() -> Telling:
    return rung().answers("li", Answer.GO)


def line_has_it() -> Telling:
    return rung().happens(HandedOver(by="line", via="voice"))


def line_refused() -> Telling:
    return rung().happens(HandedOver(by="line", via="voice", accepted=False))


def handed(by: str, via: str = "voice", *, accepted: bool = True) -> HandedOver:
    return HandedOver(by=by, via=via, accepted=accepted)


def said(who: str, answer: Answer) -> Answered:
    return Answered(person=who, answer=answer, via="voice")


@pytest.mark.parametrize(
    ("before", "event"),
    [
        (rung, handed("line")),
        (li_goes, handed("line")),
        (rung, handed("Zhang", "desk")),
        (line_has_it, handed("desk:0")),
        (line_has_it, handed("Zhang", "desk")),
        (rung, handed("line", accepted=False)),
        (line_refused, handed("desk:0", accepted=False)),
        (rung, handed("Zhang", "desk", accepted=False)),
        (line_has_it, handed("line", accepted=False)),
        (line_has_it, handed("Zhang", "desk", accepted=False)),
        (rung, said("li", Answer.CANNOT)),
        (li_goes, said("li", Answer.CANNOT)),
        (rung, said("far", Answer.GO)),
        (rung, said("desk:0", Answer.CANNOT)),
        (rung, Closed(by="Zhang", reason="well")),
    ],
)
def test_the_second_time_nothing_happens(before: Callable[[], Telling], event: Event) -> None:
    press = before().happens(event)
    assert any(isinstance(one, Log) for one in press.effects)
    after = press.incident
    other_way = replace(event, via="sms") if isinstance(event, HandedOver) and event.via == "voice" else event
    for again in (event, other_way):
        press.happens(again)
        assert press.effects == ()
        assert press.incident == after


@pytest.mark.parametrize(
    ("before", "event"),
    [
        (li_goes, said("li", Answer.THERE)),
        (rung, said("desk:0", Answer.GO)),
        (rung, said("line", Answer.GO)),
    ],
)
def test_what_is_on_record_each_time_is_told_once(before: Callable[[], Telling], event: Event) -> None:
    press = before().happens(event).happens(event)
    assert not [one for one in press.effects if not isinstance(one, Log)]


def test_a_yes_after_a_no_and_a_no_after_that_are_answers() -> None:
    press = line_refused().happens(handed("line"))
    assert press.incident.handoff is not None
    assert press.incident.handoff.state is HandoffState.ACCEPTED
    press.happens(handed("line", accepted=False))
    assert press.incident.status is Status.NOTIFYING, "taken back"
    assert "chen voice" in press.told(Purpose.ASK)
