"""The lab about the gate: what its words claim is so, and what only looks like a solution is none."""

from __future__ import annotations

import pytest

from playground import course
from playground.course import acts
from playground.course.checks import gate
from playground.course.checks.gate import worse_in
from playground.course.fixtures import the_gate

pytestmark = pytest.mark.slow


def goal(ws, name):
    """Return what is true about one goal."""
    [found] = [one for one in course.check(ws, "gate").goals if one.id == name]
    return found


def test_the_story_of_the_gate_is_so(at):
    """No islands in Jo's data; too few rows of her own to tell; on each month she leads, and the islands pay."""
    there = course.workspace(at("gate"), "gate")
    assert there.models.get("churn_model@production").version == "1.0.0"
    regions = [set(there.datasets.frame(f"customers@{version}")["region"]) for version in (1, 2, 3)]
    assert [the_gate.AWAY in one for one in regions] == [True, False, True]
    [own] = [one["payload"]["changes"] for one in there.log() if _is_about_jos(one)]
    assert (own["outcome"], own["rows"]) == ("inconclusive", 544) and own["difference"]["difference"] > 0
    for month in range(1, 5):
        report = there.gate(the_gate.CHALLENGER, "production", f"renewals@{month}")
        assert (report.outcome, report.rows) == ("pass", 20_000)
        assert [*worse_in(report.as_dict())] == [the_gate.AWAY]
    assert {option.id for option in course.stop("gate").mission.questions[0].options} >= {the_gate.AWAY, "nobody"}


def _is_about_jos(event) -> bool:
    changes = event["payload"]["changes"]
    asked = event["kind"] == "gate.evaluate" and changes["environment"] == "production"
    return asked and changes["model"]["version"] == "1.1.0"


def test_how_many_rows_the_lead_needs_is_what_so_many_rows_show(at):
    """The smallest difference that shows shrinks with the root of the rows."""
    found = course.guess(at("gate"), "gate", 5000)
    lead, least, rows = (float(found.facts[name]) for name in ("lead", "least", "rows"))
    assert found.answer == pytest.approx(rows * (least / lead) ** 2, rel=0.15) and 1000 < found.answer < 20_000


def test_what_is_judged_on_a_few_rows_says_nothing_about_groups_or_luck(at):
    """A twin on its own rows is too small a look, and so is a release that passed on the rows of its own file."""
    ws = at("gate")
    there = course.workspace(ws, "gate")
    acts.ACTS["train_twin"](there, seed=7)
    acts.register(there, "twin")
    there.gate(acts.newest(there), "production")
    assert not goal(ws, "twin").ok and goal(ws, "twin").observed.startswith("a twin was judged, on 1")

    run = there.train(acts.config_file(there), overrides={"training.test_size": 0.2}, data="customers@2")
    there.models.register(run, acts.MODEL)
    acts.deploy(there, "staging", "rehearsal")
    there.deploy(acts.newest(there), "production", "it passed on what Jo learned from", override="it leads")
    assert "in spite of the check" in goal(ws, "fair").observed or "rows of its own test" in goal(ws, "fair").observed
    assert not goal(ws, "fair").ok


def test_rows_are_used_up_under_another_name_and_without_one_of_them(at):
    """What was looked at was looked at; of the same run under a second name it was no other look."""
    ws = at("gate")
    there = course.workspace(ws, "gate")
    ravis, jos = (there.models.get(f"churn_model@{version}").run_id for version in ("1.0.0", "1.1.0"))
    for version, run in (("1.0.0", ravis), ("1.1.0", ravis), ("1.2.0", jos)):
        there.models.register(run, "other", version)
    there.deploy("other@1.0.0", "production", "beside it", override="to see")
    for version in ("1.1.0", "1.2.0"):
        there.gate(f"other@{version}", "production", "renewals@3")
    there.datasets.frame("renewals@3").iloc[1:].to_csv(ws.path / "fresh.csv", index=False)
    fresh = there.datasets.add(ws.path / "fresh.csv", "fresh", target="churn", id="customer_id")
    there.deploy(the_gate.CHALLENGER, "production", "by Friday", data=fresh.ref)
    live = there.releases.live("production", "churn_model")
    assert gate._judged_on_them(there, live) == ["other@1.1.0"]


def test_what_the_islands_pay_for_is_no_fair_release(at):
    """It passed, on rows enough; the mean hides who pays."""
    ws = at("gate")
    course.workspace(ws, "gate").deploy(the_gate.CHALLENGER, "production", "by Friday", data="renewals@3")
    assert not goal(ws, "fair").ok and "gets worse for islands" in goal(ws, "fair").observed
