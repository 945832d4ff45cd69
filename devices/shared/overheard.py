"""A press that is told under names no table knows: ``{"Alert": "SOS"}``, ``{"txReason": "BUTTON"}``, ``{"报警": 1}``.

Whoever writes a codec chooses its names. A registered button whose press reads like a sign of life rings nobody, so
what a family takes for mere life is searched once more, for words of an event with a value that says it happened. What
is found is a press: an alarm of what people call by, and nothing from anything else.

A name has to consist of known words only. ``alarm_enabled``, ``call_interval``, ``button_battery`` and
``low_battery_alert`` hold one that is not known here, and so they say nothing. A bare count (``button_count: 7``) says
nothing either: it stands in every heartbeat after the press, too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, Final, NamedTuple

from msgspec.structs import replace

from devices.shared import chinese, reading
from devices.shared.finding import ALARMS
from devices.signal import Signal, SignalType

T = SignalType
_MOST_FIELDS: Final = 256
_DEEPEST: Final = 8
_LONGEST: Final = 64
_SMALL, _BYTE = 16, 255
"""The greatest number of a key, and of an alarm, that is no time and no measurement."""

_HINTS: Final = tuple(
    word.encode()
    for word in """alarm alert sos panic help emergenc distress duress mayday button btn key press click push call
    trigger exti knopf taste notruf notfall hilfe urgence secours appel bouton boton pulsante ayuda aiuto pull cord
    bell \\u""".split()  # noqa: SIM905 - a table of words
)
"""Without one of these there is nothing to look for; Chinese is no ASCII, or is written as ``\\u62a5``."""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_LOUD: Final = _words(
    """sos panic help emergency emergencies distress duress mayday alarm alarms alert alerts alerted notruf hausnotruf
    notfall hilfe urgence secours emergencia emergenza ayuda aiuto alarma alarme"""
)
_KEYS: Final = _words(
    """button buttons btn btns key keys pushbutton knopf taster taste bouton boton pulsante call calls calling cord pull
    bell doorbell pendant trigger triggers triggered exti push press presses pressed click clicks clicked pushed pulled
    keypress keypressed buttonpress buttonpressed buttonclick appel ruf keypad"""
)
_CRIES: Final = _LOUD - _words("alarm alarms alert alerts alerted alarma alarme")
_VAGUE: Final = (_LOUD - _CRIES) | _words("trigger triggers triggered")
_DONE: Final = _words("pressed clicked pushed pulled keypressed buttonpressed")
_GESTURES: Final[Mapping[str, str]] = {
    "double": "double",
    "triple": "triple",
    "long": "long",
    "hold": "long",
    "held": "long",
    "short": "single",
    "single": "single",
}
_CARRIERS: Final = _words(
    """event events status state states msg message messages payload data type reason cause action actions code op
    opcode kind warning warnings notification notifications frame packet uplink report result value values text info
    what occurrence evt cmd command signal"""
)
"""Names of what holds the word for it."""
_FILLERS: Final = _words(
    """user users is has was been the a an by of on at from flag flags bit detected detection active activated patient
    resident red green blue main side left right top bottom middle center centre external ext int input interrupt
    irq remote manual one nurse medical tx rx up sent send received raised sw reported"""
)
_BY_HAND: Final = _words("user patient resident manual")
_NAMES: Final = _words("name id type kind")
"""Of a device they say what it is, of an event what happened."""
_OF_A_THING: Final = _CARRIERS | _NAMES
_OF_WORDS: Final = _LOUD | _KEYS | _CARRIERS | _FILLERS | _GESTURES.keys()
_OF_NAMES: Final = _OF_WORDS | _NAMES
_OF_A_STATE: Final = _words("status state value values active pressed event flag detected triggered action v activated")
_BARE: Final = _CARRIERS | _OF_A_STATE
_YES: Final = _words("yes y true on active activated set high down detected alarm alert triggered trigger")
_SETTINGS: Final = _words(
    """config configuration cfg conf setting settings mode modes enabled enable last previous prev name label title
    description desc version model default supported option options count counter template log history next"""
)
"""A name with one of these does not tell what happens now, whatever its value is."""
_CALLED: Final = _words("name label title")
_NOT_NOW: Final = _words(
    "config configuration cfg conf setting settings history datalog update tags metadata options schedule last previous"
)
_OF_ANOTHER: Final = _words(
    """device devices deviceinfo enddeviceids enddevice versionids rxinfo txinfo rxmetadata tags variables product
    model gateway networkids locations devicelist"""
)
"""Objects that describe the device or its way here; people name devices ``panic button``."""
_OF_VALUES: Final = _OF_WORDS | _YES
_HAN: Final = re.compile(r"[\u4e00-\u9fff]")
_CALL_PIECES: Final = "报警|告警|警报|呼叫|求助|求救|呼救|救命|紧急|按键|按钮|按下|触发|拉绳|一键"
_CHINESE: Final = re.compile(
    rf"(?:{_CALL_PIECES}|用户|老人|病人|患者|护士|床头|手动|主动|人工|设备|状态|标志|事件|信号|类型|信息|消息|上报|原因|动作|发生"
    r"|短按|长按|单击|双击|三击|点击|检测到|是|有|已|被|中|了|[!！。,， _:：0-9a-z]){1,40}"
)
_CHINESE_CALL: Final = re.compile(rf"{_CALL_PIECES}|短按|长按|单击|双击|三击|点击")
_CHINESE_GESTURES: Final[Mapping[str, str]] = {"长按": "long", "双击": "double", "三击": "triple"}
_CAMEL: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_WORD: Final = re.compile(r"[a-z]+")
_MERE_LIFE: Final = frozenset({T.HEARTBEAT, T.ONLINE, T.LOCATION, T.MEASUREMENT, T.BATTERY_OK, T.BATTERY_LOW})


def hinted(payload: bytes) -> bool:
    """Whether a message holds any word that is worth a look: most hold none, and are not looked at."""
    if len(payload) > reading.MAX_PAYLOAD:
        return False
    lower = payload.lower()
    return not payload.isascii() or any(word in lower for word in _HINTS)


class Heard(NamedTuple):
    """A press that was overheard.

    Attributes:
        gesture: How it was pressed, ``single`` where that is not said.
        sure: A key or a cry; false for a bare ``alarm`` or ``trigger``, which may be about anything.
        how: What said so: a ``word``, a ``flag``, or a ``number``.
    """

    gesture: str
    sure: bool = True
    how: str = "word"


def with_press(signals: tuple[Signal, ...], heard: Heard | None) -> tuple[Signal, ...]:
    """The signals of one device with the press that was overheard in its message.

    As in every message, a call outranks a sign of life and a measurement, whose figures ride along; a door, a movement
    and a fault stay beside it. What says an alarm already, or is doubted, stays as it is.
    """
    if heard is None or not needed(signals):
        return signals
    first = signals[0]
    gesture = heard.gesture
    measured = {"button": gesture} | first.measurements | {"overheard": True}
    if first.type in _MERE_LIFE:
        return (replace(first, type=T.PRESS, gesture=gesture, measurements=measured, text=""), *signals[1:])
    if not heard.sure:
        return signals  # the alarm of a door is told with the door
    ref = f"{first.ref}#{T.PRESS}" if first.ref else None
    return (*signals, replace(first, type=T.PRESS, gesture=gesture, ref=ref, measurements=measured, text=""))


def needed(signals: tuple[Signal, ...]) -> bool:
    """Whether these say no more than that one device lives, so that its message is worth a second look."""
    return (
        bool(signals)
        and not any(one.type in ALARMS or one.type is T.TEST or one.suspect is not None for one in signals)
        and all(one.device == signals[0].device is not None for one in signals)
        and signals[0].type is not T.OFFLINE
    )


def searched(signals: tuple[Signal, ...], said: object) -> tuple[Signal, ...]:
    """The signals of what one device said, with the press that its family's tables did not find in it."""
    return with_press(signals, press_in(said)) if needed(signals) else signals


def press_in(said: object, *, flags: bool = True, numbers: bool = True) -> Heard | None:
    """The press that a message tells of; None where it tells of none.

    Args:
        said: What the device itself said: objects, lists and scalars as they come from JSON.
        flags: Whether a bare ``alarm: true`` counts; false for families that know what theirs is about.
        numbers: Whether ``button: 1`` counts; false for families that repeat the last one with every measurement.
    """

    def first(newest: datetime | None) -> Heard | None:
        for heard in _pressed(said, frozenset(), "", 0, _Search([_MOST_FIELDS], newest)):
            if (flags or heard.sure or heard.how == "word") and (numbers or heard.how != "number"):
                return heard
        return None

    if first(None) is None:
        return None  # as of almost all messages, whose times need not be read then
    return first(max(_times(said, 0), default=None))


class _Search(NamedTuple):
    room: list[int]
    newest: datetime | None


_AGE: Final = timedelta(hours=24)
_CLOCKS: Final = ("time", "timestamp", "ts", "utc", "UTC", "Time")


def _times(said: object, depth: int) -> Iterator[datetime]:
    if isinstance(said, dict):
        if (at := _time_of(said)) is not None:
            yield at
        for value in list(said.values())[:_LONGEST] if depth < _DEEPEST else ():
            if isinstance(value, dict | list):
                yield from _times(value, depth + 1)
    elif isinstance(said, list) and depth < _DEEPEST:
        for one in said[:_SMALL]:
            yield from _times(one, depth + 1)


def _time_of(said: Mapping[str, Any]) -> datetime | None:
    return next((at for name in _CLOCKS if name in said and (at := reading.instant(said[name])) is not None), None)


def _is_past(said: Mapping[str, Any], newest: datetime | None) -> bool:
    """A record of another day, or one that says it is; and what only describes the device."""
    if reading.truth(said.get("is_historical")) or said.get("method") == "report_info":
        return True
    at = _time_of(said)
    return at is not None and newest is not None and newest - at > _AGE


def _pressed(said: object, above: frozenset[str], name: str, depth: int, search: _Search) -> Iterator[Heard]:
    if isinstance(said, dict):
        if depth < _DEEPEST and not _is_past(said, search.newest):
            yield from _in_object(said, above, name, depth, search)
    elif isinstance(said, list):
        for one in said[:_SMALL] if depth < _DEEPEST else ():
            if isinstance(one, str | dict | list):
                yield from _pressed(one, above, name, depth + 1, search)
    elif (found := _field(name, above, said)) is not None:
        yield found


def _in_object(
    said: Mapping[str, Any], above: frozenset[str], parent: str, depth: int, search: _Search
) -> Iterator[Heard]:
    fields = [(str(key)[:_LONGEST], value) for key, value in list(said.items())[: search.room[0]]]
    search.room[0] -= len(fields)
    named = [(name, words_of(name), value) for name, value in fields]
    denied = any(_denies(own, value) for _, own, value in named)
    if not denied and (found := _pair(named)):
        yield found
    explained = any(_explains(own, value) for _, own, value in named)
    for name, own, value in named:
        if isinstance(value, dict | list) and (own & _NOT_NOW or _squeezed(name) in _OF_ANOTHER):
            continue
        if denied and isinstance(value, str) and own & _OF_A_THING:
            continue  # {"type": "button", "state": "released"}
        if "key" in own and "value" in said and not isinstance(value, str):
            continue
        if explained and own & _ALARMING and own <= _OF_WORDS and not isinstance(value, str | dict | list):
            continue  # {"alarm_active": true, "alarms": ["over_temp"]}
        of = parent if not parent.isascii() and _HAN.search(parent) and own <= _OF_A_STATE else name
        yield from _pressed(value, _together(above, own, value), of, depth + 1, search)


def _together(above: frozenset[str], own: frozenset[str], value: object) -> frozenset[str]:
    """``status`` in ``button_event`` is the state of a button; a name that says something itself stands alone."""
    if not above or not own <= _BARE or not above <= _OF_WORDS:
        return own
    if not isinstance(value, str | dict | list) and not own <= _OF_A_STATE:
        return own  # a number for its type, its code
    return own | above


_ALARMING: Final = _words("alarm alarms alert alerts warning warnings")


def _explains(own: frozenset[str], value: object) -> bool:
    """Whether a name of alarms holds what they are about, and that is no call."""
    if not isinstance(value, str | list) or not own & _ALARMING:
        return False
    told = [value] if isinstance(value, str) else [one for one in value[:_SMALL] if isinstance(one, str)]
    found = [parts for one in told if (parts := words_of(one[:_LONGEST]))]
    return bool(found) and not any(parts & (_LOUD | _KEYS | _YES | _DONE) or parts <= _calm() for parts in found)


_DENYING: Final = _words("value state status active pressed v")


def _denies(own: frozenset[str], value: object) -> bool:
    if not own & _DENYING:
        return False
    if isinstance(value, str):
        return bool(words_of(value[:_LONGEST]) & _calm()) or reading.truth(value) is False
    return value is False or (value == 0 and not own & {"status"} and isinstance(value, int | float))


def _pair(named: Sequence[tuple[str, frozenset[str], object]]) -> Heard | None:
    """``{"type": "button", "value": 1}``, ``{"op_code": "button", "value": 1}``."""
    values = [value for name, _, value in named if name.lower() in _PAIR_VALUES]
    if len(values) != 1 or not _is_yes(values[0], _KEYS):
        return None
    for _, own, value in named:
        if not isinstance(value, str) or not own & _PAIR_NAMES:
            continue
        told = words_of(value[:_LONGEST])
        if told & (_LOUD | _KEYS) and told <= _OF_WORDS:
            return _gesture(told, _words_in(values[0]))
        if _HAN.search(value) and _is_chinese_call(value):
            return _gesture_of(value)
    return None


_PAIR_NAMES: Final = _words("type name key kind variable id n event op code opcode sensor channel identifier")
_PAIR_VALUES: Final = _words("value v state status pressed active measurementvalue")


def _field(name: str, words: frozenset[str], value: object) -> Heard | None:
    """One name and its value; ``words`` are the name's own and those of what it stands in."""
    if not value:
        return None
    if not name.isascii() and _HAN.search(name):
        return _chinese_field(name, value)
    if isinstance(value, str):
        return _said(words, value)
    if words & (_LOUD | _KEYS) and words <= _OF_WORDS and not words & {"id", "type", "code"} and _is_yes(value, words):
        return _gesture(words)._replace(how="flag" if isinstance(value, bool) else "number")
    return None


def _is_yes(value: object, words: frozenset[str]) -> bool:
    if isinstance(value, bool):
        return value
    if isinstance(value, int | float):
        most = 1 if words & _OF_A_STATE else _BYTE if words <= _LOUD else _SMALL
        return value == int(value) and 1 <= value <= most if abs(value) <= _BYTE else False
    if not isinstance(value, str):
        return False
    word = value.strip().lower()
    if (figure := reading.number(word)) is not None and word.isdecimal():
        return 1 <= figure <= (1 if words & _OF_A_STATE else _SMALL)
    found = words_of(value[:_LONGEST])
    return bool(found) and found <= _YES | _DONE | _GESTURES.keys() | {"press", "click", "push"}


def _said(words: frozenset[str], value: str) -> Heard | None:
    """A word for what happened, under a name that holds such words or is one."""
    if len(value) > _LONGEST:
        return None
    if not value.isascii() and _HAN.search(value):
        return _gesture_of(value) if words <= _OF_NAMES and _is_chinese_call(value) else None
    found = words_of(value)
    if not found:
        called = words & (_LOUD | _KEYS) and words <= _OF_WORDS and not words & (_NAMES | {"code"})
        return _gesture(words)._replace(how="number") if called and _is_yes(value, words) else None
    if not found <= _OF_VALUES or found & _calm():
        return None
    if found & _DONE and not words & _SETTINGS - (_CALLED if words & _CARRIERS else frozenset()):
        return _gesture(found, words)
    return _carried(words, found)


def _carried(words: frozenset[str], found: frozenset[str]) -> Heard | None:
    if not words or not words <= _OF_NAMES:
        return _gesture(found) if words == {"mode"} and found <= _LOUD else None
    if words & _NAMES and (words <= _NAMES or words & {"sw"}):  # the device's own type, unless it is a cry
        return _gesture(found) if words == {"type"} and found & _CRIES and not found & (_KEYS - {"call"}) else None
    if found & (_LOUD | _KEYS) and words - _FILLERS:
        return _gesture(found, words)
    called = words & (_LOUD | _KEYS) and found <= _YES | _GESTURES.keys() | _BY_HAND
    how = "flag" if found <= _YES else "word"
    return _gesture(found, words)._replace(how=how) if called and not words & {"id", "name", "code"} else None


@lru_cache(maxsize=1)
def _calm() -> frozenset[str]:
    return _words(
        """not no non none normal ok okay off false release released idle inactive clear cleared cancel cancelled
        canceled reset stop stopped end ended over disabled disable enabled enable unknown low battery disarmed standby
        rest resting unpressed closed deactivated resolved silent silenced null heartbeat periodic ready test"""
    )


def _chinese_field(name: str, value: object) -> Heard | None:
    if chinese.is_setting(name) or chinese.is_private(name) or not _CHINESE.fullmatch(name.lower()):
        return None
    if isinstance(value, str) and _HAN.search(value):
        if not _is_chinese_call(value) and chinese.truth(value) is not True:
            return None
        calls = _CHINESE_CALL.search(name) or _CHINESE_CALL.search(value)
        return _gesture_of(value) if calls and _CHINESE.fullmatch(value.lower()) else None
    if isinstance(value, str) and (found := words_of(value)) and not found & _calm():
        said = found & (_LOUD | _KEYS | _GESTURES.keys()) and found <= _OF_WORDS | _YES
        return _gesture(found) if said else None
    about = _CHINESE_CALL.search(name) and not re.search(r"类型|信息|消息|原因", name)
    yes = about and _is_yes(value, frozenset({"state"}) if "状态" in name else _KEYS)
    return _gesture_of(name)._replace(how="flag" if isinstance(value, bool) else "number") if yes else None


def _is_chinese_call(value: str) -> bool:
    said = value.strip().lower()
    return (
        len(said) <= _LONGEST
        and _CHINESE_CALL.search(said) is not None
        and _CHINESE.fullmatch(said) is not None
        and chinese.truth(said) is not False
    )


def _gesture_of(value: str) -> Heard:
    gesture = next((said for piece, said in _CHINESE_GESTURES.items() if piece in value), "single")
    return Heard(gesture, sure=_CHINESE_SURE.search(value) is not None)


_CHINESE_SURE: Final = re.compile("呼叫|求助|求救|呼救|救命|紧急|按键|按钮|按下|拉绳|一键|[短长]按|[单双三]击|点击")


def _gesture(*told: frozenset[str]) -> Heard:
    parts = frozenset().union(*told)
    gesture = next((said for word, said in _GESTURES.items() if word in parts), "single")
    return Heard(gesture, sure=bool(parts & ((_LOUD | _KEYS | _DONE) - _VAGUE)))


def _words_in(value: object) -> frozenset[str]:
    return words_of(value[:_LONGEST]) if isinstance(value, str) else frozenset()


def _squeezed(name: str) -> str:
    return "".join(_WORD.findall(name.lower()))


@lru_cache(maxsize=8192)  # the names that a fleet sends for ever; bounded against made-up ones
def words_of(name: str) -> frozenset[str]:
    """The words of a name, in lower case and without digits: ``txReason`` and ``tx_reason1`` are the same two."""
    found: list[str] = _WORD.findall(_CAMEL.sub(" ", name).lower())
    return frozenset((*found, _CHINESE_NAME)) if _HAN.search(name) else frozenset(found)


_CHINESE_NAME: Final = "汉"
"""Stands for what is read as Chinese, so that ``SOS开关`` is no mere ``sos``."""
