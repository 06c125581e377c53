"""Look at every page with sample values: `python tests/web/preview.py` serves them on port 8765."""

from __future__ import annotations

import sys
import time
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[2])]

import web_samples  # noqa: E402 - the two folders above make it importable
from web_stage import Stage, coach, seeker  # noqa: E402


def preview_stage(port: int = 0) -> Stage:
    """A stage with every page and the dialogues that they show."""
    waiting = coach("coach-slow", opening=None)
    dialogues = {d.id: d for d in (seeker(reply_after_s=1, delta_every_s=0.05), coach(reply_after_s=1), waiting)}
    return Stage(pages=web_samples.all_pages(), dialogues=dialogues, port=port)


if __name__ == "__main__":
    with preview_stage(8765) as stage:
        print(stage.address)
        while True:
            time.sleep(60)
