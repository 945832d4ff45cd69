"""`alarmd demo`: the daemon and a simulated neighbourhood in one process."""

from __future__ import annotations

from importlib.metadata import entry_points
from typing import Annotated

import typer

from alarmd.cli.errors import Exit, UserError
from config.wording import said


def demo(
    headless: Annotated[
        bool,
        typer.Option("--headless", help="Play the scenario, print its timeline; exit 0 only if it ended as it should."),
    ] = False,
    scenario: Annotated[str | None, typer.Option(help="Which story to play; `--scenario list` names them.")] = None,
    speed: Annotated[
        float | None, typer.Option(help="How many seconds of the story pass in one.", min=0.1, max=60)
    ] = None,
    language: Annotated[
        str | None,
        typer.Option(help="zh-CN or en, also written zh, en-GB … [default: the terminal's]", show_default=False),
    ] = None,
    port: Annotated[int, typer.Option(help="Port of the page; 0 = any free one.", min=0, max=65535)] = 0,
) -> None:
    """Watch one press bring a neighbour to the door: daemon, home, phones and ambulance in one process."""
    found = list(entry_points(group="alarmd.simulators", name="demo"))
    if not found:
        raise UserError(
            said("the simulators are not installed with this alarmd; install it whole to see the demo"),
            exit_code=Exit.FOUND,
        )
    play = found[0].load()
    raise typer.Exit(play(headless=headless, scenario=scenario, speed=speed, language=language, port=port))
