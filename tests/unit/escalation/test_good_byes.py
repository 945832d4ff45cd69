"""A safe way is wished to who has one to go: not to a desk, an operator, the line, or to who is at the door already."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime

import pytest

from alarmd import languages
from escalation import wording
from escalation.incident import Purpose, Standing
from escalation.people import Candidate, Channel, Role
from escalation.wording import Facts, Heard

NOW = datetime(2026, 11, 21, 11, 30, tzinfo=UTC)
FACTS = Facts(incident="261121-J7FE", code="8778", kind="sos", name="王秀英", address="5号楼402", opened_at=NOW)
WISHES = {"zh-CN": "路上小心", "en": "go carefully"}
GOES = frozenset({Standing.ACCEPTED, Standing.COMING, Standing.FOLLOWS})
KEYS = (Heard.GO, Heard.NOT_UNDERSTOOD, Heard.THERE, Heard.CANNOT, Heard.NOTED, Heard.HANDED_OVER)


def somebody(role: Role) -> Candidate:
    return Candidate(id="somebody", name="李强", role=role, language="", channels=tuple(Channel))


def spoken(tag: str, purpose: Purpose, role: Role, standing: Standing) -> list[str]:
    """All that may be said in such a call: at the pick-up, and after each key."""
    texts, who = languages.texts(tag), somebody(role)
    scenes = [wording.opening(purpose, FACTS, who, texts, standing=standing)]
    scenes += [wording.answer(heard, purpose, FACTS, who, texts, standing=standing) for heard in KEYS]
    return ["\n".join((*scene.say, scene.again, scene.bye)) for scene in scenes]


@pytest.mark.parametrize("tag", sorted(WISHES))
@pytest.mark.parametrize("role", list(Role))
def test_only_who_goes_is_wished_a_safe_way(tag: str, role: Role) -> None:
    for purpose, standing in itertools.product(Purpose, Standing):
        wished = any(WISHES[tag] in said for said in spoken(tag, purpose, role, standing))
        stays = role in {Role.DESK, Role.DISPATCH} or standing is Standing.ARRIVED
        assert not (wished and stays), (purpose, standing)


@pytest.mark.parametrize("tag", sorted(WISHES))
@pytest.mark.parametrize("standing", sorted(GOES))
def test_and_who_goes_is(tag: str, standing: Standing) -> None:
    assert all(WISHES[tag] in said for said in spoken(tag, Purpose.DETAILS, Role.NEIGHBOUR, standing)[:2])


@pytest.mark.parametrize("tag", sorted(WISHES))
def test_who_is_there_and_says_that_they_go_is_thanked_for_being_there(tag: str) -> None:
    texts, who = languages.texts(tag), somebody(Role.NEIGHBOUR)
    scene = wording.answer(Heard.GO, Purpose.DETAILS, FACTS, who, texts, standing=Standing.ARRIVED)
    assert scene.say[0] == texts.gettext("Thank you for being there. Please call if more help is needed.")
