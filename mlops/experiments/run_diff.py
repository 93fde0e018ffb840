"""Everything that differs between two runs: what went in, which rows, what they answer, how good they are.

The causes stand first - the five pins, from the data to the seed - and the consequences after them. What is equal is
None. What cannot be compared - a run from elsewhere has no answers, two targets have no common one - is None as well,
and its reason is named: what nobody knows is never passed off as equal.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from mlops.base.errors import ConflictError, InvalidError, NotFoundError
from mlops.base.records import Record, plain, ref_of
from mlops.data import roles
from mlops.data.datasets import Datasets
from mlops.data.roles import Roles
from mlops.experiments import judged, shared_rows, software
from mlops.experiments.judged import Recorded
from mlops.experiments.pins import PinName
from mlops.experiments.runs import Run, Split
from mlops.models import differences

if TYPE_CHECKING:
    import pandas as pd

    from mlops.experiments.comparisons import Comparison

Part = Literal[PinName, "rows", "predictions", "luck"]

TRAINED = "Compare runs that were trained here, with this version."


@dataclass(frozen=True)
class RunDiff(Record):
    """Every difference between two runs, after minus before; each part is None where nothing differs."""

    runs: tuple[str, str]
    data: Mapping[str, Any] | None
    """``{before, after}``, the versions, and what differs between them as in `changes.DatasetDiff`, with the
    distributions of the columns that differ; ``roles_changed`` of what each learned with, and ``outcomes_changed``:
    ``[before, after]`` of what each was given beside the data, None if that is the same."""
    config: tuple[Mapping[str, Any], ...] | None
    """``{key, before, after}`` of the effective configs, without the seed."""
    code: str | None
    """A unified diff of the source that ran."""
    software: tuple[Mapping[str, Any], ...] | None
    """``{what, before, after, matters, why}``, as `software.differences` tells them."""
    seed: Mapping[str, Any] | None
    """``{before, after}``."""
    metrics: tuple[Mapping[str, Any], ...] | None
    """``{metric, before, after, difference, low, high}`` by split and name: ``validation.auc``. The last two are the
    ends of the 95 % interval of the difference, paired on the rows of the split; None if they are not the same."""
    predictions: Mapping[str, Any] | None
    """What the validation rows of both are answered. ``rows``: how many they are; ``changed``: how many score
    differently; ``flipped``: how many are decided differently (None for regression); ``largest``: the largest change
    of a score; ``moves``: ``{before, after, rows}`` of the decisions that changed; ``answers``: those rows one by one,
    ``{row, id, truth, before, after, before_score, after_score}``, of a regression the numbers that changed, the most
    moved one first and at most `shared_rows.MAX_ANSWERS`."""
    rows: Mapping[str, Mapping[str, int]] | None
    """``{before, after, shared}`` by split: how many rows each run has in it, and how many both."""
    luck: Mapping[str, Any] | None
    """The difference in the main metric with its interval: a `differences.Difference`."""
    model: Mapping[str, Any] | None
    """``{before, after}``: hashes of the files of the models."""
    compared: int | None
    """How many validation rows both answered; None if their answers cannot be compared."""
    not_applicable: Mapping[Part, str]
    """Why a part is unknown, or known in part only."""


def diff(
    datasets: Datasets,
    before: Recorded,
    after: Recorded,
    compared: Comparison,
    sources: Callable[[str], Mapping[str, str] | None],
) -> RunDiff:
    """Name everything that differs between two runs.

    Parameters
    ----------
    before, after : Recorded
        The runs, with what they answered.
    compared : Comparison
        What went into them and came out, side by side.
    sources : callable
        Returns the source that a run ran, by path; None if it was not stored.
    """
    old, new = before.run, after.run
    reasons: dict[Part, str] = {}

    def asked(part: Part, answer: Callable[[], Any]) -> Any:
        try:
            return answer()
        except (InvalidError, ConflictError, NotFoundError) as error:
            reasons[part] = error.message
            return None

    went_in = {
        "data": asked("data", lambda: _data(datasets, old, new)),
        "config": asked("config", lambda: _config(old, new, compared)),
        "code": asked("code", lambda: _code(old, new, sources)),
        "software": asked("software", lambda: _software(old, new)),
        "seed": asked("seed", lambda: _seed(old, new, compared)),
    }
    rows = asked("rows", lambda: shared_rows.counts(before, after))
    answers = asked("predictions", lambda: shared_rows.answers(datasets, before, after))
    return RunDiff(
        runs=(old.run_id, new.run_id),
        **went_in,
        metrics=_metrics(before, after, compared),
        predictions=None if answers is None else shared_rows.told(answers, before.signature.task),
        rows=None if rows is None or _all_shared(rows) else rows,
        luck=asked("luck", lambda: _luck(before, after, answers)),
        model=None if old.model_sha256 == new.model_sha256 else {"before": old.model_sha256, "after": new.model_sha256},
        compared=None if answers is None else len(answers),
        not_applicable={} if old.run_id == new.run_id else reasons,  # whatever nobody knows of it, it is itself
    )


def _data(datasets: Datasets, before: Run, after: Run) -> dict[str, Any] | None:
    for run in (before, after):
        if not run.data:
            raise InvalidError(f"Run {run.run_id} does not say what it learned from.", TRAINED)
    roles_changed = roles.changes(*(Roles.of(run.roles or {}) for run in (before, after)))
    outcomes = [run.outcomes if run.outcomes and run.outcomes["sets"] else None for run in (before, after)]
    same = (outcomes[0] or {}).get("sha256") == (outcomes[1] or {}).get("sha256")
    if before.data["sha256"] == after.data["sha256"] and not roles_changed and same:
        return None
    refs = [ref_of(run.data) for run in (before, after)]
    found = datasets.diff(*refs)
    moved = {name: one for name, one in found.distributions.items() if one["before"] != one["after"]}
    return {
        **dict(zip(("before", "after"), refs, strict=True)),
        **found.as_dict(),
        "distributions": plain(moved),
        "roles_changed": plain(roles_changed),
        "outcomes_changed": None if same else plain(outcomes),
    }


def _config(before: Run, after: Run, compared: Comparison) -> list[dict[str, Any]] | None:
    """Return the keys that differ; of a run that was logged only those that both name, as nobody knows its others."""
    found = [
        {"key": one["key"], "before": one["values"][0], "after": one["values"][1]}
        for one in compared.differs
        if one["what"] == "config"
    ]
    if (before.config_sha256 is None) != (after.config_sha256 is None):
        found = [one for one in found if one["key"] in before.params and one["key"] in after.params]
        if not found:
            logged = before if before.config_sha256 is None else after
            raise InvalidError(f"Run {logged.run_id} says what was set, but not the whole config.", TRAINED)
    return _one_threshold(found) or None


def _one_threshold(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Join what was a threshold with what is one: a config has exactly one, whatever its label."""
    moved = [one for one in found if one["key"].startswith("thresholds.")]
    if len(moved) != 2:
        return found
    old, new = sorted(moved, key=lambda one: one["after"] is not None)
    if old["before"] == new["after"]:
        return found
    return [one for one in found if one not in moved] + [{**new, "before": old["before"]}]


def _code(before: Run, after: Run, sources: Callable[[str], Mapping[str, str] | None]) -> str | None:
    _recorded("source", before, after, lambda run: run.code.get("source_sha256"))
    if before.code["source_sha256"] == after.code["source_sha256"]:
        return None
    old, new = (_kept(run, sources(run.run_id)) for run in (before, after))
    return "".join(_unified(path, old.get(path), new.get(path)) for path in sorted({*old, *new}))


def _kept(run: Run, source: Mapping[str, str] | None) -> Mapping[str, str]:
    if source is None:
        raise InvalidError(
            f"The code differs, but the source of run {run.run_id} was not kept: it is older than that.", TRAINED
        )
    return source


def _unified(path: str, before: str | None, after: str | None) -> str:
    """Return the unified diff of one file, as git writes it; a file that is not there is ``/dev/null``."""
    names = (f"a/{path}" if before is not None else "/dev/null", f"b/{path}" if after is not None else "/dev/null")
    old, new = ((text or "").splitlines(keepends=True) for text in (before, after))
    return "".join(
        line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"
        for line in difflib.unified_diff(old, new, *names)
    )


def _software(before: Run, after: Run) -> list[dict[str, Any]] | None:
    _recorded("software", before, after, lambda run: run.software)
    return [one.as_dict() for one in software.differences(before.software, after.software)] or None


def _recorded(what: str, before: Run, after: Run, get: Callable[[Run], Any]) -> None:
    for run in (before, after):
        if not get(run):
            raise InvalidError(f"Nobody recorded the {what} of run {run.run_id}.", TRAINED)


def _seed(before: Run, after: Run, compared: Comparison) -> dict[str, Any] | None:
    unsaid = [run.run_id for run in (before, after) if run.seed is None and "training.random_state" not in run.params]
    if unsaid:
        raise InvalidError(f"Nobody recorded the seed of run {' and '.join(unsaid)}.", TRAINED)
    for one in compared.differs:
        if one["what"] == "seed":
            return dict(zip(("before", "after"), one["values"], strict=True))
    if before.seed is None and before.params["training.random_state"] is None:
        raise InvalidError("No seed was kept in either, so each drew its own luck.", "Train with a seed: --seed 42.")
    return None


def _metrics(before: Recorded, after: Recorded, compared: Comparison) -> tuple[Mapping[str, Any], ...] | None:
    changed = [one for one in compared.metrics if one["values"][0] != one["values"][1]]
    paired = {split: _paired(before, after, split) for split in ("validation", "test")} if changed else {}
    found = []
    for one in changed:
        split, _, name = one["metric"].partition(".")
        (old, new), ends = one["values"], paired.get(split, {}).get(name)
        low, high = ends or (None, None)
        difference = None if old is None or new is None else new - old
        found.append(
            {"metric": one["metric"], "before": old, "after": new, "difference": difference, "low": low, "high": high}
        )
    return tuple(found) or None


def _paired(before: Recorded, after: Recorded, split: Split) -> dict[str, list[float] | None]:
    """Return the 95 % interval of the difference in each metric, where both answered the same rows of a split."""
    runs = [before.run, after.run]
    if not judged.same_rows(runs, split) or any(run.predictions_sha256 is None for run in runs):
        return {}
    old, new = (one.part(split).metrics for one in (before, after))
    return {name: differences.interval(old[name], new[name]) for name in old if name in new}


def _all_shared(rows: Mapping[str, Mapping[str, int]]) -> bool:
    return all(len({*count.values()}) == 1 for count in rows.values())


def _luck(before: Recorded, after: Recorded, answers: pd.DataFrame | None) -> dict[str, Any] | None:
    """Return whether the difference is more than luck; None where every answer is the same, so there is none."""
    if answers is not None and not answers["moved"].any() and judged.same_rows([before.run, after.run]):
        return None
    return judged.difference(before, after).as_dict()
