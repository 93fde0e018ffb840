"""Orders: what somebody wants trained, once every question about it is answered.

An order has its data, its name and one config, or one for each trial of a sweep, with all that was laid over the file.
It is the same whoever carries it out: this process at once, a worker later, many workers side by side.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mlops.base import provenance
from mlops.base.artifacts import Artifacts
from mlops.base.errors import DataError, InvalidError
from mlops.base.ledger import Ledger
from mlops.base.notes import Note
from mlops.base.records import check_text, suggest_name
from mlops.data import outcomes
from mlops.data.datasets import Datasets
from mlops.data.readiness import Readiness
from mlops.data.versions import DatasetVersion
from mlops.experiments import config_files, configs, lifecycle, runs, trainable
from mlops.experiments.configs import Config
from mlops.experiments.runs import Run
from mlops.training import grids
from mlops.training.grids import Grid

UNSEEDED = {
    "code": "unseeded",
    "column": None,
    "message": "No seed: split and training are different every time, so this run cannot be reproduced.",
}
"""The warning of a run without a seed."""

LEFT_OUT = "newer_left_out"
"""Code of the remark that a newer version of the data was not the one to train on."""


@dataclass(frozen=True)
class Order:
    """Trainings on the same data, under the same name."""

    version: DatasetVersion
    configs: tuple[Config, ...]
    name: str
    note: str
    tags: Mapping[str, str]
    environment: str | None
    """Whose overlay was laid over the file."""
    left_out: tuple[Readiness, ...] = ()
    """Newer versions that nobody may train on today."""


def take(
    datasets: Datasets,
    config: str | Path,
    changes: Mapping[str, Any],
    data: str | None = None,
    environment: str | None = None,
    note: str = "",
    tags: Mapping[str, str] | None = None,
    *,
    grid: Grid | None = None,
    random: int | None = None,
) -> Order:
    """Answer what is asked for, word by word as `Workspace.train` and `Workspace.sweep` explain it.

    Parameters
    ----------
    changes : mapping
        Dotted keys and values that win over the file, the seed among them.

    Raises
    ------
    MlopsError
        If a word cannot be used; nothing is recorded.
    """
    base = configs.load(config, environment, changes)
    trials = [base]
    if grid is not None:
        planned = [{**changes, **trial} for trial in grids.trials(grid, random, base.seed)]
        trials = list(configs.variants(config, planned, environment))
    said, tagged = check_text(note, "note"), runs.check_tags(tags or {})
    name = base.schema.name or (Path(config).stem if base.base else base.schema.model.type)
    # The data last: a file that the config names is added, unless something else was refused.
    version, left_out = _data(datasets, base, data)
    return Order(version, tuple(trials), name, said, tagged, environment, tuple(left_out))


def facts(ledger: Ledger, artifacts: Artifacts, order: Order) -> list[dict[str, Any]]:
    """Refuse what cannot be trained; return what is known about each run before it begins."""
    version = order.version
    for config in order.configs:
        trainable.check(version, config)
    shared = {
        "name": order.name,
        "data": {"name": version.name, "version": version.version, "sha256": version.sha256},
        "roles": version.roles.as_dict(),
        "outcomes": outcomes.known(ledger, artifacts, version),
        "note": order.note,
        "tags": order.tags,
        # Asks git, which may take seconds: not under the write lock.
        "code": provenance.code_state(_folder(order.configs[0])),
    }
    return [
        {
            **shared,
            "params": config.params,
            "config_sha256": config.sha256,
            "config_file": config_files.remembered(artifacts.root, config, order.environment),
            "seed": config.seed,
            "threshold": config.threshold if version.task == "binary" else None,
            "warnings": [*([] if config.seed is not None else [UNSEEDED]), *map(_left_out, order.left_out)],
        }
        for config in order.configs
    ]


def _left_out(newer: Readiness) -> dict[str, Any]:
    said = f"{newer.ref} is newer and was left out. {newer.why}"
    return Note(LEFT_OUT, None, said).as_dict()


def queue(ledger: Ledger, artifacts: Artifacts, order: Order) -> list[Run]:
    """Record that the trainings of an order wait for a worker: all of them, or none."""
    known = zip(facts(ledger, artifacts, order), order.configs, strict=True)
    asked = [{**one, "config": config.yaml()} for one, config in known]
    return [Run.of(record) for record in lifecycle.queue(ledger, asked)]


def _data(datasets: Datasets, config: Config, data: str | None) -> tuple[DatasetVersion, list[Readiness]]:
    """Find the data: what was asked for, what the config names, the file it names, the only dataset there is.

    A version that is named is that version. A name alone is its newest version that one may train on; the newer ones
    that were left out for that are returned as well.
    """
    section = config.schema.data
    if data is not None:
        named = data
    elif section.path is not None:
        path = _folder(config) / section.path
        roles = section.model_dump(include={"target", "id", "time", "group"})
        return datasets.add(path, section.name or suggest_name(path.stem), **roles), []
    elif section.name is not None:
        said = "version" in section.model_fields_set and "@" not in section.name
        named = f"{section.name}@{section.version}" if said else section.name
    else:
        names = sorted({version.name for version in datasets.list()})
        if len(names) != 1:
            raise InvalidError(
                f"The config names no data; this workspace has {len(names)} datasets: {', '.join(names) or 'none'}.",
                "Say which: --data NAME@VERSION, or data: {name: NAME} in the config.",
            )
        named = names[0]
    return (datasets.get(named), []) if "@" in named else _newest_trainable(datasets, named)


def _newest_trainable(datasets: Datasets, name: str) -> tuple[DatasetVersion, list[Readiness]]:
    """Return the newest version that one may train on today, and the newer ones that only wait for their outcomes."""
    newest, left_out = datasets.get(name), list[Readiness]()
    for one in datasets.readiness_of(version for version in datasets.list() if version.name == name):
        if one.trainable:
            return datasets.get(one.ref), left_out
        left_out.append(one)
    if newest.target_absent:
        raise DataError(
            f"{newest.ref}: {left_out[0].why}",
            f"Add outcomes (mlops labels add FILE --dataset {name}) or wait for them (mlops clock set TIME).",
        )
    return newest, []  # the training itself says best what is wrong with its rows


def _folder(config: Config) -> Path:
    """Return where the project of a config lies: beside its file, or here."""
    return config.base or Path.cwd()
