"""Settings name the models of every role, and what cannot work is said in one sentence at the start."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.errors import Unusable
from llm.models import ModelChoice
from llm.prices import Certainty, shipped_prices
from llm.reply import Usage
from llm.request import ModelRole
from llm.rules import RulesProvider
from llm.settings import model_settings, parse_choices

WITH_KEY = {"OPENAI_API_KEY": "sk-very-secret"}


def test_without_settings_every_role_is_played_by_rules() -> None:
    """A fresh machine needs no key; each role's rules have a version of their own."""
    settings = model_settings({})

    assert set(settings.choices) == set(ModelRole)
    assert {str(choice) for chosen in settings.choices.values() for choice in chosen} == {"rules:1", "rules:2"}
    assert [str(choice) for choice in settings.choices[ModelRole.JUDGE]] == ["rules:2"]


def test_models_are_listed_in_the_order_of_fallback() -> None:
    """Commas part the models; the first colon parts provider and model, further ones belong to the name."""
    settings = model_settings({**WITH_KEY, "LENDANEAR_MODEL_SEEKER": "openai:gpt-4o, openai:llama3:8b"})

    assert [str(choice) for choice in settings.choices[ModelRole.SEEKER]] == ["openai:gpt-4o", "openai:llama3:8b"]
    assert [str(choice) for choice in settings.choices[ModelRole.COACH]] == ["rules:1"]


def test_decoding_is_set_per_role() -> None:
    """A JSON object gives parameters; null keeps one from being sent that the program would ask for."""
    settings = model_settings(
        {
            **WITH_KEY,
            "LENDANEAR_MODEL_JUDGE": "openai:o3",
            "LENDANEAR_DECODING_JUDGE": '{"seed": 7, "reasoning_effort": "low", "temperature": null}',
        }
    )

    assert settings.choices[ModelRole.JUDGE] == (
        ModelChoice(
            provider="openai",
            model="o3",
            parameters={"seed": 7, "reasoning_effort": "low"},
            without=frozenset({"temperature"}),
        ),
    )


@pytest.mark.parametrize(
    ("environ", "complaint"),
    [
        ({"LENDANEAR_MODEL_SEEKER": "openai:gpt-4o"}, "OPENAI_API_KEY"),
        ({**WITH_KEY, "LENDANEAR_MODEL_SEEKER": "openai"}, "name of a model"),
        ({"LENDANEAR_MODEL_SEEKER": "opnai:gpt-4o"}, "'opnai' is no provider"),
        ({"LENDANEAR_MODEL_SEEKER": "scripted"}, "no provider"),
        ({"LENDANEAR_MODEL_SEEKER": "rules,"}, "no provider"),
        ({"LENDANEAR_MODEL_SEEKER": "rules:2"}, "only rules:1"),
        ({**WITH_KEY, "LENDANEAR_MODEL_SEEKER": "openai:gpt-4o,rules"}, "must not mix"),
        ({"LENDANEAR_MODEL_JUGDE": "rules"}, "no role JUGDE"),
        ({"LENDANEAR_DECODING_JUDGE": "temperature=1"}, "JSON object"),
        ({"LENDANEAR_DECODING_JUDGE": '{"stop": ["x"]}'}, "JSON object"),
        ({"LENDANEAR_DECODING_JUDGE": '{"stream": true}'}, "sets it itself"),
        ({"LENDANEAR_AT_ONCE_JUDGE": "0"}, "whole number"),
        ({"LENDANEAR_STALL_S": "-1"}, "seconds"),
        ({"LENDANEAR_STALL_S": "soon"}, "seconds"),
        ({"OPENAI_BASE_URL": "localhost:11434"}, "address"),
        ({"OPENAI_BASE_URL": "http://me:secret@localhost/v1"}, "address"),
        ({"OPENAI_BASE_URL": "http://[::1/v1"}, "address"),
        ({"OPENAI_API_KEY": "sk-“quoted”"}, "copy it again"),
        ({"LENDANEAR_PRICES": "nowhere.yaml"}, "price list"),
    ],
)
def test_unusable_setting_is_one_sentence(environ: dict[str, str], complaint: str) -> None:
    """Each names what to change, on one line and without the key."""
    with pytest.raises(Unusable, match=complaint) as raised:
        model_settings(environ)

    assert "\n" not in raised.value.message
    assert "secret" not in raised.value.message
    assert raised.value.message.startswith(next(reversed(environ)).split("=")[0]) or "LENDANEAR_PRICES" in environ


def test_address_of_ones_own_needs_no_key() -> None:
    """A local server is asked without one."""
    settings = model_settings(
        {"LENDANEAR_MODEL_SEEKER": "openai:llama3", "OPENAI_BASE_URL": "http://localhost:11434/v1"}
    )

    assert settings.api_key is None
    assert settings.base_url == "http://localhost:11434/v1"


def test_key_is_not_shown() -> None:
    """Printing the settings prints no key."""
    assert "secret" not in repr(model_settings(WITH_KEY))


def test_limits_can_be_set() -> None:
    """Slow hardware gets the patience that it needs."""
    settings = model_settings(
        {"LENDANEAR_FIRST_TOKEN_S": "90", "LENDANEAR_TOTAL_S": "600", "LENDANEAR_AT_ONCE_SEEKER": "4"}
    )

    assert (settings.limits.first_token_s, settings.limits.stall_s, settings.limits.total_s) == (90, 15, 600)
    assert settings.at_once == {ModelRole.SEEKER: 4}


def test_option_of_a_command_is_read_like_a_setting() -> None:
    """`judge --model` takes the same form, and is named in the complaint."""
    assert [str(choice) for choice in parse_choices("rules", name="--model", role=ModelRole.SEEKER, environ={})] == [
        "rules:1"
    ]
    with pytest.raises(Unusable, match=r"^--model"):
        parse_choices("openai:gpt-4o", name="--model", role=ModelRole.JUDGE, environ={})


async def test_settings_open_the_door() -> None:
    """The door that settings open asks nobody before it is asked."""
    models = model_settings({}).open(rules=RulesProvider())

    assert models.health()[ModelRole.SEEKER].is_ok is None
    await models.aclose()


@pytest.mark.parametrize(
    ("model", "usage", "usd", "certainty"),
    [
        ("openai:gpt-4o-mini", Usage(1_000_000, 0), 0.15, Certainty.LISTED),
        ("openai:gpt-4o-mini", Usage(1_000_000, 1_000_000, cached_tokens=400_000), 0.72, Certainty.LISTED),
        ("openai:gpt-4o-2024-08-06", Usage(0, 1_000_000), 10.0, Certainty.LISTED),
        ("openai:gpt-4o-2024-05-13", Usage(0, 1_000_000), 15.0, Certainty.LISTED),
        ("openai:gpt-4o", Usage(5, 5, cost_usd=0.5), 0.5, Certainty.REPORTED),
        ("openai:gpt-4o", Usage(), None, Certainty.UNKNOWN),
        ("openai:gpt-4o", Usage(5), None, Certainty.UNKNOWN),
        ("openai:text-embedding-3-large", Usage(1_000_000), 0.13, Certainty.LISTED),
        ("openai:llama3", Usage(5, 5), None, Certainty.UNKNOWN),
        ("rules:1", Usage(), 0.0, Certainty.LISTED),
    ],
)
def test_cost_is_reported_listed_or_unknown(model: str, usage: Usage, usd: float | None, certainty: Certainty) -> None:
    """0.72 = 0.6 M at 0.15 + 0.4 M cached at 0.075 + 1 M at 0.60; a missing price or count is never zero."""
    cost = shipped_prices().cost(model, usage)

    assert cost.usd == (None if usd is None else pytest.approx(usd))
    assert cost.certainty is certainty


def test_listed_prices_hold_for_the_vendors_own_address_alone(tmp_path: Path) -> None:
    """A gateway may charge otherwise: its costs are unknown unless reported, or priced by a list of one's own."""
    elsewhere = {"OPENAI_BASE_URL": "https://gateway.example.org/v1"}
    own = tmp_path / "prices.yaml"
    own.write_text("as_of: 2026-11-01\nsource: invoice\nmodels:\n  openai:gpt-4o: {input: 1, output: 2}\n")

    assert model_settings({}).prices.price("openai:gpt-4o") is not None
    assert model_settings(elsewhere).prices.price("openai:gpt-4o") is None
    price = model_settings({**elsewhere, "LENDANEAR_PRICES": str(own)}).prices.price("openai:gpt-4o")
    assert price is not None
    assert (price.output, price.as_of, price.source) == (2.0, "2026-11-01", "invoice")
