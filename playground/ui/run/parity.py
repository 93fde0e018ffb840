"""Does its model answer alike: rows answered in a fresh process, with packages of this machine or of another record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from mlops import Workspace
from playground import parity
from playground.jobs import Job, jobs
from playground.parity import Try
from playground.ui.kit import acts, cards, session, state, stops, watch


def card(run: Any, movable: Mapping[str, str]) -> None:
    """Draw the packages to choose, the button, and what was tried.

    Parameters
    ----------
    movable : mapping
        Packages in which the two records differ, and the version that is not the one of this machine.
    """
    name = (parity.SUBJECT, str(state.workspace().path.absolute()), run.run_id)
    working = jobs().of(name)

    @st.fragment(run_every=watch.every(working is not None))
    def board() -> None:
        seen = jobs().of(name)
        if (working is None) != (seen is None):
            st.rerun()  # from now on it looks by itself, or no more; and what came out is an event
        with st.container(border=True, key="parity-card", gap="small"):
            st.markdown("**Does its model answer alike here?**")
            if seen:
                watch.job(seen, name, "", "parity.cancel", "Waiting for its turn")
            else:
                _choice(run, movable, name)
            _tried(state.read(_tries, run.run_id), [*movable])

    board()


def _choice(run: Any, movable: Mapping[str, str], name: tuple[str, ...]) -> None:
    st.markdown(
        f":small[:gray[A fresh process answers {parity.ROWS} of its test rows with the packages of this machine, and "
        "holds each digit against the record.]]"
    )
    chosen: list[str] = []
    if movable:
        chosen = st.pills(
            "Try it with", [*movable], selection_mode="multi",
            format_func=lambda one: f"{one} {movable[one]}", key=f"parity.moved.{run.run_id}",
            persist_state="session",
        )  # fmt: skip
    acts.button(
        f"Answer {parity.ROWS} rows", "try it", icon=":material/compare_arrows:", key="parity.go", on_click=_begin,
        args=(run.run_id, {one: movable[one] for one in chosen}, name),
    )  # fmt: skip
    if problem := jobs().refusal(name):
        cards.error(problem)


def _begin(run_id: str, moved: Mapping[str, str], name: tuple[str, ...]) -> None:
    if session.second_click("parity"):
        return
    ws = state.workspace()

    def work(job: Job) -> None:
        parity.attempt(ws, run_id, moved, job)

    jobs().begin(name, work)


def _tried(found: tuple[Try, ...], movable: Sequence[str]) -> None:
    """Draw what was tried, the newest first: which packages were moved, and what that did to the answers."""
    if not found or stops.veiled("parity"):
        return
    newest = found[-1]
    mark = ":green[:material/check_circle:" if newest.equal else ":red[:material/error:"
    st.markdown(f"**{mark} {cards.plain(newest.said)}]**")
    table = parity.frame(found, movable)
    st.table(table.assign(Alike=[_alike(one) for one in reversed(found)]), hide_index=True, border="horizontal")
    if movable:
        st.caption(f"{parity.THEN} as it was chosen, {parity.HERE} as on this machine.")


def _alike(one: Try) -> str:
    return f":{'green' if one.equal else 'red'}-badge[{one.rows - one.differ} of {one.rows}]"


def _tries(ws: Workspace, run_id: str) -> tuple[Try, ...]:
    return parity.tries(ws, run_id)
