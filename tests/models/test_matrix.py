"""Matrix: that of rows is the one which the fitted preparation makes of them, whatever stands in their texts."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from scipy.sparse import issparse
from sklearn.compose import ColumnTransformer
from sklearn.pipeline import Pipeline

from mlops.base.errors import IntegrityError
from mlops.data import tables
from mlops.models import estimators
from mlops.models.matrix import Cells, Columns
from mlops.models.signature import Signature

KINDS = {"fee": "number", "plan": "text", "age": "integer", "city": "text", "autopay": "boolean"}
LEARNED = Signature(
    tuple({"name": name, "type": kind} for name, kind in KINDS.items()), "churn", "binary", (0, 1), 1, None, ()
)
ALL_NAMES = list(KINDS)


def rows_of(count: int, seed: int, cities: int, missing: bool) -> pa.Table:
    """Rows with a few plans and many cities, most of them rare."""
    draw = np.random.default_rng(seed)
    city = draw.zipf(1.3, count) % cities
    columns = {
        "fee": draw.normal(30, 9, count).tolist(),
        "plan": draw.choice(["basic", "plus", "plus_or", "0"], count).tolist(),
        "age": draw.integers(18, 99, count).tolist(),
        "city": [f"city_{number}" for number in city],
        "autopay": draw.choice([True, False], count).tolist(),
    }
    if missing:
        for name in ("fee", "plan", "city", "age"):
            columns[name][count // 3] = None
    return pa.table({name: pa.array(cells, tables.ARROW[KINDS[name]]) for name, cells in columns.items()})


@pytest.mark.parametrize("model", ["logistic_regression", "gradient_boosting", "k_neighbors"])
@pytest.mark.parametrize("missing", [False, True], ids=["whole", "some missing"])
def test_rare_and_unknown_texts_stand_where_scikit_learn_puts_them(model, missing):
    """More than a hundred different ones share a column, one never seen goes there too or nowhere; missing is one."""
    numbers, texts = [0, 2, 4], [1, 3]
    fitted = Pipeline(estimators.preprocessing(estimators.find(model), numbers, texts))
    fitted.fit(tables.frame_of(rows_of(2_000, 1, 400, missing), ALL_NAMES))
    asked = rows_of(500, 2, 3_000, True)
    expected = fitted.transform(tables.frame_of(asked, ALL_NAMES))
    columns = Columns(fitted[0])
    for cells in (Cells.of_table(asked, LEARNED), Cells.of_rows(asked.to_pylist(), LEARNED)):
        made = columns.transform(cells)
        assert issparse(made) == (model == "logistic_regression")
        for step in fitted[1:]:
            made = step.transform(made)
        if issparse(expected):
            assert type(made) is type(expected)
            made, expected_parts = made.sorted_indices(), expected.sorted_indices()
            for part in ("data", "indices", "indptr"):
                np.testing.assert_array_equal(getattr(made, part), getattr(expected_parts, part))
        else:
            np.testing.assert_array_equal(made, expected)


@pytest.mark.parametrize(
    "parts",
    [[("scaled", "passthrough", [0]), ("texts", "passthrough", [1])], [("texts", "passthrough", [1]), ("numbers", "passthrough", [0])], []],
    ids=["another name", "another order", "nothing"],
)  # fmt: skip
def test_a_preparation_of_other_parts_is_refused(parts):
    """One of another program: their columns would be missing in the matrix, and nobody would be told."""
    with pytest.raises(IntegrityError, match="where numbers and texts are known"):
        Columns(ColumnTransformer(parts).fit(rows_of(9, 1, 3, False).select(["fee", "plan"]).to_pandas()))


@pytest.mark.parametrize("names", [["fee", "age"], ["plan", "city"]], ids=["numbers only", "texts only"])
@pytest.mark.parametrize("model", ["ridge", "random_forest"])
def test_features_of_one_kind_are_enough(model, names):
    """A model of numbers has no texts to look up, one of texts no numbers to fill."""
    learned = Signature(
        tuple({"name": name, "type": KINDS[name]} for name in names), "y", "binary", (0, 1), 1, None, ()
    )
    places = [[], [0, 1]] if KINDS[names[0]] == "text" else [[0, 1], []]
    fitted = Pipeline(estimators.preprocessing(estimators.find(model), *places))
    rows = rows_of(300, 3, 20, False).select(names)
    expected = fitted.fit_transform(tables.frame_of(rows, names))
    made = Columns(fitted[0]).transform(Cells.of_table(rows, learned))
    for step in fitted[1:]:
        made = step.transform(made)
    dense = [pd.DataFrame(one.toarray() if issparse(one) else one) for one in (made, expected)]
    pd.testing.assert_frame_equal(*dense, check_exact=True)
