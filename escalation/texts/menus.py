"""The menus of calls, said as the hearer stands; `escalation.calls` knows which keys they offer."""

from __future__ import annotations

from escalation.incident import Purpose, Standing
from escalation.menu import HANDOFF_PURPOSES
from escalation.people import Candidate, Channel, Role
from escalation.texts import phrases
from escalation.texts.facts import Facts, Texts, took_it


def said(purpose: Purpose, facts: Facts, who: Candidate, texts: Texts, standing: Standing) -> list[str]:
    """The menu of a call about an alarm or about its hand-off."""
    if purpose in HANDOFF_PURPOSES:
        return [_of_hand_off(purpose, facts, who, texts)]
    going = purpose in {Purpose.DETAILS, Purpose.AGAIN} or took_it(standing)
    if who.role is Role.DESK:
        return [_of_desk(texts, has_it=going)]
    if standing is Standing.ARRIVED:
        return [texts.gettext("If you are there, press 3. If you have left, press 2. To hear this again, press star.")]
    if purpose is Purpose.DETAILS:
        return on_the_way(facts, who, texts)
    if going:
        return [
            texts.gettext(
                "If you are there, press 3. If you are still on the way, press 1. If you cannot come, press 2. "
                "To hear this again, press star."
            )
        ]
    asked = texts.gettext("If you can go now, press 1. If you cannot, press 2. To hear this again, press star.")
    if facts.beside:
        asked = texts.gettext(
            "If you can go now, press 1. If you cannot, press 2. If you are there already, press 3. "
            "To hear this again, press star."
        )
    return [asked]


def on_the_way(facts: Facts, who: Candidate, texts: Texts) -> list[str]:
    """The menu of somebody who has just said that they go."""
    reply = texts.gettext("When you are there, reply to our text message with 3 and the code {code}.")
    keys = texts.gettext(
        "If you are there already, press 3. If you are setting out now, press 1. If you cannot go after all, press 2. "
        "To hear this again, press star."
    )
    texted = [reply.format(code=phrases.spelled(facts.code))] if Channel.SMS in who.channels else []
    return [*texted, keys]


def _of_desk(texts: Texts, *, has_it: bool) -> str:
    if has_it:
        return texts.gettext(
            "If you still have this alarm, press 1. If you cannot after all, press 2. To hear this again, press star."
        )
    return texts.gettext("To take this alarm, press 1. If you cannot, press 2. To hear this again, press star.")


def _of_hand_off(purpose: Purpose, facts: Facts, who: Candidate, texts: Texts) -> str:
    if purpose is not Purpose.HANDOFF:
        return texts.gettext("To confirm that you heard this, press 1. To hear this again, press star.")
    if who.role is Role.DESK and who.id in facts.goes_too:
        return texts.gettext(
            "When the ambulance has taken it, press 1. If you cannot, press 2. To hear this again, press star."
        )
    if who.role is Role.DESK:
        return texts.gettext(
            "When the ambulance has taken it, press 1, or reply to our text message with 1 and the code. "
            "If you cannot, press 2. To hear this again, press star."
        )
    return texts.gettext(
        "If it is right and you take over, press 1. If you cannot, press 2. To hear this again, press star."
    )
