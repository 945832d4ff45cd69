"""`alarmd commission`: prove each trigger of a home by its own real message, before the installer leaves the flat."""

from __future__ import annotations

import getpass
import sys
import time
from collections.abc import Callable
from typing import Annotated

import typer

from alarmd.cli.errors import Exit, UserError
from alarmd.cli.log import quiet_end, resident_like
from alarmd.cli.options import ConfigOption, settings_from
from alarmd.cli.telling import clean
from alarmd.clock import SystemClock
from alarmd.directory import lookup, proving
from alarmd.directory.health import LOW_BATTERY, State, health
from alarmd.directory.proving import TRIGGER_KINDS, Proof
from alarmd.following import Follower
from alarmd.ids import Ids
from alarmd.journal import LogEntry
from alarmd.store import Transaction, reading, writing
from config.settings import Settings
from escalation import plan
from escalation.people import Device, Resident

LOOK_EVERY_S = 0.2


def commission(
    resident: Annotated[str, typer.Argument(help="The resident's id or name.")],
    config: ConfigOption = None,
    by: Annotated[
        str | None, typer.Option("--by", help="Who installs. [default: the user]", show_default=False)
    ] = None,
    only: Annotated[list[str] | None, typer.Option("--only", help="Only this device; may be repeated.")] = None,
    call: Annotated[bool, typer.Option("--call", help="Have the telephone at home rung, too.")] = False,
    wait: Annotated[str, typer.Option(help="How long to wait for each trigger, 15m at most.")] = "5m",
) -> None:
    """Walk through a home: wait for each trigger's real test, show what came, and mark it as protected.

    The daemon must run. Each device is in test mode while it is waited for: its alarms ask nobody to come.
    Exit code 1 if a trigger is left that was not tested, a device that was never heard, or a SIM card nobody pays for.
    """
    settings = settings_from(config)
    who = by or getpass.getuser()
    patience = _patience(wait)
    url = settings.store.url
    with quiet_end(), reading(url) as tx:
        home = resident_like(tx, resident)
        devices = [d for d in lookup.devices(tx) if d.resident == home and d.kind in TRIGGER_KINDS]
        chosen = _chosen(devices, only or [], home)
        person = lookup.resident(tx, home)
    if call:
        _call(settings, person)
    for device in chosen:
        proof = _Trial(url, device, who).wait(patience)
        if proof is None:
            _say(f"  nothing came in {wait}: {device.id} is NOT protected")
    with reading(url) as tx:
        now = SystemClock().now()
        left = proving.said(proving.unproved(tx, home, now=now, zone=settings.zone))
        ending = [
            one for one in health(tx, now=now, zone=settings.zone, resident=home) if one.state is State.SIM_ENDING
        ]
    for one in ending:
        _say(f"{clean(one.id)}: its SIM card is paid until {one.sim_until} only, renew it")
    for reason in left:
        _say(f"NOT PROTECTED: {clean(reason)}")
    if left:
        raise typer.Exit(Exit.FOUND)
    which = "its one trigger" if len(devices) == 1 else f"each of its {len(devices)} triggers"
    _say(f"Protected: a test of {which} has arrived.")


class _Trial:
    """One trigger, tried."""

    def __init__(self, url: str, device: Device, by: str) -> None:
        self._url = url
        self._device = device
        self._by = by
        self._clock = SystemClock()
        self._others: set[str] = set()

    def wait(self, patience: float) -> Proof | None:
        """Put it into test mode, wait for its message, and take it out again, whatever happens."""
        device = self._device
        with Follower(self._url) as log:
            row = log.tx.one("journal_last")
            after = int(row["seq"]) if row else 0
            begun = self._clock.now()
            self._write(lambda tx: proving.begin(tx, device.id, by=self._by, now=begun))
            _say(f"{clean(device.id)} ({', '.join(filter(None, (device.kind, clean(device.room))))}): trigger it now")
            try:
                proof = self._look(log, after, patience)
            finally:
                self._write(lambda tx: proving.end(tx, device.id))
        if proof is None:
            return None
        took = (proof.at - begun).total_seconds()
        self._write(lambda tx: proving.give(tx, device, proof, by=self._by, seconds=took, now=self._clock.now()))
        radio = f"; {proof.strength}" if proof.strength else ""
        _say(f"  {proof.meant} came after {took:.1f} s; {_battery(proof)}{radio}")
        return proof

    def _look(self, log: Follower, after: int, patience: float) -> Proof | None:
        until = time.monotonic() + patience
        while time.monotonic() < until:
            for entry in log.read(after=after):
                after = entry.seq
                if (proof := proving.found(log.tx, iter((entry,)), self._device.id)) is not None:
                    return proof
                self._mention(entry)
            time.sleep(LOOK_EVERY_S)
        return None

    def _mention(self, entry: LogEntry) -> None:
        """The wrong button, or the right one under another address: else the installer only sees that nothing comes."""
        said = str(entry.data.get("type"))
        if entry.event != "signal.kept" or entry.device in (None, *self._others) or not proving.is_call(said):
            return
        name = clean(str(entry.device))
        if entry.resident == self._device.resident:
            _say(f"  {name} said {said} instead; it is not in test mode, people are asked to come: tell the desk")
        elif entry.resident is None:
            _say(f"  {name} ({entry.data.get('family')}) said {said} and is registered nowhere: is it this one?")
        self._others.add(name)

    def _write(self, work: Callable[[Transaction], None]) -> None:
        with writing(self._url) as tx:
            work(tx)


def _battery(proof: Proof) -> str:
    if proof.battery is None:
        return "it does not tell its battery"
    if proof.battery < LOW_BATTERY:
        return f"battery {proof.battery:.0f} %: LOW, change it now"
    return f"battery {proof.battery:.0f} %"


def _call(settings: Settings, person: Resident | None) -> None:
    if person is None or not person.phone:
        raise UserError("there is no telephone at home to ring: residents.csv, phone", Exit.FOUND)
    number, now = person.phone, SystemClock().now()
    who, attempt, language = f"resident:{person.id}", Ids().attempt(), settings.service.language
    with writing(settings.store.url) as tx:
        proving.call(tx, number, person=who, attempt=attempt, language=language, now=now)
    _say(f"The telephone at home ({number}) rings in a moment with a test call.")


def _chosen(devices: list[Device], only: list[str], home: str) -> list[Device]:
    if not devices:
        raise UserError(f"no trigger is registered for {home}; import devices.csv first", Exit.FOUND)
    for name in only:
        if name not in [device.id for device in devices]:
            raise UserError(
                f"{name!r} is no trigger of {home}; there are: {', '.join(d.id for d in devices)}", Exit.FOUND
            )
    return [device for device in devices if not only or device.id in only]


def _patience(wait: str) -> float:
    try:
        patience = plan.seconds(wait, "--wait")
    except plan.PlanError as error:
        raise UserError(str(error)) from None
    if patience > proving.TEST_MODE.total_seconds():
        raise UserError(f"--wait {wait}: test mode ends by itself after 15 minutes; write less")
    return patience


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()
