"""Three doors on the Predict screen: a click each, and the digits of one customer under one another."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from mlops import Workspace, sample
from mlops.base.records import ref_of
from mlops.models.signature import Signature
from playground import doors, one_row, rest, servers
from playground.chain import Chain, noun
from playground.doors import Name
from playground.ui.kit import acts, cards, lists, session, state, stops
from playground.ui.predict import one

TITLE = "Three doors"
"""Of the tab in which they are."""

CUSTOMERS = 5
"""So many of a list can be chosen."""

_BUTTONS: Mapping[Name, tuple[str, str, str]] = {
    "row": ("Ask in the form", "ask", "edit_note"),
    "file": ("Answer the list", "answer it", "csv"),
    "rest": ("Call over REST", "call it", "api"),
}
"""Door -> what its button says, what it does after "Back to today to", and its icon."""

_digits = st.components.v2.component(
    "doors",
    html='<div class="doors" role="img"></div>',
    css=Path(__file__).with_suffix(".css").read_text("utf-8"),
    js=Path(__file__).with_suffix(".js").read_text("utf-8"),
)


@st.fragment
def draw(chain: Chain) -> None:
    """Draw who is asked about, a button for each door, and what the doors answered."""
    state.renew()
    live = chain.production.model
    metadata = lists.metadata(ref_of(live))
    rows = _rows(chain, metadata)
    if session.held("predict.doors") not in rows:
        session.hold("predict.doors", next(iter(rows)))
    picked = str(
        st.pills(
            noun(chain).title(), [*rows], required=True, key="predict.doors", format_func=cards.plain,
            persist_state="session",
        )
    )  # fmt: skip
    place = rest.Place(str(state.workspace().path.absolute()), "production", live["name"])
    found = _found(live["name"], metadata, rows[picked], picked)
    _buttons(found, place, rows, picked)
    _digits(
        data={**asdict(found), "equal": found.equal, "same": found.same, "said": found.sentence}, key="predict.digits"
    )
    table = st.expander("Table", icon=":material/table:", type="compact", on_change="rerun", key="table.doors")
    cards.inside(table, lambda: _table(found))


def _buttons(found: doors.Doors, place: rest.Place, rows: Mapping[str, dict[str, Any]], picked: str) -> None:
    """Draw a button for each door; the one to press is the first that has not answered yet."""
    after = next((door.id for door in found.doors if not door.asked), None)
    with st.container(horizontal=True, key="predict-doors"):
        for name, (label, to, icon) in _BUTTONS.items():
            kind = "primary" if name == after else "secondary"
            if acts.button(label, to, type=kind, icon=f":material/{icon}:", key=f"predict.door.{name}"):
                with cards.errors(), st.spinner("Starting a server" if name == "rest" else "Asking"):
                    _ask(name, place, rows, picked)


def _rows(chain: Chain, metadata: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Return who can be asked about: the first on Lena's list, else the examples of the model, as the form has them."""
    signature = metadata["signature"]
    if chain.learned_from == sample.NAME:
        listed = doors.listed(CUSTOMERS)
        if {feature["name"] for feature in signature["features"]} <= {*next(iter(listed.values()))}:
            return listed
    who, row = one.on_form(chain.production.model["name"], metadata)
    named = [signature["id"]] if signature["id"] else []
    examples = {name: {**dict.fromkeys(named, name), **values} for name, values in one_row.examples(metadata).items()}
    return {**examples, who: row}


def _ask(name: Name, place: rest.Place, rows: Mapping[str, dict[str, Any]], picked: str) -> None:
    """Go through a door, and remember how long it took."""
    ws, began = state.workspace(), time.perf_counter()
    if name == "row":
        ws.predict(f"{place.model}@production", rows[picked])
    elif name == "file":
        _answer(ws, place.model, rows)
    else:
        server = servers.of_app().start(place, patience=servers.TURN)
        server.ready()
        began = time.perf_counter()
        server.call(rows[picked])
    session.TIMED.set({**session.TIMED.get(), f"{picked}.{name}": 1000 * (time.perf_counter() - began)})
    st.rerun()


def _answer(ws: Workspace, model: str, rows: Mapping[str, dict[str, Any]]) -> None:
    """Let a file be answered: Lena's list, or one of all who can be asked about."""
    if [*rows] == [*doors.listed(CUSTOMERS)]:
        ws.batch_predict(f"{model}@production", data=doors.LIST)
        return
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "examples.csv"
        pd.DataFrame([*rows.values()]).to_csv(file, index=False)
        ws.batch_predict(f"{model}@production", data=file)


def _found(model: str, metadata: Mapping[str, Any], row: Mapping[str, Any], picked: str) -> doors.Doors:
    signature = metadata["signature"]
    values, _ = Signature.of(signature).row(row)
    stop = stops.current()
    since = stops.record_of(stop).baseline if stop and stop.id == "serve" and stops.is_here(stop) else None
    given = state.read_requests(_newest, model, tuple(values.items()), since.event + 1 if since else 0)
    took = {
        name: session.TIMED.get()[key] for name in doors.TITLES if (key := f"{picked}.{name}") in session.TIMED.get()
    }
    about = one_row.about(signature, lists.described(metadata["data_version"]))
    return doors.drawn(picked, about, given, took, stops.covered("doors"))


def _newest(ws: Workspace, model: str, row: tuple[tuple[str, Any], ...], since: int) -> dict[Name, doors.Answer]:
    return {name: given[0] for name, given in doors.answers(ws, model, dict(row), since).items() if given}


def _table(found: doors.Doors) -> None:
    st.markdown(cards.plain(found.sentence))
    st.dataframe(found.frame(), hide_index=True, alt=found.sentence)
    cards.download(found.frame(), "doors")
