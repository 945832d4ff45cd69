"""Settings of the web side and of what the store keeps."""

from __future__ import annotations

from pathlib import Path

import pytest

from config.settings import Settings, SettingsError, load


def read(tmp_path: Path, text: str) -> Settings:
    file = tmp_path / "alarmd.toml"
    file.write_text(f'[mqtt]\nlisten = "127.0.0.1:1883"\n{text}\n', encoding="utf-8")
    return load(file, {})


@pytest.mark.parametrize(
    ("value", "days"),
    [('"90d"', 90), ('"1d"', 1), ('"90 days"', 90), ('"90天"', 90), ('"48h"', 2), ("86400", 1), ('"365d"', 365)],
)
def test_texts_are_kept_for_so_many_days(tmp_path: Path, value: str, days: int) -> None:
    assert read(tmp_path, f"[store]\nkeep_bodies = {value}").store.keep_bodies == days * 86_400


def test_and_for_ever_where_nobody_says_otherwise(tmp_path: Path) -> None:
    assert read(tmp_path, "").store.keep_bodies is None


@pytest.mark.parametrize("value", ['"12h"', "0", '"-1d"', '"soon"', "true", '"90y"', '"1d2"', '"99999999d"'])
def test_a_text_is_never_emptied_within_a_day(tmp_path: Path, value: str) -> None:
    with pytest.raises(SettingsError, match=r"store\.keep_bodies"):
        read(tmp_path, f"[store]\nkeep_bodies = {value}")


def test_names_and_proxies_are_read_as_they_are_written(tmp_path: Path) -> None:
    web = read(
        tmp_path,
        '[web]\npublic_url = "https://Alarm.example.org/x"\nhosts = ["alarm.lan"]\n'
        'proxies = ["127.0.0.1", "10.0.0.0/24", "::1"]',
    ).web
    assert web.names == ("alarm.example.org", "alarm.lan")
    assert web.proxies == ("127.0.0.1", "10.0.0.0/24", "::1")


@pytest.mark.parametrize(
    "line",
    ['hosts = ["https://alarm.lan"]', 'hosts = ["*"]', 'hosts = [""]', 'hosts = ["a b"]', 'proxies = ["proxy.lan"]',
     'proxies = ["*"]', 'proxies = ["0.0.0.0/0"]', 'proxies = ["::/0"]', 'proxies = ["10.0.0.1/24"]',
     'proxies = ["0.0.0.0/1", "128.0.0.0/1"]',
     'proxies = ["8000::/1"]'],
)  # fmt: skip
def test_nobody_is_believed_by_mistake(tmp_path: Path, line: str) -> None:
    with pytest.raises(SettingsError, match=r"web\."):
        read(tmp_path, f"[web]\n{line}")
