"""The hand-kept records are whole: changelog, decisions, dependencies."""

from __future__ import annotations

import re
import tomllib

from tests.support.pages import ROOT, Page

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
KINDS = {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}
DECISIONS = sorted((ROOT / "docs" / "adr").glob("[0-9]*.md"))


def names(requirements: list[str | dict[str, str]]) -> list[str]:
    """The names of requirements, without versions; a group that is included has a list of its own."""
    return [re.split(r"[^\w.-]", requirement)[0] for requirement in requirements if isinstance(requirement, str)]


def sections(text: str, level: int) -> dict[str, str]:
    """Headings of that level, and what stands under them."""
    parts = re.split(rf"^{'#' * level} +(.+)$", text, flags=re.MULTILINE)[1:]
    return dict(zip(parts[::2], parts[1::2], strict=True))


def test_it_keeps_a_changelog_for_readers() -> None:
    versions = sections(Page(ROOT / "CHANGELOG.md").text, 2)
    assert next(iter(versions)) == "[Unreleased]"
    for version, text in versions.items():
        assert re.fullmatch(r"\[Unreleased\]|\[\d+\.\d+\.\d+\] - \d{4}-\d{2}-\d{2}", version)
        kinds = sections(text, 3)
        assert set(kinds) <= KINDS
        assert all(text.strip().startswith("- ") for text in kinds.values()), f"{version} has an empty section"


def test_it_says_why_each_dependency_is_there() -> None:
    lists = sections(Page(ROOT / "docs" / "dependencies.md").text, 2)
    wanted = {
        "To run": names(PROJECT["project"]["dependencies"]),
        "To develop": names(PROJECT["dependency-groups"]["dev"]),
        "To build": names(PROJECT["dependency-groups"]["build"]),
    }
    for heading, expected in wanted.items():
        lines = re.findall(r"^\| `([^`]+)` \| (.+?) \|$", lists[heading], re.MULTILINE)
        assert sorted(name for name, _ in lines) == sorted(expected), heading
        assert all(len(reason.split()) >= 4 for _, reason in lines), heading


def test_it_numbers_decisions_without_a_gap_and_lists_them() -> None:
    assert [path.name[:4] for path in DECISIONS] == [f"{n:04}" for n in range(1, len(DECISIONS) + 1)]
    index = Page(ROOT / "docs" / "adr" / "index.md").links()
    assert [target for target in index if re.match(r"\d{4}-", target)] == [path.name for path in DECISIONS]


def test_it_tells_of_each_decision_what_else_there_was_and_what_follows() -> None:
    for path in DECISIONS:
        text = Page(path).text
        assert re.match(rf"# {path.name[:4]}\. \S", text), path.name
        assert list(sections(text, 2)) == ["Why", "Options", "Decision", "Consequences"], path.name
        assert re.search(r"^(Accepted|Superseded by \[\d{4}\]\(.+\)), \d{4}-\d{2}-\d{2}$", text, re.MULTILINE), (
            path.name
        )
