"""What was said to an alarm that is over, for whoever reads or hears it."""

from __future__ import annotations

import re

from escalation.texts.facts import Texts
from escalation.texts.phrases import mark

_NUMBER = re.compile(r"\+?\d{5,}", re.ASCII)
_ANSWERED = {
    "go": mark("I go"),
    "cannot": mark("I cannot go"),
    "there": mark("I am there"),
    "well": mark("all is well"),
    "takes": mark("I take it"),
    "cannot_take": mark("I cannot take it"),
    "handed_over": mark("the hand-off is taken over"),
    "ordered": mark("the ambulance has been called"),
    "called_off": mark("the ambulance does not come after all"),
    "rejected": mark("I cannot take the hand-off"),
}


def answered(answer: str, texts: Texts) -> str:
    """What a key said, in words: an `escalation.incident.Answer` or another word of `escalation.rooms.ended`."""
    return texts.gettext(_ANSWERED.get(answer, answer))


def aloud(text: str) -> str:
    """The text with its telephone numbers digit by digit, so that a voice does not read them as millions."""
    return _NUMBER.sub(lambda found: " ".join(found[0]), text)
