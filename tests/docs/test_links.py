"""No page sends its reader to a place that is not there."""

from __future__ import annotations

import re
from urllib.parse import unquote, urlsplit

import pytest

from tests.support.pages import ROOT, Page, pages


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.name)
def test_it_links_only_to_what_is_there(page: Page) -> None:
    wrong = [target for target in page.links() if not leads_somewhere(page, target)]
    assert not wrong, f"{page.name} links to {wrong}"


def leads_somewhere(page: Page, target: str) -> bool:
    parts = urlsplit(target)
    if parts.scheme or parts.netloc:
        return True
    path = (page.path.parent / unquote(parts.path)).resolve() if parts.path else page.path
    if not path.is_relative_to(ROOT) or not path.exists():
        return False
    return not parts.fragment or (path.suffix == ".md" and unquote(parts.fragment) in Page(path).anchors())


def test_it_reaches_every_page_from_the_readme() -> None:
    seen, ahead = set(), [ROOT / "README.md"]
    while ahead:
        page = Page(ahead.pop())
        seen.add(page.path)
        for target in page.links():
            path = (page.path.parent / unquote(urlsplit(target).path)).resolve()
            if path.suffix == ".md" and path.exists() and path not in seen:
                ahead.append(path)
    apart = {page.name for page in pages() if page.path not in seen and not page.name.startswith("tests/")}
    assert not apart, f"nothing links to {sorted(apart)}"


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.name)
def test_it_names_no_folder_of_the_writers_machine(page: Page) -> None:
    # a topic such as spBv1.0/home/… is no path: a path begins where no word ends
    assert not re.findall(r"(?<![\w.…>-])/(?:work|root|home|Users)/\S*", page.text), page.name
