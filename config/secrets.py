"""Before the models see the settings: ``<key>_file`` becomes the secret in it, relative paths become absolute."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from config import bounded, rights
from config.faults import Location
from config.wording import said

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
_ALWAYS = ("store",)  # no command does without it
# What stands in the place of a secret that could not be read, so that nothing else is said of it.
_UNREAD = {"url": "mqtt://unread", "ping_url": "http://unread", "alert_url": "http://unread"}
_UNREAD_TEXT = "unread-unread-unread-unread"


class Resolver:
    """Reads the secrets' files of one settings file, and gathers what is wrong with them.

    Args:
        base: The folder where relative paths begin.
        needed: False: the command needs no secrets, and one that cannot be read is left out.

    Attributes:
        faults: What cannot be read, each by its key.
    """

    def __init__(self, base: Path, *, needed: bool) -> None:
        self._base = base
        self._needed = needed
        self.faults: list[tuple[Location, str]] = []

    def resolve(self, raw: dict[str, Any]) -> dict[str, Any]:
        """The settings with their secrets in them, and with paths that are absolute."""
        result = {section: self._section(section, value, (section,)) for section, value in raw.items()}
        store = result.get("store")
        url = store.get("url", "sqlite:///alarmd.db") if isinstance(store, dict) else "sqlite:///alarmd.db"
        if isinstance(store, dict | None) and isinstance(url, str) and url.startswith(_SQLITE):
            result["store"] = {**(store or {}), "url": _SQLITE + str(self._base / url.removeprefix(_SQLITE))}
        return result

    def _section(self, section: str, value: Any, where: Location) -> Any:
        if isinstance(value, list):
            made = (self._section(section, one, (*where, i)) for i, one in enumerate(value))
            return [one for one in made if one is not None]
        if not isinstance(value, dict):
            return value
        table = {key: self._section(section, one, (*where, key)) for key, one in value.items()}
        for key in SECRETS.get(section, ()):
            named = table.get(f"{key}_file")
            if not isinstance(named, str):
                continue
            if key in table:
                text = said("has {key} and {key}_file; keep one", key=key)
                self.faults.append((where, text))
                del table[f"{key}_file"]
                continue
            del table[f"{key}_file"]
            secret = self._secret(self._base / named, (*where, f"{key}_file"), section)
            if secret is None and len(where) > 1:
                return None  # an account or a token without its secret: of no use to this command
            table[key] = secret if secret is not None else _UNREAD.get(key, _UNREAD_TEXT)
        for key in _PATHS.get(section, ()):
            if isinstance(path := table.get(key), str):
                table[key] = str(self._base / path)
        return table

    def _secret(self, path: Path, where: Location, section: str) -> str | None:
        """The secret; a stand-in with a fault where it cannot be read; None where nobody needs it."""
        try:
            secret = bounded.read(path, bounded.SECRET).decode().strip()
        except bounded.TooLargeError:
            why = said("is larger than any secret; is it the right file?")
        except (OSError, UnicodeDecodeError) as error:
            why = rights.why_not(path, error) if isinstance(error, OSError) else said("is not text")
        else:
            if secret:
                return secret
            why = said("is empty")
        if not self._needed and section not in _ALWAYS:
            return None
        self.faults.append((where, f"{path}: {why}"))
        return _UNREAD.get(str(where[-1]).removesuffix("_file"), _UNREAD_TEXT)
