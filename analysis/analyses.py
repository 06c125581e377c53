"""One pass over a dataset: every analysis in turn, kept as records for results, tables, figures and report."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from analysis.agreement import Agreement, agreements
from analysis.contrasts import Contrast, contrasts
from analysis.dataset import Dataset
from analysis.demographics import demographics
from analysis.deviations import deviations
from analysis.domains import domains
from analysis.duplicates import Duplicates, duplicates
from analysis.effects import effects
from analysis.engagement import BeforeAfter, engagement
from analysis.example import Example, example
from analysis.felt import Correlation, SelfReport, self_report, traits, traits_by_dimension
from analysis.flow import Selection, select
from analysis.further import Further, further
from analysis.gain import Gain, gains
from analysis.groups import first_scores, groups
from analysis.means import Mean
from analysis.plan import Plan
from analysis.preferences.found import Preferences, preferences
from analysis.randomisation import Randomisation, randomisation
from analysis.regression import Fit
from analysis.reliable_change import ReliableChange, changes, reliable_change
from analysis.sample import Corpus, Sample, Summary, baseline, corpus, sample
from analysis.scored import OVERALL, Scored, scored_conversations
from analysis.trajectories import trajectories
from llm.rules import is_rules


@dataclass(frozen=True, slots=True)
class Analyses:
    """What was found."""

    dataset: Dataset
    plan: Plan
    selection: Selection
    scored: Scored
    corpus: Corpus
    sample: Sample
    baseline: Summary
    effects: Mapping[str, Fit]
    contrasts: list[Contrast]
    reliable_change: ReliableChange
    people: pd.DataFrame
    """`reliable_change.changes`: one row per classified person."""
    gain: Mapping[str, Gain]
    demographics: Mapping[str, Fit]
    traits: Mapping[str, Correlation]
    traits_by_dimension: Mapping[str, Mapping[str, Correlation]]
    self_report: Mapping[str, Mapping[str, SelfReport]]
    engagement: Mapping[str, Mapping[str, BeforeAfter]]
    duplicates: Duplicates
    domains: Mapping[str, Mapping[str, Mean]]
    trajectories: Mapping[str, Mapping[str, Mapping[str, Mean]]]
    first_scores: pd.DataFrame
    """`groups.first_scores`: one row per analysed person with a conversation in round 1."""
    groups: Mapping[str, Mapping[str, Mapping[str, Mean]]]
    example: Example | None
    randomisation: Randomisation
    preferences: Preferences
    agreement: Mapping[str, Mapping[str, Agreement]]
    further: Further
    deviations: list[str]
    by_rules: tuple[str, ...]
    """The roles (`judge`, `seeker`, `coach`) that the built-in rules played, at least in part."""


def run_analyses(dataset: Dataset, *, pilots: bool = False, judge_model: str | None = None) -> Analyses:
    """Run every analysis on `dataset`, by its plan. Raises `Unusable` where the judge's model is not settled."""
    plan = dataset.plan
    z_reliable = plan.content.reliable_change_z
    selection = select(
        dataset.participants, resent=dataset.resent, pilots=pilots, exclusions=tuple(plan.content.exclude)
    )
    scored = scored_conversations(dataset.scores, dataset.conversations, selection.analysed, judge_model=judge_model)
    rows = scored.conversations
    fits = effects(rows)
    change = reliable_change(rows, z_reliable=z_reliable)
    people = changes(rows, se_change=change.se_change, z_reliable=z_reliable)
    gain = gains(fits[OVERALL], change)
    first = first_scores(selection.analysed, rows)
    dealt = randomisation(selection.recruited, dataset.conversations)
    left_out = set(dataset.participants["participant_id"]) - set(selection.analysed["participant_id"])
    return Analyses(
        dataset=dataset,
        plan=plan,
        selection=selection,
        scored=scored,
        corpus=corpus(rows, dataset.messages, dataset.scores[dataset.scores["model"] == scored.model]),
        sample=sample(selection.analysed),
        baseline=baseline(rows),
        effects=fits,
        contrasts=contrasts(fits),
        reliable_change=change,
        people=people,
        gain=gain,
        demographics=demographics(selection.analysed, people, rows),
        traits=traits(dataset.responses, rows),
        traits_by_dimension=traits_by_dimension(dataset.responses, rows),
        self_report=self_report(dataset.responses, rows),
        engagement=engagement(rows),
        duplicates=duplicates(rows, dataset.messages),
        domains=domains(rows),
        trajectories=trajectories(rows),
        first_scores=first,
        groups=groups(first),
        example=example(people, rows, dataset.messages),
        randomisation=dealt,
        preferences=preferences(
            dataset.choices,
            comparisons=dataset.comparisons,
            conversations=rows,
            scores=scored.measures,
            gains=gain,
            left_out=frozenset(left_out),
        ),
        agreement=agreements(dataset.scores, scored.model),
        further=further(dataset, selection, scored, effects=fits, sample_ratio_p=dealt.p_equal),
        deviations=deviations(dataset, plan, selection, scored),
        by_rules=_by_rules(dataset, scored),
    )


def _by_rules(dataset: Dataset, scored: Scored) -> tuple[str, ...]:
    coaches = dataset.feedback.loc[dataset.feedback["participant_id"].isin(scored.conversations["participant_id"])]
    named = {
        "judge": [scored.model],
        "seeker": scored.conversations["seeker_model"].unique().tolist(),
        "coach": coaches["coach_model"].unique().tolist(),
    }
    return tuple(role for role, models in named.items() if any(is_rules(str(model)) for model in models))
