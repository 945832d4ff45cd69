"""What was found silent or heard again, on record: exposures, the event log, and the incident for the desk."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from alarmd import journal, times
from alarmd.engine import Engine, Opening, decode_state, is_readable
from alarmd.silence.group import Scope
from alarmd.store import Row, Transaction
from escalation.incident import Pressed, Recovered
from escalation.plan import TECHNICAL

SILENT = "silent"
_IDS_IN_LOG = 200


@dataclass(frozen=True, slots=True)
class Named:
    """A device as its family knows it, and the moment in question (seconds since 1970)."""

    family: str
    address: str
    at: float


@dataclass(frozen=True, slots=True)
class Cause:
    """With what devices fell silent; ``subject`` is empty where each home is a cause by itself."""

    scope: Scope
    subject: str = ""
    name: str = ""


class Recorder:
    """Writes inside store transactions.

    Args:
        engine: Whose incidents they are.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def silent(self, tx: Transaction, cause: Cause, devices: Iterable[Named], now: datetime) -> None:
        """These are silent now, by one cause or each home by itself."""
        homes: dict[str, list[tuple[Row, Named]]] = {}
        for device in devices:
            row = tx.one("supervised_device", family=device.family, address=device.address)
            if row is not None and not _known(row, cause):
                homes.setdefault(cause.subject or row["resident"], []).append((row, device))
        for subject, found in homes.items():
            self._one_cause(tx, cause, subject, found, now)

    def _one_cause(
        self, tx: Transaction, cause: Cause, subject: str, found: list[tuple[Row, Named]], now: datetime
    ) -> None:
        ids = [str(row["id"]) for row, _ in found]
        residents = {str(row["resident"]) for row, _ in found}
        own = not cause.subject
        opening = Opening(
            subject=subject,
            resident=subject if own else None,
            plan_name=TECHNICAL,
            device=ids[0] if own else subject,
            kind=SILENT,
            pressed=Pressed(signal=0, device=ids[0] if own else subject, type=SILENT, text=", ".join(ids[:3])),
        )
        incident = self._joined(tx, subject) or self._engine.press(tx, opening, now).id
        for row, device in found:
            self._expose(tx, cause, row, device, incident, now)
        since = min(now, *(_moment(device.at) for _, device in found))
        data = {"scope": cause.scope.value, "devices": ids[:_IDS_IN_LOG], "count": len(ids), "owner": "desk"}
        data |= {"name": cause.name} if cause.name else {}
        whose = subject if own else None
        for event, more in (
            ("device.silent", {"last_heard": times.to_text(since)}),
            ("exposure.opened", {"from": times.to_text(since), "residents": sorted(residents)[:_IDS_IN_LOG]}),
        ):
            entry = journal.Entry(
                event=event, incident=incident, resident=whose, device=ids[0] if own else None, data=data | more
            )
            journal.append(tx, now, entry)

    def _joined(self, tx: Transaction, subject: str) -> str:
        """The open incident of that cause, unless what it was about had been heard again: that is news."""
        row = tx.one("incident_open_of", subject=subject, kind=SILENT)
        if row is None or not is_readable(row) or decode_state(row).recovered_at is not None:
            return ""
        return str(row["id"])

    def _expose(self, tx: Transaction, cause: Cause, row: Row, device: Named, incident: str, now: datetime) -> None:
        if row["exposure"] is not None:
            tx.run("exposure_move", id=row["exposure"], scope=cause.scope.value, incident=incident)
            return
        tx.run(
            "exposure_open",
            device=row["id"],
            resident=row["resident"],
            since=times.to_text(min(_moment(device.at), now)),
            noticed_at=times.to_text(now),
            scope=cause.scope.value,
            incident=incident,
        )

    def back(self, tx: Transaction, devices: Iterable[Named], now: datetime) -> None:
        """These are heard again."""
        incidents: dict[str, list[tuple[Row, Named]]] = {}
        for device in devices:
            row = tx.one("supervised_device", family=device.family, address=device.address)
            if row is not None and row["exposure"] is not None:
                tx.run("exposure_close", id=row["exposure"], until=times.to_text(min(_moment(device.at), now)))
                incidents.setdefault(str(row["incident"] or ""), []).append((row, device))
        for incident, found in incidents.items():
            self._heard(tx, incident, found, now)

    def moved(self, tx: Transaction, exposures: Sequence[int], now: datetime) -> None:
        """Silent devices that are registered in another home now: theirs is not protected, the old one is again.

        Silent with its gateway or street a device stays on that incident; by itself it is a cause of the new home's.
        """
        for row in [row for id_ in exposures if (row := tx.one("exposure_moved", id=id_)) is not None]:
            tx.run("exposure_close", id=row["exposure"], until=times.to_text(now))
            self._left(tx, row, now)
            device = Named(row["family"], row["address"], now.timestamp())
            here = tx.one("supervised_device", family=device.family, address=device.address)
            assert here is not None
            own = row["scope"] == Scope.HOME or row["status"] in {None, "closed"}
            subject = "" if own else str(row["subject"])
            cause = Cause(Scope.HOME if own else Scope(row["scope"]), subject, subject.partition(":")[2])
            self._one_cause(tx, cause, subject or str(here["resident"]), [(here, device)], now)

    def _left(self, tx: Transaction, row: Row, now: datetime) -> None:
        """The home that a silent device was taken from misses it no longer."""
        what = f"{row['id']} is in another home now"
        data = {"scope": row["scope"], "devices": [row["id"]], "count": 1, "residents": [row["was"]], "why": what}
        entry = journal.Entry(
            event="exposure.closed",
            incident=row["incident"],
            resident=row["was"],
            device=row["id"],
            data=data | {"to": times.to_text(now)},
        )
        journal.append(tx, now, entry)
        self._recovered(tx, row["incident"] or "", what, now)

    def _heard(self, tx: Transaction, incident: str, found: list[tuple[Row, Named]], now: datetime) -> None:
        ids = [str(row["id"]) for row, _ in found]
        residents = {str(row["resident"]) for row, _ in found}
        left = tx.one("exposure_of_incident", incident=incident)
        remaining = int(left["left"]) if left else 0
        data: Mapping[str, Any] = {"devices": ids[:_IDS_IN_LOG], "count": len(ids), "still_silent": remaining}
        until = times.to_text(min(now, max(_moment(device.at) for _, device in found)))
        whose = next(iter(residents)) if len(residents) == 1 else None
        for event, more in (
            ("device.back", {}),
            ("exposure.closed", {"to": until, "residents": sorted(residents)[:_IDS_IN_LOG]}),
        ):
            one = ids[0] if len(ids) == 1 else None
            entry = journal.Entry(
                event=event, incident=incident or None, resident=whose, device=one, data=dict(data) | more
            )
            journal.append(tx, now, entry)
        self._recovered(tx, incident, ", ".join(ids[:3]), now)

    def _recovered(self, tx: Transaction, incident: str, what: str, now: datetime) -> None:
        """Where nothing of an incident is silent any more, that is a fact on it."""
        left = tx.one("exposure_of_incident", incident=incident)
        row = tx.one("incident_get", id=incident) if incident and not (left and left["left"]) else None
        if row is not None and is_readable(row):
            self._engine.happen(tx, row, Recovered(what=what), now)


def _known(row: Row, cause: Cause) -> bool:
    """It is silent already, and its incident is open: a restart is no news."""
    return row["exposure"] is not None and row["scope"] == cause.scope.value and row["status"] not in {None, "closed"}


def _moment(at: float) -> datetime:
    return datetime.fromtimestamp(at, UTC)
