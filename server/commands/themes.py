"""`themes`: the themes of what supporters say, with embeddings and labels by the models that were asked for."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from rich.progress import Progress as Bar

from analysis.themes.embedding_cache import EmbeddingCache
from analysis.themes.embeddings import LOCAL, WORDS, Embeddings, LocalEmbeddings, ModelEmbeddings, WordEmbeddings
from analysis.themes.extract import Progress
from analysis.themes.find import Search
from analysis.themes.labels import Ask, ThemeLabel
from analysis.themes.run import TOP_TERMS, Wishes
from analysis.themes.run import themes as run
from analysis.themes.write import make_folder
from core.errors import Unusable
from judges.cache import AnswerCache
from llm.models import ModelChoice
from llm.request import ModelRole, Request
from llm.settings import model_settings, parse_choices
from server.commands.spending import progress_bar
from server.models import models_for

KEPT_EMBEDDINGS = ".embeddings.sqlite"
KEPT_LABELS = ".labels.sqlite"
"""Files of kept answers, in the folder of the results."""


@dataclass(frozen=True, slots=True)
class ThemesWishes:
    """What was asked for on the command line."""

    embeddings: str | None = None
    """`words`, `local` or `openai:MODEL`; None takes the setting of the role `embedder`."""
    labels: str | None = None
    """`words` or `openai:MODEL`; None takes the setting of the role `labeller`."""
    search: Search = field(default_factory=Search)
    plan: Path | None = None
    pilots: bool = False
    codes: tuple[Path, ...] = ()
    decided: Path | None = None


async def themes(dataset: Path, out: Path, wishes: ThemesWishes) -> Path:
    """Find the themes of `dataset` and write them into `out`; returns the page's path. Raises `Unusable`."""
    make_folder(out)
    async with AsyncExitStack() as stack:
        embeddings = await stack.enter_async_context(_embeddings(wishes, out))
        ask, labels_by = await stack.enter_async_context(_labeller(wishes, out))
        bar = stack.enter_context(progress_bar())
        asked = Wishes(
            embeddings=embeddings,
            ask=ask,
            labels_by=labels_by,
            search=wishes.search,
            plan=wishes.plan,
            pilots=wishes.pilots,
            codes=wishes.codes,
            decided=wishes.decided,
        )
        return await run(dataset, out, asked, progress=_on(bar))


@asynccontextmanager
async def _embeddings(wishes: ThemesWishes, out: Path) -> AsyncIterator[Embeddings]:
    if wishes.embeddings == LOCAL:
        yield LocalEmbeddings()
        return
    choice = _choice(wishes.embeddings, ModelRole.EMBEDDER, option="--embeddings")
    if choice is None:
        yield WordEmbeddings(seed=wishes.search.seed)
        return
    name = f"{choice} {dict(choice.parameters)}" if choice.parameters else str(choice)
    models = models_for(ModelRole.EMBEDDER, (choice,))
    cache = EmbeddingCache(out / KEPT_EMBEDDINGS, model=name)
    try:
        yield ModelEmbeddings(models, name=name, cache=cache)
    finally:
        cache.close()
        await models.aclose()


@asynccontextmanager
async def _labeller(wishes: ThemesWishes, out: Path) -> AsyncIterator[tuple[Ask | None, str]]:
    choice = _choice(wishes.labels, ModelRole.LABELLER, option="--labels")
    if choice is None:
        yield None, TOP_TERMS
        return
    models = models_for(ModelRole.LABELLER, (choice,))
    cache = AnswerCache(out / KEPT_LABELS, choice=choice)

    async def ask(request: Request) -> ThemeLabel:
        return (await cache.answer(models, request, ThemeLabel, repeat=1)).value

    try:
        yield ask, str(choice)
    finally:
        cache.close()
        await models.aclose()


def _choice(text: str | None, role: ModelRole, *, option: str) -> ModelChoice | None:
    """The one model that was asked for; None for words. Raises `Unusable` for several: their results must not mix."""
    if text == WORDS:
        return None
    choices = model_settings().choices[role] if text is None else parse_choices(text, name=option, role=role)
    if len(choices) > 1:
        raise Unusable(f"{option}: name one model: what two of them say cannot be compared")
    return None if choices[0].provider == "rules" else choices[0]


def _on(bar: Bar) -> Progress:
    """Shows each thing that is done on a line of its own."""
    tasks = {}

    def progress(what: str, done: int, total: int) -> None:
        if what not in tasks:
            tasks[what] = bar.add_task(what, total=total)
            if bar.disable:  # no terminal, no bar: it takes minutes, and a word says that it goes on
                print(f"{what} …", file=sys.stderr, flush=True)
        bar.update(tasks[what], completed=done, total=total)

    return progress
