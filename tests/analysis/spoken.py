"""Datasets whose supporters say things of a few known kinds, more of one kind after coaching."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
from simulate import World, simulate, write

KINDS: dict[str, tuple[str, ...]] = {
    "question": ("What happened {when}?", "How did {whom} react {when}?", "What is on your mind {when}?"),
    "sorry": ("I am so sorry about {what}.", "I'm really sorry to hear about {what}.", "So sorry that {what} hit you."),
    "feeling": (
        "That sounds painful and exhausting.",
        "It makes sense that you feel hurt by {what}.",
        "No wonder you feel low.",
    ),
    "advice": (
        "You should talk to {whom} about {what}.",
        "Maybe you should try to forget {what}.",
        "You should rest {when}.",
    ),
    "there": ("I am here for you {when}.", "I'm always here to listen.", "You can call me {when}, I am here."),
    "mine": (
        "The same happened to me {when}.",
        "I lost a job myself, so did {whom}.",
        "My own story with {what} was worse.",
    ),
}
FILLS = {
    "when": ("today", "last week", "at night", "right now", "this morning"),
    "whom": ("your sister", "your boss", "a friend", "your team", "the doctor"),
    "what": ("the news", "that call", "the job", "this loss", "the meeting"),
}
COACHED = ("ai_coach", "combined")


def spoken_dataset(folder: Path, *, participants: int = 40, seed: int = 1, gain: float = 0.3) -> Path:
    """Write a dataset folder; after coaching a share `gain` of the other sentences become questions."""
    tables = simulate(World(participants=participants, seed=seed))
    rng = np.random.default_rng(seed)
    people = tables["participants"].set_index("participant_id")["condition"]
    rows = []
    for talk in tables["conversations"].to_dict("records"):
        is_changed = people[talk["participant_id"]] in COACHED and int(talk["round"]) > 1
        for seq in range(1, 9):
            role = "seeker" if seq % 2 else "supporter"
            text = "SEEKER SPEAKS." if seq % 2 else " ".join(_sentence(rng, gain * is_changed) for _ in range(2))
            rows.append((talk["conversation_id"], str(seq), role, text))
    tables["messages"] = pd.DataFrame(rows, columns=["conversation_id", "seq", "role", "text"])
    return write(tables, folder)


def _sentence(rng: np.random.Generator, gain: float) -> str:
    kind = "question" if rng.random() < gain else str(rng.choice(list(KINDS)))
    text = str(rng.choice(KINDS[kind]))
    return text.format(**{name: rng.choice(words) for name, words in FILLS.items()})
