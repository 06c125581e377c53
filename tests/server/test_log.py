"""The log: says what happens, and never who it was or what they wrote."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from sqlalchemy.exc import IntegrityError

from server.desk.accounts import DeskRole
from server.storage.database import Database
from server.storage.migrate import migrate
from server.storage.tables import SecretRow
from tests.llm.fake_openai import status
from tests.server.browsing import PASSWORD, account, browser, log_in
from tests.server.client import Client, clients, eventually
from tests.server.conftest import shared_env
from tests.server.served import serving
from tests.server.slow_models import Mood, env_of, fake_model
from tests.server.walking import walk

WORDS = ("Wombat-in-a-message", "Wombat-in-an-answer", "wombat-external-id", "wombat-session", "I want to kill myself")


async def test_nobody_is_in_the_log(tmp_path: Path, studies: Path) -> None:
    """After a whole study with everything that is logged, neither tokens nor ids nor texts stand in the log.

    What is logged: a judge that fails, an alert, refusals, wrong passwords, broken frames and a withdrawal.
    """
    key = "sk-wombat-key-0123456789"
    async with fake_model(Mood(status(500, "overloaded: " + WORDS[0]))) as fake:
        env = shared_env(studies) | env_of(fake, "judge") | {"OPENAI_API_KEY": key}
        with serving(f"sqlite:///{tmp_path / 'study.db'}", log=tmp_path / "log", env=env) as served:
            async with clients(served.url, 2) as [person, stranger], browser() as http:
                await person.enter("brief", external_id=WORDS[2], session_id=WORDS[3])
                await stranger.enter("brief", external_id=WORDS[2], session_id="another")
                await walk(person, until="felt_1", lines=(WORDS[4], WORDS[0]))
                await person.take("felt_1", {"empathized": 9, "comment": WORDS[1]})
                await person.take("felt_1", {"empathized": 4, "comment": WORDS[1]})
                await walk(person)
                await eventually(lambda: served.rows("SELECT * FROM score"))
                async with person.page() as page:
                    await page.socket.send_str(f"no JSON but {WORDS[0]}")
                    await page.closing_code()
                visitor = Client(http, served.url)
                name = await account(served, DeskRole.ANALYST)
                await log_in(visitor, name, "wombat-password")
                await log_in(visitor, name)
                await person.withdraw()
        tokens = [person.headers["Authorization"].removeprefix("Bearer ")]
        secrets = [row.value for row in served.rows("SELECT value FROM secret")]
    told = served.log.read_text()
    for secret in (*WORDS, *tokens, *secrets, key, PASSWORD, "wombat-password", person.id):
        assert secret not in told
    lines = [json.loads(line) for line in told.splitlines() if line.startswith("{")]
    assert "support needed" in {line["event"] for line in lines}
    assert "Traceback" not in told


async def test_errors_of_the_database_quote_nobody(database_url: str) -> None:
    """An error of a statement, which a log may hold, does not tell the values that were to be stored."""
    database = Database(database_url)
    try:
        await migrate(database)
        for _ in range(2):
            async with database.writing() as session:
                session.add(SecretRow(name="one", value="Wombat"))
    except IntegrityError as error:
        assert "Wombat" not in str(error)
    else:
        pytest.fail("the second row has the same key")
    finally:
        await database.close()
