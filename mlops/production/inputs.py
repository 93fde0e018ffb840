"""Inputs: which rows are held against which, before `drift` says how they differ.

The reference is what a model learned from; the rows of today are a version or a file, read as the reference was.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa

from mlops.base.artifacts import Artifacts
from mlops.base.errors import DataError, InvalidError
from mlops.base.ledger import Ledger
from mlops.data.datasets import Datasets
from mlops.data.reading import ReadOptions
from mlops.experiments.judged import Recorded
from mlops.experiments.runs import Runs
from mlops.models import scoring
from mlops.models.signature import Intake
from mlops.production import drift
from mlops.production.drift import Drift
from mlops.release.registry import LoadedModel, Models


def compare(
    ledger: Ledger,
    artifacts: Artifacts,
    current: str | Path,
    reference: str | None = None,
    *,
    model: str | None = None,
    before: str | None = None,
    options: ReadOptions | None = None,
) -> Drift:
    """Compare the inputs in a version or a file with those of a known version.

    Parameters
    ----------
    current : str or Path
        A version (``customers@2``) or a file.
    reference : str, optional
        The known version; what the model learned from, if not given.
    model : str, optional
        A model version, or what is live (``@production``): then only its features are compared, and its answers as
        well. Its answers to rows of its training it has seen before; so the reference are its validation and test rows.
    before : str, optional
        The version of the month before, so that what is new can be told.
    options : ReadOptions, optional
        How to read a file; what is left open is as for the reference.

    Raises
    ------
    InvalidError
        If neither a reference nor a model is named.
    """
    datasets = Datasets(ledger, artifacts)
    loaded = Models(ledger, artifacts).load(model) if model else None
    asked = reference or (loaded.version.data_version if loaded else None)
    if asked is None:
        raise InvalidError("Nothing is named to compare with.", "Name a reference: a version, or a model that learned.")
    known = datasets.get(asked)
    table, now = datasets.table(known), datasets.held(current, known, options)[1]
    earlier = datasets.table(before) if before else None
    if loaded is None:
        return drift.of_tables(table, now, roles=known.roles, before=earlier)
    runs = Runs(ledger, artifacts)
    then = Recorded(runs, runs.get(loaded.version.run_id)).not_learned()
    scores = (then.scores, answers(loaded, now, table)) if then.scores.ndim == 1 else None
    return drift.of_tables(table, now, loaded.signature, scores, before=earlier)


def answers(model: LoadedModel, rows: pa.Table, learned_from: pa.Table) -> np.ndarray:
    """Return what a model answers to rows; to those that it cannot answer, nothing."""
    if not {*model.signature.names} <= {*rows.column_names}:
        return np.array([])
    intake = Intake(model.signature, lambda: learned_from)
    try:
        scores = scoring.answered(model.pipeline, rows, intake)[0]
        intake.end()
    except DataError:  # another schema, which `drift` names
        return np.array([])
    return scores[np.isfinite(scores)]
