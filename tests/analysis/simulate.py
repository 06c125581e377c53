"""Simulated studies: dataset folders whose true effects are known, in the means of the rounded scores."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.optimize import brentq
from scipy.stats import norm

from core.dimensions import DIMENSIONS

CONDITIONS = ("control", "video", "ai_coach", "combined")
SCENARIOS = ("job_loss", "promotion", "undervalued", "cancer", "loss")
PERSONAL = ("cancer", "loss")
ARMS_EFFECTS = {
    "encouraging_elaboration": (0.218, 0.648, 0.621),
    "validating_emotions": (0.235, 0.475, 0.613),
    "demonstrating_understanding": (0.247, 0.459, 0.573),
    "advice_giving": (-0.665, -0.675, -1.035),
    "self_oriented": (0.086, -0.201, -0.130),
    "dismissing_emotions": (-0.324, -0.451, -0.656),
}
ETHNICITY_SHARES = (0.653, 0.114, 0.103, 0.068, 0.062)
BASELINES = (2.159, 2.555, 1.657, 3.082, 1.641, 3.061)


@dataclass(frozen=True)
class World:
    """A study to simulate; `effects` are added to the mean of the rounded scores after round 1, in points."""

    participants: int = 968
    seed: int = 1
    effects: Mapping[str, tuple[float, float, float]] = field(default_factory=lambda: ARMS_EFFECTS)
    person_sd: float = 1.0
    error_sd: float = 0.8
    model: str = "openai:gpt-4o"
    repeats: int = 1
    missing: float = 0.0
    pilots: bool = False


@cache
def latent_mean(mean: float, sd: float) -> float:
    """The latent normal mean whose value, rounded and cut to 1-5, has the expectation `mean`."""

    def excess(latent: float) -> float:
        return float(1 + norm.sf((np.array([1.5, 2.5, 3.5, 4.5]) - latent) / sd).sum()) - mean

    return float(brentq(excess, -30, 36))


def simulate(world: World) -> dict[str, pd.DataFrame]:
    """The tables of a simulated study, ready to be written by `write`."""
    rng = np.random.default_rng(world.seed)
    n = world.participants
    condition = np.array([CONDITIONS[i % 4] for i in range(n)])
    ids = np.array([f"p{i:05d}" for i in range(n)])
    people = pd.DataFrame(
        {
            "participant_id": ids,
            "study": "lend_an_ear",
            "study_hash": "f" * 64,
            "condition": condition,
            "status": "complete",
            "pilot": "true" if world.pilots else "false",
            "started_at": [f"2026-01-{1 + i % 28:02d}T10:00:00.000Z" for i in range(n)],
            "finished_at": [f"2026-01-{1 + i % 28:02d}T10:20:00.000Z" for i in range(n)],
            "ai_assistance": "no",
            "age": rng.integers(18, 87, n).astype(str),
            "sex": rng.choice(["female", "male"], n),
            "ethnicity": rng.choice(["White", "Black", "Mixed", "Other", "Asian"], n, p=ETHNICITY_SHARES),
            "time_factor": "1",
            "external_id": [f"x{i:05d}" for i in range(n)],
        }
    )
    skill = rng.normal(0, world.person_sd, n)
    conversations, scores = [], []
    orders = np.array([rng.permutation(5)[:3] for _ in range(n)])
    for round_ in (1, 2, 3):
        scenario = np.array(SCENARIOS)[orders[:, round_ - 1]]
        turns = rng.integers(9, 15, n)
        conversations.append(
            pd.DataFrame(
                {
                    "conversation_id": [f"c{i:05d}-{round_}" for i in range(n)],
                    "participant_id": ids,
                    "round": str(round_),
                    "scenario": scenario,
                    "trouble_type": np.where(np.isin(scenario, PERSONAL), "personal", "workplace"),
                    "started_at": "2026-01-01T10:05:00.000Z",
                    "ended_at": "2026-01-01T10:09:10.000Z",
                    "end_reason": "time",
                    "active_s": "240",
                    "wall_s": "250.5",
                    "supporter_messages": (turns // 2).astype(str),
                    "seeker_messages": (turns - turns // 2).astype(str),
                    "supporter_words": rng.integers(120, 280, n).astype(str),
                    "seeker_model": "openai:gpt-4o",
                    "seeker_prompt_version": "1",
                }
            )
        )
        scores.append(_scores(world, rng, skill=skill, condition=condition, round_=round_))
    talked = pd.concat(conversations, ignore_index=True)
    return {
        "participants": people,
        "conversations": talked,
        "scores": pd.concat(scores, ignore_index=True),
        "messages": _messages(talked, rng),
        "responses": _responses(ids, rng),
    }


def scored_rows(world: World) -> pd.DataFrame:
    """The conversations of a simulated study as `Scored.conversations` holds them, without files between."""
    rng = np.random.default_rng(world.seed)
    n, sd = world.participants, float(np.hypot(world.person_sd, world.error_sd))
    condition = np.array(CONDITIONS)[np.arange(n) % 4]
    skill = rng.normal(0, world.person_sd, n)
    rounds = []
    for round_ in (1, 2, 3):
        rows = pd.DataFrame({"participant_id": np.arange(n), "condition": condition, "post": float(round_ > 1)})
        for at, dimension in enumerate(DIMENSIONS):
            latent = _latent(world, at, dimension, round_, sd)[np.arange(n) % 4]
            value = latent + (1 if at < 3 else -1) * skill + rng.normal(0, world.error_sd, n)
            rows[str(dimension)] = np.clip(np.round(value), 1, 5)
        rounds.append(rows)
    return pd.concat(rounds, ignore_index=True)


def _latent(world: World, at: int, dimension: str, round_: int, sd: float) -> np.ndarray:
    """The latent mean of a dimension in a round, per condition."""
    gains = dict(zip(CONDITIONS[1:], world.effects[dimension], strict=True)) if round_ > 1 else {}
    return np.array([latent_mean(BASELINES[at] + gains.get(condition, 0.0), sd) for condition in CONDITIONS])


LINES = (
    "What happened then?",
    "I'm so sorry.",
    "+1 to that",
    'That sounds hard, "really" hard.',
    "=SUM(A1)",
    "'quoted'",
)


def _messages(conversations: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Two messages a conversation: a seeker's opener, and a supporter's line that mostly nobody else says."""
    n = len(conversations)
    own = [f"{LINES[i % len(LINES)]} {i}" if i % 40 else LINES[i // 40 % len(LINES)] for i in range(n)]
    both = {"seeker": ["I had a bad week."] * n, "supporter": own}
    frames = [
        pd.DataFrame(
            {
                "conversation_id": conversations["conversation_id"],
                "seq": str(seq),
                "role": role,
                "text": both[role],
                "sent_at": "2026-01-01T10:05:00.000Z",
                "compose_ms": "" if role == "seeker" else rng.integers(500, 20000, n).astype(str),
                "pasted": "false",
            }
        )
        for seq, role in ((3, "seeker"), (7, "supporter"))
    ]
    return pd.concat(frames, ignore_index=True)


def _responses(ids: np.ndarray, rng: np.random.Generator) -> pd.DataFrame:
    """Trait items once, self-assessments after every round; none is related to anything."""
    asked = [("jordan", f"jordan_{i}", "") for i in range(1, 8)] + [("sites", "sites", "")]
    asked += [
        ("self_assessment", item, str(round_))
        for round_ in (1, 2, 3)
        for item in ("empathized", "understanding", "elaboration", "desire_to_help")
    ]
    frames = [
        pd.DataFrame(
            {
                "participant_id": ids,
                "round": round_,
                "instrument": instrument,
                "item": item,
                "value": rng.integers(1, 6, len(ids)).astype(str),
                "answered_at": "2026-01-01T10:10:00.000Z",
            }
        )
        for instrument, item, round_ in asked
    ]
    return pd.concat(frames, ignore_index=True)


def _scores(
    world: World, rng: np.random.Generator, *, skill: np.ndarray, condition: np.ndarray, round_: int
) -> pd.DataFrame:
    n = len(skill)
    sd = float(np.hypot(world.person_sd, world.error_sd))
    frames = []
    for at, dimension in enumerate(DIMENSIONS):
        sign = 1 if at < 3 else -1
        latent = _latent(world, at, dimension, round_, sd)
        mean = latent[[CONDITIONS.index(c) for c in condition]]
        for repeat in range(1, world.repeats + 1):
            value = np.clip(np.round(mean + sign * skill + rng.normal(0, world.error_sd, n)), 1, 5).astype(int)
            gone = rng.random(n) < world.missing
            frames.append(
                pd.DataFrame(
                    {
                        "conversation_id": [f"c{i:05d}-{round_}" for i in range(n)],
                        "judge": "lend_an_ear",
                        "model": world.model,
                        "rubric_version": "1",
                        "repeat": str(repeat),
                        "dimension": str(dimension),
                        "score": np.where(gone, "", value.astype(str)),
                        "failure": np.where(gone, "malformed", ""),
                    }
                )
            )
    return pd.concat(frames, ignore_index=True)


def write(tables: Mapping[str, pd.DataFrame], folder: Path) -> Path:
    """Write the tables as a dataset folder with the formula mark before cells that need one; returns the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, frame in tables.items():
        marked = frame.astype(object).map(lambda cell: f"'{cell}" if str(cell)[:1] in tuple("=+-@\t\r'") else cell)
        marked.to_csv(folder / f"{name}.csv", index=False, quoting=csv.QUOTE_MINIMAL, lineterminator="\r\n")
    return folder
