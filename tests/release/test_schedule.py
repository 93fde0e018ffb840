"""Schedule: what cron and systemd are given is the job itself - it is run as they would run it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pandas as pd
import pytest

from mlops import Workspace
from mlops.base.errors import InvalidError, NotFoundError
from tests.conftest import customers_frame

ODD = "a 50% of 'it' $HOME \"b\" \\n;&"
"""A name that means something to the shell, to cron, and to systemd."""


@pytest.fixture
def odd(released, tmp_path) -> Workspace:
    """A workspace in a folder with such a name, and a file beside it."""
    (tmp_path / ODD).mkdir()
    customers_frame(60, seed=11).drop(columns="churn").to_csv(tmp_path / ODD / "new.csv", index=False)
    return released.fork(tmp_path / ODD / "w s")


def planned(ws: Workspace, **more):
    return ws.batches.schedule("@production", ws.path.parent / "new.csv", ws.path.parent / "out.csv", **more)


def of_cron(line: str) -> str:
    """Return what cron hands to the shell: behind the fifth field, up to the first % that is not escaped."""
    command = line.split(" ", 5)[5]
    return re.split(r"(?<!\\)%", command)[0].replace("\\%", "%")


def of_systemd(unit: str) -> str:
    """Return what systemd hands to the shell: without quotes, escapes, and the doubled marks of its own words."""
    quoted = re.search(r'^ExecStart=/bin/sh -c "(.*)"$', unit, re.MULTILINE)
    assert quoted
    plain = re.sub(r"\\(.)", r"\1", quoted[1])
    assert not re.search(r"(?<!%)%(%%)*(?!%)|(?<!\$)\$(\$\$)*(?!\$)", plain)
    return plain.replace("%%", "%").replace("$$", "$")


def run(line: str, folder: Path) -> int:
    """Run a line as cron does: /bin/sh, next to no environment, some other directory."""
    bare = {"HOME": str(folder), "LOGNAME": "ada", "PATH": "/usr/bin:/bin", "SHELL": "/bin/sh"}
    return subprocess.run(["/bin/sh", "-c", line], env=bare, cwd="/", check=False).returncode


def test_both_contain_the_same_line_and_odd_names_survive(odd):
    """Escaped for each of them, and nothing of it lost."""
    plan = planned(odd, when="23:05")
    assert plan.cron.startswith("5 23 * * * ") and of_cron(plan.cron) == plan.command == of_systemd(plan.service)
    assert "OnCalendar=*-*-* 23:05:00" in plan.timer and plan.log == str(odd.path.parent / "out.csv.log")


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="cron is not there")
def test_the_line_of_cron_does_the_job_and_follows_what_is_live(odd):
    """In an empty environment; after a rollback tonight's file is answered by the version before."""
    plan, folder, [*before] = planned(odd), odd.path.parent, odd.batches.list()
    assert before == [] and not (folder / "out.csv").exists()
    assert run(of_cron(plan.cron), folder) == 0, Path(plan.log).read_text()
    odd.rollback("production", "complaints")
    assert run(of_systemd(plan.service), folder) == 0, Path(plan.log).read_text()
    answers = pd.read_csv(folder / "out.csv")
    assert [one.model_version for one in odd.batches.list()] == ["1.0.0", "1.1.0"]
    assert len(answers) == 60 and set(answers["model_version"]) == {"1.0.0"}
    assert Path(plan.log).read_text().count("60 of 60 rows answered") == 2
    assert {event["actor"] for event in odd.log()[-3:]} == {odd.actor}
    assert sorted(file.name for file in folder.iterdir()) == ["new.csv", "out.csv", "out.csv.log", "w s"]


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not there")
def test_systemd_takes_the_units(odd, tmp_path):
    """Its own check has nothing to say about them."""
    plan = planned(odd)
    for kind in ("service", "timer"):
        (tmp_path / f"mlops-batch.{kind}").write_text(getattr(plan, kind))
    units = [str(tmp_path / f"mlops-batch.{kind}") for kind in ("service", "timer")]
    checked = subprocess.run(["systemd-analyze", "verify", *units], capture_output=True, text=True, check=False)
    assert [line for line in checked.stderr.splitlines() if "mlops-batch" in line] == []


@pytest.mark.parametrize(
    ("model", "said"),
    [("@production", "a rollback changes who that is tonight"), ("churn_model@1.0.0", "churn_model@1.0.0 answers")],
)
def test_it_says_whether_a_rollback_changes_who_answers(released, tmp_path, model, said):
    """Whoever is live, or one version whatever comes."""
    plan = released.batches.schedule(model, tmp_path / "new.csv", tmp_path / "out.csv")
    assert said in plan.said and plan.follows == (model == "@production") and model in plan.arguments


def test_a_version_of_the_data_and_no_file_are_scheduled_too(released):
    """The log then lies beside the workspace, never in it."""
    plan = released.batches.schedule("churn_model@production", "customers@1")
    assert "customers@1" in plan.arguments and "--output" not in plan.arguments
    assert plan.log == str(released.path.with_name("released.batch.log"))


@pytest.mark.parametrize(
    ("change", "error", "said"),
    [
        ({"when": "24:00"}, InvalidError, "is no time of the day"),
        ({"when": "2:00\n* * * * * rm"}, InvalidError, "is no time of the day"),
        ({"output": "-"}, InvalidError, "Nobody reads standard output at night"),
        ({"output": None, "model": "churn_model@1.0.0"}, InvalidError, "would go nowhere"),
        ({"model": "other@production"}, NotFoundError, "other"),
        ({"data": "new\n* * * * * rm"}, InvalidError, "cannot stand in a line of cron"),
        ({"output": "no/such/folder.csv"}, InvalidError, "does not exist"),
    ],
)
def test_what_cannot_run_at_night_is_refused_by_day(released, tmp_path, change, error, said):
    """Nobody would see why it failed."""
    line = {"model": "@production", "data": tmp_path / "new.csv", "output": tmp_path / "out.csv"} | change
    with pytest.raises(error, match=said):
        released.batches.schedule(**line)
