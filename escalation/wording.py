"""The words: what a person is sent, hears, and is answered. Pure; languages come as a `Texts` (`alarmd.languages`).

The way in for the daemon:

- `describe` makes the `Facts` of an incident as it stands now.
- `sms` writes a text message; `opening` is what a call says when it is answered.
- `answer` is what it says after a key, `reply` what is texted back to a text message; both take a `Heard`.
- `answered` is what a key said, for whoever reads it after the close; `aloud` spells its numbers.
- `test_call` is what an installer hears who asked for one.
- `unknown_call` is said where nobody knows any more why a call was placed.

Who is told what: before somebody says yes, the name, the address, what happened and the code. The way in (door code,
key safe) afterwards, or to key holders, desk and dispatch. Medical facts to professionals, desk and dispatch, to
family whom this resident named, and to others only where the resident allowed it.
"""

from __future__ import annotations

from escalation.texts.afterwards import aloud, answered
from escalation.texts.facts import English, Facts, OnTheWay, Spoken, Texts, describe
from escalation.texts.messages import crowding, said_at_home, sms, texting_fast
from escalation.texts.scenes import Heard, answer, opening, reply, test_call, unknown_call
from escalation.texts.segments import Encoding, Length, segments

__all__ = [
    "Encoding",
    "English",
    "Facts",
    "Heard",
    "Length",
    "OnTheWay",
    "Spoken",
    "Texts",
    "aloud",
    "answer",
    "answered",
    "crowding",
    "describe",
    "opening",
    "reply",
    "said_at_home",
    "segments",
    "sms",
    "test_call",
    "texting_fast",
    "unknown_call",
]
