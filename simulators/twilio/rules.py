"""What Twilio's public API asks of a request that sends a message or places a call.

Limits and error codes are those of Twilio's public API reference and error dictionary. A fault is answered as Twilio
answers it; it is also kept, because the daemon ought never to send such a request.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlsplit

from starlette.datastructures import ImmutableMultiDict

Form = ImmutableMultiDict[str, str]

BODY_LIMIT = 1600  # characters of an SMS, above which 21617
VALIDITY_LIMIT = 36_000  # seconds
RING_LIMIT = 600  # seconds
CALL_EVENTS = frozenset({"initiated", "ringing", "answered", "completed"})
_E164 = re.compile(r"\+[1-9]\d{1,14}")

MESSAGE_FIELDS = frozenset((
    "To", "StatusCallback", "ApplicationSid", "MaxPrice", "ProvideFeedback", "Attempt", "ValidityPeriod",
    "ForceDelivery", "ContentRetention", "AddressRetention", "SmartEncoded", "PersistentAction", "TrafficType",
    "ShortenUrls", "ScheduleType", "SendAt", "SendAsMms", "ContentVariables", "RiskCheck", "From",
    "FallbackFrom", "MessagingServiceSid", "Body", "MediaUrl", "ContentSid", "MessageIntent",
))  # fmt: skip
CALL_FIELDS = frozenset((
    "To", "From", "Method", "FallbackUrl", "FallbackMethod", "StatusCallback", "StatusCallbackEvent",
    "StatusCallbackMethod", "SendDigits", "Timeout", "Record", "RecordingChannels", "RecordingStatusCallback",
    "RecordingStatusCallbackMethod", "SipAuthUsername", "SipAuthPassword", "MachineDetection",
    "MachineDetectionTimeout", "RecordingStatusCallbackEvent", "Trim", "CallerId",
    "MachineDetectionSpeechThreshold", "MachineDetectionSpeechEndThreshold", "MachineDetectionSilenceTimeout",
    "AsyncAmd", "AsyncAmdStatusCallback", "AsyncAmdStatusCallbackMethod", "Byoc", "CallReason", "CallToken",
    "RecordingTrack", "TimeLimit", "Url", "Twiml", "ApplicationSid",
))  # fmt: skip
# Connection overrides in an address's fragment: lowest and highest number (milliseconds; rc: a count), allowed words.
_TUNED_NUMBERS = {"ct": (100, 10_000), "rt": (100, 15_000), "tt": (100, 15_000), "rc": (0, 5)}
_TUNED_WORDS = {
    "rp": {"all", "4xx", "5xx", "ct", "rt"},
    "e": {"ashburn", "dublin", "sydney", "tokyo", "singapore", "frankfurt", "sao-paulo"},
    "sni": {"y", "n"},
}


@dataclass(frozen=True, slots=True)
class Fault:
    """One rule broken.

    Attributes:
        code: Twilio's error code.
        message: What is wrong.
        status: The HTTP status Twilio answers with; 0 = it takes the request all the same.
    """

    code: int
    message: str
    status: int = 400


def is_e164(number: str) -> bool:
    """True for a plus sign and up to fifteen digits."""
    return _E164.fullmatch(number) is not None


def is_callback(address: str) -> bool:
    """True for an absolute http(s) address whose fragment, if any, holds only connection overrides Twilio knows."""
    parts = urlsplit(address)
    if parts.scheme not in {"http", "https"} or not parts.netloc:
        return False
    tuning = parse_qsl(parts.fragment, keep_blank_values=True)
    return (not parts.fragment or bool(tuning)) and all(_is_tuning(name, value) for name, value in tuning)


def _is_tuning(name: str, value: str) -> bool:
    if name in _TUNED_NUMBERS:
        return _in_range(value, *_TUNED_NUMBERS[name])
    return set(value.split(",")) <= _TUNED_WORDS.get(name, set())


def _in_range(text: str, low: int, high: int) -> bool:
    return text.isdigit() and low <= int(text) <= high


def message_faults(form: Form, owned: frozenset[str]) -> list[Fault]:
    """What is wrong with a request to send an SMS; empty = nothing."""
    faults = []
    to, sender, body = form.get("To", ""), form.get("From", ""), form.get("Body", "")
    if not to:
        faults.append(Fault(21604, "A 'To' phone number is required."))
    elif not is_e164(to):
        faults.append(Fault(21211, f"Invalid 'To' Phone Number: {to}"))
    if not sender:
        faults.append(Fault(21603, "A 'From' phone number is required."))
    elif not is_e164(sender):
        faults.append(Fault(21212, f"Invalid 'From' Phone Number: {sender}"))
    elif sender not in owned:
        faults.append(Fault(21606, f"The 'From' phone number {sender} is not a number of this account."))
    if not body.strip():
        faults.append(Fault(21602, "Message body is required."))
    elif len(body) > BODY_LIMIT:
        faults.append(Fault(21617, f"The message body exceeds the {BODY_LIMIT} character limit: {len(body)}."))
    if "StatusCallback" in form and not is_callback(form["StatusCallback"]):
        faults.append(Fault(21609, f"The StatusCallback URL {form['StatusCallback']} is not a valid URL."))
    if "ValidityPeriod" in form and not _in_range(form["ValidityPeriod"], 1, VALIDITY_LIMIT):
        faults.append(Fault(21625, f"ValidityPeriod must be 1 to {VALIDITY_LIMIT} seconds: {form['ValidityPeriod']}"))
    return faults + _unknown(form, MESSAGE_FIELDS) + _repeated(form, {"MediaUrl", "PersistentAction"})


def call_faults(form: Form, owned: frozenset[str]) -> list[Fault]:
    """What is wrong with a request to place a call; empty = nothing."""
    faults = []
    to, sender = form.get("To", ""), form.get("From", "")
    if not to:
        faults.append(Fault(21201, "No 'To' number is specified."))
    elif not is_e164(to):
        faults.append(Fault(21211, f"Invalid 'To' Phone Number: {to}"))
    if not sender:
        faults.append(Fault(21213, "No 'From' number is specified."))
    elif not is_e164(sender):
        faults.append(Fault(21212, f"Invalid 'From' Phone Number: {sender}"))
    elif sender not in owned:
        faults.append(Fault(21210, f"'From' phone number {sender} is not verified for this account."))
    return faults + _call_addresses(form) + _unknown(form, CALL_FIELDS) + _repeated(form, {"StatusCallbackEvent"})


def _call_addresses(form: Form) -> list[Fault]:
    faults = []
    if "Twiml" not in form and not is_callback(form.get("Url", "")):
        faults.append(Fault(21205, f"Url is not a valid URL: {form.get('Url', '')!r}"))
    if "StatusCallback" in form and not is_callback(form["StatusCallback"]):
        faults.append(Fault(21609, f"The StatusCallback URL {form['StatusCallback']} is not a valid URL."))
    events = form.getlist("StatusCallbackEvent")
    if not set(events) <= CALL_EVENTS:
        faults.append(Fault(21626, f"Invalid StatusCallbackEvent: {sorted(set(events) - CALL_EVENTS)}"))
    if "Timeout" in form and not _in_range(form["Timeout"], 1, RING_LIMIT):
        faults.append(Fault(21228, f"Timeout must be 1 to {RING_LIMIT} seconds: {form['Timeout']}"))
    methods = [name for name in ("Method", "StatusCallbackMethod", "FallbackMethod") if name in form]
    wrong = [name for name in methods if form[name] not in {"GET", "POST"}]
    return faults + [Fault(21403, f"{name} must be GET or POST: {form[name]}") for name in wrong]


def _unknown(form: Form, known: frozenset[str]) -> list[Fault]:
    # Twilio ignores what it does not know; so a misspelt field stays unnoticed until it matters.
    return [Fault(0, f"Twilio knows no field {name!r} here.", status=0) for name in sorted(set(form.keys()) - known)]


def _repeated(form: Form, lists: set[str]) -> list[Fault]:
    once = set(form.keys()) - lists
    return [
        Fault(0, f"{name} was sent more than once.", status=0) for name in sorted(once) if len(form.getlist(name)) > 1
    ]
