"""What is remembered of births stays within bounds, and who thinks up edge nodes loses only its own."""

from __future__ import annotations

import json
import tracemalloc
from datetime import UTC, datetime
from typing import Any

import pytest

from alarmd.intake.births import MOST_ASKED, MOST_WAITING_OF_ONE, Births
from alarmd.intake.certificates import LONGEST_NAME, MOST_OF_ONE, Certificates, Name, name_of
from alarmd.intake.delivery import Delivery
from devices.families import sparkplug_b

NOW = datetime(2026, 11, 21, tzinfo=UTC)
MIB = 2**20


def message(kind: str, node: str, *metrics: dict[str, Any], user: str = "gw") -> Delivery:
    raw = json.dumps({"seq": 0, "metrics": metrics}).encode()
    topic = f"spBv1.0/g/{kind}/{node}"
    return Delivery(topic=topic, payload=raw, qos=1, retained=False, received_at=NOW, via="door", user=user)


def named(number: int, length: int = 40) -> dict[int, Name]:
    return {alias: (f"{alias}".rjust(length, "n"), 11) for alias in range(number)}


def test_long_names_of_many_edge_nodes_fill_no_memory() -> None:
    told = Births()
    tracemalloc.start()
    try:
        for n in range(300):
            long = ({"name": f"{alias}".ljust(9_000, "n"), "alias": alias} for alias in range(28))
            told.hear(message("NBIRTH", f"n{n}", *long))
        held, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert held < 10 * MIB, "they came with 75 MB of names"


@pytest.mark.parametrize("odd", [{"x": "y" * 200_000}, ["y" * 200_000], "y" * 200_000, 10**3_000])
def test_a_session_or_a_type_of_any_size_is_kept_short(odd: Any) -> None:
    told = Births()
    tracemalloc.start()
    try:
        for n in range(100):
            told.hear(
                message("NBIRTH", f"n{n}", {"name": "bdSeq", "value": odd}, {"name": "a", "alias": 1, "datatype": odd})
            )
        held, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert held < MIB


def test_what_is_counted_is_what_is_held() -> None:
    kept = Certificates()
    tracemalloc.start()
    try:
        for n in range(100):
            kept.born(f"g/{n}", "a", n)
            kept.learn(f"g/{n}", "a", named(200, n))
        held, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert held / 2 < kept.total < held * 2


def test_who_thinks_up_edge_nodes_loses_only_its_own() -> None:
    kept = Certificates(most=300_000, most_of_one=200_000)
    kept.born("g/honest", "honest", 1)
    kept.learn("g/honest", "honest", named(20))
    for who in ("a", "b"):
        for n in range(500):
            kept.born(f"{who}/{n}", who, 1)
            kept.learn(f"{who}/{n}", who, named(20))
    assert kept.total <= 300_000
    assert len(kept.names("g/honest")) == 20
    assert kept.session("g/honest") == 1
    assert kept.names("b/499")
    assert not kept.names("a/0")


def test_who_is_heard_is_forgotten_last() -> None:
    kept = Certificates(most=MIB, most_of_one=100_000)
    for n in range(100):
        kept.born(f"g/{n}", "a", 1)
        kept.learn(f"g/{n}", "a", named(20))
        kept.names("g/0")
    assert kept.names("g/0")
    assert not kept.names("g/1")


def test_a_node_that_is_born_of_another_sender_is_that_ones() -> None:
    kept = Certificates()
    for who in ("a", "b", "a"):
        kept.born("g/1", who, 1)
        kept.learn("g/1", who, named(20))
    assert set(kept._held) == set(kept._of) == {"a"}
    assert kept._held["a"] == kept.total
    kept.born("g/1", "b", 2)
    assert not kept.names("g/1")


def test_one_node_alone_cannot_hold_more_than_a_share() -> None:
    kept = Certificates(most=MIB, most_of_one=100_000)
    for n in range(100):
        kept.learn("g/1", "a", {1_000 * n + alias: name for alias, name in named(20).items()})
    assert kept.total <= 100_000
    assert kept.total == kept._held["a"]


def test_a_name_is_kept_as_its_family_reads_it() -> None:
    assert name_of({"alias": 3, "name": "Cord/SOS", "dataType": 11}) == (3, ("Cord/SOS", 11))
    assert name_of({"alias": 3, "name": "n" * 500, "datatype": "x"}) == (3, ("n" * LONGEST_NAME, None))
    assert [name_of(one) for one in ({"alias": "3", "name": "a"}, {"alias": 3}, {"alias": 2**70, "name": "a"})] == [
        None,
        None,
        None,
    ]


async def test_edge_nodes_that_were_asked_to_be_born_again_are_remembered_within_bounds() -> None:
    told = Births()
    for n in range(MOST_ASKED + 500):
        told.hear(message("NDATA", f"{n}" + "n" * 900, {"alias": 1, "value": 1}, user=f"{n % 100}"))
    assert len(told._asked) == MOST_ASKED
    assert max(map(len, told._asked)) <= 200


async def test_nobody_takes_all_the_room_for_what_waits() -> None:
    told = Births()
    for n in range(MOST_WAITING_OF_ONE + 100):
        told.hear(message("NDATA", "1", {"alias": 1, "value": n}))
    assert len(told._waiting) == MOST_WAITING_OF_ONE
    assert told.hear(message("NDATA", "2", {"alias": 1, "value": 1}, user="honest")).waits is not None
    assert len(told.hear(message("NBIRTH", "1", {"alias": 1, "name": "SOS"})).named) == MOST_WAITING_OF_ONE
    assert set(told._waits) == {"sender:door:honest"}
    assert told.hear(message("NDATA", "1", {"alias": 2, "value": 1})).waits is not None


async def test_what_waits_is_not_read_again_at_each_birth(monkeypatch: pytest.MonkeyPatch) -> None:
    told = Births()
    for n in range(50):
        told.hear(message("NDATA", "1", {"alias": 1, "value": n}))
    read = 0
    payload_of = sparkplug_b.payload_of

    def counted(payload: bytes) -> Any:
        nonlocal read
        read += 1
        return payload_of(payload)

    monkeypatch.setattr(sparkplug_b, "payload_of", counted)
    for _ in range(20):
        assert told.hear(message("NBIRTH", "1", {"alias": 2, "name": "Temperature"})).named == ()
    assert read == 20


def test_a_sender_has_no_more_than_its_share() -> None:
    told = Births()
    for n in range(3_000):
        told.hear(message("NBIRTH", f"n{n}", *({"name": f"{n} {a}".ljust(100), "alias": a} for a in range(100))))
    assert told._certificates.total <= MOST_OF_ONE
