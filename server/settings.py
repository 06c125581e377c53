"""Settings of a running program, from the environment and the command line."""

from __future__ import annotations

from pathlib import Path

from limits import parse
from pydantic import Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from core.errors import Unusable
from server.storage.database import DEFAULT_URL

SHIPPED_STUDIES = Path(__file__).parents[1] / "studies"


class Settings(BaseSettings):
    """What the environment says; options of the command line go before it."""

    model_config = SettingsConfigDict(env_prefix="LENDANEAR_", frozen=True)

    database_url: str = DEFAULT_URL
    time_scale: float = Field(default=1.0, ge=1, le=1000)
    """Makes every limit and wait that many times shorter; everyone on such a server is a pilot."""
    studies: Path = SHIPPED_STUDIES
    https: bool = False
    """Whether people reach the server by https: cookies are then never sent without it."""

    entries_per_address: str = "300 per 10 minutes"
    """How many newcomers one address may bring to one process: a classroom behind one, and no more."""

    @field_validator("entries_per_address")
    @classmethod
    def _is_a_limit(cls, limit: str) -> str:
        try:
            parse(limit)
        except ValueError:
            raise ValueError(f"{limit!r} is no limit; write it as in 300 per 10 minutes, or 20/hour") from None
        return limit

    @property
    def is_rehearsal(self) -> bool:
        return self.time_scale != 1


def read_settings(**options: object) -> Settings:
    """The settings, with every option that is not None in place of the environment's. Raises `Unusable`."""
    try:
        return Settings(**{name: value for name, value in options.items() if value is not None})  # type: ignore[arg-type]
    except ValidationError as error:
        first = error.errors()[0]
        name = "_".join(str(part) for part in first["loc"]).upper()
        raise Unusable(f"LENDANEAR_{name}: {first['msg']}") from None
