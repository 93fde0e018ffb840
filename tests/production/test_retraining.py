"""Retraining: on months whose outcomes are known and whose data are sound, behind the release check, all on record."""

from __future__ import annotations

import pandas as pd
import pytest

from mlops import Workspace
from mlops.base.errors import ConflictError, InvalidError, PastError
from mlops.production import windows
from mlops.release.deployments import Deployments
from mlops.release.registry import Models
from tests.production.conftest import cohort
from tests.shell import Shell


def moved(frame: pd.DataFrame) -> pd.DataFrame:
    """Return customers in a world where who used to leave stays."""
    return frame.assign(churn=1 - frame["churn"])


@pytest.fixture
def year(released, arrive, told) -> Workspace:
    """7 June 2024: April is known and as ever, May is known and another world, June is not known yet."""
    told(arrive(4), "2024-05-31T00:00:00Z")
    may = arrive(5)
    arrive(6)
    told(moved(may), "2024-06-05T00:00:00Z")
    released.set_clock("2024-06-07T00:00:00Z")
    return released


def learns_from(ws: Workspace, months: int = 2) -> windows.Window:
    """Return what the live model could learn from next."""
    model = ws.models.load("@production")
    learned = ws.datasets.get(model.version.data_version)
    return windows.of(ws._ledger, ws._artifacts, learned, model.signature, months)


def keep(ws: Workspace, frame: pd.DataFrame) -> str:
    """Keep customers without their outcomes as a version."""
    frame.drop(columns="churn").to_csv(ws.path.parent / "rows.csv", index=False)
    return ws.datasets.add(ws.path.parent / "rows.csv", "customers").ref


# Which months


def test_a_window_is_the_latest_months_whose_outcomes_are_known(year):
    """June waits; as many months as are asked for, the history as a last one."""
    assert learns_from(year).versions == ("customers@3", "customers@2")
    assert learns_from(year, 1).versions == ("customers@3",)
    assert learns_from(year, 9).versions == ("customers@3", "customers@2", "customers@1")
    assert learns_from(year, 9).new == ("customers@3", "customers@2")


def test_what_was_joined_before_is_no_month(year):
    """Neither as it stands, nor given back as a file and kept again."""
    joined = year.datasets.join(["customers@2", "customers@3"], "customers")
    file = year.datasets.checkout(joined.ref, year.path.parent / "joined.csv")
    year.datasets.add(file, "customers", group="region")
    assert learns_from(year).versions == ("customers@3", "customers@2")


def test_a_month_that_was_corrected_later_takes_its_own_place(year):
    """It is not the latest month for that; its older state is none any more."""
    corrected = keep(year, cohort(4).assign(monthly_fee=cohort(4)["monthly_fee"] + 1))
    assert learns_from(year).versions == ("customers@3", corrected)


def test_a_month_whose_data_have_a_fault_is_left_out_until_it_is_repaired(year):
    """In cents what was in euros is not learned from, and the reason is said; the repaired one is taken."""
    broken = cohort(7, 900).assign(monthly_fee=lambda frame: frame["monthly_fee"] * 100)
    ref = keep(year, broken)
    broken[["customer_id", "churn"]].to_csv(year.path.parent / "outcomes.csv", index=False)
    year.outcomes.add(year.path.parent / "outcomes.csv", "customers")
    found = learns_from(year)
    assert found.versions == ("customers@3",) and found.left_out[0]["data"] == ref
    assert "100 times what it was" in found.left_out[0]["why"]
    assert learns_from(year, 1).versions == ("customers@3",)  # the next older one rather than none
    repaired = keep(year, cohort(7, 900))
    assert learns_from(year).versions == (repaired, "customers@3")


# How it goes


@pytest.fixture
def retrained(year):
    """The year, in which production was retrained on May."""
    said = []
    done = year.retraining.retrain(reason="May is another world", months=1, on_step=lambda *told: said.append(told))
    return year, done, said


def test_a_retraining_learns_from_the_window_passes_the_check_and_goes_live(retrained):
    """With the config and the card of what was live, on rows that neither has seen of the latest month."""
    year, done, said = retrained
    run, live = year.runs.get(done.run_id), year.releases.live("production")
    before = year.runs.get(year.models.get("churn_model@1.1.0").run_id)

    assert (done.before, done.candidate, done.months) == ("churn_model@1.1.0", "churn_model@1.2.0", ("customers@3",))
    assert (done.staged, done.promoted, done.checked_on) == (True, True, "customers@3")
    assert live.model["version"] == "1.2.0" and live.gate["data"] == "customers@3" and live.gate["rows"] == 300
    assert (run.params, run.seed, run.tags["retrains"]) == (before.params, before.seed, "1.1.0")
    assert done.window == f"customers@{run.data['version']}" and done.gate["outcome"] == "pass"
    assert year.datasets.get(done.window).parents == ("customers@3",)
    assert year.models.get("churn_model@1.2.0").card == year.models.get("churn_model@1.1.0").card
    assert done.why == (
        f"churn_model@1.2.0 learned from {done.window}, passed the release check, and is live in production."
    )
    assert year.retraining.list("production", "churn_model") == [done]
    parts = [part for _, part in said]
    assert parts == sorted(parts) and said[0] == ("Rows with known outcomes are joined", 0.0)


def test_lineage_leads_from_what_is_live_to_the_month_and_its_outcomes(retrained):
    """The line has become a loop: what production answered came back as data."""
    year, done, _ = retrained
    up = {node.id for node in year.lineage("churn_model@production", down=False).nodes}
    [outcomes] = year.datasets.get(done.window).outcomes["sets"][-1:]
    assert {f"data:{done.window}", "data:customers@3", f"outcomes:{outcomes['labels_id']}"} <= up


def test_nobody_is_retrained_twice_on_the_same_months(retrained):
    """What is live has learned from all that is known; nothing is recorded."""
    year, _, _ = retrained
    head = year.head()
    with pytest.raises(ConflictError, match=r"churn_model@1.2.0 has learned from all months .* customers@3"):
        year.retraining.retrain(reason="again", months=1)
    assert year.head() == head


@pytest.mark.parametrize("stopped_at", ["the run is trained", "it is registered", "it is rehearsed"])
def test_a_retraining_that_was_interrupted_goes_on_and_does_nothing_twice(year, monkeypatch, stopped_at):
    """What it had come to is taken up by the next one on the same months, and only by that one."""

    def stop(*_, **__):
        raise KeyboardInterrupt

    act = {"the run is trained": "register", "it is registered": "deploy", "it is rehearsed": "gate"}[stopped_at]
    head = year.head()
    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(Models if act == "register" else Deployments, act, stop)
        year.retraining.retrain(reason="May is another world", months=1)

    done = year.retraining.retrain(reason="May is another world", months=1)

    kinds = [event["kind"] for event in year.log(head)]
    assert [kinds.count(kind) for kind in ("run.start", "model.register", "deployment.deploy")] == [1, 1, 2]
    assert done.promoted and done.candidate == "churn_model@1.2.0"
    year.rollback("production", reason="back")
    again = year.retraining.retrain(reason="once more", months=1)
    assert again.run_id != done.run_id and again.candidate != done.candidate


def test_what_does_not_pass_is_rehearsed_and_not_promoted(year, told):
    """A month in which nothing can be learned: chance. What is live stays, and the refusal is on record."""
    luck = cohort(5).assign(churn=cohort(5)["churn"].sample(frac=1, random_state=1).to_numpy())
    told(luck, "2024-06-06T00:00:00Z")
    year.gate_rules.set("production", "better", reason="only what is better")
    done = year.retraining.retrain(reason="try", months=1)
    assert (done.staged, done.promoted) == (True, False) and done.gate["outcome"] != "pass"
    assert year.releases.live("production").model["version"] == "1.1.0"
    assert year.releases.live("staging").model["version"] == "1.2.0"
    assert f"the release check says {done.gate['outcome']}" in done.why
    assert year.verify()["problems"] == []
    year.retraining.set_rule(when="scheduled", months=1)
    assert not year.retraining.due().due and "A retraining on these months was tried" in year.retraining.due().why


def test_no_training_row_has_an_outcome_that_was_known_later_than_the_run(released, arrive, told):
    """Of a month of which a part is known, only that part is learned from."""
    frame = arrive(4)
    told(moved(frame.head(400)), "2024-05-01T00:00:00Z")
    told(moved(frame.tail(200)), "2024-07-01T00:00:00Z")
    released.set_clock("2024-05-02T00:00:00Z")
    done = released.retraining.retrain(reason="a part of April", months=1)
    run, since = released.runs.get(done.run_id), dict.fromkeys(frame["customer_id"].head(400), "2024-05-01T00:00:00Z")
    since |= dict.fromkeys(frame["customer_id"].tail(200), "2024-07-01T00:00:00Z")
    rows = released.datasets.frame(done.window)
    assert len(rows) == 400 and len(released.runs.predictions(run.run_id)) <= 400
    assert max(since[name] for name in rows["customer_id"]) <= run.started_at
    assert run.outcomes["known_until"] <= run.started_at
    assert released.datasets.get(done.window).outcomes["known_until"] <= run.started_at


# When


def test_a_rule_is_kept_with_who_set_it_and_why(year):
    """What is not said stays; to begin with, nobody is retrained by itself."""
    first = year.retraining.rule()
    assert (first.when, first.act, first.months, first.set_by) == ("never", "suggest", 2, None)
    year.retraining.set_rule(when="on_outcomes", reason="harm is what counts")
    rule = year.retraining.set_rule(act="retrain", months=1)
    assert (rule.when, rule.act, rule.months, rule.set_by) == ("on_outcomes", "retrain", 1, "ada")
    head = year.head()
    for wrong in ({"when": "daily"}, {"act": "promote"}, {"months": 0}, {"reason": "because"}):
        with pytest.raises(InvalidError):
            year.retraining.set_rule(**wrong)
    assert year.head() == head


def test_what_is_due_follows_from_the_rule_the_alerts_and_what_is_known(year):
    """Never; with each known month; if outcomes show harm; if inputs moved."""
    due = year.retraining.due
    assert not due().due and "The rule is never to retrain by itself" in due().why
    year.retraining.set_rule(when="scheduled")
    assert due().due and due().why.startswith("The outcomes of customers@2, customers@3 are known")
    year.retraining.set_rule(when="on_outcomes")
    assert not due().due and "No outcomes show harm" in due().why
    year.alerts.update()
    assert due().due and due().months == ("customers@3", "customers@2") and "AUC" in due().why
    year.retraining.set_rule(when="on_drift")
    assert not due().due and "No input has moved" in due().why


def test_where_nothing_new_is_known_nothing_is_due_whatever_alerts_say(released, arrive):
    """Drift fires at once, outcomes come late: there is nothing to learn yet."""
    arrive(4, lambda frame: frame.assign(age=frame["age"] + 15))
    released.alerts.update()
    released.retraining.set_rule(when="on_drift")
    assert [one.code for one in released.alerts.list()] == ["inputs"]
    due = released.retraining.due()
    assert (due.due, due.why) == (False, "It has learned from all months whose outcomes are known.")


def test_a_rule_suggests_or_acts(year):
    """Only one that says so retrains; then nothing is due any more."""
    year.retraining.set_rule(when="scheduled", months=1)
    head = year.head()
    assert year.retraining.follow().due and year.head() == head
    year.retraining.set_rule(act="retrain")
    done = year.retraining.follow()
    assert done.promoted and done.reason.startswith("The outcomes of customers@3 are known")
    assert not year.retraining.follow().due


def test_the_past_knows_the_rule_and_the_retrainings_of_then(retrained):
    """And retrains nobody."""
    year, *_ = retrained
    then = year.at("2024-06-06")
    assert then.retraining.list() == [] and then.retraining.rule().when == "never"
    with pytest.raises(PastError):
        then.retraining.retrain(reason="too late")


def test_the_command_retrains_and_a_refusal_is_exit_1_with_its_document(year):
    """The rule is shown, set, and followed as cron would call it."""
    shell, production = Shell(year.path), ("--env", "production")
    assert shell.get("retrain-rule", *production)["due"]["due"] is False
    rule = shell.get("retrain-rule", *production, "--when", "scheduled", "--months", "1", "--reason", "each month")
    assert (rule["when"], rule["act"], rule["months"], rule["due"]["months"]) == (
        "scheduled",
        "suggest",
        1,
        ["customers@3"],
    )
    assert shell.get("retrain", *production, "--if-due")["due"] is True
    assert shell("retrain-rule", *production, "--reason", "because").code == 2
    assert shell("retrain", *production, "--if-due", "--months", "3").code == 2

    done = shell("retrain", *production, "--reason", "May")
    assert (done.code, done.document["promoted"], done.document["gate"]["outcome"]) == (0, True, "pass")
    assert "The release check looks at the latest month" in done.err
    assert shell("retrain", *production).error["code"] == "conflict"
    assert shell.get("retrain", *production, "--if-due")["due"] is False

    year.gate_rules.set("production", "better", reason="only what is better")
    year.set_clock("2024-06-08")
    moved(cohort(6))[["customer_id", "churn"]].to_csv(year.path.parent / "june.csv", index=False)
    year.outcomes.add(year.path.parent / "june.csv", "customers")
    refused = shell("retrain", *production)
    assert (refused.code, refused.document["promoted"], refused.document["before"]) == (1, False, "churn_model@1.2.0")
