"""`alarmd completion`: what a shell needs to finish commands and options for who types them."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from enum import StrEnum
from typing import Annotated, Any

import typer

from alarmd import languages
from alarmd.cli import language
from config.wording import said

VARIABLE = "_ALARMD_COMPLETE"


class Shell(StrEnum):
    """The shells that alarmd helps."""

    BASH = "bash"
    ZSH = "zsh"
    FISH = "fish"


# The words come back one a line, for zsh and fish with a tab and what they are for behind; files are left to the shell.
_SCRIPTS = {
    Shell.BASH: """\
_alarmd_completion() {
    local IFS=$'\\n'
    COMPREPLY=($(_ALARMD_COMPLETE=bash "$1" "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null))
}
complete -o default -F _alarmd_completion alarmd
""",
    Shell.ZSH: """\
#compdef alarmd
_alarmd() {
    local -a found
    local IFS=$'\\n'
    found=($(_ALARMD_COMPLETE=zsh ${words[1]} "${(@)words[2,$CURRENT]}" 2>/dev/null))
    if (( ${#found} )); then _describe -V alarmd found; else _files; fi
}
if [[ $zsh_eval_context[-1] == loadautofunc ]]; then _alarmd "$@"; else compdef _alarmd alarmd; fi
""",
    Shell.FISH: """\
function __alarmd_completion
    set -l words (commandline -opc)
    _ALARMD_COMPLETE=fish alarmd $words[2..-1] (commandline -ct) 2>/dev/null
end
complete -c alarmd -f -a '(__alarmd_completion)'
complete -c alarmd -F -n 'test -z "(__alarmd_completion)"'
""",
}


def completion(shell: Annotated[Shell, typer.Argument(help="Your shell.", show_default=False)]) -> None:
    """Print what makes your shell complete alarmd's commands and options with the Tab key."""
    sys.stdout.write(_SCRIPTS[shell])


def answer(words: Sequence[str], shell: str, summaries: dict[str, str], load: Callable[[str], Any]) -> str:
    """What could stand at the place of the last word.

    Args:
        words: What was typed behind ``alarmd``, the last one unfinished or empty.
        shell: One of `Shell`; zsh and fish show what each is for.
        summaries: Each command and what it does.
        load: The command of a name, as typer has it.
    """
    *before, unfinished = words or [""]
    found = [(word, about) for word, about in _possible(before, summaries, load) if word.startswith(unfinished)]
    if unfinished == "":
        found = [(word, about) for word, about in found if not word.startswith("-")]
    return "".join(f"{_line(word, about, shell)}\n" for word, about in found)


def _possible(
    before: Sequence[str], summaries: dict[str, str], load: Callable[[str], Any]
) -> Iterable[tuple[str, str]]:
    if before and before[-1] == language.OPTION:
        return [(tag, "") for tag in ("en", *languages.CATALOGUES)]
    names = [word for n, word in enumerate(before) if not word.startswith("-") and before[n - 1 : n] != ["--language"]]
    if not names:
        return [*((name, said(about)) for name, about in summaries.items()), *_TOP]
    if names[0] not in summaries:
        return []
    command = load(names[0])
    below = getattr(command, "commands", None)
    if below is not None:
        if len(names) == 1:
            return [(name, said((one.help or "").partition("\n")[0])) for name, one in below.items()]
        command = below.get(names[1])
    return _of(command, before) if command is not None else []


_TOP = ((language.OPTION, ""), ("--help", ""), ("--version", ""))


def _of(command: Any, before: Sequence[str]) -> Iterator[tuple[str, str]]:
    taken = next((one for one in command.params if before and before[-1] in one.opts), None)
    if taken is not None and not taken.is_flag:
        yield from ((word, "") for word in _choices(taken))
        return
    for one in command.params:
        if one.param_type_name == "argument":
            yield from ((word, "") for word in _choices(one))
        elif not set(one.opts) & set(before):
            about = said(one.help) if one.help else ""
            yield from ((name, about) for name in one.opts if name.startswith("--"))
    yield ("--help", "")


def _choices(one: Any) -> list[str]:
    described = getattr(one, "type_descriptor", None)
    return [str(getattr(choice, "value", choice)) for choice in (described and described.choices) or ()]


def _line(word: str, about: str, shell: str) -> str:
    if not about or shell == Shell.BASH:
        return word
    return f"{word}\t{about}" if shell == Shell.FISH else f"{word}:{about}"
