"""What the desk is told when alarmd, or something it needs, falls silent: one sentence, short enough for one text."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from escalation.texts.facts import Texts


class Silence(StrEnum):
    """What can fall silent."""

    BROKER = "broker"
    HEARING = "hearing"
    CANARY = "canary"
    TRAFFIC_BROKER = "traffic.broker"
    TRAFFIC_DOOR = "traffic.door"
    WRITER = "writer"
    PHONES = "phones"
    RECORD = "record"  # not silent, but no longer to be believed


def mark(message: str) -> str:
    """A sentence that is translated where it is said."""
    return message


_BEGAN: Final[Mapping[Silence, str]] = MappingProxyType(
    {
        Silence.BROKER: mark("alarmd: no connection to the MQTT broker. Presses do not get through. Please check it."),
        Silence.HEARING: mark("alarmd: the MQTT broker passes nothing on to alarmd. Presses may not get through."),
        Silence.CANARY: mark("alarmd: its own test press did not get through. Please check alarmd now."),
        Silence.TRAFFIC_BROKER: mark("alarmd: nothing came from the MQTT broker for a long time. Please check it."),
        Silence.TRAFFIC_DOOR: mark("alarmd: no device was heard for a long time. Please check gateways and network."),
        Silence.WRITER: mark("alarmd: its database does not answer. Please check the disk now."),
        Silence.RECORD: mark("alarmd: its event log was changed by somebody. Please run alarmd verify."),
        Silence.PHONES: mark(
            "alarmd: no phone provider works. Nobody can be rung. Please watch the alarms yourselves."
        ),
    }
)
_OVER: Final[Mapping[Silence, str]] = MappingProxyType(
    {
        Silence.BROKER: mark("alarmd: the MQTT broker is connected again."),
        Silence.HEARING: mark("alarmd: messages from the MQTT broker come through again."),
        Silence.CANARY: mark("alarmd: its own test press comes through again."),
        Silence.TRAFFIC_BROKER: mark("alarmd: messages come from the MQTT broker again."),
        Silence.TRAFFIC_DOOR: mark("alarmd: devices are heard again."),
        Silence.WRITER: mark("alarmd: its database answers again."),
        Silence.RECORD: mark("alarmd: its event log is whole again."),
        Silence.PHONES: mark("alarmd: a phone provider works again."),
    }
)


def began(silence: Silence, texts: Texts) -> str:
    """What has fallen silent, and what to do."""
    return texts.gettext(_BEGAN[silence])


def over(silence: Silence, texts: Texts) -> str:
    """That it is heard again."""
    return texts.gettext(_OVER[silence])
