from __future__ import annotations

import stat
from pathlib import Path

import pytest

from alarmd.web.tokens import Keyring, Role, TokenError, operator_token, token_file
from config.settings import Settings, SettingsError, load
from tests.support.station import write_settings


def _settings(folder: Path, more: str = "") -> Settings:
    return load(write_settings(folder, more=more), {})


def _token(name: str, role: str, token: str) -> str:
    return f'[[web.tokens]]\nname = "{name}"\nrole = "{role}"\ntoken = "{token}"\n'


def test_it_makes_a_token_that_only_its_owner_can_read_and_keeps_it(tmp_path: Path) -> None:
    settings = _settings(tmp_path)
    token = operator_token(settings)
    assert len(token) >= 32
    assert stat.S_IMODE(token_file(settings).stat().st_mode) == 0o600
    assert token_file(settings).name == "alarmd.db.operator-token"
    assert operator_token(settings) == token
    assert [path.name for path in tmp_path.iterdir() if "token" in path.name] == ["alarmd.db.operator-token"]


def test_a_command_never_makes_the_token_lest_it_shut_the_daemon_out(tmp_path: Path) -> None:
    settings = _settings(tmp_path)
    with pytest.raises(TokenError, match="alarmd has not run yet"):
        operator_token(settings, create=False)
    assert not token_file(settings).exists()


def test_it_uses_the_operators_token_of_the_settings_and_makes_no_file(tmp_path: Path) -> None:
    settings = _settings(tmp_path, _token("desk", "operator", "a-long-enough-token"))
    assert operator_token(settings) == "a-long-enough-token"
    assert not token_file(settings).exists()


def test_it_knows_each_holder_and_nobody_else(tmp_path: Path) -> None:
    more = _token("wall", "read", "read-read-read-read") + _token("chief", "admin", "admin-admin-admin")
    ring = Keyring.of(_settings(tmp_path, more))
    wall, chief = ring.caller("read-read-read-read"), ring.caller("admin-admin-admin")
    assert wall
    assert (wall.name, wall.role) == ("wall", Role.READ)
    assert chief
    assert (chief.name, chief.role) == ("chief", Role.ADMIN)
    assert ring.caller("admin-admin-admi") is None
    assert ring.caller("") is None


def test_a_reader_in_the_settings_still_leaves_the_machine_its_operators_token(tmp_path: Path) -> None:
    settings = _settings(tmp_path, _token("wall", "read", "read-read-read-read"))
    here = Keyring.of(settings).caller(operator_token(settings))
    assert here
    assert here.role is Role.OPERATOR


def test_it_refuses_a_token_that_could_be_guessed(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="shorter than 16 characters; make one with"):
        _settings(tmp_path, _token("desk", "operator", "tooshort123"))


def test_an_empty_token_file_is_a_sentence_not_an_open_door(tmp_path: Path) -> None:
    settings = _settings(tmp_path)
    token_file(settings).write_text("\n", encoding="ascii")
    with pytest.raises(TokenError, match="holds no token"):
        Keyring.of(settings)
