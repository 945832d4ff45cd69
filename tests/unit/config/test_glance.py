"""What a command sees of the settings at a glance is what the whole reading of them says, or nothing."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import pytest

from config.glance import KEYS, glance
from config.settings import Settings, SettingsError, load

TOKEN = "0123456789abcdef0123456789abcdef"


@pytest.mark.parametrize(
    ("text", "environ"),
    [
        ('[mqtt]\nlisten = "127.0.0.1:1883"\n', {}),
        ('[mqtt]\nlisten = ":1"\n[store]\nurl = "sqlite:////var/lib/a.db"\n', {}),
        ('[mqtt]\nlisten = ":1"\n[store]\nurl = "sqlite:///below/a.db"\n[web]\nlisten = "[::1]:9"\n', {}),
        ('[mqtt]\nlisten = ":1"\n[service]\nlanguage = "en"\ntimezone = "Europe/Berlin"\n', {}),
        ('[mqtt]\nlisten = ":1"\n[web]\nlisten = ":8081"\n', {"ALARMD_WEB__LISTEN": "127.0.0.1:7"}),
        ('[mqtt]\nlisten = ":1"\n', {"ALARMD_STORE__URL": "sqlite:///x.db", "ALARMD_SERVICE__LANGUAGE": "en"}),
        (f'[mqtt]\nlisten = ":1"\n[[web.tokens]]\nname = "desk"\ntoken = "{TOKEN}"\n', {}),
        (f'[mqtt]\nlisten = ":1"\n[[web.tokens]]\nname = "r"\nrole = "read"\ntoken = "{TOKEN}"\n', {}),
        ('[mqtt]\nlisten = ":1"\n[[web.tokens]]\nname = "desk"\nrole = "admin"\ntoken_file = "desk.token"\n', {}),
        ('\ufeff[mqtt]\nlisten = ":1"\n', {}),
    ],
)
def test_it_sees_what_the_whole_reading_says(text: str, environ: dict[str, str], tmp_path: Path) -> None:
    file = tmp_path / "alarmd.toml"
    file.write_text(text, encoding="utf-8")
    (tmp_path / "desk.token").write_text(f"{TOKEN}\n", encoding="ascii")
    seen, read = glance(file, environ), load(file, environ)
    assert seen is not None
    assert (seen.path, seen.folder, seen.zone) == (read.path, read.folder, read.zone)
    assert (seen.store.url, seen.service.language) == (read.store.url, read.service.language)
    assert tuple(seen.web.address) == tuple(read.web.address)
    assert seen.web.operator_token == read.web.operator_token


@pytest.mark.parametrize(
    "text",
    [
        "not TOML",
        '[store]\nurl = "postgres://x"\n',
        "[store]\nurl = 3\n",
        "store = 3\n",
        '[store]\nurl_file = "secret"\n',
        '[web]\nlisten = "nowhere"\n',
        '[service]\ntimezone = "Mars/Olympus"\n',
        '[service]\nlanguage = "fr"\n',
        '[[web.tokens]]\nname = "desk"\ntoken = "short"\n',
        '[[web.tokens]]\nname = "desk"\ntoken_file = "gone"\n',
    ],
)
def test_what_is_not_plainly_right_is_left_to_the_whole_reading(text: str, tmp_path: Path) -> None:
    file = tmp_path / "alarmd.toml"
    file.write_text(text, encoding="utf-8")
    assert glance(file, {}) is None


def test_a_fault_in_what_nobody_looks_at_stops_nobody(tmp_path: Path) -> None:
    file = tmp_path / "alarmd.toml"
    file.write_text('[mqtt]\nurl = "mqtt://u@h"\npassword_file = "only-root-may-read"\n', encoding="utf-8")
    with pytest.raises(SettingsError):
        load(file, {})
    assert glance(file, {}) is not None


def test_where_there_are_no_settings_it_sees_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert glance(None, {}) is None
    assert glance(tmp_path / "gone.toml", {}) is None


def test_it_knows_the_names_that_the_settings_have() -> None:
    """A misspelt key is told by every command, also by those that read no more than they need."""
    models = {name: field.annotation for name, field in Settings.model_fields.items()}
    named = {
        name: getattr(model, "model_fields", None) or get_args(model)[0].model_fields for name, model in models.items()
    }
    assert {name: frozenset(fields) for name, fields in named.items()} == KEYS


@pytest.mark.parametrize("text", ['[mqtt]\nlistem = "x"', "[servce]\n", '[[phone]]\nkinds = "twilio"', "mqtt = 3"])
def test_it_leaves_a_name_that_it_does_not_know_to_the_settings(tmp_path: Path, text: str) -> None:
    (tmp_path / "alarmd.toml").write_text(text, encoding="utf-8")
    assert glance(tmp_path / "alarmd.toml", {}) is None
