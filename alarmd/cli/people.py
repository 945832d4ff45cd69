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
from alarmd.cli.telling_parts import clean
from alarmd.directory.files.words import meant
from alarmd.store import reading
from alarmd.web.words import role_word
from config.settings import Settings
from config.wording import said
from escalation.people import Role

_COLUMNS = ("id", "name", "role", "phone", "language", "on_call")


def people(
    who: Annotated[
        str | None,
        typer.Argument(help="Only these: an id, a name or its beginning, a role or a telephone.", show_default=False),
    ] = None,
    config: ConfigOption = None,
    json_: Annotated[bool, typer.Option("--json", help="As JSON, for machines.")] = False,
    csv_: Annotated[bool, typer.Option("--csv", help="As CSV, for a spreadsheet.")] = False,
) -> None:
    """List the desk's telephones and the responders with theirs, to be rung by hand. Works while the daemon is down."""
    settings = settings_from(config)
    who = who and who.strip()
    role, phone = _role(who or ""), _phone(who or "", settings)
    with quiet_end(), reading(settings.store.url) as tx:
        desk = _desk(settings)
        found = [one for one in desk if not who or {who, role, phone} & set(one.values())]
        responders = tx.all("desk_people", who=who or None, role=role, phone=phone)
        found += [{name: row[name] for name in _COLUMNS} for row in responders]
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


def _role(who: str) -> str:
    """The role that is meant, as lists print it and files take it; else what was written."""
    roles = [str(role) for role in Role]
    printed = {role_word(role).casefold(): role for role in roles}
    return printed.get(who.casefold()) or meant("role", who, roles) or who


def _phone(who: str, settings: Settings) -> str:
    """The number that is meant, as people write it; else what was written."""
    if not any(sign.isdigit() for sign in who):
        return who
    from config import numbers  # noqa: PLC0415 - its tables are loaded only where somebody looks for a number

    try:
        return numbers.parse(who, settings.service.country)
    except numbers.NumberError:
        return who


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
