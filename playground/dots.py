"""A rollback as dots: each logged request in the column of its decision, under what is live and under the target.

`Dots` is the plain record that is drawn, said in a sentence and shown as a table. It is made of what a preview of a
rollback tells (`mlops.release.replays.WhatIf`): every count is over all requests that were compared, the dots are the
newest of them. What was *sent* is a third fact beside the two: it was given by whatever version was live then, and no
rollback changes it. Nothing is drawn here: see `ui/release/dots`.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from playground import words

MOST_COLUMNS = 6
"""Decisions that have a column of their own; rarer ones share the last."""

RANGES = 5
"""Columns of a model that answers numbers: ranges of the same width."""

OTHERS = "others"

SAID = {"churn": ("likely to leave", "likely to stay")}
"""Target -> its two decisions in the words of the people who act on them, the positive one first."""

CHANCE = {"churn": "chance to leave"}
"""Target -> what its score is, in their words."""


@dataclass(frozen=True)
class Said:
    """One answer to one request."""

    column: int
    """Position of its decision among the columns."""
    text: str
    """Decision and score."""
    version: str


@dataclass(frozen=True)
class Dot:
    """One logged request."""

    prediction_id: str
    who: str
    """Id of the row that was asked about; empty if it had none."""
    at: str
    """When it was asked."""
    sent: Said
    """What was answered then; it stays so."""
    now: Said
    """What is answered by the version that is live."""
    then: Said
    """What the target answers."""
    flips: bool
    """Whether the two predict differently."""


@dataclass(frozen=True)
class Column:
    """One decision."""

    title: str
    now: int
    """Requests in it under the live version, of all that were compared."""
    then: int
    """The same under the target."""


@dataclass(frozen=True)
class Dots:
    """A rollback as it is drawn."""

    now: str
    """The version that is live, as people say it."""
    then: str
    """The version to go back to."""
    columns: tuple[Column, ...]
    dots: tuple[Dot, ...]
    """The newest requests, newest first."""
    compared: int
    """All requests that both versions can answer."""
    flipped: int
    """Those among them that they answer differently."""
    ways: tuple[str, ...]
    """The ways that most requests go, with how many: ``12 become likely to stay``."""

    @property
    def sentence(self) -> str:
        """What the dots say."""
        if not self.compared:
            return "Nobody has asked yet that both versions could answer, so nothing can be compared."
        asked = _many(self.compared, "logged request")
        if not self.flipped:
            return f"{self.then} answers all {asked} as {self.now} does."
        ways = f": {', '.join(self.ways)}" if self.ways else ""
        verb = "gets" if self.flipped == 1 else "get"
        return f"{self.flipped:,} of {asked} {verb} another answer from {self.then}{ways}."

    @property
    def shown(self) -> str:
        """Which of them are drawn."""
        if len(self.dots) == self.compared:
            return f"All {self.compared:,} are drawn."
        here = sum(dot.flips for dot in self.dots)
        return f"Drawn are the newest {len(self.dots):,} of {self.compared:,}; {here:,} of these change."

    def frame(self) -> pd.DataFrame:
        """Return the dots as a table, the newest first."""
        rows = [
            {
                "Asked": words.moment(dot.at), "About": dot.who, "Sent": dot.sent.text, "Sent by": dot.sent.version,
                f"Live, {self.now}": dot.now.text, f"After, {self.then}": dot.then.text,
                "Changes": "yes" if dot.flips else "no", "Prediction": dot.prediction_id,
            }
            for dot in self.dots
        ]  # fmt: skip
        return pd.DataFrame(rows)


def of(
    asked: Any, now: Mapping[str, str], then: Mapping[str, str], signature: Mapping[str, Any], named: bool = False
) -> Dots:
    """Return what two versions answer as dots.

    Parameters
    ----------
    asked : WhatIf or RollbackPreview
        ``compared``, ``flipped``, ``moves`` and ``answers``.
    now, then : mapping
        ``{name, version}`` of both.
    signature : mapping
        Of the live version: ``target``, ``task``, ``labels``, ``positive``.
    named : bool
        Whether versions are told with their model's name.
    """
    column_of, titles = _columns(asked, signature)

    def said(answer: Mapping[str, Any]) -> Said:
        at = column_of(answer["prediction"])
        decision = titles[at] if signature["task"] == "binary" else decided(answer["prediction"], signature)
        text = " ".join(filter(None, (decision, score(answer, signature))))
        return Said(at, text, f"v{answer['model_version']}")

    dots = tuple(
        Dot(
            one["prediction_id"], "" if one["id"] is None else str(one["id"]), one["at"],
            said(one["sent"]), said(one["current"]), said(one["target"]),
            one["current"]["prediction"] != one["target"]["prediction"],
        )
        for one in asked.answers
    )  # fmt: skip
    counted = Counter[tuple[int, int]]()
    for move in asked.moves:
        counted[column_of(move["from"]), column_of(move["to"])] += move["requests"]
    counted = counted or Counter((dot.now.column, dot.then.column) for dot in dots)
    columns = tuple(
        Column(title, *(sum(many for ends, many in counted.items() if ends[end] == at) for end in (0, 1)))
        for at, title in enumerate(titles)
    )
    gone = [(many, *map(titles.__getitem__, ends)) for ends, many in counted.most_common() if ends[0] != ends[1]]
    return Dots(
        now=words.version(now, named),
        then=words.version(then, named),
        columns=columns,
        dots=dots,
        compared=asked.compared,
        flipped=asked.flipped,
        ways=tuple(_way(*one, titles) for one in gone[:3] if asked.moves),
    )


def decided(prediction: Any, signature: Mapping[str, Any]) -> str:
    """Return a prediction in the words of the people who act on it.

    Examples
    --------
    >>> churn = {"target": "churn", "task": "binary", "positive": 1}
    >>> decided(1, churn), decided(0, churn)
    ('likely to leave', 'likely to stay')
    >>> decided("plus", {"target": "plan", "task": "multiclass", "positive": None})
    'plan = plus'
    >>> decided(41.5, {"target": "fee", "task": "regression", "positive": None})
    'fee 41.5'
    """
    if signature["task"] == "regression":
        return f"{signature['target']} {words.amount(prediction)}"
    if signature["task"] == "binary" and signature["target"] in SAID:
        return SAID[signature["target"]][prediction != signature["positive"]]
    return f"{signature['target']} = {prediction}"


def score(answer: Mapping[str, Any], signature: Mapping[str, Any]) -> str:
    """Return how sure an answer is; nothing for a number, which says it itself.

    Examples
    --------
    >>> score({"churn_probability": 0.51239}, {"target": "churn", "task": "binary"})
    '0.512'
    """
    if signature["task"] == "binary":
        return f"{answer[signature['target'] + '_probability']:.3f}"
    if signature["task"] == "multiclass":
        return f"{answer['probabilities'][str(answer['prediction'])]:.3f}"
    return ""


def _columns(asked: Any, signature: Mapping[str, Any]) -> tuple[Callable[[Any], int], list[str]]:
    """Return the column of a prediction, and what the columns are called."""
    if signature["task"] == "regression":
        return _ranges([one[end]["prediction"] for one in asked.answers for end in ("sent", "current", "target")])
    labels = sorted(signature["labels"], key=lambda label: label != signature["positive"])
    busy = {label: sum(one["requests"] for one in asked.moves if label in (one["from"], one["to"])) for label in labels}
    own = labels
    if len(labels) > MOST_COLUMNS:
        own = sorted(sorted(labels, key=lambda label: -busy[label])[: MOST_COLUMNS - 1], key=labels.index)
    titles = [decided(label, signature) for label in own]
    # A version sent what another may not know: an earlier class is among the others.
    rest = len(own) < len(labels) or any(one["sent"]["prediction"] not in own for one in asked.answers)
    return lambda label: own.index(label) if label in own else len(own), [*titles, OTHERS] if rest else titles


def _ranges(numbers: Sequence[float]) -> tuple[Callable[[Any], int], list[str]]:
    low, high = min(numbers, default=0.0), max(numbers, default=0.0)
    width = (high - low) / RANGES or 1.0
    ends = [low + width * step for step in range(RANGES + 1)]
    titles = [f"{words.amount(one)} – {words.amount(other)}" for one, other in itertools.pairwise(ends)]
    return lambda number: min(int((number - low) / width), RANGES - 1), titles


def _way(many: int, one: str, other: str, titles: Sequence[str]) -> str:
    return f"{many:,} become {other}" if len(titles) == 2 else f"{many:,} go from {one} to {other}"


def _many(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
