"""A dense city: who is asked is who would be asked if everybody were looked at, without looking at everybody."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis
from hypothesis import strategies as st
from msgspec.structs import replace

from alarmd.directory import around, lookup
from alarmd.store import Row, Transaction, schema
from alarmd.store.sqlite import connect
from config.settings import Settings, load
from escalation.people import Choice, Resident, Responder, Travel
from escalation.plan import Step, Who
from escalation.responders import choose
from tests.support.site import Site

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
HOME = (31.23, 121.47)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return load(Site(tmp_path).settings, {})


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    schema.migrate(tmp_path / "city.db")
    connection = connect(tmp_path / "city.db", readonly=False)
    yield connection
    connection.close()


@contextmanager
def undone(connection: sqlite3.Connection) -> Iterator[Transaction]:
    connection.execute("BEGIN")
    try:
        yield Transaction(connection)
    finally:
        connection.execute("ROLLBACK")


def move_in(tx: Transaction, dice: random.Random, count: int, spread: float, door: tuple[float, float]) -> None:
    """People of every kind around a door: some off duty, without a telephone, at a desk, with a nonsense calendar."""
    tx.many(
        "directory_put_responder",
        [
            {
                "id": f"p{number:04}",
                "name": f"P {number}",
                "language": "",
                "phone": dice.choice([f"+86138{number:08}"] * 8 + [f"+86138{number % 40:08}", ""]),
                "role": dice.choice(["neighbour"] * 8 + ["desk", "nurse"]),
                "lat": max(-90, min(90, door[0] + dice.gauss(0, spread))),
                "lon": (door[1] + dice.gauss(0, spread) + 180) % 360 - 180,
                "travel": dice.choice(["walk", "walk", "bicycle", "car"]),
                "skills": "",
                "on_call": dice.choice(["", "", "Sa 00:00-01:00", "ics:nothing"]),
                "circle": "",
            }
            for number in range(count)
        ],
    )


def resident(door: tuple[float, float]) -> Resident:
    return Resident(id="r", name="R", lat=door[0], lon=door[1])


def with_everybody(
    tx: Transaction, step: Step, home: Resident, settings: Settings, asked: frozenset[str], busy: frozenset[str]
) -> Choice:
    way = around.router(settings.service)
    return choose(
        step,
        resident=home,
        neighbourhood=around.neighbourhood(tx, step, home, settings=settings, way=way),
        router=way,
        limits=around.limits(settings.service),
        now=NOW,
        asked=asked,
        busy=busy,
    )


def nameless(choice: Choice) -> Choice:
    """Without what shared telephones are called, which is looked up for those who are chosen."""
    return replace(choice, chosen=tuple(replace(one, telephone="") for one in choice.chosen))


@hypothesis(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    seed=st.integers(0, 2**32),
    spread=st.sampled_from([0.003, 0.01, 0.05]),
    lat=st.sampled_from([-89.99, -33.0, 0.0, 31.23, 64.0]),
    lon=st.sampled_from([-180.0, 0.0, 121.47, 179.999]),
    count=st.integers(1, 12),
    share=st.sampled_from([0.0, 0.1, 0.9]),
)
def test_it_chooses_whom_it_would_choose_if_it_looked_at_everybody(
    settings: Settings,
    connection: sqlite3.Connection,
    seed: int,
    spread: float,
    lat: float,
    lon: float,
    count: int,
    share: float,
) -> None:
    step = Step(contact=Who.NEAREST, count=count)
    home = resident((lat, lon))
    dice = random.Random(seed)  # noqa: S311 - a story's dice
    everybody = [f"p{number:04}" for number in range(400)]
    busy = frozenset(one for one in everybody if dice.random() < share)
    asked = frozenset(one for one in everybody if dice.random() < share)
    with undone(connection) as tx:
        move_in(tx, dice, 400, spread, (lat, lon))
        chosen = around.choose_for(
            tx, step, home, settings=settings, now=NOW, asked=asked, busy=lambda ids: busy & frozenset(ids)
        )
        assert nameless(chosen) == with_everybody(tx, step, home, settings, asked, busy)


def test_it_looks_at_a_few_of_the_thousands_around_a_door_in_a_city(
    settings: Settings, connection: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    connection.execute("BEGIN")
    tx = Transaction(connection)
    move_in(tx, random.Random(1), 5_000, 0.01, HOME)  # noqa: S311 - a story's dice
    step = Step(contact=Who.NEAREST, count=3)
    seen: list[Responder] = []

    def of(row: Row, read: Callable[[Row], Responder] = lookup.responder_of) -> Responder:
        seen.append(read(row))
        return seen[-1]

    monkeypatch.setattr(lookup, "responder_of", of)
    choice = around.choose_for(tx, step, resident(HOME), settings=settings, now=NOW)
    assert len(choice.chosen) == 3
    assert len(choice.skipped) == 20
    assert len(seen) < 1_000
    everybody = around.choose_for(tx, step, resident(HOME), settings=settings, now=NOW, skipped=None)
    assert everybody.chosen == choice.chosen
    assert len(everybody.skipped) > 4_000, "an explanation leaves nobody out"


@hypothesis(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    seed=st.integers(0, 2**32),
    lat=st.floats(-90, 90),
    lon=st.one_of(st.floats(-180, 180), st.sampled_from([-180.0, 180.0, 179.99])),
    metres=st.floats(1, 300_000),
)
def test_it_finds_by_bands_what_a_look_at_the_whole_table_finds(
    connection: sqlite3.Connection, seed: int, lat: float, lon: float, metres: float
) -> None:
    up = metres / lookup._METRES_PER_DEGREE
    spans = lookup._spans(lat, lon, up)
    with undone(connection) as tx:
        move_in(tx, random.Random(seed), 60, metres / 200_000, (lat, lon))  # noqa: S311 - a story's dice
        found = {one.id for one in lookup.responders_near(tx, lat, lon, dict.fromkeys(Travel, metres))}
        whole = connection.execute("SELECT id, lat, lon FROM responder").fetchall()
    assert found == {id_ for id_, y, x in whole if abs(y - lat) <= up and any(w <= x <= e for w, e in spans)}
