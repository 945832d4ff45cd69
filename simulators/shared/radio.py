"""Who hears 433 MHz, and how often a remote says it."""

from __future__ import annotations

RECEIVERS = ("attic", "hall")


REPEATS = (0.0, 0.2, 0.4, 0.6)
