"""Commands of experiments: runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from mlops.base.errors import ConflictError, InvalidError, shown
from mlops.base.records import ref_of
from mlops.cli.frame import COUNT, Parsed, columns, fields, group, hint, show, workspace

if TYPE_CHECKING:
    from mlops.experiments.runs import Run
    from mlops.workspace import Workspace

CANCEL_WITHIN = 10.0
"""Seconds that a cancelled training has to end; a synchronous one stops only between two iterations or steps."""


def _tag(text: str) -> tuple[str, str]:
    key, equals, value = text.partition("=")
    if not equals:
        raise InvalidError(f"{shown(text)} is no tag.", "Write KEY=VALUE.")
    return key, value


TAG = Parsed("tag", _tag)


@group("runs")
def runs() -> None:
    """Runs: list, search, compare, judge, annotate."""


@runs.command("list", past="reads")
@click.option(
    "--where", metavar="EXPR", help="Condition, such as \"metrics.validation.auc > 0.8 and tags.try = 'deep'\"."
)
@click.option("--sort", metavar="FIELD", help="Field to sort by; -FIELD for descending.")
@click.option("--limit", type=COUNT, metavar="N", help="How many at most.")
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


@runs.command("show", past="reads")
@click.argument("run")
def runs_show(run: str) -> None:
    """Show a run; the beginning of its id is enough.

    \b
    Example:
      mlops runs show r4f9a
    """
    ws = workspace()
    found = ws.runs.get(run)
    show(found, lambda: described(found, _status(ws, found)))


@runs.command("compare", past="reads")
@click.argument("run", nargs=-1, required=True)
def runs_compare(run: tuple[str, ...]) -> None:
    """Put runs side by side: what went in, every metric.

    \b
    Example:
      mlops runs compare r4f9a r7c21 r03be
    """
    comparison = workspace().comparisons.compare(run)
    rows = [[entry["what"], entry["key"], *entry["values"]] for entry in comparison.differs]
    rows += [["metric", entry["metric"], *entry["values"]] for entry in comparison.metrics]
    if not comparison.same_rows:
        hint(
            "These runs were evaluated on different rows or outcomes, so their metrics do not rank them; "
            "runs reevaluate can."
        )
    show(comparison, lambda: columns(rows, ("what", "key", *comparison.runs), "They are equal in everything recorded."))


@runs.command("diff", past="reads")
@click.argument("before")
@click.argument("after")
def runs_diff(before: str, after: str) -> None:
    """Name everything that differs between two runs.

    It begins with one sentence. Then the causes: data, code, software, config, seed. Then what came of them: the rows
    that are decided otherwise one by one, metrics with their intervals, rows. What is equal is null in the JSON.

    \b
    Example:
      mlops runs diff r4f9a r7c21
    """
    from mlops.cli import difference

    found = workspace().comparisons.diff(before, after)
    show(found, lambda: difference.text(found))


@runs.command("reevaluate", past="reads")
@click.argument("run", nargs=-1, required=True)
@click.option("--data", metavar="NAME@VERSION", help="Data with the rows; if not given, what the runs learned from.")
def runs_reevaluate(run: tuple[str, ...], data: str | None) -> None:
    """Judge runs on the same rows.

    Those are the rows that none of them learned from or keeps for its test.

    \b
    Example:
      mlops runs reevaluate r4f9a r7c21 --data customers@2
    """
    found = workspace().comparisons.reevaluate(run, data)
    show(found, lambda: _judged_again(found))


@runs.command("cancel")
@click.argument("run")
def runs_cancel(run: str) -> None:
    """Cancel a training that is queued or running.

    Whoever started it; what it has reached is kept.

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
    """Replace the note of a run.

    \b
    Example:
      mlops runs note r4f9a "too few trees"
    """
    found = workspace().runs.note(run, text)
    show(found, f"{found.run_id}: {found.note}")


@runs.command("tag")
@click.argument("run")
@click.argument("tag", type=TAG, metavar="KEY=VALUE")
def runs_tag(run: str, tag: tuple[str, str]) -> None:
    """Tag a run, or change a tag.

    \b
    Example:
      mlops runs tag r4f9a team=retention
    """
    found = workspace().runs.tag(run, *tag)
    show(found, f"{found.run_id}: {fields(found.tags)}")


def _judged_again(found: Any) -> str:
    from mlops.cli import difference

    names = dict.fromkeys(name for measured in found.metrics.values() for name in measured)
    rows = [[name, *(_with_interval(found, run_id, name) for run_id in found.runs)] for name in names]
    top = f"{found.rows:,} of {found.labelled:,} labelled rows of {ref_of(found.data)}"
    said = [difference.better_or_luck(run_id, luck) for run_id, luck in found.differences.items() if luck]
    return "\n".join([top, columns(rows, ("metric", *found.runs), "No metrics."), *said])


def _with_interval(found: Any, run_id: str, name: str) -> str:
    value, interval = found.metrics[run_id].get(name), found.intervals[run_id].get(name)
    if value is None or interval is None:
        return "-" if value is None else f"{value:.4f}"
    return f"{value:.4f} ({interval[0]:.4f} to {interval[1]:.4f})"


def _status(ws: Workspace, run: Run) -> str:
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


def described(run: Run, status: str | None = None) -> str:
    """Lay out what people look for in a run: what it was made from, and its metrics."""
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
        "reproduced": run.reproduced and run.reproduced["verdict"],
        "error": run.error,
    }
    names = dict.fromkeys(name for split in run.metrics.values() for name in split)
    rows = [
        [name, *(run.metrics.get(split, {}).get(name) for split in ("train", "validation", "test"))] for name in names
    ]
    notes = "".join(f"\n! {warning['message']}" for warning in run.warnings)
    return fields(top) + notes + "\n\n" + columns(rows, ("metric", "train", "validation", "test"), "No metrics.")


def _data(run: Run) -> str | None:
    return ref_of(run.data) if run.data else None


def _best(run: Run) -> str:
    measured = run.metrics.get("validation", {})
    return next(
        (f"{name} {measured[name]:.4f}" for name in ("auc", "r2", "accuracy") if measured.get(name) is not None), "-"
    )
