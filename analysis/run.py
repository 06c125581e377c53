"""`lendanear analyze`: from a dataset folder to results, tables, figures and report."""

from __future__ import annotations

from pathlib import Path

from analysis.analyses import run_analyses
from analysis.contents import contents
from analysis.dataset import load
from analysis.drawing import drawings
from analysis.plan import read_plan
from analysis.report.page import report_page
from analysis.results import to_text
from analysis.tables import as_csv, tables
from analysis.themes.contents import themes_section
from core.errors import Unusable
from core.written import write_whole


def analyze(
    dataset: Path,
    out: Path,
    *,
    plan: Path | None = None,
    pilots: bool = False,
    judge_model: str | None = None,
    figures: bool = True,
) -> Path:
    """Analyse the dataset folder and write `results.json`, `report.html`, `tables/` and `figures/` into `out`.

    Without `figures` nothing is drawn, which saves most of the time. Returns the path of the report. `results.json` is
    written last and whole: where it stands, everything else does.
    Raises `Unusable` with one sentence for a dataset or plan that cannot be analysed, before anything is written.
    """
    frozen = None if plan is None else read_plan(plan)
    read = load(dataset, plan=frozen)
    found = run_analyses(read, pilots=pilots, judge_model=judge_model)
    results = contents(found) | {"themes": themes_section(out, read)}
    text = to_text(results)
    drawn = list(drawings(found)) if figures else []
    page = report_page(found, drawn)
    try:
        for folder in (out, out / "tables", out / "figures"):
            folder.mkdir(parents=True, exist_ok=True)
        (out / "results.json").unlink(missing_ok=True)
        for name, table in tables(found):
            write_whole(out / "tables" / f"{name}.csv", as_csv(table))
        for drawing in drawn:
            write_whole(out / "figures" / f"{drawing.name}.svg", drawing.svg)
            write_whole(out / "figures" / f"{drawing.name}.png", drawing.png)
        write_whole(out / "report.html", page)
        write_whole(out / "results.json", text)
    except OSError as error:
        raise Unusable(f"{out}: cannot be written ({error.strerror})") from None
    return out / "report.html"
