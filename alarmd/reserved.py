"""Names that alarmd gives itself: nobody of the directory, nothing in it and no operator may be called so.

Who answers is known by an id (`escalation.people.Candidate`), and beside those of the directory there are some of
alarmd's own: a responder called ``line`` would be rung as the ambulance, and confirm it.
"""

from __future__ import annotations

import unicodedata

SHOWN = "line, ambulance, desk:…, circle:…, resident:…, operator:…, device:…"
_WORDS = frozenset({"line", "ambulance"})
_PREFIXES = ("desk:", "circle:", "resident:", "operator:", "device:", "beside:", "moving:", "retired:")


def is_reserved(name: str) -> bool:
    """Whether a name is one of alarmd's own, in whatever case or width it is written."""
    plain = "".join(unicodedata.normalize("NFKC", name).casefold().split())
    return plain in _WORDS or plain.startswith(_PREFIXES)
