"""The page about themes: one HTML file with models, taxonomy and change, without a sentence of any participant."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from analysis.drawing import Drawing
from analysis.report.environment import environment
from analysis.report.wording import unbroken
from analysis.themes.codes import CodeAgreement, ThemeId
from analysis.themes.domain import Domain
from analysis.themes.tables import coded_changes, grid_table, records, share_table, theme_table
from analysis.themes.taxonomy import LEVELS, Place, names


def themes_page(
    domains: Sequence[Domain],
    drawn: Sequence[Drawing],
    *,
    made: Mapping[str, object],
    places: Mapping[ThemeId, Place],
    agreement: Mapping[str, CodeAgreement],
    disputed: int,
    notices: Sequence[str],
) -> str:
    """The page as HTML text; `disputed` counts coded themes without a place, `notices` stand at the top."""
    page = (
        environment("analysis.themes")
        .get_template("themes.html.j2")
        .render(
            domains=domains,
            grid=_rows(grid_table(domains)),
            coded={domain.trouble_type: _coded(domain, places) for domain in domains},
            rows={domain.trouble_type: _themes(domain, places) for domain in domains},
            figures={drawing.name: drawing for drawing in drawn},
            made=made,
            places=places,
            n_themes=sum(len(domain.themes) for domain in domains),
            agreement=agreement,
            disputed=disputed,
            notices=notices,
        )
    )
    return unbroken(page)


def _coded(domain: Domain, places: Mapping[ThemeId, Place]) -> list[dict[str, object]]:
    """Families and their strategies, in the taxonomy's order, with their shares and their change."""
    changes = {path: row for table in coded_changes(domain, places).values() for path, row in records(table)}
    shares = _rows(share_table(domain, places))
    shown = [
        row | {"difference": changes[str(row["path"])]["difference"]} for row in shares if row["level"] in LEVELS[:2]
    ]
    return sorted(shown, key=lambda row: list(names()).index(str(row["path"])))


def _themes(domain: Domain, places: Mapping[ThemeId, Place]) -> list[dict[str, object]]:
    named = {theme.key: theme.name for theme in domain.themes}
    rows = _rows(theme_table(domain, places))
    by_key = {key: place for (trouble, key), place in places.items() if trouble == domain.trouble_type}
    for row in rows:
        place = by_key.get(str(row["theme"]))
        row["name"] = named[str(row["theme"])]
        row["place"] = place and " · ".join(names()[place.up_to(level)] for level in LEVELS)
    return rows


def _rows(table: pd.DataFrame) -> list[dict[str, object]]:
    """Records whose undefined numbers are None."""
    records = table.astype(object).where(table.notna(), None).to_dict("records")
    return [{str(key): value for key, value in record.items()} for record in records]
