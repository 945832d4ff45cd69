"""Who is turned away before any password is looked at, and what the others are granted."""

from __future__ import annotations

import pytest

from alarmd.door.limits import Limits
from alarmd.door.packets import V5, V311, Connect
from alarmd.door.reasons import Reason
from alarmd.door.welcome import greeting, is_loopback, objection, terms
from alarmd.door.wire import Properties

LIMITS = Limits()


def a_connect(
    *,
    version: int = V311,
    client_id: str = "bed_button",
    clean: bool = True,
    keep_alive: int = 60,
    user: str | None = None,
    password: bytes | None = None,
    properties: Properties | None = None,
) -> Connect:
    return Connect(
        version=version,
        client_id=client_id,
        clean=clean,
        keep_alive=keep_alive,
        user=user,
        password=password,
        properties=properties or Properties(),
    )


@pytest.mark.parametrize("address", ["127.0.0.1", "127.8.9.10", "::1", "::ffff:127.0.0.1"])
def test_it_knows_this_machine(address: str) -> None:
    assert is_loopback(address)


@pytest.mark.parametrize("address", ["192.168.1.7", "::ffff:192.168.1.7", "fe80::1%eth0", "2001:db8::1", "", "x"])
def test_it_knows_other_machines(address: str) -> None:
    assert not is_loopback(address)


def test_without_users_only_this_machine_may_come_in() -> None:
    assert objection(a_connect(), "127.0.0.1", LIMITS, with_users=False) is None
    refusal = objection(a_connect(user="x", password=b"y"), "192.168.1.7", LIMITS, with_users=False)
    assert refusal is not None
    assert refusal.reason is Reason.NOT_AUTHORIZED
    assert "mqtt.users_file" in refusal.detail


@pytest.mark.parametrize(("user", "password"), [(None, None), ("x", None), (None, b"y")])
def test_with_users_nobody_comes_in_without_user_and_password(user: str | None, password: bytes | None) -> None:
    connect = a_connect(version=V5, user=user, password=password)
    refusal = objection(connect, "127.0.0.1", LIMITS, with_users=True)
    assert refusal is not None
    assert refusal.reason is Reason.NOT_AUTHORIZED


def test_it_refuses_a_nameless_session_that_is_to_last() -> None:
    refusal = objection(a_connect(client_id="", clean=False), "127.0.0.1", LIMITS, with_users=False)
    assert refusal is not None
    assert refusal.reason is Reason.CLIENT_ID_NOT_VALID
    assert objection(a_connect(client_id="", clean=False, version=V5), "127.0.0.1", LIMITS, with_users=False) is None


def test_it_refuses_a_client_id_beyond_the_limit() -> None:
    refusal = objection(a_connect(client_id="x" * 257), "127.0.0.1", LIMITS, with_users=False)
    assert refusal is not None
    assert refusal.reason is Reason.CLIENT_ID_NOT_VALID


def test_it_refuses_enhanced_authentication() -> None:
    connect = a_connect(version=V5, properties=Properties(auth_method="SCRAM-SHA-1"))
    refusal = objection(connect, "127.0.0.1", LIMITS, with_users=False)
    assert refusal is not None
    assert refusal.reason is Reason.BAD_AUTHENTICATION_METHOD


@pytest.mark.parametrize(
    ("connect", "expiry"),
    [
        (a_connect(clean=True), 0),
        (a_connect(clean=False), LIMITS.session_expiry),
        (a_connect(version=V5), 0),
        (a_connect(version=V5, clean=True, properties=Properties(session_expiry=30)), 30),
        (a_connect(version=V5, properties=Properties(session_expiry=0xFFFFFFFF)), LIMITS.session_expiry),
    ],
)
def test_it_grants_a_session_as_long_as_asked_and_allowed(connect: Connect, expiry: int) -> None:
    granted = terms(connect, LIMITS)
    assert granted.expiry == expiry
    asked = connect.properties.session_expiry or 0
    if connect.version == V5:
        assert greeting(connect, granted, LIMITS).session_expiry == (None if asked == expiry else expiry)


def test_it_names_the_nameless() -> None:
    connect = a_connect(version=V5, client_id="")
    first, second = terms(connect, LIMITS), terms(connect, LIMITS)
    assert first.client_id != second.client_id
    assert greeting(connect, first, LIMITS).assigned_client_id == first.client_id


@pytest.mark.parametrize(("asked", "told"), [(60, None), (0, 1_200), (1_200, None), (5_000, 1_200)])
def test_it_tells_mqtt_5_clients_the_longest_silence(asked: int, told: int | None) -> None:
    connect = a_connect(version=V5, keep_alive=asked)
    assert greeting(connect, terms(connect, LIMITS), LIMITS).server_keep_alive == told


def test_it_leaves_the_keep_alive_of_3_1_1_as_asked() -> None:
    assert terms(a_connect(keep_alive=0), LIMITS).keep_alive == 0
    assert terms(a_connect(keep_alive=5_000), LIMITS).keep_alive == 5_000
