"""In which language a command speaks: ``--language``, then the environment, then the service's (ADR 0018)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from alarmd import languages
from alarmd.cli.errors import UserError
from config import glance
from config.languages import nearest
from config.wording import for_later, said, speaking

OPTION = "--language"
VARIABLES = ("ALARMD_LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG")
_SILENT = {"", "C", "POSIX"}  # of them nobody chose a language
HELP = for_later("Speak this language: zh-CN or en. [default: the terminal's (LANG), else the service's]")


def tag(words: Sequence[str], environ: Mapping[str, str]) -> str:
    """The language to speak.

    Args:
        words: The command line without the program's name.
        environ: The environment.

    Returns:
        ``en`` or one of `alarmd.languages.CATALOGUES`.

    Raises:
        UserError: ``--language`` names one that alarmd does not speak.
    """
    wanted = _value(words, OPTION)
    if wanted is not None:
        return known(wanted)
    for variable in VARIABLES:
        value = environ.get(variable, "").strip()
        if value.partition(".")[0].partition("@")[0] not in _SILENT:
            if spoken := nearest(value):
                return spoken
            break  # a language that is not spoken here: the service's is nearer than none
    config = _value(words, "--config") or _value(words, "-c")
    return glance.language(Path(config) if config else None, environ) or "en"


def known(wanted: str) -> str:
    """The language that is meant.

    Raises:
        UserError: alarmd does not speak it.
    """
    spoken = nearest(wanted)
    if spoken is None:
        there_are = ", ".join(("en", *languages.CATALOGUES))
        raise UserError(
            said("alarmd does not speak {language}; it speaks: {languages}", language=repr(wanted), languages=there_are)
        )
    return spoken


@contextmanager
def spoken_in(language: str) -> Iterator[None]:
    """Let everything below say its sentences in this language."""
    words = languages.operator_words(language)
    with speaking(words or languages.ENGLISH):
        yield


def _value(words: Sequence[str], option: str) -> str | None:
    """What stands behind an option, wherever on the command line; the last one counts."""
    found = None
    for n, word in enumerate(words):
        if word == "--":
            break
        if word == option and n + 1 < len(words):
            found = words[n + 1]
        elif option.startswith("--") and word.startswith(f"{option}="):
            found = word.partition("=")[2]
        elif not option.startswith("--") and word.startswith(option) and not word.startswith("--") and word != option:
            found = word.removeprefix(option).removeprefix("=")
    return found
