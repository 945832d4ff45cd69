"""Whether alarmd could listen where the settings say, found out by trying."""

from __future__ import annotations

import errno
import socket
from contextlib import closing
from pathlib import Path

from alarmd.store import lock
from config.wording import for_later, said

_SENTENCES = {
    errno.EADDRINUSE: for_later("another program listens there: stop it, or choose another port"),
    errno.EACCES: for_later("this user may not listen there: check as the user that alarmd runs as"),
    errno.EADDRNOTAVAIL: for_later("this machine has no such address"),
}


def fault(host: str, port: int, store: Path) -> tuple[bool, str]:
    """Try to listen there, for a moment.

    Args:
        host: As in the settings.
        port: 0 = any.
        store: Whose running alarmd may have the port already, and rightly.

    Returns:
        Whether all is well, and a sentence.
    """
    shown = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    try:
        found = socket.getaddrinfo(host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except OSError as error:
        return False, f"{shown}: {error.strerror or error}"
    for family, kind, protocol, _, address in found:
        try:
            _listen(family, kind, protocol, address)
        except OSError as error:
            # Only now: to ask for the lock may bar an alarmd that starts in this very moment.
            if error.errno == errno.EADDRINUSE and lock.is_held(store):
                return True, said("listens on {address}: an alarmd is running on this store", address=shown)
            return False, f"{shown}: {_why(error)}"
    return True, said("listens on {address}", address=shown)


def _why(error: OSError) -> str:
    known = _SENTENCES.get(error.errno or 0)
    return said(known) if known else error.strerror or str(error)


def _listen(family: int, kind: int, protocol: int, address: tuple[object, ...]) -> None:
    with closing(socket.socket(family, kind, protocol)) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as the server does: the last run's port is free
        if family == socket.AF_INET6:
            probe.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        probe.bind(address)
        probe.listen(1)
