"""Whose password was right: no slow hash when they come back, nor for a guess, also after a new start."""

from __future__ import annotations

import asyncio
import hashlib
from pathlib import Path

import pytest

from alarmd.door.acquainted import FILE, Acquainted, beside_the_process
from alarmd.door.users import Users, hash_password


@pytest.fixture
def hashed(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """The passwords that cost a slow hash."""
    found: list[bytes] = []
    plain = hashlib.pbkdf2_hmac

    def counting(name: str, password: bytes, salt: bytes, iterations: int, size: int) -> bytes:
        found.append(password)
        return plain(name, password, salt, iterations, size)

    monkeypatch.setattr(hashlib, "pbkdf2_hmac", counting)
    return found


def opened(folder: Path) -> Users:
    """What a process has, which begins."""
    return Users(folder / "users", refused_after=0.0, acquainted=Acquainted(folder / FILE))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "users").write_text(f"d0:{hash_password('secret')}\nd1:{hash_password('other')}\n", encoding="utf-8")
    return tmp_path


async def test_guesses_at_who_was_here_cost_no_hash(folder: Path, hashed: list[bytes]) -> None:
    users = opened(folder)
    assert await users.verify("d0", b"secret") is not None
    guesses = [b"guess %d" % number for number in range(4)]
    assert await asyncio.gather(*(users.verify("d0", one, f"192.0.2.{n}") for n, one in enumerate(guesses))) == [
        None
    ] * len(guesses)
    assert await users.verify("d1", b"guess") is None
    assert hashed == [b"secret", b"guess"]


async def test_it_is_known_after_a_new_start(folder: Path, hashed: list[bytes]) -> None:
    users = opened(folder)
    assert await users.verify("d0", b"secret") is not None
    users.close()
    hashed.clear()
    again = opened(folder)
    assert await again.verify("d0", b"secret") is not None
    assert await again.verify("d0", b"wrong") is None
    assert hashed == []
    assert await again.verify("d1", b"other") is not None
    assert hashed == [b"other"]


async def test_a_password_that_was_set_again_is_looked_at(folder: Path, hashed: list[bytes]) -> None:
    users = opened(folder)
    assert await users.verify("d0", b"secret") is not None
    users.close()
    (folder / "users").write_text(f"d0:{hash_password('new')}\n", encoding="utf-8")
    hashed.clear()
    for one in (users, opened(folder)):
        if (reading := one.renew()) is not None:
            await reading
        assert await one.verify("d0", b"secret") is None
        assert await one.verify("d0", b"new") is not None
    assert hashed == [b"secret", b"new"] * 2


async def test_who_is_taken_out_of_the_users_file_is_forgotten(folder: Path) -> None:
    users = opened(folder)
    assert await users.verify("d0", b"secret") is not None
    (folder / "users").write_text(f"d1:{hash_password('other')}\n", encoding="utf-8")
    reading = users.renew()
    assert reading is not None
    await reading
    assert await users.verify("d0", b"secret") is None
    users.close()
    assert len(Acquainted(folder / FILE)) == 0


def left_in(folder: Path) -> set[str]:
    return {one.name for one in folder.iterdir()}


async def test_nobody_else_may_read_it_and_it_holds_no_password(folder: Path) -> None:
    users = opened(folder)
    assert await users.verify("d0", b"secret") is not None
    users.close()
    file = folder / FILE
    assert file.stat().st_mode & 0o777 == 0o600
    assert b"secret" not in file.read_bytes()
    assert left_in(folder) == {"users", FILE}, "and no draft is left"


@pytest.mark.parametrize("mode", [0o640, 0o602])
async def test_a_file_that_others_could_write_or_read_is_not_believed(folder: Path, mode: int) -> None:
    users = opened(folder)
    assert await users.verify("d0", b"secret") is not None
    users.close()
    (folder / FILE).chmod(mode)
    assert len(Acquainted(folder / FILE)) == 0


@pytest.mark.parametrize("found", [b"", b"\xff" * 50, b"{}", b"\x82\xa3key\xc4\x01x\xa5known\x80"])
async def test_a_damaged_file_costs_hashes_and_no_more(folder: Path, found: bytes) -> None:
    (folder / FILE).write_bytes(found)
    (folder / FILE).chmod(0o600)
    users = opened(folder)
    assert await users.verify("d0", b"secret") is not None
    assert await users.verify("d0", b"wrong") is None


async def test_where_nothing_can_be_written_it_goes_on(folder: Path) -> None:
    (folder / "no-folder").write_text("")
    users = Users(folder / "users", refused_after=0.0, acquainted=Acquainted(folder / "no-folder" / FILE))
    assert await users.verify("d0", b"secret") is not None
    users.close()
    assert await users.verify("d0", b"secret") is not None


def test_it_is_kept_in_memory_only() -> None:
    assert beside_the_process({"RUNTIME_DIRECTORY": "/run/alarmd:/run/other"}) == Path("/run/alarmd") / FILE
    assert beside_the_process({}) is None
    unit = Path("config/deployments/systemd/alarmd.service").read_text(encoding="utf-8")
    assert {"RuntimeDirectory=alarmd", "RuntimeDirectoryMode=0700", "RuntimeDirectoryPreserve=restart"} <= set(
        unit.splitlines()
    )
