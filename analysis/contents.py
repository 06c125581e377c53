"""What `results.json` holds: every analysis under its contract key, with its tag and, where it is empty, the reason."""

from __future__ import annotations

from collections.abc import Mapping

from analysis.analyses import Analyses
from analysis.further import further_contents
from analysis.manifest import sha256
from analysis.plan import SHIPPED
from analysis.preferences.contents import preferences_contents
from analysis.readings import READINGS
from analysis.results import Json, as_json
from analysis.scored import OVERALL
from analysis.software import software
from llm.rules import RULES_NOTICE

FEW_CLUSTERS = 30
"""Below this clustered errors are known to be too optimistic, and the report says so."""
PREREGISTERED, SECONDARY, EXPLORATORY = "preregistered", "secondary", "exploratory"
TAGS: Mapping[str, str] = {
    "flow": PREREGISTERED,
    "effects": PREREGISTERED,
    "contrasts": PREREGISTERED,
    "reliable_change": PREREGISTERED,
    "gain": EXPLORATORY,
    "demographics": EXPLORATORY,
    "traits": SECONDARY,
    "self_report": SECONDARY,
    "preferences": PREREGISTERED,
    "themes": EXPLORATORY,
    "agreement": EXPLORATORY,
    "robustness": EXPLORATORY,
    "judge_error": EXPLORATORY,
    "conclusions": EXPLORATORY,
    "engagement": EXPLORATORY,
    "duplicates": EXPLORATORY,
    "domains": EXPLORATORY,
    "trajectories": EXPLORATORY,
    "groups": EXPLORATORY,
    "randomisation": EXPLORATORY,
    "corpus": EXPLORATORY,
    "sample": EXPLORATORY,
    "baseline": EXPLORATORY,
}
"""As the paper's preregistrations divide them (LE-34); `preferences` belongs to the second experiment."""


def contents(found: Analyses) -> dict[str, Json]:
    """The whole of `results.json`: undefined numbers are null, and `notes` says of every empty section why."""
    return {
        "tags": as_json(TAGS),
        "notes": as_json(notes(found)),
        "flow": as_json(found.selection.flow),
        "effects": as_json(found.effects),
        "contrasts": as_json(found.contrasts),
        "reliable_change": as_json(found.reliable_change),
        "gain": as_json(found.gain),
        "demographics": as_json(found.demographics),
        "traits": _traits(found),
        "self_report": as_json(found.self_report),
        "preferences": as_json(preferences_contents(found.preferences)),
        "themes": {},
        "agreement": as_json(found.agreement),
        **further_contents(found.further),
        "engagement": as_json(found.engagement),
        "duplicates": as_json(found.duplicates),
        "domains": as_json(found.domains),
        "trajectories": as_json(found.trajectories),
        "groups": as_json(found.groups),
        "randomisation": as_json(found.randomisation),
        "corpus": as_json(found.corpus),
        "sample": as_json(found.sample),
        "baseline": as_json(found.baseline),
        "judge": {"model": found.scored.model, "rubrics": as_json(found.scored.rubrics)},
        "by_rules": {"roles": as_json(found.by_rules), "note": RULES_NOTICE if found.by_rules else None},
        "readings": as_json(READINGS),
        "plan": plan(found),
        "deviations": as_json(found.deviations),
        "software": {**software(), "exported_by": as_json(found.dataset.manifest.get("software"))},
    }


def plan(found: Analyses) -> dict[str, Json]:
    """Where the plan came from, what it says, and the hashes of plan and study."""
    study = found.dataset.study
    return {
        "source": found.plan.source,
        "shipped": found.plan.source == SHIPPED,
        "sha256": sha256(found.plan.text.encode()),
        "study_sha256": None if study is None else sha256(study.text.encode()),
        **{key: as_json(value) for key, value in found.plan.content.model_dump(mode="json").items()},
    }


def notes(found: Analyses) -> dict[str, str]:
    """section -> why it, or a part of it, is empty."""
    absent, flow = found.dataset.absent, found.selection.flow
    said = {
        "flow": "Everyone is a pilot; pilots count only when asked for." if not flow.recruited and flow.pilots else "",
        "effects": "There are no scores." if "scores" in absent else "",
        "reliable_change": found.reliable_change.note or "",
        "traits": "The dataset has no responses." if "responses" in absent else "",
        "self_report": "The dataset has no responses." if "responses" in absent else "",
        "duplicates": "The dataset has no messages." if "messages" in absent else "",
        "preferences": _on_preferences(found),
        "themes": "Themes are found by lendanear themes, which writes a page of its own into the same folder.",
        "agreement": "" if found.agreement else "Only one model or person rated.",
    }
    left_open = _left_open({measure: fit.note for measure, fit in found.effects.items()})
    said["effects"] = f"{said['effects']} {left_open}".strip()
    people = found.effects[OVERALL].clusters or 0
    if 1 < people < FEW_CLUSTERS:
        said["effects"] = f"{said['effects']} Errors from {people} participants are too small on average.".strip()
    said["demographics"] = _left_open({model: fit.note for model, fit in found.demographics.items()})
    return {section: note for section, note in said.items() if note}


def _left_open(why: Mapping[str, str | None]) -> str:
    """A sentence per reason, with the models it holds for; once where it holds for all of them."""
    named: dict[str, list[str]] = {}
    for model, reason in why.items():
        if reason:
            named.setdefault(reason, []).append(model)
    return " ".join(
        f"{'Every model' if len(models) == len(why) > 1 else ', '.join(models)}: {reason}."
        for reason, models in named.items()
    )


def _on_preferences(found: Analyses) -> str:
    if "choices" in found.dataset.absent:
        return "The dataset has no choices."
    if not found.preferences.trials.flow.trials:
        return "No rater with a choice is left."
    said = {f"{outcome}: {fit.note}" for outcome, fit in found.preferences.models.items() if fit.note}
    said |= {
        f"{scenario}: somebody only wins or only loses, strengths are regularised"
        for scenario, one in found.preferences.bradley_terry.items()
        if one.regularised
    }
    return "; ".join(sorted(said))


def _traits(found: Analyses) -> Json:
    return {
        name: {**_object(as_json(overall)), "dimensions": as_json(found.traits_by_dimension[name])}
        for name, overall in found.traits.items()
    }


def _object(value: Json) -> dict[str, Json]:
    return value if isinstance(value, dict) else {}
