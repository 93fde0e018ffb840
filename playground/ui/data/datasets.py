"""What the Data screen is made of: the versions, and a new one step by step."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import streamlit as st

from mlops import Workspace, builtin, sample
from mlops.base.notes import each_once
from mlops.base.records import suggest_name
from mlops.data import quality
from mlops.data import roles as role
from mlops.data.roles import Roles
from playground import limits
from playground.ui.data import reading, roles
from playground.ui.data.chosen import Chosen, Seen, upload
from playground.ui.data.chosen import sample as sample_file
from playground.ui.kit import acts, came_from, cards, location, notes, outcomes, session, state
from playground.ui.kit.uploads import uploaded
from playground.words import moment, short

_SOURCES = {"Sample": "a year of a simulated company", "Your file": "CSV or parquet", "Built-in": "textbook sets"}


def versions() -> None:
    """Draw the versions, newest first."""
    st.dataframe(
        state.read(_versions), hide_index=True, key="data.versions", alt="Dataset versions, newest first",
        column_config={name: st.column_config.NumberColumn(format="localized") for name in ("Rows", "Columns")},
    )  # fmt: skip


def _versions(ws: Workspace) -> Any:
    found = ws.datasets.list()
    ready = {one.ref: one for one in ws.datasets.readiness_of(found)}
    table = cards.columns_of(
        found,
        Version=lambda one: one.ref,
        Rows=lambda one: one.rows,
        Columns=lambda one: one.columns,
        Target=lambda one: _target(one, ready[one.ref].known),
        Message=lambda one: one.message,
        Created=lambda one: moment(one.created_at),
        Content=lambda one: short(one.sha256),
    )
    return cards.arrow(table)


def _target(version: Any, known: int) -> str | None:
    """Return the target as it stands: a column of the file, or one of which outcomes come later."""
    if not version.target_absent:
        return None if version.target is None else str(version.target)
    return f"{version.target}, {known:,} known" if known else f"{version.target}, not known yet"


def tab(found: Sequence[Any], asked: str, against: str) -> str:
    """Return the tab to begin with: what a link or the last click asked for, else what changed, if anything could."""
    if following := session.TAB.take():
        session.hold("data.tabs", following)
    if asked:
        return "Difference" if against else "Restore"
    return "Difference" if len(found) > 1 else "New version"


def new_version(found: Sequence[Any]) -> None:
    """Draw the way from a file to a version: choose it, see how it was read, say what its columns are for, keep it."""
    source = st.segmented_control(
        "Source", list(_SOURCES), default="Sample", required=True, key="data.source", label_visibility="collapsed"
    )
    if source == "Built-in":
        _builtin()
        return
    chosen = sample_file({one.source for one in found}) if source == "Sample" else upload()
    if chosen is None:
        return
    with cards.errors():
        what = reading.read_as(chosen)
        if what.found is not None:
            _describe(found, chosen, what)


def touched(found: Sequence[Any], asked: str = "") -> None:
    """Draw what a version came from, and all that came from it: what it touched, should it be wrong."""
    refs = [one.ref for one in found]
    ref = st.selectbox("Version", refs, index=refs.index(asked) if asked in refs else 0, key="data.touched", width=320)
    came_from.draw(ref)


def _builtin() -> None:
    """Draw the sets of scikit-learn; one click adds one."""
    st.caption("Textbook sets that come with scikit-learn: clean, small, without a calendar. Good for trying a task.")
    with st.grid(3, min_column_width=240):
        for one in builtin.SETS:
            with st.container(border=True, height="stretch"):
                st.markdown(f"**{cards.plain(one.title)}** :small[:gray[{one.rows:,} rows]]")
                st.markdown(f":small[{cards.plain(one.about)}]")
                if acts.button(
                    "Add", "add it", key=f"data.builtin.{one.name}", icon=":material/add:", help=f"Adds {one.name}"
                ):
                    with cards.errors():
                        _said(builtin.add(state.workspace(), one.name))


def _describe(found: Sequence[Any], chosen: Chosen, what: Seen) -> None:
    """Draw what the columns are for, what is worth knowing then, and the button that keeps the file."""
    table = what.found.table
    belongs = _belongs_to(found, chosen, table.column_names)
    left, middle, right = st.columns(3)
    name = left.text_input("Dataset", value=belongs, key=f"data.name.{chosen.key}")
    earlier = [one.roles for one in found if one.name == name]
    known = Roles(target="churn", id="customer_id") if chosen.is_sample and not earlier else role.inherited(earlier)
    said = roles.choose(what, f"{chosen.key}.{name}", known, (middle, right))
    open_question = roles.complete(said)
    if said["target"] and said["target"] not in table.column_names:
        st.markdown(outcomes.WAITS)
    # A target whose column is not in the file is inherited; given, it would be refused.
    given = {key: said[key] for key in ("target", "id", "time", "group") if said[key] in table.column_names}
    given |= {key: said[key] for key in ("task", "positive") if said[key] is not None}
    if given.get("time") == known.time:
        given.pop("time", None)  # it is inherited, or left out where this file cannot tell the order of time
    if open_question:
        st.markdown(f":orange[:material/help: {open_question}]")
    else:
        told = what.ask(_told, tuple(given.items()), known)
        notes.draw([note.as_dict() for note in each_once([*reading.notes(what), *told])])
    words = None if chosen.is_sample else _words(chosen)
    with st.form("data.new", border=False):
        message = st.text_input(
            "Where is it from?", key="data.message", max_chars=200, placeholder="export of the billing system, by Jo"
        )
        keep = acts.submit(
            "Keep this version", "keep it", type="primary", icon=":material/add:", disabled=bool(open_question)
        )
    if keep:
        _keep(chosen, what, name or "", message or "", given, words)


def _words(chosen: Chosen) -> Any:
    """Let a person say what columns are called, by a file; return it if there is one."""
    with st.expander("Labels and units", icon=":material/label:", type="compact"):
        return st.file_uploader(
            "Labels and units", type=["yaml", "yml"], key=f"data.words.{chosen.key}", label_visibility="collapsed",
            help="A YAML file. For each column, as many of label, unit and meaning as you like:\n\n"
            "`monthly_fee: {label: Monthly fee, unit: EUR, meaning: after discounts}`",
        )  # fmt: skip


def _told(table: Any, given: tuple[tuple[str, Any], ...], known: Roles) -> list[Any]:
    """Return what is worth knowing about a file whose roles these are."""
    decided, more = role.decide(table, dict(given), known)
    return [*more, *quality.check(table, decided)]


def _belongs_to(found: Sequence[Any], chosen: Chosen, columns: Sequence[str]) -> str:
    """Return the dataset that a file looks like: one with its columns, the sample's for a sample, else a new one."""
    if chosen.is_sample:
        return sample.NAME
    alike = (one.name for one in found if set(columns) == set(one.column_types))
    return next(alike, suggest_name(Path(chosen.name).name.split(".")[0]))


def _keep(chosen: Chosen, what: Seen, name: str, message: str, given: dict[str, Any], words: Any) -> None:
    with uploaded(chosen.file) as path, ExitStack() as files, st.spinner("Keeping it"):
        limits.before_keeping(location.home(), path.stat().st_size)
        columns: Any = files.enter_context(uploaded(words)) if words else None
        if chosen.is_sample:
            sample.begin(state.workspace())
            columns = sample.described(what.found.table.column_names)
        version = state.workspace().datasets.add(
            path, name=name, message=message, columns=columns, options=reading.said(chosen), **given
        )
    if version.created and not version.target_absent:
        session.hold("train.data", version.ref)  # whoever keeps a file with its outcomes means to learn from it
    if version.created and version.parent:
        session.TAB.set("Difference")  # what changed is what one wants to see next
    _said(version)


def _said(version: Any) -> None:
    same_rows = any(note["code"] == "other_roles" for note in version.warnings)
    kept = f"{version.ref} is kept: the same rows, other roles." if same_rows else f"{version.ref} is kept."
    session.say(kept if version.created else f"This content is already {version.ref}.")
    st.rerun()
