"""The fields and words that mean the same in every decoder of rtl_433, as tables.

A field that is not here is not read: the keypad decoders write the PIN in clear text, which cannot leak from what is
never copied.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from devices.signal import SignalType

T = SignalType
SUBTYPES: Final = frozenset(
    {"panic", "smoke", "co", "heat", "water", "freeze", "glass", "contact", "motion", "keyfob", "tilt", "shock"}
)
FAHRENHEIT: Final = ("temperature_F", "setpoint_F")
MEASURED: Final[Mapping[str, str]] = {
    "temperature_C": "temperature",
    "temperature": "temperature",
    "temperature_1_C": "temperature",
    "humidity": "humidity",
    "humidity_1": "humidity",
    "pressure_hPa": "pressure",
    "moisture": "soil_moisture",
    "co2_ppm": "co2",
    "pm2_5_ug_m3": "pm25",
    "light_lux": "illuminance",
    "depth_cm": "depth_cm",
    "raw_value": "raw_value",
    "rain_mm": "rain_mm",
    "wind_avg_m_s": "wind_avg_m_s",
    "wind_avg_km_h": "wind_avg_km_h",
    "power_W": "power",
    "power0_W": "power",
    "energy_kWh": "energy_kwh",
    "volume_m3": "volume_m3",
    "consumption_data": "consumption",
}
FLAGS: Final[Mapping[str, SignalType]] = {
    "tamper": T.TAMPER,
    "tampered": T.TAMPER,
    "water": T.WATER,
    "detect_wet": T.WATER,
    "wet": T.WATER,
    "leak": T.WATER,
    "leak_detected": T.WATER,
    "leakage": T.WATER,
    "smoke": T.SMOKE,
    "smoke_alarm": T.SMOKE,
    "fire": T.SMOKE,
    "co_alarm": T.CO,
    "panic": T.SOS,
    "sos": T.SOS,
}
WORDS_IN: Final = ("event", "state", "text", "extradata", "cmd", "remarks", "alert", "button_name")
CONTACTS: Final = ("contact_open", "open", "opened", "reed_open")
REMOTE = re.compile(
    r"remote|door-?bell|doorbell|db\d|fob|switch|akhan|ht680|hcs\d|secplus|keeloq|byron|elro|generic-remote|x10-rf|proove"
    r"|ev1527|pt226\d|sc226\d|hs2303|rolling.?code|fixed.?code|nexa|klikaan|intertechno|waveman|blyss|cardin|silvercrest|brennenstuhl|quinetic|kinetic|funkbus|megacode|somfy"
    r"|calibeur-rf|nice-flor|dickert|enocean|regency|lightwave",
    re.IGNORECASE,
)
GESTURES: Final = {"LONG": "long", "DOUBLE": "double", "HOLD": "long"}
