"""The password of one gateway does not speak for the homes behind another one: neither their alarms nor their life."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from alarmd.door.users import Users, hash_password
from alarmd.intake.delivery import Delivery
from alarmd.supervision import Supervision
from devices.registry import FAMILIES
from tests.support.core import Core
from tests.support.mqtt import Acked, RawClient
from tests.support.running import Running

EMERGENCY = b'{"action":"emergency"}'
SLOW = 60.0  # seconds until it is ready, on a machine that runs other tests beside
TAG = b'{"id":"AA:BB:CC:DD:EE:01","name":"SBBT-002C","model_id":"SBBT-002C","button":"long_press"}'


async def press(port: int, user: str, topic: str, payload: bytes) -> None:
    async with await RawClient.connect(port, user, user=user, password=user.encode()) as client:
        client.publish(topic, payload, qos=1)
        await client.expect(Acked)


async def test_a_gateway_at_the_real_door_speaks_for_its_own_homes_only(tmp_path: Path) -> None:
    (tmp_path / "users").write_text(
        f"gw1:{hash_password('gw1')}:zigbee2mqtt/#,f zigbee2mqtt\ngw2:{hash_password('gw2')}:home2/#,f zigbee2mqtt\n"
    )
    alarmd = Running(tmp_path, mqtt='listen = "127.0.0.1:0"\nusers_file = "users"')
    alarmd.fill()
    async with alarmd:
        ready = await alarmd.start(patience=SLOW)
        assert ready
        await press(alarmd.port, "gw2", "home2/zigbee2mqtt/li_button", EMERGENCY)
        entry = await alarmd.until_logged("incident.opened")
        assert (entry.resident, entry.device) == (None, "home2//li_button")
        assert not [one for one in alarmd.log("incident.opened") if one.resident]
        await press(alarmd.port, "gw1", "zigbee2mqtt/li_button", EMERGENCY)
        await alarmd.until_logged("incident.opened", fits=lambda one: one.resident == "li")


class Homes(Core):
    """A core that supervises, with the users of a door."""

    async def start(self) -> None:
        await super().start()
        self.supervision = Supervision(store=self.store, clock=self.clock, engine=self.engine)
        self.intake._supervision = self.supervision

    def door(self, **users: str) -> None:
        file = Path(self.settings.folder) / "users"
        file.write_text("".join(f"{name}:{hash_password('x')}:{field}\n" for name, field in users.items()))
        self.grants = Users(file).grants

    async def says(self, user: str, topic: str, payload: bytes, **more: Any) -> None:
        grants = self.grants[user]
        assert grants.may_publish(topic)
        one = Delivery(
            topic=topic, payload=payload, qos=1, retained=False, received_at=self.clock.now(), via="door",
            user=user, families=grants.families, **more,
        )  # fmt: skip
        await self.intake.take(one)

    async def register(self, address: str, family: str = "zigbee2mqtt", id_: str = "tag", kind: str = "button") -> None:
        assert FAMILIES[family].address_fault(address) is None
        values = ", ".join(f"'{one}'" for one in (id_, family, address, "smith", kind))
        columns = "id, family, address, resident, kind, room"
        await self.run_sql(f"INSERT INTO device ({columns}) VALUES ({values}, '')")  # noqa: S608 - the test's own


async def homes(folder: Path) -> Homes:
    made = Homes(folder)
    made.door(
        gw1="zigbee2mqtt/#,f zigbee2mqtt",
        gw2="home2/#,f zigbee2mqtt,f theengs_ble",
        both="#,f zigbee2mqtt",
        old="home2/#",
    )
    return made


@pytest.mark.parametrize(
    ("family", "address", "topic", "payload"),
    [
        ("zigbee2mqtt", "hall", "home2/zigbee2mqtt/hall", EMERGENCY),
        ("zigbee2mqtt", "hall", "home2/zigbee2mqtt/hall/action", b"emergency"),
        ("zigbee2mqtt", "hall", "home2/zigbee2mqtt/hall", b'{"action":"single"}'),
        ("theengs_ble", "AABBCCDDEE01", "home2/OpenMQTTGateway/BTtoMQTT/AABBCCDDEE01", TAG),
    ],
)
async def test_what_it_says_of_anothers_device_is_a_strangers_for_the_desk(
    tmp_path: Path, family: str, address: str, topic: str, payload: bytes
) -> None:
    """It may be that device behind a gateway that was set up otherwise, so it is not lost, and nobody near is asked."""
    async with await homes(tmp_path) as core:
        await core.register(address, family)
        await core.says("gw2", topic, payload)
        (incident,) = await core.incidents()
        assert incident.resident is None
        assert incident.device == f"home2//{address}"
        (opened,) = await core.log("incident.opened")
        assert "Ann Smith（smith）家的设备tag" in opened.data["text"], "the desk hears whose it may be"
        await core.says("gw2", topic.replace(address, "bed_button"), payload.replace(b"EE:01", b"EE:02"))
        assert len(await core.incidents()) == 1, "a sender's strangers are one incident"


async def test_no_sign_of_life_of_its_keeps_anothers_device_heard(tmp_path: Path) -> None:
    async with await homes(tmp_path) as core:
        await core.register("hall")
        heard: list[tuple[str, str]] = []
        seen = core.supervision.seen

        def note(family: str, address: str, *rest: Any) -> None:
            heard.append((family, address))
            seen(family, address, *rest)

        core.supervision.seen = note  # type: ignore[assignment] # looked at, and done
        await core.says("gw2", "home2/zigbee2mqtt/hall", b'{"battery":90}')
        await core.says("gw1", "zigbee2mqtt/hall", b'{"battery":90}')
        assert heard == [("zigbee2mqtt", "home2//hall"), ("zigbee2mqtt", "hall")]


async def test_it_is_another_gateway_that_its_devices_are_heard_through(tmp_path: Path) -> None:
    async with Homes(tmp_path) as core:
        core.door(one="xtremesos/#,f nurse_call_akil", two="home2/#,f nurse_call_akil")
        through: list[str] = []
        core.supervision.seen = lambda *said: through.append(said[-1])  # type: ignore[method-assign] # looked at
        said = b'{"type":"sos","name":"Room 12","roomId":12,"status":"OFF","code":"7654321"}'
        await core.says("one", "xtremesos/SN1001/sosalarm", said)
        await core.says("two", "home2/SN1001/sosalarm", said)
        assert through == ["SN1001", "home2//SN1001"]


async def test_a_device_behind_it_is_registered_with_its_base_topic(tmp_path: Path) -> None:
    async with await homes(tmp_path) as core:
        await core.register("home2//hall")
        await core.register("hall", id_="first")
        await core.says("gw2", "home2/zigbee2mqtt/hall", EMERGENCY)
        await core.says("gw1", "zigbee2mqtt/hall", EMERGENCY)
        found = await core.incidents()
        assert [incident.resident for incident in found] == ["smith"], "one home, so one incident of two devices"
        assert {entry.device for entry in await core.log("signal.kept")} == {"tag", "first"}


async def test_who_may_publish_under_any_base_speaks_for_plain_addresses(tmp_path: Path) -> None:
    async with await homes(tmp_path) as core:
        await core.register("hall")
        await core.says("both", "home2/zigbee2mqtt/hall", EMERGENCY)
        assert [incident.resident for incident in await core.incidents()] == ["smith"]


async def test_a_user_that_is_not_tied_is_read_as_ever(tmp_path: Path) -> None:
    async with await homes(tmp_path) as core:
        await core.register("hall")
        await core.says("old", "home2/zigbee2mqtt/hall", EMERGENCY)
        assert [incident.resident for incident in await core.incidents()] == ["smith"]


async def test_a_last_will_is_no_way_round(tmp_path: Path) -> None:
    async with await homes(tmp_path) as core:
        await core.register("hall")
        await core.says("gw2", "home2/zigbee2mqtt/hall", EMERGENCY, will=True)
        assert [incident.resident for incident in await core.incidents()] == [None]
