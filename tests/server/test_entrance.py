"""The public way in: nobody is taken for somebody else, twice for themselves, or for a crowd."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.errors import Unusable
from server.commands.study import check
from server.entrance import cleaned_id
from server.participants import Entry, Participants
from server.settings import read_settings
from server.storage.database import Database
from server.storage.migrate import migrate
from server.storage.tables import StudyVersionRow
from tests.server.browsing import browser, csrf_token, send_form
from tests.server.client import Answer, Client, clients
from tests.server.conftest import shared_env
from tests.server.served import Served, rows, serving

INVISIBLE = ["P1\u200b", "P\u00a01", "P\u20281", "P\u00ad1", "P\t1", "P\u202e1"]
OURS = ["account:ada", " account:ada", "withdrawn:0123456789abcdef"]


@pytest.mark.parametrize("text", ["P1", "5f3a 77", "Zoë-9", "名前", "a" * 200])
def test_an_id_is_taken_as_it_is_but_for_white_space_around_it(text: str) -> None:
    """Whoever copies it with a line feed is no second person."""
    assert cleaned_id(text) == cleaned_id(f" \t{text}\u2003\n") == text


@pytest.mark.parametrize("text", [*INVISIBLE, *OURS, " ", "x" * 201, "half \ud800"], ids=ascii)
def test_an_id_that_is_not_what_it_looks_like_is_refused(text: str) -> None:
    """What nobody sees, and what only the server calls people, is in no id."""
    with pytest.raises(ValueError, match="it "):
        cleaned_id(text)


async def test_api_and_link_refuse_the_same_ids(server: Served) -> None:
    """Each is named, and a browser gets a page."""
    async with clients(server.url) as [program]:
        for text in ("account:ada", "P1\u200b"):
            refused = await program.enter("four", external_id=text)
            assert (refused.refusal, refused.error["item"]) == ((422, "invalid_answer"), "external_id")
            link = await program.call("GET", "/s/four", params={"PROLIFIC_PID": text})
            assert link.status == 422
            assert "names you in a way that cannot be kept" in link.body
        session = await program.enter("four", external_id="fine", session_id="S\u200b")
        assert (session.refusal, session.error["item"]) == ((422, "invalid_answer"), "session_id")
        first = (await program.enter("four", external_id="spaced out")).body["participant_id"]
        again = await program.enter("four", external_id=" spaced out\n")
        assert (again.body["participant_id"], again.body["resumed"]) == (first, True)


async def test_a_double_click_on_consent_makes_one_participant(either_server: Served) -> None:
    """The same form sent several times at once, by a browser that names nobody, is one person's, who goes on."""
    count = "SELECT COUNT(*) FROM participant WHERE slug = 'four'"
    async with browser() as http, browser() as elsewhere:
        before = either_server.rows(count)[0][0]
        person = Client(http, either_server.url)
        await person.call("GET", "/s/four")
        cookie = {"Cookie": f"csrftoken={csrf_token(person)}"}
        clicks = [Client(elsewhere, either_server.url) for _ in range(3)]
        fields = {"csrftoken": csrf_token(person), "consent": "true"}
        sent = await asyncio.gather(
            *(click.call("POST", "/s/four/steps/consent", data=fields, headers=cookie) for click in clicks)
        )
        assert [answer.status for answer in sent] == [303] * 3
        assert either_server.rows(count)[0][0] == before + 1
        await send_form(person, "/s/four/steps/consent", consent="true")
        assert (await person.me()).step["id"] != "consent"
        assert either_server.rows(count)[0][0] == before + 1


async def test_a_form_sent_again_later_is_the_next_persons(database_url: str, studies: Path) -> None:
    """Somebody else sits down at the same browser, or has its cookie: a minute later it opens nobody's place.

    Whom it admitted before keeps theirs, and a click that comes twice is one person's again.
    """
    at = [1_000_000]
    bundle = check(studies / "brief").bundle
    database = Database(database_url)
    await migrate(database)
    async with database.writing() as session:
        row = StudyVersionRow(hash=bundle.hash, slug="brief", bundle=bundle.model_dump_json(), seed=1, loaded_at=1)
        session.add(row)
    people = Participants(database, now=lambda: at[0], pilot=False, salt="s")

    admitted = []
    for passes_ms in (0, 59_999, 1, 59_999):
        at[0] += passes_ms
        admitted.append(await people.enter(bundle, Entry(), form="cookie"))

    first, again, later, later_again = admitted
    assert [each.resumed for each in admitted] == [False, True, False, True]
    assert first.participant_id == again.participant_id != later.participant_id == later_again.participant_id
    assert (await people.holder(first.token)).id == first.participant_id
    await database.close()
    assert {len(token.hash) for token in rows(database_url, "SELECT hash FROM token")} == {64}, "and none but tokens"


@pytest.fixture
def narrow(tmp_path: Path, studies: Path) -> Iterator[str]:
    """The address of a server that takes two newcomers an hour from one address."""
    env = shared_env(studies) | {"LENDANEAR_ENTRIES_PER_ADDRESS": "2 per hour"}
    with serving(f"sqlite:///{tmp_path / 'study.db'}", log=tmp_path / "log", env=env) as served:
        yield served.url


async def test_one_address_brings_so_many_newcomers(narrow: str) -> None:
    """The next is told when to come again; who has begun goes on, other addresses and this machine are not held up."""

    async def enter(address: str, **body: str) -> Answer:
        headers = {"X-Forwarded-For": address}
        return await program.call("POST", "/api/studies/four/participants", body=body, headers=headers)

    async with clients(narrow) as [program], browser() as http:
        entered = [await enter("203.0.113.7", external_id=name) for name in ("one", "two", "three", "one")]
        assert [answer.status for answer in entered] == [201, 201, 429, 201]
        assert entered[2].error["code"] == "too_many"
        assert 3500 < int(entered[2].headers["Retry-After"]) <= 3600
        networks = [await enter(f"2001:db8:{network}::{host}") for network in (1, 2) for host in (1, 2, 3)]
        assert [answer.status for answer in networks] == [201, 201, 429] * 2
        assert {(await program.enter("four")).status for _ in range(4)} == {201}

        visitor = Client(http, narrow)
        await visitor.call("GET", "/s/four")
        fields = {"csrftoken": csrf_token(visitor), "consent": "true"}
        path, headers = "/s/four/steps/consent", {"X-Forwarded-For": "203.0.113.7"}
        page = await visitor.call("POST", path, data=fields, headers=headers)
        assert (page.status, "Your link stays good" in page.body) == (429, True)


def test_a_limit_that_is_none_is_told_at_the_start() -> None:
    """In one sentence that shows how to write it."""
    with pytest.raises(Unusable, match="write it as in 300 per 10 minutes"):
        read_settings(entries_per_address="a few")
