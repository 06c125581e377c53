"""The preregistration of a study in the order of AsPredicted's questions, from the study file and its plan alone."""

from __future__ import annotations

from jinja2 import Environment, PackageLoader, StrictUndefined

from analysis.columns import REFERENCE, TREATMENTS
from analysis.contrasts import PAIRS
from analysis.effects import TERMS
from analysis.labels import CONDITION_NAMES
from analysis.manifest import sha256
from analysis.places import places, without_comparison
from analysis.plan import Exclusion, Plan, PlanFile
from analysis.preferences.models import REFERENCE_SCENARIO
from analysis.preferences.trials import KEPT_SEED
from analysis.preregistration.markdown import escaped
from analysis.reliable_change import ROUNDS
from analysis.software import software
from core.dimensions import PRESCRIPTIVE, framework
from core.errors import Unusable
from core.study import ComparisonStep, Study

EXCLUSION_WORDS = {
    Exclusion.INCOMPLETE: "Who has not finished the session (`finished_at` is empty).",
    Exclusion.AI_ASSISTANCE: "Who finished and says that a model helped them to write (`ai_assistance` is `yes`).",
}
"""What each rule of a plan leaves out, in the dataset's own terms; `analysis.flow.select` applies it."""


def preregistration(study: Study, plan: Plan, *, slug: str, study_hash: str, definition: str) -> str:
    """The text in Markdown; `definition` is the study.yaml that `plan` was read from, `study_hash` its folder's hash.

    A study with conversations gets the models of its conditions, one with comparisons those of people's choices.
    Raises `Unusable` where neither of the two analyses fits the study.
    """
    taken = places(study.conditions, plan.content.places)
    absent = {*TREATMENTS} - {*taken.values()}
    return (
        _environment()
        .get_template(_template(study, plan.content))
        .render(
            study=study,
            slug=slug,
            plan=plan.content,
            exclusions=[words for rule, words in EXCLUSION_WORDS.items() if rule in plan.content.exclude],
            dimensions=framework().definitions,
            prescriptive=PRESCRIPTIVE,
            terms=[term for term in TERMS if not absent & {*term.split(":")}],
            reference=REFERENCE,
            names=CONDITION_NAMES,
            places=taken,
            pairs=[pair for pair in PAIRS if not absent & {*pair}],
            comparison=_comparison(study),
            reference_scenario=REFERENCE_SCENARIO,
            kept_seed=KEPT_SEED,
            hashes={"folder": study_hash, "study.yaml": sha256(definition.encode())},
            version=software()["lendanear"],
        )
    )


def left_open(plan: PlanFile) -> list[str]:
    """The places where the text says that the plan leaves something open, in its order and words."""
    places_of = {"hypotheses (“Not stated”)": plan.hypotheses, "number of people (“Not fixed”)": plan.participants}
    return [place for place, given in places_of.items() if not given]


def check_conditions(study: Study, plan: PlanFile) -> None:
    """Raise `Unusable` unless the preregistered models of conditions and rounds fit the study."""
    if not study.has_conversations:
        raise Unusable("the preregistered models compare conditions by their conversations; the study has none")
    if len(study.conditions) < 2:
        raise Unusable(f"the preregistered models compare conditions; the study has only {study.conditions[0]}")
    if (reason := without_comparison(study.conditions, plan.places)) is not None:
        raise Unusable(reason)
    if study.rounds != len(ROUNDS):
        raise Unusable(f"the preregistered models need {len(ROUNDS)} rounds; the study has {study.rounds}")


def _template(study: Study, plan: PlanFile) -> str:
    if study.has_conversations:
        check_conditions(study, plan)
        return "conditions.md.j2"
    if _comparison(study) is not None:
        return "choices.md.j2"
    raise Unusable("there is nothing to preregister: the study has neither conversations nor comparisons")


def _comparison(study: Study) -> ComparisonStep | None:
    return next((step for step in study.definitions if isinstance(step, ComparisonStep)), None)


def _environment() -> Environment:
    environment = Environment(  # noqa: S701 - Markdown; the words of a study go through `escaped`
        loader=PackageLoader("analysis.preregistration", "templates"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["listed"] = ", ".join
    environment.filters["escaped"] = escaped
    return environment
