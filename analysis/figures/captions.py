"""What each figure shows, in words: its title and its caption."""

from __future__ import annotations

from collections.abc import Mapping

CAPTIONS: Mapping[str, tuple[str, str]] = {
    "figure_3a": (
        "Figure 3A. Change of every participant",
        "One line per participant, from the overall score in round 1 to the mean of rounds 2 and 3 (dot), ordered by "
        "change. Dark lines are reliable changes. The bar below gives the shares that declined and improved reliably.",
    ),
    "figure_3b": (
        "Figure 3B. Effect of each treatment on each dimension",
        "Product of condition and later rounds, divided by the dimension's SD over all analysed conversations; lines "
        "are 95 % intervals with errors clustered by participant. * p < .05, ** p < .01, *** p < .001, uncorrected.",
    ),
    "figure_4": (
        "Figure 4. One person who improved",
        "The opening of the first and of the last conversation of the coached participant with the largest change "
        "(of equals the first by id; the supporter is on the right), and the six scores over the three conversations "
        "(moved sideways a little).",
    ),
    "figure_5a": (
        "Figure 5A. Trait empathy and expressed empathy",
        "Grey: every participant, mean over their conversations (moved sideways a little). Red: mean score of people "
        "with a like trait score, with its 95 % interval (an arrow head where that runs beyond the axis); "
        "four points of the long scale share one mean.",
    ),
    "figure_5b": (
        "Figure 5B. Self-assessment and judge",
        "The area of a disc is the number of conversations with that answer and that score. On the dashed line both "
        "would say the same.",
    ),
    "figure_6a": (
        "Figure 6A. Ratings by score",
        "Mean Elo rating from the comparing model's forced choices, by tenth of the judge's overall score within each "
        "scenario.",
    ),
    "figure_6b": (
        "Figure 6B. Choices by difference",
        "Dots: share of choices of the higher-scored conversation with 95 % Wilson intervals, by difference. Line: "
        "logistic model at the mean log odds of the scenarios, with its 95 % interval.",
    ),
    "figure_6c": (
        "Figure 6C. People's ranking and the model's",
        "Bradley–Terry strengths from people's choices, per scenario, against Elo ratings and against scores; "
        "ρ is Spearman's.",
    ),
    "extended_data_1": (
        "Extended Data 1. Distribution of change",
        "Change in overall score per condition, as a share of its participants; the dashed line is the mean.",
    ),
    "extended_data_2": (
        "Extended Data 2. Before and after",
        "Grey: every participant. Thick: the condition's mean with its 95 % interval (an arrow head where that runs "
        "beyond the axis).",
    ),
    "extended_data_3": (
        "Extended Data 3. Kinds of trouble before training",
        "Mean of each dimension in round 1 by kind of trouble, in SD from the mean of all, with 95 % intervals.",
    ),
    "extended_data_4": (
        "Extended Data 4. Dimensions over three conversations",
        "People with the AI coach or the combined training: mean ± standard error by kind of trouble, in SD from the "
        "mean of all their conversations.",
    ),
    "figure_d6": (
        "Figure D6. Sex and age before training",
        "A and B: mean score of each dimension in round 1 with its 95 % interval. C: every participant's overall score "
        "in round 1 in SD (moved sideways so that none hides another), with the group's mean and 95 % interval "
        "on their left. Intervals are normal: with few people they can leave the scale of 1 to 5. One person "
        "alone has none.",
    ),
}
