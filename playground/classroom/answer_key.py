"""The answer key of a stop: what is right and why, how it is solved, and what to talk about; all from its mission."""

from __future__ import annotations

from dataclasses import dataclass

from playground import course
from playground.classroom.given import right_answer

COMPUTED = "computed from each learner's own work"
"""What stands in the key where the answer is a number of the learner's own."""


@dataclass(frozen=True)
class Answered:
    """One guess or question, and what is right."""

    ask: str
    right: str
    why: str = ""
    others: tuple[tuple[str, str], ...] = ()
    """Each other option to which something is said, and what."""


@dataclass(frozen=True)
class AnswerKey:
    """What a teacher needs to know of a stop."""

    asks: tuple[Answered, ...]
    steps: tuple[str, ...]
    """How it is solved."""
    talk: tuple[tuple[str, str], ...]
    """Heading and text of what to talk about afterwards."""


def of(name: str | int) -> AnswerKey:
    """Return the answer key of a stop or lab.

    Examples
    --------
    >>> [one.right for one in of("rollback").asks[:3]]
    ['no', 'v1.1.0', "computed from each learner's own work"]
    """
    about = course.stop(name).mission
    guesses = [_of(asked.ask, asked.options, asked.answer, asked.explain) for asked in about.asks]
    questions = [_of(one.ask, one.options, right_answer(about.id, one.id)) for one in about.questions]
    boss = [_of(about.boss.ask, about.boss.options, about.boss.good)] if about.boss else []
    told = about.debrief
    talk = (
        ("The sentence to end with", "" if about.aha_answer else about.aha),
        ("Ask the class", about.after),
        ("What was the cause", told.cause),
        ("How one would notice", told.how_to_detect),
        ("How to prevent it", told.how_to_prevent),
        ("In other tools", told.in_other_tools),
    )
    steps = tuple(act.text for act in about.acts) or (about.hints[-1].text,)
    return AnswerKey((*guesses, *questions, *boss), steps, tuple(one for one in talk if one[1]))


def _of(ask: str, options: tuple[course.Option, ...], answer: str, why: str = "") -> Answered:
    if not options:
        computed = not answer or answer in course.ANSWERS
        return Answered(ask, COMPUTED if computed else answer, "" if computed else why)
    right = next(option for option in options if option.id == answer)
    others = tuple((one.text, one.reply) for one in options if one.id != answer and one.reply)
    return Answered(ask, right.text, why or right.reply, others)
