"""A medicine box and a wristband that notices falls, as ``drug/<id>/<word>``, with Chinese texts.

Source: scuiot-team/drug, ``docs/MQTT.md``. ``slip`` with code 400 is a fall; 200 is how the others say "here is data".
"""

from __future__ import annotations

import re
from typing import Final

from devices.family import Family
from devices.shared import reading, vitals
from devices.shared.finding import Findings, unreadable
from devices.signal import Signal, SignalType, Suspect

NAME: Final = "scuiot_drug"
_TOPIC = re.compile(r"drug/([^/]+)/(slip|heartrate|spo2|adddrug)")
_FALL = 400


def matches(topic: str) -> bool:
    """Whether a device speaks here (``nextdrug`` is said to it)."""
    return topic.startswith("drug/") and _TOPIC.fullmatch(topic) is not None


def address(topic: str) -> str | None:
    """The id that box and wristband share."""
    match = _TOPIC.fullmatch(topic)
    return match[1] if match else None


def decode(topic: str, payload: bytes, *, retained: bool = False) -> tuple[Signal, ...]:
    """Read one message; see `Family.decode`."""
    match = _TOPIC.fullmatch(topic)
    if match is None or not payload:
        return ()
    device, word = match[1], match[2]
    try:
        said = reading.json_object(payload)
    except reading.UnreadableError:
        return unreadable(device, NAME, retained=retained)
    findings = Findings(at=reading.instant(said.get("timestamp")))
    code = said.get("code")
    if word == "slip":
        known = code is None or reading.number(code) == _FALL
        findings.text = reading.text(said.get("message"), 200)
        findings.add(SignalType.FALL, suspect=None if known else Suspect.UNKNOWN_CODE)
    elif word != "adddrug" and vitals.read([(word, said.get(word))], findings, worn=True):
        findings.add(SignalType.MEASUREMENT)
    return findings.signals(device, NAME, retained=retained)


FAMILY: Final = Family(
    name=NAME,
    subscriptions=("drug/+/slip", "drug/+/heartrate", "drug/+/spo2", "drug/+/adddrug"),
    matches=matches,
    decode=decode,
    address=address,
)
