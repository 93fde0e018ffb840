"""Further commands: found as entry points, absent where they cannot be imported, and in nobody's way."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.metadata import EntryPoint
from pathlib import Path

import click
import pytest

from mlops.cli import cli, further

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def named(monkeypatch):
    """Set which further commands there are."""

    def only(**values: str) -> None:
        monkeypatch.setattr(
            further, "named", lambda: {name: EntryPoint(name, value, further.GROUP) for name, value in values.items()}
        )
        further.load.cache_clear()

    yield only
    further.load.cache_clear()


def listed():
    return cli.list_commands(click.Context(cli))


def test_the_command_of_the_playground_is_found_in_a_checkout():
    """The names in pyproject.toml count where nothing is installed."""
    assert "course" in listed() and listed()[0] == "init"
    assert further._of_checkout(ROOT / "pyproject.toml") == {"course": "playground.course.commands:course"}


@pytest.mark.parametrize("value", ["no.such.module:course", "mlops.cli:no_such_name", "json:dumps", "tests:x y"])
def test_a_group_that_cannot_be_imported_is_absent_and_the_rest_works(named, value):
    """Whoever has the package alone has all its own commands."""
    named(course=value)
    assert "course" not in listed() and "train" in listed()
    assert cli.get_command(click.Context(cli), "course") is None


def test_no_further_command_takes_the_place_of_an_own_one(named):
    """A program on top cannot change what train means."""
    named(train="playground.course.commands:course")
    assert listed().count("train") == 1
    assert cli.get_command(click.Context(cli), "train") is cli.commands["train"]


def test_no_checkout_and_nothing_installed_is_no_further_command(tmp_path):
    """A file that is not there, or is none, names nothing."""
    (tmp_path / "broken.toml").write_text("[project")
    assert further._of_checkout(tmp_path / "broken.toml") == further._of_checkout(tmp_path / "none.toml") == {}


def test_other_commands_do_not_wait_for_it():
    """The course is imported when it is asked for."""
    program = "import sys; from mlops.cli import cli; cli.main(['clock', '--help'], standalone_mode=False); print('playground' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "False"


def mlops(workspace: Path, *line: str) -> tuple[int, object]:
    command = [sys.executable, "-m", "mlops", "--workspace", str(workspace), "--json", *line]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    return done.returncode, json.loads(done.stdout)


def test_the_tour_is_taken_from_a_shell(tmp_path):
    """Begin, check, list: one document each, and the exit code of the verdict."""
    workspace = tmp_path / "workspace"
    assert mlops(workspace, "course", "list")[0] == 1 and not workspace.exists()
    mlops(workspace, "init")
    code, begun = mlops(workspace, "course", "start", "1")
    assert (code, begun["id"], begun["workspace"]) == (0, "notebook", str(workspace))
    code, checked = mlops(workspace, "course", "check", "notebook")
    assert code == 1 and [goal["ok"] for goal in checked["goals"]] == [False] * 3
    assert set(checked) == {"id", "ok", "goals"}
    assert set(checked["goals"][0]) == {"id", "ok", "observed", "expected", "why", "where"}
    code, stops = mlops(workspace, "course", "list")
    assert code == 0 and [one["number"] for one in stops] == [1, 2, 3, 4, 5, 6, 7, 8] + 8 * [None]
    assert all(one["phase"] for one in stops) and [one["id"] for one in stops[8:10]] == ["machine", "copy"]
    assert [one["id"] for one in stops if one["current"]] == ["notebook"]


def test_a_stop_is_refused_in_words(tmp_path):
    """None at all, and those whose chapter is not open."""
    mlops(tmp_path / "workspace", "init")
    for stop, code in (("year", "refused"), ("9", "not_found"), ("serve", "refused")):
        exit_code, refused = mlops(tmp_path / "workspace", "course", "check", stop)
        assert (exit_code, refused["error"]["code"]) == (1, code)


def test_a_stop_can_be_checked_as_it_was(tmp_path):
    """--at works as for every command that reads; begin and answer say that this is the past."""
    workspace = tmp_path / "workspace"
    mlops(workspace, "init")
    mlops(workspace, "course", "start", "notebook")
    assert mlops(workspace, "course", "check", "notebook", "--at", "event:2")[0] == 1
    for line in (("start", "notebook"), ("answer", "rollback", "live", "1.1.0")):
        code, refused = mlops(workspace, "course", *line, "--at", "event:2")
        assert (code, refused["error"]["code"]) == (1, "past")
