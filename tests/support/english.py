"""English that slipped into what a Chinese reader is shown: every ASCII word that is no name, id, unit or product."""

from __future__ import annotations

import re
from collections.abc import Iterable

from devices import registry

# Products, protocols and units, and what is typed as it is (keys of the settings, plans, calendars).
AS_IT_IS = frozenset(
    {
        *(
            "alarmd",
            "MQTT",
            "SIM",
            "HTTP",
            "API",
            "CSV",
            "JSON",
            "EN",
            "TSA",
            "T",
            "SMS",
            "WGS",
            "CST",
            "UTC",
            "Asia",
            "Shanghai",
        ),
        *(
            "twilio",
            "ping_url",
            "desk",
            "desk_phones",
            "fire",
            "gentle",
            "intruder",
            "standard",
            "technical",
            "verify",
            "water",
            "texts",
        ),
        *("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su", "PH", "off"),
        *registry.FAMILIES,
    }
)
_WORD = re.compile(r"(?<![A-Za-z0-9])[A-Za-z][A-Za-z_]+(?![A-Za-z0-9])")


def english(shown: str, names: Iterable[str] = ()) -> set[str]:
    """The English words in it.

    Args:
        shown: What was printed.
        names: Ids, names and people's own words, which nobody translates.
    """
    for name in sorted(filter(None, names), key=len, reverse=True):
        shown = shown.replace(name, " ")
    return set(_WORD.findall(shown)) - AS_IT_IS
