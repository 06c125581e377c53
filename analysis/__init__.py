"""Arrays and datasets in, tables and figures out: `from analysis import load, analyze, effects, …`."""

from analysis.contrasts import contrasts
from analysis.dataset import Dataset, load
from analysis.demographics import demographics
from analysis.effects import effects
from analysis.felt import self_report, traits
from analysis.flow import select
from analysis.reliable_change import changes, reliable_change
from analysis.run import analyze
from analysis.scored import scored_conversations

__all__ = [
    "Dataset",
    "analyze",
    "changes",
    "contrasts",
    "demographics",
    "effects",
    "load",
    "reliable_change",
    "scored_conversations",
    "select",
    "self_report",
    "traits",
]
