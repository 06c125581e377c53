"""The wordings by which the rules coach knows a move when it sees one."""

from __future__ import annotations

import re
from enum import StrEnum

from coach.feelings import HARD


class Move(StrEnum):
    """Something a supporter does in a sentence."""

    NAMED_FEELING = "named_feeling"
    VALIDATED = "validated"
    PARAPHRASED = "paraphrased"
    OPEN_QUESTION = "open_question"
    ASKED_PERMISSION = "asked_permission"
    ACKNOWLEDGED = "acknowledged"
    CONDOLED = "condoled"
    PRESENCE = "presence"
    CHECK_IN = "check_in"
    AFFIRMED = "affirmed"
    ADVICE = "advice"
    SELF = "self"
    MINIMISE = "minimise"
    CRITICISM = "criticism"
    SOLVING = "solving"
    CLOSED_QUESTION = "closed_question"
    BARE_UNDERSTANDING = "bare_understanding"


HELPFUL = (
    Move.NAMED_FEELING,
    Move.VALIDATED,
    Move.PARAPHRASED,
    Move.OPEN_QUESTION,
    Move.ASKED_PERMISSION,
    Move.ACKNOWLEDGED,
    Move.CONDOLED,
    Move.PRESENCE,
    Move.CHECK_IN,
    Move.AFFIRMED,
)
"""Best first."""
HINDERING = (
    Move.CRITICISM,
    Move.MINIMISE,
    Move.ADVICE,
    Move.SELF,
    Move.SOLVING,
    Move.CLOSED_QUESTION,
    Move.BARE_UNDERSTANDING,
)
"""What gets most in the way first."""


def _any(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{pattern})" for pattern in patterns))


_LEAD = (
    r"^(?:(?:so|and|but|or|oh|ok|okay|well|wow|then|yes|yeah|also|just|please|now|first|instead|hey|no|maybe|perhaps|"
    r"always),? )*"
)
_VERB = (
    r"(?:try|take|keep|focus|talk|speak|get|find|look(?!,)|ask|go|make|start|stop|give|think|consider|remember|spend|use|"
    r"write|join|apply|call|reach|relax|breathe|rest|recognize|recognise|enjoy|learn|set|put|move|quit|leave|work|push|"
    r"trust|believe|check|update|prioritize|prioritise|allow|remind|do(?! you| they)|treat|explore|practice|practise|"
    r"show|prove|hire|sue|volunteer|sleep|eat|exercise|meditate|network|demand|confront|tell(?! me)|read|see a|see if|"
    r"be (?:patient|kind|gentle|proactive|open|honest))"
)
_KIND_IMPERATIVE = (
    r"(?!take care|take your time|take all the|go on|go ahead|talk to me|believe me|trust me|look on|look at the|"
    r"keep your (?:head|chin)|get well|make sense|give it time|call me|see you|think of me|reach out to me|"
    r"keep talking|ask me|do not worry)"
)

PATTERNS: dict[Move, re.Pattern[str]] = {
    Move.VALIDATED: _any(
        r"\bmakes? (?:total |perfect |complete |a lot of |so much )?sense\b",
        r"\bunderstandabl[ey]\b",
        (
            r"\bit(?:'s| is|s)? (?:totally |completely |perfectly |absolutely |only )?(?:ok|okay|alright|"
            r"all right|natural|normal|valid|fine|human) (?:to (?:feel|be|not|cry|grieve|worry|need|take)|"
            r"that you|not to|if you)"
        ),
        r"\bno wonder\b|\bof course you(?:'re| are| feel| would)\b",
        r"\banyone (?:would|in your (?:place|shoes|position|situation))\b|\bi(?:'d| would) feel the same\b",
        r"\bevery right to\b",
        r"\byour feelings? (?:is|are)\b|\bwho wouldn't\b|\bnothing wrong with (?:feeling|admitting|being)\b",
        r"\bi can (?:see|understand|only imagine|imagine|hear|tell) (?:why|how|that (?:you|it|this|must))\b",
        r"\bi (?:see|understand) why\b",
    ),
    Move.ACKNOWLEDGED: _any(
        (
            rf"\b(?:that|this|it)(?:'s| is| was| would be| must| sounds?| seems?| has to| had to| does sound|"
            rf" really is|s)[^.?!]{{0,24}}\b{HARD}\b"
        ),
        rf"\bcan be (?:a |an |such |so |very |really |quite )*{HARD}\b",
        (
            rf"\b(?:sounds|seems|feels) (?:like )?(?:it (?:is|was)|that is)?(?:so |really |very |incredibly |"
            rf"a |an )*{HARD}\b"
        ),
        rf"^(?:oh |wow |aw+ |ugh |how |so |that |really |very |just )*{HARD}\b(?! work)",
        r"\b(?:that|this|it) (?:really |just |totally |must )?(?:stinks|sucks|hurts?|stings?)\b",
        r"\bwhat a (?:shock|blow|loss|letdown|mess|disappointment)\b",
    ),
    Move.CONDOLED: _any(
        r"\bsorry (?:to hear|you|that|about|for (?:your|what)|this)\b",
        r"^(?:oh |wow |no |aw+ |i'm |i am |im |so |very |really )*sorry\b",
        r"\b(?:my|sincere|deepest) (?:deepest |sincere )?(?:condolences|sympathies)\b",
        r"\b(?:sad|heartbreaking) to (?:know|hear)\b",
    ),
    Move.PRESENCE: _any(
        r"\b(?:i'm|i am|im|i'll be|i will be) (?:always |right |still |just )*here\b",
        r"\bhere (?:for you|to listen|to help)\b",
        r"\bi(?:'ll| will) (?:help you|be there|stay|support you)\b|\bin this with you\b|\bnot alone\b",
        r"\bdon't have to (?:go through|do|face|carry) (?:this|it) alone\b|\b(?:open|listening) ear\b",
        r"\bi (?:do )?care about you\b",
        r"\b(?:let me know|tell me|call me) (?:if|when|how|what) (?:you|i|there)\b",
        r"\bif you (?:ever )?(?:need|want) (?:me|to talk|anything|someone)\b",
        r"\bcount on me\b|\bgot your back\b|\bby your side\b|\bthinking of you\b",
        r"\b(?:always|happy to) listen\b|\bglad you (?:told|shared)\b",
        r"\bhow (?:can|could|may) i (?:best )?(?:help|support)\b",
        r"\b(?:anything|something|what) (?:that )?i can do\b|\bcan i (?:help|do anything)\b",
    ),
    Move.CHECK_IN: _any(
        r"\bare you (?:doing )?(?:ok|okay|alright|all right|holding up)\b|^(?:you|u) (?:ok|okay|alright)\b",
        r"\bis everything (?:ok|okay|alright)\b",
    ),
    Move.AFFIRMED: _any(
        (
            r"\byou(?:'re| are|re| r) (?:so |very |really |such |quite |a |an |clearly )*(?:strong|brave|"
            r"smart|amazing|great|wonderful|capable|talented|hard ?work\w*|intelligent|kind|courageous|"
            r"resilient|valuable|worthy|skilled|awesome)\b"
        ),
        r"\byou deserve\b|\bproud of you\b|\bi (?:believe in|admire) you\b",
        r"\byou(?:'ve| have)? (?:got this|done (?:so|your))\b",
        r"\byou(?:'re| are) doing (?:great|well|your best|a great|the best)\b|\bgood for you\b",
    ),
    Move.ASKED_PERMISSION: _any(
        (
            r"\b(?:would you like|do you want|are you (?:open to|looking for)|want) (?:to hear )?(?:some |"
            r"any |my |me to give you )*(?:advice|suggestions?|ideas|thoughts|my (?:take|opinion))\b"
        ),
        (
            r"\b(?:can|may|could) i (?:offer|give you|share|make) (?:you )?(?:some |an? |my |any )*(?:advice|"
            r"suggestions?|ideas?|thoughts?)\b"
        ),
        r"\bpermission\b|\bwould you like (?:me to help|some help|help (?:with|finding))\b",
        r"\bwould it (?:help|be ok\w*) if i (?:offered|shared|suggested|gave)\b|\b(?:advice|solutions), or\b",
    ),
    Move.ADVICE: _any(
        (
            r"\byou (?:really |just |also |probably |definitely )*(?:should(?! have)|ought to|do need|"
            r"(?<!think you )might want to|may want to|can always|can (?:just|try)|need to)\b"
        ),
        r"(?<!if )\byou could (?!have|be |feel)\b",
        r"\byou (?:just |will |'ll )?(?:have to|must) (?!be |feel |have |go through|deal|face|carry|endure)",
        (
            r"\b(?:maybe|perhaps) (?:you (?!feel|are|were|'re|have|need a hug|felt)|try|just|take|talk|start|"
            r"it's time|get |focus|think about|consider|find|look|ask|a )"
        ),
        _LEAD + _KIND_IMPERATIVE + _VERB + r"\b",
        r"\bwhy (?:don't|not|dont) (?:you|just|try|take|ask)\b",
        r"\bhave you (?:ever )?(?:tried|considered|thought (?:of|about))\b",
        r"\bhow about (?:you|we|try|\w+ing)\b|\bwhat if you\b|\bif i were you\b|\bmy advice\b",
        r"\bmay i suggest \w+ing\b",
        r"\bi(?:'d| would)? (?:suggest|recommend|advise)\b|\bbest thing (?:to do|you can)\b",
        (
            r"\bit(?:'s| is| might| may| could| would)(?: be)? (?:also |probably |very )?(?:good|helpful|best|"
            r"better|worth|important|wise|time|a good idea|necessary) (?:for you )?to (?!feel|acknowledge|"
            r"hear|be )"
        ),
        (
            r"\b(?:getting|taking|talking|finding|doing|going|trying) [^.?!]{0,40}\b(?:might|could|would|may|"
            r"will) (?:help|do you|be good)\b"
        ),
        (
            r"\b(?:can|could|will|might) (?:also )?help (?:clear|take|you (?:focus|feel|get|move|see|find|"
            r"relax|cope))\b"
        ),
        r"\b(?:one|it) (?:day|step|thing) at a time\b|\bthere (?:are|is) (?:plenty|lots|many|other)\b",
    ),
    Move.SELF: _any(
        (
            r"\bi(?:'ve| have|ve) (?:also |just |actually )?(?:been (?!thinking|wondering|hoping|"
            r"there for you)|gone|had|lost|felt|experienced|struggled|dealt|lived)"
        ),
        (
            r"(?<!wish )\bi (?:also )?(?:had (?!no idea|a feeling)|lost|went|felt|got (?!it)|struggled|"
            r"used to|experienced|dealt|could have typed)\b"
        ),
        r"\bi was (?!going to|wondering|hoping|just|thinking|sorry|trying)",
        r"\bme too\b|\bsame (?:thing )?(?:here|happened)\b|\bhappened to me\b|\bwhen i (?:was|lost|had|got)\b",
        r"\bbeen there\b",
        r"\bmy friends? (?:who|had|has|was|went|found|did|got)\b",
        r"\bmy (?:own|mom|mother|dad|father|wife|husband|sister|brother|boss|job|experience|company|last)\b",
        r"\bin my (?:experience|case)\b|\bsimilar (?:experience|situation|thing)\b|\bhelped me\b|\bone of my\b",
    ),
    Move.MINIMISE: _any(
        (
            r"\b(?:do not|don't|dont|no need to|try not to) (?:be|feel|get|let yourself feel) (?:so |too |"
            r"that )?(?:sad|down|bad|discouraged|upset|depressed|worried|scared|afraid|anxious|negative|hard|"
            r"stressed)\b"
        ),
        r"\b(?:do not|don't|dont) worry\b|\bno worries\b",
        r"\bat least (?:you|it|it's|he|she|they|there|that|now|we|your)\b|\bdon'?t let (?:it|this|that|them)\b",
        r"\bhopefully\b|\byou will,? (?:eventually|certainly|soon|find|make)\b|\bmove on\b|\bbright side\b",
        r"\bsilver lining\b|\bcould be worse\b|\bit's not that bad\b",
        r"\beverything (?:will|is going to|happens|works|gonna)\b",
        (
            r"\b(?:it|things?|this|that|you)(?:'ll| will| is going to|'s gonna| gonna|"
            r" are going to)[^.?!]{0,20}\b(?:better|fine|ok|okay|alright|all right|pass|work out|good|"
            r"figure (?:it|everything))\b"
        ),
        r"\btime heals\b|\bcheer up\b|\b(?:be|stay|keep) (?:strong|positive|optimistic|hopeful)\b|\bchin up\b",
        r"\bhead up\b",
        r"\bnot (?:a|that) big (?:of a )?deal\b|\bjust a job\b|\bthat's life\b|\bblessing in disguise\b",
        r"\bfor a reason\b|\bcalm down\b",
        r"\bsomething (?:even )?(?:better|bigger|greater)\b|\bbetter (?:things|plan|opportunit\w+|place)\b",
        r"\bbigger (?:&|and) better\b",
        r"\b(?:everyone|everybody|we all|lots of people) (?:feels?|goes|go|has|have|loses?|gets?|fails?)\b",
        r"\bhappens to (?:everyone|everybody|all of us|the best)\b",
        (
            r"\b(?:next time|there(?:'s| are| is| will be) (?:plenty|lots|other|many)|new opportunit\w+|"
            r"opportunity to)\b"
        ),
        r"\b(?:you'll|youll|you will|you can|you are going to|you're going to|you'll soon|you will soon) get over\b",
        r"\bpositive experience\b|\bover ?react\w*\b",
    ),
    Move.CRITICISM: _any(
        r"\b(?:you|u) should(?:n't)? have\b|\bshould've\b|\bwhy (?:didn't|did) you(?: not)?\b",
        r"\byour (?:own )?fault\b|\byou lack\b",
        (
            r"\byou(?:'re| are) (?:just |being )?(?:too (?:sensitive|logical|emotional|negative|dramatic|weak|"
            r"old|hard on)|over(?:react|think)|lazy|weak|dramatic|negative|whining|wrong|giving up|selfish|"
            r"ungrateful|stupid|pathetic|an? idiot)\b"
        ),
        r"\bstop (?:being|complaining|whining|feeling|crying|worrying|overthinking)\b",
        r"\b(?:never|won't|wont) know (?:unless|until|if)\b|\bcan'?t complain\b",
        r"\bmaybe you (?:weren't|didn't|aren't|did not|were not)\b|\bwhat did you (?:do|expect)\b",
        r"\byou always\b|\bwallow|\bno other choice\b|(?<!you )\bgrow up\b(?! (?:in|with|there)\b)|\bget a grip\b|"
        r"(?<!'ll )(?<!will )(?<!soon )(?<!to )(?<!can )(?<!ever )\bget over\b",
        r"\bman up\b|\bsuck it up\b|\bdeal with it\b|\bfailing is an option\b|\bshut up\b|\bwho cares\b",
    ),
    Move.SOLVING: _any(
        (
            r"\b(?:do|did) you have (?:any |a |some )?(?:plans?|savings|backup|options?|other|"
            r"ideas? (?:of )?what)\b"
        ),
        (
            r"\bhave you (?:already |yet )?(?:applied|talked to|spoken|looked|asked|started|begun|reached|"
            r"contacted|seen)\b"
        ),
        r"\bare you (?:going to|planning|applying|looking|seeing|gonna)\b",
        (
            r"\bwhat (?:are you (?:going|gonna|planning)|will you|do you (?:plan|intend|want) to do|"
            r"are your (?:plans|options|next))"
        ),
        r"\bwhat(?:'s|s| is) (?:the|your) (?:\w+ )?(?:plan|next)\b|\bwhat (?:steps|can you do|could you do)\b",
        r"\bdid you (?:ask|talk to|apply|try|speak)\b|\bnext steps?\b",
    ),
    Move.OPEN_QUESTION: _any(
        (
            r"\bhow (?!(?:was|is|were) your (?:day|weekend|week)\b)"
            r"(?:are|is|was|were|do|does|did|have|has|had|would|come|else)\b(?! (?:long|many|much|old|"
            r"often|far|soon))"
        ),
        (
            r"\bwhat(?:'s|s| is| was| were| are| has| have| had| do| does| did| would| makes?| made| happened|"
            r" part| about|'s been| else| kind of (?:feelings|thoughts))\b(?! (?:your|the|his|"
            r"her) (?:\w+ )?(?:position|role|job|name|title|company|age|salary)\b|[^?]*for a living)"
        ),
        r"\btell me (?:more|about|what|how)\b|\bin what way\b|\bwalk me through\b|\bgo on\b",
        r"\bi(?:'d| would) (?:like|love) to hear\b",
        (
            r"\bwould you (?:like|care|want|be willing|mind) (?:to )?(?:just )?(?:talk\w*|shar\w+|tell\w*|"
            r"elaborat\w+|say|discuss\w*|expand\w*)\b"
        ),
        r"^(?:but |and |so )?why\?|, why\?|\b(?:prefer|want) to (?:just |keep )?talk",
        r"\b(?:do you )?(?:want to|wanna) (?:talk|share|vent|tell me)\b",
        r"\bcan you (?:tell|share|say|describe|elaborate)\b|\bwhy (?:do|would|are|is) (?:you|it|that)\b",
    ),
    Move.BARE_UNDERSTANDING: _any(
        (
            r"^(?:yes|yeah|ok|okay|ah|oh)?,? ?i (?:completely |totally |fully |do |can )?(?:understand|get it|"
            r"get that|hear you|see|feel you|know how (?:you feel|it feels|that feels)|"
            r"know the feeling)(?: (?:that|you|it|this|the feeling|completely|totally|how you feel|"
            r"what you(?:'re| are) saying))*(?:,? man)?[.! ]*(?:and .*)?$"
        ),
    ),
}
QUESTION_START = re.compile(
    _LEAD + r"(?:do|does|did|is|are|was|were|have|has|had|can|could|would|will|who|where|when|which|"
    r"how (?:long|many|much|old|often)|what'?s?)\b"
)
TAG = re.compile(
    r"^(?:\W*is that (?:it|right|so)|\W*did i get (?:that|it)(?: right)?|\W*(?:am i )?right|\W*huh|\W*you know|"
    r"\W*isn't it|\W*eh|\W*ok(?:ay)?)\W*$"
)
REFLECTION = re.compile(
    r"\b(?:sounds? (?:like|as)|seems? (?:like|as|that)|so (?:you|it)(?:'re| are| feel| felt| were|'s| is)?|"
    r"you(?:'re| are) (?:saying|feeling)|what i(?:'m| am) hearing|you (?:feel|felt|seem)|what i hear|"
    r"if i (?:hear|understand))\b"
)
PLAIN_REFLECTION = re.compile(
    r"\b(?:i'm hearing|sounds? (?:like|as if) you(?:'re| are)? (?:feel|feeling)|"
    r"so you(?:'re| are) (?:saying|feeling))\b"
)
FIRST_PERSON_FEELING = re.compile(
    r"\bi(?:'m|'ve| have|m)? (?:also |just |really |always |only )?(?:feel|felt|was|am|had|have)\b"
)
