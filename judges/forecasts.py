"""What judging will probably cost, from the questions that would be asked."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice, pairwise

import orjson
from pydantic import BaseModel

from core.transcript import Transcript
from judges.cache import AnswerCache
from judges.compare import compare_prompt
from judges.comparison_file import Pools
from judges.criteria import Rubric, Verb
from judges.material import Unjudgeable
from judges.rate import first_request
from llm.forecast import CHARS_PER_TOKEN, Forecast, forecast, prompt_chars
from llm.prices import PriceList
from llm.request import Request
from llm.structured import strict_schema

ANSWERED_CHARS = 300
"""Of reason, quotes and score on one dimension; a score on the six comes to 1,800 (docs/scaling.md)."""
SAMPLED = 50
"""Questions of `compare` and `score` that are laid out for a forecast; the others are taken to be as long on average.

`judge` lays out all of them: it has to know which are answered already.
"""


def asked_chars(transcript: Transcript, rubric: Rubric, *, kept: AnswerCache | None = None, repeat: int = 1) -> int:
    """Characters of the first question about `transcript`, schema included; 0 where nothing is to be asked.

    That is so of a transcript with nothing to be judged, and of a question whose answer is `kept`.
    """
    try:
        request, form = first_request(transcript, rubric, purpose=transcript.id)
    except Unjudgeable:
        return 0
    return question_chars(request, form, kept=kept, repeat=repeat)


def question_chars(
    request: Request, form: type[BaseModel] | None, *, kept: AnswerCache | None = None, repeat: int = 1
) -> int:
    """Characters of a question, schema included where there is a `form`; 0 for one whose answer is `kept`."""
    if kept is not None and kept.has(request, form, repeat=repeat):
        return 0
    return prompt_chars(request.prompt) + (len(orjson.dumps(strict_schema(form))) if form else 0)


def judging_forecast(
    model: str, prices: PriceList, *, rubric: Rubric, asked: Iterable[int], scale: float = 1.0
) -> Forecast:
    """The forecast for questions of `asked` characters each, where each stands for `scale` others."""
    answered = ANSWERED_CHARS * len(rubric.dimensions) if rubric.verb is not Verb.COMPARE else CHARS_PER_TOKEN
    return questions_forecast(model, prices, asked=asked, answered_chars=answered, scale=scale)


def questions_forecast(
    model: str, prices: PriceList, *, asked: Iterable[int], answered_chars: float, scale: float = 1.0
) -> Forecast:
    """The forecast for questions of `asked` characters each; one of 0 characters is not asked."""
    lengths = [chars for chars in asked if chars]
    return forecast(
        model,
        prices,
        calls=round(len(lengths) * scale),
        asked_chars=sum(lengths) / max(len(lengths), 1),
        answered_chars=answered_chars,
    )


def comparing_forecast(model: str, prices: PriceList, *, rubric: Rubric, pools: Pools, pairs: int) -> Forecast:
    """The forecast for `pairs` comparisons, each asked in both orders, from neighbours in `pools`."""
    couples = (couple for pool in pools.values() for couple in pairwise(pool))
    asked = [prompt_chars(compare_prompt(first, second, rubric)) for first, second in islice(couples, SAMPLED)]
    return judging_forecast(model, prices, rubric=rubric, asked=asked, scale=2 * pairs / max(len(asked), 1))
