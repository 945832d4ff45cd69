"""The settings of one alarmd: ``alarmd.toml``, the environment above it, secrets in files beside it.

settings = load(Path("alarmd.toml"), os.environ)
settings.mqtt.broker, settings.service.reach_within, …
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any, Self
from zoneinfo import ZoneInfo

import phonenumbers
from pydantic import Field, PrivateAttr, ValidationError, model_validator
from pydantic_core import InitErrorDetails, PydanticCustomError
from pydantic_settings import BaseSettings, EnvSettingsSource, PydanticBaseSettingsSource, SettingsConfigDict
from pydantic_settings.exceptions import SettingsError as UnreadableEnvironmentError

from config import faults, numbers, rights, toml
from config.faults import SettingsError
from config.planbook import plan_for, plans
from config.secrets import Resolver
from config.sections import Ambulance, Log, Mqtt, Phone, Service, Store, Token, Watch, Web, strings
from config.wording import said

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
_A_NUMBER = "+8613800138001"  # in the place of one that was refused, so that no more is said of it


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
        read, odd = _with_numbers({"mqtt": {}, **raw})
        if odd:
            raise _fault(odd)
        return read

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


def load(path: Path | None, environ: Mapping[str, str], *, secrets: bool = True) -> Settings:
    """Read the settings.

    Args:
        path: The file named with ``-c``; None = ``$ALARMD_CONFIG``, then ``./alarmd.toml``.
        environ: The environment; ``ALARMD_SECTION__KEY`` stands above the file.
        secrets: False: what needs no passwords and tokens goes without those that cannot be read.

    Raises:
        SettingsError: One sentence for each fault, all at once: file, line, key, what is wrong, what is meant.
    """
    file = _find(path, environ)
    text, raw = _read(file)
    found = _unknown_variables(environ)
    merged = _merge(raw, _from_environment(environ))
    resolver = Resolver(file.resolve().parent if file is not None else Path.cwd(), needed=secrets)
    merged = resolver.resolve(merged)
    merged, odd = _with_numbers({"mqtt": {}, **merged})
    place = partial(faults.where, file=file, text=text, environ=environ)
    odd += [*resolver.faults, *_unknown_plan(merged, file)]
    located = [(_line(location, file, text), f"{place(location)}: {sentence}") for location, sentence in odd]
    try:
        settings = Settings(**merged)
    except ValidationError as error:
        told = faults.sentences(error, model=Settings, file=file, text=text, environ=environ)
        places = [_line(fault["loc"], file, text) for fault in error.errors(include_url=False, include_input=False)]
        located += zip(places, told, strict=True)
    found += [sentence for _, sentence in sorted(located, key=lambda one: one[0])]
    if found:
        raise SettingsError("\n".join(dict.fromkeys(found)))
    settings._path = file.resolve() if file is not None else None  # noqa: SLF001 - a model's own, set by its reader only
    return settings


def _line(location: faults.Location, file: Path | None, text: str) -> int:
    """To sort by; what stands in no line comes first."""
    return (faults.line_of(text, location) or 0) if file is not None else 0


def _unknown_plan(merged: dict[str, Any], file: Path | None) -> list[tuple[faults.Location, str]]:
    """A misspelt plan must not be found out by the first press."""
    service = merged.get("service")
    plan = service.get("plan") if isinstance(service, dict) else None
    if not isinstance(plan, str) or not plan:
        return []
    try:
        known = plans(file.resolve() if file is not None else None)
    except SettingsError:  # whoever needs the plans says so; `alarmd tail` works without them
        return []
    if plan in known:
        return []
    hint = faults.nearest(plan, known)
    return [(("service", "plan"), said("there is no plan {plan!r}; {hint}", plan=plan, hint=hint))]


def _find(path: Path | None, environ: Mapping[str, str]) -> Path | None:
    named = path or (Path(environ["ALARMD_CONFIG"]) if environ.get("ALARMD_CONFIG") else None)
    if named is None and DEFAULT_FILE.exists():
        return DEFAULT_FILE
    if named is None and any(name.startswith(_PREFIX) and "__" in name for name in environ):
        return None
    if named is None:
        raise SettingsError(said("no settings: name a file with -c, set $ALARMD_CONFIG, or write ./alarmd.toml"))
    try:
        there = named.is_file()
    except OSError as error:  # a folder on the way to it may not be entered
        raise SettingsError(f"{named}: {rights.why_not(named, error)}") from None
    if not there:
        origin = "-c" if path else "$ALARMD_CONFIG"
        raise SettingsError(said("{file}: there is no such file ({origin})", file=named, origin=origin))
    return named


def _read(file: Path | None) -> tuple[str, dict[str, Any]]:
    if file is None:
        return "", {}
    try:
        return toml.read(file)
    except toml.TomlError as error:
        raise SettingsError("\n".join(error.sentences(file))) from None


class _Environment(EnvSettingsSource):
    """pydantic-settings' reading of the environment, of the one handed in."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        super().__init__(Settings)
        self.env_vars = {name.lower(): value for name, value in environ.items()}


def _from_environment(environ: Mapping[str, str]) -> dict[str, Any]:
    try:
        return _Environment(environ)()
    except UnreadableEnvironmentError as error:
        raise SettingsError(said("environment: {error}; lists of tables are written as JSON", error=error)) from None


def _unknown_variables(environ: Mapping[str, str]) -> list[str]:
    found = []
    for variable in sorted(environ):
        section, delimiter, _ = variable.removeprefix(_PREFIX).partition("__")
        if variable.startswith(_PREFIX) and delimiter and section.lower() not in Settings.model_fields:
            found.append(
                said(
                    "{variable} (environment): unknown section {section!r}; {hint}",
                    variable=variable,
                    section=section.lower(),
                    hint=faults.nearest(section.lower(), Settings.model_fields),
                )
            )
    return found


def _merge(below: Any, above: Any) -> Any:
    """``above`` wins key by key; a table laid over a list of tables is laid over its first."""
    if isinstance(below, dict) and isinstance(above, dict):
        return {key: _merge(below.get(key), above.get(key)) for key in [*below, *(k for k in above if k not in below)]}
    if isinstance(below, list) and isinstance(above, dict):
        return [_merge(below[0] if below else {}, above), *below[1:]]
    if above is None:
        return below
    return above


def _with_numbers(raw: dict[str, Any]) -> tuple[dict[str, Any], list[tuple[faults.Location, str]]]:
    """Bring every telephone number to E.164; tell what is none, and emergency numbers without an agreement."""
    service, ambulance = raw.get("service"), raw.get("ambulance")
    country = service.get("country", "CN") if isinstance(service, dict) else "CN"
    if not isinstance(country, str):
        return raw, []
    if country not in phonenumbers.SUPPORTED_REGIONS:
        sentence = said("{country!r} is not a country's two-letter code; write for example CN", country=country)
        read, more = _with_numbers(
            {**raw, "service": {**service, "country": "CN"}} if isinstance(service, dict) else {}
        )
        return read, [(("service", "country"), sentence), *more]
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
    return result, reader.faults


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
            return _A_NUMBER

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
