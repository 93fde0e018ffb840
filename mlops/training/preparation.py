"""Preparation: the first four steps of a training - load, validate, split, prepare - and their cache.

They depend on the data and a few keys of the config. Their result is kept in ``cache/`` under the hash of all they
depend on, so that trying another model starts at *train*. The file begins with the id of the run that made it; that
run's record names the hash of the bytes, and only bytes with that hash are ever loaded. The cache keeps to a size: what
was used least recently goes first.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import joblib
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from sklearn.pipeline import Pipeline
from threadpoolctl import threadpool_limits

from mlops.base import cache, provenance
from mlops.base.artifacts import Artifacts
from mlops.base.errors import DataError, shown, some
from mlops.base.ledger import Ledger
from mlops.base.notes import Note
from mlops.base.records import sha256_of
from mlops.data import outcomes, quality, tables
from mlops.data.datasets import Datasets
from mlops.data.quality.evidence import leave_out
from mlops.data.rows import ROW, labelled, row_hashes
from mlops.data.versions import DatasetVersion
from mlops.experiments.configs import Config
from mlops.experiments.progress import STEPS, Progress
from mlops.experiments.runs import SPLITS, Run
from mlops.experiments.trainable import choose_features
from mlops.models import estimators, scoring
from mlops.models.estimators import SINGLE, Estimator
from mlops.models.signature import Signature
from mlops.training import splitting

PREPARING = STEPS[:4]


EXAMPLES = 3
"""Test rows that travel with the model: to try it on a screen, and to check its health before it goes live."""


@dataclass(frozen=True)
class Prepared:
    """What the first four steps hand to the rest."""

    signature: Signature
    steps: list[tuple[str, Any]]
    """The fitted preprocessing."""
    matrix: dict[str, Any]
    """Features by split, as the estimator takes them; rows in the order of the split."""
    frame: pd.DataFrame
    """One line for each labelled row: row, part, row_hash, label."""
    examples: list[dict[str, Any]]
    """A few test rows as a caller would send them."""
    warnings: list[dict[str, Any]]


def prepare(
    ledger: Ledger,
    artifacts: Artifacts,
    version: DatasetVersion,
    config: Config,
    run: Run,
    progress: Progress,
    anew: bool = False,
) -> tuple[Prepared, dict[str, str] | None]:
    """Do the first four steps of a run, or find that an earlier run did them.

    Parameters
    ----------
    anew : bool
        Do them whatever is in the cache, and keep nothing there.

    Returns
    -------
    prepared : Prepared
        What the other steps need.
    named : dict or None
        ``{key, sha256}`` of what is in the cache now, for the run to record.
    """
    estimator, known = estimators.find(config.schema.model.type), run.outcomes or {}
    key = sha256_of(
        {
            "data": version.sha256,
            "roles": version.roles.as_dict(),
            "outcomes": known["sha256"],
            "features": config.schema.features.model_dump(),
            "training": config.schema.training.model_dump(),
            "preparation": repr(estimators.preprocessing(estimator, [], [])),
            "source": provenance.source_sha256(),
            "software": provenance.software(),
        }
    )
    cacheable = config.seed is not None and not anew
    made_by, data = (_cached(ledger, artifacts, key) if cacheable else None) or ("", None)
    if data is not None:
        prepared = _thaw(data)
        for name in PREPARING:
            progress.cached(name, len(prepared.frame))
        return prepared, _named(key, data, made_by)
    by_id = outcomes.outcomes_of(ledger, artifacts, known)
    table, learned, parts, notes = _load_and_split(ledger, artifacts, version, config, by_id, progress)
    with progress.step("prepare") as rows:
        data = _frozen(_fit(table, version, learned, parts, estimator, notes))
        rows(table.num_rows)
    # Also the first run goes on from the stored bytes: then a model is the same, byte for byte, cached or not.
    return _thaw(data), _keep(artifacts, run.run_id, key, data) if cacheable else None


def _cached(ledger: Ledger, artifacts: Artifacts, key: str) -> tuple[str, bytes] | None:
    """Return the run that cached bytes say made them, and the bytes, if that one recorded them under this key."""
    found = cache.read(cache.path(artifacts, key, "joblib"))
    if found is None:
        return None
    first, _, data = found.partition(b"\n")
    made_by = first.decode("latin-1")
    with ledger.read() as view:
        recorded = (view.record("run", made_by) or {}).get("preparation") or {}
    return (made_by, data) if {"made_by": made_by, **recorded} == _named(key, data, made_by) else None


def _named(key: str, data: bytes, made_by: str) -> dict[str, str]:
    """Return what a run records of its prepared data; runs of earlier days did not say who made them."""
    return {"key": key, "sha256": hashlib.sha256(data).hexdigest(), "made_by": made_by}


def _keep(artifacts: Artifacts, run_id: str, key: str, data: bytes) -> dict[str, str] | None:
    kept = cache.keep(artifacts, cache.path(artifacts, key, "joblib"), [f"{run_id}\n".encode(), data])
    return _named(key, data, run_id) if kept else None


def _frozen(prepared: Prepared) -> bytes:
    buffer = io.BytesIO()
    joblib.dump(prepared, buffer)
    return buffer.getvalue()


def _thaw(data: bytes) -> Prepared:
    prepared: Prepared = joblib.load(io.BytesIO(data))
    return prepared


def _load_and_split(
    ledger: Ledger,
    artifacts: Artifacts,
    version: DatasetVersion,
    config: Config,
    by_id: Mapping[Any, Any],
    progress: Progress,
) -> tuple[pa.Table, Signature, dict[str, np.ndarray], list[Note]]:
    """Steps load, validate and split: the labelled rows, what a model of them takes, and which row goes where."""
    with progress.step("load") as rows:
        table = outcomes.join(Datasets(ledger, artifacts).table(version), version, by_id)
        rows(table.num_rows)
    with progress.step("validate") as rows:
        table, notes = labelled(table, version)
        features, left_out = choose_features(version, config)
        content, training = table.drop_columns(ROW), config.schema.training
        found = quality.check(content, version.roles, features=features, split=training.split, group=training.group)
        _refuse_blockers(found, version)
        _check_positive(content, version)
        rows(table.num_rows)
    with progress.step("split") as rows:
        parts, more = splitting.split(table, version.roles, training)
        learned = Signature.learned(content, version, features, parts["train"])
        rows(table.num_rows)
    return table, learned, parts, [*notes, *left_out, *found, *more]


def _refuse_blockers(notes: list[Note], version: DatasetVersion) -> None:
    """Refuse rows from which nothing can be learned, before anything is fitted."""
    blockers = [note for note in notes if note.severity == "blocker"]
    if blockers:
        first = blockers[0]
        raise DataError(f"{version.ref}: {first.message}", first.next_step, [note.as_dict() for note in blockers])


def _check_positive(table: pa.Table, version: DatasetVersion) -> None:
    """Refuse outcomes that are spelled otherwise than the class that is to be predicted."""
    labels = pc.unique(table.column(str(version.target))).to_pylist()
    if version.task == "binary" and len(labels) > 2:
        raise DataError(
            f"{version.target} of {version.ref} is a yes or no, but its outcomes are {some(labels)}.",
            "Correct the outcomes and add them again: the latest one of a row counts.",
        )
    if version.task == "binary" and version.positive not in labels:
        raise DataError(
            f"{version.target} is never {shown(version.positive)}, the positive class of {version.ref}, "
            f"but {' or '.join(map(shown, labels))}.",
            "Name the outcomes as the dataset does.",
        )


def _fit(
    table: pa.Table,
    version: DatasetVersion,
    learned: Signature,
    parts: dict[str, np.ndarray],
    estimator: Estimator,
    notes: list[Note],
) -> Prepared:
    """Step prepare: fit the preprocessing on the train rows and bring all rows into its form."""
    frame = tables.frame_of(table, learned.names)
    numbers = [position for position, feature in enumerate(learned.features) if feature["type"] != "text"]
    texts = [position for position, feature in enumerate(learned.features) if feature["type"] == "text"]
    preprocessing = Pipeline(estimators.preprocessing(estimator, numbers, texts))
    with threadpool_limits(provenance.THREADS), np.errstate(over="ignore", invalid="ignore"):
        matrix = {"train": preprocessing.fit_transform(frame.iloc[parts["train"]])}
        matrix |= {part: preprocessing.transform(frame.iloc[parts[part]]) for part in ("validation", "test")}
    _refuse_unheld(matrix, frame.iloc[:, numbers], table, learned, estimator)
    order = np.concatenate([parts[part] for part in SPLITS])
    described = pd.DataFrame(
        {
            "row": table.column(ROW).to_numpy()[order],
            "part": np.repeat(SPLITS, [len(parts[part]) for part in SPLITS]),
            "row_hash": row_hashes(table, version)[order],
            "label": np.array(table.column(learned.target).to_pylist())[order],
        }
    )
    shown = [*([version.id] if version.id in table.column_names else []), *learned.names]
    asked = table.select(shown).take(parts["test"][:EXAMPLES]).to_pylist()
    examples = [{name: tables.plain(cell) for name, cell in row.items()} for row in asked]
    warnings = [note.as_dict() for note in notes]
    return Prepared(learned, preprocessing.steps, matrix, described, examples, warnings)


def _refuse_unheld(
    matrix: Mapping[str, Any], numbers: pd.DataFrame, table: pa.Table, learned: Signature, estimator: Estimator
) -> None:
    """Refuse numbers that the estimator cannot compute with: in a feature, alone or after scaling, or in the target."""
    looked_at = [numbers.fillna(0.0).to_numpy(), *matrix.values()]
    columns = [column for one in looked_at for column in scoring.unheld(one, estimator.largest).values()]
    if columns:
        name = str(numbers.columns[min(columns)])
        raise DataError(
            f"{name} holds {numbers[name].abs().max():g}, more than {estimator.name} can compute with.",
            f"Correct these cells, leave the column out ({leave_out([name])}), or use another model.type.",
        )
    values = table.column(learned.target).to_numpy(zero_copy_only=False)
    if learned.task == "regression" and (most := np.abs(values.astype(float)).max()) > SINGLE:
        raise DataError(
            f"{learned.target}, the target, holds {most:g}, and errors of this size cannot be squared.",
            "Correct these cells, or give it in a larger unit.",
        )
