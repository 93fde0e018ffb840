"""Validation: each rule fires on its fault, keeps silent on ordinary data, and does not apply where it cannot know."""

from __future__ import annotations

import runpy
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from mlops.base.errors import InvalidError, NotFoundError
from mlops.data import reading
from mlops.data.roles import Roles
from mlops.data.tables import ARROW
from mlops.data.validation import check, nearest_name
from tests.shell import mlops

ROOT = Path(__file__).resolve().parents[2]
SAMPLES = ROOT / "sample_data"
ROLES = Roles(target="churn", id="customer_id", time="month")
RANDOM = np.random.default_rng(8)


def text(values) -> pa.Array:
    return pa.array(list(values), ARROW["text"])


KNOWN = pa.table(
    {
        "tenure": RANDOM.integers(1, 70, 400),
        "fee": RANDOM.normal(40, 9, 400),
        "plan": text(RANDOM.choice(["basic", "plus", "family"], 400, p=[0.6, 0.3, 0.1])),
        "note": text(f"n{number}" for number in range(400)),
    }
)
CURRENT = KNOWN.take(RANDOM.permutation(400)[:300])


def changed(name: str, values) -> pa.Table:
    return CURRENT.set_column(CURRENT.column_names.index(name), name, pa.chunked_array([values]))


def found(current: pa.Table, known: pa.Table = KNOWN) -> list[tuple[str, str | None]]:
    return [(problem.code, problem.column) for problem in check(current, known, ROLES)]


def of(name: str) -> np.ndarray:
    return CURRENT.column(name).to_numpy()


FAULTS = {
    "missing_column": (CURRENT.drop_columns("plan"), "plan"),
    "renamed": (CURRENT.rename_columns(["tenure", "monthlyFee", "plan", "note"]), "fee"),
    "new_column": (CURRENT.append_column("extra", CURRENT.column("note")), "extra"),
    "retyped": (changed("fee", text(["cheap", *["40"] * 299])), "fee"),
    "recoded": (changed("plan", text(of("plan").astype(str).astype("U1"))), "plan"),
    "new_levels": (changed("plan", text(np.where(np.arange(300) < 5, "gold", of("plan")))), "plan"),
    "unit_factor": (changed("fee", pa.array(of("fee") * 100)), "fee"),
    "missing_burst": (
        changed("fee", pa.array(np.where(np.arange(300) < 90, np.nan, of("fee")), from_pandas=True)),
        "fee",
    ),
    "duplicates": (pa.concat_tables([CURRENT, CURRENT.slice(0, 30)]), None),
    "out_of_range": (changed("tenure", pa.array(np.where(np.arange(300) < 9, 75, of("tenure")))), "tenure"),
}


@pytest.mark.parametrize("code", FAULTS)
def test_each_fault_is_named_at_its_column(code):
    """And nothing else is."""
    current, column = FAULTS[code]
    assert found(current) == [(code, column)]


def test_rows_of_the_same_kind_are_fine():
    """A sample of the known rows, in another order, is what was relied on."""
    assert found(CURRENT) == []


@pytest.mark.parametrize("rows", [1, 5, 19])
def test_a_few_rows_prove_no_other_unit_and_no_lost_values(rows):
    """Shares and quantiles of a handful say nothing."""
    few = CURRENT.slice(0, rows).set_column(1, "fee", pa.array([4000.0] * rows))
    assert not {"unit_factor", "missing_burst", "out_of_range"} & {code for code, _ in found(few)}


def test_ids_times_and_outcomes_are_other_ones_each_time():
    """A new month has new customers, and its outcomes are not known yet."""
    ids = {
        "customer_id": text(f"c{n}" for n in range(400)),
        "month": text(["2023-09"] * 400),
        "churn": pa.array([0, 1] * 200),
    }
    known = pa.table({**ids, **{name: KNOWN.column(name) for name in KNOWN.column_names}})
    later = {"customer_id": text(f"d{n}" for n in range(300)), "month": text(["2024-01"] * 300)}
    assert found(pa.table({**later, **{name: CURRENT.column(name) for name in CURRENT.column_names}}), known) == []


@pytest.mark.parametrize("factor", [1 / 60, 1 / 12, 7, 24, 60, 1000])
def test_the_factor_of_another_unit_is_named(factor):
    """Whole column or its inverse: the suggestion is the number to divide or multiply by."""
    [problem] = check(changed("fee", pa.array(of("fee") * factor)), KNOWN, ROLES)
    assert problem.code == "unit_factor" and f"by {max(factor, 1 / factor):g}." in problem.next_step


@pytest.mark.parametrize("change", [lambda fee: fee + 12, lambda fee: fee * 1.3, lambda fee: fee * 0.7])
def test_a_price_that_moves_is_no_other_unit(change):
    """Drift is not a fault of the data."""
    assert not [code for code, _ in found(changed("fee", pa.array(change(of("fee"))))) if code == "unit_factor"]


def test_first_letters_and_shares_translate_a_recoding():
    """Where they leave no doubt; else nothing is guessed."""
    [letters] = check(FAULTS["recoded"][0], KNOWN, ROLES)
    assert letters.next_step == "By their first letters: 'b' was 'basic', 'p' was 'plus', 'f' was 'family'."
    codes = {"basic": "10", "plus": "20", "family": "30"}
    [shares] = check(changed("plan", text(codes[plan] for plan in of("plan"))), KNOWN, ROLES)
    assert shares.next_step == "By their shares: '10' was 'basic', '20' was 'plus', '30' was 'family'."


def test_a_name_is_near_if_it_reads_alike():
    """Case and marks do not count; another word is not near."""
    assert nearest_name("monthly_fee", ["MonthlyFee", "month"]) == "MonthlyFee"
    assert nearest_name("age", ["contract"]) is None


def test_minutes_of_one_device_are_told_with_the_device():
    """The others still say hours: the rows are named by the level that they share, and only these are put right."""
    device = text(np.where(np.arange(300) % 3 == 0, "tv", "phone"))
    known = KNOWN.append_column("device", text(np.where(np.arange(400) % 3 == 0, "tv", "phone")))
    for factor in (60, 1 / 60):
        fee = pa.array(np.where(np.arange(300) % 3 == 0, of("fee") * factor, of("fee")))
        [fault] = check(changed("fee", fee).append_column("device", device), known, ROLES)
        assert (fault.code, fault.factor, fault.rows) == ("unit_factor", factor, 100)
        assert fault.where == {"column": "device", "level": "tv"}
        assert fault.next_step.endswith("by 60 where device is tv.")


def test_rows_of_many_devices_are_told_by_what_is_beyond_everything_known():
    """Nothing else tells which they are."""
    [fault] = check(changed("fee", pa.array(np.where(np.arange(300) < 60, of("fee") * 60, of("fee")))), KNOWN, ROLES)
    assert (fault.code, fault.factor, fault.rows, fault.where) == ("unit_factor", 60, 60, None)


def test_a_few_large_values_are_no_other_unit():
    """Of 600 rows half are here: that the six largest are all here has a probability of a sixtieth."""
    random = np.random.default_rng(1)
    known, current = (pa.table({"hours": random.lognormal(3, 1, 300)}) for _ in range(2))
    largest = known.column("hours").to_numpy().max()
    tail = np.append(current.column("hours").to_numpy()[:294], largest * np.linspace(1.6, 4, 6))
    assert not [code for code, _ in found(pa.table({"hours": tail}), known) if code == "unit_factor"]


def test_gaps_that_fell_on_one_side_by_lot_are_no_burst():
    """Eleven of 344 have no value; that ten of them are in one half happens once in a hundred."""
    gaps = {rows: pa.array([None] * gaps + [1.0] * (rows - gaps)) for rows, gaps in ((172, 10), (171, 1))}
    current, known = (pa.table({"fee": gaps[rows]}) for rows in (172, 171))
    assert not [code for code, _ in found(current, known) if code == "missing_burst"]


def test_rows_that_come_twice_are_told_by_their_id():
    """Where there is one; a sender who repeats a page sends other bytes, and the same customers."""
    known = KNOWN.append_column("customer_id", text(f"c{number}" for number in range(400)))
    ids = text(f"d{number % 280}" for number in range(300))
    [fault] = check(CURRENT.append_column("customer_id", ids), known, ROLES)
    assert (fault.code, fault.column, fault.rows) == ("duplicates", "customer_id", 20)


def test_rows_that_are_alike_by_nature_are_no_fault():
    """Two columns with a few values: more rows than before have more twins, and the known ones have many as well."""
    random = np.random.default_rng(2)
    few = [pa.table({"a": random.integers(0, 40, rows), "b": random.integers(0, 40, rows)}) for rows in (300, 6000)]
    assert found(few[1], few[0]) == []


# On the simulated company


@pytest.mark.parametrize("path", sorted(SAMPLES.glob("customers_202[34]-*.csv")), ids=lambda path: path.stem[-7:])
def test_of_the_year_only_july_is_not_what_was_relied_on(path):
    """A price rise, a campaign and a competitor change the world; minutes instead of hours are a fault."""
    known, current = (reading.read(file)[0] for file in (SAMPLES / "customers_2023.csv", path))
    grave = [problem for problem in check(current, known, ROLES) if problem.severity != "note"]
    if path.stem.endswith("2024-07"):
        [problem] = grave
        assert (problem.code, problem.column) == ("unit_factor", "usage_hours") and "60" in problem.next_step
    else:
        assert grave == []


def test_the_next_month_is_news_also_where_nobody_said_that_it_is_the_time():
    """The sample may be kept without its roles: a month that was never there is no other coding."""
    known, current = (reading.read(SAMPLES / f"customers_{name}.csv")[0] for name in ("2023", "2023-12"))
    problems = check(current, known, Roles(target="churn", id="customer_id"))
    assert [(one.code, one.column, one.severity) for one in problems] == [("new_levels", "month", "note")]


def test_a_migration_of_the_customer_system_is_named(tmp_path, monkeypatch):
    """Renamed columns, new codes, and what they were before."""
    monkeypatch.setattr(sys, "argv", ["generate.py", "--out", str(tmp_path), "--with", "crm_migration"])
    with pytest.raises(SystemExit, match="0"):
        runpy.run_path(str(SAMPLES / "generate.py"), run_name="__main__")
    known, current = (
        reading.read(file)[0] for file in (SAMPLES / "customers_2023.csv", tmp_path / "customers_2024-11.csv")
    )
    told = {problem.column: problem for problem in check(current, known, ROLES)}
    assert "months_active" in told["tenure_months"].message and "price_eur" in told["monthly_fee"].next_step
    assert {name for name, problem in told.items() if problem.code == "recoded"} == {"region", "plan", "contract"}
    assert "'M01' was 'monthly'" in told["contract"].next_step and "'N' was 'north'" in told["region"].next_step


# At the doors


def test_a_version_is_held_against_the_one_before_it(trained, customers, tmp_path):
    """A first version has none; another one can be named."""
    customers.rename(columns={"age": "Age"}).to_csv(tmp_path / "v2.csv", index=False)
    trained.datasets.add(tmp_path / "v2.csv", "customers")
    assert (trained.datasets.validate("customers@1").against, trained.datasets.validate("customers@1").valid) == (
        None,
        True,
    )
    second = trained.datasets.validate("customers@2")
    assert (second.subject, second.against, second.valid) == ("customers@2", "customers@1", False)
    assert second.problems[0]["code"] == "renamed"


def test_a_file_is_held_against_the_only_dataset(trained, customers, tmp_path):
    """With two, the person says which."""
    customers.drop(columns="churn").to_csv(tmp_path / "month.csv", index=False)
    assert trained.datasets.validate(tmp_path / "month.csv").valid
    trained.datasets.add(tmp_path / "month.csv", "others")
    with pytest.raises(InvalidError, match="has 2 datasets"):
        trained.datasets.validate(tmp_path / "month.csv")
    with pytest.raises(NotFoundError):
        trained.datasets.validate("nothing@1")


def test_the_command_prints_its_document_and_exits_by_the_verdict(trained, customers, tmp_path):
    """0 fits, 1 does not; the document is there both times."""
    good, bad = tmp_path / "good.csv", tmp_path / "bad.csv"
    customers.to_csv(good, index=False)
    customers.drop(columns="age").to_csv(bad, index=False)
    fits = mlops("--workspace", trained.path, "--json", "data", "validate", good)
    fails = mlops("--workspace", trained.path, "--json", "data", "validate", bad, "--against", "customers@1")
    assert (fits.code, fits.document["valid"], fits.document["problems"]) == (0, True, [])
    [problem] = fails.document["problems"]
    assert (fails.code, fails.document["valid"], problem["field"], problem["line"]) == (1, False, "age", None)
    assert {"line", "field", "message", "suggestion"} <= set(problem)
