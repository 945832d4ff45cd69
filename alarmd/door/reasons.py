"""The reason codes of MQTT 5 the door uses, and what MQTT 3.1.1 says instead.

Source: OASIS MQTT 5.0, section 2.4; MQTT 3.1.1, table 3.1.
"""

from __future__ import annotations

from enum import IntEnum


class Reason(IntEnum):
    """Why something went as it did, as MQTT 5 numbers it."""

    SUCCESS = 0x00
    DISCONNECT_WITH_WILL = 0x04
    NO_SUBSCRIPTION_EXISTED = 0x11
    UNSPECIFIED = 0x80
    MALFORMED_PACKET = 0x81
    PROTOCOL_ERROR = 0x82
    IMPLEMENTATION_SPECIFIC = 0x83
    UNSUPPORTED_PROTOCOL_VERSION = 0x84
    CLIENT_ID_NOT_VALID = 0x85
    BAD_USER_NAME_OR_PASSWORD = 0x86
    NOT_AUTHORIZED = 0x87
    SERVER_UNAVAILABLE = 0x88
    SERVER_BUSY = 0x89
    SERVER_SHUTTING_DOWN = 0x8B
    BAD_AUTHENTICATION_METHOD = 0x8C
    KEEP_ALIVE_TIMEOUT = 0x8D
    SESSION_TAKEN_OVER = 0x8E
    TOPIC_FILTER_INVALID = 0x8F
    TOPIC_NAME_INVALID = 0x90
    PACKET_ID_NOT_FOUND = 0x92
    RECEIVE_MAXIMUM_EXCEEDED = 0x93
    TOPIC_ALIAS_INVALID = 0x94
    PACKET_TOO_LARGE = 0x95
    QUOTA_EXCEEDED = 0x97
    SHARED_SUBSCRIPTIONS_NOT_SUPPORTED = 0x9E


_CONNACK_311 = {
    Reason.SUCCESS: 0,
    Reason.UNSUPPORTED_PROTOCOL_VERSION: 1,
    Reason.CLIENT_ID_NOT_VALID: 2,
    Reason.SERVER_UNAVAILABLE: 3,
    Reason.SERVER_BUSY: 3,
    Reason.QUOTA_EXCEEDED: 3,
    Reason.BAD_USER_NAME_OR_PASSWORD: 4,
}


def connack_311(reason: Reason) -> int:
    """The CONNACK return code of MQTT 3.1.1 nearest to `reason`; 5 (not authorised) where it has none."""
    return _CONNACK_311.get(reason, 5)


class ProtocolError(Exception):
    """The client broke the protocol; the connection is closed, under MQTT 5 with this reason.

    Args:
        reason: What a DISCONNECT tells the client.
        detail: A sentence for the log and for the client's own log; never payload.
    """

    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail


def malformed(detail: str) -> ProtocolError:
    """A packet that cannot be read by the rules of its format."""
    return ProtocolError(Reason.MALFORMED_PACKET, detail)


def broken(detail: str) -> ProtocolError:
    """A packet that can be read and must not be sent."""
    return ProtocolError(Reason.PROTOCOL_ERROR, detail)
