"""A file that was answered: how many to act on and what that is worth, its scores against the threshold, its rows.

`Scored` is the plain record that is drawn, said in sentences and shown as a table. It is made of the answers that the
workspace keeps (`mlops.release.answered`), so it can be looked at whenever and by whomever. Money is counted as under
the hundred people (`hundred.Costs`), only that nobody knows yet who leaves: here the scores are taken at their word.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from playground import dots, words
from playground.hundred import Costs, Words

BIN = 0.05
"""Width of a bar of scores; one of its edges is the threshold."""

BARS = 24
"""Bars of numbers that a model foretells."""


@dataclass(frozen=True)
class Acted:
    """Those with the highest scores, on whom somebody may act."""

    many: int
    from_score: float
    """The lowest score among them."""
    expected: float
    """Positive ones among them if scores are what they say: the sum of their scores."""
    net: float
    """What acting is worth then, less what it costs; doing nothing is 0."""


@dataclass(frozen=True)
class Scored:
    """The answers to a file."""

    asked: int
    """Rows in it."""
    rows: int
    """Rows that were answered."""
    rejected: int
    task: str
    decisions: tuple[tuple[str, int], ...]
    """Each decision in words, with how many rows; the positive one first, else the most frequent. None of a number."""
    threshold: float | None
    edges: tuple[float, ...]
    counts: tuple[int, ...]
    """A histogram of the scores, or of the numbers that are foretold; none of several classes."""
    words: Words
    costs: Costs
    called: Acted | None = None
    """By the threshold of the model."""
    able: Acted | None = None
    """As many as somebody said can be acted on."""
    total: float = 0.0
    middle: float = 0.0
    """Sum and median of the numbers that are foretold."""
    about: str = ""

    @property
    def head(self) -> str:
        """What came of it, in few words."""
        if self.rows == 0:
            return "No row could be answered."
        if self.called:
            return f"{self.called.many:,} of {self.rows:,} {self.words.rows} {self.words.todo}"
        if self.task == "regression":
            return f"{self.about}: {words.amount(self.total)} in sum"
        return ", ".join(f"{many:,} {label}" for label, many in self.decisions[:3])

    @property
    def sentences(self) -> tuple[str, ...]:
        """What it means, and what it is worth."""
        if self.rows == 0:
            return ()
        if self.task == "regression":
            return (f"Half of the {self.rows:,} rows are below {words.amount(self.middle)}.",)
        if not (self.called and self.able):
            return (f"{self.rows:,} rows, each with its likeliest class.",)
        label, costs = self.decisions[0][0], self.costs
        terms = self.words.terms.format(**{name: _plain(value) for name, value in asdict(costs).items()})
        own = f"They are {label}: a score from {self.threshold:.0%} on. {self._worth(self.called)}, {terms}."
        if self.able.many in (0, self.called.many):
            return (own,)
        return own, f"The {self.able.many:,} highest begin at {self.able.from_score:.0%}. {self._worth(self.able)}."

    def _worth(self, acted: Acted) -> str:
        yes = f"By their scores {acted.expected:,.0f} of them {self.words.would}"
        word = "more" if acted.net >= 0 else "less"
        return f"{yes}: {self.words.money(abs(acted.net))} {word} than doing nothing"

    def frame(self) -> pd.DataFrame:
        """Return the histogram as a table, or the decisions where there is none."""
        if not self.counts:
            return pd.DataFrame(self.decisions, columns=["decision", "rows"])
        table = pd.DataFrame({"from": self.edges[:-1], "to": self.edges[1:], "rows": self.counts})
        if self.threshold is None:
            return table
        names = [label for label, _ in self.decisions]
        return table.assign(decision=np.where(table["from"] >= self.threshold, names[0], names[-1]))


def of(
    answers: pa.Table, report: Any, signature: Mapping[str, Any], threshold: float | None, costs: Costs, said: Words
) -> Scored:
    """Return what came of a file.

    Parameters
    ----------
    answers : pyarrow.Table
        As `mlops.release.answered.table` makes them.
    report : BatchReport
        Its counts.
    signature : mapping
        Of the model that answered.
    threshold : float or None
        From which score on it says yes, if it says yes or no.
    """
    task = signature["task"]
    predicted = answers.column("prediction").to_pylist()
    labels = [] if task == "regression" else _ordered(Counter(predicted), signature)
    facts: dict[str, Any] = {
        "asked": report.input_rows, "rows": report.rows, "rejected": report.rejected, "task": task,
        "decisions": tuple((dots.decided(label, signature), many) for label, many in labels),
        "threshold": None, "edges": (), "counts": (), "words": said, "costs": costs,
    }  # fmt: skip
    if task == "multiclass" or not predicted:
        return Scored(**facts)
    if task == "regression":
        numbers = np.array(predicted, float)
        counts, edges = np.histogram(numbers, min(BARS, max(1, len({*predicted}))))
        total, middle = float(numbers.sum()), float(np.median(numbers))
        return Scored(**facts | _bars(counts, edges), total=total, middle=middle, about=signature["target"])
    cut = 0.5 if threshold is None else threshold
    scores = np.sort(answers.column("score").to_numpy())[::-1]
    below, above = (np.arange(1, int(side / BIN + 1e-9) + 1) * BIN for side in (cut, 1 - cut))
    edges = np.unique(np.round([0.0, *(cut - below), cut, *(cut + above), 1.0], 9))
    edges[np.abs(edges - cut) < 1e-8] = cut  # the very number that decides
    counts, _ = np.histogram(scores, edges)
    called = int(sum(label == signature["positive"] for label in predicted))
    both = [_acted(scores, many, costs) for many in (called, min(costs.calls, len(scores)))]
    return Scored(**facts | _bars(counts, edges) | {"threshold": cut}, called=both[0], able=both[1])


def _bars(counts: np.ndarray, edges: np.ndarray) -> dict[str, Any]:
    return {"counts": tuple(counts.tolist()), "edges": tuple(edges.tolist())}


def _ordered(counted: Counter[Any], signature: Mapping[str, Any]) -> list[tuple[Any, int]]:
    """Return every label with how often it was answered: the positive one first, else the most frequent."""
    if signature["task"] == "binary":
        labels = sorted(signature["labels"], key=lambda label: label != signature["positive"])
        return [(label, counted[label]) for label in labels]
    return counted.most_common()


def _acted(scores: np.ndarray, many: int, costs: Costs) -> Acted:
    expected = float(scores[:many].sum())
    return Acted(many, float(scores[many - 1]) if many else 1.0, expected, costs.net(expected, many))


def rows(answers: pa.Table, signature: Mapping[str, Any], highest: bool, most: int | None = None) -> pd.DataFrame:
    """Return the answers row by row as people read them.

    Parameters
    ----------
    highest : bool
        Whether the highest score comes first; else the order is that of the file.
    most : int, optional
        So many of them; all if not given.
    """
    table, several = answers, _scores(answers)
    if highest and len(several) == 1:
        table = table.sort_by([(several[0], "descending")])
    table = table.slice(0, most)
    named = {signature["id"]: table.column("id").to_pylist()} if signature["id"] else {}
    predicted = table.column("prediction").to_pylist()
    if signature["task"] == "regression":
        return pd.DataFrame({**named, signature["target"]: predicted})
    score = table.select(several).to_pandas().max(axis=1).to_numpy()
    return pd.DataFrame({**named, "score": score, "decision": [dots.decided(one, signature) for one in predicted]})


def document(answers: pa.Table, report: Any, signature: Mapping[str, Any]) -> pd.DataFrame:
    """Return the answers in the columns of a file of answers, as every door writes it."""
    several, target = _scores(answers), signature["target"]
    named = {signature["id"]: answers.column("id").to_pylist()} if signature["id"] else {}
    if not named and not report.rejected:  # else nobody can tell any more which row was which
        named = {"row": range(answers.num_rows)}
    if signature["task"] == "multiclass":
        names = [f"probability_{label}" for label in signature["labels"]]
    else:
        names = [f"{target}_probability"] if signature["task"] == "binary" else []
    shares = {name: answers.column(column).to_pandas() for name, column in zip(names, several, strict=False)}
    return pd.DataFrame({
        **named, **shares, "prediction": answers.column("prediction").to_pylist(),
        "predicted_at": report.predicted_at, "model_version": report.model_version,
    })  # fmt: skip


def _scores(answers: pa.Table) -> list[str]:
    return [name for name in answers.column_names if name == "score" or name.startswith("score_")]


def _plain(value: float) -> str:
    return f"{value:,.10g}"
