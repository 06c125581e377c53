"""Which reading was used where the paper contradicts itself or is silent, each by name (ledger C-4 to C-19)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Reading:
    """One question that the paper leaves open, and how it is answered here."""

    name: str
    row: str
    """The ledger's row of the contradiction; empty where the paper is silent."""
    used: str


READINGS = (
    Reading(
        "Units of the effects",
        "C-4",
        "The models are fitted in points; SD columns divide by the dimension's own SD. Both are shown.",
    ),
    Reading(
        "Advice after the videos",
        "C-5",
        "The paper's column shows its table, where videos lower advice-giving; its text says the opposite.",
    ),
    Reading(
        "Units of the contrasts",
        "C-4",
        "The paper's differences between treatments are in SD although its effects are in points; compare them with "
        "our column in SD.",
    ),
    Reading(
        "Holm's family",
        "C-6",
        "Stars follow the three contrasts of a dimension, which is what the printed p values match; the family of "
        "eighteen stands beside it.",
    ),
    Reading("How many dimensions improved", "C-7", "Every effect has its own cell; nothing is summed up in a phrase."),
    Reading(
        "What an SD is",
        "C-8",
        "The paper's 0.98 SD is a gain divided by the SD of change in control, not by the SD at the start. Each number "
        "here names its divisor.",
    ),
    Reading(
        "What the gain means for a choice",
        "C-9",
        "The paper says two thirds; its own model gives 58 % in the reference scenario and 62 % at the mean of the "
        "scenarios. The model's and the observed rates are shown with intervals.",
    ),
    Reading(
        "Odds ratios",
        "C-10",
        "Always computed from the coefficient and its interval, and named with the model they come from; the paper's "
        "text and appendix differ.",
    ),
    Reading(
        "Sign of the component differences",
        "C-11",
        "Oriented: the higher-scored conversation minus the lower one, which a side-neutral outcome can follow. Left "
        "minus right, as the paper has it, stands beside it.",
    ),
    Reading(
        "The model's own choice",
        "C-15",
        "Its direct forced choice of the pair; the higher Elo rating only where the pair was never judged. A column of "
        "the trials says which.",
    ),
    Reading(
        "Self-report",
        "C-16",
        "Both levels are shown with their names, because the paper's order of the two is uncertain.",
    ),
    Reading(
        "Elo", "C-17", "Start 1,000 and K 32 as printed; the authors' files start elsewhere. Ranks do not depend on it."
    ),
    Reading("Wording of scales", "C-18", "Items marked as paraphrases in study.yaml are not the published wording."),
    Reading("Engagement", "", "The paper does not name its test; two are shown."),
    Reading(
        "Sex and age",
        "",
        "Panels A and B of Figure D6 are drawn from round 1 like panel C, before any training; the paper does not say.",
    ),
)
