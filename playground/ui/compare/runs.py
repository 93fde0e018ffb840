"""The run table: search it, choose its columns, pin, tag and note runs, tick those to compare."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import streamlit as st

from mlops import MlopsError, Workspace
from mlops.experiments.pins import FIELDS
from mlops.experiments.runs import check_tags
from playground import glossary, reference, run_search, run_table, words
from playground.ui.compare import over_runs
from playground.ui.kit import acts, cards, lists, session, state, stops

MOST = 10
"""So many runs can be told apart in one chart."""

_ASKED = "run"
"""Query parameter that names the runs compared; which of them is the reference, `playground.reference` says."""


@dataclass(frozen=True)
class Asked:
    """What a person wants to see of the runs; plain values, by which the answer is kept."""

    columns: tuple[str, ...]
    text: str
    order: str
    ended: bool
    aside: bool
    unfolded: tuple[str, ...]


def table() -> list[str]:
    """Draw the table of all runs and return the ids of those to compare, in the order they were picked."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        text = st.text_input(
            "Search", key="compare.search", icon=":material/search:", label_visibility="collapsed",
            persist_state="session", live=True,
            placeholder="boosting   or   auc > 0.82 and model = logistic",
        ) or ""  # fmt: skip
        columns, order = _columns()
        annotations = st.popover("Annotate", icon=":material/push_pin:", key="compare.annotate", on_change="rerun")
    shelves = st.container(horizontal=True, vertical_alignment="center", key="compare.shelves")
    asked = Asked(
        tuple(columns), text, order, bool(session.held("compare.ended")), bool(session.held("compare.aside")),
        tuple(session.held("compare.unfolded") or ()),
    )  # fmt: skip
    try:
        found = state.read(_in_sight, asked)
    except MlopsError as problem:  # somebody is still typing: all runs stay, and what is missing is said
        message, step = (cards.plain(one) for one in state.read(_told, problem.message, problem.next_step))
        st.markdown(f":orange[:material/edit: {message}] :small[{step}]")
        asked = replace(asked, text="")
        found = state.read(_in_sight, asked)
    with shelves:
        _shelves(found)
    picked = _grid(found, asked)
    _more(found, asked)
    if annotations.open:
        with annotations:
            _annotate(picked)
    return picked


def _shelves(found: run_table.Shelved) -> None:
    """Let a person look at what is out of sight: runs without a model, runs set aside, and the trials of a sweep."""
    if found.ended:
        st.toggle(f"Failed and cancelled ({found.ended:,})", key="compare.ended", persist_state="session")
    if found.aside:
        st.toggle(f"Set aside ({found.aside:,})", key="compare.aside", persist_state="session")
    if found.sweeps:
        st.pills(
            "Unfold a sweep", [*found.sweeps], selection_mode="multi", key="compare.unfolded", persist_state="session",
            label_visibility="collapsed", format_func=lambda one: _sweep(one, found.sweeps.get(one, 0)),
            help="Of a sweep its best trial stands in the table; unfolded, all of them do.",
        )  # fmt: skip


def _sweep(sweep: str, trials: int) -> str:
    return f":material/unfold_more: sweep {sweep[:7]}, {trials:,} trials"


def _more(found: run_table.Shelved, asked: Asked) -> None:
    """Draw what is one click away: the metric over the runs, and the table as a file."""
    if not found.rows:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        over = st.expander(
            "The metric over the runs",
            icon=":material/timeline:",
            type="compact",
            key="compare.over",
            on_change="rerun",
        )
        cards.download(lambda: run_table.file(found.rows, asked.columns), "runs", "Download the table")
    cards.inside(over, lambda: over_runs.draw(found.rows))


def _grid(found: run_table.Shelved, asked: Asked) -> list[str]:
    """Draw the rows and return the ids that are picked: those out of sight stay picked."""
    rows = found.rows
    if not rows:
        st.markdown(f":gray[No run matches {cards.plain(asked.text)}.]" if asked.text else ":gray[No run is in sight.]")
    before = _picked()
    # Rows are ticked by their position: whatever moves them makes a new table, ticked as the URL says.
    key = f"compare.runs.{session.FOLLOWED.get()}.{state.head()}.{asked}"
    if session.FIRST.get()[0] != key:
        session.FIRST.set((key, frozenset(() if asked.order else before)))  # who asked for an order gets that one
    first = session.FIRST.get()[1]
    ids, shown, numbers = state.read(_shown, asked, first)
    ticked = st.dataframe(
        shown, hide_index=True, placeholder="–", height=min(36 * len(ids) + 38, 330) if ids else 74,
        key=key, on_select="rerun", selection_mode="multi-row",
        selection_default={"selection": {"rows": [ids.index(one) for one in before if one in ids]}},
        column_config=_config(numbers), alt=f"{len(ids)} runs, {run_table.order_title(asked.order)}",
    )["selection"]["rows"]  # fmt: skip
    if ids and asked.text:
        st.caption(f"{len(ids):,} run{'s' if len(ids) > 1 else ''} found")
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
    _switch(run, "pinned", ("Pin", "Unpin"), ":material/push_pin:")
    _switch(run, run_table.ASIDE, ("Set aside", "Take back"), ":material/archive:")
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


def _switch(run: Any, tag: str, labels: tuple[str, str], icon: str) -> None:
    """Draw a button that gives a run a tag, or takes it away again; both are events, and the run stays as it is."""
    has = run.tags.get(tag) == "yes"
    if acts.button(labels[has], labels[has].lower(), icon=icon, key=f"compare.switch.{tag}", width="stretch"):
        runs = state.workspace().runs
        _done(runs.untag(run.run_id, tag) if has else runs.tag(run.run_id, tag, "yes"))


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
    meanings = {words.metric_name(name): glossary.meaning(name) for name in glossary.METRICS}
    return {
        **{name: st.column_config.NumberColumn(format="%.3f", help=meanings.get(name)) for name in numbers},
        "Name": st.column_config.TextColumn(help="A name to say; it follows from the id"),
        "Note": st.column_config.TextColumn(width=180),
        "": st.column_config.TextColumn(width=36, help="Pinned"),
        "Pins": st.column_config.ImageColumn(
            width=124, help="Data, code, software, config, seed: equal letters promise equal bytes"
        ),
        "Interval": st.column_config.TextColumn(help="95 % interval on the validation rows"),
    }


def _told(ws: Workspace, *sentences: str) -> list[str]:
    called = run_search.names(ws.runs.fields())
    return [run_search.told(one, called) for one in sentences]


def _rows(ws: Workspace, columns: tuple[str, ...], text: str, order: str) -> list[dict[str, Any]]:
    """Return the rows that match what a person typed, those that are pinned first."""
    wanted = dict.fromkeys([*run_table.ALWAYS, *columns, *FIELDS])
    where = run_search.expression(text, run_search.names(ws.runs.fields()))
    found = run_table.with_pins(ws.runs.table([*wanted], where, order or None), columns)
    return run_search.matching(sorted(found, key=lambda row: not _is_pinned(row)), text)


def _in_sight(ws: Workspace, asked: Asked, named: frozenset[str] = frozenset()) -> run_table.Shelved:
    rows = state.read(_rows, asked.columns, asked.text, asked.order)  # a switch asks nobody again
    return run_table.in_sight(rows, asked.ended, asked.aside, asked.unfolded, named)


def _shown(ws: Workspace, asked: Asked, first: frozenset[str]) -> tuple[list[str], Any, list[str]]:
    """Return the ids of the rows, the table with those on top that it begins with, and its columns of numbers."""
    found = _in_sight(ws, asked, first).rows
    rows = sorted(found, key=lambda row: (not _is_pinned(row), row["run_id"] not in first))
    frame = run_table.frame(rows, asked.columns)
    return [row["run_id"] for row in rows], cards.arrow(frame), [*frame.select_dtypes("float").columns]


def _is_pinned(row: Mapping[str, Any]) -> bool:
    return (row["tags"] or {}).get("pinned") == "yes"


def _fields(ws: Workspace) -> list[str]:
    return ws.runs.fields()


def _telling(ws: Workspace) -> list[str]:
    return run_table.telling(ws.runs.table(ws.runs.fields(), limit=200))
