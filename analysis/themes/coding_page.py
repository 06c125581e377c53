"""The page on which annotators give each theme its place: one file, without server, network or account."""

from __future__ import annotations

import json
from collections.abc import Sequence

from markupsafe import Markup

from analysis.report.environment import environment
from analysis.themes.domain import Domain
from analysis.themes.taxonomy import Family, Strategy, SubStrategy, taxonomy


def coding_page(domains: Sequence[Domain], *, run: str) -> str:
    """The page as HTML text. It holds sentences of participants, word for word.

    Themes of all `domains` are in it; `run` goes into every file of codes, so that codes of other themes are refused.
    """
    material = {
        "run": run,
        "taxonomy": [_node(family) for family in taxonomy().families],
        "themes": [
            {
                "trouble_type": domain.trouble_type,
                "key": theme.key,
                "name": theme.name,
                "terms": list(theme.terms),
                "sentences": list(theme.sentences),
            }
            for domain in domains
            for theme in domain.themes
        ],
    }
    harmless = json.dumps(material, ensure_ascii=False).replace("<", "\\u003c")
    return environment("analysis.themes").get_template("coding.html.j2").render(material=Markup(harmless))  # noqa: S704 - no "<" is left


def _node(node: Family | Strategy | SubStrategy) -> dict[str, object]:
    made: dict[str, object] = {"key": node.key, "name": node.name, "about": node.about}
    match node:
        case Family():
            made["below"] = [_node(strategy) for strategy in node.strategies]
        case Strategy():
            made["below"] = [_node(sub) for sub in node.sub_strategies]
        case SubStrategy():
            made["only"] = node.only
    return made
