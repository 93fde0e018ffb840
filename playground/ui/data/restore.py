"""A version put back: trained with again, made the newest, given as a file - and what a file at hand is."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import streamlit as st

from mlops import Workspace
from mlops.data.described import title
from playground.ui.data.chosen import Chosen, upload
from playground.ui.kit import acts, cards, lists, outcomes, session, state
from playground.ui.kit.links import goto
from playground.ui.kit.uploads import uploaded
from playground.words import moment


def draw(found: Sequence[Any], asked: str = "") -> None:
    """Draw what can be done with an earlier version.

    Parameters
    ----------
    found : sequence of DatasetVersion
        Newest first.
    asked : str
        The version that a link names.
    """
    refs = [one.ref for one in found]
    left, right = st.columns([3, 2], gap="large")
    with left:
        ref = st.selectbox(
            "Version", refs, index=refs.index(asked) if asked in refs else len(refs) - 1, key=f"data.restore.{asked}"
        )
        chosen = next(one for one in found if one.ref == ref)
        cards.facts({
            "Rows": f"{chosen.rows:,} with {chosen.columns} columns", "Kept": moment(chosen.created_at),
            "Where it is from": chosen.message or chosen.source,
        })  # fmt: skip
        st.markdown(f":small[:gray[Content]] `{chosen.sha256}`")
        _actions(found, chosen)
    with right:
        _check()


def _actions(found: Sequence[Any], chosen: Any) -> None:
    ws, newest = state.workspace(), next(one for one in found if one.name == chosen.name)
    with st.container(horizontal=True, vertical_alignment="center"):
        ready = outcomes.readiness()[chosen.ref]
        if st.button(
            "Train with it again", type="primary", icon=":material/model_training:", key="data.again",
            disabled=not ready.trainable, help=None if ready.trainable else cards.plain(ready.why),
        ):  # fmt: skip
            session.hold("train.data", chosen.ref)
            goto("train", open="run")
        if acts.button(
            "Make it the newest", "make it the newest", icon=":material/history:", key="data.newest",
            disabled=newest.ref == chosen.ref, help="Keeps its rows and its roles as the next version",
        ):  # fmt: skip
            with cards.errors():
                kept = ws.datasets.make_newest(chosen.ref)
                session.say(f"{kept.ref} is {chosen.ref} again." if kept.created else f"{kept.ref} is that already.")
                st.rerun()
        name = f"{chosen.ref.replace('@', '-v')}.csv"
        cards.download_bytes(lambda: checked_out(ws, chosen.ref), name, label="As a file")


def checked_out(ws: Workspace, ref: str) -> bytes:
    """Return a version as the bytes of a CSV file."""
    with tempfile.TemporaryDirectory() as folder:
        return ws.datasets.checkout(ref, Path(folder) / "checkout.csv").read_bytes()


def _check() -> None:
    """Let a person ask which version a file is; it is read, compared and forgotten."""
    st.markdown("**Check a file: is it this one?**")
    file = upload("data.checked", "A file that may be one of the versions; it is not kept")
    if file is None:
        return
    with cards.errors():
        asked = (file.sha256, state.head())
        if (session.CHECKED.get() or ())[:2] != asked:
            with st.spinner("Comparing"), uploaded(file.file) as path:
                session.CHECKED.set((*asked, state.workspace().datasets.recognise(path)))
        _told(file, session.CHECKED.get()[2])


def _told(file: Chosen, found: Any) -> None:
    """Say which version a file is, or how far it is from the closest."""
    if found.same:
        ref, *more = found.same
        also = f", and {', '.join(more)}" if more else ""
        said = f"{file.name} is {ref}{also}, to the last value."
        st.success(cards.plain(said), icon=":material/check_circle:")
    elif found.closest:
        said = lists.described(found.closest)
        told = found.difference.told({name: title(said, name, unit=False) for name in said})
        st.warning(
            f"{cards.plain(file.name)} is none of the versions. Closest is **{cards.plain(found.closest)}**: "
            f"{cards.plain(told)}.", icon=":material/difference:",
        )  # fmt: skip
    else:
        st.info(f"{cards.plain(file.name)} is none of the versions, and has no row in common with one.",
                icon=":material/help:")  # fmt: skip
