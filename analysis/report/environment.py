"""The one Jinja environment of all pages that the analysis writes: style, filters and figures are the report's."""

from __future__ import annotations

import re

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from analysis import labels
from analysis.drawing import Drawing
from analysis.paper import printed_at
from analysis.preferences.models import odds
from analysis.report import wording

_ID = re.compile(r'(\bid="|url\(#|href="#)')


def environment(package: str) -> Environment:
    """The templates of `package`, and of the report beside them."""
    made = Environment(
        loader=ChoiceLoader([PackageLoader(name, "templates") for name in (package, "analysis.report")]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters.update(
        number=wording.number,
        count=wording.count,
        percent=wording.percent,
        p=wording.p_value,
        coefficient=wording.coefficient,
        printed_coefficient=wording.printed_coefficient,
        stars=labels.stars,
        measure=labels.measure_name,
        term=labels.term_name,
        inline=inline,
        odds=odds,
    )
    made.globals.update(paper=printed_at, condition_names=labels.CONDITION_NAMES)
    return made


def inline(drawing: Drawing) -> Markup:
    """The drawing's SVG for a page that holds several: without prologue, its ids made the drawing's own."""
    svg = drawing.svg[drawing.svg.index("<svg") :]
    named = _ID.sub(lambda start: f"{start.group(1)}{drawing.name}-", svg)
    label = Markup.escape(f"{drawing.title}. {drawing.caption}")
    return Markup(named.replace("<svg", f'<svg role="img" aria-label="{label}"', 1))  # noqa: S704 - our own drawing
