"""Where models are right and where not, on the validation rows: calibration, scores, slices."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from mlops import Workspace
from mlops.data.described import title
from mlops.models import diagnostics
from playground import words
from playground.charts import diagnosis
from playground.ui.compare.compared import Compared, answered, data_of
from playground.ui.kit import cards, lists, results, state


def calibration(compared: Compared) -> None:
    """Draw how far probabilities can be believed; of several classes, of the one that is chosen."""
    found = {compared.label(run): compared.ask(_calibration, run) for run in compared.runs}
    classes = list(next(iter(found.values())))
    chosen = classes[0]
    if len(classes) > 1:
        chosen = str(st.selectbox("Class", classes, key="diagnosis.class"))
    tables = [pd.DataFrame(list(bins[chosen])).assign(run=run) for run, bins in found.items() if chosen in bins]
    table = pd.concat(tables, ignore_index=True)
    worst = (table["predicted"] - table["observed"]).abs().max()
    said = f"Probability of {chosen} against what happened: at most {worst:.0%} apart in a group of rows"
    cards.chart(diagnosis.calibration(table), table, "calibration", said)


def scores(compared: Compared) -> None:
    """Draw the scores of each run by true class; of a yes or no with its threshold."""
    for run in compared.runs:
        found, label = compared.ask(_histograms, run), compared.label(run)
        edges = found["edges"]
        table = pd.concat([
            pd.DataFrame({"class": name, "from": edges[:-1], "to": edges[1:], "rows": counts})
            for name, counts in found["counts"].items()
        ], ignore_index=True)  # fmt: skip
        of = found["probability_of"]
        what = "of the true class" if of is None else f"of {cards.plain(of)}"
        st.markdown(f"**{label}** :small[:gray[probability {what}, by true class]]")
        marked = run.threshold if of is not None else None
        cards.chart(diagnosis.histogram(table, marked), table, f"scores-{run.run_id}", f"Scores of {label}")


def slices(compared: Compared) -> None:
    """Draw the main metric in each part of the rows, by a column that a person chooses."""
    first = compared.runs[0]
    columns = state.keep(_features, first.run_id)
    said = lists.described(results.data_ref(first))
    column = str(st.selectbox("Groups by", columns, key="diagnosis.column", format_func=lambda name: title(said, name)))
    metric = results.main_metric(compared.runs)
    with st.spinner("Judging each part …", show_time=True):
        parts = [(compared.label(run), one) for run in compared.runs for one in compared.ask(_slices, run, column)]
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


def _calibration(ws: Workspace, run_id: str, again: tuple[str, ...]) -> dict[str, Any]:
    found = answered(ws, run_id, again)
    curves = diagnostics.calibration(found.labels, found.scores, found.signature)
    return {str(name): [one.as_dict() for one in bins] for name, bins in curves.items()}


def _histograms(ws: Workspace, run_id: str, again: tuple[str, ...]) -> Any:
    found = answered(ws, run_id, again)
    return diagnostics.histograms(found.labels, found.scores, found.signature)


def _features(ws: Workspace, run_id: str) -> list[str]:
    return [feature["name"] for feature in ws.runs.document(run_id)["signature"]["features"]]


def _slices(ws: Workspace, run_id: str, again: tuple[str, ...], column: str) -> Any:
    found = answered(ws, run_id, again)
    values = ws.datasets.table(data_of(ws, run_id, again)).column(column).take(found.rows)
    return diagnostics.slices(found.labels, found.scores, found.signature, found.threshold, values)
