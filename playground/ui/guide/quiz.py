"""The quiz on screen: one question at a time, the row of all, and what an answer comes to."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import streamlit as st

from mlops import MlopsError, Workspace
from playground import quiz
from playground.quiz import Asked, Number, Option, Question, Quiz
from playground.ui.kit import acts, cards, links, session, state

TITLE = "Quiz"
"""Of the tab."""

_row = st.components.v2.component(
    "quiz_marks",
    html='<ol class="marks" aria-label="Questions"></ol>',
    css=Path(__file__).with_suffix(".css").read_text("utf-8"),
    js=Path(__file__).with_suffix(".js").read_text("utf-8"),
)


def panel() -> None:
    """Draw the quiz: the question that is due, the one that was just answered, or what it came to."""
    found = state.read_own(quiz.read)
    shown = _on_screen(found)
    _marks(found, shown)
    if problem := session.NOT_ANSWERED.take():
        cards.error(problem)
    if shown is None:
        _over(found)
    elif shown.question.id == session.QUIZ_SEEN.get():
        _answered(found, shown)
    else:
        _asked(found, shown)


def _on_screen(found: Quiz) -> Asked | None:
    answered = (one for one in found.all if one.first and one.question.id == session.QUIZ_SEEN.get())
    return next(answered, found.due)


def _marks(found: Quiz, shown: Asked | None) -> None:
    """Draw the row of all questions; one that was answered can be read again."""
    here = shown.question.id if shown else ""
    data = {"marks": [asdict(one) for one in quiz.marks(found, here)]}
    opened = _row(data=data, key="quiz.marks", on_opened_change=lambda: None).opened
    st.markdown(f":small[:gray[{cards.plain(found.said())}]]")
    known = {one.question.id for one in found.all if one.first}
    if opened and opened != here:
        session.QUIZ_SEEN.set(opened if opened in known else "")
        st.rerun()


# A question


def _asked(found: Quiz, asked: Asked) -> None:
    about, numbers = asked.question, _numbers(found, asked)
    key = f"quiz.option.{found.attempt}.{about.id}.{2 if asked.first else 1}"
    with st.container(border=True, key="quiz-card", gap="small"):
        _head(found, asked, numbers)
        texts = {one.id: cards.plain(quiz.told(one.text, numbers)) for one in about.options}
        said = st.radio(
            "Your answer", [*texts], index=None, key=key, format_func=texts.__getitem__, label_visibility="collapsed",
            persist_state="session",
        )  # fmt: skip
        acts.button("Answer", "answer", type="primary", key="quiz.go", disabled=said is None,
                    on_click=_do, args=(_answer, about.id, said))  # fmt: skip
        _sources(numbers)


def _head(found: Quiz, asked: Asked, numbers: Mapping[str, Number]) -> None:
    number = found.all.index(asked) + 1
    back = " · here it is again" if asked.returns and session.QUIZ_SEEN.get() != asked.question.id else ""
    st.markdown(f":small[:gray[{number} of {len(found.all)} · {cards.plain(asked.question.about.heading)}{back}]]")
    st.markdown(f"#### {cards.plain(quiz.told(asked.question.ask, numbers))}")


def _numbers(found: Quiz, asked: Asked) -> Mapping[str, Number]:
    own = state.own()
    return state.known(("quiz", found.attempt, asked.question.id, asked.first), lambda: quiz.shown_numbers(own, asked))


def _sources(numbers: Mapping[str, Number]) -> None:
    """Say whose numbers these are."""
    if said := quiz.sources(numbers):
        lines = "  \n".join(map(cards.plain, said))
        st.markdown(f":small[:gray[{lines}]]")


# An answer


def _answered(found: Quiz, asked: Asked) -> None:
    about, numbers = asked.question, _numbers(found, asked)
    with st.container(border=True, key="quiz-card", gap="small"):
        _head(found, asked, numbers)
        with st.container(key=f"quiz-told-{about.id}", gap="small"):
            for one in about.options:
                if asked.over or one.id == asked.given:
                    _option(one, asked, numbers)
        if asked.returns:
            st.markdown(":orange[:material/replay:] It comes back once, when all others were asked.")
        with st.container(horizontal=True, vertical_alignment="center"):
            label = "See what it came to" if found.over else "Next question"
            st.button(label, type="primary", icon=":material/arrow_forward:", key="quiz.next",
                      on_click=session.QUIZ_SEEN.set, args=("",))  # fmt: skip
            _where(about)
        _sources(numbers)


def _where(about: Question) -> None:
    """Draw the way to where it can be looked at: a screen, or a tab of this one."""
    if about.tab:
        st.button(f"Look at {about.tab}", icon=":material/visibility:", type="tertiary", key="quiz.look",
                  on_click=session.hold, args=("part", about.tab))  # fmt: skip
    else:
        links.link(about.page, f"Look on {links.PAGES[about.page].title}", icon="visibility")


def _option(one: Option, asked: Asked, numbers: Mapping[str, Number]) -> None:
    """Draw an option with why it holds or does not; the one that was chosen and the right one are marked."""
    chosen, right = one.id == asked.given, one.id == asked.question.answer
    mark = ":gray[:material/remove:]"
    if right and asked.over:
        mark = ":green[:material/check_circle:]"
    elif chosen:
        mark = ":orange[:material/forum:]"
    text = (
        f"**{cards.plain(quiz.told(one.text, numbers))}**"
        if chosen or right
        else cards.plain(quiz.told(one.text, numbers))
    )
    yours = " :small[:gray[your answer]]" if chosen else ""
    st.markdown(f"{mark} {text}{yours}  \n:small[{cards.plain(quiz.told(one.why, numbers))}]")


# The end


def _over(found: Quiz) -> None:
    with st.container(border=True, key="quiz-over", gap="small"):
        if found.passed:
            st.markdown("#### :green[:material/check_circle:] Passed")
            score = f"{found.right} of {len(found.all)} right"
            said = f"{score}." if found.enough else f"This time {score}; you passed before, and that stays."
            st.markdown(f"{said} It stands on your done checklist, with its event.")
        else:
            st.markdown(f"#### {found.right} of {len(found.all)} right")
            st.markdown(
                f"{found.needed} pass. Open a mark above to read again why each option holds or not, and take it again."
            )
        with st.container(horizontal=True):
            if found.passed:
                st.button("Done checklist", icon=":material/checklist:", type="primary", key="quiz.done",
                          on_click=session.hold, args=("part", "Done"))  # fmt: skip
            acts.button("Take it again", "take it again", icon=":material/restart_alt:", key="quiz.again",
                        on_click=_do, args=(quiz.again,))  # fmt: skip
        drawer = st.expander("Table", icon=":material/table:", type="compact", on_change="rerun", key="quiz.table")
        cards.inside(drawer, lambda: st.dataframe(quiz.table(found), hide_index=True, alt=found.said()))


def _answer(ws: Workspace, name: str, option: str) -> None:
    quiz.answer(ws, name, option)
    session.QUIZ_SEEN.set(name)


def _do(what: Callable[..., None], *arguments: Any) -> None:
    try:
        what(state.own(), *arguments)
    except MlopsError as problem:
        session.NOT_ANSWERED.set(problem)
