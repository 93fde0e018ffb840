"""Gate rules: the environment says what a model must show, and a config may ask for more, never for less."""

from __future__ import annotations

import pytest
import yaml

from mlops import Workspace
from mlops.base.errors import ConflictError, InvalidError
from mlops.release.gate import Gate
from tests import old_workspace
from tests.conftest import LOGISTIC, STUMP
from tests.release.test_gate import candidate, check


def test_every_environment_begins_with_not_worse_by_two_points(ws):
    """Nobody set it, so nobody is named and no event is written."""
    rule, head = ws.gate_rules.get("production"), ws.head()
    assert (rule.require, rule.margin, rule.reason, rule.set_by, rule.at) == ("not_worse", 0.02, None, None, None)
    assert ws.head() == head


def test_a_rule_is_set_by_one_event_and_a_part_that_is_not_given_stays(ws):
    """Who, when and why stand in the history; another environment keeps its own."""
    ws.gate_rules.set("production", require="better", reason="we can wait")
    rule = ws.gate_rules.set("production", margin=0)
    assert (rule.require, rule.margin, rule.reason, rule.set_by) == ("better", 0.0, "", "ada")
    assert [event["kind"] for event in ws.log()] == ["gate_rule.set"] * 2
    assert ws.gate_rules.get("production") == rule and ws.gate_rules.get("staging").require == "not_worse"


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"margin": 0.6}, "from 0 to 0.5"),
        ({"margin": -0.01}, "from 0 to 0.5"),
        ({"margin": float("nan")}, "from 0 to 0.5"),
        ({"margin": "0.1"}, "'0.1' is no margin"),
        ({"require": "best"}, "not_worse or better"),
        ({"reason": "why"}, "A reason alone sets no rule"),
        ({"environment": "prod", "margin": 0.1}, "not an environment"),
    ],
)
def test_a_rule_that_means_nothing_is_refused(ws, asked, said):
    """Nothing is recorded."""
    with pytest.raises(InvalidError, match=said):
        ws.gate_rules.set(**{"environment": "production", **asked})
    assert ws.head() == 0


# Of the environment's rule and the config's own the stricter counts


def test_a_candidate_does_not_set_its_own_bar(released):
    """A config that would let it lose everything is ignored, and that is said."""
    report = released.gate(candidate(released, STUMP, overrides={"gate.margin": 1.0}).ref)
    assert report.outcome == check(report, "performance")["outcome"] == "fail"
    assert report.rule == {"require": "not_worse", "margin": 0.02}
    assert (
        "may lose at most 0.02; its config would let it lose 1, which is laxer and ignored." in report.checks[-1]["why"]
    )


def test_a_config_may_ask_for_more(released):
    """As good is good enough for the environment, but not for a config that asks for a gain."""
    model = candidate(released, LOGISTIC, overrides={"gate.require": "better"})
    report = released.gate(model.ref)
    assert check(report, "performance")["outcome"] == "fail"
    assert "it must be above 0; its config asks for more." in report.checks[-1]["why"]


def test_the_overlay_of_an_environment_is_part_of_what_a_config_asks(released, tmp_path):
    """Read from the config that the run recorded, not from a file that has changed since."""
    (tmp_path / "a.yaml").write_text(LOGISTIC)
    overlay = tmp_path / "a.production.yaml"
    overlay.write_text("gate: {margin: 0.001}\n")
    model = candidate(released, tmp_path / "a.yaml", environment="production")
    overlay.unlink()
    assert released.gate(model.ref).rule == {"require": "not_worse", "margin": 0.001}


@pytest.mark.parametrize(("margin", "outcome"), [(0.5, "pass"), (0.02, "fail")])
def test_a_config_that_says_nothing_leaves_it_to_the_environment(released, margin, outcome):
    """The stump is worse by more than 0.02 and by less than 0.5."""
    model = candidate(released, STUMP)
    released.gate_rules.set("production", margin=margin, reason="try")
    assert check(released.gate(model.ref), "performance")["outcome"] == outcome


def test_a_rule_that_is_set_while_a_model_is_judged_is_asked_again(released, monkeypatch):
    """The evidence was judged by a rule that is no longer in force, so nothing is deployed by it."""
    model = candidate(released, LOGISTIC)
    somebody_else, judge = Workspace.open(released.path), Gate.evaluate

    def judge_slowly(*arguments):
        monkeypatch.undo()
        report = judge(*arguments)
        somebody_else.gate_rules.set("production", require="better")
        return report

    monkeypatch.setattr(Gate, "evaluate", judge_slowly)
    with pytest.raises(ConflictError, match="set the rule of production in the meantime"):
        released.deploy(model, "production", "hurry")
    assert released.releases.live("production").model["version"] == "1.1.0"


# What a release must show is no part of what makes a model


def test_two_runs_that_differ_in_what_they_ask_are_one_config(released):
    """Same hash, no difference, and the next version is a patch; the run's config keeps what was asked."""
    runs = [released.train(LOGISTIC, overrides={"gate.margin": margin}) for margin in (0.01, 0.3)]
    assert len({run.config_sha256 for run in runs}) == 1
    assert not any(key.startswith("gate") for run in runs for key in run.params)
    assert released.comparisons.compare([run.run_id for run in runs]).differs == ()
    assert released.models.register(runs[1], "churn_model").version == "1.1.1"
    kept = [yaml.safe_load(released.runs.text(run.run_id, "config.yaml"))["gate"] for run in runs]
    assert kept == [{"margin": 0.01}, {"margin": 0.3}]


def test_a_run_of_format_1_is_compared_by_its_config(released):
    """It recorded its gate among its parameters and in its hash; trained again it is the same config, a patch."""
    old = released.runs.get(released.models.get("@production").run_id)
    params = {**old.params, "gate.margin": 0.02, "gate.require": "not_worse"}
    with released._ledger.write() as tx:
        tx.append("run.note", old.run_id, {"params": params, "config_sha256": "0" * 64})
    again = released.train(LOGISTIC)
    assert released.runs.get(old.run_id).params["gate.margin"] == 0.02
    assert released.comparisons.compare([old.run_id, again.run_id]).differs == ()
    assert released.models.register(again, "churn_model").version == "1.1.1"


def test_what_a_run_of_format_1_asked_is_read_from_its_config(tmp_path):
    """It wrote its whole section, and its margin of 0.05 is laxer than what the environment asks since."""
    report = old_workspace.opened(tmp_path / "old").gate("churn_model@1.0.0")
    assert (report.outcome, report.rule["margin"], report.rows) == ("pass", 0.02, 221)
    assert "lose 0.05, which is laxer and ignored" in report.checks[-1]["why"]


def test_a_sweep_does_not_try_what_makes_no_other_model(trained):
    """Every trial would be the same one."""
    with pytest.raises(InvalidError, match="is no part of a training"):
        trained.sweep(STUMP, {"gate.margin": [0.1, 0.2]})
