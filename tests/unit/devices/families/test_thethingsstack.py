"""The Things Stack v3: the same devices as ChirpStack's, in another envelope."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

import devices
from devices import Signal, Suspect
from devices import SignalType as T

BASE = "v3/home@tenant/devices/button-7"
IDS = {"end_device_ids": {"device_id": "button-7", "dev_eui": "0004A30B001C0530"}}
RECEIVED = "2026-11-21T08:00:00.014773143Z"


def message(event: str, said: dict[str, Any]) -> tuple[Signal, ...]:
    return devices.decode(f"{BASE}/{event}", json.dumps(IDS | said).encode())


def uplink(fields: Any = None, **more: Any) -> tuple[Signal, ...]:
    up = {"session_key_id": "AXA50", "f_cnt": 7, "received_at": RECEIVED, "decoded_payload": fields, **more}
    return message("up", {"uplink_message": up})


@pytest.mark.parametrize(
    ("fields", "kind"),
    [
        ({"button": "short"}, T.PRESS),
        ({"press": "long"}, T.PRESS),
        ({"button_event": {"status": "double press", "msgid": 1}}, T.PRESS),
        ({"status": 1, "battery": 3.9, "temperatureBoard": 23}, T.PRESS),
        ({"ALARM_status": "TRUE"}, T.SOS),
        ({"ALARM_status": "FALSE", "latitude": 22.7, "longitude": 114.2}, T.LOCATION),
        ({"sosFlag": 1}, T.SOS),
        ({"header": {"sos": True, "type": "POSITION"}}, T.SOS),
        ({"mandown_status": "In idle"}, T.FALL),
        ({"detection_status": "fall"}, T.FALL),
        ({"leakage_status": "leak"}, T.WATER),
        ({}, T.HEARTBEAT),
        (None, T.HEARTBEAT),
    ],
)
def test_it_reads_the_fields_of_every_codec(fields: Any, kind: T) -> None:
    (signal,) = uplink(fields)
    assert (signal.type, signal.suspect, signal.device) == (kind, None, "button-7")
    assert signal.at == datetime(2026, 11, 21, 8, 0, 0, 14773, tzinfo=UTC)


def test_it_never_alarms_for_what_somebody_typed_into_the_console() -> None:
    assert message("up", {"uplink_message": {"decoded_payload": {"sos": True}}, "simulated": True}) == ()
    assert message("down/nack", {"downlink_nack": {}, "simulated": True}) == ()


def test_it_knows_a_repeat_by_session_and_counter() -> None:
    (first,), (again,) = uplink({"button": "short"}), uplink({"button": "short"})
    assert first.ref == again.ref
    (later,) = uplink({"button": "short"}, f_cnt=8)
    (rejoined,) = uplink({"button": "short"}, session_key_id="other")
    assert len({first.ref, later.ref, rejoined.ref}) == 3


def test_it_does_not_swallow_a_press_after_a_battery_change_that_began_counting_anew() -> None:
    (first,) = uplink({"button": "short"}, f_cnt=1)
    (days_later,) = uplink({"button": "short"}, f_cnt=1, received_at="2026-12-01T08:00:00Z")
    assert first.ref != days_later.ref


def test_it_reads_a_counter_of_zero_where_it_is_left_out() -> None:
    (signal,) = message("up", {"uplink_message": {"session_key_id": "AXA50", "decoded_payload": {"button": "short"}}})
    assert signal.ref == "AXA50:0@"
    (keyless,) = message("up", {"uplink_message": {"f_cnt": 3, "decoded_payload": {"button": "short"}}})
    assert keyless.ref is None


@pytest.mark.parametrize(
    ("version", "payload", "kind"),
    [
        ({"brand_id": "milesight-iot", "model_id": "ws101"}, "/y4B", T.PRESS),
        ({"brand_id": "dragino", "model_id": "lgt92"}, "AVp1xAbPTRxNLA==", T.SOS),
        ({"brand_id": "nobody", "model_id": "x"}, "/y4B", T.HEARTBEAT),
        ({}, "not base64!", T.HEARTBEAT),
    ],
)
def test_it_reads_published_bytes_where_no_formatter_is_set(version: dict[str, str], payload: str, kind: T) -> None:
    port = 2 if version.get("brand_id") == "dragino" else 85
    (signal,) = uplink(None, frm_payload=payload, version_ids=version, f_port=port)
    assert signal.type is kind
    assert ("undecoded" in signal.measurements) is (kind is T.HEARTBEAT and "!" not in payload)


def test_it_takes_the_gateways_counter_for_no_time() -> None:
    (signal,) = message("up", {"uplink_message": {"rx_metadata": [{"timestamp": 1283325000}]}})
    assert (signal.type, signal.at) == (T.HEARTBEAT, None)


def test_it_reads_the_normalized_twin_as_the_same_signal() -> None:
    payload = {"air": {"temperature": 20.5, "relativeHumidity": 60}, "action": {"contactState": "open"}, "battery": 3.2}
    said = {"session_key_id": "AXA50", "f_cnt": 7, "received_at": RECEIVED, "normalized_payload": payload}
    (signal,) = message("up/normalized", {"uplink_normalized": said})
    (plain,) = uplink({"magnet_status": "open"})
    assert (signal.type, signal.ref, signal.measurements["open"]) == (T.DOOR, plain.ref, True)
    assert (signal.measurements["battery_voltage"], signal.battery) == (3.2, None)
    wet = said | {"normalized_payload": {"water": {"leak": True}}}
    assert [one.type for one in message("up/normalized", {"uplink_normalized": wet})] == [T.WATER]


@pytest.mark.parametrize(
    ("event", "said", "kind"),
    [
        ("join", {"join_accept": {"session_key_id": "A", "received_at": RECEIVED}}, T.HEARTBEAT),
        ("down/nack", {"downlink_nack": {}}, T.FAULT),
        ("down/failed", {"downlink_failed": {"error": {"name": "application_downlink_too_long"}}}, T.FAULT),
        ("location/solved", {"location_solved": {"location": {"latitude": 37.9, "longitude": 23.7}}}, T.LOCATION),
        ("down/ack", {"downlink_ack": {}}, None),
        ("down/sent", {"downlink_sent": {}}, None),
        ("down/queued", {"downlink_queued": {}}, None),
        ("down/queue/invalidated", {"downlink_queue_invalidated": {}}, None),
        ("service/data", {"service_data": {"service": "x", "data": {"sos": True}}}, None),
        ("down/push", {"downlinks": [{"decoded_payload": {"sos": True}}]}, None),
        ("location/solved", {"location_solved": {}}, None),
    ],
)
def test_it_reads_what_the_network_says_about_the_device(event: str, said: dict[str, Any], kind: T | None) -> None:
    assert [signal.type for signal in message(event, said)] == ([] if kind is None else [kind])


def test_it_names_the_reason_of_a_failed_downlink() -> None:
    (signal,) = message("down/failed", {"downlink_failed": {"error": {"name": "no_dev_addr"}}})
    assert signal.text == "a downlink failed: no_dev_addr"


@pytest.mark.parametrize("fields", ["oops", [1], 7])
def test_it_takes_a_formatters_nonsense_as_a_call_for_help(fields: Any) -> None:
    (signal,) = uplink(fields)
    assert (signal.type, signal.suspect) == (T.SOS, Suspect.UNPARSEABLE)


def test_it_takes_an_unreadable_uplink_as_a_call_and_an_unreadable_answer_as_a_fault() -> None:
    (press,) = devices.decode(f"{BASE}/up", b"\x0a\x24")
    assert (press.type, press.suspect, press.device) == (T.SOS, Suspect.UNPARSEABLE, "button-7")
    (answer,) = devices.decode(f"{BASE}/down/ack", b"\x0a\x24")
    assert (answer.type, answer.suspect) == (T.FAULT, None)


def test_it_takes_the_battery_from_the_last_device_status_if_the_device_says_none() -> None:
    status = {"value": 76.4, "f_cnt": 3}
    assert uplink({"button": "short"}, last_battery_percentage=status)[0].battery == 76.4
    assert uplink({"button": "short", "battery": 50}, last_battery_percentage=status)[0].battery == 50


def test_it_judges_stored_records_by_their_own_time() -> None:
    old = {"timestamp": 1795248000 - 3 * 86400, "button": "short"}
    assert uplink({"history": [old]}) == ()
    (signal,) = uplink({"history": [old | {"timestamp": 1795248000 - 60}]})
    assert (signal.type, signal.at) == (T.PRESS, datetime.fromtimestamp(1795248000 - 60, tz=UTC))


def test_it_finds_device_and_event_on_a_topic_of_ones_own() -> None:
    said = IDS | {"uplink_message": {"decoded_payload": {"sos": True}}}
    (signal,) = devices.decode("webhooks/tts", json.dumps(said).encode(), family="thethingsstack")
    assert (signal.type, signal.device) == (T.SOS, "button-7")
    assert devices.decode("webhooks/tts", json.dumps(IDS).encode(), family="thethingsstack") == ()


@pytest.mark.parametrize("written", ["0004A30B001C0530", "00:04:a3:0b:00:1c:05:30", "eui-0004a30b001c0530"])
def test_it_writes_device_ids_one_way(written: str) -> None:
    family = devices.FAMILIES["thethingsstack"]
    assert family.canonical(written) == "eui-0004a30b001c0530"
    assert family.canonical(" Button-7 ") == "button-7"
    assert family.address("v3/app/devices/eui-0004a30b001c0530/up") == "eui-0004a30b001c0530"
