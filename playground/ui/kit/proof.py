"""Reproduce and prove: the button, how far it is, and the verdict card, on every screen that is about a run."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd
import streamlit as st

from mlops.experiments.progress import STEPS, Step
from playground import proof
from playground import waiting as waiting_for
from playground.jobs import Job, jobs
from playground.reference import Reference
from playground.ui.kit import acts, cards, lists, pins, session, state, stops, watch

Name = tuple[str, ...]


def card(run: Any, key: str, opened: bool = True) -> None:
    """Draw what came out when a run was trained again, and the button that does it.

    Parameters
    ----------
    opened : bool
        Whether the checks lie open; else they are a click away.
    """
    name = ("reproduce", str(state.workspace().path.absolute()), run.run_id)
    working = jobs().of(name)

    @st.fragment(run_every=watch.every(working is not None))
    def board() -> None:
        seen = jobs().of(name)
        if (working is None) != (seen is None):
            st.rerun()  # from now on it looks by itself, or no more; and what came out is an event
        with st.container(border=True, key=f"proof-{key}", gap="small"):
            if seen:
                state_text = cards.state_text("queued" if seen.place else "running")
                watch.job(
                    seen, name, f"**Training it again** {state_text}", f"proof.cancel.{key}", "A fresh process starts"
                )
            else:
                _answer(run, name, key, opened)

    board()


def of_runs(runs: Sequence[Any], called: Reference) -> None:
    """Draw the cards of several runs side by side, each with its name."""
    columns = st.columns(min(len(runs), 2))
    for number, run in enumerate(runs):
        with columns[number % len(columns)]:
            st.markdown(f"**{cards.plain(called.label(run.run_id))}**")
            card(lists.run(run.run_id), f"compare.{run.run_id}", opened=False)


def badge(made: Any) -> str:
    """Return what is known of a run, or of a version made of one, as a chip in markdown; nothing if covered."""
    if made.reproduced and stops.covered("verdict"):
        return ""
    return proof.badge(made.reproduced["verdict"] if made.reproduced else None)


def _answer(run: Any, name: Name, key: str, opened: bool) -> None:
    found = proof.of(run)
    if found is not None and stops.veiled("verdict"):
        return
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        if found is None:
            st.markdown("**Can someone else get the same result?**", width="stretch")
        else:
            _, colour, icon = proof.WORDS[found.verdict]
            st.subheader(f":{colour}[:material/{icon}: {cards.plain(found.title)}]", anchor=False, width="stretch")
        acts.button(
            "Reproduce" if found is None else "Again", "reproduce it", icon=":material/replay:",
            key=f"proof.go.{key}", type="secondary" if found is None else "tertiary", on_click=_begin,
            args=(run.run_id, name),
        )  # fmt: skip
    if problem := jobs().refusal(name):
        cards.error(problem)
    if found is None:
        about = "" if run.duration_s is None else f" About {waiting_for.roughly(run.duration_s + 2)}."
        st.markdown(
            ":small[:gray[Trains it again from its record, in a fresh process, and compares every byte. "
            f"No run is made.{about}]]"
        )
        return
    st.markdown(cards.plain(found.sentence))
    pins.of(found.pins, f"proof.pins.{key}")
    if opened:
        _checks(found)
    else:
        drawer = st.expander("Checks", type="compact", key=f"proof.checks.{key}", on_change="rerun")
        cards.inside(drawer, lambda: _checks(found))


def _checks(found: proof.Proof) -> None:
    marks = {True: ":green[:material/check: {}]", False: ":red[:material/close: {}]", None: ":gray[{}]"}
    rows = [
        {
            "Check": one.what,
            "Then": cards.plain(one.then),
            "Now": f":gray[{cards.plain(one.now)}]" if one.equal else f"**{cards.plain(one.now)}**",
            "": marks[one.equal].format(one.said),
        }
        for one in found.checks
    ]
    st.table(pd.DataFrame(rows), hide_index=True, border="horizontal")


def _begin(run_id: str, name: Name) -> None:
    if session.second_click("proof"):
        return
    ws = state.workspace()

    def work(job: Job) -> None:
        def tell(step: Step) -> None:
            if step.name in STEPS:
                done = STEPS.index(step.name) + (step.status == "done")
                job.tell(f"In a fresh process: {step.name}", done / len(STEPS))

        ws.reproduce(run_id, on_step=tell, look=job.look)

    jobs().begin(name, work)
