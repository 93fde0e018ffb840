"""What the Compare screen is made of: the run table, the two picked, what differs, curves, metrics."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pandas as pd
import streamlit as st

from mlops import Workspace
from playground import words
from playground.charts import answers, scores
from playground.ui import cards, results, state
from playground.ui.shell import link


def pick(runs: Sequence[Any]) -> list[Any]:
    """Draw the run table and return the two runs picked: those of the URL, those ticked, else the newest two."""
    asked = st.query_params.get_all("run")
    rows = [row for row, run in enumerate(runs) if any(run.run_id.startswith(one) for one in asked if one)]
    finished = [row for row, run in enumerate(runs) if run.status == "finished"]
    # Whom to compare with, if nobody says: the newest that learned from the same dataset.
    first = next(iter([*rows, *finished]), 0)
    finished.sort(key=lambda row: _dataset(runs[row]) != _dataset(runs[first]))
    metrics = [words.metric_name(metric) for metric in results.main_metrics(runs)]
    ticked = st.dataframe(
        _table(runs),
        hide_index=True,
        placeholder="–",
        key="compare.runs",
        on_select="rerun",
        selection_mode="multi-row",
        selection_default={"selection": {"rows": list(dict.fromkeys([*rows, *finished]))[:2]}},
        column_config={
            metric: st.column_config.NumberColumn(format="%.3f", help="On the validation rows") for metric in metrics
        },
        alt="Runs, newest first",
    )["selection"]["rows"]
    picked = [runs[row] for row in ticked if row < len(runs) and runs[row].status == "finished"][:2]
    if len(picked) == 2 and asked != [run.run_id for run in picked]:
        st.query_params["run"] = [run.run_id for run in picked]
    return picked


def both(picked: Sequence[Any]) -> None:
    """Draw two runs against each other."""
    ids = tuple(run.run_id for run in picked)
    with cards.errors():
        comparison = state.read(_compare, ids)
        if not comparison.same_rows:
            st.warning("Evaluated on different rows: these numbers cannot be compared.", icon=":material/warning:")
        left, right = st.columns([2, 3], gap="medium")
        with left:
            for run in picked:
                results.headline(run)
            st.subheader("What differs", anchor=False)
            _differs(comparison.differs, ids)
        with right:
            curves(picked)
        st.dataframe(results.metrics_table(picked, "validation"), hide_index=True, alt="Metrics on validation rows")
        hidden = st.expander("Open the test metrics", icon=":material/lock:", key="compare.test", on_change="rerun")
        if hidden.open:
            hidden.dataframe(results.metrics_table(picked, "test"), hide_index=True, alt="Metrics on test rows")
    with st.container(horizontal=True):
        for run in picked:
            link("release", f"Release {run.run_id[:7]}", icon="deployed_code", run=run.run_id)
        cards.download(_table(state.all_runs()), "runs", "All runs")


def curves(runs: Sequence[Any]) -> None:
    """Draw the answers of runs on their validation rows, as their task asks: ROC, classes, or numbers."""
    found = {run.run_id[:7]: state.read(_curves, run.run_id) for run in runs}
    for draw in (_roc, _confusion, _predicted):
        draw(found, runs)


def _roc(found: Mapping[str, Any], runs: Sequence[Any]) -> None:
    rocs = {name: curves["roc"] for name, curves in found.items() if "roc" in curves}
    if not rocs:
        return
    table = scores.roc_table(rocs)
    thresholds = {run.run_id[:7]: run.threshold for run in runs if run.threshold is not None}
    said = ", ".join(f"{run.run_id[:7]} AUC {words.number(run.metrics['validation'].get('auc'))}" for run in runs)
    cards.chart(scores.roc(table, thresholds), table, "roc", f"ROC on the validation rows: {said}")


def _confusion(found: Mapping[str, Any], runs: Sequence[Any]) -> None:
    """Draw which classes are taken for which; of a yes or no the ROC says more."""
    matrices = {name: one["confusion"] for name, one in found.items() if "confusion" in one and "roc_by_class" in one}
    for name, matrix in matrices.items():
        table = answers.confusion_table(matrix)
        right = int(table.loc[table["true"] == table["predicted"], "rows"].sum())
        said = f"{name}: {right:,} of {int(table['rows'].sum()):,} validation rows are told right"
        st.markdown(f"**{name}** :small[:gray[{right:,} of {int(table['rows'].sum()):,} validation rows right]]")
        cards.chart(answers.confusion(table), table, f"confusion-{name}", said)


def _predicted(found: Mapping[str, Any], runs: Sequence[Any]) -> None:
    points = {name: curves["predicted"] for name, curves in found.items() if "predicted" in curves}
    if not points:
        return
    table = answers.predicted_table(points)
    said = ", ".join(f"{run.run_id[:7]} R² {words.number(run.metrics['validation'].get('r2'))}" for run in runs)
    cards.chart(
        answers.predicted(table), table, "predicted", f"Predicted against actual on the validation rows: {said}"
    )


def _table(runs: Sequence[Any]) -> pd.DataFrame:
    values = {
        "Run": lambda run: run.run_id[:7],
        "Model": lambda run: str(run.params.get("model.type", "")).replace("_", " "),
        "Data": results.data_ref,
        **{words.metric_name(metric): _validation(metric) for metric in results.main_metrics(runs)},
        "Interval": lambda run: words.interval(run.intervals.get("validation", {}).get(results.main_metric([run]))),
        "Threshold": lambda run: run.threshold,
        "Seed": lambda run: "none" if run.seed is None else str(run.seed),
        "Status": lambda run: run.status,
        "Note": lambda run: run.note,
        "Started": lambda run: words.moment(run.started_at),
    }
    return cards.columns_of(runs, **values)


def _validation(metric: str) -> Callable[[Any], float | None]:
    return lambda run: run.metrics.get("validation", {}).get(metric)


def _dataset(run: Any) -> str | None:
    return run.data.get("name")


def _differs(differs: Sequence[Any], ids: Sequence[str]) -> None:
    if not differs:
        st.markdown(":gray[Nothing: same data, config, code, software and seed.]")
        return
    rows = [
        {
            "": one["what"],
            "key": one["key"],
            **{run_id[:7]: _short(value) for run_id, value in zip(ids, one["values"], strict=True)},
        }
        for one in differs
    ]
    st.dataframe(pd.DataFrame(rows), hide_index=True, key="compare.differs", alt="What differs between the two runs")


def _short(value: Any) -> str:
    text = "–" if value is None else str(value)
    return words.short(text) if re.fullmatch("[0-9a-f]{40}|[0-9a-f]{64}", text) else text


def _compare(ws: Workspace, ids: tuple[str, ...]) -> Any:
    return ws.runs.compare(list(ids))


def _curves(ws: Workspace, run_id: str) -> Any:
    return ws.runs.curves(run_id) if ws.runs.get(run_id).model_sha256 else {}
