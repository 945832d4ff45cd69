"""What people are sent and hear: who, where, what and the code first; nothing they need not know."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alarmd.languages import texts
from escalation import handoff, wording
from escalation.incident import Handoff, HandoffState, Incident, Participant, Purpose, Standing, Status
from escalation.people import Candidate, Channel, Resident, Role
from escalation.plan import Plan
from escalation.texts import segments
from escalation.whereabouts import Fix
from escalation.wording import Facts, Heard, Texts

NOW = datetime(2026, 11, 21, 19, 12, tzinfo=UTC)
SHANGHAI = ZoneInfo("Asia/Shanghai")
ZH = texts("zh-CN")
EN = texts("en")
BOTH = pytest.mark.parametrize("words", [ZH, EN], ids=["zh", "en"])
WANG = Resident(
    id="wang",
    name="王秀英",
    phone="+8613800001111",
    birth_date=date(1943, 5, 1),
    address="和平里三区5号楼2单元402",
    access="门禁4821#",
    conditions="心衰",
    allergies="青霉素",
    medication="华法林",
)
# Purposes whose text asks for an answer.
ASKING = [Purpose.ASK, Purpose.DETAILS, Purpose.AGAIN, Purpose.RAISED, Purpose.DESK, Purpose.HANDOFF]
SECRETS = ("门禁4821#", "心衰", "青霉素", "华法林")


def candidate(role: Role = Role.NEIGHBOUR, *, has_key: bool = False, name: str = "张伟") -> Candidate:
    return Candidate(id=name, name=name, role=role, language="zh-CN", channels=(Channel.SMS,), has_key=has_key)


def incident(*participants: Participant, ago: int = 0, presses: int = 1, suspect: str = "") -> Incident:
    return Incident(
        id="261121-7KQ2",
        code="4821",
        subject="wang",
        resident="wang",
        device="bed_button",
        kind="sos",
        opened_at=NOW - timedelta(minutes=ago),
        plan=Plan(name="standard", signals=("sos",), steps=()),
        participants=participants,
        presses=presses,
        suspect=suspect,
        status=Status.NOTIFYING,
    )


def facts(one: Incident | None = None, resident: Resident | None = WANG, **changes: object) -> Facts:
    described = wording.describe(one or incident(), resident, now=NOW, zone=SHANGHAI)
    return msgspec.structs.replace(described, **changes)


def with_record(one: Incident | None = None, resident: Resident | None = WANG) -> Facts:
    told = one or incident()
    record = handoff.record(told, resident, now=NOW, desk_phone="+861012345678")
    return wording.describe(told, resident, now=NOW, zone=SHANGHAI, record=record)


def spoken(scene: wording.Spoken) -> str:
    return " ".join(scene.say)


def test_it_asks_a_neighbour_in_one_segment_of_natural_chinese() -> None:
    text = wording.sms(Purpose.ASK, facts(), candidate(), ZH)
    assert text == ("【守望】王秀英老人按了求助键，和平里三区5号楼2单元402。回复“1 4821”=我去，“2 4821”=去不了")
    assert wording.segments(text).count == 1


def test_it_asks_a_neighbour_in_english() -> None:
    mary = msgspec.structs.replace(WANG, name="Mary Borg", address="5 Peace Road, Flat 402")
    text = wording.sms(Purpose.ASK, facts(resident=mary), candidate(), EN)
    assert text == (
        'alarmd: Mary Borg pressed the help button, 5 Peace Road, Flat 402. Reply "1 4821" = I go, "2 4821" = I cannot'
    )
    assert wording.segments(text).count == 1


def test_it_says_how_old_an_alarm_is_and_that_alarmd_is_late() -> None:
    late = facts(incident(ago=12), late=True)
    text = wording.sms(Purpose.ASK, late, candidate(), ZH)
    assert "王秀英老人12分钟前按了求助键" in text
    assert "求助时间为03:00" in text, "in the service's own time zone"


@pytest.mark.parametrize(("words", "said"), [(ZH, "01:12按下，03:00才收到"), (EN, "pressed 01:12, received 03:00")])
def test_it_says_when_an_alarm_that_waited_was_pressed_and_when_it_came(words: Texts, said: str) -> None:
    came = incident(ago=12)
    pressed_at = came.opened_at - timedelta(minutes=108)
    waited = wording.describe(came, WANG, now=NOW, zone=SHANGHAI, pressed_at=pressed_at)
    for text in (
        wording.sms(Purpose.ASK, waited, candidate(), words),
        wording.sms(Purpose.DESK, waited, candidate(Role.DESK), words),
        " ".join(wording.opening(Purpose.ASK, waited, candidate(), words).say),
    ):
        assert said in text
        assert waited.minutes == 120, "its age is that of the press"


@BOTH
def test_who_takes_it_at_the_desk_is_not_said_to_go(words: Texts) -> None:
    operator = Candidate(id="operator:Ma", name="Ma Li", role=Role.DESK, language="", channels=())
    taken = facts(incident(Participant(who=operator, standing=Standing.ACCEPTED)))
    for text in (
        wording.sms(Purpose.TAKEN, taken, candidate(), words),
        " ".join(wording.opening(Purpose.TAKEN, taken, candidate(), words).say),
    ):
        assert "Ma Li" not in text
        assert ("值班台" if words is ZH else "desk") in text
        assert "on the way" not in text


def test_it_says_first_that_a_drill_is_a_drill() -> None:
    assert wording.sms(Purpose.ASK, facts(drill=True), candidate(), ZH).startswith("【守望】演练！")
    assert wording.opening(Purpose.ASK, facts(drill=True), candidate(), ZH).say[1] == "这是演练，没有人遇险。"


def test_it_says_that_a_signal_was_garbled_and_treats_it_as_real() -> None:
    text = wording.sms(Purpose.ASK, facts(incident(suspect="unparseable")), candidate(), ZH)
    assert "按真实报警处理" in text
    assert "王秀英" in text


def test_it_calls_nobody_old_who_is_not() -> None:
    young = msgspec.structs.replace(WANG, birth_date=date(1990, 1, 1))
    assert "老人" not in wording.sms(Purpose.ASK, facts(resident=young), candidate(), ZH)


@BOTH
def test_it_names_the_device_where_nobody_is_registered(words: Texts) -> None:
    text = wording.sms(Purpose.DESK, facts(resident=None), candidate(Role.DESK), words)
    assert "bed_button" in text
    assert "4821" in text


@BOTH
@pytest.mark.parametrize("purpose", [Purpose.ASK, Purpose.AGAIN, Purpose.RAISED, Purpose.TAKEN, Purpose.CLOSED])
@pytest.mark.parametrize("role", [Role.NEIGHBOUR, Role.VOLUNTEER, Role.NURSE, Role.FAMILY, Role.KEYHOLDER])
def test_nobody_learns_secrets_before_saying_yes(words: Texts, purpose: Purpose, role: Role) -> None:
    text = wording.sms(purpose, facts(), candidate(role), words)
    heard = spoken(wording.opening(purpose, facts(), candidate(role), words))
    for secret in SECRETS:
        assert secret not in text
        assert secret not in heard


@pytest.mark.parametrize("role", [Role.NEIGHBOUR, Role.VOLUNTEER, Role.COMMUNITY_WORKER, Role.KEYHOLDER])
def test_a_neighbour_who_goes_learns_the_way_in_and_no_medical_facts(role: Role) -> None:
    who = candidate(role)
    for told in (
        wording.sms(Purpose.DETAILS, facts(), who, ZH),
        spoken(wording.answer(Heard.GO, Purpose.ASK, facts(), who, ZH)),
    ):
        assert "门禁4821#" in told
        for secret in ("心衰", "青霉素", "华法林"):
            assert secret not in told


def test_a_neighbour_learns_medical_facts_where_the_resident_allowed_it() -> None:
    allowed = msgspec.structs.replace(WANG, categories=("living_alone", "share_medical"))
    assert "心衰" in wording.sms(Purpose.DETAILS, facts(resident=allowed), candidate(), ZH)


@pytest.mark.parametrize("role", [Role.NURSE, Role.DOCTOR, Role.FAMILY])
def test_a_nurse_who_goes_learns_what_she_needs(role: Role) -> None:
    who = msgspec.structs.replace(candidate(role), rank=1 if role is Role.FAMILY else None)
    text = wording.sms(Purpose.DETAILS, facts(), who, ZH, standing=Standing.ACCEPTED)
    for secret in SECRETS:
        assert secret in text


def test_a_key_holder_is_reminded_of_the_key() -> None:
    who = candidate(has_key=True)
    assert "您有钥匙" in wording.sms(Purpose.ASK, facts(), who, ZH)
    assert "您有钥匙。" in wording.opening(Purpose.ASK, facts(), who, ZH).say


def test_the_desk_hears_everything() -> None:
    going = Participant(who=candidate(), standing=Standing.COMING, arrive_by=NOW + timedelta(minutes=6))
    desk = facts(incident(going, presses=3))
    for told in (
        wording.sms(Purpose.DESK, desk, candidate(Role.DESK, name="desk"), ZH),
        spoken(wording.opening(Purpose.DESK, desk, candidate(Role.DESK, name="desk"), ZH)),
    ):
        for known in (*SECRETS, "王秀英", "已呼救3次", "张伟正在赶来，约6分钟到"):
            assert known in told


def test_a_desk_that_takes_it_is_not_sent_to_the_door() -> None:
    desk = candidate(Role.DESK, name="desk")
    assert not wording.answer(Heard.GO, Purpose.DESK, facts(), desk, ZH).menu
    assert "由您负责" in wording.reply(Heard.GO, ZH, facts=facts(), who=desk)


def test_who_goes_is_told_about_the_others_but_not_about_themselves() -> None:
    me = Participant(who=candidate(), standing=Standing.ACCEPTED)
    nurse = Participant(who=candidate(Role.NURSE, name="李娜"), standing=Standing.ARRIVED)
    text = wording.sms(Purpose.DETAILS, facts(incident(me, nurse)), candidate(), ZH)
    assert "李娜已到场" in text
    assert "张伟" not in text


def test_the_others_are_told_who_goes() -> None:
    going = facts(incident(Participant(who=candidate(), standing=Standing.ACCEPTED)))
    other = candidate(name="李娜")
    assert wording.sms(Purpose.TAKEN, going, other, ZH) == "【守望】张伟正赶往王秀英老人那里，您不用去了，谢谢您！"
    assert "张伟" in wording.answer(Heard.TAKEN, Purpose.ASK, going, other, ZH).say[0]
    assert "张伟" not in wording.sms(Purpose.TAKEN, facts(), other, ZH)


def test_who_said_yes_is_asked_for_the_door_when_she_presses_again() -> None:
    again = facts(incident(presses=2))
    assert "“3 4821”" in wording.sms(Purpose.RAISED, again, candidate(), ZH, standing=Standing.ACCEPTED)
    assert "“1 4821”" in wording.sms(Purpose.RAISED, again, candidate(), ZH, standing=Standing.ASKED)


@BOTH
def test_every_menu_says_its_keys_and_its_farewell(words: Texts) -> None:
    for purpose in Purpose:
        for role in (Role.NEIGHBOUR, Role.DESK, Role.DISPATCH):
            scene = wording.opening(purpose, with_record(), candidate(role), words)
            assert scene.language == words.language
            assert scene.menu == bool(scene.again) == bool(scene.bye)
            assert scene.menu == any("1" in sentence or "3" in sentence for sentence in scene.say[-1:])


def test_a_closed_alarm_is_said_to_be_closed_whatever_the_call_was_for() -> None:
    done = facts(closed=True)
    for purpose in (Purpose.ASK, Purpose.AGAIN, Purpose.DESK, Purpose.HANDOFF):
        scene = wording.opening(purpose, done, candidate(), ZH)
        assert "已处理完毕" in spoken(scene)
        assert not scene.menu


def test_it_asks_again_for_a_key_that_means_nothing() -> None:
    scene = wording.answer(Heard.NOT_UNDERSTOOD, Purpose.ASK, facts(), candidate(), ZH)
    assert scene.say == ("这个按键无效。", "能马上去请按1，去不了请按2，重听请按星号键。")
    assert scene.menu


def test_it_is_polite_when_nobody_knows_the_call_any_more() -> None:
    assert wording.unknown_call(ZH).say == ("这个电话已经不需要了。", "再见。")
    assert not wording.unknown_call(EN).menu


@BOTH
@pytest.mark.parametrize("heard", list(Heard))
def test_it_has_words_for_every_answer(words: Texts, heard: Heard) -> None:
    scene = wording.answer(heard, Purpose.HANDOFF, with_record(), candidate(Role.DISPATCH), words)
    assert all(sentence.strip() for sentence in scene.say)
    reply = wording.reply(heard, words, facts=facts(), who=candidate())
    assert (reply == "") == (heard is Heard.GO)


def test_it_tells_a_stranger_how_to_reply() -> None:
    for words in (ZH, EN):
        for heard in Heard:
            said = wording.reply(heard, words)
            assert not re.search(r"\d{4,8}", said), "an example that is typed would be somebody's code"
    assert "短信里的代码" in wording.reply(Heard.NO_CODE, ZH)
    assert "1 4821" in wording.reply(Heard.NOT_UNDERSTOOD, ZH, facts=facts())


def test_the_line_hears_the_record_and_what_is_unknown() -> None:
    heard = wording.opening(Purpose.HANDOFF, with_record(), candidate(Role.DISPATCH), ZH).say
    for part in (
        "急救移交，编号：2 6 1 1 2 1 7 K Q 2。",
        "地址：和平里三区5号楼2单元402。",
        "进门方法：门禁4821#。",
        "患者：王秀英，83岁。",
        "事发03:12：按了求助键。",
        "神志清醒：不详。有呼吸：不详。现场安全情况：不详。",
        "病史：心衰。",
        "过敏：青霉素。",
        "用药：华法林。",
        "回拨电话：王秀英，+ 8 6 1 3 8 0 0 0 0 1 1 1 1。",
    ):
        assert part in heard
    assert heard[-1] == "核对无误并接收请按1，不能接收请按2，重听请按星号键。"


def test_the_line_hears_the_main_points_read_back_before_it_confirms() -> None:
    heard = wording.opening(Purpose.HANDOFF, with_record(), candidate(Role.DISPATCH), ZH).say
    read_back = heard[heard.index("再复述一遍，请核对记录：") + 1 : -1]
    assert read_back == (
        "编号：2 6 1 1 2 1 7 K Q 2。",
        "地址：和平里三区5号楼2单元402。",
        "回拨电话：王秀英，+ 8 6 1 3 8 0 0 0 0 1 1 1 1。",
    )
    assert not any(
        "复述" in sentence for sentence in wording.opening(Purpose.HANDOFF, with_record(), candidate(Role.DESK), ZH).say
    )


def test_the_desk_is_told_to_call_the_ambulance_itself() -> None:
    desk = candidate(Role.DESK)
    assert wording.opening(Purpose.HANDOFF, with_record(), desk, ZH).say[1] == "请马上拨打急救电话，转告以下情况。"
    assert "请速拨急救电话" in wording.sms(Purpose.HANDOFF, with_record(), desk, ZH)


@BOTH
def test_the_line_hears_an_update_and_a_cancel_as_such(words: Texts) -> None:
    update = msgspec.structs.replace(incident(), handoff=Handoff(state=HandoffState.ACCEPTED, version=2, step=3))
    cancel = msgspec.structs.replace(incident(), handoff=Handoff(state=HandoffState.CANCELLED, version=3, step=3))
    line = candidate(Role.DISPATCH)
    updated = spoken(wording.opening(Purpose.HANDOFF_UPDATE, with_record(update), line, words))
    cancelled = spoken(wording.opening(Purpose.HANDOFF_CANCEL, with_record(cancel), line, words))
    assert ("更新，第2版" in updated) or ("Update number 2" in updated)
    assert ("取消" in cancelled) or ("is cancelled" in cancelled)
    assert "华法林" not in cancelled


def test_a_hand_off_without_a_name_or_number_is_still_spoken() -> None:
    heard = spoken(wording.opening(Purpose.HANDOFF, with_record(resident=None), candidate(Role.DISPATCH), EN))
    assert "Patient unknown, device bed_button." in heard
    assert "address unknown" in heard


def test_names_from_files_cannot_break_a_text() -> None:
    odd = msgspec.structs.replace(WANG, name="王{who}秀\x00英\n", address="5 号\r\n楼 {code}")
    text = wording.sms(Purpose.ASK, facts(resident=odd), candidate(), ZH)
    assert "王{who}秀 英" in text
    assert "5 号 楼 {code}" in text


CHINESE = st.text(alphabet="王李张欧阳秀英芳丽和平里三区单元号楼西直门外大街甲乙0123456789", min_size=1, max_size=60)
LATIN = st.text(alphabet="abcdefghijklmnoprstuvwABCDEFGHIJKLM 0123456789,.'-éñ", min_size=1, max_size=120)
NAMES = st.one_of(
    st.text(alphabet="王李张欧阳秀英芳丽建国", min_size=2, max_size=12),
    st.text(alphabet="abcdefghijklmnoprstuvw ABCDEFGHIJ'-é", min_size=2, max_size=38).filter(str.strip),
)


@given(
    name=NAMES,
    address=st.one_of(CHINESE, LATIN),
    purpose=st.sampled_from(ASKING),
    language=st.sampled_from([ZH, EN]),
    code=st.from_regex(r"[0-9]{4,5}", fullmatch=True),
    role=st.sampled_from([Role.NEIGHBOUR, Role.NURSE, Role.DESK, Role.DISPATCH]),
    ago=st.integers(min_value=0, max_value=999),
    presses=st.integers(min_value=1, max_value=99),
    drill=st.booleans(),
)
def test_the_first_segment_always_carries_the_name_the_place_and_the_code(
    *,
    name: str,
    address: str,
    purpose: Purpose,
    language: Texts,
    code: str,
    role: Role,
    ago: int,
    presses: int,
    drill: bool,
) -> None:
    resident = msgspec.structs.replace(WANG, name=name, address=address)
    told = msgspec.structs.replace(facts(incident(ago=ago, presses=presses), resident), code=code, drill=drill)
    text = wording.sms(purpose, told, candidate(role, has_key=True), language)
    first = segments.split(text)[0]
    shown = told.name if segments.encoding(text) is segments.Encoding.GSM7 else told.name[:13]
    assert shown.strip() in first
    assert code in first
    assert told.address[-3:] in first or told.address[:3] in first or not told.address
    assert told.address in text or not told.address


@given(st.text(max_size=200), st.text(max_size=300), st.sampled_from(Purpose), st.sampled_from([ZH, EN]))
def test_it_always_finds_words(name: str, address: str, purpose: Purpose, language: Texts) -> None:
    resident = msgspec.structs.replace(WANG, name=name, address=address)
    assert wording.sms(purpose, facts(resident=resident), candidate(), language)
    assert wording.opening(purpose, facts(resident=resident), candidate(), language).say


def at(lat: float, lon: float, *, age_s: float = 0, accuracy_m: float | None = 8) -> Fix:
    return Fix(lat=lat, lon=lon, at=NOW, accuracy_m=accuracy_m, age_s=age_s)


AT_HOME = msgspec.structs.replace(WANG, lat=31.24462, lon=121.40871)
NORTH_EAST = at(31.26842, 121.43590)  # 3.7 km from there


def from_afar(fix: Fix = NORTH_EAST, resident: Resident = AT_HOME) -> Facts:
    told = msgspec.structs.replace(incident(), fix=fix, kind="fall")
    record = handoff.record(told, resident, now=NOW, desk_phone="+861012345678", position=(fix.lat, fix.lon, 8.0))
    return wording.describe(told, resident, now=NOW, zone=SHANGHAI, record=record)


@pytest.mark.parametrize("purpose", [Purpose.ASK, Purpose.DETAILS, Purpose.AGAIN, Purpose.RAISED, Purpose.DESK])
def test_who_is_not_at_home_is_told_with_both_places(purpose: Purpose) -> None:
    text = wording.sms(purpose, from_afar(), candidate(), ZH, standing=Standing.ASKED)
    assert "不在家，在31.2684,121.4359（家东北3.7公里）" in text
    assert "家庭地址：和平里三区5号楼2单元402" in text
    assert segments.leads(text.split("\n")[0], text)  # place and code lie in the first segment
    assert "4821" in text.split("\n")[0]
    said = spoken(wording.opening(purpose, from_afar(), candidate(), ZH))
    assert "不在家" in said
    assert "东北方向约3.7公里" in said
    assert "家庭地址是和平里三区5号楼2单元402" in said


@pytest.mark.parametrize("role", [Role.DISPATCH, Role.DESK])
def test_the_hand_off_says_both_places(role: Role) -> None:
    facts_ = from_afar()
    written = wording.sms(Purpose.HANDOFF, facts_, candidate(role), ZH)
    heard = spoken(wording.opening(Purpose.HANDOFF, facts_, candidate(role), ZH))
    assert "不在家，在31.2684" in written.split("\n")[0]
    for said in (written, heard):
        assert "人不在家：设备在31.26842, 121.43590（WGS-84），家东北方向3.7公里" in said
        assert "和平里三区5号楼2单元402" in said
    assert "NOT AT HOME" in wording.sms(Purpose.HANDOFF, facts_, candidate(role), EN)


def test_an_old_position_is_told_with_its_age_and_the_home_stays_the_place() -> None:
    text = wording.sms(Purpose.ASK, from_afar(at(31.26842, 121.43590, age_s=2400)), candidate(), ZH)
    assert "和平里三区5号楼2单元402。回复“1 4821”" in text
    assert "设备40分钟前最后位置：31.26842, 121.43590" in text


@pytest.mark.parametrize(
    "fix", [at(31.24462, 121.40871), at(31.24602, 121.40871), at(31.2546, 121.40871, accuracy_m=2000)]
)
def test_who_is_at_home_or_may_well_be_is_told_with_the_address(fix: Fix) -> None:
    assert "不在家" not in wording.sms(Purpose.ASK, from_afar(fix), candidate(), ZH)


def test_a_stranger_to_this_home_learns_no_illness_and_who_declined_no_door_code() -> None:
    own = msgspec.structs.replace(candidate(Role.FAMILY), rank=2, has_key=True)
    other = candidate(Role.FAMILY, name="别家儿子")
    assert "心衰" in wording.sms(Purpose.DETAILS, facts(), own, ZH, standing=Standing.ACCEPTED)
    for who, standing in ((other, Standing.ACCEPTED), (own, Standing.DECLINED)):
        for said in (
            wording.sms(Purpose.DETAILS, facts(), who, ZH, standing=standing),
            spoken(wording.opening(Purpose.DETAILS, facts(), who, ZH, standing=standing)),
            spoken(wording.answer(Heard.GO, Purpose.ASK, facts(), who, ZH, standing=standing)),
        ):
            assert not any(secret in said for secret in SECRETS[1:])
    assert SECRETS[0] not in wording.sms(Purpose.DETAILS, facts(), own, ZH, standing=Standing.DECLINED)
    shared = facts(share_medical=True)
    assert "心衰" in wording.sms(Purpose.DETAILS, shared, other, ZH, standing=Standing.ACCEPTED)


@BOTH
def test_the_desk_reads_who_wrote_what_about_whom(words: Texts) -> None:
    told = facts(words="她发烧了 {x}", by="张伟")
    text = wording.sms(Purpose.SAID, told, candidate(Role.DESK), words)
    for part in ("张伟", "她发烧了 {x}", "王秀英", "261121-7KQ2"):
        assert part in text
    heard = spoken(wording.opening(Purpose.SAID, told, candidate(Role.DESK), words))
    assert "她发烧了" in heard


# ---------------------------------------------------------------- what is too long pushes out nothing vital

DESK = Candidate(id="desk:0", name="值班", role=Role.DESK, language="zh-CN", channels=(Channel.SMS, Channel.VOICE))
LINE = Candidate(id="line", name="120", role=Role.DISPATCH, language="zh-CN", channels=(Channel.SMS, Channel.VOICE))
LONG = {
    "zh": "高血压三级，冠心病支架术后，二型糖尿病，慢性肾功能不全，" * 60,
    "en": "hypertension, coronary stent, diabetes type 2, chronic kidney disease, " * 60,
}
FIELDS = ("conditions", "medication", "allergies", "mobility")


def handed(resident: Resident, one: Incident) -> Facts:
    record = handoff.record(one, resident, now=NOW, desk_phone="+862160000000")
    return facts(one, resident, record=record)


@BOTH
@pytest.mark.parametrize("who", [DESK, LINE], ids=["desk", "line"])
@pytest.mark.parametrize("purpose", [Purpose.HANDOFF, Purpose.HANDOFF_UPDATE])
@pytest.mark.parametrize(
    "too_long", [(field,) for field in FIELDS] + [FIELDS, (*FIELDS, "address"), ("access", "address")]
)
def test_whom_to_ring_back_the_address_and_the_way_in_stand_in_every_hand_off(
    words: Texts, who: Candidate, purpose: Purpose, too_long: tuple[str, ...]
) -> None:
    long = LONG["zh" if words is ZH else "en"]
    resident = msgspec.structs.replace(WANG, **dict.fromkeys(too_long, long))
    one = msgspec.structs.replace(incident(), handoff=Handoff(state=HandoffState.QUEUED, step=0, version=2))
    text = wording.sms(purpose, handed(resident, one), who, words)
    assert len(text) <= 1600
    assert WANG.phone in text
    lines = text.split("\n")
    assert WANG.phone in lines[1], "before all else behind the first segment"
    for field in {"access", "address"} - set(too_long):
        assert getattr(WANG, field) in text
    for field in set(FIELDS) - set(too_long):
        assert getattr(WANG, field) in text or not getattr(WANG, field)


@BOTH
@pytest.mark.parametrize("purpose", [Purpose.DETAILS, Purpose.DESK])
def test_the_way_in_and_the_telephone_stand_before_what_is_long(words: Texts, purpose: Purpose) -> None:
    long = LONG["zh" if words is ZH else "en"]
    resident = msgspec.structs.replace(WANG, conditions=long, medication=long, allergies=long)
    who = DESK if purpose is Purpose.DESK else candidate(Role.NURSE)
    text = wording.sms(purpose, facts(incident(), resident), who, words, standing=Standing.ACCEPTED)
    assert len(text) <= 1600
    assert WANG.access in text
    assert WANG.phone in text


@given(st.text(max_size=3000), st.text(max_size=3000), st.text(max_size=3000))
def test_no_length_of_anything_takes_the_number_out_of_a_hand_off(conditions: str, access: str, address: str) -> None:
    resident = msgspec.structs.replace(WANG, conditions=conditions, access=access, address=address)
    text = wording.sms(Purpose.HANDOFF, handed(resident, incident()), LINE, ZH)
    assert WANG.phone in text
    assert len(text) <= 1600


@BOTH
def test_a_line_that_has_no_room_is_left_out_whole(words: Texts) -> None:
    """Half a dose is worse than none."""
    long = LONG["zh" if words is ZH else "en"]
    resident = msgspec.structs.replace(WANG, **dict.fromkeys((*FIELDS, "access", "address"), long))
    people = [Participant(who=candidate(name=f"{n}{'长名字' * 30}"), standing=Standing.ACCEPTED) for n in range(9)]
    text = wording.sms(Purpose.HANDOFF, handed(resident, incident(*people)), LINE, words)
    assert len(text) <= 1600
    assert text.endswith("…")


@BOTH
@pytest.mark.parametrize("kind", ["fall", "smoke", "inactivity"])
def test_nobody_is_said_to_have_pressed_what_a_sensor_reported_twice(words: Texts, kind: str) -> None:
    one = msgspec.structs.replace(incident(presses=2), kind=kind)
    told = [wording.sms(Purpose.ASK, facts(one), candidate(), words)]
    told.append(wording.sms(Purpose.HANDOFF, with_record(one), candidate(Role.DISPATCH), words))
    assert not [text for text in told if re.search("[Pp]ressed|按|呼救", text)]
    assert all("2" in text for text in told)


@BOTH
@pytest.mark.parametrize(
    ("standing", "said"),
    [(Standing.OVERDUE, "没有按时到|not come in time"), (Standing.DECLINED, "不来了|does not come")],
)
def test_who_is_asked_again_is_told_what_became_of_the_ambulance(words: Texts, standing: Standing, said: str) -> None:
    car = Candidate(id="ambulance", name="ambulance", role=Role.DISPATCH, language="", channels=())
    about = facts(incident(Participant(who=car, standing=standing)))
    desk = candidate(Role.DESK)
    assert re.search(said, wording.sms(Purpose.ASK, about, candidate(), words))
    assert re.search(said, wording.sms(Purpose.DESK, about, desk, words))
    assert re.search(said, " ".join(wording.opening(Purpose.DESK, about, desk, words).say))


@BOTH
def test_who_says_late_that_she_is_well_is_told_that_somebody_may_come(words: Texts) -> None:
    her = candidate(Role.RESIDENT)
    alone = wording.answer(Heard.WELL, Purpose.VERIFY, facts(), her, words).say
    asked = facts(incident(Participant(who=candidate(name="李强"))))
    heard = wording.answer(Heard.WELL, Purpose.VERIFY, asked, her, words).say
    assert heard != alone
