"""What a class guessed at a stop: how many said what, and never who. Numbers come sorted, so their order tells nothing.

What the result is stands beside it only once it is asked for: a projector would tell it to those who have not guessed.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from mlops import Workspace
from mlops.base.records import Record
from playground import course
from playground.classroom import book
from playground.course import held
from playground.course.answers import ANSWERS
from playground.course.logbook import StopState
from playground.course.mission import Guess, Question
from playground.course.verdict import Baseline

BINS = 10
"""Bars into which the line of a number is cut."""

NUMBER = re.compile(r"[+-]?[0-9]{0,4}[.,]?[0-9]{1,20}")
OTHER = "something else"
"""What stands on the projector for an answer that is no number: anybody may write anything there, a name as well."""

Kind = Literal["options", "number", "two", "line", "question"]

KINDS: Mapping[int, Kind] = {1: "number", 2: "two", 12: "line"}
"""How many numbers are guessed -> what is drawn of them."""


@dataclass(frozen=True)
class Bar(Record):
    """How many said one thing."""

    text: str
    count: int
    right: bool = False
    """Whether it is the right one; told only where that was asked for."""


@dataclass(frozen=True)
class Given(Record):
    """What a class said to one guess or question."""

    stop: str
    ask: str
    text: str
    """What was asked."""
    kind: Kind
    low: float = 0
    high: float = 0
    unit: str = ""
    decimals: int = 0
    values: tuple[Any, ...] = ()
    """Numbers, ends, or lines that were guessed, sorted; as people write them. Of options there are only bars."""
    bars: tuple[Bar, ...] = ()
    waived: int = 0
    awaited: int = 0
    """How many take part and have said nothing yet."""
    held: bool = False
    answer: Any = None
    """What came of it at one of the seats; None where it was not asked for, or is not known anywhere."""
    unknown: bool = False
    """Whether what is right was asked for, and is computed from work that nobody has done yet."""
    explain: str = ""

    @property
    def count(self) -> int:
        """How many guessed."""
        return sum(bar.count for bar in self.bars) or len(self.values)

    @property
    def said(self) -> str:
        """It in words.

        Examples
        --------
        >>> bars = Bar("data", 3), Bar("code", 1)
        >>> Given("freeze", "moved", "Which pin moved?", "options", bars=bars, awaited=2).said
        '4 guessed: data (3), code (1). 2 have not yet.'
        """
        told = ", ".join(f"{bar.text} ({bar.count})" for bar in self.bars if bar.count) or self._ends
        how = "answered" if self.kind == "question" else "guessed"
        parts = [f"{self.count} {how}{f': {told}' if told else ''}."]
        parts += [f"{self.waived} did without."] if self.waived else []
        parts += [f"{self.awaited} {'has' if self.awaited == 1 else 'have'} not yet."] if self.awaited else []
        parts += ["What is right is not known at any seat yet."] if self.unknown else []
        return " ".join(parts)

    @property
    def _ends(self) -> str:
        """Between what the pairs of ends, or the ends of the lines, lie."""
        if not self.values or not isinstance(self.values[0], tuple):
            return ""
        names = ("January", "December") if self.kind == "line" else ("lowest", "highest")
        ends = [sorted(value[at] for value in self.values) for at in (0, -1)]
        return ", ".join(f"{name} {_spread(end, self.decimals)}" for name, end in zip(names, ends, strict=True))


def _spread(numbers: Sequence[float], decimals: int) -> str:
    both = dict.fromkeys(f"{one:.{decimals}f}" for one in (numbers[0], numbers[-1]))
    return " to ".join(both)


def guesses(room: Path, name: str | int, answers: bool = False) -> tuple[Given, ...]:
    """Return what a class said to each guess and question of a stop.

    Parameters
    ----------
    room : Path
        The folder of the class.
    name : str or int
        Id or number of the stop.
    answers : bool
        Whether what is right is told as well.
    """
    about, now = course.stop(name), book.read(room)
    found = [(seat, how_far.stops[about.id]) for seat, how_far in held.taking_part(room)]
    states = [state for _, state in found]
    asks = [_guess(about.id, asked, states, now) for asked in about.mission.asks]
    if answers:
        asks = [_told(one, asked, found) for one, asked in zip(asks, about.mission.asks, strict=True)]
    return (*asks, *(_question(about.id, one, states, answers) for one in about.mission.questions))


def _guess(stop: str, asked: Guess, states: Sequence[StopState], now: book.Classroom) -> Given:
    said = [state.guess[asked.id] for state in states if asked.id in state.guess]
    return Given(
        stop,
        asked.id,
        asked.ask,
        "options" if asked.options else KINDS[asked.marks],
        _scaled(asked, asked.low),
        _scaled(asked, asked.high),
        asked.unit,
        asked.decimals,
        values=() if asked.options else tuple(sorted(_scaled(asked, value) for value in said)),
        bars=_bars(asked, said),
        waived=sum(asked.id in state.waived for state in states),
        awaited=sum(not held.has_said(state, asked.id) for state in states),
        held=now.holds(stop, asked.id),
    )


def _scaled(asked: Guess, value: Any) -> Any:
    """Return a number, ends or a line as people write them: of whole thousandths the fraction."""
    many = isinstance(value, (list, tuple))
    return tuple(_scaled(asked, one) for one in value) if many else value / 10**asked.decimals


def _bars(asked: Guess, said: Sequence[Any]) -> tuple[Bar, ...]:
    """Return a bar for each option, or for each part of the line of a number; of ends and lines there are none."""
    counted = Counter(said if asked.options else ())
    if asked.options:
        return tuple(Bar(option.text, counted[option.id]) for option in asked.options)
    if asked.marks > 1:
        return ()
    width = (asked.high - asked.low) / BINS
    parts = Counter(min(BINS - 1, int((value - asked.low) / width)) for value in said)
    ends = [asked.said(round(asked.low + width * at)) for at in range(BINS + 1)]
    return tuple(Bar(f"{ends[at]} to {ends[at + 1]}", parts[at]) for at in range(BINS))


def _told(given: Given, asked: Guess, found: Sequence[tuple[Path, StopState]]) -> Given:
    """Return it with what is right: the option, or what was computed at the first seat at which it is known."""
    if asked.options:
        right = next(option.text for option in asked.options if option.id == asked.answer)
        bars = tuple(replace(bar, right=bar.text == right) for bar in given.bars)
        return replace(given, bars=bars, answer=right, explain=asked.explain)
    begun = ((seat, state.baseline) for seat, state in found if state.baseline is not None)
    computed = (_computed(seat, given.stop, asked, baseline) for seat, baseline in begun)
    answer = next((one for one in computed if one is not None), None)
    return replace(given, answer=answer, unknown=answer is None)


def _computed(seat: Path, stop: str, asked: Guess, baseline: Baseline) -> Any:
    try:
        there = course.workspace(Workspace.open(seat, create=False), stop)
        answer = ANSWERS[asked.answer](there, baseline)
    except Exception:  # a check breaks in every way, and a projector has nobody to tell
        return None
    return None if answer is None else _scaled(asked, answer.value)


def _question(stop: str, asked: Question, states: Sequence[StopState], answers: bool) -> Given:
    counted = Counter(_readable(asked, str(state.answers[asked.id])) for state in states if asked.id in state.answers)
    right = right_answer(stop, asked.id) if answers else ""
    texts = {option.id: option.text for option in asked.options} or {said: said for said, _ in counted.most_common()}
    bars = tuple(Bar(text, counted[name], name == right) for name, text in texts.items())
    awaited = sum(not held.has_said(state, asked.id) for state in states)
    answer = texts.get(right, right) or None
    return Given(stop, asked.id, asked.ask, "question", bars=bars, awaited=awaited, answer=answer)


def _readable(asked: Question, said: str) -> str:
    """Return an answer as a whole class may read it: where anything can be written, a number, or that it is none."""
    return said if asked.options or NUMBER.fullmatch(said) else OTHER


def right_answer(stop: str, question: str) -> str:
    """Return the answer that the solution of a stop gives to one of its questions; nothing if it gives none."""
    said = (step.args for step in course.stop(stop).mission.solution if step.do == "say")
    return next((str(args["value"]) for args in said if args["question"] == question), "")
