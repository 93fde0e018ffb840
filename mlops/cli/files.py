"""Files on the command line: the options that say how one is read, the progress of reading, the look of a preview."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Container, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from mlops.base.errors import InvalidError, shown
from mlops.cli.frame import Parsed, columns, line_says, options, wrong_line

if TYPE_CHECKING:
    from mlops.data import reading


def output(text: str) -> bool:
    """Tell whether an output is standard output, where then nothing else is said."""
    from mlops.base import outputs

    if outputs.check(text) != outputs.STDOUT:
        return False
    if line_says("as_json"):
        raise wrong_line("--json and the output - both want standard output; name a file.")
    return True


def _column_type(text: str) -> tuple[str, str]:
    from mlops.data import tables

    column, _, kind = text.rpartition("=")
    if not column or kind not in tables.TYPES:
        raise InvalidError(f"{shown(text)} gives no type.", f"Write COLUMN=TYPE with one of {', '.join(tables.TYPES)}.")
    return column, kind


reading_options = options(
    click.option("--delimiter", metavar="CHARACTER", help="Field separator of a CSV; 'tab' for a tab."),
    click.option("--quote", metavar="CHARACTER", help="Quote of a CSV: \" or ' or 'none'."),
    click.option("--decimal", metavar="MARK", help="Decimal mark of a CSV: . or ,"),
    click.option("--encoding", metavar="NAME", help="Encoding of a CSV, such as utf-8, cp1252, latin-1."),
    click.option("--header-line", type=click.IntRange(0), metavar="N", help="Line that names the columns; 0: none."),
    click.option("--units-line/--no-units-line", default=None, help="Whether the line under the header holds units."),
    click.option("--footer-lines", type=click.IntRange(0), metavar="N", help="Lines at the end that are no records."),
    click.option("--dates", type=click.Choice(["dmy", "mdy"]), help="Whether 01/02/2024 begins with day or month."),
    click.option("--fix-names", is_flag=True, help="Give blank and repeated column names a name of their own."),
    click.option(
        "--type",
        "types",
        type=Parsed("type", _column_type),
        multiple=True,
        metavar="COLUMN=TYPE",
        help="integer, number, boolean, text, date, datetime; a number may have one unit, as in 12 kg.",
    ),
    click.option("--missing", metavar="CODES", help="Comma-separated cells that mean no value; blank always does."),
    click.option("--also-missing", metavar="CODES", help="Further ones, beside the usual ? NA N/A NULL null NaN nan."),
    click.option("--no-trim", is_flag=True, help="Keep white space around text."),
)
"""How a file is read; whatever is not said is told from its content. Keywords for `read_options`."""


def read_options(
    delimiter: str | None,
    quote: str | None,
    missing: str | None,
    also_missing: str | None,
    no_trim: bool,
    types: tuple[tuple[str, Any], ...],
    **said: Any,
) -> reading.ReadOptions:
    """Return the options that a line gives; those without a word of their own have the names of the record."""
    from mlops.data import reading

    codes = reading.MISSING if missing is None else ("", *missing.split(","))
    return reading.ReadOptions(
        delimiter="\t" if delimiter in ("tab", "\\t") else delimiter,
        quote="" if quote == "none" else quote,
        missing=(*codes, *also_missing.split(",")) if also_missing else codes,
        trim=not no_trim,
        types=dict(types),
        **said,
    )


def said_again(names: Container[str]) -> list[str]:
    """Return what the line said for options of these names, as words of another line."""
    context = click.get_current_context()
    said = [one for one in context.command.params if one.name in names and _is_said(context, one)]
    return [word for one in said for word in _words(one, context.params[str(one.name)])]


def _is_said(context: click.Context, option: click.Parameter) -> bool:
    return context.get_parameter_source(str(option.name)) is ParameterSource.COMMANDLINE


def _words(option: click.Parameter, value: Any) -> list[str]:
    if isinstance(value, bool):
        return [(option.opts if value else option.secondary_opts)[0]]
    values = ["=".join(one) for one in value] if option.multiple else [str(value)]
    return [word for one in values for word in (option.opts[0], one)]


@contextmanager
def progress() -> Iterator[Callable[[int, int], None]]:
    """Show on the side how far a file is read, if that takes longer than a second or somebody watches."""
    begun = shown = time.monotonic()
    watched, said = sys.stderr.isatty(), False

    def tell(done: int, total: int) -> None:
        nonlocal shown, said
        now = time.monotonic()
        if now - shown > (0.2 if watched else 1):
            shown, said = now, True
            click.echo(f"\rReading: {done / max(total, 1):.0%}", err=True, nl=not watched)

    try:
        yield tell
    finally:
        if said:
            click.echo(f"\rDone in {time.monotonic() - begun:.1f} s", err=True)


def preview_text(found: reading.Preview) -> str:
    """Lay a preview out for a terminal: how it was read, the columns, the first rows, what to know."""
    guesses = [(guess["what"], guess["value"], guess["why"], _option(guess["what"])) for guess in found.layout.guesses]
    kinds = [(c["name"], c["type"], c["missing"], c["distinct"], c["examples"]) for c in found.columns]
    notes = [f"  {note['message']} {note['next_step']}".rstrip() for note in found.notes]
    proposals = [f"  {one['role']}: {one['value']} - {one['why']}" for one in found.proposals]
    limits = ", ".join(f"{name.replace('_', ' ')} {most:,}" for name, most in found.limits.items())
    parts = [
        f"{found.file}: {found.rows:,} rows, {len(found.columns)} columns, {found.layout.format}",
        "Read as\n" + columns(guesses, ("what", "value", "why", "change it"), "as was said"),
        columns(kinds, ("column", "type", "missing", "distinct", "examples"), ""),
        columns(zip(*found.head.values(), strict=True), found.head, ""),
        "\n".join(["To know", *notes]) if notes else "",
        "\n".join(["Proposals, to be confirmed", *proposals]) if proposals else "",
        f"At most: {limits}",
    ]
    return "\n\n".join(part for part in parts if part)


def _option(what: str) -> str:
    return "--no-units-line" if what == "units_line" else f"--{what.replace('_', '-')}"
