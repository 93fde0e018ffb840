"""Drift: a fault of the data is named as such, a change is one in size and beyond chance, and news is told once."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import cache
from itertools import pairwise
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlops.data import reading, tables
from mlops.data.roles import Roles
from mlops.models.signature import Signature
from mlops.production import drift
from mlops.production.drift import Drift
from sample_data import generate as company

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


def test_what_stands_as_in_the_month_before_is_no_news():
    """The fee differs most of all in June as well, but its rise was told in February; a first month has no news."""
    february, june, first = of_month("2024-02"), of_month("2024-06"), of_month("2023-12")
    assert february.news == {"feature": "monthly_fee", "psi": february.psi}
    assert june.feature == "monthly_fee" and june.news["feature"] != "monthly_fee" and june.news["psi"] < 0.1
    assert first.news is None


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


def generated(months: dict[str, tuple[str, ...]], seed: int, folder: Path) -> dict[str, pa.Table]:
    """Return customers of months, each with the events that are named, wherever in the year they usually are."""
    events = {event.name: event for event in company.EVENTS}
    found = {}
    for month, names in months.items():
        here = [replace(events[name], month=month, until=month) for name in names]
        cohort = company.draw_cohort(month, company.streams_of(seed)[month], 3000, here)
        (folder / "month.csv").write_bytes(company.to_csv(cohort.customers))
        found[month] = reading.read(folder / "month.csv")[0]
    return found


@pytest.mark.parametrize("seed", [1, pytest.param(2, marks=pytest.mark.slow)])
def test_where_the_events_change_places_the_verdicts_follow(tmp_path, seed):
    """The campaign in March, the minutes in May beside a price that rises, the competitor from the start."""
    known = ("2023-09", "2023-10", "2023-11")
    months = {
        **dict.fromkeys(known, ()),
        **{"2024-02": ("competitor",), "2024-03": ("harmless_shift", "competitor")},
        **{"2024-05": ("price_rise", "unit_bug", "competitor"), "2024-06": ("price_rise", "competitor")},
    }
    tables_of = generated(months, seed, tmp_path)
    learned = pa.concat_tables([tables_of[month] for month in known])
    found, before = {}, None
    for month in ("2024-02", "2024-03", "2024-05", "2024-06"):
        found[month] = drift.of_tables(learned, tables_of[month], roles=ROLES, before=before)
        before = tables_of[month]
    assert [one.verdict for one in found.values()] == ["none", "drift", "data_error", "drift"]
    assert {*(found["2024-03"].new or ())} == {"age", "channel", "payment_method", "newsletter"}
    assert (found["2024-05"].schema_errors[0]["where"], found["2024-05"].new) == (
        {"column": "platform", "level": "tv"},
        ("monthly_fee",),
    )
    assert "Also changed, without a fault: monthly_fee." in found["2024-05"].why
    assert (found["2024-06"].drifted, found["2024-06"].new) == (("monthly_fee",), ())


def test_a_migration_is_a_fault_and_a_new_channel_is_a_change(tmp_path):
    """Renamed and recoded columns are put right before anybody speaks of drift; a level that is new is named."""
    customers = generated({"2024-02": (), "2024-03": ("crm_migration",), "2024-04": ("new_channel",)}, 3, tmp_path)
    learned, migrated, marketplace = customers.values()
    broken = drift.of_tables(learned, migrated, roles=ROLES)
    assert broken.verdict == "data_error"
    assert {(one["code"], one["column"]) for one in broken.schema_errors} == {
        *(("renamed", name) for name in ("tenure_months", "monthly_fee")),
        *(("recoded", name) for name in ("region", "plan", "contract")),
    }
    assert "tenure_months" not in broken.features
    grown = drift.of_tables(learned, marketplace, roles=ROLES)
    assert (grown.verdict, grown.drifted) == ("drift", ("channel",))
    assert "'marketplace'" in grown.features["channel"]["why"]


# On made-up columns

RANDOM = np.random.default_rng(11)
ROWS = 1200


def text(values) -> pa.Array:
    return pa.array([*values], tables.ARROW["text"])


KNOWN = pa.table(
    {
        "id": text(f"c{number}" for number in range(ROWS)),
        "fee": RANDOM.normal(40, 9, ROWS),
        "hours": RANDOM.gamma(2, 20, ROWS),
        "plan": text(RANDOM.choice(["basic", "plus"], ROWS)),
        "month": text(["2023-11"] * ROWS),
        "left": pa.array(RANDOM.integers(0, 2, ROWS)),
    }
)
GIVEN = Roles(target="left", id="id")


def sample(rows: int, **changes) -> pa.Table:
    """Return some of the known rows under ids of their own, with other values in some columns."""
    table = KNOWN.take(np.random.default_rng(rows).permutation(ROWS)[:rows])
    changes = {"id": text(f"d{number}" for number in range(rows)), "month": text(["2023-12"] * rows), **changes}
    for name, values in changes.items():
        values = values(table.column(name).to_numpy(zero_copy_only=False)) if callable(values) else values
        table = table.set_column(table.column_names.index(name), name, pa.chunked_array([pa.array(values)]))
    return table


def test_it_takes_size_and_more_than_chance():
    """Of many rows every difference is beyond chance, of few every one may be: a change is both."""
    slight = pa.table({"fee": RANDOM.normal(0, 1, 40_000)}), pa.table({"fee": RANDOM.normal(0.08, 1, 40_000)})
    found = drift.of_tables(*slight)
    assert found.verdict == "none" and found.alarms == 1 and found.features["fee"]["p_adjusted"] < 1e-9
    assert "too little to matter" in found.features["fee"]["why"]
    moved = drift.of_tables(KNOWN, sample(900, fee=lambda fee: fee + 6), roles=GIVEN)
    assert (moved.verdict, moved.drifted) == ("drift", ("fee",))


def test_below_500_rows_nothing_is_said():
    """And that is not the same as: nothing changed."""
    found = drift.of_tables(KNOWN, sample(499, fee=lambda fee: fee + 6), roles=GIVEN)
    assert (found.verdict, found.few) == ("none", True) and "Too few" in found.why
    assert found.features["fee"]["psi"] > 0.25 and not found.features["fee"]["drifted"]
    assert drift.of_tables(KNOWN, sample(500, fee=lambda fee: fee + 6), roles=GIVEN).verdict == "drift"


def test_a_few_values_of_a_column_tell_nothing_either():
    """Whoever answered the survey: 300 of 900."""
    rare = sample(900, fee=lambda fee: np.where(np.arange(900) < 300, fee + 6, np.nan))
    rare = rare.set_column(1, "fee", pa.chunked_array([pa.array(rare.column("fee").to_numpy(), from_pandas=True)]))
    known = KNOWN.set_column(1, "fee", pa.array(np.where(RANDOM.random(ROWS) < 0.4, 40, np.nan), from_pandas=True))
    assert drift.of_tables(known, rare, roles=GIVEN).features["fee"]["why"].startswith("Too few values")


def test_every_alarm_is_counted_before_and_after_the_adjustment():
    """Of forty columns of which nothing moved about two have a p below 0.05; adjusted hardly ever one."""
    random = np.random.default_rng(14)
    known, current = (pa.table({f"n{place}": random.normal(0, 1, 800) for place in range(40)}) for _ in range(2))
    found = drift.of_tables(known, current)
    raw = [one["p_value"] for one in found.features.values()]
    assert found.tested == 40
    assert (found.raw_alarms, found.alarms) == (sum(p < 0.05 for p in raw), 0) and found.raw_alarms > 0


def test_what_tells_when_is_explained_and_not_alarmed():
    """A later month has another month, every time: no p, no index, no alarm."""
    found = drift.of_tables(KNOWN, sample(900), roles=GIVEN)
    assert (found.verdict, found.tested) == ("none", 3)
    assert found.features["month"]["test"] is None and "a later month" in found.features["month"]["why"]
    told = drift.of_tables(KNOWN, sample(900), roles=replace(GIVEN, time="fee"))
    assert "time of the rows" in told.features["fee"]["why"]


def test_ids_and_outcomes_are_no_inputs():
    """They are others each time; and of names nothing can be told."""
    found = drift.of_tables(KNOWN, sample(900), roles=Roles())
    assert "another value in nearly every row" in found.features["id"]["why"]
    assert not {"id", "left"} & drift.of_tables(KNOWN, sample(900), roles=GIVEN).features.keys()


@pytest.mark.parametrize(
    "code, changes",
    {
        "unit_factor": {"hours": lambda hours: hours * 60},
        "recoded": {"plan": lambda plan: text({"basic": "1", "plus": "2"}[one] for one in plan)},
        "missing_burst": {"fee": lambda fee: pa.array(np.where(np.arange(900) < 200, np.nan, fee), from_pandas=True)},
        "duplicates": {"id": lambda ids: text(f"d{number // 2}" for number in range(900))},
    }.items(),
)
def test_a_fault_is_the_verdict_and_its_cause_is_named(code, changes):
    """Whatever the numbers say besides: it is repaired, and nobody learns from it."""
    found = drift.of_tables(KNOWN, sample(900, **changes), roles=GIVEN, before=sample(901))
    [fault] = found.schema_errors
    assert (found.verdict, fault["code"]) == ("data_error", code)
    assert f"cause: {drift.CAUSES[code]}" in found.why and found.new == ()


def test_a_column_that_is_missing_is_a_fault_only_if_the_model_looks_at_it():
    """The model takes fee and plan; hours may come or not, and in any unit."""
    version = type("Version", (), {"target": "left", "task": "binary", "positive": 1, "id": "id"})()
    learned = Signature.learned(KNOWN, version, ["fee", "plan"])
    fine = drift.of_tables(KNOWN, sample(900, hours=lambda hours: hours * 60), learned)
    assert (fine.verdict, [*fine.features]) == ("none", ["fee", "plan"])
    assert drift.of_tables(KNOWN, sample(900).drop_columns("hours"), learned).verdict == "none"
    gone = drift.of_tables(KNOWN, sample(900).drop_columns("plan"), learned)
    assert [one["code"] for one in gone.schema_errors] == ["missing_column"]


def test_what_creeps_is_news_when_it_becomes_a_change():
    """Each month a little: never much since the month before, one day much since the training."""
    months = [sample(900, fee=lambda fee, by=by: fee + by) for by in (0, 2, 4)]
    found = [drift.of_tables(KNOWN, now, roles=GIVEN, before=then) for then, now in pairwise(months)]
    assert [one.drifted for one in found] == [(), ("fee",)] and [one.new for one in found] == [(), ("fee",)]


def test_what_moves_on_is_news_again():
    """The second rise of a price that had risen before is one of its own."""
    months = [sample(900, fee=lambda fee, by=by: fee + by) for by in (6, 12)]
    found = drift.of_tables(KNOWN, months[1], roles=GIVEN, before=months[0])
    assert (found.drifted, found.new) == (("fee",), ("fee",))


def test_answers_that_move_are_a_change_as_well():
    """Together inputs may shift what the model says although none does by itself."""
    before, now = RANDOM.beta(2, 5, 2000), RANDOM.beta(3, 4, 900)
    found = drift.of_tables(KNOWN, sample(900), roles=GIVEN, scores=(before, now))
    assert found.verdict == "drift" and found.score and found.score["drifted"]
    assert found.why.startswith("No input changed by itself, but what the model answers did")
    calm = drift.of_tables(KNOWN, sample(900), roles=GIVEN, scores=(before, before[:900]))
    assert calm.verdict == "none" and calm.score and calm.score["psi"] < 0.02


@pytest.mark.slow
def test_of_two_halves_of_the_same_rows_one_in_twenty_columns_has_a_p_below_a_twentieth():
    """And a verdict is hardly ever wrong: over 200 splits of the simulated history."""
    history = customers("2023")
    random, raw, tested, wrong = np.random.default_rng(13), 0, 0, 0
    for _ in range(200):
        rows = random.permutation(history.num_rows)[:1600]
        found = drift.of_tables(history.take(rows[:800]), history.take(rows[800:]), roles=ROLES)
        raw, tested, wrong = raw + found.raw_alarms, tested + found.tested, wrong + (found.verdict != "none")
    assert 0.04 < raw / tested < 0.06 and wrong == 0


VALUES = {
    "number": st.floats(allow_nan=False, allow_infinity=False) | st.sampled_from([0.0, 1.0]),
    "integer": st.integers(-(2**53), 2**53) | st.integers(0, 3),
    "text": st.sampled_from(["a", "b", "2024-01", "2024-02", ""]) | st.text(max_size=3),
    "boolean": st.booleans(),
    "date": st.dates(),
    "datetime": st.datetimes(),
}


@st.composite
def columns_of_any_kind(draw) -> tuple[pa.Table, pa.Table]:
    """Draw two tables whose columns have a few different values each, some none, in many rows or none at all."""
    kinds = draw(st.lists(st.sampled_from([*VALUES]), min_size=1, max_size=4))
    sides = []
    for _ in range(2):
        rows = draw(st.sampled_from([0, 1, 30, 700]))
        drawn = {}
        for place, kind in enumerate(kinds):
            some = draw(st.lists(st.none() | VALUES[kind], min_size=1, max_size=30))
            drawn[f"{kind}_{place}"] = pa.array(
                [some[row * row % len(some)] for row in range(rows)], tables.ARROW[kind]
            )
        sides.append(pa.table(drawn))
    return sides[0], sides[1]


@given(columns_of_any_kind(), st.booleans())
def test_whatever_the_columns_hold_there_is_a_verdict(sides, monthly):
    """The largest numbers there are, nothing at all, one row: and the record is plain JSON, without NaN."""
    found = drift.of_tables(*sides, before=sides[1] if monthly else None)
    assert json.dumps(found.as_dict(), allow_nan=False)
    assert found.verdict in ("none", "drift", "data_error") and found.why
    for one in found.features.values():
        assert one["p_value"] is None or 0 <= one["p_value"] <= one["p_adjusted"] <= 1
        assert one["psi"] is None or one["psi"] >= 0


def test_the_record_is_plain_json():
    """For commands and screens: no NaN, every key."""
    found = of_month("2024-07").as_dict()
    assert json.dumps(found, allow_nan=False)
    assert {"verdict", "why", "features", "score", "schema_errors"} <= found.keys()
    for one in found["features"].values():
        assert {"psi", "statistic", "p_value", "p_adjusted", "n_reference", "n_current", "drifted"} <= one.keys()
