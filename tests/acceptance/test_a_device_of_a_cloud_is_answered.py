"""Firmware made for a cloud, pointed at alarmd's own door: it hears what its cloud would say, and so sends once."""

from __future__ import annotations

import json
from pathlib import Path

from tests.support.mqtt import Acked, Heard, RawClient
from tests.support.running import Running

SOS = "/sys/a1pk/btn12/thing/event/sos/post"
CASES = {
    SOS: (f"{SOS}_reply", {"id": "123", "params": {"value": {"sos": 1}}}, {"id": "123", "code": 200}),
    "$sys/pid/btn/thing/property/post": (
        "$sys/pid/btn/thing/property/post/reply",
        {"id": "7", "params": {"sos": {"value": True}}},
        {"id": "7", "code": 200},
    ),
    "$thing/up/event/P/btn": (
        "$thing/down/event/P/btn",
        {"method": "event_post", "clientToken": "t-1", "eventId": "sos", "params": {}},
        {"method": "event_reply", "clientToken": "t-1", "code": 0},
    ),
}


async def test_a_device_of_a_cloud_hears_that_its_press_is_kept(tmp_path: Path) -> None:
    async with Running(tmp_path) as alarmd:
        await alarmd.start()
        for topic, (answer, said, heard) in CASES.items():
            async with await RawClient.connect(alarmd.port, "btn") as device:
                await device.subscribe(answer)
                device.publish(topic, json.dumps(said).encode(), packet_id=1)
                found = {type(one): one for one in (await device.next(), await device.next())}
                assert Acked in found
                told = found[Heard]
                assert isinstance(told, Heard)
                assert (told.topic, told.retain) == (answer, False)
                assert json.loads(told.payload).items() >= heard.items()
        assert len(alarmd.log("signal.kept")) == len(CASES)
        assert len(alarmd.log("incident.opened")) == 1  # nobody registered them, and one sender's are one
        assert len(alarmd.log("incident.raised")) == len(CASES) - 1
