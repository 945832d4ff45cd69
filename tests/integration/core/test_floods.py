"""One device that says more than any does: what is alike is one entry that counts all, and nothing is lost by it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterable
from pathlib import Path

import pytest

from alarmd.intake import references
from alarmd.intake.budget import AT_ONCE, OF_ALL_AT_ONCE
from alarmd.intake.delivery import Delivery, NotKeptError
from alarmd.intake.likes import DEVICES, ENTRIES
from devices.signal import SignalType
from escalation.incident import Closed
from tests.support.core import Core

PENDANT = "INSERT INTO device VALUES ('p', 'alarmd', 'pendant', 'wang', 'pendant', '', 300)"
FLOOD = 500


@pytest.fixture
async def core(tmp_path: Path) -> AsyncIterator[Core]:
    async with Core(tmp_path) as made:
        await made.run_sql(PENDANT)
        yield made


def message(core: Core, said: dict[str, object], *, address: str = "pendant") -> Delivery:
    return Delivery(
        topic=f"alarmd/v1/{address}/signal",
        payload=json.dumps(said).encode(),
        qos=1,
        retained=False,
        received_at=core.clock.now(),
        via="door",
        user="btn0",
    )


async def flood(core: Core, said: Iterable[dict[str, object]]) -> None:
    """All at once, each acknowledged."""
    await asyncio.gather(*(core.intake.take(message(core, one)) for one in said))


def presses(numbers: Iterable[int]) -> list[dict[str, object]]:
    return [{"ref": f"r{n}", "type": "sos"} for n in numbers]


async def counted(core: Core) -> tuple[int, int]:
    """Entries, and messages they stand for."""
    (row,) = await core.rows("SELECT count(*) AS rows, sum(1 + repeats) AS n FROM signal WHERE type <> 'repeats'")
    return row["rows"], row["n"]


async def test_a_flood_of_references_is_few_entries_that_count_them_all(core: Core) -> None:
    await flood(core, presses(range(FLOOD)))
    rows, messages = await counted(core)
    assert messages == FLOOD
    assert rows == AT_ONCE + 1
    assert len(await core.incidents()) == 1
    last = (await core.log("signal.kept"))[-1].data
    assert (last["messages"], last["first_ref"], last["ref"]) == (FLOOD - AT_ONCE, f"r{AT_ONCE}", f"r{FLOOD - 1}")
    assert last["first_at"]


async def test_the_first_of_an_incident_and_the_first_after_a_pause_have_their_own(core: Core) -> None:
    await flood(core, presses(range(FLOOD)))
    core.clock.pass_(11)
    await flood(core, presses([FLOOD]))
    last = (await core.log("signal.kept"))[-1].data
    assert last["ref"] == f"r{FLOOD}"
    assert "messages" not in last
    assert [entry.data["ref"] for entry in await core.log("signal.kept")][:3] == ["r0", "r1", "r2"]


@pytest.mark.parametrize("crashed", [False, True])
@pytest.mark.parametrize("again", [AT_ONCE, AT_ONCE + 100, FLOOD - 1])
async def test_a_repetition_of_one_that_has_no_entry_is_a_repetition(core: Core, again: int, *, crashed: bool) -> None:
    await flood(core, presses(range(FLOOD)))
    raised = len(await core.log("incident.raised"))
    if crashed:
        await core.restart()
    core.clock.pass_(60)
    await flood(core, presses([again]))
    assert len(await core.log("incident.raised")) == raised
    assert (await core.log("signal.repeated"))[-1].data["ref"] == f"r{again}"
    assert (await counted(core)) == (AT_ONCE + 1, FLOOD + 1)


async def test_the_references_of_a_flood_without_end_do_not_fill_the_disk(
    core: Core, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(references, "REMEMBERED", 100)
    await flood(core, presses(range(FLOOD)))
    (row,) = await core.rows("SELECT count(*) AS n, max(ref) AS newest FROM signal_shared")
    assert (row["n"], row["newest"]) == (100, f"r{FLOOD - 1}")


async def test_after_the_close_it_is_an_alarm_again(core: Core) -> None:
    await flood(core, presses(range(FLOOD)))
    (incident,) = await core.incidents()
    await core.engine.apply(incident.id, Closed(by="Ma", reason="a child"))
    core.clock.pass_(60)
    await flood(core, presses([FLOOD - 3]))
    assert [one.status.value for one in await core.incidents()] == ["closed", "notifying"]


async def test_a_new_press_among_repetitions_is_a_press(core: Core) -> None:
    await flood(core, presses([1]))
    core.clock.pass_(60)
    raised = len(await core.log("incident.raised"))
    await flood(core, presses([1] * 100 + [2] + [1] * 100))
    assert len(await core.log("incident.raised")) == raised + 1
    assert "r2" in {entry.data.get("ref") for entry in await core.log("signal.kept")}
    (row,) = await core.rows("SELECT sum(1 + repeats) AS n FROM signal WHERE type = 'sos'")
    assert row["n"] == 202


async def test_repetitions_beyond_the_budget_are_one_line_in_the_log(core: Core) -> None:
    await flood(core, presses([1] * FLOOD))
    repeated = await core.log("signal.repeated")
    assert len(repeated) <= AT_ONCE
    assert repeated[-1].data["messages"] == FLOOD - AT_ONCE


async def test_what_means_something_else_or_says_something_else_stays_apart(core: Core) -> None:
    await flood(core, presses(range(FLOOD)))
    said: list[dict[str, object]] = [*presses(range(1000, 1100))]
    said[40:40] = [{"ref": "a", "type": "smoke"}, {"ref": "b", "type": "sos", "text": "the kitchen burns"}]
    said[60:60] = [{"ref": "c", "type": "press", "gesture": "double"}]
    await flood(core, said)
    kept = {(entry.data["type"], entry.data.get("text"), entry.data["ref"]) for entry in await core.log("signal.kept")}
    assert {("smoke", None, "a"), ("sos", "the kitchen burns", "b")} <= kept
    assert "c" in {ref for _, _, ref in kept}
    assert {one.kind for one in await core.incidents()} >= {"sos", "smoke"}


async def test_entries_of_a_device_are_bounded_whatever_it_thinks_up(core: Core) -> None:
    kinds = [kind.value for kind in SignalType]
    for turn in range(4):
        said: list[dict[str, object]] = [
            {"ref": f"{turn}-{n}", "type": kinds[n % len(kinds)], "text": f"words {n}", "battery": n % 100}
            for n in range(1_000)
        ]
        await flood(core, said)
        core.clock.pass_(0.2)
    entries = await core.rows("SELECT count(*) AS n FROM signal WHERE device = 'alarmd/pendant'")
    singly = OF_ALL_AT_ONCE + len(kinds)
    # each time 16, and of what else is unlike one of each kind
    assert entries[0]["n"] <= singly + 4 * (ENTRIES + len(kinds))
    log = await core.log()
    assert len(log) < 1_000


async def test_addresses_that_share_an_entry_are_named(core: Core) -> None:
    core.intake._supervision._loaded = True  # the directory is read, and none of them is in it
    said = [message(core, {"ref": "1", "type": "sos"}, address=f"made-up-{n}") for n in range(FLOOD)]
    await asyncio.gather(*map(core.intake.take, said))
    (row,) = await core.rows("SELECT sum(1 + repeats) AS n FROM signal WHERE device LIKE '%made-up%'")
    assert row["n"] == FLOOD
    shared = [entry.data for entry in await core.log("signal.kept") if "addresses" in entry.data]
    assert {len(data["addresses"]) for data in shared[:-1]} == {DEVICES - 1}
    assert len(shared) < FLOOD / 20
    (incident,) = await core.incidents()
    assert incident.others is not None
    assert incident.others.messages >= FLOOD - 2


async def test_where_nothing_is_kept_none_of_them_is_acknowledged(core: Core) -> None:
    await flood(core, presses(range(AT_ONCE)))
    with core.undone():
        waiting = [core.intake.take(message(core, one)) for one in presses(range(1000, 1200))]
        outcome = await asyncio.gather(*waiting, return_exceptions=True)
    assert {type(one) for one in outcome} == {NotKeptError}
    await flood(core, presses(range(1000, 1200)))  # they come again, and none is taken for known
    (row,) = await core.rows("SELECT sum(1 + repeats) AS n FROM signal WHERE type = 'sos'")
    assert row["n"] == AT_ONCE + 200


async def test_what_cannot_be_read_is_counted_as_often_as_it_came(core: Core) -> None:
    noise = [
        Delivery(
            topic="lab/noise",
            payload=b"\xff%d" % n,
            qos=1,
            retained=False,
            received_at=core.clock.now(),
            via="door",
            user="btn0",
        )
        for n in range(FLOOD)
    ]
    await asyncio.gather(*map(core.intake.take, noise))
    (row,) = await core.rows("SELECT sum(1 + repeats) AS n FROM quarantine")
    assert row["n"] == FLOOD
