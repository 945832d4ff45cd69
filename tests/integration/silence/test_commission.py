"""An installer in the flat: test mode, the trigger's own message, and only then protected."""

from __future__ import annotations

import asyncio
import json
import signal
import subprocess
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Self

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from alarmd.clock import SystemClock
from alarmd.directory import proving
from alarmd.store import path_of
from alarmd.store.lock import Lock
from simulators.serving import Serving
from tests.support.commands import alarmd, started
from tests.support.core import MORE, Core
from tests.support.station import write_settings

CORD = "INSERT INTO device VALUES ('cord', 'zigbee2mqtt', 'cord', 'wang', 'cord', '浴室', NULL)"
SMITHS = "INSERT INTO device VALUES ('pendant', 'zigbee2mqtt', 'pendant', 'smith', 'pendant', '', NULL)"


@pytest.fixture
async def core(tmp_path: Path) -> AsyncIterator[Core]:
    async with Core(tmp_path) as made:
        yield made


class Daemon:
    """What `commission` sees of a daemon: it holds the store and answers; the core does its work."""

    def __init__(self, core: Core, folder: Path) -> None:
        self.core = core
        self.alive = True
        self.broker = True
        self._lock: Lock | None = Lock(path_of(core.settings.store.url))
        self._serving = Serving(Starlette(routes=[Route("/healthz", self._alive), Route("/readyz", self._ready)]))
        self._folder = folder

    async def _alive(self, _: Request) -> JSONResponse:
        return JSONResponse({"alive": self.alive, "says": "the writer stands still"})

    async def _ready(self, _: Request) -> JSONResponse:
        return JSONResponse({"parts": {"mqtt": {"ok": self.broker, "says": "the broker is not read: refused"}}})

    async def __aenter__(self) -> Self:
        self.core.clock.pass_((SystemClock().now() - self.core.clock.now()).total_seconds())  # the command's own clock
        await self._serving.start()
        self.file = write_settings(self._folder, listen=f"127.0.0.1:{self._serving.port}", more=MORE)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.die()

    async def die(self) -> None:
        """As kill -9 does it."""
        await self._serving.stop()
        self.let_go()

    async def rise(self) -> None:
        """It is started again."""
        self._lock = self._lock or Lock(path_of(self.core.settings.store.url))
        await self._serving.start()

    def let_go(self) -> None:
        """The store is no longer this daemon's."""
        if self._lock is not None:
            self._lock.release()
            self._lock = None


@pytest.fixture
async def daemon(core: Core, tmp_path: Path) -> AsyncIterator[Daemon]:
    async with Daemon(core, tmp_path) as made:
        yield made


class Installer:
    """`alarmd commission`, as a process of its own, read line by line."""

    def __init__(self, daemon: Daemon, *words: str) -> None:
        self._process = started("commission", "wang", "-c", daemon.file, "--by", "Ma", *words)
        self.lines: list[str] = []

    async def until(self, what: str) -> str:
        """Read on until a line has this; that line."""
        assert self._process.stdout is not None
        while True:
            line = await asyncio.to_thread(self._process.stdout.readline)
            assert line, f"{what!r} was not said: {self.lines}"
            self.lines.append(line.rstrip("\n"))
            if what in line:
                return self.lines[-1]

    async def ends(self) -> tuple[int, str]:
        """Its exit code and all that it said."""
        out, err = await asyncio.to_thread(self._process.communicate, timeout=30)
        assert "Traceback" not in err
        return self._process.returncode, "\n".join([*self.lines, out])

    def signal(self, number: signal.Signals) -> None:
        self._process.send_signal(number)

    @property
    def process(self) -> subprocess.Popen[str]:
        return self._process


async def begin(core: Core) -> None:
    await core.store.write(lambda tx: proving.begin(tx, "wang", by="Ma", now=core.clock.now()))


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


@pytest.mark.parametrize("ahead", [timedelta(hours=2.5), timedelta(seconds=1), timedelta(days=900)])
async def test_test_mode_that_a_clock_ahead_began_swallows_no_alarm(core: Core, ahead: timedelta) -> None:
    wrong = core.clock.now() + ahead
    await core.store.write(lambda tx: proving.begin(tx, "wang", by="Ma", now=wrong))
    assert (await core.press()).kind == "sos"


async def test_nobody_asks_for_a_longer_test_mode(core: Core) -> None:
    now = core.clock.now()
    await core.store.write(lambda tx: proving.begin(tx, "wang", by="Ma", now=now, lasts=timedelta(days=1)))
    core.clock.pass_(proving.TEST_MODE / timedelta(seconds=1))
    assert (await core.press()).kind == "sos"


async def test_test_mode_is_the_whole_homes_and_no_other_homes(core: Core) -> None:
    await core.run_sql(CORD)
    await core.run_sql(SMITHS)
    await begin(core)
    await core.receive("zigbee2mqtt/cord", '{"action":"emergency"}')
    assert await core.incidents() == []
    await core.receive("zigbee2mqtt/pendant", '{"action":"emergency"}')
    assert [incident.device for incident in await core.incidents()] == ["pendant"]
    await core.store.write(lambda tx: proving.end(tx, "wang"))
    core.clock.pass_(60)
    await core.receive("zigbee2mqtt/cord", '{"action":"emergency"}')
    assert [incident.device for incident in await core.incidents()] == ["pendant", "cord"]


REPLACED = {
    "another address": "address = 'new_button'",
    "another family": "family = 'chirpstack'",
    "another kind": "kind = 'pendant'",
    "another home": "resident = 'smith'",
}


@pytest.mark.parametrize("what", sorted(REPLACED))
async def test_what_takes_a_devices_place_has_proved_nothing_and_is_in_no_test_mode(core: Core, what: str) -> None:
    await begin(core)
    await core.run_sql("UPDATE device_proof SET tested_at = '2026-11-01T00:00:00.000000Z', tested_by = 'Ma'")
    await core.run_sql("UPDATE device SET room = 'kitchen', report_every = 60")
    kept = "SELECT tested_at, test_until FROM device_proof"
    assert all((await core.rows(kept))[0]), "the room is no other device"
    await core.run_sql(f"UPDATE device SET {REPLACED[what]}")  # noqa: S608 - the table above
    assert tuple((await core.rows(kept))[0]) == (None, None)


async def test_an_import_of_the_same_devices_leaves_their_proofs(core: Core, tmp_path: Path) -> None:
    await begin(core)
    await core.run_sql("UPDATE device_proof SET tested_at = '2026-11-01T00:00:00.000000Z', tested_by = 'Ma'")
    file = tmp_path / "devices.csv"
    for address, proved in (("bed_button", True), ("bed_button_2", False)):
        file.write_text(f"id,family,address,resident,kind,room\nbed,zigbee2mqtt,{address},wang,button,{address}\n")
        assert alarmd("import", "-c", tmp_path / "alarmd.toml", file).code == 0
        ((tested_at,),) = await core.rows("SELECT tested_at FROM device_proof")
        assert (tested_at is not None) is proved


async def test_a_home_is_not_protected_before_each_trigger_was_tested(core: Core, tmp_path: Path) -> None:
    file = tmp_path / "alarmd.toml"
    assert "NOT PROTECTED: no test has arrived from bed" in alarmd("explain", "-c", file, "wang").out.replace("\n", " ")
    found = json.loads(alarmd("coverage", "-c", file, "--json").out)
    assert [one["device"] for one in found["not_protected"]] == ["bed"]
    assert "1 home is NOT PROTECTED" in alarmd("coverage", "-c", file).out


async def test_the_installer_is_walked_through_and_the_home_is_protected(daemon: Daemon) -> None:
    core = daemon.core
    installer = Installer(daemon)
    assert await installer.until("bed") == "  bed (button, 卧室)"
    await core.receive("zigbee2mqtt/bed_button", '{"action":"emergency","battery":12}')
    code, out = await installer.ends()
    assert code == 0
    assert "sos came after" in out
    assert "battery 12 %: LOW" in out
    assert "proved now: bed (button, 卧室)" in out
    assert "Protected" in out
    (commissioned,) = await core.log("device.commissioned")
    assert (commissioned.device, commissioned.actor, commissioned.data["meant"]) == ("bed", "Ma", "sos")
    assert "NOT PROTECTED" not in alarmd("explain", "-c", daemon.file, "wang").out
    core.clock.pass_(60)
    assert (await core.press()).kind == "sos", "test mode is over"


async def test_triggers_may_be_pressed_in_any_order_and_wake_nobody(daemon: Daemon) -> None:
    core = daemon.core
    await core.run_sql(CORD)
    installer = Installer(daemon)
    await installer.until("cord")
    await core.receive("zigbee2mqtt/cord", '{"action":"emergency"}')
    await installer.until("cord: sos came")
    await core.receive("zigbee2mqtt/bed_button", '{"action":"emergency"}')
    code, out = await installer.ends()
    assert (code, await core.incidents()) == (0, [])
    assert "each of its 2 triggers" in out


async def test_another_trigger_of_the_home_is_proved_though_only_one_is_waited_for(daemon: Daemon) -> None:
    core = daemon.core
    await core.run_sql(CORD)
    installer = Installer(daemon, "--only", "bed")
    await installer.until("  bed (button")
    await core.receive("zigbee2mqtt/cord", '{"action":"emergency"}')
    assert "(not waited for)" in await installer.until("cord: sos came")
    await core.receive("zigbee2mqtt/bed_button", '{"action":"emergency"}')
    assert (await installer.ends())[0] == 0
    assert [entry.device for entry in await core.log("device.commissioned")] == ["cord", "bed"]


async def test_another_homes_button_and_a_strangers_are_named_and_no_more_than_needed(daemon: Daemon) -> None:
    """Two buttons were exchanged, or the address was misspelt: all that was said was that nothing came."""
    core = daemon.core
    await core.run_sql(SMITHS)
    installer = Installer(daemon)
    await installer.until("  bed (button")
    await core.receive("zigbee2mqtt/pendant", '{"action":"emergency"}')
    swapped = await installer.until("pendant")
    assert "pendant said sos and is registered for A… (smith), Room 12: were they exchanged?" in swapped
    assert "Ann Smith" not in swapped
    await core.receive("zigbee2mqtt/bed_buton", '{"action":"emergency"}')
    assert "bed_buton (zigbee2mqtt) said sos and is registered nowhere" in await installer.until("buton")
    await core.receive("zigbee2mqtt/bed_button", '{"action":"emergency"}')
    assert (await installer.ends())[0] == 0


async def test_another_kind_of_device_elsewhere_is_nobodys_business(daemon: Daemon) -> None:
    core = daemon.core
    await core.run_sql("INSERT INTO device VALUES ('own', 'alarmd', 'own', 'smith', 'pendant', '', NULL)")
    installer = Installer(daemon)
    await installer.until("  bed (button")
    await core.receive("alarmd/v1/own/signal", '{"ref":"1"}')
    await core.receive("zigbee2mqtt/bed_button", '{"action":"emergency"}')
    assert "own" not in (await installer.ends())[1]


async def test_who_presses_again_and_again_may_need_help(daemon: Daemon) -> None:
    core = daemon.core
    await core.run_sql(CORD)
    installer = Installer(daemon)
    await installer.until("  cord")
    for _ in range(3):
        await core.receive("zigbee2mqtt/bed_button", '{"action":"emergency"}')
        core.clock.pass_(11)
    assert "Does 王秀英 need help?" in await installer.until("again")
    installer.signal(signal.SIGINT)
    code, out = await installer.ends()
    assert code == 1
    assert "Test mode is over: a press rings people again" in out
    core.clock.pass_(11)
    assert (await core.press()).kind == "sos"


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP], ids=str)
async def test_however_it_is_stopped_test_mode_is_over_and_nothing_is_protected(
    daemon: Daemon, how: signal.Signals
) -> None:
    installer = Installer(daemon)
    await installer.until("  bed (button")
    installer.signal(how)
    code, out = await installer.ends()
    assert code == 1
    assert "NOT PROTECTED: nothing came now from bed" in out
    assert (await daemon.core.press()).kind == "sos"


async def test_killed_it_leaves_a_test_mode_of_a_minute(daemon: Daemon) -> None:
    installer = Installer(daemon)
    await installer.until("  bed (button")
    installer.process.kill()
    await asyncio.to_thread(installer.process.communicate)
    ((until,),) = await daemon.core.rows("SELECT julianday(test_until) - julianday('now') FROM device_proof")
    assert 0 < until * 86_400 <= 60


async def test_it_says_at_once_that_the_daemon_does_not_answer(core: Core, tmp_path: Path) -> None:
    outcome = await asyncio.to_thread(alarmd, "commission", "wang", "-c", tmp_path / "alarmd.toml")
    assert outcome.code == 1
    assert (
        "the daemon does not answer at http://127.0.0.1:0: start it with `alarmd run`. Nothing was begun" in outcome.err
    )
    assert await core.rows("SELECT 1 FROM device_proof") == []


async def test_it_says_so_when_another_stores_daemon_answers_or_a_stuck_one_or_a_deaf_one(daemon: Daemon) -> None:
    daemon.broker = False
    deaf = await asyncio.to_thread(alarmd, "commission", "wang", "-c", daemon.file)
    assert "the daemon hears no press: the broker is not read: refused" in deaf.err
    daemon.alive = False
    stuck = await asyncio.to_thread(alarmd, "commission", "wang", "-c", daemon.file)
    assert "the daemon does not work: the writer stands still" in stuck.err
    daemon.let_go()
    other = await asyncio.to_thread(alarmd, "commission", "wang", "-c", daemon.file)
    assert "does not use this store" in other.err
    assert (deaf.code, stuck.code, other.code) == (1, 1, 1)


async def test_it_says_at_once_that_the_daemon_died_and_that_it_is_back(daemon: Daemon) -> None:
    installer = Installer(daemon)
    await installer.until("  bed (button")
    await daemon.die()
    await installer.until("the daemon does not answer")
    await daemon.rise()
    await installer.until("answers again")
    await daemon.core.receive("zigbee2mqtt/bed_button", '{"action":"emergency"}')
    assert (await installer.ends())[0] == 0


async def test_what_does_not_come_is_not_protected(daemon: Daemon) -> None:
    outcome = await asyncio.to_thread(alarmd, "commission", "wang", "-c", daemon.file, "--wait", "1s")
    assert outcome.code == 1
    assert "NOT PROTECTED: no test has arrived from bed" in outcome.out


async def test_what_was_proved_before_and_does_not_come_now_is_not_protected(daemon: Daemon) -> None:
    await begin(daemon.core)
    await daemon.core.run_sql("UPDATE device_proof SET tested_at = '2026-11-01T00:00:00.000000Z', tested_by = 'Ma'")
    outcome = await asyncio.to_thread(alarmd, "commission", "wang", "-c", daemon.file, "--wait", "1s")
    assert outcome.code == 1
    assert "NOT proved now, last on 2026-11-01: bed" in outcome.out
    assert "NOT PROTECTED: nothing came now from bed" in outcome.out


async def test_a_message_from_before_the_test_proves_nothing(daemon: Daemon) -> None:
    """It waited in the broker since the button was last pressed, a week ago and in the shop."""
    core = daemon.core
    await core.run_sql("UPDATE device SET family = 'alarmd', address = 'bed'")
    installer = Installer(daemon)
    await installer.until("  bed (button")
    await core.receive("alarmd/v1/bed/signal", '{"ref":"1","at":"2026-01-01T10:00:00Z"}')
    assert "was pressed at 2026-01-01 10:00:00 UTC, as it says, before this test" in await installer.until("pressed at")
    await core.receive("alarmd/v1/bed/signal", '{"ref":"2","at":"2026-01-01T10:00:20Z"}')
    assert (await installer.ends())[0] == 0, "pressed anew: its clock is wrong, and the button works"


async def test_machines_get_the_result_as_json(daemon: Daemon) -> None:
    installer = started("commission", "wang", "-c", daemon.file, "--by", "Ma", "--json")
    assert installer.stderr is not None
    while "bed (button" not in await asyncio.to_thread(installer.stderr.readline):
        pass
    await daemon.core.receive("zigbee2mqtt/bed_button", '{"action":"emergency","battery":80}')
    out, _ = await asyncio.to_thread(installer.communicate)
    told = json.loads(out)
    assert (told["resident"], told["protected"], told["reasons"]) == ("wang", True, [])
    (bed,) = told["triggers"]
    assert (bed["id"], bed["proved_now"], bed["meant"], bed["battery"]) == ("bed", True, "sos", 80.0)
    assert installer.returncode == 0


@pytest.mark.usefixtures("core")
def test_it_knows_who_has_no_trigger_and_waits_no_longer_than_test_mode(tmp_path: Path) -> None:
    file = tmp_path / "alarmd.toml"
    assert "no trigger is registered for smith" in alarmd("commission", "smith", "-c", file).err
    assert "is no trigger of wang" in alarmd("commission", "wang", "-c", file, "--only", "door").err
    assert "write less" in alarmd("commission", "wang", "-c", file, "--wait", "1h").err


async def test_the_telephone_at_home_can_be_tried(daemon: Daemon) -> None:
    core = daemon.core
    outcome = await asyncio.to_thread(alarmd, "commission", "wang", "-c", daemon.file, "--call", "--wait", "1s")
    assert "+861064211111" in outcome.out
    core.clock.pass_(10 * 365 * 86400)  # the command reads the machine's clock
    (call,) = await core.send()
    assert call.to == "+861064211111"
    scene = await core.switchboard.answered(call.attempt, "CA1", "")
    assert "测试电话" in "".join(scene.say)
