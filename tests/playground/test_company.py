"""What a month brings, and that it is brought once."""

from __future__ import annotations

import pytest

from mlops import Workspace, sample
from mlops.base.errors import RefusedError
from playground import company
from playground.calendar import end_of
from playground.course.people import NEXT_MONTH, is_learner
from tests.playground import companies


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """The files of a small company."""
    return companies.files(tmp_path_factory.mktemp("company") / "files")


@pytest.fixture(scope="module")
def _founded(files, tmp_path_factory):
    return companies.founded(tmp_path_factory.mktemp("company") / "founded", files)


@pytest.fixture
def ws(_founded, tmp_path):
    """The company on 1 December 2023; a model that learned from its customers is live."""
    return _founded.fork(tmp_path / "company")


def kinds(ws: Workspace, since: int = 0) -> list[str]:
    return [event["kind"] for event in ws.log(since) if event["kind"] not in ("clock.set", "journal.write")]


def test_a_month_brings_customers_whom_production_answers(ws, files):
    """Each step is a real one of the workspace."""
    month = company.next_month(ws, files=files)

    assert month.month == "2023-12" and ws.now() == end_of("2023-12")
    kept = ws.datasets.get("customers@2")
    assert (kept.rows, kept.target_absent, kept.source) == (400, True, "customers_2023-12.csv")
    [batch] = ws.batches.list()
    assert (batch.rows, batch.model_version) == (400, "1.0.0")
    assert [step.what for step in month.steps] == ["customers", "answers", "outcomes"]


def test_outcomes_become_known_a_month_late_and_never_before(ws, files):
    """January is known with the last second of February."""
    companies.play(ws, files, "2024-01")
    assert len(ws.outcomes.known("customers")) == 400
    assert not any(row.startswith("c2401") for row in ws.outcomes.known("customers"))

    companies.play(ws, files, "2024-02")

    assert sum(row.startswith("c2401") for row in ws.outcomes.known("customers")) == 400


def test_the_learner_gets_no_credit_for_what_the_company_does(ws, files):
    """Its acts are signed by the button."""
    head = ws.head()
    company.next_month(ws, files=files)
    assert {event["actor"] for event in ws.log(head)} == {NEXT_MONTH} and not is_learner(NEXT_MONTH)


@pytest.mark.parametrize("stopped_at", range(3))
def test_a_month_that_was_interrupted_goes_on_and_does_nothing_twice(ws, files, stopped_at):
    """Whatever was done stays as it is."""
    parts = iter(range(10))

    def stop(says, part):
        if next(parts) == stopped_at:
            raise KeyboardInterrupt

    companies.play(ws, files, "2023-12")
    head = ws.head()
    with pytest.raises(KeyboardInterrupt):
        company.next_month(ws, on_step=stop, files=files)
    assert company.to_come(ws) == "2024-01"

    company.next_month(ws, files=files)

    assert kinds(ws, head) == ["dataset.add", "batch.predict", "labels.add"]
    assert company.to_come(ws) == "2024-02"


def test_months_that_the_calendar_passed_are_made_up_for(ws, files):
    """A release moves the date as well; the date never goes back."""
    ws.set_clock("2024-02-15T09:00:00Z")
    assert company.to_come(ws) == "2024-02"

    month = company.next_month(ws, files=files)

    assert [one.source for one in reversed(ws.datasets.list())][1:] == [
        "customers_2023-12.csv", "customers_2024-01.csv", "customers_2024-02.csv",
    ]  # fmt: skip
    assert {step.month for step in month.steps} == {"2023-12", "2024-01", "2024-02"}
    assert len(ws.outcomes.known("customers")) == 800 and ws.now() == end_of("2024-02")


def test_customers_whom_somebody_kept_before_come_once(ws, files):
    """Content is the identity of a version."""
    ws.datasets.add(files / "customers_2023-12.csv", "customers", message="by hand")
    company.next_month(ws, files=files)
    assert [one.ref for one in ws.datasets.list()] == ["customers@2", "customers@1"]


def test_same_files_same_year(ws, _founded, files, tmp_path):
    """Two plays have the same data, answers and outcomes, to the byte."""
    other = _founded.fork(tmp_path / "other")

    def year(ws):
        companies.play(ws, files, "2024-02")
        return (
            [one.sha256 for one in ws.datasets.list()],
            [one.output_sha256 for one in ws.batches.list()],
            sorted(ws.outcomes.known("customers").items()),
        )

    assert year(ws) == year(other)


def test_the_story_ends_with_a_friendly_word(ws, files):
    """After December 2024 nobody comes; nothing is recorded."""
    ws.set_clock(end_of("2024-11"))
    assert company.next_month(ws, files=files).month == "2024-11"
    assert company.next_month(ws, files=files).month == "2024-12"
    head = ws.head()

    assert company.to_come(ws) is None
    with pytest.raises(RefusedError, match="The story ends here.*start over to play it again"):
        company.next_month(ws, files=files)
    assert ws.head() == head


def test_customers_of_other_data_are_not_made_up(released):
    """Its customers are somebody's own."""
    assert company.to_come(released) is None
    with pytest.raises(RefusedError, match="No customers come"):
        company.next_month(released)


def test_nobody_comes_where_nobody_could_answer(tmp_path):
    """It says so before anything happens."""
    ws = Workspace.open(tmp_path / "workspace")
    sample.add(ws)
    head = ws.head()
    with pytest.raises(RefusedError, match="Run the chain first"):
        company.next_month(ws)
    assert ws.head() == head


def test_customers_in_columns_that_no_model_knows_are_refused_and_the_month_goes_on(ws, files, tmp_path):
    """A new customer system is a break of the schema: whoever cannot be answered is no reason to stop the calendar."""
    from sample_data.generate import choose_events, generate

    events = choose_events(extra=["crm_migration"])
    migrated = companies.written(tmp_path / "migrated", generate(17, 400, events))
    ws.set_clock(end_of("2024-10"))
    company.next_month(ws, files=migrated)

    month = company.next_month(ws, files=migrated)

    assert "cannot answer" in month.steps[1].result and company.to_come(ws) == "2024-12"
