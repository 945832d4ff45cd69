"""What the provider's error codes ask for (FIELD.md, Phone facts; https://www.twilio.com/docs/api/errors)."""

from __future__ import annotations

from http import HTTPStatus

import msgspec

from alarmd.phone.provider import Remedy
from config.wording import for_later, said, said_again


class Meaning(msgspec.Struct, frozen=True, kw_only=True):
    """What to do about a code, and why, in a sentence for the log."""

    remedy: Remedy
    reason: str


_NEXT, _DEAD, _OTHER, _ONCE, _BOTH, _LATER = (
    Remedy.NEXT_PROVIDER,
    Remedy.DEAD_NUMBER,
    Remedy.OTHER_CHANNEL,
    Remedy.OTHER_CHANNEL_ONCE,
    Remedy.OTHER_CHANNEL_AND_RETRY,
    Remedy.BACK_OFF,
)

_TABLE: dict[str, tuple[Remedy, str]] = {
    # the account
    "10001": (_NEXT, for_later("the account is not active")),
    "20003": (_NEXT, for_later("the account's name or token is wrong, or its credit is used up")),
    "20005": (_NEXT, for_later("the account is not active")),
    "20008": (_NEXT, for_later("the account has test credentials only")),
    "20404": (_NEXT, for_later("the account is not known at this address")),
    "21606": (_NEXT, for_later("our own number cannot send this")),
    "21212": (_NEXT, for_later("our own number is not valid")),
    "21210": (_NEXT, for_later("our own number is not verified for calls")),
    "21608": (_NEXT, for_later("a trial account reaches verified numbers only")),
    "21219": (_NEXT, for_later("a trial account calls verified numbers only")),
    "30002": (_NEXT, for_later("the account is suspended")),
    "30034": (_NEXT, for_later("our own number is not registered with the networks")),
    "32203": (_NEXT, for_later("the account is blocked from calling")),
    "21601": (_NEXT, for_later("our own number takes no text messages")),
    "21603": (_NEXT, for_later("our own number is missing")),
    "21607": (_NEXT, for_later("our own number cannot send text messages")),
    "21660": (_NEXT, for_later("our own number belongs to another account")),
    "21661": (_NEXT, for_later("our own number cannot send text messages")),
    "30032": (_NEXT, for_later("our own number is not verified")),
    # the country
    "13227": (_NEXT, for_later("the account may not call this country")),
    "21408": (_NEXT, for_later("the account may not send to this country")),
    "21215": (_NEXT, for_later("the account may not call this country")),
    # the number: closed to both
    "21211": (_DEAD, for_later("the number is not valid")),
    "21214": (_DEAD, for_later("the number cannot be reached")),
    "21217": (_DEAD, for_later("the number does not look like one")),
    "21401": (_DEAD, for_later("the number is not valid")),
    "21421": (_DEAD, for_later("the number is not valid")),
    "13223": (_DEAD, for_later("the number has no valid form")),
    # the number: closed to calls
    "13225": (_OTHER, for_later("calls to this number are forbidden")),
    "21216": (_OTHER, for_later("calls to this number are blocked")),
    # the number: closed to text messages
    "21610": (_OTHER, for_later("its owner has stopped our text messages")),
    "21612": (_OTHER, for_later("no way from our number to this one by text message")),
    "21614": (_OTHER, for_later("the number takes no text messages")),
    "21635": (_OTHER, for_later("the number is a landline and takes no text messages")),
    "30004": (_OTHER, for_later("the number blocks our text messages")),
    "30005": (_OTHER, for_later("the network does not know the handset")),
    "30006": (_OTHER, for_later("a landline, or a network that takes no text messages")),
    # this message, and no other one to that number
    "21205": (_ONCE, for_later("the provider cannot use our callback address; check web.public_url")),
    "21602": (_ONCE, for_later("the text is empty")),
    "21609": (_ONCE, for_later("the provider cannot use our callback address; check web.public_url")),
    "21617": (_ONCE, for_later("the text is too long")),
    "21618": (_ONCE, for_later("the text has signs that cannot be sent")),
    "30007": (_ONCE, for_later("the network took the text for spam")),
    "30010": (_ONCE, for_later("the text costs more than is allowed")),
    "30019": (_ONCE, for_later("the text is too long for the network")),
    "30038": (_ONCE, for_later("the provider took the text for a password")),
    # for a while
    "13224": (_BOTH, for_later("no network takes the call; the number may be wrong")),
    "30001": (_BOTH, for_later("the provider's queue is full")),
    "30003": (_BOTH, for_later("the handset cannot be reached; it may be switched off")),
    "30008": (_BOTH, for_later("the network gave no reason")),
    "30018": (_BOTH, for_later("our own number is not registered with that network")),
    "30024": (_BOTH, for_later("our own number is not yet known to that network")),
    "30017": (_BOTH, for_later("the network is congested")),
    "30036": (_BOTH, for_later("the text waited longer than it was useful")),
    "30039": (_BOTH, for_later("the provider holds back what seems to go round in a circle")),
    "30410": (_BOTH, for_later("the network did not answer the provider in time")),
    "30450": (_BOTH, for_later("the provider guards this number against too many texts")),
    "34002": (_BOTH, for_later("the number is busy")),
    # rates and outages
    "10004": (_LATER, for_later("too many calls at once")),
    "14107": (_LATER, for_later("too many text messages at once")),
    "20429": (_LATER, for_later("too many requests at once")),
    "20500": (_LATER, for_later("the provider is out of order")),
    "20503": (_LATER, for_later("the provider is out of order")),
    "21611": (_LATER, for_later("our number's queue is full")),
    "22005": (_LATER, for_later("our number's queue is longer than a day")),
    "30022": (_LATER, for_later("our number has sent too much for now")),
    "30023": (_LATER, for_later("our number has sent too much for today")),
    "30500": (_LATER, for_later("the provider is out of order")),
    # ourselves
    "11200": (_LATER, for_later("the provider could not reach our webhook; check web.public_url")),
    "11205": (_LATER, for_later("the provider could not connect to our webhook")),
    "11206": (_LATER, for_later("the provider could not speak HTTP with our webhook")),
    "11210": (_LATER, for_later("the provider does not know the host of our webhook; check web.public_url")),
    "11750": (_LATER, for_later("our webhook's answer was too large")),
    "12100": (_LATER, for_later("our webhook's answer could not be read")),
    "12300": (_LATER, for_later("our webhook's answer had the wrong type")),
}
KNOWN = tuple(_TABLE)
"""Every code of the table."""
_SERVER_ERRORS = 500
NO_CODE = for_later("no code")
_JUDGED = (
    for_later("the account is refused"),
    for_later("this is not the provider's API; check api_base"),
    for_later("refused for a reason alarmd does not know"),
)
_WORDS = {
    "busy": for_later("the line was busy"),
    "no-answer": for_later("nobody took it in time"),
    "canceled": for_later("it was taken back"),
    "failed": for_later("it could not be placed or sent"),
    "undelivered": for_later("it did not arrive"),
    "human": for_later("a person, it seems"),
    "machine_start": for_later("a machine, it seems"),
    "machine_end_beep": for_later("a machine, it seems"),
    "machine_end_silence": for_later("a machine, it seems"),
    "machine_end_other": for_later("a machine, it seems"),
    "fax": for_later("a fax, it seems"),
    "unknown": for_later("nobody can tell"),
}
_SAID_ELSEWHERE = (
    for_later("alarmd stopped while sending"),
    for_later("its number was changed in the directory"),
    for_later("its number was taken out of the directory"),
    for_later("the device was given to another home"),
    for_later("no connection to publish on"),
    for_later("not in the provider's list yet"),
    for_later("not in the provider's list: it was never taken"),
    for_later("never taken"),
    for_later("the provider's answer names no message"),
    for_later("the provider cannot say: {error}"),
    for_later("the provider's answer cannot be read: {error}"),
    for_later("the provider cannot be reached: {error}"),
    for_later("the provider has not said for {seconds} s whether it took it"),
)
_REASONS = frozenset({reason for _, reason in _TABLE.values()} | {*_JUDGED, NO_CODE})


def spoken(reason: str) -> str:
    """What the log has of a send, in the reader's language; a provider's own sentence as it is.

    Args:
        reason: A reason of this table, with or without what the provider said in brackets, or the provider's own word.
    """
    if reason in _WORDS:
        return said(_WORDS[reason])
    known, bracket, more = reason.partition(" (")
    if known not in _REASONS:
        return said_again(reason, _SAID_ELSEWHERE)
    if not bracket:
        return said(known)
    more = more.removesuffix(")")
    number = more.removeprefix("code ")
    more = said(NO_CODE) if more == NO_CODE else said("code {code}", code=number) if number != more else more
    return said("{sentence} ({facts})", sentence=said(known), facts=more)


def look_up(code: str, status: int | None = None) -> Meaning:
    """What that code asks for.

    Args:
        code: The provider's code, as text; empty where it gave none.
        status: The HTTP status it came with; None for a status callback.

    Returns:
        The remedy of FIELD.md. A code nobody knows is judged by its HTTP status. One without either, such as a call
        that ``failed`` and no more is said, closes nothing: the other channel now, this one again later.
    """
    if code in _TABLE:
        remedy, reason = _TABLE[code]
        return Meaning(remedy=remedy, reason=reason)
    name = f"code {code}" if code else f"HTTP {status}" if status else NO_CODE
    match status:
        case HTTPStatus.TOO_MANY_REQUESTS:
            return Meaning(remedy=_LATER, reason=_with("too many requests at once", name))
        case HTTPStatus.UNAUTHORIZED | HTTPStatus.FORBIDDEN | HTTPStatus.NOT_FOUND | HTTPStatus.PAYMENT_REQUIRED:
            return Meaning(remedy=_NEXT, reason=_with("the account is refused", name))
        case int() if status >= _SERVER_ERRORS:
            return Meaning(remedy=_LATER, reason=_with("the provider is out of order", name))
        case int() if status < HTTPStatus.BAD_REQUEST:
            return Meaning(remedy=_NEXT, reason=_with("this is not the provider's API; check api_base", name))
        case _:
            return Meaning(remedy=_BOTH, reason=_with("refused for a reason alarmd does not know", name))


def _with(reason: str, name: str) -> str:
    return f"{reason} ({name})"
