"""Options that many commands share."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from alarmd.cli.errors import Exit, UserError
from alarmd.store import StoreError, Transaction, reading
from config import glance
from config.glance import Seen

if TYPE_CHECKING:
    from config.settings import Settings

ConfigOption = Annotated[
    Path | None,
    typer.Option(
        "-c",
        "--config",
        help="The settings. [default: $ALARMD_CONFIG, then ./alarmd.toml]",
        show_default=False,
        readable=False,  # `load` says as whom to run
    ),
]


def settings_from(config: Path | None, *, secrets: bool = False) -> Settings:
    """The settings a command runs with; ``secrets``: it needs the passwords and tokens too, and says which is missing.

    Raises:
        UserError: They cannot be used (exit code 2).
    """
    from config.settings import SettingsError, load  # noqa: PLC0415 - half a second, which `seen_from` saves

    try:
        return load(config, os.environ, secrets=secrets)
    except SettingsError as error:
        raise UserError(str(error)) from None


def seen_from(config: Path | None) -> Seen:
    """As much of the settings as a command needs that only looks: at once, and whatever is wrong with the rest.

    Raises:
        UserError: What it needs cannot be used (exit code 2).
    """
    return glance.glance(config, os.environ) or settings_from(config)


@contextmanager
def looked_at(settings: Settings) -> Iterator[Transaction]:
    """The store that the settings name, read only.

    Raises:
        UserError: It cannot be read (exit code 1).
    """
    try:
        with reading(settings.store.url) as tx:
            yield tx
    except StoreError as error:
        raise UserError(str(error), Exit.FOUND) from None
