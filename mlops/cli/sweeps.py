"""The command sweep: one config trained many times, each time with other values."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count
from pathlib import Path
from typing import Any

import click

from mlops.base.errors import MlopsError
from mlops.cli.frame import Parsed, cell, columns, command, hint, show, workspace
from mlops.cli.runs import trains


def _values(text: str) -> tuple[str, Any]:
    from mlops.training import grids

    return grids.parse(text)


@command("sweep")
@trains
@click.option(
    "--grid",
    "grid",
    type=Parsed("values", _values),
    multiple=True,
    required=True,
    metavar="KEY=VALUES",
    help='What to try: v1,v2,.. or a range low..high, or "low..high log".',
)
@click.option("--random", type=int, metavar="N", help="Draw N combinations, by the seed; all of them if not given.")
@click.option("--jobs", type=click.IntRange(1, 256), default=1, metavar="N", help="Trainings at a time [default: 1].")
def sweep(
    file: Path,
    overrides: tuple[tuple[str, Any], ...],
    seed: dict[str, int | None] | None,
    data: str | None,
    environment: str | None,
    note: str,
    tags: tuple[tuple[str, str], ...],
    grid: tuple[tuple[str, Any], ...],
    random: int | None,
    jobs: int,
) -> None:
    """Train a config with many values; print the runs, the best first. Ctrl-C keeps what finished.

    \b
    Examples:
      mlops sweep --config configs/churn.yaml --grid model.max_depth=2,3,4 --grid model.n_estimators=50,100
      mlops sweep --config configs/churn.yaml --grid "model.learning_rate=0.01..0.3 log" --random 20 --jobs 2
    """
    if twice := {key for key, _ in grid if sum(key == other for other, _ in grid) > 1}:
        raise click.UsageError(f"--grid names {min(twice)} more than once; list all of its values in one.")
    done = count(1)
    found = workspace(create=True).sweep(
        file,
        dict(grid),
        random=random,
        jobs=jobs,
        overrides={**dict(overrides), **(seed or {})},
        data=data,
        environment=environment,
        note=note,
        tags=dict(tags),
        on_trial=lambda run: hint(f"  {next(done):>3}  {run.run_id}  {_said(run, [key for key, _ in grid])}"),
    )
    if not found.finished:
        raise MlopsError(
            f"None of {len(found.trials)} trials finished. The first: {found.trials[0].error}",
            f"See it: mlops runs show {found.trials[0].run_id}.",
        )
    for remark in _remarks(found):
        hint(remark)
    show(list(found.trials), lambda: _leaderboard(found))


def _said(run: Any, keys: Sequence[str]) -> str:
    set_to = "  ".join(f"{key.rpartition('.')[2]}={cell(run.params.get(key))}" for key in keys)
    return f"{set_to}  {run.status}  {run.duration_s or 0:.1f} s"


def _remarks(found: Any) -> list[str]:
    remarks = []
    if not found.same_rows:
        remarks.append("These trials were judged by different rows, so their metrics do not rank them.")
    elif len(found.finished) > 1:
        remarks.append(
            "The best of several looks better than it is: it was chosen by the rows on which it is judged."
            + (f" {found.near} of {len(found.finished)} lie inside its interval." if found.near else "")
        )
    if failed := [run for run in found.trials if run.status == "failed"]:
        remarks.append(f"{len(failed)} failed. The first: {failed[0].error}")
    return remarks


def _leaderboard(found: Any) -> str:
    rows = [
        [run.run_id, run.status, *(run.params.get(key) for key in found.keys), found.score(run), _interval(found, run)]
        for run in found.trials
    ]
    names = [key.removeprefix("model.") for key in found.keys]
    return columns(rows, ("run", "status", *names, f"validation {found.metric}", "interval"), "No trial.")


def _interval(found: Any, run: Any) -> str:
    low, high = run.intervals.get("validation", {}).get(found.metric, (None, None))
    return "-" if low is None else f"{low:.4f} - {high:.4f}"


COMMANDS = (sweep,)
