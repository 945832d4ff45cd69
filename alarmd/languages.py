"""The languages alarmd speaks: English as written in the source, others from the catalogues in ``alarmd/locale``.

The catalogues are read as they were written (``.po``); nothing compiled is kept.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from alarmd import po
from config.wording import Words

if TYPE_CHECKING:
    from escalation.wording import Texts

# Language tag of the words → folder of the catalogue; the first of a language serves all of it ("zh", "zh-SG" …).
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

    known = spoken(language) or spoken(fallback)
    return English() if known is None or known == "en" else _translated(known)


def _nearest(language: str) -> str | None:
    """The tag of `CATALOGUES` that is meant; None for English and for what is not spoken here."""
    wanted = language.strip().replace("_", "-").lower()
    exact = next((tag for tag in CATALOGUES if tag.lower() == wanted), None)
    return exact or next((tag for tag in CATALOGUES if _base(tag) == _base(language)), None)


def _base(language: str) -> str:
    return language.strip().replace("_", "-").lower().partition("-")[0]


def operator_words(language: str) -> Words | None:
    """What the commands and the daemon's answers say to operators (`config.wording`); None = in English."""
    known = _nearest(language)
    return None if known is None else _read(known, OPERATOR)


def spoken(language: str) -> str | None:
    """The tag that is meant by a language as people and terminals write it; None for one that is not spoken here.

    Args:
        language: ``zh``, ``zh-Hans``, ``zh_CN.UTF-8``, ``en-GB`` …
    """
    plain = language.partition(".")[0].partition("@")[0]
    if _base(plain) == "en":
        return "en"
    return _nearest(plain)


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
