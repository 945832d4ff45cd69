"""One telephone on a page: what it looks like, and what a hand can do with it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import tzinfo
from typing import Any

from simulators.habits import code_in
from simulators.live_call import LiveCall
from simulators.town import Handset

SENTENCES, TEXTS = 8, 6  # how many of the last are shown
LONGEST_TEXT = 1600  # characters


class UnknownActError(ValueError):
    """Something was asked for that cannot be done; the message says what."""


def picture(handset: Handset, *, key: str, name: str, role: str, by_hand: bool, zone: tzinfo | None) -> dict[str, Any]:
    """A telephone as plain JSON.

    Args:
        handset: Which.
        key: By what the page calls it.
        name: Whose it is.
        role: What they are to the circle.
        by_hand: Nobody acts there but the page.
        zone: For the times shown; None = the machine's.
    """
    call = handset.engaged
    return {
        "id": key,
        "name": name,
        "role": role,
        "number": handset.number,
        "state": str(call.state) if call else "idle",
        "call": _call(call) if call else None,
        "last": handset.calls[-1].verdict if handset.calls and not call else "",
        "texts": [{"body": text.body, "at": f"{text.at.astimezone(zone):%H:%M:%S}"} for text in handset.texts[-TEXTS:]],
        "code": code_in(handset),
        "by_hand": by_hand,
    }


def _call(call: LiveCall) -> dict[str, Any]:
    heard = call.heard[-SENTENCES:]
    return {"sid": call.sid, "heard": heard, "listening": call.listening, "pressed": call.pressed}


async def act(handset: Handset, what: str, wish: Mapping[str, Any]) -> None:
    """Take, refuse or end the call, press a key, send a text.

    Raises:
        UnknownActError: It cannot be done.
    """
    if what == "reply":
        try:
            await handset.reply(str(wish.get("text", ""))[:LONGEST_TEXT])
        except LookupError as error:
            raise UnknownActError(str(error)) from None
        return
    call = handset.engaged
    if call is None:
        raise UnknownActError(f"{handset.name or handset.number} is not on the phone")
    match what:
        case "answer":
            call.answer()
        case "decline":
            call.decline()
        case "hang_up":
            call.hang_up()
        case "key":
            call.press(str(wish.get("key", ""))[:1])
        case _:
            raise UnknownActError(f"{what!r} is nothing one can do here")
