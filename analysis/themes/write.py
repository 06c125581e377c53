"""Everything that `lendanear themes` leaves in its folder."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

import pandas as pd

from analysis.results import Json, to_text
from analysis.tables import as_csv
from analysis.themes.codes import CodeAgreement, ThemeId
from analysis.themes.coding_page import coding_page
from analysis.themes.contents import FILE, contents, section
from analysis.themes.embeddings import WordEmbeddings
from analysis.themes.extract import Extracted
from analysis.themes.figures import drawings
from analysis.themes.page import themes_page
from analysis.themes.tables import coded_changes, family_table, grid_table, share_table, theme_table
from analysis.themes.taxonomy import Place, taxonomy
from core.errors import Unusable
from core.written import write_whole

RESULTS = "results.json"
WORDS_NOTICE = (
    "The embeddings count words: sentences are alike where they share words. For trying out, not for research."
)


@dataclass(frozen=True, slots=True)
class Results:
    """What a run has come to."""

    extracted: Extracted
    made: Mapping[str, object]
    """How: run, embeddings, labels, seed and search."""
    messages: str
    """`contents.messages_hash` of the dataset."""
    places: Mapping[ThemeId, Place]
    agreement: Mapping[str, CodeAgreement]
    coded: frozenset[ThemeId]
    """Themes that some annotator coded."""

    @property
    def disputed(self) -> list[ThemeId]:
        """Coded themes without a place, in order."""
        return sorted(self.coded - set(self.places))

    @property
    def notices(self) -> list[str]:
        """What stands at the top of the page."""
        pilots = self.made["pilots"]
        said = [WORDS_NOTICE] if self.made["embeddings"] == WordEmbeddings.name else []
        said += [f"{pilots} pilot participants are counted: this is not the study."] if pilots else []
        return said + list(self.extracted.without.values())


def write(out: Path, results: Results) -> Path:
    """Write page, coding page, tables, figures and `themes.json` into `out`; returns the page's path.

    Where `results.json` of `analyze` stands in `out`, its section `themes` is replaced. `themes.json` comes last.
    Raises `Unusable` when a file cannot be written.
    """
    domains = results.extracted.domains
    drawn = list(drawings(domains, results.places))
    page = themes_page(
        domains,
        drawn,
        made=results.made,
        places=results.places,
        agreement=results.agreement,
        disputed=len(results.disputed),
        notices=results.notices,
    )
    text = contents(
        domains,
        made=results.made,
        messages=results.messages,
        places=results.places,
        agreement=results.agreement,
        notes={"themes": " ".join(results.notices)} if results.notices else {},
    )
    try:
        for folder in (out / "tables", out / "figures"):
            folder.mkdir(parents=True, exist_ok=True)
        for name, table in tables(results):
            write_whole(out / "tables" / f"{name}.csv", as_csv(table))
        for drawing in drawn:
            write_whole(out / "figures" / f"{drawing.name}.svg", drawing.svg)
            write_whole(out / "figures" / f"{drawing.name}.png", drawing.png)
        write_whole(out / "coding.html", coding_page(domains, run=results.extracted.run))
        write_whole(out / "themes.html", page)
        _into_results(out / RESULTS, section(domains))
        write_whole(out / FILE, to_text(text))
    except OSError as error:
        raise Unusable(f"{out}: cannot be written ({error.strerror})") from None
    return out / "themes.html"


def make_folder(out: Path) -> None:
    """Make the folder of the results; raises `Unusable` when that fails."""
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Unusable(f"{out}: cannot be written ({error.strerror})") from None


def tables(results: Results) -> Iterator[tuple[str, pd.DataFrame]]:
    """(name, table) of everything that goes into `tables/`."""
    domains, places = results.extracted.domains, results.places
    yield "theme_grid", grid_table(domains)
    yield "themes", pd.concat([theme_table(domain, places) for domain in domains], ignore_index=True)
    columns = ["trouble_type", "conversation_id", "seq", "sentence", "theme", "strength", "text"]
    yield "theme_assignments", pd.concat([domain.assigned[columns] for domain in domains], ignore_index=True)
    yield "theme_agreement", pd.DataFrame([{"level": level, **asdict(one)} for level, one in results.agreement.items()])
    yield "theme_disputes", pd.DataFrame(results.disputed, columns=["trouble_type", "theme"])
    for domain in domains:
        for level, table in coded_changes(domain, places).items():
            yield f"theme_change_{domain.trouble_type}_{level}", table
        if places:
            yield f"theme_shares_{domain.trouble_type}", share_table(domain, places)
            for family in taxonomy().families:
                yield f"themes_{domain.trouble_type}_{family.key}", family_table(domain, places, family.key)


def _into_results(path: Path, themes: dict[str, Json]) -> None:
    """Put `themes` into the results of `analyze`, where there are some that can be read."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return
    if isinstance(found, dict):
        write_whole(path, to_text(found | {"themes": themes}))
