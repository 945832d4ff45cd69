"""A file that never ends, or is another one than was meant, is not read whole."""

from __future__ import annotations

from pathlib import Path

import pytest

from config import bounded, toml
from config.faults import SettingsError
from config.settings import load


def test_it_reads_up_to_its_bound_and_no_further(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_bytes(b"x" * 100)
    assert bounded.read(file, 100) == b"x" * 100
    with pytest.raises(bounded.TooLargeError):
        bounded.read(file, 99)
    with pytest.raises(bounded.TooLargeError):
        bounded.read(Path("/dev/zero"), bounded.SECRET)


@pytest.mark.parametrize("file", ["/dev/zero", "large.toml"])
def test_settings_are_no_endless_file(tmp_path: Path, file: str) -> None:
    (tmp_path / "large.toml").write_bytes(b"#" * (bounded.SETTINGS + 1))
    with pytest.raises(toml.TomlError, match="larger than any settings"):
        toml.read(tmp_path / file)


def test_a_secret_is_no_endless_file(tmp_path: Path) -> None:
    file = tmp_path / "alarmd.toml"
    file.write_text('[mqtt]\nlisten = "127.0.0.1:1883"\n[[web.tokens]]\nname = "desk"\ntoken_file = "/dev/zero"\n')
    with pytest.raises(SettingsError, match="larger than any secret"):
        load(file, {})
