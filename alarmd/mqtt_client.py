"""paho-mqtt on the event loop: one connection to a broker, read and written many packets at a time.

paho asks its socket for single bytes (three calls to the system for each packet) and reads one packet for each time the
loop finds the socket readable. Here its socket reads ahead, what was read is handled in slices, and what a turn of the
loop wants to say leaves in one piece: together that halves what a message costs (bench, *behind mosquitto*).

A client object lives as long as its connection: an acknowledgement that comes late, for a session that the broker has
lost since, has nowhere to go (LIMITS.md).
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
from collections.abc import Callable
from typing import Any

from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode, MQTTProtocolVersion
from paho.mqtt.properties import Properties

from alarmd.right_of_way import RightOfWay
from config.sections import Broker

KEEPALIVE_S = 20
CONNECT_TIMEOUT_S = 10.0
MISC_EVERY_S = 1.0
READ_AHEAD = 65_536  # bytes
BUDGET_S = 0.002  # of one turn of the loop; the rest of the daemon gets the next
ASIDE_S = 0.001  # between two short slices, while something urgent has the way
SHORT_SLICE = 4  # packets


class MqttClient:
    """One connection, from `connect` to its end; further use is an error.

    Args:
        broker: Where.
        password: Or None.
        client_id: Under which the broker knows us.
        ended: Called once with a sentence when the connection is over; not after `close`.
        manual_ack: Whether each message is acknowledged by hand.
        way: While it is claimed, reading steps aside.

    Attributes:
        paho: The client, for callbacks, subscribing, publishing and acknowledging.
    """

    def __init__(
        self,
        *,
        broker: Broker,
        password: str | None,
        client_id: str,
        ended: Callable[[str], None],
        manual_ack: bool = False,
        way: RightOfWay | None = None,
    ) -> None:
        self._broker = broker
        self._ended = ended
        self._way = way or RightOfWay()
        self._loop = asyncio.get_running_loop()
        self._misc: asyncio.TimerHandle | None = None
        self._later: asyncio.Handle | None = None
        self._open = True
        self._fd = -1
        self._held = False
        self._write_due = False
        self._watches_writing = False
        self.paho = paho = _Paho(
            CallbackAPIVersion.VERSION2,
            client_id=client_id,
            protocol=MQTTProtocolVersion.MQTTv5,
            manual_ack=manual_ack,
            reconnect_on_failure=False,
        )
        paho.max_queued_messages_set(0)
        if broker.username is not None:
            paho.username_pw_set(broker.username, password)
        if broker.tls:
            paho.tls_set_context(ssl.create_default_context())
        paho.connect_timeout = CONNECT_TIMEOUT_S
        paho.on_disconnect = lambda _client, _data, _flags, reason, _properties: self.end(f"disconnected: {reason}")
        paho.on_socket_register_write = self._wants_to_write
        paho.on_socket_close = lambda _client, _data, _sock: self._unregister()

    # ------------------------------------------------------------ up and down

    async def connect(self, *, clean_start: bool, properties: Properties | None = None) -> None:
        """Connect; whether the broker lets us in is told to ``paho.on_connect``.

        Raises:
            OSError: Not reachable.
        """
        await asyncio.to_thread(  # it looks the name up and waits for the other side
            self.paho.connect,
            self._broker.host,
            self._broker.port,
            keepalive=KEEPALIVE_S,
            clean_start=clean_start,
            properties=properties,
        )
        if self.paho.wire is None:
            raise ConnectionError("connection closed at once")
        self._fd = self.paho.wire.fileno()
        self._loop.add_reader(self._fd, self._read)
        self._write()
        self._tick()

    def close(self) -> None:
        """Let go of the socket; whatever was not acknowledged, the broker sends again."""
        self._open = False
        if self._misc:
            self._misc.cancel()
        self._unregister()
        wire = self.paho.wire
        if wire is not None:
            with contextlib.suppress(OSError):
                self.paho.disconnect()
                self.paho.loop_write()
            with contextlib.suppress(OSError):
                wire.close()

    def end(self, problem: str) -> None:
        """The connection is over; whoever owns it is told why."""
        if self._open:
            self._open = False
            self._unregister()
            self._ended(problem)

    def _unregister(self) -> None:
        """By number, and before paho closes the socket: the loop would watch whoever gets the number next."""
        if self._later is not None:
            self._later.cancel()
            self._later = None
        if self._fd >= 0:
            self._loop.remove_reader(self._fd)
            self._loop.remove_writer(self._fd)
            self._fd = -1

    def _tick(self) -> None:
        if not self._open:
            return
        if self.paho.loop_misc() != MQTTErrorCode.MQTT_ERR_SUCCESS:
            self.end("no answer to the keepalive")
            return
        self._misc = self._loop.call_later(MISC_EVERY_S, self._tick)

    # ------------------------------------------------------------ reading

    def hold(self) -> None:
        """Read nothing for now: enough was taken that is not kept yet."""
        self._held = True
        if self._fd >= 0:
            self._loop.remove_reader(self._fd)

    def release(self) -> None:
        """Read on."""
        if self._held and self._open and self._fd >= 0:
            self._held = False
            self._read_on_after(0.0)

    def _read(self) -> None:
        wire = self.paho.wire
        assert wire is not None
        until = self._loop.time() + BUDGET_S
        packets = 0
        while self._open and not self._held:
            if self.paho.loop_read() != MQTTErrorCode.MQTT_ERR_SUCCESS:
                self.end("connection lost")
                return
            if not wire.has_more():
                return
            packets += 1
            if packets >= SHORT_SLICE and self._way.is_claimed():
                self._read_on_after(ASIDE_S)
                return
            if self._loop.time() >= until:
                self._read_on_after(0.0)
                return

    def _read_on_after(self, seconds: float) -> None:
        """Let the rest of the daemon have a turn; the loop does not know of what was read ahead."""
        if self._later is None and self._fd >= 0:
            self._loop.remove_reader(self._fd)
            go_on = self._read_on
            self._later = self._loop.call_later(seconds, go_on) if seconds else self._loop.call_soon(go_on)

    def _read_on(self) -> None:
        self._later = None
        if self._open and not self._held and self._fd >= 0:
            self._loop.add_reader(self._fd, self._read)
            self._read()

    # ------------------------------------------------------------ writing

    def _wants_to_write(self, _client: Client, _data: Any, _sock: Any) -> None:
        if self._fd >= 0 and not self._write_due:  # before that paho connects, in a thread
            self._write_due = True
            self._loop.call_soon(self._write)

    def _write(self) -> None:
        self._write_due = False
        wire = self.paho.wire
        if not self._open or self._fd < 0 or wire is None:
            return
        try:
            said = self.paho.loop_write() == MQTTErrorCode.MQTT_ERR_SUCCESS
            left = wire.flush()
        except OSError:
            said, left = False, False
        if not said:
            self.end("connection lost while writing")
        elif (left or self.paho.want_write()) != self._watches_writing and self._fd >= 0:
            self._watches_writing = not self._watches_writing
            if self._watches_writing:
                self._loop.add_writer(self._fd, self._write)
            else:
                self._loop.remove_writer(self._fd)


class _Paho(Client):
    """paho's client with a socket that reads ahead; tests/integration/broker holds paho to asking for it here."""

    wire: Wire | None = None

    def _create_socket(self) -> Any:
        self.wire = Wire(super()._create_socket())
        return self.wire


class Wire:
    """A socket as paho sees it: what came is read ahead, what goes is collected until `flush`.

    Args:
        sock: Connected; TLS or not.
    """

    def __init__(self, sock: Any) -> None:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # paho leaves Nagle's algorithm on
        self._sock = sock
        self._ahead = b""
        self._at = 0
        self._outgoing = bytearray()

    def recv(self, size: int) -> bytes:
        """Up to so many bytes, as a socket's; raises what a socket raises."""
        at = self._at
        if at >= len(self._ahead):
            self._ahead, at = self._sock.recv(READ_AHEAD), 0
        self._at = at + size
        return self._ahead[at : at + size]

    def has_more(self) -> bool:
        """Whether something was read that nobody asked for yet; the loop knows nothing of it."""
        return self._at < len(self._ahead) or (isinstance(self._sock, ssl.SSLSocket) and self._sock.pending() > 0)

    def send(self, data: bytes | bytearray) -> int:
        """Take all of it; refuse more while much has not left."""
        if len(self._outgoing) > READ_AHEAD:
            raise BlockingIOError
        self._outgoing += data
        return len(data)

    def flush(self) -> bool:
        """Write what can be written; returns whether something is left.

        Raises:
            OSError: The connection is gone.
        """
        while self._outgoing:
            try:
                written = self._sock.send(self._outgoing)
            except (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
                return True
            del self._outgoing[:written]
        return False

    def close(self) -> None:
        """Say what was collected, if that is still possible, and close it."""
        with contextlib.suppress(OSError):
            self.flush()
        self._sock.close()

    def fileno(self) -> int:
        """Its number."""
        return int(self._sock.fileno())

    def setblocking(self, flag: bool) -> None:  # noqa: FBT001 - a socket's
        """As a socket's."""
        self._sock.setblocking(flag)
