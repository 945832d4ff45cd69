"""`alarmd run`: the daemon, in the foreground, until SIGTERM."""

from __future__ import annotations

import asyncio
import signal

import structlog

from alarmd import logging
from alarmd.cli.errors import UserError
from alarmd.cli.options import ConfigOption, settings_from
from alarmd.daemon import Daemon
from alarmd.door.server import DoorError
from alarmd.door.users import UsersFileError
from alarmd.store import StoreError
from alarmd.web.server import WebError
from alarmd.web.tokens import TokenError
from config.settings import Settings, SettingsError

log = structlog.get_logger()


def run(config: ConfigOption = None) -> None:
    """Run the daemon in the foreground, until SIGTERM."""
    settings = settings_from(config)
    logging.setup(settings.log.format, settings.log.level)
    broken = asyncio.run(_run(settings))
    if broken:
        raise UserError(
            f"stopped, because a part of the daemon broke ({broken}); start it again and report this", exit_code=1
        )


async def _run(settings: Settings) -> str:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    daemon = Daemon(settings)
    try:
        await daemon.start()
    except (StoreError, WebError, DoorError, UsersFileError, TokenError, SettingsError) as error:
        raise UserError(
            str(error), exit_code=2 if isinstance(error, SettingsError | UsersFileError | TokenError) else 1
        ) from None
    try:
        return await daemon.run_until(stop)
    finally:
        log.info("stopping")
        await daemon.stop()
        log.info("stopped")
