"""Rating: raters come in by their account alone, rate blind, and somebody else decides where they are far apart."""

from __future__ import annotations

import base64
import csv
import json
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from core.dimensions import DIMENSIONS
from server.commands.export import export
from server.desk.accounts import DeskRole
from server.export.write import Wishes
from server.settings import Settings
from server.storage.database import Database
from server.storage.tables import LoginRow
from tests.server.browsing import account, at_the_desk, browser, csrf_token, give_consent, log_in, send_form
from tests.server.client import Client, clients
from tests.server.conftest import shared_env
from tests.server.served import Served, serving

SCALE = range(1, 6)


@pytest.fixture(scope="module")
def unscaled(tmp_path_factory: pytest.TempPathFactory, studies: Path) -> Iterator[Served]:
    """A server at the speed of life: on one for rehearsals anybody may rate."""
    folder = tmp_path_factory.mktemp("unscaled")
    with serving(f"sqlite:///{folder / 'study.db'}", log=folder / "log", scale=1, env=shared_env(studies)) as served:
        yield served


@pytest.fixture
async def raters(unscaled: Served) -> AsyncIterator[list[Client]]:
    """Two raters who are logged in."""
    async with AsyncExitStack() as stack:
        yield [await stack.enter_async_context(at_the_desk(unscaled, DeskRole.RATER)) for _ in range(2)]


async def begin(rater: Client, slug: str = "raters") -> None:
    """Begin the queue by the desk's own form, and agree."""
    await rater.call("GET", "/desk/queues")
    answer = await send_form(rater, f"/desk/queues/{slug}")
    assert (answer.status, answer.headers["Location"]) == (303, f"/s/{slug}")
    await give_consent(rater, slug)


async def rate(rater: Client, scores: Mapping[str, int]) -> str:
    """Rate the conversation that comes next; what its first message says."""
    step = (await rater.me()).step
    answer = await send_form(rater, f"/s/raters/steps/{step['id']}", **{d: str(n) for d, n in scores.items()})
    assert answer.status == 303, answer.body
    return str(step["content"]["messages"][0]["text"])


async def test_only_raters_come_in(unscaled: Served) -> None:
    """Neither link nor API lets anybody else in, and the first page does not name the study."""
    async with browser() as http, clients(unscaled.url) as [program], at_the_desk(unscaled) as experimenter:
        passer_by = Client(http, unscaled.url)
        answer = await passer_by.call("GET", "/s/raters")
        assert answer.headers["Location"] == "/desk/login?next=/desk/queues"
        assert (await send_form(passer_by, "/s/raters/steps/consent", consent="true")).status in (303, 403)
        assert "/s/raters" not in (await passer_by.call("GET", "/")).body
        assert (await program.enter("raters")).refusal == (403, "forbidden")
        assert (await experimenter.call("GET", "/s/raters")).status == 403
        assert (await experimenter.call("GET", "/desk/queues")).status == 403
    assert unscaled.rows("SELECT COUNT(*) FROM participant WHERE slug = 'raters'")[0][0] == 0


async def test_ratings_are_blind_and_come_to_agreement(
    unscaled: Served, raters: list[Client], studies: Path, tmp_path: Path
) -> None:
    """Two rate four conversations; the desk lists where they differ, takes a decision, and all of it is exported."""
    for number, rater in enumerate(raters):
        await begin(rater)
        for _ in range(4):
            step = (await rater.me()).step
            assert set(step["content"]) >= {"messages", "dimensions", "lowest", "highest"}
            assert "talk_" not in json.dumps(step), "no id, no score and no other rater's rating is told"
            await rate(rater, {d.value: 3 + 2 * number if d == DIMENSIONS[0] else 3 for d in DIMENSIONS})
        assert (await rater.me()).step["kind"] == "end"
        assert "rated everything" in (await rater.call("GET", "/desk/queues")).body

    async with at_the_desk(unscaled) as desk:
        await check_disagreements(desk)
    await check_export(unscaled, studies, tmp_path)


async def check_disagreements(desk: Client) -> None:
    """All four differ by two points on one dimension; a decision needs a number on the scale for each in dispute."""
    listed = (await desk.call("GET", "/desk/judging/raters")).body
    assert "4 left to decide" in listed
    page = "/desk/judging/raters/conversations/talk_2"
    for answers in ({}, {DIMENSIONS[0].value: "6"}, {DIMENSIONS[0].value: "4", "reason": "x" * 6000}):
        assert (await send_form(desk, page, **answers)).status == 422
    for score in ("5", "4"):
        sent = await send_form(desk, page, **{DIMENSIONS[0].value: score, "reason": "One open question."})
        assert (sent.status, sent.headers["Location"]) == (303, "/desk/judging/raters")
    assert "3 left to decide" in (await desk.call("GET", "/desk/judging/raters")).body
    assert (await desk.call("GET", "/desk/judging/raters/conversations/none")).status == 404
    assert (await desk.call("GET", "/desk/judging/four")).status == 404
    assert "No judge" in (await desk.call("GET", "/desk/judging/raters/agreement")).body


async def check_export(unscaled: Served, studies: Path, tmp_path: Path) -> None:
    """Each rating is a score by `human:` and the participant's id; the last decision stands beside the ratings."""
    settings = Settings(database_url=unscaled.database, studies=studies)
    await export(settings, "raters", tmp_path / "out", wishes=Wishes())
    with (tmp_path / "out" / "scores.csv").open(encoding="utf-8", newline="") as file:
        scores = list(csv.DictReader(file))
    people = {row[0] for row in unscaled.rows("SELECT id FROM participant WHERE slug = 'raters'")}
    assert {row["model"] for row in scores} == {f"human:{person}" for person in people}
    assert len(scores) == 2 * 4 * 6
    assert {row["judge"] for row in scores} == {"empathy"}

    lines = [json.loads(line) for line in (tmp_path / "out" / "stimuli.jsonl").read_text().splitlines()]
    assert {line["id"]: line.get("adjudicated") for line in lines} == {
        "talk_1": None,
        "talk_2": {DIMENSIONS[0].value: 4},
        "talk_3": None,
        "talk_4": None,
    }
    for line in lines:
        assert {rater: given[DIMENSIONS[0].value] for rater, given in line["ratings"].items()}.keys() == {
            f"human:{person}" for person in people
        }


async def test_a_rater_who_logs_out_leaves_no_way_in(unscaled: Served) -> None:
    """The same browser, without the login, comes to no rating, and cannot withdraw for somebody else."""
    async with at_the_desk(unscaled, DeskRole.RATER) as rater:
        await begin(rater, "expert_rating")
        assert (await rater.call("GET", "/s/expert_rating")).status == 200
        token = csrf_token(rater)
        await send_form(rater, "/desk/logout")
        assert (await rater.call("GET", "/s/expert_rating")).status == 303
        left = await rater.call("POST", "/s/expert_rating/withdraw", data={"csrftoken": token})
        assert left.status in (401, 403)


async def test_a_raters_token_opens_nothing_without_their_login(unscaled: Served) -> None:
    """Copied out of the cookie, it serves no program, neither by the API nor by the socket; the login alone decides."""
    async with at_the_desk(unscaled, DeskRole.RATER) as rater, at_the_desk(unscaled, DeskRole.RATER) as other:
        await begin(rater, "expert_rating")
        copied = {"Authorization": f"Bearer {token_in_cookie(rater, 'expert_rating')}"}
        assert (await rater.call("GET", "/api/me", headers=copied)).status == 200
        assert (await other.call("GET", "/api/me", headers=copied)).status == 401
        await expire_logins(unscaled)
        assert (await rater.call("GET", "/api/me")).status == 401
        async with clients(unscaled.url) as [program]:
            program.headers = copied
            assert (await program.me()).status == 401
            assert (await program.withdraw()).status == 401
            async with program.page() as page:
                await page.send("join", dialogue="any", after_seq=0)
                assert await page.closing_code() == 4401


def token_in_cookie(person: Client, slug: str) -> str:
    """The token that a browser holds for a study: its cookie is signed, and not secret."""
    [cookie] = (cookie.value for cookie in person.http.cookie_jar if cookie.key == "lendanear")
    return str(json.loads(base64.b64decode(cookie.split(".")[0]))["tokens"][slug])


async def expire_logins(served: Served) -> None:
    """Twelve hours pass for every login."""
    database = Database(served.database)
    async with database.writing() as session:
        await session.exec(update(LoginRow).values(expires_at=0))
    await database.close()


async def test_who_logs_in_after_another_rater_does_not_act_for_them(unscaled: Served) -> None:
    """In one browser: what the first has begun stays theirs, and the second cannot withdraw it."""
    async with at_the_desk(unscaled, DeskRole.RATER) as rater:
        await begin(rater, "expert_rating")
        assert (await log_in(rater, await account(unscaled, DeskRole.RATER))).status == 303
        assert (await rater.call("GET", "/api/me")).status == 401
        left = await send_form(rater, "/s/expert_rating/withdraw")
        assert left.status in (401, 403)
    assert unscaled.rows("SELECT COUNT(*) FROM participant WHERE status = 'withdrawn'")[0][0] == 0


async def test_ratings_that_do_not_fit_are_refused(server: Served) -> None:
    """A missing, fractional or foreign rating leaves the rater where they are; a remark is kept as it was written."""
    whole: dict[str, Any] = dict.fromkeys((d.value for d in DIMENSIONS), 3)
    async with clients(server.url) as [person]:
        await person.consent("raters")
        for wrong in ({"advice_giving": None}, {"advice_giving": 6}, {"advice_giving": 2.5}, {"warmth": 3}):
            assert (await person.take("rating_1", whole | wrong)).refusal == (422, "invalid_answer")
        assert (await person.take("rating_1", whole | {"note": " =1+1 "})).step["id"] == "rating_2"
        query = "SELECT value FROM response WHERE participant_id = :id AND item = 'note'"
        assert server.rows(query, id=person.id)[0][0] == "=1+1"
