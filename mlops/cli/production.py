"""Commands of production: drift."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from mlops.cli import files
from mlops.cli.frame import columns, command, show, workspace, wrong_line

if TYPE_CHECKING:
    from mlops.production.drift import Drift


@command("drift", past="reads")
@click.option("--reference", metavar="NAME@VERSION", help="The known version; else what the model learned from.")
@click.option("--current", required=True, metavar="NAME@VERSION|FILE", help="The inputs of today.")
@click.option("--model", metavar="NAME@VERSION|@ENV", help="Compare what this model looks at, and what it answers.")
@click.option("--before", metavar="NAME@VERSION", help="The month before, to tell what is news.")
@files.reading_options
def drift(reference: str | None, current: str, model: str | None, before: str | None, **said: Any) -> int:
    """Compare the inputs of today with those that are known.

    Faults of the data come first: a column that is renamed, coded otherwise, or in another unit is repaired, not
    learned. Else a column differs if that is beyond chance (p after Benjamini and Hochberg below 0.05) and of a size
    that matters (population stability index from 0.1, a convention). Exit 0 also where it alarms.

    \b
    Examples:
      mlops drift --reference customers@1 --current sample_data/customers_2024-02.csv
      mlops drift --model @production --current customers@4 --before customers@3
    """
    if reference is None and model is None:
        raise wrong_line("Name --reference, or the --model that learned from it.")
    found = workspace().drift(reference, current, model=model, before=before, options=files.read_options(**said))
    return show(found, lambda: _text(found))


def _text(found: Drift) -> str:
    """Lay the verdict out: in words, then each fault with its repair, then each column."""
    faults = [f"  {one['message']} {one['next_step']}" for one in found.schema_errors]
    keys = ("psi", "p_value", "p_adjusted", "n_reference", "n_current", "why")
    shown = {**found.features, **({"(the answers)": found.score} if found.score else {})}
    rows = [(name, *(_value(key, one[key]) for key in keys)) for name, one in shown.items()]
    counted = (
        f"{found.tested} columns of {found.rows_current:,} rows compared with {found.rows_reference:,}: "
        f"{found.raw_alarms} with p < 0.05, {found.alarms} after Benjamini and Hochberg."
    )
    lines = [f"{found.verdict}: {found.why}", *faults, counted]
    return "\n".join([*lines, columns(rows, ("column", "PSI", "p", "adjusted", "n then", "n now", ""))])


def _value(key: str, value: Any) -> Any:
    """Return a number as people read it; a probability that is next to nothing is not none."""
    return "<0.0001" if key in ("p_value", "p_adjusted") and value is not None and value < 1e-4 else value
