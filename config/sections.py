"""The sections of ``alarmd.toml``, one model each. Units: seconds, km/h. docs/settings.md explains each key."""

from __future__ import annotations

import difflib
import ipaddress
import re
from typing import Annotated, Any, Literal, NamedTuple, Self
from urllib.parse import unquote, urlsplit
from zoneinfo import ZoneInfo

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, field_validator, model_validator
from pydantic_settings import NoDecode

from config import languages, zones
from config.glance import OPERATOR_ROLES, SHORTEST_TOKEN
from config.visible import shows_nothing
from config.wording import for_later, said
from devices import FAMILIES
from escalation import plan

_PORT_LIMIT = 65535
_WIDEST_PROXIES = {4: 8, 6: 8}  # bits of the network: 10.0.0.0/8 and fd00::/8 are somebody's, 0.0.0.0/1 is everybody


class Address(NamedTuple):
    """A host and a port to listen on; port 0 = any free one."""

    host: str
    port: int

    @property
    def is_loopback(self) -> bool:
        """Whether only this machine can reach it."""
        if self.host == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False


class Broker(NamedTuple):
    """Where a broker is; ``tls`` with the system's certificate authorities."""

    host: str
    port: int
    tls: bool
    username: str | None


def _duration(value: object) -> float:
    if isinstance(value, str | int | float) and not isinstance(value, bool):
        bare = isinstance(value, str) and value.strip().isdecimal()  # the environment knows no numbers
        return plan.seconds(float(value) if bare else value, "this")
    raise ValueError(said("{value} is not a duration; write for example 60s, 15m or 1h30m", value=repr(value)))


_DAYS = re.compile(r"(?P<n>\d{1,5})\s{0,9}(?:d|days?|天)")


def _days(value: object) -> object:
    """A span as an archive counts: ``90d``; shorter ones as elsewhere."""
    if isinstance(value, str) and (found := _DAYS.fullmatch(value.strip())):
        return float(found["n"]) * 86_400
    return None if value is None else _duration(value)


def _language(value: object) -> object:
    return languages.language(value) if isinstance(value, str) else value


def strings(value: object) -> object:
    """A list; from the environment also as ``a,b``."""
    if isinstance(value, str):
        inner = value.strip().removeprefix("[").removesuffix("]")
        return tuple(part.strip().strip("\"'") for part in inner.split(",") if part.strip())
    return value


def address(text: str) -> Address:
    """Read ``host:port`` (``[::1]:8080`` for IPv6).

    Raises:
        ValueError: It is neither.
    """
    host, colon, port = text.rpartition(":")
    if not colon or not port.isdecimal() or int(port) > _PORT_LIMIT:
        raise ValueError(said("{text} is not host:port; write for example 127.0.0.1:1883", text=repr(text)))
    return Address(host.strip("[]") or "0.0.0.0", int(port))  # noqa: S104 - ":8080" means every interface, as everywhere


Seconds = Annotated[float, BeforeValidator(_duration)]
Language = Annotated[Literal["zh-CN", "en"], BeforeValidator(_language)]
Strings = Annotated[tuple[str, ...], NoDecode, BeforeValidator(strings)]


class Section(BaseModel):
    """What all sections share: unknown keys are refused, values do not change, secrets stay out of error texts."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class Mqtt(Section):
    """Where signals come from: a broker to read from, alarmd's own door, or both."""

    url: str | None = None
    password: SecretStr | None = None
    listen: str | None = None
    tls_cert: str | None = None
    tls_key: str | None = None
    users_file: str | None = None
    client_id: str = Field(default="alarmd", min_length=1, max_length=64)
    families: Strings = ()
    """Device families that are read; empty = all."""
    topics: dict[str, str] = Field(default_factory=dict)
    """Topic filter to the family that reads it, for gateways with a base topic of their own; subscribed to as well."""

    @model_validator(mode="before")
    @classmethod
    def _take_password_out_of_url(cls, raw: Any) -> Any:
        if not isinstance(raw, dict) or not isinstance(raw.get("url"), str):
            return raw
        found = re.fullmatch(r"(?P<head>mqtts?://[^:@/]*):(?P<password>[^/]*)(?P<tail>@[^@/]*/?)", raw["url"])
        if found is None:
            return raw
        if raw.get("password") is not None:
            raise ValueError(said("has a password in url and another in password; keep one"))
        return {**raw, "url": found["head"] + found["tail"], "password": unquote(found["password"])}

    @field_validator("families")
    @classmethod
    def _known_families(cls, families: tuple[str, ...]) -> tuple[str, ...]:
        for family in families:
            if family not in FAMILIES:
                near = difflib.get_close_matches(family, FAMILIES, 1, cutoff=0.5)
                if near:
                    sentence = for_later("{family} is not a device family; did you mean {near}?")
                    raise ValueError(said(sentence, family=repr(family), near=repr(near[0])))
                sentence = for_later("{family} is not a device family; there are: {families}")
                raise ValueError(said(sentence, family=repr(family), families=", ".join(FAMILIES)))
        return families

    @field_validator("url")
    @classmethod
    def _readable_url(cls, url: str | None) -> str | None:
        if url is not None:
            _broker(url)
        return url

    @field_validator("listen")
    @classmethod
    def _readable_listen(cls, listen: str | None) -> str | None:
        if listen is not None:
            address(listen)
        return listen

    @field_validator("topics")
    @classmethod
    def _readable_topics(cls, topics: dict[str, str]) -> dict[str, str]:
        for topic in topics:
            levels = topic.split("/")
            if not topic or "#" in "".join(levels[:-1]) or any(("#" in x or "+" in x) and len(x) > 1 for x in levels):
                raise ValueError(
                    said("{topic} is not a topic filter; write for example home/zigbee/#", topic=repr(topic))
                )
        cls._known_families(tuple(topics.values()))
        return topics

    @model_validator(mode="after")
    def _possible(self) -> Self:
        if self.url is None and self.listen is None:
            raise ValueError(
                said(
                    "has neither url nor listen, so there is nothing to listen to; "
                    'write listen = "127.0.0.1:1883" for alarmd\'s own door or url = "mqtt://host:1883" for a broker'
                )
            )
        if (self.tls_cert is None) != (self.tls_key is None):
            raise ValueError(said("tls_cert and tls_key belong together; one of them is missing"))
        if self.listen is None and (self.tls_cert or self.users_file):
            raise ValueError(said("tls_cert, tls_key and users_file are for alarmd's own door; set listen too"))
        if self.url is None and self.password is not None:
            raise ValueError(said("password is for the broker; set url too"))
        return self

    @property
    def broker(self) -> Broker | None:
        """The broker to read from, or None."""
        return _broker(self.url) if self.url is not None else None

    @property
    def door(self) -> Address | None:
        """Where alarmd's own door listens, or None."""
        return address(self.listen) if self.listen is not None else None


def _broker(url: str) -> Broker:
    head, _, rest = url.partition("//")
    shown = f"{head}//…@{rest.rpartition('@')[2]}" if "@" in rest else url  # the error goes to a log; a password not
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise ValueError(said("{url} has no usable port; write mqtt://user@host:1883", url=repr(shown))) from None
    if parts.scheme not in {"mqtt", "mqtts"} or not parts.hostname or parts.path.strip("/") or parts.query:
        sentence = for_later("{url} is not a broker's address; write mqtt://user@host:1883 or mqtts://user@host:8883")
        raise ValueError(said(sentence, url=repr(shown)))
    tls = parts.scheme == "mqtts"
    username = unquote(parts.username) if parts.username else None
    return Broker(parts.hostname, port or (8883 if tls else 1883), tls, username)


class Store(Section):
    """Where everything is kept."""

    url: str = "sqlite:///alarmd.db"
    keep_bodies: Annotated[float, BeforeValidator(_days)] | None = Field(default=None, ge=86_400)
    """How long after an incident's close the words of its texts and calls are kept, in seconds; None = for ever."""

    @field_validator("url")
    @classmethod
    def _supported(cls, url: str) -> str:
        if url.startswith(("postgres://", "postgresql://", "postgresql+")):
            raise ValueError(said("PostgreSQL comes in a later version; write sqlite:///path"))
        if not url.startswith("sqlite:///") or not url.removeprefix("sqlite:///"):
            sentence = for_later(
                "{url} is not a store's address; write sqlite:///alarmd.db or sqlite:////var/lib/alarmd/alarmd.db"
            )
            raise ValueError(said(sentence, url=repr(url)))
        return url


class Token(Section):
    """A bearer token of the HTTP API: who holds it, and what it may do."""

    name: str = Field(min_length=1)
    role: Literal["operator", "admin", "read"] = "operator"
    token: SecretStr

    @field_validator("name")
    @classmethod
    def _can_be_seen(cls, name: str) -> str:
        if shows_nothing(name):
            raise ValueError(said(for_later("shows nothing; the log names by it who did what")))
        return name

    @field_validator("token")
    @classmethod
    def _hopeless_to_guess(cls, token: SecretStr) -> SecretStr:
        if len(token.get_secret_value()) < SHORTEST_TOKEN:
            sentence = for_later("is shorter than {number} characters; make one with `openssl rand -hex 32`")
            raise ValueError(said(sentence, number=SHORTEST_TOKEN))
        return token


class Web(Section):
    """The HTTP side: desk, API, webhooks, responders' pages."""

    listen: str = "127.0.0.1:8080"
    public_url: str = ""
    hosts: Strings = ()
    """Further names under which alarmd may be asked, beside that of `public_url` and addresses of this machine."""
    proxies: Strings = ()
    """Addresses and networks whose word on who asks (``X-Forwarded-For``) is believed; nobody's otherwise."""
    tokens: tuple[Token, ...] = ()

    @field_validator("hosts")
    @classmethod
    def _readable_hosts(cls, hosts: tuple[str, ...]) -> tuple[str, ...]:
        for host in hosts:
            if not host or "/" in host or "*" in host or any(sign.isspace() for sign in host):
                sentence = for_later("{host} is not a name of a machine; write for example alarm.example.org")
                raise ValueError(said(sentence, host=repr(host)))
        return hosts

    @field_validator("proxies")
    @classmethod
    def _readable_proxies(cls, proxies: tuple[str, ...]) -> tuple[str, ...]:
        for proxy in proxies:
            try:
                network = ipaddress.ip_network(proxy)
            except ValueError:
                network = None
            if network is None or network.prefixlen == 0:
                sentence = for_later(
                    "{proxy} is not an address or a network; write for example 127.0.0.1 or 10.0.0.0/24"
                )
                raise ValueError(said(sentence, proxy=repr(proxy)))
            if network.prefixlen < _WIDEST_PROXIES[network.version]:
                sentence = for_later("{proxy} is nearly everybody; name the proxy's own address or network")
                raise ValueError(said(sentence, proxy=repr(proxy)))
        return proxies

    @field_validator("listen")
    @classmethod
    def _readable_listen(cls, listen: str) -> str:
        address(listen)
        return listen

    @field_validator("public_url")
    @classmethod
    def _readable_public_url(cls, url: str) -> str:
        if url and (urlsplit(url).scheme not in {"http", "https"} or not urlsplit(url).hostname):
            sentence = for_later("{url} is not an address of a web server; write for example https://alarm.example.org")
            raise ValueError(said(sentence, url=repr(url)))
        return url.rstrip("/")

    @model_validator(mode="after")
    def _names_differ(self) -> Self:
        names = [token.name for token in self.tokens]
        twice = {name for name in names if names.count(name) > 1}
        if twice:
            sentence = for_later("two tokens have the name {name}; the log could not tell who did what")
            raise ValueError(said(sentence, name=repr(min(twice))))
        return self

    @property
    def operator_token(self) -> str | None:
        """The first token that may do what an operator does; None where none is named."""
        fit = (token for token in self.tokens if token.role in OPERATOR_ROLES)
        return next((token.token.get_secret_value() for token in fit), None)

    @property
    def names(self) -> tuple[str, ...]:
        """The names under which it may be asked, beside addresses of this machine."""
        public = urlsplit(self.public_url).hostname
        return (*((public,) if public else ()), *self.hosts)

    @property
    def address(self) -> Address:
        """Where the web server listens."""
        return address(self.listen)

    @property
    def base_url(self) -> str:
        """The address that providers and responders reach it by, without a slash at its end."""
        return self.public_url or f"http://{self.listen}"


class Phone(Section):
    """One account at a phone provider; the first usable one in the file's order is used."""

    kind: Literal["twilio"] = "twilio"
    account_sid: str = Field(min_length=1)
    auth_token: SecretStr
    auth_token_second: SecretStr | None = None
    """Accepted on webhooks while tokens are rotated."""
    numbers: Strings = Field(min_length=1)
    api_base: str = "https://api.twilio.com"
    calls_per_second: float = Field(default=1.0, gt=0)
    messages_per_second: float = Field(default=1.0, gt=0)

    @field_validator("api_base")
    @classmethod
    def _readable_api_base(cls, url: str) -> str:
        if urlsplit(url).scheme not in {"http", "https"} or not urlsplit(url).hostname:
            raise ValueError(said("{url} is not a web address; write https://api.twilio.com", url=repr(url)))
        return url.rstrip("/")


class Ambulance(Section):
    """How a case reaches the ambulance."""

    mode: Literal["desk", "line", "push"] = "desk"
    phone: str | None = None
    endpoint: str | None = None
    format: Literal["fhir", "eido", "cap"] | None = None
    confirm_within: Seconds = 120.0
    agreement: str = ""

    @model_validator(mode="after")
    def _possible(self) -> Self:
        if self.mode == "push":
            sentence = for_later('mode = "push" (structured formats) comes in a later version; use "desk" or "line"')
            raise ValueError(said(sentence))
        if self.mode == "line" and not self.phone:
            raise ValueError(said('mode = "line" needs phone, the number of the contracted ambulance line'))
        return self


class Service(Section):
    """The service itself: where, in what language, how far, by which plan."""

    timezone: str = "Asia/Shanghai"
    language: Language = "zh-CN"
    country: str = "CN"
    desk_phones: Strings = ()
    reach_within: Seconds = 900.0
    plan: str = Field(default="standard", min_length=1)
    detour: float = Field(default=1.3, ge=1, le=5)
    walk_kmh: float = Field(default=4.5, gt=0, le=15)
    bicycle_kmh: float = Field(default=14.0, gt=0, le=45)
    car_kmh: float = Field(default=30.0, gt=0, le=130)

    @field_validator("timezone")
    @classmethod
    def _known_timezone(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (KeyError, ValueError, OSError):
            raise ValueError(f"{name!r} is not a time zone; {zones.hint(name)}") from None
        return name

    @property
    def zone(self) -> ZoneInfo:
        """The time zone of shifts and of texts for people."""
        return ZoneInfo(self.timezone)


class Watch(Section):
    """Who is told, by which paths of their own, when alarmd or what it needs falls silent."""

    ping_url: SecretStr | None = None
    """A dead-man's switch outside, asked for only while everything works."""
    ping_every: Seconds = Field(default=60.0, ge=5, le=86_400)
    alert_url: SecretStr | None = None
    """A webhook that is told of each trouble by a path that needs neither broker nor phone provider."""
    canary_every: Seconds = Field(default=300.0, ge=10, le=86_400)
    expect_traffic_within: Seconds | None = Field(default=None, ge=60)
    """None = learned from what came so far."""

    @field_validator("ping_url", "alert_url")
    @classmethod
    def _readable_url(cls, url: SecretStr | None) -> SecretStr | None:
        parts = urlsplit(url.get_secret_value()) if url is not None else None
        if parts is not None and (parts.scheme not in {"http", "https"} or not parts.hostname):
            raise ValueError(said("is not a web address; write for example https://hc-ping.com/your-uuid"))
        return url


class Log(Section):
    """The daemon's own log (not the event log, which is in the store)."""

    format: Literal["json", "console"] = "json"
    level: Literal["debug", "info", "warning", "error"] = "info"
