"""`alarmd run` with a decoder that some bytes are too much for: what a defect of a decoder does to the process.

``python -m tests.support.poisoned run -c …``. A message of the Zigbee2MQTT or the native family whose payload has
`KILLS` in it ends the process at once; one with `STALLS` never comes back; one with `KILLS_KEEPING` ends it inside the
transaction that keeps it.
"""

from __future__ import annotations

import os
import time
from typing import Any, Final

from alarmd import cli
from alarmd.intake.keeping import Keeper
from devices import registry

KILLS: Final = b"this kills alarmd"
STALLS: Final = b"this stalls alarmd"
KILLS_KEEPING: Final = b"this kills the writer"


def main() -> None:
    """Plant the poison, and run the command."""
    decode, keep = registry.decode, Keeper.keep

    def decoding(topic: str, payload: bytes, **how: Any) -> Any:
        if KILLS in payload:
            os._exit(139)
        while STALLS in payload:
            time.sleep(1)  # a decoder does not wait; a test need not burn the processor meanwhile
        return decode(topic, payload, **how)

    def keeping(self: Keeper, tx: Any, delivery: Any, signals: Any, now: Any, **how: Any) -> Any:
        if KILLS_KEEPING in delivery.payload and not any(signal.suspect for signal in signals):
            os._exit(139)
        return keep(self, tx, delivery, signals, now, **how)

    registry.decode = decoding
    Keeper.keep = keeping  # type: ignore[method-assign] # the planted defect
    cli.main()


if __name__ == "__main__":
    main()
