from __future__ import annotations

import re
from pathlib import Path

from prometheus_client import REGISTRY
from prometheus_client.parser import text_string_to_metric_families

from alarmd.door.stats import Stats
from alarmd.metrics import Metrics
from alarmd.store import Transaction
from tests.support.station import Station
from tests.support.stopped_clock import StoppedClock

OPERATING = Path(__file__).parents[3] / "docs" / "operating.md"


def _values(metrics: Metrics) -> dict[str, float]:
    families = text_string_to_metric_families(metrics.exposition().decode())
    return {
        sample.name + "".join(f"[{value}]" for value in sample.labels.values()): sample.value
        for family in families
        for sample in family.samples
    }


def test_it_counts_what_it_is_told() -> None:
    metrics = Metrics(StoppedClock())
    metrics.kept(0.002)
    metrics.kept(-0.001)
    metrics.part("broker", up=False)
    values = _values(metrics)
    assert values["alarmd_kept_seconds_bucket[0.0025]"] == 2
    assert values["alarmd_kept_seconds_count"] == 2, "a clock set back a hair is no reason to lose one"
    assert values["alarmd_part_up[broker]"] == 0


def test_two_daemons_in_one_process_do_not_mix() -> None:
    one, two = Metrics(StoppedClock()), Metrics(StoppedClock())
    one.part("door", up=True)
    assert "alarmd_part_up[door]" not in _values(two)
    assert not [name for name in REGISTRY._names_to_collectors if name.startswith("alarmd")]


def test_it_shows_the_doors_figures_as_they_are_now() -> None:
    metrics = Metrics(StoppedClock())
    now = Stats(connections=3, received=10)
    metrics.watch_door(lambda: now)
    assert _values(metrics)["alarmd_door_connections"] == 3
    now = Stats(connections=2, received=12)
    values = _values(metrics)
    assert (values["alarmd_door_connections"], values["alarmd_door_received_total"]) == (2, 12)


async def test_it_reads_the_log_and_the_incidents_from_the_store(tmp_path: Path) -> None:
    async with Station(tmp_path) as station:
        await station.log("watchdog.canary")
        station.clock.pass_(1)
        metrics = Metrics(station.clock)
        metrics.watch_store(station.store)
        await station.press()
        await metrics.refresh(station.store)
        await metrics.refresh(station.store)
        values = _values(metrics)
        assert values["alarmd_events_total[incident.opened]"] == 1
        assert "alarmd_events_total[watchdog.canary]" not in values, "what was there before the start is not counted"
        assert values["alarmd_incidents_open[notifying]"] == 1
        assert values["alarmd_incidents_overdue"] == 0
        assert values["alarmd_journal_seq"] == 3
        assert values["alarmd_store_transactions_total"] >= 2
        station.clock.pass_(3600)
        await metrics.refresh(station.store)
        assert _values(metrics)["alarmd_incidents_overdue"] == 1


async def test_it_counts_who_is_silent_and_who_is_unprotected(tmp_path: Path) -> None:
    async with Station(tmp_path) as station:
        await station.store.write(_silence)
        await station.metrics.refresh(station.store)
        values = _values(station.metrics)
        assert values["alarmd_devices"] == 3
        assert values["alarmd_devices_silent[home]"] == 2
        assert values["alarmd_devices_silent[street]"] == 0
        assert values["alarmd_residents_unprotected"] == 1
        await station.store.write(
            lambda tx: tx._connection.execute("UPDATE exposure SET until = '2026-11-21T12:00:00Z'")
        )
        await station.metrics.refresh(station.store)
        values = _values(station.metrics)
    assert (values["alarmd_devices_silent[home]"], values["alarmd_residents_unprotected"]) == (0, 0)


def _silence(tx: Transaction) -> None:
    """Two devices of Wang's home are silent, and a third of hers was."""
    at = "2026-11-21T10:00:00Z"
    for device in ("cord", "mat"):
        tx._connection.execute("INSERT INTO device VALUES (?, 'alarmd', ?, 'wang', 'cord', '', 60)", (device, device))
    for device, until in (("bed", None), ("cord", None), ("mat", "2026-11-21T11:00:00Z")):
        tx._connection.execute(
            "INSERT INTO exposure (device, resident, since, noticed_at, until, scope)"
            " VALUES (?, 'wang', ?, ?, ?, 'home')",
            (device, at, at, until),
        )


async def test_signals_messages_and_late_deadlines_are_counted_from_the_log(tmp_path: Path) -> None:
    async with Station(tmp_path) as station:
        await station.log("signal.kept", data={"family": "zigbee2mqtt", "type": "sos"})
        await station.log("signal.kept", data={"family": "zigbee2mqtt", "type": "sos"})
        await station.log("signal.quarantined", data={"reason": "unreadable", "topic": "x"})
        await station.log("message.sent", data={"channel": "sms"})
        await station.log("message.refused", data={"channel": "voice"})
        await station.log("message.sent", data={"channel": "device"})
        await station.log("watchdog.late", data={"late_seconds": 2.5})
        await station.metrics.refresh(station.store)
        values = _values(station.metrics)
    assert values["alarmd_signals_total[zigbee2mqtt][sos]"] == 2
    assert values["alarmd_quarantined_total[unreadable]"] == 1
    assert values["alarmd_messages_total[sms][sent]"] == 1
    assert values["alarmd_messages_total[voice][refused]"] == 1
    assert "alarmd_messages_total[device][sent]" not in values, "a reply to a button is no text"
    assert (values["alarmd_deadlines_late_total"], values["alarmd_deadlines_late_seconds_total"]) == (1, 2.5)


async def test_the_guide_names_every_metric(tmp_path: Path) -> None:
    async with Station(tmp_path) as station:
        metrics = Metrics(station.clock)
        metrics.watch_store(station.store)
        metrics.watch_door(Stats)
        families = text_string_to_metric_families(metrics.exposition().decode())
        shown = {family.name for family in families if not family.name.endswith("_created")}
    told = set(re.findall(r"`(alarmd_\w+?)(?:_total)?`", OPERATING.read_text(encoding="utf-8")))
    assert shown - told == set(), "not in docs/operating.md"
    assert told - shown == set(), "in docs/operating.md, but nowhere else"
