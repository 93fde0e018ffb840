"""The charts that compare runs, listed once: which runs have them, and how each is drawn."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd
import streamlit as st

from mlops.training import sweeps
from playground import trials, words
from playground.charts import answers, scores, sweep
from playground.ui.compare import diagnosis
from playground.ui.compare.compared import Compared, curves_of
from playground.ui.kit import cards, results, state, stops

Curves = Mapping[str, Mapping[str, Any]]
"""What each run compared is called -> its validation curves; none where a view does not draw it."""


@dataclass(frozen=True)
class View:
    """One way to look at runs."""

    name: str
    needs: tuple[str, ...]
    """The curves of which a run must have one."""
    draw: Callable[[Curves, Compared], None]
    fewest: int = 1
    """It says something about so many runs or more."""

    def needs_met(self, curves: Mapping[str, Any]) -> bool:
        """Return whether a run with these curves can be drawn."""
        return any(name in curves for name in self.needs)


@st.fragment
def of_runs(compared: Compared, beside: Callable[[], None] | None = None) -> None:
    """Let a person choose one chart and draw it.

    Parameters
    ----------
    compared : Compared
        At most ten runs on the same rows; all others are held against the first.
    beside : callable, optional
        Draws what stands at the left of the chart.
    """
    found = {compared.label(run): compared.ask(curves_of, run) for run in compared.runs}
    if beside:
        left, right = st.columns([2, 3], gap="medium")
        with left:
            beside()
    if stops.veiled("recall"):
        return
    with right if beside else st.container():
        _chart(found, compared)


def _chart(found: Curves, compared: Compared) -> None:
    known = [view for view in VIEWS if sum(map(view.needs_met, found.values())) >= view.fewest]
    if not known:
        st.markdown(":gray[These runs were logged without curves.]")
        return
    names = [view.name for view in known]
    name = st.segmented_control(
        "Chart",
        names,
        default=names[0],
        required=True,
        key="chart",
        bind="query-params",
        label_visibility="collapsed",
        wrap=True,
    )
    view = next((view for view in known if view.name == name), known[0])
    drawn = compared.only([run for run in compared.runs if view.needs_met(found[compared.label(run)])])
    view.draw({name: curves if view.needs_met(curves) else {} for name, curves in found.items()}, drawn)


def _table(found: Curves, curve: str) -> pd.DataFrame:
    """Return one curve of several runs as one long table; a run without it is known there, but has no rows."""
    tables = {run: pd.DataFrame(dict(curves[curve])) for run, curves in found.items() if curve in curves}
    return pd.concat([
        table.assign(run=pd.Categorical([run] * len(table), list(found))) for run, table in tables.items()
    ])  # fmt: skip


def _first(found: Curves) -> Mapping[str, Any]:
    """Return the curves of the first run that is drawn."""
    return next(filter(None, found.values()))


def _said(compared: Compared, metric: str) -> str:
    values = [
        f"{compared.label(run)} {words.number(run.metrics.get('validation', {}).get(metric))}" for run in compared.runs
    ]
    return f"{words.metric_name(metric)} on the validation rows: {', '.join(values)}"


def _kept(
    found: Curves, compared: Compared, curve: str, draw: Callable[[pd.DataFrame], Any]
) -> tuple[cards.Drawn, pd.DataFrame]:
    """Return the figure of one curve of several runs, and its table; made once for these runs."""

    def make() -> tuple[cards.Drawn, pd.DataFrame]:
        table = _table(found, curve)
        return cards.Drawn.of(draw(table)), table

    return state.made(("curve", curve, compared.moment, *((run, bool(curves)) for run, curves in found.items())), make)


def _thresholds(compared: Compared) -> dict[str, float]:
    """Return the threshold of each run, which is marked on its curve."""
    return {compared.label(run): 0.5 if run.threshold is None else run.threshold for run in compared.runs}


def _roc(found: Curves, compared: Compared) -> None:
    figure, table = _kept(found, compared, "roc", scores.roc)
    marks = scores.marks(table, "false_positive_rate", "true_positive_rate", _thresholds(compared))
    cards.chart(figure.marked(marks), table, "roc", f"ROC. {_said(compared, 'auc')}")


def _precision_recall(found: Curves, compared: Compared) -> None:
    matrix = _first(found)["confusion"]["counts"]
    share = sum(matrix[-1]) / sum(map(sum, matrix))
    figure, table = _kept(found, compared, "precision_recall", lambda table: scores.precision_recall(table, share))
    marks = scores.marks(table, "recall", "precision", _thresholds(compared))
    said = f"Precision and recall. {_said(compared, 'average_precision')}"
    cards.chart(figure.marked(marks), table, "precision-recall", said)


def _roc_by_class(found: Curves, compared: Compared) -> None:
    label, table = _of_class(found, "roc_by_class")
    said = f"ROC of {label} against the rest. {_said(compared, 'auc')}"
    cards.chart(scores.roc(table), table, "roc-by-class", said)


def _precision_recall_by_class(found: Curves, compared: Compared) -> None:
    label, table = _of_class(found, "precision_recall_by_class")
    confusion = _first(found)["confusion"]
    rows = {str(name): sum(counts) for name, counts in zip(confusion["labels"], confusion["counts"], strict=True)}
    figure = scores.precision_recall(table, rows[label] / sum(rows.values()))
    said = f"Precision and recall of {label} against the rest. {_said(compared, 'average_precision')}"
    cards.chart(figure, table, "precision-recall-by-class", said)


def _of_class(found: Curves, curve: str) -> tuple[str, pd.DataFrame]:
    """Let a person choose a class; return it and its curve of several runs as one long table."""
    label = str(st.selectbox("Class", list(_first(found)[curve]), key="views.class"))
    return label, _table({run: curves.get(curve, {}) for run, curves in found.items()}, label)


def _confusion(found: Curves, compared: Compared) -> None:
    """Draw which classes are taken for which, a matrix for each run."""
    drawn = [(name, curves) for name, curves in found.items() if curves]
    for column, (name, curves) in zip(st.columns(min(len(drawn), 2)) * len(drawn), drawn, strict=False):
        table = answers.confusion_table(curves["confusion"])
        right = int(table.loc[table["true"] == table["predicted"], "rows"].sum())
        said = f"{right:,} of {int(table['rows'].sum()):,} validation rows right"
        with column:
            st.markdown(f"**{name}** :small[:gray[{said}]]")
            cards.chart(answers.confusion(table), table, f"confusion-{name}", f"{name}: {said}")


def _predicted(found: Curves, compared: Compared) -> None:
    figure, table = _kept(found, compared, "predicted", answers.predicted)
    cards.chart(figure, table, "predicted", f"Predicted against actual. {_said(compared, 'r2')}")


def _training(found: Curves, compared: Compared) -> None:
    figure, table = _kept(found, compared, "training", scores.training)
    cards.chart(figure, table, "training", f"Training curves. {_said(compared, results.main_metric(compared.runs))}")
    if len(found) > 1:
        st.caption("Thick lines are validation rows, thin ones train rows; a star is the best iteration.")


def _calibration(found: Curves, compared: Compared) -> None:
    diagnosis.calibration(compared)


def _scores(found: Curves, compared: Compared) -> None:
    diagnosis.scores(compared)


def _slices(found: Curves, compared: Compared) -> None:
    diagnosis.slices(compared)


def _scatter(found: Curves, compared: Compared) -> None:
    """Draw the metric against one setting."""
    ranked = sweeps.ranked("", compared.runs)
    if not ranked.keys:
        st.markdown(":gray[The runs have equal settings.]")
        return
    table, score = trials.leaderboard(ranked), words.metric_name(ranked.metric)
    key = str(st.selectbox("Setting", [trials.name(key) for key in ranked.keys], key="views.setting"))
    said = f"{score} against {key}; the best run has {table[key].iloc[0]}"
    cards.chart(sweep.slice_of(table, key, score), table[["run", key, score]], "scatter", said)


def _parallel(found: Curves, compared: Compared) -> None:
    """Draw all settings that differ at once, a line for each run."""
    ranked = sweeps.ranked("", compared.runs)
    table, score = trials.leaderboard(ranked), words.metric_name(ranked.metric)
    keys = [trials.name(key) for key in ranked.keys]
    said = f"Settings of {len(table)} runs; the best {score} is {words.number(table[score].iloc[0])}"
    cards.chart(sweep.parallel(table, keys, score), table, "parallel", said)


VIEWS = (
    View("ROC", ("roc",), _roc),
    View("Precision and recall", ("precision_recall",), _precision_recall),
    View("Predicted", ("predicted",), _predicted),
    View("Confusion", ("confusion",), _confusion),
    View("ROC by class", ("roc_by_class",), _roc_by_class),
    View("Precision and recall by class", ("precision_recall_by_class",), _precision_recall_by_class),
    View("Calibration", ("confusion",), _calibration),
    View("Scores", ("confusion",), _scores),
    View("Groups", ("confusion", "predicted"), _slices),
    View("Training", ("training",), _training),
    View("Scatter", ("confusion", "predicted"), _scatter, fewest=3),
    View("Parallel", ("confusion", "predicted"), _parallel, fewest=3),
)
