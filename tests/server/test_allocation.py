"""Allocation: permuted blocks in the transaction of consent, however many people agree at the same instant."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from pathlib import Path

from core.allocation import allocate
from tests.server.client import Client, clients
from tests.server.conftest import shared_env
from tests.server.served import Served, rows, serving

MANY = 200
LAST = "SELECT hash, bundle, seed, next_slot, next_pilot_slot, frozen_at FROM study_version WHERE slug = 'lend_an_ear'"
DRAWN = "SELECT slot, block, condition, scenario_order, pilot, participant_id FROM allocation WHERE study_hash = :hash"


async def agree(person: Client) -> None:
    await person.consent("lend_an_ear")


async def test_two_hundred_consents_at_once(database_url: str, tmp_path: Path, studies: Path) -> None:
    """200 people who agree at once: 50 of each condition, each slot once, each slot what the seed says.

    On a server at life's own speed, so that they are participants and not pilots: the first of them freezes the study.
    """
    with serving(database_url, log=tmp_path / "log", scale=1, env=shared_env(studies)) as served:
        async with clients(served.url, MANY) as people:
            await asyncio.gather(*(agree(person) for person in people))
    [(study_hash, bundle, seed, next_slot, next_pilot_slot, frozen_at)] = rows(database_url, LAST)
    drawn = rows(database_url, DRAWN, hash=study_hash)
    study = json.loads(bundle)["study"]

    assert Counter(row.condition for row in drawn) == dict.fromkeys(study["conditions"], MANY // 4)
    assert sorted(row.slot for row in drawn) == list(range(MANY))
    assert (next_slot, next_pilot_slot) == (MANY, 0)
    assert frozen_at is not None
    for row in drawn:
        told = allocate(
            row.slot,
            seed=seed,
            conditions=study["conditions"],
            block_sizes=study["allocation"]["block_sizes"],
            scenarios=study["scenarios"],
            rounds=3,
        )
        assert (row.block, row.condition, json.loads(row.scenario_order)) == (
            told.block,
            told.condition,
            list(told.scenario_order),
        )
    kept = {row.id: row.condition for row in rows(database_url, "SELECT id, condition FROM participant")}
    assert kept == {row.participant_id: row.condition for row in drawn}


async def test_pilots_draw_from_a_sequence_of_their_own(server: Served) -> None:
    """On a time-scaled server everyone is a pilot: no slot of the study proper is used, and nothing is frozen."""
    async with clients(server.url) as [person]:
        await person.consent("lend_an_ear")

    [version] = server.rows(LAST)
    assert version.next_slot == 0
    assert version.frozen_at is None
    assert version.next_pilot_slot >= 1
    assert all(row.pilot for row in server.rows(DRAWN, hash=version.hash))
