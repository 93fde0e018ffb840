"""Commands of use: predict, batch-predict, replay."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

import click

from mlops.base import belts, strict_json
from mlops.base.errors import printable
from mlops.base.records import MAX_ROW, ref_of
from mlops.cli import files
from mlops.cli.frame import cell, columns, command, fields, hint, show, workspace

if TYPE_CHECKING:
    from mlops.release.batch import Done
    from mlops.release.replays import Replay
    from mlops.release.schedule import Schedule


@command("predict")
@click.argument("model", metavar="NAME@VERSION|@ENV")
@click.option("--row", required=True, metavar="JSON", help="The row as a JSON object; - reads it from standard input.")
def predict(model: str, row: str) -> None:
    """Answer one row with a model, or with what is live.

    \b
    Example:
      mlops predict @production --row '{"customer_id": "C-1", "tenure_months": 12, ...}'
    """
    ws = workspace()
    prediction = ws.predict(model, strict_json.parse(_standard_input() if row == "-" else row))
    ws.predictions.sync()
    for warning in prediction.warnings:
        hint(f"! {warning}")
    show(prediction.as_dict(), lambda: fields({key: _exact(value) for key, value in prediction.as_dict().items()}))


@command("batch-predict")
@click.option("--model", required=True, metavar="NAME@VERSION|@ENV", help="The model, or what is live.")
@click.option(
    "--data",
    required=True,
    metavar="FILE|NAME@V",
    type=click.Path(),
    help="Rows to score: csv, csv.gz, parquet, or a data version.",
)
@click.option("--output", type=click.Path(), help="File to write: .csv or .parquet, replaced whole; - is stdout.")
@click.option("--month", metavar="YYYY-MM", help="Month that the rows are of [default: the one it is].")
@click.option(
    "--schedule", metavar="HH:MM", help="Do nothing; print how cron or systemd does it every day at that time."
)
@files.reading_options
def batch_predict(
    model: str, data: str, output: str | None, month: str | None, schedule: str | None, **how: Any
) -> None:
    """Score a file. Rows that cannot be used go to OUTPUT.rejected.csv with the reason.

    OUTPUT is a new or a regular file outside of any workspace's own folders. What is answered as the live model is
    kept in the workspace as well, for it is judged by it later (mlops monitor); then OUTPUT can be left out.
    The file is read as the training data was; what is said here about reading it wins.
    Killed, it goes on where it was when the same line is run again, and ends as if nothing had happened.

    \b
    Examples:
      mlops batch-predict --model @production --data sample_data/customers_2023-12.csv --output scored.csv
      mlops batch-predict --model @production --data customers@3
      mlops batch-predict --model @production --data more.csv --output - | head
      mlops batch-predict --model @production --data more.csv --output scored.csv --schedule 02:00
    """
    if schedule is not None:
        further = files.said_again({"month", *how})
        plan = workspace().batches.schedule(model, data, output, schedule, further)
        show(plan, lambda: _planned(plan))
        return
    piped = output is not None and files.output(output)
    _spare_memory()
    belts.quick_turns()
    with _progress(data) as watched:
        report = workspace().batch_predict(model, data, output, watched, files.read_options(**how), month)
    for warning in report.warnings:
        hint(f"! {warning}")
    if report.rejected_output:
        hint(f"! {report.rejected:,} rows could not be used: {report.rejected_output}")
    resumed = f" ({report.resumed:,} before it was cut off)" if report.resumed else ""
    said = f"{report.rows:,} of {report.input_rows:,} rows answered{resumed} by v{report.model_version}"
    where = f" in {printable(report.output)}" if report.output else ", kept in the workspace"
    hint(said) if piped else show(report, f"{said}{where}")


@command("replay", past="reads")
@click.argument("prediction_id", metavar="PREDICTION_ID")
def replay(prediction_id: str) -> int:
    """Answer a logged request again, with the version of then.

    Exit 1 unless score and prediction are the same, to the last digit. It may have been rolled back or rejected since.
    Requests of predict are logged one by one, those of batch-predict are not.

    \b
    Example:
      mlops replay p4f9a1c07be
    """
    ws = workspace()
    again = ws.predictions.replay(prediction_id)
    return show(again, lambda: _replayed(again, ws.predictions.get(again.prediction_id)["row"]), good=again.equal)


def _replayed(again: Replay, row: Mapping[str, Any]) -> str:
    logged, recomputed = _digits(again.logged), _digits(again.recomputed)
    answers = [[name, logged.get(name, "-"), digits] for name, digits in recomputed.items()]
    chain = {
        "model": f"{ref_of(again.model)}, {again.model['sha256'][:12]}",
        "run": again.run_id,
        "data": f"{ref_of(again.data)}, {again.data['sha256'][:12]}",
        "asked": again.at,
    }
    verdict = "Equal to the last digit." if again.equal else "Not equal: the log says another answer."
    parts = (columns(answers, ("", "logged", "recomputed")), fields(chain), fields(row))
    return "\n\n".join((verdict, *parts))


def _digits(answer: Mapping[str, Any]) -> dict[str, str]:
    """Return what a model says in an answer, every digit of it."""
    classes = {f"probability of {name}": value for name, value in (answer.get("probabilities") or {}).items()}
    said = {key: answer[key] for key in answer if key.endswith("_probability") or key in ("prediction", "threshold")}
    return {name: _exact(value) for name, value in {**classes, **said}.items()}


def _standard_input() -> bytes:
    return sys.stdin.buffer.read(MAX_ROW + 1)


def _exact(value: Any) -> str:
    return repr(value) if isinstance(value, float) else cell(value)


def _spare_memory() -> None:
    """Have Arrow use what gives memory back soonest, where it is there: a fifth less at most, and no slower."""
    import pyarrow as pa

    with suppress(NotImplementedError):
        pa.set_memory_pool(pa.jemalloc_memory_pool())


def _planned(plan: Schedule) -> str:
    units = f"# mlops-batch.service\n{plan.service}\n# mlops-batch.timer\n{plan.timer}"
    return f"{plan.said}\nIt says what it did in {plan.log}\n\n# crontab -e\n{plan.cron}\n\n{units}"


@contextmanager
def _progress(data: str) -> Iterator[Callable[[Done], None] | None]:
    """Say on the side how far it is, how fast and how long it takes yet, where somebody watches for half a second."""
    begun = shown = time.monotonic()
    size = os.path.getsize(data) if os.path.isfile(data) else 0  # noqa: PTH113, PTH202 - what it is, is said elsewhere

    def tell(done: Done) -> None:
        nonlocal shown
        now = time.monotonic()
        if now - shown > 0.5:
            shown = now
            click.echo(f"\r{_so_far(done, now - begun, size)}\x1b[K", err=True, nl=False)

    try:
        yield tell if sys.stderr.isatty() else None
    finally:
        if shown > begun:
            click.echo("", err=True)


def _so_far(done: Done, seconds: float, size: int) -> str:
    """Return how far a batch is.

    Examples
    --------
    >>> from mlops.release.batch import Done
    >>> _so_far(Done.of(50_000, 0.25, 10_000), 2.0, 8_000_000)
    '25% · 50,000 rows, 10,000 of them there already · 2.0 of 8.0 MB · 25,000 rows/s · 6 s left'
    """
    there = f", {done.resumed:,} of them there already" if done.resumed else ""
    read = f" · {done.share * size / 1e6:.1f} of {size / 1e6:.1f} MB" if size else ""
    left = seconds / done.share * (1 - done.share) if done.share else 0
    return f"{done.share:.0%} · {done:,} rows{there}{read} · {done / seconds:,.0f} rows/s · {left:.0f} s left"
