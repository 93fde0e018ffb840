"""The profile of a version: every column in a line with a small chart, and the chosen one large."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd
import streamlit as st

from mlops import Workspace
from playground.charts import columns
from playground.ui.kit import cards, notes, state


def draw(found: Sequence[Any]) -> None:
    """Draw the columns of a version; the one that is ticked is drawn large below."""
    refs = [one.ref for one in found]
    ref = st.selectbox("Version", refs, key="data.profiled") if len(refs) > 1 else refs[0]
    profile = state.read(_profile, ref)
    ticked = st.dataframe(
        _table(profile), hide_index=True, key=f"data.profile.{ref}", on_select="rerun", selection_mode="single-row",
        selection_default={"selection": {"rows": [0]}}, alt=f"The columns of {ref}",
        column_config={
            "Distribution": st.column_config.BarChartColumn(help="Few to many values, left to right", y_min=0),
            "Missing": st.column_config.ProgressColumn(format="percent", min_value=0, max_value=1),
            "Different": st.column_config.NumberColumn(format="localized"),
        },
    )["selection"]["rows"]  # fmt: skip
    if ticked:
        _large(profile.columns[ticked[0]], ref)
    notes.draw(next(one for one in found if one.ref == ref).warnings)
    cards.download(_table(profile).drop(columns="Distribution"), f"profile-{ref}".replace("@", "-v"), "Profile")


def _table(profile: Any) -> pd.DataFrame:
    rows = max(profile.rows, 1)
    return cards.columns_of(
        profile.columns,
        Column=lambda one: one.name,
        Type=lambda one: one.type,
        Role=lambda one: one.role or "",
        Distribution=lambda one: columns.bars_of(one.distribution),
        Missing=lambda one: one.missing / rows,
        Different=lambda one: one.distinct,
        Range=_range,
        Examples=lambda one: ", ".join(map(str, one.examples[:3])),
    )


def _range(column: Any) -> str:
    known = column.distribution
    if not known or known["kind"] != "histogram":
        return ""
    low, high = (
        f"{value:,.6g}" if isinstance(value, int | float) else str(value) for value in (known["min"], known["max"])
    )
    return low if low == high else f"{low} – {high}"


def _large(column: Any, ref: str) -> None:
    if not column.distribution:
        st.markdown(f":gray[{cards.plain(column.name)} holds no value.]")
        return
    table = columns.profile_table(column.distribution)
    st.markdown(f"**{cards.plain(column.name)}**")
    cards.chart(columns.profile(table), table, f"profile-{column.name}", f"{column.name} in {ref}: {_said(column)}")


def _said(column: Any) -> str:
    known = column.distribution
    if known["kind"] == "histogram":
        return f"half of the values are between {known['q1']} and {known['q3']}"
    return f"{len(known['levels'])} most frequent values, {known['levels'][0]['value']!r} first"


def _profile(ws: Workspace, ref: str) -> Any:
    return ws.datasets.profile(ref)
