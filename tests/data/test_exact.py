"""Exact: no number is kept as one that would come back as another, and every format tells the same identity."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlops.base.errors import DataError
from mlops.data import reading, tables
from mlops.data.reading import ReadOptions
from tests.conftest import STUMP

LONG = 12345678901234567


@pytest.fixture
def read(tmp_path):
    """Read a column that is written as a CSV (a list of cells) or as parquet (an array); return table and notes."""

    def of(cells, **options):
        path = tmp_path / "file"
        if isinstance(cells, list):
            path.write_text("\n".join(["a;b", *(f"{cell};1" for cell in cells), ""]))
        else:
            pyarrow.parquet.write_table(pa.table({"a": cells, "b": pa.array([1] * len(cells))}), path)
        return reading.read(path, ReadOptions(**options))

    return of


def kind(table) -> str:
    return tables.type_of(table.column("a").type)


LONG_NUMBERS = [
    [f"{LONG}", f"{LONG + 1}"],
    [f"-{LONG}", "1"],
    [f"{LONG}.0", f"{LONG + 1}.0"],
    ["9007199254740993", "5"],
    ["1.2345678901234568e+16", "2"],
    ["0.1234567890123456789", "0.5"],
    ["12345678901234.5678", "0.5"],
    ["0.33333333333333333333", "1"],
    ["1e-400", "0.5"],
    ["+4915112345678", "+393331234567"],
    ["1234567890123456789.0", "1"],
]


@pytest.mark.parametrize("cells", LONG_NUMBERS, ids=lambda cells: cells[0])
def test_a_number_that_would_not_come_back_makes_its_column_text(read, cells):
    """Every cell stays as it is written: two ids never become one."""
    table, _ = read(cells)
    assert table.column("a").to_pylist() == cells


@pytest.mark.parametrize(
    "cells",
    [
        ["9007199254740992", "-9007199254740992"],
        ["0.1", "-0.30000000000000004", "1e-05"],
        ["0.10000000000000001", "1.000000000000000056e-01"],
        ["12345678.1000000000", "0.000000000000000000"],
        ["6.02214076e23", "1e300", "5e-324"],
        ["+3", "-2", "+0.5"],
    ],
    ids=lambda cells: cells[0],
)
def test_numbers_that_come_back_are_numbers(read, cells):
    """However many digits a program writes of a float, and measurements of any size."""
    table, notes = read(cells)
    assert table.column("a").to_pylist() == [float(cell) for cell in cells] and not notes


@given(st.floats(allow_nan=False, allow_infinity=False), st.sampled_from([".17g", ".17e", ".20f", "r"]))
def test_what_a_program_wrote_of_a_float_comes_back(value, how):
    """Seventeen digits or more, or the fewest that tell it from its neighbours: nothing is lost."""
    from mlops.data.reading.exact import inexact

    written = repr(value) if how == "r" else format(value, how)
    if how == ".20f" and float(written) != value:
        return  # too few digits for so small a number
    found = dict(inexact(pa.chunked_array([[written]])))
    assert "rounded" not in found and ("beyond" in found) <= (2**53 < abs(value) < 2**64)


def test_it_is_said_which_number_is_too_long_and_how_to_round_it(read):
    """The note names the line; whoever asks for numbers gets them, rounded, and that is said too."""
    _, (note,) = read(["1.5", f"{LONG}.25"])
    assert (note.code, note.column) == ("long_numbers", "a")
    assert f"'{LONG}.25' in line 3" in note.message and "--type a=number" in note.next_step
    _, (note,) = read([f"{LONG}.25", *["1.5"] * 30, "x7"])
    assert note.code == "mixed_types"  # the long number alone does not keep it from being a number
    table, (note,) = read(["1.5", f"{LONG}.25"], types={"a": "number"})
    assert kind(table) == "number" and note.code == "rounded" and f"'{LONG}.25'" in note.message


def test_a_version_that_held_integers_of_18_digits_goes_on_with_them(read):
    """They keep every digit; a number of the version before that would be rounded does not go on."""
    assert kind(read([f"{LONG}", "1"], known={"a": "integer"})[0]) == "integer"
    assert kind(read(pa.array([LONG, 1]), known={"a": "integer"})[0]) == "integer"
    assert kind(read([f"{LONG}.0", "1.0"], known={"a": "integer"})[0]) == "text"
    assert kind(read([f"{LONG}.0", "1.0"], known={"a": "number"})[0]) == "text"


def test_infinity_in_parquet_is_named_like_any_other_code(read):
    """It is read as missing, counted, and shown: a cell never vanishes in silence."""
    table, (note,) = read(pa.array([1.0, float("inf"), float("-inf"), None, float("inf")]))
    assert table.column("a").to_pylist() == [1.0, None, None, None, None]
    assert note.message == "3 cells of a ('inf', '-inf') read as missing numbers."


BOTH = {
    "19 digits": pd.array([2**62, 2**62 + 1], "int64"),
    "17 digits": pd.array([LONG, LONG + 1], "int64"),
    "17 digits, one missing": pd.array([LONG, None], "Int64"),
    "17 digits, one missing, as pandas keeps them": np.array([LONG, np.nan]),
    "a little beyond 2^53": np.array([9007199254740994.0, 9007199254740996.0]),
    "negative": pd.array([-(2**62), 5], "int64"),
    "unsigned 64 bits": np.array([2**64 - 1, 1], "uint64"),
    "unsigned, small": np.array([7, 1], "uint64"),
    "unsigned 32 bits": np.array([2**32 - 1, 1], "uint32"),
    "whole numbers with missing": np.array([1.0, np.nan, 3.0]),
    "whole numbers with missing, as integers": pd.array([1, None, 3], "Int64"),
    "32 bits": np.array([0.1, 16777216.0, 3e38], "float32"),
    "16 bits": np.array([0.1, 1000.5], "float16"),
    "64 bits": np.array([0.1, 1 / 3, 1e300]),
    "decimals": [Decimal("1.10"), None, Decimal("-2.50")],
    "whole decimals": [Decimal("100"), Decimal("200")],
    "long decimals": [Decimal("0.12345678901234567890"), Decimal("0.50000000000000000000")],
    "decimals of 30 digits": [Decimal("123456789012345678901234567890"), Decimal("1")],
    "categories": pd.Categorical(["x1", "x2", "x1"]),
    "categories of digits": pd.Categorical([str(LONG), "7"]),
    "yes or no": pd.array([True, None], "boolean"),
}  # fmt: skip


@pytest.mark.parametrize("values", BOTH.values(), ids=list(BOTH))
def test_a_table_has_one_identity_as_csv_and_as_parquet(tmp_path, values):
    """The CSV that is written of a parquet file is the same content."""
    pd.DataFrame({"a": pd.Series(values), "b": "x"}).to_parquet(tmp_path / "a.parquet")
    pd.read_parquet(tmp_path / "a.parquet").to_csv(tmp_path / "a.csv", index=False)
    found = [reading.read(tmp_path / name)[0] for name in ("a.csv", "a.parquet")]
    assert found[0].to_pydict() == found[1].to_pydict()
    assert tables.content_sha256(found[0]) == tables.content_sha256(found[1])


def test_an_id_of_17_digits_comes_back_from_a_batch_and_a_prediction(ws, tmp_path):
    """As text: a parquet file and a row may give it as a number, but not as one that has lost its digits."""
    rows = pd.DataFrame({"id": [LONG + row for row in range(60)], "age": range(60), "left": [0, 1] * 30})
    rows.to_csv(tmp_path / "rows.csv", index=False)
    assert ws.datasets.add(tmp_path / "rows.csv", "people", target="left", id="id").column_types["id"] == "text"
    model = ws.models.register(ws.train(STUMP).run_id, name="m").ref
    rows.drop(columns="left").to_parquet(tmp_path / "rows.parquet")
    ws.batch_predict(model, tmp_path / "rows.parquet", tmp_path / "answers.parquet")
    assert pd.read_parquet(tmp_path / "answers.parquet")["id"].tolist() == [str(number) for number in rows["id"]]
    assert ws.predict(model, {"id": LONG, "age": 3}).as_dict()["id"] == LONG
    with pytest.raises(
        DataError, match="id should be text, as a number loses its digits, but it is 1.2345678901234568e"
    ):
        ws.predict(model, {"id": float(LONG), "age": 3})
