"""What stands under the hood of a screen "in the usual tools" works there as it is written."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from playground.hood import HOODS
from tests.tools import environment

pytestmark = pytest.mark.tools

ROOT = Path(__file__).resolve().parents[2]
PROGRAMS = {"git", "dvc", "mlflow"}
SCREENS = {screen: hood.elsewhere for screen, hood in HOODS.items() if screen not in ("run", "model")}

OURS = f"""
import sys
sys.path.insert(0, {str(ROOT)!r})
from mlops import Workspace, sample
ws = Workspace.open("ours")
sample.add(ws)
run = ws.train({str(ROOT / "configs" / "churn.yaml")!r})
print(ws.path / "experiments" / run.run_id / "model.joblib")
"""
"""The model that the app makes, made by the tools' own Python: a pipeline with trees in it, not a toy."""

BEFORE = """
import joblib, mlflow, optuna
import pandas as pd
model = joblib.load("model.joblib")
customers = pd.read_csv("customers.csv")
X_train, y_train = customers[list(model.feature_names_in_)], customers["churn"]
rows, params, metrics = X_train.head(5), {"max_depth": 3}, {"auc": 0.8}
client = mlflow.MlflowClient()
def objective(trial):
    return -(trial.suggest_float("learning_rate", 0.01, 0.3, log=True) - 0.1) ** 2
"""
"""What somebody who writes these lines has at hand already."""

RELEASES = f"""{BEFORE}
for version in (1, 2):
    with mlflow.start_run() as run:
        mlflow.log_metrics(metrics)
        {next(line.strip() for line in HOODS["train"].elsewhere.splitlines() if "log_model" in line)}
    mlflow.register_model(f"runs:/{{run.info.run_id}}/model", "churn_model")
    client.set_registered_model_alias("churn_model", "production", version)
print(run.info.run_id)
"""

PROJECT = {
    "MLproject": "name: churn\nentry_points:\n  main:\n    parameters: {config: path}\n    command: python train.py {config}\n",
    "train.py": "import pathlib, sys\nprint(pathlib.Path(sys.argv[1]).read_text())\n",
    "dvc.yaml": "params: [params.yaml]\n",
    "params.yaml": "depth: 2\n",
}


class Project:
    """A folder in which all the tools have worked before."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.env = environment() | {"MLFLOW_TRACKING_URI": f"sqlite:///{folder / 'mlflow.db'}"}
        self.names: dict[str, list[str]] = {}

    def run(self, *command: str) -> str:
        done = subprocess.run(command, cwd=self.folder, env=self.env, capture_output=True, text=True)
        assert done.returncode == 0, (command, done.stdout[-2000:], done.stderr[-2000:])
        return done.stdout.strip()

    def work(self, rows: int) -> None:
        """Let the data have so many rows."""
        lines = (ROOT / "sample_data" / "customers_2023.csv").read_text().splitlines(keepends=True)[:rows]
        (self.folder / "data" / "customers.csv").write_text("".join(lines))

    def python(self, code: str) -> str:
        return self.run("python", "-W", "ignore", "-c", code)

    def shell(self, line: str) -> None:
        if line.startswith("mlflow models serve"):
            self._serve(line)
        else:
            self.run("sh" if os.name != "nt" else "bash", "-c", line)

    def filled(self, text: str) -> str:
        """Put ids that are really there in the place of capital words, the newer of two last."""
        for word, ids in self.names.items():
            for name in ids[-text.count(word) :]:
                text = text.replace(word, name, 1)
        return text

    def _serve(self, line: str) -> None:
        """Start the server of a line, on a free port, until it answers."""
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        words = line.replace("-p 5000", f"-p {port}").split()
        server = subprocess.Popen(words, cwd=self.folder, env=self.env, start_new_session=True)
        try:
            for _ in range(240):
                try:
                    assert urllib.request.urlopen(f"http://127.0.0.1:{port}/ping", timeout=5).status == 200
                    return
                except OSError:
                    assert server.poll() is None
                    time.sleep(0.5)
            raise AssertionError("the server never answered")
        finally:
            server.terminate()
            server.wait(30)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    project = Project(tmp_path_factory.mktemp("elsewhere") / "project")
    shutil.copytree(ROOT / "configs", project.folder / "configs")
    for name, text in PROJECT.items():
        (project.folder / name).write_text(text)
    shutil.copy(ROOT / "configs" / "churn.yaml", project.folder)
    for line in ("git init -q", "git config user.email ada@example.org", "git config user.name Ada", "dvc init -q"):
        project.run(*line.split())
    (project.folder / "data").mkdir()
    for rows in (200, 300):
        project.work(rows)
        (project.folder / "params.yaml").write_text(f"depth: {rows}\n")
        project.run("dvc", "add", "-q", "data/customers.csv")
        project.run("git", "add", ".")
        project.run("git", "commit", "-qm", f"{rows} rows")
        project.run("dvc", "exp", "save", "-q", "-n", f"rows-{rows}", "--force")
    for depth in (2, 3):
        (project.folder / "configs" / "depth.yaml").write_text(f"model: {{max_depth: {depth}}}\n")
        project.run("git", "add", "configs")
        project.run("git", "commit", "-qm", f"depth {depth}")
        project.names.setdefault("COMMIT", []).append(project.run("git", "rev-parse", "HEAD"))
    shutil.copy(project.folder / "data" / "customers.csv", project.folder)
    shutil.copy(project.python(OURS), project.folder / "model.joblib")
    project.work(400)
    project.names |= {"EXPERIMENT": ["rows-200", "rows-300"], "RUN": [project.python(RELEASES)]}
    yield project


@pytest.mark.parametrize("screen", SCREENS)
def test_the_lines_of_the_usual_tools_work_as_they_are_written(made: Project, screen: str) -> None:
    """Each command in a shell, the rest as one script, in the tools' own environment."""
    made.run("git", "reset", "-q", "--hard")
    lines = made.filled(SCREENS[screen]).splitlines()
    commands = [line for line in lines if line.split(" ")[0] in PROGRAMS]
    for command in commands:
        made.shell(command)
    if script := [line for line in lines if line not in commands]:
        made.python("\n".join((BEFORE, *script)))
