"""``python -m tests.simulation --seed N`` tells one seed's story; ``--seeds 10000`` plays many, over all cores."""

from __future__ import annotations

import argparse
import os
import sys

from tests.simulation.run import run, template
from tests.simulation.soak import say, soak


def main() -> int:
    """Play, print, and return 1 if a promise was broken."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description=__doc__)
    parser.add_argument("--seed", type=int, help="play this one and tell its story")
    parser.add_argument("--seeds", type=int, default=200, help="how many to play, from --first on")
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    options = parser.parse_args()
    if options.seed is not None:
        return tell(options.seed)
    return soak(options.first, options.seeds, options.jobs)


def tell(seed: int) -> int:
    """The whole story of one seed."""
    with template() as database:
        result = run(seed, database)
    for line in result.story:
        say(f"{line}\n")
    say(f"\nseed {seed}: {result.seconds / 60:.1f} min of the world, {result.steps} steps, {result.story.counts}\n")
    for violation in result.story.violations:
        say(f"  BROKEN  {violation}\n")
    say("  a promise was broken\n" if result.failed else "  every promise was kept\n")
    return int(result.failed)


if __name__ == "__main__":
    sys.exit(main())
