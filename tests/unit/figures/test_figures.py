from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from alarmd.figures import figures
from alarmd.journal import LogEntry
from alarmd.phone.console import LogPhone

NOVEMBER = datetime(2026, 11, 1, tzinfo=UTC)
DECEMBER = datetime(2026, 12, 1, tzinfo=UTC)


def _entry(event: str, at: datetime, incident: str | None, **data: Any) -> LogEntry:
    return LogEntry(
        seq=1, at=at, event=event, incident=incident, resident=None, device=None, actor="", data=data, prev="", hash=""
    )


def _story(incident: str, opened: datetime, **seconds: float) -> Iterator[LogEntry]:
    """An incident whose events come so many seconds after the press."""
    yield _entry("incident.opened", opened, incident, kind="sos")
    names = {
        "contact": "message.sent",
        "handed": "handoff.accepted",
        **{what: f"incident.{what}" for what in ("accepted", "declined", "arrived", "overdue", "gap", "closed")},
    }
    for what, after in sorted(seconds.items(), key=lambda item: item[1]):
        data = {"channel": "sms"} if what == "contact" else {}
        yield _entry(names[what], opened + timedelta(seconds=after), incident, **data)


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
    assert (found.first_contact.count, found.first_contact.p50, found.first_contact.p99) == (4, 2, 4)
    assert (found.answered_in_60.count, found.answered_in_60.percent) == (1, 25)
    assert found.answered_in_180.count == 2, "who says no was reached, too"
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
    assert found.answered.p50 == 30


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
    assert found.answered.p50 in rounded
    assert found.answered.p99 == max(rounded)
    assert found.answered_in_180.count == sum(s <= 180 for s in rounded)
    assert found.answered_in_60.count <= found.answered_in_180.count <= found.accepted.count == len(answers)
