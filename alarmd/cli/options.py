"""Options that many commands share."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from alarmd.cli.errors import UserError
from config.settings import Settings, SettingsError, load

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
    try:
        return load(config, os.environ, secrets=secrets)
    except SettingsError as error:
        raise UserError(str(error)) from None
