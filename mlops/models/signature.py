"""Signature: what a model takes and what it answers - and whether data fits it.

The signature is learned with the model and travels with it, in ``run.json`` and in the JSON beside the model. Whether
something fits a model is asked here and nowhere else: a row (`Signature.row`), a block of rows (`Signature.block`), a
file or a version as a whole (`Intake`), columns by their types alone (`Signature.found_in`), another model
(`Signature.check_question`). What fits comes back in the model's own types.

A *misfit* says why something cannot be used: ``{row, field, expected, got}``; row None means the whole. What is merely
surprising - an unknown column, a level never seen - is no misfit: it is answered, and named in a warning.
"""

from __future__ import annotations

import math
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from mlops.base.errors import DataError, InvalidError, shown, some
from mlops.base.records import MAX_ROW, Record, is_text
from mlops.base.tasks import Label, Task
from mlops.data import levels, tables
from mlops.data.levels import FEW, PART
from mlops.data.reading import MISSING
from mlops.data.reading.exact import LARGEST
from mlops.data.validation import fitting, nearest_name
from mlops.data.versions import DatasetVersion

MOST_NAMED = 5
"""So many unknown columns are named one by one."""

MAX_ID = 1000
"""Characters of the id of a row that is asked about by itself, which comes back with the answer, at most."""

REMEMBERED_LEVELS = 1000
"""Levels of a text feature that are remembered; beyond, nobody is warned about unseen ones."""

MOST = 0.5
"""Share of values of another type from which a column has another type; below, its rows are misfits one by one."""

_WORDS = {list: "a list", str: "text", int: "a number", float: "a number", bool: "true or false", type(None): "null"}
"""What JSON is called, by what Python makes of it."""


@dataclass(frozen=True)
class Signature(Record):
    """Inputs and outputs of a model."""

    features: tuple[Mapping[str, Any], ...]
    """``{name, type, nullable, levels}`` for each feature, in the model's order; levels of text only."""
    target: str
    task: Task
    labels: tuple[Label, ...]
    """The classes in the order of the model's probabilities; empty for regression."""
    positive: Label | None
    id: str | None
    ignored: tuple[str, ...]
    """Other columns of the training data; they may come along and are not used."""

    @classmethod
    def learned(
        cls, table: pa.Table, version: DatasetVersion, features: Sequence[str], train: np.ndarray | None = None
    ) -> Signature:
        """Return the signature of a model for labelled rows.

        Parameters
        ----------
        table : pyarrow.Table
            Every labelled row: of what type a column is, and whether values may be missing.
        features : sequence of str
            What the model looks at.
        train : ndarray of int, optional
            Positions of the rows it learns from, all if not given: only their levels are known to it.
        """
        columns = {column["name"]: column for column in tables.schema_of(table)}
        target = str(version.target)
        labels = sorted(pc.unique(table.column(target)).to_pylist()) if version.task != "regression" else []
        return cls(
            features=tuple({**columns[name], "levels": _levels(table.column(name), train)} for name in features),
            target=target,
            task=version.task or "binary",
            labels=tuple(labels),
            positive=version.positive,
            id=version.id,
            ignored=tuple(name for name in table.column_names if name not in {*features, target, version.id}),
        )

    @property
    def names(self) -> list[str]:
        """Names of the features, in the model's order."""
        return [feature["name"] for feature in self.features]

    @property
    def question(self) -> tuple[Any, ...]:
        """What is asked: the target, its kind, its classes, the class looked for. Answers to one question compare."""
        return self.target, self.task, self.labels, self.positive

    def unknown(self, names: Iterable[Any]) -> list[Any]:
        """Return the columns that the training data did not have."""
        known = {*self.names, self.target, self.id, *self.ignored}
        return [name for name in names if name not in known]

    # Rows

    def row(self, row: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
        """Check one row of plain values, as they come from JSON.

        Returns
        -------
        values : dict
            The features as the model takes them, and nothing else.
        warnings : list of str
            Unknown columns, and levels that training never saw.

        Raises
        ------
        DataError
            With every misfit in `details`: a feature is missing, null where training had none, or of another type.
        """
        if not isinstance(row, Mapping):
            raise DataError(f"A row is a JSON object, not {_called(row)}.", 'Write {"column": value, ...}.')
        _check_texts(row, self.id)
        values: dict[str, Any] = {}
        wrong = []
        for feature in self.features:
            name = feature["name"]
            try:
                values[name] = _value(row[name], feature)
            except (KeyError, TypeError):
                wrong.append(misfit(0, name, taken(feature), row.get(name, "missing")))
        if self.id and not _is_plain(given := row.get(self.id)):
            rounded = isinstance(given, float) and math.isfinite(given)  # another one may have been sent
            expected = "text, as a number loses its digits" if rounded else "text or a number"
            wrong.append(misfit(0, self.id, expected, given))
        if wrong:
            raise refused(wrong, row)
        unseen = [
            f"{feature['name']} = {shown(value)} was never seen in training."
            for feature, value in zip(self.features, values.values(), strict=True)
            if feature["levels"] is not None and value is not None and value not in feature["levels"]
        ]
        return values, [*unseen, *_ignored(self.unknown(row))]

    def value(self, name: str, value: Any) -> dict[str, Any]:
        """Check the value of one column, as `row` does; return it as the model takes it, nothing if it does not."""
        for feature in self.features:
            if feature["name"] == name:
                try:
                    return {name: _value(value, feature)}
                except TypeError:
                    raise refused([misfit(0, name, taken(feature), value)], {name: value}) from None
        return {}

    def block(self, block: pa.Table, start: int = 0) -> tuple[pa.Table, dict[int, dict[str, Any]]]:
        """Bring a block of rows with all features to types that the model takes.

        Parameters
        ----------
        start : int
            Position of its first row in the file.

        Returns
        -------
        taken : pyarrow.Table
            The features of all rows of the block; a value that does not fit is missing.
        unusable : dict of int to dict
            Position in the block of each row that cannot be used -> its first misfit.
        """
        columns: dict[str, pa.ChunkedArray] = {}
        unusable: dict[int, dict[str, Any]] = {}
        for feature in self.features:
            name, kind = feature["name"], feature["type"]
            raw, fits = block.column(name), None
            columns[name] = raw
            if tables.type_of(raw.type) not in _taken_types(feature):
                columns[name], fits = tables.convert(raw.cast(pa.large_string()), kind)
            if raw.null_count and not feature["nullable"]:
                fits = pc.is_valid(raw) if fits is None else pc.and_(fits, pc.is_valid(raw))
            for row in [] if fits is None else np.flatnonzero(~np.asarray(fits).astype(bool)).tolist():
                unusable.setdefault(row, misfit(start + row, name, taken(feature), raw[row].as_py()))
        return pa.table(columns), unusable

    # Versions and other models

    def found_in(self, types: Mapping[str, tables.Type]) -> set[str]:
        """Return the features that columns of these types have, as the model takes them."""
        return {one["name"] for one in self.features if types.get(one["name"]) in _taken_types(one)}

    def check_target(self, who: str, version: DatasetVersion) -> None:
        """Refuse a version with another target than the model predicts; `who` is what it is called in the message."""
        if (version.target, version.task) != (self.target, self.task):
            raise InvalidError(
                f"{who} predicts {self.target} ({self.task}); the target of {version.ref} is {version.target} "
                f"({version.task}).",
                "Name a version with that target.",
            )

    def check_question(self, who: str, other: str, asked: Signature) -> None:
        """Refuse another model that does not answer the same question."""
        if self.question != asked.question:
            raise InvalidError(
                f"{who} predicts {self.target} ({self.task}) and {other} {asked.target} ({asked.task}), or from other "
                "classes.",
                "Choose models that predict the same.",
            )

    def check_labels(self, who: str, labels: Iterable[Label], where: str) -> None:
        """Refuse outcomes of a class that the model has not learned."""
        if new := set(labels) - set(self.labels) if self.task != "regression" else set():
            raise InvalidError(
                f"{where} has {self.target} = {min(map(shown, new))}, a class that {who} has not learned.",
                "Name a version with the classes of the training.",
            )


class Intake:
    """Rows that come in blocks - a file, or a version as one block - held against a signature.

    Levels are judged when all rows are there, for a file may be sorted by them.

    Parameters
    ----------
    learned : Signature
        What the model takes.
    training : callable
        Returns the table that the model learned from, which tells how many rows each level had; asked only where
        enough rows hold levels never seen.
    called : str
        What the rows are called in a message.
    """

    def __init__(self, learned: Signature, training: Callable[[], pa.Table], called: str = "The file") -> None:
        self.learned, self._training, self._called = learned, training, called
        self._unknown: list[str] = []
        self._seen = {one["name"]: frozenset(one["levels"]) for one in learned.features if one["levels"] is not None}
        self._levels: dict[str, Counter[str]] = {name: Counter() for name in self._seen}
        self.rows = 0
        """Rows that have come."""

    def take(self, block: pa.Table) -> tuple[pa.Table, dict[int, dict[str, Any]]]:
        """Bring the next block to types that the model takes, as `Signature.block` does.

        Raises
        ------
        DataError
            If the first one has another schema: features are missing, or most values of one are of another type.
        """
        for name, found in self._levels.items():
            if name in block.column_names:
                found.update(tables.counts(block.column(name).cast(pa.large_string())))
        if self.rows == 0:
            self._unknown = self.learned.unknown(block.column_names)
            if wrong := [one for feature in self.learned.features for one in self._differs(block, feature)]:
                raise self._other_schema([*wrong, *self._recoded()])
        taken = self.learned.block(block, self.rows)
        self.rows += block.num_rows
        return taken

    def end(self) -> list[str]:
        """Judge the rows as a whole; return a warning for each feature with unseen levels and each unknown column.

        Raises
        ------
        DataError
            If known levels have other names: a model takes them for nothing it knows, and answers all the same.
        """
        if recoded := self._recoded():
            raise self._other_schema(recoded)
        told = []
        for name, found in self._levels.items():
            rows, named = levels.unseen(found, self._seen[name])
            if rows:
                told.append(f"{name}: {rows:,} rows hold levels never seen in training ({named}).")
        return [*told, *_ignored(self._unknown)]

    def _differs(self, block: pa.Table, feature: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
        """Yield how a column differs from the input that the model learned, if most of its rows do."""
        name, kind = feature["name"], feature["type"]
        if name not in block.column_names:
            near = nearest_name(name, self._unknown)
            yield misfit(None, name, "a column", f"missing; is {shown(near)} its new name?" if near else "missing")
        elif block.column(name).type != tables.ARROW[kind]:
            column = block.column(name).drop_null()
            share, odd = fitting(column, kind)
            if len(column) >= FEW and share < MOST:  # fewer rows are misfits one by one
                yield misfit(None, name, kind, odd)

    def _recoded(self) -> list[dict[str, Any]]:
        """Return a misfit for each feature whose levels are known ones under other names."""
        found = []
        for name, current in self._levels.items():
            seen = self._seen[name]
            if current.total() < FEW or levels.unseen(current, seen)[0] < PART * current.total():
                continue  # most data have no such feature, and the training data need not be read
            known = tables.counts(self._training().column(name))
            if recoded := levels.recoding({level: rows for level, rows in known.items() if level in seen}, current):
                got = f"{' or '.join(map(shown, recoded.new[:5]))}. {recoded.said}"
                found.append(misfit(None, name, "known levels", got))
        return found

    def _other_schema(self, wrong: Sequence[Mapping[str, Any]]) -> DataError:
        first = wrong[0]
        more = f" (and {len(wrong) - 1} more)" if len(wrong) > 1 else ""
        return DataError(
            f"{self._called} has another schema than the training data: {first['field']} should be "
            f"{first['expected']}, but is {first['got'].rstrip('.')}{more}.",
            "Use data with the columns of the training data; mlops data validate says what differs.",
            wrong,
        )


def misfit(row: int | None, field: str, expected: str, got: Any) -> dict[str, Any]:
    """Return why a row, or with None the whole file or version, cannot be used."""
    return {"row": row, "field": field, "expected": expected, "got": got}


def refused(misfits: Sequence[Mapping[str, Any]], row: Mapping[str, Any]) -> DataError:
    """Return the error about a row with misfits: the first in words, all in the details."""
    first = misfits[0]
    more = f" (and {len(misfits) - 1} more)" if len(misfits) > 1 else ""
    value = "null" if first["got"] is None else shown(first["got"])
    got = value if first["field"] in row else "missing"
    return DataError(
        f"{first['field']} should be {first['expected']}, but it is {got}{more}.", "Correct the row.", misfits
    )


def taken(feature: Mapping[str, Any]) -> str:
    """Return in words what a feature takes: ``an integer or null``."""
    article = {"integer": "an ", "text": ""}.get(feature["type"], "a ")
    return f"{article}{feature['type']}{' or null' if feature['nullable'] else ''}"


def _taken_types(feature: Mapping[str, Any]) -> tuple[tables.Type, ...]:
    return ("number", "integer") if feature["type"] == "number" else (feature["type"],)


def _ignored(unknown: Sequence[Any]) -> list[str]:
    """Return a warning for each unknown column; of many, only the first are named."""
    if len(unknown) > MOST_NAMED:
        return [f"{some(unknown, MOST_NAMED)} are no columns of the training data and were ignored."]
    return [f"{shown(name)} is no column of the training data and was ignored." for name in unknown]


def _check_texts(row: Mapping[str, Any], id: str | None) -> None:
    """Refuse texts that cannot be kept, and what would come back or be logged without end."""
    texts = [text for item in row.items() for text in item if isinstance(text, str)]
    if sum(map(len, texts)) > MAX_ROW:
        raise DataError(f"The row has more than {MAX_ROW:,} characters.", "Shorten it.")
    if half := next((text for text in texts if not is_text(text)), None):
        raise DataError(f"The row holds half a character: {shown(half)}.", "Correct the row.")
    if isinstance(name := row.get(id or ""), str) and len(name) > MAX_ID:
        raise DataError(f"The id {shown(name)} has {len(name):,} characters; {MAX_ID:,} can come back.", "Shorten it.")


def _is_plain(value: Any) -> bool:
    """Tell whether a value can be kept and echoed as an id."""
    whole = isinstance(value, int) and abs(value) < 10**MAX_ID
    return value is None or isinstance(value, str) or whole or (isinstance(value, float) and abs(value) <= LARGEST)


def _called(value: Any) -> str:
    return _WORDS.get(type(value), type(value).__name__)


def _value(value: Any, feature: Mapping[str, Any]) -> Any:
    """Return a plain value as the model takes it.

    Raises
    ------
    TypeError
        If it has another type.
    """
    kind = feature["type"]
    if kind == "text" and isinstance(value, str):
        # As in a file: trimmed, and "?" or "NA" is no value (see `reading.MISSING`).
        value = None if value.strip() in MISSING else value.strip()
    if value is None and feature["nullable"]:
        return None
    if isinstance(value, {"text": str, "boolean": bool}.get(kind, ())):
        return value
    # Compared, not converted: a whole number of 400 digits has no float.
    if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= sys.float_info.max:
        if kind == "number":
            return float(value)
        if kind == "integer" and float(value).is_integer() and abs(value) < 2**63:
            return int(value)
    raise TypeError(f"{shown(value)} is not {taken(feature)}")


def _levels(column: pa.ChunkedArray, rows: np.ndarray | None) -> list[str] | None:
    if not pa.types.is_large_string(column.type):
        return None
    learned = column if rows is None else column.take(pa.array(rows))
    found = pc.unique(learned.drop_null()).to_pylist()
    return sorted(found) if len(found) <= REMEMBERED_LEVELS else None
