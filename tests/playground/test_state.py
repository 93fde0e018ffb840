"""What one run of a screen costs, counted in work, and what it remembers."""

from __future__ import annotations

import threading
from collections import Counter
from pathlib import Path

import pytest

from mlops import Workspace
from mlops.base.ledger import Ledger
from mlops.experiments.runs import Runs
from mlops.release.predictions import Predictions
from playground import folders, screens
from playground.desk import Desk
from playground.tally import BEGIN, Asked, Tally, logged
from playground.ui.kit import session
from playground.ui.kit.shelf import QUESTIONS, Shelf
from tests.conftest import STUMP
from tests.screens import config, open_page, unfold, write

NAMES = [screen.name for screen in screens.SCREENS if screen.name != "sweep"]


@pytest.fixture
def asked(released, monkeypatch) -> Workspace:
    """The workspace `released` on screen, with a question that was asked and answered."""
    monkeypatch.setenv("MLOPS_WORKSPACE", str(released.path))
    ask(released)
    return released


def ask(ws: Workspace) -> None:
    ws.predict("@production", ws.models.metadata("@production")["examples"][0]["row"])


@pytest.fixture
def work(monkeypatch) -> Counter[str]:
    """Count what is done from here on: workspaces opened, connections made, looks at the head, requests read."""
    done: Counter[str] = Counter()

    def counted(owner: type, name: str, what: str) -> None:
        real = getattr(owner, name)

        def call(*arguments, **named):
            done[what] += "mlops" not in threading.current_thread().name  # those who look for work
            return real(*arguments, **named)

        monkeypatch.setattr(owner, name, staticmethod(call) if owner is Workspace and name == "open" else call)

    counted(Workspace, "open", "openings")
    counted(Workspace, "head", "heads")
    counted(Ledger, "_begin", "connections")
    counted(Predictions, "list", "requests")
    counted(Runs, "list", "runs")
    return done


@pytest.mark.parametrize("name", NAMES)
def test_a_rerun_opens_the_workspace_once_and_looks_at_one_head(asked, work, name):
    """Where nothing has happened, the opening and the head are all that is read of the ledger."""
    at = open_page(name, id=asked.runs.list()[0].run_id, ref="churn_model@1.0.0").run()
    work.clear()
    at.run()

    assert not at.exception
    assert (work["openings"], work["heads"]) == (1, 1)
    assert work["connections"] <= 2


@pytest.mark.parametrize("name", NAMES)
def test_also_after_an_event_one_opening_serves_the_whole_screen(asked, work, name):
    """What is read anew is read through the workspace that was opened."""
    at = open_page(name, id=asked.runs.list()[0].run_id, ref="churn_model@1.0.0")
    asked.runs.note(asked.runs.list()[0].run_id, "seen")
    work.clear()
    at.run()

    assert not at.exception
    assert work["openings"] == 1


def test_a_logged_request_makes_no_screen_read_its_records_again(asked, work):
    """It is no event: runs, models and deployments are as they were, and only requests are counted anew."""
    at = open_page("release").run()
    ask(asked)
    work.clear()
    at.run()

    assert not at.exception
    assert (work["requests"], work["runs"]) == (1, 0)


def test_requests_are_counted_once_each(asked, work):
    """Who looks again reads those that came since, however many there are."""
    tally, read = Tally(), Counter()
    first = tally.asked(asked)
    real = asked.predictions.list
    asked.predictions.list = lambda limit: read.update(limit=limit) or real(limit=limit)
    ask(asked)

    assert (first.requests, tally.asked(asked).requests, tally.asked(asked, "nobody")) == (
        1,
        2,
        Asked(after=first.after),
    )
    assert read["limit"] == BEGIN


def test_a_log_that_is_sealed_while_somebody_looks_is_no_error(asked, monkeypatch):
    """It was there when the folder was listed, and is gone when it is asked how long it is."""
    gone = asked.path / "predictions" / "open-9.jsonl"
    there = [*asked.path.glob("predictions/open-*.jsonl")]
    monkeypatch.setattr(Path, "glob", lambda folder, pattern: iter([gone, *there]))

    assert [name for name, _ in logged(asked)] == [log.name for log in there]


def test_a_workspace_does_not_push_out_what_another_one_read():
    """Each has its own shelf, and a shelf keeps what was asked for last."""
    mine, theirs = Shelf(), Shelf()
    mine.get("dear", 1, lambda: "read once")
    for number in range(3 * QUESTIONS):
        theirs.get(number, 1, lambda: "cheap")

    assert mine.get("dear", 1, lambda: "read again") == "read once"
    assert theirs.get(0, 1, lambda: "read again") == "read again"


def test_an_answer_of_another_moment_is_not_kept_beside_the_newest():
    """A head never comes back, so what was read at it is memory for nothing."""
    shelf = Shelf()
    for head in range(1000):
        shelf.get("runs", head, lambda: bytes(1000))

    assert len(shelf._answers) == 1


@pytest.fixture
def at_work(trained, monkeypatch) -> Workspace:
    """The workspace `trained` on screen."""
    monkeypatch.setenv("MLOPS_WORKSPACE", str(trained.path))
    return trained


def test_a_draft_and_every_choice_beside_it_survive_the_session(at_work):
    """A reload is a new session, and so is a look after the server was started again."""
    at = write(open_page("train"), "model: {type: dummy}\n")
    at.segmented_control(key="workbench.way").set_value("History").run()
    at.session_state["train.tabs"] = "Sweep"
    at.run()
    at.pills[0].set_value(["model.type"]).run()
    at.run()

    again = open_page("train")
    assert config(again) == "model: {type: dummy}\n" and not again.exception
    assert again.session_state["train.tabs"] == "Sweep" and again.session_state["workbench.way"] == "History"
    assert again.pills[0].value == ["model.type"]


def test_data_that_was_chosen_is_chosen_still(at_work, customers_csv):
    """The choice is a version; the newest one is chosen where nobody chose."""
    at_work.datasets.add(customers_csv, "others", target="churn")
    open_page("train").selectbox(key="train.data").set_value("customers@1").run().run()

    assert open_page("train").selectbox(key="train.data").value == "customers@1"


def test_chosen_columns_and_the_search_of_the_run_table_survive(at_work):
    """Also a column that no run has any more does no harm."""
    at = unfold(open_page("compare"), "compare.fields")
    at.multiselect(key="compare.columns").set_value(["seed"]).run()
    at.text_input(key="compare.search").set_value("boosting").run().run()
    Desk(at_work.path).put({"compare.columns": ["seed", "params.gone"]})

    again = open_page("compare")
    assert again.text_input(key="compare.search").value == "boosting" and not again.exception
    assert "seed" in again.dataframe[0].value.columns


def test_the_order_of_the_run_table_is_that_of_all_runs_and_survives(at_work):
    """Whoever sorts by a setting or a metric finds it sorted tomorrow; without an order the newest is the first."""
    for depth in (3, 1, 2):
        at_work.train(STUMP, overrides={"model.max_depth": depth})
    at = unfold(open_page("compare"), "compare.fields")
    assert [*at.dataframe[0].value["max_depth"]] != [3, 2, 1, 1]
    at.selectbox(key="compare.order").set_value("-params.model.max_depth").run().run()

    again = open_page("compare")
    assert [*again.dataframe[0].value["max_depth"]] == [3, 2, 1, 1] and not again.exception
    Desk(at_work.path).put({"compare.order": "-params.gone"})
    assert [*open_page("compare").dataframe[0].value["max_depth"]][2:] == [3, 1]


def test_what_stands_on_a_desk_never_breaks_a_screen(at_work):
    """Choices that are none any more, and values of another program."""
    gone = {"train.data": "gone@7", "train.tabs": "Gone", "workbench.way": 7, "sweep.how": ["x"], "notebook.guess": 99,
            "kept.session.seat": "evil", "menu": True, "compare.columns": ["gone"], "kept.compare.costs": {"calls": "many", "price": -1}}  # fmt: skip
    Desk(at_work.path).put(gone)
    for name in ("train", "compare"):
        at = open_page(name)
        assert not at.exception and not at.error, name
    assert "menu" not in at.session_state or not at.session_state["menu"]


@pytest.mark.parametrize("value", [5, "x", [1], {"a": 1}, (1, 2)])
def test_what_somebody_else_wrote_on_a_desk_is_no_draft(at_work, value):
    """A value of another type than the screens keep there is none of theirs."""
    kept = [one for one in vars(session).values() if isinstance(one, session.Kept) and one.durable]
    Desk(at_work.path).put({one.key: value for one in kept if not isinstance(value, one.durable)})
    for name in ("start", "train"):
        at = open_page(name)
        assert not at.exception and not at.error
        assert [at.session_state[one.key] for one in kept if one.key in at.session_state].count(value) == 0


def test_a_rerun_reads_no_desk_and_writes_one_only_for_what_changed(at_work, monkeypatch):
    """It is read once for a session."""
    at = write(open_page("train"), "model: {type: dummy}\n")
    done = Counter()
    for verb in ("read", "put"):
        real = getattr(Desk, verb)
        monkeypatch.setattr(Desk, verb, lambda *given, verb=verb, real=real: done.update([verb]) or real(*given))
    at.run()
    assert done == {}
    at.segmented_control(key="workbench.way").set_value("Form").run()
    assert done == {"put": 1}


def test_a_workspace_that_came_into_the_place_of_another_finds_no_choice_of_that_one(at_work):
    """In a second tab, too, which nobody told; and each has its own desk."""
    first, second = (write(open_page("train"), "model: {type: dummy}\n") for _ in range(2))
    folders.start_over(at_work)
    assert not second.run().exception and session.DRAFT.key not in second.session_state
    assert not first.run().exception and Desk(at_work.path).read() == {}


def test_two_tabs_have_of_each_value_the_one_written_last(at_work):
    """Neither takes what it never touched from the other."""
    one, other = open_page("train"), open_page("train")
    write(one, "model: {type: dummy}\n")
    other.segmented_control(key="workbench.way").set_value("History").run().run()
    again = open_page("train")

    assert config(again) == "model: {type: dummy}\n" and again.segmented_control(key="workbench.way").value == "History"
