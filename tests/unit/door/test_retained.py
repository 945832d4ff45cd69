"""The retained messages: a search finds what the plain rule finds, whatever comes and goes while it stands still."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alarmd.door.ledger import Ledger
from alarmd.door.limits import Limits
from alarmd.door.retained import Retained
from alarmd.door.sessions import NEVER, Message
from alarmd.door.topics import matches
from tests.unit.door.test_topics import filters, names


def word(topic: str, payload: bytes = b"x", expires: float = NEVER) -> Message:
    return Message(topic, payload, 1, retain=True, expires=expires)


def retained(**limits: int) -> tuple[Retained, Ledger]:
    ledger = Ledger(Limits(**limits))
    return Retained(Limits(**limits), ledger), ledger


def found(held: Retained, pattern: str, now: float = 0.0) -> list[str]:
    return [one.topic for one in held.search(pattern, held.number, now) if one is not None]


@given(st.lists(names), st.lists(names), filters)
def test_it_finds_the_names_that_the_plain_rule_finds(put: list[str], dropped: list[str], pattern: str) -> None:
    held, ledger = retained()
    for topic in put:
        held.keep(word(topic), "one")
    for topic in dropped:
        held.keep(word(topic, b""))
    left = set(put) - set(dropped)
    assert len(held) == len(left)
    assert sorted(found(held, pattern)) == sorted(topic for topic in left if matches(pattern, topic))
    for topic in left:
        held.keep(word(topic, b""))
    assert ledger.total == 0
    assert not held.forget_of("one")


changes = st.lists(st.tuples(st.sampled_from(("keep", "drop", "look", "look")), names), max_size=40)


@given(st.lists(names), changes, filters)
def test_it_finds_what_stays_once_while_others_come_and_go(
    put: list[str], script: list[tuple[str, str]], pattern: str
) -> None:
    held, _ = retained()
    for topic in put:
        held.keep(word(topic, b"old"))
    search = held.search(pattern, held.number, 0.0)
    seen: list[Message | None] = []
    touched = set()
    for what, topic in script:
        if what == "look":
            seen.append(next(search, None))
        else:
            touched.add(topic)
            held.keep(word(topic, b"new" if what == "keep" else b""))
    seen += search
    heard = [one.topic for one in seen if one is not None]
    assert all(one is None or one.payload == b"old" for one in seen), "what is new was sent when it came"
    assert len(heard) == len(set(heard))
    stays = {topic for topic in put if matches(pattern, topic)}
    assert stays - touched <= set(heard) <= stays


def test_it_forgets_what_is_past_its_expiry() -> None:
    held, ledger = retained()
    for number in range(10):
        held.keep(word(f"a/{number}", expires=float(number)))
    assert sum(1 for _ in held.expire(4.0)) == 10
    assert found(held, "#") == [f"a/{number}" for number in range(5, 10)]
    assert sum(1 for _ in held.expire(99.0)) == 5
    assert (len(held), ledger.total) == (0, 0)
    held.keep(word("lasts"))
    assert not list(held.expire(99.0)), "where nothing expires nothing is looked at"


def test_what_a_user_had_retained_longest_goes_first() -> None:
    held, _ = retained()
    for topic, user in (("a", "one"), ("b", "other"), ("c", "one"), ("a", "one")):
        held.keep(word(topic), user)
    assert held.forget_of("one")
    assert found(held, "#") == ["a", "b"], "what was said again is newer"
    held.keep(word("b"), "one")
    assert not held.forget_of("other"), "the last word is that of who said it last"


@pytest.mark.parametrize("character", ["x", "é", "中", "🔴"])
def test_it_counts_a_topic_as_python_holds_it(character: str) -> None:
    held, ledger = retained()
    topic = "x" * 500 + character
    held.keep(word(topic))
    wide = 1 if character.isascii() else 4
    assert ledger.total >= 2 * wide * len(topic)
