"""Pipeline: from a dataset version and a config to a finished run, in seven steps.

    load - validate - split - prepare - train - evaluate - package

The first four depend on the data and a few keys of the config; their result is kept in ``cache/`` under the
hash of all they depend on, so that trying another model starts at *train*. The run's record names the
hash of the cached bytes, and only bytes with that hash are ever loaded.
"""

from __future__ import annotations

import hashlib
import io
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import joblib
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet
from sklearn.model_selection import train_test_split
from sklearn.pipeline import Pipeline
from threadpoolctl import threadpool_limits

from mlops import estimators, evaluation, labels, provenance, runs, signature, tables
from mlops.artifacts import Artifacts, Stage, Staged
from mlops.configs import Config
from mlops.datasets import Datasets, DatasetVersion
from mlops.errors import Cancelled, ConfigError, DataError, MlopsError
from mlops.ledger import Ledger
from mlops.records import new_id, readable_json, sha256_of
from mlops.runs import SPLITS, Run, Split
from mlops.signature import Signature

STEPS = ("load", "validate", "split", "prepare", "train", "evaluate", "package")
PREPARING = STEPS[:4]

MIN_ROWS = 30
"""Labelled rows below which three splits mean nothing."""
MIN_PER_CLASS = 6
"""Rows of each class below which a stratified split cannot be made."""
EXAMPLES = 3
"""Test rows that travel with the model: to try it on a screen, and to check its health before it goes live."""


@dataclass(frozen=True)
class Step:
    """One step of the pipeline, as far as it has come."""

    name: str
    status: Literal["waiting", "running", "done", "failed"] = "waiting"
    rows: int | None = None
    """Rows it worked on."""
    duration_s: float | None = None
    """Seconds of real time."""
    cached: bool = False
    """Whether an earlier run of this workspace had done it already."""


class Progress:
    """The steps of one training; tells a listener about every change and keeps the log."""

    def __init__(self, listener: Callable[[Step], None] | None) -> None:
        self.steps = {name: Step(name) for name in STEPS}
        self._listener = listener
        self._lines: list[str] = []

    @contextmanager
    def step(self, name: str) -> Iterator[Callable[[int], None]]:
        """Time a step; call what it yields with the number of rows."""
        started = time.perf_counter()
        self._set(Step(name, "running"))
        try:
            yield lambda rows: self._replace(name, rows=rows)
        except BaseException:
            self._set(replace(self.steps[name], status="failed", duration_s=time.perf_counter() - started))
            raise
        self._set(replace(self.steps[name], status="done", duration_s=time.perf_counter() - started))

    def cached(self, name: str, rows: int) -> None:
        """Note a step that an earlier run had done."""
        self._set(Step(name, "done", rows, 0.0, cached=True))

    def say(self, line: str) -> None:
        """Add a line to the log."""
        self._lines.append(line)

    def log(self) -> bytes:
        """Return the log of the training so far."""
        return ("\n".join(self._lines) + "\n").encode()

    def as_list(self) -> list[dict[str, Any]]:
        """Return the steps as the run records them."""
        return [dict(vars(step)) for step in self.steps.values()]

    def _replace(self, name: str, rows: int) -> None:
        self.steps[name] = replace(self.steps[name], rows=rows)

    def _set(self, step: Step) -> None:
        self.steps[step.name] = step
        if step.status != "running":
            rows = f"{step.rows:,} rows" if step.rows is not None else ""
            self.say(f"{step.name:<9} {step.status}{' (cached)' if step.cached else ''} {step.duration_s:.3f} s {rows}")
        if self._listener:
            self._listener(step)


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


def train(
    ledger: Ledger,
    artifacts: Artifacts,
    version: DatasetVersion,
    config: Config,
    *,
    name: str,
    folder: Path,
    note: str = "",
    tags: Mapping[str, str] | None = None,
    on_step: Callable[[Step], None] | None = None,
) -> Run:
    """Train a model and record the run.

    Parameters
    ----------
    version : DatasetVersion
        The data.
    config : Config
        The recipe.
    name : str
        Name of the run; need not be unique.
    folder : Path
        Where the project lies, for its git commit.
    on_step : callable, optional
        Called with a `Step` whenever one begins or ends.

    Returns
    -------
    Run
        The finished run.

    Raises
    ------
    ConfigError
        If the config does not suit the data; nothing is recorded.
    MlopsError
        If a step failed; the run is recorded as failed.
    Cancelled
        If the person pressed Ctrl-C; the run is recorded as cancelled.
    """
    _check_recipe(version, config)
    runs.check_tags(tags or {})
    run_id = new_id("r")
    with runs.held(artifacts, run_id), artifacts.stage() as stage:
        run = runs.start(
            ledger,
            run_id,
            name=name,
            params=config.params,
            config_sha256=config.sha256,
            seed=config.seed,
            data={"name": version.name, "version": version.version, "sha256": version.sha256},
            threshold=config.threshold if version.task == "binary" else None,
            folder=folder,
            note=note,
            tags=tags or {},
            warnings=_recipe_warnings(config),
        )
        progress = Progress(on_step)
        progress.say(f"run {run_id} {name}: {version.ref} {version.sha256[:12]}, config {config.sha256[:12]}")
        started = time.perf_counter()

        def finish(status: str, results: Mapping[str, Any], files: Mapping[str, Staged], document: Any = None) -> Run:
            taken = {"status": status, "steps": progress.as_list(), "duration_s": time.perf_counter() - started}
            log = {"train.log": stage.write("train.log", progress.log())}
            return runs.end(ledger, run, {**taken, **results}, {**files, **log}, document)

        try:
            results, files, details = _execute(ledger, artifacts, stage, version, config, run, progress)
        except KeyboardInterrupt as error:
            finish("cancelled", {"error": "Cancelled."}, {})
            raise Cancelled(f"Run {run_id} was cancelled.", "Train again whenever you like.") from error
        except Exception as error:
            progress.say(f"failed: {error}")
            finish("failed", {"error": str(error)}, {})
            if isinstance(error, MlopsError):
                raise
            raise MlopsError(
                f"Run {run_id} failed: {type(error).__name__}: {error}.", f"See mlops runs show {run_id}."
            ) from error
        return finish(
            "finished",
            results,
            files,
            lambda ended: stage.write("run.json", readable_json({**ended.as_dict(), **details})),
        )


def _check_recipe(version: DatasetVersion, config: Config) -> None:
    """Refuse, before anything is recorded, a config that cannot be for this data."""
    if version.target is None or version.task is None:
        raise DataError(
            f"{version.ref} has no target, so there is nothing to learn.",
            f"Name it: mlops data add FILE --name {version.name} --target COLUMN.",
        )
    model = config.schema.model.type
    if version.task not in estimators.find(model).tasks:
        fitting = ", ".join(e.name for e in estimators.ESTIMATORS if version.task in e.tasks)
        raise ConfigError(
            f"{model} cannot learn a {version.task} target.",
            f"Use one of {fitting}.",
            [{"line": None, "field": "model.type", "message": f"not for {version.task}", "suggestion": fitting}],
        )
    names = {column["name"] for column in version.schema}
    asked = [*(config.schema.features.include or ()), *config.schema.features.exclude]
    unknown = [name for name in asked if name not in names]
    if unknown:
        raise ConfigError(
            f"The config names the feature {unknown[0]!r}; {version.ref} has no such column.",
            f"Columns: {', '.join(sorted(names))}.",
            [
                {"line": None, "field": "features", "message": f"no column {name!r}", "suggestion": None}
                for name in unknown
            ],
        )


def _recipe_warnings(config: Config) -> list[dict[str, Any]]:
    if config.seed is not None:
        return []
    message = "No seed: split and training are different every time, so this run cannot be reproduced."
    return [{"code": "unseeded", "column": None, "message": message}]


def _execute(
    ledger: Ledger,
    artifacts: Artifacts,
    stage: Stage,
    version: DatasetVersion,
    config: Config,
    run: Run,
    progress: Progress,
) -> tuple[dict[str, Any], dict[str, Staged], dict[str, Any]]:
    """Run the seven steps; return fields of the run, its files, and what only run.json holds."""
    estimator = estimators.find(config.schema.model.type)
    prepared, cache = _prepared(ledger, artifacts, version, config, estimator, progress)
    learned, frame = prepared.signature, prepared.frame
    parts = {part: frame[frame["part"] == part] for part in SPLITS}

    with progress.step("train") as rows:
        parameters = config.schema.model.model_dump(exclude={"type"})
        model = estimator.build(parameters, learned.task, config.seed)
        with threadpool_limits(1):
            model.fit(prepared.matrix["train"], parts["train"]["label"].to_numpy())
        pipeline = Pipeline([*prepared.steps, ("model", model)])
        rows(len(parts["train"]))

    with progress.step("evaluate") as rows:
        tail = Pipeline([("model", model)])
        scores = {part: signature.probabilities(tail, prepared.matrix[part], learned) for part in SPLITS}
        truth = {part: parts[part]["label"].to_numpy() for part in SPLITS}
        metrics = {part: evaluation.metrics(truth[part], scores[part], learned, config.threshold) for part in SPLITS}
        intervals = {
            part: evaluation.intervals(truth[part], scores[part], learned, config.threshold)
            for part in ("validation", "test")
        }
        rows(len(parts["validation"]) + len(parts["test"]))

    with progress.step("package"):
        with stage.writer("model.joblib") as file:
            joblib.dump(pipeline, file)
        files = {
            "model.joblib": file.staged,
            "predictions.parquet": _stage_predictions(stage, parts, scores, learned),
            "curves.json": stage.write(
                "curves.json", readable_json(evaluation.curves(truth["validation"], scores["validation"], learned))
            ),
            "metrics.json": stage.write("metrics.json", readable_json(metrics)),
            "config.yaml": stage.write("config.yaml", config.yaml().encode()),
            "requirements.txt": stage.write("requirements.txt", provenance.requirements().encode()),
        }
        answers = signature.probabilities(pipeline, signature.frame_of_rows(prepared.examples, learned), learned)
        examples = [
            {"row": row, "answer": answer.tolist()} for row, answer in zip(prepared.examples, answers, strict=True)
        ]
    results = {
        "metrics": metrics,
        "intervals": intervals,
        "rows_sha256": {part: _rows_sha256(parts[part]) for part in SPLITS},
        "model_sha256": files["model.joblib"].sha256,
        "predictions_sha256": files["predictions.parquet"].sha256,
        "warnings": [*run.as_dict()["warnings"], *prepared.warnings],
        "prepared": cache,
    }
    return results, files, {"signature": learned.as_dict(), "examples": examples}


# load, validate, split, prepare


def _prepared(
    ledger: Ledger,
    artifacts: Artifacts,
    version: DatasetVersion,
    config: Config,
    estimator: estimators.Estimator,
    progress: Progress,
) -> tuple[Prepared, dict[str, str] | None]:
    """Do the first four steps, or find that an earlier run did them."""
    with ledger.read() as view:
        now = view.now()
    outcomes = labels.known_outcomes(ledger, artifacts, version.name, now)
    key = sha256_of(
        {
            "data": version.sha256,
            "target": version.target,
            "id": version.id,
            "task": version.task,
            "positive": version.positive,
            "outcomes": _outcomes_sha256(outcomes),
            "features": config.schema.features.model_dump(),
            "training": config.schema.training.model_dump(),
            "preparation": repr(estimators.preprocessing(estimator, [], [])),
            "source": provenance.source_sha256(),
            "software": provenance.software(),
        }
    )
    found = _cached(ledger, artifacts, key) if config.seed is not None else None
    if found is None:
        table, learned, parts, notes = _load_and_split(ledger, artifacts, version, config, outcomes, progress)
        with progress.step("prepare") as rows:
            found = _fit(table, version, learned, parts, estimator, notes)
            rows(len(found["frame"]))
    else:
        for name in PREPARING:
            progress.cached(name, len(found["frame"]))
    # Also the first run goes on from the stored bytes: then a model is the same, byte for byte, cached or not.
    buffer = io.BytesIO()
    joblib.dump(found, buffer)
    if config.seed is None:
        return _thaw(buffer.getvalue()), None
    return _thaw(buffer.getvalue()), _keep(artifacts, key, buffer.getvalue())


def _outcomes_sha256(outcomes: Mapping[Any, Any]) -> str:
    return hashlib.sha256(repr(sorted(outcomes.items())).encode()).hexdigest()


def _cached(ledger: Ledger, artifacts: Artifacts, key: str) -> dict[str, Any] | None:
    with ledger.read() as view:
        row = view.connection.execute(
            "SELECT subject FROM facts WHERE key = 'prepared.key' AND value = ? LIMIT 1", (key,)
        ).fetchone()
        record = view.record("run", row[0]) if row else None
    if record is None:
        return None
    try:
        data = artifacts.path(_cache_path(key)).read_bytes()
    except OSError:
        return None
    if hashlib.sha256(data).hexdigest() != record["prepared"]["sha256"]:
        return None
    return dict(joblib.load(io.BytesIO(data)))


def _keep(artifacts: Artifacts, key: str, data: bytes) -> dict[str, str]:
    path = artifacts.path(_cache_path(key))
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        beside = path.with_suffix(f".{new_id('part-')}")
        beside.write_bytes(data)
        beside.replace(path)
    return {"key": key, "sha256": hashlib.sha256(data).hexdigest()}


def _cache_path(key: str) -> str:
    return f"cache/{key[:32]}.joblib"


def _thaw(data: bytes) -> Prepared:
    values = joblib.load(io.BytesIO(data))
    return Prepared(**(values | {"signature": Signature.of(values["signature"])}))


def _load_and_split(
    ledger: Ledger,
    artifacts: Artifacts,
    version: DatasetVersion,
    config: Config,
    outcomes: Mapping[Any, Any],
    progress: Progress,
) -> tuple[pa.Table, Signature, dict[str, np.ndarray], list[dict[str, Any]]]:
    """Steps load, validate and split: the labelled rows, what a model of them takes, and which row goes where."""
    with progress.step("load") as rows:
        table = labels.join(Datasets(ledger, artifacts).table(version), version, outcomes)
        rows(table.num_rows)
    with progress.step("validate") as rows:
        table, notes = _labelled(table, version)
        features, more = _features(table, version, config)
        learned = signature.learn(table.drop_columns("\0row"), version, features)
        _check_classes(table, version)
        rows(table.num_rows)
    with progress.step("split") as rows:
        parts = _split(table.column(str(version.target)).to_pylist(), version, config)
        rows(table.num_rows)
    return table, learned, parts, [*notes, *more]


def _labelled(table: pa.Table, version: DatasetVersion) -> tuple[pa.Table, list[dict[str, Any]]]:
    """Keep the rows whose outcome is known."""
    target = str(version.target)
    if target not in table.column_names:
        raise DataError(
            f"{version.ref} has no column {target!r}, and no outcome of it is known yet.",
            f"Add outcomes: mlops labels add FILE --dataset {version.name}.",
        )
    known = table.filter(pc.is_valid(table.column(target))).append_column(
        "\0row", pa.array(np.flatnonzero(np.asarray(pc.is_valid(table.column(target)))))
    )
    if known.num_rows < MIN_ROWS:
        raise DataError(
            f"{version.ref} has {known.num_rows} rows with a known {target!r}; training needs at least {MIN_ROWS}.",
            "Use a version with more rows, or add outcomes with mlops labels add.",
        )
    without = table.num_rows - known.num_rows
    message = f"{without:,} rows have no {target} and were left out."
    return known, [{"code": "unlabelled_rows", "column": target, "message": message}] if without else []


def _features(table: pa.Table, version: DatasetVersion, config: Config) -> tuple[list[str], list[dict[str, Any]]]:
    """Choose the columns the model may look at, in the order of the data; say which were left out and why."""
    section = config.schema.features
    chosen, notes = [], []
    for column in tables.schema_of(table.drop_columns("\0row")):
        name = column["name"]
        if name in (version.target, version.id) or name in section.exclude:
            continue
        if section.include is not None and name not in section.include:
            continue
        if column["type"] in ("date", "datetime"):
            message = f"{name} is a {column['type']} and is no feature."
            notes.append({"code": "date_left_out", "column": name, "message": message})
            continue
        chosen.append(name)
    if not chosen:
        raise ConfigError("The config leaves no column as a feature.", "Exclude fewer columns.")
    return chosen, notes


def _check_classes(table: pa.Table, version: DatasetVersion) -> None:
    if version.task == "regression":
        return
    counts = {
        entry["values"]: entry["counts"] for entry in table.column(str(version.target)).value_counts().to_pylist()
    }
    if len(counts) < 2:
        raise DataError(
            f"Every row of {version.ref} has {version.target} = {next(iter(counts))!r}; one class cannot be learned.",
            "Use a version with both.",
        )
    label, rarest = min(counts.items(), key=lambda item: item[1])
    if rarest < MIN_PER_CLASS:
        raise DataError(
            f"Only {rarest} rows of {version.ref} have {version.target} = {label!r}; each class needs {MIN_PER_CLASS}.",
            "Add rows of this class or leave it out.",
        )


def _split(target: list[Any], version: DatasetVersion, config: Config) -> dict[str, np.ndarray]:
    """Split positions twice: the test rows first, then the validation rows out of the rest."""
    section = config.schema.training
    everything, classes = np.arange(len(target)), np.array(target)
    stratify = version.task != "regression"

    def cut(positions: np.ndarray, size: float) -> list[np.ndarray]:
        same = classes[positions] if stratify else None
        try:
            return list(train_test_split(positions, test_size=size, random_state=section.random_state, stratify=same))
        except ValueError as error:
            raise DataError(f"{len(positions)} rows cannot be split: {error}", "Change training.test_size.") from error

    rest, test = cut(everything, section.test_size)
    train_rows, validation = cut(rest, section.validation_size)
    return {"train": train_rows, "validation": validation, "test": test}


def _fit(
    table: pa.Table,
    version: DatasetVersion,
    learned: Signature,
    parts: dict[str, np.ndarray],
    estimator: estimators.Estimator,
    notes: list[dict[str, Any]],
) -> dict[str, Any]:
    """Step prepare: fit the preprocessing on the train rows and bring all rows into its form."""
    frame = tables.frame_of(table, learned.names)
    numbers = [position for position, feature in enumerate(learned.features) if feature["type"] != "text"]
    texts = [position for position, feature in enumerate(learned.features) if feature["type"] == "text"]
    preprocessing = Pipeline(estimators.preprocessing(estimator, numbers, texts))
    with threadpool_limits(1):
        matrix = {"train": preprocessing.fit_transform(frame.iloc[parts["train"]])}
        matrix |= {part: preprocessing.transform(frame.iloc[parts[part]]) for part in ("validation", "test")}
    order = np.concatenate([parts[part] for part in SPLITS])
    described = pd.DataFrame(
        {
            "row": table.column("\0row").to_numpy()[order],
            "part": np.repeat(SPLITS, [len(parts[part]) for part in SPLITS]),
            "row_hash": _row_hashes(table, version)[order],
            "label": np.array(table.column(learned.target).to_pylist())[order],
        }
    )
    shown = [*([version.id] if version.id else []), *learned.names]
    examples = table.select(shown).take(parts["test"][:EXAMPLES]).to_pylist()
    return {
        "signature": learned.as_dict(),
        "steps": preprocessing.steps,
        "matrix": matrix,
        "frame": described,
        "examples": examples,
        "warnings": notes,
    }


def _row_hashes(table: pa.Table, version: DatasetVersion) -> np.ndarray:
    """Name each row, so that two runs can tell which rows both have seen.

    A row is its id where ids are unique; otherwise it is its whole content.
    """
    if version.id in table.column_names and pc.count_distinct(table.column(version.id)).as_py() == table.num_rows:
        named = pd.DataFrame({"id": table.column(version.id).cast(pa.large_string()).to_pandas().astype(object)})
    else:
        names = sorted(name for name in table.column_names if name not in ("\0row", version.id))
        named = tables.frame_of(pa.table({name: _dates_as_text(table.column(name)) for name in names}), names)
    return pd.util.hash_pandas_object(named, index=False).to_numpy()


def _dates_as_text(column: pa.ChunkedArray) -> pa.ChunkedArray:
    return column.cast(pa.large_string()) if pa.types.is_temporal(column.type) else column


def _rows_sha256(part: pd.DataFrame) -> str:
    return hashlib.sha256(np.sort(part["row_hash"].to_numpy()).astype("<u8").tobytes()).hexdigest()


# package


def _stage_predictions(
    stage: Stage, parts: Mapping[Split, pd.DataFrame], scores: Mapping[Split, np.ndarray], learned: Signature
) -> Staged:
    frame = pd.concat([parts[part] for part in SPLITS], ignore_index=True)
    stacked = np.concatenate([scores[part] for part in SPLITS])
    columns: dict[str, Any] = {name: frame[name].to_numpy() for name in frame.columns}
    columns["part"] = frame["part"].to_numpy(dtype=object)
    if learned.task == "multiclass":
        columns |= {f"probability_{label}": stacked[:, index] for index, label in enumerate(learned.labels)}
    else:
        columns["prediction" if learned.task == "regression" else "probability"] = stacked
    with stage.writer("predictions.parquet") as file:
        pyarrow.parquet.write_table(pa.table(columns), file, compression="zstd")
    return file.staged
