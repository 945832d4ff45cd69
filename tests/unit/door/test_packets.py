"""The parser, fed with everything: valid streams split anywhere, broken ones, and noise."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from alarmd.door import replies, wire
from alarmd.door.packets import (
    BEGUN,
    V5,
    V311,
    Ack,
    Auth,
    Connect,
    Disconnect,
    Packet,
    Ping,
    Publish,
    Reader,
    Request,
    Subscribe,
    Unsubscribe,
    Will,
)
from alarmd.door.reasons import ProtocolError, Reason
from alarmd.door.wire import Kind, Properties
from tests.support import mqtt

LIMIT = 256 * 1024

words = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=12)
names = words.map(lambda text: text.replace("+", "-").replace("#", "-")).filter(bool)
u16 = st.integers(1, wire.MAX_U16)
u32 = st.integers(1, wire.MAX_U32)
flags = st.integers(0, 1)
blobs = st.binary(max_size=40)
pairs = st.lists(st.tuples(words, words), max_size=3).map(tuple)
qoses = st.integers(0, 2)
versions = st.sampled_from((V311, V5))


def maybe(strategy: st.SearchStrategy[object]) -> st.SearchStrategy[object]:
    return st.none() | strategy


message_properties = st.builds(
    Properties,
    payload_format=maybe(flags),
    message_expiry=maybe(u32),
    content_type=maybe(words),
    response_topic=maybe(names),
    correlation_data=maybe(blobs),
    user=pairs,
)
connect_properties = st.builds(
    Properties,
    session_expiry=maybe(u32),
    auth_method=maybe(words),
    request_problem_info=maybe(flags),
    request_response_info=maybe(flags),
    receive_maximum=maybe(u16),
    topic_alias_maximum=maybe(u16),
    maximum_packet_size=maybe(u32),
    user=pairs,
)


@st.composite
def connects(draw: st.DrawFn, version: int) -> Connect:
    will = None
    if draw(st.booleans()):
        properties = draw(message_properties) if version == V5 else wire.NONE
        will = Will(
            topic=draw(names),
            payload=draw(blobs),
            qos=draw(qoses),
            retain=draw(st.booleans()),
            properties=properties,
        )
    user = draw(st.none() | words)
    password = draw(st.none() | blobs) if user is not None or version == V5 else None
    return Connect(
        version=version,
        client_id=draw(words),
        clean=draw(st.booleans()),
        keep_alive=draw(st.integers(0, wire.MAX_U16)),
        user=user,
        password=password,
        will=will,
        properties=draw(connect_properties) if version == V5 else wire.NONE,
    )


@st.composite
def publishes(draw: st.DrawFn, version: int) -> Publish:
    qos = draw(qoses)
    return Publish(
        draw(names),
        draw(st.binary(max_size=300)),
        qos,
        draw(st.booleans()),
        bool(qos) and draw(st.booleans()),
        draw(u16) if qos else 0,
        draw(message_properties) if version == V5 else wire.NONE,
    )


@st.composite
def requests(draw: st.DrawFn, version: int) -> Request:
    if version == V311:
        return Request(draw(words), draw(qoses))
    pattern = draw(words.filter(lambda text: not text.startswith("$share/")))
    return Request(pattern, draw(qoses), draw(st.booleans()), draw(st.booleans()), draw(st.integers(0, 2)))


@st.composite
def packets(draw: st.DrawFn, version: int) -> tuple[Packet, bytes]:
    """A packet and how a client writes it."""
    match draw(st.sampled_from(("publish", "ack", "subscribe", "unsubscribe", "ping", "disconnect"))):
        case "publish":
            one = draw(publishes(version))
            return one, mqtt.publish_bytes(
                version,
                one.topic,
                one.payload,
                qos=one.qos,
                packet_id=one.packet_id,
                retain=one.retain,
                dup=one.dup,
                properties=one.properties,
            )
        case "ack":
            ack = Ack(draw(st.sampled_from((Kind.PUBACK, Kind.PUBREC, Kind.PUBREL, Kind.PUBCOMP))), draw(u16))
            return ack, replies.ack(ack.kind, version, ack.packet_id)
        case "subscribe":
            identifier = draw(st.lists(st.integers(1, wire.MAX_VARINT), max_size=1)) if version == V5 else []
            properties = Properties(subscription_ids=tuple(identifier)) if identifier else wire.NONE
            wanted = draw(st.lists(requests(version), min_size=1, max_size=4))
            packet_id = draw(u16)
            return (
                Subscribe(packet_id, tuple(wanted), properties),
                mqtt.subscribe_bytes(version, packet_id, wanted, properties),
            )
        case "unsubscribe":
            patterns = draw(st.lists(words, min_size=1, max_size=4))
            packet_id = draw(u16)
            return Unsubscribe(packet_id, tuple(patterns)), mqtt.unsubscribe_bytes(version, packet_id, patterns)
        case "ping":
            return Ping(), b"\xc0\0"
        case _:
            return Disconnect(), b"\xe0\0"


@st.composite
def conversations(draw: st.DrawFn) -> tuple[list[Packet], bytes]:
    """What a client says from CONNECT on, and its bytes."""
    version = draw(versions)
    connect = draw(connects(version))
    said = draw(st.lists(packets(version), max_size=8))
    return [connect, *(one for one, _ in said)], mqtt.connect_bytes(connect) + b"".join(raw for _, raw in said)


def read_all(reader: Reader, chunks: list[bytes]) -> list[Packet]:
    found = []
    for chunk in chunks:
        reader.feed(chunk)
        while (packet := reader.next()) is not None:
            found.append(packet)
    return found


def reader_of(version: int) -> Reader:
    """A reader that has seen its CONNECT."""
    reader = Reader(LIMIT)
    connect = Connect(version=version, client_id="x", clean=True, keep_alive=0)
    assert read_all(reader, [mqtt.connect_bytes(connect)]) == [connect]
    return reader


@given(conversations(), st.data())
def test_it_reads_what_was_written_however_it_is_split(
    conversation: tuple[list[Packet], bytes], data: st.DataObject
) -> None:
    said, stream = conversation
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=12)))
    chunks = [stream[start:end] for start, end in zip([0, *cuts], [*cuts, len(stream)], strict=True)]
    assert read_all(Reader(LIMIT), chunks) == said


@given(conversations())
def test_it_reads_what_comes_byte_by_byte(conversation: tuple[list[Packet], bytes]) -> None:
    said, stream = conversation
    assert read_all(Reader(LIMIT), [bytes((byte,)) for byte in stream]) == said


@given(st.binary(max_size=400), st.lists(st.integers(1, 30), max_size=10))
@example(b"\x10\xff\xff\xff\xff", [])
@example(b"GET / HTTP/1.1\r\n\r\n", [])
@example(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", [])
def test_it_survives_noise_before_a_connect(noise: bytes, sizes: list[int]) -> None:
    survives(Reader(LIMIT), noise, sizes)


@given(versions, st.binary(max_size=400), st.lists(st.integers(1, 30), max_size=10))
def test_it_survives_noise_after_a_connect(version: int, noise: bytes, sizes: list[int]) -> None:
    survives(reader_of(version), noise, sizes)


@given(versions, st.sampled_from(range(0x10, 0x100)), st.binary(max_size=120))
def test_it_survives_every_kind_of_packet_with_any_body(version: int, first: int, body: bytes) -> None:
    survives(reader_of(version), bytes((first,)) + wire.varint(len(body)) + body, [])


@given(conversations(), st.data())
def test_it_survives_a_valid_stream_with_some_bytes_changed(
    conversation: tuple[list[Packet], bytes], data: st.DataObject
) -> None:
    stream = bytearray(conversation[1])
    for _ in range(data.draw(st.integers(1, 4))):
        stream[data.draw(st.integers(0, len(stream) - 1))] = data.draw(st.integers(0, 255))
    survives(Reader(LIMIT), bytes(stream), [])


def survives(reader: Reader, noise: bytes, sizes: list[int]) -> None:
    """Reads packets or refuses with a reason; nothing else may happen."""
    refused = None
    try:
        for size in [*sizes, len(noise)]:
            reader.feed(noise[:size])
            noise = noise[size:]
            while reader.next() is not None:
                pass
    except ProtocolError as fault:
        refused = fault
    assert refused is None or (refused.reason >= Reason.UNSPECIFIED and refused.detail)


@given(message_properties, st.lists(st.integers(1, wire.MAX_VARINT), max_size=3), maybe(u16))
def test_it_writes_properties_as_it_reads_them(properties: Properties, ids: list[int], alias: int | None) -> None:
    whole = msgspec.structs.replace(properties, subscription_ids=tuple(ids), topic_alias=alias)
    assert wire.read_properties(wire.Cursor(wire.write_properties(whole)), Kind.PUBLISH) == whole


@given(versions, publishes(V5))
def test_it_writes_messages_that_a_client_can_read(version: int, message: Publish) -> None:
    properties = message.properties if version == V5 else wire.NONE
    raw = replies.publish(
        version,
        topic=message.topic,
        payload=message.payload,
        qos=message.qos,
        retain=message.retain,
        dup=message.dup,
        packet_id=message.packet_id,
        properties=wire.property_bytes(properties),
    )
    cursor = wire.Cursor(raw, 1)
    body = cursor.take(cursor.varint())
    cursor.finish()
    assert mqtt.read_answer(version, raw[0], body) == mqtt.Heard(
        message.topic, message.payload, message.qos, message.retain, message.dup, message.packet_id, properties
    )


@pytest.mark.parametrize("size", [0, 1, 127, 128, 16_383, 16_384, 2_097_151, 2_097_152, wire.MAX_VARINT])
def test_it_writes_lengths_in_their_shortest_form(size: int) -> None:
    assert wire.Cursor(wire.varint(size)).varint() == size
    assert len(wire.varint(size)) == 1 + (size > 127) + (size > 16_383) + (size > 2_097_151)


REFUSED = {
    "a length longer than needed": (V311, b"\xc0\x80\x00", Reason.MALFORMED_PACKET),
    "a length of five bytes": (V311, b"\x30\x80\x80\x80\x80\x01", Reason.MALFORMED_PACKET),
    "packet type 0": (V311, b"\x00\x00", Reason.MALFORMED_PACKET),
    "a packet only servers send": (V311, b"\x20\x02\0\0", Reason.MALFORMED_PACKET),
    "PUBACK of packet id 0": (V311, b"\x40\2\0\0", Reason.PROTOCOL_ERROR),
    "AUTH under 3.1.1": (V311, b"\xf0\x00", Reason.MALFORMED_PACKET),
    "QoS 3": (V311, b"\x36\x05\0\1a\0\1", Reason.MALFORMED_PACKET),
    "QoS 0 sent again": (V311, b"\x38\x03\0\1a", Reason.MALFORMED_PACKET),
    "packet id 0": (V311, b"\x32\x05\0\1a\0\0", Reason.PROTOCOL_ERROR),
    "a topic that is cut off": (V311, b"\x30\x03\0\5a", Reason.MALFORMED_PACKET),
    "no topic length": (V311, b"\x30\x01\0", Reason.MALFORMED_PACKET),
    "no packet id": (V311, b"\x32\x03\0\1a", Reason.MALFORMED_PACKET),
    "no topic": (V311, b"\x30\x02\0\0", Reason.PROTOCOL_ERROR),
    "neither topic nor alias": (V5, b"\x30\x03\0\0\0", Reason.PROTOCOL_ERROR),
    "a wildcard in a topic": (V311, b"\x30\x05\0\3a/#", Reason.TOPIC_NAME_INVALID),
    "U+0000 in a topic": (V311, b"\x30\x04\0\2a\0", Reason.MALFORMED_PACKET),
    "a surrogate in a topic": (V311, b"\x30\x05\0\3\xed\xa0\x80", Reason.MALFORMED_PACKET),
    "an overlong slash": (V311, b"\x30\x04\0\2\xc0\xaf", Reason.MALFORMED_PACKET),
    "PUBREL with flags 0": (V311, b"\x60\x02\0\1", Reason.MALFORMED_PACKET),
    "an acknowledgement that goes on": (V311, b"\x40\x03\0\1\0", Reason.MALFORMED_PACKET),
    "SUBSCRIBE for nothing": (V311, b"\x82\x02\0\1", Reason.PROTOCOL_ERROR),
    "UNSUBSCRIBE from nothing": (V311, b"\xa2\x02\0\1", Reason.PROTOCOL_ERROR),
    "version 5 options under 3.1.1": (V311, b"\x82\x06\0\1\0\1a\4", Reason.MALFORMED_PACKET),
    "retain handling 3": (V5, b"\x82\x07\0\1\0\0\1a\x30", Reason.MALFORMED_PACKET),
    "no-local on a shared subscription": (V5, b"\x82\x0f\0\1\0\0\x09$share/ab\4", Reason.PROTOCOL_ERROR),
    "an unknown property": (V5, b"\x30\x06\0\1a\2\x7f\0", Reason.MALFORMED_PACKET),
    "a property out of place": (V5, b"\x30\x07\0\1a\3\x21\0\1", Reason.PROTOCOL_ERROR),
    "a property twice": (V5, b"\x30\x08\0\1a\4\1\0\1\0", Reason.PROTOCOL_ERROR),
    "a flag of 2": (V5, b"\x30\x06\0\1a\2\1\2", Reason.PROTOCOL_ERROR),
    "topic alias 0": (V5, b"\x30\x07\0\1a\3\x23\0\0", Reason.TOPIC_ALIAS_INVALID),
    "a client's subscription identifier": (V5, b"\x30\x06\0\1a\2\x0b\1", Reason.PROTOCOL_ERROR),
    "a response topic with a wildcard": (V5, b"\x30\x08\0\1a\4\x08\0\1#", Reason.PROTOCOL_ERROR),
    "two subscription identifiers": (V5, b"\x82\x0b\0\1\4\x0b\1\x0b\2\0\1a\0", Reason.PROTOCOL_ERROR),
}


@pytest.mark.parametrize("case", REFUSED)
def test_it_refuses(case: str) -> None:
    version, raw, reason = REFUSED[case]
    with pytest.raises(ProtocolError) as caught:
        read_all(reader_of(version), [raw])
    assert caught.value.reason is reason


CONNECTS_REFUSED = {
    "another first packet": (b"\xc0\0", Reason.PROTOCOL_ERROR),
    "another protocol": (b"\x10\x0a\0\2hj\4\2\0\0\0\0", Reason.PROTOCOL_ERROR),
    "MQTT 3.1": (b"\x10\x0e\0\6MQIsdp\3\2\0\0\0\0", Reason.UNSUPPORTED_PROTOCOL_VERSION),
    "MQTT 6": (b"\x10\x0c\0\4MQTT\6\2\0\0\0\0", Reason.UNSUPPORTED_PROTOCOL_VERSION),
    "the reserved flag": (b"\x10\x0c\0\4MQTT\4\3\0\0\0\0", Reason.MALFORMED_PACKET),
    "a will's QoS without a will": (b"\x10\x0c\0\4MQTT\4\x0a\0\0\0\0", Reason.MALFORMED_PACKET),
    "a will of QoS 3": (b"\x10\x12\0\4MQTT\4\x1e\0\0\0\0\0\1a\0\1b", Reason.MALFORMED_PACKET),
    "a will to a wildcard": (b"\x10\x12\0\4MQTT\4\x06\0\0\0\0\0\1#\0\1b", Reason.TOPIC_NAME_INVALID),
    "a password without a user under 3.1.1": (b"\x10\x0e\0\4MQTT\4\x42\0\0\0\0\0\0", Reason.MALFORMED_PACKET),
    "a will's response topic with a wildcard": (
        b"\x10\x17\0\4MQTT\5\6\0\0\0\0\0\4\x08\0\1#\0\1a\0\1b",
        Reason.PROTOCOL_ERROR,
    ),
    "bytes left over": (b"\x10\x0d\0\4MQTT\4\2\0\0\0\0x", Reason.MALFORMED_PACKET),
    "receive maximum 0": (b"\x10\x10\0\4MQTT\5\2\0\0\3\x21\0\0\0\0", Reason.PROTOCOL_ERROR),
    "authentication data without a method": (b"\x10\x11\0\4MQTT\5\2\0\0\4\x16\0\1x\0\0", Reason.PROTOCOL_ERROR),
}


@pytest.mark.parametrize("case", CONNECTS_REFUSED)
def test_it_refuses_a_connection_that_begins_with(case: str) -> None:
    raw, reason = CONNECTS_REFUSED[case]
    with pytest.raises(ProtocolError) as caught:
        read_all(Reader(LIMIT), [raw])
    assert caught.value.reason is reason


def test_it_refuses_another_protocol_at_its_first_byte() -> None:
    with pytest.raises(ProtocolError):
        read_all(Reader(LIMIT), [b"G"])


def test_it_refuses_a_large_packet_before_its_body_has_come() -> None:
    reader = reader_of(V311)
    with pytest.raises(ProtocolError) as caught:
        read_all(reader, [b"\x82" + wire.varint(LIMIT)])
    assert caught.value.reason is Reason.PACKET_TOO_LARGE
    assert reader.begun == b""


@pytest.mark.parametrize("step", [1, 7, 1_000, 100_000])
def test_it_refuses_a_large_publish_once_what_is_taken_of_it_has_come(step: int) -> None:
    reader = reader_of(V311)
    raw = b"\x30" + wire.varint(LIMIT) + b"\0\1a" + b"." * (LIMIT - 3)
    body = 1 + len(wire.varint(LIMIT))
    wanted = min(len(raw), body + BEGUN)
    at = 0
    while at + step < wanted:
        reader.feed(raw[at : at + step])
        at += step
        assert reader.next() is None
        assert reader.begun == (raw[:1] + raw[body:at] if at >= body else b"")
    reader.feed(raw[at : at + step])
    with pytest.raises(ProtocolError) as caught:
        reader.next()
    assert caught.value.reason is Reason.PACKET_TOO_LARGE
    assert reader.begun == raw[:1] + raw[body:wanted]


def test_it_reads_the_largest_packet_allowed() -> None:
    payload = b"." * (LIMIT - 1 - 3 - 3)
    raw = mqtt.publish_bytes(V311, "a", payload)
    assert len(raw) == LIMIT
    (packet,) = read_all(reader_of(V311), [raw[at : at + 1000] for at in range(0, len(raw), 1000)])
    assert isinstance(packet, Publish)
    assert packet.payload == payload


def test_it_takes_more_before_all_was_read() -> None:
    reader = reader_of(V311)
    reader.feed(b"\xc0\0\xc0\0\x40\2")
    assert reader.next() == Ping()
    reader.feed(b"\0\7")
    assert [reader.next(), reader.next(), reader.next()] == [Ping(), Ack(Kind.PUBACK, 7), None]


def test_it_reads_reasons_with_and_without_properties() -> None:
    raw = b"\x40\x03\0\1\x10" + b"\x40\x07\0\1\x10\3\x1f\0\0" + b"\xe0\x01\x04" + b"\xf0\x02\x18\0"
    first, second, third, fourth = read_all(reader_of(V5), [raw])
    assert first == Ack(Kind.PUBACK, 1, 0x10)
    assert second == Ack(Kind.PUBACK, 1, 0x10, Properties(reason_string=""))
    assert third == Disconnect(4)
    assert fourth == Auth(0x18)


def test_it_never_shows_a_password() -> None:
    connect = Connect(version=V5, client_id="x", clean=True, keep_alive=0, user="u", password=b"secret")
    assert "secret" not in repr(connect)
