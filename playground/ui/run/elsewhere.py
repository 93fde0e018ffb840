"""In another folder: a run that came again is trained once more where nothing of this workspace lies."""

from __future__ import annotations

from typing import Any

import streamlit as st

from mlops import Workspace
from mlops.training.reproduce import GOOD
from playground import elsewhere, words
from playground.elsewhere import Elsewhere
from playground.jobs import Job, jobs
from playground.ui.kit import acts, cards, session, state, watch


def card(run: Any) -> None:
    """Draw the offer, how far it is, and what came out; nothing before a run has come again where it is."""
    if not run.reproduced or run.reproduced["verdict"] not in GOOD:
        return
    name = (elsewhere.SUBJECT, str(state.workspace().path.absolute()), run.run_id)
    working = jobs().of(name)

    @st.fragment(run_every=watch.every(working is not None))
    def board() -> None:
        seen = jobs().of(name)
        if (working is None) != (seen is None):
            st.rerun()  # from now on it looks by itself, or no more; and what came out is an event
        with st.container(border=True, key="elsewhere-card", gap="small"):
            if seen:
                watch.job(seen, name, "**In another folder**", "elsewhere.cancel", "Waiting for its turn")
            else:
                _offer(run, name)

    board()


def _offer(run: Any, name: tuple[str, ...]) -> None:
    found = state.read(_found, run.run_id)
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.markdown("**And where nothing of this workspace lies?**" if found is None else _title(found))
        acts.button(
            "Prove it in another folder" if found is None else "Again", "prove it", icon=":material/drive_file_move:",
            key="elsewhere.go", type="secondary" if found is None else "tertiary", on_click=_begin,
            args=(run.run_id, name),
        )  # fmt: skip
    if problem := jobs().refusal(name):
        cards.error(problem)
    if found is None:
        st.markdown(
            ":small[:gray[Takes the data and the config into an empty folder, keeps and trains there with the ordinary "
            "commands, and compares every byte.]]"
        )
        return
    st.markdown(cards.plain(found.said))
    cards.facts(
        {
            "Taken along": f"{run.data['name']}.parquet, content {words.short(found.data_sha256)}, and {found.config}",
            "Model file": f"{words.short(run.model_sha256)} here, {words.short(found.model_sha256)} there",
            "Answers": f"{words.short(run.predictions_sha256)} here, {words.short(found.predictions_sha256)} there",
        }
    )


def _title(found: Elsewhere) -> str:
    if found.same_model and found.same_answers:
        return "### :green[:material/verified: The same in another folder]"
    return "### :red[:material/error: Another one in another folder]"


def _begin(run_id: str, name: tuple[str, ...]) -> None:
    if session.second_click("elsewhere"):
        return
    ws = state.workspace()

    def work(job: Job) -> None:
        elsewhere.train(ws, run_id, job)

    jobs().begin(name, work)


def _found(ws: Workspace, run_id: str) -> Elsewhere | None:
    return elsewhere.of(ws, run_id)
