"""What a broker's rules have to allow, written from the settings as mosquitto's access list (``alarmd check --acl``).

The list that is shipped is this one for the settings as they are by default; a test holds the two together.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from devices import registry

LEVEL = "alarmd-check"
"""Stands for a wildcard in the topics of the check's own: no device and no gateway is called so."""
_NATIVE = registry.FAMILIES["alarmd"].name
_HEAD = """\
# Who may say what at mosquitto. Written by: alarmd check --acl
# It follows [mqtt] families and topics of alarmd.toml: write it anew when those change, and restart mosquitto.
# Make passwords with: mosquitto_passwd -c /etc/mosquitto/alarmd.passwords {user}
"""
_OWN = """\
# A device that speaks alarmd's own topics logs in under its own address, and can speak for no other.
pattern write alarmd/v1/%u/signal
pattern read alarmd/v1/%u/reply
"""


def trial_topic(pattern: str) -> str:
    """A topic that a filter matches and that nobody uses, to try whether what is said there is heard."""
    return "/".join(LEVEL if level in ("+", "#") else level for level in pattern.split("/"))


def filters(families: Sequence[str], assigned: Mapping[str, str]) -> dict[str, str]:
    """Every topic filter that is read, and the family that it is read for.

    Args:
        families: ``[mqtt] families``; empty = all.
        assigned: ``[mqtt] topics``.
    """
    names = families or tuple(registry.FAMILIES)
    own = {pattern: name for name in names for pattern in registry.named(name).subscriptions}
    return own | dict(assigned)


def mosquitto(families: Sequence[str], assigned: Mapping[str, str], *, user: str = "alarmd", client_id: str) -> str:
    """The access list.

    Args:
        families: As for `filters`.
        assigned: As for `filters`.
        user: Under which alarmd logs in.
        client_id: ``[mqtt] client_id``, from which the canary has its name.
    """
    read = filters(families, assigned)
    names = dict.fromkeys(read.values())
    return "\n".join(
        [
            _HEAD.format(user=user),
            f"# alarmd reads what each family's devices say, and answers them.\nuser {user}",
            *(line for name in names for line in _of_family(name, read)),
            "# It presses a button of its own, to notice when nothing comes through.",
            f"topic readwrite alarmd/v1/$canary-{client_id}/signal",
            "# What `alarmd check` tries out: what the broker keeps, and whether alarmd hears each family.",
            "topic readwrite alarmd/v1/$check/#",
            *(f"topic write {topic}" for topic in dict.fromkeys(map(trial_topic, read))),
            "",
            "# A family's gateway, or its devices, log in under the family's name and speak its topics only.",
            *(line for name in names for line in _gateway(name, read)),
            _OWN,
        ]
    )


def _of_family(name: str, read: Mapping[str, str]) -> Iterator[str]:
    yield f"# {name}"
    yield from (f"topic read {pattern}" for pattern, family in read.items() if family == name)
    yield from (f"topic write {pattern}" for pattern in registry.named(name).replies)


def _gateway(name: str, read: Mapping[str, str]) -> Iterator[str]:
    if name == _NATIVE:
        return  # its devices have patterns of their own, below
    yield f"user {name}"
    own = registry.named(name).subscriptions  # of which one may be another family's, too
    yield from (f"topic readwrite {pattern}" for pattern, family in read.items() if family == name or pattern in own)
    yield from (f"topic read {pattern}" for pattern in registry.named(name).replies)
    yield ""
