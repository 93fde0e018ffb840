"""Trainable: whether a config can be trained on these data, asked before anything is recorded.

What the columns of a dataset version tell is asked here, in milliseconds; what only its rows tell is asked by the
training. Nothing here needs scikit-learn, which takes a second to import: a training is submitted at once.
"""

from __future__ import annotations

import difflib

from mlops.base import strict_yaml
from mlops.base.errors import ConfigError, DataError, shown
from mlops.base.notes import Note
from mlops.data.versions import DatasetVersion
from mlops.experiments import configs
from mlops.experiments.configs import Config
from mlops.models import estimators


def check(version: DatasetVersion, config: Config) -> None:
    """Refuse, before anything is recorded, a config that cannot be for this data."""
    if version.target is None or version.task is None:
        raise DataError(
            f"{version.ref} has no target, so there is nothing to learn.",
            f"Name it: mlops data add FILE --name {version.name} --target COLUMN.",
        )
    model = config.schema.model.type
    if version.task not in estimators.find(model).tasks:
        usable = ", ".join(e.name for e in estimators.ESTIMATORS if version.task in e.tasks)
        message = f"{model} cannot learn a {version.task} target"
        raise ConfigError(
            f"{message}.", f"Use one of {usable}.", [strict_yaml.found(None, "model.type", message, usable)]
        )
    group = config.schema.training.group
    asked = {
        "features.include": config.schema.features.include or (),
        "features.exclude": config.schema.features.exclude,
        "training.group": [group] if group is not None else [],
    }
    unknown = [(key, name) for key, names in asked.items() for name in names if name not in version.column_types]
    if unknown:
        field, column = unknown[0]
        where = "features" if field.startswith("features") else field
        raise ConfigError(
            f"The config names the column {shown(column)} ({where}); {version.ref} has no such column.",
            f"Columns: {', '.join(sorted(version.column_types))}.",
            [
                strict_yaml.found(None, key, f"{version.ref} has no column {shown(name)}", _nearest(name, version))
                for key, name in unknown
            ],
        )
    choose_features(version, config)
    _check_kept(config)


def choose_features(version: DatasetVersion, config: Config) -> tuple[list[str], list[Note]]:
    """Choose the columns the model may look at, in the order of the data; say which were left out and why."""
    section = config.schema.features
    named = {version.target, version.id, version.time, version.group, config.schema.training.group}
    chosen, notes = [], []
    for column in version.schema:
        name = column["name"]
        if name in named or name in section.exclude:
            continue
        if section.include is not None and name not in section.include:
            continue
        if column["type"] in ("date", "datetime"):
            message = f"{name} is a {column['type']} and is no feature."
            notes.append(Note("date_left_out", name, message))
            continue
        chosen.append(name)
    if not chosen:
        raise ConfigError("The config leaves no column as a feature.", "Exclude fewer columns.")
    return chosen, notes


def _check_kept(config: Config) -> None:
    """Refuse a config that could not be read again as the run keeps it, with every name on a line of its own."""
    text = config.yaml()
    if len(text) > strict_yaml.MAX_BYTES // 8:  # a shorter one cannot hold too many values either
        configs.load(text)


def _nearest(name: str, version: DatasetVersion) -> str | None:
    return next(iter(difflib.get_close_matches(name, version.column_types, 1)), None)
