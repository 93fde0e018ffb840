"""Missions: everything about a stop that is words and data, one YAML file each, read strictly.

A mission names its checks and acts; what they do is code (`checks`, `acts`). What a file says wrongly is refused with
its line and its key, as in a config.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from mlops.base import strict_yaml
from mlops.base.strict_yaml import found, invalid
from playground.notebook.judging import claims
from playground.notebook.nbformat import shipped

FOLDER = Path(__file__).with_name("missions")

NOTEBOOK = next(claim.value for claim in claims(shipped()) if (claim.cell, claim.name) == ("model", "AUC"))
"""The number in the shipped notebook that its author was proud of."""

MOST_ACTS, MOST_WORDS, MOST_TRAININGS = 8, 90, 3
"""What a stop may ask of a learner in its few minutes."""

LAB_STORY, LAB_GOALS = 60, 5
"""How many words the story of a lab may have, and how many goals: nobody stands beside who reads it."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


class Option(_Part):
    """One answer to choose."""

    id: str
    text: str
    reply: str = ""
    """What is said to whoever chose it."""


class Guess(_Part):
    """What is asked before the result is shown."""

    id: str
    ask: str
    options: tuple[Option, ...] = ()
    """What can be chosen; a number is asked for where there are none."""
    low: int = 0
    high: int = 0
    unit: str = ""
    marks: Literal[1, 2, 12] = 1
    """How many numbers are guessed: one, the lowest and the highest of several, or a line with one for each month."""
    decimals: int = 0
    """Of the numbers, which are whole: 822 is 0.822 where it is 3."""
    first: bool = False
    """Whether it comes before the questions of its stop; else after them."""
    answer: str
    """Id of the right option, or the name of what computes the number from the workspace (`answers`)."""
    explain: str
    """What is said with the answer; ``{answer}``, ``{guess}`` and what the computation knows stand in it."""

    @model_validator(mode="after")
    def _can_be_answered(self) -> Guess:
        if bool(self.options) == (self.high > self.low):
            raise ValueError("a guess has options, or a number between low and high")
        if self.options and self.answer not in {one.id for one in self.options}:
            raise ValueError(f"answer is none of {', '.join(one.id for one in self.options)}")
        return self

    def is_sound(self, value: Any) -> bool:
        """Tell whether a value can be guessed: an option, a number of the range, two, the lower first, or a line."""
        if self.options:
            return value in {one.id for one in self.options}
        if self.marks > 1 and not (isinstance(value, (list, tuple)) and len(value) == self.marks):
            return False
        numbers = [*value] if self.marks > 1 else [value]
        sound = all(type(one) in (int, float) and self.low <= one <= self.high for one in numbers)
        return sound and (self.marks != 2 or numbers == sorted(numbers))

    def said(self, value: Any) -> str:
        """Return a number, or the ends of several, as people write them."""
        if isinstance(value, (list, tuple)):
            return " to ".join(dict.fromkeys(map(self.said, (value[0], value[-1]))))
        return f"{value / 10**self.decimals:,.{self.decimals}f}"


class Question(_Part):
    """What the learner has to find out and answer; a goal looks at the answer."""

    id: str
    ask: str
    options: tuple[Option, ...] = ()
    page: str
    """Screen on which it can be found out."""
    since: str = Field("", pattern=r"^(\d{4}-\d\d-\d\d)?$")
    """Day of the calendar from which on it is asked; at once if there is none."""
    holds: bool = False
    """Whether no month passes from that day on before it is answered."""

    def is_due(self, now: str) -> bool:
        """Tell whether it is asked at an instant."""
        return now >= self.since


class Goal(_Part):
    """What has to be true."""

    id: str
    kind: Literal["milestone", "invariant"]
    """A milestone stays reached; an invariant has to hold until the stop is solved."""
    text: str
    check: str
    args: Mapping[str, Any] = Field(default_factory=dict)


class Act(_Part):
    """One thing to do, as the panel lists it."""

    text: str
    page: str
    query: Mapping[str, str] = Field(default_factory=dict)
    wait: str = ""
    """What is waited for (`budget`)."""
    trains: bool = False


class Hint(_Part):
    """One hint."""

    text: str
    page: str = ""
    """Screen to which it leads."""


class Extra(_Part):
    """What there is to do beyond the goals, for whoever has five more minutes."""

    text: str
    page: str
    query: Mapping[str, str] = Field(default_factory=dict)


class Debrief(_Part):
    """What is said when the stop is solved."""

    cause: str
    how_to_detect: str
    how_to_prevent: str
    in_other_tools: str


class Boss(_Part):
    """One sentence for the boss, to be chosen; each has its reply."""

    ask: str
    options: tuple[Option, ...]
    good: str


class Start(_Part):
    """From what a stop begins."""

    fixture: str
    """The workspace that is built for it; one of scope "own" uses it where the learner's own cannot serve."""
    chapter: str
    """What every screen says while the chapter is open: where one is, and how it came to be."""
    page: str = ""
    """The screen on which a lab begins; a stop begins with its first act."""
    query: Mapping[str, str] = Field(default_factory=dict)


class Honesty(_Part):
    """What is real in a stop, and what is simulated."""

    real: str
    simulated: str


class Step(_Part):
    """One step of a solution: an act by its name (`acts`), with what it needs."""

    do: str
    args: Mapping[str, Any] = Field(default_factory=dict)
    wait: str = ""
    """What somebody waits for who does it alone (`budget`): in a lab, which lists no acts."""


class Mission(_Part):
    """Everything about one stop, or one lab."""

    id: str
    title: str
    minutes: int
    teaches: tuple[str, ...]
    start: Start
    story: str
    asks: tuple[Guess, ...] = ()
    questions: tuple[Question, ...] = ()
    acts: tuple[Act, ...] = ()
    """What is listed to be done; nothing in a lab, where finding it out is the task."""
    goals: tuple[Goal, ...]
    hints: tuple[Hint, ...] = Field(min_length=3)
    aha: str
    """What is said when it is solved; ``{answer}`` stands in it where it is about a number of the learner's own."""
    aha_answer: str = ""
    """Name of what computes that number (`answers`)."""
    extra: Extra | None = None
    debrief: Debrief
    after: str
    boss: Boss | None = None
    honesty: Honesty
    solution: tuple[Step, ...]
    alternatives: tuple[tuple[Step, ...], ...]

    @model_validator(mode="after")
    def _names_what_there_is(self) -> Mission:
        from playground.course import acts, answers, checks, labs  # noqa: F401  # they register what can be named

        if bool(self.acts) == bool(self.start.page):
            raise ValueError("it lists its acts, or says on which page it begins: a stop the one, a lab the other")
        computed = [one.answer for one in self.asks if not one.options] + [*filter(None, [self.aha_answer])]
        known = {"check": checks.CHECKS, "step": acts.ACTS, "answer": answers.ANSWERS}
        asked = {
            "check": [one.check for one in self.goals],
            "step": [step.do for way in (self.solution, *self.alternatives) for step in way],
            "answer": computed,
        }
        for what, names in asked.items():
            if unknown := sorted(set(names) - set(known[what])):
                raise ValueError(f"there is no {what} {unknown[0]!r}; there are {', '.join(sorted(known[what]))}")
        return self

    @property
    def begins(self) -> tuple[str, Mapping[str, str]]:
        """The screen on which one begins, and what the link to it carries."""
        first: Start | Act = self.acts[0] if self.acts else self.start
        return first.page, first.query

    @property
    def steps(self) -> tuple[str, ...]:
        """What is done to solve it, in words; a lab tells it in its last hint alone."""
        return tuple(act.text for act in self.acts) or (self.hints[-1].text,)

    @property
    def words(self) -> int:
        """How many words a learner reads until the stop is solved: story, guesses, goals, acts."""
        texts = [self.story, *(one.text for one in (*self.acts, *self.goals))]
        for asked in (*self.asks, *self.questions):
            texts += [asked.ask, *(option.text for option in asked.options)]
        return sum(map(count_words, texts))


def count_words(text: str) -> int:
    """Return how many words a text has.

    Examples
    --------
    >>> count_words("Like with like")
    3
    """
    return len(re.findall(r"\S+", text))


@cache
def load(name: str) -> Mission:
    """Return the mission of a stop.

    Raises
    ------
    ConfigError
        If its file is no mission; `details` name line, field and rule.
    """
    return read((FOLDER / f"{name}.yaml").read_text(encoding="utf-8"), f"{name}.yaml")


def read(text: str, where: str) -> Mission:
    """Read the text of a mission; see `load`."""
    values, _ = strict_yaml.parse(text.replace("{notebook}", NOTEBOOK), where)
    try:
        return Mission.model_validate(values)
    except ValidationError as error:
        raise invalid(_problems(error, yaml.compose(text, Loader=yaml.SafeLoader)), where) from None


def _problems(error: ValidationError, document: Any) -> Iterator[dict[str, Any]]:
    for one in error.errors():
        field = ".".join(str(part) for part in one["loc"]) or "mission"
        rule = one["msg"].removeprefix("Value error, ")
        yield found(_line(document, one["loc"]), field, f"{field}: {rule[0].lower()}{rule[1:]}")


def _line(node: Any, place: tuple[int | str, ...]) -> int:
    """Return the line of a place in a document, or of the nearest one around it that is there."""
    line = 1
    for part in place:
        if isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
            node = node.value[part]
        elif isinstance(node, yaml.MappingNode):
            pair = next(((key, value) for key, value in node.value if key.value == part), None)
            if pair is None:
                return line
            line, node = pair[0].start_mark.line + 1, pair[1]
            continue
        else:
            return line
        line = node.start_mark.line + 1
    return line
