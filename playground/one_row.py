"""One row: what may be asked of each of its fields, and how the answer moves while a value moves.

`OneRow` is the plain record that is drawn, said in a sentence and shown as a table. Whenever the row stands still, each
model is asked once (`asked`): the row, the row before it - the ghost - and for each field the row with every value at
which its slider rests or that can be chosen. So a drag moves through true answers, not through a curve between some of
them. Nothing is drawn here, and nothing is logged: see `ui/predict/one_row`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import pandas as pd

from mlops.data.described import title
from playground import dots, words

STOPS = 40
"""Values at which a slider rests, at most, and one more: the one that stands there."""

CHOICES = 30
"""Levels of a field that are all asked about; where there are more, the one that was chosen is."""

ASKED = 1000
"""Rows in one question, at most: where a model has many fields, the later ones are asked about as they change."""

FAR = 3
"""A value is far out where it lies so many times the middle half beyond it; a slider does not go there."""


@dataclass(frozen=True)
class Field:
    """What one feature of a row may be."""

    name: str
    label: str
    unit: str
    meaning: str
    kind: Literal["number", "choice", "text"]
    whole: bool
    """Whether it is a whole number."""
    nullable: bool
    """Whether it may be unknown."""
    low: Any
    """The least value that the model's data have; None where that is not known."""
    high: Any
    stops: tuple[Any, ...]
    """Where its slider rests, or what can be chosen."""

    def points(self, value: Any) -> tuple[Any, ...]:
        """Return what is asked about it where it has a value: its stops, that value, and nothing if it may be so.

        Examples
        --------
        >>> age = Field("age", "Age", "years", "", "number", True, True, 18, 22, (18, 20, 22))
        >>> age.points(19), age.points(None)
        ((18, 19, 20, 22, None), (18, 20, 22, None))
        """
        known = {*self.stops} if value is None else {*self.stops, value}
        found = sorted(known) if self.kind == "number" else [*self.stops, *sorted(known - {*self.stops}, key=str)]
        return (*found, *([None] if self.nullable else []))

    def beyond(self, value: Any) -> str:
        """Say that a value lies outside of all that the model has seen; nothing where it does not.

        Examples
        --------
        >>> age = Field("age", "Age", "years", "", "number", True, True, 18, 89, (18, 89))
        >>> age.beyond(120), age.beyond(89)
        ('Its data have 18 to 89 years: out here it was never tried.', '')
        """
        if self.kind == "choice":
            return "Its data never had that." if value is not None and value not in self.stops else ""
        if value is None or self.low is None or self.low <= value <= self.high:
            return ""
        unit = f" {self.unit}" if self.unit else ""
        return f"Its data have {_number(self.low)} to {_number(self.high)}{unit}: out here it was never tried."


def examples(metadata: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Return rows to begin with, by what they are called: real ones, as the model takes them.

    Examples
    --------
    >>> examples({"signature": {"id": "id", "features": [{"name": "age"}]}, "examples": [{"row": {"id": 7, "age": 4}}]})
    {'7': {'age': 4}}
    """
    signature, found = metadata["signature"], [one["row"] for one in metadata["examples"]] or [{}]
    names = [feature["name"] for feature in signature["features"]]
    return {
        str(row.get(signature["id"]) or f"Example {number}"): {name: row.get(name) for name in names}
        for number, row in enumerate(found, 1)
    }


def fields(signature: Mapping[str, Any], profile: Any, said: Mapping[str, Any]) -> tuple[Field, ...]:
    """Return the fields of a model's row, in its order.

    Parameters
    ----------
    signature : mapping
        Of the model.
    profile : Profile
        Of the data that it learned from: where sliders begin, end and rest.
    said : mapping
        What its columns are called, in which unit they are, what they mean.
    """
    seen = {column.name: column.distribution for column in profile.columns}
    return tuple(_field(feature, seen.get(feature["name"]), said) for feature in signature["features"])


def _field(feature: Mapping[str, Any], seen: Mapping[str, Any] | None, said: Mapping[str, Any]) -> Field:
    name, kind = feature["name"], feature["type"]
    about = said.get(name) or {}
    low = high = None
    found: tuple[Any, ...] = ()
    if kind in ("integer", "number") and seen and seen["kind"] == "histogram":
        low, high = seen["min"], seen["max"]
        found = stops(seen, kind == "integer")
    elif kind == "boolean":
        found = (True, False)
    elif kind == "text":
        found = tuple(feature["levels"] or ())
    return Field(
        name, title(said, name, unit=False) if name in said else name.replace("_", " "),
        str(about.get("unit") or ""), str(about.get("meaning") or ""),
        "number" if kind in ("integer", "number") else "choice" if found else "text",
        kind == "integer", bool(feature["nullable"]), low, high, found,
    )  # fmt: skip


def stops(seen: Mapping[str, Any], whole: bool) -> tuple[Any, ...]:
    """Return where a slider rests: round numbers between the least and the largest value, and these two.

    It leaves out what is far from all others (`FAR`), where the middle half of the values has a width at all.

    Parameters
    ----------
    seen : mapping
        ``min, q1, q3, max`` of the values.
    whole : bool
        Whether they are whole numbers.

    Examples
    --------
    >>> stops({"min": 1, "q1": 2, "q3": 4, "max": 5}, whole=True)
    (1, 2, 3, 4, 5)
    >>> stops({"min": 0.0, "q1": 10.0, "q3": 20.0, "max": 9000.0}, whole=False)[-3:]
    (46.0, 48.0, 50.0)
    """
    low, high, width = seen["min"], seen["max"], FAR * (seen["q3"] - seen["q1"])
    if width:
        low, high = max(low, seen["q1"] - width), min(high, seen["q3"] + width)
    if whole:
        low, high = math.ceil(low), math.floor(high)
    step = _step((high - low) / (STOPS - 2), whole)
    inside = [round(number * step, 12) for number in range(math.ceil(low / step), math.floor(high / step) + 1)]
    return tuple(sorted({int(one) if whole else float(one) for one in (low, *inside, high)}))


def _step(least: float, whole: bool) -> float:
    """Return 1, 2 or 5 times a power of ten: the smallest of these that is large enough."""
    if least <= 0:
        return 1
    power = 10.0 ** math.floor(math.log10(least))
    found = next(power * times for times in (1, 2, 5, 10) if power * times >= least * (1 - 1e-9))
    return max(found, 1) if whole else found


def asked(of: Sequence[Field], row: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """Return all values of one field each that are asked about beside a row, as ``(field, value)``."""
    found: list[tuple[str, Any]] = []
    for field in of:
        points = field.points(row[field.name]) if len(field.stops) <= max(STOPS + 1, CHOICES) else ()
        if len(found) + len(points) <= ASKED:
            found += [(field.name, point) for point in points]
    return found


@dataclass(frozen=True)
class Answer:
    """What a model answers to one row."""

    numbers: tuple[float, ...]
    """The score of a yes or no; of each class; or the number that is foretold."""
    decided: int | None
    """Position of its decision in `OneRow.decisions`; a number has none."""


@dataclass(frozen=True)
class Side:
    """One model, and what it answers."""

    word: str
    """What it is called beside the other: live, yours; of one alone, nothing."""
    name: str
    threshold: float | None
    now: Answer | None = None
    """None where it cannot answer."""
    was: Answer | None = None
    """To the row before: the ghost."""
    others: Mapping[str, tuple[Answer, ...]] | None = None
    """By field, its answer to each of `Field.points`."""
    warnings: tuple[str, ...] = ()
    refused: str = ""
    """Why it cannot answer."""


@dataclass(frozen=True)
class OneRow:
    """A row as it is drawn, with the answers of one model or two."""

    fields: tuple[Field, ...]
    row: Mapping[str, Any]
    sides: tuple[Side, ...]
    task: str
    about: str
    """What the number is: the chance to leave."""
    decisions: tuple[str, ...]
    """In the words of the people who act on them; the positive one first."""
    scale: tuple[float, float]
    """From where to where its gauge goes."""
    unit: str = ""

    def said(self, answer: Answer) -> str:
        """Return an answer in words."""
        if self.task == "regression":
            return f"{words.amount(answer.numbers[0])}{f' {self.unit}' if self.unit else ''}"
        at = answer.decided or 0
        share = answer.numbers[at if self.task == "multiclass" else 0]
        return f"{share:.0%}, {self.decisions[at]}"

    @property
    def sentence(self) -> str:
        """What is answered now, and what was before."""
        told = []
        for side in self.sides:
            who = f"{side.word} {side.name}".strip()
            if side.now is None:
                told.append(f"{who} cannot answer")
                continue
            before = f" (before: {self.said(side.was)})" if side.was and side.was != side.now else ""
            told.append(f"{who}: {self.said(side.now)}{before}")
        return f"{self.about.capitalize()}. {'; '.join(told)}."

    def frame(self) -> pd.DataFrame:
        """Return the fields as a table: what each one is, what its data had, and what it alone could make of it."""
        return pd.DataFrame([
            {
                "Field": f"{field.label} ({field.unit})" if field.unit else field.label,
                "Value": "not known" if (value := self.row[field.name]) is None else str(value),
                "Its data": _seen(field),
                **{f"{side.word or side.name} could be": self._span(side, field) for side in self.sides},
            }
            for field in self.fields
        ])  # fmt: skip

    def _span(self, side: Side, field: Field) -> str:
        found = (side.others or {}).get(field.name)
        if not found or side.now is None:
            return ""
        at = side.now.decided or 0 if self.task == "multiclass" else 0
        ends = [end(answer.numbers[at] for answer in found) for end in (min, max)]
        return " to ".join(words.amount(one) if self.task == "regression" else f"{one:.0%}" for one in ends)


def _seen(field: Field) -> str:
    if field.kind == "number":
        return "" if field.low is None else f"{_number(field.low)} to {_number(field.high)}"
    return ", ".join(map(str, field.stops[:6])) + (" ..." if len(field.stops) > 6 else "")


def answers(found: Sequence[Mapping[str, Any]], signature: Mapping[str, Any]) -> list[Answer]:
    """Return what `Predictions.suppose` tells as it is drawn."""
    target, task, labels = signature["target"], signature["task"], signature["labels"]
    if task == "regression":
        return [Answer((float(one["prediction"]),), None) for one in found]
    if task == "binary":
        score = f"{target}_probability"
        return [Answer((one[score],), int(one["prediction"] != signature["positive"])) for one in found]
    return [Answer((*one["probabilities"].values(),), labels.index(one["prediction"])) for one in found]


def decisions(signature: Mapping[str, Any]) -> tuple[str, ...]:
    """Return what a model can decide, in the words of the people who act on it.

    Examples
    --------
    >>> decisions({"target": "churn", "task": "binary", "labels": (0, 1), "positive": 1})
    ('likely to leave', 'likely to stay')
    """
    labels = list(signature["labels"])
    if signature["task"] == "binary":
        labels.sort(key=lambda label: label != signature["positive"])
    return tuple(dots.decided(label, signature) for label in labels)


def about(signature: Mapping[str, Any], said: Mapping[str, Any]) -> str:
    """Return what the number of an answer is.

    Examples
    --------
    >>> about({"target": "churn", "task": "binary", "positive": 1}, {})
    'chance to leave'
    >>> about({"target": "charges", "task": "regression", "positive": None}, {"charges": {"label": "Charges"}})
    'Charges'
    """
    target = signature["target"]
    if signature["task"] == "binary":
        return dots.CHANCE.get(target) or f"chance of {target} = {signature['positive']}"
    return title(said, target, unit=False) if signature["task"] == "regression" else f"chances of each {target}"


def _number(value: float) -> str:
    return f"{value:,.6g}"
