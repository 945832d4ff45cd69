"""IMEIs, mail addresses, citizen numbers and PINs come in by topics, addresses and payloads; no log has them."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import msgspec

from escalation import replay
from escalation.incident import Incident
from tests.support.mqtt import Acked, RawClient
from tests.support.running import ALARMD, Running

IMEI, OTHER_IMEI = "861234567894711", "869999999994711"
CITIZEN = "110105194912310027"
THAI = "1234567890128"
MAIL = "wang.xiuying@example.org"
PHONE = "+8613812345678"
PIN = "735194"
SECRETS = (IMEI, OTHER_IMEI, CITIZEN, THAI, MAIL, "wang.xiuying", PHONE.removeprefix("+"), PIN)

SOS = {"ref": f"{IMEI}-17", "type": "sos", "text": f"call {PHONE} or {MAIL}, {CITIZEN}", "at": "2026-11-21T11:30:00Z"}
MESSAGES: list[tuple[str, object]] = [
    (f"alarmd/v1/{IMEI}/signal", SOS),
    (f"alarmd/v1/{IMEI}/signal", SOS),
    (f"alarmd/v1/{OTHER_IMEI}/signal", SOS | {"ref": "2"}),
    (f"alarmd/v1/{MAIL}/signal", {"ref": MAIL, "type": "fall"}),
    (f"alarmd/v1/{CITIZEN}/signal", {"ref": CITIZEN, "text": f"of {CITIZEN}"}),
    ("iMEDE_watch/sos", {"IMEI": IMEI, "status": "SOS"}),
    ("iMEDE_watch/fallDown", {"IMEI": OTHER_IMEI, "status": "FALL DOWN"}),
    (f"vega/{IMEI}", {"Message": {"IMEI": IMEI}, "Telemetry": {"reason": "alarm1", "s_alarm1": 1}}),
    (f"/iotinfo/{IMEI}", "{"),
    ("CM4_BLE_GW_TX", {"type": "reportAttribute", "data": {"citiz": THAI, "attribute": "BP", "value": {"x": THAI}}}),
    ("ESP32_BLE_GW_TX", {"type": "HB_Msg", "IMEI": IMEI, "data": {"msg": "Online"}}),
    (f"health/blood_pressure/{MAIL}", {"user": MAIL, "type": "blood_pressure", "data": {"systolic": 250}}),
    (f"owntracks/{MAIL}/phone", {"_type": "location", "t": "u", "lat": 1.0, "lon": 2.0, "tst": 1795260600}),
    (f"zigbee2mqtt/{CITIZEN}", {"action": "emergency", "action_code": PIN, "action_transaction": 3}),
    ("zigbee2mqtt/keypad", {"action": "panic", "action_code": PIN, "user_id": PIN}),
    ("zigbee2mqtt/keypad/action_code", PIN),
    (
        "rtl_433/h/events",
        {"model": "SimpliSafe-Keypad", "id": 1, "pinentered": PIN, "extradata": "Keypad Panic Button"},
    ),
    ("rtl_433/h/events", {"model": "DSC-Security", "id": 8, "code": PIN, "event": PIN}),
    ("home/alarm/event", {"event_qualifier": "Event", "event_code": "Medical", "user_id": PIN, "zone": "3"}),
    (f"v3/app/devices/{IMEI}/up", {"uplink_message": {"decoded_payload": {"alarm": "SOS", "user": MAIL}}}),
    (f"traccar/{IMEI}", {"event": {"type": "alarm", "attributes": {"alarm": "sos"}}, "device": {"uniqueId": IMEI}}),
    (f"some/{MAIL}/thing/{CITIZEN}", f"{PIN} {IMEI}"),
    (f"zigbee2mqtt/{MAIL}", "\x00"),
    ("zigbee2mqtt/button-7", {"action": "emergency", "battery": 300}),
    ("zigbee2mqtt/0x00158d0001234567", {"action": "emergency"}),
]


async def said(alarmd: Running, *command: str) -> str:
    """What a command prints."""
    process = await asyncio.create_subprocess_exec(
        str(ALARMD), *command, "-c", str(alarmd.file), stdout=asyncio.subprocess.PIPE
    )
    out, _ = await process.communicate()
    assert process.returncode == 0
    return out.decode()


async def deliver(alarmd: Running) -> None:
    """All of them through alarmd's own door, from a client that is called by its IMEI."""
    async with await RawClient.connect(alarmd.port, IMEI) as client:
        for number, (topic, payload) in enumerate(MESSAGES, 1):
            raw = payload if isinstance(payload, str) else json.dumps(payload)
            client.publish(topic, raw.encode(), packet_id=number)
            await client.expect(Acked)


async def test_no_log_says_whose_number_it_is(tmp_path: Path) -> None:
    async with Running(tmp_path) as alarmd:
        await alarmd.start()
        await deliver(alarmd)
        event_log = alarmd.log()
        logs = [entry.as_json() for entry in event_log]
        logs += (for_eyes := await said(alarmd, "tail")).splitlines()
        logs += (await said(alarmd, "tail", "--json")).splitlines()
        incidents = alarmd.rows("SELECT id, subject, state FROM incident")
        devices = {row["device"] for row in alarmd.rows("SELECT device FROM signal")}
    logs += [json.dumps(line, ensure_ascii=False) for line in alarmd.said]
    assert [line for line in logs if any(secret in line for secret in SECRETS)] == []
    assert "...4711 (" in for_eyes
    assert "from button-7" in for_eyes
    assert "from 0x00158d0001234567" in for_eyes
    # the store knows both, the log calls them by two names in their sender's incident, and still explains it
    assert {f"alarmd/{IMEI}", f"alarmd/{OTHER_IMEI}"} <= devices
    kept = {entry.device for entry in event_log if entry.event == "signal.kept" and entry.data["family"] == "alarmd"}
    assert {"...4711 (1)", "...4711 (2)"} <= kept
    assert sum(row["subject"].startswith("device:alarmd/...4711") for row in incidents) == 1
    for row in incidents:
        causes = [
            (entry.at, msgspec.convert(entry.data["cause"], replay.Cause, strict=False))
            for entry in event_log
            if entry.incident == row["id"] and "cause" in entry.data
        ]
        assert replay.replay(causes) == msgspec.json.decode(row["state"], type=Incident)
