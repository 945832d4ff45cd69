"""What the provider's error codes ask for (FIELD.md, Phone facts; https://www.twilio.com/docs/api/errors)."""

from __future__ import annotations

from http import HTTPStatus

import msgspec

from alarmd.phone.provider import Remedy


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
    "10001": (_NEXT, "the account is not active"),
    "20003": (_NEXT, "the account's name or token is wrong, or its credit is used up"),
    "20005": (_NEXT, "the account is not active"),
    "20008": (_NEXT, "the account has test credentials only"),
    "20404": (_NEXT, "the account is not known at this address"),
    "21606": (_NEXT, "our own number cannot send this"),
    "21212": (_NEXT, "our own number is not valid"),
    "21210": (_NEXT, "our own number is not verified for calls"),
    "21608": (_NEXT, "a trial account reaches verified numbers only"),
    "21219": (_NEXT, "a trial account calls verified numbers only"),
    "30002": (_NEXT, "the account is suspended"),
    "30034": (_NEXT, "our own number is not registered with the networks"),
    "32203": (_NEXT, "the account is blocked from calling"),
    "21601": (_NEXT, "our own number takes no text messages"),
    "21603": (_NEXT, "our own number is missing"),
    "21607": (_NEXT, "our own number cannot send text messages"),
    "21660": (_NEXT, "our own number belongs to another account"),
    "21661": (_NEXT, "our own number cannot send text messages"),
    "30032": (_NEXT, "our own number is not verified"),
    # the country
    "13227": (_NEXT, "the account may not call this country"),
    "21408": (_NEXT, "the account may not send to this country"),
    "21215": (_NEXT, "the account may not call this country"),
    # the number: closed to both
    "21211": (_DEAD, "the number is not valid"),
    "21214": (_DEAD, "the number cannot be reached"),
    "21217": (_DEAD, "the number does not look like one"),
    "21401": (_DEAD, "the number is not valid"),
    "21421": (_DEAD, "the number is not valid"),
    "13223": (_DEAD, "the number has no valid form"),
    # the number: closed to calls
    "13225": (_OTHER, "calls to this number are forbidden"),
    "21216": (_OTHER, "calls to this number are blocked"),
    # the number: closed to text messages
    "21610": (_OTHER, "its owner has stopped our text messages"),
    "21612": (_OTHER, "no way from our number to this one by text message"),
    "21614": (_OTHER, "the number takes no text messages"),
    "21635": (_OTHER, "the number is a landline and takes no text messages"),
    "30004": (_OTHER, "the number blocks our text messages"),
    "30005": (_OTHER, "the network does not know the handset"),
    "30006": (_OTHER, "a landline, or a network that takes no text messages"),
    # this message, and no other one to that number
    "21205": (_ONCE, "the provider cannot use our callback address; check web.public_url"),
    "21602": (_ONCE, "the text is empty"),
    "21609": (_ONCE, "the provider cannot use our callback address; check web.public_url"),
    "21617": (_ONCE, "the text is too long"),
    "21618": (_ONCE, "the text has signs that cannot be sent"),
    "30007": (_ONCE, "the network took the text for spam"),
    "30010": (_ONCE, "the text costs more than is allowed"),
    "30019": (_ONCE, "the text is too long for the network"),
    "30038": (_ONCE, "the provider took the text for a password"),
    # for a while
    "13224": (_BOTH, "no network takes the call; the number may be wrong"),
    "30001": (_BOTH, "the provider's queue is full"),
    "30003": (_BOTH, "the handset cannot be reached; it may be switched off"),
    "30008": (_BOTH, "the network gave no reason"),
    "30018": (_BOTH, "our own number is not registered with that network"),
    "30024": (_BOTH, "our own number is not yet known to that network"),
    "30017": (_BOTH, "the network is congested"),
    "30036": (_BOTH, "the text waited longer than it was useful"),
    "30039": (_BOTH, "the provider holds back what seems to go round in a circle"),
    "30410": (_BOTH, "the network did not answer the provider in time"),
    "30450": (_BOTH, "the provider guards this number against too many texts"),
    "34002": (_BOTH, "the number is busy"),
    # rates and outages
    "10004": (_LATER, "too many calls at once"),
    "14107": (_LATER, "too many text messages at once"),
    "20429": (_LATER, "too many requests at once"),
    "20500": (_LATER, "the provider is out of order"),
    "20503": (_LATER, "the provider is out of order"),
    "21611": (_LATER, "our number's queue is full"),
    "22005": (_LATER, "our number's queue is longer than a day"),
    "30022": (_LATER, "our number has sent too much for now"),
    "30023": (_LATER, "our number has sent too much for today"),
    "30500": (_LATER, "the provider is out of order"),
    # ourselves
    "11200": (_LATER, "the provider could not reach our webhook; check web.public_url"),
    "11205": (_LATER, "the provider could not connect to our webhook"),
    "11206": (_LATER, "the provider could not speak HTTP with our webhook"),
    "11210": (_LATER, "the provider does not know the host of our webhook; check web.public_url"),
    "11750": (_LATER, "our webhook's answer was too large"),
    "12100": (_LATER, "our webhook's answer could not be read"),
    "12300": (_LATER, "our webhook's answer had the wrong type"),
}
KNOWN = tuple(_TABLE)
"""Every code of the table."""
_SERVER_ERRORS = 500


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
    name = f"code {code}" if code else f"HTTP {status}" if status else "no code"
    match status:
        case HTTPStatus.TOO_MANY_REQUESTS:
            return Meaning(remedy=_LATER, reason=f"too many requests at once ({name})")
        case HTTPStatus.UNAUTHORIZED | HTTPStatus.FORBIDDEN | HTTPStatus.NOT_FOUND | HTTPStatus.PAYMENT_REQUIRED:
            return Meaning(remedy=_NEXT, reason=f"the account is refused ({name})")
        case int() if status >= _SERVER_ERRORS:
            return Meaning(remedy=_LATER, reason=f"the provider is out of order ({name})")
        case int() if status < HTTPStatus.BAD_REQUEST:
            return Meaning(remedy=_NEXT, reason=f"this is not the provider's API; check api_base ({name})")
        case _:
            return Meaning(remedy=_BOTH, reason=f"refused for a reason alarmd does not know ({name})")
