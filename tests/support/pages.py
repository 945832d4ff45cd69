"""The pages people read, taken apart: headings, links and blocks of code.

What stands behind a fence says what a test does with the block:

- ```` ```console run ````: its ``$`` lines are run in order, with the page's files in a folder, and print what is shown
  (a line ``…`` stands for any lines);
- ```` ```toml file=alarmd.toml ````: is written to that file first, whatever the language;
- ```` ```toml fault ````: is not to be loaded, because it shows a mistake.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
_OTHERS = {".venv", "node_modules", ".git", "build", "dist"}

_FENCE = re.compile(
    r"^(?P<indent> *)(?P<fence>`{3,}|~{3,})(?P<info>[^\n`]*)\n(?P<text>.*?)^\1(?P=fence)[ ]*$", re.MULTILINE | re.DOTALL
)
_INLINE_CODE = re.compile(r"(`+)(?!`).+?(?<!`)\1(?!`)", re.DOTALL)
_LINK = re.compile(
    r"!?\[(?:[^\[\]]|\[[^\[\]]*\](?:\([^()]*\))?)*\]\(\s*<?(?P<target>[^()\s<>]+)>?(?:\s+\"[^\"]*\")?\s*\)"
)
_HTML_LINK = re.compile(r"<(?:a|img|source)\b[^>]*?\b(?:href|src|srcset)=\"(?P<target>[^\"]+)\"", re.IGNORECASE)
_HEADING = re.compile(r"^#{1,6} +(?P<title>.+?)(?: +#+)?$", re.MULTILINE)
_ANCHOR = re.compile(r"<a\b[^>]*?\b(?:id|name)=\"(?P<id>[^\"]+)\"", re.IGNORECASE)


@dataclass(frozen=True)
class Block:
    """A fenced block of code: the language, the words behind it, the text without its indentation."""

    language: str
    words: tuple[str, ...]
    text: str

    @property
    def file(self) -> str:
        """The file the block is the content of; empty where it is none."""
        return next((word.removeprefix("file=") for word in self.words if word.startswith("file=")), "")


class Page:
    """One Markdown file."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.text = path.read_text(encoding="utf-8")

    @property
    def name(self) -> str:
        """Its path in the tree."""
        return self.path.relative_to(ROOT).as_posix()

    @property
    def prose(self) -> str:
        """Everything but code."""
        return _INLINE_CODE.sub("", _FENCE.sub("", self.text))

    def blocks(self) -> list[Block]:
        """Its fenced blocks, in order."""
        found = []
        for match in _FENCE.finditer(self.text):
            words = match["info"].split()
            text = re.sub(rf"^{match['indent']}", "", match["text"], flags=re.MULTILINE)
            found.append(Block(words[0] if words else "", tuple(words[1:]), text))
        return found

    def links(self) -> list[str]:
        """Where its links point, as written."""
        prose = self.prose
        found = [match["target"] for match in _HTML_LINK.finditer(prose)]
        while match := _LINK.search(prose):  # a picture may stand inside a link
            found.append(match["target"])
            prose = prose[: match.start()] + re.sub(r"^!?\[|\]\([^()]*\)$", " ", match[0]) + prose[match.end() :]
        return found

    def anchors(self) -> set[str]:
        """What can stand behind ``#`` in a link to it, as GitHub makes it from the headings."""
        found: set[str] = {match["id"] for match in _ANCHOR.finditer(self.text)}
        seen: dict[str, int] = {}
        for match in _HEADING.finditer(_FENCE.sub("", self.text)):
            title = re.sub(r"\]\([^()]*\)", "", match["title"])
            slug = re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")
            found.add(f"{slug}-{seen[slug]}" if slug in seen else slug)
            seen[slug] = seen.get(slug, 0) + 1
        return found


@cache
def pages() -> tuple[Page, ...]:
    """Every page of the tree."""
    files = (path for path in ROOT.rglob("*.md") if not _OTHERS & set(path.relative_to(ROOT).parts))
    return tuple(
        Page(path) for path in sorted(files) if not any(part.startswith(".") for part in path.parts[len(ROOT.parts) :])
    )
