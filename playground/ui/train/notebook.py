"""The notebook lab: cells as in Jupyter, a guess, what each number is worth, and the script it becomes."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor

import pandas as pd
import streamlit as st

from mlops import MlopsError
from playground.notebook import becoming, judging, nbformat, running
from playground.notebook.judging import Claim, Verdict
from playground.notebook.nbformat import Cell, Notebook, Output
from playground.ui.kit import cards, state
from playground.ui.kit.links import link
from playground.ui.train import training

_GUESS = "notebook.guess"
"""Key of a widget."""

CAUSES = {
    "true": ("green", "check_circle", "true"),
    "hidden state": ("red", "visibility_off", "lie: hidden state"),
    "order": ("red", "swap_vert", "lie: order"),
    "leak": ("red", "water_drop", "lie: leak"),
    "no seed": ("red", "casino", "lie: no seed"),
}
"""Cause -> colour, icon and words of its chip."""

STEPS_ON_SCREEN = {"data": "load, validate", "compare": "evaluate", "release": "package"}
"""Screen -> the steps that are done or seen there."""

Pipeline = dict[str, str]
"""Id of a cell -> the number of the pipeline."""


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
    _cells(notebook, claims, verdicts, pipeline)
    if verdicts:
        _script(verdicts, pipeline)


# The guess, and the answer


def _question(claims: tuple[Claim, ...]) -> tuple[tuple[Verdict, ...], Pipeline]:
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
def _work(_name: str) -> tuple[Future[tuple[Verdict, ...]], Future[Pipeline]]:
    """Begin to judge, once for everybody; the same work is not done twice."""
    pool = ThreadPoolExecutor(2, thread_name_prefix="notebook")
    work = pool.submit(judging.judge), pool.submit(becoming.numbers)
    pool.shutdown(wait=False)  # its threads end with their work
    return work


def _judged() -> tuple[tuple[Verdict, ...], Pipeline]:
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
        chips = [f"{_chip(cause)} {found.count(cause)}" for cause in CAUSES if cause in found]
        st.markdown(" · ".join(chips))
        said = "You said so." if guess == len(lies) else f"You said {guess}."
        st.markdown(
            f"{said} One of them comes out every time, to the last digit, and is still wrong: "
            "**what can be reproduced is not yet true.**"
        )


def _chip(cause: str) -> str:
    colour, icon, words = CAUSES[cause]
    return f":{colour}-badge[:material/{icon}: {words}]"


# The cells


def _cells(notebook: Notebook, claims: tuple[Claim, ...], verdicts: tuple[Verdict, ...], pipeline: Pipeline) -> None:
    _toolbar(notebook)
    ran = _ran()
    for cell in notebook.cells:
        left, right = st.columns([5, 3], gap="medium")
        with left:
            _cell(cell, ran)
        with right:
            for claim in claims:
                if claim.cell == cell.id:
                    verdict = next((one for one in verdicts if one.claim == claim), None)
                    _claim(claim, verdict, pipeline.get(cell.id, ""))
            if verdicts and cell.code:
                _place(becoming.PLACES[cell.id])


def _toolbar(notebook: Notebook) -> None:
    order = state.ORDER.get()
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
    state.ORDER.set(order)
    state.ATTEMPT.set(state.ATTEMPT.get() % len(judging.ATTEMPTS) + 1)


def _append(cell: str) -> None:
    state.ORDER.set((*state.ORDER.get(), cell))


def _ran() -> dict[str, tuple[int, tuple[Output, ...]]]:
    """Return count and outputs of each cell in the order that was asked for; empty: the file as it is."""
    order = state.ORDER.get()
    if not order:
        return {}
    try:
        with st.spinner("Running in a fresh process", show_time=True):
            answers = running.run(order, attempt=max(state.ATTEMPT.get(), 1))
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


# What stands beside a cell


def _claim(claim: Claim, verdict: Verdict | None, pipeline: str) -> None:
    with st.container(border=True, gap="small"):
        with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
            st.markdown(f"{cards.plain(claim.name)} **{cards.plain(claim.value)}**", width="content")
            st.markdown(_chip(verdict.cause) if verdict else ":gray-badge[:material/help: true?]", width="content")
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


# The script


def _script(verdicts: tuple[Verdict, ...], pipeline: Pipeline) -> None:
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


def _numbers(verdicts: tuple[Verdict, ...], pipeline: Pipeline) -> pd.DataFrame:
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
