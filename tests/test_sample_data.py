"""The sample data: shipped files are what the generator makes, and the year has the causes it claims.

Effects are tested as orderings on several seeds. Where it can be, the same people live through the year with
and without an event, so that the comparison is paired and small cohorts are enough.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pandas as pd
import pytest
import yaml
from pandas.testing import assert_frame_equal
from scipy.stats import chi2_contingency, ks_2samp
from sklearn.compose import make_column_transformer
from sklearn.ensemble import GradientBoostingClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from threadpoolctl import threadpool_limits

from mlops.base import strict_yaml
from mlops.base.environments import ENVIRONMENTS
from mlops.experiments import configs
from sample_data.generate import DECIMALS, EVENTS, HISTORY, MONTHS, Cohort, choose_events, files, generate, main

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "sample_data"
CONFIG = ROOT / "configs" / "churn.yaml"
SEEDS = (1, 2, 3)
TEXTS = ["region", "channel", "platform", "plan", "contract", "payment_method"]
NOT_FEATURES = ["customer_id", "month", "churn"]


# The shipped files


def test_regenerating_gives_the_shipped_bytes():
    """Anyone can prove where the files come from."""
    paths = [*FOLDER.rglob("*.csv"), FOLDER / "columns.yaml"]
    shipped = {path.relative_to(FOLDER).as_posix(): path.read_bytes() for path in paths}
    assert hashes(shipped) == hashes(files(generate()))


def hashes(files: dict[str, bytes]) -> dict[str, str]:
    """Return what tells files apart: two of some megabytes, side by side, are not told in minutes."""
    return {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}


def test_the_correction_changes_312_fees_and_nothing_else():
    """Same customers, same order, same everything else: one partner's fees, with the tax that was missing."""
    before, after = (pd.read_csv(FOLDER / f"customers_2023{end}.csv", dtype=str) for end in ("", "_corrected"))
    differs = (before != after) & ~(before.isna() & after.isna())
    assert differs.sum().loc[lambda count: count > 0].to_dict() == {"monthly_fee": 312}
    was, now = (table[differs["monthly_fee"]] for table in (before, after))
    assert set(was["channel"]) == {"partner"}
    assert now["monthly_fee"].tolist() == [f"{round(float(fee) * 1.19, 2):.2f}" for fee in was["monthly_fee"]]


def test_the_correction_moves_a_few_answers():
    """The model of the corrected history answers some of December's customers otherwise, and most of them the same."""
    december = generate()["2023-12"]
    asked = [
        predict(fit(pd.read_csv(FOLDER / f"customers_2023{end}.csv")), december) >= threshold()
        for end in ("", "_corrected")
    ]
    assert 0 < (asked[0] != asked[1]).sum() < 300


def test_every_column_is_described_once():
    """What a screen says about a column is what the dictionary in the README says."""
    described = strict_yaml.parse((FOLDER / "columns.yaml").read_text("utf-8"))[0]
    assert list(described) == list(pd.read_csv(FOLDER / "customers_2023.csv", nrows=1))
    readme = (FOLDER / "README.md").read_text("utf-8")
    for name, told in described.items():
        assert list(told) == ["label", *(["unit"] if "unit" in told else []), "meaning"]
        assert f"| `{name}` | {told['label']} | {told['meaning']} | {told.get('unit', '')}" in readme


def test_on_lenas_list_two_rows_are_typed_by_hand_and_nothing_else():
    """The first customers of January; what no model can use is a word for a number, and a blank that was never one."""
    rows, month = (pd.read_csv(FOLDER / name, dtype=str) for name in ("lenas_list.csv", "customers_2024-01.csv"))
    differs = (rows != (shipped := month.head(200))) & ~(rows.isna() & shipped.isna())
    assert differs.sum().loc[lambda count: count > 0].to_dict() == {"tenure_months": 1, "monthly_fee": 1}
    assert [rows["monthly_fee"][16], rows["tenure_months"].isna()[140]] == ["about 30", True]


def test_the_export_of_the_new_system_is_the_same_customers_under_other_names():
    """Two columns renamed, three recoded, and not a value of the others changed."""
    rows, month = (pd.read_csv(FOLDER / name, dtype=str) for name in ("crm_export.csv", "customers_2024-11.csv"))
    renamed = rows.rename(columns={"months_active": "tenure_months", "price_eur": "monthly_fee"})
    shipped = month.head(200)
    assert [*renamed] == [*shipped] and [*rows] != [*shipped]
    assert {name for name in shipped if not renamed[name].equals(shipped[name])} == {"region", "plan", "contract"}


def test_history_has_the_monthly_columns_and_then_churn():
    """A model trained on the history can score every month."""
    history = pd.read_csv(FOLDER / "customers_2023.csv")
    assert tuple(history["month"].unique()) == HISTORY
    for month in MONTHS[3:]:
        monthly = pd.read_csv(FOLDER / f"customers_{month}.csv", nrows=50)
        assert list(history) == [*monthly, "churn"]
        assert set(monthly["month"]) == {month}


def test_outcomes_belong_to_the_customers_of_their_month():
    """Outcomes come apart from the customers, and cover each of them."""
    for month in MONTHS[3:]:
        customers, outcomes = (pd.read_csv(FOLDER / f"{part}_{month}.csv") for part in ("customers", "outcomes"))
        assert list(outcomes) == ["customer_id", "churn", "known_at"]
        assert outcomes["customer_id"].tolist() == customers["customer_id"].tolist()
        assert set(outcomes["churn"]) == {0, 1}


@pytest.mark.parametrize(
    ("month", "known_at"),
    [("2023-12", "2024-01-31T23:59:59Z"), ("2024-01", "2024-02-29T23:59:59Z"), ("2024-12", "2025-01-31T23:59:59Z")],
)
def test_outcomes_are_known_at_the_end_of_the_following_month(month, known_at):
    """Nobody can learn from a month before its customers have decided."""
    assert set(pd.read_csv(FOLDER / f"outcomes_{month}.csv")["known_at"]) == {known_at}


def test_cohorts_are_disjoint():
    """A customer comes up for renewal once."""
    truth = pd.read_csv(FOLDER / "teacher" / "true_probabilities.csv")
    assert truth["customer_id"].is_unique
    assert truth["month"].value_counts().to_dict() == dict.fromkeys(MONTHS, 3000)
    assert truth["true_probability"].between(0, 1).all()


def test_reading_a_file_gives_the_generated_table_back():
    """Nothing is lost between the function and the file."""
    read = pd.read_csv(FOLDER / "customers_2024-03.csv")
    assert_frame_equal(read, generate()["2024-03"].customers)


def test_blanks_say_nothing_certain_about_churn():
    """Missing values are honest: no import check may take them for a leak."""
    history = pd.read_csv(FOLDER / "customers_2023.csv")
    blank = history.columns[history.isna().any()].tolist()
    assert blank == ["age", "usage_hours", "satisfaction"]
    for column in blank:
        assert history.groupby(history[column].isna())["churn"].mean().between(0.1, 0.5).all()


def test_the_readme_explains_every_column_and_event():
    """The dictionary is complete."""
    readme = (FOLDER / "README.md").read_text(encoding="utf-8")
    names = [*pd.read_csv(FOLDER / "customers_2023.csv", nrows=1), *(event.name for event in EVENTS)]
    assert [name for name in names if f"`{name}`" not in readme] == []


# The generator


def test_seeds_differ_and_repeat():
    """The seed is the only source of chance."""
    once, again, other = (files(generate(seed, rows_per_month=20)) for seed in (5, 5, 6))
    assert once == again
    assert all(once[name] != other[name] for name in once if name.startswith("customers"))


def test_more_rows_are_added_to_the_rows_that_were_there():
    """A bigger sample is a continuation, not another company."""
    few, many = (generate(rows_per_month=rows)["2024-07"] for rows in (40, 100))
    assert_frame_equal(many.labelled().head(40), few.labelled())


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.name)
def test_an_event_changes_its_own_months_only(event):
    """Switching an event is an experiment with one difference."""
    names = choose_events(extra=[event.name])
    with_it = generate(rows_per_month=200, events=names)
    without = generate(rows_per_month=200, events=[name for name in names if name != event.name])
    changed = [m for m in MONTHS if not (same(with_it[m].labelled(), without[m].labelled()))]
    assert changed == [m for m in MONTHS if event.affects(m)]


def test_an_unknown_event_is_refused_with_the_known_ones():
    """The message shows what would have been right."""
    with pytest.raises(ValueError, match=r"'war'.*price_rise, harmless_shift, unit_bug, competitor"):
        generate(events=["war"])


def test_the_command_writes_the_chosen_year(tmp_path, capsys):
    """Command line and function make the same files."""
    arguments = "--rows-per-month 15 --seed 4 --without price_rise unit_bug --with crm_migration"
    assert main(["--out", str(tmp_path / "new"), *arguments.split()]) == 0
    events = ("harmless_shift", "competitor", "crm_migration")
    written = {p.relative_to(tmp_path / "new").as_posix(): p.read_bytes() for p in tmp_path.rglob("*.csv")}
    made = files(generate(4, 15, events), 4)
    assert written == {name: content for name, content in made.items() if name.endswith(".csv")}
    assert (tmp_path / "new" / "columns.yaml").read_bytes() == (FOLDER / "columns.yaml").read_bytes()
    assert "32 files" in capsys.readouterr().out


@pytest.mark.parametrize("wrong", [["--rows-per-month", "0"], ["--seed", "-1"], ["--with", "war"]])
def test_a_wrong_argument_writes_nothing(tmp_path, wrong):
    """Refuse early, change nothing."""
    with pytest.raises(SystemExit, match="2"):
        main(["--out", str(tmp_path / "new"), *wrong])
    assert not (tmp_path / "new").exists()


def test_crm_migration_is_a_schema_break():
    """Two columns have new names and three have new codes."""
    before, after = (generate(rows_per_month=50, events=e)["2024-11"].customers for e in ((), ("crm_migration",)))
    assert set(after) - set(before) == {"months_active", "price_eur"}
    assert all(set(after[column]).isdisjoint(before[column]) for column in ("region", "plan", "contract"))
    assert after["price_eur"].tolist() == before["monthly_fee"].tolist()


def test_new_channel_is_a_level_nobody_has_seen():
    """The history knows no marketplace, and its customers leave more often."""
    cohorts = generate(events=("new_channel",))
    june = cohorts["2024-06"].labelled()
    assert "marketplace" not in set(cohorts["2023-11"].customers["channel"])
    churn = june.groupby(june["channel"] == "marketplace")["churn"].mean()
    assert churn[True] > churn[False] + 0.05


# The year


@dataclass(frozen=True)
class Year:
    """A simulated year and the model of the example config, trained on its 2023 cohorts."""

    seed: int
    cohorts: dict[str, Cohort]
    old: Pipeline

    def without(self, event: str) -> dict[str, Cohort]:
        """Return the same year, had one event not happened."""
        return cohorts_of(self.seed, choose_events(without=[event]))


@pytest.fixture(scope="module", params=SEEDS, ids=lambda seed: f"seed{seed}")
def year(request) -> Year:
    """One of several years."""
    return year_of(request.param)


@cache
def cohorts_of(seed: int, events: tuple[str, ...]) -> dict[str, Cohort]:
    """Generate a year once for all tests that need it."""
    return generate(seed, events=events)


@cache
def year_of(seed: int) -> Year:
    """Generate a year and train the example config's model on its history."""
    cohorts = cohorts_of(seed, choose_events())
    return Year(seed, cohorts, fit(labelled(cohorts, HISTORY)))


def test_about_a_quarter_leaves(year):
    """The classes are uneven, as in life, but not rare."""
    assert all(0.2 < cohort.outcomes["churn"].mean() < 0.3 for cohort in year.cohorts.values())


def test_outcomes_follow_the_true_probabilities(year):
    """The teacher's file tells the truth: among customers given 30 to 50 %, about 40 % leave."""
    truth = pd.concat([cohort.truth for cohort in year.cohorts.values()])["true_probability"]
    churn = pd.concat([cohort.outcomes for cohort in year.cohorts.values()])["churn"]
    for low, high in ((0, 0.1), (0.1, 0.3), (0.3, 0.5), (0.5, 0.8), (0.8, 1)):
        band = truth.between(low, high)
        assert abs(churn[band].mean() - truth[band].mean()) < 0.02


def test_no_model_beats_the_true_probabilities(year):
    """The best achievable AUC stays above the model's in every month, and it stays about the same."""
    best = {month: best_auc(year.cohorts[month]) for month in MONTHS[3:]}
    assert all(best[month] > auc(year.old, year.cohorts[month]) for month in best)
    assert max(best.values()) - min(best.values()) < 0.05


def test_quiet_months_are_easy_for_every_model(year):
    """A straight line gets close to the best; trees are no worse than the line by more than noise."""
    line = fit(labelled(year.cohorts, HISTORY), linear=True)
    for month in ("2023-12", "2024-01"):
        cohort = year.cohorts[month]
        assert best_auc(cohort) - auc(line, cohort) < 0.03
        assert abs(auc(year.old, cohort) - auc(line, cohort)) < 0.02


@pytest.mark.parametrize("month", ["2024-02", "2024-04"])
def test_the_price_rise_makes_the_model_worse_and_moves_the_fee(year, month):
    """Loyal customers behave differently, and the new fee is visible at once."""
    calm = year.without("price_rise")[month]
    assert auc(year.old, year.cohorts[month]) < auc(year.old, calm) - 0.02
    assert year.cohorts[month].customers["monthly_fee"].mean() > 1.1 * calm.customers["monthly_fee"].mean()


def test_the_harmless_shift_moves_inputs_and_does_no_harm(year):
    """Drift is not harm: four inputs look different, and the model ranks as well as it would have."""
    calm = year.without("harmless_shift")["2024-05"]
    shifted = year.cohorts["2024-05"]
    assert drifted(calm.customers, shifted.customers) == {"age", "channel", "payment_method", "newsletter"}
    assert abs(auc(year.old, shifted) - auc(year.old, calm)) < 0.015


def test_the_unit_bug_hurts_the_rows_it_touches(year):
    """A quarter of the rows has absurd hours; the model takes these customers for faithful, and no others."""
    right, wrong = year.without("unit_bug")["2024-07"], year.cohorts["2024-07"]
    touched = wrong.customers["platform"] == "tv"
    assert 0.2 < touched.mean() < 0.28
    assert wrong.customers["usage_hours"].max() > 744 > right.customers["usage_hours"].max()
    before, after = predict(year.old, right), predict(year.old, wrong)
    assert after[touched].mean() < 0.85 * before[touched].mean()
    assert after[~touched].equals(before[~touched])
    assert auc(year.old, wrong) < auc(year.old, right)


def test_the_unit_bug_is_in_the_records_and_can_be_repaired(year):
    """Nobody behaved differently, and dividing by sixty gives the right table to the last digit."""
    right, wrong = year.without("unit_bug")["2024-07"], year.cohorts["2024-07"]
    hours = wrong.customers["usage_hours"]
    repaired = hours.mask(wrong.customers["platform"] == "tv", (hours / 60).round(DECIMALS["usage_hours"]))
    assert_frame_equal(wrong.customers.assign(usage_hours=repaired), right.customers)
    assert_frame_equal(wrong.truth, right.truth)


@pytest.mark.parametrize("month", ["2024-08", "2024-12"])
def test_the_competitor_changes_the_law_and_not_the_inputs(year, month):
    """No drift is not safety: the very same customers come, the model ranks much worse."""
    calm = year.without("competitor")[month]
    assert_frame_equal(year.cohorts[month].customers, calm.customers)
    assert auc(year.old, year.cohorts[month]) < auc(year.old, calm) - 0.04
    assert abs(best_auc(year.cohorts[month]) - best_auc(calm)) < 0.04


def test_retraining_on_known_outcomes_recovers(year):
    """What was known in November - August and September - repairs the model in December."""
    new = fit(labelled(year.cohorts, ("2024-08", "2024-09")))
    december = year.cohorts["2024-12"]
    assert auc(year.old, december) + 0.06 < auc(new, december) < best_auc(december)


def test_a_model_of_the_spring_survives_the_price_but_not_the_competitor(year):
    """Each change of the law needs its own outcomes."""
    spring = fit(labelled(year.cohorts, ("2024-02", "2024-03")))
    assert auc(spring, year.cohorts["2024-06"]) > auc(year.old, year.cohorts["2024-06"]) + 0.01
    assert auc(spring, year.cohorts["2024-08"]) < auc(spring, year.cohorts["2024-06"]) - 0.04


def test_shipped_inputs_raise_alarms_in_may_and_july_only():
    """Against February and March the shipped months look alike, but for the shift and the bug."""
    cohorts = generate()
    reference = pd.concat([cohorts[month].customers for month in ("2024-02", "2024-03")])
    found = {month: drifted(reference, cohorts[month].customers) for month in MONTHS[7:]}
    quiet = {month: set() for month in MONTHS[7:]}
    shift = {"age", "channel", "payment_method", "newsletter"}
    assert found == quiet | {"2024-05": shift, "2024-07": {"usage_hours"}}


# The example config


def test_the_example_config_differs_by_environment_as_little_as_it_can():
    """Development is smaller; staging rehearses exactly what production gets."""
    base = configs.load(CONFIG)
    in_environment = {name: configs.load(CONFIG, name) for name in ENVIRONMENTS}
    smaller = [change["key"] for change in configs.diff(base, in_environment["development"])]
    assert smaller == ["model.n_estimators", "model.max_depth"]
    assert in_environment["staging"].sha256 == in_environment["production"].sha256 == base.sha256


# What the tests above measure with


def labelled(cohorts: dict[str, Cohort], months: tuple[str, ...]) -> pd.DataFrame:
    """Put the labelled cohorts of some months together."""
    return pd.concat([cohorts[month].labelled() for month in months], ignore_index=True)


def fit(rows: pd.DataFrame, *, linear: bool = False) -> Pipeline:
    """Train the model of the example config, or a logistic regression."""
    features = rows.drop(columns=NOT_FEATURES)
    numbers = [column for column in features if column not in TEXTS]
    columns = make_column_transformer(
        (make_pipeline(SimpleImputer(strategy="median"), StandardScaler()), numbers),
        (OneHotEncoder(handle_unknown="ignore"), TEXTS),
    )
    parameters = {k: v for k, v in yaml.safe_load(CONFIG.read_text("utf-8"))["model"].items() if k != "type"}
    trees = GradientBoostingClassifier(**parameters, random_state=42)
    with threadpool_limits(1):
        return make_pipeline(columns, LogisticRegression(max_iter=1000) if linear else trees).fit(
            features, rows["churn"]
        )


def threshold() -> float:
    """Return the threshold of the example config."""
    return float(yaml.safe_load(CONFIG.read_text("utf-8"))["thresholds"]["churn"])


def predict(model: Pipeline, cohort: Cohort) -> pd.Series:
    """Return the probability of leaving for each customer of a cohort."""
    with threadpool_limits(1):
        return pd.Series(model.predict_proba(cohort.customers)[:, 1])


def auc(model: Pipeline, cohort: Cohort) -> float:
    """Return the AUC of a model on a cohort."""
    return roc_auc_score(cohort.outcomes["churn"], predict(model, cohort))


def best_auc(cohort: Cohort) -> float:
    """Return the AUC of the true probabilities: what nobody can beat but by luck."""
    return roc_auc_score(cohort.outcomes["churn"], cohort.truth["true_probability"])


def drifted(before: pd.DataFrame, after: pd.DataFrame) -> set[str]:
    """Name the features whose distribution differs (p below 0.1 % after correction for their number)."""
    features = [column for column in before if column not in NOT_FEATURES]
    return {column for column in features if p_value(before[column], after[column]) * len(features) < 0.001}


def p_value(before: pd.Series, after: pd.Series) -> float:
    """Test for one common distribution: Kolmogorov-Smirnov, or chi-squared for categories."""
    if before.name in TEXTS or before.dtype == bool:
        table = pd.concat([before.value_counts(), after.value_counts()], axis=1).fillna(0)
        return chi2_contingency(table).pvalue
    return ks_2samp(before.dropna(), after.dropna(), method="asymp").pvalue


def same(one: pd.DataFrame, other: pd.DataFrame) -> bool:
    """Tell whether two tables are equal in columns and values."""
    return list(one) == list(other) and one.equals(other)
