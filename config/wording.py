"""What operators and installers read, in their language: `said` writes a sentence, `speaking` says whose it is.

The words that residents and responders are sent are another matter (`escalation.wording`): each of those people has a
language of their own. A command has one reader, and so has a request to the daemon; who that is is set once, where the
command or the request begins, and everything below it says its sentences with `said`:

    with speaking(languages.operator_words("zh-CN")):
        ...
        said("{file}: there is no such file", file=path)

`devices` and `escalation` are pure and know no reader: they hand back a sentence and its facts, marked by `for_later`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Protocol


class Words(Protocol):
    """A catalogue: the English sentence in, the reader's out."""

    def gettext(self, message: str, /) -> str:
        """The sentence in the reader's language; the English one where it is not known."""
        ...

    def ngettext(self, one: str, many: str, number: int, /) -> str:
        """As `gettext`, by number."""
        ...


class _English:
    language = "en"

    def gettext(self, message: str, /) -> str:
        return message

    def ngettext(self, one: str, many: str, number: int, /) -> str:
        return one if number == 1 else many


_FACT = re.compile(r"\{(\w+)\}")
_ENGLISH = _English()
_WORDS: ContextVar[Words] = ContextVar("alarmd_operator_words", default=_ENGLISH)


def said(sentence: str, /, **facts: object) -> str:
    """A sentence in the reader's language.

    Args:
        sentence: In English, as it stands in the catalogue, with ``{name}`` for each fact; a literal, so that the test
            of the catalogues finds it.
        facts: What is put in. They are not translated: say each with `said` first where it is a word of ours.
    """
    spoken = _WORDS.get().gettext(sentence)
    return spoken.format(**facts) if facts else spoken


def said_of(one: str, many: str, number: int, /, **facts: object) -> str:
    """As `said`, where English needs another sentence for one than for many; ``{number}`` is put in."""
    return _WORDS.get().ngettext(one, many, number).format(number=number, **facts)


def tongue() -> str:
    """The language that `said` speaks, as a tag such as ``zh-CN``."""
    return str(getattr(_WORDS.get(), "language", "en"))


def for_later(sentence: str, /) -> str:
    """Mark a literal that is said later, by ``said(it, …)``: in a table, or in pure code that has no reader."""
    return sentence


def said_again(sentence: str, templates: Iterable[str], /) -> str:
    """A sentence that was kept or sent in English, in the reader's language.

    The event log, `/readyz` and other programs' answers hold whole English sentences; this finds the one that it was
    written by, and with which facts.

    Args:
        sentence: As it was written.
        templates: What it may have been written by, each marked by `for_later`; the first that fits counts.
    """
    for template in templates:
        pieces = _FACT.split(template)
        pattern = "".join(f"(?P<{piece}>.*)" if n % 2 else re.escape(piece) for n, piece in enumerate(pieces))
        if found := re.fullmatch(pattern, sentence, re.DOTALL):
            return said(template, **found.groupdict())
    return sentence


@contextmanager
def speaking(words: Words) -> Iterator[None]:
    """Whose language `said` speaks, in this task and what it calls."""
    token = _WORDS.set(words)
    try:
        yield
    finally:
        _WORDS.reset(token)
