"""What came of it: decisions that flipped, one by one; metrics with paired intervals; better or luck; rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import streamlit as st

from mlops import Workspace
from mlops.experiments.run_diff import RunDiff
from mlops.models.metrics import LOWER_IS_BETTER
from playground import slopes as records
from playground import words
from playground.charts import answers, forest
from playground.dots import decided
from playground.ui.difference import slopes
from playground.ui.kit import cards, lists, state, stops
from playground.ui.kit.links import link

SHOWN = 200
"""Rows of a table on screen; the file has all of them."""

VERDICTS = {
    "better": ":green[:material/trending_up: better]",
    "worse": ":red[:material/trending_down: worse]",
    "inconclusive": ":orange[:material/casino: can be luck]",
}


def draw(found: RunDiff, runs: Sequence[Any], names: Sequence[str], noun: str) -> None:
    """Draw what came of the causes.

    Parameters
    ----------
    names : sequence of str
        What the two runs are called.
    noun : str
        What a row is called.
    """
    if found.compared is None:
        _unanswered(runs)
    elif found.predictions is None:
        st.markdown(f"All {words.counted(found.compared, noun)} get the same answer, to the last digit.")
    else:
        _answers(found, runs, names, noun)
    if not stops.veiled("recall"):
        _metrics(found, runs, names)
    _rows(found, names)


def _unanswered(runs: Sequence[Any]) -> None:
    for run in runs:
        if run.status != "finished":
            error = f": {cards.plain(run.error)}" if run.error else ""
            st.markdown(f"{cards.state_text(run.status)} **{words.short(run.run_id)}** made no model{error}")


def _answers(found: RunDiff, runs: Sequence[Any], names: Sequence[str], noun: str) -> None:
    """Draw the rows that are answered otherwise."""
    signature = lists.document(runs[1].run_id)["signature"]
    told: Mapping[str, Any] = found.predictions or {}
    ids = tuple(run.run_id for run in runs)
    if signature["task"] == "regression":
        _numbers(ids, names, told)
        return
    drawn = state.keep(_slopes, *ids, noun, _complete_cells(found))
    st.markdown(cards.plain(drawn.sentence))
    if signature["task"] == "binary":
        others = [one for one in signature["labels"] if one != signature["positive"]]
        zones = (decided(signature["positive"], signature), decided(others[0], signature))
        slopes.draw(drawn, names, *zones, key=f"{ids[0]}.{ids[1]}")
    else:
        moves = pd.DataFrame([
            {names[0].capitalize(): str(one["before"]), names[1].capitalize(): str(one["after"]), "Rows": one["rows"]}
            for one in told["moves"]
        ])  # fmt: skip
        st.dataframe(moves, hide_index=True, alt="From which decision to which, and how many rows")
    _table(ids, drawn, names, told["flipped"])


def _complete_cells(found: RunDiff) -> tuple[tuple[Any, ...], ...]:
    """Return the cells that changed, as plain values; none where the record lists only some of them."""
    data: Mapping[str, Any] = found.data or {}
    if not data or sum(data["cells_changed"].values()) > len(data["changes"]):
        return ()
    return tuple((one["id"], one["column"], one["before"], one["after"]) for one in data["changes"])


def _numbers(ids: tuple[str, ...], names: Sequence[str], told: Mapping[str, Any]) -> None:
    """Draw the numbers of a regression, older against newer."""
    table = state.keep(_both, *ids).rename(columns={"before": names[0], "after": names[1]})
    said = f"{told['changed']:,} of {told['rows']:,} answers moved, by {words.plain_number(told['largest'])} at most"
    st.markdown(cards.plain(f"{said}."))
    name = f"answers-{words.short(ids[0])}-{words.short(ids[1])}"
    cards.chart(answers.against(table, *names), table.head(SHOWN), name, said)
    _all(ids)


def _table(ids: tuple[str, ...], drawn: records.Slopes, names: Sequence[str], flipped: int) -> None:
    """Draw those rows as a table, one click away, and the file of all answers."""
    label = f"{words.counted(flipped, drawn.noun)} decided otherwise, one by one"
    if flipped:
        drawer = st.expander(label, icon=":material/table:", type="compact", on_change="rerun", key="difference.flips")
        cards.inside(drawer, lambda: st.dataframe(drawn.frame(names), hide_index=True, alt=label))
    with st.container(horizontal=True, vertical_alignment="center"):
        _all(ids)
        if drawn.drawn:
            st.caption(cards.plain(drawn.shown))


def _all(ids: tuple[str, ...]) -> None:
    ws = state.workspace()
    name = f"both-answers-{words.short(ids[0])}-{words.short(ids[1])}"
    cards.download(lambda: ws.comparisons.answers(*ids), name, "Every row with both answers")


def _metrics(found: RunDiff, runs: Sequence[Any], names: Sequence[str]) -> None:
    """Draw the metrics on the validation rows that differ, with the interval of each difference."""
    told = [one for one in found.metrics or () if one["metric"].startswith("validation.")]
    known = [one for one in told if one["difference"] is not None]
    if not known:
        return
    name = f"metrics-{words.short(found.runs[0])}-{words.short(found.runs[1])}"
    if "luck" in found.not_applicable:
        _on_other_rows(found, runs, names, known, name)
        return
    _luck(found, names)
    table = pd.DataFrame([_line(one, names) for one in known])
    paired = table[table["low"].notna()]
    if len(paired) and (runs[1].roles or {}).get("task") != "regression":
        said = f"{len(paired)} metrics, {names[1]} minus {names[0]}, each with its 95 % interval on the same rows"
        on_one_scale = paired[~paired["metric"].str.startswith("log loss")]  # which has no upper end
        cards.chart(forest.differences(on_one_scale, names), table, name, said)
        return
    st.dataframe(table, hide_index=True, alt="Metrics on the validation rows that differ")
    cards.download(table, name)


def _on_other_rows(
    found: RunDiff, runs: Sequence[Any], names: Sequence[str], known: Sequence[Mapping[str, Any]], name: str
) -> None:
    """Say that nobody is better by these metrics, offer to judge both again, and show which rows each has."""
    table = pd.DataFrame([
        {"metric": words.metric_name(one["metric"].partition(".")[2]),
         **{name: words.number(one[side]) for name, side in zip(names, ("before", "after"), strict=True)}}
        for one in known
    ])  # fmt: skip
    if found.rows:
        count = found.rows["validation"]
        told = f"**Judged on other rows**]: {count['shared']:,} of {count['after']:,} validation rows are in both"
    else:
        told = "**Judged on rows of which nobody knows whether they are the same**]"
    st.markdown(f":orange[:material/warning: {told}. So the metrics do not rank the two.")
    if found.rows:
        link("compare", "Judge both on the same rows", icon="balance", run=[run.run_id for run in runs])
    label = "Metrics, each on rows of its own"
    drawer = st.expander(label, icon=":material/table:", type="compact", on_change="rerun", key="difference.metrics")
    cards.inside(drawer, lambda: (st.dataframe(table, hide_index=True, alt=label), cards.download(table, name)))


def _line(one: Mapping[str, Any], names: Sequence[str]) -> dict[str, Any]:
    metric = one["metric"].partition(".")[2]
    less = " (less is better)" if metric in LOWER_IS_BETTER else ""
    return {
        "metric": words.metric_name(metric) + less, names[0]: one["before"], names[1]: one["after"],
        **{key: one[key] for key in ("difference", "low", "high")},
        "verdict": _verdict(metric, one["low"], one["high"]),
    }  # fmt: skip


def _verdict(metric: str, low: float | None, high: float | None) -> str:
    if low is None or high is None:
        return "other rows"
    if metric in LOWER_IS_BETTER:
        low, high = -high, -low
    return "better" if low > 0 else "worse" if high < 0 else "can be luck"


def _luck(found: RunDiff, names: Sequence[str]) -> None:
    """Say whether the difference in the main metric is more than luck; nothing where no score moved."""
    luck: Mapping[str, Any] | None = found.luck
    if luck is None:
        return
    metric, places = words.metric_name(luck["metric"]), 3 if abs(luck["baseline"]) < 10 else 1
    moved, low, high = (words.signed(luck[key], places) for key in ("difference", "low", "high"))
    if luck["too_few"]:
        st.markdown(
            f":orange[:material/casino: too few rows to tell]: {metric} {moved}. {cards.plain(luck['too_few'])}"
        )
        return
    values = f"{words.number(luck['baseline'])} → {words.number(luck['challenger'])}"
    far = f"95 % interval {low} to {high}, on the same {luck['rows']:,} rows"
    drawn = f"{names[1]} is ahead in {luck['better']:.0%} of {luck['resamples']:,} draws of them"
    verdict = f"**{names[1].capitalize()}** against {names[0]}: {VERDICTS[luck['verdict']]}"
    st.markdown(f"{verdict} · {metric} {values}, {moved} :small[:gray[{far}; {drawn}]]")


def _rows(found: RunDiff, names: Sequence[str]) -> None:
    if found.rows is None:
        return
    table = pd.DataFrame([
        {"Part": split, names[0].capitalize(): count["before"], names[1].capitalize(): count["after"],
         "In both": count["shared"]}
        for split, count in found.rows.items()
    ])  # fmt: skip
    st.markdown("**Rows** :small[:gray[that each run learned from, chose by and keeps for its test]]")
    st.dataframe(
        table, hide_index=True, width="content", alt="Rows of each part, and how many of them both runs have in it"
    )


def _both(ws: Workspace, before: str, after: str) -> pd.DataFrame:
    return ws.comparisons.answers(before, after)


def _slopes(ws: Workspace, before: str, after: str, noun: str, cells: tuple[tuple[Any, ...], ...]) -> records.Slopes:
    runs = [ws.runs.get(one) for one in (before, after)]
    thresholds = [0.5 if run.threshold is None else run.threshold for run in runs]
    changed = [dict(zip(("id", "column", "before", "after"), one, strict=True)) for one in cells]
    return records.slopes(
        ws.comparisons.answers(before, after),
        ws.runs.document(after)["signature"],
        (thresholds[0], thresholds[1]),
        noun,
        changed,
    )
