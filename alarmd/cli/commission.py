"""`alarmd commission`: prove each trigger of a home by its own real message, before the installer leaves the flat."""

from __future__ import annotations

import contextlib
import getpass
import json
import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from typing import Annotated

import msgspec
import typer

from alarmd.cli import persons
from alarmd.cli.countdown import Countdown
from alarmd.cli.errors import Exit, UserError
from alarmd.cli.home_trial import HomeTrial
from alarmd.cli.liveness import Liveness
from alarmd.cli.log import quiet_end, resident_like
from alarmd.cli.options import ConfigOption, settings_from
from alarmd.cli.telling_parts import clean
from alarmd.clock import SystemClock
from alarmd.directory import lookup, proving
from alarmd.directory.health import Health, State, health
from alarmd.directory.proving import TEST_MODE, TRIGGER_KINDS
from alarmd.ids import Ids
from alarmd.naming import named
from alarmd.store import Row, reading, writing
from config import planbook
from config.settings import Settings
from config.wording import said, said_of
from escalation import plan
from escalation.people import Device, Resident


def commission(
    resident: Annotated[str, typer.Argument(help="The resident's id or name.")],
    config: ConfigOption = None,
    by: Annotated[
        str | None, typer.Option("--by", help="Who installs. [default: the user]", show_default=False)
    ] = None,
    only: Annotated[list[str] | None, typer.Option("--only", help="Only this device; may be repeated.")] = None,
    call: Annotated[bool, typer.Option("--call", help="Have the telephone at home rung, too.")] = False,
    wait: Annotated[str, typer.Option(help="How long to wait for the next trigger, 15m at most.")] = "5m",
    json_: Annotated[
        bool, typer.Option("--json", help="The result as JSON; what happens meanwhile on stderr.")
    ] = False,
) -> None:
    """Walk through a home: wait for each trigger's real test, show what came, and say whether it is protected.

    The daemon must run. Meanwhile the whole home is in test mode: its alarms ask nobody to come. Test mode ends with
    the command, and 15 minutes after its beginning at the latest; Ctrl-C ends it at once.
    Exit code 1 if a trigger did not come now, a device was never heard or is silent, or a SIM card is not paid for.
    """
    settings = settings_from(config)
    patience = _patience(wait)
    with quiet_end(), reading(settings.store.url) as tx:
        home = lookup.resident(tx, resident_like(tx, resident))
        assert home is not None
        devices = [device for device in lookup.devices(tx) if device.resident == home.id]
    wanted = _chosen([device for device in devices if device.kind in TRIGGER_KINDS], only or [], home.id)
    with quiet_end(), Liveness(settings) as alive, Countdown(sys.stderr if json_ else sys.stdout) as talk:
        if fault := alive.at_the_start():
            raise UserError(said("{fault}. Nothing was begun: without it no press arrives", fault=fault), Exit.FOUND)
        if call:
            _call(settings, home, talk)
        trial = HomeTrial(
            url=settings.store.url,
            home=home,
            devices=devices,
            wanted=wanted,
            by=persons.named(by) if by is not None else getpass.getuser(),
            patience=patience,
            talk=talk,
            alive=alive,
        )
        with _stopped(talk):
            trial.run()
        result = _judge(settings, home, trial, wanted)
        _tell(talk, result)
    if json_:
        sys.stdout.write(json.dumps(msgspec.to_builtins(result), ensure_ascii=False, indent=2) + "\n")
    if not result.protected:
        raise typer.Exit(Exit.FOUND)


class _Found(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one trigger."""

    id: str
    kind: str
    room: str
    waited_for: bool
    proved_now: bool
    meant: str | None = None
    seconds: float | None = None
    battery: float | None = None
    strength: str = ""
    tested_at: str | None = None
    tested_by: str = ""


class _Result(msgspec.Struct, frozen=True, kw_only=True):
    """What is handed over: protected only if all that was waited for came now, and nothing else is missing."""

    resident: str
    protected: bool
    triggers: tuple[_Found, ...]
    reasons: tuple[str, ...]
    notes: tuple[str, ...]


@contextlib.contextmanager
def _stopped(talk: Countdown) -> Iterator[None]:
    """Ctrl-C, a closed terminal and a kill end it in order: test mode is taken back, and the list is still told."""

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    heard = threading.current_thread() is threading.main_thread()  # elsewhere no signal arrives
    before = {number: signal.signal(number, stop) for number in (signal.SIGTERM, signal.SIGHUP)} if heard else {}
    try:
        yield
    except KeyboardInterrupt:
        talk.say(said("Stopped. Test mode is over: a press rings people again."), "bold")
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


# ---------------------------------------------------------------- the result


def _judge(settings: Settings, home: Resident, trial: HomeTrial, wanted: Sequence[Device]) -> _Result:
    now = SystemClock().now()
    with reading(settings.store.url) as tx:
        left = proving.said(proving.unproved(tx, home.id, now=now, zone=settings.zone))
        known = list(health(tx, now=now, zone=settings.zone, resident=home.id))
        proofs = {str(row["id"]): row for row in tx.all("proofs_of", resident=home.id)}
        triggers = tuple(_found(one, trial, wanted, proofs[one.id]) for one in known if one.kind in TRIGGER_KINDS)
    silent = [one.id for one in known if one.state is State.SILENT]
    reasons = list(left)
    if trial.waiting:
        reasons.insert(0, said("nothing came now from {devices}", devices=", ".join(trial.waiting)))
        reasons += trial.faults
    if silent:
        reasons.append(said("silent for longer than it may be: {devices}", devices=", ".join(silent)))
    notes = [
        said("{device}: its SIM card is paid until {day} only, renew it", device=one.id, day=one.sim_until)
        for one in known
        if one.state is State.SIM_ENDING
    ]
    return _Result(
        resident=home.id, protected=not reasons, triggers=triggers, reasons=tuple(reasons), notes=tuple(notes)
    )


def _found(one: Health, trial: HomeTrial, wanted: Sequence[Device], row: Row) -> _Found:
    proof = trial.proofs.get(one.id)
    return _Found(
        id=one.id,
        kind=one.kind,
        room=one.room,
        waited_for=one.id in {device.id for device in wanted},
        proved_now=proof is not None,
        meant=proof.meant if proof else None,
        seconds=round(trial.seconds[one.id], 1) if proof else None,
        battery=proof.battery if proof else None,
        strength=proof.strength if proof else "",
        tested_at=row["tested_at"],
        tested_by=row["tested_by"] or "",
    )


def _tell(talk: Countdown, result: _Result) -> None:
    for one in result.triggers:
        facts = said(", ").join(filter(None, (named(one.kind), one.room)))
        name = clean(said("{sentence} ({facts})", sentence=one.id, facts=facts))
        if one.proved_now:
            talk.say(said("  proved now: {device}", device=name), "green")
        elif one.tested_at and not one.waited_for:
            talk.say(
                said(
                    "  proved on {day} by {who}: {device}",
                    device=name,
                    day=one.tested_at[:10],
                    who=clean(one.tested_by),
                )
            )
        elif one.tested_at:
            talk.say(said("  NOT proved now, last on {day}: {device}", device=name, day=one.tested_at[:10]), "bold red")
        else:
            talk.say(said("  NOT proved: {device}", device=name), "bold red")
    for note in result.notes:
        talk.say(clean(note), "yellow")
    for reason in result.reasons:
        talk.say(said("NOT PROTECTED: {reason}", reason=clean(reason)), "bold red")
    if result.protected:
        words = said_of(
            "Protected: a test of its one trigger has arrived.",
            "Protected: a test of each of its {number} triggers has arrived.",
            len(result.triggers),
        )
        talk.say(words, "bold green")


# ---------------------------------------------------------------- what was asked for


def _call(settings: Settings, person: Resident, talk: Countdown) -> None:
    if not person.phone:
        raise UserError(said("there is no telephone at home to ring: residents.csv, phone"), Exit.FOUND)
    number, now = person.phone, SystemClock().now()
    who, attempt, language = f"resident:{person.id}", Ids().attempt(), settings.service.language
    with writing(settings.store.url) as tx:
        proving.call(tx, number, person=who, attempt=attempt, language=language, now=now)
    talk.say(said("The telephone at home ({number}) rings in a moment with a test call.", number=number))


def _chosen(triggers: list[Device], only: list[str], home: str) -> list[Device]:
    if not triggers:
        raise UserError(said("no trigger is registered for {home}; import devices.csv first", home=home), Exit.FOUND)
    known = ", ".join(device.id for device in triggers)
    for name in only:
        if name not in [device.id for device in triggers]:
            words = said("{name} is no trigger of {home}; there are: {known}", name=repr(name), home=home, known=known)
            raise UserError(words, Exit.FOUND)
    return [device for device in triggers if not only or device.id in only]


def _patience(wait: str) -> float:
    try:
        patience = plan.seconds(wait, "--wait")
    except plan.PlanError as error:
        raise UserError(planbook.told(error)) from None
    if patience > TEST_MODE.total_seconds():
        raise UserError(said("--wait {wait}: test mode ends by itself after 15 minutes; write less", wait=wait))
    return patience
