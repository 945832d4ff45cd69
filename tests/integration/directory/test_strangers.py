"""`alarmd check` names a device that speaks under another spelling of a registered address."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from alarmd.cli import unheard
from alarmd.store import reading
from tests.support.site import Site


@pytest.mark.parametrize("heard", ["Spare_Cord", "spare-cord", "sparecord"])
def test_it_names_the_device_that_is_probably_meant(tmp_path: Path, heard: str) -> None:
    site = Site(tmp_path)
    site.import_example()
    (database,) = tmp_path.glob("*.db")
    with sqlite3.connect(database) as db:
        resident = db.execute("SELECT id FROM resident LIMIT 1").fetchone()[0]
        db.execute(
            "INSERT INTO device (id, family, address, resident, kind) "
            "VALUES ('d-x', 'zigbee2mqtt', 'spare_cord', ?, 'button')",
            (resident,),
        )
        db.execute(
            "INSERT INTO quarantine (received_at, topic, reason, size, payload) VALUES "
            "('2026-11-21T08:00:00.000Z', ?, 'unknown_device', 1, ?)",
            (f"zigbee2mqtt/{heard}", b'{"action":"single"}'),
        )
    with reading(f"sqlite:///{database}") as tx:
        assert unheard.strangers(tx) == [("zigbee2mqtt", heard, "d-x")]
    assert f"{heard} (zigbee2mqtt) speaks and is registered nowhere; did you mean d-x" in site.run("check").out
