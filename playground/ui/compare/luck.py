"""Better or luck: what the difference between runs is worth, in words and as intervals."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import streamlit as st

from mlops import Workspace
from mlops.base.records import ref_of
from mlops.models.differences import Difference
from playground import words
from playground.charts import worth
from playground.ui.kit import cards, session, state

_VERDICTS = {
    "better": ":green[:material/trending_up: better]",
    "worse": ":red[:material/trending_down: worse]",
    "inconclusive": ":orange[:material/casino: can be luck]",
}
_TOO_FEW = ":orange[:material/casino: too few rows to tell]"


def verdicts(runs: Sequence[Any]) -> None:
    """Draw whether each run is better than the first one, or was lucky."""
    first, *others = [run for run in runs if run.predictions_sha256]
    if not others:
        return
    with st.spinner("Drawing the rows again and again …", show_time=True):
        found = {run.run_id[:7]: state.keep(_difference, first.run_id, run.run_id) for run in others}
    if len(found) > 1 and not any(one.too_few for one in found.values()):
        _several(first.run_id[:7], found)
        return
    for run, one in found.items():
        st.markdown(f"**{run}** against {first.run_id[:7]}: {_verdict(one)} · {_sentence(one)}")


def _several(first: str, found: Mapping[str, Any]) -> None:
    """Draw the differences of several runs to the first one as intervals, and count the verdicts."""
    shared, counts = next(iter(found.values())), Counter(one.verdict for one in found.values())
    verdicts = " · ".join(f"{counts[verdict]} {text}" for verdict, text in _VERDICTS.items() if counts[verdict])
    st.markdown(f"Against **{first}**: {verdicts} :small[on the same {shared.rows:,} rows]")
    metric = words.metric_name(shared.metric)
    table = pd.DataFrame([{"run": run, **_cells(one)} for run, one in found.items()])
    said = ", ".join(f"{run} {words.signed(one.difference, 4)}" for run, one in found.items())
    cards.chart(worth.differences(table, metric), table, "differences", f"Difference in {metric}: {said}")
    st.caption(f"The best of {len(found) + 1} looks better than it is: it was chosen on these rows.")


def not_ranked(runs: Sequence[Any]) -> None:
    """Draw why nobody is called better, and offer to judge those that predict the same on the same rows."""
    if elsewhere := [run.run_id[:7] for run in runs if not run.predictions_sha256]:
        st.warning(
            f"The rows by which {' and '.join(elsewhere)} {'was' if len(elsewhere) == 1 else 'were'} judged are not "
            "known here: these numbers cannot be compared.", icon=":material/warning:",
        )  # fmt: skip
        return
    ids = tuple(run.run_id for run in runs)
    if len(asked := dict.fromkeys(state.keep(_question, run_id) for run_id in ids)) > 1:
        question = cards.plain(" and ".join(asked))
        st.warning(f"They predict {question}: these numbers cannot be compared.", icon=":material/warning:")
        return
    st.warning("Evaluated on different rows or outcomes: these numbers cannot be compared.", icon=":material/warning:")
    if not session.is_opened("same rows", ids):
        st.button(
            "Re-evaluate on the same rows", icon=":material/balance:", key="luck.again",
            on_click=session.open_for_good, args=("same rows", ids),
        )  # fmt: skip
        return
    with cards.errors(), st.spinner("Scoring the same rows with each model …", show_time=True):
        found = state.read(_again, ids)
        _same_rows(found)


def _same_rows(found: Any) -> None:
    """Draw what runs answer on rows that none of them has learned from."""
    data = ref_of(found.data)
    st.markdown(
        f"**On the same {found.rows:,} rows** :small[:gray[of {found.labelled:,} labelled ones in {cards.plain(data)}: "
        "those that no run has learned from and none keeps for its test]]"
    )
    for run_id, one in found.differences.items():
        if one is not None:
            difference = Difference.of(one)
            verdict = _verdict(difference)
            st.markdown(f"**{run_id[:7]}** against {found.runs[0][:7]}: {verdict} · {_sentence(difference)}")
    names = list(next(iter(found.metrics.values())))
    table = pd.DataFrame({"metric": [words.metric_name(name) for name in names], **{
        run_id[:7]: [_with_interval(found, run_id, name) for name in names] for run_id in found.runs
    }})  # fmt: skip
    st.dataframe(table, hide_index=True, key="luck.same", alt=f"Metrics on the same {found.rows:,} rows")
    cards.download(table, "same-rows")


def _with_interval(found: Any, run_id: str, name: str) -> str:
    bounds = found.intervals[run_id].get(name)
    return f"{words.number(found.metrics[run_id].get(name))}{f'  ({words.interval(bounds)})' if bounds else ''}"


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


def _question(ws: Workspace, run_id: str) -> str:
    asked = ws.runs.document(run_id)["signature"]
    return f"{asked['target']} ({asked['task']})"


def _again(ws: Workspace, run_ids: tuple[str, ...]) -> Any:
    return ws.comparisons.reevaluate(run_ids)


def _difference(ws: Workspace, first: str, other: str) -> Any:
    return ws.comparisons.difference(first, other)
