"""`judge`: rate the transcripts of a file with a progress bar; never touches the server's database."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from judges.file import Counts, judge_file
from judges.rubric import load_rubric
from llm.request import ModelRole
from llm.settings import parse_choices
from server.models import models_for


async def judge(source: Path, *, rubric: str, model: str, repeats: int, out: Path) -> Counts:
    """Judge `source` into `out`; rows that are there already are kept. Raises `Unusable`."""
    loaded = load_rubric(rubric)
    choices = parse_choices(model, name="--model")
    models = models_for(ModelRole.JUDGE, choices)
    try:
        with progress_bar() as bar:
            task = bar.add_task(f"judging with {choices[0]}", total=None)
            return await judge_file(
                source,
                out,
                rubric=loaded,
                models=models,
                repeats=repeats,
                progress=lambda counts: bar.update(task, total=counts.total, completed=counts.done),
                model=str(choices[0]),
            )
    finally:
        await models.aclose()


def progress_bar() -> Progress:
    """A bar on standard error, shown on a terminal only."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    return Progress(*columns, console=console, disable=not console.is_terminal)
