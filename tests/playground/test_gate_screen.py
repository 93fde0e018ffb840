"""The gate on the Release screen: its rule, its answer, and newer rows where too few are new."""

from __future__ import annotations

import pytest

from mlops import Workspace
from tests.conftest import LOGISTIC, customers_frame
from tests.screens import button, open_page, unfold, words_on


@pytest.fixture
def waiting(released, monkeypatch) -> Workspace:
    """A workspace on screen where churn_model 1.2.0, whose test rows are mostly known to the live one, is in staging."""
    monkeypatch.setenv("MLOPS_WORKSPACE", str(released.path))
    model = released.models.register(released.train(LOGISTIC, seed=7), "churn_model")
    released.deploy(model, "staging", "rehearsal")
    return released


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


def test_where_too_few_rows_are_new_the_screen_offers_others_and_releases_on_them(waiting, tmp_path):
    """No command is named: a choice of versions stands below the answer, and the release is judged on what was chosen."""
    customers_frame(1500, seed=9).iloc[600:].to_csv(tmp_path / "newer.csv", index=False)
    waiting.datasets.add(tmp_path / "newer.csv", "customers")
    at = open_page("release")
    at.text_input(key="release.reason").set_value("as good").run()
    button(at, "Promote to production").click().run()
    assert "Under 200 a comparison means nothing" in words_on(at) and "--" not in words_on(at)
    at.button(key="gate.again").click().run()
    assert "900 new rows of customers@2" in words_on(at).replace("\\", "")
    button(at, "Promote to production").click().run()
    assert not at.exception and not at.error
    deployment = waiting.releases.live("production", "churn_model")
    assert (deployment.model["version"], deployment.gate["data"]) == ("1.2.0", "customers@2")


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
