"""Tables: files are read strictly, types are told and never guessed around, and content has one identity."""

from __future__ import annotations

import csv
import gzip
import io
import re
from datetime import date, datetime

import pyarrow as pa
import pyarrow.parquet
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from mlops.base.errors import DataError
from mlops.data import reading, tables
from mlops.data.reading import MISSING, ReadOptions, parquet, sources
from mlops.data.tables import ARROW

# Text that no reader takes for another type, a missing value or something to trim.
TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc"], include_characters="\n\r\t"), max_size=8).map(
    lambda text: f"x{text}x"
)
# No whole number that a float may not hold: those are ids, and text (see test_exact.py).
VALUES = {
    "integer": st.integers(-(2**53), 2**53),
    "number": st.floats(allow_nan=False, allow_infinity=False).filter(lambda x: not 2**53 < abs(x) < 2**64),
    "boolean": st.booleans(),
    "text": TEXTS,
    "date": st.dates(date(1700, 1, 1), date(2200, 1, 1)),
    "datetime": st.datetimes(datetime(1700, 1, 1), datetime(2200, 1, 1)),
}


@st.composite
def typed_tables(draw: st.DrawFn) -> pa.Table:
    """Draw a table of one to four typed columns; every column holds at least one value."""
    rows = draw(st.integers(1, 6))
    columns = {}
    for number in range(draw(st.integers(1, 4))):
        kind = draw(st.sampled_from(list(VALUES)))
        first = [draw(VALUES[kind])]  # a column without any value has no type in a CSV
        rest = draw(st.lists(st.none() | VALUES[kind], min_size=rows - 1, max_size=rows - 1))
        columns[f"column {number}"] = pa.chunked_array([pa.array(first + rest, ARROW[kind])])
    return pa.table(columns)


@pytest.fixture
def file(tmp_path):
    """Write bytes or text to a file and return its path."""

    def write(content: str | bytes, name: str = "file.csv"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


def columns(path, **options) -> dict[str, list]:
    table, _ = reading.read(path, ReadOptions(**options))
    return table.to_pydict()


# Identity


@given(typed_tables())
def test_content_survives_csv_and_parquet_and_has_one_hash(file, table):
    """Whether it went through CSV, gzip or parquet, the same content comes back under the same hash."""
    buffer = io.BytesIO()
    tables.write_parquet(table, buffer)
    text = tables.write_csv(table)
    for content in (text, gzip.compress(text, mtime=0), buffer.getvalue()):
        back, _ = reading.read(file(content), ReadOptions(delimiter=","))
        assert back.to_pydict() == table.to_pydict()
        assert tables.content_sha256(back) == tables.content_sha256(table)


@given(typed_tables(), st.data())
def test_any_other_cell_gives_another_hash(table, data):
    """One changed cell, and the content is another one."""
    name = data.draw(st.sampled_from(table.column_names))
    row = data.draw(st.integers(0, table.num_rows - 1))
    kind = tables.type_of(table.column(name).type)
    values = table.column(name).to_pylist()
    changed = [*values]
    changed[row] = data.draw(st.none() | VALUES[kind])
    assume(changed != values)
    position = table.column_names.index(name)
    other = table.set_column(position, name, pa.chunked_array([pa.array(changed, ARROW[kind])]))
    assert tables.content_sha256(other) != tables.content_sha256(table)


def test_identity_sees_names_types_and_order():
    """The same values under another name, as another type or in another order are other content."""
    contents = [
        {"a": [1, 2]}, {"b": [1, 2]}, {"a": [2, 1]}, {"a": [1.0, 2.0]}, {"a": [1, 2], "b": [1, 2]}, {"a": [1, None]}, {"a": [1]},
    ]  # fmt: skip
    assert len({tables.content_sha256(pa.table(content)) for content in contents}) == len(contents)


def test_texts_do_not_flow_into_each_other():
    """Where one text ends and the next begins is part of the content; so is missing against empty."""
    texts = [["ab", "c"], ["a", "bc"], ["abc", ""], ["abc", None]]
    hashes = {tables.content_sha256(pa.table({"t": pa.array(text, pa.large_string())})) for text in texts}
    assert len(hashes) == 4


def test_identity_does_not_see_chunks_slices_or_the_sign_of_zero():
    """How the values lie in memory is nobody's content."""
    whole = pa.table({"t": pa.array(["a", None, "ccc"], pa.large_string()), "x": [0.0, 1.5, None]})
    pieces = pa.concat_tables([whole.slice(0, 1), whole.slice(1, 2)])
    minus = whole.set_column(1, "x", [[-0.0, 1.5, None]])
    beyond = pa.concat_tables([whole, whole]).slice(3, 3)
    assert len({tables.content_sha256(table) for table in (whole, pieces, minus, beyond)}) == 1


# Reading


def test_each_column_gets_the_narrowest_type_that_fits_every_value(file):
    """One value that does not fit, and the whole column is of the next type."""
    path = file(
        "i,n,b,d,t,z,mixed\n1,1,True,2024-01-31,2024-01-31 10:00,007,2024-01-31\n-2,.5e3,false,2024-02-29,2024-02-01T00:00:01,1,x\n"
    )
    with_zone = file("t\n2024-01-31T10:00:00+02:00\n2024-01-31T10:00:00Z\n", "zone.csv")
    table, _ = reading.read(path, ReadOptions())
    found = [column["type"] for column in tables.schema_of(table)]
    assert found == ["integer", "number", "boolean", "date", "datetime", "text", "text"]
    assert columns(with_zone)["t"] == [datetime(2024, 1, 31, 8), datetime(2024, 1, 31, 10)]


@pytest.mark.parametrize(
    "value", ["007", "1e999", "1" * 19, "2024-02-30", "yes", "0x10", "1_000", "1,500", "inf", "--1"]
)
def test_what_looks_almost_like_a_number_or_date_stays_text(file, value):
    """Identifiers, thousands marks and dates that do not exist are not bent into numbers."""
    found = columns(file(f'a;b\n"{value}";1\n'), delimiter=";")["a"]
    assert found == [value]


def test_missing_codes_and_trimmed_cells_are_reported(file):
    """Nothing happens to a cell in silence; both habits can be switched off."""
    path = file("n,t\n1, a \n?,b\nNA,\n")
    table, notes = reading.read(path)
    assert table.to_pydict() == {"n": [1, None, None], "t": ["a", "b", None]}
    assert {(note.code, note.column) for note in notes} == {("missing", "n"), ("missing", "t"), ("trimmed", "t")}
    assert columns(path, trim=False, missing=())["t"] == [" a ", "b", ""]


@pytest.mark.parametrize("code", MISSING)
def test_every_missing_code_is_read_as_missing(file, code):
    """The documented list, in a column of numbers."""
    assert columns(file(f"a,b\n1,x\n{code},y\n"))["a"] == [1, None]


@pytest.mark.parametrize(
    ("content", "options"),
    [
        ("a;b\n1;x,y\n", {}),
        ("a\tb\n1\tx,y\n", {}),
        ("a|b\n1|x,y\n", {}),
        ("\ufeffa,b\n1,\"x,y\"\n", {}),
        ("a,b\r\n1,\"x,y\"\r\n", {}),
        ("\na,b\n\n1,\"x,y\"\n\n", {}),
        ("a,b\n1,\"x,y\"".encode("utf-16"), {"encoding": "utf-16"}),
    ],
    ids=["semicolon", "tab", "bar", "byte order mark", "windows line ends", "blank lines", "utf-16"],
)  # fmt: skip
def test_the_dialects_of_csv_give_the_same_table(file, content, options):
    """Separator, line ends, byte order mark and encoding are no content."""
    assert columns(file(content), **options) == {"a": [1], "b": ["x,y"]}


def test_a_decimal_comma_is_told_where_it_is_needed(file):
    """A comma that separates no fields and is no thousands mark; said otherwise, the column stays text."""
    path = file("a;b\n1,5;x\n-2,25;y\n")
    assert columns(path)["a"] == [1.5, -2.25]
    assert columns(path, decimal=".")["a"] == ["1,5", "-2,25"]


def test_a_person_decides_the_type_and_every_value_must_fit(file):
    """A decided type is never overruled; what does not fit is refused with its row."""
    path = file("a,b\n1,x\n2.0,y\nold,z\n")
    assert columns(path, types={"a": "text"})["a"] == ["1", "2.0", "old"]
    with pytest.raises(DataError, match="row 3: 'old' is not of type integer") as refused:
        reading.read(path, ReadOptions(types={"a": "integer"}))
    assert refused.value.details[0] == {"row": 3, "field": "a", "expected": "integer", "got": "old"}


@pytest.mark.parametrize(
    ("text", "value"), [("3", 3), ("3.0", 3), ("3.5", None), ("old", None), ("1e300", None), (None, None)]
)
def test_a_whole_number_may_be_written_with_a_point(text, value):
    """Once the column is known to hold integers, 3.0 is one; 3.5, words and giants are not."""
    values, fits = tables.convert(pa.chunked_array([pa.array([text, "1.0"], pa.large_string())]), "integer")
    assert values.to_pylist() == [value, 1]
    assert fits.to_pylist() == [value is not None or text is None, True]


def test_known_codes_stay_text(file):
    """A column that was text in the version before is text again, although every value looks like a number."""
    assert columns(file("code,n\n1042,1\n"), known={"code": "text"})["code"] == ["1042"]


# Refusing


@pytest.mark.parametrize(
    ("content", "said", "line"),
    [
        ("a,b\n1,2\n1,2,3\n", "line 3: 3 fields, but the header names 2", 3),
        ("a,b\n1\n1,2\n", "line 2: 1 fields", 2),
        ('a,b\n"x\ny",2\n1,2,3\n', "line 4: 3 fields", 4),
        ("a,b\n1,2\n\n\n1,2,3,4\n", "line 5: 4 fields", 5),
        ('a,b\n1,2\n"open,2\n3,4\n', "line 3: a quote that opens here is not closed", None),
        ('a,b\n1,"x"y"\n', "line 2: a quote", None),
    ],
)
def test_a_broken_record_is_named_by_its_line(file, content, said, line):
    """Nothing is shifted or swallowed: the first broken line is named, counted as an editor counts."""
    with pytest.raises(DataError, match=re.escape(said)) as refused:
        reading.read(file(content))
    assert refused.value.next_step
    assert line is None or refused.value.details[0]["row"] == line


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty"),
        (b"\n\n", "is empty"),
        (b"a,b\n", "has a header but no rows"),
        (b"a,a\n1,2\n", "'a' a second time"),
        (b"a,\n1,2\n", "name of column 2 is blank"),
        (b"a," + b"b" * 201 + b"\n1,2\n", "more than 200 characters"),
        (b'a,"b\x07"\n1,2\n', "control character"),
        (b"a,b\n1,\xff\n", "is not utf-8: line 2 holds the byte 0xff"),
        (b"PAR1 and then nothing", "is a damaged parquet file"),
        (gzip.compress(b"a,b\n1,2\n", mtime=0)[:-6], "is a damaged gzip file"),
        (gzip.compress(b"a,b\n1,2\n", mtime=0)[:10] + b"\xff" * 20, "is a damaged gzip file"),
    ],
)  # fmt: skip
def test_files_that_cannot_be_read_without_doubt_are_refused(file, content, said):
    """The message names the file and what is wrong; the next step says what to do."""
    with pytest.raises(DataError, match=said) as refused:
        reading.read(file(content, "upload"))
    assert "upload" in refused.value.message and refused.value.next_step


def test_a_path_that_is_no_file_is_refused(tmp_path):
    """Missing files and folders alike."""
    for path in (tmp_path, tmp_path / "nothing.csv"):
        with pytest.raises(DataError, match="cannot be read"):
            reading.read(path)


def test_unknown_encodings_and_columns_are_refused(file):
    """Options are checked like files."""
    for codec in ("klingon", "base64", "rot13"):
        with pytest.raises(DataError, match=f"'{codec}' is not an encoding"):
            reading.read(file("a\n1\n"), ReadOptions(encoding=codec))
    with pytest.raises(DataError, match="no column 'z' to give a type. Columns: a"):
        reading.read(file("a\n1\n"), ReadOptions(types={"z": "text"}))


def test_a_gzip_bomb_is_refused_before_it_fills_memory(file, monkeypatch):
    """What a stream expands to has the same limit as a file."""
    monkeypatch.setattr(sources, "MAX_BYTES", 1000)
    with pytest.raises(DataError, match="expands to more than 1,000 bytes"):
        reading.read(file(gzip.compress(b"a\n" + b"1\n" * 5000, mtime=0)))


def test_a_parquet_bomb_is_refused_before_it_fills_memory(file, monkeypatch):
    """A file of some hundred bytes can hold any number of equal values."""
    monkeypatch.setattr(parquet, "MAX_CELLS", 4_000)
    buffer = io.BytesIO()
    pyarrow.parquet.write_table(pa.table({"a": pa.repeat(1, 5000)}), buffer)
    with pytest.raises(DataError, match="5,000 rows of 1 columns; at most 4,000 cells"):
        reading.read(file(buffer.getvalue()))


@pytest.mark.parametrize(
    ("array", "expected"),
    [
        (pa.array([1, None], pa.int8()), [1, None]),
        (pa.array([1.5, float("nan"), float("inf")], pa.float32()), [1.5, None, None]),
        (pa.array(["a", "b", "a"]).dictionary_encode(), ["a", "b", "a"]),
        (pa.array([datetime(2024, 1, 1, 12)], pa.timestamp("ns", "Europe/Berlin")), [datetime(2024, 1, 1, 12)]),
        (pa.array([None, None]), [None, None]),
    ],
    ids=["small integer", "nan and infinity", "categories", "time zone", "nothing"],
)
def test_columns_of_other_programs_become_one_of_six_types(file, array, expected):
    """No NaN and no infinity gets in; instants become UTC."""
    buffer = io.BytesIO()
    pyarrow.parquet.write_table(pa.table({"a": array}), buffer)
    assert columns(file(buffer.getvalue()))["a"] == expected


def test_columns_that_are_no_cells_are_refused(file):
    """A list in a cell has no place in a table."""
    buffer = io.BytesIO()
    pyarrow.parquet.write_table(pa.table({"a": [[1, 2]]}), buffer)
    with pytest.raises(DataError, match="Column 'a'.* must be a number, text, boolean, date or time"):
        reading.read(file(buffer.getvalue()))


# Writing


@pytest.mark.parametrize("cell", ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\tx", "\rx"])
def test_no_exported_cell_can_be_taken_for_a_formula(cell):
    """Cells and headers get an apostrophe; plain negative numbers do not."""
    table = pa.table({"=h": pa.array([cell, "-5.5"], pa.large_string())})
    header, *cells = csv.reader(io.StringIO(tables.export_csv(table).decode(), newline=""))
    assert header == ["'=h"] and cells == [[f"'{cell}"], ["-5.5"]]


TEXT = st.text(st.sampled_from('ab 7.-+=@,"\r\n\tü'), max_size=4)
CELLS = {
    "text": TEXT,
    "number": st.sampled_from([0.5, 1.0, -0.0, 1e-05, 2.5e-7, 0.0001, 12345678.5, 1e16, 1 / 3])
    | st.floats(allow_nan=False, allow_infinity=False),
    "integer": st.integers(-(2**63), 2**63 - 1),
    "boolean": st.booleans(),
    "date": st.dates(),
    "datetime": st.datetimes(),
}


@given(st.lists(st.sampled_from([*CELLS]), min_size=1, max_size=4).flatmap(
    lambda kinds: st.tuples(
        st.just(kinds), st.lists(TEXT, min_size=len(kinds), max_size=len(kinds), unique=True),
        st.lists(st.tuples(*(st.none() | CELLS[kind] for kind in kinds)), max_size=4), st.booleans(),
    )
))  # fmt: skip
def test_the_quick_writer_writes_what_pythons_writer_does(drawn):
    """Every digit, missing cells and marks; what needs quotes is left to that one."""
    kinds, names, rows, header = drawn
    columns = [pa.array([row[place] for row in rows], tables.ARROW[kind]) for place, kind in enumerate(kinds)]
    table = pa.table(columns, names=names)
    quick = bytes(tables.export_csv(table, header))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tables, "_needs_quotes", lambda _: True)
        assert quick == bytes(tables.export_csv(table, header))


@given(st.lists(CELLS["number"] | st.none(), max_size=20))
def test_a_number_is_written_as_python_spells_it(numbers):
    """Arrow has another mind of whole, small and large ones."""
    table = pa.table({"a": pa.array(numbers, pa.float64()), "b": pa.nulls(len(numbers), pa.int64())})
    spelled = ["" if number is None else repr(number) for number in numbers]
    assert bytes(tables.export_csv(table)).decode().split() == ["a,b", *(f"{one}," for one in spelled)]


def test_equal_tables_give_equal_parquet_bytes():
    """A snapshot can be compared by its hash."""
    table = pa.table({"a": [1, 2, 3]})
    first, second = io.BytesIO(), io.BytesIO()
    tables.write_parquet(table, first)
    tables.write_parquet(pa.concat_tables([table.slice(0, 1), table.slice(1)]), second)
    assert first.getvalue() == second.getvalue()


@given(
    st.lists(
        st.sampled_from(["1", "3.0", "+2", "1e999", "007", "", "true", "2024-02-30", "2024-02-29 10:00Z", "x", None])
    ),
    st.sampled_from(tables.TYPES),
)
def test_texts_that_come_again_are_converted_as_each_alone_would_be(some, kind):
    """A long column that says the same again and again is converted by its different texts, to the same values."""
    texts = [*some, "1", None] * (2 * tables.SAMPLE // (len(some) + 2) + 1)
    values, fits = tables.convert(pa.chunked_array([pa.array(texts, ARROW["text"])]), kind)
    few, fit = tables.convert(pa.chunked_array([pa.array(texts[: len(some) + 2], ARROW["text"])]), kind)
    assert values.type == few.type == ARROW[kind] and len(values) == len(fits) == len(texts)
    assert values.to_pylist() == (few.to_pylist() * len(texts))[: len(texts)]
    assert fits.to_pylist() == (fit.to_pylist() * len(texts))[: len(texts)]


@pytest.mark.parametrize(
    ("texts", "repeats"), [(["7"] * 5_000, True), (["7"] * 1_000 + [*map(str, range(9_000))], False)]
)
def test_a_sorted_column_that_repeats_at_its_head_alone_is_none_that_repeats(texts, repeats):
    """A list of its different texts would be as long as itself."""
    chunks = [pa.array(texts[at : at + 700], ARROW["text"]) for at in range(0, len(texts), 700)]
    assert tables._repeats(pa.chunked_array(chunks)) is repeats
