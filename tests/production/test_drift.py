"""Drift: a fault of the data is named as such, a change is one in size and beyond chance, and news is told once."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pyarrow as pa
import pytest

from mlops.data import reading
from mlops.data.roles import Roles
from mlops.production import drift
from mlops.production.drift import Drift

SAMPLES = Path(__file__).resolve().parents[2] / "sample_data"
ROLES = Roles(target="churn", id="customer_id", time="month")
MONTHS = ["2023-12", *(f"2024-{month:02}" for month in range(1, 13))]


@cache
def customers(month: str) -> pa.Table:
    return reading.read(SAMPLES / f"customers_{month}.csv")[0]


@cache
def of_month(month: str) -> Drift:
    """Return a month of the simulated company against its history, and against the month before."""
    before = MONTHS[MONTHS.index(month) - 1] if month != MONTHS[0] else None
    earlier = customers(before) if before else None
    return drift.of_tables(customers("2023"), customers(month), roles=ROLES, before=earlier)


# The year of the simulated company


@pytest.mark.parametrize("month", ["2023-12", "2024-01"])
def test_a_quiet_month_is_quiet(month):
    """And it is said that this is no safety."""
    found = of_month(month)
    assert (found.verdict, found.drifted, found.schema_errors) == ("none", (), ())
    assert "only outcomes tell" in found.why


def test_the_price_rise_is_a_change_of_the_fee_alone():
    """The loyalty bonus goes and all fees rise: nothing else moves."""
    found = of_month("2024-02")
    assert (found.verdict, found.drifted, found.new) == ("drift", ("monthly_fee",), ("monthly_fee",))


def test_in_may_the_campaign_is_news_and_the_fee_is_not():
    """Four inputs move visibly; what moved in February still differs, and that is said apart."""
    found = of_month("2024-05")
    assert found.verdict == "drift"
    assert {*(found.new or ())} == {"age", "channel", "payment_method", "newsletter"}
    assert {*found.drifted} - {*(found.new or ())} == {"monthly_fee"}
    assert "monthly_fee" in found.why and "as in the month before" in found.why


def test_minutes_instead_of_hours_are_a_fault_of_the_television_app():
    """The cause is named, the rows and the factor: so it can be repaired, and nobody learns from it."""
    found = of_month("2024-07")
    [fault] = found.schema_errors
    assert found.verdict == "data_error" and "cause: units" in found.why and "do not retrain" in found.why
    assert (fault["code"], fault["column"], fault["factor"]) == ("unit_factor", "usage_hours", 60)
    assert fault["where"] == {"column": "platform", "level": "tv"}
    assert fault["next_step"] == "Divide usage_hours by 60 where platform is tv."


@pytest.mark.parametrize("month", ["2024-03", "2024-04", "2024-06", *MONTHS[-5:]])
def test_nothing_new_happens_to_the_inputs_when_only_the_law_changes(month):
    """The competitor of August is silent here; the fee still differs from 2023, as it has since February."""
    found = of_month(month)
    assert (found.drifted, found.new, found.schema_errors) == (("monthly_fee",), (), ())
    assert found.why.startswith("Nothing new")
