"""Alerts: raised once where something is beyond what may be or changed beyond luck, over when the months say so."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from mlops.base.errors import ConflictError, InvalidError, NotFoundError, PastError
from mlops.production.alerts import LOG, judged
from mlops.production.estimate import Estimate
from mlops.production.monthly import Month
from mlops.production.performance import Performance

MARGIN = 0.02


def month(
    name: str, auc: float | None = None, *, known: int = 3000, best: float | None = 0.84, moved=(), verdict="none"
) -> Month:
    """A month with its AUC, its interval of 0.02 to either side, and the inputs that differ."""
    found = None
    if auc is not None:
        few = known < 500
        found = Performance(known, 3000, "auc", auc, auc - 0.02, auc + 0.02, auc, 0.15, {"auc": auc}, {}, few)
    inputs = {"verdict": "drift" if moved and verdict == "none" else verdict, "why": "usage in minutes"}
    return Month(name, 3000, {**inputs, "drifted": dict(moved)}, found, None, found and best, 0.82, ())


def said(months, standing=()):
    over, new = judged(months, MARGIN, list(standing))
    return [one.id for one in over], [(one.level, one.kind, one.code, one.month) for one in new]


def test_quiet_months_are_quiet():
    """Noise is no alarm: an AUC a little below, inputs as they were."""
    months = [month("2024-03"), month("2024-02", 0.815), month("2024-01", 0.83), month("2023-12", 0.82)]
    assert said(months) == ([], [])
    assert said([]) == ([], [])


def test_harm_that_outcomes_have_shown_is_critical_and_began_with_its_first_month():
    """All of the interval lies below the best achievable, by more than the release check lets a model lose."""
    months = [month("2024-04"), month("2024-03", 0.78), month("2024-02", 0.79), month("2024-01", 0.82)]
    assert said(months)[1] == [("critical", "limit", "performance", "2024-02")]


def test_without_the_best_achievable_the_month_is_held_against_the_release():
    """A company of one's own knows no best; a month that lost less than 0.02 of 0.82 is none."""
    assert said([month("2024-02", 0.775, best=None)])[1] == [("critical", "limit", "performance", "2024-02")]
    assert said([month("2024-02", 0.785, best=None)])[1] == []


def test_few_outcomes_raise_nothing():
    """Below 500 known outcomes a month says little."""
    assert said([month("2024-02", 0.70, known=499)])[1] == []


def test_a_fall_beyond_luck_is_a_change_of_its_own_month(released):
    """Also of a model that was harmed before; the month in which it first crosses the limit says it once."""
    before = [month("2024-07", 0.79), month("2024-06", 0.79)]
    harmed = [("critical", "limit", "performance", "2024-06")]
    assert said(before)[1] == harmed
    fallen = [month("2024-08", 0.70), *before]
    assert said(fallen)[1] == [*harmed, ("warning", "change", "fall", "2024-08")]
    assert said([month("2024-08", 0.76), *before])[1] == harmed  # within luck
    assert said([month("2024-07", 0.70), month("2024-06", 0.82)])[1] == [
        ("critical", "limit", "performance", "2024-07")
    ]


def test_inputs_that_moved_are_one_alert_and_news_once(released, arrive):
    """A price that rose stays; what moves later is another alert, which is over when it is back."""
    fee, age = ("monthly_fee", 0.7), ("age", 0.2)
    assert said([month("2024-02", moved=[fee, age])])[1] == [("warning", "limit", "inputs", "2024-02")]
    assert said([month("2024-02", moved=[age])])[1] == [("info", "limit", "inputs", "2024-02")]
    raised = alert("a1", "inputs", "2024-02", ("monthly_fee",))
    months = [month("2024-03", moved=[fee, age]), month("2024-02", moved=[fee])]
    assert said(months, [raised]) == ([], [("info", "limit", "inputs", "2024-03")])
    later = alert("a2", "inputs", "2024-03", ("age",))
    assert said([month("2024-04", moved=[fee]), *months], [raised, later]) == (["a2"], [])


def test_a_fault_of_the_data_is_named_as_such_and_not_as_drift():
    """What to repair, not what to learn."""
    months = [month("2024-07", moved=[("usage_hours", 0.3)], verdict="data_error"), month("2024-06")]
    assert said(months)[1] == [("critical", "limit", "data_error", "2024-07")]
    over, _ = said([month("2024-08"), *months], [alert("a1", "data_error", "2024-07")])
    assert over == ["a1"]


def test_an_estimate_warns_before_outcomes_are_known():
    """Harm that scores can see: other customers, the same law."""
    expected = Estimate(0.76, 0.74, 0.78, None, None)
    assert said([replace(month("2024-05"), estimate=expected)])[1] == [("warning", "limit", "estimate", "2024-05")]
    assert said([replace(month("2024-05", 0.83), estimate=expected)])[1] == []


# Raised, acknowledged, resolved


def test_nobody_is_told_twice(harmed):
    """The same state raises nothing, writes nothing, and the log has one line for each event."""
    [raised] = harmed.alerts.update()
    assert (raised.code, raised.level, raised.status, raised.month) == ("performance", "critical", "open", "2024-03")
    head = harmed.head()
    assert harmed.alerts.update() == [raised] and harmed.head() == head
    assert harmed.monitoring.report().alerts == (raised,)
    lines = [json.loads(line) for line in (harmed.path / LOG).read_text().splitlines()]
    assert [(line["event"], line["id"], line["what"]) for line in lines] == [("raise", raised.id, raised.what)]


def test_an_alert_is_acknowledged_with_a_reason_and_resolves_by_itself(harmed, arrive, told):
    """A reason is asked for; what is over cannot be acknowledged, and comes again under another id."""
    [raised] = harmed.alerts.update()
    with pytest.raises(InvalidError, match="without a reason"):
        harmed.alerts.acknowledge(raised.id, "  ")
    seen = harmed.alerts.acknowledge(raised.id[:6], "the price rise")
    assert (seen.status, seen.reason, seen.acknowledged_by) == ("acknowledged", "the price rise", "ada")
    assert [one.id for one in harmed.alerts.update()] == [raised.id]
    told(arrive(5), "2024-05-03T00:00:00Z")
    harmed.set_clock("2024-05-03T00:00:00Z")
    assert harmed.alerts.update() == []
    [resolved] = harmed.alerts.list()
    assert (resolved.status, resolved.resolved_at, resolved.reason) == ("resolved", harmed.now(), "the price rise")
    with pytest.raises(ConflictError, match="was resolved at"):
        harmed.alerts.acknowledge(raised.id, "too late")
    with pytest.raises(NotFoundError, match="No alert starts with 'a0'"):
        harmed.alerts.acknowledge("a0", "nobody")
    events = [json.loads(line)["event"] for line in (harmed.path / LOG).read_text().splitlines()]
    assert events == ["raise", "acknowledge", "resolve"]


def test_what_a_killed_process_did_not_log_is_logged_next_time(harmed):
    """The history is the truth; the file follows it, and is no problem to verify."""
    harmed.alerts.update()
    whole = (harmed.path / LOG).read_text()
    (harmed.path / LOG).unlink()
    harmed.alerts.update()
    assert (harmed.path / LOG).read_text() == whole
    assert harmed.verify()["problems"] == []


def test_the_past_knows_the_alerts_of_then(harmed):
    """And raises none."""
    before = harmed.head()
    [raised] = harmed.alerts.update()
    assert harmed.at(event=before).alerts.list() == []
    assert harmed.at(event=harmed.head()).alerts.list() == [raised]
    with pytest.raises(PastError):
        harmed.at(event=before).alerts.update()


@pytest.fixture
def harmed(released, arrive, told):
    """A model that was asked in March about customers whose outcomes have nothing to do with it, as is known in April."""
    frame = arrive(3)
    luck = frame.assign(churn=frame["churn"].sample(frac=1, random_state=1).to_numpy())
    told(luck, "2024-04-01T00:00:00Z")
    released.set_clock("2024-04-02T00:00:00Z")
    return released


def alert(id: str, code: str, month: str, columns=()):
    from mlops.production.alerts import Alert

    facts = {"id": id, "code": code, "kind": "limit", "month": month, "columns": columns, "status": "open"}
    return Alert.of(facts)
