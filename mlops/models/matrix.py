"""Matrix: from the cells of rows to the matrix that a model computes with, in one way for one row and for a million.

The fitted parts of the pipeline's `ColumnTransformer` say what stands in it, and nothing else does; they are asked for
no more than is needed. Numbers go to them as numbers. Of each text that they know, and of one that they do not know,
they say once in which column of the matrix it is a one. To call the whole for each row would take several times as
long: it is busy asking what kind of table each column is. For a file it looks up the same texts again and again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from scipy.sparse import csr_matrix, hstack

from mlops.base.errors import IntegrityError, shown
from mlops.data import tables
from mlops.models.signature import Signature

Texts = tuple[Sequence[str | None], np.ndarray]
"""A column: texts, None for a missing one, and for each row the place of its text among them."""

PARTS = ["numbers"], ["texts"], ["numbers", "texts"]
"""The parts that a preparation can have, in this order; see `estimators.preprocessing`."""


@dataclass(frozen=True)
class Cells:
    """The features of rows that fit a signature, as a model is asked with them."""

    numbers: np.ndarray
    """Shape (n_rows, n_numbers): what is no text, as float64; NaN where it is missing."""
    texts: list[Texts]

    @classmethod
    def of_rows(cls, rows: Sequence[Mapping[str, Any]], learned: Signature) -> Cells:
        """Return rows that `Signature.row` has checked.

        Examples
        --------
        >>> features = {"name": "fee", "type": "number"}, {"name": "plan", "type": "text"}
        >>> learned = Signature(features, "churn", "binary", (0, 1), 1, None, ())
        >>> cells = Cells.of_rows([{"fee": 9.5, "plan": "a"}, {"fee": None, "plan": "b"}], learned)
        >>> cells.numbers.tolist(), cells.texts
        ([[9.5], [nan]], [(['a', 'b'], array([0, 1]))])
        """
        numbers, texts = _names(learned)
        cells = [[np.nan if (cell := row[name]) is None else float(cell) for name in numbers] for row in rows]
        each = np.arange(len(rows))
        held = np.array(cells, float).reshape(len(rows), len(numbers))
        return cls(held, [([row[name] for row in rows], each) for name in texts])

    @classmethod
    def of_table(cls, table: pa.Table, learned: Signature) -> Cells:
        """Return rows that `Signature.block` has checked."""
        names, texts = _names(learned)
        numbers = np.empty((table.num_rows, len(names)))
        for at, name in enumerate(names):
            numbers[:, at] = tables.numbers_of(table.column(name))
        return cls(numbers, [tables.levels_of(table.column(name)) for name in texts])

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and features."""
        return len(self.numbers), self.numbers.shape[1] + len(self.texts)


class Columns:
    """A fitted `ColumnTransformer` of `estimators.preprocessing`, asked with `Cells`.

    Parameters
    ----------
    fitted : ColumnTransformer
        It stays as it is.

    Raises
    ------
    IntegrityError
        If it is one of other parts: their columns would be missing in the matrix, and nobody would be told.
    """

    def __init__(self, fitted: Any) -> None:
        made = {name: part for name, part, columns in getattr(fitted, "transformers_", ()) if len(columns)}
        if [*made] not in PARTS:
            raise IntegrityError(
                f"This model prepares its columns by {shown([*made])}, where numbers and texts are known.",
                "Train it again here: it was made by another program, or by a newer one.",
            )
        parts = {name: _nameless(part) for name, part in made.items()}
        self._numbers, encoder = parts.get("numbers"), parts.get("texts")
        self._sparse = encoder is not None and encoder.sparse_output
        self._levels, self._width = ([], 0) if encoder is None else _told(encoder)

    def transform(self, cells: Cells) -> Any:
        """Return the matrix of rows, as the `ColumnTransformer` does: an array, or sparse where texts become so."""
        numbers = cells.numbers if self._numbers is None else self._numbers.transform(cells.numbers)
        rows, first = numbers.shape
        each, end = np.arange(rows), first + self._width
        ones = [
            first + np.array([known.get(text, other) for text in texts], int)[places]
            for (texts, places), (known, other) in zip(cells.texts, self._levels, strict=True)
        ]
        if self._sparse:
            where = np.tile(each, len(ones)), np.concatenate(ones) - first
            texts = csr_matrix((np.ones(len(where[0])), where), (rows, self._width + 1))
            return hstack([numbers, texts[:, :-1]], "csr")
        matrix = np.zeros((rows, end + 1))  # the last column takes the ones of texts that have none
        matrix[:, :first] = numbers
        for columns in ones:
            matrix[each, columns] = 1.0
        return matrix[:, :end]


def _names(learned: Signature) -> tuple[list[str], list[str]]:
    """Return the features that are numbers to a model, and those that are texts."""
    kinds = [(feature["name"], feature["type"] == "text") for feature in learned.features]
    return [name for name, is_text in kinds if not is_text], [name for name, is_text in kinds if is_text]


def _nameless(part: Any) -> Any:
    """Return a fitted part as if its columns had had no names: else it warns of columns without."""
    part = copy(part)
    vars(part).pop("feature_names_in_", None)
    if hasattr(part, "steps"):
        part.steps = [(name, _nameless(step)) for name, step in part.steps]
    return part


def _told(encoder: Any) -> tuple[list[tuple[dict[str | None, int], int]], int]:
    """Let a `OneHotEncoder` tell what it makes of texts.

    Returns
    -------
    levels : list of (dict, int)
        For each column: a text, or None for a missing one -> the column of the matrix in which it is a one, `width` if
        it is in none; and the same of a text that the encoder does not know.
    width : int
        Columns of the matrix.
    """
    known = [[text for text in categories if isinstance(text, str)] for categories in encoder.categories_]
    unknown = f"no {max((text for texts in known for text in texts), key=len, default='')}"  # longer than any
    asked = [[*texts, np.nan, unknown] for texts in known]
    lines = range(max(map(len, asked)))
    encoder = copy(encoder)
    encoder.sparse_output = True  # there may be as many texts as rows were learned from
    made = encoder.transform(np.array([[texts[min(at, len(texts) - 1)] for texts in asked] for at in lines], object))
    names = encoder.get_feature_names_out([str(at) for at in range(len(asked))])
    row, column = made.nonzero()
    ones = np.full((len(lines), len(asked)), len(names))
    ones[row, np.array([int(name.partition("_")[0]) for name in names], int)[column]] = column
    found = [ones[: len(texts), at].tolist() for at, texts in enumerate(asked)]
    levels = [
        (dict(zip([*texts, None], told, strict=False)), told[-1]) for texts, told in zip(known, found, strict=True)
    ]
    return levels, len(names)
