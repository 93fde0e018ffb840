"""Where models are right and where not, on the validation rows: calibration, scores, slices."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd
import streamlit as st

from mlops import Workspace
from mlops.data.described import title
from mlops.models import diagnostics
from playground import words
from playground.charts import diagnosis
from playground.ui.kit import cards, lists, results, state


def calibration(runs: Sequence[Any]) -> None:
    """Draw how far probabilities can be believed; of several classes, of the one that is chosen."""
    found = {run.run_id[:7]: state.keep(_calibration, run.run_id) for run in runs}
    classes = list(next(iter(found.values())))
    chosen = classes[0]
    if len(classes) > 1:
        chosen = str(st.selectbox("Class", classes, key="diagnosis.class"))
    tables = [pd.DataFrame(list(bins[chosen])).assign(run=run) for run, bins in found.items() if chosen in bins]
    table = pd.concat(tables, ignore_index=True)
    worst = (table["predicted"] - table["observed"]).abs().max()
    said = f"Probability of {chosen} against what happened: at most {worst:.0%} apart in a group of rows"
    cards.chart(diagnosis.calibration(table), table, "calibration", said)


def scores(runs: Sequence[Any], threshold: float | None) -> None:
    """Draw the scores of each run by true class."""
    for run in runs:
        found = state.keep(_histograms, run.run_id)
        edges = found["edges"]
        table = pd.concat([
            pd.DataFrame({"class": name, "from": edges[:-1], "to": edges[1:], "rows": counts})
            for name, counts in found["counts"].items()
        ], ignore_index=True)  # fmt: skip
        of = found["probability_of"]
        what = "of the true class" if of is None else f"of {cards.plain(of)}"
        st.markdown(f"**{run.run_id[:7]}** :small[:gray[probability {what}, by true class]]")
        marked = threshold if of is not None else None
        cards.chart(diagnosis.histogram(table, marked), table, f"scores-{run.run_id}", f"Scores of {run.run_id[:7]}")


def slices(runs: Sequence[Any]) -> None:
    """Draw the main metric in each part of the rows, by a column that a person chooses."""
    columns = state.keep(_features, runs[0].run_id)
    said = lists.described(results.data_ref(runs[0]))
    column = str(st.selectbox("Groups by", columns, key="diagnosis.column", format_func=lambda name: title(said, name)))
    metric = results.main_metric(runs)
    with st.spinner("Judging each part …", show_time=True):
        parts = [(run.run_id[:7], one) for run in runs for one in state.keep(_slices, run.run_id, column)]
    table = pd.DataFrame([_part(run, one, metric) for run, one in parts])
    called, best = title(said, column), words.metric_name(metric)
    found = f"{best} by {called}: {table['value'].min():.3f} to {table['value'].max():.3f}"
    cards.chart(diagnosis.slices(table, best, called if column in said else ""), table, f"slices-{column}", found)
    if small := list(dict.fromkeys(one.name for _, one in parts if one.small)):
        st.caption(f"Few rows, so little is known of: {cards.plain(', '.join(small))}.")


def _part(run: str, one: Any, metric: str) -> dict[str, Any]:
    low, high = one.intervals.get(metric, (None, None))
    value = one.metrics.get(metric)
    return {"run": run, "slice": one.name, "rows": one.rows, "value": value, "low": low, "high": high}


def _calibration(ws: Workspace, run_id: str) -> dict[str, Any]:
    answers = ws.comparisons.judged(run_id)
    found = diagnostics.calibration(answers.labels, answers.scores, answers.signature)
    return {str(name): [one.as_dict() for one in bins] for name, bins in found.items()}


def _histograms(ws: Workspace, run_id: str) -> Any:
    answers = ws.comparisons.judged(run_id)
    return diagnostics.histograms(answers.labels, answers.scores, answers.signature)


def _features(ws: Workspace, run_id: str) -> list[str]:
    return [feature["name"] for feature in ws.runs.document(run_id)["signature"]["features"]]


def _slices(ws: Workspace, run_id: str, column: str) -> Any:
    answers, run = ws.comparisons.judged(run_id), ws.runs.get(run_id)
    values = ws.datasets.table(results.data_ref(run)).column(column).take(answers.rows)
    return diagnostics.slices(answers.labels, answers.scores, answers.signature, answers.threshold, values)
