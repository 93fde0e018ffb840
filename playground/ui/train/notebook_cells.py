"""The cells of the notebook lab: run as in Jupyter, with what each number is worth beside them."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
import streamlit as st

from mlops import MlopsError
from playground.notebook import becoming, judging, running
from playground.notebook.judging import Claim, Verdict
from playground.notebook.nbformat import Cell, Notebook, Output
from playground.notebook.prepared import Gap, Result
from playground.ui.kit import cards, session

CAUSES = {
    "true": ("green", "check_circle", "true"),
    "hidden state": ("red", "visibility_off", "lie: hidden state"),
    "order": ("red", "swap_vert", "lie: order"),
    "leak": ("red", "water_drop", "lie: leak"),
    "no seed": ("red", "casino", "lie: no seed"),
}
"""Cause -> colour, icon and words of its chip."""


def chip(cause: str) -> str:
    """Return what a number is worth as a chip."""
    colour, icon, words = CAUSES[cause]
    return f":{colour}-badge[:material/{icon}: {words}]"


def gap(found: Gap) -> None:
    """Draw the number that the author was proud of, the honest one, and the cell that made the difference."""
    with st.container(border=True, key="notebook-gap"):
        st.markdown(f"**One cell made the gap.** The {found.name} that the notebook prints, everything else as it was:")
        left, right = st.columns(2)
        left.metric("As it stands", found.claimed)
        right.metric("With this one cell mended", found.honest)
        left.code(found.cell.source, language="python", wrap_lines=True)
        right.code(found.mended, language="python", wrap_lines=True)
        same = f"The same model in the pipeline, judged on other rows: {cards.plain(found.pipeline)}."
        st.markdown(f"{cards.plain(found.why)} {same}")


def draw(
    notebook: Notebook, claims: tuple[Claim, ...], result: Result | None, beside: Callable[[Claim], None] | None = None
) -> None:
    """Draw each cell, and beside it what its number is worth once that is known.

    Parameters
    ----------
    beside : callable, optional
        Draws what stands beside a number instead.
    """
    verdicts, pipeline = (result.verdicts, result.pipeline) if result else ((), {})
    _toolbar(notebook)
    ran = _ran()
    for cell in notebook.cells:
        left, right = st.columns([5, 3], gap="medium")
        with left:
            _cell(cell, ran)
        with right:
            for claim in claims:
                if claim.cell == cell.id and beside:
                    beside(claim)
                elif claim.cell == cell.id:
                    verdict = next((one for one in verdicts if one.claim == claim), None)
                    worth(claim, verdict, pipeline.get(cell.id, ""))
            if verdicts and cell.code:
                _place(becoming.PLACES[cell.id])


def _toolbar(notebook: Notebook) -> None:
    order = session.ORDER.get()
    with st.container(horizontal=True, vertical_alignment="center"):
        _order_button("Restart and run in order", "playlist_play", "in order", notebook.in_order)
        _order_button("Run as it was", "history", "as it was", notebook.as_it_was)
        _order_button("As stored", "save", "stored", ())
        st.caption(
            f"Cells run from a fresh process: {len(order)}" if order else "Counts and outputs as the file stores them"
        )


def _order_button(label: str, icon: str, name: str, order: tuple[str, ...]) -> None:
    st.button(label, icon=f":material/{icon}:", key=f"notebook.{name}", on_click=_restart, args=(order,))


def _restart(order: tuple[str, ...]) -> None:
    """Take an order from its beginning, as another attempt: who runs it twice sees what differs."""
    session.ORDER.set(order)
    session.ATTEMPT.set(session.ATTEMPT.get() % len(judging.ATTEMPTS) + 1)


def _append(cell: str) -> None:
    session.ORDER.set((*session.ORDER.get(), cell))


def _ran() -> dict[str, tuple[int, tuple[Output, ...]]]:
    """Return count and outputs of each cell in the order that was asked for; empty: the file as it is."""
    order = session.ORDER.get()
    if not order:
        return {}
    try:
        with st.spinner("Running in a fresh process", show_time=True):
            answers = running.run(order, attempt=max(session.ATTEMPT.get(), 1))
    except MlopsError as problem:
        cards.error(problem)
        return {}
    return {ran.cell: (count, ran.outputs) for count, ran in enumerate(answers, 1)}


def _cell(cell: Cell, ran: dict[str, tuple[int, tuple[Output, ...]]]) -> None:
    if not cell.code:
        st.markdown(f"###{cell.source}" if cell.source.startswith("#") else cell.source)
        return
    stored = (cell.count, cell.outputs)
    count, outputs = ran.get(cell.id, (None, ())) if ran else stored
    with st.container(horizontal=True, gap="small", wrap=False):
        with st.container(width=64):
            st.button(
                f"\\[{count or ' '}\\]",
                icon=":material/play_arrow:",
                type="tertiary",
                key=f"notebook.run.{cell.id}",
                help="Run this cell next",
                on_click=_append,
                args=(cell.id,),
            )
        with st.container(gap="xsmall", key=f"notebook-cell-{cell.id}"):
            st.code(cell.source, language="python", wrap_lines=True)
            for output in outputs:
                _output(output)
            if ran and cell.id in ran and outputs != cell.outputs:
                _stored(cell.outputs)


def _output(output: Output) -> None:
    if output.kind == "error":
        st.error(cards.plain(output.text), icon=":material/error:")
    else:
        st.code(output.text.rstrip("\n"), language=None)


def _stored(outputs: tuple[Output, ...]) -> None:
    was = "".join(output.text for output in outputs if output.kind == "text").strip() or "something else"
    st.markdown(f":orange[:material/difference: The file says:] {cards.plain(was)}")


def worth(claim: Claim, verdict: Verdict | None, pipeline: str) -> None:
    """Draw a number, and what it is worth once that is known."""
    with st.container(border=True, gap="small"):
        with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
            st.markdown(f"{cards.plain(claim.name)} **{cards.plain(claim.value)}**", width="content")
            st.markdown(chip(verdict.cause) if verdict else ":gray-badge[:material/help: true?]", width="content")
        if verdict:
            st.markdown(f":small[{cards.plain(verdict.why)}]")
            with st.container(horizontal=True, vertical_alignment="center"):
                st.markdown(f":small[Pipeline:] **{cards.plain(pipeline)}**", width="content")
                with st.popover("Proof", icon=":material/science:", type="tertiary"):
                    st.table(_proof(verdict), hide_index=True)


def _proof(verdict: Verdict) -> pd.DataFrame:
    return cards.columns_of(
        verdict.evidence,
        **{
            "What was run": lambda one: one.how,
            "It printed": lambda one: cards.plain(one.value),
            "As stored": lambda one: {True: "yes", False: "no", None: ""}[one.same],
        },
    )


def _place(place: becoming.Place) -> None:
    step = (
        f":blue-badge[:material/arrow_forward: {place.step}]" if place.step else ":gray-badge[:material/close: no step]"
    )
    key = f" `{place.key}`" if place.key else ""
    st.markdown(f"{step}{key} :small[{place.how}]")
