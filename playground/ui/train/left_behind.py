"""The lab "Notebook to production" on the screen of its notebook: causes, cells into steps, and lines that break.

It is drawn while the lab is on, in its chapter; at any other time the notebook is what `notebook` draws. Picking a card
up and moving it asks nobody; putting it down tells the workspace.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import streamlit as st

from mlops import MlopsError
from playground.notebook import becoming, board, judging, listings, nbformat, prepared, told
from playground.notebook.board import Board
from playground.notebook.judging import Claim, Verdict
from playground.notebook.told import Part, Told
from playground.ui.kit import cards, location, session, state, stops
from playground.ui.train import notebook_cells as cells
from playground.ui.train import training

LAB = "production"
"""Id of the lab."""

HERE = Path(__file__).parent


def _part(name: str) -> dict[str, str]:
    return {kind: (HERE / f"{name}.{kind}").read_text("utf-8") for kind in ("css", "js")}


_board = st.components.v2.component(
    "cells_to_steps",
    html='<div class="box"><div class="tray" role="group" aria-label="Cells of the notebook"></div>'
    '<div class="places" role="group" aria-label="Steps of the pipeline"></div>'
    '<pre class="config" aria-label="The config that comes of it"></pre>'
    '<p class="said" role="status"></p></div>',
    **_part("board"),
)
_printed = st.components.v2.component(
    "printed_listing",
    html='<div class="box"><header></header><ol class="lines"></ol><p class="asks" role="status"></p></div>',
    **_part("printed"),
)

PARTS: dict[Part, str] = {"causes": "Numbers", "places": "Cells to steps", "faults": "Printed code"}
SCRIPT = "The script"


def is_on() -> bool:
    """Return whether the lab, or a copy on which it was shown, is on screen."""
    return location.place().chapter.partition("-")[0] == LAB


@st.fragment
def lab() -> None:
    """Draw one part of the lab, and how far the others are."""
    state.renew()
    found = state.read(told.read)
    counts = {part: f"{len(found.right(part))} of {len(told.truth(part))}" for part in PARTS}
    labels = {**{title: f"{title} · {counts[part]}" for part, title in PARTS.items()}, SCRIPT: SCRIPT}
    chosen = st.segmented_control(
        "Part", [*labels], default=PARTS["causes"], format_func=labels.__getitem__, key="left_behind.part",
        persist_state="session", label_visibility="collapsed", required=True,
    )  # fmt: skip
    draw: dict[str, Callable[[Told], None]] = {
        PARTS["causes"]: _numbers, PARTS["places"]: _places, PARTS["faults"]: _faults, SCRIPT: _script,
    }  # fmt: skip
    draw[chosen or SCRIPT](found)


def _tell(part: Part, name: str, said: str) -> None:
    """Note what somebody says; in the past, where nothing is noted, nothing happens."""
    if state.event() is None:
        try:
            told.tell(state.workspace(), part, name, said)
        except MlopsError as problem:
            session.PROBLEM.set(problem)


# Numbers


def _numbers(found: Told) -> None:
    st.markdown(
        "Jo is on leave; the boss wants these numbers. Run the cells: in order, as Jo ran them, one of them again. "
        "**What is each number worth?**"
    )
    result = prepared.prepared() or prepared.judged()
    verdicts = {verdict.claim.cell: verdict for verdict in result.verdicts}

    def claim(one: Claim) -> None:
        verdict = verdicts[one.cell]
        if one.cell in found.right("causes"):
            cells.worth(one, verdict, result.pipeline.get(one.cell, ""))
        else:
            _ask(one, verdict, found.causes.get(one.cell, ""))

    cells.draw(nbformat.shipped(), judging.claims(nbformat.shipped()), None, claim)


def _ask(one: Claim, verdict: Verdict, before: str) -> None:
    options = [*cells.CAUSES]
    with st.container(border=True, gap="small"):
        st.markdown(f"{cards.plain(one.name)} **{cards.plain(one.value)}**")
        said = st.selectbox(
            "What is it worth?", options, index=options.index(before) if before else None,
            key=f"left_behind.cause.{one.cell}", format_func=lambda cause: cells.CAUSES[cause][2].capitalize(),
            placeholder="What is it worth?", label_visibility="collapsed", disabled=state.event() is not None,
        )  # fmt: skip
        if said and said != before:
            _tell("causes", one.cell, said)
            st.rerun()
        if before:
            st.markdown(f":orange[:material/forum:] :small[{cards.plain(_not_so(verdict))}]")


def _not_so(verdict: Verdict) -> str:
    """Return what came out that speaks against another cause."""
    seen = [f"{one.value} {one.how}" for one in verdict.evidence if one.same is not None][:2]
    return (
        f"Not that. It printed {', and '.join(seen)}." if seen else "Not that. It comes out every time, in any order."
    )


# Cells


def _places(found: Told) -> None:
    st.markdown("**Each cell becomes a step, or nothing.** Take a card, and put it where it belongs.")
    drawn = board.board(found)
    placed = _board(data=as_data(drawn, state.event() is not None), key="left_behind.board",
                    on_placed_change=lambda: None).placed  # fmt: skip
    if placed:
        _tell("places", str(placed.get("cell")), str(placed.get("place")))
        st.rerun()
    drawer = st.expander("Table", icon=":material/table:", type="compact", on_change="rerun", key="left_behind.cards")
    cards.inside(drawer, lambda: st.dataframe(drawn.table(), hide_index=True, alt=drawn.sentence))


def as_data(drawn: Board, over: bool) -> dict[str, Any]:
    """Return what the browser draws; nothing can be moved where it is over."""
    return {**asdict(drawn), "sentence": drawn.sentence, "over": over}


# Listings


def _faults(found: Told) -> None:
    if stops.veiled("printed"):
        return
    versions = ", ".join(f"{name} {version}" for name, version in listings.packages().items())
    st.markdown(
        "**Printed in many tutorials, run by nobody.** Click the line that breaks. "
        f":small[:gray[Each was really run, with {versions}.]]"
    )
    columns = st.columns(2, gap="medium")
    for number, listing in enumerate(listings.LISTINGS):
        drawn = board.printed(listing, found)
        with columns[number // 2]:  # on a phone one below the other, in their order
            data = {**asdict(drawn), "asks": drawn.asks, "sentence": drawn.sentence, "over": state.event() is not None}
            said = _printed(data=data, key=f"left_behind.{listing.id}", on_said_change=lambda: None).said
        if said and drawn.fault:
            _tell("faults", f"{listing.id}-{drawn.fault}", str(said))
            st.rerun()


# The script


def _script(found: Told) -> None:
    left, right = st.columns([1.2, 1], gap="large")
    with left:
        st.code(becoming.CONFIG, language="yaml", wrap_lines=True)
    with right:
        st.markdown(
            "**What is left of the notebook is a config**, and steps that everybody shares. Train it, register it, "
            "take it through staging to production on Release. Then Guide, *Your project*, takes it out of here."
        )
        if st.button("Open this config in the editor", icon=":material/edit:", key="left_behind.open", on_click=_open):
            st.rerun()  # the editor is outside of this fragment


def _open() -> None:
    training.edit(becoming.CONFIG)
    session.say("The config of the script is in the editor: One run.")
