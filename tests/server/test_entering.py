"""Entering: who somebody is, over platforms' links, lost tabs and many attempts at once."""

from __future__ import annotations

import asyncio

import pytest

from tests.server.browsing import browser, give_consent
from tests.server.client import Client, clients
from tests.server.served import Served


async def test_many_joins_with_one_id_are_one_participant(either_server: Served) -> None:
    """Twenty joins with the same external id at once: one is new, all get the same place, every token opens it."""
    async with clients(either_server.url, 20) as people:
        joined = await asyncio.gather(*(person.enter("four", external_id="at once") for person in people))

        assert {answer.status for answer in joined} == {201}
        assert len({answer.body["participant_id"] for answer in joined}) == 1
        assert sorted(answer.body["resumed"] for answer in joined) == [False] + [True] * 19
        looked = await asyncio.gather(*(person.me() for person in people))
        assert {answer.status for answer in looked} == {200}
    assert len({answer.body["token"] for answer in joined}) == 20


async def test_without_an_external_id_everyone_is_new(server: Served) -> None:
    """Two joins that name nobody are two people; the same external id in another study is another participant."""
    async with clients(server.url, 4) as [one, two, three, four]:
        await one.enter("four")
        await two.enter("four")
        await three.enter("four", external_id="in two studies")
        await four.enter("brief", external_id="in two studies")
    assert len({one.id, two.id, three.id, four.id}) == 4


async def test_another_session_does_not_get_in(server: Served) -> None:
    """Who entered with a `session_id` returns only with the same one, or with a token that is theirs."""
    async with clients(server.url, 3) as [first, stranger, other]:
        await first.enter("four", external_id="guarded", session_id="s1")
        token = first.headers
        await other.enter("four", external_id="somebody else")

        for entering in ({}, {"session_id": "s2"}):
            refused = await stranger.enter("four", external_id="guarded", **entering)
            assert refused.refusal == (409, "already_started")
        assert (await other.enter("four", external_id="guarded", session_id="s2")).refusal == (409, "already_started")
        same = await stranger.enter("four", external_id="guarded", session_id="s1")
        assert (same.status, same.body["participant_id"]) == (201, first.id)
        first.headers = token
        proven = await first.enter("four", external_id="guarded", session_id="s2")
        assert (proven.status, proven.body["participant_id"]) == (201, same.body["participant_id"])


async def test_who_entered_without_a_session_returns_with_any(server: Served) -> None:
    """Without a `session_id` at first, the external id alone brings somebody back; `source` decides nothing."""
    async with clients(server.url, 2) as [first, again]:
        await first.enter("four", external_id="open", source="a list")
        returned = await again.enter("four", external_id="open", session_id="later", source="another list")
        assert (returned.status, returned.body["participant_id"]) == (201, first.id)


async def test_joining_again_gives_a_token_and_keeps_the_old(server: Served) -> None:
    """Earlier tokens stay valid, and all of them open the same place."""
    async with clients(server.url) as [person]:
        await person.enter("four", external_id="twice")
        old = person.headers
        await person.enter("four", external_id="twice")
        assert person.headers != old
        assert (await person.call("GET", "/api/me", headers=old)).body == (await person.me()).body


async def test_token_counts_before_the_cookie(server: Served) -> None:
    """With both a cookie and a Bearer token, the token says who calls."""
    async with browser() as http:
        in_browser = Client(http, server.url)
        await give_consent(in_browser, "four")
        by_cookie = (await in_browser.me()).body["participant_id"]
        async with clients(server.url) as [person]:
            await person.enter("four")
        assert (await in_browser.call("GET", "/api/me", headers=person.headers)).body["participant_id"] == person.id
    assert by_cookie != person.id


async def test_nothing_is_stored_before_consent(server: Served) -> None:
    """Opening the study's link and looking at it stores no row; the platform's ids leave the address at once."""
    async with browser() as http:
        person = Client(http, server.url)
        before = server.rows("SELECT count(*) FROM participant")

        opened = await person.call("GET", "/s/four?PROLIFIC_PID=from-link&SESSION_ID=s9&STUDY_ID=x")
        landing = await person.call("GET", "/s/four")

        assert (opened.status, opened.headers["Location"]) == (303, "/s/four")
        assert landing.status == 200
        assert server.rows("SELECT count(*) FROM participant") == before
        await give_consent(person, "four")
        kept = server.rows("SELECT session_id, source FROM participant WHERE external_id = 'from-link'")
        assert [tuple(row) for row in kept] == [("s9", "x")]


@pytest.mark.parametrize("value", ["x" * 201, "a%00b"], ids=["too long", "NUL"])
@pytest.mark.parametrize("name", ["PROLIFIC_PID", "SESSION_ID", "STUDY_ID"])
async def test_link_that_names_somebody_wrongly_is_refused(server: Served, name: str, value: str) -> None:
    """As the API does: an id that is cut would be somebody else's, and one that is dropped would be nobody's."""
    async with browser() as http:
        person = Client(http, server.url)
        refused = await person.call("GET", f"/s/four?{name}={value}")
        longest = await person.call("GET", f"/s/four?{name}={'x' * 200}")

    assert (refused.status, longest.status) == (422, 303)
    assert "Please open it as it was sent" in refused.body
    assert "Set-Cookie" not in refused.headers


async def test_cookie_proves_the_same_browser(server: Served) -> None:
    """The browser that began goes on by its cookie, whatever session its link names; others are told why not."""
    async with browser() as http, browser() as elsewhere:
        person, stranger = Client(http, server.url), Client(elsewhere, server.url)
        await person.call("GET", "/s/four?PROLIFIC_PID=by-cookie&SESSION_ID=s1")
        await give_consent(person, "four")

        for visitor, status in ((person, 200), (stranger, 409)):
            await visitor.call("GET", "/s/four?PROLIFIC_PID=by-cookie&SESSION_ID=s2")
            assert (await visitor.call("GET", "/s/four")).status == status
