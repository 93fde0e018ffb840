"""Calendar columns: what tells when is told by its values or its name, and nothing else is taken for it."""

from __future__ import annotations

import datetime

import numpy as np
import pyarrow as pa
import pytest

from mlops.data.tables import ARROW
from mlops.production.calendar_columns import reason


def column(values, kind) -> pa.ChunkedArray:
    return pa.chunked_array([pa.array(values, ARROW[kind])])


DAYS = [datetime.date(2024, 1, day) for day in (1, 2, 3)]
TELLS = {
    "a date": ("signed_up", DAYS, DAYS, "date"),
    "a month in order": ("cohort", ["2023-11", "2023-12"], ["2024-01", "2024-01"], "text"),
    "a year's name": ("yr", [0, 0, 0], [1, 1, 1], "integer"),
    "camel case": ("dayOfWeek", ["mon", "tue"], ["mon", "sun"], "text"),
    "a counter": ("instant", [*range(50)], [*range(50, 90)], "integer"),
}
TELLS_NOT = {
    "a span": ("tenure_months", [3, 9, 27], [4, 5, 6], "integer"),
    "a frequency": ("calls_per_month", [3, 9, 27], [4, 5, 6], "integer"),
    "numbered levels": ("channel", ["shop 1", "shop 2"], ["shop 2", "shop 1"], "text"),
    "a step": ("version", [3, 3, 3], [4, 4, 4], "integer"),
    "what falls again": ("meter", [1, 2, 3, 2, 4], [5, 6, 7], "integer"),
    "a sum that began anew": ("total", [1, 2, 3, 4], [1, 2, 3], "integer"),
    "a yes": ("autopay", [True, False], [True, True], "boolean"),
    "words": ("plan", ["basic", "plus"], ["plus", "plus"], "text"),
}


@pytest.mark.parametrize("case", TELLS)
def test_it_tells_when(case):
    """So a later month has other values, by its nature."""
    name, known, current, kind = TELLS[case]
    assert reason(name, column(known, kind), column(current, kind)) is not None


@pytest.mark.parametrize("case", TELLS_NOT)
def test_it_tells_what(case):
    """A change of it is a change of the inputs, and must not be explained away."""
    name, known, current, kind = TELLS_NOT[case]
    assert reason(name, column(known, kind), column(current, kind)) is None


def test_a_price_that_rose_above_all_that_was_paid_is_no_calendar():
    """Whole separation alone tells no time: the rows are in no order."""
    random = np.random.default_rng(1)
    known, current = random.normal(10, 1, 200), random.normal(100, 1, 200)
    assert reason("fee", column(known, "number"), column(current, "number")) is None
