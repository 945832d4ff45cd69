"""What operators read: every sentence is translated, with the same placeholders, and said in the reader's language."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from alarmd import languages
from config.wording import said, said_again, said_of, speaking
from tests.support import catalogues, spoken
from tests.support.spoken import COMMAND_LINES, sentences, unsaid

PLACEHOLDER = re.compile(r"\{(\w+)[^{}]*\}")
# What is printed as it is, whoever reads it, and why.
AS_IT_IS = {
    "alarmd ": "the program's name, before its version",
    "alarmd: ": "the program's name, before a mistake",
    "event log": "the name of a finding, said where it is shown",
    "on call": "the name of a finding, said where it is shown",
    "head": "a key of JSON",
    "the signature does not match": "what the daemon answers, compared with",
    '[[phone]]\nkind = "twilio"\naccount_sid = "': "a section of the settings",
    '"\nauth_token = "': "a section of the settings",
    '"\nnumbers = [': "a section of the settings",
    ']\napi_base = "': "a section of the settings",
}
FILES_AS_THEY_ARE = {
    "access_list.py": "a file of mosquitto's",
    "completion.py": "the scripts of shells",
    "examples.py": "commands as they are typed",
}


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


def test_what_was_kept_in_english_is_said_in_the_readers_language() -> None:
    templates = ("nobody to ask", "resident {id} has no position")
    with speaking(languages.operator_words("zh-CN") or languages.ENGLISH):
        assert said_again("nobody to ask", ("nobody to ask",)) == said("nobody to ask") != "nobody to ask"
    assert said_again("resident {x} has no position", templates) == "resident {x} has no position"
    assert said_again("somebody's own words", templates) == "somebody's own words"


def test_a_brace_in_a_fact_is_only_a_brace() -> None:
    assert said("there is no {name}", name="{x}") == "there is no {x}"


@pytest.mark.parametrize("source", COMMAND_LINES, ids=lambda path: path.name)
def test_it_prints_nothing_that_is_not_said_in_the_readers_language(source: Path) -> None:
    if source.name not in FILES_AS_THEY_ARE:
        assert [(line, text) for line, text in unsaid(source) if text not in AS_IT_IS] == []


@pytest.mark.parametrize(
    "line",
    [
        'sys.stdout.write("No open incident.\\n")',
        'sys.stdout.write(f"{name} set\\n")',
        'typer.echo("stop", err=True)',
        'raise UserError("there is no " + name)',
        'Table("WHO", "WHAT")',
        'console.print(Text("nobody"))',
        'told = "nobody has closed it"',
        'sys.stdout.write("a" if known else "nobody yet")',
    ],
)
def test_it_finds_what_would_be_english_for_everybody(line: str) -> None:
    assert list(spoken._unsaid(ast.parse(line), sink=False))


@pytest.mark.parametrize(
    "line",
    [
        'sys.stdout.write(said("No open incident."))',
        'raise UserError(said("there is no {name}", name=name))',
        'console.print(Text(told, style="bold red"))',
        'known = {"a key of the store": said("nobody")}',
        'typer.Option("--last", help="The last so many.")',
        'sys.stdout.write(json.dumps({"the key": 1}))',
        'sys.stdout.write(f"{name}: {value}\\n")',
    ],
)
def test_it_lets_pass_what_is_said_and_what_machines_read(line: str) -> None:
    assert not list(spoken._unsaid(ast.parse(line), sink=False))
