"""The run table: search it, choose its columns, pin, tag and note runs, tick those to compare."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from mlops import Workspace
from mlops.experiments.pins import FIELDS
from mlops.experiments.runs import check_tags
from playground import reference, run_table, words
from playground.ui.kit import acts, cards, lists, session, state, stops

MOST = 10
"""So many runs can be told apart in one chart."""

_ASKED = "run"
"""Query parameter that names the runs compared; which of them is the reference, `playground.reference` says."""


def table() -> list[str]:
    """Draw the table of all runs and return the ids of those to compare, in the order they were picked."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        text = st.text_input(
            "Search", key="compare.search", icon=":material/search:", label_visibility="collapsed",
            persist_state="session",
            placeholder="boosting   or   metrics.validation.auc > 0.8 and tags.team = 'growth'",
        ) or ""  # fmt: skip
        columns, order = _columns()
        annotations = st.popover("Annotate", icon=":material/push_pin:", key="compare.annotate", on_change="rerun")
    with cards.errors():
        picked = _grid(state.read(_rows, tuple(columns), text, order), columns, text, order)
        if annotations.open:
            with annotations:
                _annotate(picked)
        return picked
    return _named()  # what is compared stays, though the search is none


def _grid(rows: Sequence[dict[str, Any]], columns: Sequence[str], text: str, order: str) -> list[str]:
    """Draw the rows and return the ids that are picked: those out of sight stay picked."""
    if not rows:
        st.markdown(f":gray[No run matches {cards.plain(text)}.]")
    before = _picked()
    # Rows are ticked by their position: whatever moves them makes a new table, ticked as the URL says.
    key = f"compare.runs.{session.FOLLOWED.get()}.{state.head()}.{text}.{order}"
    if session.FIRST.get()[0] != key:
        session.FIRST.set((key, frozenset(() if order else before)))  # whoever asked for an order gets that one
    ids, shown, numbers = state.read(_shown, tuple(columns), text, order, session.FIRST.get()[1])
    ticked = st.dataframe(
        shown, hide_index=True, placeholder="–", height=min(36 * len(rows) + 38, 330) if rows else 74,
        key=key, on_select="rerun", selection_mode="multi-row",
        selection_default={"selection": {"rows": [ids.index(one) for one in before if one in ids]}},
        column_config=_config(numbers), alt=f"{len(rows)} runs, {run_table.order_title(order)}",
    )["selection"]["rows"]  # fmt: skip
    if rows and text:
        st.caption(f"{len(rows):,} run{'s' if len(rows) > 1 else ''} found")
    now = [ids[row] for row in ticked if row < len(ids)]
    kept = [one for one in before if one in now or one not in ids]
    picked = [*kept, *(one for one in now if one not in kept)][:MOST]
    session.WRITTEN.set(picked)
    if picked != st.query_params.get_all(_ASKED):
        st.query_params[_ASKED] = picked
    if len(now) > MOST:
        st.caption(f"{MOST} runs are the most that can be told apart; the others are left out.")
    return picked


def _picked() -> list[str]:
    """Return the runs that the URL names; a link that names none, or one alone, is completed once."""
    asked = st.query_params.get_all(_ASKED)
    if asked == session.WRITTEN.get():
        return _named()  # the workspace may be another one meanwhile
    session.FOLLOWED.set(session.FOLLOWED.get() + 1)  # a link was followed, or Back was pressed
    named = _named()
    if len(named) == 1:
        return [*named, *filter(None, [state.read(reference.beside, named[0])])]
    return named if any(asked) else list(state.read(reference.newest))


def _named() -> list[str]:
    """Return the runs that the URL names, each once; what is no run is said and left out."""
    named: dict[str, None] = {}
    for asked in st.query_params.get_all(_ASKED):
        with cards.errors():
            named |= {lists.run(asked).run_id: None} if asked else {}
    return list(named)


def _columns() -> tuple[list[str], str]:
    """Let a person choose which fields are columns, and the order of the rows.

    To begin with, the columns are what differs between the newest runs, and the newest is the first.
    """
    covered = tuple(result for result in stops.COVERS if stops.covered(result))
    known = [one for one in state.read(_fields) if not one.endswith(covered)]
    fields = [one for one in known if run_table.can_be_column(one)]
    chosen = session.held("compare.columns", state.read(_telling))
    columns = [field for field in chosen if field in fields]  # those of an earlier day may be gone
    menu = st.popover("Columns", icon=":material/view_column:", key="compare.fields", on_change="rerun")
    orders = run_table.orders(known, columns)
    if menu.open:
        with menu:
            st.multiselect(
                "Columns", fields, default=state.read(_telling), key="compare.columns", persist_state="session",
                format_func=run_table.title, help="Fields of the runs. Test metrics stay closed.",
            )  # fmt: skip
            st.selectbox(
                "Order", orders, key="compare.order", persist_state="session", format_func=run_table.order_title,
                help="Pinned runs stay on top.",
            )  # fmt: skip
    order = str(session.held("compare.order", ""))
    return columns, order if order in orders else ""


def _annotate(picked: Sequence[str]) -> None:
    """Draw what a person can say about the ticked runs: a pin, a tag, a note."""
    if not picked:
        st.markdown(":gray[Tick a run first.]")
        return
    run_id = str(st.selectbox("Run", picked, key="compare.annotated", format_func=words.short))
    run = lists.run(run_id)
    pinned = run.tags.get("pinned") == "yes"
    if acts.button("Unpin" if pinned else "Pin", "pin", icon=":material/push_pin:", key="compare.pin", width="stretch"):
        runs = state.workspace().runs
        _done(runs.untag(run_id, "pinned") if pinned else runs.tag(run_id, "pinned", "yes"))
    with st.form("compare.words", border=False):
        note = st.text_input("Note", value=run.note, max_chars=500, placeholder="What did you learn?")
        lines = run_table.tag_lines(run.tags)
        tags = st.text_area(
            "Tags", lines, height=90, max_chars=2000, placeholder="team=growth", help="One on each line."
        )
        if acts.submit("Save", "save", width="stretch"):
            with cards.errors():
                _save(run, note or "", run_table.typed_tags(tags or ""))
                _done(run)


def _save(run: Any, note: str, tags: Mapping[str, str]) -> None:
    """Record what is new of a note and tags, and take away the tags that are gone."""
    runs, before = state.workspace().runs, run_table.typed_tags(run_table.tag_lines(run.tags))
    check_tags(tags)  # before anything is written
    if note != run.note:
        runs.note(run.run_id, note)
    for key in before.keys() - tags.keys():
        runs.untag(run.run_id, key)
    for key, value in tags.items():
        if before.get(key) != value:
            runs.tag(run.run_id, key, value)


def _done(run: Any) -> None:
    session.say(f"{run.run_id[:7]} is annotated.")
    st.rerun()


def _config(numbers: Sequence[str]) -> dict[str, Any]:
    return {
        **{name: st.column_config.NumberColumn(format="%.3f") for name in numbers},
        "": st.column_config.TextColumn(width=36, help="Pinned"),
        "Pins": st.column_config.ImageColumn(
            width=124, help="Data, code, software, config, seed: equal letters promise equal bytes"
        ),
        "Interval": st.column_config.TextColumn(help="95 % interval on the validation rows"),
    }


def _rows(ws: Workspace, columns: tuple[str, ...], text: str, order: str) -> list[dict[str, Any]]:
    """Return the rows that match what a person typed, those that are pinned first."""
    asked = dict.fromkeys([*run_table.ALWAYS, *columns, *FIELDS])
    found = run_table.with_pins(ws.runs.table([*asked], run_table.expression(text), order or None), columns)
    return run_table.matching(sorted(found, key=lambda row: not _is_pinned(row)), text)


def _shown(
    ws: Workspace, columns: tuple[str, ...], text: str, order: str, first: frozenset[str]
) -> tuple[list[str], Any, list[str]]:
    """Return the ids of the rows, the table with those on top that it begins with, and its columns of numbers."""
    found = _rows(ws, columns, text, order)
    rows = sorted(found, key=lambda row: (not _is_pinned(row), row["run_id"] not in first))
    frame = run_table.frame(rows, columns)
    return [row["run_id"] for row in rows], cards.arrow(frame), [*frame.select_dtypes("float").columns]


def _is_pinned(row: Mapping[str, Any]) -> bool:
    return (row["tags"] or {}).get("pinned") == "yes"


def _fields(ws: Workspace) -> list[str]:
    return ws.runs.fields()


def _telling(ws: Workspace) -> list[str]:
    return run_table.telling(ws.runs.table(ws.runs.fields(), limit=200))
