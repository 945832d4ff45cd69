"""Who cries and who calls for the ambulance, in the words people text; and who only speaks of it.

A resident is heard rather too often than too seldom. Of somebody engaged in a case an ambulance is called when they say
so, or name what only it can help; all else is words for the desk.
"""
# ruff: noqa: E501 - tables of what people write

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from escalation import menu
from escalation.incident import Answer

CODE = "3783"


def rows(table: str) -> list[str]:
    """The examples of a table, a few a line."""
    return [row.strip(" ") for line in table.strip().split("\n") for row in line.split("|") if row.strip(" ")]


CRIES = """
我摔断腿了躺在地上|我躺在地上|我在地上|我跌到地上了|我倒了|我摔地上啦|摔咯|我摔了|摔到地上起不来|跌坐在地上|我坐在地上起不来|趴在地上了|倒在厕所了|我躺在浴室|在地板上|滑了一跤|绊了一跤|从床上掉下来了|栽倒了|帅倒了
跌咗一跤|起唔到身|我跌親|仆親|跌低咗|唔舒服|好辛苦|抖唔到氣|行唔到|郁唔到|心口翳|瞓喺地下|快啲嚟人|叫白車|火燭啊|有賊入屋|暈咗|我唔得|唔想做人|食錯藥
我疼|痛|疼|好痛啊|腿疼得厉害|肚子疼|腰疼起不来|牙疼得受不了|流了好多血|出了很多血|手割破了|头撞了|头磕破了|扭到脚了|烫到手了|手被门夹住了|被狗咬了
胸口发闷|胸口堵得慌|胸口压得慌|我喘|喘得厉害|上气不接下气|气上不来|憋得慌|喘不过气|呼吸不上来|心跳得厉害|心跳很快|心慌|心脏不舒服|心脏难受|心里难受
我快不行啦|我不行了|我没力气了|浑身没劲|腿软|站不稳|全身无力|一点力气都没有|出冷汗|我快要昏了|我要晕了|头好晕|天旋地转|头昏|眼前发黑|眼前一黑
我看不见了|手脚发麻|半边身子麻|嘴歪了|说不清话|舌头麻了|手抬不起来|左手没知觉|话说不清楚了|腿不听使唤
药吃多了|吃错药了|安眠药吃过量了|我喝了农药|误食了老鼠药|我想死|不想活了|活不下去了|我要自杀|死了算了|活着没意思
我妈不动了|我老伴昏倒了|他叫不醒了|我爸没气了|老伴不行了|噎住了|喉咙卡住了|鱼刺卡喉咙|呛住了|抽搐了
家里有烟|屋里全是烟|闻到煤气|煤气味好大|有煤气味|燃气漏了|着火啦|厨房烧起来了|闻到糊味|漏电了|火好大
有人在撬门|有陌生人|有贼|有人进来了|有人爬窗|家里进了小偷|有人砸门|有人打我|门口有陌生人
厕所里出不来|门打不开|我出不去了|被锁在里面|反锁在厕所了|困在电梯里|我被关在阳台|进不去家门
你们来一趟|来一下|快来看看我|来看看我|来个人|能不能来个人|快点过来|麻烦来一下|派个人来|送我去医院|叫我儿子来|叫医生|我要人帮|救人啊|没有人来帮我|有没有人来
我发烧了|我病了|我不太舒服|不对劲|我不好|我害怕|好惊|我下不了床|胰岛素打多了|窗户有人|恶心想吐|血压太高了|血糖低了|过敏了|遭不住了|不得劲|脑壳晕|浑身发抖
jiuming|救名啊|shuaidao le|bang wo|qi bu lai|胸囗痛|要不要叫救护车|救护车什么时候来|我摔倒了，救护车什么时候来
hlep me|helpp|HELP ME PLS|heelp|I'm ill|im ill|I am not OK|not ok|not feeling good|I feel sick|I am unwell|I'm so weak|feeling dizzy|dizy|dizzzy|I'm faint|lightheaded|room is spinning|I might pass out
took a tumble|I had a fall|I fel over|lying on the floor|on the floor|I'm still on the ground|tripped on the rug|lost my balance|hit my head|I slipped in the bath|I fell out of bed|cannot get up|can't stand|cant move
I cut myself|I'm bleeding|so much blood|burnt my hand|broke my hip|my leg hurts|my back is killing me|my hip is sore|sprained ankle|headache|agony
face is drooping|my arm is numb|my speech is slurred|I can't see|blurred vision|left side is weak|tingling in my hand|I can't speak
chest pain|my chest feels tight|chest is heavy|heart is racing|palpitations|my heart hurts|hard to breathe|short of breath|gasping|can't catch my breath|out of breath|chocking|I'm choking
I want to die|don't want to live|I want to end it|kill myself|better off dead|took too many pills|I took the wrong tablets|overdose|I drank bleach
someone is in my house|somebody at the window|a stranger in the flat|someone broke in|break in|there is a burglar|robbed|he hit me|someone is trying to get in
there's smoke|smell of gas|i smell gas|kitchen is burning|fire|smoke everywhere|carbon monoxide alarm|flames
please send someone|send somebody|get my daughter|come please|please come over|come quick|come!|hurry|I need you|need a nurse|someone come|can someone come|can you help me|nobody came|call my son
locked in the bathroom|I'm locked out|stuck in the lift|can't get out|door won't open|trapped|I'm sick|throwing up|vomiting|high fever|low sugar|I'm scared|something is wrong|im on floor|feeling funny|amublance|ambulence please
no seizure but I fell|I did not fall but my chest hurts|I had a stroke last year and now my arm is numb|去年中风过，现在手又麻了|没有摔，就是胸口闷|my husband is not moving
"""

NO_CRIES = """
我没事|我很好|没有摔倒|没摔|我不疼了|不痛了|没有着火|没有烟|没有发烧|不头晕|没有不舒服|没有生病|我家住120号|我住110室|120路公交车|血压120|天气真好|晚上吃什么|明天见|谢谢你们|按错了
心疼钱|他很痛快|笑死了|想你们了|我在地铁上|倒了杯水|吃药了|止痛药吃完了|股票跌了|手机摔坏了|去年摔过|三年前中风过|以前得过脑梗|电话没反应|敲门没反应|小心别摔倒
I'm fine|I am ok|no seizure|not dizzy|I am not ill|no smoke|no fire|never fell|did not faint|I'm not bleeding|not locked in|no emergency|happy to help|dying to help|thanks for your help|no one is hurt|can I help
I had a stroke last year|broke my hip in 2019|fell asleep|bus 120|room 911|flat 112|dying for a cup of tea|good morning|see you tomorrow|my battery is dead|gas bill came|keep fit|come over for dinner|lunch at noon
"""

AMBULANCE = """
她不动了|她昏倒了|她晕倒了|怎么叫都不醒|她不喘了|她喘不上来|摸不着脉|满地是血|她头破了流了很多血|她死了|她抽了|她胸痛|她嘴唇紫了|一点反应都没有|喝农药了|上吊了|翻白眼|叫白车
人没反应|她没有意识了|没知觉了|喊她不应|叫她她不应|推不醒|怎么摇都不醒|一动不动|昏死过去了|晕厥|她休克了|脉搏很弱|摸不到脉搏|没心跳了|心跳停了|呼吸很微弱|只有出气没有进气|气上不来|脸发紫|嘴唇发青|呼吸急促
到处都是血|血止不住|流了一地血|吐血了|失血过多|浑身是血|快断气了|她快死了|身体冰凉|好像死了|人没气了|奄奄一息|生命垂危|她胸口疼|胸口很闷|心脏病犯了|心绞痛|脑出血|嘴歪了|半身动不了|说不出话
全身抽搐|她在抽|羊癫疯犯了|口吐白沫|噎住了|喉咙卡住了|吃了很多安眠药|喝了敌敌畏|药吃多了|煤气中毒|割腕了|跳楼了|要自杀|触电了|溺水了|送她去医院|她要去医院|赶紧送急诊|快打120|叫急救车|能叫救护车吗|帮我叫救护车|需要抢救
佢暈咗|佢冇反應|冇呼吸|冇脈|叫佢唔醒|佢唔郁咗|流咗好多血|佢抖唔到氣|她胸口痛得厲害|她昏過去了|救護車快來|沒反應了|進門了，她沒反應|敲门没人开，撬开后她没反应|去年中风过，现在没有意识|电话里她没气了|她躺在屋里没反应|邻居说她没反应|恐怕中风了|怕是不行了|她手机掉地上，人没反应|心脏不跳了|瞳孔放大了|她吞了一瓶安眠药|她把一整瓶药都吃了|头破血流
she is not moving|cant find a pulse|very weak pulse|blood everywhere|her lips are blue|she's having a fit|severe chest pain|she's gasping|struggling to breathe|chocking|AED needed|EMS now|hanged herself
not moving at all|she isn't moving|doesn't move|motionless|no pulse|can't feel her pulse|pulse is gone|no heartbeat|barely breathing|can't breathe|she cannot breathe|hard to breathe|short of breath|breathing is very shallow|not breathin|is breathing badly
unconscious|unconcious|unresponsive|not responding|she won't wake up|can't wake her|out cold|passed out|she fainted|she collapsed|no response from her|does not react|lost consciousness
a lot of blood|losing blood|bleeding heavily|bleeding won't stop|can't stop the bleeding|coughing up blood|pool of blood|she vomits blood|can't get her to wake up|I need an ambulance here|face is drooping|slurred speech|left side paralysed|she can't speak|stroke|heart attack|cardiac arrest
having a seizure|sezure|convulsions|foaming at the mouth|eyes rolled back|she is choking|overdose|took too many pills|drank bleach|swallowed a bottle of pills|poisoned|suicide|tried to kill herself|slit her wrists|electrocuted
she is dead|I think she's dying|she died|turning blue|face is grey|cold and stiff|call 999|get an ambulance|ambulance now|ambulans|amublance quick|can you call an ambulance|send paramedics|needs hospital|take her to hospital|dial 911|CPR|need a defibrillator|medical emergency
she had a stroke last year, now she is unconscious|no seizure but not breathing|no answer at the door, we broke in, she is not breathing|can you send an ambulance?|need ambulance here|when I arrived she was down, call an ambulance|there is an emergency, ambulance please|I called her name, no response|found her at the door, not responding|I have got to get an ambulance
"""

NO_AMBULANCE = """
敲门没反应|门铃没反应|电话没反应|打电话没反应|敲门没人应|敲了半天门，没反应|按门铃没动静|微信没反应|手机没人接没反应|屋里没动静|家里没有反应|敲门她没反应
没必要叫救护车|救护车先别叫|没有大出血|不用救护车|先不叫救护车|暂时不用叫救护车|不需要送医院|她不肯去医院|不想去医院|不让叫救护车|没有抽搐|没有中风|没昏倒|没有晕倒|没有胸痛|没有流血|不胸闷|不是心梗|没有生命危险|唔使叫白車|没有中毒|没有噎住|没抽|没有自杀
我家住120号|她家是120室吗|我在120路公交车上|120栋|血压120|住120|坐120路|门牌120|花了120元|她120斤
救护车什么时候来|救护车到哪了|救护车怎么还没来|救护车还没到|救护车来了吗|要不要叫救护车|需要叫救护车吗|叫救护车了吗|有没有叫救护车|已经叫了救护车|她儿子叫了救护车|救护车走了|在等救护车|救护车呢|楼下有救护车|救护车在路上
她老公中风走了三年了|她去年中风过|三年前心梗过|以前得过癫痫|她老伴去世了|她有没有呼吸|她有没有反应|她昏迷了吗|如果她昏迷就叫我|我在医院|我要去医院看病去不了|我送孩子去医院了|急救箱在哪
笑死了|累死了|热死了|急死我了|我快累死了|手机死机了|她在吃饭|她说头疼|她摔倒了|她起不来|她没事|钥匙在哪|几楼|门锁着|煤气没气了|抽了支烟|车不动了|现在抽不开身|没反应过来|门锁死了|她有癫痫病史|中风险地区|我走不动了|打不开门|心疼她
ambulance not required|ambulance isn't needed|ambulance is not needed|an ambulance is not necessary|no seizure|she does not need to go to hospital|she doesn't want to go to hospital|no ambulance|we don't need paramedics|hold the ambulance|ambulance unnecessary|refused the ambulance
I am dying to help|dying for a cup of tea|my phone is dying|battery is dead|dead end here|dying of curiosity|stroke of luck|you gave me a heart attack
she had a stroke last year|she had a heart attack 3 years ago|in 2019 she had a seizure|history of seizures|since her stroke she walks slowly|her husband died last year|her husband died
where is the ambulance|when is the ambulance coming|how long will the ambulance take|has anyone called an ambulance|should I call an ambulance|did you call an ambulance|is the ambulance coming|ambulance is on its way|who called the ambulance|did the ambulance come|ambulance eta?|ambulance can be cancelled|I don't think she needs an ambulance|I nearly had a heart attack|the ambulance has left|waiting for the ambulance|any news of the ambulance|we won't need the ambulance|don't bother with an ambulance|she denies chest pain|I have called an ambulance|ambulance?|does she need an ambulance?
bus 120|room 120|flat 112|I live at 120|bp 120/80|number 911|120 kg
no answer at the door|no response at the door|knocked, no response|rang the bell, no answer|not responding to the doorbell|called her phone, no response|not answering the phone|traffic is not moving|no movement from inside
no blood|not bleeding|not choking|she is not dead|did not faint|no chest pain|not unconscious|she is breathing|she is awake|is she breathing?|is she unconscious?|I am at the hospital|I'm taking my son to hospital|I work next to the hospital|hospital appointment
she fell|she is fine|she feels cold|door locked|which floor|where is the key|nobody home|keep fit|she is watching tv|not going to make it
"""

YES = """
1 3783 我10分钟到 电话13800138201|1 3783 电话13800138201|1 3783 我的手机号13800138201|1 3783，手机：138 0013 8201|1 3783 打我电话13800138201|1 3783 座机010-62345678|3783 1 电话 +86 13800138201|我去 3783 电话13800138201|1 3783 联系我13800138201
No problem, I'll go 3783|no worries, going 3783|no problem going 3783|don't worry, I'll go 3783|not far, I'll come 3783|I'm nearby, on my way 3783|1 3783 no problem|let me go 3783|we're coming 3783|heading out 3783|setting off 3783|en route 3783|1 3783 call me on 07700900123|1 3783 my number is +447700900123|going 3783 phone 07700900123|no trouble, coming 3783|I'm free, I'll go 3783|yes no problem 3783
没事我去 3783|没事，我去 3783|不远,我去 3783|不远，我去 3783|我不忙我去 3783|俺去 3783|我会去 3783|马上赶到 3783|我离得不远，我去 3783|我正在赶过去 3783|俺来 3783|俺马上去 3783|俺这就去 3783|让我去 3783|让我来 3783|好的，这就出门 3783|马上出门 3783|这就下楼 3783|这就动身 3783|我有空，我去 3783|我在家，马上去 3783|没关系我去 3783|离得近，我去 3783|我就在附近，马上到 3783|不麻烦，我去 3783|我去帮忙 3783|跑过去 3783|咱去 3783
"""
NO = """
俺去不了 3783|俺不去 3783|没事我不去 3783|我很忙 3783|太忙了 3783|我在上班 3783|太远了 3783|出不了门 3783|2 3783 电话13800138201|我去唔到 3783|唔得闲 3783|sorry no 3783|I'm busy 3783
"""
THERE = "3 3783 我到了 电话13800138201|到了 3783 电话13800138201|到她家门口了 3783|我到咗 3783"
DOUBT = """
我去? 3783|我去？3783|我去?3783|go? 3783|I go? 3783|好的? 3783|马上到? 3783|不让我去 3783|谁让我去 3783|我到家了 3783|到家了 3783|刚到家 3783|我已到家 3783|I'm home 3783|I am home 3783|arrived home 3783|got home 3783
no problem 3783|没事 3783|不远 3783|别让我去 3783|老婆不让去 3783|don't worry 3783|我到自己家了 3783|wait 3783
"""


@pytest.mark.parametrize("body", rows(CRIES))
def test_it_hears_a_resident(body: str) -> None:
    assert menu.cries_for_help(body)


@pytest.mark.parametrize("body", rows(NO_CRIES))
def test_it_leaves_a_resident_in_peace(body: str) -> None:
    assert not menu.cries_for_help(body)


@pytest.mark.parametrize("body", rows(AMBULANCE))
def test_it_hears_that_an_ambulance_is_needed(body: str) -> None:
    assert menu.calls_for_ambulance(body)


@pytest.mark.parametrize("body", rows(NO_AMBULANCE))
def test_it_invents_no_ambulance(body: str) -> None:
    assert not menu.calls_for_ambulance(body)


def _read(body: str) -> tuple[Answer | None, str | None]:
    reading = menu.read(body, [CODE])
    return reading.answer, reading.code


@pytest.mark.parametrize("body", rows(YES))
def test_it_takes_a_yes_with_friendly_words_or_a_telephone_number(body: str) -> None:
    assert _read(body) == (Answer.GO, CODE)


@pytest.mark.parametrize("body", rows(NO))
def test_it_takes_a_no_with_them(body: str) -> None:
    assert _read(body) == (Answer.CANNOT, CODE)


@pytest.mark.parametrize("body", rows(THERE))
def test_it_takes_an_arrival_at_her_door(body: str) -> None:
    assert _read(body) == (Answer.THERE, CODE)


@pytest.mark.parametrize("body", rows(DOUBT))
def test_it_asks_again_where_it_is_a_question_or_ones_own_home(body: str) -> None:
    assert _read(body) == (None, CODE)


@pytest.mark.parametrize(
    "body", ["我到家了", "到家了", "我已经到家了", "I'm home", "I am home now", "got home", "arrived home"]
)
def test_who_has_got_home_is_not_at_her_door(body: str) -> None:
    assert menu.read(body, [CODE]).answer is None


NEGATIONS = [
    "没",
    "不",
    "没有",
    "不是",
    "并不",
    "别",
    "还没",
    "not ",
    "no ",
    "don't ",
    "never ",
    "I do not ",
    "it is not that ",
]


@given(
    st.sampled_from(
        [*rows(NO), "2 3783 没空", "我去不了 3783", "不方便 3783", "no 3783", "I can't 3783", "not coming 3783"]
    ),
    st.sampled_from(NEGATIONS),
)
def test_a_negation_in_front_turns_no_no_into_a_yes(body: str, negation: str) -> None:
    assert menu.read(negation + body, [CODE]).answer is not Answer.GO


@given(
    st.sampled_from([body for body in rows(YES) if body[0] not in "13"]),
    st.sampled_from(["没", "不", "别", "还没", "don't ", "I do not "]),
)
def test_nor_does_it_leave_a_yes_in_words(body: str, negation: str) -> None:
    words = body.removesuffix("?")
    reading = menu.read(negation + words, [CODE])
    assert reading.answer is not Answer.GO or words.startswith(("不", "没", "don't", "no", "No"))


@pytest.mark.parametrize(
    "junk",
    [
        "没有",
        "不用叫",
        "no need to ",
        "血",
        "抽",
        "敲门",
        "门",
        "她",
        "喝",
        "去年",
        "stroke ",
        "call ",
        "the ",
        "not get any ",
        "door ",
        "120 ",
        "电话",
        "where ",
        "叫她她她",
        "i ",
    ],
)
def test_no_text_takes_long_to_read(junk: str) -> None:
    body = junk * (100_000 // len(junk))
    began = time.process_time()
    menu.read(body, [CODE])
    menu.cries_for_help(body)
    menu.calls_for_ambulance(body)
    assert time.process_time() - began < 1
