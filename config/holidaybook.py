"""Days off and make-up workdays by year: those alarmd ships, and yours in ``holidays/<country>.toml``, which win."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from datetime import date, timedelta
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

from config.faults import SettingsError
from config.wording import said
from escalation.holidays import Holidays

_KEYS = frozenset({"announced", "off", "workdays"})
_LONGEST = 60  # days; a holiday that is longer has a slip in its year
_NAME_AND_DAYS = 3
_LARGEST = 1_000_000  # bytes


def holidays(country: str, settings_path: Path | None = None) -> Holidays | None:
    """The lists of a country; None where there are none, and the rules of the opening-hours library hold.

    Args:
        country: ISO 3166 code.
        settings_path: The settings' file; its neighbour folder ``holidays`` is read. None = the shipped lists only.

    Raises:
        SettingsError: A list is faulty; the text names the file, the year and what is wrong.
    """
    if not (country.isascii() and country.isalpha()):
        return None
    years: dict[int, _Year] = {}
    for file in _files(f"{country.upper()}.toml", settings_path):
        years |= {year: _Year(file, year, table) for year, table in _tables(file)}
    if not years:
        return None
    return Holidays(
        off={day: name for year in years.values() for day, name in year.off},
        workdays=frozenset(day for year in years.values() for day in year.workdays),
        announced=frozenset(number for number, year in years.items() if year.announced),
    )


def _files(name: str, settings_path: Path | None) -> Iterator[Traversable]:
    shipped = resources.files("config").joinpath("holidays").joinpath(name)
    if shipped.is_file():
        yield shipped
    if settings_path is not None and (own := settings_path.parent / "holidays" / name).is_file():
        if own.stat().st_size > _LARGEST:
            raise SettingsError(said("{file}: is too large for a list of holidays", file=own))
        yield own


def _tables(file: Traversable) -> Iterator[tuple[int, dict[str, Any]]]:
    try:
        parsed = tomllib.loads(file.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{file}: {error}") from None
    except OSError as error:
        raise SettingsError(said("{file}: cannot be read: {why}", file=file, why=error.strerror)) from None
    for year, table in parsed.items():
        if not (year.isdecimal() and isinstance(table, dict)):
            raise SettingsError(
                said("{file}: {year}: write one table for each year, such as [2027]", file=file, year=year)
            )
        if unknown := sorted(set(table) - _KEYS):
            raise SettingsError(
                said(
                    "{where}: is not known; known are {keys}",
                    where=f"{file}: {year}.{unknown[0]}",
                    keys=", ".join(sorted(_KEYS)),
                )
            )
        yield int(year), table


class _Year:
    """One year of a file, checked."""

    def __init__(self, file: Traversable, year: int, table: dict[str, Any]) -> None:
        self._where = f"{file}: {year}"
        self._year = year
        self.announced = bool(table.get("announced", True))
        self.off = [pair for entry in self._list(table, "off") for pair in self._days(entry)]
        self.workdays = [self._day(each, "workdays") for each in self._list(table, "workdays")]
        if both := sorted({day for day, _ in self.off} & set(self.workdays)):
            raise SettingsError(said("{where}: {day} is both off and a workday", where=self._where, day=both[0]))

    def _list(self, table: dict[str, Any], key: str) -> list[Any]:
        found = table.get(key, [])
        if not isinstance(found, list):
            raise SettingsError(said("{where}: write a list", where=f"{self._where}.{key}"))
        return found

    def _days(self, entry: object) -> Iterator[tuple[date, str]]:
        if not isinstance(entry, list) or len(entry) != _NAME_AND_DAYS:
            raise SettingsError(said('{where}: write ["name", first day, last day]', where=f"{self._where}.off"))
        first, last = self._day(entry[1], "off"), self._day(entry[2], "off")
        if not 0 <= (last - first).days < _LONGEST:
            raise SettingsError(
                said("{where}: {first} to {last} is no holiday", where=f"{self._where}.off", first=first, last=last)
            )
        for number in range((last - first).days + 1):
            yield first + timedelta(days=number), str(entry[0])

    def _day(self, value: object, key: str) -> date:
        if type(value) is not date or value.year != self._year:
            raise SettingsError(
                said(
                    "{where}: {value} is not a day of {year}, such as {year}-05-01",
                    where=f"{self._where}.{key}",
                    value=value,
                    year=self._year,
                )
            )
        return value
