"""Chinese and English: every sentence of the source is translated, with the same placeholders."""

from __future__ import annotations

import re
from pathlib import Path
from string import Formatter

import pytest
from babel.messages.extract import extract

from alarmd import languages
from tests.support import catalogues

ROOT = Path(__file__).parents[3]
PLACEHOLDER = re.compile(r"\{\w+\}")


def sentences() -> set[str]:
    """Every sentence that the words' source says."""
    said = set()
    for source in (ROOT / "escalation").rglob("*.py"):
        with source.open("rb") as file:
            for _, message, _, _ in extract("python", file, keywords={"gettext": None, "_": None, "mark": None}):
                assert isinstance(message, str)
                said.add(message)
    return said


def test_there_is_something_to_say() -> None:
    assert len(sentences()) > 100


@pytest.mark.parametrize("tag", sorted(languages.CATALOGUES))
def test_it_has_translated_every_sentence_and_nothing_else(tag: str) -> None:
    catalogue = catalogues.read(tag)
    translated = {str(m.id): str(m.string) for m in catalogue if m.id}
    assert {sentence for sentence in sentences() if not translated.get(sentence)} == set()
    assert set(translated) - sentences() == set()
    assert not [m.id for m in catalogue if m.fuzzy and m.id]


@pytest.mark.parametrize("tag", sorted(languages.CATALOGUES))
def test_it_keeps_the_placeholders(tag: str) -> None:
    # A short form may leave out a word, never name one that nobody fills in; the code and the name are never left out.
    for message in catalogues.read(tag):
        source, translation = str(message.id), str(message.string)
        wanted, kept = (sorted(set(PLACEHOLDER.findall(text))) for text in (source, translation))
        assert kept == wanted, source
        assert all(name is None or name.isidentifier() for _, name, _, _ in Formatter().parse(translation))


@pytest.mark.parametrize("written", ["zh", "zh-CN", "zh_CN", "ZH-cn", "zh-Hans", " zh-SG "])
def test_it_knows_chinese_however_it_is_written(written: str) -> None:
    words = languages.texts(written)
    assert words.language == "zh-CN"
    assert words.gettext("Goodbye.") == "再见。"


@pytest.mark.parametrize("written", ["en", "en-GB", "en_US"])
def test_it_knows_english_however_it_is_written(written: str) -> None:
    assert languages.texts(written, fallback="zh-CN").language == "en"


@pytest.mark.parametrize("written", ["", "mt", "??"])
def test_it_falls_back_to_the_services_language_and_then_to_english(written: str) -> None:
    assert languages.texts(written, fallback="zh").language == "zh-CN"
    assert languages.texts(written).language == "en"
    assert languages.texts(written, fallback="mt").language == "en"


def test_it_says_the_english_sentence_where_nobody_has_translated_it() -> None:
    assert languages.texts("zh").gettext("A sentence of tomorrow.") == "A sentence of tomorrow."
