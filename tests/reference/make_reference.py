"""Makes `reference.csv`: simulated studies of 968 people, fitted by R. Run it when the simulation or a model changes.

`python tests/reference/make_reference.py` needs R with lme4, sandwich, lmtest and clubSandwich (Debian: r-base-core,
r-cran-lme4, r-cran-sandwich, r-cran-lmtest, r-cran-clubsandwich). The tests read what is stored and need no R.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "analysis"))

from reference_studies import STUDIES, study_folder  # noqa: E402

VERSIONS = """
packages <- c("lme4", "sandwich", "lmtest", "clubSandwich")
cat(R.version.string, sapply(packages, function(p) paste(p, packageVersion(p))), sep = "; ")
"""


def main() -> None:
    """Fit every study and write what R says, with its versions on the first line."""
    versions = rscript("-e", VERSIONS).strip()
    lines = [f"# {versions}", "study,model,term,estimate,se"]
    for name in STUDIES:
        with tempfile.TemporaryDirectory() as folder:
            found = rscript(str(HERE / "models.R"), str(study_folder(name, Path(folder) / "dataset")))
        lines += [f"{name},{line}" for line in found.splitlines()]
    (HERE / "reference.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    print(f"{len(lines) - 2} numbers from {versions}")


def rscript(*arguments: str) -> str:
    """What R prints; raises `CalledProcessError` with R's own words on standard error."""
    return subprocess.run(["Rscript", *arguments], stdout=subprocess.PIPE, text=True, check=True).stdout  # noqa: S603, S607


if __name__ == "__main__":
    main()
