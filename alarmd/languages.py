"""The languages alarmd speaks: English as written in the source, others from the catalogues in ``alarmd/locale``.

The catalogues are read as they were written (``.po``); nothing compiled is kept.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from alarmd import po
from config.languages import ENGLISH as ENGLISH_TAG
from config.languages import nearest
from config.wording import Words

if TYPE_CHECKING:
    from escalation.wording import Texts

# Language tag of the words → folder of the catalogue. What people write is read by `config.languages`.
CATALOGUES = {"zh-CN": "zh_CN"}
PEOPLE = "alarmd"
OPERATOR = "operator"
ENGLISH = po.Words({})  # every sentence as it stands in the source


class Catalogue:
    """The words of one catalogue, as an `escalation.wording.Texts`."""

    def __init__(self, language: str, translations: po.Words) -> None:
        self._language = language
        self._translations = translations

    @property
    def language(self) -> str:
        """BCP 47 tag of the words."""
        return self._language

    def gettext(self, message: str, /) -> str:
        """The sentence in this language; the English one where nobody has translated it."""
        return self._translations.gettext(message)


def texts(language: str, *, fallback: str = "en") -> Texts:
    """The words for a person's language.

    Args:
        language: A language tag as people write it: ``zh-CN``, ``zh_CN``, ``zh``, ``en-GB`` …; empty where unknown.
        fallback: The service's language, for people whose language is not known or not spoken here.
    """
    from escalation.wording import English  # noqa: PLC0415 - a command that speaks to an operator needs none of it

    known = nearest(language) or nearest(fallback)
    return English() if known is None or known == ENGLISH_TAG else _translated(known)


def operator_words(language: str) -> Words | None:
    """What the commands and the daemon's answers say to operators (`config.wording`); None = in English."""
    known = nearest(language)
    return _read(known, OPERATOR) if known in CATALOGUES else None


def path(tag: str, domain: str = PEOPLE) -> Path:
    """Where the catalogue of a tag in `CATALOGUES` is kept.

    Args:
        tag: One of `CATALOGUES`.
        domain: `PEOPLE`, what residents and responders are told, or `OPERATOR`, what commands say.
    """
    return Path(__file__).with_name("locale") / CATALOGUES[tag] / "LC_MESSAGES" / f"{domain}.po"


@cache
def _translated(tag: str) -> Catalogue:
    return Catalogue(tag, _read(tag, PEOPLE))


@cache
def _read(tag: str, domain: str) -> po.Words:
    # It comes with alarmd and never changes while the daemon runs, so one reading serves everybody.
    with path(tag, domain).open(encoding="utf-8") as lines:
        return po.read(lines)
