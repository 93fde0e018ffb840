"""Shadow report: what a silent candidate said beside the live model, and which of both was right.

Agreement, decisions that flip, what scores move by, what it costs in time and, once outcomes are known, who was right:
of the pairs of `shadow_pairs`. Every share and every difference has its 95 % interval. Nothing here decides: what goes
live is asked of the release check.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from mlops.base.artifacts import Artifacts
from mlops.base.clock import Instant
from mlops.base.environments import Environment
from mlops.base.ledger import Ledger
from mlops.base.records import Record
from mlops.experiments.judged import Judged
from mlops.models import differences, intervals, metrics
from mlops.models.metrics import LOWER_IS_BETTER, Metric
from mlops.production.shadow_pairs import Pairs
from mlops.release import answered
from mlops.release.releases import live_model

if TYPE_CHECKING:
    from mlops.production.shadow import Shadow

FEW = 100
"""Pairs below which a share of them is known to no better than ten points of a hundred either way."""

SHOWN = 200
"""So many of the rows that both decide differently are named one by one, the newest."""

BINS = 20
"""Of the distribution of what the score moves by."""

HOW = "Both were asked about one row after the other, alone and in turns, in one process, while nobody waited."
"""How the times of both are measured."""


@dataclass(frozen=True)
class Outcomes(Record):
    """What became of the rows that both answered."""

    known: int
    """Pairs that count, new to both, whose outcome is known."""
    answers: int
    """Pairs that count; known to nobody yet, or not; called ``of`` in JSON."""
    learned: int
    """Pairs with a known outcome that are left out because one of both learned from them."""
    right: Mapping[str, int] | None
    """``{both, live, candidate, neither}``: who was right, the middle two alone; None for a regression."""
    metrics: Mapping[str, Mapping[str, Any]]
    """By metric ``{live, candidate, difference, low, high, verdict, too_few}``: candidate minus live on the same rows,
    with its paired 95 % interval; better, worse or inconclusive is the candidate. The first answers who was right."""

    def as_dict(self) -> dict[str, Any]:
        """Return the record as plain JSON types."""
        return {"of" if name == "answers" else name: value for name, value in super().as_dict().items()}


@dataclass(frozen=True)
class ShadowReport(Record):
    """What a silent candidate said beside the live model."""

    environment: Environment
    model: Mapping[str, str] | None
    """``{name, version, sha256}`` of what is live now; None if nothing is."""
    candidate: Mapping[str, str]
    shadow_id: str
    since: Instant
    until: Instant | None
    n: int
    """Rows that both answered."""
    agree: int
    """Those of which both say the same."""
    agreement: tuple[float, ...] | None
    """The 95 % interval of the share of them; None without a row."""
    flipped: int
    """Those of which they do not."""
    moves: tuple[Mapping[str, Any], ...]
    """``{from, to, n}``: how many go from which decision to which, most first. None for a regression."""
    score_shift: Mapping[str, Any] | None
    """``{of, mean, low, high, p05, median, p95, least, most, equal, bins: {edges, counts}}`` of candidate minus live,
    with the 95 % interval of the mean."""
    latency: Mapping[str, Any] | None
    """``{n, live: {median, p95}, candidate: {median, p95}, ratio, low, high, how}`` in seconds; the ratio is that of
    candidate to live on the same rows, with its 95 % interval."""
    outcomes: Outcomes | None
    """None as long as no outcome is known."""
    refused: int
    """Rows that the live model answered and the candidate cannot."""
    refusals: tuple[Mapping[str, Any], ...]
    """``{field, expected, got, rows}`` of these, most first; what was got is an example."""
    waiting: int
    """Rows that the live model answered and the candidate did not yet."""
    versions: tuple[Mapping[str, Any], ...]
    """``{version, n, flipped}`` of those that were live while it answered, most first."""
    answers: tuple[Mapping[str, Any], ...]
    """The newest `SHOWN` that flipped: ``{prediction_id, batch_id, id, at, live, candidate}``; the last two are
    ``{version, score, prediction}``."""
    too_few: str | None
    """Why not much can be told yet, with the count."""


def of(ledger: Ledger, artifacts: Artifacts, shadow: Shadow, waiting: int) -> ShadowReport:
    """Return what a silent candidate said; see `Shadows.report`."""
    pairs = Pairs(ledger, artifacts, shadow)
    with ledger.read() as view:
        live = live_model(view, shadow.environment, shadow.model)
    n, flipped = pairs.table.num_rows, int(pairs.flips.sum())
    every, flips = (Counter(pairs.versions[kept].tolist()) for kept in (slice(None), pairs.flips))
    refused = sum(one["rows"] for one in pairs.refusals)
    return ShadowReport(
        environment=shadow.environment,
        model=live,
        candidate=shadow.candidate,
        shadow_id=shadow.shadow_id,
        since=shadow.since,
        until=shadow.until,
        n=n,
        agree=n - flipped,
        agreement=tuple(intervals.wilson((n - flipped) / n, n)) if n else None,
        flipped=flipped,
        moves=_moves(pairs),
        score_shift=_shift(pairs) if n else None,
        latency=_latency(pairs.took) if len(pairs.took) else None,
        outcomes=_outcomes(pairs),
        refused=refused,
        refusals=tuple(pairs.refusals),
        waiting=waiting,
        versions=tuple({"version": one, "n": many, "flipped": flips[one]} for one, many in every.most_common()),
        answers=pairs.newest(pairs.flips, SHOWN),
        too_few=_too_few(n),
    )


def table(ledger: Ledger, artifacts: Artifacts, shadow: Shadow) -> pa.Table:
    """Return every pair, oldest first.

    Returns
    -------
    pyarrow.Table
        ``id, at, prediction_id, batch_id``; ``live_version``, ``score`` and ``prediction`` of the live model;
        ``silent`` and ``silent_prediction`` of the candidate (multiclass: a score for each class); and ``outcome``
        where it is known, counts, and is new to both.
    """
    pairs = Pairs(ledger, artifacts, shadow)
    outcome = pa.array(
        [pairs.truth.get(place) for place in range(pairs.table.num_rows)], answered.prediction_type(pairs.learned)
    )
    return pairs.table.drop_columns("place").append_column("outcome", outcome)


def _outcomes(pairs: Pairs) -> Outcomes | None:
    """Return how both did; None as long as no outcome is known."""
    if not pairs.known:
        return None
    places, labels = np.array([*pairs.truth], int), np.array([*pairs.truth.values()])
    right, told = None, dict[str, list[Metric]]()
    if not len(places):
        pass
    elif pairs.learned.task == "regression":
        both = [Judged(labels, pairs.scores(one)[places], places, pairs.learned, 0.5) for one in ("score", "silent")]
        told = {name: [one.metrics[name] for one in both] for name in ("mae", "r2")}
    else:
        live, silent = (one[places] == labels for one in pairs.decided)
        counts = {
            "both": live & silent,
            "live": live & ~silent,
            "candidate": ~live & silent,
            "neither": ~live & ~silent,
        }
        right = {who: int(rows.sum()) for who, rows in counts.items()}
        scores = (pairs.scores(one)[places] for one in ("score", "silent"))
        told = {
            "accuracy": [metrics.share(live), metrics.share(silent)],
            "auc": [metrics.auc(labels, one, pairs.learned) for one in scores],
        }
    compared = {name: _compared(name, *both) for name, both in told.items()}
    return Outcomes(len(places), pairs.counted, len(pairs.known) - len(places), right, compared)


def _moves(pairs: Pairs) -> tuple[Mapping[str, Any], ...]:
    if pairs.learned.task == "regression":
        return ()
    live, silent = (one[pairs.flips].tolist() for one in pairs.decided)
    counted = Counter(zip(live, silent, strict=True)).most_common()
    return tuple({"from": one, "to": other, "n": many} for (one, other), many in counted)


def _shift(pairs: Pairs) -> Mapping[str, Any]:
    """Return how the score of the candidate differs from that of the live model; of several, that of what live said."""
    learned, both = pairs.learned, (pairs.scores("score"), pairs.scores("silent"))
    of = learned.target if learned.task == "regression" else f"probability of {learned.target} = {learned.positive}"
    if learned.task == "multiclass":
        labels = [*learned.labels]
        rows, place = np.arange(len(both[0])), [labels.index(one) for one in pairs.decided[0]]
        both = both[0][rows, place], both[1][rows, place]
        of = f"probability of the {learned.target} that live answered"
    shift = both[1] - both[0]
    most = float(np.abs(shift).max())
    counts, edges = np.histogram(shift, BINS, (-most or -1.0, most or 1.0))
    low, high = intervals.mean_interval(shift) if len(shift) > 1 else (None, None)
    p05, median, p95 = np.quantile(shift, (0.05, 0.5, 0.95)).tolist()
    return {
        "of": of, "mean": float(shift.mean()), "low": low, "high": high, "p05": p05, "median": median, "p95": p95,
        "least": float(shift.min()), "most": float(shift.max()), "equal": int((shift == 0).sum()),
        "bins": {"edges": edges.tolist(), "counts": counts.tolist()},
    }  # fmt: skip


def _latency(took: np.ndarray) -> Mapping[str, Any]:
    def told(seconds: np.ndarray) -> dict[str, float]:
        return {"median": float(np.median(seconds)), "p95": float(np.quantile(seconds, 0.95))}

    ratios = np.log(took[:, 1] / took[:, 0])
    ends = np.exp(intervals.mean_interval(ratios)).tolist() if len(took) > 1 else (None, None)
    live, candidate = map(told, took.T)
    return {
        "n": len(took), "live": live, "candidate": candidate,
        "ratio": math.exp(ratios.mean()), "low": ends[0], "high": ends[1], "how": HOW,
    }  # fmt: skip


def _compared(name: str, live: Metric, silent: Metric) -> Mapping[str, Any]:
    sign, ends = -1 if name in LOWER_IS_BETTER else 1, differences.interval(live, silent)
    low, high = ends or (None, None)
    return {
        "live": live.number,
        "candidate": silent.number,
        "difference": None if live.number is None or silent.number is None else silent.number - live.number,
        "low": low,
        "high": high,
        "verdict": differences.verdict(sign * ends[0], sign * ends[1]) if ends else "inconclusive",
        "too_few": differences.too_few(live, silent),
    }


def _too_few(rows: int) -> str | None:
    if rows >= FEW:
        return None
    return f"Too few to tell: both answered {rows:,}, and under {FEW} a share is known to no better than ten points."
