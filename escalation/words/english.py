"""English: what people reply with, and what they cry, with the spellings of a hand that shakes."""
# ruff: noqa: E501, ISC004 - patterns, one kind a line

from __future__ import annotations

from escalation.words.vocabulary import Vocabulary, listed

_NUMBER = r"(?:[0-9]{1,3}|a|an|one|two|three|four|five|six|seven|eight|nine|ten|fifteen|twenty|half an?|few|couple of)"
_SPAN = rf"{_NUMBER}(?: ?(?:-|to|or) ?{_NUMBER})?"
_CAN_NOT = r"(?:can ?not|can ?'?t|cudnt|couldn'?t|unable to)"
_NO_NEED = (
    r"(?:(?:do|does|did|is|was|have|has|had|am|are)(?: not|n'?t)|dont|doesnt|didnt|isnt|wasnt|havent|hasnt|not|never|no|"
    r"without|cancel(?: the)?)"
)
_ALONG = r"(?: (?:need|needs|needed|want|wanted|require|call|send|any|an?|the|for|to|have|had|really|is|in|of|been|feel|bad)){0,8}"
_DENIABLE = (
    r"(?:help needed|help|fall(?:en)?(?: down)?|fell|hurt|injured|bleeding|fire|pain|chest pain|emergency|ambulance|doctor|"
    r"unconscious|dizzy|stuck|trapped|faint(?:ed)?|911|999|112|120|collapsed|stroke|heart attack|hospital|paramedics?|sos|cpr)"
)

# For the longer lists below: what stays within one clause, and never longer than a clause is.
_IN = r"[^,.;!?\n]"
_NOT_SO = (
    r"(?:(?:do|does|did|is|was|has|have|had|am|are|would|will|should|need|could)(?: not|n'?t)(?: think (?:she|he|they))?|dont(?: think (?:she|he|they))?|doesnt|didnt|isnt|wasnt|havent|hasnt|"
    r"wont|won'?t|wouldn'?t|denies|denied|not|never|no|without|nor|neither|cancel|hold|refus(?:es|ed|ing)|declin(?:es|ed|ing)|no sign of|no signs of)"
)
_BESIDES = (
    r"(?: (?:need|needs|needed|want|wants|wanted|require|requires|call|send|any|one|an?|the|for|to|have|having|had|really|is|in|of|been|be|being|feel|feeling|"
    r"bad|very|bother|bothering|with|so|go|going|get|taken|take|her|him|me|actually|visible|even|more|at|all|signs?)){0,8}"
)
_STATE = (
    r"(?:seizures?|fits?|fitting|convulsions?|chok(?:e|ed|ing)|dying|dead|died|overdos\w*|poison\w*|blood|bleed(?:ing)?|strokes?|heart attacks?|chest pains?|"
    r"hospital|ambulances?|paramedics?|ems|cpr|aed|defib\w*|999|911|112|120|pass(?:ed)? out|faint(?:ed|ing)?|collapsed?|unconscious|unresponsive|suicid\w*|"
    r"smoke|gas|intruder|burglar|panic|emergency|danger|sick|ill|unwell|numb|dizzy|weak|locked (?:in|out)|trapped|stuck|lost|hurt|injured|on the floor|in pain|breathless|stroke signs?)"
)
_AILMENT = r"(?:strokes?|heart attacks?|seizures?|fits?|overdos\w*|collapsed|fainted|passed out|unconscious|died|fell|falls?|broke\w*|ambulance|hospital|choked|cardiac arrest|bled)"
_LONG_AGO = r"(?:(?:years?|months?|weeks?|decades?) ago|last (?:year|month|week|summer|winter|spring|autumn)|in (?:19|20)[0-9]{2}|in the past|as a child)"
_VEHICLE = r"(?:ambulances?|ambulence|paramedics?|ems)"
_MANY = r"(?:too many|(?:a )?(?:whole )?bottle of|lots of|a lot of|all (?:of )?(?:her|his|my|the|their)|the whole|handful of|overdose of)"

# Who does not come says so of themselves, and nothing follows that makes it another thing ("I cannot come in").
_MINE = (
    r"(?:^|[,.;:!。、\n]|\b(?:i|we|sorry|traffic|jam|afraid)\b)"
    r"(?: ?\b(?:i|we|really|just|still|actually|probably|definitely|unfortunately|now|think|sorry|so|and|but|that)\b){0,6} ?"
)
_NO_MORE = (
    r"(?= *(?:$|[,.;!:)。、\n]|any ?more\b|after all\b|today\b|tonight\b|(?:right )?now\b|at all\b|this time\b|sorry\b|because\b|cos\b|since\b|as i\b|over\b|"
    r"there\b(?! (?:before|until|till|by|in))|to (?:her|him|you|them)(?: *$| *[,.;!])|either\b|i'?m\b|i am\b|i have\b|my \w+ (?:is|has|broke)|"
    r"the (?:traffic|road)|due to\b|stuck\b|(?:so )?please\b|and i\b|have to\b|thank))"
)

_CANNOT = listed(
    "cannot; can not; cant; can't; no; nope; unable; not going; not coming; don't go; dont go; can't go; "
    "cannot go; can not go; cant go; can't come; cannot come; cant come; can not come; no go; won't go; "
    "won't come; wont go; wont come; i can't; i cant; i cannot; unable to go; unable to come; not able "
    "to; not able to come; not able to go; can't make it; cannot make it; cant make it; won't make it; "
    "not available; unavailable; i'm away; i am away; not at home; not home; out of town; i'm busy; i am "
    "busy; too far; sorry no; not me; i'm not going; i am not going; i'm not coming; i am not coming; i "
    "won't; can't right now; can't now; i decline; decline; n"
)

ENGLISH = Vocabulary(
    go=listed(
        "go; going; i go; i'll go; i will go; can go; coming; i'm coming; i am coming; on my way; on the way; "
        "omw; i'm on my way; i come; i'll come; i will come; be right there; i'll be there; i will be there; "
        "will be there; heading there; heading over; on it; leaving now; i'm going; i am going; can come; i "
        "can go; i can come; will do; will go; will come; i'll take it; i take it; almost there; nearly "
        "there; be there soon; be there; let me go; let me come; i'll head over; i will head over; heading out; setting off; "
        "just leaving; i'm leaving now; i am leaving now; we're coming; we are coming; we'll come; we'll go; we are going; "
        "running over; i've got this; i got this; en route; enroute; otw; count me in; i'll do it; i can do it; coming over; i'll be right over; "
        "be right over; right over; gonna go; i'm gonna go; leaving home now; i'll be right there"
    ),
    agree=listed(
        "yes; yep; yeah; yup; ya; y; ok; okay; okey; k; sure; alright; all right; affirmative; of course; i can"
    ),
    cannot=(*_CANNOT, *(f"i {word}" for word in _CANNOT)),
    there=listed(
        "arrived; i arrived; i have arrived; i've arrived; here; there; i'm there; i am there; i'm here; i am "
        "here; at the door; i'm at the door; i am at the door; just arrived; got here; made it; on site; on "
        "scene; am there; am here; reached"
    ),
    done=listed("done; taken; handed over; ambulance called; called the ambulance; confirmed; confirm"),
    ordered=(
        r"\b(?:(?:have|already|just) ){0,2}(?:called|rang|rung|phoned|dialled|dialed) (?:120|999|112|911|000)\b",
        r"\b(?:120|999|112|911|000) (?:has been |is |was )?(?:called|rung|phoned|dialled|dialed)\b",
    ),
    called_off=(
        r"\bno (?:ambulances?|paramedics?|crews?|cars?|vehicles?|units?)(?: (?:is|are))?(?: (?:available|free|left|to send|coming|can come|will come)\b|[\s.!,]*$)",
        r"\b(?:ambulances?|ambulence|paramedics?|crew|car|vehicle|unit)\b(?: (?:is|are|was|were|has|have|had|been|got|will|now|sorry))*,? (?:(?<!not )(?<!never )cancel+ed|refused|declined|not (?:coming|come|available)|unavailable|isn'?t coming|won'?t (?:come|be coming)|can ?not come|can'?t come|cant come|unable to come|not able to come)\b(?! yet| off)",
        r"\b(?:we|i) (?:can ?not|can'?t|cant|won'?t|will not|are unable to|are not able to) (?:come|send|make it|attend)\b",
        r"^\W*(?:sorry\W+)?(?:it(?:'s| is| was| has been)? )?cancel+ed\b[\s.!]*(?:;\s*)?$",
    ),
    fails=(
        rf"{_MINE}(?:can ?not|can ?'?t|won'?t|will not|couldn'?t|could not|(?:'m |am |'re |are )?(?:unable to|not able to|not going to))(?: be able to)? "
        rf"(?:make it|come|go|be there|be coming|get there){_NO_MORE}",
        rf"{_MINE}(?:'m|am|'re|are)(?: sorry| afraid| really)? not (?:coming|going){_NO_MORE}",
        r"\b(?:i|we)(?:'ve|'m|'re|'ll| have| had| am| are| will)? (?:(?:had|have) to |must )?(?:turn(?:ed|ing)? (?:back|(?:a)?round)|(?:go|going|went|gone|driving|drove) back home)(?= *(?:$|[,.;!。、\n]))",
        r"\b(?:do not|don'?t) (?:wait for|count on|rely on|expect) (?:me|us)\b",
    ),
    ones={"one": "1", "two": "2", "three": "3"},
    polite=listed(
        "i; i'm; im; i'll; i am; will; please; pls; plz; reply; code; thanks; thank you; thx; ty; hi; hello; hi there; hello there; hey there; hey; hiya; there there; good morning there; good afternoon there; good evening there; thanks there; thank you there; cheers there; "
        "good morning; good afternoon; good evening; good day; "
        "received; got it; noted; roger; copy; understood; now; right away; right now; immediately; asap; "
        "the; a; answer; in; about; within; around; approx; approximately; soon; sorry; dear; all; just; my; "
        "is; it; for; to; so; already; re:; ref; number; option; press; key; ill; dear sir; regards; cheers; "
        "also; oh; and; at; no problem; no problems; no prob; not a problem; no worries; no worry; no bother; no trouble; "
        "don't worry; dont worry; not to worry; not far; i'm not far; i am not far; not busy; i'm not busy; i am not busy; "
        "nearby; i'm nearby; i live nearby; close by; i'm close; i am close; i'm free; i am free; not a bother; no big deal"
    ),
    doubt=listed(
        "not there; not here; not arrived; not yet; haven't arrived; have not arrived; maybe; perhaps; might; "
        "if; unless; later; tomorrow; tonight; not sure; unsure; don't know; dont know; who; what; where; "
        "why; which; when; how; should i; do i; shall i; can i; may i; must i; not ok; not okay; not now; do "
        "not go; do not; don't; dont; not; but; except; nobody; no one; noone; someone else; somebody else; "
        "he; she; they; is there; are you; do you; did you; anyone there; who is there; not done; is coming; "
        "is going; ago; unsubscribe; wrong; wait; hold on"
    ),
    times=(
        rf"\b(?:in |within |about |around |~ ?){{0,3}}{_SPAN} ?(?:min(?:ute)?s?|mins|sec(?:ond)?s?|metres|meters|m|km|miles?|blocks?|floors?|people)\b",
        r"\b[0-9]{1,2}[:.h][0-9]{2} ?(?:am|pm)?\b",
        r"\b[0-9]{1,2} ?(?:am|pm|o'?clock)\b",
        r"\b(?:room|flat|apt|apartment|unit|floor|block|building|house) ?[0-9]{1,5}\b",
    ),
    long_times=(
        rf"\b{_SPAN} ?(?:h|hr|hrs|hours?|days?|weeks?)\b(?: and a half)?",
        r"\b(?:[3-9][0-9]|[1-9][0-9]{2}) ?(?:min(?:ute)?s?|mins|m)\b",
        r"\b(?:an|half an) hour\b",
    ),
    cries=(
        r"\bh+e+l+p+(?: me)?\b|\bhlp\b|\bsos\b|\bemergency\b|\bmayday\b|\bsave me\b|\brescue\b",
        r"(?<![0-9])(?:911|999|112|120|110|119)(?![0-9])|\bambulance\b|\bambulence\b|\bparamedics?\b",
        r"\bfell\b|\bfallen\b|\bfel down\b|\bfall(?:ing)? down\b|\bhad a fall\b|\bslipped\b|\btripped\b|\bon the (?:floor|ground)\b|\bcollaps",
        rf"\b{_CAN_NOT} (?:get|stand|sit|move|walk|breath|breathe|speak|talk|swallow|see|feel|reach|open|stop)\b|\b{_CAN_NOT} .{{0,12}}\bup\b",
        r"\bchest\b.{0,20}\b(?:pains?|hurts?|hurting|tight|pressure)\b|\b(?:pains?|pressure|tightness) in .{0,8}chest\b",
        r"\bbreathless\b|\bshort of breath\b|\bdifficulty breathing\b|\btrouble breathing\b|\bchok(?:e|ed|ing)\b|\bno air\b",
        r"\bbleed(?:s|ing)?\b|\bblood\b|\bhurts?\b|\bhurting\b|\binjured\b|\bbroken?\b|\bpains?\b|\bpainful\b|\bburn(?:s|ed|t|ing)?\b",
        r"\bstroke\b|\bheart attack\b|\bmy heart\b|\bseizure\b|\bfaint(?:ed|ing)?\b|\bdizzy\b|\bunconscious\b|\bpassed out\b|\bdying\b|\bi(?: am|'m) going to die\b",
        r"\bfire\b|\bsmoke\b|\bgas (?:leak|smell)|\bsmell(?:ing|s)? (?:of )?gas|\bintruder\b|\bburglar\b|\bbreaking in\b|\bpolice\b|\bstuck\b|\btrapped\b|\blocked (?:in|out)\b|\bi(?: am|'m) lost\b",
        r"\bcall (?:some(?:one|body)|any(?:one|body)|a doctor|the doctor|my (?:son|daughter))\b|\b(?:some(?:one|body)|any(?:one|body)) (?:come|here|help)\b",
        r"\bcome (?:quick(?:ly)?|now|here|fast|please)\b|\bplease come\b|\bneed (?:a )?(?:doctor|nurse|hospital|somebody|someone)\b",
        r"\bfeel(?:ing)? (?:very |so |really )?(?:sick|unwell|ill|bad|awful|terrible|faint|weak|dizzy)\b|\bvery (?:sick|ill)\b|\bnot (?:feeling )?well\b",
        r"\bh+e*l+e*p+(?:me)?\b|\bhlep\b|\bhepl\b|\bhelo me\b|\bhalp\b|\bheelp\b|\bpelase\b|\bambul(?!at)\w{2,5}\b|\b(?:amublance|abulance|anbulance|amblance|amulance)\b",
        r"\b(?:fel|felled|falled)\b|\bi (?:fall|felt down)\b|\b(?:took|taken|had) (?:a )?(?:bad |nasty )?(?:tumble|spill)\b|\btumbled\b|\btoppled\b|\blost (?:my )?balance\b|\bwent down\b|\b(?:hit|banged|bumped|cracked) my\b|\bfractur|\bsprain|\btwisted\b|\b(?:lying|laying|am|i'm|im|still|stuck|down) (?:here )?on (?:the |my )?(?:floor|ground|back|stairs|carpet|bathroom)\b|\bon the (?:stairs|bathroom)\b",
        r"\bi(?:'?m| am)(?: (?:very|so|really|feeling|quite|a bit|too|still|all|just)){0,3} (?:ill|sick|unwell|weak|dizzy|faint\w*|poorly|hurt|scared|frightened|in (?:pain|trouble|danger|agony)|down|lost|stuck|confused|cold and|dying|shaking|sweating|numb)\b|\bnot (?:feeling )?(?:ok|okay|good|alright|all right|fine|right)\b",
        r"\bdi+z+y+\b|\bdizziness\b|\bweak\b|\bweakness\b|\bfaint|\blight ?headed\b|\bvertigo\b|\bno strength\b|\b(?:room is )?spinning\b|\bpass(?:ing)? out\b|\bblack(?:ing|ed)? out\b|\bgiddy\b|\bcollapse",
        r"\bnumb|\bdroop|\bslurr?(?:ed|ing)\b|\btingl|\bblurr|\bblind\b|\bparaly|\bpalpitation|\bheart (?:is |keeps )?(?:racing|pounding|beating|hurts|stopp|flutter|skipping)|\bvomit|\bthrow(?:ing)? up\b|\bthrew up\b|\bnause|\bfever\b|\bsweating\b|\btrembling\b|\blow (?:blood )?sugar\b|\bhypo\b|\ballergic\b|\bswollen\b|\b(?:chest|lungs?|arm|leg|head|back|hip|stomach|tummy|belly|neck|body)(?: (?:is|are|feels?|so|very|really)){0,3} (?:aches?|aching|sore|hurts?|tight|heavy|numb|weak|killing me)\b|\bache\b|\baches\b|\bheadache\b|\bagony\b|\bsore\b",
        r"\b(?:hard|struggling|fighting|trouble|difficult\w*) (?:to |for |in )?(?:breath\w*|air)\b|\bcan ?n?o?'?t (?:catch|get) my breath\b|\bout of breath\b|\bgasping\b|\bwheez|\bsuffocat|\bcho(?:k|ck)(?:e?ing|e?d|es?)\b|\bbreathing (?:is )?(?:hard|difficult|bad)",
        r"\bcut (?:myself|my)\b|\bwound|\bscald|\bstabb|\belectrocut|\bdrown|\bpoison|\bo(?:ver)?dos(?:ed|e|ing)\b|\b(?:too many|wrong) (?:of my |of the |of )?(?:pills?|tablets?|medicines?|meds|medication)\b|\b(?:drank|swallowed)\b.{0,14}\b(?:bleach|poison|pesticide|detergent|acid|pills?)\b",
        r"\b(?:want(?:ed)?|wanna|wish|ready) (?:to )?(?:die|be dead|end (?:it|my))\b|\bwish i (?:was|were) dead\b|\b(?:don'?t|do not|no longer) want to (?:live|be here|go on)\b|\bend (?:it all|my life)\b|\bkill(?:ing)? myself\b|\bsuicid|\bhang(?:ing)? myself\b|\bbetter off dead\b|\btired of li(?:ving|fe)\b|\b(?:can'?t|cannot) go on\b|\bno reason to live\b",
        r"\bflames?\b|\bsmok(?:e|y|ing)\b|\bgas (?:is|in|on|every|leak|smell|escap|hiss)|\b(?:smell|smelling|of) (?:of )?(?:gas|burning|smoke)\b|\bcarbon monoxide\b|\bexplo(?:ded|sion)\b|\bflood(?:ed|ing)\b",
        r"\b(?:some(?:one|body)|a man|men|strangers?|people|burglars?)(?:'s| is| are|s)? (?:in|inside|outside|at|breaking|trying|broke|came in|follow\w*)\b(?! (?:law|touch))|\bstrangers?\b|\bbr(?:eak|oke|oken)(?:ing)?[ -]?in(?:to)?\b|\brobb(?:ed|er|ery|ing)\b|\bthie(?:f|ves)\b|\battack(?:ed|ing)?\b|\bhit me\b|\bbeating me\b|\bhurting me\b|\bthreaten|\bprowler\b",
        r"\block(?:ed)? (?:myself |me )?(?:in|out|inside|up)\b|\b(?:can'?t|cant|cannot|can not) (?:get|come|go) (?:out|in|inside)\b|\bdoor (?:won'?t|will not|doesn'?t|does not|is stuck|is jammed|jammed|stuck)\b|\bin the (?:lift|elevator)\b",
        r"\b(?:send|get|bring|fetch|need|want|find)(?: me)? (?:some(?:one|body)|any(?:one|body)|help|a (?:doctor|nurse|neighbou?r)|the (?:doctor|nurse|police|fire)|my (?:son|daughter|wife|husband|family|neighbou?r)|people|the neighbou?rs?|assistance)\b|\bassist(?:ance)? (?:me|needed|please)\b|\bcome (?:over|round|up|to me|to my|at once|immediately|soon|asap|straight|and)\b|\b(?:please|plz|pls|can you|could you|can someone|can somebody|can anyone|will someone|must) come\b|\bhurry\b|\bsomething(?:'s| is|s) (?:very |really )?wrong\b|\bfeel(?:ing)? (?:funny|strange|odd|weird|poorly|off)\b|\b(?:man|men|person|woman) (?:in|at|outside) my\b|\bcome!|^come[ .!]*$|\bcheck on me\b|\bcan (?:some(?:one|body)|any(?:one|body)|you) (?:please )?(?:help|check)\b|\bi need (?:you|someone|a hand|assistance|medical)\b|\bno ?(?:one|body) (?:came|comes|is coming|is here|hears|helps)\b",
    ),
    ambulance=(
        r"\bambulance\b|\bambulence\b|\bparamedics?\b|\b(?:call|ring|dial|phone) (?:the )?(?:911|999|112|120|000)\b|^\W*(?:911|999|112|120)\W*$",
        r"\bnot (?:really |even )?breathing\b|\bisn'?t breathing\b|\bno (?:breath(?:ing)?|pulse|heart ?beat|response|signs of life)\b|\bstopped breathing\b"
        r"|\b(?:can ?not|can ?'?t) breathe?\b|\bwon'?t breathe\b|\bbarely breathing\b|\bhardly breathing\b",
        r"\bunconscious\b|\bunresponsive\b|\bnot (?:responding|responsive|conscious|waking)\b|\bisn'?t (?:responding|conscious|waking)\b|\bwon'?t wake\b|\b(?:can ?not|can ?'?t) wake\b|\bpassed out\b",
        r"\bcardiac arrest\b|\bheart attack\b|\bheart (?:has )?stopped\b|\bstroke\b|\bseizure\b|\bcpr\b|\bdefib|\bsevere bleeding\b|\bbleeding (?:a lot|badly|heavily|out)\b"
        r"|\blots of blood\b|\bturning blue\b|\bblue lips\b|\bdying\b|\bis dead\b|\bchoking\b|\boverdose\b|\b(?:to|to the|need(?:s)? (?:a |the )?) ?hospital\b",
        r"\bambul(?!at)\w{2,5}\b|\b(?:amublance|abulance|anbulance|amblance|amulance)\b|\bems\b|\bemts?\b|\baed\b|\bcpr\b|\bresus\w*|\bdefib\w*|\bmedical emergency\b|\bmouth to mouth\b|\b(?:call|ring|dial|phone|get|need|want)(?: (?:the|an?|for|us|me|her|him)){0,2} (?:911|999|112|120|emergency (?:services?|room)|medics?)\b|\b(?:to|needs?) (?:the |an? )?(?:a&e|er|emergency room)\b",
        r"\b(?:not|isn'?t|isnt|stopped|no longer|never|aint|ain'?t) (?:even |really |at all )?moving\b|\b(?:does|did|can|could)(?:n'?t| not) move\b(?! (?:the|her bed|furniture))|\b(?:won'?t|wont) move\b|\bmotionless\b|\blifeless\b|\b(?:gone|went|is|all|completely) limp\b|\bno movement\b",
        r"\b(?:no|weak|faint|thready|lost|without|irregular|hardly a|barely a)(?: \w+)? pulse\b|\b(?:can ?not|can ?'?t|couldn'?t|could not|unable to|don'?t|do not|not|didn'?t)(?: \w+)? (?:find|feel|get|detect|found|hear)(?: (?:a|any|her|his|the|no)){0,2} (?:pulse|heart ?beat|breath\w*)\b|\bpulse\b[^,.;!?\n]{0,15}\b(?:weak|gone|stopped|faint|missing|irregular)\b",
        r"\b(?:struggling|struggles|fighting|hard|unable|trouble|difficult\w*|problems?|gasping|can ?'?t|cannot|can not|could not|couldn'?t|hardly|barely|not|isn'?t|isnt|aint|ain'?t|stopp?ed|stops?|no longer|doesn'?t|laboured|labored|shallow|short of|shortness of)(?: (?:to|for|in|with|of|really|even|properly|catch|get|her|his)){0,4} (?:breath\w*|breth\w*|air)\b",
        r"\bgasping\b|\bgasps\b|\bagonal\b|\bsuffocat\w*|\bno breath\w*|\bbreathing(?: (?:is|has|very|only|so)){0,3} (?:weak|weakly|shallow|stopped|difficult|badly|bad|irregular\w*|laboured|hard|with difficulty|funny)\b|\bbreathless\b",
        r"\b(?:lips?|face|skin|fingers?|fingernails|nails)\b[^,.;!?\n]{0,14}\b(?:blue|purple|gr[ae]y)\b|\b(?:turn(?:ed|ing|s)?|gone|going|went|she'?s|he'?s|she is|he is) (?:all )?(?:blue|purple)\b|\b(?:blue|purple) (?:lips?|face|in the face)\b",
        r"\bblood (?:is |was )?(?:everywhere|all over|on the floor|pouring|gushing|spurting|loss)\b|\b(?:a lot|lots|loads|so much|too much|pool|puddle|much|covered in|losing|lost|vomit\w*|coughing up|throwing up|spitting)(?: (?:of|a lot of|lots of|so much|up)){0,2} blood\b|\bbleeding (?:a lot|badly|heavily|out|profusely|to death|so much|very|won'?t stop|everywhere|from (?:the |her |his )?head|non ?stop)\b|\b(?:heavy|severe|bad|massive|heavily|badly|won'?t stop|wont stop|can'?t stop(?: the)?|cant stop(?: the)?|stop the) bleeding\b|\bha?emorrhag\w*",
        r"\bunconc?s?\w*|\bunrespon\w*|\bnon-?respon\w*|\b(?:not|isn'?t|isnt|doesn'?t|does not|doesnt|won'?t|wont|can ?'?t|cannot|can not|couldn'?t|stopped|no longer|barely|hardly)(?: (?:be|even|really|at all|get|her|him|to)){0,3} (?:respond\w*|wak\w*|woke\w*|conscious|react\w*|rous\w*|responsive)\b|\bout cold\b|\bknocked out\b|\bblacked out\b|\blost consciousness\b|\bcomatose\b|\bin a coma\b|\bfainted\b|\bcollapsed\b|\bkeeled over\b|\bno (?:reaction|response)\b",
        r"\bchest(?: (?:is|really|very|so)){0,2} (?:pains?|hurt\w*|tight\w*|pressure|ach\w*)\b|\b(?:pains?|pressure|tightness) in .{0,8}chest\b|\bheart (?:failure|has stopped|stopped)\b",
        r"\b(?:having|has|in|got|'s having|had) (?:a |an |another )(?:fit|seizure|convulsion)\b|\b(?:she|he|patient|lady)(?:'s| is| keeps) (?:fitting|seizing)\b|\bs(?:ei|ie|e)z(?:u|i)re?s?\b|\bconvuls\w*|\bepilep\w*|\bfoaming\b|\bfroth\w*|\beyes? (?:are |have |is )?roll\w*|\bshaking (?:all over|violently|uncontrollabl\w*)",
        r"\bcho(?:k|ck)(?:e?ing|e?d|es?)\b|\b(?:face|mouth)\b[^,.;!?\n]{0,12}\b(?:droop\w*|dropp\w*|sagging|lopsided|crooked|numb)\b|\bdrooping\b|\bslurr?(?:ed|ing)\b|\b(?:arm|leg|side|half)\b[^,.;!?\n]{0,14}\b(?:numb|paraly[sz]ed|weak|limp|won'?t move|not moving)\b|\bparaly[sz]ed\b|\b(?:she|he|patient|lady|mrs|mr)\b[^,.;!?\n]{0,8}(?:can'?t|cannot|unable to) (?:speak|talk)\b",
        r"\b(?:hang(?:ed|ing)?|hung|kill(?:ed|ing)?|poisoned|stabbed|shot) (?:her|him|my|them)self\b|\bsuicid\w*|\b(?:slit|slashed|cut) (?:her|his|my) (?:wrists?|throat)\b|\bjump(?:ed|ing)? (?:off|from|out of) (?:the |a |her |his )?(?:roof|balcony|window|bridge|building)\b|\bend (?:her|his) life\b|\bbeen (?:shot|stabbed)\b|\belectrocut\w*|\bdrown(?:ed|ing)\b(?! in work)|\banaphyla\w*|\bcarbon monoxide\b|\b(?:she|he)(?:'s| is| has gone)? in(?:to)? shock\b",
        rf"\bpoison\w*|\boverdos\w*|\bod'?e?d\b|\b{_MANY}\b{_IN}{{0,12}}\b(?:pills?|tablets?|medicines?|meds|medication)\b|\b(?:swallowed)\b{_IN}{{0,14}}\b(?:pills?|tablets?)\b|\b(?:drank|drunk|drinking|swallowed|took)\b{_IN}{{0,14}}\b(?:bleach|poison|pesticide|weed ?killer|detergent|antifreeze|acid)\b",
        r"\b(?:is|she'?s|he'?s|looks|seems|found|be|was|are) (?:already |probably |maybe )?dead\b|\bdying\b|\bdied\b|\bpassed away\b|\bnot alive\b|\bsigns? of life\b|\bgoing to die\b|\bcold and stiff\b",
    ),
    denied=(
        rf"\b{_NO_NEED}{_ALONG} {_DENIABLE}\b",
        r"\bno need (?:for|to call|to send|of) (?:any |an? |the )*\w+",
        r"\bambulance (?:is |has |has already )?(?:not needed|no longer needed|cancell?ed|arrived|(?<=is )here|left|not necessary)\b",
        r"\b(?:is|was|now|again|still) (?:awake|conscious|breathing)\b(?! (?:badly|bad|with|fast|slow|shallow|funny|hard|very|only|weird|strange|noisily|weakly|but not))",
        rf"\b{_NOT_SO}{_BESIDES} {_STATE}\b",
        rf"\b{_VEHICLE}\b(?: (?:is|was|will|has|be|been|just|really|probably|definitely|at all)){{0,3}}(?: (?:not|no longer|never)|n'?t| isn'?t| wasn'?t| won'?t| un)(?: be| being| been)? ?(?:required|need(?:ed)?|necessary|wanted|called for)\b|\b{_VEHICLE} (?:is |can be |was )?(?:unnecessary|cancell?ed|declined|refused)\b|\b(?:not|n'?t|no longer) (?:required|needed|necessary)\b",
        r"\bdying (?:to \w+|for)\b|\bdying of (?:curiosity|laughter|laughing|boredom|thirst|hunger|heat|embarrassment|cold)\b|\b(?:phone|battery|mobile|car|cell|engine|line|signal|plant|plants|cat|dog)\b[^,.;!?\n]{0,10}\b(?:dead|dying|died|dies)\b|\bdead (?:lock\w*|battery|end|tired|line|phone|right|sure|slow)\b|\b(?:dying|dead) (?:battery|phone)\b",
        r"\b(?:gave|give|giving|gives|nearly|almost)(?: \w+)? (?:a )?(?:heart attack|stroke)\b|\bstrokes? (?:of|the|my|his|her) (?:luck|genius|midnight|cat|dog|work)\b|\bcho(?:k|ck)ed up\b|\bfell (?:asleep|in love|behind|through|apart)\b|\b(?:fall|fell) (?:asleep|in love)\b|\bfire(?:d)? (?:drill|place|works?|sale)\b|\bsee ?fit\b|\b(?:keep|am|i'm|feel|is|get|very) fit\b|\bfit (?:and|in|into|for)\b|\bburn(?:ing|ed|t)? (?:calories|the toast|out)\b",
        r"\b(?:thanks?|thank you|thx|appreciate|grateful)\b[^.!?\n]{0,24}\bhelp(?:ing)?\b|\b(?:happy|glad|willing|here|able|want|wants|wanted|love|like|going|trying|try|can i|could i|may i|how can i|let me|i'?ll|i will|i can|we can|hope|how to) (?:to )?help\b(?! me)|\bcome (?:over|round|in|up)? ?(?:for|to) (?:dinner|lunch|tea|coffee|supper)\b",
        # nobody opens, nobody answers: no word of the patient
        r"\b(?:no|not any|without|not getting an?y?|not got an?y?) (?:response|answer|reply|movement|sound|noise)s?\b[^.;!?\n]{0,12}\b(?:at|from|to|on|behind|by) (?:the |her |his )?(?:front )?(?:door|bell|doorbell|buzzer|intercom|phone|calls?|texts?|messages?|knock\w*|inside)\b",
        r"(?<!at the )(?<!by the )(?<!behind the )\b(?:door|doorbell|bell|buzzer|intercom|knock\w*|rang|ringing|phone|phoned|called|calling|text\w*|messag\w*|calls)\b(?:(?!open|broke|inside|found|floor|name|shak|shook|shout)[^.;!?\n]){0,20}\b(?:no|without|not getting an?y?|got no|not|isn'?t|isnt) (?:response|answer\w*|reply|replying|responding|responsive|reacting)\b|\b(?:got|getting|get) no (?:response|answer|reply)\b|\b(?:not responding|unresponsive|not reacting|no response) (?:to|on) (?:the |my |her )?(?:door|bell|doorbell|buzzer|knock\w*|calls?|phone|texts?|messages?)\b",
        r"\b(?:traffic|car|bus|train|queue|lift|elevator|line)\b[^,.;!?\n]{0,12}\b(?:not|isn'?t|stopped) moving\b",
        # numbers that are an address, a bus, an amount
        r"\b(?:bus|tram|line|route|room|flat|apt|apartment|house|unit|number|no|block|gate|platform|train|over|bp|pulse|weighs?|at|lives? at|page|is at|paid|pressure(?: is)?|#)[ .#]{0,2}(?:112|120|110|119|911|999)\b(?! for)|(?<![0-9])(?:112|120|110|119|911|999)(?: ?(?:/|over|%|euros?|pounds?|dollars?|kg|lbs?|cm|km|m|mins?|minutes?|people|years?|metres|meters|bpm|degrees)|(?: [a-z]+){1,2} (?:street|road|avenue|lane|st|rd|ave)\b)",
        # long ago
        rf"\b{_AILMENT}\b{_IN}{{0,24}}\b{_LONG_AGO}\b|\b(?:last (?:year|month|summer|winter)|(?:years?|months?) ago|in (?:19|20)[0-9]{{2}}|previous|previously|history of|past|former|old)\b[^.;!?\n]{{0,20}}\b{_AILMENT}\b|\b(?:since|after|recovered from|recovering from|survived) (?:her|his|the|a|my) {_AILMENT}\b",
        r"\b(?:husband|wife|mother|father|sister|brother|friend|dog|cat)\b[^,.;!?\n]{0,10}\b(?:died|passed away|is dead|had a (?:stroke|heart attack))\b",
    ),
    mentioned=(
        rf"\b(?:where|when|how (?:long|far|soon|many)|what time|why|whether)\b(?:(?!\b(?:call|send|need|get|needs)\b)[^,.!;\n]){{0,25}}\b{_VEHICLE}\b|\b(?:should|shall|do|did|does|has|must) (?:i|we|you|she|he|they|any(?:one|body)|some(?:one|body)|no ?one|nobody)\b{_IN}{{0,25}}\b(?:{_VEHICLE}|911|999|112|120|hospital)\b|\b(?:is|are|was|has) (?:the|an|there an|there any|there the|any) {_VEHICLE}\b|^\W*(?:the |an )?{_VEHICLE}(?: eta)? ?\?|\b(?:waiting for|wait for|news of|news from|news about|seen|see|hear) (?:the|an) {_VEHICLE}\b|\bwho (?:has |have )?(?:called|rang|ordered)\b{_IN}{{0,12}}\b{_VEHICLE}\b|\b(?:did|has|does|will) the {_VEHICLE}\b",
        rf"\b{_VEHICLE}(?: (?:is|are|was|has|have|just|already|not|still|crew|people|men|been)|'s){{1,3}} (?:coming|on (?:its|the|their) way|come|arriving|leaving|taken|late|lost|stuck|parked|gone|called|rung|ordered|outside|there|here|left|arrived|delayed)\b|\b{_VEHICLE} (?:coming|on (?:its|the|their) way|came|arrived|left|leaving|took|late|parked|driver|station|crew|yet|called|ordered)\b(?! (?:please|now))",
        rf"\b(?:already|i'?ve|have|has|was|been|i|we|they|she|he|neighbou?r|son|daughter) (?:already |just )?(?:called|rung|rang|phoned|dialled|dialed|ordered|sent for)\b{_IN}{{0,15}}\b(?:{_VEHICLE}|911|999|120|112)\b",
        r"\b(?:is|was|has|did) (?:she|he|mrs \w+|mr \w+|anyone) (?:still |even |now |not )?(?:breathing|conscious|unconscious|unresponsive|dead|dying|bleeding|chok\w+|responding|moving|have|having|had|been|pass\w*|faint\w*|collaps\w*)\b[^.!;\n]{0,20}\?|\b(?:does|did) (?:she|he) (?:have|need|still have)\b[^.!;\n]{0,24}\?|\bif (?:she|he|it)\b[^,.;!\n]{0,24}\b(?:breathing|unconscious|unresponsive|worse|collapses?|faints?|moving|dies|ambulance)\b|\bhow is\b[^.!;\n]{0,20}\?",
        r"\b(?:i|we|i'm|we're|i am|my (?:son|daughter|wife|husband|mother|father))\b(?:(?!\b(?:she|her|him|he|patient|lady|need)\b)[^,.;!?\n]){0,30}\bhospital\b|\bhospital (?:appointment|visit|ward|car park)\b|\b(?:next|near|close|opposite) to (?:the )?hospital\b",
    ),
    telephones=(
        r"\b(?:my )?(?:tel(?:ephone)?|phone|mobile|cell|number|contact)(?: (?:number|no|nr))?(?: is)?[ .:]{0,3}\+?(?:[0-9]{7,15}|[0-9]{2,5}[ -][0-9]{3,4}[ -][0-9]{3,4})(?![0-9])",
        r"\b(?:call|ring|phone|reach|text)(?: me)?(?: (?:on|at))?[ :]{0,2}\+?(?:[0-9]{7,15}|[0-9]{2,5}[ -][0-9]{3,4}[ -][0-9]{3,4})(?![0-9])",
    ),
    third=(
        r"\b(?:she|he|her|him|mrs|mr|they|the (?:lady|man|woman|patient|resident|old))\b",
        r"\b(?:i'll|i will|i can|can|will|going to|coming to|on my way to|glad to|happy to) help\b(?! me)|\bhelp (?:you|out)\b",
    ),
    oneself=(
        r"\bi(?: have|'ve| am|'m| just| also| think i)? (?:fell|fallen|slipped|tripped|bleeding|hurt|injured|dizzy|dying|stuck|trapped|lost|choking|collapsed)\b",
        r"\bi (?:can ?not|can ?'?t|cudnt|couldn'?t) (?:get up|stand|move|walk|breathe?)\b|\b(?:help|save) me\b|\bmy (?:chest|heart|head|leg|legs|arm|back|hip|knee)\b",
    ),
    taken_back=(
        r"\bcancel|\bignore|\bmistake|\bby accident\b|\baccidental|\bwrong|\berror\b|\bmisread\b|\boops\b|\bnever ?mind\b|\bforget\b|\bdisregard\b|\bundo\b|\bwithdraw|\bjoke\b|\btest(?:ing)?\b",
    ),
    against=(
        r"\b(?:no|not|never|nobody|none|unable|sick|next|weeks?|tonight|tomorrow|evening|later|late|if|unless|but|try|maybe|who|after|when|until|busy|away|far|monday|tuesday|wednesday|thursday|friday|saturday|sunday|weekend|unfortunately|however)\b|n'?t\b",
    ),
    not_there=(
        r"\b(?:still|soon|nearly|almost|train|bus|taxi|car|driving|walking|way|leaving|hurrying|traffic|coming|get|getting|until)\b",
    ),
    signatures=(
        r"\bsent (?:from|via|with|using|by)\b",
        r"\bget outlook for\b",
        r"\bon .{4,60} wrote:",
        r"(?<!-)-{2,} ?(?:original|forwarded) message",
        r"(?:^|\s)_{5,}",
    ),
)
"""English of either side of the Atlantic."""
