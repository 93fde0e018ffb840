"""What changed between two versions: rows, cells, and distributions side by side."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd
import streamlit as st

from mlops import Workspace
from playground.charts import columns
from playground.ui.kit import cards, state

SHOWN = 6
"""Columns drawn at once, the most changed first."""


def draw(found: Sequence[Any]) -> None:
    """Draw what changed between two versions."""
    refs = [one.ref for one in found]
    if len(refs) < 2:
        st.markdown(":gray[Two versions are needed. Keep a second one first.]")
        return
    left, right = st.columns(2)
    earlier = next((place for place, one in enumerate(found) if place and one.name == found[0].name), 1)
    before = left.selectbox("Before", refs, index=earlier, key="data.before")
    after = right.selectbox("After", refs, index=0, key="data.after")
    with cards.errors():
        diff = state.read(_diff, before, after)
        _counts(diff)
        _roles(diff)
        _columns(diff)
        _cells(diff, before, after)
        _distributions(diff, before, after)


def _counts(diff: Any) -> None:
    counts = {"Rows added": diff.rows_added, "Rows removed": diff.rows_removed, "Rows changed": diff.rows_changed}
    with st.grid(4, min_column_width=130):
        for label, count in counts.items():
            st.metric(label, "unknown" if count is None else f"{count:,}", border=True)
        st.metric("Cells changed", f"{sum(diff.cells_changed.values()):,}", border=True)
    if diff.reordered:
        st.markdown(":gray[The same rows stand in another order.]")


def _roles(diff: Any) -> None:
    for role, (before, after) in diff.roles_changed.items():
        was, now = ("none" if one is None else str(one) for one in (before, after))
        st.markdown(f"{role.capitalize()}: {cards.plain(was)} → **{cards.plain(now)}**")


def _columns(diff: Any) -> None:
    for label, names in (("Columns added", diff.columns_added), ("Columns removed", diff.columns_removed)):
        if names:
            st.markdown(f"{label}: {cards.plain(', '.join(names))}")
    if diff.columns_retyped:
        retyped = pd.DataFrame([dict(one) for one in diff.columns_retyped])
        st.dataframe(retyped, hide_index=True, alt="Columns of another type")


def _cells(diff: Any, before: str, after: str) -> None:
    if diff.changes:
        changes = pd.DataFrame([dict(one) for one in diff.changes]).astype(str)
        st.dataframe(changes, hide_index=True, key="data.changes", alt="Changed cells", height=248)
        cards.download(changes, f"changes-{before}-{after}".replace("@", "-v"), "Changed cells")


def _distributions(diff: Any, before: str, after: str) -> None:
    """Draw the columns whose values changed most, small and side by side; any other on request."""
    moved = columns.moved(diff.distributions)
    if not moved:
        st.markdown(":gray[No column changed.]")
        return
    chosen = st.multiselect(
        "Distributions",
        moved,
        default=moved[:SHOWN],
        key=f"data.columns.{before}.{after}",
        placeholder="Choose columns",
    )
    with st.grid(3, min_column_width=260):
        for name in chosen:
            with st.container(border=True, gap="xsmall"):
                table = columns.distribution_table(diff.distributions[name], before, after)
                st.markdown(f"**{cards.plain(name)}** :small[:gray[{_missing(diff.distributions[name])}]]")
                cards.chart(
                    columns.distribution(table), table, f"distribution-{name}", f"{name} in {before} and {after}"
                )


def _missing(summaries: Any) -> str:
    gaps = [summaries[side]["missing"] if summaries[side] else 0 for side in ("before", "after")]
    return f"missing {gaps[0]:,} → {gaps[1]:,}" if gaps[0] != gaps[1] else ""


def _diff(ws: Workspace, before: str, after: str) -> Any:
    return ws.datasets.diff(before, after)
