"""The provider that is used where none is configured: everything shows in the log, marked, and reaches nobody.

With the simulators installed it shows on simulated phones too, where somebody who tries alarmd out answers by hand.
"""

from __future__ import annotations

from datetime import datetime

import structlog

from alarmd.part_faults import NO_PROVIDER, NO_PROVIDER_BUT_A_PAGE
from alarmd.phone.provider import Accepted, HangsUp, Outcome, Outgoing, PhoneProvider

SIMULATED = "simulated"
_log = structlog.get_logger("alarmd.phone")


class LogPhone:
    """Writes what would be sent into the log, whole: whoever tries alarmd out needs to see it.

    Args:
        phones: The simulated phones it is passed on to, or None.
        page: Where they are answered by hand.
    """

    def __init__(self, phones: PhoneProvider | None = None, page: str = "") -> None:
        self._phones = phones
        self._page = page

    @property
    def name(self) -> str:
        """For the log."""
        return SIMULATED

    async def send(self, message: Outgoing) -> Outcome:
        """Log the message; it is accepted and reaches nobody but a simulated phone."""
        _log.warning(
            "SIMULATED, NOT SENT",
            channel=message.channel.value,
            to=message.to,
            body=message.body,
            language=message.language,
            attempt=message.attempt,
            **({"answer_at": self._page} if self._page else {}),
        )
        return await self._phones.send(message) if self._phones else Accepted(sid=f"SIM{message.attempt}")

    async def find(self, message: Outgoing, *, since: datetime) -> Outcome:
        """What was logged was accepted; the simulated phones know what became of it."""
        return await self._phones.find(message, since=since) if self._phones else Accepted(sid=f"SIM{message.attempt}")

    async def usable(self) -> str | None:
        """A sentence: nobody can be reached this way; without the page's secret, for everybody may ask."""
        return NO_PROVIDER_BUT_A_PAGE if self._page else NO_PROVIDER

    async def hang_up(self, sid: str) -> str | None:
        """Log that the ringing ends, and end it on the simulated phones."""
        _log.warning("SIMULATED, HUNG UP", sid=sid)
        return await self._phones.hang_up(sid) if isinstance(self._phones, HangsUp) else None

    async def close(self) -> None:
        """Release the simulated phones' connections."""
        if self._phones:
            await self._phones.close()
