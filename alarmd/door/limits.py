"""How much the door lets a client do, and why that much. The table in ``docs/door.md`` repeats these figures."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Bounds of the door. Sizes are bytes, times are seconds.

    Attributes:
        packet: One packet from a client. Larger ones close the connection (0x95). Zigbee2MQTT describes all its devices
            in one message, some kilobytes for each, and would never get beyond it if that were refused.
        connect_packet: A CONNECT, which anyone can send.
        connections: All connections together.
        connections_per_address: Connections from one address, under IPv6 from one /64; loopback is not counted.
        strangers: Connections that have not said who they are; when there are more, the oldest of the source with most
            of them goes.
        strangers_bytes: What is held for all of those who have not shown a password, until it is looked at; those who
            sent much make room. 4 KiB of each are never too many.
        connect_timeout: From the connection to its CONNECT, and for the TLS handshake.
        keep_alive: Longest silence granted; MQTT 5 clients that ask for more, or for none, are told this one.
        in_flight: Messages of one client taken and not yet committed; then its socket is not read. Also the
            Receive Maximum told to MQTT 5 clients.
        in_flight_bytes: The same, as bytes of payloads, topics and properties.
        in_flight_user: The same bytes of one user in all its connections; then those that have some are not read.
        rate: Packets a second from one client in the long run, each filter of a SUBSCRIBE counted. Above it the client
            is read more slowly; nothing is dropped.
        burst: Messages a client may send at once before `rate` counts.
        topic_aliases: Aliases an MQTT 5 client may set.
        client_id: Length of a client id, in characters.
        credential: Bytes of a user name, and of a password.
        sessions: Sessions, connected or not; the one that left first of the user with most of them gives way.
        sessions_per_user: Sessions of one user, where there are users; its own that left first gives way.
        session_expiry: Longest life of a session whose client is away.
        subscriptions: Filters one session may hold.
        branching: Filters with a ``+`` that one user may hold in all its sessions: each of them costs time at every
            message.
        levels: Levels a filter may have: each costs time and memory.
        queued: Messages waiting for one subscriber; then further ones to it are dropped and counted.
        queued_bytes: The same, as bytes as they are held; those under way have as many.
        window: QoS 1 and 2 messages under way to one subscriber, if its own Receive Maximum is not smaller.
        write_buffer: Bytes waiting in a subscriber's socket above which QoS 0 messages to it are dropped.
        retained: Retained messages; beyond them new topics are not retained.
        retained_bytes: The same, as bytes as they are held.
        memory: Bytes held for all clients together: retained messages, queues, filters, wills, sessions, packets that
            have come in part or are not kept yet, logins, what is written and not read. Who holds most gives way.
        memory_per_user: The same, of one user.
        stop_grace: How long `Door.stop` waits for what is in flight.
    """

    packet: int = 2 * 1024 * 1024
    connect_packet: int = 128 * 1024
    connections: int = 10_000
    connections_per_address: int = 1_000
    strangers: int = 500
    strangers_bytes: int = 32 * 1024 * 1024
    connect_timeout: float = 10.0
    keep_alive: int = 1_200
    in_flight: int = 512
    in_flight_bytes: int = 1024 * 1024
    in_flight_user: int = 8 * 1024 * 1024
    rate: float = 1_000.0
    burst: int = 5_000
    topic_aliases: int = 64
    client_id: int = 256
    credential: int = 1_024
    sessions: int = 20_000
    sessions_per_user: int = 2_000
    session_expiry: int = 7 * 24 * 3600
    subscriptions: int = 1_000
    branching: int = 128
    levels: int = 32
    queued: int = 1_000
    queued_bytes: int = 8 * 1024 * 1024
    window: int = 100
    write_buffer: int = 256 * 1024
    retained: int = 10_000
    retained_bytes: int = 32 * 1024 * 1024
    memory: int = 96 * 1024 * 1024
    memory_per_user: int = 48 * 1024 * 1024
    stop_grace: float = 5.0

    @classmethod
    def of_room(cls, connections: int) -> Limits:
        """As usual, where there is room for so many connections: one password never takes more than half of it."""
        usual = cls()
        room = min(usual.connections, connections)
        return cls(connections=room, sessions_per_user=max(1, min(usual.sessions_per_user, room // 2)))
