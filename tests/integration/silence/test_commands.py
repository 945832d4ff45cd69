"""`alarmd devices` and `alarmd exposure`, as an operator runs them after an outage."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from alarmd import times
from alarmd.store.sqlite import connect
from tests.support.commands import Outcome, alarmd
from tests.support.station import fill, write_settings


class Afterwards:
    """A store in which the bed button was silent for an hour, and is silent again."""

    def __init__(self, folder: Path) -> None:
        self.file = write_settings(folder)
        path = folder / "alarmd.db"
        fill(path)
        self.connection = connect(path, readonly=False)
        self.now = datetime.now(UTC)
        self.connection.execute(
            "INSERT INTO device VALUES ('smoke', 'zigbee2mqtt', 'smoke', 'wang', 'smoke', '', NULL)"
        )
        self.connection.execute(
            "INSERT INTO device_life VALUES ('zigbee2mqtt/bed_button', ?, 87)", (self.ago(hours=1),)
        )
        self.connection.execute("INSERT INTO device_proof (device, tested_at) VALUES ('bed', ?)", (self.ago(days=9),))
        self.exposed("bed", self.ago(hours=9), self.ago(hours=8))

    def ago(self, **span: float) -> str:
        return times.to_text(self.now - timedelta(**span))

    def exposed(self, device: str, since: str, until: str | None, scope: str = "home") -> None:
        values = (device, since, since, until, scope)
        self.connection.execute(
            "INSERT INTO exposure (device, resident, since, noticed_at, until, scope) VALUES (?, 'wang', ?, ?, ?, ?)",
            values,
        )

    def exposures(self, since: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = json.loads(self.run("exposure", "--since", since, "--json").out)
        return found

    def run(self, *words: str) -> Outcome:
        return alarmd(words[0], "-c", self.file, *words[1:])


@pytest.fixture
def afterwards(tmp_path: Path) -> Afterwards:
    return Afterwards(tmp_path)


def test_it_lists_how_each_device_is(afterwards: Afterwards) -> None:
    bed, smoke = json.loads(afterwards.run("devices", "--json").out)
    assert (bed["id"], bed["resident"], bed["room"], bed["battery"], bed["promised"], bed["state"]) == (
        "bed",
        "wang",
        "卧室",
        87.0,
        86400,
        "well",
    )
    assert (smoke["state"], smoke["promised"], smoke["last_seen"]) == ("never heard", 25 * 3600, None)


def test_it_shows_those_that_are_not_well_to_eyes(afterwards: Afterwards) -> None:
    out = afterwards.run("devices", "--faulty").out
    assert "smoke" in out
    assert "bed" not in out


def test_it_says_who_was_unprotected_from_when_to_when(afterwards: Afterwards) -> None:
    afterwards.exposed("smoke", afterwards.ago(hours=8.5), afterwards.ago(hours=7))
    found = next(one for one in afterwards.exposures("12h") if one["scope"] == "home")
    assert (found["name"], found["phone"], found["devices"]) == ("王秀英", "+861064211111", ["bed", "smoke"])
    assert (found["contact"], found["contact_phone"]) == ("赵敏", "+8613800000002")
    assert found["until"] is not None


def test_it_leaves_out_what_was_over_before(afterwards: Afterwards) -> None:
    assert {one["scope"] for one in afterwards.exposures("2h")} == {"untested"}
    afterwards.exposed("bed", afterwards.ago(hours=1), None, scope="gateway")
    shown = afterwards.run("exposure", "--since", "2h").out
    assert "still" in shown
    assert "gateway" in shown
