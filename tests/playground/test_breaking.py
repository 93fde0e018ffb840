"""Break it on purpose: really done, on a copy, with two trainings; what came of it is read from the two runs."""

from __future__ import annotations

import time

import pytest

from mlops import Workspace
from mlops.experiments import pins
from playground import breaking, breaks, broken, folders
from playground.breaking import NoPackageError
from playground.broken import Broken
from playground.jobs import Job, Jobs
from tests.conftest import STUMP

FIRST = {"seed": "seed", "leak": "config", "data": "data", "code": "code", "package": "software"}


def here() -> Job:
    """Return a job that nobody watches."""
    return Job(lambda job: None)


def break_it(ws: Workspace, name: str) -> tuple[Workspace, Broken]:
    """Break the newest run of a workspace, and return the copy and what came of it."""
    base = breaks.base_of(ws)
    copy, _ = breaking.copy_for(ws, ws.path, "", base)
    breaking.carry_out(copy.path, base, breaks.named(name), here())
    return copy, broken.read(copy, name)


def check(found: Broken, name: str) -> None:
    """Hold what is said against the two runs."""
    older, newer = found.runs
    assert found.over and found.first == FIRST[name] == pins.first_divergence(pins.pins(older), pins.pins(newer))
    marked = [node for node in found.chain.nodes if node.first]
    assert len(marked) == 1 and "newer" in marked[0].lanes
    assert older.model_sha256 != newer.model_sha256 and {older.tags["side"], newer.tags["side"]} == {"1", "2"}
    letters = [node.letter for node in found.chain.nodes if node.kind == "run"]
    assert letters == ["A", "B"]


def test_a_line_of_code_is_really_another_one_and_the_own_work_stays_as_it_was(trained):
    """The package of a copied folder trains in a fresh process; the chain says that it was the code."""
    before = (trained.head(), trained.verify()["head_sha256"])
    copy, found = break_it(trained, "code")

    check(found, "code")
    sources = [copy.runs.source(run.run_id)["mlops/models/estimators.py"] for run in found.runs]
    assert 'strategy="median"' in sources[0] and 'strategy="mean"' in sources[1]
    assert '+    fill = SimpleImputer(strategy="mean"' in found.lines
    assert (trained.head(), trained.verify()["head_sha256"]) == before
    assert [one.path for one in folders.copies(trained.path)] == [copy.path]


@pytest.fixture
def boosted(ws, customers_csv) -> Workspace:
    """A workspace with a run that looks at every column."""
    ws.datasets.add(customers_csv, name="customers", target="churn", id="customer_id")
    ws.train("model: {type: gradient_boosting, n_estimators: 20}\n")
    return ws


@pytest.mark.slow
def test_data_are_changed_in_place(boosted):
    """The name and the shape stay; the content is another one."""
    copy, found = break_it(boosted, "data")

    check(found, "data")
    diff = copy.datasets.diff("customers@1", "customers@2")
    assert diff.rows_changed and set(diff.cells_changed) == {"monthly_fee"} and not diff.rows_added
    assert "customers@1 became customers@2" in found.why


@pytest.mark.slow
def test_a_column_leaks(boosted):
    """The config lets it in, the number is too good, and the run itself warns."""
    _, found = break_it(boosted, "leak")

    check(found, "leak")
    older, newer = (run.metrics["validation"]["auc"] for run in found.runs)
    assert newer > 0.95 > older and breaks.LEAK in found.why and breaks.LEAK in found.warned


@pytest.mark.slow
def test_without_a_seed_the_same_recipe_gives_two_models(boosted):
    """Nothing differs but luck, and nobody kept it."""
    _, found = break_it(boosted, "seed")

    older, newer = found.runs
    assert older.params == newer.params and older.model_sha256 != newer.model_sha256
    assert found.first == "seed" and "no seed was kept" in found.why
    [marked] = [node for node in found.chain.nodes if node.first]
    assert {*marked.lanes} == {"older", "newer"} and marked.label == "no seed"


@pytest.mark.parametrize(("target", "task"), [("churn", "binary"), ("age", "regression"), ("contract", "multiclass")])
def test_every_kind_of_data_can_be_broken(ws, customers_csv, tmp_path, target, task):
    """The learner's own file as well: what the two sides are told to train is there, and is valid."""
    ws.datasets.add(customers_csv, name="mine", target=target, id="customer_id", task=task)
    model = {"regression": "ridge"}.get(task, "logistic_regression")
    ws.train(f"model: {{type: {model}}}\n")
    base = breaks.base_of(ws)
    place = breaks.Place(ws, base, tmp_path, lambda wanted: tmp_path)
    for one in breaks.BREAKS:
        older, newer = one.sides(place)
        assert older.says and newer.says and (older != newer)
        assert {version.ref for version in ws.datasets.list()} >= {older.data, newer.data}


def test_the_changed_line_stands_in_the_package_once():
    """Whoever rewrites that line looks for another one to break."""
    name, line, other = breaks.LINE
    text = (breaks.SOURCE / name).read_text("utf-8")
    assert text.count(line) == 1 and other not in text


def test_a_break_that_is_cancelled_leaves_nothing_half_done(trained):
    """Its training ends at once; it can be broken again on the same copy."""
    base = breaks.base_of(trained)
    copy, number = breaking.copy_for(trained, trained.path, "", base)
    jobs = Jobs(most=1)
    jobs.begin("one", lambda job: breaking.carry_out(copy.path, base, breaks.named("seed"), job))
    while not (seen := jobs.of("one")) or "Training" not in seen.says:
        time.sleep(0.02)
    jobs.cancel("one")

    assert jobs.settled("one") and jobs.refusal("one") is None
    found = broken.read(copy, "seed")
    assert found is None or not found.over
    assert breaking.copy_for(trained, trained.path, number, base)[1] == number


def test_without_a_network_there_is_a_prepared_one_that_says_so(trained, monkeypatch):
    """It was really run once, and is never shown as if it had been here and now."""
    monkeypatch.setenv("PIP_INDEX_URL", "http://localhost:9/simple")
    monkeypatch.setenv("PIP_EXTRA_INDEX_URL", "")
    monkeypatch.setenv("PIP_CONFIG_FILE", "nowhere")
    monkeypatch.setenv("PIP_FIND_LINKS", "")
    base = breaks.base_of(trained)
    with pytest.raises(NoPackageError, match="could not be fetched"):
        breaking.carry_out(trained.path, base, breaks.named("package"), here())

    found = broken.prepared()
    check(found, "package")
    assert found.really.startswith("really run on ") and "Python 3" in found.really
    older, newer = (run.software["packages"]["scikit-learn"] for run in found.runs)
    assert f"scikit-learn {older} → {newer}" in found.why and older != newer
    assert len(trained.runs.list()) == 1  # nothing was trained, for nothing was fetched


@pytest.mark.tools
def test_another_package_version_is_really_installed_and_trains(trained):
    """With a network: the same code, other packages."""
    _, found = break_it(trained, "package")

    check(found, "package")
    assert found.runs[1].software["packages"]["scikit-learn"] == breaks.another_package().partition("==")[2]


def test_again_is_another_attempt_and_the_newest_is_shown(trained):
    """The two runs of an attempt belong together, whatever was tried before."""
    for side in (1, 2, 1):
        attempt = str(1 + (side == 1 and len(trained.runs.list()) > 2))
        trained.train(STUMP, note="x", tags={"break": "data", "attempt": attempt, "side": str(side)})
    found = broken.read(trained, "data")

    assert breaking.attempts(trained, "data") == 2 and len(found.runs) == 1 and not found.over


def test_a_workspace_without_a_run_has_nothing_to_break(ws):
    """The screen says what is missing."""
    assert breaks.base_of(ws) is None
