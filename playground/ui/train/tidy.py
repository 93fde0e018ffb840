"""Anna's tidy notebook, while its lab is on: its cells, run twice, and beside each number what it was each time."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from mlops import Workspace
from playground.jobs import Job, Seen, jobs
from playground.notebook import tidy
from playground.notebook.nbformat import Cell
from playground.notebook.tidy import Trial
from playground.ui.kit import acts, cards, location, session, state, stops, watch


def is_on() -> bool:
    """Tell whether the chapter of the lab about it is on screen."""
    return location.place().chapter.removesuffix("-shown") == "copy"


def lab() -> None:
    """Draw the notebook. It is a fragment: a click in it does not draw the rest of the page again."""
    name = (tidy.SUBJECT, str(state.workspace().path.absolute()))
    working = jobs().of(name)

    @st.fragment(run_every=watch.every(working is not None))
    def board() -> None:
        seen = jobs().of(name)
        if (working is None) != (seen is None):
            st.rerun()  # from now on it looks by itself, or no more; and what came out is an event
        found = state.read(_trials)
        shown = found[-1] if found and not stops.covered("moved") else None
        st.markdown(
            "Anna tidied this on Thursday: **each cell once, from top to bottom, a seed, no leftovers.** "
            "Run it twice without a restart, as people do."
        )
        _toolbar(name, seen)
        if found:
            _as_it_was(found[-1])
        if shown:
            _told(shown)
        elif found:
            stops.veiled("moved")
        for cell in tidy.notebook().code:
            left, right = st.columns([5, 3], gap="medium")
            with left, st.container(gap="xsmall", key=f"tidy-cell-{cell.id}"):
                st.code(tidy.source(cell.id, _mended()), language="python", wrap_lines=True)
            with right:
                _beside(cell, shown)
        cards.download_bytes(tidy.FILE.read_bytes, tidy.FILE.name, "application/x-ipynb+json", "The notebook")

    board()


def _toolbar(name: tuple[str, ...], seen: Seen | None) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        for order, icon in zip(tidy.ORDERS, ("play_arrow", "replay", "repeat_one"), strict=True):
            acts.button(
                tidy.ORDERS[order], "run it", icon=f":material/{icon}:", key=f"tidy.{order}", disabled=seen is not None,
                on_click=_begin, args=(order, name),
            )  # fmt: skip
        if seen:
            st.markdown(f":small[:gray[Running in a fresh process, {seen.elapsed:.0f} s]]", width="content")
    if problem := jobs().refusal(name):
        cards.error(problem)


def _begin(order: str, name: tuple[str, ...]) -> None:
    if session.second_click("tidy"):
        return
    ws, mended = state.workspace(), _mended()

    def work(job: Job) -> None:
        tidy.run(ws, order, mended)

    jobs().begin(name, work)


def _mended() -> tuple[str, ...]:
    """Return the cells that somebody switched to be told otherwise."""
    return tuple(cell for cell in tidy.MENDS if session.held(_switch(cell)))


def _as_it_was(trial: Trial) -> None:
    """Switch the cells as they were when it ran, for who comes back: its numbers stand beside them."""
    for cell in tidy.MENDS:
        if session.held(_switch(cell)) is None:
            session.hold(_switch(cell), cell in trial.mended)


def _switch(cell: str) -> str:
    return f"tidy.mend.{cell}"


def _told(trial: Trial) -> None:
    if trial.order == "once":
        mark = ":gray[:material/looks_one: {}]"
    else:
        mark = ":red[:material/difference: {}]" if trial.moved else ":green[:material/check_circle: {}]"
    st.markdown(f"**{mark.format(cards.plain(trial.said))}**")


def _beside(cell: Cell, trial: Trial | None) -> None:
    """Draw the name of a cell, its numbers each time it ran, and the switch that tells it otherwise."""
    with st.container(border=True, gap="xsmall"):
        st.markdown(f":small[:gray[Cell] **{cell.id}**]")
        for name, one in (trial.numbers if trial else {}).items():
            if one["cell"] == cell.id:
                st.markdown(f"{cards.plain(name)} {_values(one['values'])}")
        if cell.id in tidy.MENDS:
            st.toggle(tidy.MENDS[cell.id].title.capitalize(), key=_switch(cell.id))


def _values(values: Sequence[str]) -> str:
    """Return what a number was each time, with an arrow where it moved."""
    if len({*values}) > 1:
        return " → ".join(f"**{cards.plain(value)}**" for value in values) + " :red-badge[moved]"
    again = " :green-badge[twice the same]" if len(values) > 1 else ""
    return f"**{cards.plain(values[0])}**{again}"


def _trials(ws: Workspace) -> tuple[Trial, ...]:
    return tidy.trials(ws)
