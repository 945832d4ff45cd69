"""Reading TwiML, as far as a keypad menu needs it. Whatever else is met is a fault of the sender."""

from __future__ import annotations

from dataclasses import dataclass, field

# The documents come from the daemon under test, over loopback; expat's own limits on entities are enough here.
from xml.etree import ElementTree as ET

SAY_LIMIT = 4096  # characters
DOCUMENT_LIMIT = 64 * 1024  # bytes
_ATTRIBUTES = {
    "Say": {"voice", "language", "loop"},
    "Pause": {"length"},
    "Gather": {
        "action", "method", "timeout", "numDigits", "finishOnKey", "input", "actionOnEmptyResult", "language"
    },
    "Redirect": {"method"},
    "Hangup": set[str](),
    "Message": {"to", "from", "action", "method", "statusCallback"},
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Say:
    """Words spoken."""

    words: str
    language: str = ""


@dataclass(frozen=True, slots=True)
class Pause:
    """Silence, in seconds."""

    length: float = 1.0


@dataclass(frozen=True, slots=True)
class Gather:
    """Waiting for keys: prompts first, then ``timeout`` seconds; then the keys go to ``action``."""

    prompts: tuple[Say | Pause, ...]
    action: str
    timeout: float
    digits: int | None
    finish: str
    on_empty: bool


@dataclass(frozen=True, slots=True)
class Redirect:
    """Go on with another document."""

    address: str


@dataclass(frozen=True, slots=True)
class Hangup:
    """End of the call."""


Verb = Say | Pause | Gather | Redirect | Hangup


@dataclass(slots=True)
class Document:
    """What one TwiML document says, and what is wrong with it."""

    verbs: list[Verb] = field(default_factory=list)
    messages: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)


def read(text: str) -> Document:
    """Read one TwiML document; never raises, what is wrong is in ``faults``."""
    found = Document()
    if len(text.encode()) > DOCUMENT_LIMIT:
        found.faults.append(f"TwiML of {len(text.encode())} bytes is above the limit of {DOCUMENT_LIMIT}")
        return found
    try:
        root = ET.fromstring(text)  # noqa: S314 - see the import
    except ET.ParseError as error:
        found.faults.append(f"not XML: {error}: {text[:200]!r}")
        return found
    if root.tag != "Response":
        found.faults.append(f"the root element is {root.tag!r}, not Response")
        return found
    for element in root:
        _verb(element, found)
    return found


def _verb(element: ET.Element, found: Document) -> None:
    strange = set(element.attrib) - _ATTRIBUTES.get(element.tag, set())
    if element.tag in _ATTRIBUTES and strange:
        found.faults.append(f"{element.tag} has no attribute {sorted(strange)}")
    match element.tag:
        case "Say":
            found.verbs.append(_say(element, found))
        case "Pause":
            found.verbs.append(Pause(float(element.get("length", "1"))))
        case "Gather":
            found.verbs.append(_gather(element, found))
        case "Redirect":
            found.verbs.append(Redirect((element.text or "").strip()))
        case "Hangup":
            found.verbs.append(Hangup())
        case "Message":
            body = element.find("Body")
            found.messages.append(((body.text if body is not None else element.text) or "").strip())
        case other:
            found.faults.append(f"unknown verb {other}")


def _say(element: ET.Element, found: Document) -> Say:
    words = "".join(element.itertext()).strip()
    if not words:
        found.faults.append("an empty Say")
    if len(words) > SAY_LIMIT:
        found.faults.append(f"a Say of {len(words)} characters; {SAY_LIMIT} are allowed")
    return Say(words, element.get("language", ""))


def _gather(element: ET.Element, found: Document) -> Gather:
    inner = Document()
    for child in element:
        if child.tag not in {"Say", "Pause"}:
            inner.faults.append(f"{child.tag} inside Gather")
        else:
            _verb(child, inner)
    found.faults.extend(inner.faults)
    timeout, digits = element.get("timeout", "5"), element.get("numDigits")
    if not timeout.isdigit() or int(timeout) < 1:
        found.faults.append(f"Gather timeout {timeout!r} is not a number of seconds from 1")
        timeout = "5"
    if digits is not None and (not digits.isdigit() or int(digits) < 1):
        found.faults.append(f"Gather numDigits {digits!r} is not a number from 1")
        digits = None
    if element.get("input", "dtmf") != "dtmf":
        found.faults.append(f"Gather input {element.get('input')!r}: these phones have keys only")
    return Gather(
        prompts=tuple(verb for verb in inner.verbs if isinstance(verb, Say | Pause)),
        action=element.get("action", ""),
        timeout=float(timeout),
        digits=int(digits) if digits else None,
        finish=element.get("finishOnKey", "#"),
        on_empty=element.get("actionOnEmptyResult", "false").lower() == "true",
    )
