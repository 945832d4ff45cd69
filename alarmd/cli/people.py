"""`alarmd people`: who can be rung, with the telephones, for a desk that rings by hand."""

from __future__ import annotations

import csv
import json
import sys
from typing import Annotated, Any

import typer

from alarmd.cli.errors import Exit, UserError
from alarmd.cli.log import quiet_end
from alarmd.cli.options import ConfigOption, settings_from
from alarmd.cli.telling import clean
from alarmd.store import reading
from alarmd.web.words import role_word
from config.settings import Settings
from config.wording import said

_COLUMNS = ("id", "name", "role", "phone", "language", "on_call")


def people(
    who: Annotated[
        str | None,
        typer.Argument(help="Only this one: an id, a name, a role or a telephone.", show_default=False),
    ] = None,
    config: ConfigOption = None,
    json_: Annotated[bool, typer.Option("--json", help="As JSON, for machines.")] = False,
    csv_: Annotated[bool, typer.Option("--csv", help="As CSV, for a spreadsheet.")] = False,
) -> None:
    """List the desk's telephones and the responders with theirs, to be rung by hand. Works while the daemon is down."""
    settings = settings_from(config)
    with quiet_end(), reading(settings.store.url) as tx:
        found = [one for one in _desk(settings) if who is None or who in one.values()]
        found += [{name: row[name] for name in _COLUMNS} for row in tx.all("desk_people", who=who)]
    if not found:
        sentence = said("There is no responder {who!r}.", who=who) if who else said("There is no responder yet.")
        raise UserError(sentence, Exit.FOUND)
    with quiet_end():
        if json_:
            sys.stdout.write(json.dumps(found, ensure_ascii=False, indent=2) + "\n")
        elif csv_:
            rows = csv.writer(sys.stdout, lineterminator="\n")
            rows.writerow(_COLUMNS)
            rows.writerows([one[name] for name in _COLUMNS] for one in found)
        else:
            sys.stdout.writelines(_line(one) for one in found)


def _desk(settings: Settings) -> list[dict[str, Any]]:
    phones = settings.service.desk_phones
    return [
        {
            "id": f"desk:{n}",
            "name": said("desk phone {number}", number=n + 1),
            "role": "desk",
            "phone": str(phone),
            "language": settings.service.language,
            "on_call": "",
        }
        for n, phone in enumerate(phones)
    ]


def _line(one: dict[str, Any]) -> str:
    phone = one["phone"] or said("no telephone")
    duty = f"  {one['on_call']}" if one["on_call"] else ""
    return clean(f"{phone}  {one['name']} ({one['id']})" + said(", ") + role_word(one["role"]) + duty) + "\n"
