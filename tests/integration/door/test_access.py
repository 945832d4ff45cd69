"""Users and topics, and the lock on the door: TLS."""

from __future__ import annotations

import asyncio
import shutil
import ssl
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from alarmd.clock import SystemClock
from alarmd.door.limits import Limits
from alarmd.door.packets import V5, V311, Will
from alarmd.door.server import Door, DoorError
from alarmd.door.users import Grants, Users, hash_password
from alarmd.door.wire import Kind, Properties
from tests.support.door import OpenDoor, until
from tests.support.mqtt import Acked, Connack, Farewell, Keeper, RawClient

both = pytest.mark.parametrize("version", [V311, V5])
LOGIN = b"\x10\x21\0\4MQTT\4\xc2\0\0\0\1a\0\x0abed_button\0\6secret"
HASHED = hash_password("secret")


@pytest.fixture
async def users(tmp_path: Path) -> Users:
    path = tmp_path / "users"
    path.write_text(f"bed_button:{HASHED}\ngateway:{HASHED}:zigbee2mqtt/#\n", encoding="utf-8")
    return Users(path, moment=0.01)


async def read_again(users: Users) -> None:
    """The door does so once a second."""
    reading = users.renew()
    assert reading is not None
    await reading


@pytest.fixture
async def guarded(open_door: OpenDoor, users: Users) -> Door:
    return await open_door(users=users)


async def bed_button(door: Door, *, version: int = V311, will: Will | None = None) -> RawClient:
    return await RawClient.connect(door.port, version=version, user="bed_button", password=b"secret", will=will)


@both
@pytest.mark.parametrize(
    ("user", "password", "code_311", "code_5"),
    [
        ("bed_button", b"secret", 0, 0),
        ("bed_button", b"wrong", 4, 0x86),
        ("nobody", b"secret", 4, 0x86),
        (None, None, 5, 0x87),
    ],
)
async def test_it_asks_for_user_and_password(
    guarded: Door, version: int, user: str | None, password: bytes | None, code_311: int, code_5: int
) -> None:
    async with await RawClient.connect(guarded.port, version=version, user=user, password=password) as client:
        assert client.connack.code == (code_5 if version == V5 else code_311)
        if client.connack.code:
            await client.is_hung_up_on()
            assert guarded.stats.refused == 1


async def test_it_reads_what_came_with_the_login_after_it(guarded: Door, keeper: Keeper) -> None:
    async with await RawClient.dial(guarded.port) as client:
        client.send(LOGIN)
        client.publish("alarmd/v1/bed_button/signal", b"x")
        assert await client.expect(Connack) == Connack(present=False, code=0)
        assert await client.expect(Acked) == Acked(Kind.PUBACK, 1)
    assert keeper.payloads == [b"x"]


async def test_it_forgets_a_login_whose_client_has_gone(guarded: Door) -> None:
    async with await RawClient.dial(guarded.port) as client:
        client.send(LOGIN)
    await until(lambda: guarded.stats.connections == 0)
    async with await bed_button(guarded) as button:
        assert button.connack.code == 0


async def test_it_may_close_while_a_password_is_checked(guarded: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    checking = asyncio.Event()
    answer: asyncio.Future[Grants] = asyncio.get_running_loop().create_future()

    async def verify(*_: object) -> Grants:
        checking.set()
        return await asyncio.shield(answer)

    monkeypatch.setattr(Users, "verify", verify)
    async with await RawClient.dial(guarded.port) as client:
        client.send(LOGIN)
        await checking.wait()
        await guarded.stop()
        await client.is_hung_up_on()
    answer.set_result(Grants())
    assert (guarded.stats.accepted, guarded.stats.connections) == (0, 0)


async def test_it_hangs_up_on_a_311_client_that_writes_where_it_may_not(guarded: Door, keeper: Keeper) -> None:
    async with await bed_button(guarded) as button:
        button.publish("alarmd/v1/bed_button/signal", b"mine")
        assert await button.expect(Acked) == Acked(Kind.PUBACK, 1)
        button.publish("alarmd/v1/other/signal", b"not mine")
        await button.is_hung_up_on()
    assert keeper.payloads == [b"mine"]
    assert guarded.stats.not_allowed == 1


async def test_it_tells_a_5_client_that_it_may_not_write_there(guarded: Door, keeper: Keeper) -> None:
    async with await bed_button(guarded, version=V5) as button:
        button.publish("alarmd/v1/other/signal", b"not mine")
        button.publish("alarmd/v1/other/signal", b"not mine", qos=2)
        button.publish("alarmd/v1/bed_button/signal", b"mine")
        assert await button.expect(Acked) == Acked(Kind.PUBACK, 1, 0x87)
        assert await button.expect(Acked) == Acked(Kind.PUBREC, 2, 0x87)
        assert await button.expect(Acked) == Acked(Kind.PUBACK, 3)
        button.publish("alarmd/v1/other/signal", b"not mine", qos=0)
        assert (await button.expect(Farewell)).code == 0x87
    assert keeper.payloads == [b"mine"]
    assert guarded.stats.acked == 1


async def test_it_lets_a_device_hear_its_replies_only(guarded: Door) -> None:
    async with await bed_button(guarded, version=V5) as button:
        codes = await button.subscribe("alarmd/v1/bed_button/reply", "alarmd/v1/+/reply", "#", "$SYS/#")
        assert codes == (2, 0x87, 0x87, 0x87)
        guarded.publish("alarmd/v1/bed_button/reply", b'{"ref":"1","status":"kept"}')
        guarded.publish("alarmd/v1/other/reply", b'{"ref":"2","status":"kept"}')
        assert (await button.hear()).payload == b'{"ref":"1","status":"kept"}'
        await button.hears_nothing()


async def test_it_refuses_a_will_where_the_user_may_not_write(guarded: Door) -> None:
    async with await bed_button(guarded, will=Will(topic="x", payload=b"", qos=0, retain=False)) as button:
        assert button.connack.code == 5
    async with await bed_button(
        guarded, will=Will(topic="alarmd/v1/bed_button/signal", payload=b"", qos=0, retain=False)
    ) as button:
        assert button.connack.code == 0


async def test_nobody_takes_up_the_session_of_another_user(guarded: Door) -> None:
    async with await RawClient.connect(
        guarded.port, "same", clean=False, user="gateway", password=b"secret"
    ) as gateway:
        await gateway.subscribe("zigbee2mqtt/#")
        async with await RawClient.connect(
            guarded.port, "same", clean=False, user="bed_button", password=b"secret"
        ) as button:
            assert not button.connack.present
            guarded.publish("zigbee2mqtt/x", b"for the gateway")
            assert (await gateway.hear()).payload == b"for the gateway"
            await button.hears_nothing()


async def test_a_session_loses_what_its_user_may_no_longer_hear(guarded: Door, users: Users, tmp_path: Path) -> None:
    login: dict[str, Any] = {"clean": False, "user": "gateway", "password": b"secret"}
    async with await RawClient.connect(guarded.port, **login) as gateway:
        await gateway.subscribe("zigbee2mqtt/bridge/#", "zigbee2mqtt/house/#")
    (tmp_path / "new").write_text(f"gateway:{HASHED}:zigbee2mqtt/house/#\n", encoding="utf-8")
    (tmp_path / "new").replace(tmp_path / "users")
    await read_again(users)
    async with await RawClient.connect(guarded.port, **login) as gateway:
        assert gateway.connack.present
        guarded.publish("zigbee2mqtt/bridge/x", b"no longer")
        guarded.publish("zigbee2mqtt/house/x", b"still")
        assert (await gateway.hear()).payload == b"still"


@both
@pytest.mark.parametrize(
    ("line", "stays"),
    [
        (f"bed_button:{HASHED}\nnew:{HASHED}\n", True),
        (f"new:{HASHED}\n", False),  # taken out
        (f"bed_button:{hash_password('another')}\n", False),
        (f"bed_button:{HASHED}:alarmd/v1/bed_button/signal\n", False),
        ("bed_button:oops\n", True),  # a slip in the file locks nobody out
        ("", True),
    ],
)
async def test_who_was_taken_out_does_not_stay_for_being_connected(
    guarded: Door, users: Users, tmp_path: Path, version: int, line: str, *, stays: bool
) -> None:
    async with await bed_button(guarded, version=version) as button:
        (tmp_path / "new").write_text(line, encoding="utf-8")
        (tmp_path / "new").replace(tmp_path / "users")
        await read_again(users)
        guarded.sweep(asyncio.get_running_loop().time())
        if stays:
            await button.hears_nothing()
        else:
            if version == V5:
                await button.expect(Farewell)
            await button.is_hung_up_on()


@pytest.mark.parametrize("delay", [0, 1])
@pytest.mark.parametrize("noticed", [True, False])
@pytest.mark.parametrize(
    ("line", "speaks"),
    [
        ("", False),
        (f"gateway:{HASHED}:home2/zigbee2mqtt/#\n", False),
        (f"gateway:{HASHED}:zigbee2mqtt/#,home2/#\n", True),
    ],
)
async def test_the_will_of_who_may_not_speak_any_more_is_not_published(
    guarded: Door, users: Users, keeper: Keeper, tmp_path: Path, line: str, delay: int, *, noticed: bool, speaks: bool
) -> None:
    will = Will(
        topic="zigbee2mqtt/bed", payload=b"x", qos=1, retain=False, properties=Properties(will_delay=delay or None)
    )
    login: dict[str, Any] = {"user": "gateway", "password": b"secret", "version": V5}
    asked = Properties(session_expiry=60)
    gateway = await RawClient.connect(guarded.port, will=will, properties=asked, **login)
    assert gateway.connack.code == 0
    (tmp_path / "users").write_text(f"bed_button:{HASHED}\n{line}", encoding="utf-8")
    await read_again(users)
    if noticed:
        guarded.sweep(asyncio.get_running_loop().time())
    gateway.writer.transport.abort()
    await until(lambda: not guarded.stats.connections)
    guarded.sweep(asyncio.get_running_loop().time() + 2)
    async with await bed_button(guarded) as button:  # what was taken before it is taken by now
        button.publish("alarmd/v1/bed_button/signal", b"mine")
        await button.expect(Acked)
    assert keeper.payloads == ([b"x", b"mine"] if speaks and not noticed else [b"mine"])


async def test_it_logs_neither_passwords_nor_payloads(guarded: Door, keeper: Keeper) -> None:
    with capture_logs() as logs:
        async with await RawClient.connect(guarded.port, user="bed_button", password=b"my mistake"):
            pass
        async with await bed_button(guarded) as button:
            button.publish("alarmd/v1/other/signal", b"private matter")
            await button.is_hung_up_on()
        keeper.holding = True
        async with await bed_button(guarded) as button:
            button.publish("alarmd/v1/bed_button/signal", b"private matter")
            await keeper.has(1)
            keeper.lose()
            await button.is_hung_up_on()
    assert {"door.refused", "door.publish_not_allowed", "door.not_kept"} <= {entry["event"] for entry in logs}
    assert "private matter" not in str(logs)
    assert "mistake" not in str(logs)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return make_certificate(tmp_path_factory.mktemp("tls"), "cert")


async def test_it_speaks_tls(open_door: OpenDoor, keeper: Keeper, certificate: tuple[Path, Path]) -> None:
    door = await open_door(tls_cert=certificate[0], tls_key=certificate[1], limits=Limits(in_flight=10))
    trusting = ssl.create_default_context(cafile=certificate[0])
    keeper.holding = True
    async with await RawClient.connect(door.port, tls=trusting) as button:
        for number in range(100):
            button.publish("alarmd/v1/bed_button/signal", b"." * 1_000 + b"%d" % number)
        for count in range(10, 101, 10):
            await keeper.has(count)
            assert len(keeper.taken) == count
            keeper.keep_all()
        assert [(await button.expect(Acked)).packet_id for _ in range(100)] == list(range(1, 101))
        await button.subscribe("a")
        door.publish("a", b"x" * 50_000)
        assert (await button.hear()).payload == b"x" * 50_000
        await button.leave()
    assert len(keeper.taken) == 100


def make_certificate(folder: Path, name: str) -> tuple[Path, Path]:
    """A certificate for localhost and its key, made by openssl."""
    cert, key = folder / f"{name}.pem", folder / f"{name}.key"
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"),
            *("-keyout", str(key), "-out", str(cert), "-days", "2", "-subj", "/CN=localhost"),
            *("-addext", "subjectAltName=DNS:localhost"),
        ],
        check=True,
        capture_output=True,
    )
    return cert, key


async def test_it_uses_a_renewed_certificate(
    open_door: OpenDoor, certificate: tuple[Path, Path], tmp_path: Path
) -> None:
    cert, key = (Path(shutil.copy(one, tmp_path)) for one in certificate)
    door = await open_door(tls_cert=cert, tls_key=key)
    renewed, its_key = await asyncio.to_thread(make_certificate, tmp_path, "renewed")
    trusting = ssl.create_default_context(cafile=renewed)
    cert.write_bytes(b"half a certificate")
    door.sweep(0.0)
    async with await RawClient.connect(door.port, tls=ssl.create_default_context(cafile=certificate[0])) as button:
        assert button.connack.code == 0, "a broken file changes nothing"
    with pytest.raises(ssl.SSLError):
        await RawClient.dial(door.port, tls=trusting)
    renewed.replace(cert)
    its_key.replace(key)
    door.sweep(0.0)
    async with await RawClient.connect(door.port, tls=trusting) as button:
        assert button.connack.code == 0


async def test_it_speaks_nothing_older_than_tls_1_2(open_door: OpenDoor, certificate: tuple[Path, Path]) -> None:
    door = await open_door(tls_cert=certificate[0], tls_key=certificate[1])
    old = ssl.create_default_context(cafile=certificate[0])
    with pytest.warns(DeprecationWarning, match="TLSv1"):
        old.minimum_version = ssl.TLSVersion.TLSv1
    with pytest.warns(DeprecationWarning, match="TLSv1_1"):
        old.maximum_version = ssl.TLSVersion.TLSv1_1
    old.set_ciphers("DEFAULT@SECLEVEL=0")
    with pytest.raises((ssl.SSLError, ConnectionResetError)):
        await RawClient.dial(door.port, tls=old)


async def test_it_does_not_speak_plainly_where_tls_is_set(open_door: OpenDoor, certificate: tuple[Path, Path]) -> None:
    door = await open_door(tls_cert=certificate[0], tls_key=certificate[1])
    async with await RawClient.dial(door.port) as client:
        client.send(LOGIN)
        await client.is_hung_up_on()


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        (lambda cert, _: (cert, None), "both mqtt.tls_cert and mqtt.tls_key"),
        (lambda _, key: (None, key), "both mqtt.tls_cert and mqtt.tls_key"),
        (lambda _, key: (key, key), "cannot be used"),
        (lambda cert, _: (cert, cert.with_name("none")), "cannot be used"),
    ],
)
async def test_it_says_what_is_wrong_with_its_certificate(
    keeper: Keeper,
    certificate: tuple[Path, Path],
    broken: Callable[[Path, Path], tuple[Path | None, Path | None]],
    said: str,
) -> None:
    cert, key = broken(*certificate)
    door = Door(taker=keeper, clock=SystemClock(), host="127.0.0.1", port=0, tls_cert=cert, tls_key=key)
    with pytest.raises(DoorError, match=said):
        await door.start()
