"""Colleagues and questions: what is planned for the end of a month happens once, and what asks lets no month pass."""

from __future__ import annotations

import pytest

from mlops.base.errors import RefusedError
from playground import colleagues, company, playing
from playground.calendar import end_of
from playground.course.people import JO
from playground.jobs import Job
from tests.playground import companies


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    return companies.files(tmp_path_factory.mktemp("files") / "files")


@pytest.fixture(scope="module")
def _founded(tmp_path_factory, files):
    return companies.founded(tmp_path_factory.mktemp("company") / "founded", files)


@pytest.fixture
def ws(_founded, tmp_path):
    return _founded.fork(tmp_path / "company")


def test_what_a_colleague_planned_happens_when_that_month_is_over(ws, files):
    """A real retraining by that colleague, told on the card of the month; it happens once."""
    colleagues.plan(ws, "2024-01", JO, "retrains on December")
    quiet, told = companies.play(ws, files, "2024-01")
    assert "colleagues" not in [step.what for step in quiet.steps]
    [done] = [step.result for step in told.steps if step.what == "colleagues"]
    assert done.startswith(f"{JO} retrains on December: ")
    [retraining] = ws.retraining.list()
    assert (retraining.by, retraining.at) == (JO, end_of("2024-01")) and "customers@2" in retraining.months
    assert colleagues.act(ws, "2024-01") == "" and len(ws.retraining.list()) == 1


def test_a_month_is_over_also_if_a_colleague_has_nothing_to_learn_from(ws, files):
    """No outcomes are known in December; why is said, and the next month comes."""
    colleagues.plan(ws, "2023-12", JO, "retrains at once")
    [month] = companies.play(ws, files, "2023-12")
    assert "has learned from all months whose outcomes are known" in month.steps[-1].result
    assert company.to_come(ws) == "2024-01"


def test_no_month_passes_before_what_is_asked_was_answered(ws, files, monkeypatch):
    """By whatever door: one call, a play, the job beside a screen. Before its day nothing is asked, afterwards all go on."""
    monkeypatch.setattr(company, "FILES", files)
    ws.journal.write("course/year", {"status": "under_way"})
    ws.set_clock(end_of("2024-04"))
    played = company.play(ws, files=files)
    assert played[-1].month == "2024-05" and company.waits_for(ws).id == "may"
    before = ws.head()
    with pytest.raises(RefusedError, match=r"No month passes before something is decided: 31 May"):
        company.next_month(ws, files=files)
    assert ws.head() == before

    ws.journal.write("course/year", {"answers": {"may": "wait"}})
    Job(lambda job: playing.carry_out(ws.path, job)).carry_out()
    assert ws.now() == end_of("2024-09") and company.waits_for(ws).id == "september"


def test_a_stop_that_is_not_under_way_holds_nothing(ws):
    """Months pass freely outside of the tour."""
    ws.set_clock(end_of("2024-05"))
    assert company.waits_for(ws) is None
    ws.journal.write("course/year", {"status": "skipped"})
    assert company.waits_for(ws) is None and company.goes_on(ws)
