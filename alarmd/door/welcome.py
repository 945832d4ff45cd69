"""Whether a CONNECT is let in, and what the CONNACK says: the rules, without the socket."""

from __future__ import annotations

import ipaddress
import secrets
from dataclasses import dataclass

from alarmd.door import wire
from alarmd.door.limits import Limits
from alarmd.door.packets import V5, Connect
from alarmd.door.reasons import Reason
from alarmd.door.wire import Properties

FOREVER = wire.MAX_U32
"""The session expiry that means never; it is also what MQTT 3.1.1 means by a session that is not clean."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a client is not let in."""

    reason: Reason
    detail: str


@dataclass(frozen=True, slots=True)
class Terms:
    """What a client is granted: its id, the life of its session in seconds, its keep alive in seconds (0: none)."""

    client_id: str
    expiry: int
    keep_alive: int


def is_loopback(address: str) -> bool:
    """Whether the peer is on this machine."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    mapped = found.ipv4_mapped if isinstance(found, ipaddress.IPv6Address) else None
    return (mapped or found).is_loopback


def objection(connect: Connect, address: str, limits: Limits, *, with_users: bool) -> Refusal | None:
    """Why the client is turned away before any password is looked at; None when it is not.

    Args:
        connect: What the client said.
        limits: How long a client id, a name and a password may be.
        address: Where it comes from. Where there are no users only this machine may connect.
        with_users: Whether there is a users file.
    """
    if connect.properties.auth_method is not None:
        return Refusal(Reason.BAD_AUTHENTICATION_METHOD, "enhanced authentication is not spoken here")
    if (misnamed := _misnamed(connect, limits)) is not None:
        return misnamed
    if not with_users and not is_loopback(address):
        return Refusal(Reason.NOT_AUTHORIZED, "without mqtt.users_file only this machine may connect")
    if with_users and (connect.user is None or connect.password is None):
        return Refusal(Reason.NOT_AUTHORIZED, "a user name and a password are needed")
    return None


def _misnamed(connect: Connect, limits: Limits) -> Refusal | None:
    if len(connect.client_id) > limits.client_id:
        return Refusal(Reason.CLIENT_ID_NOT_VALID, f"the client id is longer than {limits.client_id} characters")
    if max(len((connect.user or "").encode()), len(connect.password or b"")) > limits.credential:
        detail = f"a user name and a password have at most {limits.credential} bytes"
        return Refusal(Reason.BAD_USER_NAME_OR_PASSWORD, detail)
    if not connect.client_id and connect.version != V5 and not connect.clean:
        return Refusal(Reason.CLIENT_ID_NOT_VALID, "a session that is to last needs a client id")
    return None


def terms(connect: Connect, limits: Limits) -> Terms:
    """What the door grants a client that is let in."""
    client_id = connect.client_id or f"auto-{secrets.token_hex(8)}"
    asked = connect.properties.session_expiry or 0
    if connect.version != V5:
        asked = 0 if connect.clean else FOREVER
    keep_alive = connect.keep_alive
    if connect.version == V5 and not 0 < keep_alive <= limits.keep_alive:
        keep_alive = limits.keep_alive
    return Terms(client_id, min(asked, limits.session_expiry), keep_alive)


def greeting(connect: Connect, granted: Terms, limits: Limits) -> Properties:
    """The properties of the CONNACK: what was granted where it differs from what was asked, and the limits."""
    asked = connect.properties.session_expiry or 0
    return Properties(
        session_expiry=granted.expiry if granted.expiry != asked else None,
        receive_maximum=min(limits.in_flight, wire.MAX_U16),
        maximum_packet_size=limits.packet,
        assigned_client_id=None if connect.client_id else granted.client_id,
        topic_alias_maximum=limits.topic_aliases or None,
        server_keep_alive=granted.keep_alive if granted.keep_alive != connect.keep_alive else None,
        shared_available=0,
    )
