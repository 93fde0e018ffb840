"""The exported project: whole or not at all, told by its record, and its training comes out as the run did."""

from __future__ import annotations

import ast
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from mlops import Workspace
from mlops.base.errors import ConflictError, InvalidError, NotFoundError, StorageError
from mlops.export import project as projects
from mlops.export import repository
from mlops.export.contents import SERVING, TEMPLATE, TRAINING
from mlops.export.project import Project
from mlops.models.estimators import ESTIMATORS
from tests.conftest import customers_frame
from tests.export.source import source

git = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")
WITHOUT_US = "import sys, runpy; sys.modules['mlops'] = None; sys.argv = sys.argv[1:]; sys.path.insert(0, '.'); runpy.run_path(sys.argv[0], run_name='__main__')"
"""Runs a script as Python does, where this package cannot be imported."""


@pytest.fixture(scope="module")
def written(_released: Workspace, tmp_path_factory) -> Project:
    """The project of what is live in production: churn_model 1.1.0; read it, never change it."""
    return projects.write(_released, tmp_path_factory.mktemp("export") / "churn")


def run(folder: Path, *line: str) -> subprocess.CompletedProcess[str]:
    """Run a script of a project with this interpreter, without this package, the user's packages and settings."""
    return subprocess.run([sys.executable, "-I", "-c", WITHOUT_US, *line], cwd=folder, capture_output=True, text=True)


def test_training_in_the_project_gives_the_predictions_of_the_run(written):
    """As a learner starts it; it says so itself, and leaves nothing that git would take for a change."""
    folder = Path(written.path)
    done = run(folder, "train.py", "--config", "configs/config.yaml")
    assert done.returncode == 0, done.stderr
    assert f"Predictions: {written.predictions_sha256}, the same as those of {written.run_id}." in done.stdout
    kept = json.loads((folder / "models" / "latest.json").read_text("utf-8"))
    assert kept["predictions_sha256"] == written.predictions_sha256
    if written.commits:
        assert subprocess.run(["git", "status", "--short"], cwd=folder, capture_output=True, text=True).stdout == ""


@pytest.mark.parametrize("estimator", ESTIMATORS, ids=lambda one: one.name)
def test_its_models_are_those_that_a_run_builds(estimator):
    """Type by type and task by task the same scikit-learn objects, argument by argument: two homes cannot drift."""
    from mlops.models.estimators import preprocessing

    with source() as src:
        columns = [{"name": "a", "type": "number"}, {"name": "b", "type": "text"}, {"name": "c", "type": "boolean"}]
        ours, theirs = preprocessing(estimator, [0, 2], [1]), src.features.preprocessing(estimator.name, columns)
        assert repr(theirs) == repr(ours)
        for task in estimator.tasks:
            parameters = estimator.parameters(type=estimator.name).model_dump(exclude={"type"})
            config = {"model": {"type": estimator.name, **parameters}, "training": {"random_state": 7}}
            built, expected = src.train.build_model(config, task), estimator.build(parameters, task, 7)
            assert (type(built), built.get_params()) == (type(expected), expected.get_params())
        known = {**src.train.CLASSIFIERS, **src.train.REGRESSORS}
    assert known.keys() == {one.name for one in ESTIMATORS}


def test_a_config_that_means_nothing_is_refused_in_words(written, tmp_path):
    """A type, a parameter or a column that is not there: what it is, and what there is."""
    with source(Path(written.path)) as src:
        config, (table, _, note) = src.config.load_config(Path(written.path) / "configs/config.yaml"), src.data.load_data(Path(written.path) / "data/customers_v1.json")  # fmt: skip
        with pytest.raises(ValueError, match=r"'forest'; for this question it is one of logistic_regression, random_"):
            src.train.build_model(config | {"model": {"type": "forest"}}, "binary")
        with pytest.raises(ValueError, match="columns that are not in the data: agee"):
            src.features.prepare_features(table, note, config | {"features": {"include": None, "exclude": ["agee"]}})


def test_the_record_names_every_file_and_the_record_it_came_from(written, _released):
    """What `close` draws as a tree: each ref leads somewhere."""
    folder = Path(written.path)
    there = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    own = {path for path in there if not path.startswith((".git/", "models/latest", "experiments/latest")) and "__pycache__" not in path}  # fmt: skip
    assert own == {one.path for one in written.files}
    assert (written.model, written.data) == ("churn_model@1.1.0", "customers@1")
    came_from = {one.came_from for one in written.files}
    live = _released.releases.live("production")
    assert came_from == {None, "customers@1", written.run_id, "churn_model@1.1.0", live.deployment_id}
    for ref in came_from - {None}:
        assert _released.lineage(ref).nodes[0].ref == ref


@git
def test_the_history_is_dated_and_signed_by_the_records(written, _released, tmp_path):
    """Who added the data, when it was; the same workspace gives the same commits wherever it is written."""
    asked = ["git", "log", "--reverse", "--format=%H|%an|%cn|%as|%s"]
    lines = subprocess.run(asked, cwd=written.path, capture_output=True, text=True, check=True).stdout.splitlines()
    told = [line.split("|", 4) for line in lines]
    assert [(line[0], line[4]) for line in told] == [(one.sha, one.message) for one in written.commits]
    assert {name for line in told for name in line[1:3]} == {"ada"}
    assert [line[3] for line in told] == sorted(line[3] for line in told)
    assert (told[0][3], told[-1][3]) == ("2024-01-15", "2024-03-01")
    assert projects.write(_released, tmp_path / "elsewhere").commits == written.commits


@git
def test_nothing_of_this_machine_takes_part_in_the_history(written, _released, tmp_path, monkeypatch):
    """Neither the settings of whoever exports, nor what they ignore everywhere, nor a repository around it."""
    home = tmp_path / "home"
    (home / "git").mkdir(parents=True)
    (home / ".gitconfig").write_text("[user]\nname = Eve\n[commit]\ngpgSign = true\n[core]\nautocrlf = true\n")
    (home / "git" / "ignore").write_text("*.py\n")
    before = {path: path.read_bytes() for path in home.rglob("*") if path.is_file()}
    for name in ("HOME", "XDG_CONFIG_HOME"):
        monkeypatch.setenv(name, str(home))
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "other"))
    monkeypatch.setenv("GIT_AUTHOR_NAME", "Eve")
    assert projects.write(_released, tmp_path / "project").commits == written.commits
    assert {path: path.read_bytes() for path in home.rglob("*") if path.is_file()} == before


def test_a_story_before_1970_has_a_history_too(tmp_path):
    """A calendar may be set to any day; git begins in 1970."""
    ws = Workspace.open(tmp_path / "ws", actor="ada")
    ws.set_clock("1950-03-01")
    customers_frame(60).to_csv(tmp_path / "rows.csv", index=False)
    ws.datasets.add(tmp_path / "rows.csv", name="rows", target="churn")
    model = ws.models.register(ws.train("model: {type: dummy}\n"), "tried")
    assert len(projects.write(ws, tmp_path / "project", model).commits) in (0, 8)


def test_without_git_it_is_written_without_a_history(_released, tmp_path, monkeypatch):
    """Everything else is there."""
    monkeypatch.setattr(repository, "is_there", lambda: False)
    written = projects.write(_released, tmp_path / "project")
    assert written.commits == () and not (tmp_path / "project" / ".git").exists()
    assert (tmp_path / "project" / "README.md").is_file()


def test_a_file_too_large_for_the_history_lies_beside_it(_released, tmp_path, monkeypatch):
    """Every clone would carry it for ever; the record names it."""
    monkeypatch.setattr(repository, "TOO_LARGE", 8_000)
    written = projects.write(_released, tmp_path / "project")
    assert written.left_out and all((tmp_path / "project" / path).is_file() for path in written.left_out)
    if written.commits:
        asked = ["git", "ls-files"]
        kept = subprocess.run(asked, cwd=written.path, capture_output=True, text=True, check=True).stdout.splitlines()
        assert {*kept} == {one.path for one in written.files} - {*written.left_out}
        status = subprocess.run(["git", "status", "--short"], cwd=written.path, capture_output=True, text=True).stdout
        assert status == "", "what is left out is not offered again"


def test_a_folder_that_holds_something_is_refused_and_stays(_released, tmp_path):
    """Also one with a hidden file; an empty one is fine."""
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / ".hidden").write_text("mine")
    for path in (tmp_path / "full", tmp_path / "full" / ".hidden"):
        with pytest.raises(ConflictError, match="holds something already"):
            projects.write(_released, path)
    (tmp_path / "empty").mkdir()
    assert projects.write(_released, tmp_path / "empty").path == str(tmp_path / "empty")
    assert (tmp_path / "full" / ".hidden").read_text() == "mine"


@pytest.mark.parametrize("place", ["data/new", "experiments/new", "models/new", "tmp/new"])
def test_a_workspaces_own_folders_are_no_place_for_it(_released, place):
    """What lies there is named by the ledger, or is a problem for verify."""
    with pytest.raises(InvalidError, match="lies among the files of the workspace"):
        projects.write(_released, _released.path / place)


@pytest.mark.parametrize("path", ["no/project", "a" * 300, "", "a\0b"])
def test_a_path_where_nothing_can_be_is_refused(_released, tmp_path, monkeypatch, path):
    """With what is wrong and what to do; nothing is left."""
    monkeypatch.chdir(tmp_path)
    with pytest.raises((InvalidError, StorageError)):
        projects.write(_released, path)
    assert [*tmp_path.iterdir()] == []


def test_the_folder_one_stands_in_is_refused(_released, tmp_path, monkeypatch):
    """It would be another one under the same name, and the shell would stand nowhere."""
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InvalidError, match="is the folder that you are in"):
        projects.write(_released, ".")


def test_a_disk_that_is_full_leaves_nothing(_released, tmp_path, monkeypatch):
    """Whole or not at all: at whichever file it ends."""
    writes = []

    def full(path: Path, content: bytes) -> int:
        if len(writes) == 12:
            raise OSError(28, "No space left on device")
        writes.append(path)
        return len(content)

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(StorageError, match="No space left on device"):
        projects.write(_released, tmp_path / "project")
    assert [*tmp_path.iterdir()] == []


def test_nothing_live_is_said_before_anything_is_written(trained, tmp_path):
    """The way out is to release a model, or to name one."""
    with pytest.raises(NotFoundError, match="Nothing is live in production"):
        projects.write(trained, tmp_path / "project")
    assert not (tmp_path / "project").exists()


def test_the_past_gives_the_project_of_then(_released, tmp_path):
    """In February 1.0.0 was live."""
    written = projects.write(_released.at("2024-02-01"), tmp_path / "project")
    assert written.model == "churn_model@1.0.0"
    assert "production since 15 January 2024" in (tmp_path / "project" / "README.md").read_text("utf-8")


def test_it_imports_nothing_but_what_its_requirements_name():
    """Not this package, and nothing that happens to be installed here."""
    names = {"joblib", "numpy", "pandas", "pyarrow", "scipy", "sklearn", "threadpoolctl", "yaml", "fastapi", "fastapi_offline", "uvicorn", "pytest"}  # fmt: skip
    assert len(names) == len((*TRAINING, *SERVING))
    own = {"src", "batch_predict"}
    for path in TEMPLATE.rglob("*.py"):
        tree = ast.parse(path.read_text("utf-8"))
        found = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
        found |= {str(node.module) for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
        assert {name.partition(".")[0] for name in found} <= names | own | sys.stdlib_module_names, path


def test_every_file_of_the_template_is_written(written):
    """A file that nobody names would be dead text in the package."""
    kept = {path.relative_to(TEMPLATE).as_posix() for path in TEMPLATE.rglob("*") if path.is_file() and path.suffix != ".pyc"}  # fmt: skip
    assert kept <= {one.path.removeprefix(".") for one in written.files}


def test_requirements_are_few_and_those_of_the_run(written, _released):
    """What computes has the version of the run; what serves and tests the one that is installed here."""
    lines = (Path(written.path) / "requirements.txt").read_text("utf-8").splitlines()
    pinned = dict(line.split("==") for line in lines)
    assert pinned.keys() == {*TRAINING, *SERVING} and len(lines) <= 12
    packages = _released.runs.get(written.run_id).software["packages"]
    assert {name: pinned[name] for name in TRAINING} == {name: packages[name] for name in TRAINING}


def test_an_overlay_says_what_differs_there(_released, tmp_path):
    """The project has one complete config, and for each environment the keys that are others there; in the past none."""
    config = tmp_path / "configs" / "churn.yaml"
    config.parent.mkdir()
    config.write_text("model: {type: gradient_boosting, n_estimators: 2}\n")
    config.with_name("churn.staging.yaml").write_text("training: {test_size: 0.3}\nthresholds: {churn: 0.2}\n")
    config.with_name("churn.production.yaml").write_text("model: {type: dummy}\n")
    ws = _released.fork(tmp_path / "ws")
    version = ws.models.register(ws.train(config), "churn_model")
    folder = Path(projects.write(ws, tmp_path / "project", version).path)
    with source(folder) as src:
        load, path = src.config.load_config, folder / "configs" / "config.yaml"
        plain, there, production = load(path), load(path, "staging"), load(path, "production")
        assert (src.config.threshold_of(plain), src.config.threshold_of(there)) == (0.5, 0.2)
    assert there["training"] == plain["training"] | {"test_size": 0.3} and there["model"] == plain["model"]
    assert production == plain | {"model": {"type": "dummy"}}
    then = projects.write(ws.at(event=ws.head()), tmp_path / "then", version)
    assert [one.path for one in then.files if "configs/config" in one.path] == ["configs/config.yaml"]


def test_hostile_text_is_shown_and_never_obeyed(_released, tmp_path):
    """Of a card, a reason, an actor: Markdown, HTML, terminal codes and line ends stand there as they are read."""
    bad = "**bold** <img src=x> | `code` \x1b[31m\n# title $(rm) [link](x) ${name}"
    ws = Workspace.open(_released.fork(tmp_path / "ws").path, actor="<Eve>\n\x1b\n. ")
    model = ws.models.register(ws.train("model: {type: dummy}\n"), "churn_model", card={"purpose": bad, "limits": bad})
    ws.deploy(model, "staging", bad)
    written = projects.write(ws, tmp_path / "project", model)
    text = (tmp_path / "project" / "README.md").read_text("utf-8")
    assert "\x1b" not in text and not re.search(r"(?<!\\)<img|(?<!\\)\| `code`|\n# title", text)
    assert r"\*\*bold\*\* \<img src=x\> \| \`code\`" in text and r"\$\{name\}" in text
    if written.commits:
        asked = ["git", "log", "-1", "--format=%an"]
        by = subprocess.run(asked, cwd=written.path, capture_output=True, text=True, check=True).stdout
        assert "Eve" in by and by.strip().isprintable()


def test_the_readme_says_what_the_model_is_and_how_good(written, _released):
    """Version, threshold, live since when, data with its hash, and metrics with their intervals."""
    text = (Path(written.path) / "README.md").read_text("utf-8")
    model = _released.models.get("churn_model@1.1.0")
    run = _released.runs.get(written.run_id)
    low, high = run.intervals["test"]["auc"]
    assert "# churn_model 1.1.0" in text and "production since 1 March 2024" in text
    assert f"{run.metrics['test']['auc']:.4g} ({low:.4g} to {high:.4g})" in text
    assert f"from {model.threshold:g} on it says 1" in text
    assert _released.datasets.get("customers@1").sha256 in text and written.predictions_sha256 in text
    assert "Nobody has said yet" in text


def test_progress_names_each_part(_released, tmp_path):
    """A line for each, before it is written: what the commits are called."""
    told: list[str] = []
    written = projects.write(_released, tmp_path / "project", on_part=told.append)
    assert told[0].startswith("Data: 600 rows") and (not written.commits or told == [one.message for one in written.commits])  # fmt: skip
