"""The stored corpus, and some hundred seeded mutations of it: the short form of `make fuzz`, in every run."""

from __future__ import annotations

import time
from itertools import islice

import pytest

from tests.fuzz.mutating import mutations
from tests.fuzz.targets import MAY_TAKE_LONG, TARGETS, corpus

TRIED = {"packets": 600, "subscribe": 600, "families": 400, "webhooks": 200, "tables": 100, "calendars": 60}
MOST_S = 2.0  # of processor time for one input of at most 8 kB


@pytest.mark.parametrize("name", TARGETS)
def test_the_corpus_and_mutations_of_it_find_nothing(name: str) -> None:
    inputs = corpus(name)
    assert inputs
    for data in [*inputs, *islice(mutations(inputs, seed=9), TRIED[name])]:
        before = time.thread_time()
        TARGETS[name](data)
        assert name in MAY_TAKE_LONG or time.thread_time() - before < MOST_S, data[:200]


def test_the_same_seed_gives_the_same_inputs_and_another_others() -> None:
    seeds = [list(islice(mutations([b"abc", b'{"x":1}'], seed), 50)) for seed in (1, 1, 2)]
    assert seeds[0] == seeds[1] != seeds[2]
