"""Who a connection comes from: what counts as one source where connections and wrong passwords are counted."""

from __future__ import annotations

import ipaddress
import select
import socket
from functools import lru_cache
from typing import Final

_ENDED: Final = getattr(select, "POLLRDHUP", 0) | select.POLLHUP | select.POLLERR


@lru_cache(maxsize=4096)
def source(address: str) -> str:
    """The source an address belongs to: itself under IPv4; under IPv6 its /64, of which one line has all addresses."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped is not None:
            return str(found.ipv4_mapped)
        return str(ipaddress.ip_network((found, 64), strict=False))
    return str(found)


def is_this_machine(address: str) -> bool:
    """Whether that is a loopback address, in IPv6's writing of an IPv4 one too."""
    try:
        return ipaddress.ip_address(source(address).partition("/")[0]).is_loopback or address == "::1"
    except ValueError:
        return False


def has_hung_up(sock: socket.socket) -> bool:
    """Whether the peer has ended the connection, as far as the kernel knows: then nobody reads an answer.

    Linux tells when the peer has closed its sending side (``POLLRDHUP``, poll(2)); elsewhere it is known once both
    sides are closed.
    """
    poll = select.poll()
    try:
        poll.register(sock, _ENDED)
    except (OSError, ValueError):
        return True
    return any(event & _ENDED for _, event in poll.poll(0))
