"""Commands of use: predict, batch-predict."""

from __future__ import annotations

import json
import math
import sys
from typing import Any, NoReturn

import click

from mlops.cli.frame import cell, command, fields, hint, show, workspace
from mlops.errors import DataError


@command("predict")
@click.argument("model")
@click.option("--row", required=True, metavar="JSON", help="The row as a JSON object; - reads it from standard input.")
def predict(model: str, row: str) -> None:
    """Answer one row with NAME@VERSION or with what is live (@production).

    \b
    Example:
      mlops predict @production --row '{"customer_id": "C-1", "tenure_months": 12, ...}'
    """
    prediction = workspace().predict(model, read_row(sys.stdin.read() if row == "-" else row))
    for warning in prediction.warnings:
        hint(f"! {warning}")
    show(prediction.as_dict(), lambda: fields({key: _exact(value) for key, value in prediction.as_dict().items()}))


@command("batch-predict")
@click.option("--model", required=True, metavar="NAME@VERSION|@ENV", help="The model, or what is live.")
@click.option("--data", required=True, type=click.Path(), help="Rows to score: csv, csv.gz or parquet.")
@click.option(
    "--output", required=True, type=click.Path(), help="Where the answers go: .csv or .parquet; replaced whole."
)
def batch_predict(model: str, data: str, output: str) -> None:
    """Score a file. Rows that cannot be used go to OUTPUT.rejected.csv with the reason.

    \b
    Example:
      mlops batch-predict --model @production --data sample_data/customers_2023-12.csv --output scored.csv
    """
    report = workspace().batch_predict(model, data, output, on_progress=_progress if sys.stderr.isatty() else None)
    for warning in report.warnings:
        hint(f"! {warning}")
    if report.rejected:
        hint(f"! {report.rejected:,} rows could not be used: {report.rejected_output}")
    show(
        report, f"{report.rows:,} of {report.input_rows:,} rows answered by v{report.model_version} in {report.output}"
    )


def read_row(text: str) -> Any:
    """Read one strict JSON value: no NaN, no Infinity, no key twice."""

    def refuse(constant: str) -> NoReturn:
        raise ValueError(f"{constant} is no JSON value")

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        keys = [key for key, _ in pairs]
        if len(set(keys)) < len(keys):
            raise ValueError(f"a key stands there twice: {max(keys, key=keys.count)!r}")
        return dict(pairs)

    def finite(number: str) -> float:
        if math.isinf(float(number)):
            raise ValueError(f"{number} is too large")
        return float(number)

    try:
        row = json.loads(text, parse_constant=refuse, parse_float=finite, object_pairs_hook=once)
        json.dumps(row, ensure_ascii=False).encode()  # half a surrogate pair could neither be stored nor sent
        return row
    except (ValueError, RecursionError) as error:
        raise DataError(
            f"The row is not valid JSON: {error}.", 'Write {"column": value, ...} in double quotes.'
        ) from error


def _exact(value: Any) -> str:
    return repr(value) if isinstance(value, float) else cell(value)


def _progress(rows: int) -> None:
    click.echo(f"\r{rows:,} rows", err=True, nl=False)


COMMANDS = (predict, batch_predict)
