"""Findings: what is worth knowing is said, kept with the decision, and never stands in its way."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from mlops.experiments.runs import Run
from mlops.experiments.slices import Slice
from mlops.release import findings, lamps
from tests.conftest import LOGISTIC, STUMP, customers_frame
from tests.release.test_gate import candidate

CARD = {"purpose": "calls in March", "owner": "Lena", "limits": "not for prices"}


def finding(report, name: str):
    return next(one for one in report.findings if one["name"] == name)


def test_findings_never_refuse_and_are_kept_with_the_decision(released):
    """No card, nobody built it again: it goes live all the same, and whoever looks back sees what was known."""
    model = candidate(released, LOGISTIC)
    deployment = released.deploy(model, "production", "as good")
    kept = {one["name"]: one["outcome"] for one in deployment.gate["findings"]}
    assert deployment.gate["outcome"] == "pass" and kept["card"] == "fail" and kept["reproduced"] == "unknown"
    assert released.log()[-2]["payload"]["changes"]["findings"] == deployment.as_dict()["gate"]["findings"]


def test_the_card_says_what_it_lacks(released):
    """Blanks are nothing."""
    model = released.models.register(released.train(LOGISTIC), "churn_model", card={**CARD, "limits": "  "})
    assert finding(released.gate(model.ref), "card")["why"] == "The card of churn_model@1.1.1 does not say yet: limits."
    whole = replace(model, card=CARD)
    assert findings.card(whole).outcome == "pass"


def test_a_card_that_is_completed_later_is_complete(released):
    """What is not known at registering is written when it is known."""
    model = candidate(released, LOGISTIC)
    assert finding(released.gate(model.ref), "card")["step"] == "complete_card"
    released.models.describe(model.ref, **CARD)
    found = finding(released.gate(model.ref), "card")
    assert (found["outcome"], found["step"]) == ("pass", None) and "Lena" in found["why"]


def test_a_key_of_its_file_that_was_edited_by_hand_is_named(released):
    """At 02:10 somebody set another threshold: the lamp is red, refuses nothing, and goes out when it is put back."""
    text = f"{LOGISTIC}thresholds: {{churn: 0.35}}\n"
    file = released.path / "configs" / "churn.yaml"
    file.parent.mkdir()
    file.write_text(text, encoding="utf-8")
    model = released.models.register(released.train(file), "churn_model")
    released.deploy(model, "staging", "rehearsal")
    assert finding(released.gate(model.ref), "config_as_intended")["outcome"] == "pass"
    file.write_text(text.replace("0.35", "0.60"), encoding="utf-8")
    report = released.gate(model.ref)
    found = finding(report, "config_as_intended")
    assert (found["outcome"], found["observed"], report.outcome) == ("fail", ("thresholds.churn",), "pass")
    assert "0.35" in found["why"] and "0.6" in found["why"]
    lamp = next(one for one in lamps.lamps(report) if one.id == "config")
    assert (lamp.outcome, lamp.refuses) == ("fail", False)
    file.write_text(text, encoding="utf-8")
    assert finding(released.gate(model.ref), "config_as_intended")["outcome"] == "pass"


@pytest.mark.parametrize(
    ("seed", "outcome", "said"),
    [(42, "pass", "the same bytes"), pytest.param(None, "fail", "No seed", marks=pytest.mark.slow)],
)
def test_what_came_out_when_it_was_trained_again_is_said(released, seed, outcome, said):
    """In the words of that answer; before anybody asked, that nobody has."""
    run = released.train(LOGISTIC, overrides={"training.random_state": seed})
    model = released.models.register(run, "churn_model")
    assert finding(released.gate(model.ref), "reproduced")["outcome"] == "unknown"
    released.reproduce(run.run_id)
    found = finding(released.gate(model.ref), "reproduced")
    assert found["outcome"] == outcome and said in found["why"]


def test_a_column_that_may_know_the_outcome_is_named(released, tmp_path):
    """As the check of its data said when it was trained."""
    frame = customers_frame(1200)
    frame["calls_after"] = frame["churn"] * 3 + np.random.default_rng(1).integers(0, 2, len(frame))
    frame.to_csv(tmp_path / "leaky.csv", index=False)
    released.datasets.add(tmp_path / "leaky.csv", "customers")
    model = released.models.register(released.train(LOGISTIC), "churn_model")
    found = finding(released.gate(model.ref), "leaks")
    assert (found["outcome"], found["observed"]) == ("fail", ("calls_after",)) and "calls_after" in found["why"]
    honest = released.models.register(
        released.train(LOGISTIC, overrides={"features.exclude": ["calls_after"]}), "honest"
    )
    assert finding(released.gate(honest.ref), "leaks")["outcome"] == "pass"


def test_versions_that_are_judged_on_the_same_rows_are_counted(released):
    """Fixing until it passes is peeking; the same version again is not, nor are other rows, nor another name."""
    first, second = candidate(released, STUMP), candidate(released, LOGISTIC, overrides={"model.C": 0.5})
    assert [finding(released.gate(first.ref), "attempts")["observed"] for _ in range(2)] == [1, 1]
    found = finding(released.gate(second.ref), "attempts")
    assert (found["outcome"], found["observed"]) == ("unknown", 2)
    assert "one of 2 versions" in found["why"] and "up to 10%" in found["why"]
    other = candidate(released, STUMP, seed=7)
    assert finding(released.gate(other.ref), "attempts")["observed"] == 1
    guest = released.models.register(first.run_id, "guest_model")
    assert finding(released.gate(guest.ref), "attempts")["observed"] == 1


def test_a_release_begins_the_count_anew(released):
    """What was asked before the live version went live was another question."""
    first = candidate(released, LOGISTIC, overrides={"model.C": 0.5})
    released.gate(candidate(released, STUMP).ref)
    released.deploy(first, "production", "as good")
    again = candidate(released, LOGISTIC)
    assert finding(released.gate(again.ref), "attempts")["observed"] == 1


def _group(value, upper: float, worse: bool) -> Slice:
    return Slice("region", value, 900, "auc", 0.8, 0.7, -0.1, -0.2, upper, worse, None)


def test_the_group_that_gets_worse_is_named_with_its_interval(released):
    """And the others by name; how many were looked at is said."""
    live = released.models.get("@production")
    found = findings.slices(
        [_group("west", -0.0213633, True), _group(None, -0.01, True), _group("east", 0.1, False)], live
    )
    assert (found.outcome, found.observed[0]) == ("fail", {"column": "region", "value": "west"})
    assert "Where region is west it gets worse: -0.100, between -0.200 and -0.021, on 900 rows." in found.why
    assert "region is missing" in found.why and "all 3 groups" in found.why


def test_where_nothing_could_be_compared_no_group_is_called_fine(released):
    """Unknown, and why; where nothing is live there is nothing to lose."""
    live = released.models.get("@production")
    assert [findings.slices(None, live).outcome, findings.slices([], live).outcome] == ["unknown"] * 2
    assert findings.slices(None, None).outcome == "pass"


def test_a_challenger_that_is_better_overall_and_worse_for_one_region_passes_and_is_told(released, tmp_path):
    """20,000 new rows: the gate decides by all of them, and the finding names the region."""
    frame = customers_frame(20_000, seed=9)
    frame["customer_id"] = "n" + frame["customer_id"]
    frame.to_csv(tmp_path / "newer.csv", index=False)
    # In the challenger's training the outcomes of the west are mixed up: of the west it learns nothing.
    odd = customers_frame(3000, seed=10)
    odd["customer_id"] = "o" + odd["customer_id"]
    west = odd["region"] == "west"
    odd.loc[west, "churn"] = np.random.default_rng(1).permutation(odd.loc[west, "churn"])
    odd.to_csv(tmp_path / "odd.csv", index=False)
    released.datasets.add(tmp_path / "odd.csv", "customers")
    released.datasets.add(tmp_path / "newer.csv", "customers")
    forest = "model: {type: gradient_boosting, n_estimators: 60, max_depth: 3}\ntraining: {test_size: 0.5}\n"
    released.rollback("production", "a weak one is live")
    model = candidate(released, forest, data="customers@2")
    report = released.gate(model.ref, data="customers@3")
    found = finding(report, "slices")
    assert report.difference["lower"] > 0 and report.outcome == "pass"
    assert {"column": "region", "value": "west"} in found["observed"]


def test_a_run_of_an_earlier_program_has_no_reproduction():
    """Nobody looked, and that is no accusation."""
    assert findings.reproduced(Run.of({})).outcome == "unknown"


def test_pandas_is_no_part_of_a_finding(released):
    """A finding is as good as its JSON: it goes into the ledger."""
    report = released.gate(candidate(released, LOGISTIC).ref)
    assert type(report).of(report.as_dict()) == report
    assert not any(isinstance(value, pd.DataFrame | np.generic) for one in report.findings for value in one.values())
