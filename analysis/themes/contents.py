"""What `themes.json` holds, and the part of it that stands in `results.json`."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

import pandas as pd

from analysis.dataset import Dataset
from analysis.results import Json, as_json
from analysis.software import software
from analysis.themes.codes import CodeAgreement, ThemeId
from analysis.themes.domain import Domain, Theme
from analysis.themes.tables import coded_changes, grid_table, records, share_table, theme_changes
from analysis.themes.taxonomy import LEVELS, Place, taxonomy

FILE = "themes.json"


def section(domains: Sequence[Domain]) -> dict[str, Json]:
    """`themes` of `results.json`: trouble type -> theme -> shares before and after with their tests, and its words.

    No sentence of a participant is in it.
    """
    return {domain.trouble_type: _tests(domain) for domain in domains}


def contents(
    domains: Sequence[Domain],
    *,
    made: Mapping[str, object],
    messages: str,
    places: Mapping[ThemeId, Place],
    agreement: Mapping[str, CodeAgreement],
    notes: Mapping[str, str],
) -> dict[str, Json]:
    """The whole of `themes.json`. `made` says how; `messages` is `messages_hash` of the dataset."""
    return {
        "tags": {"themes": "exploratory"},
        "themes": as_json(section(domains)),
        "notes": as_json(notes),
        "made": as_json(made),
        "messages": messages,
        "taxonomy": taxonomy().version,
        "domains": {domain.trouble_type: _domain(domain, places) for domain in domains},
        "agreement": as_json(agreement),
        "software": as_json(software()),
    }


def themes_section(out: Path, dataset: Dataset) -> Json:
    """The section that `lendanear themes` left in the folder `out`; empty where it left none for these messages."""
    try:
        found = json.loads((out / FILE).read_text(encoding="utf-8"))
        themes, messages = found["themes"], found["messages"]
    except (OSError, ValueError, KeyError, TypeError):
        return {}
    return themes if messages == messages_hash(dataset.messages) else {}


def messages_hash(messages: pd.DataFrame) -> str:
    """What the supporters of a dataset wrote, as 64 hex digits."""
    said = messages[messages["role"] == "supporter"].sort_values(["conversation_id", "seq"], kind="stable")
    text = said[["conversation_id", "seq", "text"]].to_csv(index=False)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _tests(domain: Domain) -> Json:
    by_key = {theme.key: theme for theme in domain.themes}
    return {
        key: as_json({**record, "label": by_key[key].name, "terms": by_key[key].terms})
        for key, record in records(theme_changes(domain))
    }


def _domain(domain: Domain, places: Mapping[ThemeId, Place]) -> Json:
    found = domain.found
    again = found.stability
    return as_json(
        {
            "sentences": domain.sentences,
            "assignments": len(domain.assigned),
            "features": found.fitted.model.features,
            "live": len(domain.themes),
            "losses": found.fitted.losses,
            "grid": grid_table([domain]).drop(columns="trouble_type").to_dict("records"),
            "stability": again and {"found_again": again.found_again, "same_theme": again.same_theme.tolist()},
            "themes": {theme.key: _theme(theme) for theme in domain.themes},
            "places": {
                key: place.up_to(LEVELS[-1])
                for (trouble, key), place in places.items()
                if trouble == domain.trouble_type
            },
            "levels": {level: dict(records(table)) for level, table in coded_changes(domain, places).items()},
            "shares": share_table(domain, places).to_dict("records"),
        }
    )


def _theme(theme: Theme) -> dict[str, object]:
    return {name: value for name, value in asdict(theme).items() if name != "key"}
