from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alarmd.figures import figures, month
from alarmd.journal import LogEntry
from alarmd.phone.console import LogPhone

NOVEMBER = datetime(2026, 11, 1, tzinfo=UTC)
DECEMBER = datetime(2026, 12, 1, tzinfo=UTC)


def _entry(
    event: str, at: datetime, incident: str | None, *, resident: str | None = "wang", actor: str = "", **data: Any
) -> LogEntry:
    return LogEntry(
        seq=1,
        at=at,
        event=event,
        incident=incident,
        resident=resident,
        device=None,
        actor=actor,
        data=data,
        prev="",
        hash="",
    )


def _story(incident: str, opened: datetime, *, resident: str | None = "wang", **seconds: float) -> Iterator[LogEntry]:
    """An incident whose events come so many seconds after the press; who accepts or declines is a neighbour."""
    yield _entry("incident.opened", opened, incident, resident=resident, kind="sos")
    names = {
        "contact": "message.sent",
        "handed": "handoff.accepted",
        **{what: f"incident.{what}" for what in ("accepted", "declined", "arrived", "overdue", "gap", "closed")},
    }
    for what, after in sorted(seconds.items(), key=lambda item: item[1]):
        data = (
            {"channel": "sms"} if what == "contact" else {} if what in {"closed", "handed"} else {"role": "neighbour"}
        )
        actor = "operator:Zhao" if what == "closed" else ""
        yield _entry(names[what], opened + timedelta(seconds=after), incident, actor=actor, **data)


def test_it_tells_what_centres_are_held_to() -> None:
    day = NOVEMBER + timedelta(days=3)
    entries = [
        *_story("a", day, contact=1, accepted=40, arrived=400, closed=900),
        *_story("b", day, contact=2, declined=100, accepted=170, overdue=1000, arrived=1200),
        *_story("c", day, contact=3, gap=60, handed=200, closed=4000),
        *_story("d", day, contact=4),
    ]
    found = figures(entries, NOVEMBER, DECEMBER)
    assert found.incidents == 4
    assert (found.first_contact.count, found.first_contact.p50, found.first_contact.p90) == (4, 2, 4)
    assert (found.responder.count, found.responder.p90) == (2, 100), "who says no was reached, too"
    assert (found.answered.count, found.answered.p50, found.answered_in_180.percent) == (2, 900, 0), "they only closed"
    assert (found.accepted.count, found.accepting.p50) == (3, 170)
    assert (found.arrived.count, found.arrived_in_15_min.count) == (2, 1)
    assert found.handed_over.count == 1
    assert (found.gaps, found.overdue, found.still_open) == (1, 1, 2)
    assert found.by_kind == {"sos": 4}


def test_a_month_has_its_own_incidents_and_all_that_became_of_them() -> None:
    entries = [
        *_story("october", NOVEMBER - timedelta(seconds=1), accepted=30),
        *_story("last", DECEMBER - timedelta(seconds=10), accepted=30),
        *_story("december", DECEMBER, accepted=1),
    ]
    found = figures(entries, NOVEMBER, DECEMBER)
    assert found.incidents == 1
    assert found.responder.p50 == 30


def test_an_empty_month_has_no_percentages() -> None:
    found = figures([], NOVEMBER, DECEMBER)
    assert found.incidents == 0
    assert found.answered_in_60.percent is None
    assert found.first_contact.p50 is None


def test_a_reminder_to_close_is_not_a_late_responder() -> None:
    entries = [*_story("a", NOVEMBER), _entry("incident.overdue", NOVEMBER, "a", what="aftercare")]
    assert figures(entries, NOVEMBER, DECEMBER).overdue == 0


def test_what_was_only_written_to_the_log_is_no_contact() -> None:
    sent = _entry("message.sent", NOVEMBER, "a", channel="sms", provider=LogPhone().name)
    assert figures([*_story("a", NOVEMBER), sent], NOVEMBER, DECEMBER).first_contact.count == 0


@given(st.lists(st.floats(0, 10_000), min_size=1, max_size=40))
def test_percentiles_are_times_that_occurred_and_shares_agree_with_them(answers: list[float]) -> None:
    entries = [e for n, s in enumerate(answers) for e in _story(str(n), NOVEMBER + timedelta(hours=n), accepted=s)]
    found = figures(entries, NOVEMBER, DECEMBER)
    rounded = [timedelta(seconds=s).total_seconds() for s in answers]
    assert found.responder.p50 in rounded
    assert found.responder.p99 == max(rounded)
    assert sum(s <= (found.responder.p90 or 0) for s in rounded) >= 0.9 * len(rounded)
    assert found.arrived_in_15_min.count == found.answered_in_180.count == 0
    assert found.accepted.count == len(answers)


def _answer(event: str, after: float, *, actor: str, role: str | None = None, **data: Any) -> LogEntry:
    at = NOVEMBER + timedelta(seconds=after)
    return _entry(event, at, "a", actor=actor, **(data | ({"role": role} if role else {})))


OPERATORS = {
    "a desk phone's key": _answer("incident.accepted", 50, actor="desk:1", role="desk", via="voice"),
    "a responder who works at the desk": _answer("incident.accepted", 50, actor="zhou", role="desk", via="sms"),
    "who has left the desk's role out of the entry": _answer("handoff.accepted", 50, actor="zhou", via="voice"),
    "somebody at the console": _answer("incident.accepted", 50, actor="operator:Zhao", role="desk", via="desk"),
    "what a neighbour told the desk": _answer("incident.coming", 50, actor="li", role="neighbour", via="desk"),
    "a no": _answer("incident.declined", 50, actor="desk:2", role="desk", via="voice"),
    "a note": _answer("incident.noted", 50, actor="operator:Zhao", text="speaks with her"),
    "a close": _answer("incident.closed", 50, actor="operator:Zhao", reason="well"),
    "a hand-off refused": _answer("handoff.rejected", 50, actor="desk:1", via="voice"),
}


@pytest.mark.parametrize("who", sorted(OPERATORS))
def test_it_counts_as_the_standards_do_when_an_operator_answers(who: str) -> None:
    entries = [*_story("a", NOVEMBER), OPERATORS[who]]
    found = month(entries, NOVEMBER, DECEMBER, operators={"zhou"}).all
    assert (found.answered.count, found.answered.p50, found.answered_in_60.count) == (1, 50, 1)
    assert found.responder.count == 0


def test_an_entry_without_a_role_is_a_responders_unless_the_desk_wrote_it() -> None:
    found = figures([*_story("a", NOVEMBER), _answer("incident.accepted", 20, actor="li")], NOVEMBER, DECEMBER)
    assert (found.answered.count, found.responder.p50) == (0, 20)


NO_OPERATOR = {
    "a neighbour": _answer("incident.accepted", 20, actor="li", role="neighbour", via="voice"),
    "a circle's telephone": _answer("incident.accepted", 20, actor="circle:lane", role="community_worker", via="voice"),
    "the ambulance line": _answer("handoff.accepted", 20, actor="line", via="voice"),
    "a call that was taken": _answer("message.answered", 20, actor="desk:1"),
    "a reset of the device": _answer("incident.noted", 20, actor="", reset=True),
}


@pytest.mark.parametrize("who", sorted(NO_OPERATOR))
def test_nobody_else_is_an_operator(who: str) -> None:
    found = month([*_story("a", NOVEMBER), NO_OPERATOR[who]], NOVEMBER, DECEMBER, operators={"zhou"}).all
    assert (found.answered.count, found.answered_in_180.count) == (0, 0)
    assert found.responder.count == (1 if "role" in NO_OPERATOR[who].data else 0)


def test_the_desk_is_measured_from_when_it_was_asked_too() -> None:
    asked = _answer("message.queued", 300, actor="desk:1", channel="voice")
    answered = _answer("incident.accepted", 320, actor="desk:1", role="desk")
    found = figures([*_story("a", NOVEMBER), asked, answered], NOVEMBER, DECEMBER)
    assert (found.desk_asked, found.answered.p50, found.answered_once_asked.p50) == (1, 320, 20)


def test_an_alarm_that_waited_counts_from_receipt_and_from_the_press() -> None:
    def late(incident: str, pressed: datetime | str) -> list[LogEntry]:
        said = pressed.isoformat() if isinstance(pressed, datetime) else pressed
        opened = _entry("incident.opened", NOVEMBER, incident, kind="sos", pressed_at=said)
        return [opened, *list(_story(incident, NOVEMBER, accepted=60, arrived=600))[1:]]

    entries = [
        *late("waited", NOVEMBER - timedelta(hours=2)),
        *late("at once", NOVEMBER - timedelta(seconds=1)),
        *late("its clock is ahead", NOVEMBER + timedelta(hours=1)),
        *late("its clock stands in 1970", datetime(1970, 1, 1, tzinfo=UTC)),
        *late("no time", "yesterday"),
        *late("no zone", "2026-10-31T22:00:00"),
    ]
    found = figures(entries, NOVEMBER, DECEMBER)
    assert (found.incidents, found.late, found.waited.p50) == (6, 1, 7200)
    assert (found.accepting.p99, found.accepting_from_the_press.p50) == (60, 7260)
    assert found.arriving_from_the_press.p50 == 7800
    assert (found.arrived_in_15_min.count, found.arrived_in_15_min_of_the_press.count) == (6, 5)


def test_what_is_no_alarm_of_a_resident_is_in_no_figure() -> None:
    def opened(incident: str, kind: str, **more: Any) -> LogEntry:
        return _entry("incident.opened", NOVEMBER, incident, kind=kind, **more)

    simulated = _entry("message.sent", NOVEMBER, "played", channel="voice", provider=LogPhone().name)
    entries = [
        *_story("a", NOVEMBER, contact=1),
        *_story("stranger", NOVEMBER, resident=None, accepted=3),
        *_story("played", NOVEMBER, accepted=3),
        simulated,
        opened("silent", "silent"),
        opened("sim", "sim_ended"),
        opened("battery", "battery_low"),
        opened("of a device", "sos", plan="technical"),
        _entry("signal.kept", NOVEMBER, None, type="test", tested="sos"),
        _entry("signal.kept", NOVEMBER, None, type="test"),
        _entry("device.commissioned", NOVEMBER, None),
        _entry("watchdog.canary", NOVEMBER, None, silent=True),
        _entry("signal.kept", DECEMBER, None, type="test"),
    ]
    found = month(entries, NOVEMBER, DECEMBER)
    assert (found.all.incidents, found.all.accepted.count) == (1, 0)
    assert msgspec.to_builtins(found.apart) == {
        "tests": 2,
        "commissioned": 1,
        "simulated": 1,
        "technical": 4,
        "unregistered": 1,
    }


def test_each_centre_has_its_own_figures() -> None:
    entries = [
        *_story("a", NOVEMBER, resident="wang", accepted=30),
        *_story("b", NOVEMBER, resident="smith", accepted=90),
        *_story("c", NOVEMBER, resident="nobody's", accepted=10),
    ]
    centres = {"wang": "North", "smith": "South"}
    found = month(entries, NOVEMBER, DECEMBER, centre_of=lambda who: centres.get(who, ""))
    assert {name: (one.incidents, one.accepting.p50) for name, one in found.centres.items()} == {
        "North": (1, 30),
        "South": (1, 90),
    }
    assert found.all.incidents == 3
