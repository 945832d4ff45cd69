"""The hand-off record: whatever is known, never blocked by what is not, and always one number to ring back."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from escalation import handoff
from escalation.handoff import Access, CallBack, Certainty, Findings, HandoffKind, HandoffRecord, Known, SceneSafety
from escalation.incident import Handoff, HandoffState, Incident, Participant, Standing
from escalation.people import Candidate, Channel, Resident, Role
from escalation.plan import Plan

NOW = datetime(2026, 11, 21, 18, 30, tzinfo=UTC)
WANG = Resident(
    id="wang",
    name="王秀英",
    language="zh-CN",
    phone="+8613800001111",
    birth_date=date(1943, 11, 22),
    address="和平里三区5号楼2单元402",
    lat=39.95,
    lon=116.42,
    access="楼层：4；门禁：4821#；钥匙盒：门左侧 0815；狗：有，温顺",
    conditions="心衰",
    allergies="青霉素",
    medication="华法林",
)


def person(name: str, role: Role = Role.NEIGHBOUR, relationship: str = "") -> Candidate:
    return Candidate(
        id=name, name=name, role=role, language="zh-CN", channels=(Channel.SMS,), relationship=relationship
    )


def incident(*participants: Participant, handoff: Handoff | None = None, resident: str | None = "wang") -> Incident:
    return Incident(
        id="261121-7KQ2",
        code="4821",
        subject="wang",
        resident=resident,
        device="bed_button",
        kind="sos",
        opened_at=NOW - timedelta(minutes=4),
        plan=Plan(name="standard", signals=("sos",), steps=()),
        participants=participants,
        handoff=handoff,
        presses=2,
    )


def test_it_carries_all_that_is_known() -> None:
    zhang = Participant(who=person("张伟"), standing=Standing.COMING, arrive_by=NOW + timedelta(minutes=6))
    record = handoff.record(
        incident(zhang),
        WANG,
        now=NOW,
        phones={"张伟": "+8613900002222"},
        contacts=[(person("王芳", Role.FAMILY, "女儿"), "+8613700003333")],
        desk_phone="+861012345678",
        room="卧室",
        pressed_at=NOW - timedelta(minutes=5),
    )
    assert (record.reference, record.version, record.kind) == ("261121-7KQ2", 1, HandoffKind.NEW)
    assert (record.patient.name, record.patient.age) == ("王秀英", 82)
    assert (record.conditions, record.allergies, record.medication) == ("心衰", "青霉素", "华法林")
    assert (record.place.address, record.place.room, record.place.lat) == (WANG.address, "卧室", 39.95)
    assert record.place.access.door_code == "4821#"
    assert (record.complaint, record.presses) == ("sos", 2)
    assert record.times.pressed_at == NOW - timedelta(minutes=5)
    assert record.times.received_at == NOW - timedelta(minutes=4)
    assert record.informed[0].name == "张伟"
    assert record.informed[0].arrive_by == zhang.arrive_by
    assert [(c.rank, c.name, c.phone) for c in record.contacts] == [
        (1, "张伟", "+8613900002222"),
        (2, "王秀英", "+8613800001111"),
        (3, "王芳", "+8613700003333"),
        (4, "", "+861012345678"),
    ]


def test_it_says_what_nobody_knows() -> None:
    record = handoff.record(incident(resident=None), None, now=NOW)
    assert (record.findings.conscious, record.findings.breathing) == (Known.UNKNOWN, Known.UNKNOWN)
    assert record.findings.scene is SceneSafety.UNKNOWN
    assert record.place.certainty is Certainty.PROVISIONAL
    assert record.patient.age is None
    assert record.contacts == (CallBack(rank=1),)
    assert record.call_back.phone == ""


def test_who_is_at_the_door_is_called_back_first_and_confirms_the_place() -> None:
    there = Participant(who=person("李娜"), standing=Standing.ARRIVED)
    coming = Participant(who=person("张伟"), standing=Standing.COMING)
    record = handoff.record(incident(coming, there), WANG, now=NOW, phones={"张伟": "+86139", "李娜": "+86136"})
    assert record.call_back.name == "李娜"
    assert record.place.certainty is Certainty.CONFIRMED


def test_a_person_with_two_parts_is_ranked_once() -> None:
    wang_fang = person("王芳", Role.FAMILY, "女儿")
    coming = Participant(who=wang_fang, standing=Standing.COMING)
    record = handoff.record(
        incident(coming), WANG, now=NOW, phones={"王芳": "+86137"}, contacts=[(wang_fang, "+86137")]
    )
    assert [c.phone for c in record.contacts] == ["+86137", WANG.phone]


def test_it_names_no_dispatcher_among_the_informed() -> None:
    line = Participant(who=person("line", Role.DISPATCH), standing=Standing.ACCEPTED)
    record = handoff.record(incident(line), WANG, now=NOW, phones={"line": "+120"})
    assert record.informed == ()
    assert record.call_back.phone == WANG.phone


@pytest.mark.parametrize(
    ("state", "version", "kind"),
    [
        (HandoffState.QUEUED, 1, HandoffKind.NEW),
        (HandoffState.ACCEPTED, 2, HandoffKind.UPDATE),
        (HandoffState.CANCELLED, 3, HandoffKind.CANCEL),
    ],
)
def test_its_version_says_whether_it_updates_or_cancels(state: HandoffState, version: int, kind: HandoffKind) -> None:
    record = handoff.record(
        incident(handoff=Handoff(state=state, version=version, step=3)), WANG, now=NOW, reason="已到场"
    )
    assert (record.version, record.kind, record.reason) == (version, kind, "已到场")


def test_the_devices_own_position_wins() -> None:
    record = handoff.record(incident(), WANG, now=NOW, position=(39.9, 116.4, 25.0))
    assert (record.place.lat, record.place.lon, record.place.accuracy_m) == (39.9, 116.4, 25.0)


def test_it_reads_the_way_in_where_it_is_labelled_and_keeps_it_whole_anyway() -> None:
    assert handoff.access(WANG.access) == Access(
        text=WANG.access, floor="4", door_code="4821#", key_safe="门左侧 0815", dog="有，温顺"
    )
    assert handoff.access("Floor: 3; Door code: 12#") == Access(
        text="Floor: 3; Door code: 12#", floor="3", door_code="12#"
    )
    assert handoff.access("ring twice") == Access(text="ring twice")
    assert handoff.access("") == Access()


@pytest.mark.parametrize("ranks", [(), (2,), (1, 1), (1, 3)])
def test_it_refuses_ranks_nobody_could_follow(ranks: tuple[int, ...]) -> None:
    good = handoff.record(incident(), WANG, now=NOW)
    with pytest.raises(ValueError, match="exactly one rank 1"):
        msgspec.structs.replace(good, contacts=tuple(CallBack(rank=rank) for rank in ranks))


def test_age_counts_birthdays() -> None:
    born = date(1943, 11, 22)
    assert handoff.age(born, date(2026, 11, 21)) == 82
    assert handoff.age(born, date(2026, 11, 22)) == 83
    assert handoff.age(None, date(2026, 11, 22)) is None
    assert handoff.age(date(2030, 1, 1), date(2026, 11, 22)) is None


PHONES = st.sampled_from(["", "+861", "+862", "+863"])


@given(
    st.lists(st.tuples(st.sampled_from(Standing), PHONES), max_size=4),
    st.lists(PHONES, max_size=3),
    PHONES,
    st.none() | st.just(WANG),
    st.text(max_size=20),
)
def test_it_never_fails_and_always_has_one_to_call_back(
    asked: list[tuple[Standing, str]], named: list[str], desk: str, resident: Resident | None, access: str
) -> None:
    people = [Participant(who=person(f"p{n}"), standing=standing) for n, (standing, _) in enumerate(asked)]
    phones = {f"p{n}": phone for n, (_, phone) in enumerate(asked)}
    if resident is not None:
        resident = msgspec.structs.replace(resident, access=access)
    record = handoff.record(
        incident(*people),
        resident,
        now=NOW,
        phones=phones,
        contacts=[(person(f"c{n}"), phone) for n, phone in enumerate(named)],
        desk_phone=desk,
        findings=Findings(conscious=Known.NO),
    )
    assert [c.rank for c in record.contacts].count(1) == 1
    numbers = [c.phone for c in record.contacts]
    assert len(set(numbers)) == len(numbers)
    assert msgspec.json.decode(msgspec.json.encode(record), type=HandoffRecord) == record
