"""Status callbacks of one message or call, in order or in the disorder a real network makes of them."""

from __future__ import annotations

from collections.abc import Mapping

from simulators.twilio.records import new_sid
from simulators.twilio.webhooks import Webhooks


class Reports:
    """Sends status callbacks.

    Args:
        webhooks: How they are sent.
        address: Where to; empty = nowhere.
        manner: ``once``, ``twice``, ``shuffled`` or ``never`` (see `simulators.town.Reception`).
    """

    def __init__(self, webhooks: Webhooks, address: str, manner: str) -> None:
        self._webhooks = webhooks
        self._address = address
        self._manner = manner
        self._held: list[tuple[dict[str, str], str]] = []

    async def send(self, form: Mapping[str, str], *, last: bool) -> None:
        """Report one state; ``last`` says that no further will follow."""
        if not self._address or self._manner == "never":
            return
        report = (dict(form), new_sid("")[:32])
        if self._manner != "shuffled":
            await self._post(report)
            if self._manner == "twice":
                await self._post(report)
            return
        self._held.append(report)
        if last:
            for held in [*reversed(self._held), *self._held]:
                await self._post(held)
            self._held.clear()

    async def _post(self, report: tuple[dict[str, str], str]) -> None:
        form, token = report
        await self._webhooks.post(self._address, form, token=token)
