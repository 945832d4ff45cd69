"""What `alarmd check` says of the users of alarmd's own door: what the default lets them do, and who could do more."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Sequence
from itertools import product

from alarmd.cli.finding import Finding
from alarmd.door.users import FEWEST_ITERATIONS, Users
from alarmd.ties import Tied
from config.wording import for_later, said, said_of
from devices import bases, registry
from devices.families.alarmd import NAME as NATIVE
from devices.family import Family

_NAMED = 5
_PRESS, _REPLY = "signal", "reply"
_OWN_LEVELS = 4


def findings(users: Users) -> Iterator[Finding]:
    """What is to be known of a users file that can be read."""
    plain = [name for name, grants in users.grants.items() if grants.publish == (f"alarmd/v1/{name}/signal",)]
    if plain:
        text = said_of(
            "{number} user without topics of its own publishes alarmd/v1/NAME/signal and hears alarmd/v1/NAME/reply, "
            "no more",
            "{number} users without topics of their own publish alarmd/v1/NAME/signal and hear alarmd/v1/NAME/reply, "
            "no more",
            len(plain),
        )
        yield Finding(ok=True, what="door", text=text)
    untied = [
        name
        for name, grants in users.grants.items()
        if grants.families is None and any("#" in one or "+" in one for one in grants.publish)
    ]
    if untied:
        text = said(
            "what these users publish may be read by every device family: {users}; "
            "`alarmd door-user NAME --families FAMILY` ties a gateway to its own",
            users=_listed(untied),
        )
        yield Finding(ok=True, what="door", text=text)
    yield from _bases(users)
    yield from _beyond_their_own(users)
    if users.cheap:
        text = said(
            "these users are let in, but the hash of their password has fewer than {rounds} rounds, as "
            "mosquitto_passwd writes it: somebody who has the file soon guesses a password that a person thought up; a "
            "generated one is safe. `alarmd door-user NAME` with the same password hashes it again, and nothing "
            "changes for the device: {users}",
            rounds=f"{FEWEST_ITERATIONS:,}",
            users=_listed(users.cheap),
        )
        yield Finding(ok=None, what="door", text=text)  # no fault: a file of mosquitto's own works as it is


def _bases(users: Users) -> Iterator[Finding]:
    """Gateways under a base topic of their own, and those that share one."""
    tied = {name: grants.families for name, grants in users.grants.items() if isinstance(grants.families, Tied)}
    own = [
        f"{name} ({base})"
        for name, ties in tied.items()
        for base in sorted({bases.fixed(pattern) for pattern in ties.filters})
        if base and not all(_is_usual(registry.named(family), base) for family in ties)
    ]
    if own:
        text = said(
            "devices behind these users are registered with the base topic in front, as in home2//bed_button, unless "
            "their own address holds it: {users}",
            users=_listed(own),
        )
        yield Finding(ok=True, what="door", text=text)
    shared = sorted(
        {name for name, ties in tied.items() for other, more in tied.items() if name != other and _share(ties, more)}
    )
    if shared:
        text = said(
            "these users may speak for each other's devices, for they have the same family and base topic: {users}; "
            "--topics of `alarmd door-user` gives each its own",
            users=_listed(shared),
        )
        yield Finding(ok=True, what="door", text=text)


def _beyond_their_own(users: Users) -> Iterator[Finding]:
    """Who may press, answer or listen where alarmd's own buttons have their topics.

    No fault: a bridge from another broker has to. But with its password every home is called from, or listened to.
    """
    speaks, answers, hears = [], [], []
    names = users.grants.keys()
    for name, grants in users.grants.items():
        is_read = grants.families is None or NATIVE in grants.families
        if is_read and (pattern := _beyond(name, grants.publish, (_PRESS,), names)):
            speaks.append(f"{name} ({pattern})")
        if pattern := _beyond(name, grants.publish, (_REPLY,), names):
            answers.append(f"{name} ({pattern})")
        if pattern := _beyond(name, grants.subscribe, (_PRESS, _REPLY), names):
            hears.append(f"{name} ({pattern})")
    for whom, sentence in (
        (speaks, for_later("these users may press in the name of other users' buttons: {users}")),
        (answers, for_later("these users may tell other users' buttons that help is coming: {users}")),
        (hears, for_later("these users hear when other users' buttons are pressed, or answered: {users}")),
    ):
        if whom:
            text = said(sentence, users=_listed(whom)) + said(
                "; should that not be, `alarmd door-user NAME --topics TOPICS` gives each only its own"
            )
            yield Finding(ok=None, what="door", text=text)


def _beyond(name: str, patterns: Iterable[str], leaves: Iterable[str], names: Container[str]) -> str:
    """The first of these filters that allows another user's topic which ends so; empty where none does."""
    for pattern, leaf in product(patterns, leaves):
        whose = _whose(pattern.split("/"), leaf)
        if whose == "+" or (whose != name and whose in names):
            return pattern
    return ""


def _whose(levels: Sequence[str], leaf: str) -> str:
    """Of whose topics ``alarmd/v1/NAME/leaf`` a filter allows one: a name, ``+`` for everybody's, empty for none."""
    name = ""
    for at, own in enumerate(("alarmd", "v1", "", leaf)):
        level = levels[at] if at < len(levels) else ""
        if level == "#":
            return name or "+"
        if not own:
            name = level
        elif level not in {"+", own}:
            return ""
    return name if len(levels) == _OWN_LEVELS or levels[_OWN_LEVELS] == "#" else ""


def _is_usual(family: Family, base: str) -> bool:
    levels = base.split("/")
    return any(levels == usual.split("/")[: len(levels)] for usual in family.usual_bases)


def _share(one: Tied, other: Tied) -> bool:
    if not set(one) & set(other):
        return False
    pairs = product(map(bases.fixed, one.filters), map(bases.fixed, other.filters))
    return any(f"{a}/".startswith(f"{b}/") or f"{b}/".startswith(f"{a}/") or not a or not b for a, b in pairs)


def _listed(names: list[str]) -> str:
    more = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" (+{more})" if more > 0 else "")
