"""Scenarios can be read, make sense, and are judged rightly."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from alarmd.journal import LogEntry
from simulators import ending, neighbourhood, scenario
from simulators.scenario import Ending

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


def entry(event: str, actor: str = "", after: float = 0) -> LogEntry:
    at = NOON + timedelta(seconds=after)
    return LogEntry(
        seq=1, at=at, event=event, incident="a", resident="wang", device="b", actor=actor, data={}, prev="", hash=""
    )


@pytest.mark.parametrize("name", scenario.names())
@pytest.mark.parametrize("language", neighbourhood.LANGUAGES)
def test_it_tells_of_people_who_live_there_in_every_language(name: str, language: str) -> None:
    told = scenario.load(name)
    people = neighbourhood.of(language).people
    actors = {wanted.partition(" ")[2] for wanted in told.ending.needs} - {""}
    assert set(told.people) | actors | set(told.ending.untouched) <= set(people)
    assert told.title[language]
    assert told.story[language]
    assert told.limit > 0


def test_it_has_the_scenarios_of_the_issue() -> None:
    assert set(scenario.names()) >= {
        "neighbour-comes",
        "nobody-answers",
        "accepted-but-never-arrives",
        "fall-at-night",
        "provider-down",
    }
    assert scenario.names()[0] == scenario.DEFAULT


def test_it_names_the_scenarios_there_are() -> None:
    with pytest.raises(LookupError, match="neighbour-comes"):
        scenario.load("../../etc/passwd")


def test_an_ending_needs_its_events_in_their_order() -> None:
    wanted = Ending(needs=("incident.accepted neighbour", "incident.arrived neighbour"))
    accepted, arrived = entry("incident.accepted", "neighbour"), entry("incident.arrived", "neighbour")
    assert ending.faults(wanted, [accepted, arrived], []) == []
    assert ending.faults(wanted, [arrived, accepted], []) == ["did not come: incident.arrived neighbour"]
    assert ending.faults(wanted, [entry("incident.accepted", "nurse"), arrived], [])


def test_an_ending_is_spoilt_by_what_must_not_come() -> None:
    wanted = Ending(needs=(), never=("handoff.accepted",), untouched=("nurse",))
    assert ending.faults(wanted, [entry("handoff.accepted", "line")], []) == ["must not come: handoff.accepted"]
    assert ending.faults(wanted, [], ["nurse", "son"]) == ["must not be disturbed: nurse"]


def test_times_count_from_the_press_to_whoever_said_yes_first() -> None:
    log = [
        entry("incident.opened"),
        entry("message.sent", "neighbour", 2),
        entry("handoff.accepted", "line", 190),
        entry("incident.accepted", "son", 200),
    ]
    took = ending.times(log)
    assert took.contacted == timedelta(seconds=2)
    assert took.accepted == took.handed_over == timedelta(seconds=190)
    assert took.arrived is None
    assert ending.times([]) == ending.Times()
