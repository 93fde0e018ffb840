"""The close of the tour: the learner's own work as a project, its tests, and a change that goes the way of all changes."""

from __future__ import annotations

import io
import shutil
import subprocess
import zipfile
from pathlib import Path
from threading import Thread

import pytest

from mlops import Workspace
from mlops.base.errors import Cancelled, MlopsError, NotFoundError, PastError, RefusedError
from playground import checklists, closing, messages, project_tree, tested
from playground.acts import Acts
from playground.jobs import Job
from playground.tested import Tried

GREEN = "def test_a_rule_holds():\n    assert True\n"
RED = "def test_lena_gets_her_list():\n    assert 5 == 6\n"

needs_git = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")


def job() -> Job:
    return Job(lambda job: None)


@pytest.fixture(scope="module")
def _written(_released: Workspace, tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    ws = _released.fork(tmp_path_factory.mktemp("close") / "own")
    closing.write(ws, "churn_model@1.1.0", job())
    return ws


@pytest.fixture(scope="module")
def _tested(_written: Workspace, tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    ws = copied(_written, tmp_path_factory.mktemp("tested"))
    with_tests(ws, GREEN)
    closing.run_tests(ws, job())
    return ws


def copied(ws: Workspace, to: Path) -> Workspace:
    shutil.copytree(ws.path.with_name("own-project-1"), to / "own-project-1")
    return ws.fork(to / "own")


@pytest.fixture
def own(_tested: Workspace, tmp_path: Path) -> Workspace:
    """A workspace with its project, whose tests - one, that takes a moment - have passed."""
    return copied(_tested, tmp_path)


def with_tests(ws: Workspace, text: str) -> None:
    """Put other tests in the place of those that train: what is asked here is how they are run, and told."""
    shutil.rmtree(ws.path.with_name("own-project-1") / "tests")
    (ws.path.with_name("own-project-1") / "tests").mkdir()
    (ws.path.with_name("own-project-1") / "tests" / "test_rules.py").write_text(text, encoding="utf-8")


def git(folder: Path, *arguments: str) -> str:
    return subprocess.run(["git", *arguments], cwd=folder, capture_output=True, text=True, check=True).stdout.strip()


# The project


def test_a_project_lies_beside_the_workspace_and_never_over_another(own):
    """Who writes it again gets another folder, and begins the close again there."""
    first = closing.read(own)
    closing.write(own, "churn_model@1.0.0", job())
    second = closing.read(own)

    assert (first.folder.name, second.folder.name) == ("own-project-1", "own-project-2")
    assert first.folder.is_dir() and (first.passed, second.tests) == (True, ())
    assert (first.project["model"], second.project["model"]) == ("churn_model@1.1.0", "churn_model@1.0.0")


def test_a_copy_has_no_project_and_neither_has_who_removed_it(own):
    """What is done in a copy must not be done to the project of another; what is gone can be written again."""
    assert closing.read(own.fork(own.path.with_name("own-copy-1"))).move == "write"
    shutil.rmtree(own.path.with_name("own-project-1"))
    assert closing.read(own).move == "write"
    with pytest.raises(NotFoundError, match="no project here yet"):
        closing.run_tests(own, job())


def test_the_tree_says_which_record_each_folder_came_from(own):
    """In the order of the module's structure; the twin of the picture is a sentence and a table."""
    tree = project_tree.read(own, closing.read(own).project)
    rows = {row.path: row for row in tree.rows}
    run = own.models.get("churn_model@1.1.0").run_id

    assert [row.name for row in tree.rows if row.depth == 0][:7] == [*project_tree.FOLDERS, "README.md"]
    assert rows["data"].sources == ("customers@1",) and rows["models"].sources == ("churn_model@1.1.0",)
    assert rows["configs"].sources == (run, "churn_model@1.1.0") and rows[f"experiments/{run}/run.json"].sources == (
        run,
    )
    assert [(one.kind, one.label, one.page) for one in tree.sources] == [
        ("data", "customers@1", "data"), ("run", run[:7], "run"), ("model", "churn_model v1.1.0", "model"),
        ("deployment", "in production", "release"),
    ]  # fmt: skip
    assert "models came from version churn_model v1.1.0" in tree.sentence
    assert {
        "path": "data/customers_v1.json",
        "what": rows["data/customers_v1.json"].what,
        "came from": "data customers@1",
    } in tree.table()


# Its tests


def test_tests_run_without_this_app_and_each_tells_what_came_of_it(own, monkeypatch):
    """A failing one says which and why; nothing of this program's environment reaches them."""
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[2]))
    alone = "import os\ndef test_alone():\n    assert not [one for one in os.environ if one.startswith(('MLOPS_', 'PYTHONPATH'))]\n"
    with_tests(own, GREEN + RED + alone)
    closing.run_tests(own, job())
    found = closing.read(own)

    assert [(one.said, one.outcome) for one in found.tests] == [
        ("a rule holds", "passed"), ("lena gets her list", "failed"), ("alone", "passed"),
    ]  # fmt: skip
    assert "assert 5 == 6" in found.tests[1].why and not found.passed
    assert [fact.ok for fact in closing.facts(found)] == [False, False, False]


def test_values_of_one_test_are_one_line(own):
    """A data set with five hundred columns has a test for each: the journal counts them."""
    many = "import pytest\n@pytest.mark.parametrize('n', range(40))\ndef test_each(n):\n    assert n != 39\n"
    with_tests(own, many)
    closing.run_tests(own, job())

    assert [(one.name, one.outcome, one.times) for one in closing.read(own).tests] == [
        ("test_each", "passed", 39), ("test_each", "failed", 1),
    ]  # fmt: skip


def test_while_they_run_the_job_tells_which_have_ended_and_can_be_cancelled(own):
    """The line of each is ticked as it ends; who cancels notes nothing."""
    with_tests(own, GREEN + "import time\ndef test_slow():\n    time.sleep(120)\n")
    running, ended = job(), []

    def work() -> None:
        try:
            closing.run_tests(own, running)
        except Cancelled as problem:
            ended.append(problem)

    thread = Thread(target=work)
    thread.start()
    while not running.seen.so_far:
        thread.join(0.05)
    assert (running.seen.says, running.seen.fraction) == ("1 of 2 tests", 0.5)
    assert running.seen.so_far == ("tests/test_rules.py::test_a_rule_holds passed",)
    running.cancel()
    thread.join(30)

    assert ended and [one.name for one in closing.read(own).tests] == ["test_a_rule_holds"]


def test_a_test_that_is_running_is_told_by_its_line():
    """The picture and the table get the same record."""
    row = project_tree.Row("tests/test_a.py", "test_a.py", 1, "rules")
    tree = project_tree.Tree((row,), ())
    tests = (Tried("tests/test_a.py", "test_x", "passed", times=3), Tried("tests/test_a.py", "test_y", "failed", "no"))

    assert (tree.tested((), running=True).rows[0].state, tree.tested(()).rows[0].state) == ("running", "")
    assert (tree.tested(tests[:1]).rows[0].said, tree.tested(tests).rows[0].said) == ("3 passed", "1 failed")


def test_tests_that_do_not_end_are_ended(own, monkeypatch):
    """In a class others wait for their turn."""
    monkeypatch.setattr(tested, "SECONDS", 0.5)
    with_tests(own, "import time\ndef test_slow():\n    time.sleep(120)\n")

    with pytest.raises(MlopsError, match=r"more than 0\.5 s"):
        closing.run_tests(own, job())


# The change


@needs_git
def test_a_change_goes_from_its_message_to_its_merge(own):
    """Git really does it: a branch, a commit that can be said better, a diff, a merge that says who approved."""
    folder = closing.read(own).folder
    before = git(folder, "rev-parse", "main")
    closing.commit(own, "fix")
    poor = closing.read(own)
    assert (poor.move, git(folder, "log", "-1", "--format=%s", closing.BRANCH)) == ("message", "Fix time")
    with pytest.raises(RefusedError, match="nothing to approve"):
        closing.approve(own)
    closing.commit(own, "why")
    better = closing.read(own)
    assert better.move == "review" and git(folder, "rev-list", "--count", f"main..{closing.BRANCH}") == "1"
    assert "-0 6 * * *" in better.diff and "+0 5 * * *" in better.diff
    assert "+++ b/README.md" in better.diff and "+Every morning at five, by cron:" in better.diff
    with pytest.raises(RefusedError, match="Nothing is approved"):
        closing.merge(own)
    assert git(folder, "rev-parse", "main") == before

    closing.approve(own)
    closing.merge(own)
    over = closing.read(own)

    assert over.move == "over" and [fact.ok for fact in closing.facts(over)] == [True, True, True]
    merge, commit, last, *_ = over.commits
    assert (merge.sha, merge.parents, merge.lane) == (over.merged, (last.sha, commit.sha), 0)
    assert (commit.message, commit.author, commit.lane, last.sha) == (messages.named("why").first, own.actor, 1, before)
    assert f"Reviewed-by: {own.actor}" in git(folder, "log", "-1", "--format=%B", "main")
    assert "0 5 * * *" in (folder / "crontab").read_text(encoding="utf-8")
    ticked = {line.text: said.status for line, said in checklists.verdicts(own, "MLOps", Acts())}
    lines = ("Code is under version control", "Tests are written", "Documentation is up to date")
    assert {ticked[line] for line in lines} == {"verified"}


@needs_git
def test_nothing_is_merged_before_the_tests_have_passed(own):
    """They may run while somebody reads the diff; a red one keeps the branch where it is."""
    with_tests(own, RED)
    closing.run_tests(own, job())
    closing.commit(own, "why")
    closing.approve(own)
    assert closing.read(own).move == "tests"
    with pytest.raises(RefusedError, match="approved and tested"):
        closing.merge(own)
    with_tests(own, GREEN)
    closing.run_tests(own, job())

    assert closing.read(own).move == "merge"


@needs_git
def test_what_was_cut_short_is_done_again_without_a_trace(own):
    """Git had done it, and nobody had noted it: a second commit is the first one, and so is a second merge."""
    closing.commit(own, "why")
    own.journal.write(closing.SUBJECT, {"message": None})
    closing.commit(own, "why")
    closing.approve(own)
    closing.merge(own)
    own.journal.write(closing.SUBJECT, {"merged": None})
    closing.merge(own)

    commits = closing.read(own).commits
    assert [len(one.parents) for one in commits[:3]] == [2, 1, 1] and len(commits) == len(
        closing.read(own).project["commits"]
    ) + 2


@needs_git
def test_no_setting_of_this_machine_takes_part(own, monkeypatch, tmp_path):
    """A hook that refuses, a signature that asks: they belong to somebody's other work."""
    home = tmp_path / "home"
    (home / "hooks").mkdir(parents=True)
    (home / "hooks" / "pre-commit").write_text("#!/bin/sh\nexit 1\n", encoding="utf-8")
    (home / "hooks" / "pre-commit").chmod(0o755)
    (home / ".gitconfig").write_text(
        f"[core]\nhooksPath = {home / 'hooks'}\n[commit]\ngpgsign = true\n", encoding="utf-8"
    )
    monkeypatch.setenv("HOME", str(home))

    closing.commit(own, "why")
    assert closing.read(own).move == "review"


def test_exactly_one_message_helps_and_each_says_what_it_is_worth():
    """Nobody is told that they are wrong, and nothing more."""
    assert [one.id for one in messages.MESSAGES if one.good] == ["why"]
    assert all(len(one.reply.split()) > 8 for one in messages.MESSAGES)
    with pytest.raises(NotFoundError, match="Choose one of"):
        messages.named("wip")


def test_without_git_all_but_the_history_is_there(own, monkeypatch, tmp_path):
    """The tree, its tests and the download need none."""
    monkeypatch.setenv("PATH", str(tmp_path))
    found = closing.read(own)

    assert (found.git, found.move, found.passed, found.commits) == (False, "over", True, ())
    closing.write(own, "churn_model@1.1.0", job())
    assert not (closing.read(own).folder / ".git").exists()


@needs_git
def test_the_past_does_nothing_not_even_in_git(own):
    """It is refused before anything happens outside the workspace, too."""
    past, folder = own.at(event=own.head()), closing.read(own).folder
    for act in (
        lambda: closing.write(past, "churn_model@1.1.0", job()), lambda: closing.run_tests(past, job()),
        lambda: closing.commit(past, "why"), lambda: closing.approve(past), lambda: closing.merge(past),
    ):  # fmt: skip
        with pytest.raises(PastError):
            act()

    assert git(folder, "branch", "--list", closing.BRANCH) == ""
    assert not own.path.with_name("own-project-2").exists()


@needs_git
def test_the_download_is_the_project_with_its_history(own, tmp_path):
    """Unpacked elsewhere it is a repository with the same commits, and nothing that only a run left there."""
    found = closing.read(own)
    (found.folder / "src" / "__pycache__").mkdir()
    (found.folder / "src" / "__pycache__" / "a.pyc").write_bytes(b"")
    with zipfile.ZipFile(io.BytesIO(closing.zipped(found.folder))) as packed:
        packed.extractall(tmp_path / "there")
    there = tmp_path / "there" / "own-project-1"

    assert git(there, "log", "--format=%H").split() == [one.sha for one in found.commits]
    assert (there / "train.py").is_file() and not (there / "src" / "__pycache__").exists()


@pytest.mark.slow
def test_the_tests_that_are_exported_pass(_written):
    """The real ones: trained again, the same predictions; one answer through every door."""
    closing.run_tests(_written, job())

    assert closing.read(_written).passed and {one.file for one in closing.read(_written).tests} >= {
        "tests/test_training.py", "tests/test_predictions.py",
    }  # fmt: skip
