"""The way in: the one button, what came of it beside what the notebook claimed, and the eight stops."""

from __future__ import annotations

import streamlit as st

from mlops import Workspace, sample
from mlops.base.records import ref_of
from playground import course
from playground.chain import Chain, next_step, noun
from playground.course.answers import found_of_100
from playground.notebook import judging, nbformat, prepared
from playground.stones import stones
from playground.ui.kit import acts, state, stops
from playground.ui.kit import stones as stepping
from playground.ui.kit.chain import Notebook
from playground.ui.kit.links import link
from playground.ui.start import builder
from playground.ui.train import notebook_cells

HEADLINE = "It works in your notebook. Now what?"
STORY = "Each month 3,000 customers may leave. Lena can call 200. Which?"

AROUND = 4
"""Minutes of the tour before its first stop and after its last one."""

FIRST = course.STOPS[0]


def claimed(name: str) -> str:
    """Return a number that stands in the notebook, as its author left it.

    Examples
    --------
    >>> claimed("AUC")
    '0.988'
    """
    return next(one.value for one in judging.claims(nbformat.shipped()) if one.name == name)


def found(ws: Workspace) -> int | None:
    """Return how many of 100 leavers the live model finds; None where no leavers are looked for."""
    live = ws.releases.newest_live("production")
    if live is None or ws.models.get(ref_of(live.model)).data_version.partition("@")[0] != sample.NAME:
        return None
    told = found_of_100(ws, course.Baseline(0, ""))
    return told.value if told else None


def notebook() -> Notebook:
    """Return the box before the chain: where everything was, and leads to the lab of the notebook."""
    return Notebook(claimed("AUC"), "train", {"open": "notebook"})


def actions(chain: Chain) -> None:
    """Draw the one thing to do, and beside it what it takes or what came of it."""
    with st.container(horizontal=True, vertical_alignment="center", key="start-actions"):
        if next_step(chain):
            _before(chain)
        else:
            with st.container(key="next", width="content"):
                link("predict", f"Ask about one {noun(chain)}", icon="arrow_forward", open="one")
        if sentence := result(chain):
            st.markdown(sentence, width="content")


def _before(chain: Chain) -> None:
    at_work = builder.at_work(chain)
    acts.button(
        "Run the chain", "run the chain", type="primary", key="start.run", on_click=_go, args=(chain,), disabled=at_work
    )
    if not at_work:
        minutes = sum(stop.minutes for stop in course.STOPS) + AROUND
        link("guide", f"{minutes} minutes, eight stops")
        if not chain.dataset:
            acts.button("Just play", "play", type="tertiary", key="start.play", on_click=builder.begin)


def _go(chain: Chain) -> None:
    """Run the chain; who has just arrived begins the tour with it."""
    if not chain.dataset and stops.progress().current is None:
        stops.act(course.start, FIRST.id)
    builder.begin()


def result(chain: Chain) -> str:
    """Return what came of the chain, beside what the notebook claimed; what somebody is to guess first is covered."""
    claim = round(100 * float(claimed("leavers found")))
    beside = f"The notebook claimed **{claim}**."
    if stops.covered("recall"):
        return f"Finds :gray-badge[:material/lock: guess first] of 100 leavers. {beside}"
    number = state.read(found) if chain.production else None
    return "" if number is None else f"Finds **{number}** of 100 leavers. {beside}"


def path() -> None:
    """Draw the eight stops under the module's four phases."""
    stepping.row(stones(stops.progress()), key="start.stones")


def below(chain: Chain) -> None:
    """Draw the chain at work beside something to do meanwhile; once it is live, the one cell that made the gap."""
    if not builder.at_work(chain):
        builder.draw(chain)
    leavers = chain.production is not None and state.read(found) is not None
    if leavers and not stops.covered("recall"):
        _gap()
    elif leavers or builder.at_work(chain):
        work, meanwhile = st.columns(2, gap="large")
        with meanwhile:
            _meanwhile()
        with work:
            if leavers:
                st.markdown("**It is live.** Make your guess, and see what it finds.")
            else:
                builder.draw(chain)  # the last thing of all: it acts, and then everything is drawn again


def _meanwhile() -> None:
    """Draw the cells that made the notebook's number, one of which is wrong."""
    st.markdown(f"**Meanwhile:** these cells of the notebook made {claimed('AUC')}. Which one would you not sign?")
    for name in ("balance", "model"):
        st.code(nbformat.shipped().cell(name).source, language="python", wrap_lines=True)
    _lab()


def _gap() -> None:
    """Draw the one cell that made the gap, prepared beforehand."""
    if judged := prepared.prepared():
        notebook_cells.gap(prepared.gap(judged))
    _lab()


def _lab() -> None:
    link("train", "Notebook to script", icon="menu_book", open="notebook")
