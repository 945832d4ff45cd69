"""What alarmd tells systemd: that it is ready, that it lives, that it stops. Without systemd nothing happens.

The watchdog is fed only while the daemon is really alive, so that systemd starts one anew that hangs. Protocol:
sd_notify(3).
"""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Awaitable, Callable, Mapping

import structlog

log = structlog.get_logger()


class Systemd:
    """The notification socket of one service.

    Args:
        environ: Where systemd leaves ``NOTIFY_SOCKET``, ``WATCHDOG_USEC`` and ``WATCHDOG_PID``.
    """

    def __init__(self, environ: Mapping[str, str] = os.environ) -> None:
        where = environ.get("NOTIFY_SOCKET", "")
        self._address = f"\0{where[1:]}" if where.startswith("@") else where  # "@": in the kernel's abstract namespace
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) if where else None
        if self._socket is not None:
            self._socket.setblocking(False)  # noqa: FBT003 - the standard library's own signature
        self._feed_every = _half_watchdog(environ)

    def ready(self, status: str = "") -> None:
        """Everything listens: whoever waits for alarmd may start."""
        self._tell("READY=1", status)

    def status(self, sentence: str) -> None:
        """One line for `systemctl status`."""
        self._tell("", sentence)

    def stopping(self) -> None:
        """A clean stop has begun."""
        self._tell("STOPPING=1", "")

    def close(self) -> None:
        """Release the socket."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    async def watch(self, alive: Callable[[], Awaitable[str | None]]) -> None:
        """Feed the watchdog until cancelled; returns at once where systemd keeps none.

        Args:
            alive: None as long as the daemon is alive, else a sentence; then systemd hears nothing and, after its
                time, starts anew.
        """
        if self._socket is None or self._feed_every is None:
            return
        while True:
            fault = await alive()
            if fault is None:
                self._tell("WATCHDOG=1", "")
            else:
                log.error("the watchdog is not fed", why=fault)
                self.status(f"not alive: {fault}")
            await asyncio.sleep(self._feed_every)

    def _tell(self, what: str, status: str) -> None:
        if self._socket is None:
            return
        words = status.replace("\n", " ")
        told = "\n".join(part for part in (what, f"STATUS={words}" if words else "") if part)
        try:
            self._socket.sendto(told.encode(), self._address)
        except OSError as error:  # whether systemd hears us or not, presses are answered
            log.warning("systemd could not be told", told=told, error=str(error))


def _half_watchdog(environ: Mapping[str, str]) -> float | None:
    """Half of the watchdog's time, seconds; None where there is none or it is another process's."""
    usec = environ.get("WATCHDOG_USEC", "")
    pid = environ.get("WATCHDOG_PID", "")
    if not usec.isdecimal() or int(usec) == 0 or (pid and pid != str(os.getpid())):
        return None
    return int(usec) / 2_000_000
