"""`lendanear themes`: from a dataset folder to themes, their taxonomy, tables, figures, a page, and the coding page."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from analysis.dataset import load
from analysis.flow import select
from analysis.plan import read_plan
from analysis.themes.codes import Codes, agreed, agreements, read_codes
from analysis.themes.contents import messages_hash
from analysis.themes.embeddings import Embeddings, WordEmbeddings
from analysis.themes.extract import Extracted, Progress, extract
from analysis.themes.find import Search
from analysis.themes.labels import Ask
from analysis.themes.units import sentence_units
from analysis.themes.write import Results, make_folder, write
from core.errors import Unusable

TOP_TERMS = "the words that stand out"


@dataclass(frozen=True, slots=True)
class Wishes:
    """What was asked for."""

    embeddings: Embeddings = field(default_factory=lambda: WordEmbeddings(seed=1))
    ask: Ask | None = None
    """Who labels themes; None for the words that stand out."""
    labels_by: str = TOP_TERMS
    search: Search = field(default_factory=Search)
    plan: Path | None = None
    """A plan's file; None for that of the dataset."""
    pilots: bool = False
    codes: tuple[Path, ...] = ()
    """One file of the coding page per annotator."""
    decided: Path | None = None
    """A file of the coding page with what the annotators settled together; it goes before their majority."""


async def themes(
    dataset: Path, out: Path, wishes: Wishes, *, progress: Progress = lambda what, done, total: None
) -> Path:
    """Find the themes of the dataset folder and write everything into `out`; returns the path of `themes.html`.

    Raises `Unusable` with one sentence: no messages, too few of them, embeddings that fail, codes that do not fit.
    """
    read = load(dataset, plan=None if wishes.plan is None else read_plan(wishes.plan))
    selection = select(
        read.participants, resent=read.resent, pilots=wishes.pilots, exclusions=tuple(read.plan.content.exclude)
    )
    units = sentence_units(read.messages, read.conversations, selection.analysed)
    if units.empty:
        raise Unusable(
            f"{dataset}: there are no sentences of analysed supporters"
            + (" (pilots count only with --pilots)" if selection.flow.pilots else "")
        )
    make_folder(out)
    extracted = await extract(
        units, out, embeddings=wishes.embeddings, search=wishes.search, ask=wishes.ask, progress=progress
    )
    coded, decided = read_all_codes(extracted, wishes)
    return write(
        out,
        Results(
            extracted=extracted,
            made={
                "run": extracted.run,
                "embeddings": wishes.embeddings.name,
                "labels": wishes.labels_by,
                "seed": wishes.search.seed,
                "features": wishes.search.features,
                "steps": wishes.search.steps,
                "pilots": selection.flow.pilots_counted,
            },
            messages=messages_hash(read.messages),
            places=agreed(coded, decided),
            agreement=agreements(coded),
            coded=frozenset(theme for codes in coded for theme in codes.places),
        ),
    )


def read_all_codes(extracted: Extracted, wishes: Wishes) -> tuple[list[Codes], Codes | None]:
    """The codes of every annotator and what they decided; raises `Unusable` also for one annotator given twice."""
    known = {
        extracted.run: frozenset(
            (domain.trouble_type, theme.key) for domain in extracted.domains for theme in domain.themes
        )
    }
    coded = [read_codes(path, known) for path in wishes.codes]
    names = [codes.annotator for codes in coded]
    if twice := next((name for name in names if names.count(name) > 1), None):
        raise Unusable(f"{twice} coded in two of the files; give one file per annotator")
    return coded, None if wishes.decided is None else read_codes(wishes.decided, known)
