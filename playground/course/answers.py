"""Answers to guesses that are computed from the workspace, by name; never a number that somebody wrote down."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from mlops import Workspace, sample
from mlops.base.records import ref_of
from mlops.experiments import pins
from mlops.models.differences import Difference
from playground import shuffle, year
from playground.course import seeds
from playground.course.asked import plain
from playground.course.verdict import Baseline

DECEMBER = sample.FILE.with_name("customers_2023-12.csv")
"""The customers about whom the next answers are wanted."""

NEWEST = 100
"""Newest finished runs of the sample that are looked through for two that can be compared."""


@dataclass(frozen=True)
class Answer:
    """The right answer to a guess, as it is in this workspace."""

    value: int | tuple[int, ...]
    """As a guess has it: a whole number, the lowest and the highest, or one for each month."""
    facts: Mapping[str, Any] = field(default_factory=dict)
    """What the sentence that explains it names beside ``answer`` and ``guess``."""


ANSWERS: dict[str, Callable[[Workspace, Baseline], Answer | None]] = {}
"""Every computation by its name; None as long as there is nothing to compute it from."""


def answer(function: Callable[[Workspace, Baseline], Answer | None]) -> Callable[[Workspace, Baseline], Answer | None]:
    """Make a function an answer that missions can name."""
    ANSWERS[function.__name__] = function
    return function


@answer
def found_of_100(ws: Workspace, baseline: Baseline) -> Answer | None:
    """Of 100 customers who left, how many the model in production finds, on rows it has never seen."""
    live = ws.releases.newest_live("production")
    if live is None:
        return None
    model = ws.models.get(ref_of(live.model))
    recall, auc = model.metrics.get("recall"), model.metrics.get("auc")
    if recall is None or auc is None:
        return None
    return Answer(round(100 * recall), {"auc": f"{auc:.3f}", "threshold": model.threshold, "model": model.ref})


@answer
def changed_answers(ws: Workspace, baseline: Baseline) -> Answer | None:
    """Of December's 3,000 customers, how many get another answer from the model of the corrected data."""
    pair = _pair(ws)
    return _changed(ws.path, *pair) if pair else None


@answer
def five_seeds(ws: Workspace, baseline: Baseline) -> Answer:
    """The lowest and the highest AUC of five seeds, each on rows of its own; and what they come to on the same rows."""
    found = seeds.prepared()
    ends = [f"{end:.3f}" for end in (min(found.same), max(found.same))]
    facts = {
        **asdict(found),
        "same_low": ends[0],
        "same_high": ends[1],
        "rows": f"{found.same_rows:,}",
        "wider": found.wider,
    }
    return Answer((round(1000 * min(found.own)), round(1000 * max(found.own))), facts)


@answer
def ahead_of_100(ws: Workspace, baseline: Baseline) -> Answer | None:
    """In how many of 100 shuffles the successor is ahead on rows that neither has seen: of the newest release check."""
    asked = [one["payload"]["changes"] for one in ws.log(baseline.event) if one["kind"] == "gate.evaluate"]
    report = next(
        (one for one in reversed(asked) if (one.get("difference") or {}).get("draws") and one["against"]), None
    )
    if report is None:
        return None
    found = shuffle.of(Difference.of(report["difference"]), ("live", "yours"))
    lead = report["difference"]["difference"]
    return Answer(found.ahead, {"margin": f"{report['rule']['margin']:g}", "rows": f"{report['rows']:,}", "lead": lead})


@answer
def pins_moved(ws: Workspace, baseline: Baseline) -> Answer:
    """How many of the five pins are not the same in all runs that ended here."""
    found = [pins.pins(row) for row in ws.runs.table(pins.FIELDS, "status = 'finished' and data.version >= 1")]
    return Answer(sum(len({pin.sha256 for pin in of_all}) > 1 for of_all in zip(*found, strict=True)))


@answer
def known_year(ws: Workspace, baseline: Baseline) -> Answer | None:
    """What each month came to, as far as outcomes are known; and the gap to the line that was drawn, in words."""
    stop = ws.journal.read("course/year") or {}
    found = year.read(ws, year.STORY, guess=(stop.get("guess") or {}).get("line") or (), waived=True)
    if not found.known:
        return None
    close = "So far the months lie on it, as far as luck lets one say." if found.guess else ""
    named = f"{found.named()}." if found.named() else close
    return Answer(tuple(round(1000 * one.auc) for one in found.known), {"named": named})


def _pair(ws: Workspace) -> tuple[str, str] | None:
    """Return the newest two runs that differ in data alone: on the data before, and on what came of it."""
    runs = ws.runs.list(f"status = 'finished' and data.name = '{sample.NAME}'", limit=NEWEST)
    for new in runs:
        for old in runs:
            same = old.config_sha256 == new.config_sha256 and old.seed == new.seed
            if same and new.model_sha256 and old.data["version"] < new.data["version"] and old.data != new.data:
                return old.run_id, new.run_id
    return None


@lru_cache(maxsize=256)  # two runs never change, and everybody who looks at the panel asks
def _changed(path: Path, old: str, new: str) -> Answer:
    import pandas as pd

    ws = Workspace.open(path, create=False)
    runs = [ws.runs.get(old), ws.runs.get(new)]
    frame = pd.read_csv(DECEMBER)
    asked = [{key: plain(value) for key, value in row.items()} for row in frame.to_dict("records")]
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        copy = ws.fork(Path(folder) / "copy")  # a run's model answers once it has a name; on a copy nobody sees it
        models = [copy.models.load(copy.models.register(run, "asked")) for run in runs]
        answers = [_decided(model, asked) for model in models]
    cells = ws.datasets.diff(*(ref_of(run.data) for run in runs)).cells_changed
    facts = {
        "cells": f"{sum((cells or {}).values()):,}",
        "rows": f"{ws.datasets.get(ref_of(runs[0].data)).rows:,}",
        "asked": f"{len(asked):,}",
    }
    return Answer(int((answers[0] != answers[1]).sum()), facts)


def _decided(model: Any, asked: Sequence[Mapping[str, Any]]) -> Any:
    from mlops.models import scoring
    from mlops.models.matrix import Cells

    rows = [model.signature.row(row)[0] for row in asked]
    cells = Cells.of_rows(rows, model.signature)
    return scoring.probabilities(model.pipeline, cells, model.signature) >= model.threshold
