"""The provider that is used where none is configured: everything shows in the log, marked, and reaches nobody."""

from __future__ import annotations

from datetime import datetime

import structlog

from alarmd.phone.provider import Accepted, Outcome, Outgoing

_log = structlog.get_logger("alarmd.phone")


class LogPhone:
    """Writes what would be sent into the log, whole: whoever tries alarmd out needs to see it."""

    @property
    def name(self) -> str:
        """For the log."""
        return "log"

    async def send(self, message: Outgoing) -> Outcome:
        """Log the message; it is accepted and goes nowhere."""
        _log.warning(
            "SIMULATED, NOT SENT",
            channel=message.channel.value,
            to=message.to,
            body=message.body,
            language=message.language,
            attempt=message.attempt,
        )
        return Accepted(sid=f"SIM{message.attempt}")

    async def find(self, message: Outgoing, *, since: datetime) -> Outcome:  # noqa: ARG002  # the protocol's signature
        """What was logged was accepted."""
        return Accepted(sid=f"SIM{message.attempt}")

    async def usable(self) -> str | None:
        """A sentence: nobody can be reached this way, and whoever watches readiness should know."""
        return "no phone provider is configured: texts and calls only show in the log"

    async def close(self) -> None:
        """Nothing is open."""
