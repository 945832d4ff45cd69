"""Who a connection comes from: what counts as one source where connections and wrong passwords are counted."""

from __future__ import annotations

import ipaddress
from functools import lru_cache


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
