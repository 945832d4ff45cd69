"""What the clouds' thing models share: how a switch was pressed, whose name is nobody's business, what Chinese says."""

from __future__ import annotations

import json

import pytest

import devices
from devices import SignalType as T
from devices.shared import chinese


def reported(fields: dict[str, object]) -> tuple[devices.Signal, ...]:
    return devices.decode("/sys/p/d/thing/event/property/post", json.dumps({"params": fields}).encode())


@pytest.mark.parametrize(
    ("name", "value", "gesture"),
    [
        ("switch_mode1", "click", "single"),
        ("switch_mode1", "double_click", "double"),
        ("switch_mode2", "press", "long"),
        ("switch1_value", "long_press", "long"),
        ("key", "pressed", "single"),
    ],
)
def test_it_tells_how_a_wireless_switch_was_pressed(name: str, value: str, gesture: str) -> None:
    (signal,) = reported({name: value})
    assert (signal.type, signal.gesture, signal.measurements["button"]) == (T.PRESS, gesture, name)


@pytest.mark.parametrize(
    ("name", "value"),
    [("报警联系人", "张三"), ("alarm_user", "李四"), ("紧急联系人电话", "13800000000"), ("IMEI", "350000003456789")],
)
def test_it_shows_no_name_and_no_number_of_a_person(name: str, value: str) -> None:
    for signal in reported({name: value}):
        assert value not in f"{signal.text} {signal.measurements}"


def test_it_reads_vital_signs_and_battery_under_their_chinese_names() -> None:
    (signal,) = reported({"心率": "88", "高压": 131, "低压": 84, "血氧": 97, "电量": 77})
    assert signal.measurements == {"heart_rate": 88, "systolic": 131, "diastolic": 84, "spo2": 97}
    assert signal.battery == 77


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("安全出口门磁", T.DOOR),
        ("紧急呼叫", T.SOS),
        ("床头呼叫", T.PRESS),
        ("老人坠床", T.FALL),
        ("离床", T.BED_EXIT),
        ("电池电压低", T.BATTERY_LOW),
        ("窗帘", None),
        ("sos", None),
    ],
)
def test_it_finds_the_piece_of_a_chinese_name_that_carries_its_meaning(name: str, kind: T | None) -> None:
    assert chinese.kind_of(name) is kind


@pytest.mark.parametrize(("word", "yes"), [("未触发", False), ("已触发", True), ("无异常", False), ("三号楼", None)])
def test_it_knows_yes_and_no_in_chinese(word: str, yes: bool | None) -> None:  # noqa: FBT001 - a table's column
    assert chinese.truth(word) is yes
