"""The exclusion flow: its order, and the paper's own numbers."""

from __future__ import annotations

import numpy as np
import pandas as pd

from analysis.flow import select
from analysis.paper import printed_at
from analysis.plan import Exclusion


def people(n: int, **columns: object) -> pd.DataFrame:
    """`n` finished participants of the control condition, some columns changed."""
    frame = pd.DataFrame(
        {
            "participant_id": [f"p{i}" for i in range(n)],
            "study": "s",
            "condition": "control",
            "pilot": False,
            "started_at": np.arange(n, dtype=float),
            "finished_at": np.arange(n, dtype=float) + 1200,
            "ai_assistance": "no",
            "external_id": [f"x{i}" for i in range(n)],
        }
    )
    return frame.assign(**columns)


def test_the_papers_flow_is_1045_51_26_968() -> None:
    """LE-27: recruited minus incomplete minus model assistance are the analysed; incomplete ones count once."""
    cohort = people(1045)
    cohort.loc[:50, "finished_at"] = np.nan
    cohort.loc[45:76, "ai_assistance"] = "yes"

    flow = select(cohort).flow

    assert (flow.recruited, flow.incomplete, flow.ai_assistance, flow.analysed) == (1045, 51, 26, 968)
    assert printed_at("flow") == {"recruited": 1045, "incomplete": 51, "ai_assistance": 26, "analysed": 968}


def test_of_several_sessions_the_first_by_start_is_kept() -> None:
    """Whatever their order in the file; an unknown start is last; an empty external id is nobody's."""
    cohort = people(
        6,
        external_id=["a", "a", "a", "", "", "b"],
        started_at=[5.0, 1.0, np.nan, 2.0, 3.0, 4.0],
    )

    found = select(cohort)

    assert found.flow.re_entries == 2
    assert found.recruited["participant_id"].tolist() == ["p1", "p3", "p4", "p5"]


def test_pilots_leave_first_and_take_no_external_id_with_them() -> None:
    """A pilot session does not make the real one a re-entry."""
    cohort = people(3, external_id=["a", "a", "b"], pilot=[True, False, False])

    flow = select(cohort).flow

    assert (flow.rows, flow.pilots, flow.re_entries, flow.recruited) == (3, 1, 0, 2)
    assert flow.pilots_counted == 0


def test_pilots_count_when_asked_for() -> None:
    """They go through the same exclusions, and the flow says how many there are."""
    flow = select(people(4, pilot=[True, True, False, False]), pilots=True).flow

    assert (flow.pilots, flow.analysed, flow.pilots_counted) == (0, 4, 2)


def test_rows_sent_twice_are_rows_and_nothing_else() -> None:
    """The file's rows are the participants plus what was repeated."""
    flow = select(people(4), resent=3).flow

    assert (flow.rows, flow.resent, flow.recruited) == (7, 3, 4)


def test_the_same_external_id_in_another_study_is_no_re_entry() -> None:
    """External ids are unique per study."""
    assert select(people(2, external_id="a", study=["s", "t"])).flow.re_entries == 0


def test_a_plan_may_keep_those_who_had_help() -> None:
    """Exclusions come from the plan."""
    flow = select(people(3, ai_assistance=["yes", "no", ""]), exclusions=(Exclusion.INCOMPLETE,)).flow

    assert (flow.ai_assistance, flow.analysed) == (0, 3)
