"""A withdrawal is brought to its end, whatever came in between, and nobody can undo or block it."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from tests.server.client import clients, eventually
from tests.server.conftest import shared_env
from tests.server.served import serving, start


async def test_a_withdrawal_that_a_crash_cut_short_is_finished_at_the_next_start(tmp_path: Path, studies: Path) -> None:
    """Somebody who was told that they have withdrawn is erased, although the server died right after telling it."""
    file = tmp_path / "study.db"
    database, env = f"sqlite:///{file}", shared_env(studies)
    served = start(database, log=tmp_path / "log", env=env)
    async with clients(served.url) as [person]:
        talk = (await person.consent("unhurried", external_id="REALNAME"))["content"]["dialogue"]
        async with person.page(talk) as page:
            await page.say("Something very private")
    served.kill()
    with sqlite3.connect(file) as connection:
        connection.execute("UPDATE participant SET status = 'withdrawn'")

    with serving(database, log=tmp_path / "log", env=env):
        await eventually(lambda: _settled(file))

    with sqlite3.connect(file) as connection:
        everything = "\n".join(connection.iterdump())
    assert "REALNAME" not in everything
    assert "Something very private" not in everything


def _settled(file: Path) -> bool:
    with sqlite3.connect(file) as connection:
        return connection.execute("SELECT settled_at FROM participant").fetchone()[0] is not None


async def test_nobody_can_enter_under_what_stands_for_who_withdrew(server) -> None:  # type: ignore[no-untyped-def]
    """An external id of the form that withdrawals leave behind is refused, so that it cannot block anybody's."""
    async with clients(server.url) as [person]:
        answer = await person.enter("unhurried", external_id="withdrawn:0123456789abcdef")

    assert answer.refusal == (422, "invalid_answer")
    assert answer.error["item"] == "external_id"
