"""Shared rows: which rows two runs both have in a split, and what each of them answers to those.

In the content that both learned from, a row is its place; elsewhere it is what names it (`rows.row_hashes`). Where the
two name their rows by different things, nobody can tell which are the same, and that is the answer.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from mlops.base.errors import InvalidError
from mlops.base.records import ref_of
from mlops.data.datasets import Datasets
from mlops.experiments.judged import Recorded
from mlops.experiments.runs import SPLITS, Split
from mlops.models import scoring

MAX_ANSWERS = 1000
"""Answers that `told` lists one by one; `answers` has them all."""


def counts(before: Recorded, after: Recorded) -> dict[str, dict[str, int]]:
    """Return ``{before, after, shared}`` by split: how many rows each run has in it, and how many both."""
    found: dict[str, dict[str, int]] = {}
    for split in SPLITS:
        old, new = _named(before, after, split)
        found[split] = {"before": len(old), "after": len(new), "shared": len(old.index.intersection(new.index))}
    return found


def answers(datasets: Datasets, before: Recorded, after: Recorded) -> pd.DataFrame:
    """Return what both runs answer to the validation rows of both.

    Returns
    -------
    DataFrame
        A line for each row, those that are decided otherwise first, and those that moved most before others:
        ``row`` (its place in the data of the later run), ``id`` (None without one), ``truth`` (as the later run knows
        it), ``before`` and ``after`` (the decisions, each at the threshold of its run; of a regression the numbers),
        ``before_score`` and ``after_score`` (probability of the positive class, of several that of the decided one;
        None of a regression), ``moved`` (how far the answer went: of several classes the largest change of a
        probability) and ``flipped``.

    Raises
    ------
    InvalidError
        If a run has no answers, the two do not ask the same, or have no row in common.
    """
    tables = _named(before, after, "validation")
    learned = before.signature
    if learned.question != after.signature.question:
        raise InvalidError(
            "The two runs predict different targets or classes, so their answers cannot be compared.",
            "Compare runs of one task.",
        )
    both = tables[0].index.intersection(tables[1].index)
    if not len(both):
        raise InvalidError(
            "No row was left for validation by both runs, so their answers cannot be compared.",
            f"Judge both on the same rows: mlops runs reevaluate {before.run.run_id} {after.run.run_id}.",
        )
    old, new = (table.loc[both] for table in tables)
    columns = [name for name in old.columns if name.startswith(("probability", "prediction"))]
    scores = [one[columns].to_numpy(float) for one in (old, new)]
    flat = scores if learned.task == "multiclass" else [one[:, 0] for one in scores]
    said = [scoring.decide(one, learned, run.threshold) for one, run in zip(flat, (before, after), strict=True)]
    sure = [None, None] if learned.task == "regression" else [one.max(axis=1) if one.ndim > 1 else one for one in flat]
    places = new["row"].to_numpy()
    found = pd.DataFrame({
        "row": places,
        "id": pd.Series(_ids(datasets, after, places), dtype=object),
        "truth": pd.Series(list(new["label"]), dtype=object),
        **{name: pd.Series(one, dtype=object) for name, one in zip(("before", "after"), said, strict=True)},
        **dict(zip(("before_score", "after_score"), sure, strict=True)),
        "moved": np.abs(scores[1] - scores[0]).max(axis=1),
        "flipped": [learned.task != "regression" and one != other for one, other in zip(*said, strict=True)],
    })  # fmt: skip
    return found.sort_values(["flipped", "moved", "row"], ascending=[False, False, True], ignore_index=True)


def told(found: pd.DataFrame, task: str) -> dict[str, Any] | None:
    """Return what `answers` comes to, as plain values; None if nothing is answered otherwise.

    Returns
    -------
    dict or None
        ``rows, changed, flipped, largest, moves, answers``; see `run_diff.RunDiff.predictions`.
    """
    flips = found[found["flipped"]] if task != "regression" else found[found["moved"] > 0]
    if not (found["moved"] > 0).any() and not len(flips):
        return None
    ways = Counter(zip(flips["before"], flips["after"], strict=True)) if task != "regression" else Counter[Any]()
    listed = flips.head(MAX_ANSWERS).drop(columns=["moved", "flipped"])
    return {
        "rows": len(found),
        "changed": int((found["moved"] > 0).sum()),
        "flipped": None if task == "regression" else len(flips),
        "largest": float(found["moved"].max()),
        "moves": [{"before": way[0], "after": way[1], "rows": many} for way, many in ways.most_common()],
        "answers": [_plain(one) for one in listed.to_dict("records")],
    }


def _plain(answer: dict[str, Any]) -> dict[str, Any]:
    return {key: value.item() if isinstance(value, np.generic) else value for key, value in answer.items()}


def _ids(datasets: Datasets, of: Recorded, places: np.ndarray) -> list[Any]:
    """Return the id of each row; None where the run knows no id."""
    name = (of.run.roles or {}).get("id")
    table = datasets.table(ref_of(of.run.data))
    if name not in table.column_names:
        return [None] * len(places)
    ids = table.column(name).take(pa.array(places))
    return [one if one is None or isinstance(one, str | int | float) else str(one) for one in ids.to_pylist()]


def _named(before: Recorded, after: Recorded, split: Split) -> list[pd.DataFrame]:
    """Return what each answered in a split by the names of rows: of those alike, the first, the second, the third."""
    tables = [one.table[one.table["part"] == split] for one in (before, after)]
    old, new = before.run.data, after.run.data
    if old["sha256"] == new["sha256"]:
        return [table.set_index("row", drop=False) for table in tables]
    if old["name"] != new["name"]:
        raise InvalidError(
            f"{old['name']} and {new['name']} are different datasets without common rows.",
            "Compare runs that learned from one dataset.",
        )
    ids = [(one.run.roles or {}).get("id") for one in (before, after)]
    if ids[0] != ids[1]:
        named = [f"by {name}" if name else "by its content" for name in ids]
        raise InvalidError(
            f"{ref_of(old)} names its rows {named[0]}, {ref_of(new)} {named[1]}: nobody can tell which are the same.",
            "Compare runs whose data have the same column of ids.",
        )
    return [table.set_index(["row_hash", table.groupby("row_hash").cumcount()]) for table in tables]
