"""The languages alarmd speaks: English as written in the source, others from the catalogues in ``alarmd/locale``.

The catalogues are read as they were written (``.po``); nothing compiled is kept.
"""

from __future__ import annotations

from functools import cache
from gettext import GNUTranslations
from importlib import resources
from io import BytesIO

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from config.wording import Words
from escalation.wording import English, Texts

# Language tag of the words → folder of the catalogue; the first of a language serves all of it ("zh", "zh-SG" …).
CATALOGUES = {"zh-CN": "zh_CN"}
PEOPLE = "alarmd"
OPERATOR = "operator"


class Catalogue:
    """The words of one catalogue, as an `escalation.wording.Texts`."""

    def __init__(self, language: str, translations: GNUTranslations) -> None:
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
    return _spoken(language) or _spoken(fallback) or English()


def _spoken(language: str) -> Texts | None:
    if (known := _nearest(language)) is not None:
        return _translated(known)
    return English() if _base(language) == "en" else None


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
    return None if known is None else _compiled(known, OPERATOR)


def read(tag: str, domain: str = PEOPLE) -> Catalog:
    """The catalogue of a tag in `CATALOGUES`, as its translators wrote it.

    Args:
        tag: One of `CATALOGUES`.
        domain: `PEOPLE`, what residents and responders are told, or `OPERATOR`, what commands say.
    """
    path = resources.files("alarmd") / "locale" / CATALOGUES[tag] / "LC_MESSAGES" / f"{domain}.po"
    with path.open("rb") as file:
        return read_po(file, locale=CATALOGUES[tag], abort_invalid=True)


@cache
def _translated(tag: str) -> Catalogue:
    return Catalogue(tag, _compiled(tag, PEOPLE))


@cache
def _compiled(tag: str, domain: str) -> GNUTranslations:
    # It comes with alarmd and never changes while the daemon runs, so one reading serves everybody.
    compiled = BytesIO()
    write_mo(compiled, read(tag, domain))
    compiled.seek(0)
    return GNUTranslations(compiled)
