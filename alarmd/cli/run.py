"""`alarmd run`: the daemon, in the foreground, until SIGTERM."""

from __future__ import annotations

import asyncio
import os
import secrets
import signal
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack
from functools import partial
from typing import Any

import structlog
from pydantic import SecretStr

from alarmd import logging
from alarmd.cli.errors import Exit, UserError
from alarmd.cli.options import ConfigOption, settings_from
from alarmd.daemon import Daemon
from alarmd.directory import lookup
from alarmd.door.server import DoorError
from alarmd.door.users import UsersFileError
from alarmd.phone.accounts import SimulatedPhones
from alarmd.store import StoreError, path_of, place, reading
from alarmd.web.listening import WebError
from alarmd.web.tokens import TokenError
from config.settings import Phone, Settings, SettingsError
from config.wording import said

log = structlog.get_logger()

PHONES_PORT = 8090  # of the page of simulated phones; any free one if it is taken


def run(config: ConfigOption = None) -> None:
    """Run the daemon in the foreground, until SIGTERM."""
    settings = settings_from(config, secrets=True)
    logging.setup(settings.log.format, settings.log.level)
    broken = asyncio.run(_run(settings))
    if broken:
        problem = said(
            "stopped, because a part of the daemon broke ({part}); start it again and report this", part=broken
        )
        _end_if_somebody_waits(Exit.FOUND, problem)
        raise UserError(problem, exit_code=Exit.FOUND)
    _end_if_somebody_waits(Exit.DONE)


class _Threads(ThreadPoolExecutor):
    """The loop's threads, for whose end nobody waits: what must be finished at the stop was waited for by then."""

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:  # noqa: ARG002 - as its base class has it
        """Take nothing more."""
        super().shutdown(wait=False, cancel_futures=cancel_futures)


def _end_if_somebody_waits(code: Exit, problem: str = "") -> None:
    """End at once where a thread still waits for a name server or a broker that says nothing.

    Python waits for every thread, and one in the middle of looking up a name cannot be told to stop: systemd would lose
    patience and kill what has stopped already.
    """
    if all(thread.daemon or thread is threading.main_thread() for thread in threading.enumerate()):
        return
    if problem:
        sys.stderr.write(f"alarmd: {problem}\n")
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    os._exit(code)


async def _run(settings: Settings) -> str:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.set_default_executor(_Threads())
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    _say_if_new(settings)
    async with AsyncExitStack() as stack:
        daemon = Daemon(settings, simulated=await _simulated_phones(settings, stack))
        return await _serve(daemon, stop)


def _say_if_new(settings: Settings) -> None:
    """A misspelt address is not refused, for a new house has no store either; but nobody shall start so unaware."""
    store = path_of(settings.store.url).absolute()
    if store.exists():
        return
    log.warning("no store here: a new one without any resident is begun; was store.url meant?", store=str(store))
    others = [str(other) for other in place.others(store, settings.folder)]
    if others:
        log.error("residents are in another store, and in none that is read here: was it meant?", others=others)


async def _serve(daemon: Daemon, stop: asyncio.Event) -> str:
    try:
        await daemon.start()
    except (StoreError, WebError, DoorError, UsersFileError, TokenError, SettingsError) as error:
        raise UserError(
            str(error),
            exit_code=Exit.USAGE if isinstance(error, SettingsError | UsersFileError | TokenError) else Exit.FOUND,
        ) from None
    try:
        return await daemon.run_until(stop)
    finally:
        log.info("stopping")
        await daemon.stop()
        log.info("stopped")


async def _simulated_phones(settings: Settings, stack: AsyncExitStack) -> SimulatedPhones | None:
    """Phones to be answered by hand, for who tries alarmd out without an account; None where they are not installed."""
    if settings.phone:
        return None
    from importlib.metadata import entry_points  # noqa: PLC0415 - a real service need not wait for it at its start

    found = list(entry_points(group="alarmd.simulators", name="phones"))
    if not found:
        return None
    phones = await _start_phones(found[0].load(), settings)
    stack.push_async_callback(phones.stop)
    account = Phone(
        account_sid=phones.provider.account,
        auth_token=SecretStr(phones.provider.token),
        numbers=phones.provider.numbers,
        api_base=phones.url,
    )
    return SimulatedPhones(account=account, page=phones.page)


async def _start_phones(start: Any, settings: Settings) -> Any:
    # A token of this start's own: one that everybody could read in the source would let everybody sign key presses.
    wishes = {
        "webhooks": settings.web.base_url,
        "whose": partial(_whose, settings),
        "token": secrets.token_hex(16),
    }
    try:
        return await start(port=PHONES_PORT, **wishes)
    except OSError:
        return await start(port=0, **wishes)


def _whose(settings: Settings, number: str) -> list[tuple[str, str]]:
    """Who has a number, by the directory; the desk's phones are in the settings."""
    with reading(settings.store.url) as tx:
        known = lookup.names_of_number(tx, number)
    return known or ([(number, "desk")] if number in settings.service.desk_phones else [])
