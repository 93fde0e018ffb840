"""Evidence: what the quality checks look at, computed once.

The rows whose target is known, the columns a model may look at, and for each of these how well it alone tells the
target. The last is measured on at most `SAMPLE_ROWS` rows, so that looking at a large file takes no longer.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from mlops.base.tasks import Label
from mlops.data import tables
from mlops.data.quality.codes import codes_of
from mlops.data.quality.entities import is_entity
from mlops.data.quality.strength import strength
from mlops.data.roles import COLUMN_ROLES, Roles

SAMPLE_ROWS, SAMPLE_CELLS = 20_000, 1_000_000
"""Rows that single columns are measured on, fewer of a very wide table; drawn with a fixed seed if there are more."""

MIN_ROWS = 30
"""Rows below which nothing is measured: among a few rows, some column always looks strong."""


def repeated_rows(table: pa.Table) -> int:
    """Count the rows that repeat an earlier row in every column; missing equals missing.

    Rows are compared by a hash of 64 bits, for grouping whole rows takes several times the memory of the table. Among
    a million different rows the chance that two are taken for equal is below one in ten million.

    Examples
    --------
    >>> repeated_rows(pa.table({"age": [30, 31, 30], "plan": ["a", None, "a"]}))
    1
    """
    return table.num_rows - len(np.unique(row_bits(table)))


def row_bits(table: pa.Table) -> np.ndarray:
    """Return 64 bits for each row that are equal where rows are."""
    values = [_bits(column) for column in table.columns]
    missing = [pc.is_null(column).to_numpy() for column in table.columns if column.null_count]
    return pd.util.hash_pandas_object(pd.DataFrame(dict(enumerate(values + missing))), index=False).to_numpy()


def _bits(column: pa.ChunkedArray) -> np.ndarray:
    """Return 64 bits that are equal where values are; missing is 0, and -0.0 equals 0.0."""
    if not pa.types.is_primitive(column.type):
        column = column.combine_chunks().dictionary_encode(null_encoding="encode").indices
    if pa.types.is_floating(column.type):
        return (pc.fill_null(column, 0.0).to_numpy() + 0.0).view(np.uint64)
    whole = column.cast(pa.int32()) if pa.types.is_date32(column.type) else column
    return pc.fill_null(whole.cast(pa.int64()), 0).to_numpy().view(np.uint64)


YAML_WORDS = ("null", "true", "false", "yes", "no", "on", "off")
"""Words that YAML reads as a value, not as text."""


def leave_out(names: Iterable[str]) -> str:
    """Return the key of a config that leaves columns out, ready to be pasted.

    Examples
    --------
    >>> leave_out(["boat", "home: dest"])
    'features.exclude: [boat, "home: dest"]'
    """
    return f"features.exclude: [{', '.join(map(_in_yaml, names))}]"


def _in_yaml(name: str) -> str:
    plain = re.fullmatch(r"[A-Za-z_][\w .()-]*\w", name) and name.lower() not in YAML_WORDS
    return name if plain else json.dumps(name, ensure_ascii=False)


@dataclass(frozen=True)
class Evidence:
    """A table as the checks see it."""

    table: pa.Table
    """Every row, as it is stored."""
    roles: Roles
    features: tuple[str, ...]
    """Columns the model may look at."""
    split: str
    """``training.split``."""
    group: str | None
    """``training.group``."""

    @classmethod
    def of(
        cls,
        table: pa.Table,
        roles: Roles,
        features: Iterable[str] | None = None,
        split: str = "random",
        group: str | None = None,
    ) -> Evidence:
        """Gather the evidence; without a choice of features they are all columns that have no role, but dates."""
        taken = {getattr(roles, role) for role in COLUMN_ROLES}
        chosen = [
            name
            for name in (table.column_names if features is None else features)
            if name not in taken and not pa.types.is_temporal(table.column(name).type)
        ]
        return cls(table, roles, tuple(chosen), split, group)

    @cached_property
    def labelled(self) -> pa.Table | None:
        """The rows whose target is known; None where no column is the target."""
        if self.roles.target not in self.table.column_names:
            return None
        target = self.table.column(self.roles.target)
        return self.table.filter(pc.is_valid(target)) if target.null_count else self.table

    @cached_property
    def target(self) -> pa.ChunkedArray | None:
        """The known values of the target, if there are any and somebody has said what to learn about them."""
        if self.labelled is None or not self.labelled.num_rows or self.roles.task is None:
            return None
        return self.labelled.column(self.roles.target)

    @property
    def is_classification(self) -> bool:
        """Whether the target holds classes."""
        return self.target is not None and self.roles.task in ("binary", "multiclass")

    @cached_property
    def class_counts(self) -> dict[Label, int]:
        """Known rows of each class, the most frequent first; empty where the target is no class."""
        if self.target is None or not self.is_classification:
            return {}
        return dict(sorted(tables.counts(self.target).items(), key=lambda item: (-item[1], str(item[0]))))

    @cached_property
    def codes(self) -> dict[str, dict[float, int]]:
        """Numbers that look like codes for missing, with their rows, by feature; by the target if it is a number."""
        target = [str(self.roles.target)] if self.target is not None and not self.is_classification else []
        numeric = [name for name in [*self.features, *target] if self.type_of(name) in ("integer", "number")]
        found = {name: codes_of(self.table.column(name)) for name in numeric}
        return {name: codes for name, codes in found.items() if codes}

    @cached_property
    def told(self) -> pa.Table | None:
        """The labelled rows that can tell something: the target is no code, and some feature is known and is none."""
        if self.labelled is None or self.target is None:
            return self.labelled
        silent = self.is_silent(self.labelled) | self.is_code(str(self.roles.target), self.labelled)
        return self.labelled.filter(pa.array(~silent)) if silent.any() else self.labelled

    def is_silent(self, rows: pa.Table) -> np.ndarray:
        """Tell in which rows every feature is missing or holds a code for it."""
        silent = np.full(rows.num_rows, bool(self.features))
        for name in self.features:
            if silent.any():
                silent &= pc.is_null(rows.column(name)).to_numpy() | self.is_code(name, rows)
        return silent

    def is_code(self, name: str, rows: pa.Table) -> np.ndarray:
        """Tell in which rows a column holds a code for missing."""
        column, codes = rows.column(name), self.codes.get(name)
        if codes is None:
            return np.zeros(rows.num_rows, bool)
        return np.isin(column.cast(pa.float64(), safe=False).to_numpy(zero_copy_only=False), [*codes])

    @cached_property
    def entities(self) -> tuple[str, ...]:
        """Columns without a role, features or not, that name something with several rows; see `entities`."""
        if self.labelled is None or self.target is None or self.labelled.num_rows < MIN_ROWS:
            return ()
        taken, numeric = {getattr(self.roles, role) for role in COLUMN_ROLES}, not self.is_classification
        free = [name for name in self.table.column_names if name not in taken]
        found = [name for name in free if is_entity(self.labelled.column(name), self.target, numeric=numeric)]
        if not found:
            return ()
        # In a table of copies every value repeats with its outcome: each row counts once.
        once = self.labelled.take(np.sort(np.unique(row_bits(self.labelled), return_index=True)[1]))
        target = once.column(str(self.roles.target))
        return tuple(name for name in found if is_entity(once.column(name), target, numeric=numeric))

    @cached_property
    def strengths(self) -> dict[str, float]:
        """How well each feature alone tells the target, the strongest first; empty where that cannot be measured."""
        if self.told is None or self.target is None or self.told.num_rows < MIN_ROWS:
            return {}
        rows = self.told.select([str(self.roles.target), *self.features])
        if pc.count_distinct(rows.column(0)).as_py() < 2:
            return {}
        enough = min(SAMPLE_ROWS, max(SAMPLE_CELLS // rows.num_columns, SAMPLE_ROWS // 10))
        if rows.num_rows > enough:
            rows = rows.take(np.sort(np.random.default_rng(0).choice(rows.num_rows, enough, replace=False)))
        found = {name: self._strength(name, rows) for name in self.features}
        return dict(sorted(found.items(), key=lambda item: -item[1]))

    def _strength(self, name: str, rows: pa.Table) -> float:
        """Measure a feature without the rows that hold a code; where these are most rows, being known is the news."""
        column, target, is_code = rows.column(name), rows.column(0), self.is_code(name, rows)
        if is_code.mean() > 0.5:
            column = pc.if_else(pa.array(is_code), pa.scalar(None, column.type), column)
        elif is_code.any():
            column, target = column.filter(pa.array(~is_code)), target.filter(pa.array(~is_code))
        return strength(column, target, numeric=not self.is_classification)

    def type_of(self, name: str) -> tables.Type:
        """Return the type of a column."""
        return tables.type_of(self.table.column(name).type)

    @cached_property
    def distinct(self) -> dict[str, int]:
        """How many different values each column has."""
        return {name: pc.count_distinct(self.table.column(name)).as_py() for name in self.table.column_names}
