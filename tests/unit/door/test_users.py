"""The users file: what it says, what is wrong with it, and that a slip in it locks nobody out."""

from __future__ import annotations

import asyncio
import hashlib
import itertools
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from structlog.testing import capture_logs

from alarmd.door import users as users_module
from alarmd.door.acquainted import Acquainted
from alarmd.door.users import Grants, Users, UsersFileError, hash_password

# Made with mosquitto_passwd 2.0.11 for the password "secret".
SECRET = (
    "$7$101$05RrHCRtoXPiJ4nr$5IngQ2HmT///aRnu47TjBFlpYJCu+tjTzNR/pUYB5MXATrjkKbwCoeyDdDQK+T4J2wYIjl/+bhh4LT28cekXag=="
)

ReadUsers = Callable[[str], Users]


@pytest.fixture
def read_users(tmp_path: Path) -> ReadUsers:
    def reading(text: str) -> Users:
        path = tmp_path / "users"
        path.write_text(text, encoding="utf-8")
        return Users(path, refused_after=0.0, moment=0.01)

    return reading


async def test_it_lets_a_device_in_with_its_password(read_users: ReadUsers) -> None:
    users = read_users(f"# buttons\n\nbed_button:{SECRET}\n")
    grants = await users.verify("bed_button", b"secret")
    assert grants is not None
    assert grants.may_publish("alarmd/v1/bed_button/signal")
    assert grants.may_subscribe("alarmd/v1/bed_button/reply")
    assert not grants.may_subscribe("alarmd/v1/bed_button/#")
    assert not grants.may_publish("alarmd/v1/bed_button/events/rpc")
    assert not grants.may_publish("alarmd/v1/other/signal")
    assert not grants.may_subscribe("alarmd/#")


@pytest.mark.parametrize(("name", "password"), [("bed_button", b"Secret"), ("bed_button", b""), ("other", b"secret")])
async def test_it_keeps_others_out(read_users: ReadUsers, name: str, password: bytes) -> None:
    assert await read_users(f"bed_button:{SECRET}").verify(name, password) is None


async def test_it_gives_the_topics_of_the_third_field(read_users: ReadUsers) -> None:
    users = read_users(f"gateway:{SECRET}:zigbee2mqtt/#, r homeassistant/status,w logs/a:b/#")
    grants = await users.verify("gateway", b"secret")
    assert grants is not None
    assert grants.may_publish("zigbee2mqtt/bed_button")
    assert grants.may_subscribe("zigbee2mqtt/#")
    assert grants.may_subscribe("homeassistant/status")
    assert not grants.may_publish("homeassistant/status")
    assert grants.may_publish("logs/a:b/c")
    assert not grants.may_subscribe("logs/a:b/#")
    assert not grants.may_publish("alarmd/v1/gateway/signal")


async def test_a_leading_wildcard_gives_no_dollar_topics(read_users: ReadUsers) -> None:
    grants = await read_users(f"all:{SECRET}:#").verify("all", b"secret")
    assert grants is not None
    assert grants.may_publish("anything/at/all")
    assert not grants.may_publish("$SYS/broker")
    assert not grants.may_subscribe("$SYS/#")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("bed_button", "there is no ':' between name and password"),
        (f":{SECRET}", "the name is empty"),
        ("bed_button:secret", "the password is not hashed; let `mosquitto_passwd -U` hash it"),
        ("bed_button:$6$abc$def", "old hash $6$"),
        ("bed_button:$7$x$YQ==$YQ==", "not of the form"),
        ("bed_button:$7$0$YQ==$YQ==", "not of the form"),
        ("bed_button:$7$101$YQ==", "not of the form"),
        ("bed_button:$7$99999999$YQ==$YQ==", "at most 10000000 are allowed"),
        ("bed_button:$7$101$YQ==$Y!==", "salt or hash is not base64"),
        ("bed_button:$7$101$YQ==$YQ==", "the hash has 1 bytes instead of 64; the line may be cut off"),
        (f"bed_button:{SECRET}:a/#/b", "'a/#/b' is not a topic filter"),
        (f"bed_button:{SECRET}:", "'' is not a topic filter"),
        (f"bed/button:{SECRET}", "the name 'bed/button' cannot stand in a topic"),
        (f"a:{SECRET}", "the user 'a' stands twice; remove one line"),
    ],
)
def test_it_names_the_line_that_is_wrong(read_users: ReadUsers, line: str, said: str) -> None:
    with pytest.raises(UsersFileError) as caught:
        read_users(f"# first\na:{SECRET}\n{line}\n")
    assert "users:3: " in str(caught.value)
    assert said in str(caught.value)


def test_it_says_when_there_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(UsersFileError, match="cannot be read: No such file"):
        Users(tmp_path / "users")


def test_it_says_when_the_file_is_not_text(tmp_path: Path) -> None:
    (tmp_path / "users").write_bytes(b"\xff\xfe\0")
    with pytest.raises(UsersFileError, match="is not UTF-8"):
        Users(tmp_path / "users")


async def test_it_hashes_a_password_that_it_then_knows(read_users: ReadUsers) -> None:
    hashed = hash_password("红色按钮")
    assert int(hashed.split("$")[2]) >= 100_000
    assert hashed != hash_password("红色按钮")
    users = read_users(f"bed_button:{hashed}")
    assert await users.verify("bed_button", "红色按钮".encode()) is not None
    assert await users.verify("bed_button", b"red button") is None


def test_it_hashes_no_empty_password() -> None:
    with pytest.raises(ValueError, match="an empty password"):
        hash_password("")


async def test_it_reads_the_file_again_when_it_has_changed(read_users: ReadUsers, tmp_path: Path) -> None:
    users = read_users(f"old:{SECRET}")
    assert await users.verify("old", b"secret") is not None
    replace(tmp_path / "users", f"new:{SECRET}")
    assert await users.verify("new", b"secret") is not None
    assert await users.verify("old", b"secret") is None


async def test_a_changed_password_counts_from_its_first_login(read_users: ReadUsers, tmp_path: Path) -> None:
    users = read_users(f"bed_button:{SECRET}")
    assert await users.verify("bed_button", b"secret") is not None
    replace(tmp_path / "users", f"bed_button:{hash_password('new')}")
    assert await users.verify("bed_button", b"new") is not None
    assert await users.verify("bed_button", b"secret") is None


async def test_a_slip_in_the_file_locks_nobody_out(read_users: ReadUsers, tmp_path: Path) -> None:
    users = read_users(f"bed_button:{SECRET}")
    replace(tmp_path / "users", "bed_button:oops")
    assert await users.verify("bed_button", b"secret") is not None
    (tmp_path / "users").unlink()
    assert await users.verify("bed_button", b"secret") is not None


async def read_again(users: Users) -> None:
    reading = users.renew()
    assert reading is not None, "the file has changed"
    await reading


async def test_a_file_that_is_emptied_takes_nobody_out(read_users: ReadUsers, tmp_path: Path) -> None:
    users = read_users(f"bed_button:{SECRET}")
    grants = await users.verify("bed_button", b"secret")
    assert grants is not None
    for text in ("", "# nobody\n"):
        (tmp_path / "users").write_text(text, encoding="utf-8")
        with capture_logs() as logs:
            await read_again(users)
        assert [(one["event"], one["kept"]) for one in logs] == [("door.users_file_broken", 1)]
        assert users.stand("bed_button", grants)
    assert users._remembered("bed_button", users._acquainted.mark(b"secret")) is not None


async def test_a_file_that_is_being_written_is_read_when_it_is_whole(
    read_users: ReadUsers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As mosquitto_passwd does it: emptied, and filled in place; it may have half of its users for a moment."""
    users = read_users(f"bed_button:{SECRET}\nleaves:{SECRET}\n")
    path = tmp_path / "users"
    grants = {name: await users.verify(name, b"secret") for name in ("bed_button", "leaves")}
    steps = iter(["", f"new:{SECRET}\n", f"new:{SECRET}\nbed_button:{SECRET}\n"])
    pause = asyncio.sleep
    sizes: list[int] = []

    async def writes_on(seconds: float) -> None:
        assert seconds == 0.01
        sizes.append(len(users))
        if (text := next(steps, None)) is not None:
            path.write_text(text, encoding="utf-8")
        await pause(0)

    path.write_text(f"new:{SECRET}\n", encoding="utf-8")
    monkeypatch.setattr(asyncio, "sleep", writes_on)
    with capture_logs() as logs:
        await read_again(users)
    assert [(one["event"], one["users"]) for one in logs] == [("door.users_file_read", 2)]
    assert set(sizes) == {2}, "nothing was read until it was whole"
    assert grants["bed_button"] is not None
    assert users.stand("bed_button", grants["bed_button"])
    assert grants["leaves"] is not None
    assert not users.stand("leaves", grants["leaves"])
    assert users.renew() is None, "nothing has changed since"


async def test_a_file_that_is_written_again_and_again_is_left_as_it_is(
    read_users: ReadUsers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    users = read_users(f"bed_button:{SECRET}")
    pause, sizes = asyncio.sleep, itertools.count(1)

    async def writes_on(_: float) -> None:
        (tmp_path / "users").write_text("#" * next(sizes), encoding="utf-8")
        await pause(0)

    await writes_on(0)
    monkeypatch.setattr(asyncio, "sleep", writes_on)
    with capture_logs() as logs:
        await read_again(users)
    assert [one["event"] for one in logs] == ["door.users_file_unsettled"]
    assert list(users.grants) == ["bed_button"]


async def test_a_file_that_is_empty_at_the_start_forgets_no_password(tmp_path: Path) -> None:
    known, path = Acquainted(), tmp_path / "users"
    path.write_text(f"bed_button:{SECRET}", encoding="utf-8")
    assert await Users(path, acquainted=known).verify("bed_button", b"secret") is not None
    path.write_text("", encoding="utf-8")
    Users(path, acquainted=known)
    assert len(known) == 1


def replace(path: Path, text: str) -> None:
    """As an editor does: a new file under the old name."""
    fresh = path.with_suffix(".new")
    fresh.write_text(text, encoding="utf-8")
    os.replace(fresh, path)  # noqa: PTH105 - the system call meant here


async def test_a_long_file_is_read_beside_the_logins(read_users: ReadUsers, tmp_path: Path) -> None:
    users = read_users(f"bed_button:{SECRET}\nleaves:{SECRET}")
    assert await users.verify("bed_button", b"secret") is not None
    assert await users.verify("leaves", b"secret") is not None
    replace(tmp_path / "users", "".join(f"d{i}:{SECRET}\n" for i in range(20_000)) + f"bed_button:{SECRET}")
    assert await asyncio.wait_for(users.verify("bed_button", b"secret"), 0.2) is not None
    assert "d7" not in users.grants, "who was let in before does not wait for the file"
    turns = 0
    new = asyncio.ensure_future(users.verify("d19999", b"secret"))
    while not new.done():
        turns += 1
        await asyncio.sleep(0)
    assert await new is not None, "who is new does"
    assert turns > 100
    assert await users.verify("leaves", b"secret") is None


async def test_a_slip_in_a_long_file_locks_nobody_out(read_users: ReadUsers, tmp_path: Path) -> None:
    users = read_users(f"bed_button:{SECRET}")
    replace(tmp_path / "users", "".join(f"d{i}:{SECRET}\n" for i in range(2_000)) + "bed_button:oops")
    assert await users.verify("d7", b"secret") is None
    assert await users.verify("bed_button", b"secret") is not None


async def test_it_hashes_once_for_a_device_that_comes_back(
    read_users: ReadUsers, monkeypatch: pytest.MonkeyPatch
) -> None:
    users = read_users(f"bed_button:{SECRET}")
    hashed: list[bytes] = []
    plain = hashlib.pbkdf2_hmac

    def counting(name: str, password: bytes, salt: bytes, iterations: int, size: int) -> bytes:
        hashed.append(password)
        return plain(name, password, salt, iterations, size)

    monkeypatch.setattr(hashlib, "pbkdf2_hmac", counting)
    for _ in range(3):
        assert await users.verify("bed_button", b"secret") is not None
    assert hashed == [b"secret"]
    assert await users.verify("bed_button", b"wrong") is None
    assert hashed == [b"secret"], "nor for a guess at what is known"


async def test_it_leaves_the_loop_free_while_it_hashes(read_users: ReadUsers) -> None:
    users = read_users(f"bed_button:{hash_password('secret')}")
    turns = 0
    login = asyncio.ensure_future(users.verify("bed_button", b"secret"))
    while not login.done():
        await asyncio.sleep(0)
        turns += 1
    assert login.result() is not None
    assert turns > 10


@given(st.text(max_size=80))
def test_it_says_what_is_wrong_with_any_line(line: str) -> None:
    said = "nothing"
    try:
        users_module._parse_line(line)
    except ValueError as fault:
        said = str(fault)
    assert said


@pytest.mark.broker
async def test_it_knows_the_passwords_that_mosquitto_passwd_wrote(tmp_path: Path) -> None:
    tool = shutil.which("mosquitto_passwd")
    assert tool is not None
    path = tmp_path / "users"
    path.write_text(f"gateway:{SECRET}:zigbee2mqtt/#\n", encoding="utf-8")
    process = await asyncio.create_subprocess_exec(tool, "-b", str(path), "bed_button", "press me")
    assert await process.wait() == 0
    users = Users(path)
    assert await users.verify("bed_button", b"press me") is not None
    gateway = await users.verify("gateway", b"secret")
    assert gateway is not None
    assert gateway.may_publish("zigbee2mqtt/x"), "the tool leaves our third field alone"


async def test_a_name_that_does_not_exist_takes_as_long_as_a_wrong_password(tmp_path: Path) -> None:
    path = tmp_path / "users"
    path.write_text(f"cheap:{SECRET}\nslow:{hash_password('secret')}\n", encoding="utf-8")
    users = Users(path, refused_after=1.0)
    took = {}
    for name in ("cheap", "slow", "nobody"):
        began = asyncio.get_running_loop().time()
        assert await users.verify(name, b"a guess") is None
        took[name] = asyncio.get_running_loop().time() - began
    assert all(seconds >= 1.0 for seconds in took.values())


async def test_the_same_password_is_checked_once_for_all_who_give_it(
    read_users: ReadUsers, monkeypatch: pytest.MonkeyPatch
) -> None:
    users = read_users(f"buttons:{hash_password('secret')}")
    hashed = 0
    plain = hashlib.pbkdf2_hmac

    def counting(name: str, password: bytes, salt: bytes, iterations: int, size: int) -> bytes:
        nonlocal hashed
        hashed += 1
        return plain(name, password, salt, iterations, size)

    monkeypatch.setattr(hashlib, "pbkdf2_hmac", counting)
    found = await asyncio.gather(*(users.verify("buttons", b"secret", "192.0.2.1") for _ in range(50)))
    assert all(grants is not None for grants in found), "a town behind one address comes back"
    assert hashed == 1


async def test_a_guest_of_our_own_needs_its_password_and_has_a_new_one_each_time(read_users: ReadUsers) -> None:
    users = read_users(f"bed_button:{SECRET}")
    grants = Grants(publish=("alarmd/v1/$canary-a/signal",))
    first = await users.invite("$canary-a", grants)
    assert await users.verify("$canary-a", first) == grants
    second = await users.invite("$canary-a", grants)
    assert await users.verify("$canary-a", second) == grants
    assert await users.verify("$canary-a", first) is None


def test_it_names_those_whose_hash_is_cheap(read_users: ReadUsers) -> None:
    users = read_users(f"cheap:{SECRET}\nslow:{hash_password('secret')}\n")
    assert users.cheap == ["cheap"]


async def test_it_ties_a_gateway_to_its_families(read_users: ReadUsers) -> None:
    grants = await read_users(f"gateway:{SECRET}:zigbee2mqtt/#,f zigbee2mqtt").verify("gateway", b"secret")
    assert grants is not None
    assert grants.families == ("zigbee2mqtt",)
    assert grants.publish == ("zigbee2mqtt/#",)
    untied = await read_users(f"old:{SECRET}:zigbee2mqtt/#").verify("old", b"secret")
    assert untied is not None
    assert untied.families is None, "a line of old stays as it is written"
    with pytest.raises(UsersFileError, match="no device family 'zigbee'"):
        read_users(f"gateway:{SECRET}:zigbee2mqtt/#,f zigbee")
