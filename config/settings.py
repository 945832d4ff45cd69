"""The settings of one alarmd: ``alarmd.toml``, the environment above it, secrets in files beside it.

settings = load(Path("alarmd.toml"), os.environ)
settings.mqtt.broker, settings.service.reach_within, …
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self
from zoneinfo import ZoneInfo

import phonenumbers
from pydantic import Field, PrivateAttr, ValidationError, model_validator
from pydantic_core import InitErrorDetails, PydanticCustomError
from pydantic_settings import BaseSettings, EnvSettingsSource, PydanticBaseSettingsSource, SettingsConfigDict
from pydantic_settings.exceptions import SettingsError as UnreadableEnvironmentError

from config import faults, numbers, secrets
from config.faults import SettingsError
from config.planbook import plan_for, plans
from config.sections import Ambulance, Log, Mqtt, Phone, Service, Store, Token, Watch, Web, strings

__all__ = [
    "Ambulance",
    "Log",
    "Mqtt",
    "Phone",
    "Service",
    "Settings",
    "SettingsError",
    "Store",
    "Token",
    "Watch",
    "Web",
    "load",
    "plan_for",
    "plans",
]

DEFAULT_FILE = Path("alarmd.toml")
_PREFIX = "ALARMD_"


class Settings(BaseSettings):
    """Everything an operator can set, by section. Built by `load`, or by hand in tests and the demo."""

    model_config = SettingsConfigDict(
        extra="forbid", frozen=True, hide_input_in_errors=True, env_prefix=_PREFIX, env_nested_delimiter="__"
    )

    mqtt: Mqtt
    store: Store = Field(default_factory=Store)
    web: Web = Field(default_factory=Web)
    phone: tuple[Phone, ...] = ()
    ambulance: Ambulance = Field(default_factory=Ambulance)
    service: Service = Field(default_factory=Service)
    watch: Watch = Field(default_factory=Watch)
    log: Log = Field(default_factory=Log)
    _path: Path | None = PrivateAttr(default=None)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003 - the library's signature
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Only what `load` or a test hands in: the process's own environment must not leak into a test or the demo."""
        return (init_settings,)

    @model_validator(mode="before")
    @classmethod
    def _read_numbers(cls, raw: dict[str, Any]) -> dict[str, Any]:
        return _with_numbers({"mqtt": {}, **raw})

    @model_validator(mode="after")
    def _possible(self) -> Self:
        if len({(p.kind, p.account_sid) for p in self.phone}) < len(self.phone):
            raise ValueError("two [[phone]] sections are the same account; a second one helps only if it is another")
        return self

    @property
    def path(self) -> Path | None:
        """The file these settings were read from; None when there was none."""
        return self._path

    @property
    def folder(self) -> Path:
        """Where relative paths of the settings begin."""
        return self._path.parent if self._path is not None else Path.cwd()

    @property
    def zone(self) -> ZoneInfo:
        """The time zone of shifts and of texts for people."""
        return self.service.zone


def load(path: Path | None, environ: Mapping[str, str]) -> Settings:
    """Read the settings.

    Args:
        path: The file named with ``-c``; None = ``$ALARMD_CONFIG``, then ``./alarmd.toml``.
        environ: The environment; ``ALARMD_SECTION__KEY`` stands above the file.

    Raises:
        SettingsError: One sentence for each fault: file, line, key, what is wrong, what is meant.
    """
    file = _find(path, environ)
    text, raw = _read(file)
    _refuse_unknown_variables(environ)
    merged = _merge(raw, _from_environment(environ))
    base = file.resolve().parent if file is not None else Path.cwd()
    merged = secrets.resolve(merged, base, str(file or "settings"))
    try:
        settings = Settings(**merged)
    except ValidationError as error:
        found = faults.sentences(error, model=Settings, file=file, text=text, environ=environ)
        raise SettingsError("\n".join(found)) from None
    settings._path = file.resolve() if file is not None else None  # noqa: SLF001 - a model's own, set by its reader only
    _refuse_unknown_plan(settings, file, text, environ)
    return settings


def _refuse_unknown_plan(settings: Settings, file: Path | None, text: str, environ: Mapping[str, str]) -> None:
    """A misspelt plan must not be found out by the first press."""
    try:
        known = plans(settings.path)
    except SettingsError:  # whoever needs the plans says so; `alarmd tail` works without them
        return
    if settings.service.plan not in known:
        where = faults.where(("service", "plan"), file, text, environ)
        hint = faults.nearest(settings.service.plan, known)
        raise SettingsError(f"{where}: there is no plan {settings.service.plan!r}; {hint}")


def _find(path: Path | None, environ: Mapping[str, str]) -> Path | None:
    named = path or (Path(environ["ALARMD_CONFIG"]) if environ.get("ALARMD_CONFIG") else None)
    if named is None and DEFAULT_FILE.exists():
        return DEFAULT_FILE
    if named is None and any(name.startswith(_PREFIX) and "__" in name for name in environ):
        return None
    if named is None:
        raise SettingsError("no settings: name a file with -c, set $ALARMD_CONFIG, or write ./alarmd.toml")
    if not named.is_file():
        origin = "-c" if path else "$ALARMD_CONFIG"
        raise SettingsError(f"{named}: there is no such file ({origin})")
    return named


def _read(file: Path | None) -> tuple[str, dict[str, Any]]:
    if file is None:
        return "", {}
    try:
        text = file.read_bytes().decode("utf-8-sig")
        return text, tomllib.loads(text)
    except UnicodeDecodeError:
        raise SettingsError(f"{file}: is not UTF-8; save it as UTF-8") from None
    except OSError as error:
        raise SettingsError(f"{file}: {error.strerror}") from None
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{file}: is not TOML: {error}") from None


class _Environment(EnvSettingsSource):
    """pydantic-settings' reading of the environment, of the one handed in."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        super().__init__(Settings)
        self.env_vars = {name.lower(): value for name, value in environ.items()}


def _from_environment(environ: Mapping[str, str]) -> dict[str, Any]:
    try:
        return _Environment(environ)()
    except UnreadableEnvironmentError as error:
        raise SettingsError(f"environment: {error}; lists of tables are written as JSON") from None


def _refuse_unknown_variables(environ: Mapping[str, str]) -> None:
    for variable in sorted(environ):
        section, delimiter, _ = variable.removeprefix(_PREFIX).partition("__")
        if variable.startswith(_PREFIX) and delimiter and section.lower() not in Settings.model_fields:
            hint = faults.nearest(section.lower(), Settings.model_fields)
            raise SettingsError(f"{variable} (environment): unknown section {section.lower()!r}; {hint}")


def _merge(below: Any, above: Any) -> Any:
    """``above`` wins key by key; a table laid over a list of tables is laid over its first."""
    if isinstance(below, dict) and isinstance(above, dict):
        return {key: _merge(below.get(key), above.get(key)) for key in [*below, *(k for k in above if k not in below)]}
    if isinstance(below, list) and isinstance(above, dict):
        return [_merge(below[0] if below else {}, above), *below[1:]]
    if above is None:
        return below
    return above


def _with_numbers(raw: dict[str, Any]) -> dict[str, Any]:
    """Bring every telephone number to E.164; refuse what is none, and emergency numbers without an agreement."""
    service, ambulance = raw.get("service"), raw.get("ambulance")
    country = service.get("country", "CN") if isinstance(service, dict) else "CN"
    if not isinstance(country, str):
        return raw
    if country not in phonenumbers.SUPPORTED_REGIONS:
        sentence = f"{country!r} is not a country's two-letter code; write for example CN"
        raise _fault([(("service", "country"), sentence)])
    agreed = isinstance(ambulance, dict) and bool(str(ambulance.get("agreement") or "").strip())
    reader = _Numbers(country, agreed=agreed)
    result = dict(raw)
    if isinstance(ambulance, dict) and isinstance(ambulance.get("phone"), str):
        result["ambulance"] = {**ambulance, "phone": reader.one(ambulance["phone"], ("ambulance", "phone"))}
    if isinstance(service, dict) and "desk_phones" in service:
        result["service"] = {**service, "desk_phones": reader.each(service["desk_phones"], ("service", "desk_phones"))}
    if isinstance(raw.get("phone"), dict):  # all of it from the environment
        raw = {**raw, "phone": [raw["phone"]]}
    if isinstance(raw.get("phone"), list | tuple):
        result["phone"] = [
            {**phone, "numbers": reader.each(phone["numbers"], ("phone", i, "numbers"))}
            if isinstance(phone, dict) and "numbers" in phone
            else phone
            for i, phone in enumerate(raw["phone"])
        ]
    if reader.faults:
        raise _fault(reader.faults)
    return result


class _Numbers:
    """Reads numbers and gathers what is wrong with them."""

    def __init__(self, country: str, *, agreed: bool) -> None:
        self._country = country
        self._agreed = agreed
        self.faults: list[tuple[faults.Location, str]] = []

    def one(self, text: str, location: faults.Location) -> str:
        parse = numbers.parse_agreed if self._agreed and location[0] != "phone" else numbers.parse
        try:
            return parse(text, self._country)
        except numbers.NumberError as error:
            self.faults.append((location, str(error)))
            return text

    def each(self, values: Any, location: faults.Location) -> Any:
        values = strings(values)
        if not isinstance(values, list | tuple):
            return values
        return [self.one(v, (*location, i)) if isinstance(v, str) else v for i, v in enumerate(values)]


def _fault(found: list[tuple[faults.Location, str]]) -> ValidationError:
    # the sentence goes in as context: braces in what an operator wrote must not be read as a template
    return ValidationError.from_exception_data(
        "Settings",
        [
            InitErrorDetails(
                type=PydanticCustomError("number", "{sentence}", {"sentence": sentence}), loc=location, input=None
            )
            for location, sentence in found
        ],
    )
