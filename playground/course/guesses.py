"""Guesses, answers and hints: what a learner says, and what is said back.

A guess is committed, or waived, before the result it is about is shown; it is made once. An answer to a question can be
given again. A hint opens after a check that failed, or after a while; nobody counts them aloud.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from mlops import Workspace
from mlops.base.clock import datetime_of
from mlops.base.errors import ConflictError, InvalidError, NotFoundError, RefusedError, shown
from mlops.base.records import check_text
from playground.classroom import book
from playground.course import held, logbook
from playground.course.answers import ANSWERS
from playground.course.logbook import StopState
from playground.course.looking import mission, place, workspace
from playground.course.mission import Guess, Hint, Question
from playground.course.people import counts
from playground.course.stops import EVERY, stop
from playground.course.verdict import events_since
from playground.words import day

PATIENCE = 60
"""Seconds after which the next hint opens by itself."""

WAIT = "Try it first: the next hint opens after your next act, or in a minute."


@dataclass(frozen=True)
class Reveal:
    """The result that a guess was about."""

    ask: str
    ready: bool
    """Whether it is known already; what is computed has to be made first."""
    guess: Any = None
    """What was guessed; None if it was waived."""
    answer: Any = None
    right: bool | None = None
    """Whether the chosen option is the right one; None for a number, which is near or far."""
    text: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)
    """What the computation of a number knows beside it."""
    held: bool = False
    """Whether it stays covered until the whole class has guessed, or its teacher opens it."""


@dataclass(frozen=True)
class Reply:
    """What is said to an answer."""

    value: str
    text: str
    good: bool | None = None
    """Whether the sentence for the boss is the one that holds; None for an answer, which a goal judges."""


def _ask(state: StopState, name: str) -> Guess:
    """Return the guess with an id; without one, the first that is still open, else the last."""
    asks = mission(state.id).asks
    if name:
        found = next((one for one in asks if one.id == name), None)
        if found is None:
            raise NotFoundError(f"There is no guess {shown(name)}.", f"There are: {', '.join(one.id for one in asks)}.")
        return found
    return next((one for one in asks if not held.was_said(state, one.id)), asks[-1])


def guess(ws: Workspace, name: str | int, value: Any, ask: str = "") -> Reveal:
    """Commit to a guess; it cannot be changed, and the result is shown.

    Raises
    ------
    InvalidError
        If it is none of the options, or no number in the range.
    ConflictError
        If it was committed or waived before.
    """
    with logbook.turn(ws):
        state = logbook.begun(ws, stop(name))
        asked = _ask(state, ask)
        if held.was_said(state, asked.id):
            raise ConflictError("This guess was made, and its result is open.", "Go on with the goals.")
        if not asked.is_sound(value):
            raise _unsound(asked, value)
        there, guessed = place(ws, state), {**state.guess, asked.id: value}
        if there is not ws:
            logbook.write(there, state.id, guess=guessed)  # what came of it is found out where the stop happens
        logbook.write(ws, state.id, guess=guessed)
    held.settle(book.room_of(ws.path))
    return _revealed(ws, state.id, asked, value)


def _unsound(asked: Guess, value: Any) -> InvalidError:
    if asked.options:
        known = ", ".join(option.id for option in asked.options)
        return InvalidError(f"{shown(value)} is none of the options.", f"Choose one of: {known}.")
    what, instead = {
        1: ("no number", "Guess a number."),
        2: ("not two numbers, the lower first,", "Guess the lowest and the highest."),
        12: ("not twelve numbers", "Draw a line through all months."),
    }[asked.marks]
    return InvalidError(f"{shown(value)} is {what} from {asked.low} to {asked.high:,}.", instead)


def waive(ws: Workspace, name: str | int, ask: str = "") -> Reveal:
    """Do without a guess, and be shown the result."""
    with logbook.turn(ws):
        state = logbook.begun(ws, stop(name))
        asked = _ask(state, ask)
        if not held.was_said(state, asked.id):
            logbook.write(ws, state.id, waived=[*state.waived, asked.id])
    held.settle(book.room_of(ws.path))
    return _revealed(ws, state.id, asked, state.guess.get(asked.id))


def reveal(ws: Workspace, name: str | int, ask: str = "") -> Reveal | None:
    """Return the result that a guess is about; None as long as it stays covered."""
    state = logbook.read(ws).stops[stop(name).id]
    asked = _ask(state, ask)
    return _revealed(ws, state.id, asked, state.guess.get(asked.id)) if held.was_said(state, asked.id) else None


def _revealed(ws: Workspace, name: str, asked: Guess, guessed: Any) -> Reveal:
    if held.is_held(ws, name, asked.id):
        return Reveal(asked.id, False, guessed, held=True)
    if asked.options:
        chosen = next((option for option in asked.options if option.id == guessed), None)
        text = " ".join(filter(None, [chosen.reply if chosen else "", asked.explain]))
        return Reveal(asked.id, True, guessed, asked.answer, None if chosen is None else guessed == asked.answer, text)
    state = logbook.read(ws).stops[name]
    found = ANSWERS[asked.answer](place(ws, state), state.baseline)
    if found is None:
        return Reveal(asked.id, False, guessed)
    explain, said = asked.explain, "" if guessed is None else asked.said(guessed)
    for words in ("You said {guess}", "You drew {guess}") if guessed is None else ():
        explain = explain.replace(words, "You made no guess")
    text = explain.format(answer=asked.said(found.value), guess=said, **found.facts)
    return Reveal(asked.id, True, guessed, found.value, None, text, found.facts)


def answer(ws: Workspace, name: str | int, question: str, value: Any) -> Reply:
    """Answer a question of a stop; it can be answered again.

    Returns
    -------
    Reply
        What is said to it; whether it is right, a goal tells.
    """
    state = logbook.begun(ws, stop(name))
    asked, there = _question(state.id, question), place(ws, state)
    if not asked.is_due(there.now()):
        raise RefusedError(
            f"This is asked from {day(asked.since)} on; it is {day(there.now())}.", "Let the months pass first."
        )
    said, known = check_text(str(value).strip(), "answer", 200), {option.id for option in asked.options}
    if said.lower().removeprefix("v") in known:
        said = said.lower().removeprefix("v")  # a version, as screens show it
    if known and said not in known:
        raise InvalidError(
            f"{shown(said)} is none of the options.", f"Choose one of: {', '.join(one.id for one in asked.options)}."
        )
    with logbook.turn(ws):
        answers = {**logbook.begun(ws, stop(name)).answers, asked.id: said}
        if there is not ws:
            logbook.write(there, state.id, answers=answers)  # checks read the workspace in which the stop happens
        logbook.write(ws, state.id, answers=answers)
    return Reply(said, _said_to(asked, said))


def due(ws: Workspace, name: str | int) -> tuple[Question, ...]:
    """Return the questions of a stop that are asked by now, on the calendar of where it happens.

    One that belongs to a later day would tell what comes.
    """
    now = workspace(ws, name).now()
    return tuple(one for one in mission(name).questions if one.is_due(now))


def held_by(ws: Workspace) -> Question | None:
    """Return the question that is to be answered before another month passes in a workspace; None if there is none.

    Parameters
    ----------
    ws : Workspace
        The one in which a stop happens: its journal has the answers that were given there.
    """
    for one in EVERY:
        kept = ws.journal.read(logbook.subject(one.id)) or {}
        if kept.get("status") != "under_way":
            continue
        said, now = kept.get("answers") or {}, ws.now()
        for asked in one.mission.questions:
            if asked.holds and asked.id not in said and asked.is_due(now):
                return asked
    return None


def replied(ws: Workspace, name: str | int, question: str) -> Reply | None:
    """Return the last answer to a question and what was said to it; None as long as there is none."""
    state = logbook.read(ws).stops[stop(name).id]
    asked = _question(state.id, question)
    said = state.answers.get(asked.id)
    return None if said is None else Reply(said, _said_to(asked, said))


def _said_to(asked: Question, said: str) -> str:
    return next((option.reply for option in asked.options if option.id == said), "")


def _question(name: str, question: str) -> Question:
    questions = mission(name).questions
    for one in questions:
        if one.id == question:
            return one
    known = ", ".join(one.id for one in questions) or "none"
    raise NotFoundError(f"{stop(name).heading} asks no question {shown(question)}.", f"There are: {known}.")


def aha(ws: Workspace, name: str | int) -> str:
    """Return the sentence that a stop ends with, about the workspace in which it happened."""
    about, state = mission(name), logbook.read(ws).stops[stop(name).id]
    found = ANSWERS[about.aha_answer](place(ws, state), state.baseline) if about.aha_answer else None
    return about.aha.format(answer=found.value) if found else about.aha


def choose(ws: Workspace, name: str | int, option: str) -> Reply:
    """Choose the sentence for the boss, once the stop lies behind one; return what the boss makes of it."""
    state, boss = logbook.begun(ws, stop(name)), mission(name).boss
    if boss is None or not state.done:
        raise RefusedError("There is no sentence to choose yet.", f"Solve the {stop(name).kind} first.")
    chosen = next((one for one in boss.options if one.id == option), None)
    if chosen is None:
        known = ", ".join(one.id for one in boss.options)
        raise InvalidError(f"{shown(option)} is none of the sentences.", f"Choose one of: {known}.")
    logbook.write(ws, state.id, boss=option)
    return Reply(option, chosen.reply, option == boss.good)


def may_hint(ws: Workspace, name: str | int) -> bool:
    """Tell whether the next hint is open: after a check that failed, an own act, or a minute."""
    state = logbook.read(ws).stops[stop(name).id]
    if state.baseline is None or state.hints >= len(mission(name).hints):
        return False
    waited = (datetime.now(UTC) - datetime_of(state.since)).total_seconds() if state.since else 0
    return state.tried or waited >= PATIENCE or _acted(place(ws, state), state)


def _acted(there: Workspace, state: StopState) -> bool:
    """Tell whether the learner did anything since the last hint; it was not enough, or nobody would ask for one."""
    since = [event for event in events_since(there, state.baseline) if event["recorded_at"] > (state.since or "")]
    return any(counts(event["actor"]) for event in since)


def hint(ws: Workspace, name: str | int) -> Hint:
    """Open the next hint and return it.

    Raises
    ------
    RefusedError
        If it is not open yet, or there is no other.
    """
    state, hints = logbook.begun(ws, stop(name)), mission(name).hints
    if state.hints >= len(hints):
        raise RefusedError("There are no more hints.", "Let it be shown to you on a copy.")
    if not may_hint(ws, name):
        raise RefusedError("The next hint is not open yet.", WAIT)
    logbook.write(ws, state.id, hints=state.hints + 1, tried=False, since=logbook.wall())
    return hints[state.hints]
