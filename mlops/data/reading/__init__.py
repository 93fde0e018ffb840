"""Reading: from a file to typed columns, strictly.

A file is read twice. The first time every cell is looked at as text, and each column is settled on the narrowest of
six types (see `tables`) that fits *every* value; the second time the values are converted, block by block, so that
memory holds the typed columns and little else. Nothing happens to a cell in silence: what was trimmed, taken as
missing or left out is noted, and what is in doubt stays text or is refused.

Neighbours: `sources` opens a file, `sniffing` tells how its records lie there, `delimited` and `parquet` yield them,
`cells` and `forms` know values, `options` what a person may say.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from mlops.base.errors import DataError, shown
from mlops.base.notes import Note
from mlops.base.recent import Recent
from mlops.base.records import Record, check_input
from mlops.data.proposals import propose
from mlops.data.reading import delimited, headers, parquet, sources
from mlops.data.reading.cells import Look, Settled, typed
from mlops.data.reading.options import MISSING, ReadOptions, conventions
from mlops.data.reading.remarks import odd_rows, possible_codes, remarks
from mlops.data.reading.sniffing import Layout, Sniffed, look
from mlops.data.reading.sources import Source, opened
from mlops.data.tables import ARROW, schema_of

__all__ = ["MISSING", "ReadOptions", "conventions"]  # parts of this module that live in `options`

LIMITS: Mapping[str, int] = {
    "bytes": sources.MAX_BYTES,
    "columns": delimited.MAX_COLUMNS,
    "cell_characters": delimited.MAX_CELL,
    "record_bytes": delimited.BLOCK_BYTES,
    "parquet_cells": parquet.MAX_CELLS,
    "parquet_text_bytes": parquet.MAX_TEXT,
}
"""What a file may have at most; `bytes` also when it is expanded."""

Progress = Callable[[int, int], None]
"""Is called with the bytes that are done, and with all there are to do."""


@dataclass(frozen=True)
class Reading:
    """A file as it was read."""

    table: pa.Table
    """Columns of the six types of `tables`; no NaN, no infinity."""
    notes: tuple[Note, ...]
    layout: Layout
    options: ReadOptions
    """What was said, completed by what was told from the content and holds for the next file too."""
    looks: tuple[Look, ...]
    """What was seen of each column."""


SMALL = 4 << 20
"""Bytes up to which a file that was read is remembered: a class reads the same one within a minute."""

_READ: Recent[Reading] = Recent(most=4)


@dataclass(frozen=True)
class Preview(Record):
    """What a file holds and how it is read, before anything is kept."""

    file: str
    layout: Layout
    rows: int
    columns: tuple[Mapping[str, Any], ...]
    """``{name, type, nullable, missing, missing_codes, trimmed, distinct, examples, notes}`` for each column."""
    head: Mapping[str, Any]
    """Column -> its first ten values, as text."""
    notes: tuple[Mapping[str, Any], ...]
    proposals: tuple[Mapping[str, Any], ...]
    """Which column could be the target, the id, the time; see `proposals`. Nothing is decided by it."""
    limits: Mapping[str, int]


def read(
    path: str | Path, options: ReadOptions | None = None, on_progress: Progress | None = None
) -> tuple[pa.Table, list[Note]]:
    """Read a file into typed columns; see `interpret`, which also says how.

    Examples
    --------
    >>> import tempfile, pathlib
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder) / "people.csv"
    ...     _ = path.write_text("name;height\\nAda;1,65\\nAlan;?\\n")
    ...     table, notes = read(path)
    >>> table.to_pydict()
    {'name': ['Ada', 'Alan'], 'height': [1.65, None]}
    >>> [note.message for note in notes]
    ["1 cell of height ('?') read as missing numbers."]
    """
    reading = interpret(path, options, on_progress)
    return reading.table, list(reading.notes)


def interpret(path: str | Path, options: ReadOptions | None = None, on_progress: Progress | None = None) -> Reading:
    """Read a CSV (plain or gzip) or parquet file, and say how it was read.

    Parameters
    ----------
    path : str or Path
        The file. What it is is told by its content, not by its name.
    options : ReadOptions, optional
        What a person says about it; everything else is told from the content.
    on_progress : callable, optional
        Called with the bytes done and the bytes to do.

    Raises
    ------
    DataError
        If the file cannot be read whole and without doubt; nothing is guessed around a broken record.
    """
    options, path = options or ReadOptions(), Path(path)
    if not _is_small(path):
        return _interpreted(path, options, on_progress)
    asked = path.name, _sha256(path), repr(options)
    # Somebody may write to it meanwhile: what was read must be what was asked about.
    return _READ.get(asked, lambda: _interpreted(path, options, on_progress), lambda _: _sha256(path) == asked[1])


def _is_small(path: Path) -> bool:
    with suppress(OSError, ValueError):  # whoever opens it will say what is wrong
        return path.is_file() and path.stat().st_size <= SMALL
    return False


def _sha256(path: Path) -> str:
    with suppress(OSError), open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
    return ""


def _interpreted(path: Path, options: ReadOptions, on_progress: Progress | None) -> Reading:
    with opened(path, options.encoding) as source:
        sniffed = look(source, options)
        options = replace(options, decimal=sniffed.layout.decimal or ".")
        notes = [*sniffed.notes, *_blank_lines(sniffed)]
        looks = _look_through(source, sniffed, options, _half(on_progress, 0))
        settled = {seen.name: seen.settle() for seen in looks}
        notes += _column_notes(looks, settled, sniffed)
        table = _converted(source, sniffed, options, settled, _half(on_progress, 1))
    notes += possible_codes(table)
    units = {name: found.unit for name, found in settled.items() if found.unit is not None}
    options, layout = replace(options, units={**options.units, **units}), sniffed.layout
    orders: set[Any] = {found.form for found in settled.values()} & {"dmy", "mdy"}
    if options.dates is None and len(orders) == 1:
        options = replace(options, dates=orders.pop())
        layout = layout.with_guess("dates", options.dates, "in the other order some would not exist")
    return Reading(table, tuple(notes), layout, options, tuple(looks))


def blocks(path: str | Path, options: ReadOptions, on_progress: Progress | None = None) -> Iterator[pa.Table]:
    """Yield a file block by block, in bounded memory; the text of a CSV stays text.

    The caller knows the types: a column of a known type (`ReadOptions.known`) comes in the spelling that
    `tables.convert` reads, without its unit and with the date as 2024-01-31.
    """
    rows = 0
    with opened(path, options.encoding) as source:
        sniffed = look(source, options)
        options = replace(options, decimal=sniffed.layout.decimal or ".", as_text=True)
        _blank_lines(sniffed)
        for block in _raw_blocks(source, sniffed, on_progress):
            if block.num_rows:
                rows += block.num_rows
                settled = {name: Look(name, options, _own(block, name)).settle() for name in block.column_names}
                yield _typed_block(block, settled, options)
    if rows == 0:
        raise _no_rows(source.name)


def preview(path: str | Path, options: ReadOptions | None = None, on_progress: Progress | None = None) -> Preview:
    """Read a file and say what it holds and how it was read; nothing is kept.

    Raises
    ------
    DataError
        As `interpret` does.
    """
    path = check_input(path)
    return described(path.name, interpret(path, options, on_progress))


def described(file: str, found: Reading) -> Preview:
    """Return what a person should see of a file that was read."""
    notes = [note.as_dict() for note in found.notes]
    return Preview(
        file=file,
        layout=found.layout,
        rows=found.table.num_rows,
        columns=tuple(_described(found.table, seen, notes) for seen in found.looks),
        head={name: _texts(found.table.column(name)[:10]) for name in found.table.column_names},
        notes=tuple(notes),
        proposals=tuple(one.as_dict() for one in propose(found.table)),
        limits=LIMITS,
    )


def _described(table: pa.Table, seen: Look, notes: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    column = table.column(seen.name)
    values = pc.drop_null(pc.unique(column))
    return {
        **schema_of(table.select([seen.name]))[0],
        "missing": column.null_count,
        "missing_codes": dict(seen.codes),
        "trimmed": seen.trimmed,
        "distinct": len(values),
        "examples": _texts(values[:5]),
        "notes": [note for note in notes if note["column"] == seen.name],
    }


def _texts(values: pa.ChunkedArray) -> list[str | None]:
    return pc.cast(values, pa.large_string()).to_pylist()


# The two passes


def _look_through(source: Source, sniffed: Sniffed, options: ReadOptions, on_progress: Progress | None) -> list[Look]:
    """Look at every cell; return what was seen of each column."""
    looks: list[Look] = []
    for block in _raw_blocks(source, sniffed, on_progress):
        if not looks:
            looks = [Look(name, options, _own(block, name)) for name in block.column_names]
            _check_types(looks, options, source.name)
        for seen in looks:
            seen.add(block.column(seen.name))
    if not looks or looks[0].rows == 0:
        raise _no_rows(source.name)
    return looks


def _converted(
    source: Source, sniffed: Sniffed, options: ReadOptions, settled: Mapping[str, Settled], on_progress: Progress | None
) -> pa.Table:
    """Read the file again and convert every column to the type that was settled."""
    parts = [_typed_block(block, settled, options) for block in _raw_blocks(source, sniffed, on_progress)]
    schema = pa.schema([(name, ARROW[found.kind]) for name, found in settled.items()])
    return pa.concat_tables(parts).cast(schema)


def _typed_block(block: pa.Table, settled: Mapping[str, Settled], options: ReadOptions) -> pa.Table:
    return pa.table({name: typed(block.column(name), found, options) for name, found in settled.items()})


def _raw_blocks(source: Source, sniffed: Sniffed, on_progress: Progress | None = None) -> Iterator[pa.Table]:
    """Yield blocks as the file has them: text columns of a CSV, our six types of a parquet file."""
    # The place in the file tells nothing, for pyarrow reads ahead: of a CSV the text that came out is counted, and the
    # rows of parquet.
    if sniffed.records is None:
        counted = on_progress and (lambda rows, of: on_progress(source.end * rows // of, source.end))
        yield from parquet.blocks(source.file, source.name, source.bytes, counted)
        return
    done = 0
    for block in delimited.blocks(sniffed.records):
        done += _text_bytes(block)
        if on_progress:
            on_progress(min(done, source.end), source.end)
        yield block


def _text_bytes(block: pa.Table) -> int:
    """Return how many bytes a block of text has in a CSV: its characters, and a separator after each cell."""
    return block.nbytes - 7 * block.num_rows * block.num_columns  # an offset has 8 bytes


def _own(block: pa.Table, name: str) -> Any:
    kind = schema_of(block.select([name]))[0]["type"]
    return None if kind == "text" else kind


def _half(on_progress: Progress | None, half: int) -> Progress | None:
    """Return the progress of one of two passes."""
    return on_progress and (lambda done, total: on_progress(half * total + done, 2 * total))


# What is said


def _blank_lines(sniffed: Sniffed) -> list[Note]:
    """Check what pyarrow would forgive; note the blank lines that are left out."""
    if sniffed.records is None:
        return []
    blank = delimited.odd_places(sniffed.records)
    shown = f"{blank:,} blank {'line' if blank == 1 else 'lines'} between the records"
    return [Note("blank_lines", None, f"{shown} left out.")] if blank else []


def _column_notes(looks: Sequence[Look], settled: Mapping[str, Settled], sniffed: Sniffed) -> list[Note]:
    """Return the notes of all columns; lines are looked up once."""
    rows = [row for seen in looks if settled[seen.name].kind == "text" for row in odd_rows(seen)]
    lines = delimited.lines_of(sniffed.records, rows) if sniffed.records and rows else {}
    return [note for seen in looks for note in remarks(seen, settled[seen.name], lines)]


def _check_types(looks: Sequence[Look], options: ReadOptions, name: str) -> None:
    names = [seen.name for seen in looks]
    if unknown := sorted(set(options.types) - set(names)):
        raise DataError(
            f"{name} has no column {shown(unknown[0])} to give a type. Columns: {headers.some(names)}.",
            "Correct the name after --type.",
        )


def _no_rows(name: str) -> DataError:
    return DataError(f"{name} has a header but no rows.", "Give a file with at least one row.")
