"""Sparkplug B: industrial gateways (edge nodes) and their devices, as protobuf or as JSON.

Source: the Sparkplug 3.0 specification and its ``sparkplug_b.proto``. What a metric means is told by its name, see
`devices.shared.plain_words`; the bytes are read in `devices.families.sparkplug_b.wire`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from devices.families.sparkplug_b import wire
from devices.family import Family
from devices.shared import plain_words, reading
from devices.shared.finding import ALARMS, Findings, Found, unreadable
from devices.signal import Signal, SignalType

NAME: Final = "sparkplug_b"
T = SignalType
_TOPIC = re.compile(r"spBv1\.0/([^/]+)/([ND](?:BIRTH|DEATH|DATA|CMD))/([^/]+)(?:/([^/]+))?")
_COMMANDS = ("NCMD", "DCMD")
_DEATHS = ("NDEATH", "DDEATH")
_BIRTHS = ("NBIRTH", "DBIRTH")
MOST_METRICS: Final = 256
"""Of one message that are read."""
_OWN: Final = ("node control/", "device control/", "properties/", "node info/")
_OLD = timedelta(hours=24)


def matches(topic: str) -> bool:
    """Whether an edge node or a device speaks or is spoken to; a host's ``STATE`` is no device."""
    return _TOPIC.fullmatch(topic) is not None


def address(topic: str) -> str | None:
    """``<group>/<edge node>`` or ``<group>/<edge node>/<device>``."""
    match = _TOPIC.fullmatch(topic)
    if match is None or match[2] in _COMMANDS:
        return None
    return "/".join(part for part in (match[1], match[3], match[4]) if part)


def decode(topic: str, payload: bytes, *, retained: bool = False) -> tuple[Signal, ...]:
    """Read one message; see `Family.decode`."""
    match = _TOPIC.fullmatch(topic)
    kind = match[2] if match else "DDATA"
    if not payload or kind in _COMMANDS or topic.startswith("spBv1.0/STATE/"):
        return ()
    device = address(topic) or topic or None
    try:
        said = payload_of(payload)
    except reading.UnreadableError:
        if kind in _DEATHS:  # that it came is what it says
            return (Signal(device=device, family=NAME, type=T.OFFLINE, retained=retained),)
        return unreadable(device, NAME, retained=retained)
    findings = Findings(at=reading.instant(said.get("timestamp")))
    metrics = said.get("metrics")
    _read(metrics if isinstance(metrics, list) else (), findings)
    if kind in _DEATHS:
        findings.found = [Found(T.OFFLINE)]
    elif kind in _BIRTHS:
        findings.add(T.ONLINE)
        findings.found.sort(key=lambda one: one.type is not T.ONLINE)
    sequence = reading.number(said.get("seq"))
    if findings.at and sequence is not None and kind not in _DEATHS:
        findings.ref = f"{findings.at.isoformat()} {sequence}"
    return _said(findings, kind).signals(device, NAME, retained=retained)


def _said(findings: Findings, kind: str) -> Findings:
    """A birth tells all that a device knows: its alarms count, and of the rest only that it is there."""
    if kind in _BIRTHS and not any(one.type in ALARMS for one in findings.found):
        findings.found = [Found(T.ONLINE)]
    return findings


def payload_of(payload: bytes) -> Mapping[str, Any]:
    """A payload in its JSON form, whichever of the two it came in.

    Raises:
        UnreadableError: It is neither.
    """
    if payload.lstrip()[:1] == b"{":
        return reading.json_object(payload)
    return wire.read(payload)


def _read(metrics: Sequence[Any], findings: Findings) -> None:
    """All metrics; those that name themselves by a number (alias) were named in a birth that is gone."""
    unnamed = 0
    for metric in metrics[:MOST_METRICS]:
        if not isinstance(metric, dict) or metric.get("is_null") or metric.get("isNull"):
            continue
        name = reading.text(metric.get("name"), 120)
        if name == "bdSeq":
            if (number := reading.number(metric.get("value"))) is not None:
                findings.measurements["bd_seq"] = number
        elif not name:
            unnamed += 1
        elif not name.lower().startswith(_OWN):
            _metric(name, metric, findings)
    if unnamed:
        findings.measurements["undecoded"] = True
        findings.text = f"{unnamed} metrics by alias only, and no birth that names them"


def _metric(name: str, metric: Mapping[str, Any], findings: Findings) -> None:
    value = metric.get("value")
    if isinstance(value, dict | list):
        return
    if not (metric.get("is_historical") or metric.get("isHistorical")):
        plain_words.read(name, value, findings)
        return
    taken = reading.instant(metric.get("timestamp"))
    past = Findings()
    plain_words.read(name, value, past)
    if _recent(taken, findings.at):
        findings.found.extend(
            Found(one.type, one.gesture, one.suspect, one.text, taken) for one in past.found if one.type in ALARMS
        )
    else:
        findings.measurements["historical"] = True


def _recent(taken: datetime | None, sent: datetime | None) -> bool:
    """Kept while the network was away, and not older than a day; without a time nobody can say that it is old."""
    return taken is None or sent is None or reading.recent(taken, sent, age=_OLD)


def edge_node(topic: str) -> tuple[str, str]:
    """Which edge node, as ``<group>/<edge node>``, and the type of its message; empty for any other topic."""
    match = _TOPIC.fullmatch(topic)
    return (f"{match[1]}/{match[3]}", match[2]) if match else ("", "")


def gateway(topic: str, payload: bytes) -> str:
    """The edge node, ``<group>/<edge node>``, as its death certificate names it."""
    del payload
    match = _TOPIC.fullmatch(topic)
    return f"{match[1]}/{match[3]}" if match else ""


FAMILY: Final = Family(
    name=NAME,
    subscriptions=(
        "spBv1.0/+/NBIRTH/+",
        "spBv1.0/+/NDEATH/+",
        "spBv1.0/+/NDATA/+",
        "spBv1.0/+/DBIRTH/+/+",
        "spBv1.0/+/DDEATH/+/+",
        "spBv1.0/+/DDATA/+/+",
    ),
    replies=("spBv1.0/+/NCMD/+",),
    matches=matches,
    decode=decode,
    address=address,
    gateway=gateway,
)
