"""Times `analyze` beside bare statsmodels fits of the same models, and its growth with the number of participants.

`python -m bench.analysis` writes `bench/results/analysis.md` and `.json`; `--sizes 1000 10000` leaves the largest out.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from pathlib import Path
from statistics import median

from bench.analysis_growth import Growth, growth
from bench.analysis_models import bare_fits
from bench.analysis_stages import STAGES, folder_of, stages
from bench.machine import load_average, machine

RESULTS = Path(__file__).parent / "results"
STUDY = 968
GOAL = 3.0


def main() -> None:
    """Measure, print and keep the page."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rounds", type=int, default=5, help="times that each side is measured, by turns")
    options.add_argument("--sizes", type=int, nargs="*", default=[1_000, 10_000, 100_000])
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as place:
        found = beside(Path(place), rounds=chosen.rounds)
        rows = [growth(size, Path(place)) for size in chosen.sizes]
        about = {**machine(Path(place)), "load_average": f"{load_average():.1f}"}
    page = as_page(found, rows, about)
    RESULTS.mkdir(exist_ok=True)
    kept = {"machine": about, "seconds": found, "growth": [row.as_dict() for row in rows]}
    (RESULTS / "analysis.json").write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")
    (RESULTS / "analysis.md").write_text(page, encoding="utf-8")
    print(page)


def beside(place: Path, *, rounds: int) -> dict[str, list[float]]:
    """Processor seconds of every stage of `analyze` and of the bare fits, by turns, the first turn left out."""
    folder = folder_of(STUDY, place)
    measured: dict[str, list[float]] = {name: [] for name in (*STAGES, "bare")}
    for turn in range(rounds + 1):
        found = {**stages(folder, place / "out"), "bare": bare_fits(folder)}
        if turn:
            for name, seconds in found.items():
                measured[name].append(round(seconds, 4))
    return measured


def as_page(found: dict[str, list[float]], rows: list[Growth], about: dict[str, str]) -> str:
    """The results as Markdown."""
    middle = {name: median(values) for name, values in found.items()}
    without = sum(middle[name] for name in STAGES if name != "drawing")
    ratio, fits = without / middle["bare"], middle["fitting"] / middle["bare"]
    lines = [
        "# Analysis: time and memory",
        "",
        f"`python -m bench.analysis` on {about['processor']}, {about['cores']} cores, load {about['load_average']}.",
        "",
        f"One study of {STUDY} participants, 2,904 conversations and 34,848 messages with 1,500 choices; processor "
        f"seconds, median of {len(found['bare'])} turns [lowest, highest].",
        "",
        "| stage | seconds | × bare fits |",
        "|---|---|---|",
        *(
            f"| {STAGES.get(name, 'bare statsmodels fits of the same models')} | {middle[name]:.2f} "
            f"[{min(values):.2f}, {max(values):.2f}] | {middle[name] / middle['bare']:.2f} |"
            for name, values in found.items()
        ),
        f"| **all but drawing** | **{without:.2f}** | **{ratio:.2f}** (goal: {GOAL:g}) |",
        "",
        f"Every analysis of the study, beyond the models too, takes {fits:.2f} × the bare fits.",
        "",
        "Whole runs without drawing, each in a process of its own:",
        "",
        "| participants | conversations | messages | seconds | per 1,000 participants | peak memory |",
        "|---|---|---|---|---|---|",
        *(row.as_line() for row in rows),
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
