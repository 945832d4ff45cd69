"""The town of every run: its homes, their buttons, and everybody who can be asked; made once and then copied.

Its people are those of the field: a couple with one telephone, a home of two, a neighbour who lives alone with a button
herself, a circle whose telephone is a member's, a desk whose telephone is a niece's, two desks with one telephone.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
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
  ('wang', '王秀英', 'zh-CN', '+861064211111', '1941-03-08', '和平里三区5号楼402', 39.950, 116.410, '钥匙在传达室', '心脏病', 'lane'),
  ('wangh', '王建国', 'zh-CN', '+861064211111', '1938-05-01', '和平里三区5号楼402', 39.950, 116.410, '', '', 'lane'),
  ('zhou', '周玉兰', 'zh-CN', '+8613800000006', '1950-01-02', '和平里三区5号楼301', 39.9501, 116.4101, '', '', 'lane');
INSERT INTO resident (id, name, phone, address, lat, lon, plan) VALUES
  ('smith', 'Ann Smith', '+861064211112', 'Room 12', 39.951, 116.411, 'texts');
INSERT INTO resident (id, name, address) VALUES ('alone', '赵德海', '幸福路7号');
INSERT INTO responder (id, name, language, phone, role, lat, lon, travel, circle) VALUES
  ('li', '李强', 'zh-CN', '+8613800000001', 'neighbour', 39.9505, 116.4105, 'walk', 'lane'),
  ('zhao', '赵敏', 'zh-CN', '+8613800000002', 'nurse', 39.953, 116.413, 'bicycle', 'lane'),
  ('chen', '陈伟', 'zh-CN', '+8613800000003', 'volunteer', 39.955, 116.415, 'walk', ''),
  ('tom', 'Tom Smith', 'en', '+8613800000004', 'family', 39.99, 116.50, 'car', ''),
  ('wu', '吴琳', 'zh-CN', '+8613800000005', 'family', NULL, NULL, 'car', ''),
  ('zhou-r', '周玉兰', 'zh-CN', '+8613800000006', 'neighbour', 39.9501, 116.4101, 'walk', 'lane'),
  ('sun', '孙立', 'zh-CN', '+8613800000007', 'neighbour', 39.9503, 116.4103, 'walk', ''),
  ('sunw', '孙梅', 'zh-CN', '+8613800000007', 'neighbour', 39.9503, 116.4103, 'walk', '');
INSERT INTO contact VALUES ('wang', 'zhao', 1, 'daughter', 1), ('wang', 'wu', 2, 'niece', 0), ('smith', 'tom', 1, 'son', 1),
  ('wangh', 'zhao', 1, 'daughter', 1), ('zhou', 'li', 1, 'neighbour', 1);
INSERT INTO device (id, family, address, resident, kind, room, report_every) VALUES
  ('bed', 'zigbee2mqtt', 'bed_button', 'wang', 'button', '卧室', 86400),
  ('neck', 'alarmd', 'pendant-1', 'wang', 'pendant', '', 300),
  ('cord', 'zigbee2mqtt', 'bath_cord', 'smith', 'cord', '', NULL),
  ('wrist', 'alarmd', 'watch-2', 'smith', 'watch', '', 300),
  ('hall', 'alarmd', 'pendant-3', 'alone', 'pendant', '', 300),
  ('his', 'alarmd', 'pendant-5', 'wangh', 'pendant', '', 86400),
  ('hers', 'alarmd', 'pendant-6', 'zhou', 'pendant', '', 86400),
  ('smoke', 'alarmd', 'smoke-1', 'wang', 'smoke', '厨房', 86400),
  ('radar', 'alarmd', 'radar-1', 'smith', 'sensor', '', 86400),
  ('band', 'alarmd', 'band-1', 'wangh', 'vital', '', 86400),
  ('door', 'alarmd', 'door-1', 'zhou', 'door', '', 86400);
INSERT INTO device_setting VALUES ('door', '{"night": ["00:00:00", "23:59:59"]}');
INSERT INTO note_to_self VALUES ('directory', 'built');
"""  # noqa: E501 - rows of a table
_NUMBERS = {
    "+8613800000001": ("li",),
    "+8613800000002": ("zhao",),
    "+8613800000003": ("chen",),
    "+8613800000004": ("tom",),
    "+8613800000005": ("wu",),
    "+8613800000006": ("zhou-r", "resident:zhou"),
    "+8613800000007": ("sun", "sunw"),
    "+8613800000020": ("circle:lane",),
    "+861064211111": ("resident:wang", "resident:wangh"),
    "+861064211112": ("resident:smith",),
    "+861065551234": ("line",),
}
STAFF = ("desk:", "line", "guard")
HOMES = {
    "zigbee2mqtt/bed_button": "wang",
    "alarmd/pendant-1": "wang",
    "zigbee2mqtt/bath_cord": "smith",
    "alarmd/watch-2": "smith",
    "alarmd/pendant-3": "alone",
    "zigbee2mqtt/found_button": "",
    "alarmd/found-pendant": "",
    "alarmd/pendant-5": "wangh",
    "alarmd/pendant-6": "zhou",
    "alarmd/smoke-1": "wang",
    "alarmd/radar-1": "smith",
    "alarmd/band-1": "wangh",
    "alarmd/door-1": "zhou",
}
SAYS = {  # what a device of alarmd's own family says; the others are pressed
    "alarmd/pendant-1": ("sos", "sos", "sos", "assist"),
    "alarmd/watch-2": ("sos", "sos", "fall"),
    "alarmd/pendant-3": ("sos", "sos", "intruder"),
    "alarmd/pendant-5": ("sos", "sos", "assist"),
    "alarmd/pendant-6": ("sos", "sos", "assist"),
    "alarmd/smoke-1": ("smoke",),
    "alarmd/radar-1": ("inactivity", "fall"),
    "alarmd/door-1": ("door",),
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
_LINE = '[ambulance]\nmode = "line"\nphone = "+861065551234"\n'
_AT_DESK = '[ambulance]\nmode = "desk"\n'
KINDS = {
    "line": _COMMON + 'desk_phones = ["+8613900000009", "+8613900000010"]\n' + _LINE,
    "desk": _COMMON + 'desk_phones = ["+8613900000009", "+8613900000009"]\n' + _AT_DESK,  # two desks, one telephone
    "niece": _COMMON + 'desk_phones = ["+8613800000005"]\n' + _AT_DESK,  # the desk's telephone is hers
    "guard": _COMMON + 'desk_phones = ["+8613900000009"]\n' + _LINE,  # somebody at the desk has the desk's telephone
    "nobody": _COMMON + _AT_DESK,
}
_GUARD = """
INSERT INTO responder (id, name, language, phone, role, travel) VALUES
  ('guard', '门卫', 'zh-CN', '+8613900000009', 'desk', 'walk');
"""
_CHECKS_IN = """
INSERT INTO device (id, family, address, resident, kind, room, report_every) VALUES
  ('tag', 'alarmd', 'tag-9', 'alone', 'wearable', '', 86400);
INSERT INTO device_setting VALUES ('tag', '{"check_in_by": "19:36:00"}');
"""
CHECKS_IN_BY = 360.0  # seconds of the evening
_MEMBERS = "UPDATE circle SET phone = '+8613800000001' WHERE id = 'lane';"


@dataclass(frozen=True)
class Town:
    """One town, as this evening finds it.

    Attributes:
        kind: One of `KINDS`.
        members: The circle's telephone is that of a member.
        checks_in: One home has a tag by which to check in each evening; today nobody does.
    """

    kind: str
    members: bool
    checks_in: bool

    @property
    def settings(self) -> Settings:
        """The operator's."""
        return settings(self.kind)

    @property
    def has_desk(self) -> bool:
        """Whether anybody sits at a desk."""
        return self.kind != "nobody"

    def numbers(self) -> dict[str, tuple[str, ...]]:
        """Each telephone, and by which ids the directory knows whose it is."""
        found = {number: list(ids) for number, ids in _NUMBERS.items()}
        for n, phone in enumerate(self.settings.service.desk_phones):
            found.setdefault(phone, []).append(f"desk:{n}")
        if self.kind == "guard":
            found["+8613900000009"].append("guard")
        if self.members:
            found["+8613800000001"] += found.pop("+8613800000020")
        return {number: tuple(ids) for number, ids in found.items()}

    def settle(self, path: Path) -> None:
        """Make a copy of the town's database this town's."""
        connection = connect(path, readonly=False)
        if self.kind == "guard":
            connection.executescript(_GUARD)
        if self.members:
            connection.executescript(_MEMBERS)
        if self.checks_in:
            connection.executescript(_CHECKS_IN)
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.close()


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
