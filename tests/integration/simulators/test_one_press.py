"""One press is one press, in every family: repeats, twins, gateways and stored copies do not count again."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from escalation.incident import Incident
from simulators import dialects
from tests.support.core import Core
from tests.support.station import fill

CALLING = [one.family for one in dialects.DIALECTS.values() if "sos" in one.says]
FALLING = [one.family for one in dialects.DIALECTS.values() if "fall" in one.says]
PLAIN = [one.family for one in dialects.DIALECTS.values() if "press" in one.says]
BLU = "shellyplus1-a8032ab1fbb0/bthomedevice:200"
RADIO_CODE = "BC7DE4"
FLAWED = {("zigbee2mqtt", "cached action"): 2, ("chirpstack", "sticky flag"): 2}
"""What nobody can tell from a second press: an equal message much later, a flag that is set in an uplink of its own."""


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with the lane's people, made once: hundreds of tests would each migrate their own."""
    path = tmp_path_factory.mktemp("filled") / "alarmd.db"
    fill(path)
    return path


@pytest.fixture
async def core(tmp_path: Path, filled: Path) -> AsyncIterator[Core]:
    shutil.copy(filled, tmp_path / "alarmd.db")
    async with Core(tmp_path) as found:
        yield found


async def register(core: Core, family: str, device: str = "") -> None:
    """Wang Xiuying's device of that family, and the base or gateway that speaks with it."""
    spoken = dialects.dialect(family)
    own = device or spoken.device
    names = [(own, spoken.kind), *((other, "gateway") for other in spoken.others(own))]
    rows = [f"('d{n}', '{family}', '{name}', 'wang', '{kind}')" for n, (name, kind) in enumerate(names)]
    await core.run_sql(f"INSERT OR IGNORE INTO device (id, family, address, resident, kind) VALUES {', '.join(rows)}")  # noqa: S608 - a test's own words


async def play(core: Core, episode: dialects.Episode) -> None:
    """Let it all arrive in its time."""
    passed = 0.0
    for said in episode:
        core.clock.pass_(said.after - passed)
        passed = said.after
        await core.receive(said.topic, said.payload)


async def happens(
    core: Core, family: str, signal: str = "sos", device: str = "", flaw: str = ""
) -> tuple[dialects.Episode, list[Incident]]:
    """It happens once; what went over the air, and every incident since the beginning."""
    own = device or dialects.dialect(family).device
    episode = dialects.says(family, own, signal, flaw=flaw, at=core.clock.now())
    await play(core, episode)
    return episode, await core.incidents()


@pytest.mark.parametrize("family", CALLING)
async def test_a_call_is_one_incident_with_one_press(core: Core, family: str) -> None:
    await register(core, family)
    _, (incident,) = await happens(core, family)
    assert (incident.resident, incident.kind) == ("wang", "sos")
    # a LifeSOS base is a device of its own that tells of its pendant's call
    assert incident.presses == (2 if family == "lifesos" else 1)


@pytest.mark.parametrize("family", CALLING)
async def test_what_the_broker_delivers_twice_counts_once(core: Core, family: str) -> None:
    await register(core, family)
    episode = dialects.says(family, dialects.dialect(family).device, at=core.clock.now())
    await play(core, tuple(said for one in episode for said in (one, one)))
    (incident,) = await core.incidents()
    assert incident.presses == (2 if family == "lifesos" else 1)


@pytest.mark.parametrize("family", PLAIN)
async def test_a_plain_button_calls_because_it_is_registered_as_one(core: Core, family: str) -> None:
    await register(core, family)
    _, (incident,) = await happens(core, family, "press")
    assert (incident.kind, incident.presses) == ("sos", 1)


@pytest.mark.parametrize("family", FALLING)
async def test_a_fall_is_one_incident_however_often_it_is_told(core: Core, family: str) -> None:
    await register(core, family)
    _, (incident,) = await happens(core, family, "fall")
    assert (incident.kind, incident.presses) == ("fall", 1)


@pytest.mark.parametrize(("family", "device"), [("shelly_gen2", BLU), ("tasmota", RADIO_CODE)])
async def test_a_device_behind_another_calls_once(core: Core, family: str, device: str) -> None:
    await register(core, family, device)
    _, (incident,) = await happens(core, family, device=device)
    assert (incident.resident, incident.presses) == ("wang", 1)


@pytest.mark.parametrize("family", CALLING)
async def test_a_call_a_minute_later_is_a_second_press(core: Core, family: str) -> None:
    await register(core, family)
    _, (before,) = await happens(core, family)
    core.clock.pass_(60)
    _, (after,) = await happens(core, family)
    assert after.presses == 2 * before.presses


@pytest.mark.parametrize("family", CALLING)
async def test_a_stored_copy_calls_nobody(core: Core, family: str) -> None:
    await register(core, family)
    spoken = dialects.dialect(family)
    turn = dialects.Turn(device=spoken.device, at=core.clock.now())
    flaws = [dialects.says(family, spoken.device, flaw=flaw, at=turn.at) for flaw in spoken.flaws]
    said = (
        *spoken.hello(turn),
        *dialects.says(family, spoken.device, at=turn.at),
        *(one for flaw in flaws for one in flaw),
    )
    for copy in dialects.stored(said):
        await core.receive(copy.topic, copy.payload, retained=True)
    assert await core.incidents() == []


@pytest.mark.parametrize("family", [one.family for one in dialects.DIALECTS.values() if one.will])
async def test_a_lost_gateway_is_no_call(core: Core, family: str) -> None:
    spoken = dialects.dialect(family)
    await register(core, family)
    assert spoken.will is not None
    said = spoken.will(spoken.device)
    await core.receive(said.topic, said.payload)
    assert await core.incidents() == []


@pytest.mark.parametrize(
    ("family", "flaw"), [(one.family, flaw) for one in dialects.DIALECTS.values() for flaw in one.flaws]
)
async def test_a_flaw_of_a_family_is_one_incident_and_no_more(core: Core, family: str, flaw: str) -> None:
    await register(core, family)
    _, (incident,) = await happens(core, family, flaw=flaw)
    assert incident.resident == "wang"
    assert incident.presses == FLAWED.get((family, flaw), 1)
