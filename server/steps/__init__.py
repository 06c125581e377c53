"""The kinds of steps: what each shows, what it takes, and what must have happened before it can be left."""

from __future__ import annotations

from server.steps import coach, comparison, conversation, end, page, rating, survey, video
from server.steps.kind import StepKind

KINDS: dict[str, StepKind] = {
    "page": page.PageKind(),
    "survey": survey.SurveyKind(),
    "conversation": conversation.ConversationKind(),
    "video": video.VideoKind(),
    "coach": coach.CoachKind(),
    "comparison": comparison.ComparisonKind(),
    "rating": rating.RatingKind(),
    "end": end.EndKind(),
}
