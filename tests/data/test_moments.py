"""Moments: a column is a time only if the later of two rows is the larger one."""

from __future__ import annotations

import random

import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlops.base.errors import DataError
from mlops.data.moments import disorder, ranks
from mlops.data.proposals import propose
from mlops.data.reading import ReadOptions
from mlops.data.tables import ARROW
from tests.conftest import STUMP

DAYS = st.datetimes(min_value=pd.Timestamp("2009-01-01"), max_value=pd.Timestamp("2031-12-31"))

IN_ORDER = [
    "%Y-%m", "%Y%m", "%Y/%m", "%Y.%m", "%YM%m", "%Y", "FY%Y", "%Y-%m-%d", "%Y%m%d", "%Y/%m/%d", "%G-W%V", "%GW%V", "%G-W%V-%u",
    "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S.%f", "%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%d %H:%M:%S +0100",
    "%Y-%m-%d %H:%M:%S UTC", "%Y%m%dT%H%M%S", "%Y-%j",
]  # fmt: skip

OTHER = [
    "%m/%d/%Y", "%d/%m/%Y", "%d.%m.%Y", "%m/%Y", "%m-%Y", "%d%m%Y", "%d %B %Y", "%b %Y", "%Y-%b", "%B", "%a", "%y-%m", "%m/%d/%y",
    "%m/%d/%Y %H:%M", "%Y-%m-%d %I:%M %p", "%Y-%d-%m %H:%M", "W%V-%G", "%H:%M", "%a %d %b %Y",
]  # fmt: skip


def texts(values) -> pa.ChunkedArray:
    return pa.chunked_array([pa.array(values, ARROW["text"])])


@given(st.lists(DAYS, min_size=2, max_size=30), st.sampled_from(IN_ORDER))
def test_text_that_is_written_from_the_year_down_is_in_time_order(days, how):
    """Sorted as text, it is sorted by time."""
    written = [day.strftime(how) for day in sorted(days)]
    assert disorder(texts(written)) is None and written == sorted(written)


@pytest.mark.parametrize("how", OTHER)
def test_any_other_text_is_no_time(how):
    """The day or the month first, names, two-digit years, twelve hours: two rows would change places."""
    days = pd.date_range("2019-01-01", periods=400, freq="61h")
    assert "is text such as" in disorder(texts([day.strftime(how) for day in days]))


@pytest.mark.parametrize(
    "values",
    [
        ["2023-09", "2023-9"],
        ["2023-09", "2023/10"],
        ["2023-09-01", "2023-09"],
        ["2024-03-31T01:00:00+01:00", "2024-03-31T03:30:00+02:00"],
        ["2023-01-31 08:30", "soon"],
        ["2023-01-31 8:30", "2023-01-31 18:30"],
        ["wave 9", "wave 10"],
    ],
)
def test_two_ways_of_writing_are_no_order(values):
    """Each may be in order by itself; together they are not."""
    assert disorder(texts(values))


def test_a_month_and_a_year_with_a_point_are_no_order_unless_they_follow_it():
    """12.2022 comes before 1.2023, and is the larger number; within a year, and as 2023.01, they are in order."""
    months = [float(f"{month}.{year}") for year in (2022, 2023) for month in range(1, 13)]
    assert "such as 1.2022, which begin with the month" in str(disorder(pa.chunked_array([months])))
    assert (
        disorder(pa.chunked_array([months[:12]])) is None and disorder(pa.chunked_array([[2023.01, 2023.12]])) is None
    )


def test_counted_waves_dates_and_numbers_are_in_order():
    """What has no calendar can still be counted; a number that begins with the day cannot."""
    assert disorder(texts(["wave 1", "wave 2"])) is None
    for values in (
        [2021, 2022],
        [202112, 202201],
        [20211231, 20220101],
        [1700000000, 1700000060],
        [1, 500],
        [0.1, 0.5],
    ):
        assert disorder(pa.chunked_array([values])) is None
    for values in ([31012023, 1022023], [12312022, 1012023], [122022, 12023]):
        assert "begin with the day or the month" in disorder(pa.chunked_array([values]))
    assert disorder(pa.chunked_array([[True, False]]))
    assert ranks(texts(["2023-10", "2023-02", "2023-10"]), "month").tolist() == [2, 1, 2]


@pytest.fixture
def visits(tmp_path):
    """Write a file of rows five days apart, whose time is written in a way; return its path."""

    def write(how: str):
        days = pd.date_range("2023-01-01 08:30", periods=72, freq="5D")
        chance = random.Random(7)
        rows = [(n + 1, day.strftime(how), chance.random(), chance.randrange(2)) for n, day in enumerate(days)]
        path = tmp_path / "visits.csv"
        pd.DataFrame(rows, columns=["id", "when", "a", "y"]).to_csv(path, index=False)
        return path

    return write


def test_a_time_that_cannot_tell_the_order_is_refused(ws, visits):
    """Nothing is kept, and the way out is said; as ISO dates the same file is taken."""
    with pytest.raises(DataError, match="The time 'when' is text such as '01/01/2023 08:30', whose order") as refused:
        ws.datasets.add(visits("%m/%d/%Y %H:%M"), name="visits", target="y", id="id", time="when")
    assert "2024-01-31 08:30" in refused.value.next_step and not ws.datasets.list()
    assert ws.datasets.add(visits("%Y-%m-%d %H:%M"), name="visits", target="y", id="id", time="when").time == "when"


def test_the_order_of_dates_can_be_said(ws, visits):
    """Where every day would fit both orders the refusal names the option, and the option works."""
    path = visits("%m/%m/%Y")
    with pytest.raises(DataError, match="is text such as '01/01/2023'") as refused:
        ws.datasets.add(path, name="visits", target="y", time="when")
    assert "--dates mdy" in refused.value.next_step
    as_said = ReadOptions(dates="mdy")
    assert ws.datasets.add(path, name="visits", target="y", time="when", options=as_said).column_types["when"] == "date"


def test_a_time_of_the_version_before_is_dropped_where_it_tells_no_order(ws, visits):
    """The next file has another way of writing: it is kept without a time, and that is said."""
    ws.datasets.add(visits("%Y-%m-%d %H:%M"), name="visits", target="y", id="id", time="when")
    version = ws.datasets.add(visits("%m/%d/%Y %H:%M"), name="visits")
    assert version.time is None
    assert [note["column"] for note in version.warnings if note["code"] == "time_unordered"] == ["when"]


def test_the_latest_rows_are_those_of_the_last_days(ws, visits):
    """The test is the end of the calendar, whatever the text looks like."""
    ws.datasets.add(visits("%Y-%m-%d %H:%M"), name="visits", target="y", id="id", time="when")
    run = ws.train(STUMP, overrides={"training.split": "latest", "training.test_size": 0.2}, data="visits")
    answers = ws.runs.predictions(run.run_id)
    assert sorted(answers[answers["part"] == "test"]["row"] + 1) == list(range(59, 73))


def test_only_a_column_in_time_order_is_proposed():
    """A name alone is no order."""
    for values, found in ((["2023-10", "2023-02"], ["month"]), (["10/2023", "02/2023"], [])):
        table = pa.table({"month": texts(values), "y": [0, 1]})
        assert [one.value for one in propose(table) if one.role == "time"] == found
