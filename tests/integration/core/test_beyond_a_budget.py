"""Beyond a budget no device's alarm is folded into another's, and no message is judged by its first word."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from alarmd.intake import spending
from alarmd.intake.attempts import Known
from alarmd.intake.delivery import Delivery
from tests.support.core import Core

RETIRED = (
    "INSERT INTO retired (kind, id, name, at, by, reason, family, address, data) VALUES "
    "('device', 'p', '', '2026-11-20T00:00:00Z', 'ma', 'gone', 'alarmd', 'pendant', "
    """'{"id":"p","family":"alarmd","address":"pendant","resident":"wang","kind":"pendant","room":""}')"""
)
IMPORTED = (
    "INSERT INTO device (id, family, address, resident, kind, room) VALUES ('p', '{}', '{}', 'wang', 'pendant', '')"
)
TAG = "AC233F000007"


@pytest.fixture
async def core(tmp_path: Path) -> AsyncIterator[Core]:
    async with Core(tmp_path) as made:
        made.intake._supervision._loaded = True  # the directory was read, before what follows
        yield made


def message(core: Core, topic: str, said: object, *, via: str = "broker", user: str = "") -> Delivery:
    payload = json.dumps(said).encode()
    at = core.clock.now()
    return Delivery(topic=topic, payload=payload, qos=1, retained=False, received_at=at, via=via, user=user)


def sos(core: Core, address: str, text: str = "") -> Delivery:
    return message(core, f"alarmd/v1/{address}/signal", {"ref": "1", "type": "sos", "text": text})


def report(core: Core, tags: list[str], **by: str) -> Delivery:
    """As a gateway of the factory sends it: itself first, and what it hears."""
    said: list[dict[str, object]] = [{"type": "Gateway", "mac": "AC233FC00001"}]
    said += [{"type": "Unknown", "mac": tag, "rssi": -60, "sos": 1} for tag in tags]
    return message(core, "/gw/AC233FC00001/status", said, **by)


async def taken(core: Core, *all_: Delivery) -> None:
    await asyncio.gather(*(core.intake.take(one) for one in all_))


def made_up(core: Core, many: int, name: str = "made-up", text: str = "") -> list[Delivery]:
    return [sos(core, f"{name}-{n}", text and f"{text} {n}") for n in range(many)]


async def subjects(core: Core) -> set[str]:
    return {one.subject for one in await core.incidents()}


@pytest.mark.parametrize("many", [10, 80, 400])
@pytest.mark.parametrize("text", ["", "words"])
async def test_a_retired_device_has_its_own_incident(core: Core, many: int, text: str) -> None:
    await core.run_sql(RETIRED)
    await taken(core, *made_up(core, many, text=text), sos(core, "pendant"), *made_up(core, 50, "others", text))
    assert "device:alarmd/pendant" in await subjects(core)


@pytest.mark.parametrize("many", [10, 80, 400])
async def test_a_device_that_was_imported_a_moment_ago_calls_for_its_home(core: Core, many: int) -> None:
    await core.run_sql(IMPORTED.format("alarmd", "pendant"))
    await taken(core, *made_up(core, many), sos(core, "pendant"), *made_up(core, 50, "others"))
    assert "wang" in await subjects(core)


async def test_every_unknown_device_is_named_in_the_incident_of_its_sender(core: Core) -> None:
    await taken(core, *made_up(core, 300))
    log = await core.log("signal.kept")
    named = {str(entry.device) for entry in log} | {name for entry in log for name in entry.data.get("addresses", ())}
    assert {f"made-up-{n}" for n in range(300)} <= named
    assert len(await core.incidents()) == 1
    assert len(log) < 100
    unlinked = await core.rows("SELECT 1 FROM signal WHERE incident IS NULL")
    assert not unlinked


@pytest.mark.parametrize("at", [0, 1, 30, 299])
async def test_a_registered_tag_is_heard_wherever_it_stands_in_a_report(core: Core, at: int) -> None:
    await core.run_sql(IMPORTED.format("minew_g1", TAG))
    await taken(core, *made_up(core, 200))
    tags = [f"BC233F{n:06d}" for n in range(300)]
    tags.insert(at, TAG)
    await taken(core, report(core, tags))
    assert "wang" in await subjects(core)
    assert len(await core.rows(f"SELECT 1 FROM signal WHERE device = 'minew_g1/{TAG}'")) == 1  # noqa: S608 - a constant


async def test_a_registered_tag_is_kept_at_once_whoever_stands_first_in_the_report(
    core: Core, monkeypatch: pytest.MonkeyPatch
) -> None:
    await core.run_sql(IMPORTED.format("minew_g1", TAG))
    monkeypatch.setattr(core.intake._supervision, "has", lambda _, address: address == TAG)
    strangers = [report(core, [f"BC233F{n:06d}"]) for n in range(200)]
    held = [core.intake.take(one) for one in strangers]
    begun = len(core.kept)
    await core.intake.take(report(core, [TAG]))
    assert TAG in {kept.signal.device for kept in core.kept[begun:]}
    await asyncio.gather(*held)


async def test_many_signals_are_many_short_transactions_and_one_acknowledgement(core: Core) -> None:
    sizes: list[int] = []
    keep = core.intake._keeper.keep

    def seen(tx: object, delivery: Delivery, signals: tuple[object, ...], *more: object, **how: object) -> object:
        sizes.append(len(signals))
        return keep(tx, delivery, signals, *more, **how)  # type: ignore[arg-type] # passed on as they are

    core.intake._keeper.keep = seen  # type: ignore[method-assign, assignment] # looks on
    await taken(core, report(core, [f"BC233F{n:06d}" for n in range(400)], via="door", user="gw"))
    assert max(sizes) <= spending.SLICE
    counted = await core.rows("SELECT sum(1 + repeats) AS n FROM signal")
    assert counted[0]["n"] == 400


async def test_the_devices_of_one_user_have_one_budget(core: Core) -> None:
    urgent = 0
    submit = core.store.submit

    def seen(work: object, *, behind: bool = False) -> object:
        nonlocal urgent
        urgent += not behind
        return submit(work, behind=behind)  # type: ignore[arg-type] # passed on as it is

    core.store.submit = seen  # type: ignore[method-assign, assignment] # looks on
    core.intake._supervision._loaded = False  # every device may be registered
    said = [
        message(core, f"alarmd/v1/b{n}/signal", {"ref": f"{m}", "type": "sos"}, via="door", user="bridge")
        for n in range(30)
        for m in range(20)
    ]
    await taken(core, *said)
    assert urgent < 200
    kept = await core.rows("SELECT count(DISTINCT device) AS n FROM signal")
    assert kept[0]["n"] == 30


async def test_what_is_too_much_waits_unacknowledged_and_none_of_it_is_lost(
    core: Core, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spending, "MOST_WAITING", 200)
    reports = [report(core, [f"BC23{k:02d}{n:06d}" for n in range(100)], via="door", user="gw") for k in range(10)]
    await taken(core, *reports)
    counted = await core.rows("SELECT sum(1 + repeats) AS n FROM signal")
    assert counted[0]["n"] == 1_000


@pytest.mark.parametrize("before", [5, 60])
async def test_a_registered_button_is_heard_though_its_user_is_recognised_and_says_much(
    core: Core, before: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(core.intake._attempts, "recognised", lambda _: Known.USER)
    noise = [message(core, f"zigbee2mqtt/lamp_{n}", {"battery": 99}, via="door", user="gateway") for n in range(before)]
    press = message(core, "zigbee2mqtt/bed_button", {"action": "emergency"}, via="door", user="gateway")
    await taken(core, *noise, press)
    assert "wang" in await subjects(core)


async def test_what_is_beyond_a_budget_is_kept_without_its_bulk(core: Core) -> None:
    """The disk is for what somebody needs: that help was called for, when, with its figures and first words."""
    bulk = {f"n{n}": "z" * 190 for n in range(9)} | {"heart_rate": 71}
    said = [
        message(core, "alarmd/v1/p/signal", {"ref": f"r{n}", "type": "sos", "text": f"{n}" * 200, "measurements": bulk})
        for n in range(80)
    ]
    await core.run_sql(IMPORTED.format("alarmd", "p"))
    await taken(core, *said)
    kept = [json.loads(row["data"]) for row in await core.rows("SELECT data FROM signal ORDER BY seq")]
    assert len(kept[0]["measurements"]) == 10
    assert (kept[-1]["measurements"], len(kept[-1]["text"])) == ({"heart_rate": 71.0}, 100)
    assert len(await core.incidents()) == 1
