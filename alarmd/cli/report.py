"""`alarmd report`: one month's figures from the event log."""

from __future__ import annotations

import json
import re
import sys
from datetime import datetime
from typing import Annotated, Any

import msgspec
import typer
from rich.table import Table

from alarmd import journal
from alarmd.cli.errors import UserError
from alarmd.cli.log import quiet_end
from alarmd.cli.options import ConfigOption, settings_from
from alarmd.cli.terminal import terminal
from alarmd.figures import Figures, Share, Spread, figures
from alarmd.store import reading
from config.settings import Settings

_MONTH = re.compile(r"\d{4}-(?:0[1-9]|1[0-2])")


def report(
    month: Annotated[
        str, typer.Option(metavar="YYYY-MM", help="Which month, in the service's time zone.", show_default=False)
    ],
    config: ConfigOption = None,
    json_: Annotated[bool, typer.Option("--json", help="As JSON; times in seconds.")] = False,
) -> None:
    """The figures that centres are held to: contact, answer, arrival, hand-over."""
    settings = settings_from(config)
    if not _MONTH.fullmatch(month):
        raise UserError(f"--month {month!r}: write it as 2026-11")
    start = datetime.fromisoformat(f"{month}-01").replace(tzinfo=settings.zone)
    end = start.replace(year=start.year + start.month // 12, month=start.month % 12 + 1)
    with quiet_end():
        with reading(settings.store.url) as tx:
            found = figures(journal.read(tx, since=start), start, end)
        if json_:
            sys.stdout.write(json.dumps({"month": month, **_as_json(found)}, ensure_ascii=False, indent=2) + "\n")
        else:
            _print(settings, month, found)


def _as_json(found: Figures) -> dict[str, Any]:
    def plain(value: Any) -> Any:
        if isinstance(value, Share):
            return {"count": value.count, "of": value.of, "percent": value.percent}
        return msgspec.to_builtins(value)

    return {name: plain(value) for name, value in msgspec.structs.asdict(found).items()}


def _print(settings: Settings, month: str, found: Figures) -> None:
    table = Table(title=f"{month} ({settings.service.timezone})", show_header=False, title_justify="left")
    table.add_column()
    table.add_column(justify="right")
    table.add_column(style="bright_black")
    table.add_row("incidents", str(found.incidents), ", ".join(f"{kind} {n}" for kind, n in found.by_kind.items()))
    table.add_row("time to first contact", _times(found.first_contact), "until a provider took the first text or call")
    table.add_row(
        "time to a person's answer", _times(found.answered), "a key, a reply with the code, the link, the desk"
    )
    table.add_row("answered in 60 s", _share(found.answered_in_60), "held to: 97.5 % (TSA)")
    table.add_row("answered in 180 s", _share(found.answered_in_180), "held to: 99 % (TSA)")
    table.add_row("accepted", _share(found.accepted), _times(found.accepting))
    table.add_row("arrived", _share(found.arrived), _times(found.arriving))
    table.add_row("arrived in 15 minutes", _share(found.arrived_in_15_min), "the care circle's promise")
    table.add_row("handed to the ambulance", _share(found.handed_over), "")
    table.add_row("pressed again", str(found.raised), "")
    table.add_row("accepted and late", str(found.overdue), "")
    table.add_row("gaps", str(found.gaps), "nobody to ask, or not to be reached")
    table.add_row("texts and calls refused", str(found.messages_refused), "")
    table.add_row("still open", str(found.still_open), "")
    terminal().print(table)


def _times(spread: Spread) -> str:
    if spread.p50 is None or spread.p99 is None:
        return "never"
    return f"p50 {_seconds(spread.p50)}, p99 {_seconds(spread.p99)}"


def _seconds(value: float) -> str:
    minute = 60
    return f"{value:.1f} s" if value < minute else f"{int(value) // minute}:{int(value) % minute:02} min"


def _share(share: Share) -> str:
    return "–" if share.percent is None else f"{share.percent:.1f} % ({share.count} of {share.of})"
