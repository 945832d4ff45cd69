"""`alarmd simulate …`: the outside world, against any broker and any alarmd."""

from __future__ import annotations

import asyncio
import random
import signal
from collections.abc import Coroutine
from typing import Annotated, Any, TypeVar

import aiomqtt
import typer
from rich.console import Console

from alarmd.cli.errors import UserError
from alarmd.cli.helping import Command
from alarmd.clock import SystemClock
from config.wording import said
from simulators import buttons, dialects
from simulators import fleet as fleets
from simulators import phones as hand_phones
from simulators.broker import Broker
from simulators.fleet import Traffic
from simulators.twilio.lookalike import ACCOUNT, NUMBERS, TOKEN
from simulators.twilio.rules import is_e164
from simulators.wearable import Wearable

T = TypeVar("T")

app = typer.Typer(no_args_is_help=True, help="The outside world: buttons, fleets, phones, a dispatch line.")
console = Console(highlight=False)

BrokerOption = Annotated[str, typer.Option(help="A broker, or alarmd's own door: mqtt://user:password@host:1883.")]
DeviceOption = Annotated[
    str, typer.Option(help="The device's address: friendly name, devEUI …; empty = one that its family could have.")
]
FamilyOption = Annotated[str, typer.Option(help="How it speaks: a device family, such as zigbee2mqtt.")]
ListenOption = Annotated[str, typer.Option(help="host:port of the page, and of the API for api_base.")]
AccountOption = Annotated[str, typer.Option(help="account_sid of the [[phone]] section.")]
TokenOption = Annotated[str, typer.Option(help="auth_token of the [[phone]] section.")]
NumberOption = Annotated[list[str] | None, typer.Option(help="A number the account owns; may be repeated.")]
WebhooksOption = Annotated[str, typer.Option(help="alarmd's own address, for texts that are sent from here.")]

LOCAL_BROKER = "mqtt://127.0.0.1:1883"
LOCAL_PHONES = "127.0.0.1:8090"
LOCAL_ALARMD = "http://127.0.0.1:8080"


@app.command(cls=Command)
def press(
    broker: BrokerOption = LOCAL_BROKER,
    family: FamilyOption = "alarmd",
    device: DeviceOption = "",
    sends: Annotated[
        str,
        typer.Option("--signal", help="sos, press, fall, vital, location or heartbeat; the native family knows all."),
    ] = "sos",
    flaw: Annotated[str, typer.Option(help="One of the family's known flaws instead: see the simulators' page.")] = "",
    dies: Annotated[
        bool, typer.Option("--dies", help="Lose the line afterwards: the broker publishes the last will.")
    ] = False,
    wait: Annotated[float, typer.Option(help="Seconds to wait for the reply, where the family has one.", min=0)] = 5.0,
) -> None:
    """Press a button and say what came back; exit 1 if no reply came though the family has one."""
    device = _device(family, device)
    pressed = _run(_press(_broker(broker), family, device, sends, wait, flaw=flaw, dies=dies))
    _say(said("{device}: acknowledged after {time}", device=device, time=_ms(pressed.acknowledged)))
    if pressed.status is not None and pressed.replied is not None:
        facts = {"device": device, "status": repr(pressed.status), "time": _ms(pressed.replied)}
        if pressed.incident:
            _say(said("{device}: told {status} (incident {incident}) after {time}", incident=pressed.incident, **facts))
        else:
            _say(said("{device}: told {status} after {time}", **facts))
    elif family == "alarmd" and wait:
        raise UserError(
            said(
                "{device} got no reply within {seconds} s; is alarmd reading this broker?",
                device=device,
                seconds=f"{wait:g}",
            ),
            exit_code=1,
        )


async def _press(
    broker: Broker, family: str, device: str, sends: str, wait: float, *, flaw: str, dies: bool
) -> buttons.Pressed:
    async with buttons.Button(broker=broker, family=family, device=device) as button:
        await button.comes_up()
        pressed = await button.says(sends, patience=wait, flaw=flaw)
        if dies:
            await button.is_lost()
        return pressed


def _device(family: str, device: str) -> str:
    """The address given, or one that such a device could have."""
    try:
        return device or dialects.dialect(family).device
    except ValueError as error:
        raise UserError(str(error)) from None


@app.command(cls=Command)
def wearable(
    broker: BrokerOption = LOCAL_BROKER,
    family: FamilyOption = "alarmd",
    device: DeviceOption = "",
    *,
    lat: Annotated[float, typer.Option(help="Where the walk begins, WGS-84.", min=-90, max=90)] = 39.9571,
    lon: Annotated[float, typer.Option(help="Where the walk begins, WGS-84.", min=-180, max=180)] = 116.4186,
    steps: Annotated[int, typer.Option(help="How many reports of place and pulse.", min=0, max=10_000)] = 5,
    every: Annotated[float, typer.Option(help="Seconds between two reports.", min=0)] = 1.0,
    fall: Annotated[bool, typer.Option("--fall", help="Fall at the end of the walk.")] = False,
    seed: Annotated[int, typer.Option(help="The same number, the same walk.")] = 1,
) -> None:
    """Let a wristband walk about, and perhaps fall."""
    device = device or ("band" if family == "alarmd" else _device(family, device))
    worn = buttons.Button(broker=_broker(broker), family=family, device=device)
    _run(_wear(worn, (lat, lon), steps, every, falls=fall, seed=seed))


async def _wear(
    button: buttons.Button, place: tuple[float, float], steps: int, every: float, *, falls: bool, seed: int
) -> None:
    device = button.device
    async with button as band:
        worn = Wearable(band=band, lat=place[0], lon=place[1], chance=random.Random(seed))
        await worn.walks(steps=steps, every=every)
        where = f"{worn.lat:.5f}, {worn.lon:.5f}"
        _say(said("{device}: {number} reports acknowledged, now at {place}", device=device, number=steps, place=where))
        if falls:
            fell = await worn.falls()
            if fell.status:
                _say(said("{device}: fell; told {status}", device=device, status=repr(fell.status)))
            else:
                _say(said("{device}: fell; acknowledged after {time}", device=device, time=_ms(fell.acknowledged)))


@app.command(cls=Command)
def fleet(
    broker: BrokerOption = LOCAL_BROKER,
    devices: Annotated[int, typer.Option(help="How many devices.", min=1)] = 100,
    family: FamilyOption = "alarmd",
    rounds: Annotated[int, typer.Option(help="How many heartbeats of each.", min=1)] = 1,
    every: Annotated[float, typer.Option(help="Seconds between two heartbeats of one device.", min=0)] = 60.0,
    own_pace: Annotated[bool, typer.Option("--own-pace", help="As often as the family sends them.")] = False,
    prefix: Annotated[str, typer.Option(help="Addresses are PREFIX-000000 and on.")] = "sim",
) -> None:
    """Let many devices send their heartbeats, evenly spread."""
    _report(
        _run(
            fleets.fleet(
                _broker(broker),
                clock=SystemClock(),
                devices=devices,
                rounds=rounds,
                every=None if own_pace else every,
                prefix=prefix,
                family=family,
            )
        )
    )


@app.command(cls=Command)
def storm(
    broker: BrokerOption = LOCAL_BROKER,
    devices: Annotated[int, typer.Option(help="How many devices come back at once.", min=1)] = 1000,
    connections: Annotated[int, typer.Option(help="Over how many connections.", min=1)] = 50,
    press_device: Annotated[str, typer.Option("--press", help="A button pressed in the midst of it.")] = "",
    family: FamilyOption = "alarmd",
    others: Annotated[str, typer.Option(help="How those who come back speak.")] = "alarmd",
    prefix: Annotated[str, typer.Option(help="Addresses are PREFIX-000000 and on.")] = "sim",
) -> None:
    """Let all devices come back in the same moment, as after an outage."""
    button = (family, press_device) if press_device else None
    _report(
        _run(
            fleets.storm(
                _broker(broker),
                clock=SystemClock(),
                devices=devices,
                connections=connections,
                prefix=prefix,
                button=button,
                family=others,
            )
        )
    )


def _report(traffic: Traffic) -> None:
    _say(
        said(
            "{number} messages acknowledged in {seconds} s ({rate} a second)",
            number=traffic.messages,
            seconds=f"{traffic.seconds:.1f}",
            rate=f"{traffic.rate:.0f}",
        )
    )
    if traffic.press and traffic.press.replied is not None:
        after, status = f"{traffic.press.replied:.3f}", traffic.press.status
        _say(said("the press in the midst of it: {status} after {seconds} s", status=status, seconds=after))
    elif traffic.press:
        after = f"{traffic.press.acknowledged:.3f}"
        _say(said("the press in the midst of it: acknowledged after {seconds} s", seconds=after))


def _say(sentence: str) -> None:
    console.print(sentence, markup=False, soft_wrap=True)


def _ms(seconds: float) -> str:
    return said("{number} ms", number=f"{seconds * 1000:.1f}")


@app.command(cls=Command)
def phones(
    listen: ListenOption = LOCAL_PHONES,
    account: AccountOption = ACCOUNT,
    token: TokenOption = TOKEN,
    number: NumberOption = None,
    webhooks: WebhooksOption = LOCAL_ALARMD,
    dispatch_number: Annotated[
        str, typer.Option("--dispatch", help="A number that confirms hand-offs by itself.")
    ] = "",
) -> None:
    """A Twilio look-alike with a page on which calls and texts are answered by hand; until Ctrl-C."""
    _run(_serve(listen, account, token, number or list(NUMBERS), webhooks, dispatch_number))


@app.command(cls=Command)
def dispatch(
    number: Annotated[str, typer.Argument(help="The contracted line, as in ambulance.phone (+…).")],
    listen: ListenOption = LOCAL_PHONES,
    account: AccountOption = ACCOUNT,
    token: TokenOption = TOKEN,
    webhooks: WebhooksOption = LOCAL_ALARMD,
) -> None:
    """A dispatch centre behind the look-alike: it takes the hand-off, listens, and confirms by key; until Ctrl-C."""
    _run(_serve(listen, account, token, list(NUMBERS), webhooks, number))


async def _serve(
    listen: str, account: str, token: str, numbers: list[str], webhooks: str, dispatch_number: str
) -> None:
    host, _, port = listen.rpartition(":")
    if not host or not port.isdigit():
        raise UserError(
            said("{text} is not host:port; write for example {example}", text=repr(listen), example=LOCAL_PHONES)
        )
    for one in filter(None, [*numbers, dispatch_number]):
        if not is_e164(one):
            raise UserError(
                said(
                    "{number} is not a number in international form; write for example +861064211200", number=repr(one)
                )
            )
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, stop.set)
    running = await hand_phones.start(
        host=host,
        port=int(port),
        account=account,
        token=token,
        numbers=numbers,
        webhooks=webhooks,
        dispatch=dispatch_number,
    )
    owned = ", ".join(f'"{one}"' for one in numbers)
    _say(said("Open {page}  Ctrl-C ends it. In alarmd.toml:", page=running.page) + "\n")
    console.print(
        f'[[phone]]\nkind = "twilio"\naccount_sid = "{account}"\nauth_token = "{token}"\n'
        f'numbers = [{owned}]\napi_base = "{running.url}"',
        markup=False,
        soft_wrap=True,
    )
    try:
        await stop.wait()
    finally:
        await running.stop()


def _broker(url: str) -> Broker:
    try:
        return Broker.at(url)
    except ValueError as error:
        raise UserError(str(error)) from None


def _run(work: Coroutine[Any, Any, T]) -> T:
    """Run it; what a user can mend becomes a sentence."""
    try:
        return asyncio.run(work)
    except aiomqtt.MqttError as error:
        raise UserError(said("the broker cannot be used: {why}", why=error), exit_code=1) from None
    except OSError as error:
        raise UserError(
            said("cannot listen there: {why}; choose another port", why=error.strerror or error), exit_code=1
        ) from None
    except ValueError as error:
        raise UserError(str(error)) from None
