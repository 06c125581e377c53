"""Which model plays which role, read from the environment and checked before anything starts."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import orjson
from pydantic import SecretStr

from core.errors import Unusable
from llm.gate import Gate
from llm.ledger import Ledger
from llm.limits import Limits
from llm.models import ModelChoice, Models
from llm.openai import PUBLIC_URL, OpenAIProvider
from llm.prices import PriceList, read_prices, shipped_prices
from llm.provider import Provider
from llm.request import ModelRole
from llm.retries import RetryPolicy
from llm.rules import RULES_MODEL, RULES_MODELS, RulesProvider

MODEL = "LENDANEAR_MODEL_"
DECODING = "LENDANEAR_DECODING_"
AT_ONCE = "LENDANEAR_AT_ONCE_"
OURS = frozenset({"messages", "model", "response_format", "stream", "stream_options"})
"""What the program itself puts into a request, and decoding must not."""


@dataclass(frozen=True, slots=True)
class ModelSettings:
    """Everything that is to be known before a model can be asked."""

    choices: Mapping[ModelRole, tuple[ModelChoice, ...]]
    """For each role the models to ask, in the order of fallback."""
    base_url: str = PUBLIC_URL
    api_key: SecretStr | None = None
    limits: Limits = field(default_factory=Limits)
    at_once: Mapping[ModelRole, int] = field(default_factory=dict)
    prices: PriceList = field(default_factory=lambda: shipped_prices().only("rules"))

    def open(
        self,
        *,
        rules: RulesProvider,
        ledger: Ledger | None = None,
        gate: Gate | None = None,
        policy: RetryPolicy | None = None,
    ) -> Models:
        """The door to the models of these settings; no connection is made yet."""
        openai = OpenAIProvider(base_url=self.base_url, api_key=self.api_key, limits=self.limits)
        providers: dict[str, Provider] = {"rules": rules, "openai": openai}
        return Models(
            providers=providers,
            choices=self.choices,
            ledger=ledger,
            prices=self.prices,
            at_once=self.at_once,
            gate=gate,
            policy=policy,
        )


def model_settings(environ: Mapping[str, str] = os.environ) -> ModelSettings:
    """The settings that `environ` holds; raises `Unusable`, in one sentence, for one that cannot work.

    `LENDANEAR_MODEL_<ROLE>=PROVIDER[:MODEL][,…]` (default `rules`), `LENDANEAR_DECODING_<ROLE>` (a JSON object; null
    keeps a parameter from being sent), `LENDANEAR_AT_ONCE_<ROLE>`, `OPENAI_BASE_URL`, `OPENAI_API_KEY`,
    `LENDANEAR_FIRST_TOKEN_S`, `LENDANEAR_STALL_S`, `LENDANEAR_TOTAL_S`, `LENDANEAR_PRICES` (a file).
    """
    models, decoding = _by_role(environ, MODEL), _by_role(environ, DECODING)
    choices = {
        role: parse_choices(
            models.get(role, "rules"),
            name=MODEL + role.name,
            role=role,
            decoding=decoding.get(role, ""),
            environ=environ,
        )
        for role in ModelRole
    }
    base_url = _base_url(environ)
    return ModelSettings(
        choices=choices,
        base_url=base_url,
        api_key=_key(environ),
        limits=_limits(environ),
        at_once={role: _count(text, name=AT_ONCE + role.name) for role, text in _by_role(environ, AT_ONCE).items()},
        prices=_prices(environ, base_url=base_url),
    )


def parse_choices(
    text: str, *, name: str, role: ModelRole, decoding: str = "", environ: Mapping[str, str] = os.environ
) -> tuple[ModelChoice, ...]:
    """The models for `role` in `text` (`rules`, or `openai:gpt-4o,openai:gpt-4o-mini`), all with the same decoding.

    `name` is the setting or option that the text comes from. Raises `Unusable`, also when a key is missing.
    """
    parameters, without = _decoding(decoding, name=name.replace(MODEL, DECODING))
    choices = tuple(
        ModelChoice(provider=provider, model=model, parameters=parameters, without=without)
        for provider, model in (_provider_and_model(part.strip(), name=name, role=role) for part in text.split(","))
    )
    providers = {choice.provider for choice in choices}
    if len(providers) > 1:
        raise Unusable(f"{name}: rules cannot stand in for a model: results of the two must not mix")
    if "openai" in providers and _key(environ) is None and _is_public(_base_url(environ)):
        raise Unusable(f"{name} names openai: set OPENAI_API_KEY, or OPENAI_BASE_URL to an address that needs no key")
    return choices


def _provider_and_model(text: str, *, name: str, role: ModelRole) -> tuple[str, str]:
    provider, _, model = text.partition(":")
    if provider == "rules":
        ours = RULES_MODELS.get(role, RULES_MODEL)
        if model not in ("", ours):
            raise Unusable(f"{name}: there is no rules:{model}, only rules:{ours}")
        return provider, ours
    if provider != "openai":
        raise Unusable(f"{name}: {provider!r} is no provider; take rules or openai:MODEL")
    if not model:
        raise Unusable(f"{name}: openai needs the name of a model, as in openai:gpt-4o")
    return provider, model


def _by_role(environ: Mapping[str, str], prefix: str) -> dict[ModelRole, str]:
    """The values of the settings named `prefix` and a role; an empty one counts as not set."""
    found = {}
    for variable, value in environ.items():
        if variable.startswith(prefix) and value.strip():
            role = variable.removeprefix(prefix)
            if role not in ModelRole.__members__:
                raise Unusable(f"{variable}: there is no role {role}; roles are {', '.join(ModelRole.__members__)}")
            found[ModelRole[role]] = value.strip()
    return found


def _decoding(text: str, *, name: str) -> tuple[dict[str, float | int | str], frozenset[str]]:
    if not text:
        return {}, frozenset()
    try:
        raw = orjson.loads(text)
    except ValueError:
        raw = None
    if not isinstance(raw, dict) or not all(isinstance(value, float | int | str | None) for value in raw.values()):
        raise Unusable(f'{name} must be a JSON object of numbers and texts, as in {{"temperature": 0.7}}')
    if taken := OURS & raw.keys():
        raise Unusable(f"{name}: {', '.join(sorted(taken))} cannot be set, the program sets it itself")
    given = {key: value for key, value in raw.items() if value is not None}
    return given, frozenset(raw.keys() - given.keys())


def _key(environ: Mapping[str, str]) -> SecretStr | None:
    key = environ.get("OPENAI_API_KEY", "").strip()
    if not key.isascii() or not key.isprintable():
        raise Unusable("OPENAI_API_KEY holds characters that no key has; copy it again")
    return SecretStr(key) if key else None


def _base_url(environ: Mapping[str, str]) -> str:
    url = environ.get("OPENAI_BASE_URL", "").strip() or PUBLIC_URL
    try:
        parts = urlsplit(url)
        is_address = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_address = False
    if not is_address or parts.username or parts.query or any(map(str.isspace, url)):
        raise Unusable("OPENAI_BASE_URL must be an address such as http://localhost:11434/v1")
    return url


def _is_public(base_url: str) -> bool:
    host = urlsplit(base_url).hostname or ""
    return host == "openai.com" or host.endswith(".openai.com")


def _limits(environ: Mapping[str, str]) -> Limits:
    standard = Limits()
    return Limits(
        first_token_s=_seconds(environ, "LENDANEAR_FIRST_TOKEN_S", standard.first_token_s),
        stall_s=_seconds(environ, "LENDANEAR_STALL_S", standard.stall_s),
        total_s=_seconds(environ, "LENDANEAR_TOTAL_S", standard.total_s),
    )


def _seconds(environ: Mapping[str, str], name: str, standard: float) -> float:
    text = environ.get(name, "").strip()
    try:
        seconds = float(text) if text else standard
    except ValueError:
        seconds = 0.0
    if not 0 < seconds < 86_400:
        raise Unusable(f"{name} must be a number of seconds above 0, not {text!r}")
    return seconds


def _count(text: str, *, name: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise Unusable(f"{name} must be a whole number from 1, not {text!r}")
    return int(text)


def _prices(environ: Mapping[str, str], *, base_url: str) -> PriceList:
    """One's own list, else the shipped one, whose prices for `openai` are those of the public address alone."""
    if own := environ.get("LENDANEAR_PRICES", "").strip():
        return read_prices(Path(own))
    return shipped_prices() if _is_public(base_url) else shipped_prices().only("rules")
