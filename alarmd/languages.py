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

from escalation.wording import English, Texts

# Language tag of the words → folder of the catalogue; the first of a language serves all of it ("zh", "zh-SG" …).
CATALOGUES = {"zh-CN": "zh_CN"}


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
    wanted = language.strip().replace("_", "-").lower()
    known = next((tag for tag in CATALOGUES if tag.lower() == wanted), None)
    if known is None:
        base = wanted.partition("-")[0]
        if base == "en":
            return English()
        known = next((tag for tag in CATALOGUES if tag.lower().partition("-")[0] == base), None)
    return None if known is None else _translated(known)


def read(tag: str) -> Catalog:
    """The catalogue of a tag in `CATALOGUES`, as its translators wrote it."""
    path = resources.files("alarmd") / "locale" / CATALOGUES[tag] / "LC_MESSAGES" / "alarmd.po"
    with path.open("rb") as file:
        return read_po(file, locale=CATALOGUES[tag], abort_invalid=True)


@cache
def _translated(tag: str) -> Catalogue:
    # It comes with alarmd and never changes while the daemon runs, so one reading serves everybody.
    compiled = BytesIO()
    write_mo(compiled, read(tag))
    compiled.seek(0)
    return Catalogue(tag, GNUTranslations(compiled))
