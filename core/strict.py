"""What every file that people write is read with: strict values, texts that say something, and names."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

Identifier = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=64)]
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, strict=True)]
Texts = Annotated[tuple[Text, ...], Field(min_length=1)]


class Strict(BaseModel):
    """A value that people write in a file: unknown keys and infinite numbers are faults, and it never changes."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)
