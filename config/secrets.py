"""Before the models see the settings: ``<key>_file`` becomes the secret in it, relative paths become absolute."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from config.faults import SettingsError

# Which keys of which section may stand in a file of their own.
SECRETS = {
    "mqtt": ("password", "url"),
    "phone": ("account_sid", "auth_token", "auth_token_second"),
    "web": ("token",),
    "store": ("url",),
    "watch": ("ping_url", "alert_url"),
}
_PATHS = {"mqtt": ("tls_cert", "tls_key", "users_file")}
_SQLITE = "sqlite:///"


def resolve(raw: dict[str, Any], base: Path, file: str) -> dict[str, Any]:
    """Read secrets' files and make paths absolute.

    Args:
        raw: The merged settings, as tables.
        base: The folder where relative paths begin.
        file: The settings' file, for an error's sentence.

    Raises:
        SettingsError: A secret's file cannot be read or is empty, or the key is given twice.
    """
    result = {section: _section(section, value, section, base, file) for section, value in raw.items()}
    store = result.get("store")
    url = store.get("url", "sqlite:///alarmd.db") if isinstance(store, dict) else "sqlite:///alarmd.db"
    if isinstance(store, dict | None) and isinstance(url, str) and url.startswith(_SQLITE):
        result["store"] = {**(store or {}), "url": _SQLITE + str(base / url.removeprefix(_SQLITE))}
    return result


def _section(section: str, value: Any, where: str, base: Path, file: str) -> Any:
    if isinstance(value, list):
        return [_section(section, v, f"{where}[{i}]", base, file) for i, v in enumerate(value, 1)]
    if not isinstance(value, dict):
        return value
    table = {key: _section(section, v, f"{where}.{key}", base, file) for key, v in value.items()}
    for key in SECRETS.get(section, ()):
        if isinstance(named := table.get(f"{key}_file"), str):
            if key in table:
                raise SettingsError(f"{file}: {where}: has {key} and {key}_file; keep one")
            del table[f"{key}_file"]
            table[key] = _secret(base / named, f"{file}: {where}.{key}_file")
    for key in _PATHS.get(section, ()):
        if isinstance(path := table.get(key), str):
            table[key] = str(base / path)
    return table


def _secret(path: Path, where: str) -> str:
    try:
        secret = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "is not text"
        raise SettingsError(f"{where}: {path}: {reason}") from None
    if not secret:
        raise SettingsError(f"{where}: {path}: is empty")
    return secret
