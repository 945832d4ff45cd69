"""`alarmd check`: before the first press, whether everything that a press needs is there."""

from __future__ import annotations

import asyncio
import os
import shutil
import sqlite3
import ssl
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Annotated
from uuid import uuid4

import aiomqtt
import typer
from rich.console import Console

from alarmd import journal, part_faults
from alarmd.cli import (
    broker_trial,
    directory_check,
    door_users,
    exposed,
    families,
    outside_trial,
    ports,
    unheard,
    webhook_trial,
)
from alarmd.cli.errors import Exit, UserError
from alarmd.cli.finding import Finding, Where, show
from alarmd.cli.options import ConfigOption, settings_from
from alarmd.clock import SystemClock
from alarmd.directory import lookup
from alarmd.door.users import Users, UsersFileError
from alarmd.intake.reader import Reader
from alarmd.phone.twilio import TwilioPhone
from alarmd.store import StoreError, Transaction, lock, path_of, place, reading, schema, shape
from alarmd.watch import record
from config import numbers
from config.faults import Location
from config.sections import Phone
from config.settings import Settings, SettingsError, plans
from config.wording import said, said_again
from escalation.people import Role
from escalation.plan import Plan

BROKER_TIMEOUT_S = 5.0
PROVIDER_TIMEOUT_S = 15.0
_FAILURE = 128  # an MQTT reason code from here on is a refusal
_LISTED = 5
ENOUGH_MB = 100  # of a disk that takes every press


def check(
    config: ConfigOption = None,
    settings_only: Annotated[
        bool, typer.Option("--settings-only", help="Read settings and plans; connect to nothing.")
    ] = False,
    acl: Annotated[
        bool, typer.Option("--acl", help="Print mosquitto's access list for these settings; check nothing.")
    ] = False,
    quick: Annotated[
        bool, typer.Option("--quick", help="Leave out what takes long: what the broker keeps, and the older event log.")
    ] = False,
) -> None:
    """Check the settings, then that store, broker, phone providers and dispatch can be reached; exit 1 on a fault."""
    if acl:
        typer.echo(families.access_list_of(settings_from(config)), nl=False)
        return
    settings = settings_from(config, secrets=True)
    try:
        known = plans(settings.path)
    except SettingsError as error:
        raise UserError(str(error)) from None
    console = Console(highlight=False, soft_wrap=True)
    where = Where(settings.path)
    findings = list(_settings(settings, known, listen=not settings_only))
    for finding in findings:
        show(console, finding, where)
    if not settings_only:
        findings += asyncio.run(_outside(settings, known, lambda finding: show(console, finding, where), quick=quick))
    if any(finding.ok is False for finding in findings):
        raise typer.Exit(Exit.FOUND)


# ---------------------------------------------------------------- settings and plans


def _settings(settings: Settings, known: dict[str, Plan], *, listen: bool) -> Iterator[Finding]:
    yield Finding(ok=True, what="plans", text=", ".join(sorted(known)))
    yield from _door(settings, listen=listen)
    address = settings.web.address
    yield _port("web", address.host, address.port, settings, listen=listen)
    yield from exposed.found(settings)
    yield from _desk(settings)
    for location, number in _own_numbers(settings):
        if (
            number.startswith("+")
            and not numbers.is_emergency(number, settings.service.country)
            and not numbers.is_assigned(number)
        ):
            text = said("{number} is in no range of numbers known to be in use", number=number)
            yield Finding(ok=False, what="number", text=text, where=location)


def _door(settings: Settings, *, listen: bool) -> Iterator[Finding]:
    mqtt = settings.mqtt
    if mqtt.door is None:
        return
    if mqtt.users_file is None and not mqtt.door.is_loopback:
        text = said("{listen} without users_file lets in this machine only; name a users_file", listen=mqtt.listen)
        yield Finding(ok=False, what="door", text=text, where=("mqtt", "listen"))
        return
    try:
        if mqtt.users_file is not None:
            yield from door_users.findings(Users(settings.folder / mqtt.users_file))
        if mqtt.tls_cert is not None and mqtt.tls_key is not None:
            ssl.create_default_context(ssl.Purpose.CLIENT_AUTH).load_cert_chain(mqtt.tls_cert, mqtt.tls_key)
    except UsersFileError as error:
        yield Finding(ok=False, what="door", text=str(error), where=("mqtt", "users_file"))
    except OSError as error:  # ssl.SSLError is one
        yield Finding(
            ok=False, what="door", text=said("the certificate: {error}", error=error), where=("mqtt", "tls_cert")
        )
    else:
        yield _port("door", mqtt.door.host, mqtt.door.port, settings, listen=listen)


def _port(what: str, host: str, port: int, settings: Settings, *, listen: bool) -> Finding:
    where: Location = ("mqtt" if what == "door" else what, "listen")
    if not listen:
        return Finding(ok=None, what=what, text=said("to listen on {host}:{port}; not tried", host=host, port=port))
    well, text = ports.fault(host, port, path_of(settings.store.url))
    return Finding(ok=well, what=what, text=text, where=where)


def _desk(settings: Settings) -> Iterator[Finding]:
    phones = settings.service.desk_phones
    people = 0 if phones else _desk_people(settings)
    if phones:
        numbers_ = ", ".join(phones)
        yield Finding(ok=True, what="desk", text=said("{numbers}; not rung by this check", numbers=numbers_))
    elif people:
        text = said("no desk_phones, but {number} responders of role desk", number=people)
        yield Finding(ok=True, what="desk", text=text)
    else:
        text = said("no desk_phones and no responder of role desk: the last step of every plan has nowhere to ring")
        yield Finding(ok=False, what="desk", text=text, where=("service", "desk_phones"))
    ambulance = settings.ambulance
    if ambulance.mode == "line":
        text = said("line {number}; not rung by this check", number=ambulance.phone)
        yield Finding(ok=True, what="ambulance", text=text)
    else:
        reachable = bool(phones or people)
        text = said("a person at the desk hands over") if reachable else said("mode desk, and no desk to ring")
        yield Finding(ok=reachable, what="ambulance", text=text, where=("ambulance", "mode"))


def _desk_people(settings: Settings) -> int:
    try:
        with reading(settings.store.url) as tx:
            return len(lookup.responders_of_role(tx, Role.DESK))
    except StoreError:  # told of where the store is looked at
        return 0


def _own_numbers(settings: Settings) -> Iterator[tuple[Location, str]]:
    for i, number in enumerate(settings.service.desk_phones):
        yield ("service", "desk_phones", i), number
    if settings.ambulance.phone:
        yield ("ambulance", "phone"), settings.ambulance.phone


# ---------------------------------------------------------------- what is outside


async def _outside(
    settings: Settings, known: dict[str, Plan], tell: Callable[[Finding], None], *, quick: bool
) -> list[Finding]:
    found: list[Finding] = []
    for finding in _store(settings, known, quick=quick):
        tell(finding)
        found.append(finding)
    async for finding in _reached(settings, quick=quick):
        tell(finding)
        found.append(finding)
    return found


async def _reached(settings: Settings, *, quick: bool) -> AsyncIterator[Finding]:
    if settings.mqtt.broker is not None:
        found = [finding async for finding in _broker(settings, quick=quick)]
        for finding in found:
            yield finding
        if found[0].ok and not quick:
            for finding in await asyncio.to_thread(_tried, settings):
                yield finding
            for finding in await asyncio.to_thread(_hears, settings):
                yield finding
    if not settings.phone:
        text = said("none is configured: nobody is rung, texts and calls only show in the log")
        yield Finding(ok=False, what="phone", text=text, where=("phone",))
    for i, phone in enumerate(settings.phone):
        yield await _provider(settings, phone, ("phone", i))
    if settings.phone:
        yield await _webhooks(settings)
        well, text = await outside_trial.clock(settings.phone[0].api_base, SystemClock().now())
        yield Finding(ok=well, what="clock", text=text)
    async for finding in _watchers(settings):
        yield finding


def _store(settings: Settings, known: dict[str, Plan], *, quick: bool) -> Iterator[Finding]:
    where: Location = ("store", "url")
    path = path_of(settings.store.url)
    if not path.exists():
        yield _no_store(path, settings, where)
        return
    try:
        with reading(settings.store.url) as tx:
            damage = tx.one("store_damage")
            if damage is not None and damage[0] != "ok":
                text = said("{path} is damaged: {fault}", path=path, fault=damage[0])
                yield Finding(ok=False, what="store", text=text, where=where)
                return
            if (foreign := shape.fault(path)) is not None:
                yield Finding(ok=False, what="store", text=foreign, where=where)
            yield _writable_store(path, where)
            yield _log(tx, last=record.LAST if quick else None)
            yield from directory_check.found(tx, settings, known)
    except (StoreError, sqlite3.DatabaseError) as error:
        yield Finding(ok=False, what="store", text=str(error), where=where)


def _log(tx: Transaction, *, last: int | None) -> Finding:
    verdict = journal.verify(tx, last=last)
    if verdict.bad_seq is None:
        text = said("{number} entries, the chain is whole", number=verdict.count)
        return Finding(ok=True, what="event log", text=text)
    text = said("it is bad from seq {seq} on: {why}", seq=verdict.bad_seq, why=said_again(verdict.why, journal.FAULTS))
    return Finding(ok=False, what="event log", text=text)


def _writable_store(path: Path, where: Location) -> Finding:
    """A store that can be read is not yet one that takes a press."""
    if not os.access(path, os.W_OK) or not _writable(path.parent):
        text = said("{path}: this user may read it, but not write it: check as the user that alarmd runs as", path=path)
        return Finding(ok=False, what="store", text=text, where=where)
    free = shutil.disk_usage(path.parent).free // 1_000_000
    if free < ENOUGH_MB:
        text = said("{path}: only {free} MB are free on its disk", path=path, free=free)
        return Finding(ok=False, what="store", text=text, where=where)
    if (fault := place.fault(path)) is not None:
        return Finding(ok=False, what="store", text=fault, where=where)
    return Finding(ok=True, what="store", text=said("{path}, version {version}", path=path, version=schema.head()))


def _no_store(path: Path, settings: Settings, where: Location) -> Finding:
    """A new house has none yet; but a misspelt address looks the same, and would start without a single resident."""
    text = said("there is no store here yet: {path}; a start creates an empty one", path=path)
    if (fault := place.fault(path)) is not None:
        return Finding(ok=False, what="store", text=fault, where=where)
    if not _writable(path.parent):
        text = said("{text}, but {folder} cannot be written", text=text, folder=path.parent)
        return Finding(ok=False, what="store", text=text, where=where)
    others = [str(other) for other in place.others(path, settings.folder)]
    if others:
        shown = ", ".join(others[:_LISTED])
        text = said("{text}; is store.url misspelt? There is a store at {others}", text=text, others=shown)
    return Finding(ok=not others, what="store", text=text, where=where)


def _writable(folder: Path) -> bool:
    probe = folder / f".alarmd-{uuid4().hex}"
    try:
        probe.touch()
        probe.unlink()
    except OSError:
        return False
    return True


async def _broker(settings: Settings, *, quick: bool) -> AsyncIterator[Finding]:
    """Whether it lets us read what we read; then what else speaks there."""
    mqtt, where = settings.mqtt, ("mqtt", "url")
    assert mqtt.broker is not None
    shown = f"{mqtt.broker.host}:{mqtt.broker.port}"
    filters = Reader(mqtt.families, mqtt.topics).filters
    client = aiomqtt.Client(
        mqtt.broker.host,
        mqtt.broker.port,
        username=mqtt.broker.username,
        password=mqtt.password.get_secret_value() if mqtt.password else None,
        identifier=f"{mqtt.client_id}-check-{uuid4().hex[:8]}",  # never the daemon's own: that would throw it out
        protocol=aiomqtt.ProtocolVersion.V5,
        tls_context=ssl.create_default_context() if mqtt.broker.tls else None,
        timeout=BROKER_TIMEOUT_S,
    )
    try:
        async with asyncio.timeout(BROKER_TIMEOUT_S * 2), client:
            for topic in filters:
                codes = await client.subscribe(topic, qos=1)
                refused = [code for code in codes if getattr(code, "value", code) >= _FAILURE]
                if refused:
                    text = said(
                        "{broker} does not let alarmd read {topic}: {code}", broker=shown, topic=topic, code=refused[0]
                    )
                    yield Finding(ok=False, what="broker", text=text, where=where)
                    return
            yield Finding(ok=True, what="broker", text=said("{broker} lets alarmd in", broker=shown))
            wanted = {} if quick else await unheard.listen(client, filters, mqtt.families or None)
    except (aiomqtt.MqttError, OSError, TimeoutError) as error:
        text = said("{broker} cannot be used: {fault}", broker=shown, fault=str(error) or said("no answer"))
        yield Finding(ok=False, what="broker", text=text, where=where)
        return
    for pattern, family in wanted.items():
        text = said(
            "somebody speaks {family} under {topic} and is not read; set topics = {setting}",
            family=family,
            topic=pattern[:-2],
            setting=f'{{ "{pattern}" = "{family}" }}',
        )
        yield Finding(ok=False, what="topics", text=text, where=("mqtt", "topics"))


def _tried(settings: Settings) -> list[Finding]:
    """What the broker does with what nobody has acknowledged."""
    mqtt, where = settings.mqtt, ("mqtt", "url")
    assert mqtt.broker is not None
    try:
        trial = broker_trial.attempt(mqtt.broker, mqtt.password.get_secret_value() if mqtt.password else None)
    except broker_trial.TrialError as error:
        return [Finding(ok=False, what="redelivery", text=said("not tried: {error}", error=error), where=where)]
    held = broker_trial.UNACKNOWLEDGED
    again = trial.redelivered == held
    text = (
        said("what alarmd had not acknowledged when it fell comes again")
        if again
        else said(
            "of {held} messages that were not acknowledged only {again} came again: "
            "what alarmd has in hand when it falls is lost",
            held=held,
            again=trial.redelivered,
        )
    )
    return [Finding(ok=again, what="redelivery", text=text, where=where), _kept_while_away(trial, where)]


def _hears(settings: Settings) -> list[Finding]:
    return [Finding(ok=ok, what="families", text=text, where=("mqtt", "url")) for ok, text in families.heard(settings)]


def _kept_while_away(trial: broker_trial.Trial, where: Location) -> Finding:
    if trial.kept == trial.sent:
        text = said("keeps what comes while alarmd is away: all {number} of {number} messages tried", number=trial.sent)
        return Finding(ok=True, what="queue", text=text)
    if not trial.resumed:
        text = said("keeps no session: whatever comes while alarmd is away is lost; let it keep persistent sessions")
        return Finding(ok=False, what="queue", text=text, where=where)
    queued, of = trial.kept + trial.redelivered, trial.sent + broker_trial.UNACKNOWLEDGED
    text = said(
        "queues {queued} of {all} messages while alarmd is away and drops the others without a word; "
        "for mosquitto write max_queued_messages 0",
        queued=queued,
        all=of,
    )
    return Finding(ok=False, what="queue", text=text, where=where)


async def _provider(settings: Settings, phone: Phone, where: Location) -> Finding:
    provider = TwilioPhone(
        account_sid=phone.account_sid,
        auth_token=phone.auth_token.get_secret_value(),
        numbers=phone.numbers,
        public_url=settings.web.base_url,
        clock=SystemClock(),
        api_base=phone.api_base,
    )
    try:
        async with asyncio.timeout(PROVIDER_TIMEOUT_S):
            fault = await provider.usable()
    except TimeoutError:
        fault = said("{url} does not answer", url=phone.api_base)
    finally:
        await provider.close()
    text = (
        part_faults.told(fault)
        if fault
        else said("{provider}: the account works; nothing was sent", provider=provider.name)
    )
    return Finding(ok=fault is None, what="phone", text=text, where=where)


async def _webhooks(settings: Settings) -> Finding:
    """Whether what a provider sends arrives: asked by the public address, as it would."""
    address, store = settings.web.address, path_of(settings.store.url)
    runs = await asyncio.to_thread(lock.is_held, store)
    free, _ = ports.fault(address.host, address.port, store)
    verdict = await webhook_trial.attempt(settings, runs=runs, free=free and not runs)
    return Finding(ok=verdict.well, what="webhooks", text=verdict.text, where=("web", "public_url"))


async def _watchers(settings: Settings) -> AsyncIterator[Finding]:
    """Who would notice from outside that this machine is dead, and whether the way there is open."""
    watch = settings.watch
    for key, url in (("ping_url", watch.ping_url), ("alert_url", watch.alert_url)):
        if url is None:
            continue
        fault = await outside_trial.way_to(url.get_secret_value())
        if fault:
            text = said("{key} is not reached: {fault}", key=key, fault=fault)
            yield Finding(ok=False, what="watchdog", text=text, where=("watch", key))
        else:
            yield Finding(ok=True, what="watchdog", text=said("{key} is reached; nothing was sent to it", key=key))
    if watch.ping_url is None:
        yield Finding(
            ok=None, what="watchdog", text=said("no ping_url: nobody outside notices when this machine is dead")
        )
