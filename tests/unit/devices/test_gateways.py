"""Through which gateway a message came: all that is silent behind one is one incident, which names it."""

from __future__ import annotations

import json

import pytest

from devices import registry
from devices.family import Family

BEACON = {"mac": "AC233FA3B2C1", "rssi": -60, "rawData": "0201060303E1FF"}
READING = {
    "mac": "DC:DA:0C:5A:80:64",
    "type": "reportAttribute",
    "data": {"attribute": "BP_BIOLIGHT", "mac": "DC:DA:0C:5A:80:64", "value": {"device_list": [{"ble_addr": "aa"}]}},
}
CHILD = {"identity": {"productKey": "p", "deviceName": "cord"}, "properties": {"sos": {"value": 1}}}
CAME_THROUGH = [
    ("openmqttgateway", "home/OMG_bath/433toMQTT", {"value": 5393}, "home/OMG_bath", "home/OMG_bath/LWT"),
    ("openmqttgateway", "home/OMG_bath/RTL_433toMQTT/X/1", {"id": 1}, "home/OMG_bath", "home/OMG_bath/LWT"),
    ("openmqttgateway", "home/OMG_bath/BTtoMQTT/A4C1380000AA", {}, "home/OMG_bath", "home/OMG_bath/LWT"),
    ("openmqttgateway", "home/home_presence/OMG_bath", {}, "home/OMG_bath", "home/OMG_bath/LWT"),
    ("theengs_ble", "home/Theengs/BTtoMQTT/A4C1380000AA", {"id": "A4"}, "home/Theengs", None),
    ("theengs_ble", "home/home_presence/Theengs", {"id": "A4"}, "home/Theengs", None),
    ("espruinohub", "/ble/advertise/d1:5c:00:00:00:01", {"rssi": -60}, "/ble", None),
    ("minew_g1", "/gw/ac233fc00001/status", [BEACON], "AC233FC00001", None),
    ("tasmota", "tele/zbbridge/SENSOR", {"ZbReceived": {"0x2A4F": {}}}, "zbbridge", "tele/zbbridge/LWT"),
    ("tasmota", "tele/zbbridge/2A4F/SENSOR", {"ZbReceived": {"0x2A4F": {}}}, "zbbridge", "tele/zbbridge/LWT"),
    ("tasmota", "tele/floor/rf/RESULT", {"RfReceived": {"Data": "1A2B3C"}}, "floor/rf", "tele/floor/rf/LWT"),
    ("tasmota", "stat/cord/RESULT", {"Button1": {"Action": "SINGLE"}}, "", None),
    ("shelly_gen2", "gw-2/status/bthomedevice:200", {"rssi": -60}, "gw-2", "gw-2/online"),
    ("shelly_gen2", "gw-2/events/rpc", {"params": {"events": [{"component": "bthomedevice:200"}]}}, "gw-2", None),
    ("shelly_gen2", "gw-2/events/rpc", {"params": {"events": [{"data": {"address": "aa"}}]}}, "gw-2", None),
    ("shelly_gen2", "plus-1/events/rpc", {"params": {"events": [{"component": "input:0"}]}}, "", None),
    ("shelly_gen2", "plus-1/status/input:0", {"state": True}, "", None),
    ("happy_bubbles", "happy-bubbles/ble/hall/ibeacon/x", {"uuid": "x"}, "happy-bubbles/ble/hall", None),
    (
        "ha_mqtt_room",
        "espresense/devices/watch/hall",
        {"id": "watch"},
        "espresense/rooms/hall",
        "espresense/rooms/hall/status",
    ),
    ("ha_mqtt_room", "room_presence/hall", {"id": "watch"}, "room_presence/hall", None),
    ("meshtastic", "msh/EU_868/2/json/LongFast/!7efeee00", {"from": 1}, "2130636288", "msh/2/stat/!7efeee00"),
    ("rtl_433", "rtl_433/attic/events", {"model": "X", "id": 1}, "rtl_433/attic", "rtl_433/attic/availability"),
    ("rtl_433", "rtl_433/attic/devices/X/1/state", 1, "rtl_433/attic", "rtl_433/attic/availability"),
    ("sparkplug_b", "spBv1.0/house/DDATA/edge/cord", {"metrics": []}, "house/edge", "spBv1.0/house/NDEATH/edge"),
    ("nurse_call_akil", "xtremesos/700/sosalarm", {"roomId": 12}, "700", None),
    ("ava4_gateway", "dusun_pub", READING, "DC:DA:0C:5A:80:64", None),
    ("qube_vital", "CM4_BLE_GW_TX", READING, "DC:DA:0C:5A:80:64", None),
    ("huawei_iotda", "$oc/devices/gw/sys/gateway/sub_devices/properties/report", {"devices": []}, "gw", None),
    ("huawei_iotda", "$oc/devices/cord/sys/properties/report", {"services": []}, "", None),
    ("aliyun_iot", "/sys/p/gw/thing/event/property/pack/post", {"params": {"subDevices": [CHILD]}}, "gw", None),
    ("aliyun_iot", "/sys/p/cord/thing/event/sos/post", {"params": {}}, "", None),
    ("onenet", "$sys/p/gw/thing/pack/post", {"params": [CHILD]}, "gw", None),
    ("onenet", "$sys/p/cord/thing/event/post", {"params": {}}, "", None),
]


@pytest.mark.parametrize(("family", "topic", "said", "gateway", "will"), CAME_THROUGH)
def test_it_tells_which_gateway_brought_it(
    family: str, topic: str, said: object, gateway: str, will: str | None
) -> None:
    tells = registry.FAMILIES[family].gateway
    assert tells is not None
    assert tells(topic, json.dumps(said).encode()) == gateway
    if will is not None:
        words = (b"offline", b"Offline", b"false", b"")
        gone = [signal.device for word in words for signal in registry.FAMILIES[family].decode(will, word or b"{}")]
        assert gateway in gone, "a last will is a hint about the same name"


@pytest.mark.parametrize("family", [one for one in registry.FAMILIES.values() if one.gateway is not None])
def test_it_has_no_trouble_with_what_nobody_can_read(family: Family) -> None:
    assert family.gateway is not None
    for topic in ("", "/", "a/b", "$", "a/BTtoMQTT", "x" * 5000):
        for payload in (b"", b"\xff\x00", b"{", b"[[]]"):
            assert isinstance(family.gateway(topic, payload), str)
