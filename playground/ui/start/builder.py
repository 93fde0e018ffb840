"""Running the chain: the missing links are built one by one, each in a rerun of its own.

So the strip shows what the ledger really holds after every step, and after a reload it goes on where it stopped. The
training is a worker's, so it ends whoever looks.
"""

from __future__ import annotations

import time

import streamlit as st

from mlops import MlopsError
from mlops.base.errors import RefusedError
from playground.chain import Chain, Link, next_step, noun
from playground.ui.kit import cards, state
from playground.ui.kit.links import PAGES, link
from playground.ui.train import live

PACE = 0.6
"""Seconds that a box stays lit before the next begins: some steps take 20 ms, too short to be seen."""

_HELP = {"data": "data", "train": "train", "check": "release", "live": "release"}
"""Box that was being built -> screen on which a person can do it by hand."""


def building(chain: Chain) -> str:
    """Return the box that is being built now, or nothing."""
    step = next_step(chain)
    return step.stage if step and state.BUILDING.get() else ""


def chain_builder(chain: Chain) -> None:
    """Draw the one thing to do: run the chain, or ask the model that is live."""
    step = next_step(chain)
    if step is None:
        state.BUILDING.set(False)
        with st.container(key="next"):
            link("predict", f"Ask it about a {noun(chain)}", icon="arrow_forward")
        return
    at_work = state.BUILDING.get()
    st.button("Run the chain", type="primary", key="start.run", on_click=_begin, disabled=at_work)
    if step.stage == "train" and chain.training:
        live.follow()
    elif at_work:
        _build(step, chain)
    _refused(step, chain)


def _begin() -> None:
    state.BUILDING.set(True)
    state.TRAINING.set("")


def _refused(step: Link, chain: Chain) -> None:
    """Draw why the last step was refused, and the screen that helps, until anything has changed."""
    if (stopped := state.STOPPED.get()) is None or stopped[0] != state.head():
        return
    cards.error(stopped[1])
    page = "data" if step.stage == "train" and not chain.dataset.target else _HELP[step.stage]
    with st.container(key="next"):
        link(page, PAGES[page].title, icon="arrow_forward")


def _build(step: Link, chain: Chain) -> None:
    # Off while at work: whoever leaves the screen in the middle comes back to the button, not to a surprise.
    state.BUILDING.set(False)
    st.markdown(f"{step.says} …")
    st.empty()  # where the training was followed, which is over
    began = time.monotonic()
    try:
        _act(step, chain)
    except MlopsError as problem:
        state.STOPPED.set((state.workspace().head(), problem))  # a step may have recorded something before
        st.rerun()
    time.sleep(max(0.0, PACE - (time.monotonic() - began)))
    state.BUILDING.set(True)
    st.rerun()


def _act(step: Link, chain: Chain) -> None:
    ws = state.workspace()
    if step.stage == "train" and state.TRAINING.get():
        run = ws.runs.get(state.TRAINING.get())
        raise RefusedError(f"Run {run.run_id[:7]} made no model. {run.error}", "Run the chain again.")
    made = step.act(ws, chain)
    if step.stage == "train":
        state.TRAINING.set(made.run_id)
