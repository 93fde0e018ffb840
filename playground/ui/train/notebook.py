"""The notebook lab: cells as in Jupyter, a guess, what each number is worth, and the script it becomes."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor

import pandas as pd
import streamlit as st

from mlops import MlopsError
from playground.notebook import becoming, judging, nbformat, prepared
from playground.notebook.judging import Claim, Verdict
from playground.notebook.prepared import Result
from playground.ui.kit import cards, session
from playground.ui.kit.links import link
from playground.ui.train import left_behind, tidy, training
from playground.ui.train import notebook_cells as cells

_GUESS = "notebook.guess"
"""Key of a widget."""

STEPS_ON_SCREEN = {"data": "load, validate", "compare": "evaluate", "release": "package"}
"""Screen -> the steps that are done or seen there."""


TITLE = "Notebook to script"
"""Of the tab in which the lab is."""

RUN = "One run"
"""Of the tab in which a run is made."""


def linked(tabs: str) -> None:
    """Open the lab or the run for who comes by a link to it, ``/train?open=notebook``; then the tabs are theirs."""
    if title := {"notebook": TITLE, "run": RUN}.get(st.query_params.get("open", "")):
        session.hold(tabs, title)
        del st.query_params["open"]


def lab() -> None:
    """Draw the notebook: that of a lab while it is on, else Jo's with a guess and its answer."""
    of_a_lab = next((one.lab for one in (left_behind, tidy) if one.is_on()), _lab)
    of_a_lab()


@st.fragment
def _lab() -> None:
    """Draw it with a guess. It is a fragment: a click in it does not draw the rest of the page again."""
    notebook = nbformat.shipped()
    claims = judging.claims(notebook)
    st.markdown(
        f"Jo wrote this on Friday evening. On Monday the boss gets its **{len(claims)} numbers**. "
        "Read it, run it, and say how many you would not sign."
    )
    result = _question(claims)
    cells.draw(notebook, claims, result)
    if result:
        _script(result)


# The guess, and the answer


def _question(claims: tuple[Claim, ...]) -> Result | None:
    """Draw the question or, once somebody committed to a guess, the score."""
    if (guess := session.REVEALED.get()) is None:
        _guess(len(claims))
        return None
    try:
        result = _judged()
    except MlopsError as problem:
        cards.error(problem)
        st.button("Try again", icon=":material/refresh:", key="notebook.again")
        return None
    _score(result.verdicts, guess)
    cells.gap(prepared.gap(result))
    return result


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
    if guess is not None and not prepared.prepared():
        _work(nbformat.shipped().sha256)  # begun while the person still thinks


def _reveal() -> None:
    session.REVEALED.set(session.held(_GUESS))


@st.cache_resource(show_spinner=False)
def _work(_name: str) -> Future[Result]:
    """Begin to judge a notebook that nobody judged beforehand, once for everybody."""
    pool = ThreadPoolExecutor(1, thread_name_prefix="notebook")
    work = pool.submit(prepared.judged)
    pool.shutdown(wait=False)  # its thread ends with its work
    return work


def _judged() -> Result:
    """Return what was judged beforehand; what was not is judged now, and said so."""
    if ready := prepared.prepared():
        return ready
    work = _work(nbformat.shipped().sha256)
    try:
        if not work.done():
            with st.spinner("This notebook was changed, so it is judged anew: run again and again", show_time=True):
                return work.result()
        return work.result()
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


def _script(result: Result) -> None:
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
        table = _numbers(result)
        st.table(table.map(cards.plain), hide_index=True)
        st.caption("Pipeline: counted on a version of the data; with a 95 % interval, on the validation rows of a run.")
        cards.download(table, "notebook-and-pipeline", "These numbers")
        st.code(becoming.COMMANDS, language="bash", wrap_lines=True)


def _numbers(result: Result) -> pd.DataFrame:
    return cards.columns_of(
        result.verdicts,
        **{
            "Number": lambda one: one.claim.name,
            "Notebook": lambda one: one.claim.value,
            "Verdict": lambda one: one.cause,
            "Pipeline": lambda one: result.pipeline.get(one.claim.cell, ""),
        },
    )


def _open() -> None:
    training.edit(becoming.CONFIG)
    session.say("The config of the script is in the editor: One run.")
