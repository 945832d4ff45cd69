"""`alarmd check` speaks up about what stands open."""

from __future__ import annotations

from pathlib import Path

import pytest

from alarmd.cli import exposed
from config.settings import load

GOOD = "8c1f0e5b7a3d4962b1c0de87f4a65932"


def said(tmp_path: Path, text: str, *, mode: int = 0o600) -> list[tuple[str, str]]:
    """What is found, each with the key that it is about."""
    file = tmp_path / "alarmd.toml"
    file.write_text(text, encoding="utf-8")
    file.chmod(mode)
    found = list(exposed.found(load(file, {})))
    assert all(one.ok is not True for one in found)
    return [(".".join(map(str, one.where)), one.text) for one in found if one.ok is False]


def hints(tmp_path: Path, text: str) -> list[str]:
    """What may be open, and is no fault by itself."""
    file = tmp_path / "alarmd.toml"
    file.write_text(text, encoding="utf-8")
    return [one.text for one in exposed.found(load(file, {})) if one.ok is None]


def keys(found: list[tuple[str, str]]) -> list[str]:
    return [key for key, _ in found]


HOME = '[mqtt]\nlisten = "127.0.0.1:1883"\n'


def test_it_is_content_with_what_only_this_machine_reaches(tmp_path: Path) -> None:
    assert said(tmp_path, HOME) == []
    assert said(tmp_path, HOME + f'[[web.tokens]]\nname = "desk"\ntoken = "{GOOD}"') == []


@pytest.mark.parametrize("listen", ["0.0.0.0:8080", ":8080", "[::]:8080", "192.0.2.7:8080", "alarm.lan:8080"])
def test_it_says_that_others_reach_the_web_without_tls(tmp_path: Path, listen: str) -> None:
    found = said(tmp_path, HOME + f'[web]\nlisten = "{listen}"')
    assert keys(found) == ["web.listen"]
    assert "speaks no TLS" in found[0][1]
    assert said(tmp_path, HOME + f'[web]\nlisten = "{listen}"\nproxies = ["10.0.0.2"]') == []


def test_it_says_that_a_proxy_can_be_passed_by(tmp_path: Path) -> None:
    proxied = '\n[web]\nlisten = "{}"\nproxies = ["10.0.0.2"]'
    (hint,) = hints(tmp_path, HOME + proxied.format("0.0.0.0:8080"))
    assert "firewall" in hint
    assert hints(tmp_path, HOME + proxied.format("127.0.0.1:8080")) == []


def test_it_says_that_two_have_one_token(tmp_path: Path) -> None:
    tokens = "".join(f'[[web.tokens]]\nname = "{name}"\ntoken = "{GOOD}"\n' for name in ("desk", "wall"))
    ((key, text),) = said(tmp_path, HOME + tokens)
    assert key == "web.tokens.1.token"
    assert "'desk'" in text


def test_it_says_that_a_broker_may_ask_nobody_for_a_password(tmp_path: Path) -> None:
    (hint,) = hints(tmp_path, '[mqtt]\nurl = "mqtt://broker.lan:1883"')
    assert "forge alarms" in hint
    assert hints(tmp_path, '[mqtt]\nurl = "mqtt://127.0.0.1:1883"') == []


def test_it_says_that_others_reach_the_door_without_tls(tmp_path: Path) -> None:
    assert keys(said(tmp_path, '[mqtt]\nlisten = "0.0.0.0:1883"\nusers_file = "users"')) == ["mqtt.listen"]
    tls = '[mqtt]\nlisten = "0.0.0.0:8883"\nusers_file = "users"\ntls_cert = "c"\ntls_key = "k"'
    assert said(tmp_path, tls) == []


@pytest.mark.parametrize(
    ("text", "key"),
    [
        (f'[mqtt]\nurl = "mqtt://alarmd@broker.lan:1883"\npassword = "{GOOD}"', "mqtt.url"),
        (HOME + '[web]\npublic_url = "http://alarm.example.org"', "web.public_url"),
        (HOME + '[watch]\nping_url = "http://watch.example.org/secret"', "watch.ping_url"),
        (HOME + '[watch]\nalert_url = "http://watch.example.org/secret"', "watch.alert_url"),
        (
            HOME + f'[[phone]]\naccount_sid = "AC1"\nauth_token = "{GOOD}"\nnumbers = ["+15005550006"]\n'
            'api_base = "http://api.example.org"',
            "phone.0.api_base",
        ),
    ],
)
def test_it_says_where_a_secret_goes_out_in_clear(tmp_path: Path, text: str, key: str) -> None:
    assert keys(said(tmp_path, text)) == [key]
    assert said(tmp_path, text.replace("http://", "https://").replace("mqtt://", "mqtts://")) == []
    near = text.replace("broker.lan", "127.0.0.1").replace("watch.example.org", "localhost")
    assert said(tmp_path, near.replace("alarm.example.org", "127.0.0.1:8080").replace("api.example.org", "[::1]")) == []


def test_it_names_each_token_that_can_be_guessed(tmp_path: Path) -> None:
    tokens = "".join(
        f'[[web.tokens]]\nname = "t{i}"\ntoken = "{token}"\n'
        for i, token in enumerate(["aaaaaaaaaaaaaaaa", GOOD, "changeme12345678"])
    )
    found = said(tmp_path, HOME + tokens)
    assert keys(found) == ["web.tokens.0.token", "web.tokens.2.token"]
    assert "aaaa" not in str(found), "a secret stands in no output"


def test_it_names_each_file_with_secrets_that_everybody_may_read(tmp_path: Path) -> None:
    files = ("token", "users", "key", "alarmd.db", "alarmd.db.operator-token")
    for name in files:
        (tmp_path / name).write_text(GOOD, encoding="utf-8")
        (tmp_path / name).chmod(0o640)
    text = (
        '[mqtt]\nlisten = "127.0.0.1:1883"\nusers_file = "users"\ntls_cert = "cert"\ntls_key = "key"\n'
        '[[web.tokens]]\nname = "desk"\ntoken_file = "token"\n'
    )
    assert said(tmp_path, text, mode=0o644) == [], "in the settings themselves there is none"
    for name in files:
        (tmp_path / name).chmod(0o644)
    found = said(tmp_path, text, mode=0o644)
    assert {one for _, told in found for one in files if f"/{one} " in told} == set(files)
    for name in files:
        (tmp_path / name).chmod(0o602)
    assert len(said(tmp_path, text)) == len(files), "nor may everybody change them"


def test_secrets_within_the_settings_make_those_a_secret(tmp_path: Path) -> None:
    text = HOME + f'[[web.tokens]]\nname = "desk"\ntoken = "{GOOD}"\n'
    assert said(tmp_path, text, mode=0o640) == []
    ((_, told),) = said(tmp_path, text, mode=0o644)
    assert told.startswith(str(tmp_path / "alarmd.toml"))


@pytest.mark.parametrize(("mode", "open_"), [(0o777, True), (0o757, True), (0o1777, False), (0o775, False)])
def test_it_names_once_a_folder_whose_files_anybody_can_replace(tmp_path: Path, mode: int, *, open_: bool) -> None:
    tmp_path.chmod(mode)
    found = [text for _, text in said(tmp_path, HOME + f'[[web.tokens]]\nname = "desk"\ntoken = "{GOOD}"')]
    assert [f"in the place of those in {tmp_path}" in text for text in found] == ([True] if open_ else [])
    tmp_path.chmod(0o700)


def test_a_door_that_lets_nobody_else_in_is_not_said_to_be_read_along(tmp_path: Path) -> None:
    assert said(tmp_path, '[mqtt]\nlisten = "0.0.0.0:1883"') == []
