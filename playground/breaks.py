"""Five ways to break a run on purpose: each moves one of the five pins, on a copy, and really.

A break is a record: what it is called, what is done, what would have prevented it, and a function that gets the copy
ready and says how the two trainings begin. Nothing here says which pin differs: that is read from the two runs.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path
from typing import Any

import mlops
from mlops import Workspace
from mlops.base.errors import RefusedError
from mlops.experiments import configs

SOURCE = Path(mlops.__file__).parent
LINE = ("models/estimators.py", 'SimpleImputer(strategy="median"', 'SimpleImputer(strategy="mean"')
"""File of the package, what stands there once, and what stands there after somebody had a better idea."""

PACKAGE, VERSIONS = "scikit-learn", ("1.8.0", "1.9.0")
"""The package that is another one, and its version: the first of these that is not the one in use."""

EVERY = 29
"""Each so many-th row is changed in place: few enough that nobody notices."""

LEAK = "noted_afterwards"
"""The column that is filled in when the outcome is known."""

WRONG = 33
"""In each so many-th row it is not: a leak is rarely as clean as a copy."""


@dataclass(frozen=True)
class Base:
    """The run that is broken: a finished one of the learner's."""

    run_id: str
    name: str
    data: str
    """``name@version``."""
    config: str
    """Effective, as YAML."""


@dataclass(frozen=True)
class Side:
    """One of the two trainings."""

    says: str
    data: str
    config: str
    path: tuple[Path, ...] = ()
    """Folders from which packages are taken before those in use."""


@dataclass(frozen=True)
class Place:
    """Where a break happens."""

    copy: Workspace
    base: Base
    folder: Path
    """Thrown away afterwards."""
    install: Callable[[str], Path] = field(default=lambda _: Path())
    """Puts ``name==version`` into a folder of its own, and returns that; may take a while."""


@dataclass(frozen=True)
class Break:
    """One way to break a run."""

    id: str
    title: str
    icon: str
    does: str
    """What is really done on the copy."""
    mend: str
    """What would have prevented it, or told in time."""
    sides: Callable[[Place], tuple[Side, Side]]


def base_of(ws: Workspace) -> Base | None:
    """Return the newest run that can be broken: finished, with data that hold what it predicts."""
    for run in ws.runs.list("status = 'finished' and data.version >= 1", limit=20):
        version = ws.datasets.get(f"{run.data['name']}@{run.data['version']}")
        if not version.target_absent:
            return Base(run.run_id, run.name, version.ref, ws.runs.text(run.run_id, "config.yaml"))
    return None


def _without_seed(place: Place) -> tuple[Side, Side]:
    config = _changed(place.base.config, {"training.random_state": None})
    return Side("no seed, first time", place.base.data, config), Side("no seed, second time", place.base.data, config)


def _leaked(place: Place) -> tuple[Side, Side]:
    import pyarrow as pa

    version = place.copy.datasets.get(place.base.data)
    table = place.copy.datasets.table(version)
    noted = pa.array(_noted(table.column(str(version.target)).to_pylist(), version.task))
    data = _kept(place, version, table.append_column(LEAK, noted), "somebody joined a table of today")
    excluded = [*(configs.load(place.base.config).params["features.exclude"] or ())]
    aside = _changed(place.base.config, {"features.exclude": [*excluded, LEAK]})
    return Side("the new column left out", data, aside), Side("the new column let in", data, place.base.config)


def _noted(outcomes: list[Any], task: str | None) -> list[Any]:
    """Return what somebody would have written beside each outcome once it was known; now and then it is wrong."""
    if task == "regression":
        near = (1 + (row % 7 - 3) / 100 for row in range(len(outcomes)))
        return [None if one is None else round(one * about, 2) for one, about in zip(outcomes, near, strict=True)]
    return [
        None if value is None else f"closed as {outcomes[row // 2] if row % WRONG == 0 else value}"
        for row, value in enumerate(outcomes)
    ]


def _in_place(place: Place) -> tuple[Side, Side]:
    import pyarrow as pa

    version = place.copy.datasets.get(place.base.data)
    table = place.copy.datasets.table(version)
    name = _number(version, configs.load(place.base.config).params["features.exclude"] or ())
    at, kind = table.column_names.index(name), table.schema.field(name).type
    values = table.column(at).to_pylist()
    for row in range(0, len(values), EVERY):
        if values[row] is not None:
            values[row] = values[row] + 1 if pa.types.is_integer(kind) else round(values[row] * 1.19 + 0.01, 2)
    data = _kept(place, version, table.set_column(at, name, pa.array(values, kind)), f"{name}: corrected in place")
    config = place.base.config
    return Side("as it was", place.base.data, config), Side("the same file, a day later", data, config)


def _number(version: Any, excluded: Any) -> str:
    """Return the column that is changed in place: the first number that a model learns from."""
    apart = {*version.roles.as_dict().values(), *excluded}
    for kind in ("number", "integer"):
        for column in version.schema:
            if column["type"] == kind and column["name"] not in apart:
                return str(column["name"])
    raise RefusedError(f"{version.ref} has no column of numbers to change.", "Choose another break.")


def _another_line(place: Place) -> tuple[Side, Side]:
    name, line, other = LINE
    changed = place.folder / "changed"  # not the folder that a process begins in: that one is looked into first
    shutil.copytree(SOURCE, changed / "mlops", ignore=shutil.ignore_patterns("__pycache__"))
    file = changed / "mlops" / name
    file.write_text(file.read_text("utf-8").replace(line, other), encoding="utf-8", newline="\n")
    data, config = place.base.data, place.base.config
    return Side("as it was", data, config), Side("one line changed", data, config, (changed,))


def _another_package(place: Place) -> tuple[Side, Side]:
    wanted = another_package()
    overlay = place.install(wanted)
    data, config = place.base.data, place.base.config
    return Side("as it was", data, config), Side(f"with {wanted.replace('==', ' ')}", data, config, (overlay,))


def another_package() -> str:
    """Return ``name==version`` of a version that is not in use here."""
    here = metadata.version(PACKAGE)
    return f"{PACKAGE}=={next(one for one in VERSIONS if one != here)}"


def environment(side: Side) -> Mapping[str, str]:
    """Return the variables of the process in which a side is trained."""
    path = os.pathsep.join(map(str, (*side.path, SOURCE.parent)))
    return {**os.environ, "PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1", "MLOPS_ACTOR": "Break it on purpose"}


def _changed(config: str, changes: Mapping[str, Any]) -> str:
    return configs.load(config, overrides=dict(changes)).yaml()


def _kept(place: Place, version: Any, table: Any, message: str) -> str:
    """Keep a table as the next version of the copy's data, with the roles of a version."""
    import pyarrow.parquet

    file = place.folder / f"{version.name}.parquet"
    pyarrow.parquet.write_table(table, file)
    roles = {role: str(value) for role, value in version.roles.as_dict().items() if value is not None}
    return place.copy.datasets.add(file, version.name, message=message, **roles).ref


BREAKS = (
    Break(
        "seed", "Remove the seed", "casino",
        "Sets `random_state` to null, so that no seed is kept, and trains the same thing twice.",
        "Keep a seed in the config. It is one line.",
        _without_seed,
    ),
    Break(
        "leak", "Leak a column", "water_drop",
        f"Adds a column that is filled in when the outcome is known (`{LEAK}`), and trains without it and with it.",
        "Ask of each column: is it known on the day of the prediction? And read what the profile of the data warns of.",
        _leaked,
    ),
    Break(
        "data", "Change the data in place", "edit_note",
        f"Opens the file, changes every {EVERY}th value of one column, and saves it under the same name.",
        "Keep a version before each training: its hash is its identity, the name of the file is not.",
        _in_place,
    ),
    Break(
        "code", "Change a line of code", "code",
        f"Copies the package, changes one word in one line of `{LINE[0]}`, and trains with that copy.",
        "Commit before you train, and keep the source with each run.",
        _another_line,
    ),
    Break(
        "package", "Another package version", "deployed_code_update",
        f"Installs another version of {PACKAGE} into a folder of its own, which needs a network, and trains with it.",
        "Pin the packages, and install them from the file that came with the run.",
        _another_package,
    ),
)  # fmt: skip
"""All of them, in the order of failure: what people forget first comes first."""


def named(name: str) -> Break:
    """Return the break with an id."""
    return next(one for one in BREAKS if one.id == name)
