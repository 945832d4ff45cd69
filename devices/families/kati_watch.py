"""Kati watches: SOS, fall, vital signs and position of a wrist-worn phone, on topics that all watches share.

Source: stardust-my-firstcare-com, ``docs/KATI_WATCH_MQTT_PAYLOAD.md``. The watch is known by the IMEI in the payload.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from devices.addresses import IMEI
from devices.family import Family
from devices.shared import reading, thing_model_words, vitals
from devices.shared.finding import Findings, unaddressed, unreadable
from devices.signal import Signal, SignalType, Suspect

NAME: Final = "kati_watch"
T = SignalType
_ROOT = "imede_watch/"
_IMEI = re.compile(rb'"IMEI"\s{0,8}:\s{0,8}"?(\d{6,20})', re.IGNORECASE)
_MAX_RECORDS = 500
_WATCH_SAYS: Final = {"sos": T.SOS, "falldown": T.FALL}
_KNOWN: Final = frozenset({"hb", "vitalsign", "ap55", "location", "sleepdata", "onlinetrigger"})


def matches(topic: str) -> bool:
    """Whether the topic lies under ``iMEDE_watch/``, in any case: the maker writes both ``sos`` and ``SOS``."""
    return topic[: len(_ROOT)].lower() == _ROOT


def address(topic: str) -> str | None:  # noqa: ARG001 - the shape of Family.address
    """None: all watches share the topics."""
    return None


def decode(topic: str, payload: bytes, *, retained: bool = False) -> tuple[Signal, ...]:
    """Read one message; see `Family.decode`."""
    if not payload:
        return ()
    about = topic.rpartition("/")[2].lower()
    try:
        said = reading.json_object(payload)
    except reading.UnreadableError:
        return _garbled(about, payload, retained=retained)
    device = reading.text(said.get("IMEI") or said.get("imei"), 32) or None
    findings = Findings(battery=reading.percent(said.get("battery")))
    _location(said.get("location"), findings)
    if kind := _WATCH_SAYS.get(about.replace("_", "")) or _status(said):
        findings.add(kind)
    elif about == "onlinetrigger":
        _online(said, findings)
    elif about == "sleepdata":
        _sleep(said.get("sleep"), findings)
    elif about in _KNOWN or not _unknown(about, said, findings):
        _vitals(said, findings, heartbeat=about == "hb")
    if device is None and not findings.found:
        return unaddressed(NAME, retained=retained)
    return findings.signals(device, NAME, retained=retained)


def _unknown(about: str, said: Mapping[str, Any], findings: Findings) -> bool:
    """A topic that the page does not name: its word, or the status in it, may be an alarm; whether it says anything."""
    status = reading.text(said.get("status"), 32)
    for word in (about, status):
        if (kind := thing_model_words.event(word)) and kind is not T.HEARTBEAT:
            findings.add(kind)
            return True
    if status and thing_model_words.event(status) is None:
        findings.add(
            T.FAULT, suspect=Suspect.UNKNOWN_CODE, text=f"topic {about if about.isalpha() else 'unknown'}"[:64]
        )
    return bool(findings.found)


def _garbled(about: str, payload: bytes, *, retained: bool) -> tuple[Signal, ...]:
    """A watch quotes its Wi-Fi list by hand, and badly: its IMEI may be readable where the rest is not."""
    if not (found := _IMEI.search(payload[:4096])):
        return unaddressed(NAME, retained=retained)
    device = found[1].decode()
    if about != "falldown":
        return unreadable(device, NAME, retained=retained)
    return (Signal(device=device, family=NAME, type=T.FALL, retained=retained, suspect=Suspect.UNPARSEABLE),)


def _status(said: Mapping[str, Any]) -> SignalType | None:
    """``"SOS"`` and ``"FALL DOWN"``, on whatever topic they come."""
    return _WATCH_SAYS.get(reading.text(said.get("status"), 32).lower().replace(" ", "").replace("_", ""))


def _online(said: Mapping[str, Any], findings: Findings) -> None:
    if reading.text(said.get("status"), 16).lower() == "offline":
        findings.add(T.OFFLINE)


def _location(where: object, findings: Findings) -> None:
    """GPS if there is any; cell and Wi-Fi names alone are no position."""
    satellite = where.get("GPS") if isinstance(where, dict) else None
    if isinstance(satellite, dict):
        findings.position = reading.position(satellite.get("latitude"), satellite.get("longitude"))
        if findings.position:
            findings.add(T.LOCATION)


def _vitals(said: Mapping[str, Any], findings: Findings, *, heartbeat: bool) -> None:
    """One set of vital signs, or the latest of a batch (``AP55``). Nobody knows the zone of ``timeStamps``."""
    taken = vitals.read(_fields(said), findings, worn=True)
    if records := said.get("data"):
        taken += _batch(records, findings)
    if taken and not heartbeat:
        findings.found.clear()
        findings.add(T.MEASUREMENT)


def _batch(records: object, findings: Findings) -> int:
    kept = [one for one in records[-_MAX_RECORDS:] if isinstance(one, dict)] if isinstance(records, list) else []
    dated = [(at, one) for one in kept if (at := reading.instant(one.get("timestamp")))]
    if dated:
        findings.at, latest = max(dated, key=lambda pair: pair[0])
    elif kept:
        latest = kept[-1]
    else:
        return 0
    findings.measurements["records"] = len(kept)
    return vitals.read(_fields(latest), findings, worn=True)


def _fields(said: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, value in said.items():
        if isinstance(value, dict) and name == "bloodPressure":
            yield from value.items()
        elif not isinstance(value, dict | list):
            yield name, value


def _sleep(sleep: object, findings: Findings) -> None:
    """A night's sleep as one digit a period; how many periods there were."""
    if isinstance(sleep, dict) and (periods := reading.number(sleep.get("num"))) is not None and periods >= 0:
        findings.measurements["sleep_periods"] = periods
        findings.add(T.MEASUREMENT)


FAMILY: Final = Family(
    name=NAME,
    subscriptions=("iMEDE_watch/#", "imede_watch/#", "IMEDE_WATCH/#"),
    matches=matches,
    decode=decode,
    addresses=IMEI,
    address=address,
    rank=2,
    overhears=None,
)
