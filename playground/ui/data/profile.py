"""The profile of a version: every column in a line with a small chart, and the chosen one large."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import streamlit as st

from mlops import Workspace
from mlops.data.described import title
from playground.charts import columns
from playground.ui.kit import cards, lists, notes, state


def draw(found: Sequence[Any]) -> None:
    """Draw the columns of a version; the one that is ticked is drawn large below."""
    refs = [one.ref for one in found]
    ref = st.selectbox("Version", refs, key="data.profiled") if len(refs) > 1 else refs[0]
    profile, said = state.read(_profile, ref), lists.described(ref)
    ticked = st.dataframe(
        _table(profile, said), hide_index=True, key=f"data.profile.{ref}",
        on_select="rerun", selection_mode="single-row",
        selection_default={"selection": {"rows": [0]}}, alt=f"The columns of {ref}",
        column_config={
            "Distribution": st.column_config.BarChartColumn(help="Few to many values, left to right", y_min=0),
            "Missing": st.column_config.ProgressColumn(format="percent", min_value=0, max_value=1),
            "Different": st.column_config.NumberColumn(format="localized"),
            "Meaning": st.column_config.TextColumn(width="large"),
        },
    )["selection"]["rows"]  # fmt: skip
    if ticked:
        _large(profile.columns[ticked[0]], ref, said)
    notes.draw(next(one for one in found if one.ref == ref).warnings)
    cards.download(_table(profile, said).drop(columns="Distribution"), f"profile-{ref}".replace("@", "-v"), "Profile")


def _table(profile: Any, said: Mapping[str, Any]) -> pd.DataFrame:
    rows = max(profile.rows, 1)
    told = {"Called": lambda one: title(said, one.name) if one.name in said else ""} if said else {}
    means = {"Meaning": lambda one: (said.get(one.name) or {}).get("meaning") or ""} if said else {}
    return cards.columns_of(
        profile.columns,
        **told,
        Column=lambda one: one.name,
        Type=lambda one: one.type,
        Role=lambda one: one.role or "",
        Distribution=lambda one: columns.bars_of(one.distribution),
        Missing=lambda one: one.missing / rows,
        Different=lambda one: one.distinct,
        Range=_range,
        Examples=lambda one: ", ".join(map(str, one.examples[:3])),
        **means,
    )


def _range(column: Any) -> str:
    known = column.distribution
    if not known or known["kind"] != "histogram":
        return ""
    low, high = (
        f"{value:,.6g}" if isinstance(value, int | float) else str(value) for value in (known["min"], known["max"])
    )
    return low if low == high else f"{low} – {high}"


def _large(column: Any, ref: str, said: Mapping[str, Any]) -> None:
    called, about = title(said, column.name), said.get(column.name) or {}
    if not column.distribution:
        st.markdown(f":gray[{cards.plain(column.name)} holds no value.]")
        return
    table = columns.profile_table(column.distribution)
    meaning = about.get("meaning") or ""
    st.markdown(f"**{cards.plain(called)}** :small[:gray[{cards.plain(meaning)}]]")
    figure = columns.profile(table, called if about else "")
    cards.chart(figure, table, f"profile-{column.name}", f"{called} in {ref}: {_said(column)}")


def _said(column: Any) -> str:
    known = column.distribution
    if known["kind"] == "histogram":
        return f"half of the values are between {known['q1']} and {known['q3']}"
    return f"{len(known['levels'])} most frequent values, {known['levels'][0]['value']!r} first"


def _profile(ws: Workspace, ref: str) -> Any:
    return ws.datasets.profile(ref)
