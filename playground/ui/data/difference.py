"""What changed between two versions: one sentence, the cells old and new, and how their values moved."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import streamlit as st

from mlops import Workspace
from mlops.data.described import title
from playground import changed as records
from playground.charts import columns
from playground.ui.data import changed
from playground.ui.kit import cards, lists, state
from playground.words import short

SHOWN = 6
"""Columns drawn at once, the most changed first."""

BESIDE = 2
"""Columns drawn beside the cells; the others stand below."""

LARGE = 4_000_000
"""Cells of a version that is compared only when somebody asks."""


def newest(found: Sequence[Any]) -> None:
    """Say in one sentence what the newest version changed, for all who look at the data at all."""
    after = found[0]
    if (before := parent(found)) is None:
        return
    if after.rows * after.columns > LARGE:
        return
    with cards.errors():
        st.subheader(sentence(before, after.ref), anchor=False)


def parent(found: Sequence[Any]) -> str | None:
    """Return the version that the newest one came after; None if it is a first one."""
    after = found[0]
    before = f"{after.name}@{after.parent}" if after.parent else None
    return before if any(one.ref == before for one in found) else None


def draw(found: Sequence[Any], asked: tuple[str, str] = ("", "")) -> None:
    """Draw what changed between two versions.

    Parameters
    ----------
    found : sequence of DatasetVersion
        Newest first.
    asked : tuple
        The versions that a link names, the earlier one first.
    """
    refs = [one.ref for one in found]
    if len(refs) < 2:
        st.markdown(":gray[Two versions are needed. Keep a second one first.]")
        return
    first = asked if set(asked) <= set(refs) else (parent(found) or refs[1], refs[0])
    left, right = st.columns(2)
    before = left.selectbox("Before", refs, index=refs.index(first[0]), key=f"data.before.{first[0]}")
    after = right.selectbox("After", refs, index=refs.index(first[1]), key=f"data.after.{first[1]}")
    with cards.errors():
        if (before, after) != (parent(found), refs[0]):
            st.subheader(sentence(before, after), anchor=False)
        between(*(next(one for one in found if one.ref == ref) for ref in (before, after)))


def between(before: Any, after: Any) -> None:
    """Draw what changed from one version to another: hashes, roles, types, the cells, how values moved."""
    diff, said = state.keep(_diff, before.ref, after.ref), lists.described(after.ref)
    _identities(diff, before, after)
    _roles(diff)
    if diff.columns_retyped:
        retyped = pd.DataFrame([dict(one) for one in diff.columns_retyped])
        st.dataframe(retyped, hide_index=True, alt="Columns of another type")
    if diff.cells_changed:
        _cells(before.ref, after.ref, said)
    _distributions(diff, before.ref, after.ref, said)


def sentence(before: str, after: str) -> str:
    """Return in one sentence what changed from one version to another, as markdown."""
    diff, said = state.keep(_diff, before, after), lists.described(after)
    told = diff.told({name: title(said, name, unit=False) for name in said})
    (old, was), (new, now) = (ref.split("@") for ref in (before, after))
    names = f"v{now} from v{was}" if old == new else f"{cards.plain(after)} from {cards.plain(before)}"
    return f":gray[{names}:] {cards.plain(told)}"


def _identities(diff: Any, before: Any, after: Any) -> None:
    """Say by which hashes the two are told apart - the same name, another content - and how many rows differ."""
    same = " · the same content" if before.sha256 == after.sha256 else ""
    changed_rows = "rows cannot be matched" if diff.rows_changed is None else f"{diff.rows_changed:,} changed"
    rows = f"of {before.rows:,} rows {changed_rows}, {diff.rows_removed:,} removed, {diff.rows_added:,} added"
    said = f" · {cards.plain(after.message)}" if after.message else ""
    said += f" · joined from {cards.plain(', '.join(after.parents))}" if after.parents else ""
    hashes = f"`{short(before.sha256)}` :gray[→] `{short(after.sha256)}`"
    st.markdown(f":small[:gray[Content] {hashes}:gray[{same} · {rows}{said}]]")


def _roles(diff: Any) -> None:
    for role, (before, after) in diff.roles_changed.items():
        was, now = ("none" if one is None else str(one) for one in (before, after))
        st.markdown(f"{role.capitalize()}: {cards.plain(was)} → **{cards.plain(now)}**")


def _cells(before: str, after: str, said: Mapping[str, Any]) -> None:
    """Draw the changed cells, and beside them how the values of the most changed columns moved."""
    called = tuple((name, title(said, name)) for name in said)
    found, ws = state.keep(_changed, before, after, called), state.workspace()
    left, right = st.columns([3, 2], gap="medium")
    with left:
        changed.table(found, before, after)
        with st.container(horizontal=True, vertical_alignment="center"):
            name = f"changes-{before}-{after}".replace("@", "-v")
            cards.download(lambda: _all(ws, before, after), name, f"All {found.total:,} changed cells")
            if (more := found.total - found.shown) > 0:
                st.caption(f"{more:,} more are in the file.")
    with right:
        for column in found.columns[:BESIDE]:
            _moved(column, before, after)
    with st.grid(3, min_column_width=260):
        for column in found.columns[BESIDE:]:
            _moved(column, before, after)


def _moved(column: records.Column, before: str, after: str) -> None:
    """Draw the values of the changed cells of a column, before and after over one another."""
    if column.shared is None:
        return
    table = columns.distribution_table({"shared": column.shared}, before, after)
    with st.container(border=True, gap="xsmall"):
        st.markdown(f"**{cards.plain(column.label)}** :small[:gray[{cards.plain(column.told)}]]")
        said = f"{column.label} in the {column.cells:,} changed cells, {before} and {after}: {column.told}"
        cards.chart(columns.distribution(table, column.label), table, f"changed-{column.name}", said)


def _distributions(diff: Any, before: str, after: str, said: Mapping[str, Any]) -> None:
    """Draw columns over all rows on request, those whose values changed most first."""
    awaited = {one.target for one in map(lists.dataset, (before, after)) if one.target_absent}
    every = state.made(("moved", *_contents(before, after)), lambda: columns.moved(diff.distributions))
    moved = [name for name in every if name not in awaited]
    drawer = st.expander("Over all rows", icon=":material/bar_chart:", key="data.all_rows", on_change="rerun",
                         expanded=not diff.cells_changed)  # fmt: skip
    if not drawer.open or not moved:
        return
    with drawer:
        chosen = st.multiselect(
            "Distributions", moved, default=moved[:SHOWN], key=f"data.columns.{before}.{after}",
            placeholder="Choose columns", format_func=lambda name: title(said, name), label_visibility="collapsed",
        )  # fmt: skip
        with st.grid(3, min_column_width=260):
            for name in chosen:
                with st.container(border=True, gap="xsmall"):
                    called, both = title(said, name), diff.distributions[name]
                    table, figure = _distribution(both, before, after, name, called if name in said else "")
                    st.markdown(f"**{cards.plain(called)}** :small[:gray[{_missing(both)}]]")
                    cards.chart(figure, table, f"distribution-{name}", f"{called} in {before} and {after}")


def _distribution(both: Any, before: str, after: str, name: str, called: str) -> tuple[pd.DataFrame, cards.Drawn]:
    """Return a column in two versions as a table and as a figure; versions never change, so both are made once."""

    def make() -> tuple[pd.DataFrame, cards.Drawn]:
        table = columns.distribution_table(both, before, after)
        return table, cards.Drawn.of(columns.distribution(table, called))

    return state.made(("distribution", before, after, *_contents(before, after), name, called), make)


def _contents(before: str, after: str) -> list[str]:
    """Return what two versions hold: a month that is taken back leaves their names for others."""
    return [lists.dataset(ref).sha256 for ref in (before, after)]


def _missing(summaries: Any) -> str:
    gaps = [summaries[side]["missing"] if summaries[side] else 0 for side in ("before", "after")]
    return f"missing {gaps[0]:,} → {gaps[1]:,}" if gaps[0] != gaps[1] else ""


def _diff(ws: Workspace, before: str, after: str) -> Any:
    return ws.datasets.diff(before, after)


def _changed(ws: Workspace, before: str, after: str, called: tuple[tuple[str, str], ...]) -> records.Changed:
    identity = str(ws.datasets.get(after).id)
    return records.changed(ws.datasets.cells(before, after), dict(called), identity)


def _all(ws: Workspace, before: str, after: str) -> pd.DataFrame:
    """Return every changed cell as a table, for the file."""
    found = ws.datasets.cells(before, after)
    rows = [cell for one in found for cell in one.first(len(one.ids))]
    return pd.DataFrame(rows, columns=["id", "column", "before", "after"]).astype(object)
