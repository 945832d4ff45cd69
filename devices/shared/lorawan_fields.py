"""The fields that LoRaWAN codecs call things by, in lower case, as tables.

Sources: Milesight SensorDecoders, TheThingsNetwork lorawan-devices (browan, dragino, abeeway, mutelcor, arwin), MOKO's
product decoders, and public codecs of the AN301 button and of health watches.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from devices.signal import SignalType

T = SignalType


@dataclass(frozen=True, slots=True)
class State:
    """What one word of a state field means.

    Attributes:
        type: The signal, or None where the word is only worth noting.
        name: Under which name to note it among the measurements; empty for not at all.
        value: What to note.
    """

    type: SignalType | None
    name: str = ""
    value: bool = True


CALM: Final = frozenset(
    {
        "",
        "normal",
        "none",
        "no",
        "n",
        "n/a",
        "na",
        "ok",
        "release",
        "released",
        "released alarm",
        "threshold alarm release",
        "unset",
        "unknown",
        "idle",
        "false",
        "disable",
        "null",
        "off",
        "heartbeat",
        "nein",
        "aus",
        "frei",
        "ruhe",
        "losgelassen",
        "nicht gedrückt",
        "non",
        "repos",
        "relâché",
        "not pressed",
        "unpressed",
    }
)

FLAGS: Final[Mapping[str, SignalType]] = {
    **dict.fromkeys(
        (
            "sosflag",
            "sos",
            "sosevent",
            "sos_event",
            "emergencyalert",
            "emergency",
            "sos_alarm",
            "sosalarm",
            "panic",
            "alarm_status",
            "alarmstatus",
            "geotriggersos",
            "red_key",
            "sos_status",
            "sos_button",
            "safety_status_eb",
        ),
        T.SOS,
    ),
    **dict.fromkeys(
        (
            "fall_detection",
            "fall",
            "fall_alarm",
            "fallalarm",
            "falldetected",
            "fall_detected",
            "man_down_alarm",
            "mandown",
            "man_down",
            "safety_status_fall",
        ),
        T.FALL,
    ),
    **dict.fromkeys(
        ("tamper_alarm", "tamper", "tamperalarm", "tamper_detected", "tamperdetected", "tamperreport", "tamperstate"),
        T.TAMPER,
    ),
    **dict.fromkeys(("battery_low", "low_battery", "lowbattery", "batterylow"), T.BATTERY_LOW),
    **dict.fromkeys(("smoke", "smoke_alarm"), T.SMOKE),
    **dict.fromkeys(
        ("water_leak", "water_leak_status", "leak", "leakage", "waterleak", "floodreport", "flood", "water_status"),
        T.WATER,
    ),
    **dict.fromkeys(("co_alarm", "carbon_monoxide"), T.CO),
    **dict.fromkeys(("gas", "gas_alarm"), T.GAS),
    "co2threshold": T.FAULT,
    "nognssfix": T.FAULT,
}

_DOOR = {
    **dict.fromkeys(("open", "opened", "true", "1"), State(T.DOOR, "open", value=True)),
    **dict.fromkeys(("closed", "close", "false", "0"), State(T.DOOR, "open", value=False)),
}
_MOTION = {
    **dict.fromkeys(
        ("trigger", "triggered", "occupied", "motion", "true", "1", "moving", "start moving"), State(T.MOTION, "motion")
    ),
    **dict.fromkeys(("normal", "vacant", "idle", "false", "0", "stop moving"), State(T.MOTION, "motion", value=False)),
}
_PRESENCE = {
    **dict.fromkeys(("occupied", "trigger", "true", "1"), State(T.PRESENCE, "presence")),
    **dict.fromkeys(("vacant", "normal", "false", "0"), State(T.PRESENCE, "presence", value=False)),
}
_LEAK = {
    **dict.fromkeys(("leak", "leakage", "alarm", "true", "1"), State(T.WATER, "water_leak")),
    **dict.fromkeys(("normal", "no leak", "false", "0"), State(None, "water_leak", value=False)),
}
_SMOKE = {"alarm": State(T.SMOKE, "smoke"), "normal": State(None, "smoke", value=False)}
_TAMPER = {
    **dict.fromkeys(("uninstalled", "uninstall", "removed", "triggered", "tampered"), State(T.TAMPER, "tamper")),
    **dict.fromkeys(("installed", "install", "normal", "not triggered"), State(None, "tamper", value=False)),
}

STATES: Final[Mapping[str, Mapping[str, State]]] = {
    "b_alarmstatus": {"alarm mode": State(T.SOS, "sos"), "non-alarm mode": State(None, "sos", value=False)},
    "mandown_status": {"in idle": State(T.FALL, "man_down"), "not in idle": State(None, "man_down", value=False)},
    "detection_status": {
        "fall": State(T.FALL),
        "in_bed": State(T.PRESENCE, "in_bed"),
        "in bed": State(T.PRESENCE, "in_bed"),
        "out_of_bed": State(T.PRESENCE, "in_bed", value=False),
        "out of bed": State(T.PRESENCE, "in_bed", value=False),
        "vacant": State(T.PRESENCE, "presence", value=False),
    },
    "target_status": {"motionless": State(T.INACTIVITY), "lying_down": State(T.FALL), "lying down": State(T.FALL)},
    "respiratory_status": dict.fromkeys(("bradynea", "bradypnea", "tachypnea", "apnea", "abnormal"), State(T.VITAL)),
    "leakage_status": _LEAK,
    "water_leakage_status": _LEAK,
    "smoke_status": _SMOKE,
    "gas_status": {
        **dict.fromkeys(("alarm", "leak", "leakage"), State(T.GAS, "gas")),
        "normal": State(None, "gas", value=False),
    },
    "magnet_status": _DOOR,
    "door_status": _DOOR,
    "door": _DOOR,
    "door_open_status": _DOOR,
    "tamper_status": _TAMPER,
    "pir": _MOTION,
    "pir_status": _MOTION,
    "motion_status": _MOTION,
    "occupancy": _PRESENCE,
    "occupancy_status": _PRESENCE,
    "occupied": _PRESENCE,
    "presence": _PRESENCE,
    "presencesensor": _PRESENCE,
    "doorreport": _DOOR,
    "door_sensor": _DOOR,
    "reed": _DOOR,
    "reed_state": _DOOR,
    "geofence_status": {"outside": State(T.WANDER, "inside", value=False), "inside": State(None, "inside")},
    "device_status": {"off": State(T.OFFLINE), "on": State(None)},
}
EVENTS_OF: Final[Mapping[str, Mapping[str, State]]] = {
    "water.event": {
        "water present": State(T.WATER, "water_leak"),
        "water not present": State(None, "water_leak", value=False),
    },
    "doorwindow.event": _DOOR,
    "contact.event": {
        "contacts opened": State(T.DOOR, "open"),
        "contacts shorted": State(T.DOOR, "open", value=False),
    },
    "tamper.event": {"open": State(T.TAMPER, "tamper"), "closed": State(None, "tamper", value=False)},
}
"""Radio Bridge's sensors, which say ``Event`` of each thing they watch."""
INPUTS: Final = (
    "gpio",
    "gpio_in",
    "gpio_input",
    "digital_in",
    "digital_input",
    "digitalinput",
    "digital",
    "pin_state",
    "di",
    "input",
)
"""Wired inputs, also with a number behind."""
CALLS: Final = frozenset({"sos", "panic", "emergency", "fall", "mandown"})
CALL_WORDS: Final = CALLS | {"alarm", "alert", "button", "event", "detected", "message", "report", "call"}
KEYS: Final = frozenset(
    """button buttons btn key keys clicked click pressed push pushbutton knopf taste taster bouton touche appui
    knop toets pulsante pulsador boton botón tasto 按键 left right top bottom upper lower up down middle center
    red green""".split()  # noqa: SIM905 - a table of words
)
"""A name of nothing but these is a key's."""
STATES_OF_A_CALL: Final = frozenset(
    {"status", "state", "active", "event", "pressed", "detected", "triggered", "alarm", "action"}
)
NO_CALL: Final = frozenset(
    """count counter counts total totals number num time timer timestamp date duration delay timeout interval
    period version enabled enable enabling config configuration mode threshold sensitivity level voltage battery
    rssi snr id crc temperature humidity zähler anzahl compteur nombre zeit durée led buzzer sound tone lock
    locked type length size error model rate off contact contacts phone user name caller note text hour date
    supported capability mask pin firmware last previous since""".split()  # noqa: SIM905 - as above
)
"""A name with one of these tells of a call, and is none."""
HELD: Final = frozenset({"pressed", "press", "active", "triggered", "trigger", "held", "alert"})
NO_STRANGERS: Final = frozenset(
    {"detection_status", "target_status", "respiratory_status", "b_alarmstatus", "mandown_status"}
)
"""Fields in which an unknown word is an alarm we do not know yet."""

SMOKE_EVENTS: Final[Mapping[str, State]] = {
    "alarm": State(T.SMOKE, "smoke"),
    "silent": State(T.CANCEL, "silenced"),
    "low battery": State(T.BATTERY_LOW, "battery_low"),
    "failover": State(T.FAULT),
    "removed": State(T.TAMPER, "tamper"),
    "installed": State(None, "tamper", value=False),
    "testing alarm with normal battery": State(T.TEST),
    "testing alarm with low battery": State(T.TEST, "battery_low"),
}

THRESHOLDS: Final = frozenset(
    {
        "temperature_alarm",
        "temperature_abnormal",
        "humidity_alarm",
        "freeze_protection",
        "co2_alarm",
        "pressure_alarm",
        "illuminance_alarm",
        "sensor_status",
        "temperature_exception",
        "humidity_exception",
    }
)

CODE_FIELDS: Final = (
    "data_type",
    "alerttype",
    "alert_type",
    "payload_type",
    "event_type",
    "eventtype",
    "msg_type",
    "message_type",
    "messagetype",
    "notificationtype",
    "event_status",
    "eventname",
    "event_name",
    "alarms",
    "alerts",
    "events",
)

CODES: Final[tuple[tuple[frozenset[str], SignalType | None], ...]] = tuple(
    (frozenset(needed.split()), kind)
    for needed, kind in (
        ("sos off", T.CANCEL),
        ("sos stop", T.CANCEL),
        ("sos end", T.CANCEL),
        ("sos exit", T.CANCEL),
        ("alert alarm exit", T.CANCEL),
        ("man down exit", T.CANCEL),
        ("man down end", T.CANCEL),
        ("alert alarm", T.SOS),
        ("test", T.TEST),
        ("testing", T.TEST),
        ("sos", T.SOS),
        ("emergency", T.SOS),
        ("panic", T.SOS),
        ("help", T.SOS),
        ("man down", T.FALL),
        ("mandown", T.FALL),
        ("fall", T.FALL),
        ("fire", T.SMOKE),
        ("smoke", T.SMOKE),
        ("tamper", T.TAMPER),
        ("removed", T.TAMPER),
        ("battery low", T.BATTERY_LOW),
        ("location failure", T.FAULT),
        ("failure", T.FAULT),
        ("failover", T.FAULT),
        ("fault", T.FAULT),
        ("button", T.PRESS),
        ("press", T.PRESS),
        ("pressed", T.PRESS),
        ("moving", T.MOTION),
        ("geozoning exit", T.WANDER),
        ("shutdown", T.OFFLINE),
        ("motion", T.MOTION),
        ("movement", T.MOTION),
        ("shock", T.MOTION),
    )
)
"""In order: the first whose words are all there says what the code means; what is not here says nothing."""

RADAR: Final[Mapping[str, SignalType]] = {
    "fall": T.FALL,
    "lying_down": T.FALL,
    "motionless": T.INACTIVITY,
    "dwell": T.INACTIVITY,
    "out_of_bed": T.BED_EXIT,
    "bradynea": T.VITAL,
    "bradypnea": T.VITAL,
    "tachypnea": T.VITAL,
    "apnea": T.VITAL,
    "occupied": T.PRESENCE,
    "vacant": T.PRESENCE,
}
REPLAYED: Final = frozenset(
    {T.SOS, T.PRESS, T.FALL, T.INACTIVITY, T.SMOKE, T.HEAT, T.GAS, T.CO, T.WATER, T.BED_EXIT, T.VITAL, T.WANDER}
)
"""What a stored record can still call people for."""

GESTURES: Final[Mapping[str, str]] = {
    "double": "double",
    "triple": "triple",
    "long": "long",
    "hold": "long",
    "short": "single",
    "single": "single",
    "press": "single",
    "pressed": "single",
    "click": "single",
    "button": "single",
}

MEASURED: Final[Mapping[str, str]] = {
    **{
        name: name
        for name in (
            "temperature",
            "humidity",
            "co2",
            "pressure",
            "tvoc",
            "pm2_5",
            "pm10",
            "hcho",
            "o3",
            "nh3",
            "h2s",
            "light_level",
            "concentration",
            "spo2",
            "heart_rate",
            "steps",
            "distance",
            "luminosity",
        )
    },
    **dict.fromkeys(
        (
            "temp",
            "tem",
            "tempc_sht41",
            "tempc_sht",
            "tempc_sht31",
            "temperature [°c]",
            "temperaturesensor",
            "tempreport",
        ),
        "temperature",
    ),
    **dict.fromkeys(
        (
            "hum",
            "hum_sht41",
            "hum_sht",
            "hum_sht31",
            "relative_humidity",
            "relative humidity [%]",
            "humiditysensor",
        ),
        "humidity",
    ),
    **dict.fromkeys(("body_temperature", "bodytemperature"), "body_temperature"),
    "co2_ppm": "co2",
    "laeq": "sound_level",
    "leq": "sound_level",
    "respiratory_rate": "respiration_rate",
    "heartrate": "heart_rate",
    **dict.fromkeys(("blood_oxygen", "bloodoxygen", "spo2_value"), "spo2"),
    **dict.fromkeys(("systolic", "bp_sys", "systolic_pressure", "blood_pressure_systolic", "sbp"), "systolic"),
    **dict.fromkeys(("diastolic", "bp_dia", "diastolic_pressure", "blood_pressure_diastolic", "dbp"), "diastolic"),
    "step": "steps",
}

NOTED: Final[Mapping[str, str]] = dict.fromkeys(("temperatureboard", "temperaturemeasure"), "temperature")
"""The device's own warmth: worth keeping, but no reason to call a heartbeat a measurement."""

POSITIONS: Final = (
    ("latitude", "longitude"),
    ("position.gnssfix.latitude", "position.gnssfix.longitude"),
    ("gpslatitude", "gpslongitude"),
    ("latitude", "longitud"),
    ("lat", "lon"),
    ("lat", "lng"),
    ("lat", "long"),
    ("gps.latitude", "gps.longitude"),
    ("gps.lat", "gps.lon"),
    ("location.latitude", "location.longitude"),
    ("d_latitude", "c_longitude"),
    ("latitudedeg", "longitudedeg"),
    ("coordinates.latitude", "coordinates.longitude"),
    ("[13] latitude", "[14] longitude"),
)

VOLTS: Final = frozenset(
    {"vdd", "batv", "bat_v", "battery_voltage", "batteryvoltage", "voltage battery/input [v]", "battery_v"}
)
PERCENT: Final = frozenset(
    {"battery", "batterylevel", "battery_level", "batt", "a_batterylevle", "bat_level", "battery_percent"}
)
BROWAN: Final = frozenset({"temperatureboard", "co2threshold", "co2calibration", "movingmode", "gnsserror"})
"""Fields that only Browan's codecs have, whose ``battery`` is in volts."""
