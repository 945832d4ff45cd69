"""In which language a command speaks: what the operator asked for, then the terminal's, then the service's."""

from __future__ import annotations

from pathlib import Path

import pytest

from alarmd.cli import language
from alarmd.cli.errors import UserError
from config.languages import of_browser


@pytest.fixture
def chinese(tmp_path: Path) -> list[str]:
    return ["-c", str(_settings(tmp_path, "zh-CN"))]


def _settings(folder: Path, spoken: str) -> Path:
    file = folder / f"{spoken}.toml"
    file.write_text(f'[service]\nlanguage = "{spoken}"\n', encoding="utf-8")
    return file


@pytest.mark.parametrize("written", ["zh", "zh-CN", "zh_CN", "zh_CN.UTF-8", "zh-Hans", "ZH", "zh_CN.GBK@x"])
def test_it_understands_chinese_however_it_is_written(written: str) -> None:
    assert language.tag(["incidents", "--language", written], {"LANG": "en_US.UTF-8"}) == "zh-CN"
    assert language.tag([f"--language={written}", "incidents"], {}) == "zh-CN"
    assert language.tag([], {"LANG": written}) == "zh-CN"


@pytest.mark.parametrize("written", ["en", "en-GB", "en_US", "EN", "en_GB.UTF-8"])
def test_it_understands_english_however_it_is_written(written: str, chinese: list[str]) -> None:
    assert language.tag(["tail", *chinese, "--language", written], {"LANG": "zh_CN.UTF-8"}) == "en"
    assert language.tag(["tail", *chinese], {"LANG": written}) == "en"


@pytest.mark.parametrize(
    "silent", [{}, {"LANG": "C"}, {"LANG": "C.UTF-8"}, {"LC_ALL": "POSIX"}, {"LANG": "fr_FR.UTF-8"}]
)
def test_it_speaks_the_services_language_where_the_terminal_says_nothing(
    silent: dict[str, str], chinese: list[str], tmp_path: Path
) -> None:
    assert language.tag(["tail", *chinese], silent) == "zh-CN"
    assert language.tag(["tail", f"--config={_settings(tmp_path, 'en')}"], silent) == "en"
    assert language.tag(["tail", f"-c{_settings(tmp_path, 'en')}"], silent) == "en"


def test_the_more_particular_variable_wins() -> None:
    assert language.tag([], {"LANG": "zh_CN.UTF-8", "LC_ALL": "en_US.UTF-8"}) == "en"
    assert language.tag([], {"ALARMD_LANGUAGE": "zh", "LC_ALL": "en_US.UTF-8"}) == "zh-CN"


def test_it_speaks_english_where_there_is_nothing_to_go_by(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert language.tag(["incidents"], {}) == "en"


def test_words_behind_two_dashes_are_no_options() -> None:
    assert language.tag(["note", "7KQ2", "--", "--language=zh"], {"LANG": "en"}) == "en"


def test_a_language_that_is_not_spoken_is_a_sentence() -> None:
    with pytest.raises(UserError, match="does not speak 'fr'; it speaks: en, zh-CN"):
        language.tag(["--language", "fr"], {})


@pytest.mark.parametrize(
    ("header", "spoken"),
    [
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh-CN"),
        ("en-GB,en;q=0.9,zh;q=0.8", "en"),
        ("en;q=0.1, zh;q=0.7", "zh-CN"),
        ("fr-FR, zh;q=0.1", "zh-CN"),
        ("zh;q=0, en;q=0.2", "en"),
        ("fr", None),
        ("", None),
        ("zh;q=x", None),
        (";;;,,,q=1", None),
    ],
)
def test_it_finds_the_language_that_a_browser_wants_most(header: str, spoken: str | None) -> None:
    assert of_browser(header) == spoken
