"""What differs from the frozen plan, or would be silently otherwise: each deviation is one sentence (LE-35)."""

from __future__ import annotations

from collections.abc import Iterator

from analysis.dataset import Dataset
from analysis.flow import Selection
from analysis.manifest import sha256
from analysis.plan import SHIPPED, Plan, plan_as_run, shipped_plan
from analysis.scored import MEASURES, OVERALL, Scored
from core.count import counted


def deviations(dataset: Dataset, plan: Plan, selection: Selection, scored: Scored) -> list[str]:
    """Every deviation found, most serious first; an empty list says that there is none."""
    return [
        *_of_the_plan(dataset, plan),
        *_of_the_study(dataset, plan),
        *_of_the_rows(dataset, selection),
        *_of_the_size(plan, selection),
        *_of_the_judge(scored),
    ]


def _of_the_plan(dataset: Dataset, plan: Plan) -> Iterator[str]:
    yield from _of_its_content(plan, registered=plan_as_run(dataset.study))
    study = dataset.study
    if study is None:
        used = "the shipped one" if plan.source == SHIPPED else plan.source
        yield f"The dataset has no study.yaml; the plan used is {used}."
        return
    if plan.is_study and plan.text != study.text:
        yield (
            f"The study was changed after it was frozen: study.yaml as run ({_hash(study.text)}) is not the "
            f"frozen file ({_hash(plan.text)})."
        )
    named = study.value.get("conditions")
    if not isinstance(named, list):
        return
    known = {dataset.places.get(condition, condition) for condition in map(str, named)}
    if unknown := set(dataset.participants["condition"]) - {"", *known}:
        yield f"Conditions that study.yaml does not name: {', '.join(sorted(unknown))}."


def _of_its_content(plan: Plan, *, registered: Plan) -> Iterator[str]:
    if plan.content == registered.content:
        return
    fitted = f"{plan.source} ({_hash(_plan_text(plan))})"
    if registered.source == SHIPPED:
        yield (
            f"The plan differs from the preregistered one: {fitted} instead of the shipped plan "
            f"({_hash(_plan_text(registered))})."
        )
    else:
        yield (
            f"The plan fitted differs from that of the study as run: {fitted}, and {registered.source} "
            f"({_hash(registered.text)})."
        )


def _plan_text(plan: Plan) -> str:
    return shipped_plan().text if plan.source == SHIPPED else plan.text


def _hash(text: str) -> str:
    return f"SHA-256 {sha256(text.encode())}"


def _of_the_study(dataset: Dataset, plan: Plan) -> Iterator[str]:
    hashes = dataset.participants.loc[~dataset.participants["pilot"], "study_hash"]
    found = hashes[hashes != ""].value_counts()
    if len(found) > 1:
        listed = ", ".join(f"{hash_} ({counted(count, 'participant')})" for hash_, count in found.items())
        yield f"The study changed while it ran; its hashes: {listed}."
    if plan.study_hash is not None and len(found) and set(found.index) != {plan.study_hash}:
        yield (
            f"Participants walked through another version than the frozen one: {', '.join(found.index)}, and the lock "
            f"has {plan.study_hash}."
        )
    exported = dataset.manifest.get("study_hash")
    if isinstance(exported, str) and len(found) and set(found.index) != {exported}:
        yield f"The exported study has the hash {exported}, participants walked through {', '.join(found.index)}."


def _of_the_rows(dataset: Dataset, selection: Selection) -> Iterator[str]:
    flow = selection.flow
    if flow.pilots_counted:
        yield f"Pilots are counted: {counted(flow.pilots_counted, 'participant')}."
    if flow.re_entries:
        yield f"Left out, the first session of a person counting: {counted(flow.re_entries, 'later session')}."
    outside = int(dataset.conversations["round"].isna().sum())
    if outside:
        yield f"Left out, for being outside the rounds: {counted(outside, 'conversation')}."
    silent = int((~selection.analysed["participant_id"].isin(dataset.conversations["participant_id"])).sum())
    if silent:
        yield f"Without a conversation, as after a withdrawal at the end: {counted(silent, 'analysed participant')}."
    for file, columns in dataset.unknown.items():
        yield f"{file} has columns that no analysis knows, and that were not read: {', '.join(columns)}."
    for table, count in dataset.repeated.items():
        if count:
            yield f"{table} repeats {counted(count, 'row')} word for word; what is repeated was counted once."


def _of_the_size(plan: Plan, selection: Selection) -> Iterator[str]:
    planned, analysed = plan.content.participants, selection.flow.analysed
    if planned is not None and planned != analysed:
        yield f"Analysed: {counted(analysed, 'person', 'people')}; planned: {planned:,}."


def _of_the_judge(scored: Scored) -> Iterator[str]:
    if len(scored.rubrics) > 1:
        yield f"Scores under several rubrics were averaged: {', '.join(scored.rubrics)}."
    unscored = int(scored.conversations["overall"].isna().sum())
    if unscored and len(scored.conversations):
        yield f"{unscored} of {len(scored.conversations)} analysed conversations lack at least one of the six scores."
    dropped = {measure: int(scored.conversations[measure].isna().sum()) for measure in MEASURES if measure != OVERALL}
    if any(dropped.values()):
        listed = ", ".join(f"{measure} {count}" for measure, count in dropped.items() if count)
        yield f"Left out of single models for want of a score: {listed} conversations."
