"""Old texts lose their words, some rows at a time, and never while their incident is open."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from alarmd import retention
from alarmd.retention import Retention
from alarmd.store import Row
from escalation.incident import Closed, Incident
from tests.support.core import Core

KEEP = timedelta(days=90)


@pytest.fixture
async def core(tmp_path: Path) -> AsyncIterator[Core]:
    async with Core(tmp_path) as running:
        yield running


def keeper(core: Core) -> Retention:
    return Retention(store=core.store, clock=core.clock, keep=KEEP, pause=0)


async def with_words(core: Core) -> list[Row]:
    return [row for row in await core.outgoing() if row["body"]]


async def closed(core: Core) -> Incident:
    incident = await core.press()
    await core.send()
    await core.engine.apply(incident.id, Closed(by="Ma Li", reason="well"))
    await core.send()
    return incident


async def test_they_keep_their_words_for_so_long_and_then_only_those_go(core: Core) -> None:
    await closed(core)
    before = await core.outgoing()
    assert await with_words(core)
    core.clock.pass_(KEEP.total_seconds())
    assert await keeper(core).erase() == 0
    core.clock.pass_(1)
    erased = await keeper(core).erase()
    assert erased == len([row for row in before if row["body"]])
    assert await with_words(core) == []
    kept = [{key: row[key] for key in row.keys() if key != "body"} for row in before]  # noqa: SIM118 - a Row
    assert [{k: row[k] for k in row.keys() if k != "body"} for row in await core.outgoing()] == kept  # noqa: SIM118 - a Row
    assert [entry.data["texts"] for entry in await core.log("message.erased")] == [erased]
    assert await keeper(core).erase() == 0
    assert len(await core.log("message.erased")) == 1


async def test_never_while_the_incident_is_open_however_old_they_are(core: Core) -> None:
    incident = await core.press()
    await core.send()
    core.clock.pass_(3 * KEEP.total_seconds())
    assert await keeper(core).erase() == 0
    await core.engine.apply(incident.id, Closed(by="Ma Li", reason="well"))
    await core.send()
    assert await keeper(core).erase() == 0, "from the close on, not from the sending"
    core.clock.pass_(KEEP.total_seconds() + 1)
    assert await keeper(core).erase() > 0
    assert await with_words(core) == []


async def test_what_is_still_to_be_sent_keeps_its_words(core: Core) -> None:
    await closed(core)
    await core.rows("SELECT 1")
    row = (await with_words(core))[0]
    later = "2030-01-01T00:00:00.000000Z"
    await core.store.write(
        lambda tx: tx._connection.execute(
            "UPDATE outbox SET state = 'queued', due_at = ? WHERE attempt = ?", (later, row["attempt"])
        )
    )
    core.clock.pass_(KEEP.total_seconds() + 1)
    await keeper(core).erase()
    assert [one["attempt"] for one in await with_words(core)] == [row["attempt"]]


async def test_it_is_done_in_small_parts_and_goes_on_where_it_stopped(
    core: Core, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "BATCH", 3)
    await closed(core)
    still_open = await core.press()
    await core.send()
    await closed_home(core)
    core.clock.pass_(KEEP.total_seconds() + 1)
    one = keeper(core)
    old = await with_words(core)
    number, place = await core.store.write(lambda tx: one._batch(tx, retention._BEGINNING, core.clock.now() - KEEP))
    assert number <= 3
    assert place is not None
    assert len(await with_words(core)) == len(old) - number
    await core.restart()
    await keeper(core).erase()
    left = await with_words(core)
    assert {row["incident"] for row in left} == {still_open.id}
    told = sum(entry.data["texts"] for entry in await core.log("message.erased"))
    assert told == len(old) - len(left)


async def closed_home(core: Core) -> None:
    """Another home's, after the open one in the order of the outbox."""
    await core.receive("alarmd/v1/loose/signal", '{"type":"sos"}')
    stranger = (await core.incidents())[-1]
    await core.send()
    await core.engine.apply(stranger.id, Closed(by="Ma Li", reason="well"))
    await core.send()
