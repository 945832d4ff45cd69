"""What several texts said, sent on as one."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

from alarmd import fairness
from alarmd.store import Transaction
from escalation import menu
from escalation.texts.facts import Texts

MOST_JOINED = 1500  # characters
_LEFT_OUT = re.compile(r"… \(\+(\d{1,6})\)")
_LONGEST_LINE = 600  # characters: the words that are passed on (callers.WORDS), and whose they are
_ROOM = 12  # for the count


class Writer(NamedTuple):
    """Who wrote a text that the desk reads though no alarm is open.

    Attributes:
        number: From which telephone.
        warn: What the desk reads first where more come from it than people write.
    """

    number: str
    warn: Callable[[Texts], str]


def joins(tx: Transaction, of: Writer, to: str, body: str) -> bool:
    """Whether a text of that telephone waits for that reader already: then it says this too."""
    waiting = tx.one("outbox_waiting_of_writer", sender=of.number, destination=to)
    if waiting is None:
        return False
    whole = f"{waiting['body']}\n{body}"
    tx.run("outbox_reworded", attempt=waiting["attempt"], body=joined(whole, fairness.MOST_OF_WRITER))
    return True


def joined(text: str, most: int = MOST_JOINED) -> str:
    """What several texts said, at most ``most`` characters: what was said first, last and of the ambulance stays.

    What is left out of the middle is counted: ``… (+3)``.
    """
    if len(text) <= most:
        return text
    lines = [line for line in text.split("\n") if line.strip()]
    left_out = sum(int(found[1]) for line in lines if (found := _LEFT_OUT.fullmatch(line)))
    lines = [line[:_LONGEST_LINE] for line in lines if not _LEFT_OUT.fullmatch(line)]
    least = [i for i, line in enumerate(lines) if 0 < i < len(lines) - 1 and not menu.calls_for_ambulance(line)]
    urgent = [i for i in range(1, len(lines) - 1) if i not in least]
    gone: set[int] = set()
    for i in (*least, *urgent):  # the oldest first, and calls for the ambulance last of all
        if sum(len(line) + 1 for j, line in enumerate(lines) if j not in gone) + _ROOM <= most:
            break
        gone.add(i)
    kept = [line for i, line in enumerate(lines) if i not in gone]
    return "\n".join([kept[0], f"… (+{left_out + len(gone)})", *kept[1:]]) if gone or left_out else "\n".join(kept)
