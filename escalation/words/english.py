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
        "there; be there soon; be there"
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
    ones={"one": "1", "two": "2", "three": "3"},
    polite=listed(
        "i; i'm; im; i'll; i am; will; please; pls; plz; reply; code; thanks; thank you; thx; ty; hi; hello; "
        "received; got it; noted; roger; copy; understood; now; right away; right now; immediately; asap; "
        "the; a; answer; in; about; within; around; approx; approximately; soon; sorry; dear; all; just; my; "
        "is; it; for; to; so; already; re:; ref; number; option; press; key; ill; dear sir; regards; cheers; "
        "also; oh; and; at"
    ),
    doubt=listed(
        "not there; not here; not arrived; not yet; haven't arrived; have not arrived; maybe; perhaps; might; "
        "if; unless; later; tomorrow; tonight; not sure; unsure; don't know; dont know; who; what; where; "
        "why; which; when; how; should i; do i; shall i; can i; may i; must i; not ok; not okay; not now; do "
        "not go; do not; don't; dont; not; but; except; nobody; no one; noone; someone else; somebody else; "
        "he; she; they; is there; are you; do you; did you; anyone there; who is there; not done; is coming; "
        "is going; ago; unsubscribe; wrong; no problem"
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
    ),
    ambulance=(
        r"\bambulance\b|\bambulence\b|\bparamedics?\b|\b(?:call|ring|dial|phone) (?:the )?(?:911|999|112|120|000)\b|^\W*(?:911|999|112|120)\W*$",
        r"\bnot (?:really |even )?breathing\b|\bisn'?t breathing\b|\bno (?:breath(?:ing)?|pulse|heart ?beat|response|signs of life)\b|\bstopped breathing\b"
        r"|\b(?:can ?not|can ?'?t) breathe?\b|\bwon'?t breathe\b|\bbarely breathing\b|\bhardly breathing\b",
        r"\bunconscious\b|\bunresponsive\b|\bnot (?:responding|responsive|conscious|waking)\b|\bisn'?t (?:responding|conscious|waking)\b|\bwon'?t wake\b|\b(?:can ?not|can ?'?t) wake\b|\bpassed out\b",
        r"\bcardiac arrest\b|\bheart attack\b|\bheart (?:has )?stopped\b|\bstroke\b|\bseizure\b|\bcpr\b|\bdefib|\bsevere bleeding\b|\bbleeding (?:a lot|badly|heavily|out)\b"
        r"|\blots of blood\b|\bturning blue\b|\bblue lips\b|\bdying\b|\bis dead\b|\bchoking\b|\boverdose\b|\b(?:to|to the|need(?:s)? (?:a |the )?) ?hospital\b",
    ),
    denied=(
        rf"\b{_NO_NEED}{_ALONG} {_DENIABLE}\b",
        r"\bno need (?:for|to call|to send|of) (?:any |an? |the )*\w+",
        r"\bambulance (?:is |has |has already )?(?:not needed|no longer needed|cancell?ed|arrived|here|left|not necessary)\b",
        r"\b(?:is|was|now|again|still) (?:awake|conscious|breathing)\b",
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
