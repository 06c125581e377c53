"""Makes `robustness.csv`: one simulated study of 120 people, fitted by R's lme4, MASS and sandwich.

`python tests/reference/make_robustness.py` needs R with these packages. The tests read what is stored.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "analysis"))

from make_reference import rscript  # noqa: E402
from simulate import World, simulate, write  # noqa: E402

WORLD = World(participants=120, seed=104, missing=0.08)
"""With scores missing at random, so that people have one to three conversations in a model."""

VERSIONS = """
packages <- c("lme4", "MASS", "sandwich")
cat(R.version.string, sapply(packages, function(p) paste(p, packageVersion(p))), sep = "; ")
"""


def main() -> None:
    """Fit the study and write what R says, with its versions on the first line."""
    versions = rscript("-e", VERSIONS)
    with tempfile.TemporaryDirectory() as folder:
        found = rscript(str(HERE / "robustness.R"), str(write(simulate(WORLD), Path(folder) / "dataset")))
    (HERE / "robustness.csv").write_text(f"# {versions}\nmodel,term,estimate,se\n{found}", encoding="utf-8")


if __name__ == "__main__":
    main()
