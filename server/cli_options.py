"""What commands have in common: options, and how wrong usage is told."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, NoReturn

import typer

WRONG_USAGE = 2

DatabaseOption = Annotated[str | None, typer.Option("--database", help="Database URL or SQLite file.")]
RateOption = Annotated[float | None, typer.Option(min=0.01, help="Most calls per second.")]
CapOption = Annotated[float | None, typer.Option(min=0, help="Most US dollars that this command may spend now.")]
PlanOption = Annotated[
    Path | None, typer.Option("--plan", help="Analysis plan; without it that of the dataset's study.yaml.")
]
YesOption = Annotated[bool, typer.Option("--yes", help="Do not ask before money is spent.")]


def wrong_usage(message: str) -> NoReturn:
    """Print `message` and end the command with exit 2."""
    print(message, file=sys.stderr)
    raise typer.Exit(WRONG_USAGE)
