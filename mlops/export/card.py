"""Card: the README of a project - a model card, what lies where, how it is used."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from string import Template
from typing import TYPE_CHECKING, Any

from mlops.base.clock import Instant, day_and_time
from mlops.base.errors import printable
from mlops.experiments.runs import Run
from mlops.models import metrics
from mlops.release.releases import Deployment

if TYPE_CHECKING:
    from mlops.export.contents import Contents, File

UNSAID = "*Nobody has said yet.*"


def text(value: Any) -> str:
    """Return a value as Markdown that shows exactly its characters, on one line.

    Examples
    --------
    >>> text("a|b *c* <img>")
    'a\\\\|b \\\\*c\\\\* \\\\<img\\\\>'
    """
    return re.sub(r"([\\`*_{}\[\]<>()#+!|~&$])", r"\\\1", printable(str(value), 2000)).strip()


def day(instant: Instant) -> str:
    """Return an instant as a date that people read.

    Examples
    --------
    >>> day("2024-03-15T18:00:00.000000Z")
    '15 March 2024, 18:00:00 UTC'
    """
    return f"{', '.join(day_and_time(instant))} UTC"


def told(run: Run) -> str:
    """Return in a few words how good a run is on rows that it has not seen, and how far luck reaches."""
    task = (run.roles or {}).get("task") or "binary"
    metric = metrics.main(task)
    value, interval = run.metrics["test"].get(metric), run.intervals.get("test", {}).get(metric)
    return f"test {metrics.title(metric)} {_measured(value, interval)}"


def readme(template: str, project: Contents, released: Iterable[Deployment], files: Mapping[str, File]) -> str:
    """Return the README of a project."""
    model, run, version = project.model, project.run, project.material.version
    said = {field: text(value) if value.strip() else UNSAID for field, value in _card(model.card).items()}
    live = [one for one in released if one.until is None]
    document = project.ws.models.metadata(model)
    values = {
        **said,
        "name": f"{model.name} {model.version}",
        "version": model.version,
        "registered": day(project.began(model.ref)),
        "question": _question(project),
        "answers": _answers(project),
        "live": ", ".join(f"{one.environment} since {day(one.since)}" for one in live if one.since) or "nowhere",
        "repeatable": _repeatable(run),
        "data": _data(project),
        "measured": f"On {version.ref}; in brackets, how far luck reaches: 95 of 100 such samples lie within.",
        "metrics": _metrics(run),
        "features": ", ".join(text(name) for name in model.features) + ".",
        "history": _history(released),
        "tree": "\n".join(f"| `{path}` | {text(one.what)} | {_from(one)} |" for path, one in sorted(files.items())),
        "example": json.dumps(next(iter(document["examples"]), {"row": {}})["row"]).replace("`", "\\u0060"),
    }
    return Template(template).substitute(values)


def _card(card: Mapping[str, str] | None) -> dict[str, str]:
    return {field: (card or {}).get(field) or "" for field in ("purpose", "owner", "limits")}


def _question(project: Contents) -> str:
    version = project.material.version
    column = text(version.target)
    if version.task == "regression":
        return f"how much is {column}?"
    positive = f" {text(version.positive)}" if version.task == "binary" else ""
    return f"is {column}{positive}?" if positive else f"which {column}?"


def _answers(project: Contents) -> str:
    version, threshold = project.material.version, project.model.threshold
    if version.task == "regression":
        return "a number"
    if version.task == "multiclass":
        return "a probability for each class, and the likeliest one"
    return f"a probability; from {threshold:g} on it says {text(version.positive)}"


def _repeatable(run: Run) -> str:
    if run.seed is None:
        return (
            "This model was trained **without a seed**: nobody can train it again to the same digits, and the test of "
            "that is skipped. The file in `models/` is the one that was measured; that is tested for every row."
        )
    return (
        f"With the packages of `requirements.txt`, on a machine like that of then (Python {run.software['python']}, "
        f"{run.software['platform']}), training gives the predictions of run `{run.run_id}` again: SHA-256 "
        f"`{run.predictions_sha256}`."
    )


def _data(project: Contents) -> str:
    version, known = project.material.version, project.material.run.outcomes or {}
    rows = f"{version.rows:,} rows of `{version.ref}`, from {text(version.source)}"
    message = f" ({text(version.message)})" if version.message else ""
    joined = f" Outcomes as they were known on {day(known['known_until'])}." if known.get("sets") else ""
    return f"{rows}{message}. Its content has SHA-256 `{version.sha256}`.{joined}"


def _metrics(run: Run) -> str:
    parts = [part for part in ("validation", "test") if run.metrics.get(part)]
    lines = [f"| | {' | '.join(parts)} |", f"|---{'|---' * len(parts)}|"]
    for metric in run.metrics[parts[0]]:
        cells = [_measured(run.metrics[part].get(metric), run.intervals.get(part, {}).get(metric)) for part in parts]
        lines.append(f"| {metrics.title(metric)} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _measured(value: float | None, interval: Any) -> str:
    if value is None:
        return "undefined"
    return f"{value:.4g} ({interval[0]:.4g} to {interval[1]:.4g})" if interval else f"{value:.4g}"


def _history(released: Iterable[Deployment]) -> str:
    lines = [
        f"- {one.environment}: {day(one.since)} to {day(one.until) if one.until else 'now'}, "
        f"by {text(one.deployed_by)}: {text(one.reason)}"
        for one in released
        if one.since
    ]
    return "\n".join(["", "", *lines]) if lines else "Nowhere yet."


def _from(file: File) -> str:
    return f"`{file.came_from}`" if file.came_from else ""
