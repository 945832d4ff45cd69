"""Fitting a text so that its first segment carries who, where, what and the code (FIELD.md, Phone facts)."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from escalation.texts import segments
from escalation.texts.segments import Encoding

# One way to say the core of a message, given the name and the address as they may be shown.
Form = Callable[[str, str], str]

NAME_KEPT = {Encoding.GSM7: 40, Encoding.UCS2: 14}  # characters of a name that are never given up
VITAL_FACT = 300  # characters of the address and of the way in: what a crew cannot do without
LONG_FACT = 160  # characters of each medical fact
MOST = 1600  # characters of one message; a provider refuses longer ones (21617)
_LONGEST_CORE = 160  # characters of one segment at most
_WIDE = 0x2E80  # from here on: CJK and its neighbours


def _is_wide(text: str) -> bool:
    return any(ord(character) >= _WIDE for character in text)


def shortened(text: str, length: int, *, from_the_end: bool = False) -> str:
    """At most that many characters, with a mark where something is missing.

    A Chinese address runs from large to small, so its end finds the door; a western one, and any name, is known by its
    beginning. ``from_the_end``: it is no address, and begins with what matters most.
    """
    if len(text) <= length:
        return text
    if from_the_end and _is_wide(text):
        return text[: max(0, length - 1)] + "…"
    if _is_wide(text):
        return "…" + text[len(text) - max(0, length - 1) :]
    return text[: max(0, length - 2)].rstrip(" ,") + ".."


def limited(text: str, most: int) -> str:
    """At most that many characters of one fact, from its beginning, with a mark where something is missing."""
    return text if len(text) <= most else text[: most - 1].rstrip(" ,，、;；") + "…"


def _joined(core: str, tail: Sequence[str]) -> str:
    """The whole; what has no room is left out line by line from the end, for half a dose is worse than none."""
    room = MOST - len(core)
    kept = [core]
    for i, line in enumerate(tail):
        room -= len(line) + 1
        if room < (2 if i < len(tail) - 1 else 0):
            return "\n".join([*kept, "…"])[:MOST]
        kept.append(line)
    return "\n".join(kept)


def fitted(
    forms: Sequence[Form],
    name: str,
    place: str,
    tail: Sequence[str],
    full_address: Callable[[str], str],
    *,
    first: Sequence[str] = (),
    from_the_end: bool = False,
) -> str:
    """The first form whose core lies in the first segment; else the shortest form with the address, then the name, cut.

    Args:
        forms: Ways to say it, the fullest first.
        name: Whom it is about.
        place: The address.
        tail: What may follow in later segments.
        full_address: Says the whole address in the tail, where it had to be cut in the core.
        first: What stands before all else in the tail, also before the whole address.
        from_the_end: The place is cut there, see `shortened`.
    """
    for form in forms:
        core = form(name, place)
        if segments.leads(core, _joined(core, [*first, *tail])):
            return _joined(core, [*first, *tail])
    form = forms[-1]
    longer_tail = [*first, full_address(shortened(place, VITAL_FACT, from_the_end=from_the_end)), *tail]
    kept = NAME_KEPT[segments.encoding(form(name, place) + _joined("", longer_tail))]
    short_name = name if len(name) <= kept else name[: kept - 1] + ("…" if _is_wide(name) else ".")
    for length in range(min(len(place), _LONGEST_CORE), 0, -1):
        core = form(short_name, shortened(place, length, from_the_end=from_the_end))
        if segments.leads(core, _joined(core, longer_tail)):
            return _joined(core, longer_tail)
    return _joined(form(short_name, ""), longer_tail)
