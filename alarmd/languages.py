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

from config.languages import ENGLISH, nearest
from config.wording import Words
from escalation.wording import English, Texts

# Language tag of the words → folder of the catalogue. What people write is read by `config.languages`.
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
    known = nearest(language)
    return English() if known == ENGLISH else _translated(known) if known else None


def operator_words(language: str) -> Words | None:
    """What the commands and the daemon's answers say to operators (`config.wording`); None = in English."""
    known = nearest(language)
    return _compiled(known, OPERATOR) if known in CATALOGUES else None


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
