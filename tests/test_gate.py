"""The gate: pass, fail or inconclusive, on rows that neither model has learned from."""

from __future__ import annotations

import pandas as pd
import pytest
from sklearn.metrics import r2_score, roc_auc_score

from mlops.errors import InvalidError, RefusedError
from tests.conftest import LOGISTIC, STUMP, customers_frame

DUMMY = "model: {type: dummy}\ntraining: {test_size: 0.5}\n"


def candidate(ws, recipe: str, name: str = "churn_model", **options):
    """Train, register, and go to staging: what production asks for first."""
    model = ws.models.register(ws.train(recipe, **options), name)
    ws.deploy(model, "staging", "rehearsal")
    return model


def outcomes(report) -> dict[str, str]:
    return {check["name"]: check["outcome"] for check in report.checks}


def check(report, name: str):
    return next(check for check in report.checks if check["name"] == name)


# The three answers


def test_a_model_that_is_as_good_passes_every_check(released):
    """The same recipe again is not worse; every check says what it saw."""
    report = released.gate(candidate(released, LOGISTIC).ref)
    assert report.outcome == "pass" and report.against == released.live("production").model
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


@pytest.mark.parametrize("recipe", [LOGISTIC, DUMMY], ids=["good", "bad"])
def test_too_few_new_rows_are_inconclusive_and_that_is_no_pass(released, recipe):
    """Another split, so half of the test rows were learned from; what under 200 rows say decides nothing."""
    model = candidate(released, recipe, seed=7)
    report = released.gate(model.ref)
    assert (
        report.outcome == check(report, "rows")["outcome"] == check(report, "performance")["outcome"] == "inconclusive"
    )
    with pytest.raises(RefusedError, match=r"does not pass the gate of production \(inconclusive\)"):
        released.deploy(model, "production", "hurry")
    assert released.live("production").model["version"] == "1.1.0"


def test_the_answer_is_on_record_and_nothing_is_deployed(released):
    """One event, whatever the answer."""
    model, before = candidate(released, DUMMY), released.timeline("production")
    head = released.head()
    report = released.gate(model.ref)
    [event] = released.log(head)
    assert (event["kind"], event["payload"]["changes"]) == ("gate.evaluate", report.as_dict())
    assert released.timeline("production") == before


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


@pytest.mark.parametrize(("margin", "outcome"), [(0, "fail"), (1, "pass")])
def test_the_margin_of_the_config_says_how_much_worse_is_not_worse(released, margin, outcome):
    """The recipe that asks for the release also says what it asks for."""
    report = released.gate(candidate(released, STUMP, overrides={"gate.margin": margin}).ref)
    assert report.outcome == check(report, "performance")["outcome"] == outcome


@pytest.mark.parametrize(("recipe", "outcome"), [(LOGISTIC, "pass"), (DUMMY, "fail")])
def test_where_nothing_is_live_a_model_must_beat_the_dummy(trained, recipe, outcome):
    """Not to look at the features is what everybody can."""
    report = trained.gate(candidate(trained, recipe).ref)
    assert (report.outcome, report.against, report.rows) == (outcome, None, 300)
    assert "of the dummy baseline" in check(report, "performance")["why"]


def test_a_model_of_another_target_is_no_measure(released, tmp_path):
    """Whoever predicts something else is compared with the dummy; a number is measured by its R2."""
    frame = customers_frame(seed=8)
    frame["monthly_fee"] = frame["age"] * 0.5 + 10
    frame.to_csv(tmp_path / "fees.csv", index=False)
    released.datasets.add(tmp_path / "fees.csv", name="fees", target="monthly_fee", id="customer_id")
    model = candidate(released, "model: {type: ridge}\ntraining: {test_size: 0.5}\n", "fees", data="fees@1")
    report = released.gate(model.ref)
    scored = released.runs.predictions(model.run_id).query("part == 'test'")
    assert check(report, "performance")["observed"] == pytest.approx(r2_score(scored["label"], scored["prediction"]))
    assert (check(report, "performance")["threshold"], report.outcome) == (0, "pass")


# Overriding


def test_an_override_lifts_staging_rows_and_performance(released):
    """Who answers for it, and what stood in the way, is on record for ever."""
    model = released.models.register(released.train(DUMMY, seed=7), "churn_model")
    with pytest.raises(RefusedError):
        released.deploy(model, "production", "hurry")
    deployment = released.deploy(model, "production", "hurry", override="the board wants it")
    assert (deployment.override, deployment.gate["outcome"]) == ("the board wants it", "fail")
    lifted = [check["name"] for check in deployment.gate["checks"] if check["outcome"] != "pass"]
    assert lifted == ["staging", "rows", "performance"] and released.live("production") == deployment


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
    assert released.live(environment) is None or released.live(environment).model["version"] == "1.1.0"


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
