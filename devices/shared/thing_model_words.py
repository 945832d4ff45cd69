"""What the identifiers of a product's "thing model" mean: properties and events that each maker names as he likes.

Sources: the standard status sets of Tuya (sos, ywbj, rqbj, cobj, sj, mcs, pir, hps), the standard functions of Aliyun
IoT, and the ways makers write the same in camel case, with underscores and in pinyin.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Final

from devices.shared import chinese
from devices.signal import SignalType

T = SignalType

_SPLIT = re.compile(r"(?:[Cc]|[Ss][Pp])[Oo]2|[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+|[\u4e00-\u9fff]+")

_JOINED: Final = (
    # what is written together, or only means something together; the first that is part of the name counts
    ("testalarm", T.TEST),
    ("selfcheck", T.TEST),
    ("selftest", T.TEST),
    ("lowbattery", T.BATTERY_LOW),
    ("batterylow", T.BATTERY_LOW),
    ("lowpower", T.BATTERY_LOW),
    ("lowvoltage", T.BATTERY_LOW),
    ("undervoltage", T.BATTERY_LOW),
    ("lowelectricity", T.BATTERY_LOW),
    ("lowbat", T.BATTERY_LOW),
    ("dianliangdi", T.BATTERY_LOW),
    ("outofbed", T.BED_EXIT),
    ("leavebed", T.BED_EXIT),
    ("leftbed", T.BED_EXIT),
    ("leavingbed", T.BED_EXIT),
    ("bedexit", T.BED_EXIT),
    ("offbed", T.BED_EXIT),
    ("lichuang", T.BED_EXIT),
    ("falldown", T.FALL),
    ("dropstate", T.FALL),
    ("fallalarm", T.FALL),
    ("falldetect", T.FALL),
    ("diedao", T.FALL),
    ("shuaidao", T.FALL),
    ("mandown", T.FALL),
    ("nocheckin", T.NO_CHECK_IN),
    ("missedcheckin", T.NO_CHECK_IN),
    ("nomotion", T.INACTIVITY),
    ("nomovement", T.INACTIVITY),
    ("noactivity", T.INACTIVITY),
    ("longstay", T.INACTIVITY),
    ("staytoolong", T.INACTIVITY),
    ("staticdwell", T.INACTIVITY),
    ("stayalarm", T.INACTIVITY),
    ("ch4", T.GAS),
    ("overtemp", T.HEAT),
    ("hightemp", T.HEAT),
    ("breathstop", T.VITAL),
    ("carbonmonoxide", T.CO),
    ("cosensor", T.CO),
    ("coalarm", T.CO),
    ("poweroff", T.MAINS_LOST),
    ("powerfail", T.MAINS_LOST),
    ("poweroutage", T.MAINS_LOST),
    ("powercut", T.MAINS_LOST),
    ("powerdown", T.MAINS_LOST),
    ("powerlost", T.MAINS_LOST),
    ("acloss", T.MAINS_LOST),
    ("mainslost", T.MAINS_LOST),
    ("duandian", T.MAINS_LOST),
    ("powerrestore", T.MAINS_BACK),
    ("mainsback", T.MAINS_BACK),
    ("geofence", T.WANDER),
    ("outoffence", T.WANDER),
    ("outofarea", T.WANDER),
    ("fenceout", T.WANDER),
    ("leavefence", T.WANDER),
    ("watersensor", T.WATER),
    ("waterleak", T.WATER),
    ("doorcontact", T.DOOR),
    ("overheat", T.HEAT),
    ("heatalarm", T.HEAT),
    ("hightemperature", T.HEAT),
    ("sos", T.SOS),
    ("emergency", T.SOS),
    ("yijianhujiao", T.SOS),
    ("yijianbaojing", T.SOS),
    ("onekeyalarm", T.SOS),
    ("onekeycall", T.SOS),
    ("callforhelp", T.SOS),
    ("qiuzhu", T.SOS),
    ("hujiu", T.SOS),
    ("jijiu", T.SOS),
    ("jinji", T.SOS),
)
_WORDS: Final[Mapping[str, SignalType]] = {
    **dict.fromkeys(("panic", "help", "rescue", "distress", "mayday", "紧急", "求助", "呼救"), T.SOS),
    **dict.fromkeys(("fall", "fallen", "falling", "tumble", "slip", "跌倒", "摔倒"), T.FALL),
    **dict.fromkeys(("smoke", "fire", "flame", "yanwu", "huozai", "烟雾", "火警"), T.SMOKE),
    **dict.fromkeys(("gas", "methane", "lpg", "ranqi", "燃气"), T.GAS),
    "co": T.CO,
    **dict.fromkeys(("water", "flood", "leak", "leakage", "immersion", "shuijin", "水浸"), T.WATER),
    **dict.fromkeys(("intruder", "intrusion", "burglar", "breakin"), T.INTRUDER),
    **dict.fromkeys(("inactivity", "inactive", "motionless", "retention", "dwell"), T.INACTIVITY),
    **dict.fromkeys(("wander", "wandering", "fence"), T.WANDER),
    **dict.fromkeys(("tamper", "temper", "dismantle", "demolish", "removed", "chaidong", "拆除"), T.TAMPER),
    **dict.fromkeys(("bradycardia", "tachycardia", "apnea", "arrhythmia", "hypoxia"), T.VITAL),
    "checkin": T.CHECK_IN,
    **dict.fromkeys(("button", "key", "press", "pressed", "click", "doorbell"), T.PRESS),
    **dict.fromkeys(("door", "contact", "window"), T.DOOR),
    **dict.fromkeys(("motion", "pir", "movement", "infrared", "vibration", "shock"), T.MOTION),
    **dict.fromkeys(("presence", "occupancy", "human", "people", "bed"), T.PRESENCE),
}
_ORDER: Final = (
    T.SOS,
    T.FALL,
    T.SMOKE,
    T.GAS,
    T.CO,
    T.WATER,
    T.INTRUDER,
    T.TAMPER,
    T.INACTIVITY,
    T.WANDER,
    T.VITAL,
    T.CHECK_IN,
    T.PRESS,
    T.DOOR,
    T.MOTION,
    T.PRESENCE,
)
_CALL: Final = frozenset({"call", "calling", "callnurse", "nursecall", "hujiao"})
_TELEPHONE: Final = frozenset(
    "incoming outgoing record log phone voice video answer hangup ended back volte number in out".split()  # noqa: SIM905 - a table of words
)
"""A watch is a telephone, too: ``IncomingCall`` is no call for help."""
_VITALS: Final = frozenset(
    {"heart", "heartrate", "spo2", "oxygen", "blood", "pressure", "breath", "respiration", "bpm"}
)
_ALARM: Final = frozenset(
    {"alarm", "alert", "warn", "warning", "abnormal", "exception", "high", "low", "over", "limit"}
)
_CANCEL: Final = frozenset(
    {"cancel", "cancelled", "canceled", "clear", "cleared", "restore", "recover", "recovery"}
) | {
    "recovered",
    "release",
    "released",
    "dismiss",
    "reset",
    "stop",
    "quxiao",
    "取消",
    "解除",
}
_FAULT: Final = frozenset(
    {"error", "fault", "failure", "fail", "malfunction", "broken", "guzhang", "trouble", "jam"}
) | {
    "arrears",
    "unpaid",
    "expired",
    "nosim",
    "qianfei",
}
_UNPAID: Final = ("欠费", "停机")
"""The SIM card's credit is used up: one-key telephones were silent for it in Wuhan."""
_LIFE: Final = frozenset(
    {
        "heartbeat",
        "keepalive",
        "alive",
        "online",
        "login",
        "boot",
        "startup",
        "start",
        "info",
        "report",
        "upload",
        "ping",
    }
) | {"status", "state", "version", "sync", "time", "ntp", "register", "connect", "connected", "charge", "charging"}
_SETTING_UP: Final = frozenset({"config", "cfg", "setting", "settings"})
_GONE: Final = frozenset({"offline", "disconnect", "disconnected", "lost"})
_SETTING: Final = frozenset(
    {"phone", "number", "num", "tel", "contacts", "name", "switch", "enable", "enabled", "sensitivity", "threshold"}
) | {
    "value",
    "count",
    "counts",
    "times",
    "timeout",
    "interval",
    "volume",
    "config",
    "cfg",
    "setting",
    "settings",
    "set",
    "list",
    "duration",
    "time",
    "delay",
    "mute",
    "ringtone",
    "led",
    "concentration",
    "ppm",
    "version",
    "addr",
    "url",
    "level",
    "height",
    "distance",
    "enablement",
    "mode",
    "tone",
    "valve",
    "temperature",
    "humidity",
}
"""Words that make of an alarm's name that of its setting: ``sos_phone``, ``FallDetectSwitch``, ``gas_sensor_value``."""
_SETTING_ENDS: Final = ("phone", "number", "switch", "enable", "contact", "contacts", "tel", "name", "threshold")

_CLIMATE: Final = frozenset({"temperature", "humidity", "concentration", "level", "valve"})
"""Figures by themselves, and states where the name says that it is an alarm: ``HighTemperatureAlarm``."""
_ALARM_NAMES: Final = frozenset({"alarm", "alert", "warn", "warning", "abnormal", "exception"})
ENDED: Final[Mapping[SignalType, SignalType]] = {
    T.BATTERY_LOW: T.BATTERY_OK,
    T.MAINS_LOST: T.MAINS_BACK,
    T.OFFLINE: T.ONLINE,
    T.TAMPER: T.HEARTBEAT,
    **{kind: kind for kind in (T.MAINS_BACK, T.DOOR, T.MOTION, T.PRESENCE, T.TEST)},
}
"""What it is when something ends that nobody had called for; of all else the end is a ``cancel``."""

NO: Final = frozenset({"no", "not", "non", "none", "normal", "without", "never"})
"""``no_fall``, ``fall_normal``: words that turn the rest of a value into its opposite."""
CALM: Final = frozenset(
    {"", "normal", "none", "no", "ok", "idle", "clear", "cleared", "false", "off", "close", "closed", "0", "safe"}
) | {
    "standby",
    "silence",
    "null",
    "inactive",
    "released",
    "release",
    "cancel",
    "high",
    "middle",
    "medium",
    "full",
    "正常",
    "无",
}
"""Values that say that nothing is wrong; ``high`` and ``middle`` are battery states."""


@lru_cache(
    maxsize=4096
)  # a product has a few dozen names and a fleet sends them for ever; bounded against made-up ones
def words(identifier: str) -> frozenset[str]:
    """``"SOSAlarm"``, ``"sos_alarm"`` and ``"SosAlarm"`` to ``{"sos", "alarm"}``."""
    return frozenset(word.lower() for word in _SPLIT.findall(identifier[:64]))


@lru_cache(
    maxsize=4096
)  # a product has a few dozen names and a fleet sends them for ever; bounded against made-up ones
def meaning(identifier: str) -> SignalType | None:
    """What a name is about, whether it happened or not; None if nobody knows."""
    parts = words(identifier)
    joined = "".join(_SPLIT.findall(identifier[:64])).lower()
    if parts & _VITALS and parts & _ALARM:
        return T.VITAL
    for piece, kind in _JOINED:
        if piece in joined:
            return kind
    kinds = {_WORDS[part] for part in parts if part in _WORDS}
    if {"check", "in"} <= parts:
        kinds.add(T.CHECK_IN)
    if parts & _CALL and not parts & _TELEPHONE:
        kinds.add(T.PRESS)
    return next((kind for kind in _ORDER if kind in kinds), None) or chinese.kind_of(identifier)


@lru_cache(maxsize=4096)  # as above
def is_setting(identifier: str) -> bool:
    """Whether a property only sets or counts something."""
    parts = words(identifier)
    setting = parts & _SETTING
    if setting and not (setting <= _CLIMATE and parts & _ALARM_NAMES):
        return True
    if chinese.is_setting(identifier):
        return True
    joined = "".join(_SPLIT.findall(identifier[:64])).lower()
    return joined.endswith(_SETTING_ENDS) and ("sos" in joined or "emergency" in joined or "fall" in joined)


def is_trouble(text: str) -> bool:
    """Whether a name or a value says that the device itself is in trouble (``fault``, ``check_failure``)."""
    return bool(words(text) & _FAULT) or any(word in text for word in _UNPAID) or chinese.is_trouble(text)


@lru_cache(maxsize=4096)  # as above
def event(identifier: str) -> SignalType | None:
    """What an event of this name says happened; None where nobody knows."""
    parts = words(identifier)
    kind = meaning(identifier)
    if parts & _SETTING_UP or (kind is None and parts & _CALL):
        return T.HEARTBEAT  # somebody set it up; a watch's telephone rang
    if kind is None and (parts & _GONE or chinese.is_gone(identifier)):
        kind = T.OFFLINE
    over = bool(parts & _CANCEL) or chinese.is_over(identifier)
    if kind is not None:
        return ENDED.get(kind, T.CANCEL) if over and parts & _CANCEL != {"stop"} else kind
    if over and (parts & _ALARM_NAMES or "battery" in parts or "报警" in identifier or "告警" in identifier):
        return T.BATTERY_OK if "battery" in parts else T.CANCEL
    if is_trouble(identifier) or any(identifier.lower().endswith(word) for word in ("error", "fault", "failure")):
        return T.FAULT
    return T.HEARTBEAT if parts & _LIFE and not parts & _ALARM else None
