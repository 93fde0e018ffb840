"""Evidence: how models do on rows that are new to them.

Whoever compares models asks here: the gate, the preview of a rollback, re-evaluation. Which rows are new, `new_rows`
knows; here models answer them, and what they answered is compared.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from mlops.base.artifacts import Artifacts
from mlops.base.errors import ConflictError, DataError, IntegrityError, InvalidError
from mlops.base.ledger import Ledger
from mlops.data.datasets import Datasets
from mlops.data.versions import DatasetVersion
from mlops.experiments import new_rows
from mlops.experiments.judged import Judged, Recorded, difference_of
from mlops.experiments.new_rows import Rows, Seen
from mlops.experiments.runs import Run, Runs
from mlops.models import metrics, scoring
from mlops.models.differences import Difference
from mlops.models.signature import Intake


@dataclass(frozen=True)
class Model:
    """A model that is to be judged."""

    who: str
    """What it is called in a message."""
    run: Run
    threshold: float
    load: Callable[[], Any]
    """Returns its fitted pipeline."""


@dataclass(frozen=True)
class Answers:
    """What two models said to the same rows, in the same order."""

    before: Judged
    """What the challenger is compared with."""
    after: Judged
    metric: str
    """By which they are compared: auc, or r2; of both more is better."""
    table: pa.Table
    """All that is known of the rows."""

    def difference(self) -> Difference:
        """Tell whether the challenger is better, or lucky; see `judged.difference_of`."""
        return difference_of(self.before, self.after, self.metric)


MIN_ROWS = 200
"""New rows below which a difference between two models means nothing."""
LOOKED_AT = 12
"""Dataset versions that are looked through for new rows: a year of months."""


@dataclass(frozen=True)
class Evidence:
    """Two models on the same new rows."""

    rows: int | None
    """How many rows were new to both, and fit both; None if that cannot be told."""
    unfit: int
    """How many new rows were left out because one of the two does not take them, in whatever door they come."""
    copies: int
    """How many were left out only because they equal a learned one in all but the id."""
    asked: int
    """How many rows there were."""
    difference: Difference | None
    """Of the challenger to the reference; None if they cannot be compared on these rows."""
    reason: str
    """Why rows or difference are None; empty if neither is."""
    rows_sha256: str | None = None
    """Which rows were new to both; see `Rows.named_sha256`."""
    answers: Answers | None = None
    """What both said, where there is a difference."""


def compare(
    ledger: Ledger, artifacts: Artifacts, challenger: Model, reference: Model | None, data: DatasetVersion | None
) -> Evidence:
    """Judge a model beside another on rows from which neither has learned.

    Parameters
    ----------
    challenger : Model
        Its test rows are judged, where `data` names no others.
    reference : Model or None
        What it is compared with; None is who does not look at the features.
    data : DatasetVersion or None
        A version whose rows with a known outcome are judged.

    Raises
    ------
    InvalidError
        If the challenger cannot be judged on `data`.
    """
    store, datasets = Runs(ledger, artifacts), Datasets(ledger, artifacts)
    own = new_rows.of_run(datasets, Recorded(store, challenger.run), challenger.who)
    if data is not None:
        own.learned.check_target(own.who, data)
    rows = own.part("test") if data is None else new_rows.of_version(ledger, artifacts, data)
    try:
        others = [new_rows.of_run(datasets, Recorded(store, reference.run), reference.who)] if reference else []
        new = new_rows.new_to(rows, [own, *others], ("train", "validation"))
    except (ConflictError, IntegrityError) as error:
        return Evidence(None, 0, 0, rows.table.num_rows, None, error.message)
    after = judged(challenger, own, new.rows)
    kept, difference, reason, answers = answered([after]), None, "", None
    try:
        if reference:
            others[0].learned.check_question(others[0].who, own.who, own.learned)
            before = judged(reference, others[0], new.rows)
            kept = answered([before, after])
        else:
            before = blind(after)
        metric = metrics.main(own.learned.task)
        both = Answers(before.take(kept), after.take(kept), metric, new.rows.table.filter(pa.array(kept)))
        difference, answers = both.difference(), both
    except (InvalidError, IntegrityError) as error:
        reason = error.message
    rows_kept = int(kept.sum())
    which = new.rows.named_sha256
    return Evidence(rows_kept, len(kept) - rows_kept, new.copies, new.asked, difference, reason, which, answers)


def elsewhere(ledger: Ledger, artifacts: Artifacts, models: Sequence[Model]) -> list[tuple[str, int]]:
    """Return dataset versions with enough rows that are new to models, each with how many, the newest first.

    Only the newest `LOOKED_AT` versions with the models' target and inputs are looked at: each is a file to read.
    """
    store, datasets = Runs(ledger, artifacts), Datasets(ledger, artifacts)
    seen = [new_rows.of_run(datasets, Recorded(store, model.run), model.who) for model in models]
    found = []
    for version in [one for one in datasets.list() if _fits(one, seen)][:LOOKED_AT]:
        with suppress(ConflictError, IntegrityError):  # its rows cannot be told from those that were seen
            rows = new_rows.of_version(ledger, artifacts, version)
            new = new_rows.new_to(rows, seen, ("train", "validation")).rows.table.num_rows
            found += [(version.ref, new)] if new >= MIN_ROWS else []
    return found


def _fits(version: DatasetVersion, seen: Sequence[Seen]) -> bool:
    """Tell whether a version has the target and the inputs of models."""
    asked, has = (version.target, version.task), version.column_types
    return all(
        asked == (one.learned.target, one.learned.task) and {*one.learned.names} <= one.learned.found_in(has)
        for one in seen
    )


def judged(model: Model, seen: Seen, rows: Rows) -> Judged:
    """Let a model answer rows, and put the truth beside it; a row that it cannot answer has NaN for a score.

    Raises
    ------
    InvalidError
        If the model does not fit the rows: a column is missing, of another type or coded otherwise, a class is new; or
        if its program fails.
    """
    learned, who, pipeline = seen.learned, seen.who, model.load()
    values = rows.table.column(learned.target).to_pylist()
    learned.check_labels(who, values, rows.ref)
    held = Intake(learned, lambda: seen.rows.table, f"For {who}, {rows.ref}")
    try:
        scores, _ = scoring.answered(pipeline, rows.table, held)
    except DataError:
        raise
    except Exception as error:  # a model is a program of other packages: anything may come out of it
        raise InvalidError(
            f"{who} cannot score rows of {rows.ref}: {type(error).__name__}: {error}.", "Name other rows."
        ) from error
    held.end()
    return Judged(np.array(values), scores, rows.places, learned, model.threshold)


def answered(judged: Sequence[Judged]) -> np.ndarray:
    """Tell which rows all models have answered: the others would be refused, alone and in a file."""
    return np.isfinite(np.column_stack([one.scores for one in judged])).all(axis=1)


def blind(of: Judged) -> Judged:
    """Return the answers of who does not look at the features: the same to every row."""
    learned, rows = of.signature, len(of.labels)
    if learned.task == "regression":
        scores = np.full(rows, of.labels.mean() if rows else 0.0)
    elif learned.task == "binary":
        scores = np.full(rows, 0.5)
    else:
        scores = np.full((rows, len(learned.labels)), 1 / len(learned.labels))
    return Judged(of.labels, scores, of.rows, learned, of.threshold)
