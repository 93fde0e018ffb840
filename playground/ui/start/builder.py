"""Running the chain: the missing links are built one by one, each in a rerun of its own.

So the chain shows what the ledger really holds after every step, and after a reload it goes on where it stopped. The
training is a worker's, so it ends whoever looks.
"""

from __future__ import annotations

import time
from functools import cache
from pathlib import Path
from threading import Lock

import streamlit as st

from mlops import MlopsError, Workspace
from mlops.base.errors import RefusedError
from playground import chain as links
from playground import limits
from playground.chain import Chain, Link, next_step
from playground.course.people import RUN_THE_CHAIN
from playground.ui.kit import cards, location, session, state
from playground.ui.kit.links import PAGES, link
from playground.ui.train import live

PACE = 0.6
"""Seconds that a box stays lit before the next begins: some steps take 20 ms, too short to be seen."""

_HELP = {"data": "data", "run": "train", "model": "release", "staging": "release", "live": "release"}
"""Node that was being built -> screen on which a person can do it by hand."""


def building(chain: Chain) -> str:
    """Return the kind of node that is being built now, or nothing."""
    step = _missing(chain)
    return step.kind if step and session.BUILDING.get() is not None else ""


def at_work(chain: Chain) -> bool:
    """Return whether the chain is being built: by a step of this session, or a training under way."""
    return _missing(chain) is not None and (session.BUILDING.get() is not None or bool(chain.training))


def draw(chain: Chain) -> None:
    """Draw the step at work, and do it; or why the last one was refused."""
    step = _missing(chain)
    if step is None:
        session.BUILDING.set(None)
        return
    if step.kind == "run" and chain.training:
        live.follow()
    elif session.BUILDING.get() is not None:
        _build(step, chain)
    _refused(step, chain)


def _missing(chain: Chain) -> Link | None:
    """Return the step that makes the first missing link; in the past nothing is built."""
    return next_step(chain) if state.event() is None else None


def begin() -> None:
    """Begin to build what is missing; for the click of a button."""
    session.BUILDING.set(state.head())


def _refused(step: Link, chain: Chain) -> None:
    """Draw why the last step was refused, and the screen that helps, until anything has changed."""
    if (stopped := session.STOPPED.get()) is None or stopped[0] != state.head():
        return
    cards.error(stopped[1])
    page = "data" if step.kind == "run" and not chain.dataset.target else _HELP[step.kind]
    with st.container(key="next"):
        link(page, PAGES[page].title, icon="arrow_forward")


def _build(step: Link, chain: Chain) -> None:
    st.markdown(f"{step.says} …")
    began = time.monotonic()
    try:
        with _turn(state.workspace().path):  # one after the other: also a second tab builds the chain
            _act(step)
    except MlopsError as problem:
        session.BUILDING.set(None)
        session.STOPPED.set((state.workspace().head(), problem))  # a step may have recorded something before
        st.rerun()
    time.sleep(max(0.0, PACE - (time.monotonic() - began)))
    st.rerun()


@cache
def _turn(path: Path) -> Lock:
    """Return what only one session at a time holds that builds the chain of a workspace."""
    return Lock()


def _act(step: Link) -> None:
    """Carry a step out, unless another tab did so meanwhile."""
    ws = Workspace.open(state.workspace().path, create=False, actor=RUN_THE_CHAIN)
    chain = links.read(ws)
    if next_step(chain) != step or chain.training:
        return
    if step.kind == "run":
        limits.before_training(ws, location.home())
        for run in map(ws.runs.get, _trained(ws)):
            raise RefusedError(f"Run {run.run_id[:7]} made no model. {run.error}", "Run the chain again.")
    step.act(ws, chain)


def _trained(ws: Workspace) -> list[str]:
    """Return the run that was trained since somebody began to run the chain; in whichever tab, or before a reload."""
    since = session.BUILDING.get() or 0
    return [one["subject"] for one in ws.log(since) if one["kind"] == "run.queue" and one["actor"] == RUN_THE_CHAIN]
