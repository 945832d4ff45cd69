"""`python -m bench.attacks` lists the attacks; with a name and a target it is the attacker, until its input ends."""

from __future__ import annotations

import asyncio
import resource
import sys

import msgspec

from bench.attacks import ATTACKS
from bench.attacks.shape import READY, Attack, Target


async def _run(which: Attack, target: Target) -> None:
    async with which.run(target):
        sys.stdout.write(READY + "\n")
        sys.stdout.flush()
        await asyncio.to_thread(sys.stdin.read)


def main() -> None:
    """List, or attack."""
    if len(sys.argv) == 1:
        for one in ATTACKS:
            sys.stdout.write(f"{one.number:>3}  {one.name}\n")
        return
    name, target = sys.argv[1:]
    which = next(one for one in ATTACKS if one.name == name)
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    asyncio.run(_run(which, msgspec.json.decode(target, type=Target)))


if __name__ == "__main__":
    main()
