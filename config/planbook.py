"""The plans in force: those alarmd ships, and yours in ``plans/*.toml`` beside ``alarmd.toml``, which win by name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

from config import toml
from config.faults import SettingsError, nearest
from config.wording import said
from devices import SignalType
from escalation.plan import Plan, PlanError, parse


def plans(settings_path: Path | None = None) -> dict[str, Plan]:
    """Every plan by name.

    Args:
        settings_path: The settings' file; its neighbour folder ``plans`` is read. None = the shipped plans only.

    Raises:
        SettingsError: A plan is faulty; the text names the file, the key and what is allowed there.
    """
    found = _folder(resources.files("config").joinpath("plans"))
    if settings_path is not None and (own := settings_path.parent / "plans").is_dir():
        found |= _folder(own)
    return found


def plan_for(signal_type: str, own: str, service: str, plans: Mapping[str, Plan]) -> Plan:
    """The plan that answers a signal.

    The resident's own plan if it answers this type, else the service's if it does, else the first by name that lists
    the type, else the service's, else any: no signal is ever without a plan (promise 4).

    Args:
        signal_type: What the device said, for example ``sos``.
        own: The resident's plan, or empty.
        service: The service's plan.
        plans: All plans by name; at least one.
    """
    preferred = [plans[name] for name in (own, service) if name in plans]
    others = [plans[name] for name in sorted(plans)]
    answering = (plan for plan in [*preferred, *others] if signal_type in plan.signals)
    return next(answering, plans.get(service) or others[0])


def told(error: PlanError) -> str:
    """What is wrong with a plan or a span of time, and where, in the reader's language."""
    return f"{error.where}: " + said("; ").join(said(part.sentence, **part.facts) for part in error.parts)


def _folder(folder: Traversable) -> dict[str, Plan]:
    found: dict[str, Plan] = {}
    files: dict[str, str] = {}
    for file in sorted(folder.iterdir(), key=lambda f: f.name):
        if not file.name.endswith(".toml"):
            continue
        for plan in _plans_of(file):
            if plan.name in found:
                other = said("stands in {file} too; keep one", file=files[plan.name])
                raise SettingsError(f"{file}: plan.{plan.name}: {other}")
            found[plan.name], files[plan.name] = plan, file.name
    return found


def _plans_of(file: Traversable) -> Iterator[Plan]:
    try:
        _, raw = toml.read(file)
    except toml.TomlError as error:
        raise SettingsError("\n".join(error.sentences(file))) from None
    if set(raw) != {"plan"} or not isinstance(raw["plan"], dict):
        only = said("a file of plans holds [plan.<name>] tables only")
        odd = min(set(raw) - {"plan"}, default="")
        unknown = said("unknown key {key!r}", key=odd) + "; " if odd else ""
        raise SettingsError(f"{file}: {unknown}{only}")
    for name, table in raw["plan"].items():
        if not isinstance(table, dict):
            raise SettingsError(f"{file}: plan.{name}: " + said("must be a table"))
        try:
            plan = parse(name, table)
        except PlanError as error:
            raise SettingsError(f"{file}: {told(error)}") from None
        for signal in plan.signals:
            if signal not in list(SignalType):
                hint = nearest(signal, list(SignalType))
                text = said("{signal!r} is not a signal type; {hint}", signal=signal, hint=hint)
                raise SettingsError(f"{file}: plan.{name}.signals: {text}")
        yield plan
