"""Runs as a table: which fields are columns, how they are called, and which rows are in sight."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from mlops.experiments import lifecycle, pins
from mlops.training.reproduce import GOOD
from mlops.training.sweeps import JUDGED_BY
from playground import proof, words
from playground.pinned import picture
from playground.run_names import spoken

ALWAYS = (
    "run_id", "status", "note", "tags", "data.name", "data.version", "started_at", "params.model.type",
    "metrics.validation.auc", "metrics.validation.rmse",
    "intervals.validation.auc", "intervals.validation.rmse", "rows_sha256.validation", "reproduced.verdict",
)  # fmt: skip
"""Fields that every row has, columns or not."""

JUDGED = ("auc", "rmse")
"""The metric by which runs are judged: of a yes or no or of classes, and of a number."""

HIDDEN = ("metrics.test.", "tags.", "data.sha256", "prepared", "run_id", "name", *ALWAYS)
"""Beginnings of fields that are no column to choose: they are there anyway, or closed, or of no use."""

ASIDE = "aside"
"""Key of the tag of a run that somebody set aside: it stays on record, and out of sight until somebody asks."""

OWN_TAGS = ("pinned", ASIDE, lifecycle.SWEEP)
"""Keys of tags that are set by a click of their own, not by typing."""

ENDED = ("failed", "cancelled", "interrupted")
"""States of runs that made no model."""

TELLING = 4
"""At most so many settings are columns before anybody chooses."""


def can_be_column(field: str) -> bool:
    """Return whether a field can be chosen as a column; metrics on the test rows stay closed.

    Examples
    --------
    >>> can_be_column("params.model.max_depth"), can_be_column("metrics.test.auc")
    (True, False)
    """
    return not field.startswith(HIDDEN)


def tag_lines(tags: Mapping[str, str]) -> str:
    """Return tags as a person types them, one on each line; those that have a click of their own are left out.

    Examples
    --------
    >>> tag_lines({"team": "growth", "pinned": "yes", "try": "2"})
    'team=growth\\ntry=2'
    """
    return "\n".join(f"{key}={value}" for key, value in tags.items() if key not in OWN_TAGS and "\n" not in value)


def typed_tags(text: str) -> dict[str, str]:
    """Return the tags that lines of text name; one without a value is a yes.

    Examples
    --------
    >>> typed_tags("team = growth\\n\\nurgent")
    {'team': 'growth', 'urgent': 'yes'}
    """
    pairs = (line.partition("=") for line in text.splitlines() if line.strip())
    return {key.strip(): value.strip() or "yes" for key, _, value in pairs}


def title(field: str) -> str:
    """Return a field as the head of a column.

    Examples
    --------
    >>> title("params.model.max_depth"), title("metrics.validation.f1"), title("metrics.train.auc"), title("seed")
    ('max_depth', 'F1', 'AUC (train)', 'seed')
    """
    top, _, rest = field.partition(".")
    if top == "metrics":
        split, _, metric = rest.partition(".")
        return words.metric_name(metric) if split == "validation" else f"{words.metric_name(metric)} ({split})"
    return rest.rpartition(".")[2] if top == "params" else field


def telling(rows: Sequence[dict[str, Any]]) -> list[str]:
    """Return the settings that differ between runs, those with the most values first."""
    values = {
        field: {str(row[field]) for row in rows if row[field] is not None}
        for field in (rows[0] if rows else {})
        if field.startswith("params.") and can_be_column(field)
    }
    differ = sorted((field for field in values if len(values[field]) > 1), key=lambda field: -len(values[field]))
    return differ[:TELLING]


def orders(fields: Sequence[str], columns: Sequence[str]) -> list[str]:
    """Return the orders in which runs can stand, as a search sorts them: nothing is the newest first.

    Parameters
    ----------
    fields : sequence of str
        Fields that the runs have.
    columns : sequence of str
        Fields that are columns.

    Examples
    --------
    >>> orders(["metrics.validation.auc", "seed"], ["params.model.max_depth"])
    ['', '-metrics.validation.auc', '-params.model.max_depth', 'params.model.max_depth']
    """
    judged = [("-" if JUDGED_BY[name] < 0 else "") + f"metrics.validation.{name}" for name in JUDGED]
    known = [order for order in judged if order.lstrip("-") in fields and order.lstrip("-") not in columns]
    return ["", *known, *(order for column in columns for order in (f"-{column}", column))]


def order_title(order: str) -> str:
    """Return an order as people say it.

    Examples
    --------
    >>> order_title(""), order_title("-metrics.validation.auc"), order_title("params.model.max_depth")
    ('Newest first', 'AUC, highest first', 'max_depth, lowest first')
    """
    return (
        f"{title(order.lstrip('-'))}, {'highest' if order[0] == '-' else 'lowest'} first" if order else "Newest first"
    )


def frame(rows: Sequence[dict[str, Any]], columns: Sequence[str]) -> pd.DataFrame:
    """Return rows as the table on screen.

    Parameters
    ----------
    rows : sequence of dict
        With the fields of `ALWAYS` and the chosen columns.
    columns : sequence of str
        Fields that a person chose.
    """
    judged = [name for name in JUDGED if any(row[f"metrics.validation.{name}"] is not None for row in rows)]
    cells: dict[str, list[Any]] = {
        "": ["📌" if (row["tags"] or {}).get("pinned") == "yes" else "" for row in rows],
        "Run": [words.short(row["run_id"]) for row in rows],
        "Name": [spoken(row["run_id"]) for row in rows],
        "Note": [row["note"] for row in rows],
        "Sweep": [_sweep(row) for row in rows],
        "Model": [str(row["params.model.type"] or "").replace("_", " ") for row in rows],
        **{words.metric_name(name): [row[f"metrics.validation.{name}"] for row in rows] for name in judged},
        "Interval": [_interval(row) for row in rows],
        "Pins": _pictures(rows),
        **{title(field): _cells([row[field] for row in rows]) for field in columns},
        "Proof": [proof.word(row["reproduced.verdict"]) for row in rows],
        "Data": [f"{row['data.name']}@{row['data.version']}" if row["data.name"] else "" for row in rows],
        "Tags": [_tags(row["tags"]) for row in rows],
        "Status": [row["status"] for row in rows],
        "Started": [words.moment(row["started_at"]) for row in rows],
    }
    told = {name: values for name, values in cells.items() if any(value not in ("", None) for value in values)}
    return pd.DataFrame({name: _whole(values) for name, values in told.items()})


def file(rows: Sequence[dict[str, Any]], columns: Sequence[str]) -> pd.DataFrame:
    """Return rows as the table in a file: what is on screen, with whole ids and without pictures."""
    shown = frame(rows, columns)
    return shown.assign(Run=[row["run_id"] for row in rows]).drop(columns=["", "Pins"], errors="ignore")


def _whole(values: Sequence[Any]) -> Any:
    """Return whole numbers as such though some are missing; anything else as it is."""
    whole = all(value is None or (type(value) is int and abs(value) < 2**53) for value in values)
    return pd.array(values, dtype="Int64") if whole else values


def with_pins(rows: Sequence[dict[str, Any]], columns: Sequence[str]) -> list[dict[str, Any]]:
    """Return rows with their five pins in place of the fields that these were made from, but those that are columns."""
    gone = set(pins.FIELDS) - set(columns)
    return [{key: value for key, value in row.items() if key not in gone} | {"pins": pins.pins(row)} for row in rows]


def _pictures(rows: Sequence[dict[str, Any]]) -> Sequence[Any]:
    """Return the five letters of each row: A is what stands first in this view."""
    if not all("pins" in row for row in rows):
        return [None] * len(rows)
    lettered = zip(pins.lettered([row["pins"] for row in rows]), rows, strict=True)
    return pd.Categorical([picture(letters, row["reproduced.verdict"] in GOOD) for letters, row in lettered])


def _interval(row: dict[str, Any]) -> str:
    found = (row[f"intervals.validation.{name}"] for name in JUDGED)
    return words.interval(next(filter(None, found), None))


def _tags(tags: dict[str, str] | None) -> str:
    hidden = ("pinned", ASIDE, lifecycle.SWEEP)
    return ", ".join(f"{key}={value}" for key, value in (tags or {}).items() if key not in hidden)


def _sweep(row: Mapping[str, Any]) -> str | None:
    if not (sweep := sweep_of(row)):
        return None
    return f"{row['place']} of {row['trials']}, {words.short(sweep)}" if row.get("trials") else words.short(sweep)


@dataclass(frozen=True)
class Shelved:
    """Which runs are in sight, and how many are not."""

    rows: tuple[dict[str, Any], ...]
    ended: int
    """Runs that failed, were cancelled or interrupted."""
    aside: int
    """Runs that somebody set aside."""
    sweeps: Mapping[str, int]
    """Sweep -> how many of its trials there are, those that are folded among them."""


def in_sight(
    rows: Sequence[dict[str, Any]],
    ended: bool = False,
    aside: bool = False,
    unfolded: Collection[str] = (),
    named: Collection[str] = (),
) -> Shelved:
    """Return the rows that are in sight: of a sweep its best trial, unless it is unfolded.

    Parameters
    ----------
    ended, aside : bool
        Whether those that made no model, and those set aside, are in sight as well.
    unfolded : collection of str
        Sweeps of which every trial is.
    named : collection of str
        Runs that are in sight whatever they are: a link named them.
    """

    def is_put(row: Mapping[str, Any]) -> bool:
        return bool((row["tags"] or {}).get(ASIDE))

    kept = [row for row in rows if aside or not is_put(row) or row["run_id"] in named]
    failed = sum(row["status"] in ENDED for row in kept)
    kept = [row for row in kept if ended or row["status"] not in ENDED or row["run_id"] in named]
    trials: dict[str, list[dict[str, Any]]] = {}
    for row in kept:
        if sweep := sweep_of(row):
            trials.setdefault(sweep, []).append(row)
    best = {sweep: min(of_it, key=_worse) for sweep, of_it in trials.items() if len(of_it) > 1}
    shown = [
        {**row, "trials": len(trials[sweep]), "place": _place(trials[sweep])}
        if row is best.get(sweep) and sweep not in unfolded
        else row
        for row in kept
        if (sweep := sweep_of(row)) not in best or sweep in unfolded or row is best[sweep] or row["run_id"] in named
    ]
    return Shelved(tuple(shown), failed, sum(map(is_put, rows)), {sweep: len(trials[sweep]) for sweep in best})


def sweep_of(row: Mapping[str, Any]) -> str:
    """Return the sweep that a run is a trial of; nothing if it is none."""
    return str((row["tags"] or {}).get(lifecycle.SWEEP) or "")


def _place(trials: Sequence[Mapping[str, Any]]) -> str:
    """Return what the trial is called that stands for a sweep: of those on other rows none is the best."""
    rows = {row["rows_sha256.validation"] for row in trials if row["status"] == "finished"}
    return "best" if len(rows) <= 1 else "one"


def _worse(row: Mapping[str, Any]) -> float:
    """Return a number that is the larger the worse a run did."""
    scores = ((name, row[f"metrics.validation.{name}"]) for name in JUDGED)
    return next((JUDGED_BY[name] * score for name, score in scores if score is not None), math.inf)


def _cells(values: Sequence[Any]) -> list[Any]:
    """Return values as one kind: numbers as they are, everything else as text."""
    if all(value is None or (isinstance(value, (int, float)) and not isinstance(value, bool)) for value in values):
        return list(values)
    return [None if value is None else words.setting(value) for value in values]
