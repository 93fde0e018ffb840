"""The silent candidate: a version that answers what the live one was asked, and what would have been otherwise.

It is chosen here, answers what was asked - by the same steps as beside a server - and is told in a picture, in
sentences and as tables. Nothing goes live from here: a link leads to the release check, which decides.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pandas as pd
import streamlit as st

from mlops import Workspace
from mlops.base.errors import NotFoundError
from mlops.base.records import ref_of
from playground import silent_words, two_scores, words
from playground.tally import logged
from playground.two_scores import TwoScores
from playground.ui.kit import acts, cards, session, state
from playground.ui.kit.links import link
from playground.ui.monitor import two_scores as picture

TITLE = "Silent candidate"

WHAT = (
    "A version that answers whatever the live one is asked, after it, and nobody hears it: a rehearsal on real "
    "questions, before anything is decided by it."
)


def draw(name: str) -> None:
    """Draw who answers silently, what it said, and the way to the release check.

    Parameters
    ----------
    name : str
        Of the live model.
    """
    now = state.read(_now, name)
    report = state.read_requests(_report, name, _said())
    if report is None or (now is None and not report.n):
        st.markdown(f":gray[{WHAT}]")
        _choose(name)
        return
    _standing(name, report, now is not None)
    if report.n:
        _what_it_said(name, report)
    elif not report.waiting:
        st.caption(silent_words.agreement(report, {}))
    if now is None:
        _choose(name)


def _standing(name: str, report: Any, answers: bool) -> None:
    """Say who answers, and what can be done: let it answer what waits, end it, take it to the release check."""
    waiting = f" :gray[· {words.counted(report.waiting, 'row')} not answered yet]" if report.waiting else ""
    icon = ":violet[:material/hearing_disabled:]" if answers else ":gray[:material/stop_circle:]"
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute", key="silent"):
        st.markdown(f"{icon} **{cards.plain(silent_words.heading(report))}**{waiting}", width="content")
        with st.container(horizontal=True, width="content", vertical_alignment="center"):
            if report.waiting and acts.button(
                "Let it answer what was asked",
                "let it answer",
                icon=":material/play_arrow:",
                key="silent.follow",
                type="primary",
            ):
                _answer(name)
            if answers and acts.button("Stop", "stop it", icon=":material/stop:", key="silent.stop", type="tertiary"):
                with cards.errors():
                    state.workspace().shadow.stop("production", name)
                    session.say("It answers no more; what it said stays.")
                    st.rerun()
            link(
                "release", f"Release check of {words.version(report.candidate, named=False)}", icon="rule",
                model=ref_of(report.candidate), view="Promote",
            )  # fmt: skip


def _what_it_said(name: str, report: Any) -> None:
    signature = state.read(_signature, ref_of(report.candidate))
    sentence = silent_words.agreement(report, signature)
    st.markdown(f"{cards.plain(sentence)}")
    if report.too_few:
        st.markdown(f":orange[:material/info:] :small[{cards.plain(report.too_few)}]")
    drawn, pairs = state.read_requests(_pairs, name, _said())
    picture.draw(drawn, name, report.shadow_id, sentence)
    st.caption(cards.plain(drawn.shown))
    shown = st.expander("Table", icon=":material/table:", type="compact", on_change="rerun", key="table.silent")
    cards.inside(
        shown,
        lambda: (
            st.dataframe(pairs.head(500), hide_index=True, alt=sentence),
            cards.download(pairs, "silent-candidate"),
        ),
    )
    _right(report, signature)
    for told in (silent_words.refusals(report), silent_words.versions(report), silent_words.times(report)):
        if told:
            st.markdown(f":small[:gray[{cards.plain(told)}]]")


def _right(report: Any, signature: Any) -> None:
    """Say who was right, with the four cases and each metric of both."""
    st.markdown(f"**Who was right** {cards.plain(silent_words.outcomes(report))}")
    known = report.outcomes
    if known is None or not known.known:
        return
    if known.right:
        with st.grid(4, min_column_width=130):
            for title, who in (
                ("Both right", "both"),
                ("Only the candidate", "candidate"),
                ("Only live", "live"),
                ("Neither", "neither"),
            ):
                st.metric(title, f"{known.right[who]:,}", border=True)
    table = silent_words.metrics(report)
    st.dataframe(table, hide_index=True, key="silent.metrics", alt="Both by each metric, on the same rows")
    cards.download(table, "who-was-right")


def _choose(name: str) -> None:
    """Draw the choice of a candidate, and both ways to begin."""
    refs = state.read(_candidates, name)
    if not refs:
        cards.empty("There is no other version that could answer.", "train", "Train one")
        return
    with st.container(horizontal=True, vertical_alignment="bottom", key="silent-choose"):
        ref = str(st.selectbox("Candidate", refs, key="silent.candidate", format_func=_called, width=260))
        if acts.button(
            "Let it answer what was asked",
            "let it answer",
            icon=":material/history:",
            key="silent.back",
            type="primary",
        ):
            _begin(name, ref, back=True)
        if acts.button("From now on", "let it answer", icon=":material/hearing_disabled:", key="silent.start"):
            _begin(name, ref, back=False)


def _begin(name: str, ref: str, back: bool) -> None:
    with cards.errors():
        state.workspace().shadow.start(ref, "production", name, back=back)
        if back:
            _answer(name)
        session.say(f"{_called(ref)} answers silently from now on.")
        st.rerun()


def _answer(name: str) -> None:
    with cards.errors(), st.spinner("It answers …"):
        answers = state.workspace().shadow.follow("production", name)
        session.say(f"It answered {words.counted(answers, 'row')}; nobody heard it.")
        st.rerun()


def _called(ref: str) -> str:
    return f"v{ref.partition('@')[2]}"


def _said() -> tuple[tuple[str, int], ...]:
    """Return what changes when a candidate beside a server says something: that is no event."""
    return logged(state.workspace(), "shadow")


def _now(ws: Workspace, name: str) -> Any:
    return ws.shadow.now("production", name)


def _report(ws: Workspace, name: str, _: object) -> Any:
    with suppress(NotFoundError):
        return ws.shadow.report("production", name)
    return None


def _candidates(ws: Workspace, name: str) -> list[str]:
    return [
        one.ref
        for one in ws.models.list()
        if one.name == name and one.status == "candidate" and "production" not in one.live_in
    ]


def _signature(ws: Workspace, ref: str) -> Any:
    return ws.models.metadata(ref)["signature"]


def _pairs(ws: Workspace, name: str, _: object) -> tuple[TwoScores, pd.DataFrame]:
    """Return the picture, and its rows as people read them."""
    report, pairs = ws.shadow.report("production", name), ws.shadow.pairs("production", name)
    signature = ws.models.metadata(ref_of(report.candidate))["signature"]
    refs = (f"{name}@{report.versions[0]['version']}", ref_of(report.candidate))
    drawn = two_scores.of(report, pairs, signature, [ws.models.get(ref).threshold for ref in refs])
    return drawn, two_scores.frame(pairs, signature)
