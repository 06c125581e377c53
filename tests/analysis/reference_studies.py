"""The simulated studies that R has fitted as well: whole, with missing scores, and with little between people."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from simulate import World, simulate, write
from simulate_choices import with_choices

STUDIES = {
    "whole": World(seed=101),
    "missing scores": World(seed=102, missing=0.02),
    "noisy": World(seed=103, person_sd=0.4, error_sd=1.2),
}


def study_folder(name: str, folder: Path) -> Path:
    """The dataset of one study with choices; a tenth of the people give no age and a tenth another sex."""
    world = STUDIES[name]
    complete = simulate(World(**{**_fields(world), "missing": 0.0}))
    tables = with_choices(complete, seed=world.seed)
    if world.missing:
        tables |= {"scores": simulate(world)["scores"]}
    people = tables["participants"].copy()
    rng = np.random.default_rng(world.seed)
    people.loc[rng.random(len(people)) < 0.1, "age"] = ""
    people.loc[rng.random(len(people)) < 0.1, "sex"] = "other"
    return write({**tables, "participants": people}, folder)


def _fields(world: World) -> dict[str, object]:
    return {name: getattr(world, name) for name in world.__dataclass_fields__}
