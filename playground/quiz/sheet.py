"""Questions: everything that is asked, as data (`quiz.yaml`), read strictly; each option says why it holds or not."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from string import Formatter

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, model_validator

from mlops.base import strict_yaml
from mlops.base.errors import NotFoundError, shown
from mlops.base.strict_yaml import found, invalid
from playground.quiz.number import NUMBERS

FILE = Path(__file__).with_name("quiz.yaml")


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


class Option(_Part):
    """One answer to choose."""

    id: str
    text: str
    why: str
    """Why it holds, or does not."""


class About(_Part):
    """What a question is about."""

    heading: str
    """The part of the module."""
    stops: tuple[str, ...]
    """Stops and labs in which it was done."""


class Question(_Part):
    """A situation, and what one could do in it. Names in braces stand for numbers of the learner's own (`numbers`)."""

    id: str
    about: About
    ask: str
    page: str
    """Screen on which it can be looked at."""
    tab: str = ""
    """Tab of the guide, where it is looked at there."""
    answer: str
    options: tuple[Option, ...] = Field(min_length=3)

    @model_validator(mode="after")
    def _can_be_answered(self) -> Question:
        known = [one.id for one in self.options]
        if self.answer not in known or len({*known}) < len(known):
            raise ValueError(f"answer is none of {', '.join(known)}, or two have one id")
        if unknown := set(self.numbers) - NUMBERS.keys():
            raise ValueError(f"there is no number {min(unknown)!r}; there are {', '.join(sorted(NUMBERS))}")
        return self

    @property
    def numbers(self) -> tuple[str, ...]:
        """The names of the numbers in it, in the order in which they stand there."""
        texts = [self.ask, *(text for one in self.options for text in (one.text, one.why))]
        named = [name for text in texts for _, name, _, _ in Formatter().parse(text) if name is not None]
        return tuple(dict.fromkeys(named))


@cache
def questions() -> tuple[Question, ...]:
    """Return all questions, in their order.

    Examples
    --------
    >>> questions()[0].id, questions()[0].numbers
    ('notebook', ('notebook', 'honest'))
    """
    return read(FILE.read_text("utf-8"), FILE.name)


def read(text: str, where: str) -> tuple[Question, ...]:
    """Read the text of a quiz.

    Raises
    ------
    ConfigError
        If a question is none: `details` name the field and the rule.
    """
    values, _ = strict_yaml.parse(text, where)
    try:
        return TypeAdapter(tuple[Question, ...]).validate_python(values)
    except ValidationError as error:
        problems = [
            (".".join(map(str, one["loc"])), one["msg"].removeprefix("Value error, ")) for one in error.errors()
        ]
        raise invalid((found(None, field, f"{field}: {rule}") for field, rule in problems), where) from None


def question(name: str) -> Question:
    """Return the question with an id.

    Raises
    ------
    NotFoundError
        If there is none.
    """
    for one in questions():
        if one.id == name:
            return one
    known = ", ".join(one.id for one in questions())
    raise NotFoundError(f"The quiz has no question {shown(name)}.", f"It has: {known}.")
