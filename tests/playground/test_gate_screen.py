"""The release check on the Release screen: six lamps, the one act that is missing, its rule, and what stays on record."""

from __future__ import annotations

import json
from typing import get_args

import pytest

from mlops import Workspace
from mlops.release.gate import GateReport
from mlops.release.lamps import QUESTIONS, Step
from playground.ui.release import lamps, missing
from tests.conftest import LOGISTIC, STUMP, customers_frame
from tests.release.test_worlds import CHURN, _live, edited, live
from tests.screens import button, links_on, open_page, unfold, words_on

__all__ = ["_live", "edited", "live"]

FOLDS = "Release it in spite of the check"


@pytest.fixture
def waiting(released, monkeypatch) -> Workspace:
    """A workspace on screen where churn_model 1.2.0, whose test rows are mostly known to the live one, is in staging."""
    monkeypatch.setenv("MLOPS_WORKSPACE", str(released.path))
    model = released.models.register(released.train(LOGISTIC, seed=7), "churn_model")
    released.deploy(model, "staging", "rehearsal")
    return released


@pytest.fixture
def newer(waiting, tmp_path) -> Workspace:
    """The same, with 900 newer rows."""
    customers_frame(1500, seed=9).iloc[600:].to_csv(tmp_path / "newer.csv", index=False)
    waiting.datasets.add(tmp_path / "newer.csv", "customers", message="outcomes of April")
    return waiting


def drawn(at, component: str):
    """Return what a component of the page draws."""
    return next(json.loads(one.proto.json) for one in at.get("bidi_component") if one.proto.component_name == component)


def lit(at) -> dict[str, dict]:
    return {one["id"]: one for one in drawn(at, "six_lamps")["lamps"]}


def buttons(at) -> set[str]:
    return {one.label for one in at.button}


def test_the_rule_is_seen_and_set_where_releases_are_made(waiting):
    """Who set it and why is on record; the button says the new rule at once."""
    at = unfold(open_page("release"), "gate.rule")
    assert "May lose at most 0.02" in [popover.proto.popover.label for popover in at.get("popover")]
    at.number_input(key="gate.margin.None").set_value(0.01).run()
    at.text_input(key="gate.because.None").set_value("40 customers a month").run()
    at.button(key="gate.set").click().run()
    rule = waiting.gate_rules.get("production")
    assert not at.exception and (rule.margin, rule.reason) == (0.01, "40 customers a month")
    assert "May lose at most 0.01" in [popover.proto.popover.label for popover in at.get("popover")]


def test_before_anybody_asked_six_questions_stand_there_and_no_way_around_them(waiting):
    """Nobody is offered to overrule what nobody has said."""
    at = open_page("release")
    assert [(one["id"], one["outcome"]) for one in lit(at).values()] == [(name, "waiting") for name in QUESTIONS]
    assert FOLDS not in words_on(at)
    assert {"Run the release check"} <= buttons(at) and "Promote to production" not in buttons(at)


def test_too_few_new_rows_are_answered_with_a_month_to_choose(newer):
    """No command is named: the lamp says the count, one button judges on newer rows, and the release goes by them."""
    at = open_page("release")
    button(at, "Run the release check").click().run()
    rows = lit(at)["rows"]
    assert rows["outcome"] == "unknown" and rows["refuses"] and "--" not in rows["sentence"]
    assert lit(at)["better"]["said"] == "too few rows to tell" and drawn(at, "luck_shuffle")["few"]
    assert at.selectbox(key="gate.rows").options == ["customers@2 · 900 new rows · outcomes of April"]
    assert "Promote to production" not in buttons(at) and FOLDS in words_on(at)
    button(at, "Judge on these rows").click().run()
    assert {one["outcome"] for name, one in lit(at).items() if name != "card"} == {"pass"}
    assert "900 new rows of customers@2" in words_on(at).replace("\\", "") and FOLDS not in words_on(at)
    at.text_input(key="release.reason.production").set_value("as good").run()
    button(at, "Promote to production").click().run()
    assert not at.exception and not at.error
    deployment = newer.releases.live("production", "churn_model")
    assert (deployment.model["version"], deployment.gate["data"], deployment.override) == ("1.2.0", "customers@2", None)


def test_the_missing_act_is_done_by_its_button_and_the_lamp_goes_green(newer):
    """Rehearse, then the card: after each the check is asked again."""
    newer.models.register(newer.train(LOGISTIC, seed=8), "churn_model")
    at = open_page("release")
    button(at, "Run the release check").click().run()
    assert lit(at)["card"]["outcome"] != "pass" and "must have been in staging" in words_on(at)
    button(at, "Deploy to staging").click().run()
    assert at.warning[0].value.endswith("Say why.") and newer.releases.live("staging").model["version"] == "1.2.0"
    at.text_input(key="release.reason.staging").set_value("rehearsal").run()
    button(at, "Deploy to staging").click().run()
    assert newer.releases.live("staging").model["version"] == "1.3.0"
    assert at.text_input(key="release.reason.production").value == "", "the reason of a rehearsal is none for a release"
    assert ("red**: a warning" in words_on(at)) == ("fail" in {one["outcome"] for one in lit(at).values()})
    for field in ("purpose", "owner", "limits"):
        at.text_input(key=f"missing.{field}.churn_model@1.3.0").set_value(f"its {field}")
    button(at, "Complete the card").click().run()
    assert not at.exception and newer.models.get("churn_model@1.3.0").card["owner"] == "its owner"
    assert lit(at)["card"]["outcome"] == "pass" and "Complete the card" not in buttons(at)


@pytest.mark.parametrize(("press", "outcome"), [("Put it back", "pass"), ("It was meant", "fail")])
def test_an_edit_of_the_config_file_is_put_back_or_said_to_be_meant(edited, monkeypatch, press, outcome):
    """The lamp is red until it is put back; what is meant runs once a model was trained with it."""
    monkeypatch.setenv("MLOPS_WORKSPACE", str(edited.path))
    file, now = edited.path / "configs" / "churn.yaml", CHURN.replace("0.35", "0.60")
    file.write_text(CHURN, encoding="utf-8")
    newer = edited.models.register(edited.train(file), "churn_model")
    edited.deploy(newer, "staging", "rehearsal")
    edited.models.describe(newer.ref, purpose="calls", owner="Lena", limits="none known")
    file.write_text(now, encoding="utf-8")
    at = open_page("release", model=newer.ref)
    button(at, "Run the release check").click().run()
    config = lit(at)["config"]
    assert (config["outcome"], config["refuses"]) == ("fail", False) and "thresholds.churn" in config["sentence"]
    at.text_input(key="missing.because").set_value("nobody knows of it").run()
    button(at, press).click().run()
    assert not at.exception and not at.error and lit(at)["config"]["outcome"] == outcome
    assert (file.read_text("utf-8") == CHURN) and edited.log()[-2]["payload"]["changes"][
        "reason"
    ] == "nobody knows of it"


def test_a_run_that_waits_alone_is_offered_without_a_reason_for_it(newer):
    """Best of one says nothing, and nothing is hung on its name."""
    alone = newer.train(LOGISTIC, seed=8)
    [option] = open_page("release").selectbox(key="release.run").options
    assert option.startswith(alone.run_id[:7]) and not option.rstrip().endswith("·")


def test_a_damaged_file_is_not_offered_to_anybody_with_a_reason(waiting):
    """What no override lifts has no way around it; the lamp says why."""
    path = waiting.path / waiting.models.get("churn_model@1.2.0").path
    path.chmod(0o644)
    path.write_bytes(b"another one")
    at = open_page("release")
    button(at, "Run the release check").click().run()
    assert lit(at)["files"]["outcome"] == "fail" and "Not this one" in words_on(at)
    assert FOLDS not in words_on(at) and "Promote to production" not in buttons(at)


def test_the_interval_and_the_shuffle_say_what_the_check_measured(newer):
    """One difference, drawn twice: beside the line in its lamp, and as draws."""
    at = open_page("release")
    button(at, "Run the release check").click().run()
    button(at, "Judge on these rows").click().run()
    kept = newer.log()[-1]["payload"]["changes"]
    shuffled = drawn(at, "luck_shuffle")
    assert shuffled["ends"] == [kept["difference"]["lower"], kept["difference"]["upper"]] and shuffled["line"] == -0.02
    assert [one[:2] for one in shuffled["draws"]] == [list(one) for one in kept["difference"]["draws"]]
    better = lit(at)["better"]
    assert better["said"] == "not worse" and better["interval"]["line"] == "may lose at most 0.02"
    assert 0 < better["interval"]["at"]["line"] < better["interval"]["at"]["lower"] < 1


def test_groups_attempts_and_every_check_are_one_fold_away(newer):
    """Those that refuse, and those that are only worth knowing."""
    at = open_page("release")
    button(at, "Run the release check").click().run()
    button(at, "Judge on these rows").click().run()
    assert "No groups get worse, of" in words_on(at)
    unfold(unfold(at, "release.details"), "release.groups")
    said = words_on(at).replace("\\", "")
    assert "first version that is judged on these rows" in said and "among many groups one always looks worse" in said
    assert not at.exception


def test_a_decision_that_is_on_record_is_drawn_as_it_was_drawn(newer):
    """By its link, after a reload, and after the next release: the same lamps, and the shuffle at rest."""
    at = open_page("release")
    button(at, "Run the release check").click().run()
    button(at, "Judge on these rows").click().run()
    event, seen, shuffled = newer.head(), lit(at), drawn(at, "luck_shuffle")
    newer.deploy("churn_model@1.2.0", "production", "as good", data="customers@2")
    for number in (event, newer.log()[-1]["seq"]):
        kept = open_page("release", decision=str(number))
        assert lit(kept) == seen
        again = drawn(kept, "luck_shuffle")
        assert {**shuffled, "key": again["key"], "plays": False} == again
    assert "ada released it" in words_on(kept)


@pytest.mark.parametrize("asked", ["0", "1", "999999", "-3", "x", "²", "9" * 40])
def test_a_link_to_no_decision_says_so(released, monkeypatch, asked):
    """Nothing crashes, whatever stands in the address."""
    monkeypatch.setenv("MLOPS_WORKSPACE", str(released.path))
    at = open_page("release", decision=asked)
    assert "keeps no decision" in words_on(at) and not at.exception


def test_what_is_live_shows_with_what_evidence_it_went_live(released, monkeypatch):
    """Whoever looks at it later sees what was known then."""
    monkeypatch.setenv("MLOPS_WORKSPACE", str(released.path))
    at = open_page("release", model="churn_model@1.1.0")
    assert "This is what was known then" in words_on(at) and lit(at)["better"]["outcome"] == "pass"
    assert "Promote to production" not in buttons(at)


def test_an_answer_of_an_older_format_still_has_its_lamps():
    """It knew neither findings nor draws: what it did not ask is not drawn."""
    old = {"model": {"name": "m", "version": "1.0.0", "sha256": "0" * 64}, "environment": "production",
           "against": None, "outcome": "pass", "checks": [
               {"name": name, "outcome": "pass", "observed": 1, "threshold": 1, "why": "Fine."}
               for name in ("integrity", "schema", "config", "staging", "rows", "performance")]}  # fmt: skip
    report = GateReport.of(old)
    assert lamps.shuffle_of(report) is None and set(lamps.table(report)["Answer"]) == {"yes"}


def test_under_the_hood_the_event_of_a_check_is_seen_at_once(waiting):
    """The click is drawn in the same rerun in which it is recorded."""
    at = unfold(open_page("release"), "release.hood")
    button(at, "Run the release check").click().run()
    events = next(one.value for one in at.dataframe if "changes" in one.value)
    assert events["kind"][0] == "gate.evaluate" and events["seq"][0] == waiting.head()


def test_without_other_rows_the_screen_says_what_to_wait_for(waiting):
    """There is no version to choose, so nothing is offered that cannot be clicked."""
    at = open_page("release")
    button(at, "Run the release check").click().run()
    assert "Once there is a newer data version" in words_on(at) and not at.exception
    assert "Judge on these rows" not in buttons(at) and "Add newer rows" in links_on(at)


def test_every_step_has_a_button():
    """The core may not name an act that the screen does not know."""
    assert set(missing._STEPS) == set(get_args(Step))


def test_a_first_release_is_held_against_a_guess(trained, monkeypatch):
    """Nothing is live, so it must beat who does not look at the features."""
    model = trained.models.register(trained.train(STUMP), "churn_model")
    trained.deploy(model, "staging", "rehearsal")
    monkeypatch.setenv("MLOPS_WORKSPACE", str(trained.path))
    at = open_page("release")
    button(at, "Run the release check").click().run()
    shuffled = drawn(at, "luck_shuffle")
    assert shuffled["names"] == ["a guess", "yours"] and shuffled["line"] == 0
    assert {one[0] for one in shuffled["draws"]} == {0.5} and lit(at)["better"]["said"] == "better"


def test_from_the_audit_log_the_decision_of_an_event_is_one_click_away(waiting):
    """Where an event keeps one; a rehearsal asked hardly anything."""
    waiting.gate("churn_model@1.2.0", "production")
    at = open_page("release", view="Audit log")
    for row, links in ((0, 1), (1, 0)):
        at.session_state["release.audit"] = {"selection": {"rows": [row], "columns": [], "cells": []}}
        assert links_on(at.run()).count("See the decision") == links and not at.exception


def test_an_answer_is_no_answer_any_more_once_something_else_is_live(newer):
    """It was asked beside another version: the lamps go out."""
    at = open_page("release")
    button(at, "Run the release check").click().run()
    newer.rollback("production", reason="complaints")
    assert {one["outcome"] for one in lit(at.run()).values()} == {"waiting"}


def test_from_the_page_of_a_model_each_decision_about_it_is_one_click_away(waiting, monkeypatch):
    """A refusal as well as a release; of another version there is none."""
    waiting.gate("churn_model@1.2.0", "production")
    refused = waiting.head()
    for ref, said in (("churn_model@1.2.0", "cannot decide about v1.2.0"), ("churn_model@1.1.0", "v1.1.0 goes live")):
        at = open_page("model", ref=ref)
        at.session_state["model.tabs"] = "Decisions"
        at.run()
        assert said in words_on(at).replace("\\", "") and links_on(at).count("See the decision") == 1
    assert lit(open_page("release", decision=str(refused)))["rows"]["outcome"] == "unknown"
