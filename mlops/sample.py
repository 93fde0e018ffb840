"""The sample: the simulated company's customers, and the calendar on which their story begins."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlops.base.errors import NotFoundError

if TYPE_CHECKING:
    from mlops.data.versions import DatasetVersion
    from mlops.workspace import Workspace

FILE = Path(__file__).resolve().parents[1] / "sample_data" / "customers_2023.csv"
COLUMNS = FILE.with_name("columns.yaml")
"""What its columns are called, in which unit they are, and what they mean."""
NAME = "customers"

FIRST_DAY = "2023-12-01T09:00:00.000000Z"
"""The customers came up for renewal until November 2023; the calendar starts on the Friday after."""


def begin(ws: Workspace) -> None:
    """Start the calendar of the sample's story, if nothing has happened in the workspace yet."""
    if ws.head() == 0:
        ws.set_clock(FIRST_DAY)


def described(columns: Iterable[str]) -> dict[str, Any]:
    """Return what is said about those columns of the sample that are among some: a month has no outcomes yet."""
    from mlops.base import strict_yaml

    said = strict_yaml.parse(strict_yaml.read(COLUMNS))[0]
    return {column: said[column] for column in columns if column in said}


def add(ws: Workspace) -> DatasetVersion:
    """Add the sample customers to a workspace; a workspace in which nothing has happened starts in December 2023.

    Raises
    ------
    NotFoundError
        If the package was installed without the project's files.
    """
    if not FILE.is_file():
        raise NotFoundError(f"The sample is not here: {FILE}.", "Run this in a checkout of the project.")
    begin(ws)
    said = "cohorts September to November 2023"
    return ws.datasets.add(FILE, NAME, target="churn", id="customer_id", columns=COLUMNS, message=said)
