"""A catalogue read by hand says what Babel, which knows the format best, reads in it."""

from __future__ import annotations

from io import BytesIO

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import write_po
from hypothesis import given
from hypothesis import strategies as st

from alarmd import languages, po
from tests.support import catalogues

TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"], include_characters='\n\t"\\'), min_size=1, max_size=200)


@pytest.mark.parametrize("domain", [languages.PEOPLE, languages.OPERATOR])
@pytest.mark.parametrize("tag", sorted(languages.CATALOGUES))
def test_it_reads_the_catalogues_as_babel_does(tag: str, domain: str) -> None:
    with languages.path(tag, domain).open(encoding="utf-8") as lines:
        words = po.read(lines)
    assert words.language == tag
    for message in catalogues.read(tag, domain):
        if isinstance(message.id, str):
            assert not message.id or words.gettext(message.id) == message.string
        else:
            one, many = message.id
            assert [words.ngettext(one, many, 5)] == list(message.string or ())


@given(sentences=st.dictionaries(TEXT, TEXT, max_size=6))
def test_whatever_stands_in_a_catalogue_comes_out_again(sentences: dict[str, str]) -> None:
    written = Catalog(locale="zh_CN")
    for english, chinese in sentences.items():
        written.add(english, chinese)
    file = BytesIO()
    write_po(file, written)
    words = po.read(file.getvalue().decode().split("\n"))
    assert {english: words.gettext(english) for english in sentences} == sentences


def test_a_language_with_several_plurals_has_them() -> None:
    words = po.read(
        [
            'msgid ""',
            'msgstr ""',
            '"Language: ru\\n"',
            '"Plural-Forms: nplurals=3; plural=(n%10==1 && n%100!=11 ? 0 : n%10>=2 && n%10<=4 ? 1 : 2);\\n"',
            "",
            'msgid "{number} house"',
            'msgid_plural "{number} houses"',
            'msgstr[0] "дом"',
            'msgstr[1] "дома"',
            'msgstr[2] "домов"',
        ]
    )
    assert [words.ngettext("{number} house", "{number} houses", n) for n in (1, 3, 5, 21)] == [
        "дом",
        "дома",
        "домов",
        "дом",
    ]


def test_what_a_translator_has_yet_to_look_at_stays_english() -> None:
    words = po.read(["#, fuzzy", 'msgid "yes"', 'msgstr "no"', "", 'msgid "no"', 'msgstr ""'])
    assert (words.gettext("yes"), words.gettext("no")) == ("yes", "no")
    assert (words.ngettext("a", "b", 1), words.ngettext("a", "b", 2)) == ("a", "b")


@pytest.mark.parametrize("line", ["msgid yes", 'msgid "yes', '"nowhere"', "what"])
def test_a_broken_line_is_named(line: str) -> None:
    with pytest.raises(po.BrokenCatalogueError, match="line 1"):
        po.read([line])
