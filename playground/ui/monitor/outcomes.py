"""What outcomes say of the live model: its metric over months, the groups of one, how far scores can be believed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pandas as pd
import streamlit as st

from mlops.data.described import title
from playground import harm_words, words
from playground.charts import diagnosis, groups, over_months
from playground.ui.kit import cards, state

MOST = 12
"""Groups that are drawn; the table has all."""


def over_time(report: Any) -> None:
    """Draw the metric of every month with its interval, beside the best achievable and the estimate."""
    table = months(report)
    if table[["value", "estimate"]].isna().all(axis=None):
        st.markdown(":gray[No outcomes are known yet: what they say of the model is drawn here, month by month.]")
        return
    metric = next((words.metric_name(one.outcomes.metric) for one in report.months if one.outcomes), "AUC")
    known = int(table["value"].notna().sum())
    said = f"{metric} over {words.counted(known, 'month')}; of {len(table) - known} more outcomes are not known yet"
    cards.chart(_kept(table, lambda: over_months.figure(table, metric)), table, "over-months", said)
    st.markdown(f":small[{cards.plain(estimated(report))}]")


def months(report: Any) -> pd.DataFrame:
    """Return what is known of each month as a table, the oldest first."""
    newest = report.months[0].month if report.months else ""
    rows = [
        {
            "month": harm_words.name(one.month, newest),
            **{end: getattr(one.outcomes, end) if one.outcomes else None for end in ("value", "low", "high")},
            "best": one.best, "estimate": one.estimate.auc if one.estimate else None,
            "known": one.outcomes.known if one.outcomes else 0, "answers": one.n,
            "version": f"v{one.versions[0]['version']}",
        }
        for one in reversed(report.months)
    ]  # fmt: skip
    numbers = dict.fromkeys(("value", "low", "high", "best", "estimate"), float)
    return pd.DataFrame(rows).astype(numbers)


def estimated(report: Any) -> str:
    """Return how good the estimate without outcomes was, once the truth came."""
    told = [one.estimate for one in report.months if one.estimate and one.estimate.held is not None]
    if not told:
        return "The estimate knows the scores alone. It is scored here as soon as outcomes come."
    held, worst = sum(one.held for one in told), max(told, key=lambda one: abs(one.error))
    blind = " It is blind to a changed law: whoever leaves for other reasons has the same score as before."
    return (
        f"The estimate without outcomes held in {held} of {words.counted(len(told), 'month')}; at worst it was "
        f"{words.number(abs(worst.error))} off.{blind if held < len(told) else ''}"
    )


def of_month(detail: Any, month: str, said: Mapping[str, Any]) -> None:
    """Draw the groups of a month beside the same groups at release, and its calibration."""
    if not (detail.groups or detail.calibration):
        st.markdown(f":gray[What each group of {month} did, its outcomes tell: they are not known yet.]")
        return
    left, right = st.columns([3, 2], gap="medium")
    with left:
        _groups(detail.groups, month, said)
    with right:
        _calibration(detail.calibration, month)


def _groups(found: Sequence[Any], month: str, said: Mapping[str, Any]) -> None:
    compared = [one for one in found if one.change is not None]
    if not compared:
        st.markdown(":gray[No group has enough rows to compare it with the release.]")
        return
    metric, worse = words.metric_name(compared[0].metric), [one for one in compared if one.worse]
    told = f"{words.counted(len(worse), 'group').capitalize()} of {len(compared)} of {month} did worse than at release"
    st.markdown(f"**{cards.plain(told)}** :small[:gray[intervals widened for all that were compared]]")
    table = pd.DataFrame([
        {
            "group": f"{title(said, one.column, unit=False)}: {'missing' if one.value is None else one.value}",
            "rows": one.rows, "difference": one.change, "low": one.lower, "high": one.upper,
            "verdict": "worse" if one.worse else "can be luck", "now": one.now, "at release": one.then,
        }
        for one in compared
    ])  # fmt: skip
    figure = _kept(table, lambda: groups.figure(table.head(MOST), f"change of {metric} since release"))
    cards.chart(figure, table, f"groups-{month}", told)


def _calibration(found: Any, month: str) -> None:
    if not found:
        return
    of, bins = next(iter(found.items()))
    table = pd.DataFrame([_plain(one) for one in bins]).assign(run=month)
    worst = (table["predicted"] - table["observed"]).abs().max()
    st.markdown("**How far scores can be believed**")
    said = f"Probability of {of} against what happened in {month}: at most {worst:.0%} apart in a group of rows"
    cards.chart(_kept(table, lambda: diagnosis.calibration(table)), table, f"calibration-{month}", said)


def _kept(table: pd.DataFrame, make: Callable[[], Any]) -> cards.Drawn:
    """Return the figure of a table as the browser gets it, made once for what stands in the table."""
    return state.made((*table.columns, table.to_csv()), lambda: cards.Drawn.of(make()))


def _plain(one: Any) -> Mapping[str, Any]:
    return one if isinstance(one, Mapping) else one.as_dict()
