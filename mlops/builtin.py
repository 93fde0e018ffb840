"""Built-in sets: five small tables that come with scikit-learn, added like anybody's file.

They are textbook sets: complete, tidy, small. They are good for trying a task that your own data does not have, and
for nothing that has to do with time, outcomes that come late, or dirty data.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from mlops.base.errors import NotFoundError, shown
from mlops.base.records import Record
from mlops.base.tasks import Label, Task

if TYPE_CHECKING:
    import pandas as pd

    from mlops.data.versions import DatasetVersion
    from mlops.workspace import Workspace


@dataclass(frozen=True)
class Builtin(Record):
    """One set that comes with scikit-learn."""

    name: str
    """What ``sklearn.datasets.load_NAME`` calls it, and the name of the dataset it becomes."""
    title: str
    about: str
    """What it is, and what it is not."""
    target: str
    task: Task
    positive: Label | None
    rows: int
    docs: str
    """Where it is described."""


_DOCS = "scikit-learn.org/stable/datasets/toy_dataset.html"

SETS: tuple[Builtin, ...] = (
    Builtin(
        "iris",
        "Iris flowers",
        "150 flowers of three species, measured in the 1930s: a textbook set, clean and tiny; no time, no business.",
        target="species",
        task="multiclass",
        positive=None,
        rows=150,
        docs=f"{_DOCS}#iris-plants-dataset",
    ),
    Builtin(
        "wine",
        "Italian wines",
        "Chemical analyses of 178 wines from three growers: easy to tell apart; so few rows that a score means little.",
        target="cultivar",
        task="multiclass",
        positive=None,
        rows=178,
        docs=f"{_DOCS}#wine-recognition-dataset",
    ),
    Builtin(
        "breast_cancer",
        "Breast tumours (Wisconsin)",
        "569 tumours measured on images of cells; scikit-learn codes malignant as 0 and benign as 1, here they are "
        "words. Real, but no basis for a diagnosis: one hospital, decades ago.",
        target="diagnosis",
        task="binary",
        positive="malignant",
        rows=569,
        docs=f"{_DOCS}#breast-cancer-wisconsin-diagnostic-dataset",
    ),
    Builtin(
        "digits",
        "Handwritten digits",
        "1,797 digits as 8 x 8 grey values from 0 to 16: a picture as a table; real images are larger and need other "
        "models.",
        target="digit",
        task="multiclass",
        positive=None,
        rows=1797,
        docs=f"{_DOCS}#optical-recognition-of-handwritten-digits-dataset",
    ),
    Builtin(
        "diabetes",
        "Diabetes progression",
        "442 patients and how far the disease went in a year; every feature, sex included, is already centred and "
        "scaled, so nobody can read an age from it.",
        target="progression",
        task="regression",
        positive=None,
        rows=442,
        docs=f"{_DOCS}#diabetes-dataset",
    ),
)
"""Every set that can be added; none of them is downloaded."""


def find(name: str) -> Builtin:
    """Return the record of a built-in set.

    Raises
    ------
    NotFoundError
        If there is none of this name.

    Examples
    --------
    >>> find("iris").task
    'multiclass'
    """
    for one in SETS:
        if one.name == name:
            return one
    known = ", ".join(one.name for one in SETS)
    raise NotFoundError(f"No built-in set is named {shown(name)}. There are: {known}.", "See them: mlops data builtin.")


def frame(name: str) -> pd.DataFrame:
    """Return a built-in set as a table, its target last and classes as words.

    Column names are scikit-learn's in one word: ``sepal length (cm)`` is ``sepal_length_cm``.
    """
    from sklearn import datasets

    one = find(name)
    loaded = getattr(datasets, f"load_{one.name}")(as_frame=True)
    columns = loaded.data.rename(columns=lambda text: text.replace("(", "").replace(")", "").replace(" ", "_"))
    if name == "digits":
        columns = columns.astype(int)
    words = name != "digits" and one.task != "regression"
    target = [str(loaded.target_names[code]) for code in loaded.target] if words else loaded.target
    return columns.assign(**{one.target: target})


def add(ws: Workspace, name: str) -> DatasetVersion:
    """Add a built-in set to a workspace as the next version of the dataset with its name.

    Raises
    ------
    NotFoundError
        If there is no such set.
    """
    one = find(name)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"{one.name}.csv"
        frame(name).to_csv(path, index=False)
        return ws.datasets.add(
            path,
            one.name,
            target=one.target,
            task=one.task,
            positive=None if one.positive is None else str(one.positive),
            message=f"{one.title}: a set that comes with scikit-learn",
        )
