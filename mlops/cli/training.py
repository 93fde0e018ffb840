"""Commands of training: train, sweep, and runs reproduce."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mlops.base.environments import ENVIRONMENTS
from mlops.base.errors import MlopsError
from mlops.cli.experiments import TAG, described, runs
from mlops.cli.frame import Parsed, cell, columns, command, hint, options, show, whole, workspace, wrong_line

if TYPE_CHECKING:
    from mlops.experiments.progress import Step
    from mlops.experiments.runs import Run
    from mlops.training.sweeps import Sweep


def _override(text: str) -> tuple[str, Any]:
    from mlops.experiments import configs

    return configs.parse_override(text)


def _seed(text: str) -> dict[str, int | None]:
    return {"training.random_state": None if text == "null" else whole(text)}


def _values(text: str) -> tuple[str, Any]:
    from mlops.training import grids

    return grids.parse(text)


training_options = options(
    click.option("--config", required=True, type=click.Path(path_type=Path), help="What to train."),
    click.option(
        "--set",
        "overrides",
        type=Parsed("override", _override),
        multiple=True,
        metavar="KEY=VALUE",
        help="Change one key, such as model.max_depth=4.",
    ),
    click.option("--seed", type=Parsed("seed", _seed), metavar="N", help="Seed of split and training; null for none."),
    click.option("--data", metavar="NAME@VERSION", help="Data to train on."),
    click.option(
        "--env", "environment", type=click.Choice(ENVIRONMENTS), help="Lay this environment's overlay over the config."
    ),
    click.option("--note", default="", help="What to remember."),
    click.option("--tag", "tags", type=TAG, multiple=True, metavar="KEY=VALUE", help="Tag to search by."),
)
"""What to train; a command takes them as keywords for `_asked`."""


def _asked(
    overrides: Iterable[Any], seed: Mapping[str, Any] | None, tags: Iterable[Any], **said: Any
) -> dict[str, Any]:
    """Return what a line asks for as keywords of `Workspace.train`."""
    return {"overrides": {**dict(overrides), **(seed or {})}, "tags": dict(tags), **said}


@command("train")
@training_options
def train(**line: Any) -> None:
    """Train a model and record the run.

    Ctrl-C cancels it; what it has reached is kept.

    \b
    Examples:
      mlops train --config configs/churn.yaml
      mlops train --config configs/churn.yaml --set model.max_depth=4 --data customers@1 --tag try=deep
    """
    run = workspace(create=True).train(**_asked(**line), on_step=_print_step)
    _tell_left_out(run)
    show(run, lambda: described(run))


def _tell_left_out(run: Run) -> None:
    """Say which newer versions of the data were not the ones to train on."""
    from mlops.training.orders import LEFT_OUT

    for remark in (one["message"] for one in run.warnings if one["code"] == LEFT_OUT):
        hint(remark)


@command("sweep")
@training_options
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
def sweep(grid: Sequence[tuple[str, Any]], random: int | None, jobs: int, **line: Any) -> None:
    """Train a config many times, with other values.

    The runs are printed, the best first. Ctrl-C keeps what finished.

    \b
    Examples:
      mlops sweep --config configs/churn.yaml --grid model.max_depth=2,3,4 --grid model.n_estimators=50,100
      mlops sweep --config configs/churn.yaml --grid "model.learning_rate=0.01..0.3 log" --random 20 --jobs 2
    """
    if twice := {key for key, _ in grid if sum(key == other for other, _ in grid) > 1}:
        raise wrong_line(f"--grid names {min(twice)} more than once; list all of its values in one.")
    done = count(1)

    def tell(run: Run) -> None:
        hint(f"  {next(done):>3}  {run.run_id}  {_said(run, dict(grid))}")

    found = workspace(create=True).sweep(grid=dict(grid), random=random, jobs=jobs, on_trial=tell, **_asked(**line))
    if not found.finished:
        raise MlopsError(
            f"None of {len(found.trials)} trials finished. The first: {found.trials[0].error}",
            f"See it: mlops runs show {found.trials[0].run_id}.",
        )
    for remark in _remarks(found):
        hint(remark)
    _tell_left_out(found.trials[0])
    show(list(found.trials), lambda: _leaderboard(found))


@runs.command("reproduce")
@click.argument("run")
@click.option("--python", type=click.Path(path_type=Path), help="Another interpreter to train with.")
def runs_reproduce(run: str, python: Path | None) -> int:
    """Train a run again, and say whether it came out the same.

    From its data, config and seed, in a fresh process. Exit 1 if it is different or impossible.

    \b
    Example:
      mlops runs reproduce r4f9a
    """
    from mlops.training import reproduce

    found = workspace().reproduce(run, on_step=_print_step, python=python)
    return show(found, lambda: _proven(found), good=found.verdict in reproduce.GOOD)


def _proven(found: Any) -> str:
    said = {True: "same", False: "other", None: "not known"}
    rows = [
        [one["what"], said[one["equal"]], *((one["expected"], one["observed"]) if not one["equal"] else ("", ""))]
        for one in found.checks
    ]
    table = columns(rows, ("what", "is", "recorded", "now"))
    return f"{found.verdict}, first divergence: {found.first_divergence or 'none'}\n{found.why}\n\n{table}"


def _print_step(step: Step) -> None:
    if step.status == "running":
        return
    if step.status == "waiting":
        hint(f"  {step.name}")
        return
    rows = f"{step.rows:>9,} rows" if step.rows is not None else " " * 14
    hint(f"  {step.name:<9} {rows} {step.duration_s:>8.3f} s  {'cached' if step.cached else step.status}")


def _said(run: Run, keys: Iterable[str]) -> str:
    set_to = "  ".join(f"{key.rpartition('.')[2]}={cell(run.params.get(key))}" for key in keys)
    return f"{set_to}  {run.status}  {run.duration_s or 0:.1f} s"


def _remarks(found: Sweep) -> list[str]:
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


def _leaderboard(found: Sweep) -> str:
    rows = [
        [run.run_id, run.status, *(run.params.get(key) for key in found.keys), found.score(run), _interval(found, run)]
        for run in found.trials
    ]
    names = [key.removeprefix("model.") for key in found.keys]
    return columns(rows, ("run", "status", *names, f"validation {found.metric}", "interval"), "No trial.")


def _interval(found: Sweep, run: Run) -> str:
    low, high = run.intervals.get("validation", {}).get(found.metric, (None, None))
    return "-" if low is None else f"{low:.4f} - {high:.4f}"
