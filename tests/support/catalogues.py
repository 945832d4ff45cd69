"""The catalogues as Babel, which knows the format best, reads them."""

from __future__ import annotations

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

from alarmd import languages


def read(tag: str, domain: str = languages.PEOPLE) -> Catalog:
    """The catalogue of a tag in `languages.CATALOGUES`, as its translators wrote it."""
    with languages.path(tag, domain).open("rb") as file:
        return read_po(file, locale=languages.CATALOGUES[tag], abort_invalid=True)
