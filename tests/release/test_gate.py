"""The gate: pass, fail or inconclusive, on rows that neither model has learned from."""

from __future__ import annotations

from statistics import NormalDist

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import r2_score, roc_auc_score

from mlops.base.errors import InvalidError, RefusedError
from mlops.experiments import evidence
from mlops.experiments.judged import Judged, difference_of
from mlops.models import differences, intervals, metrics
from mlops.models.differences import Difference
from mlops.models.signature import Signature
from mlops.release import gate
from tests.conftest import LOGISTIC, STUMP, customers_frame

DUMMY = "model: {type: dummy}\ntraining: {test_size: 0.5}\n"


def candidate(ws, config: str, name: str = "churn_model", **options):
    """Train, register, and go to staging: what production asks for first."""
    model = ws.models.register(ws.train(config, **options), name)
    ws.deploy(model, "staging", "rehearsal")
    return model


def outcomes(report) -> dict[str, str]:
    return {check["name"]: check["outcome"] for check in report.checks}


def check(report, name: str):
    return next(check for check in report.checks if check["name"] == name)


# The three answers


def test_a_model_that_is_as_good_passes_every_check(released):
    """The same config again is not worse; every check says what it saw."""
    report = released.gate(candidate(released, LOGISTIC).ref)
    assert report.outcome == "pass" and report.against == released.releases.live("production").model
    assert outcomes(report) == dict.fromkeys(
        ("integrity", "schema", "config", "staging", "rows", "performance"), "pass"
    )
    assert all(check["why"] for check in report.checks)


def test_a_model_that_is_worse_fails_and_only_there(released):
    """Both figures and the model it was compared with are named."""
    report = released.gate(candidate(released, DUMMY).ref)
    assert report.outcome == "fail" and [n for n, outcome in outcomes(report).items() if outcome != "pass"] == [
        "performance"
    ]
    performance = check(report, "performance")
    assert performance["observed"] == 0.5 and "of churn_model@1.1.0 on the same 300 rows" in performance["why"]


@pytest.mark.parametrize("config", [LOGISTIC, DUMMY], ids=["good", "bad"])
def test_too_few_new_rows_are_inconclusive_and_that_is_no_pass(released, config):
    """Another split, so half of the test rows were learned from; what under 200 rows say decides nothing."""
    model = candidate(released, config, seed=7)
    report = released.gate(model.ref)
    assert (
        report.outcome == check(report, "rows")["outcome"] == check(report, "performance")["outcome"] == "inconclusive"
    )
    with pytest.raises(RefusedError, match=r"does not pass the gate of production \(inconclusive\)"):
        released.deploy(model, "production", "hurry")
    assert released.releases.live("production").model["version"] == "1.1.0"


def test_the_answer_is_on_record_and_nothing_is_deployed(released):
    """One event, whatever the answer."""
    model, before = candidate(released, DUMMY), released.releases.timeline("production")
    head = released.head()
    report = released.gate(model.ref)
    [event] = released.log(head)
    assert (event["kind"], event["payload"]["changes"]) == ("gate.evaluate", report.as_dict())
    assert released.releases.timeline("production") == before


@pytest.mark.parametrize("environment", ["development", "staging"])
def test_only_production_asks_for_a_rehearsal_and_for_evidence(released, environment):
    """Elsewhere integrity, schema and config are enough."""
    report = released.gate(released.models.register(released.train(DUMMY), "churn_model").ref, environment)
    assert outcomes(report) == {"integrity": "pass", "schema": "pass", "config": "pass"}
    assert report.rows is None


def test_production_asks_for_the_same_version_in_staging(released):
    """Another version of the same bytes does not count."""
    again = released.models.register(released.models.get("@staging").run_id, "churn_model")
    report = released.gate(again.ref)
    assert [name for name, outcome in outcomes(report).items() if outcome != "pass"] == ["staging"]


def test_an_environment_must_exist(released):
    """Three there are."""
    with pytest.raises(InvalidError, match="prod"):
        released.gate("@production", "prod")


# Evidence


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_rows_the_live_model_has_learned_from_are_left_out(released, seed):
    """Counted by hand: the candidate's test rows that are neither train nor validation rows of the live model."""
    run = released.train(LOGISTIC, seed=seed)
    report = released.gate(released.models.register(run, "churn_model").ref)
    own, live = (released.runs.predictions(r) for r in (run.run_id, released.models.get("@production").run_id))
    learned = set(live.loc[live["part"] != "test", "row"])
    expected = [row for row in own.loc[own["part"] == "test", "row"] if row not in learned]
    assert report.rows == check(report, "rows")["observed"] == len(expected) and 100 < len(expected) < 200


def test_rows_are_known_by_their_id_also_in_other_data(released, tmp_path):
    """A customer whose figures changed since is still one that the live model has learned from."""
    old, new = customers_frame(), customers_frame(600, seed=8)
    old["age"] += 1
    new["customer_id"] = "n" + new["customer_id"]
    frame = pd.concat([new, old], ignore_index=True)
    frame.to_csv(tmp_path / "mixed.csv", index=False)
    released.datasets.add(tmp_path / "mixed.csv", name="customers")
    run = released.train(LOGISTIC)
    report = released.gate(released.models.register(run, "churn_model").ref)
    own, live = (released.runs.predictions(r) for r in (run.run_id, released.models.get("@production").run_id))
    learned = set(old["customer_id"][live.loc[live["part"] != "test", "row"]])
    tested = frame["customer_id"][own.loc[own["part"] == "test", "row"]]
    assert report.rows == (~tested.isin(learned)).sum() and (tested.isin(learned)).sum() > 50


def test_both_models_are_measured_on_the_same_rows(released):
    """The two figures are those of scikit-learn on the scores that both runs kept of these rows."""
    model = candidate(released, STUMP, seed=7)
    report = released.gate(model.ref)
    own, live = (released.runs.predictions(m.run_id) for m in (model, released.models.get("@production")))
    both = own[own["part"] == "test"].merge(live[live["part"] == "test"], on="row_hash", suffixes=("", "_live"))
    performance = check(report, "performance")
    assert len(both) == report.rows
    assert performance["observed"] == pytest.approx(roc_auc_score(both["label"], both["probability"]))
    expected = roc_auc_score(both["label"], both["probability_live"]) - 0.02
    assert performance["threshold"] == pytest.approx(expected)


def test_the_smallest_difference_that_would_be_noticed_is_said(released):
    """(1.645 + 0.842) standard errors: 80 of 100 such comparisons would show it; the sentence has the interval."""
    report = released.gate(candidate(released, STUMP).ref)
    runs = [released.models.get(ref).run_id for ref in ("@production", "churn_model@latest")]
    difference = difference_of(*(released.comparisons.judged(run_id, "test") for run_id in runs), "auc")
    assert report.detectable_difference == pytest.approx(2.486 * difference.standard_error, rel=0.2)
    assert f"{difference.difference:+.3f}" in check(report, "performance")["why"]


@pytest.mark.parametrize(("lower", "upper"), [(-0.019, 0.1), (-0.3, -0.021), (-0.03, 0.01)])
@pytest.mark.parametrize("require", ["not_worse", "better"])
@pytest.mark.parametrize("first", [True, False])
def test_the_interval_decides(lower, upper, require, first):
    """On one side of the bar it passes, on the other it fails, and across it nothing is known."""
    bar = 0 if first or require == "better" else -0.02
    expected = "pass" if lower > bar else "fail" if upper < bar else "inconclusive"
    assert gate.verdict(difference(lower, upper), gate.InForce(require, 0.02, ()), first) == expected


@pytest.mark.parametrize(
    ("require", "first", "outcome"),
    [("not_worse", False, "pass"), ("better", False, "fail"), ("not_worse", True, "fail")],
)
def test_who_is_exactly_as_good_is_not_worse_and_no_better(require, first, outcome):
    """The same answers, so there is no doubt about the difference: it is 0."""
    assert gate.verdict(difference(0, 0), gate.InForce(require, 0.02, ()), first) == outcome


def test_rows_that_hold_no_interval_decide_nothing(released):
    """However far from the bar the ends are."""
    assert (
        gate.verdict(difference(0.2, 0.4, "9 positives"), gate.InForce("not_worse", 0.02, ()), True) == "inconclusive"
    )


def difference(lower: float, upper: float, too_few: str | None = None) -> Difference:
    return Difference.of({"metric": "auc", "lower": lower, "upper": upper, "too_few": too_few})


MARGIN, SIGNAL = 0.02, 1.2
NORMAL = NormalDist()


def noise_of(lost: float) -> float:
    """Return the noise with which a model's true AUC is so much lower than with a noise of one half."""
    best = NORMAL.cdf(SIGNAL / (2 * (1 + 0.5**2)) ** 0.5)
    return float(((SIGNAL / NORMAL.inv_cdf(best - lost)) ** 2 / 2 - 1) ** 0.5)


def simulated(random, rows: int, share: float, knows: bool, *lost: float) -> list[Judged]:
    """Return models that hold the same rows, of which a share is positive; of each it is known how much it loses."""
    truth = (random.random(rows) < share).astype(int)
    asked = Signature((), "churn", "binary", (0, 1), 1, None, ())
    signal = truth * SIGNAL + random.normal(size=rows) if knows else 0
    scores = [1 / (1 + np.exp(-signal - noise_of(one) * random.normal(size=rows))) for one in lost]
    return [Judged(truth, one, np.arange(rows), asked, 0.5) for one in scores]


WORLDS = {
    "pure noise": ("better", False, ()),
    "as good as each other": ("better", True, (0.0,)),
    "worse by the margin": ("not_worse", True, (0.0,)),
}
"""What is true, and what is asked: each of them is at the edge of what may pass."""


def verdicts(world: str, rows: int, share: float, times: int) -> dict[str, float]:
    """Return how often the gate passes and fails what is at the edge, where luck alone decides."""
    require, knows, live = WORLDS[world]
    lost = MARGIN if require == "not_worse" else 0.0
    random, rule, found = np.random.default_rng(0), gate.InForce(require, MARGIN, ()), []
    for _ in range(times):
        *before, after = simulated(random, rows, share, knows, *live, lost)
        reference = before[0] if before else evidence.blind(after)
        found.append(gate.verdict(told_apart(reference, after), rule, not before))
    return {outcome: found.count(outcome) / times for outcome in ("pass", "fail")}


def told_apart(before: Judged, after: Judged) -> Difference:
    """Return what decides of a difference: its ends. What takes the time is the draws, and they decide nothing."""
    pair = [metrics.auc(one.labels, one.scores, one.signature) for one in (before, after)]
    return difference(*intervals.of_difference(*pair, 0.05), differences.too_few(*pair))


def test_what_decides_is_simulated_as_it_is_compared():
    """To the digit: with enough positive rows, and with too few."""
    random = np.random.default_rng(2)
    for share in (0.3, 0.01):
        pair = simulated(random, 200, share, True, 0.0, MARGIN)
        whole, ends = difference_of(*pair, "auc"), told_apart(*pair)
        assert (whole.lower, whole.upper, whole.too_few) == (ends.lower, ends.upper, ends.too_few)


def test_the_simulated_models_lose_what_they_are_said_to_lose():
    """On many rows the true difference is seen."""
    before, after = simulated(np.random.default_rng(1), 200_000, 0.3, True, 0.0, MARGIN)
    lost = [roc_auc_score(one.labels, one.scores) for one in (before, after)]
    assert lost[0] - lost[1] == pytest.approx(MARGIN, abs=0.003)


@pytest.mark.parametrize("world", WORLDS)
@pytest.mark.parametrize(("rows", "share"), [(200, 0.08), (200, 0.3), (300, 0.05), (1000, 0.02)])
def test_luck_passes_five_times_in_a_hundred(world, rows, share):
    """Also where few rows are positive; give or take what 600 repetitions leave open."""
    assert max(verdicts(world, rows, share, 600).values()) <= 0.074


# Rows that the live model has seen


CHAMPION = "model: {type: logistic_regression}\ntraining: {test_size: 0.5, random_state: 1}\n"


def challenge(ws, rows: int, tmp_path):
    """Release a champion with seed 1, and return the answer about the same recipe with seed 2."""
    customers_frame(rows, seed=3).to_csv(tmp_path / "customers.csv", index=False)
    ws.datasets.add(tmp_path / "customers.csv", "customers", target="churn", id="customer_id")
    ws.deploy(candidate(ws, CHAMPION), "production", "first release")
    return ws.gate(candidate(ws, CHAMPION, seed=2).ref)


def test_two_hundred_rows_that_the_champion_has_not_seen_are_enough_to_judge_another_seed(ws, tmp_path):
    """Of 1,200 rows about 300 were in the test of both: the same recipe is as good, and no row is held against it."""
    report = challenge(ws, 1200, tmp_path)
    assert report.rows >= 200 and check(report, "rows")["outcome"] == "pass"
    assert check(report, "performance")["outcome"] != "fail" and report.outcome != "fail"


def test_with_fewer_the_answer_is_open_has_the_count_and_offers_a_month(ws, tmp_path):
    """It never fails for what the champion has seen: on a month that neither has seen it passes."""
    report = challenge(ws, 600, tmp_path)
    assert (report.outcome, check(report, "rows")["outcome"]) == ("inconclusive", "inconclusive")
    assert f"{report.rows} of 300 rows are new to both models" in check(report, "rows")["why"]
    assert report.newer_rows == ()
    month = customers_frame(900, seed=4)
    month["customer_id"] = "january-" + month["customer_id"]
    month.drop(columns="churn").to_csv(tmp_path / "january.csv", index=False)
    ws.datasets.add(tmp_path / "january.csv", "customers")
    model = ws.models.get("churn_model")
    assert ws.gate(model.ref).newer_rows == ()  # its outcomes are not known yet
    month[["customer_id", "churn"]].to_csv(tmp_path / "outcomes.csv", index=False)
    ws.outcomes.add(tmp_path / "outcomes.csv", "customers")
    [offered] = ws.gate(model.ref).newer_rows
    assert offered == {"data": "customers@2", "rows": 900}
    assert ws.gate(model.ref, data=offered["data"]).outcome == "pass"


@pytest.mark.parametrize(("config", "outcome"), [(LOGISTIC, "pass"), (DUMMY, "fail")])
def test_where_nothing_is_live_a_model_must_beat_the_dummy(trained, config, outcome):
    """Not to look at the features is what everybody can."""
    report = trained.gate(candidate(trained, config).ref)
    assert (report.outcome, report.against, report.rows) == (outcome, None, 300)
    assert "of the dummy baseline" in check(report, "performance")["why"]


def test_another_name_is_no_measure_and_a_number_is_measured_by_its_r2(released, tmp_path):
    """Nothing is live under its name, whatever else is: it must beat the mean, whose R2 is nothing."""
    frame = customers_frame(seed=8)
    frame["monthly_fee"] = frame["age"] * 0.5 + 10
    frame.to_csv(tmp_path / "fees.csv", index=False)
    released.datasets.add(tmp_path / "fees.csv", name="fees", target="monthly_fee", id="customer_id")
    model = candidate(released, "model: {type: ridge}\ntraining: {test_size: 0.5}\n", "fees", data="fees@1")
    report = released.gate(model.ref)
    scored = released.runs.predictions(model.run_id).query("part == 'test'")
    assert check(report, "performance")["observed"] == pytest.approx(r2_score(scored["label"], scored["prediction"]))
    assert (check(report, "performance")["threshold"], report.outcome, report.against) == (0, "pass", None)


# A live model that cannot be compared


def _one_byte(ws, live):
    flipped = bytearray((path := ws.path / live.path).read_bytes())
    flipped[len(flipped) // 2] ^= 1
    path.unlink()  # the run's file is a link to the same bytes
    path.write_bytes(flipped)


def _its_run(ws, live):
    path = ws.path / f"experiments/{live.run_id}/run.json"
    path.unlink()
    path.write_text("{}")


@pytest.mark.parametrize(("damage", "check_name"), [(_one_byte, "performance"), (_its_run, "rows")])
def test_a_damaged_live_model_is_never_replaced_by_the_dummy(released, damage, check_name):
    """Far better than the dummy, and nobody knows whether better than the live one; only an override goes on."""
    live, model = released.models.get("@production"), candidate(released, STUMP)
    damage(released, live)
    report = released.gate(model.ref)
    assert (report.outcome, report.against["version"]) == ("inconclusive", live.version)
    assert live.run_id in check(report, check_name)["why"] or live.path in check(report, check_name)["why"]
    with pytest.raises(RefusedError):
        released.deploy(model, "production", "repair")
    released.deploy(model, "production", "repair", override="the live file is damaged")
    assert released.releases.live("production").model["version"] == model.version


def _without(column):
    return lambda frame: frame.drop(columns=column)


def _as_text(column):
    return lambda frame: frame.assign(**{column: "a" + frame[column].astype(str)})


@pytest.mark.parametrize("change", [_without("age"), _as_text("age")], ids=["a column less", "another type"])
def test_a_live_model_that_cannot_score_the_rows_is_never_replaced_by_the_dummy(released, tmp_path, change):
    """It needs what the new data no longer has, so there is no comparison, and that is said."""
    change(customers_frame(1200).iloc[600:]).to_csv(tmp_path / "narrow.csv", index=False)
    released.datasets.add(tmp_path / "narrow.csv", name="customers")
    report = released.gate(candidate(released, STUMP).ref)
    performance = check(report, "performance")
    assert (report.outcome, report.rows, performance["outcome"]) == ("inconclusive", 300, "inconclusive")
    assert "For churn_model@1.1.0, customers@2 has another schema" in performance["why"]
    assert "age should be" in performance["why"]


# Overriding


def test_an_override_lifts_staging_rows_and_performance(released):
    """Who answers for it, and what stood in the way, is on record for ever."""
    model = released.models.register(released.train(DUMMY, seed=7), "churn_model")
    with pytest.raises(RefusedError):
        released.deploy(model, "production", "hurry")
    deployment = released.deploy(model, "production", "hurry", override="the board wants it")
    assert (deployment.override, deployment.gate["outcome"]) == ("the board wants it", "fail")
    lifted = [check["name"] for check in deployment.gate["checks"] if check["outcome"] != "pass"]
    assert lifted == ["staging", "rows", "performance"] and released.releases.live("production") == deployment


def _damage_the_model(ws, model):
    return model.path


def _damage_the_config(ws, model):
    return f"experiments/{model.run_id}/config.yaml"


@pytest.mark.parametrize(("damage", "name"), [(_damage_the_model, "integrity"), (_damage_the_config, "config")])
@pytest.mark.parametrize("environment", ["development", "production"])
def test_no_override_lifts_what_is_damaged(released, damage, name, environment):
    """Nobody can answer for bytes that nobody knows."""
    model = candidate(released, LOGISTIC)
    path = released.path / damage(released, model)
    path.unlink()
    path.write_bytes(b"model: {type: dummy}\n")
    with pytest.raises(RefusedError) as refused:
        released.deploy(model, environment, "hurry", override="please")
    assert [detail["name"] for detail in refused.value.details] == [name]
    assert (
        released.releases.live(environment) is None or released.releases.live(environment).model["version"] == "1.1.0"
    )


def test_no_override_lifts_an_input_that_is_not_to_be_had(released, tmp_path):
    """Neither callers send it nor the newest data has it: the model would refuse every row."""
    wide = customers_frame().assign(visits=range(600))
    wide.to_csv(tmp_path / "wide.csv", index=False)
    released.datasets.add(tmp_path / "wide.csv", name="customers")
    model = released.models.register(released.train(LOGISTIC), "churn_model")
    wide.drop(columns="visits").tail(500).to_csv(tmp_path / "narrow.csv", index=False)
    released.datasets.add(tmp_path / "narrow.csv", name="customers")
    with pytest.raises(RefusedError, match="nor customers@3 has: visits") as refused:
        released.deploy(model, "staging", "hurry", override="please")
    assert [detail["name"] for detail in refused.value.details] == ["schema"]


@pytest.mark.parametrize("reason", ["", "   ", "\n"])
def test_an_override_without_a_reason_is_none(released, reason):
    """Also a blank one is refused, and nothing is recorded."""
    model, before = released.models.register(released.train(DUMMY), "churn_model"), released.head()
    with pytest.raises(InvalidError, match="without a reason"):
        released.deploy(model, "production", "hurry", override=reason)
    assert released.head() == before
