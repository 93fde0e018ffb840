"""A hundred people: the rows that models were judged by as a hundred figures, and what it is worth to act on some.

`Hundred` is the plain record that is drawn, said in a sentence and shown as a table. Each figure is a real row. The
same rows stand for all in the order of every model that is drawn, so two models differ in where each of them stands,
not in who was drawn; what is counted in money is counted on all rows. Nothing is drawn here: see `ui/compare/hundred`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.optimize import linear_sum_assignment

FIGURES = 100
POINTS = 1000
"""Numbers of calls for which it is sent how many are found; between two of them it is a straight line."""


@dataclass(frozen=True)
class Costs:
    """What a person says about acting; an example to begin with."""

    calls: int = 200
    """How many are acted on: those with the highest scores."""
    price: float = 5.0
    """Of one act."""
    one_in: float = 3.0
    """Of so many positive ones that are acted on, one is kept."""
    worth: float = 50.0
    """Of one that is kept."""

    def net(self, found: float, calls: float) -> float:
        """Return what so many acts are worth that reach so many positive ones, less what they cost."""
        return found / self.one_in * self.worth - calls * self.price


BOUNDS: Mapping[str, tuple[float, float, float]] = {
    "calls": (0, math.inf, 1), "price": (0, 10_000, 1), "one_in": (1, 100, 1), "worth": (0, 1_000_000, 10),
}  # fmt: skip
"""Least, most and step of each of the costs; there are no more calls than rows."""


CALLED = {
    "calls": "How many are acted on", "price": "Price of one", "one_in": "One kept in so many",
    "worth": "Worth of one that is kept",
}  # fmt: skip
"""What each of the costs is called."""


def fitting(costs: Mapping[str, Any], rows: int) -> Costs:
    """Return costs that somebody said, as far as they make sense for so many rows; for the others, the example.

    Examples
    --------
    >>> fitting({"price": -3, "worth": 80.0, "one_in": "often"}, 600)
    Costs(calls=120, price=0, one_in=3.0, worth=80.0)
    """
    example = asdict(Costs(calls=min(Costs.calls, max(1, rows // 5))))
    for name, (low, high, _) in BOUNDS.items():
        said = costs.get(name)
        if isinstance(said, int | float) and not isinstance(said, bool) and math.isfinite(said):
            example[name] = min(max(said, low), high)
    return Costs(**{**example, "calls": min(round(example["calls"]), rows)})


@dataclass(frozen=True)
class Words:
    """How the people who act say it."""

    title: str
    rows: str
    yes: str
    """What a positive one does."""
    no: str
    done: str
    """What is done to one that is acted on."""
    deeds: str
    """The same, several of them."""
    todo: str
    """What there is to do for one."""
    would: str
    """What a positive one would do."""
    sentence: str
    """The caption before what comes of it; what stands in braces can be pulled."""
    terms: str
    """What acting costs and is worth, where nothing can be pulled."""
    unit: str

    def money(self, value: float) -> str:
        """Return an amount of money."""
        return f"{_whole(value)}{self.unit}"


OF_CHURN = Words(
    "A hundred people", "customers", "leaves", "stays", "called", "calls", "to call", "would leave",
    "If Lena calls the {calls} riskiest of these {rows} customers at {price} EUR each, a call keeps 1 in {one_in} "
    "and who stays is worth {worth} EUR, ",
    "at {price} EUR a call, if a call keeps 1 in {one_in} and who stays is worth {worth} EUR", " EUR",
)  # fmt: skip


def words_for(target: str, positive: Any) -> Words:
    """Return the words for a target; those of the story for churn.

    Examples
    --------
    >>> words_for("fraud", "yes").yes, words_for("churn", 1).yes
    ('fraud = yes', 'leaves')
    """
    if target == "churn":
        return OF_CHURN
    return Words(
        "A hundred of the rows", "rows", f"{target} = {positive}", f"not {positive}", "acted on", "acts", "to act on",
        f"are {target} = {positive}",
        "If the {calls} highest of these {rows} rows are acted on at {price} each, an act helps 1 in {one_in} and that "
        "is worth {worth}, ", "at {price} an act, if it helps 1 in {one_in} and that is worth {worth}", "",
    )  # fmt: skip


@dataclass(frozen=True)
class Side:
    """One model, and its order of all rows from the highest score to the lowest."""

    word: str
    """What it is called beside the other: live, yours, older, newer; of one alone, nothing."""
    name: str
    threshold: float
    at_threshold: int
    """How many it says yes to by its own threshold."""
    found: tuple[float, ...]
    """Positive ones among the first 0, 1, 2 ... steps of rows; of equal scores as many as a draw by lot finds."""
    scores: tuple[float, ...]
    """Score of the last of them."""


@dataclass(frozen=True)
class Figure:
    """One real row."""

    who: str
    positive: bool
    scores: tuple[float, ...]
    """By each side."""
    places: tuple[int, ...]
    """Where it stands among the figures of each side, 0 has the highest score."""


@dataclass(frozen=True)
class Hundred:
    """One model or two as they are drawn."""

    rows: int
    positives: int
    step: int
    """Rows from one point of `Side.found` to the next."""
    sides: tuple[Side, ...]
    """The reference first."""
    figures: tuple[Figure, ...]
    words: Words

    def fitting(self, costs: Mapping[str, Any]) -> Costs:
        """Return costs that somebody said, as far as they make sense here; see `fitting`."""
        return fitting(costs, self.rows)

    def found(self, side: int, calls: float) -> float:
        """Return how many positive ones are among the first so many rows of a side."""
        points = self.sides[side].found
        at = min(calls / self.step, len(points) - 1) if calls < self.rows else len(points) - 1
        low = int(at)
        return points[low] + (points[min(low + 1, len(points) - 1)] - points[low]) * (at - low)

    def net(self, side: int, costs: Costs) -> float:
        """Return what acting by a side is worth, less what it costs; doing nothing is 0."""
        return costs.net(self.found(side, costs.calls), costs.calls)

    def outcome(self, costs: Costs) -> str:
        """Return what comes of it: the end of the caption."""
        nets = [self.net(side, costs) for side in range(len(self.sides))]
        unit, first = self.words.unit, self.sides[0].word
        nothing = f"doing nothing {'costs' if nets[0] >= 0 else 'saves'} {_whole(abs(nets[0]))}{unit}"
        if len(nets) == 1:
            return nothing
        more = _whole(abs(nets[1] - nets[0]))
        if more == "0":
            return f"{self.sides[1].word} saves as much as {first}; {nothing}"
        word = "more" if nets[1] > nets[0] else "less"
        return f"{self.sides[1].word} saves {more}{unit} {word} than {first}; {nothing}"

    def caption(self, costs: Costs) -> str:
        """Return the whole caption as a sentence."""
        said = {name: _plain(value) for name, value in asdict(costs).items()}
        return self.words.sentence.format(rows=f"{self.rows:,}", **said) + self.outcome(costs) + "."

    def frame(self) -> pd.DataFrame:
        """Return the figures as a table, in the order of the first side."""
        yes, no = self.words.yes, self.words.no
        shown = sorted(self.figures, key=lambda one: one.places[0])
        return pd.DataFrame([
            {"who": one.who, "outcome": yes if one.positive else no}
            | {f"score {side.name}": one.scores[at] for at, side in enumerate(self.sides)}
            | {f"place {side.name}": one.places[at] + 1 for at, side in enumerate(self.sides)}
            for one in shown
        ])  # fmt: skip

    def counts(self, costs: Costs) -> pd.DataFrame:
        """Return what so many calls come to, and what the own threshold of each side does: on all rows."""
        lines = []
        for at, side in enumerate(self.sides):
            for by, calls in (("calls", costs.calls), (f"threshold {side.threshold:g}", side.at_threshold)):
                found = self.found(at, calls)
                lines.append({
                    "run": side.name, "by": by, self.words.done: calls, "found": round(found, 1),
                    "missed": round(self.positives - found, 1), "false alarms": round(calls - found, 1),
                    "left alone": round(self.rows - self.positives - calls + found, 1),
                    "worth": round(self.net(at, Costs(**{**asdict(costs), "calls": calls})), 2),
                })  # fmt: skip
        return pd.DataFrame(lines)


def of(
    truth: np.ndarray, sides: Sequence[tuple[str, str, float, np.ndarray]], words: Words, who: Sequence[Any] = ()
) -> Hundred:
    """Return the rows that one model or two were judged by as a hundred figures.

    Parameters
    ----------
    truth : ndarray of bool, shape (n_rows,)
        Which rows are positive.
    sides : sequence of (word, name, threshold, scores)
        One or two models on these rows, in this order.
    who : sequence, optional
        What each row is called; its number if not given.
    """
    rows = len(truth)
    step = math.ceil(rows / POINTS)
    scores = [side[3] for side in sides]
    chosen = _standing_for(truth, scores)
    places = [_places(truth[chosen], one[chosen]) for one in scores]
    figures = tuple(
        Figure(
            str(who[row]) if len(who) else f"row {row + 1}", bool(truth[row]),
            tuple(round(float(one[row]), 4) for one in scores), tuple(int(one[at]) for one in places),
        )
        for at, row in enumerate(chosen)
    )  # fmt: skip
    drawn = tuple(_side(*side, truth, step) for side in sides)
    return Hundred(rows, int(truth.sum()), step, drawn, figures, words)


def _side(word: str, name: str, threshold: float, scores: np.ndarray, truth: np.ndarray, step: int) -> Side:
    order = np.argsort(-scores, kind="stable")
    ends = np.append(np.flatnonzero(np.diff(scores[order])) + 1, len(scores))  # of each group of equal scores
    points = np.unique(np.append(np.arange(0, len(scores), step), len(scores)))
    found = np.interp(points, np.append(0, ends), np.append(0, np.cumsum(truth[order])[ends - 1]))
    last = np.append(1.0, scores[order])[points]
    return Side(
        word, name, threshold, int((scores >= threshold).sum()),
        tuple(np.round(found, 3).tolist()), tuple(np.round(last, 4).tolist()),
    )  # fmt: skip


def _standing_for(truth: np.ndarray, scores: Sequence[np.ndarray]) -> np.ndarray:
    """Return the rows that stand for all: as many positive ones in a hundred as there are, in every order alike."""
    if len(truth) <= FIGURES:
        return np.arange(len(truth))
    share = truth.mean()
    yes = int(np.clip(round(FIGURES * share), share > 0, FIGURES - (share < 1)))
    kinds = [(np.flatnonzero(truth), yes), (np.flatnonzero(~truth), FIGURES - yes)]
    chosen = [rows[_evenly([one[rows] for one in scores], many)] for rows, many in kinds if many]
    return np.sort(np.concatenate(chosen))


def _evenly(scores: Sequence[np.ndarray], many: int) -> np.ndarray:
    """Return positions of `many` rows, of which each part of each order has one.

    The order of each model is cut into `many` parts of the same size. Of the parts of two orders a table is made: which
    rows lie in this part of the one and in that part of the other. Its lines and columns have the same sum, so it holds
    a choice with one cell in each line and each column (Birkhoff, 1946); the one is taken whose rows lie nearest to the
    middle of their parts. A count on the figures is then at most one beside that on all rows, by either model. A row on
    the border of two parts may be taken for both, where there are hardly more rows than figures.
    """
    size = len(scores[0])
    many = min(many, size)
    orders = [np.argsort(np.argsort(-one, kind="stable"), kind="stable") for one in (scores * 2)[:2]]
    middle = [(order + 0.5) * many / size for order in orders]
    cost, row_of = np.full((many, many), 1e9), np.zeros((many, many), int)
    edges = [((order * many) // size, ((order + 1) * many - 1) // size) for order in orders]
    for first in edges[0]:
        for second in edges[1]:
            misfit = (middle[0] - first - 0.5) ** 2 + (middle[1] - second - 0.5) ** 2
            for row in np.argsort(-misfit, kind="stable"):  # the best one of a cell comes last
                if misfit[row] <= cost[first[row], second[row]]:
                    cost[first[row], second[row]], row_of[first[row], second[row]] = misfit[row], row
    return row_of[linear_sum_assignment(cost)]


def _places(truth: np.ndarray, scores: np.ndarray) -> np.ndarray:
    """Return where each figure stands; among equal scores positive and other ones are mixed evenly."""
    among = np.zeros(len(scores))
    for score in np.unique(scores):
        for kind in (True, False):
            same = np.flatnonzero((scores == score) & (truth == kind))
            among[same] = (np.arange(len(same)) + 0.5) / max(len(same), 1)
    places = np.empty(len(scores), int)
    places[np.lexsort((among, -scores))] = np.arange(len(scores))
    return places


def _whole(value: float) -> str:
    return f"{math.floor(value + 0.5):,}"


def _plain(value: float) -> str:
    return f"{value:,.10g}"
