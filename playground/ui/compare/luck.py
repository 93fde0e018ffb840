"""Better or luck: what the difference between runs is worth, in words and as intervals."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

import pandas as pd
import streamlit as st

from mlops import Workspace
from mlops.models.differences import Difference
from playground import glossary, words
from playground import shuffle as luck
from playground.charts import worth
from playground.ui.compare.compared import Compared, reevaluated
from playground.ui.kit import cards, shuffle, state

_VERDICTS = {
    "better": ":green[:material/trending_up: better]",
    "worse": ":red[:material/trending_down: worse]",
    "inconclusive": ":orange[:material/casino: can be luck]",
}
_TOO_FEW = ":orange[:material/casino: too few rows to tell]"


def verdicts(compared: Compared) -> None:
    """Draw whether each run is better than the reference, or was lucky."""
    first, *others = [run for run in compared.runs if run.predictions_sha256]
    if not others:
        return
    with st.spinner("Drawing the rows again and again …", show_time=True):
        found = {compared.label(run): _against(compared, first, run) for run in others}
    told = {name: one for name, one in found.items() if one is not None}
    if len(told) > 1 and not any(one.too_few for one in told.values()):
        _several(compared.label(first), told)
    else:
        for name, one in told.items():
            said = f"**{name}** against {compared.label(first)}: {_verdict(one)} · {_sentence(one)}"
            st.markdown(said, help=glossary.meaning(one.metric))
    drawer = st.expander(
        "Better, or luck? Shuffle the rows", icon=":material/casino:", type="compact", key="compare.luck",
        on_change="rerun",
    )  # fmt: skip
    cards.inside(drawer, lambda: _shuffled(compared, first, told))


def _shuffled(compared: Compared, first: Any, told: Mapping[str, Difference]) -> None:
    """Draw the shuffle of one run against the reference; of several, the one that is chosen."""
    if not told:
        st.caption("Nobody knows how they differ on these rows.")
        return
    name = next(iter(told))
    if len(told) > 1:
        name = str(st.segmented_control("Run", [*told], default=name, required=True, key="compare.luck.run"))
    reference = compared.label(first)
    names = (reference.partition(" ")[0], name.partition(" ")[0]) if len(told) == 1 else (reference, name)
    shuffle.draw(luck.of(told[name], names), f"{reference}.{name}")


def _against(compared: Compared, first: Any, run: Any) -> Difference | None:
    """Return the difference of a run to the reference; None where it is undefined on the rows of a second look."""
    if not compared.again:
        return state.keep(_difference, first.run_id, run.run_id)
    found = state.read(reevaluated, compared.again).differences[run.run_id]
    return None if found is None else Difference.of(found)


def _several(first: str, found: Mapping[str, Any]) -> None:
    """Draw the differences of several runs to the reference as intervals, and count the verdicts."""
    shared, counts = next(iter(found.values())), Counter(one.verdict for one in found.values())
    verdicts = " · ".join(f"{counts[verdict]} {text}" for verdict, text in _VERDICTS.items() if counts[verdict])
    st.markdown(f"Against **{first}**: {verdicts} :small[on the same {shared.rows:,} rows]")
    metric = words.metric_name(shared.metric)
    table = pd.DataFrame([{"run": run, **_cells(one)} for run, one in found.items()])
    said = ", ".join(f"{run} {words.signed(one.difference, 4)}" for run, one in found.items())
    cards.chart(worth.differences(table, metric), table, "differences", f"Difference in {metric}: {said}")
    st.caption(f"The best of {len(found) + 1} looks better than it is: it was chosen on these rows.")


def _verdict(one: Any) -> str:
    return _TOO_FEW if one.too_few else _VERDICTS[one.verdict]


def _sentence(one: Any) -> str:
    metric, places = words.metric_name(one.metric), 3 if abs(one.baseline) < 10 else 1
    difference, low, high = (words.signed(value, places) for value in (one.difference, one.low, one.high))
    if one.too_few:
        return f":small[{metric} {difference} on the same {one.rows:,} rows. {one.too_few}]"
    return f":small[{metric} {difference} (95 % interval {low} to {high}) on the same {one.rows:,} rows]"


def _cells(one: Any) -> dict[str, Any]:
    known = one.as_dict()
    return {name: known[name] for name in ("difference", "low", "high", "better", "verdict", "rows")}


def _difference(ws: Workspace, first: str, other: str) -> Any:
    return ws.comparisons.difference(first, other)
