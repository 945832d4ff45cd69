"""A small neighbourhood, in two languages: the same ids, so that one scenario plays in both."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

HERE = Path(__file__).parent
LANGUAGES = ("zh-CN", "en")


@dataclass(frozen=True)
class Neighbourhood:
    """The neighbourhood of one language.

    Attributes:
        language: ``zh-CN`` or ``en``.
        country: Two letters.
        timezone: Its name.
        ours: The service's own numbers, the second provider's second.
        line: The contracted ambulance line.
        desk: The desk's phone.
    """

    language: str
    country: str
    timezone: str
    ours: tuple[str, str]
    line: str
    desk: str

    @property
    def files(self) -> tuple[Path, ...]:
        """The CSV files, as an operator would write them."""
        return tuple(sorted((HERE / self.language).glob("*.csv")))

    @cached_property
    def people(self) -> dict[str, dict[str, str]]:
        """Everybody with a telephone, by the id the event log uses."""
        responders = {row["id"]: row for row in self._rows("responders")}
        circles = {f"circle:{row['id']}": row for row in self._rows("circles")}
        others = {"line": {"name": self._say("急救调度台", "Ambulance dispatch"), "phone": self.line}}
        others["desk:0"] = {"name": self._say("值班台", "Desk"), "phone": self.desk}
        return responders | circles | others

    @cached_property
    def resident(self) -> dict[str, str]:
        """Who presses in all the scenarios."""
        return self._rows("residents")[0]

    def _rows(self, name: str) -> list[dict[str, str]]:
        with (HERE / self.language / f"{name}.csv").open(encoding="utf-8-sig", newline="") as file:
            return list(csv.DictReader(file))

    def _say(self, chinese: str, english: str) -> str:
        return chinese if self.language.startswith("zh") else english


def of(language: str) -> Neighbourhood:
    """The neighbourhood whose people speak that language.

    Raises:
        ValueError: There is none.
    """
    match language:
        case "zh-CN":
            return Neighbourhood(
                language="zh-CN",
                country="CN",
                timezone="Asia/Shanghai",
                ours=("+862055500100", "+862055500200"),
                line="+861064211200",
                desk="+861064210300",
            )
        case "en":
            return Neighbourhood(
                language="en",
                country="GB",
                timezone="Europe/London",
                ours=("+441174960800", "+441174960900"),
                line="+441174960500",
                desk="+441174960300",
            )
        case _:
            raise ValueError(f"no neighbourhood speaks {language!r}; there are {' and '.join(LANGUAGES)}")
