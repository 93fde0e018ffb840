"""Out of here: the project in an environment of its own, its tests, and what they see."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import venv
from collections.abc import Callable
from pathlib import Path
from urllib.request import Request, urlopen

import pandas as pd
import pyarrow.parquet as pq
import pytest

from mlops.export import project as projects
from tests.conftest import customers_frame
from tests.models.test_estimators import TARGETS

CLEAN = {
    name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "MLOPS", "GIT_", "PYTEST"))
}


def script(python: str | Path, folder: Path, *line: str) -> subprocess.CompletedProcess[str]:
    """Run Python in a project, with nothing of this session's environment."""
    return subprocess.run([str(python), *line], cwd=folder, env=CLEAN, capture_output=True, text=True)


def own_tests(folder: Path, python: str | Path = sys.executable, *chosen: str) -> subprocess.CompletedProcess[str]:
    """Run a project's own tests."""
    return script(python, folder, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:randomly", *chosen)


def score(folder: Path, python: str | Path, data: Path, output: Path) -> None:
    done = script(python, folder, "batch_predict.py", "--data", str(data), "--output", str(output))
    assert done.returncode == 0, done.stderr


@pytest.mark.slow
def test_in_an_empty_environment_it_installs_trains_tests_serves_and_scores(_released, tmp_path):
    """What its README says, line by line: no package of this environment, and not this one."""
    written = projects.write(_released, tmp_path / "project")
    folder, home = Path(written.path), tmp_path / "project" / ".venv"
    venv.create(home, with_pip=True)
    python = home / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    done = script(python, folder, "-m", "pip", "install", "-q", "--retries", "1", "-r", "requirements.txt")
    if done.returncode:
        pytest.skip(f"no registry answers: {done.stderr.strip().splitlines()[-1]}")
    assert "No module named 'mlops'" in script(python, folder, "-c", "import mlops").stderr

    done = script(python, folder, "train.py", "--config", "configs/config.yaml")
    assert f"{written.predictions_sha256}, the same as those of {written.run_id}" in done.stdout, done.stderr
    done = own_tests(folder, python)
    assert done.returncode == 0 and "skipped" not in done.stdout, done.stdout

    rows = customers_frame(400, seed=11)
    rows.drop(columns="churn").to_csv(folder / "data" / "daily.csv", index=False)
    [line] = [one for one in (folder / "crontab").read_text("utf-8").splitlines() if one.startswith("0 6 * * * ")]
    if os.name != "nt":  # as cron does: a shell, hardly any environment, and the folder as the README's line writes it
        environment = {"PROJECT": str(folder), "PATH": "/usr/bin:/bin", "HOME": str(tmp_path)}
        done = subprocess.run(["/bin/sh", "-c", line.removeprefix("0 6 * * * ")], cwd="/", env=environment)
        assert done.returncode == 0, (folder / "batch.log").read_text("utf-8")
    else:
        score(folder, python, folder / "data" / "daily.csv", folder / "data" / "scored.csv")
    scored = pd.read_csv(folder / "data" / "scored.csv")
    _released.fork(tmp_path / "ws").batch_predict(written.model, folder / "data" / "daily.csv", tmp_path / "ours.csv")
    ours = pd.read_csv(tmp_path / "ours.csv")
    pd.testing.assert_frame_equal(scored[ours.columns].drop(columns="predicted_at"), ours.drop(columns="predicted_at"), check_exact=True)  # fmt: skip

    text = (folder / "README.md").read_text("utf-8")
    body = re.search(r"<<'ROW'\n(.*)\nROW", text)[1]
    served = subprocess.Popen(
        [str(python), "-m", "uvicorn", "app:app", "--port", "0"],
        cwd=folder,
        env=CLEAN,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        address = next(found[0] for line in served.stderr if (found := re.search(r"http://[\d.:]+", line)))
        headers = {"Content-Type": "application/json"}
        with urlopen(Request(f"{address}/predict", body.encode(), headers)) as reply:
            answered = json.load(reply)
        with urlopen(f"{address}/docs") as reply:
            assert b"https://" not in reply.read(), "the documents of the API work without a network"
    finally:
        served.terminate()
        served.communicate()
    own = _released.fork(tmp_path / "again").predict(written.model, json.loads(body)).as_dict()
    assert {key: answered[key] for key in ("customer_id", "churn_probability", "prediction", "threshold")} == {
        key: own[key] for key in ("customer_id", "churn_probability", "prediction", "threshold")
    }
    if written.commits:
        left = subprocess.run(["git", "status", "--short"], cwd=folder, capture_output=True, text=True).stdout
        assert left == "", "what it leaves is no change of the project"


@pytest.mark.slow
@pytest.mark.parametrize("task", ["multiclass", "regression", "unseeded", "one feature"])
def test_its_own_tests_pass_for_every_task(ws, tmp_path, task):
    """In this environment; a run without a seed skips the two that nobody could pass, and says why."""
    rows = customers_frame(180).dropna(subset=["monthly_fee"])
    rows = rows[["monthly_fee", "churn"]] if task == "one feature" else rows
    rows.to_csv(tmp_path / "rows.csv", index=False)
    ws.datasets.add(tmp_path / "rows.csv", name="rows", target=TARGETS.get(task, "churn"))
    run = ws.train("model: {type: random_forest, n_estimators: 5}\n", **({"seed": None} if task == "unseeded" else {}))
    written = projects.write(ws, tmp_path / "project", ws.models.register(run, "tried"))
    done = own_tests(Path(written.path), sys.executable, "-rs")
    assert done.returncode == 0, done.stdout
    assert ("2 skipped" in done.stdout and "without a seed" in done.stdout) == (task == "unseeded")


def edit(path: str, old: str, new: str) -> Callable[[Path], None]:
    def carry_out(folder: Path) -> None:
        text = (folder / path).read_text("utf-8")
        assert text.count(old) == 1, (path, old)
        (folder / path).write_text(text.replace(old, new), "utf-8")

    return carry_out


def another_row(folder: Path) -> None:
    """Change one cell, and the hash beside it as well: whoever does that means it."""
    import hashlib

    file, note = folder / "data" / "customers_v1.parquet", folder / "data" / "customers_v1.json"
    table = pq.read_table(file)
    ages = table["age"].to_pylist()
    pq.write_table(table.set_column(1, "age", [[ages[0] + 30, *ages[1:]]]), file)
    told = json.loads(note.read_text("utf-8"))
    told["file_sha256"] = hashlib.sha256(file.read_bytes()).hexdigest()
    note.write_text(json.dumps(told), "utf-8")


def another_model(folder: Path) -> None:
    """Put a model there that was trained otherwise, under the name of the kept one."""
    config = folder / "configs" / "config.yaml"
    text = config.read_text("utf-8")
    config.write_text(text.replace("C: 1.0", "C: 0.5"), "utf-8")
    assert script(sys.executable, folder, "train.py", "--config", "configs/config.yaml").returncode == 0
    config.write_text(text, "utf-8")
    for ending in ("joblib", "json"):
        (folder / "models" / f"latest.{ending}").replace(folder / "models" / f"churn_model_v1.1.0.{ending}")


FAULTS = {
    "data": (another_row, "test_training_again_gives_the_same_predictions"),
    "config": (edit("configs/config.yaml", "C: 1.0", "C: 0.9"), "test_training_again_gives_the_same_predictions"),
    "seed": (edit("configs/config.yaml", "random_state: 42", "random_state: 43"), "test_training_again_gives_the_same_predictions"),
    "split": (edit("src/data.py", "stratify = None if labels is None", "stratify = None if True"), "test_training_again_gives_the_same_metrics"),
    "preparation": (edit("src/features.py", '"median"', '"mean"'), "test_training_again_gives_the_same_predictions"),
    "leak": (edit("src/data.py", 'training["test_size"])', 'training["test_size"])\n    rest = np.arange(table.num_rows)'), "test_every_row_is_in_one_part"),
    "model": (another_model, "test_the_kept_model_gave_the_recorded_predictions"),
    "misspelt": (edit("src/config.py", "    if unknown:\n", "    if False:\n"), "test_a_misspelt_key_is_refused"),
    "unchecked": (edit("src/data.py", 'note["file_sha256"]:', 'note["file_sha256"] and False:'), "test_changed_data_is_refused"),
    "unguarded": (edit("src/predict.py", 'about["sha256"]:', 'about["sha256"] and False:'), "test_what_is_kept_can_be_loaded"),
    "digits": (edit("batch_predict.py", "frame.to_csv(part, index=False)", 'frame.to_csv(part, index=False, float_format="%.6f")'), "test_a_row_a_file_and_the_api"),
    "lost": (edit("batch_predict.py", "if len(rejected):", "if False:"), "test_rows_that_cannot_be_used"),
    "guessed": (edit("src/predict.py", "(~absent if nullable else True)", "(~absent)"), "test_the_api_refuses"),
    "schema": (edit("src/predict.py", "if type == \"text\":\n        return value if isinstance(value, str)", "if type == \"text\":\n        return str(value) if value == value"), "test_the_api_refuses"),
    "version": (edit("app.py", '"model_version": MODEL.about["version"]', '"model_version": "1"'), "test_the_api_says_which_version"),
}  # fmt: skip
"""A fault somebody might make in a project, and the test of the project that sees it."""


@pytest.mark.slow
@pytest.mark.parametrize("name", FAULTS)
def test_its_tests_can_fail(_released, tmp_path, name):
    """Each fault is seen by the test that is there for it."""
    fault, seen_by = FAULTS[name]
    written = projects.write(_released, tmp_path / "project")
    fault(Path(written.path))
    done = own_tests(Path(written.path), sys.executable, "-x", "-k", seen_by)
    assert done.returncode == 1 and seen_by in done.stdout, done.stdout


@pytest.mark.slow
def test_what_is_left_for_its_image_is_enough_to_answer(_released, tmp_path):
    """No row of a customer goes into it; what comes in through the mounted folder is scored."""
    written = projects.write(_released, tmp_path / "project")
    ignored = (tmp_path / "project" / ".dockerignore").read_text("utf-8").splitlines()
    assert {"data", "experiments", ".git"} <= {*ignored}
    image = tmp_path / "image"
    shutil.copytree(written.path, image, ignore=shutil.ignore_patterns(*(line.removeprefix("**/") for line in ignored)))
    (image / "data").mkdir()
    customers_frame(50).drop(columns="churn").to_csv(image / "data" / "daily.csv", index=False)
    score(image, sys.executable, image / "data" / "daily.csv", image / "data" / "scored.csv")
    assert len(pd.read_csv(image / "data" / "scored.csv")) == 50
    assert script(sys.executable, image, "-c", "import app; print(app.app.title)").stdout == "churn_model\n"


def test_its_dockerfile_is_linted(_released, tmp_path):
    """hadolint knows what goes wrong in Dockerfiles; nothing is lifted."""
    hadolint = Path(sys.executable).with_name("hadolint")
    if not hadolint.exists():
        pytest.skip("hadolint is not installed (requirements-dev.txt)")
    written = projects.write(_released, tmp_path / "project")
    done = subprocess.run([str(hadolint), "Dockerfile"], cwd=written.path, capture_output=True, text=True)
    text = (Path(written.path) / "Dockerfile").read_text("utf-8")
    assert (done.returncode, done.stdout) == (0, "")
    assert re.search(r"^USER 10001$", text, re.MULTILINE) and "HEALTHCHECK" in text and "ignore" not in text
    assert f"FROM python:{_released.runs.get(written.run_id).software['python']}-slim" in text
