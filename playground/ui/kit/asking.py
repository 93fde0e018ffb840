"""What a stop asks of the learner: a guess before the result, a question that has an answer, a sentence for the boss.

A guess is made once, or waived; then its result is shown. A wrong answer to a question has its own reply, and can be
given again.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import streamlit as st

from playground import course
from playground.course import Boss, Guess, Question, Stop
from playground.ui.kit import cards, links, number, session, spread, stops, year

_AGAIN = ":orange[:material/forum:]"
"""Before what is said to an answer that is not right."""


def waiting(stop: Stop) -> Guess | None:
    """Return the guess that waits, once no question does."""
    if stops.record_of(stop).status == "skipped" or question(stop):
        return None
    return next(_unsaid(stop), None)


def _unsaid(stop: Stop) -> Iterator[Guess]:
    found = stops.record_of(stop)
    return (one for one in stop.mission.asks if not course.was_said(found, one.id))


def question(stop: Stop) -> Question | None:
    """Return the question that is to be answered now: the first whose goal is not reached, after guesses before it."""
    if not stop.mission.questions or stops.record_of(stop).done or any(one.first for one in _unsaid(stop)):
        return None
    reached = {goal.id for goal in stops.report(stop).goals if goal.ok}
    of = {goal.args.get("question"): goal.id for goal in stop.mission.goals}
    return next((one for one in stops.due(stop) if of.get(one.id) not in reached), None)


def draw(stop: Stop) -> None:
    """Draw the one thing that is asked now, and what came of what was asked before."""
    asked = question(stop)
    results(stop, first=True)
    for one in stop.mission.questions:
        given = stops.record_of(stop).answers.get(one.id)
        if one == asked:
            _question(stop, one)
        elif given is not None:
            _said_to(one, given)
    if asked is None:
        results(stop, first=False)
        _waiting(stop)


def _said_to(asked: Question, given: str) -> None:
    """Draw what was answered; a decision is made and not right: what it was worth, months tell."""
    said = next((option for option in asked.options if option.id == given), None)
    reply = f" {cards.plain(said.reply)}" if said else ""
    answer = f"**{cards.plain(said.text.rstrip('.') if said else given)}.**{reply}"
    mark = ":gray[:material/event_available:]" if asked.holds else ":green[:material/check_circle:]"
    st.markdown(f"{mark} :small[{cards.plain(asked.ask)} {answer}]")


def guesses(stop: Stop) -> None:
    """Draw the guess that waits, and what came of those that were made."""
    results(stop, first=True)
    results(stop, first=False)
    _waiting(stop)


def _waiting(stop: Stop) -> None:
    if asked := waiting(stop):
        _guess(stop, asked)


def _guess(stop: Stop, asked: Guess) -> None:
    key = f"panel.guess.{stop.id}.{asked.id}"
    with st.container(key="panel-guess", gap="small"):
        st.markdown(f":material/help: **{cards.plain(asked.ask)}**")
        if asked.options:
            said = _chosen(asked, key)
            st.button(
                "Guess", type="primary", key=f"{key}.go", disabled=said is None,
                on_click=stops.act, args=(course.guess, stop.id, said, asked.id),
            )  # fmt: skip
        elif asked.marks == year.MONTHS:
            links.link("monitor", "Draw it on Monitor", icon="draw")
        elif (said := _drawn(stop, asked, key)) is not None:
            stops.act(course.guess, stop.id, said, asked.id)
            st.rerun()
        st.button(
            "Show it without a guess", type="tertiary", key=f"{key}.waive",
            on_click=stops.act, args=(course.waive, stop.id, asked.id),
        )  # fmt: skip


def _chosen(asked: Guess | Question | Boss, key: str, given: str | None = None) -> str | None:
    """Draw the options, that of before chosen; return the one that is."""
    texts = {option.id: option.text for option in asked.options}
    if given in texts and session.held(key) is None:
        session.hold(key, given)
    return st.radio(
        asked.ask, [*texts], index=None, key=key, format_func=lambda one: cards.plain(texts[one]),
        label_visibility="collapsed", persist_state="session",
    )  # fmt: skip


def _drawn(stop: Stop, asked: Guess, key: str) -> Any:
    """Draw the line on which a number is guessed, or two; return what is guessed at the moment it is."""
    return spread.draw(_spread(stop, asked), key) if asked.marks == 2 else number.draw(_line(stop, asked), key)


def _spread(stop: Stop, asked: Guess) -> spread.Spread:
    found = stops.reveal(stop, asked.id)
    facts = found.facts if found else {}
    numbers = zip(facts.get("seeds", ()), facts.get("own", ()), facts.get("same", ()), strict=True)
    dots = tuple(spread.Dot(f"seed {seed}", own, same) for seed, own, same in numbers)
    own, same = "each on other rows", f"all on the same {facts.get('same_rows', 0):,} rows"
    guess = tuple(found.guess) if found and found.guess else None
    return spread.Spread(asked.ask, asked.low, asked.high, asked.decimals, own, same, guess, dots, found is not None)


def _line(stop: Stop, asked: Guess) -> number.Line:
    found = stops.reveal(stop, asked.id)
    made = found is not None
    guess, answer = (found.guess, found.answer) if found else (None, None)
    return number.Line(asked.ask, asked.low, asked.high, asked.unit, guess, answer, made)


def results(stop: Stop, first: bool) -> None:
    """Draw what came of the guesses that were made: of those before the questions, or of those after."""
    for asked in stop.mission.asks:
        found = stops.reveal(stop, asked.id)
        if found is None or asked.first != first:
            continue
        with st.container(key=f"panel-result-{asked.id}", gap="xsmall"):
            if not asked.options and asked.marks < year.MONTHS:
                _drawn(stop, asked, f"panel.guess.{stop.id}.{asked.id}")
            elif asked.options:
                st.markdown(f":small[{cards.plain(asked.ask)} {_said(asked, found.guess)}.]")
            if found.held:
                st.markdown(f":small[:material/groups: {_given(asked, found.guess)}{stops.HELD}]")
            elif found.ready:
                st.markdown(f":small[{cards.plain(found.text)}]")
            else:
                said = f"{_said(asked, found.guess)}. " if not asked.options else ""
                st.markdown(f":small[:material/lock: {said}The answer comes with the goals below.]")


def _given(asked: Guess, guess: Any) -> str:
    return "Your guess is in. " if guess is not None and not asked.options else ""


def _said(asked: Guess, guess: Any) -> str:
    """Return what was guessed, in the words of its option or as the number it is."""
    if guess is None:
        return "You did not guess"
    chosen = next((option.text for option in asked.options if option.id == guess), None)
    return f"You said **{cards.plain(chosen)}**" if asked.options else f"You said {asked.said(guess)}"


def _question(stop: Stop, asked: Question) -> None:
    """Draw a question; once it was answered, also what is said to the answer."""
    key = f"panel.answer.{stop.id}.{asked.id}"
    given = stops.record_of(stop).answers.get(asked.id)
    with st.container(key=f"panel-question-{asked.id}", gap="small"):
        st.markdown(f":material/help: **{cards.plain(asked.ask)}**")
        if asked.options:
            said = _chosen(asked, key, given)
        else:
            said = st.text_input(asked.ask, key=key, label_visibility="collapsed", persist_state="session")
        st.button(
            "Answer" if given is None else "Answer again", key=f"{key}.go", disabled=not said or said == given,
            type="primary" if given is None else "secondary",
            on_click=stops.act, args=(course.answer, stop.id, asked.id, said),
        )  # fmt: skip
        reply = next((option.reply for option in asked.options if option.id == given), "")
        if given is not None and not asked.options:
            reply = _what_is_missing(stop, asked)
        if reply:
            st.markdown(f"{_AGAIN} :small[{cards.plain(reply)}]")
        there = next((act.query for act in stop.mission.acts if act.page == asked.page), {})
        links.link(asked.page, f"Look on {links.PAGES[asked.page].title}", icon="arrow_forward", **there)


def _what_is_missing(stop: Stop, asked: Question) -> str:
    """Return what the goal of a question says to an answer that was written, and not chosen."""
    of = {goal.id for goal in stop.mission.goals if goal.args.get("question") == asked.id}
    return next((goal.why for goal in stops.report(stop).goals if goal.id in of and goal.ok is False), "")


def boss(stop: Stop) -> None:
    """Draw the sentences for the boss, and what the boss makes of the one that was chosen."""
    asked, given = stop.mission.boss, stops.record_of(stop).boss
    if asked is None:
        return
    key = f"panel.boss.{stop.id}"
    with st.container(key="panel-boss", gap="small"):
        st.markdown(f":material/record_voice_over: **{cards.plain(asked.ask)}**")
        said = _chosen(asked, key, given)
        st.button("Say it", key=f"{key}.go", disabled=said in (None, given), on_click=stops.act,
                  args=(course.choose, stop.id, said))  # fmt: skip
        if given is not None:
            mark = ":green[:material/check_circle:]" if given == asked.good else _AGAIN
            reply = next(option.reply for option in asked.options if option.id == given)
            st.markdown(f"{mark} :small[{cards.plain(reply)}]")
