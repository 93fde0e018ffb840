"""What a month brings, and that it is brought once."""

from __future__ import annotations

import shutil

import pandas as pd
import pytest

from mlops import MlopsError, Workspace, sample
from mlops.base.errors import ConflictError, PastError, RefusedError
from playground import __main__ as commands
from playground import chain, company, folders
from playground.calendar import end_of
from playground.course import fixtures
from playground.course.people import NEXT_MONTH, is_learner
from playground.desk import Desk
from playground.place import chapter, chapters
from tests import shell
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
    assert (batch.rows, batch.model_version, batch.data_version, batch.month) == (
        400,
        "1.0.0",
        "customers@2",
        "2023-12",
    )
    assert [step.what for step in month.steps] == ["customers", "answers", "outcomes", "monitors"]


def test_a_silent_candidate_answers_the_customers_as_well(ws, files):
    """Told with what production answered; nobody waits for it, and one that is damaged stops no month."""
    ws.models.register(ws.runs.list()[0], "churn_model")
    ws.shadow.start("churn_model@1.0.1")
    steps = {step.what: step.result for step in company.next_month(ws, files=files).steps}
    assert steps["answers"] == "churn_model v1.0.0 answered 400 of 400, v1.0.1 silently as well"
    assert (ws.shadow.report().n, ws.shadow.report().waiting) == (400, 0)

    file = ws.path / "models" / "churn_model" / "churn_model_v1.0.1.joblib"
    file.unlink()
    steps = {step.what: step.result for step in company.next_month(ws, files=files).steps}
    assert "v1.0.1 was to answer silently, and could not: " in steps["answers"]
    assert ws.shadow.report().waiting == 400


def test_outcomes_become_known_a_month_late_and_never_before(ws, files):
    """January is known with the last second of February."""
    companies.play(ws, files, "2024-01")
    assert len(ws.outcomes.known("customers")) == 400
    assert not any(row.startswith("c2401") for row in ws.outcomes.known("customers"))

    companies.play(ws, files, "2024-02")

    assert sum(row.startswith("c2401") for row in ws.outcomes.known("customers")) == 400


def test_how_well_a_month_could_be_ranked_is_said_once_its_outcomes_are_known(ws, files):
    """Only the company knows how likely each customer was to leave."""
    companies.play(ws, files, "2024-01")
    january, december = ws.monitoring.report().months
    assert january.best is None and december.outcomes.auc < december.best < 0.95


def test_the_learner_gets_no_credit_for_what_the_company_does(ws, files):
    """Its acts are signed by the button."""
    head = ws.head()
    company.next_month(ws, files=files)
    assert {event["actor"] for event in ws.log(head)} == {NEXT_MONTH} and not is_learner(NEXT_MONTH)


@pytest.mark.parametrize(("act", "said"), [("suggest", "Suggested: retrain churn_model."), ("retrain", "learned from")])
def test_the_rule_for_retraining_is_followed_once_another_month_is_known(ws, files, act, said):
    """It suggests, or acts; nobody is asked before, and before that nothing is said."""
    ws.retraining.set_rule(when="scheduled", act=act)
    december = company.next_month(ws, files=files)
    january = company.next_month(ws, files=files)
    assert "rule" not in [step.what for step in december.steps]
    [told] = [step.result for step in january.steps if step.what == "rule"]
    assert said in told and len(ws.retraining.list()) == (act == "retrain")
    for done in ws.retraining.list():
        assert done.by == NEXT_MONTH and done.at == end_of("2024-01") and "customers@2" in done.months


@pytest.mark.parametrize("stopped_at", range(4))
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

    assert kinds(ws, head) == ["dataset.add", "batch.predict", "labels.add", "month.best"]
    assert [event["kind"] for event in ws.log(head)].count("journal.write") == 3  # who came, what is known, it is over
    assert company.to_come(ws) == "2024-02"


def test_a_month_that_was_interrupted_still_knows_what_nobody_expected(ws, files, tmp_path):
    """Alerts that were raised before it stopped are its own."""
    other = shutil.copytree(files, tmp_path / "files")
    customers = pd.read_csv(other / "customers_2023-12.csv")
    customers.assign(usage_hours=customers.usage_hours * 60).to_csv(other / "customers_2023-12.csv", index=False)

    def stop(says, part):
        if "rule" in says:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        company.next_month(ws, on_step=stop, files=other)
    [raised] = ws.alerts.list()

    month = company.next_month(ws, files=other)

    assert month.alerts == (raised,) and month.surprise == raised.what
    assert company.last(ws).surprise == raised.what


def test_only_one_process_at_a_time_lets_a_month_pass(ws, files):
    """Two that found the same step undone would both do it."""

    def meanwhile(says, part):
        with pytest.raises(ConflictError, match="Another process"):
            company.next_month(Workspace.open(ws.path), files=files)

    company.next_month(ws, on_step=meanwhile, files=files)

    assert len(ws.batches.list()) == 1 and company.to_come(ws) == "2024-01"
    assert ws.verify()["ok"] and not (ws.path / "tmp" / "months.lock").exists()


def test_no_month_passes_in_the_past(ws, files):
    """What is looked at as it was is not let go on, and neither is today behind it."""
    company.next_month(ws, files=files)
    past, head = ws.at(end_of("2023-12")), ws.head()

    for act in (company.next_month, company.play, company.begin, lambda ws: company.move(ws, "2024-01-02T00:00:00Z")):
        with pytest.raises(PastError):
            act(past)

    assert ws.head() == head


def test_what_becomes_known_on_a_date_that_is_moved_to_is_told_as_at_the_end_of_a_month(ws, tmp_path):
    """No month passes after the last one, and its outcomes come all the same: monitors run on them as well."""
    files = companies.files(tmp_path / "files", rows=600)
    told = files / "outcomes_2023-12.csv"
    pd.read_csv(told).assign(churn=lambda known: 1 - known["churn"]).to_csv(told, index=False)
    (files / "teacher" / "true_probabilities.csv").unlink()
    company.next_month(ws, files=files)
    assert ws.alerts.list() == []

    company.move(ws, "2024-02-05T09:00:00Z", files)
    assert {(one.month, one.code) for one in ws.alerts.list()} == {("2023-12", "performance")}


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
    assert [one.month for one in ws.monitoring.report().months] == ["2024-02", "2024-01", "2023-12"]


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
            [one.answers_sha256 for one in ws.batches.list()],
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


# From a shell


def playground(*arguments):
    return shell.mlops(*arguments, root=commands.playground, program="python -m playground")


@pytest.fixture
def small(monkeypatch):
    """The chain of the sample, with a model that learns in a moment."""
    monkeypatch.setattr(chain, "SAMPLE_CONFIG", companies.LOGISTIC)


def test_play_in_a_missing_folder_begins_with_the_sample_and_the_chain(tmp_path, small):
    """One line from nothing to a model that has answered; what is being done is said on the side."""
    answer = playground("play", 1, "--workspace", tmp_path / "new" / "ws", "--json")

    assert answer.code == 0 and [month["month"] for month in answer.document] == ["2023-12"]
    assert "Freezing the data\n" in answer.err and "December 2023: production answers them\n" in answer.err
    ws = Workspace.open(tmp_path / "new" / "ws", create=False)
    assert ws.now() == end_of("2023-12") and ws.batches.list()[0].rows == 3000


def test_play_goes_on_where_its_beginning_was_interrupted(tmp_path, small):
    """The chain has a run already, and gets no second one."""

    def stop(said):
        if "version" in said:
            raise KeyboardInterrupt

    ws = Workspace.open(tmp_path / "ws")
    with pytest.raises(KeyboardInterrupt):
        company.begin(ws, stop)

    answer = playground("play", 1, "--workspace", ws.path, "--json")

    assert answer.code == 0 and [month["month"] for month in answer.document] == ["2023-12"]
    assert len(ws.runs.list()) == len(ws.models.list()) == 1


def test_a_line_brings_the_next_month(ws, files):
    """What cron would press."""
    month = playground("next-month", "--workspace", ws.path, "--files", files, "--json").document
    assert (month["month"], [step["what"] for step in month["steps"]], month["surprise"]) == (
        "2023-12", ["customers", "answers", "outcomes", "monitors"], None,
    )  # fmt: skip
    said = playground("next-month", "--workspace", ws.path, "--files", files).out
    assert "January 2024" in said and "400 outcomes of December 2023 are known" in said


def test_only_play_makes_a_workspace(tmp_path):
    """Whatever is refused leaves nothing behind."""
    answer = playground("next-month", "--workspace", tmp_path / "none")
    assert answer.code == 1 and "There is no workspace" in answer.err and not (tmp_path / "none").exists()


def test_play_says_when_the_story_is_over(ws, files):
    """It plays what there is, and the next line says what one can do instead."""
    ws.set_clock(end_of("2024-12"))
    answer = playground("play", 5, "--workspace", ws.path, "--files", files)
    assert answer.code == 0 and answer.out.endswith(
        "The story ends here: nobody comes up for renewal after December 2024.\n"
    )
    again = playground("play", 5, "--workspace", ws.path, "--files", files)
    assert again.code == 1 and "start over to play it again" in again.err


def test_a_story_is_loaded_and_what_was_there_is_kept(ws, monkeypatch):
    """As starting over does."""
    monkeypatch.setattr(fixtures, "ready", lambda name, say: ws.path)
    target = ws.path.with_name("mine")
    Workspace.open(target).journal.write("note", {"mine": True})

    answer = playground("load", "march_15", "--workspace", target, "--json").document

    assert Workspace.open(target, create=False).models.list() == ws.models.list()
    assert Workspace.open(answer["kept"], create=False).journal.read("note") == {"mine": True}
    assert playground("load", "march_15", "--workspace", target.with_name("new"), "--json").document["kept"] is None


def test_a_story_that_there_is_none_of_changes_nothing(tmp_path):
    """The line says which ones there are."""
    answer = playground("load", "april", "--workspace", tmp_path / "ws")
    assert answer.code == 2 and "march_15" in answer.err and not (tmp_path / "ws").exists()
    assert "15 March 2024" in playground("load", "--help").out


# Taking a month back


def test_a_month_is_taken_back_to_the_last_byte_and_what_gave_way_is_kept(ws, files):
    """Drafts and chapters stay where they are."""
    companies.play(ws, files, "2023-12")
    Workspace.open(chapters(ws.path) / "rollback")
    Desk(ws.path).put({"train.draft": "mine"})
    log = ws.log()
    folders.remember(ws)
    company.next_month(ws, files=files)

    aside = folders.take_back(ws)

    back = Workspace.open(ws.path, create=False)
    assert back.log() == log and back.verify()["ok"] and company.to_come(back) == "2024-01"
    assert company.to_come(Workspace.open(aside, create=False)) == "2024-02"
    assert chapter(ws.path, "rollback") and Desk(ws.path).read() == {"train.draft": "mine"}
    assert folders.remembered(back) is None


def test_only_the_own_past_can_be_taken_back(ws, files):
    """What was remembered of a workspace that was put aside is not that of the fresh one."""
    folders.remember(ws)
    folders.remember(ws)
    company.next_month(ws, files=files)
    assert folders.remembered(ws).head() < ws.head()

    folders.start_over(ws)
    fresh = Workspace.open(ws.path, create=False)

    assert folders.remembered(fresh) is None
    with pytest.raises(MlopsError, match="nothing to take back"):
        folders.take_back(fresh)
