"""The close of the tour on the Guide: the tree, the job that a reload finds again, and one thing to do at a time."""

from __future__ import annotations

import re
import shutil

import pytest

from mlops import Workspace
from playground import closing
from playground.course import budget
from playground.jobs import Job, jobs
from tests.playground.test_closing import GREEN, RED, needs_git, with_tests
from tests.screens import button, drawn_on, links_on, open_page, unfold, words_on

TITLE = "Your project"


@pytest.fixture(scope="module")
def _own(_released: Workspace, tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    ws = _released.fork(tmp_path_factory.mktemp("screen") / "own")
    closing.write(ws, "churn_model@1.1.0", Job(lambda job: None))
    with_tests(ws, GREEN)
    return ws


@pytest.fixture
def own(_own, tmp_path, monkeypatch) -> Workspace:
    """A workspace on screen with a project that has just been written; its one test takes a moment."""
    shutil.copytree(_own.path.with_name("own-project-1"), tmp_path / "own-project-1")
    ws = _own.fork(tmp_path / "own")
    monkeypatch.setenv("MLOPS_WORKSPACE", str(ws.path))
    return ws


def tab(**query: str):
    return open_page("guide", part=TITLE, **query)


def settled(ws: Workspace) -> bool:
    return jobs().settled(("close", str(ws.path.absolute())))


def test_where_nothing_is_live_it_leads_to_where_that_is_made(empty):
    """A project is made of what is live."""
    at = tab()

    assert not at.exception and "Nothing is yet" in words_on(at) and "Take a model live" in links_on(at)


def test_a_click_writes_what_is_live_and_draws_its_tree(two_live, monkeypatch):
    """Where several names are live, one is chosen."""
    monkeypatch.setenv("MLOPS_WORKSPACE", str(two_live.path))
    at = tab()
    assert at.selectbox(key="close.model").options == ["churn_model v1.1.0", "guest_model v1.1.0"]
    at.selectbox(key="close.model").select("guest_model@1.1.0").run()
    button(at, "Write my project").click().run()
    assert settled(two_live)
    at = tab()
    drawn = drawn_on(at, "project_tree")

    assert not at.exception and {"guests@1", "guest_model@1.1.0"} <= {one["id"] for one in drawn["sources"]}
    assert {"data", "models", "src", "configs", "experiments", "tests"} == {
        one["path"] for one in drawn["rows"] if one["folder"] and not one["depth"]
    }


def test_the_tests_tick_their_lines_and_a_failing_one_says_which(own):
    """Found again after a reload; before they were begun there is nothing else to do."""
    with_tests(own, GREEN + RED)
    assert "Which message of yours helps them?" not in words_on(tab())
    button(tab(), "Run its tests").click().run()
    assert settled(own)
    at = tab()
    said = words_on(at).replace("\\", "")
    rows = {one["path"]: one for one in drawn_on(at, "project_tree")["rows"]}

    assert "lena gets her list" in said and "assert 5 == 6" in said
    assert (rows["tests"]["state"], rows["tests"]["said"]) == ("failed", "1 failed")
    with_tests(own, GREEN)
    button(at, "Run them again").click().run()
    assert settled(own) and "1 test passed" in words_on(tab())


@needs_git
def test_a_message_that_does_not_help_says_why_and_can_be_said_better(own):
    """Then the diff is read, approved and merged, and three lines of the checklist have their evidence."""
    closing.run_tests(own, Job(lambda job: None))
    at = tab()
    assert button(at, "Commit").disabled
    at.radio(key="close.message").set_value("what").run()
    button(at, "Commit").click().run()
    assert "It cannot say who wanted it" in words_on(at).replace("\\", "") and button(at, "Commit again").disabled
    assert "-0 6 * * *" in at.code[0].value
    at.radio(key="close.message").set_value("why").run()
    button(at, "Commit again").click().run()
    button(at, "Approve").click().run()
    button(at, "Merge").click().run()
    said = words_on(at)

    assert not at.exception and "Merged" in said and "README" in said
    assert [one["lane"] for one in drawn_on(at, "commit_graph")["commits"]][:3] == [0, 1, 0]
    assert [fact.ok for fact in closing.facts(closing.read(own))] == [True, True, True]
    button(at, "After class: the labs").click().run()
    assert not at.exception and "Works on my machine" in words_on(at)


def test_the_past_shows_the_project_and_does_nothing(own):
    """Who looks at March cannot merge today."""
    at = tab(at=str(own.head() - 2))

    assert not at.exception and button(at, "Back to today to run the tests").disabled


def test_the_tree_has_its_table(own):
    """What is seen is said: each file, and what it came from."""
    table = unfold(tab(), "close.table").dataframe[0].value

    assert table.set_index("path")["came from"]["data/customers_v1.json"] == "data customers@1"


def test_without_git_that_is_said_kindly(own, monkeypatch, tmp_path):
    """Nothing is red: all else is there."""
    closing.run_tests(own, Job(lambda job: None))
    monkeypatch.setenv("PATH", str(tmp_path))
    at = tab()

    assert "Git is not on this machine" in at.info[0].value and not at.error


def test_the_guide_leads_to_the_close(empty):
    """Below the eight stops."""
    at = button(open_page("guide"), TITLE).click().run()

    assert not at.exception and "Take a model live" in links_on(at)


@needs_git
def test_it_fits_its_two_minutes(own):
    """Words at an ordinary pace, five seconds an act, twenty for the choice; who waits for the tests goes on meanwhile."""
    project = closing.read(own).folder
    project.rename(project.with_name("away"))
    to_write = read_after(lambda: None)
    project.with_name("away").rename(project)
    to_test = read_after(lambda: None)
    meanwhile = read_after(
        lambda: closing.run_tests(own, Job(lambda job: None)), lambda: closing.commit(own, "why"),
        lambda: closing.approve(own), lambda: closing.merge(own),
    )  # fmt: skip
    write, tests = (budget.WAITS[name].seconds for name in ("project", "its tests"))
    reading, act = 60 / budget.WORDS_A_MINUTE, budget.SECONDS_AN_ACT

    change = meanwhile * reading + budget.SECONDS_A_GUESS + 2 * act
    assert (to_write + to_test) * reading + 2 * act + write + max(tests, change) + 2 * act <= 120
    assert change <= 80


def read_after(*acts) -> int:
    """Return how many words there are to read once these acts are done, each the first time that it is seen."""
    seen: set[str] = set()
    for act in acts:
        act()
        part = next(one for one in tab().tabs if one.label == TITLE)
        seen |= {str(one.value) for one in part.markdown}
    return sum(len(re.sub(r":[a-z]+\[|:material/\w+:|[^\w\s]", " ", one).split()) for one in seen)
