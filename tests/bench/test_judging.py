"""The bench of judging: its model allows what it says, and its study is one that can be judged."""

from __future__ import annotations

import asyncio
from pathlib import Path

from bench.judging_model import VERDICT, RateLimit
from bench.judging_study import SCENARIOS, fill, write_transcripts
from judges.rate import first_request
from judges.rubric import load_rubric
from judges.source import read_transcripts
from server.settings import Settings
from tests.server.served import rows


def test_the_model_lets_so_many_calls_through_in_any_second() -> None:
    """Three a second: of four at once the last is refused, and told when the first is a second old."""
    limit = RateLimit(3)

    assert [limit.lets(now) for now in (10.0, 10.2, 10.4, 10.5)] == [True, True, True, False]
    assert round(limit.wait_s(10.5), 6) == 0.5
    assert limit.lets(11.01)
    assert limit.take_figures() == {"answered": 4, "refused": 1, "first": 10.0, "last": 11.01}


def test_its_verdict_is_one_that_a_judge_accepts(tmp_path: Path) -> None:
    """The transcripts of the bench can be judged, and the model's answer fits the form of the rubric."""
    write_transcripts(tmp_path / "talks.jsonl", 5)

    transcripts = list(read_transcripts(tmp_path / "talks.jsonl"))

    assert [transcript.scenario for transcript in transcripts] == list(SCENARIOS)
    _, form = first_request(transcripts[0], load_rubric("empathy"), purpose="bench")
    form.model_validate_json(VERDICT)


def test_its_study_is_finished_conversations(tmp_path: Path) -> None:
    """As many as were asked for, each closed."""
    settings = Settings(database_url=f"sqlite:///{tmp_path / 'study.db'}")
    asyncio.run(fill(settings.database_url, 7))

    assert rows(settings.database_url, "SELECT count(*) FROM event WHERE kind = 'closed'") == [(7,)]
