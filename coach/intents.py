"""What a question to the rules coach is about."""

from __future__ import annotations

import re
from enum import StrEnum

from coach.feelings import plain
from core.distress import speaks_of_self_harm


class Intent(StrEnum):
    """A kind of question; its value names the group of answers in phrases.yaml."""

    DISTRESS = "distress"
    CHANGE_SCORE = "change_score"
    WHO_ARE_YOU = "who_are_you"
    OWN_FEELING = "own_feeling"
    TIME = "time"
    OFFEND = "offend"
    PARTNER_SILENT = "partner_silent"
    OWN_STORY = "own_story"
    SCORES = "scores"
    GOOD_ADVICE = "good_advice"
    ADVICE_EVER = "advice_ever"
    SELF_JUSTIFICATION = "self_justification"
    STRENGTH = "strength"
    INSTEAD = "instead"
    PARAPHRASE = "paraphrase"
    MIRROR = "mirror"
    OPEN_QUESTION = "open_question"
    VALIDATE = "validate"
    UNDERSTANDING = "understanding"
    WHICH_FEELING = "which_feeling"
    CHEERING = "cheering"
    WRONG = "wrong"
    WHY = "why"
    UNSURE = "unsure"
    IMPROVE = "improve"
    DISAGREE = "disagree"
    ENDING = "ending"
    THANKS = "thanks"
    OFF_TOPIC = "off_topic"
    GENERAL = "general"


_PATTERNS: tuple[tuple[Intent, tuple[str, ...]], ...] = (
    (
        Intent.DISTRESS,
        (
            r"\bi(?:'m| am)(?: \w+){0,2} (?:crying|in tears|not ok|not okay)\b",
            r"\bbrings? (?:up|back)\b.*\b(?:my|own|memor)|\breminds? me of my\b",
            r"\btoo (?:close to home|much for me)\b|\bupset(?:s|ting)? me\b",
            r"\bmy own (?:loss|grief|diagnosis|trauma)\b",
        ),
    ),
    (
        Intent.CHANGE_SCORE,
        (
            r"\bignore (?:all|any|your|the|previous|everything)|\bsystem prompt",
            r"\byour (?:instructions|prompt|rules)\b|\byou are now\b|\bpretend (?:to|you)|\bact as\b",
            (
                r"\b(?:give|grant|award|set|make|raise|change|increase|put)\b[^.?!]*\b(?:10|ten|full (?:marks|"
                r"points|score)|perfect|max\w*|score|points|meters?|rating)\b"
            ),
            r"\bjailbreak|\bdeveloper mode",
        ),
    ),
    (
        Intent.WHO_ARE_YOU,
        (
            (
                r"\bare you (?:a |an |really |actually )*(?:real|human|person|bot|robot|ai|machine|computer|"
                r"program|chatgpt)"
            ),
            r"\bwho (?:are you|made you|am i talking)|\bwhat are you\b|\bam i talking to\b",
        ),
    ),
    (
        Intent.OWN_FEELING,
        (
            (
                r"\b(?:what|how) (?:i(?:'m| am)? (?:supposed|meant) to|should i|to|do i|am i supposed to|"
                r"i should) feel\b(?! them)"
            ),
            (
                r"\bi (?:feel|felt) (?:nothing|awkward|weird|uncomfortable|helpless|stupid|bad|silly|fake|anxious|"
                r"nervous)\b"
            ),
            r"\bi (?:don't|do not|didn't) feel (?:anything|much)\b|\bfake\b",
            r"\bnot (?:a|an) (?:\w+ )?(?:person|feeler)\b",
        ),
    ),
    (
        Intent.UNSURE,
        (
            (
                r"\b(?:don't|do not|didn't|never) (?:really )?know (?:what to (?:say|write|answer|reply)|"
                r"how to (?:respond|react|help|talk|answer|start))"
            ),
        ),
    ),
    (
        Intent.TIME,
        (
            r"\b(?:short of|out of|enough|little|more|less|no|limited|pressed for|running) time\b",
            r"\btime (?:is|was|limit|pressure|ran|runs|felt|left|went|constraint)",
            r"\b(?:four|4|five|few|couple of) minutes\b|\bclock\b|\brush|\bhurr(?:y|ied)\b",
            r"\btoo (?:short|quick|fast)\b|\btyp(?:e|ing) (?:fast|slow|faster|quick)",
        ),
    ),
    (
        Intent.OFFEND,
        (
            r"\boffend|\bnosy\b|\bintrusi|\bintrud|\bpry\b|\bprying\b",
            r"\btoo (?:personal|pushy|direct|nosey|much to ask)\b|\brude\b|\bpushy\b|\bprob(?:e|ing)\b",
            r"\bcross(?:ing)? (?:a|the) line\b|\bdig(?:ging)?\b.*\bdeep",
            r"\b(?:make|making|makes) (?:them|her|him|it|things) (?:feel )?(?:worse|uncomfortable|more upset)\b",
            r"\bupset (?:them|her|him)\b",
        ),
    ),
    (
        Intent.PARTNER_SILENT,
        (
            r"\b(?:don't|doesn't|do not|does not|won't|didn't) (?:want|like) to (?:talk|open|share|answer)\b",
            (
                r"\b(?:silent|silence|quiet|shuts? down|closes? (?:up|off)|one word answers?|gets? (?:angry|mad|"
                r"defensive)|push(?:es)? (?:me )?away)\b"
            ),
        ),
    ),
    (
        Intent.OWN_STORY,
        (
            (
                r"\b(?:my own|share my|sharing my|tell (?:them|her|him) about my|talk(?:ing)? about my|"
                r"own (?:experience|story|stories))\b"
            ),
            r"\b(?:happened to me|been through|relate to|relat(?:e|ing|able))\b|\bself.disclos",
        ),
    ),
    (
        Intent.SCORES,
        (
            r"\bscor(?:e|es|ed|ing)\b|\bmeters?\b|\bratings?\b|\brated?\b|\bout of (?:10|ten)\b",
            r"\bpoints\b(?! (?:i|to|of|out))|\bgrad(?:e|es|ed)\b|\b\d{1,2} ?/ ?10\b|\bnumbers?\b",
        ),
    ),
    (
        Intent.GOOD_ADVICE,
        (
            r"\b(?:good|great|useful|helpful|practical|sound|best) (?:advice|idea|suggestion|tip|solution)s?\b",
            r"\b(?:was|were|am|i'm) (?:only |just )?trying to (?:help|fix|solve|be helpful|find)\b",
            r"\b(?:wanted|meant|tried|hoping|intended) to (?:help|fix|solve|give|find|offer)\b",
            r"\btoward(?:s)? (?:a )?solutions?\b",
        ),
    ),
    (
        Intent.ADVICE_EVER,
        (
            r"\badvice\b|\badvise\b|\bsolutions?\b|\bsolv(?:e|ing)\b|\bfix(?:ing)?\b",
            r"\bsuggest(?:ion|ions|ing|ed)?\b|\brecommend",
        ),
    ),
    (
        Intent.CHEERING,
        (
            r"\b(?:cheer|cheering)\b|\bpositiv|\boptimis|(?<!i )\bhope\b",
            r"\bencourag(?:e|ing|ement)\b(?! elab| them to (?:talk|share|open|say)| more)|\bbright side\b",
            r"\breassur|\b(?:make|making) (?:them|her|him) feel (?:better|good)\b|\bcomfort",
        ),
    ),
    (
        Intent.INSTEAD,
        (
            r"\binstead\b",
            (
                r"\b(?:should|could|would|can) (?:i|you|one|have i) (?:have )?(?:say|said|respond\w*|answer\w*|"
                r"repl\w+|written|write|put|phrase\w*|word\w*)\b"
            ),
            r"\bhow would you\b|\bwhat would you\b|\bexamples?\b",
            r"\bbetter (?:way|response|answer|reply|thing|wording)\b|\brephrase|\breword",
            r"\bhow (?:do|can|should|could|to) (?:i |you )?(?:phrase|word|put|say|respond|reply|answer)\b",
            r"\bwhat (?:do|can|should|to) (?:i |you )?say\b",
            r"\bwhat (?:should|could) (?:my|the) (?:answer|reply|response)",
        ),
    ),
    (
        Intent.SELF_JUSTIFICATION,
        (
            r"\bbut i\b|\bi (?:did|already|thought i|think i|really|actually|definitely)\b",
            (
                r"(?<!if )(?<!when )\bi (?:acknowledged|validated|listened|asked|said|told|let|named|mentioned|"
                r"was being|was kind|understood)\b"
            ),
            r"\bdidn't i\b|\bi was (?:just|only)\b",
        ),
    ),
    (
        Intent.STRENGTH,
        (
            (
                r"\b(?:do|did|doing|done|went|go|was|were) (?:i |i do |it |that |anything )?(?:\w+ )?(?:well|"
                r"right|good|ok|okay|fine|alright|correct(?:ly)?)\b"
            ),
            r"\bbest (?:part|line|message|moment|thing)\b|\bstrength|\bgood at\b|\bwhat worked\b",
            r"\bhow (?:did|was) i\b|\bproud\b|\bmost helpful\b",
        ),
    ),
    (Intent.PARAPHRASE, (r"\bparaphras|\bsummar|\bin (?:my|your) own words\b|\bgiv(?:e|ing) (?:it |things )?back\b",)),
    (Intent.MIRROR, (r"\bmirror|\brepeat(?:ing)?\b|\becho",)),
    (
        Intent.WHICH_FEELING,
        (
            (
                r"\b(?:which|what|know|guess|tell|recogni[sz]e|identify|name|naming|"
                r"figure out)\b[^.?!]*\b(?:feeling|feelings|emotion|emotions|they feel|she feels|he feels|"
                r"they're feeling|feels)\b"
            ),
            r"\bguess(?:ed)? wrong\b",
        ),
    ),
    (
        Intent.OPEN_QUESTION,
        (
            r"\bopen.?(?:ended)?\b|\bclosed\b|\byes.?(?:or|/|-).?no\b",
            r"\bask(?:ing|ed)? (?:more|better|about|questions?|deeper|follow)|\bquestions?\b|\belaborat",
            r"\bhow could i (?:have )?ask",
        ),
    ),
    (
        Intent.VALIDATE,
        (r"\bvalidat|\backnowledg|\baccept(?:ing)? (?:their|the|her|his) feeling|\bfeelings?\b|\bemotions?\b",),
    ),
    (Intent.UNDERSTANDING, (r"\bunderst(?:and|ood|anding)\b|\bheard\b|\blisten",)),
    (
        Intent.WRONG,
        (
            r"\bwrong\b|\bmistakes?\b|\bbad(?:ly)?\b|\bworst\b|\bharmful\b|\bnot (?:ok|okay|good|right)\b",
            r"\bproblem with\b|\bweak(?:ness)?\b",
        ),
    ),
    (
        Intent.DISAGREE,
        (
            r"\bdisagree|\bunfair\b|\bnot fair\b|\bnot true\b|\bmakes no sense\b|\bdoesn't make sense\b",
            r"\bdon't (?:agree|think so|see why)\b|\bridiculous\b|\bnonsense\b|\buseless\b",
            r"\byou(?:'re| are) wrong\b",
        ),
    ),
    (
        Intent.WHY,
        (r"\bwhy\b|\bhow come\b|\bwhat(?:'s| is) the (?:point|reason|difference)\b|\bdoes it (?:matter|help)\b",),
    ),
    (
        Intent.UNSURE,
        (
            r"\b(?:don't|do not|didn't|never) know (?:what|how)\b|\bnot sure (?:what|how|if)\b|\bawkward\b",
            r"\bbad at (?:this|it)\b|\bnot good (?:at|with)\b|\bstuck\b|\blost\b|\bhard for me\b|\bstruggl",
            r"\bdifficult (?:for me|to)\b|\bno idea\b",
        ),
    ),
    (
        Intent.ENDING,
        (
            r"\b(?:end|close|finish|stop|leave|wrap up) (?:the |a |this )?(?:conversation|chat|talk)\b",
            r"\bsay goodbye\b|\bhow (?:do|should) i (?:end|close|finish)\b",
        ),
    ),
    (
        Intent.IMPROVE,
        (
            r"\bimprov|\b(?:do|be|get|go|sound|become) (?:\w+ )?(?:better|differently|different|warmer|kinder)\b",
            r"\bwork on\b|\bnext (?:time|conversation|round|one)\b|\btips?\b|\blearn\b|\bpractic|\bfocus on\b",
            r"\bchange\b|\bmore (?:empath\w+|supportive|helpful|caring|effective)\b|\bempath",
            r"\bwhat (?:now|else|next)\b|\bhow can i\b|\bhow could i\b|\bhow do i\b|\bhow should i\b",
            r"\bwhat (?:should|can|could) i (?:do|have done)\b",
        ),
    ),
    (
        Intent.THANKS,
        (
            r"\bthank|\bthanks\b|\bgot it\b|\bi see\b|\bmakes sense\b|\bgood point\b",
            r"\bi(?:'ll| will) (?:try|do|keep|remember)\b|\bok(?:ay)?\b|\bunderstood\b|\bhelpful\b|\bagree\b",
        ),
    ),
)
_COMPILED = tuple((intent, re.compile("|".join(patterns))) for intent, patterns in _PATTERNS)
_ABOUT_TALKING = re.compile(
    r"\b(?:say|said|talk|tell|told|ask|reply|respond|message|conversation|partner|they|them|she|her|he|him|feel|feeling|support|help|coach|feedback|i)\b"
)


def intent_of(question: str, *, about_the_conversation: bool) -> Intent:
    """What `question` is about; `about_the_conversation`: whether it takes up words of the conversation.

    Words about harming oneself come before everything else, by the rule that also brings up the help lines.
    """
    if speaks_of_self_harm(question):
        return Intent.DISTRESS
    lower = plain(question)
    for intent, pattern in _COMPILED:
        if pattern.search(lower):
            return intent
    if about_the_conversation or _ABOUT_TALKING.search(lower):
        return Intent.GENERAL
    return Intent.OFF_TOPIC
