"""What operators read: every sentence is translated, with the same placeholders, and said in the reader's language."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from babel.messages.extract import extract

from alarmd import languages
from config.wording import said, said_of, speaking
from tests.support import catalogues

ROOT = Path(__file__).parents[3]
SPEAKERS = ("alarmd", "config", "devices", "escalation", "simulators")
KEYWORDS = {"said": None, "said_of": (1, 2), "for_later": None}
PLACEHOLDER = re.compile(r"\{(\w+)[^{}]*\}")


def sentences() -> set[str]:
    """Every sentence that operators are told; of a pair the one for one."""
    found = set()
    for folder in SPEAKERS:
        for source in (ROOT / folder).rglob("*.py"):
            with source.open("rb") as file:
                for _, message, _, _ in extract("python", file, keywords=KEYWORDS):
                    found.add(message if isinstance(message, str) else message[0])
    return found


@pytest.mark.parametrize("tag", sorted(languages.CATALOGUES))
def test_it_has_translated_every_sentence_and_nothing_else(tag: str) -> None:
    catalogue = catalogues.read(tag, languages.OPERATOR)
    translated = {(m.id if isinstance(m.id, str) else m.id[0]): m.string for m in catalogue if m.id}
    assert {sentence for sentence in sentences() if not translated.get(sentence)} == set()
    assert set(translated) - sentences() == set()
    assert not [m.id for m in catalogue if m.fuzzy and m.id]


@pytest.mark.parametrize("tag", sorted(languages.CATALOGUES))
def test_it_names_no_fact_that_nobody_fills_in_and_leaves_out_none(tag: str) -> None:
    for message in catalogues.read(tag, languages.OPERATOR):
        if not message.id:
            continue
        wanted = set(PLACEHOLDER.findall(message.id if isinstance(message.id, str) else message.id[1]))
        said_ = message.string if isinstance(message.string, str) else "".join(message.string or ())
        assert set(PLACEHOLDER.findall(said_)) == wanted, message.id


def test_it_speaks_english_where_nobody_said_otherwise() -> None:
    assert said("{number} of {all}", number=1, all=2) == "1 of 2"
    assert said_of("{number} file", "{number} files", 2) == "2 files"


def test_it_speaks_the_readers_language_and_then_the_former_one_again() -> None:
    class Loud:
        def gettext(self, message: str, /) -> str:
            return message.upper()

        def ngettext(self, one: str, many: str, number: int, /) -> str:
            return (one if number == 1 else many).upper()

    with speaking(Loud()):
        assert said("stop") == "STOP"
    assert said("stop") == "stop"


def test_a_brace_in_a_fact_is_only_a_brace() -> None:
    assert said("there is no {name}", name="{x}") == "there is no {x}"
