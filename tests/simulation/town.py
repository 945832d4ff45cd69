"""The town of every run: three homes, their buttons, and everybody who can be asked; made once and then copied."""

from __future__ import annotations

import tempfile
from functools import cache
from pathlib import Path
from typing import Any

from alarmd.store import schema
from alarmd.store.sqlite import connect
from config.settings import Settings, load, plans
from escalation.plan import TECHNICAL, Plan, parse

PEOPLE = """
INSERT INTO circle VALUES ('lane', '和平里', 'street', '', 39.95, 116.41, '+8613800000020');
INSERT INTO resident (id, name, language, phone, birth_date, address, lat, lon, access, conditions, circle) VALUES
  ('wang', '王秀英', 'zh-CN', '+861064211111', '1941-03-08', '和平里三区5号楼402', 39.950, 116.410, '钥匙在传达室', '心脏病', 'lane');
INSERT INTO resident (id, name, address, lat, lon, plan) VALUES ('smith', 'Ann Smith', 'Room 12', 39.951, 116.411, 'texts');
INSERT INTO resident (id, name, address) VALUES ('alone', '赵德海', '幸福路7号');
INSERT INTO responder (id, name, language, phone, role, lat, lon, travel, circle) VALUES
  ('li', '李强', 'zh-CN', '+8613800000001', 'neighbour', 39.9505, 116.4105, 'walk', 'lane'),
  ('zhao', '赵敏', 'zh-CN', '+8613800000002', 'nurse', 39.953, 116.413, 'bicycle', 'lane'),
  ('chen', '陈伟', 'zh-CN', '+8613800000003', 'volunteer', 39.955, 116.415, 'walk', ''),
  ('tom', 'Tom Smith', 'en', '+8613800000004', 'family', 39.99, 116.50, 'car', ''),
  ('wu', '吴琳', 'zh-CN', '+8613800000005', 'family', NULL, NULL, 'car', '');
INSERT INTO contact VALUES ('wang', 'zhao', 1, 'daughter', 1), ('wang', 'wu', 2, 'niece', 0), ('smith', 'tom', 1, 'son', 1);
INSERT INTO device (id, family, address, resident, kind, room, report_every) VALUES
  ('bed', 'zigbee2mqtt', 'bed_button', 'wang', 'button', '卧室', 86400),
  ('neck', 'alarmd', 'pendant-1', 'wang', 'pendant', '', 300),
  ('cord', 'zigbee2mqtt', 'bath_cord', 'smith', 'cord', '', NULL),
  ('wrist', 'alarmd', 'watch-2', 'smith', 'watch', '', 300),
  ('hall', 'alarmd', 'pendant-3', 'alone', 'pendant', '', 300);
"""  # noqa: E501 - rows of a table
NUMBERS = {
    "+8613800000001": "li",
    "+8613800000002": "zhao",
    "+8613800000003": "chen",
    "+8613800000004": "tom",
    "+8613800000005": "wu",
    "+8613800000020": "circle:lane",
    "+8613900000009": "desk:0",
    "+8613900000010": "desk:1",
    "+861065551234": "line",
}
STAFF = ("desk:0", "desk:1", "line")
HOMES = {
    "zigbee2mqtt/bed_button": "wang",
    "alarmd/pendant-1": "wang",
    "zigbee2mqtt/bath_cord": "smith",
    "alarmd/watch-2": "smith",
    "alarmd/pendant-3": "alone",
    "zigbee2mqtt/found_button": "",
    "alarmd/found-pendant": "",
}
TOKEN = "a-token-for-signing-webhooks"
PUBLIC_URL = "https://alarm.example"
_COMMON = f"""
[mqtt]
listen = "127.0.0.1:0"
[web]
public_url = "{PUBLIC_URL}"
[service]
language = "zh-CN"
"""
KINDS = {
    "line": _COMMON
    + 'desk_phones = ["+8613900000009", "+8613900000010"]\n[ambulance]\nmode = "line"\nphone = "+861065551234"\n',
    "desk": _COMMON + 'desk_phones = ["+8613900000009"]\n[ambulance]\nmode = "desk"\n',
}
# One channel a step: what cannot be texted must be called.
_TEXTS = [
    {"contact": "contacts", "by": ["sms"], "wait": "60s", "repeat": "30s"},
    {"contact": "nearest", "by": ["voice"], "wait": "90s", "repeat": "40s"},
    {"contact": "ambulance", "wait": "90s"},
]


@cache
def settings(kind: str) -> Settings:
    """The operator's settings; where they lie does not matter, the simulated disk is handed in."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "alarmd.toml"
        file.write_text(KINDS[kind], encoding="utf-8")
        return load(file, {})


@cache
def plan_book() -> dict[str, Plan]:
    """The shipped plans, one more, and a quiet one that reminds so often that an evening is long enough for it."""
    quiet: dict[str, Any] = {"signals": [], "remind": "4m", "step": [{"contact": "desk", "by": ["sms"], "wait": "4m"}]}
    more: dict[str, dict[str, Any]] = {"texts": {"signals": ["sos", "fall"], "step": _TEXTS}, TECHNICAL: quiet}
    return {**plans(None), **{name: parse(name, plan) for name, plan in more.items()}}


def build(path: Path) -> None:
    """The database before the first start."""
    schema.migrate(path)
    connection = connect(path, readonly=False)
    connection.executescript(PEOPLE)
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
