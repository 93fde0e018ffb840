"""Commands of experiments: train, runs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from mlops.base.environments import ENVIRONMENTS
from mlops.base.errors import ConflictError, InvalidError, shown
from mlops.base.records import MAX_COUNT
from mlops.cli.frame import Parsed, columns, command, fields, group, hint, show, workspace

CANCEL_WITHIN = 10.0
"""Seconds that a cancelled training has to end; a synchronous one stops only between two iterations or steps."""


def _override(text: str) -> tuple[str, Any]:
    from mlops.experiments import configs

    return configs.parse_override(text)


def _seed(text: str) -> dict[str, int | None]:
    try:
        return {"training.random_state": None if text == "null" else int(text)}
    except ValueError as error:
        raise InvalidError(f"{shown(text)} is no whole number.", "Give a number, or null for none.") from error


def _tag(text: str) -> tuple[str, str]:
    key, equals, value = text.partition("=")
    if not equals:
        raise InvalidError(f"{shown(text)} is no tag.", "Write KEY=VALUE.")
    return key, value


def trains(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that say what to train: config, what changes it, data, seed, note, tags."""
    for option in reversed(_TRAINING):
        function = option(function)
    return function


_TRAINING = (
    click.option("--config", "file", required=True, type=click.Path(path_type=Path), help="What to train."),
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
    click.option(
        "--tag", "tags", type=Parsed("tag", _tag), multiple=True, metavar="KEY=VALUE", help="Tag to search by."
    ),
)


@command("train")
@trains
def train(
    file: Path,
    overrides: tuple[tuple[str, Any], ...],
    seed: dict[str, int | None] | None,
    data: str | None,
    environment: str | None,
    note: str,
    tags: tuple[tuple[str, str], ...],
) -> None:
    """Train a model and record the run. Ctrl-C cancels it.

    \b
    Examples:
      mlops train --config configs/churn.yaml
      mlops train --config configs/churn.yaml --set model.max_depth=4 --data customers@1 --tag try=deep
    """
    run = workspace(create=True).train(
        file,
        overrides={**dict(overrides), **(seed or {})},
        data=data,
        environment=environment,
        note=note,
        tags=dict(tags),
        on_step=_print_step,
    )
    show(run, lambda: _described(run))


@group("runs")
def runs() -> None:
    """Runs: list, search, compare, tell apart, judge again, annotate, cancel."""


@runs.command("list")
@click.option(
    "--where", metavar="EXPR", help="Condition, such as \"metrics.validation.auc > 0.8 and tags.try = 'deep'\"."
)
@click.option("--sort", metavar="FIELD", help="Field to sort by; -FIELD for descending.")
@click.option("--limit", type=click.IntRange(0, MAX_COUNT), metavar="N", help="How many at most.")
def runs_list(where: str | None, sort: str | None, limit: int | None) -> None:
    """List runs, newest first.

    \b
    Examples:
      mlops runs list --sort -metrics.validation.auc --limit 10
      mlops runs list --where "params.model.type = 'gradient_boosting' and not status = 'failed'"
    """
    ws = workspace()
    found = ws.runs.list(where, sort, limit)
    rows = (
        [r.run_id, _status(ws, r), r.name, r.params.get("model.type"), _data(r), _best(r), r.started_at, r.note]
        for r in found
    )
    header = ("run", "status", "name", "model", "data", "validation", "started", "note")
    show(found, lambda: columns(rows, header, "No run. Train one: mlops train --config configs/churn.yaml."))


@runs.command("show")
@click.argument("run")
def runs_show(run: str) -> None:
    """Show a run; the beginning of its id is enough."""
    ws = workspace()
    found = ws.runs.get(run)
    show(found, lambda: _described(found, _status(ws, found)))


@runs.command("compare")
@click.argument("run", nargs=-1, required=True)
def runs_compare(run: tuple[str, ...]) -> None:
    """Put two or more runs side by side: what differs in what went in, and every metric."""
    comparison = workspace().comparisons.compare(run)
    rows = [[entry["what"], entry["key"], *entry["values"]] for entry in comparison.differs]
    rows += [["metric", entry["metric"], *entry["values"]] for entry in comparison.metrics]
    if not comparison.same_rows:
        hint(
            "These runs were evaluated on different rows or outcomes, so their metrics do not rank them; "
            "runs reevaluate can."
        )
    show(comparison, lambda: columns(rows, ("what", "key", *comparison.runs), "They are equal in everything recorded."))


@runs.command("diff")
@click.argument("before")
@click.argument("after")
def runs_diff(before: str, after: str) -> None:
    """Name everything that differs between two runs: what went in, rows, answers, metrics, and whether it is luck.

    \b
    Example:
      mlops runs diff r4f9a r7c21
    """
    difference = workspace().comparisons.diff(before, after)
    show(difference, lambda: _told_apart(difference))


@runs.command("reevaluate")
@click.argument("run", nargs=-1, required=True)
@click.option("--data", metavar="NAME@VERSION", help="Data with the rows; if not given, what the runs learned from.")
def runs_reevaluate(run: tuple[str, ...], data: str | None) -> None:
    """Judge runs on the same rows: those that none of them learned from or keeps for its test.

    \b
    Example:
      mlops runs reevaluate r4f9a r7c21 --data customers@2
    """
    found = workspace().comparisons.reevaluate(run, data)
    show(found, lambda: _judged_again(found))


@runs.command("cancel")
@click.argument("run")
def runs_cancel(run: str) -> None:
    """Cancel a training that is queued or running, whoever started it; what it has reached is kept.

    \b
    Example:
      mlops runs cancel r4f9a
    """
    found = workspace().runs.cancel(run, wait=CANCEL_WITHIN)
    if found.status != "cancelled":
        so = "still running" if found.status == "running" else f"{found.status} before it heard of it"
        raise ConflictError(f"Run {found.run_id} is {so}.", f"Look again: mlops runs show {found.run_id}.")
    show(found, f"{found.run_id}: cancelled")


@runs.command("note")
@click.argument("run")
@click.argument("text")
def runs_note(run: str, text: str) -> None:
    """Replace the note of a run: mlops runs note r4f9a "too few trees"."""
    found = workspace().runs.note(run, text)
    show(found, f"{found.run_id}: {found.note}")


@runs.command("tag")
@click.argument("run")
@click.argument("tag", type=Parsed("tag", _tag), metavar="KEY=VALUE")
def runs_tag(run: str, tag: tuple[str, str]) -> None:
    """Tag a run, or change a tag: mlops runs tag r4f9a team=retention."""
    found = workspace().runs.tag(run, *tag)
    show(found, f"{found.run_id}: {fields(found.tags)}")


def _told_apart(found: Any) -> str:
    """Write what differs between two runs: a table, then a sentence for their answers and for luck."""
    rows = [[one["what"], one["key"], *one["values"], None] for one in found.differs]
    rows += [["content", key, None, None, value] for key, value in (found.data or {}).items() if value]
    rows += [
        ["rows", split, count["before"], count["after"], f"{count['shared']} shared"]
        for split, count in (found.rows or {}).items()
        if len(set(count.values())) > 1
    ]
    rows += [
        ["metric", one["metric"], one["before"], one["after"], one["difference"]]
        for one in found.metrics
        if one["before"] != one["after"]
    ]
    said = [columns(rows, ("what", "key", *found.runs, "difference"), "They are equal in everything recorded.")]
    if told := found.predictions:
        flipped = "" if told["flipped"] is None else f", {told['flipped']:,} are decided differently"
        said.append(f"Of {told['rows']:,} validation rows of both, {told['changed']:,} score differently{flipped}.")
    if found.luck and not (told and told["changed"] == 0):
        said.append(_better_or_luck(found.runs[1], found.luck))
    return "\n".join([*said, *(f"{part}: not applicable. {why}" for part, why in found.not_applicable.items())])


def _judged_again(found: Any) -> str:
    names = dict.fromkeys(name for measured in found.metrics.values() for name in measured)
    rows = [[name, *(_with_interval(found, run_id, name) for run_id in found.runs)] for name in names]
    top = f"{found.rows:,} of {found.labelled:,} labelled rows of {found.data['name']}@{found.data['version']}"
    said = [_better_or_luck(run_id, luck) for run_id, luck in found.differences.items() if luck]
    return "\n".join([top, columns(rows, ("metric", *found.runs), "No metrics."), *said])


def _with_interval(found: Any, run_id: str, name: str) -> str:
    value, interval = found.metrics[run_id].get(name), found.intervals[run_id].get(name)
    if value is None or interval is None:
        return "-" if value is None else f"{value:.4f}"
    return f"{value:.4f} ({interval[0]:.4f} to {interval[1]:.4f})"


def _better_or_luck(run_id: str, luck: Any) -> str:
    if luck["too_few"]:
        return f"{run_id}: {luck['metric']} {luck['difference']:+.4f} on {luck['rows']:,} rows. {luck['too_few']}"
    verdict = "it can be luck" if luck["verdict"] == "inconclusive" else f"it is {luck['verdict']}"
    ends = f"{luck['low']:+.4f} to {luck['high']:+.4f}"
    return f"{run_id}: {luck['metric']} {luck['difference']:+.4f}, 95 % {ends} on {luck['rows']:,} rows: {verdict}."


def _print_step(step: Any) -> None:
    if step.status == "running":
        return
    if step.status == "waiting":
        hint(f"  {step.name}")
        return
    rows = f"{step.rows:>9,} rows" if step.rows is not None else " " * 14
    hint(f"  {step.name:<9} {rows} {step.duration_s:>8.3f} s  {'cached' if step.cached else step.status}")


def _status(ws: Any, run: Any) -> str:
    """Say what becomes of a run: also where it waits in the queue, or how far it has come."""
    if run.status == "queued":
        queue = ws.runs.queue()
        return f"queued, {queue.index(run.run_id) + 1} of {len(queue)}" if run.run_id in queue else run.status
    progress = ws.runs.progress(run.run_id) if run.status == "running" else None
    if progress is None:
        return run.status
    share = f" {progress.fraction:.0%}" if progress.fraction is not None else ""
    left = f", about {progress.remaining_s:.0f} s left" if progress.remaining_s is not None else ""
    if progress.waits:
        return f"{run.status}, {progress.waits}"
    return f"{run.status}, {progress.step or 'begins'}{share}{left}"


def _described(run: Any, status: str | None = None) -> str:
    top = {
        "run": run.run_id,
        "status": status or run.status,
        "name": run.name,
        "data": _data(run),
        "roles": {role: column for role, column in (run.roles or {}).items() if column is not None} or None,
        "seed": run.seed,
        "config": run.config_sha256,
        "model": run.model_sha256,
        "started": run.started_at,
        "duration": f"{run.duration_s or 0:.1f} s",
        "tags": run.tags,
        "note": run.note,
        "error": run.error,
    }
    names = dict.fromkeys(name for split in run.metrics.values() for name in split)
    rows = [
        [name, *(run.metrics.get(split, {}).get(name) for split in ("train", "validation", "test"))] for name in names
    ]
    notes = "".join(f"\n! {warning['message']}" for warning in run.warnings)
    return fields(top) + notes + "\n\n" + columns(rows, ("metric", "train", "validation", "test"), "No metrics.")


def _data(run: Any) -> str | None:
    return f"{run.data['name']}@{run.data['version']}" if run.data else None


def _best(run: Any) -> str:
    measured = run.metrics.get("validation", {})
    return next(
        (f"{name} {measured[name]:.4f}" for name in ("auc", "r2", "accuracy") if measured.get(name) is not None), "-"
    )


COMMANDS = (train, runs)
