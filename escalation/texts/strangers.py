"""All that is known of a device that nobody registered, for the person at the desk who has to find it."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from escalation.texts.facts import Texts
from escalation.texts.phrases import mark

_FACTS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "family": mark("family {value}"),
        "topic": mark("topic {value}"),
        "via": mark("via {value}"),
        "user": mark("user {value}"),
        "battery": mark("battery {value}"),
        "at": mark("at {value}"),
        "says": mark("says {value}"),
    }
)
_VIA: Final[Mapping[str, str]] = MappingProxyType(
    {"door": mark("alarmd's own MQTT server"), "broker": mark("the MQTT broker")}
)


def known_of(facts: Mapping[str, object], texts: Texts) -> str:
    """Facts by their names; what a device calls its own measurements stays as it is."""
    told = []
    for name, value in facts.items():
        if value is None or value == "":
            continue
        shown = texts.gettext(_VIA[str(value)]) if name == "via" and value in _VIA else value
        told.append(texts.gettext(_FACTS[name]).format(value=shown) if name in _FACTS else f"{name} {value}")
    return "; ".join(told)


def retired(device: str, name: str, resident: str, texts: Texts) -> str:
    """Whose it was, of a device that was retired and speaks all the same."""
    said = texts.gettext("retired device {device} of {name} ({resident})")
    return said.format(device=device, name=name, resident=resident)


def perhaps(device: str, name: str, resident: str, texts: Texts) -> str:
    """Whose it may be, of a device of which another gateway speaks."""
    said = texts.gettext("its gateway may not speak for it; perhaps device {device} of {name} ({resident})")
    return said.format(device=device, name=name, resident=resident)
