"""Topic filters: what matches, what is covered, and trees that agree with the plain rule."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alarmd.door.topics import MAX_LEVELS, Index, covers, is_filter, is_name, matches

levels = st.sampled_from(("", "a", "b", "$s"))
names = st.lists(levels, min_size=1, max_size=4).map("/".join).filter(bool)
filters = st.builds(
    lambda parts, tail: "/".join([*parts, *tail]),
    st.lists(levels | st.just("+"), max_size=3),
    st.sampled_from(([], ["#"])),
).filter(bool)


@pytest.mark.parametrize(
    ("pattern", "topic"),
    [
        ("alarmd/v1/bed/signal", "alarmd/v1/bed/signal"),
        ("alarmd/v1/+/signal", "alarmd/v1/bed/signal"),
        ("alarmd/#", "alarmd/v1/bed/signal"),
        ("alarmd/#", "alarmd"),
        ("#", "alarmd"),
        ("+", "alarmd"),
        ("+/+", "/alarmd"),
        ("/+", "/alarmd"),
        ("a/+/b", "a//b"),
        ("$SYS/#", "$SYS/x"),
        ("$SYS/+", "$SYS/x"),
    ],
)
def test_it_matches(pattern: str, topic: str) -> None:
    assert matches(pattern, topic)


@pytest.mark.parametrize(
    ("pattern", "topic"),
    [
        ("alarmd", "alarmd/v1"),
        ("alarmd/v1", "alarmd"),
        ("alarmd/+", "alarmd"),
        ("+", "/alarmd"),
        ("Alarmd", "alarmd"),
        ("#", "$SYS/x"),
        ("+/x", "$SYS/x"),
    ],
)
def test_it_does_not_match(pattern: str, topic: str) -> None:
    assert not matches(pattern, topic)


def test_it_knows_valid_names_and_filters() -> None:
    assert all(map(is_filter, ("#", "+", "a/#", "+/a/#", "/", "$share/x/y")))
    assert not any(map(is_filter, ("", "a#", "#/a", "a/#/b", "a+", "+a/b", "a\0", "/" * MAX_LEVELS)))
    assert all(map(is_name, ("a", "/", "a b/c", "$SYS")))
    assert not any(map(is_name, ("", "+", "a/#", "a\0")))


@given(filters, filters, st.lists(names, min_size=1, max_size=30))
def test_it_covers_only_what_it_matches_too(allowed: str, wanted: str, topics: list[str]) -> None:
    if covers(allowed, wanted):
        assert all(matches(allowed, topic) for topic in topics if matches(wanted, topic))


@given(filters, names)
def test_it_covers_every_topic_that_it_matches(allowed: str, topic: str) -> None:
    assert covers(allowed, topic) == matches(allowed, topic)


@given(st.lists(st.tuples(filters, st.integers(0, 3))), st.lists(st.tuples(filters, st.integers(0, 3))), names)
def test_it_finds_the_subscribers_that_the_plain_rule_finds(
    put: list[tuple[str, int]], dropped: list[tuple[str, int]], topic: str
) -> None:
    index: Index[int, str] = Index()
    for pattern, key in put:
        index.put(pattern, key, pattern)
    for pattern, key in dropped:
        index.drop(pattern, key)
    left = set(put) - set(dropped)
    assert len(index) == len(left)
    assert sorted(index.match(topic)) == sorted((key, pattern) for pattern, key in left if matches(pattern, topic))
    for pattern, key in left:
        index.drop(pattern, key)
    assert not index._root.children, "an index that is empty holds nothing"
    assert not index._exact
    assert not index._below
