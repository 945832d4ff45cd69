"""The names of the event log's entries: all there are, in the order of their page (docs/event-log.md).

Operators, alert rules and other people's programs rely on them. A test holds three things together: this list, what the
code writes, and what the page tells.
"""

from __future__ import annotations

from enum import StrEnum


class Event(StrEnum):
    """What happened."""

    SIGNAL_KEPT = "signal.kept"
    SIGNAL_REPEATED = "signal.repeated"
    SIGNAL_QUARANTINED = "signal.quarantined"
    INCIDENT_OPENED = "incident.opened"
    INCIDENT_RAISED = "incident.raised"
    SENDER_BOUNDED = "sender.bounded"
    INCIDENT_STEP = "incident.step"
    INCIDENT_GAP = "incident.gap"
    INCIDENT_ACCEPTED = "incident.accepted"
    INCIDENT_FOLLOWS = "incident.follows"
    INCIDENT_DECLINED = "incident.declined"
    INCIDENT_COMING = "incident.coming"
    INCIDENT_ARRIVED = "incident.arrived"
    INCIDENT_OVERDUE = "incident.overdue"
    INCIDENT_NOTED = "incident.noted"
    INCIDENT_CHANGED = "incident.changed"
    INCIDENT_CLOSED = "incident.closed"
    MESSAGE_QUEUED = "message.queued"
    MESSAGE_SENT = "message.sent"
    MESSAGE_UNKNOWN = "message.unknown"
    MESSAGE_DELIVERED = "message.delivered"
    MESSAGE_ANSWERED = "message.answered"
    MESSAGE_UNANSWERED = "message.unanswered"
    MESSAGE_ENDED = "message.ended"
    MESSAGE_UNREAD = "message.unread"
    MESSAGE_STOPPED = "message.stopped"
    MESSAGE_ERASED = "message.erased"
    MESSAGE_REFUSED = "message.refused"
    HANDOFF_QUEUED = "handoff.queued"
    HANDOFF_ACCEPTED = "handoff.accepted"
    HANDOFF_REJECTED = "handoff.rejected"
    HANDOFF_UPDATED = "handoff.updated"
    HANDOFF_CANCELLED = "handoff.cancelled"
    DEVICE_SILENT = "device.silent"
    DEVICE_BACK = "device.back"
    DEVICE_FAULT = "device.fault"
    DEVICE_COMMISSIONED = "device.commissioned"
    EXPOSURE_OPENED = "exposure.opened"
    EXPOSURE_CLOSED = "exposure.closed"
    WATCHDOG_LATE = "watchdog.late"
    WATCHDOG_STALLED = "watchdog.stalled"
    WATCHDOG_CANARY = "watchdog.canary"
    WATCHDOG_RECORD = "watchdog.record"
    TRAFFIC_SILENT = "traffic.silent"
    TRAFFIC_BACK = "traffic.back"
    PROVIDER_DOWN = "provider.down"
    PROVIDER_BACK = "provider.back"
    SHIFT_UNREADABLE = "shift.unreadable"
    DIRECTORY_CHANGED = "directory.changed"
    RECORD_READ = "record.read"
