"""The words of Zigbee2MQTT's detectors and radars, field by field.

Names and words are those of the ``exposes`` in zigbee-herdsman-converters 26.112.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from devices.signal import SignalType

T = SignalType

STATES: Final[Mapping[str, Mapping[str, SignalType | None]]] = {
    "fall_status": {"fall_alarm": T.FALL, "fall_warning": T.FAULT},
    "fall_down_status": {"fall": T.FALL, "maybe_fall": T.FAULT},
    "status": {  # OWON FDS315; other devices use the word `status` for themselves, so strangers say nothing here
        "falling": T.FALL,
        **dict.fromkeys(("occupied", "unoccupied", "sitting", "on_the_bed", "low_posture"), T.PRESENCE),
    },
    "halo_alert_state": {
        **dict.fromkeys(("smoke", "interconnect_smoke"), T.SMOKE),
        **dict.fromkeys(("carbon_monoxide", "interconnect_carbon_monoxide"), T.CO),
        **dict.fromkeys(("low_battery", "very_low_battery"), T.BATTERY_LOW),
        **dict.fromkeys(("co_test", "smoke_test"), T.TEST),
        **dict.fromkeys(("pre_smoke", "failed_battery", "end_of_life", "other"), T.FAULT),
        **dict.fromkeys(("weather", "silenced"), None),
    },
    "smoke_state": {"alarm": T.SMOKE, "detecting": T.TEST},
    "gas_state": {"alarm": T.GAS, "detecting": T.TEST},
    "co_state": {"alarm": T.CO, "detecting": T.TEST},
    "gas_sensor_state": {"alarm": T.GAS},
    "siren_state": {  # Bosch's Twinguard tells a fire here, and not always in `smoke`, too
        "fire": T.SMOKE,
        "pre_alarm": T.FAULT,
        "burglar": T.INTRUDER,
        "self_test": T.TEST,
        "silenced": None,
    },
    "link_available": {
        "smoke_active": T.SMOKE,
        "co_active": T.CO,
        "gas_active": T.GAS,
        "heat_active": T.HEAT,
    },
    "current_device_status": {
        "water_leakage": T.WATER,
        "water_shortage & water_leakage": T.WATER,
        "water_shortage": T.FAULT,
    },
    "water_leakage_state": {"water_leakage_yes": T.WATER},
    "presence_state": dict.fromkeys(
        ("presence", "none", "peaceful", "small_movement", "large_movement", "motion", "stationary"), T.PRESENCE
    ),
    "presence_event": dict.fromkeys(
        ("enter", "leave", "left_enter", "right_leave", "right_enter", "left_leave", "approach", "away"), T.PRESENCE
    ),
    "pressure_state": dict.fromkeys(("none", "sit", "sedentary"), T.PRESENCE),  # HOBEIAN's pad under a seat or a bed
    "movement": dict.fromkeys(("movement", "no_movement", "no_presence"), T.MOTION),
    "human_motion_state": dict.fromkeys(("none", "peaceful", "motion", "active", "static", "small", "large"), T.MOTION),
    "motion_state": dict.fromkeys(("none", "small", "large", "static", "medium", "far", "near"), T.MOTION),
    "state": {"presence": T.PRESENCE, "move": T.MOTION},  # ZY-M100 radars; lamps say ON and OFF
    "work_state": dict.fromkeys(  # Tuya's bed strap
        ("presence", "presence_5min", "presence_30min", "none", "none_5min", "none_30min"), T.PRESENCE
    ),
    "temperature_alarm": dict.fromkeys(("lower_alarm", "upper_alarm", "true", "on"), T.FAULT),
    "temperature_alarm_status": dict.fromkeys(("low", "high"), T.FAULT),
    "temperature_warning": dict.fromkeys(("low", "high"), T.FAULT),
    "self_test_result": {"checking": T.TEST, "failure": T.FAULT},
    "self_test": {
        **dict.fromkeys(("checking", "test", "true", "on"), T.TEST),
        **dict.fromkeys(("check_failure", "check failure", "comm_fault", "radar_fault"), T.FAULT),
    },
    "test_alarm_result": {"checking": T.TEST, "check_failure": T.FAULT},
    "checking_result": {"checking": T.TEST, "check_failure": T.FAULT},
    "chamber_contamination": {"critical_contamination": T.FAULT},
    "endoflife": {"expired": T.FAULT},
    "reliability": dict.fromkeys(("unreliable_other", "process_error"), T.FAULT),
    "battery_state": {"low": T.BATTERY_LOW, "missing": T.FAULT},
    "battery_low_1": {"low": T.BATTERY_LOW},
    "device_overheated": {"alarm active": T.FAULT},
    "overheat": {"overheated": T.FAULT},
    "button_left": {"pressed": T.PRESS},
    "button_right": {"pressed": T.PRESS},
    "battery_level": {"low": T.BATTERY_LOW},
    "power_outage": {"outage_detected": T.MAINS_LOST},
}
NO_STRANGERS: Final = frozenset(
    {"fall_status", "fall_down_status", "smoke_state", "gas_state", "co_state", "gas_sensor_state", "siren_state"}
)
"""Where a word that is not in the table is an alarm we do not know yet, not a nothing."""

ALARM_WORDS: Final[Mapping[str, SignalType | None]] = {
    "fire": T.SMOKE,
    "burglar": T.INTRUDER,
    "tamper": T.TAMPER,
    "high_temperatur": T.HEAT,  # sic, of a stove guard
    "battery_alarm": T.BATTERY_LOW,
    "timer": T.FAULT,
    "error": T.FAULT,
    "prealarm": T.FAULT,
    "pre_alarm": T.FAULT,
    "warning_alarm": T.FAULT,
    **dict.fromkeys(
        (
            "over_temperature",
            "below_min_temperature",
            "over_humidity",
            "below_min_humdity",
            "never_calibrated",
            "calibration_lost",
            "calibration_error_p0",
            "calibration_error_p1_not_found",
            "calibration_error_p1_too_close",
            "calibration_error_p2_too_small",
            "calibration_error_p2_not_found",
        ),
        T.FAULT,
    ),
    **dict.fromkeys(("stop", "idle", "off", "false", "no_alarm", "unknown", "0"), None),
}
"""What ``alarm``, ``alarm_state`` and ``alarm_status`` say that is known; their other words are doubted."""

MEASURED: Final[Mapping[str, str]] = {
    **{
        name: name
        for name in (
            "temperature",
            "humidity",
            "pressure",
            "illuminance",
            "co2",
            "pm25",
            "pm10",
            "voc",
            "heart_rate",
            "spo2",
            "soil_moisture",
            "formaldehyd",
            "noise",
            "power",
            "target_distance",
        )
    },
    "local_temperature": "temperature",
    "illuminance_lux": "illuminance",
    "breathing_rate": "respiration_rate",
    "respiration_rate": "respiration_rate",
}
