"""What a part of the daemon answers when it does not work.

`/readyz`, the log and other programs get it in English, as it stands here; the desk gets it in its own language.
"""

from __future__ import annotations

from config.wording import for_later, said_again

NO_ANSWER = for_later("has not answered for {seconds} s")
CANNOT_WRITE = for_later("cannot write: {error}")
NOT_ASKED = for_later("could not be asked: {error}")
BROKER_NOT_READ = for_later("the broker is not read: {problem}")
NOTHING_PASSED_ON = for_later("the broker is connected and passes nothing on")
PROBE_REFUSED = for_later(
    "the broker does not take alarmd's own test messages ({refused}); allow them in its access rules"
)
LOGINS_WAIT = for_later(
    "{number} devices wait for their password to be checked, the longest for {seconds} s: many come back at once"
)
DOOR_FULL = for_later("all {number} connections of the MQTT door are taken, so no further device is let in")
NO_PROVIDER = for_later("no phone provider is configured: texts and calls only show in the log")
NO_PROVIDER_BUT_A_PAGE = for_later(
    "no phone provider is configured: texts and calls only show in the log and on simulated phones, "
    "whose page the log names"
)
TWILIO_AWAY = for_later("Twilio cannot be reached: {error}")
TWILIO_ODD = for_later("Twilio does not answer as it should: {error}")
TWILIO_ACCOUNT = for_later("the Twilio account is {status}, not active")
_ALL = (
    NO_ANSWER,
    CANNOT_WRITE,
    NOT_ASKED,
    BROKER_NOT_READ,
    NOTHING_PASSED_ON,
    PROBE_REFUSED,
    LOGINS_WAIT,
    DOOR_FULL,
    NO_PROVIDER,
    NO_PROVIDER_BUT_A_PAGE,
    TWILIO_AWAY,
    TWILIO_ODD,
    TWILIO_ACCOUNT,
)


def told(fault: str) -> str:
    """A part's answer in the reader's language; one that is not known here as it is."""
    return said_again(fault, _ALL)
