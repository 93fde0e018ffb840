"""The notebook lab: cells as in Jupyter, a guess, what each number is worth, and the script it becomes."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor

import pandas as pd
import streamlit as st

from mlops import MlopsError
from playground.notebook import becoming, judging, nbformat
from playground.notebook.judging import Claim, Verdict
from playground.ui.kit import cards, state
from playground.ui.kit.links import link
from playground.ui.train import notebook_cells as cells
from playground.ui.train import training

_GUESS = "notebook.guess"
"""Key of a widget."""

STEPS_ON_SCREEN = {"data": "load, validate", "compare": "evaluate", "release": "package"}
"""Screen -> the steps that are done or seen there."""


@st.fragment
def lab() -> None:
    """Draw the lab. It is a fragment: a click in it does not draw the rest of the page again."""
    notebook = nbformat.shipped()
    claims = judging.claims(notebook)
    st.markdown(
        f"Jo wrote this on Friday evening. On Monday the boss gets its **{len(claims)} numbers**. "
        "Read it, run it, and say how many you would not sign."
    )
    verdicts, pipeline = _question(claims)
    cells.draw(notebook, claims, verdicts, pipeline)
    if verdicts:
        _script(verdicts, pipeline)


# The guess, and the answer


def _question(claims: tuple[Claim, ...]) -> tuple[tuple[Verdict, ...], cells.Pipeline]:
    """Draw the question or, once somebody committed to a guess, the score."""
    if (guess := state.REVEALED.get()) is None:
        _guess(len(claims))
        return (), {}
    try:
        verdicts, pipeline = _judged()
    except MlopsError as problem:
        cards.error(problem)
        st.button("Try again", icon=":material/refresh:", key="notebook.again")
        return (), {}
    _score(verdicts, guess)
    return verdicts, pipeline


def _guess(many: int) -> None:
    with st.container(border=True):
        st.markdown(
            "**How many of these numbers are lies?** A number is a lie if it cannot be had again, or if it is wrong."
        )
        with st.container(horizontal=True, vertical_alignment="bottom"):
            guess = st.segmented_control(
                "Your guess", range(many + 1), key=_GUESS, persist_state="session", label_visibility="collapsed"
            )
            st.button("Reveal", type="primary", key="notebook.reveal", disabled=guess is None, on_click=_reveal)
    if guess is not None:
        _work(nbformat.shipped().sha256)  # begun while the person still thinks


def _reveal() -> None:
    state.REVEALED.set(state.held(_GUESS))


@st.cache_resource(show_spinner=False)
def _work(_name: str) -> tuple[Future[tuple[Verdict, ...]], Future[cells.Pipeline]]:
    """Begin to judge, once for everybody; the same work is not done twice."""
    pool = ThreadPoolExecutor(2, thread_name_prefix="notebook")
    work = pool.submit(judging.judge), pool.submit(becoming.numbers)
    pool.shutdown(wait=False)  # its threads end with their work
    return work


def _judged() -> tuple[tuple[Verdict, ...], cells.Pipeline]:
    judged, trained = _work(nbformat.shipped().sha256)
    try:
        if judged.done() and trained.done():
            return judged.result(), trained.result()
        with st.spinner("Running the notebook again and again in fresh processes, and its pipeline", show_time=True):
            return judged.result(), trained.result()
    except Exception:
        _work.clear()  # what failed once is not kept as the answer
        raise


def _score(verdicts: tuple[Verdict, ...], guess: int) -> None:
    lies = [verdict for verdict in verdicts if verdict.lie]
    with st.container(border=True, key="notebook-score"):
        st.subheader(f"{len(lies)} of {len(verdicts)} numbers are lies", anchor=False)
        found = [verdict.cause for verdict in verdicts]
        chips = [f"{cells.chip(cause)} {found.count(cause)}" for cause in cells.CAUSES if cause in found]
        st.markdown(" · ".join(chips))
        said = "You said so." if guess == len(lies) else f"You said {guess}."
        st.markdown(
            f"{said} One of them comes out every time, to the last digit, and is still wrong: "
            "**what can be reproduced is not yet true.**"
        )


# The script


def _script(verdicts: tuple[Verdict, ...], pipeline: cells.Pipeline) -> None:
    st.subheader("The script it becomes", anchor=False)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown("Its steps on their screens:", width="content")
        for name, label in STEPS_ON_SCREEN.items():
            link(name, label)
    left, right = st.columns([1, 1], gap="medium")
    with left:
        st.code(becoming.CONFIG, language="yaml", wrap_lines=True)
        with st.container(horizontal=True):
            if st.button("Open this config in the editor", icon=":material/edit:", key="notebook.open", on_click=_open):
                st.rerun()  # the editor is outside of this fragment
            cards.download_bytes(becoming.CONFIG.encode(), becoming.FILE, "application/yaml", "The config")
            cards.download_bytes(
                nbformat.SHIPPED.read_bytes, nbformat.SHIPPED.name, "application/x-ipynb+json", "The notebook"
            )
    with right:
        table = _numbers(verdicts, pipeline)
        st.table(table.map(cards.plain), hide_index=True)
        st.caption("Pipeline: counted on a version of the data; with a 95 % interval, on the validation rows of a run.")
        cards.download(table, "notebook-and-pipeline", "These numbers")
        st.code(becoming.COMMANDS, language="bash", wrap_lines=True)


def _numbers(verdicts: tuple[Verdict, ...], pipeline: cells.Pipeline) -> pd.DataFrame:
    return cards.columns_of(
        verdicts,
        **{
            "Number": lambda one: one.claim.name,
            "Notebook": lambda one: one.claim.value,
            "Verdict": lambda one: one.cause,
            "Pipeline": lambda one: pipeline.get(one.claim.cell, ""),
        },
    )


def _open() -> None:
    training.edit(becoming.CONFIG)
    state.say("The config of the script is in the editor: One run.")
