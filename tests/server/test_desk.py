"""The desk: who gets in, how they get out, and that nothing is done by a form that is not ours."""

from __future__ import annotations

from pathlib import Path

import aiohttp
import pytest

from server.desk.accounts import DeskRole
from tests.server.browsing import PASSWORD, account, at_the_desk, browser, give_consent, log_in, send_form
from tests.server.client import Client, clients
from tests.server.conftest import shared_env
from tests.server.served import Served, serving

PAGES = (
    "/desk",
    "/desk/judging",
    "/desk/judging/raters",
    "/desk/judging/raters/agreement",
    "/desk/models",
    "/desk/studies/four",
    "/desk/studies/four/live",
    "/desk/dialogues/none",
)
HEADERS = {
    "Content-Security-Policy": "default-src 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}


async def test_without_a_login_every_page_asks_for_one(server: Served) -> None:
    """Each page of the desk leads to the login, which leads back; it never leads to another site."""
    async with browser() as http:
        visitor = Client(http, server.url)
        for path in PAGES:
            answer = await visitor.call("GET", path)
            assert (answer.status, answer.headers["Location"]) == (303, f"/desk/login?next={path}")
        name = await account(server, DeskRole.EXPERIMENTER)
        await visitor.call("GET", "/desk/login")
        for wanted, place in (("/desk/models", "/desk/models"), ("//evil.example", "/desk"), ("https://x", "/desk")):
            answer = await send_form(visitor, "/desk/login", name=name, password=PASSWORD, next=wanted)
            assert (answer.status, answer.headers["Location"]) == (303, place)


@pytest.mark.parametrize("role", [DeskRole.EXPERIMENTER, DeskRole.ANALYST])
async def test_readers_see_the_desk(server: Served, role: DeskRole) -> None:
    """Experimenters and analysts see studies, one study, models and transcripts; an unknown dialogue is a 404.

    What is to be taken elsewhere is whole: the study's link, and the command that exports.
    """
    async with clients(server.url) as [person]:
        dialogue = (await person.consent("unhurried"))["content"]["dialogue"]
    async with at_the_desk(server, role) as visitor:
        for path in (*PAGES[:-1], f"/desk/dialogues/{dialogue}"):
            assert (await visitor.call("GET", path)).status == 200, path
        assert f">{server.url}/s/four<" in (await visitor.call("GET", "/desk/studies/four")).body
        assert "--database<" in (await visitor.call("GET", "/desk/judging")).body
        assert (await visitor.call("GET", "/desk/dialogues/none")).status == 404
        assert (await visitor.call("GET", "/desk/dialogues/%00")).status == 404


async def test_raters_do_not(server: Served) -> None:
    """A rater's account opens nothing of what participants wrote: its way leads to what it is asked to rate."""
    async with at_the_desk(server, DeskRole.RATER) as visitor:
        for path in PAGES[1:]:
            assert (await visitor.call("GET", path)).status == 403, path
        answer = await visitor.call("GET", "/desk")
        assert (answer.status, answer.headers["Location"]) == (303, "/desk/queues")
        assert "Rating conversations" in (await visitor.call("GET", "/desk/queues")).body


async def test_participants_are_no_readers(server: Served) -> None:
    """A participant's cookie or token does not open the desk."""
    async with browser() as http, clients(server.url) as [by_token]:
        by_cookie = Client(http, server.url)
        await give_consent(by_cookie, "four")
        await by_token.enter("four")
        for person in (by_cookie, by_token):
            assert (await person.call("GET", "/desk")).status == 303


async def test_logging_out_ends_the_login_of_a_copied_cookie(server: Served) -> None:
    """The signed cookie only names a login: whoever copied it is out as well."""
    async with at_the_desk(server) as visitor, browser() as copied:
        copied.cookie_jar.update_cookies(
            {c.key: c.value for c in visitor.http.cookie_jar}, aiohttp.client.URL(server.url)
        )
        thief = Client(copied, server.url)
        assert (await thief.call("GET", "/desk")).status == 200
        assert (await send_form(visitor, "/desk/logout")).status == 303
        for either in (visitor, thief):
            assert (await either.call("GET", "/desk")).status == 303


async def test_passwords_cannot_be_tried_out(tmp_path: Path, studies: Path) -> None:
    """Wrong passwords, unknown names and odd input are refused alike; after ten attempts a minute, all are.

    Then the right password waits as well, and says so.
    """
    with serving(f"sqlite:///{tmp_path / 'study.db'}", log=tmp_path / "log", env=shared_env(studies)) as served:
        name = await account(served, DeskRole.EXPERIMENTER)
        async with browser() as http:
            visitor = Client(http, served.url)
            tried = [(name, "wrong"), (name, ""), ("nobody", PASSWORD), ("", ""), ("nul \x00", "x"), (name, "ü" * 5000)]
            answers = [await log_in(visitor, *attempt) for attempt in tried]
            assert {answer.status for answer in answers} == {401}
            assert len({answer.body.count("do not fit together") for answer in answers}) == 1
            for _ in range(4):
                assert (await log_in(visitor, name, "wrong")).status == 401
            refused = await log_in(visitor, name)
            assert refused.status == 429
            assert "wait a minute" in refused.body


FORMS = ["/s/four/withdraw", "/s/four/steps/consent", "/desk/login", "/desk/logout", "/practice"]
ADDRESSES = [
    "/",
    "/s/four",
    "/api/me",
    "/healthz",
    "/readyz",
    "/metrics",
    "/desk/login",
    "/nothing",
    "/static/css/site.css",
]


@pytest.mark.parametrize("path", FORMS)
@pytest.mark.parametrize("token", [None, "", "wrong", "ü"])
async def test_forms_that_are_not_ours_are_refused(server: Served, path: str, token: str | None) -> None:
    """Without the page's own token a form with a cookie is refused, in a page, and changes nothing."""
    async with browser() as http:
        person = Client(http, server.url)
        await give_consent(person, "four")
        before = (await person.me()).body
        fields = {} if token is None else {"csrftoken": token}

        answer = await person.call("POST", path, data={**fields, "consent": "true", "scenario": "loss"})

        assert answer.status in (400, 403)
        assert answer.headers["Content-Type"].startswith("text/html")
        assert (await person.me()).body == before


async def test_api_with_a_cookie_needs_the_token_with_a_bearer_none(server: Served) -> None:
    """The API asks a browser for the CSRF token, and a program with a Bearer token for none."""
    async with browser() as http:
        person = Client(http, server.url)
        await give_consent(person, "four")
        refused = await person.call("POST", "/api/me/withdraw", body={})
        assert refused.refusal == (403, "forbidden")
        assert (await person.me()).body["status"] == "active"
        csrf = {"x-csrftoken": next(c.value for c in http.cookie_jar if c.key == "csrftoken")}
        assert (await person.call("POST", "/api/me/withdraw", body={}, headers=csrf)).status == 200
    async with clients(server.url) as [program]:
        await program.consent("four")
        assert (await program.withdraw()).status == 200


@pytest.mark.parametrize("path", ADDRESSES)
async def test_every_answer_has_the_security_headers(server: Served, path: str) -> None:
    """Pages, refusals, files and figures alike; nothing of ours is cached that is about a person."""
    async with clients(server.url) as [visitor]:
        answer = await visitor.call("GET", path)
        for name, value in HEADERS.items():
            assert answer.headers[name].startswith(value), path
        assert "unsafe" not in answer.headers["Content-Security-Policy"]
        assert "Server" not in answer.headers


@pytest.mark.parametrize(
    ("headers", "data"),
    [
        ({"Content-Length": "300000", "Content-Type": "application/json"}, b"x" * 300_000),
        ({"Cookie": "a=b", "Content-Type": "multipart/form-data"}, b"x"),
        ({"Cookie": "a=b", "Content-Type": "application/x-www-form-urlencoded"}, b"\xff\xfe=\xff"),
        ({"x-csrftoken": "ümläut", "Cookie": "a=b"}, b"x"),
        ({"Cookie": "lendanear=forged.signature; csrftoken=forged"}, b"x"),
    ],
    ids=["too large", "no boundary", "no UTF-8", "odd token", "forged"],
)
async def test_what_no_layer_can_read_is_refused_with_the_headers(
    server: Served, headers: dict[str, str], data: bytes
) -> None:
    """Broken forms, cookies and tokens are refused by a page of ours, not by a fault of a layer in between."""
    async with clients(server.url) as [visitor]:
        answer = await visitor.call("POST", "/s/four/steps/consent", data=data, headers=headers)
        assert answer.status in (400, 403, 413)
        assert "lendanear" in answer.body
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert (await visitor.call("GET", "/healthz")).status == 200


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded"])
async def test_figures_are_for_this_machine_or_a_login(server: Served, header: str) -> None:
    """What comes through a proxy is no loopback; who may read the desk sees the figures all the same, a rater not."""
    through = {header: "for=203.0.113.9"}
    async with at_the_desk(server, DeskRole.RATER) as rater:
        assert (await rater.call("GET", "/metrics", headers=through)).status == 403
    async with clients(server.url) as [visitor], at_the_desk(server) as known:
        assert (await visitor.call("GET", "/metrics")).status == 200
        assert (await visitor.call("GET", "/metrics", headers=through)).status == 403
        figures = await known.call("GET", "/metrics", headers=through)
        assert figures.status == 200
        assert "lendanear_live_dialogues" in figures.body
