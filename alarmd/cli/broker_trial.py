"""What the broker in use does with messages, found out by trying (`alarmd check`).

A subscriber of the check's own, with a session of its own on a topic that nothing else reads: it takes some messages
and leaves without acknowledging them, more come while it is away, and when it returns under the same name it counts.
Nothing of it stays behind.

A broker may grant a subscription whose messages its rules then withhold, as mosquitto does. So a word is said on a
topic of each family that no device uses, and either it comes or nobody would hear that family's presses.
"""

from __future__ import annotations

import contextlib
import ssl
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from alarmd.cli import access_list
from config.sections import Broker
from config.wording import said
from devices import registry
from devices.signal import SignalType

UNACKNOWLEDGED = 5
AWAY = 1_200  # a little more than mosquitto queues if nobody tells it otherwise (LIMITS.md)
TOPIC = "alarmd/v1/$check"
WITHIN_S = 5.0
QUIET_S = 1.5  # nothing for so long: no more will come
EXPIRY_S = 120  # what is left of a check that was killed is gone after that


class TrialError(Exception):
    """The trial could not be made; its text says why and what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hearing:
    """Whether what is said under each topic filter arrives.

    Attributes:
        hidden: Filters whose messages the broker's rules withhold from alarmd.
        untried: Filters under which alarmd may say nothing, so that nobody knows; to the topic it may not write.
    """

    hidden: tuple[str, ...]
    untried: dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """What was found.

    Attributes:
        redelivered: How many of `UNACKNOWLEDGED` came again.
        kept: How many of those sent while nobody was there came afterwards.
        sent: How many that were.
        resumed: Whether the broker said that it had kept the session.
    """

    redelivered: int
    kept: int
    sent: int
    resumed: bool


def attempt(broker: Broker, password: str | None, *, away: int = AWAY) -> Trial:
    """Try it; takes some seconds, and blocks.

    Args:
        broker: Where.
        password: Or None.
        away: How many messages to send while nobody is there.

    Raises:
        TrialError: The broker cannot be reached, or lets nobody write or read the topic of the trial.
    """
    name, topic = f"alarmd-trial-{uuid4().hex[:12]}", f"{TOPIC}/{uuid4().hex[:12]}"
    held = [f"held {i}" for i in range(UNACKNOWLEDGED)]
    later = [f"later {i}" for i in range(away)]
    with _party(broker, password, f"{name}-sender") as sender:
        try:
            with _party(broker, password, name, keep=True) as first:
                first.subscribe(topic)
                sender.send(topic, held[:1])  # mosquitto 2.0.11 refuses one and leaves the others without an answer
                sender.send(topic, held[1:])
                if len(first.until(UNACKNOWLEDGED)) < UNACKNOWLEDGED:
                    raise TrialError(
                        said(
                            "alarmd may not write and read {topic}, so nothing was tried; "
                            "allow it in the broker's rules",
                            topic=f"{TOPIC}/#",
                        )
                    )
            sender.send(topic, later)
            with _party(broker, password, name, keep=True, acknowledge=True) as again:
                came = set(again.until(UNACKNOWLEDGED + away))
                resumed = again.resumed
        finally:
            with _party(broker, password, name):  # a clean start, kept by nobody
                pass
    return Trial(
        redelivered=len(came.intersection(held)), kept=len(came.intersection(later)), sent=away, resumed=resumed
    )


def listen(broker: Broker, password: str | None, read: Mapping[str, str]) -> Hearing:
    """Try whether what the families' devices say reaches alarmd; takes some seconds, and blocks.

    Args:
        broker: Where.
        password: Or None.
        read: Topic filter to the family that reads it.

    Raises:
        TrialError: The broker cannot be reached.
    """
    name = f"alarmd-trial-{uuid4().hex[:12]}"
    tried: dict[str, str] = {}
    untried: dict[str, str] = {}
    with (
        _party(broker, password, name, acknowledge=True) as ear,
        _party(broker, password, f"{name}-sender") as mouth,
    ):
        topics = {pattern: access_list.trial_topic(pattern) for pattern in read}
        ear.only_from(set(topics.values()))
        for pattern in read:
            ear.subscribe(pattern)
        for pattern, family in read.items():
            payload = registry.FAMILIES[family].idle
            harmless = _is_idle(topics[pattern], payload, family)
            (tried if harmless and mouth.may_say(topics[pattern], payload) else untried)[pattern] = topics[pattern]
        heard = set(ear.until_all(set(tried.values())))
    return Hearing(hidden=tuple(p for p, topic in tried.items() if topic not in heard), untried=untried)


def _is_idle(topic: str, payload: bytes, family: str) -> bool:
    """Whether the daemon, which hears it too, makes nothing of it."""
    said = (*registry.decode(topic, payload), *registry.decode(topic, payload, family=family))
    return all(signal.type is SignalType.HEARTBEAT and signal.suspect is None for signal in said)


class _Party:
    """One client, on a thread of its own."""

    def __init__(self, client: Client, *, acknowledge: bool) -> None:
        self._client = client
        self._acknowledge = acknowledge
        self._changed = threading.Condition()
        self._came: list[str] = []
        self._from: set[str] | None = None
        self._topics: set[str] = set()
        self._answers = 0
        self._refused = ""
        self.connected: ReasonCode | None = None
        self.resumed = False
        client.on_connect = self._on_connect
        client.on_message = self._on_message
        client.on_subscribe = self._on_subscribe
        client.on_publish = self._on_publish

    def subscribe(self, topic: str) -> None:
        self._client.subscribe(topic, qos=1)
        self._wait(lambda: self._answers > 0, WITHIN_S)
        self._answers = 0

    def send(self, topic: str, payloads: list[str]) -> None:
        self._answers = 0
        for payload in payloads:
            if self._client.publish(topic, payload, qos=1).rc != MQTTErrorCode.MQTT_ERR_SUCCESS:
                break
        if not self._wait(
            lambda: self._answers >= len(payloads) or bool(self._refused), WITHIN_S + len(payloads) / 100
        ):
            raise TrialError(said("the broker does not acknowledge what is published"))
        if self._refused:
            raise TrialError(
                said(
                    "the broker does not let alarmd write {topic} ({reason}), so nothing was tried",
                    topic=f"{TOPIC}/#",
                    reason=self._refused,
                )
            )

    def only_from(self, topics: set[str]) -> None:
        """Note what comes from these topics, and nothing of the traffic of others."""
        self._from = topics

    def may_say(self, topic: str, payload: bytes) -> bool:
        """Whether the broker takes it; one at a time, for mosquitto 2.0.11 answers only the first that it refuses."""
        self._answers, self._refused = 0, ""
        if self._client.publish(topic, payload, qos=1).rc != MQTTErrorCode.MQTT_ERR_SUCCESS:
            return False
        return self._wait(lambda: self._answers > 0, WITHIN_S) and not self._refused

    def until_all(self, topics: set[str]) -> set[str]:
        """From which of the topics something came, once it came from all of them or nothing more comes."""
        known, since = -1, time.monotonic()
        with self._changed:
            while not topics <= self._topics and time.monotonic() - since < QUIET_S:
                if len(self._topics) != known:
                    known, since = len(self._topics), time.monotonic()
                self._changed.wait(QUIET_S)
            return set(self._topics)

    def until(self, count: int) -> list[str]:
        """What came, once it is so many or nothing more comes."""
        known, since = -1, time.monotonic()
        with self._changed:
            while len(self._came) < count and time.monotonic() - since < QUIET_S:
                if len(self._came) != known:
                    known, since = len(self._came), time.monotonic()
                self._changed.wait(QUIET_S)
            return list(self._came)

    def until_connected(self) -> None:
        if not self._wait(lambda: self.connected is not None, WITHIN_S):
            raise TrialError(said("the broker does not answer"))
        assert self.connected is not None
        if self.connected.is_failure:
            raise TrialError(said("the broker refuses a session for the trial: {reason}", reason=self.connected))

    def _wait(self, true: Any, seconds: float) -> bool:
        with self._changed:
            return bool(self._changed.wait_for(true, seconds))

    def _on_connect(self, _client: Client, _data: Any, flags: Any, reason: ReasonCode, _properties: Any) -> None:
        with self._changed:
            self.connected, self.resumed = reason, flags.session_present
            self._changed.notify_all()

    def _on_message(self, client: Client, _data: Any, message: MQTTMessage) -> None:
        if self._acknowledge:
            client.ack(message.mid, message.qos)
        if self._from is not None and message.topic not in self._from:
            return
        with self._changed:
            self._topics.add(message.topic)
            if self._from is None:
                self._came.append(bytes(message.payload).decode(errors="replace"))
            self._changed.notify_all()

    def _on_subscribe(self, _client: Client, _data: Any, _mid: int, _reasons: Any, _properties: Any) -> None:
        self._answered("")

    def _on_publish(self, _client: Client, _data: Any, _mid: int, reason: ReasonCode, _properties: Any) -> None:
        self._answered(str(reason) if reason.is_failure else "")

    def _answered(self, refused: str) -> None:
        with self._changed:
            self._answers += 1
            self._refused = self._refused or refused
            self._changed.notify_all()


@contextlib.contextmanager
def _party(
    broker: Broker, password: str | None, name: str, *, keep: bool = False, acknowledge: bool = False
) -> Iterator[_Party]:
    client = Client(
        CallbackAPIVersion.VERSION2,
        client_id=name,
        protocol=MQTTProtocolVersion.MQTTv5,
        manual_ack=True,
        reconnect_on_failure=False,
    )
    client.max_queued_messages_set(0)
    if broker.username is not None:
        client.username_pw_set(broker.username, password)
    if broker.tls:
        client.tls_set_context(ssl.create_default_context())
    client.connect_timeout = WITHIN_S
    party = _Party(client, acknowledge=acknowledge)
    properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]  # not annotated there
    properties.SessionExpiryInterval = EXPIRY_S if keep else 0
    try:
        client.connect(broker.host, broker.port, clean_start=not keep, properties=properties)
    except OSError as error:  # ssl.SSLError is one
        raise TrialError(
            said("{broker} cannot be used: {why}", broker=f"{broker.host}:{broker.port}", why=error)
        ) from None
    client.loop_start()
    try:
        party.until_connected()
        yield party
    finally:
        client.disconnect()
        client.loop_stop()
