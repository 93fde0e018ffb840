"""The record of the quiz: what was answered, and what that comes to.

Answers are entries of the workspace's journal, one subject for each question of each attempt. Whether one is right is
never noted: it is asked of the questions again, so whoever has the workspace can check it. A wrong answer comes back
once, when all others were asked; what is answered then stands.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from functools import cached_property
from math import ceil
from typing import Any

from mlops import Workspace
from mlops.base.errors import ConflictError, InvalidError, shown
from playground.course import logbook
from playground.quiz.number import Number, numbers
from playground.quiz.sheet import Option, Question, question, questions

SUBJECT = "quiz"
"""Where the journal says which attempt is on, and when one was passed."""

ENOUGH = 0.8
"""Share of right answers with which the quiz is passed."""


@dataclass(frozen=True)
class Asked:
    """A question, and what was answered to it."""

    question: Question
    first: str | None = None
    second: str | None = None
    """What was answered when it came back."""
    numbers: Mapping[str, Number] = field(default_factory=dict)
    """What stood in it when it was answered."""

    @property
    def given(self) -> str | None:
        """What counts."""
        return self.second or self.first

    @property
    def right(self) -> bool:
        """Whether what counts is right."""
        return self.given == self.question.answer

    @property
    def returns(self) -> bool:
        """Whether it comes back, once all others were asked."""
        return self.first is not None and self.second is None and not self.right

    @property
    def over(self) -> bool:
        """Whether nothing is left to be said to it."""
        return self.right or self.second is not None


@dataclass(frozen=True)
class Quiz:
    """One attempt."""

    all: tuple[Asked, ...]
    attempt: int = 1
    passed_before: bool = False
    """Whether an earlier attempt was passed."""
    event: int | None = None
    """The event with which it was passed first."""

    @property
    def asked(self) -> int:
        """How many questions were answered."""
        return sum(one.first is not None for one in self.all)

    @property
    def right(self) -> int:
        """How many of them are right as it stands."""
        return sum(one.right for one in self.all)

    @property
    def returning(self) -> int:
        """How many come back."""
        return sum(one.returns for one in self.all)

    @property
    def needed(self) -> int:
        """How many right answers pass it."""
        return ceil(ENOUGH * len(self.all))

    @cached_property
    def due(self) -> Asked | None:
        """What is asked next: the first that was not answered, then what comes back; None once it is over."""
        fresh = next((one for one in self.all if one.first is None), None)
        return fresh or next((one for one in self.all if one.returns), None)

    @property
    def over(self) -> bool:
        """Whether everything was asked, and what came back was answered."""
        return self.due is None

    @property
    def enough(self) -> bool:
        """Whether this attempt passes."""
        return self.over and self.right >= self.needed

    @property
    def passed(self) -> bool:
        """Whether it was passed, in this attempt or an earlier one."""
        return self.passed_before or self.enough

    def of(self, name: str) -> Asked:
        """Return a question with what was answered to it."""
        return next(one for one in self.all if one.question.id == name)

    def said(self) -> str:
        """Return it in a sentence.

        Examples
        --------
        >>> Quiz(tuple(map(Asked, questions()[:5]))).said()
        '5 questions; 4 right answers pass. Stop and go on whenever you like.'
        """
        if not self.asked:
            return f"{len(self.all)} questions; {self.needed} right answers pass. Stop and go on whenever you like."
        if self.over:
            return f"{self.right} of {len(self.all)} right; {self.needed} pass."
        back = f", {self.returning} {'comes' if self.returning == 1 else 'come'} back" if self.returning else ""
        return f"{self.asked} of {len(self.all)} answered, {self.right} right{back}; {self.needed} right answers pass."


@dataclass(frozen=True)
class Reply:
    """What is said to an answer."""

    right: bool
    text: str
    """Why what was chosen holds, or does not."""
    returns: bool = False
    """Whether the question comes back; until then its right answer is not told."""


def read(ws: Workspace) -> Quiz:
    """Return how far the quiz is.

    Examples
    --------
    >>> import tempfile
    >>> found = read(Workspace.open(tempfile.mkdtemp()))
    >>> found.asked, found.passed, found.due.question.id
    (0, False, 'notebook')
    """
    kept = ws.journal.all(SUBJECT)
    noted = kept.get(SUBJECT, {})
    attempt = noted.get("attempt") or 1
    before = any(Quiz(_answers(kept, number)).passed for number in range(1, attempt))
    found = Quiz(_answers(kept, attempt), attempt, before)
    return Quiz(found.all, attempt, before, noted.get("passed") if found.passed else None)


def _answers(kept: Mapping[str, Mapping[str, Any]], attempt: int) -> tuple[Asked, ...]:
    return tuple(_asked(one, kept.get(_subject(attempt, one), {})) for one in questions())


def _asked(about: Question, kept: Mapping[str, Any]) -> Asked:
    """Return what was answered; an option that has gone since was never chosen, and is asked again."""
    known = {one.id for one in about.options}
    first, second = (one if one in known else None for one in (kept.get("first"), kept.get("second")))
    found = {name: Number(**value) for name, value in (kept.get("numbers") or {}).items()}
    return Asked(about, first, second if first else None, found)


def _subject(attempt: int, about: Question) -> str:
    return f"{SUBJECT}/{attempt}/{about.id}"


def answer(ws: Workspace, name: str, option: str) -> Reply:
    """Answer a question; a wrong answer comes back once.

    Raises
    ------
    NotFoundError
        If there is no such question.
    InvalidError
        If it is none of the options.
    ConflictError
        If its answer stands, or it comes back later.
    """
    asked, found = question(name), read(ws)
    chosen = _option(asked, option)
    before = found.of(name)
    if before.over:
        raise ConflictError(f"The question {shown(name)} was answered.", "Go on with the next one.")
    if before.first and found.due != before:
        raise ConflictError(f"The question {shown(name)} comes back later.", "Answer the others first.")
    kept = {"second": chosen.id} if before.first else {"first": chosen.id, "numbers": _shown(ws, asked)}
    logbook.begin_calendar(ws)
    ws.journal.write(_subject(found.attempt, asked), kept)
    event, after = ws.head(), read(ws)
    if after.passed and not found.passed:
        ws.journal.write(SUBJECT, {"passed": event})
    now = after.of(name)
    return Reply(now.right, told(chosen.why, now.numbers), now.returns)


def _option(asked: Question, name: str) -> Option:
    for one in asked.options:
        if one.id == str(name):
            return one
    known = ", ".join(one.id for one in asked.options)
    raise InvalidError(f"{shown(name)} is none of the options.", f"Choose one of: {known}.")


def _shown(ws: Workspace, asked: Question) -> dict[str, Any]:
    return {name: asdict(number) for name, number in numbers(ws, asked.numbers).items()}


def again(ws: Workspace) -> None:
    """Begin another attempt; what was answered before stays on record, and what was passed stays passed.

    Raises
    ------
    ConflictError
        If the one that is on is not over.
    """
    found = read(ws)
    if not found.over:
        raise ConflictError("This attempt is not over.", "Answer what is left of it.")
    ws.journal.write(SUBJECT, {"attempt": found.attempt + 1})


def export(ws: Workspace) -> dict[str, Any]:
    """Return what was answered as one document; `recheck` tells whether a workspace bears it out."""
    found = read(ws)
    answers = {one.question.id: [one.first, one.second] for one in found.all if one.first}
    told = {"attempt": found.attempt, "passed": found.passed, "right": found.right, "of": len(found.all)}
    return {**told, "answers": answers}


def recheck(ws: Workspace, told: Mapping[str, Any]) -> list[str]:
    """Return what a document claims and the workspace does not bear out; who has gone on since has claimed less.

    Parameters
    ----------
    told : mapping
        As `export` returned it, for this workspace.
    """
    there = {one.question.id: one for one in _answers(ws.journal.all(SUBJECT), told["attempt"])}
    gone = [name for name in told["answers"] if name not in there]
    claimed = [Asked(there[name].question, *given) for name, given in told["answers"].items() if name in there]
    wrong = [f"there is no question {shown(name)}" for name in gone]
    wrong += [
        f"another answer to {one.question.id} is on record"
        for one in claimed
        if there[one.question.id].first != one.first or one.second not in (None, there[one.question.id].second)
    ]
    right = sum(one.right for one in claimed)
    if not right <= told["right"] <= right + len(gone):
        wrong.append(f"it says {told['right']} right, its answers {right}")
    if told["passed"] and not read(ws).passed:
        wrong.append("it says passed, the record does not")
    return wrong


def told(text: str, found: Mapping[str, Number]) -> str:
    """Return a text of a question with its numbers."""
    return text.format(**{name: number.value for name, number in found.items()})


def shown_numbers(ws: Workspace, asked: Asked) -> Mapping[str, Number]:
    """Return the numbers of a question: those with which it was answered, else those of now."""
    names = asked.question.numbers
    found = {**numbers(ws, [name for name in names if name not in asked.numbers]), **asked.numbers}
    return {name: found[name] for name in names}
