"""The personal report as one HTML page that names nobody and fetches nothing."""

from __future__ import annotations

from pathlib import Path

from analysis.dataset import load
from analysis.drawing import Drawing
from analysis.figures.style import Style, drawn
from analysis.flow import select
from analysis.personal.picture import draw
from analysis.personal.trainee import Trainee, trainee
from analysis.personal.words import on_change, on_gap
from analysis.plan import read_plan
from analysis.report.environment import environment
from analysis.report.wording import unbroken
from analysis.scored import MEASURES, scored_conversations
from core.errors import Unusable
from core.written import write_whole
from llm.rules import RULES_NOTICE, is_rules


def personal_report(
    dataset: Path,
    participant_id: str,
    out: Path,
    *,
    plan: Path | None = None,
    pilots: bool = False,
    judge_model: str | None = None,
) -> Path:
    """Write the report of one participant of a dataset folder to `out`; the path. Raises `Unusable`."""
    read = load(dataset, plan=None if plan is None else read_plan(plan))
    content = read.plan.content
    selection = select(read.participants, resent=read.resent, pilots=pilots, exclusions=tuple(content.exclude))
    scored = scored_conversations(read.scores, read.conversations, selection.analysed, judge_model=judge_model)
    found = trainee(read, selection, scored, participant_id=participant_id, z_reliable=content.reliable_change_z)
    page = personal_page(found)
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        write_whole(out, page)
    except OSError as error:
        raise Unusable(f"{out}: cannot be written ({error.strerror})") from None
    return out


def personal_page(found: Trainee) -> str:
    """The report of one trainee as one HTML text."""
    with Style():
        made = drawn(draw(found))
    words = on_change(found)
    picture = Drawing(name="way", title="Your way", caption=words[0], svg=made.svg, png=made.png)
    whole = all(value is None or value == round(value) for of in found.scores.values() for value in of.values())
    page = (
        environment("analysis.personal")
        .get_template("personal.html.j2")
        .render(
            on_change=words,
            on_gaps=[on_gap(gap) for gap in found.gaps],
            picture=picture,
            scores=found.scores,
            rounds=[*found.scores],
            measures=MEASURES,
            digits=0 if whole else 1,
            rules_note=RULES_NOTICE if found.judge is not None and is_rules(found.judge) else None,
        )
    )
    return unbroken(page)
