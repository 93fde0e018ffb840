"""Two scores: what the live model and its silent candidate said of the same rows, as a picture.

Each row is a dot: from left to right what the live model said, upwards what the candidate says. On the diagonal both
say the same. Where the two have a threshold, a cross of both divides the picture: in two of its corners both decide
alike, in the other two they do not. `TwoScores` is the plain record that is drawn, said in sentences (`silent_words`)
and shown as a table; nothing is drawn here: see `ui/monitor/two_scores`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from playground import words
from playground.dots import CHANCE, decided
from playground.slopes import REALLY

FLIPS, CROWD = 300, 1200
"""So many rows that both decide differently are drawn one by one, and so many of the others, as a crowd: evenly chosen
over the time in which they were asked, for of the newest nobody knows yet what becomes of them."""


@dataclass(frozen=True)
class Dot:
    """One row that both answered, and decided differently; of a regression one of those that are furthest apart."""

    x: float
    """The score of the live model."""
    y: float
    """The score of the candidate."""
    who: str
    at: str
    live: str
    """Decision and score."""
    silent: str
    version: str
    """The version that was live."""
    prediction_id: str
    """Empty for a row of a file."""
    up: bool
    """Whether it is the candidate that says yes; of several classes, and of numbers, whether its score is higher."""
    truth: str
    """What became of it; empty as long as nobody knows, or where one of both learned from it."""
    right: str
    """Who was right: live, silent, or nobody; empty as long as that is not known."""


@dataclass(frozen=True)
class Corner:
    """A part of the picture."""

    title: str
    rows: int


@dataclass(frozen=True)
class TwoScores:
    """What two models said of the same rows, as it is drawn."""

    live: str
    """The version that was live; of several the one that answered most."""
    silent: str
    axis: str
    """What a score is, in words."""
    low: float
    high: float
    """Ends of both axes."""
    cuts: tuple[float, float] | None
    """The thresholds of live and silent."""
    corners: tuple[Corner, ...]
    """Only the candidate says yes; both do; both say no; only the live one says yes. None where there is no cross."""
    dots: tuple[Dot, ...]
    crowd: tuple[tuple[float, float], ...]
    """The scores of others, evenly chosen."""
    rows: int
    flipped: int

    @property
    def shown(self) -> str:
        """Which of them are drawn."""
        behind = f"{words.counted(len(self.crowd), 'other row')} stand behind, evenly chosen."
        if not self.corners and not self.flipped:
            return behind
        if len(self.dots) == self.flipped:
            return f"All {self.flipped:,} that differ can be chosen; {behind}"
        return f"Of {self.flipped:,} that differ {len(self.dots):,} can be chosen; {behind}"


def of(report: Any, pairs: pa.Table, signature: Mapping[str, Any], thresholds: Sequence[float | None]) -> TwoScores:
    """Return what two models said as a picture.

    Parameters
    ----------
    report : ShadowReport
        What they said, counted; of one row at least.
    pairs : pyarrow.Table
        Every row, as `Shadows.pairs` returns them.
    signature : mapping
        Of the candidate: ``target``, ``task``, ``labels``, ``positive``.
    thresholds : sequence of float or None
        Of live and candidate.
    """
    x, y = _scores(pairs, signature)
    live, silent = (np.array(pairs.column(name).to_pylist(), object) for name in ("prediction", "silent_prediction"))
    flips, binary = live != silent, signature["task"] == "binary"
    chosen = _evenly(np.flatnonzero(flips), FLIPS)
    if signature["task"] == "regression":
        chosen = np.argsort(-np.abs(y - x), kind="stable")[:FLIPS]
    low, high = (0.0, 1.0) if signature["task"] != "regression" else _ends(x, y)
    others = np.setdiff1d(np.arange(len(x)), chosen if signature["task"] == "regression" else np.flatnonzero(flips))
    crowd = _evenly(others, CROWD)
    cuts = (float(thresholds[0] or 0.5), float(thresholds[1] or 0.5)) if binary else None
    return TwoScores(
        live=f"v{report.versions[0]['version']}",
        silent=words.version(report.candidate, named=False),
        axis=_axis(signature),
        low=low,
        high=high,
        cuts=cuts,
        corners=_corners(live, silent, signature) if binary else (),
        dots=tuple(_dots(pairs.take(pa.array(chosen)), x[chosen], y[chosen], signature, report)),
        crowd=tuple(zip(x[crowd].round(4).tolist(), y[crowd].round(4).tolist(), strict=True)),
        rows=len(x),
        flipped=report.flipped,
    )


def frame(pairs: pa.Table, signature: Mapping[str, Any]) -> pd.DataFrame:
    """Return every row as people read it, the newest first."""
    if not pairs.num_rows:
        return pd.DataFrame()
    x, y = _scores(pairs, signature)
    told = {
        "Asked": [words.moment(at) for at in pairs.column("at").to_pylist()],
        "About": pairs.column("id").to_pylist(),
        "Sent": [decided(one, signature) for one in pairs.column("prediction").to_pylist()],
        "Sent by": [f"v{one}" for one in pairs.column("live_version").to_pylist()],
        "Score": x,
        "Candidate": [decided(one, signature) for one in pairs.column("silent_prediction").to_pylist()],
        "Its score": y,
        "Became": [None if one is None else _became(one, signature) for one in pairs.column("outcome").to_pylist()],
        "Prediction": pairs.column("prediction_id").to_pylist(),
    }
    return pd.DataFrame(told)[::-1].reset_index(drop=True)


def _scores(pairs: pa.Table, signature: Mapping[str, Any]) -> tuple[np.ndarray, np.ndarray]:
    """Return the score of each row by both; of several classes, of the one that the live model answered."""
    if signature["task"] != "multiclass":
        return pairs.column("score").to_numpy(), pairs.column("silent").to_numpy()
    place = [signature["labels"].index(one) for one in pairs.column("prediction").to_pylist()]
    rows, many = np.arange(pairs.num_rows), range(len(signature["labels"]))
    each = (np.column_stack([pairs.column(f"{name}_{one}").to_numpy() for one in many]) for name in ("score", "silent"))
    x, y = (one[rows, place] for one in each)
    return x, y


def _axis(signature: Mapping[str, Any]) -> str:
    if signature["task"] == "regression":
        return str(signature["target"])
    if signature["task"] == "multiclass":
        return f"probability of the {signature['target']} that live answered"
    return CHANCE.get(signature["target"], f"probability of {decided(signature['positive'], signature)}")


def _evenly(rows: np.ndarray, most: int) -> np.ndarray:
    return rows[np.linspace(0, len(rows) - 1, min(most, len(rows))).astype(int)]


def _ends(x: np.ndarray, y: np.ndarray) -> tuple[float, float]:
    if not len(x):
        return 0.0, 1.0
    low, high = float(min(x.min(), y.min())), float(max(x.max(), y.max()))
    room = (high - low) * 0.05 or 1.0
    return low - room, high + room


def _corners(live: np.ndarray, silent: np.ndarray, signature: Mapping[str, Any]) -> tuple[Corner, ...]:
    yes, no = (decided(label, signature) for label in _labels(signature))
    says = live == signature["positive"], silent == signature["positive"]
    return (
        Corner(f"only the candidate: {yes}", int((~says[0] & says[1]).sum())),
        Corner(f"both: {yes}", int((says[0] & says[1]).sum())),
        Corner(f"both: {no}", int((~says[0] & ~says[1]).sum())),
        Corner(f"only live: {yes}", int((says[0] & ~says[1]).sum())),
    )


def _labels(signature: Mapping[str, Any]) -> tuple[Any, Any]:
    """Return the two labels, the one that is looked for first."""
    positive = signature["positive"]
    return positive, next((one for one in signature["labels"] if one != positive), None)


def _dots(rows: pa.Table, x: np.ndarray, y: np.ndarray, signature: Mapping[str, Any], report: Any) -> list[Dot]:
    found = []
    for row, one, other in zip(rows.to_pylist(), x.tolist(), y.tolist(), strict=True):
        live, silent, truth = row["prediction"], row["silent_prediction"], row["outcome"]
        is_binary = signature["task"] == "binary"
        found.append(
            Dot(
                x=round(one, 4),
                y=round(other, 4),
                who=row["id"] or "",
                at=words.moment(row["at"]),
                live=_said(live, one, signature),
                silent=_said(silent, other, signature),
                version=f"v{row['live_version']}",
                prediction_id=row["prediction_id"] or "",
                up=silent == signature["positive"] if is_binary else other > one,
                truth="" if truth is None else _became(truth, signature),
                right="" if truth is None else _right(live, silent, truth, signature),
            )
        )
    return found


def _said(prediction: Any, score: float, signature: Mapping[str, Any]) -> str:
    told = decided(prediction, signature)
    return told if signature["task"] == "regression" else f"{told} {score:.3f}"


def _became(truth: Any, signature: Mapping[str, Any]) -> str:
    told = decided(truth, signature)
    return REALLY.get(told, told)


def _right(live: Any, silent: Any, truth: Any, signature: Mapping[str, Any]) -> str:
    """Return who was right; of numbers, who was nearer."""
    if signature["task"] == "regression":
        return "live" if abs(live - truth) < abs(silent - truth) else "silent"
    return "live" if live == truth else "silent" if silent == truth else "nobody"
