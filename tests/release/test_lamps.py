"""Lamps: the release check as six questions, one sentence each, and the one act that is missing."""

from __future__ import annotations

import re

import pytest

from mlops.release import lamps
from mlops.release.gate import GateReport
from tests.conftest import LOGISTIC, STUMP, customers_frame
from tests.release.test_gate import DUMMY, candidate

CARD = {"purpose": "calls in March", "owner": "Lena", "limits": "not for prices"}
ORDER = ["files", "columns", "config", "rows", "better", "card"]


ACTS = {
    "reproduced": "reproduce",
    "config_as_intended": "put_config_back",
    "attempts": "judge_on_newer_rows",
    "card": "complete_card",
}
"""What findings say that would help."""


def lit(report: GateReport) -> dict[str, str]:
    return {one.id: one.outcome for one in lamps.lamps(report)}


def lamp(report: GateReport, name: str) -> lamps.Lamp:
    return next(one for one in lamps.lamps(report) if one.id == name)


def changed(report: GateReport, name: str, outcome: str, why: str = "So it is.") -> GateReport:
    """Return a report in which one check or finding says something else."""
    document = report.as_dict()
    known = [*document["checks"], *document["findings"]]
    found = next(one for one in known if one["name"] == name)
    found.update(outcome=outcome, why=why)
    if name in ACTS and outcome != "pass":
        found["step"] = ACTS[name]
    return GateReport.of(document)


@pytest.fixture
def green(released) -> GateReport:
    """The answer about a model that has all: a card, a rehearsal, new rows, and as good as the live one."""
    model = released.models.register(released.train(LOGISTIC), "churn_model", card=CARD)
    released.deploy(model, "staging", "rehearsal")
    return released.gate(model.ref)


def test_six_lamps_in_the_order_in_which_they_are_asked(green):
    """All green, each with a question and a sentence; to build it again is offered, and is no warning."""
    found = lamps.lamps(green)
    assert [one.id for one in found] == ORDER
    assert lit(green) == dict.fromkeys(ORDER, "pass")
    assert all(one.question.endswith("?") and one.sentence.endswith((".", "?")) for one in found)
    assert [one.step for one in found] == ["reproduce", None, None, None, None, None]
    assert lamps.next_step(found) is None


@pytest.mark.parametrize(
    ("name", "outcome", "light", "id", "step", "refuses"),
    [
        ("integrity", "fail", "fail", "files", None, True),
        ("reproduced", "fail", "fail", "files", "reproduce", False),
        ("schema", "fail", "fail", "columns", None, True),
        ("leaks", "fail", "fail", "columns", None, False),
        ("config", "fail", "fail", "config", None, True),
        ("config_as_intended", "fail", "fail", "config", "put_config_back", False),
        ("rows", "inconclusive", "unknown", "rows", "judge_on_newer_rows", True),
        ("attempts", "unknown", "unknown", "rows", "judge_on_newer_rows", False),
        ("performance", "fail", "fail", "better", None, True),
        ("performance", "inconclusive", "unknown", "better", "judge_on_newer_rows", True),
        ("slices", "fail", "fail", "better", None, False),
        ("slices", "unknown", "pass", "better", None, False),
        ("staging", "fail", "fail", "card", "deploy_to_staging", True),
        ("card", "fail", "fail", "card", "complete_card", False),
    ],
)
def test_each_answer_changes_its_own_lamp_and_no_other(green, name, outcome, light, id, step, refuses):
    """What refuses says so; what is only worth knowing is red as well, and refuses nothing."""
    report = changed(green, name, outcome)
    found = lamp(report, id)
    assert (found.outcome, found.step, found.refuses) == (light, step, refuses)
    assert {key: value for key, value in lit(report).items() if key != id} == dict.fromkeys({*ORDER} - {id}, "pass")
    assert light == "pass" or found.sentence == "So it is."


def test_the_act_that_stands_in_the_way_comes_first(green):
    """Staging before newer rows before the card: one button, not three."""
    report = changed(changed(changed(green, "card", "fail"), "rows", "inconclusive"), "staging", "fail")
    first = lamps.next_step(lamps.lamps(report))
    assert first.step == "deploy_to_staging"
    then = lamps.next_step(lamps.lamps(changed(report, "staging", "pass")))
    assert then.step == "judge_on_newer_rows"
    assert lamps.next_step(lamps.lamps(changed(green, "card", "fail"))).step == "complete_card"


def test_a_card_that_is_blank_keeps_its_lamp_red_and_refuses_nothing(released):
    """Staging was there; the card alone is missing."""
    report = released.gate(candidate(released, LOGISTIC).ref)
    found = lamp(report, "card")
    assert report.outcome == "pass"
    assert (found.outcome, found.refuses, found.step) == ("fail", False, "complete_card")


def test_few_rows_offer_where_there_are_more(released, tmp_path):
    """The sentence is for a screen: no word of a command in it; the report names the versions."""
    customers_frame(1500, seed=9).iloc[600:].to_csv(tmp_path / "newer.csv", index=False)
    released.datasets.add(tmp_path / "newer.csv", "customers")
    report = released.gate(candidate(released, LOGISTIC, seed=7, data="customers@1").ref)
    found = lamp(report, "rows")
    assert (found.outcome, found.step) == ("unknown", "judge_on_newer_rows") and "--" not in found.sentence
    assert report.newer_rows == ({"data": "customers@2", "rows": 900},)


def test_enough_rows_that_decide_nothing_offer_where_there_are_more(released, tmp_path):
    """A margin that 300 rows cannot tell: a month of 900 is offered, one of 250 is not, and where all is clear none."""
    for name, rows in (("more", 900), ("fewer", 250)):
        month = customers_frame(rows, seed=9).assign(customer_id=lambda frame, name=name: name + frame["customer_id"])
        month.to_csv(tmp_path / f"{name}.csv", index=False)
        released.datasets.add(tmp_path / f"{name}.csv", name, target="churn", id="customer_id")
    model = candidate(released, LOGISTIC, data="customers@1", overrides={"model.C": 0.5})
    assert released.gate(model.ref).newer_rows == ()
    released.gate_rules.set("production", margin=0.0005, reason="strict")
    report = released.gate(model.ref)
    assert (lamp(report, "rows").outcome, lamp(report, "better").outcome) == ("pass", "unknown")
    assert [one["data"] for one in report.newer_rows] == ["more@1"]


def test_a_version_without_enough_new_rows_is_not_offered(released, tmp_path):
    """Nor one whose target nobody knows yet, nor one that lacks an input."""
    customers_frame(620).to_csv(tmp_path / "few.csv", index=False)
    customers_frame(1500, seed=9).drop(columns="age").to_csv(tmp_path / "narrow.csv", index=False)
    for name in ("few", "narrow"):
        released.datasets.add(tmp_path / f"{name}.csv", "customers")
    assert released.gate(candidate(released, LOGISTIC, seed=7, data="customers@1").ref).newer_rows == ()


def test_no_sentence_shows_a_raw_number_or_a_value_of_the_program(released):
    """At most four digits after a point, and no True, None or quoted list."""
    reports = [
        released.gate(candidate(released, config, **options).ref)
        for config, options in ((LOGISTIC, {}), (DUMMY, {}), (STUMP, {"seed": 7}))
    ]
    reports.append(released.gate(released.models.register(released.train(LOGISTIC), "other").ref))
    said = [one["why"] for report in reports for one in (*report.checks, *report.findings)]
    said += [one.sentence for report in reports for one in lamps.lamps(report)]
    assert not [one for one in said if re.search(r"\d\.\d{5}|True|False|None|\[|\{|\|", one)]


def test_what_is_not_asked_in_staging_is_said(released):
    """Three lamps answer there; the others belong to production."""
    report = released.gate(released.models.register(released.train(LOGISTIC), "churn_model").ref, "staging")
    assert lit(report) == dict(zip(ORDER, ["pass"] * 3 + ["unknown"] * 3, strict=True))
    assert "Only production asks" in lamp(report, "rows").sentence


def test_a_decision_that_an_earlier_program_recorded_has_its_lamps(green):
    """It knew no findings: the checks alone speak."""
    old = {key: value for key, value in green.as_dict().items() if key not in ("findings", "difference", "slices")}
    assert lit(GateReport.of(old)) == dict.fromkeys(ORDER, "pass")
