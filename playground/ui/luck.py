"""Better or luck: what the difference between runs is worth, in words and as intervals."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd
import streamlit as st

from mlops import Workspace
from playground import words
from playground.charts import worth
from playground.ui import cards, state

_VERDICTS = {
    "better": ":green[:material/trending_up: better]",
    "worse": ":red[:material/trending_down: worse]",
    "inconclusive": ":orange[:material/casino: can be luck]",
}


def verdicts(runs: Sequence[Any]) -> None:
    """Draw whether each run is better than the baseline, or was lucky; the first of them is the baseline."""
    baseline, *challengers = [run for run in runs if run.predictions_sha256]
    if not challengers:
        return
    with st.spinner("Drawing the rows again and again …", show_time=True):
        found = {run.run_id[:7]: state.read(_difference, baseline.run_id, run.run_id) for run in challengers}
    for run, one in found.items():
        st.markdown(f"**{run}** against {baseline.run_id[:7]}: {_VERDICTS[one.verdict]} · {_sentence(one)}")
    if len(found) > 1:
        metric = words.metric_name(next(iter(found.values())).metric)
        table = pd.DataFrame([{"run": run, **_cells(one)} for run, one in found.items()])
        said = ", ".join(f"{run} {one.difference:+.4f}" for run, one in found.items())
        cards.chart(worth.differences(table, metric), table, "differences", f"Difference in {metric}: {said}")
        st.caption(f"The best of {len(runs)} looks better than it is: it was chosen on these rows.")


def not_ranked() -> None:
    """Draw why nobody is called better."""
    st.warning("Evaluated on different rows: these numbers cannot be compared.", icon=":material/warning:")


def _sentence(one: Any) -> str:
    metric, places = words.metric_name(one.metric), 3 if abs(one.baseline) < 10 else 1
    interval = f"95 % interval {one.low:+.{places}f} to {one.high:+.{places}f}"
    return f":small[{metric} {one.difference:+.{places}f} ({interval}) on the same {one.rows:,} validation rows]"


def _cells(one: Any) -> dict[str, Any]:
    known = one.as_dict()
    return {name: known[name] for name in ("difference", "low", "high", "better", "verdict", "rows")}


def _difference(ws: Workspace, baseline: str, challenger: str) -> Any:
    return ws.runs.difference(baseline, challenger)
