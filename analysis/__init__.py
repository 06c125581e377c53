"""Arrays and datasets in, tables and figures out: `from analysis import load, observations, effects, frame, …`."""

from analysis.agreement import agreements
from analysis.analyses import run_analyses
from analysis.contrasts import contrasts
from analysis.dataset import Dataset, load
from analysis.demographics import demographics
from analysis.domains import domains
from analysis.effects import effects
from analysis.elo import elo
from analysis.engagement import engagement
from analysis.felt import felt_and_expressed, self_report, traits
from analysis.flow import select
from analysis.frames import frame
from analysis.observations import observations
from analysis.reliable_change import changes, reliable_change
from analysis.run import analyze
from analysis.scored import scored_conversations
from analysis.trajectories import trajectories

__all__ = [
    "Dataset",
    "agreements",
    "analyze",
    "changes",
    "contrasts",
    "demographics",
    "domains",
    "effects",
    "elo",
    "engagement",
    "felt_and_expressed",
    "frame",
    "load",
    "observations",
    "reliable_change",
    "run_analyses",
    "scored_conversations",
    "select",
    "self_report",
    "traits",
    "trajectories",
]
