"""The rules: each is a judge of its own that knows the field, and nothing of how alarmd decides."""

from __future__ import annotations

from tests.simulation.eyes import Rule
from tests.simulation.rules import channels, elsewhere, handoffs, memory, numbers, reaching, telling

RULES: tuple[type[Rule], ...] = (
    handoffs.ConfirmedByWhomItWasQueuedTo,
    handoffs.OneNoEndsItForNobodyElse,
    handoffs.FireAsksEverybody,
    handoffs.NeverHerOwnResponder,
    numbers.OneCallAtATime,
    numbers.NeverTakenToWhoGoes,
    numbers.AKeyCountsForWhoGoes,
    elsewhere.OnePersonGoesToOneHome,
    elsewhere.NobodyWaitsForWhoIsNeededElsewhere,
    telling.ToldHasItsMessage,
    telling.TheLineHearsWhoDoesNotCome,
    telling.WhatComesAfterTheCloseIsOnRecord,
    reaching.APressReachesSomebody,
    reaching.WhoNeverAnsweredIsRungAgain,
    reaching.WhoHasNotCheckedInIsAskedAbout,
    channels.ClosedOnlyByACodeThatCloses,
    memory.MemoryFollowsTheCommit,
    memory.NoTimeLiesAhead,
    memory.KnowsItsSettings,
)
