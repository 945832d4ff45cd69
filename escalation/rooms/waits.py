"""How long is waited, for what; the plan has the rest."""

from __future__ import annotations

from datetime import timedelta

from escalation.people import Candidate, Role
from escalation.plan import Plan

DESK_RINGS_EVERY = timedelta(seconds=60)
DESK_HOLDS = timedelta(minutes=15)  # who takes it at the desk holds it so long; holds expire (Newham 2017, FIELD.md)
AMBULANCE_ARRIVES = timedelta(minutes=30)
AFTERCARE_EVERY = timedelta(minutes=30)
LEAST_TIME_TO_ARRIVE = timedelta(minutes=5)
TIME_TO_DRESS = timedelta(minutes=2)
PRESSES_THAT_BRING_THE_NEXT_STEP = 3
TOO_FAR = 2  # times the plan's reach: whoever lives farther away is welcome, but not waited for
RECOVERED_WAITS = 12  # times the plan's `remind`, until somebody is asked to close what works again


def longest_wait(plan: Plan) -> float:
    """The most seconds that any step or reminder of a plan may lie ahead."""
    return max([step.wait for step in plan.steps] + [(plan.remind or 0.0) * RECOVERED_WAITS])


def time_to_arrive(who: Candidate, plan: Plan) -> timedelta:
    """How long after accepting a person may take to the door.

    Half as long again as the way, and two minutes to dress, but five at least, and not longer than the plan's
    ``reach_within``; who is farther away than that gets a quarter more than the way, but nobody more than `TOO_FAR`
    times the reach. At the desk nobody travels: the hold expires after `DESK_HOLDS`.
    """
    if who.role is Role.DESK or (who.role is Role.DISPATCH and who.travel_seconds is None):
        return max(DESK_HOLDS, timedelta(seconds=plan.remind or 0))
    reach = timedelta(seconds=plan.reach_within)
    if who.travel_seconds is None:
        return reach
    way = timedelta(seconds=who.travel_seconds)
    near = min(max(way * 1.5 + TIME_TO_DRESS, LEAST_TIME_TO_ARRIVE), reach)
    return max(near, min(way * 1.25, TOO_FAR * reach))
