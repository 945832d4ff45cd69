"""An installer in the flat: test mode, the trigger's own message, and only then protected."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from alarmd.directory import proving
from tests.support.commands import alarmd, started
from tests.support.core import Core


@pytest.fixture
async def core(tmp_path: Path) -> AsyncIterator[Core]:
    async with Core(tmp_path) as made:
        yield made


async def begin(core: Core) -> None:
    await core.store.write(lambda tx: proving.begin(tx, "bed", by="Ma", now=core.clock.now()))


async def test_in_test_mode_a_press_is_a_test_and_asks_nobody(core: Core) -> None:
    await begin(core)
    await core.receive("zigbee2mqtt/bed_button", '{"action":"emergency","battery":87}')
    assert await core.incidents() == []
    (kept,) = await core.log("signal.kept")
    assert (kept.data["type"], kept.data["tested"], kept.data["battery"]) == ("test", "sos", 87.0)


async def test_test_mode_ends_by_itself(core: Core) -> None:
    await begin(core)
    core.clock.pass_(proving.TEST_MODE / timedelta(seconds=1))
    assert (await core.press()).kind == "sos"


async def test_test_mode_of_one_device_is_not_that_of_another(core: Core) -> None:
    await core.run_sql("INSERT INTO device VALUES ('cord', 'zigbee2mqtt', 'cord', 'wang', 'cord', '', NULL)")
    await begin(core)
    await core.receive("zigbee2mqtt/cord", '{"action":"emergency"}')
    assert [incident.device for incident in await core.incidents()] == ["cord"]


async def test_a_home_is_not_protected_before_each_trigger_was_tested(core: Core, tmp_path: Path) -> None:
    file = tmp_path / "alarmd.toml"
    assert "NOT PROTECTED: no test has arrived from bed" in alarmd("explain", "-c", file, "wang").out.replace("\n", " ")
    found = json.loads(alarmd("coverage", "-c", file, "--json").out)
    assert [one["device"] for one in found["not_protected"]] == ["bed"]
    assert "1 home is NOT PROTECTED" in alarmd("coverage", "-c", file).out


async def test_the_installer_is_walked_through_and_the_home_is_protected(core: Core, tmp_path: Path) -> None:
    installer = started("commission", "wang", "-c", tmp_path / "alarmd.toml", "--by", "Ma")
    assert installer.stdout is not None
    line = await asyncio.to_thread(installer.stdout.readline)
    assert line == "bed (button, 卧室): trigger it now\n"
    await core.receive("zigbee2mqtt/bed_button", '{"action":"emergency","battery":12}')
    out, err = await asyncio.to_thread(installer.communicate)
    assert (installer.returncode, err) == (0, "")
    assert "sos came after" in out
    assert "battery 12 %: LOW" in out
    assert "Protected" in out
    (commissioned,) = await core.log("device.commissioned")
    assert (commissioned.device, commissioned.actor, commissioned.data["meant"]) == ("bed", "Ma", "sos")
    assert "NOT PROTECTED" not in alarmd("explain", "-c", tmp_path / "alarmd.toml", "wang").out
    core.clock.pass_(60)
    assert (await core.press()).kind == "sos", "test mode is over"


async def test_the_wrong_button_and_one_that_nobody_registered_are_named(core: Core, tmp_path: Path) -> None:
    """The installer pressed in the bath, or the address was misspelt: all that was said was that nothing came."""
    await core.run_sql("INSERT INTO device VALUES ('cord', 'zigbee2mqtt', 'cord', 'wang', 'cord', '', NULL)")
    file = tmp_path / "alarmd.toml"
    installer = started("commission", "wang", "-c", file, "--only", "bed", "--by", "Ma")
    assert installer.stdout is not None
    await asyncio.to_thread(installer.stdout.readline)
    await core.receive("zigbee2mqtt/cord", '{"action":"emergency"}')
    await core.receive("zigbee2mqtt/bed_buton", '{"action":"emergency"}')
    await core.receive("zigbee2mqtt/bed_button", '{"action":"emergency"}')
    out, _ = await asyncio.to_thread(installer.communicate)
    wrong, stranger, right, *_ = out.splitlines()
    assert wrong == "  cord said sos instead; it is not in test mode, people are asked to come: tell the desk"
    assert stranger == "  bed_buton (zigbee2mqtt) said sos and is registered nowhere: is it this one?"
    assert right.startswith("  sos came after")


@pytest.mark.usefixtures("core")
def test_what_does_not_come_is_not_protected(tmp_path: Path) -> None:
    outcome = alarmd("commission", "wang", "-c", tmp_path / "alarmd.toml", "--wait", "1s")
    assert outcome.code == 1
    assert "NOT PROTECTED: no test has arrived from bed" in outcome.out


@pytest.mark.usefixtures("core")
def test_it_knows_who_has_no_trigger_and_waits_no_longer_than_test_mode(tmp_path: Path) -> None:
    file = tmp_path / "alarmd.toml"
    assert "no trigger is registered for smith" in alarmd("commission", "smith", "-c", file).err
    assert "is no trigger of wang" in alarmd("commission", "wang", "-c", file, "--only", "door").err
    assert "write less" in alarmd("commission", "wang", "-c", file, "--wait", "1h").err


async def test_the_telephone_at_home_can_be_tried(core: Core, tmp_path: Path) -> None:
    outcome = alarmd("commission", "wang", "-c", tmp_path / "alarmd.toml", "--call", "--wait", "1s")
    assert "+861064211111" in outcome.out
    core.clock.pass_(10 * 365 * 86400)  # the command reads the machine's clock
    (call,) = await core.send()
    assert call.to == "+861064211111"
    scene = await core.switchboard.answered(call.attempt, "CA1", "")
    assert "测试电话" in "".join(scene.say)
