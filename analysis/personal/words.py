"""What a trainee's numbers say, in plain sentences addressed to them."""

from __future__ import annotations

from analysis.personal.trainee import Change, Gap, Trainee
from analysis.reliable_change import Verdict
from analysis.report.wording import number, percent

FAR = 0.25
"""A quarter of all people between two standings: from here on they are told as apart."""
_ITEMS = {
    "empathized": "feeling with your partner",
    "understanding": "showing that you understood",
    "elaboration": "inviting your partner to say more",
    "desire_to_help": "showing that you wanted to help",
}


def on_change(found: Trainee) -> list[str]:
    """Whether the trainee's score has changed by more than error of measurement explains."""
    change = found.change
    if change is None:
        return ["Not all three of your conversations have a score, so nothing can be said about change."]
    return [_what_happened(change), *_how_sure(change)]


def on_gap(gap: Gap) -> str:
    """One item: the trainee's own answer, what was seen, and whether the two agree."""
    name = _ITEMS[gap.item]
    answer = f"On {name} you gave yourself {number(gap.told, 1)} of 5"
    if gap.told_above is None or gap.judged_above is None:
        return f"{answer}. There are too few others to compare you with."
    compared = (
        f"{answer}, more than {percent(gap.told_above, 0)} of the others did; what was seen in your conversations lies "
        f"above {percent(gap.judged_above, 0)} of them."
    )
    return f"{compared} {_apart(gap.told_above - gap.judged_above)}"


def _what_happened(change: Change) -> str:
    before, after = number(change.before, 1), number(change.after, 1)
    if change.change == 0:
        return f"Your score was {before} in the first conversation, and the same in the mean of the two after it."
    verb = "rose" if change.change > 0 else "fell"
    size = number(abs(change.change), 1)
    return (
        f"Your score {verb} from {before} in the first conversation to {after} in the mean of the two after it: "
        f"{size} points."
    )


def _how_sure(change: Change) -> list[str]:
    if change.threshold is None or change.ci_low is None or change.ci_high is None:
        return ["How large a change must be to count cannot be told from this study."]
    told = {
        Verdict.IMPROVED: "That is a reliable improvement: chance between conversations seldom does so much.",
        Verdict.DECLINED: "That is a reliable decline: chance between conversations seldom does so much.",
        Verdict.UNCHANGED: "That is no more than chance between conversations does; it may mean nothing.",
    }
    bounds = f"{number(change.ci_low, 1)} and {number(change.ci_high, 1)}"
    return [
        told[change.verdict],
        f"A change counts as reliable from {number(change.threshold, 1)} points on; yours, without that chance, lies "
        f"between {bounds} with 95 % confidence.",
    ]


def _apart(difference: float) -> str:
    if difference >= FAR:
        return "You think more of it than what was seen: perhaps more was felt than said."
    if difference <= -FAR:
        return "More was seen than you give yourself credit for."
    return "The two agree."
