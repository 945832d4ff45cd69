"""What a device said, in alarmd's own words.

A decoder turns one message into zero or more `Signal` values. It knows neither who owns the device nor what a press
means in that home: that is decided later, from how the device is registered.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import msgspec


class SignalType(StrEnum):
    """The signal types of CONTRACT.md, section MQTT; nothing else is ever printed or stored."""

    SOS = "sos"
    ASSIST = "assist"
    PRESS = "press"
    CANCEL = "cancel"
    FALL = "fall"
    INACTIVITY = "inactivity"
    NO_CHECK_IN = "no_check_in"
    CHECK_IN = "check_in"
    SMOKE = "smoke"
    HEAT = "heat"
    GAS = "gas"
    CO = "co"
    WATER = "water"
    INTRUDER = "intruder"
    DOOR = "door"
    MOTION = "motion"
    PRESENCE = "presence"
    BED_EXIT = "bed_exit"
    WANDER = "wander"
    VITAL = "vital"
    BATTERY_LOW = "battery_low"
    BATTERY_OK = "battery_ok"
    MAINS_LOST = "mains_lost"
    MAINS_BACK = "mains_back"
    TAMPER = "tamper"
    FAULT = "fault"
    TEST = "test"
    HEARTBEAT = "heartbeat"
    ONLINE = "online"
    OFFLINE = "offline"
    LOCATION = "location"
    MEASUREMENT = "measurement"


class Suspect(StrEnum):
    """Why an alarm is doubted. A doubted alarm of a life-safety device is an alarm all the same (promise 4)."""

    UNPARSEABLE = "unparseable"
    UNKNOWN_CODE = "unknown_code"
    ODD_BATTERY = "odd_battery"


class Signal(msgspec.Struct, frozen=True, kw_only=True):
    """One thing one device said.

    Attributes:
        device: The address by which the family knows the device (friendly name, devEUI, MAC …); None where the message
            names none.
        family: The decoder that read it, for example ``"zigbee2mqtt"``.
        type: What was said.
        at: The device's own time, aware UTC; information only, the time of receipt is truth. None when absent or
            absurd.
        ref: The family's own key of this one signal; the same ``ref`` again is the same signal. None where there is
            none.
        gesture: For ``press``: ``single``, ``double``, ``long`` or the family's own word.
        battery: Per cent, 0-100.
        lat: WGS-84 degrees.
        lon: WGS-84 degrees.
        accuracy_m: Radius of the position, metres.
        measurements: Name to value, in the units of CONTRACT.md (°C, mmHg, beats/min, per cent SpO2, seconds, metres).
        text: What the device wants a person to read.
        retained: The broker's stored copy, not a live message: neither an alarm nor a sign of life.
        suspect: Why this signal is doubted, or None.
    """

    device: str | None
    family: str
    type: SignalType
    at: datetime | None = None
    ref: str | None = None
    gesture: str | None = None
    battery: float | None = None
    lat: float | None = None
    lon: float | None = None
    accuracy_m: float | None = None
    measurements: dict[str, float | int | bool | str] = msgspec.field(default_factory=dict)
    text: str = ""
    retained: bool = False
    suspect: Suspect | None = None
