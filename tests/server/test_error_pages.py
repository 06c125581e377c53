"""People who come to a wrong address get a page with a sentence and a way on, not a fault."""

from __future__ import annotations

import pytest

from tests.server.client import clients
from tests.server.served import Served


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nothing", 404),
        ("GET", "/s/no-such-study", 404),
        ("GET", "/s/four/withdraw", 401),
        ("GET", "/s/four/results", 401),
        ("GET", "/studies/four/study.yaml", 404),
        ("GET", "/studies/lend_an_ear/../../pyproject.toml", 404),
        ("GET", "/studies/lend_an_ear/%2e%2e/%2e%2e/pyproject.toml", 404),
        ("GET", "/static/../pages.py", 404),
        ("DELETE", "/s/four", 405),
        ("POST", "/s/no-such-study/steps/consent", 404),
    ],
)
async def test_wrong_addresses_get_a_page(server: Served, method: str, path: str, status: int) -> None:
    """Every refusal outside the API is HTML in our own frame, with one sentence."""
    async with clients(server.url) as [visitor]:
        answer = await visitor.call(method, path)

    assert answer.status == status
    assert answer.headers["Content-Type"].startswith("text/html")
    assert "lendanear" in answer.body
    assert str(status) in answer.body
