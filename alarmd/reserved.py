"""Names that alarmd gives itself: nobody of the directory, nothing in it and no operator may be called so.

Who answers is known by an id (`escalation.people.Candidate`), and beside those of the directory there are some of
alarmd's own: a responder called ``line`` would be rung as the ambulance, and confirm it.
"""

from __future__ import annotations

import unicodedata

from config.visible import visible

SHOWN = "line, ambulance, desk:…, circle:…, resident:…, operator:…, device:…"
_WORDS = frozenset({"line", "ambulance"})
OWN_SHOWN = f"alarmd, system, {SHOWN}, token:…, uid:…"
_NO_PERSONS = frozenset({"alarmd", "system", "daemon"})  # as the log and its readers call what nobody did
_LOGINS = ("token:", "session:", "uid:")
_PREFIXES = ("desk:", "circle:", "resident:", "operator:", "device:", "beside:", "moving:", "retired:")


def is_reserved(name: str) -> bool:
    """Whether a name is one of alarmd's own, in any case and width of its letters."""
    plain = _plain(name)
    return plain in _WORDS or plain.startswith(_PREFIXES)


def is_no_person(name: str) -> bool:
    """Whether a name is one of alarmd's own, or what the log calls alarmd itself or a login: nobody acts under it."""
    plain = _plain(name)
    return is_reserved(name) or plain in _NO_PERSONS or plain.startswith(_LOGINS)


def _plain(name: str) -> str:
    """Without what cannot be seen, in one width and case, and without blanks."""
    return "".join(visible(unicodedata.normalize("NFKC", visible(name))).casefold().split())
