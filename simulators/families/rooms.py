"""What hangs in rooms: telecare bases, nurse calls, wall radars."""

from __future__ import annotations

from types import MappingProxyType

from simulators.families.said import Dialect, Episode, Turn, message, repeated

BASE = "home/alarm"
CLIENT = "xtremesos"  # whom the receiver belongs to


def _lifesos(turn: Turn) -> Episode:
    """The pendant's own topic, then what its base makes of it: the event as JSON, its plain twin, and a repeat."""
    event = {
        "event_qualifier": "Event",
        "event_category": "Alarm",
        "event_code": "Medical",
        "device_category": {"code": "m", "description": "Medical"},
        "zone": "04-03",
        "user_id": None,
    }
    return (
        message(f"{turn.device}/event_code", "Trigger"),
        message(f"{BASE}/event", event),
        message(f"{BASE}/event_code", "Medical"),
        message(f"{BASE}/event", {**event, "event_qualifier": "Repeat"}, after=4.0),
    )


def _lifesos_press(turn: Turn) -> Episode:
    return repeated(message(f"{turn.device}/event_code", "Button"), 0.5)


LIFESOS = Dialect(
    family="lifesos",
    device="home/room12/pendant",
    kind="pendant",
    says=MappingProxyType(
        {
            "sos": _lifesos,
            "press": _lifesos_press,
            "heartbeat": lambda turn: (message(f"{turn.device}/event_code", "Heartbeat"),),
        }
    ),
    every=3600,
    hello=lambda _turn: (message(f"{BASE}/is_connected", "True", retain=True),),
    will=lambda _device: message(f"{BASE}/is_connected", "False", retain=True),
    addressed=lambda prefix, number: f"home/{prefix}{number:06}/pendant",
    others=lambda _device: (BASE,),
)


def _nurse_call(turn: Turn) -> Episode:
    """The receiver says ON three times, and OFF when somebody resets it in the room."""
    serial, room = turn.device.split("/")
    said = {"type": "sos", "roomId": int(room), "name": f"Room {room}", "status": "ON", "code": "7654321"}
    return repeated(message(f"{CLIENT}/{serial}/sosalarm", said), 0.5, 1.0)


def _reset(turn: Turn) -> Episode:
    serial, room = turn.device.split("/")
    said = {"type": "sos", "roomId": int(room), "name": f"Room {room}", "status": "OFF", "code": "7654321"}
    return (*_nurse_call(turn), message(f"{CLIENT}/{serial}/sosalarm", said, after=5.0))


def _receiver(turn: Turn) -> Episode:
    serial = turn.device.split("/")[0]
    return (message(f"{CLIENT}/{serial}/heartbeat", {"type": "heartbeat", "serialNumber": serial}),)


NURSE_CALL_AKIL = Dialect(
    family="nurse_call_akil",
    device="SN1001/12",
    kind="button",
    says=MappingProxyType({"sos": _nurse_call, "heartbeat": _receiver}),
    every=60,
    flaws=MappingProxyType({"reset in the room": _reset}),
    addressed=lambda prefix, number: f"{prefix}/{number}",
    others=lambda device: (device.split("/")[0],),
)


def _pressed(turn: Turn) -> Episode:
    topic = f"sensors/{turn.device}/pressed"
    return (*repeated(message(topic, "1.0"), 0.5), message(topic, "0.0", after=1.0))


ELDERLY_CARE_ENGINE = Dialect(
    family="elderly_care_engine",
    device="emergency_button_001",
    kind="button",
    says=MappingProxyType(
        {
            "sos": _pressed,
            "press": _pressed,
            "vital": lambda turn: (message(f"sensors/{turn.device}/bpm", str(float(turn.pulse))),),
            "heartbeat": lambda turn: (message(f"sensors/{turn.device}/battery", str(float(turn.battery))),),
        }
    ),
    every=60,
    addressed=lambda prefix, number: f"{prefix}_emergency_{number:06}",
)


def _wall_radar(turn: Turn) -> Episode:
    """One fall in its stages, all with the time at which it began."""
    stages = (("fall confirmed", 0.0), ("calling", 1.0), ("finished", 4.0))
    return tuple(
        message(
            f"/devices/{turn.device}/events",
            {
                "type": 1,
                "payload": {"status": stage, "timestamp": turn.unix, "statusUpdateTimestamp": turn.unix + int(after)},
            },
            after=after,
        )
        for stage, after in stages
    )


MMWAVE_TI = Dialect(
    family="mmwave_ti",
    device="dev12",
    kind="fall",
    says=MappingProxyType(
        {
            "fall": _wall_radar,
            "heartbeat": lambda turn: (
                message(f"/devices/{turn.device}/state", {"status": "monitoring", "uptime": turn.unix % 1_000_000}),
            ),
        }
    ),
    every=120,
)

MMWAVE_SEEED = Dialect(
    family="mmwave_seeed",
    device="student/CASA0014/luminaire/21",
    kind="fall",
    says=MappingProxyType(
        {
            "fall": lambda turn: repeated(message(turn.device, {"status": 2, "lux": 45.3}), 1.0, 2.0, 3.0),
            "heartbeat": lambda turn: (message(turn.device, {"status": 0, "lux": 45.3}),),
        }
    ),
    every=1,
    addressed=lambda prefix, number: f"student/{prefix}/luminaire/{number}",
)
