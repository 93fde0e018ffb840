"""``--at``: which commands take a past, which refuse it, and where it is a mistake in the line."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from mlops import Workspace
from mlops.cli import cli
from tests.cli.test_cli import commands, files
from tests.shell import Shell, mlops

READS = {
    "data list", "data show", "data profile", "data diff", "data validate", "data checkout",
    "runs list", "runs show", "runs compare", "runs diff", "runs reevaluate", "models list", "models show", "models card",
    "lineage", "live-at", "timeline", "shadow", "monitor", "drift", "log", "clock show", "replay",
    "rollback", "gate-rule", "retrain-rule", "course list", "course check", "course quiz", "alerts list", "export project",
}  # fmt: skip
"""Commands that answer for the past; rollback with --dry-run, gate-rule without options."""

WRITES = {
    "init", "data add", "data builtin", "data join", "labels add", "train", "sweep",
    "runs cancel", "runs note", "runs tag", "runs reproduce", "models register", "models reject",
    "config put-back", "config codify",
    "gate", "deploy", "predict", "batch-predict", "serve", "retrain", "clock set", "course start",
    "alerts update", "alerts acknowledge",
}  # fmt: skip
"""Commands that would record something: the past refuses them."""

TIMELESS = {"verify", "models verify", "config check", "config render", "config diff", "config where", "data preview"}
"""Commands about no point in time: the files as they are, a chain that has no part."""

THEN = "2024-02-01 12:00"


@pytest.fixture
def shell(released: Workspace) -> Shell:
    """A command line where churn_model 1.0.0, then 1.1.0 went live, the second one after `THEN`."""
    return Shell(released.path)


@pytest.fixture
def copy(released: Workspace, tmp_path: Path) -> Shell:
    """A command line in the workspace as it was before the second one."""
    return Shell(released.at(THEN).fork(tmp_path / "then").path)


def lines(ws: Workspace) -> dict[str, tuple[Any, ...]]:
    """Return a line for each command that is there, with all that it asks for."""
    run = ws.runs.list()[-1].run_id
    return {
        **{"init": (), "data list": (), "data show": ("customers@1",), "data profile": ("customers@1",)},
        **{"data diff": ("customers@1", "customers@1"), "data validate": ("customers@1",)},
        "drift": ("--reference", "customers@1", "--current", "customers@1", "--model", "churn_model@1.0.0"),
        **{"data checkout": ("customers@1", "-o", ws.path / "out.csv"), "data builtin": ("iris",)},
        **{"data add": ("no.csv", "--name", "more"), "data preview": ("no.csv",)},
        **{"monitor": ("--env", "production"), "alerts list": ("--env", "production")},
        **{"retrain": ("--env", "production"), "retrain-rule": ("--env", "production")},
        "shadow": ("--env", "production"),
        **{"alerts update": ("--env", "production"), "alerts acknowledge": ("a0", "--reason", "seen")},
        "data join": ("customers@1", "--name", "more"),
        **{"labels add": ("no.csv", "--dataset", "customers"), "train": ("--config", "no.yaml")},
        **{"config check": ("no.yaml",), "config render": ("no.yaml",), "config diff": ("a.yaml", "b.yaml")},
        **{"config where": (), "config put-back": ("model.type", "--env", "production")},
        **{"config codify": ("model.type", "--env", "production"), "models card": ("@production",)},
        **{"sweep": ("--config", "no.yaml", "--grid", "model.max_depth=1,2"), "runs list": (), "runs show": (run,)},
        **{"runs compare": (run, run), "runs diff": (run, run), "runs reevaluate": (run, run)},
        **{"runs cancel": (run,), "runs reproduce": (run,), "runs note": (run, "text"), "runs tag": (run, "key=value")},
        **{"models register": (run, "--name", "other"), "models list": (), "models show": ("@production",)},
        **{"models verify": ("@production",), "models reject": ("churn_model@1.0.0", "--reason", "old")},
        **{"gate": ("churn_model@1.0.0", "--env", "production"), "gate-rule": ("--env", "production")},
        "deploy": ("churn_model@1.0.0", "--env", "staging", "--reason", "again"),
        "rollback": ("--env", "production", "--dry-run"),
        **{"live-at": ("2024-01-15T09:00:00Z", "--env", "production"), "timeline": ("--env", "production")},
        **{"predict": ("@production", "--row", "{}"), "replay": ("p0",), "clock show": ()},
        "batch-predict": ("--model", "@production", "--data", "no.csv", "--output", "out.csv"),
        "serve": ("--env", "production"),
        **{"clock set": ("2024-05-01",), "log": (), "verify": (), "lineage": ("customers@1",)},
        "export project": (ws.path.with_name("project"),),
        **{"course list": (), "course check": ("notebook",), "course start": ("notebook",), "course quiz": ()},
    }


def there() -> list[str]:
    """Return the commands that are there, groups left out."""
    names = [" ".join(path) for path in commands(cli)]
    return [name for name in names if not any(other.startswith(f"{name} ") for other in names)]


def test_every_command_knows_what_it_is_in_the_past():
    """A new command is in one of the three lists, and says the same of itself."""
    for name in there():
        command: Any = cli
        for word in name.split():
            command = command.commands[word]
        expected = {
            kind for kind, names in (("reads", READS), ("writes", WRITES), ("timeless", TIMELESS)) if name in names
        }
        assert {command.past} == expected, name


def test_every_command_has_a_line_here(released: Workspace):
    """Whoever adds a command says how it is called, so that the rules below hold it too."""
    assert set(there()) <= lines(released).keys()


@pytest.mark.parametrize("name", sorted(READS.intersection(there())))
def test_what_reads_answers_as_a_copy_taken_then(shell: Shell, copy: Shell, released: Workspace, name: str):
    """Before the command and after it, ``--at`` gives what the copy gives, and nothing is written."""
    before = files(released.path)
    words, arguments = name.split(), lines(released)[name]
    expected = copy(*words, *arguments)
    known = {"data checkout": ("out.csv",)}.get(name, ())
    for line in ((*words, *arguments, "--at", THEN, "--tz", "UTC"), ("--at", THEN, "--tz", "UTC", *words, *arguments)):
        shutil.rmtree(released.path.with_name("project"), ignore_errors=True)  # an export wants a new folder
        answer = shell(*line)
        if name == "clock show":
            assert answer.document == {"now": "2024-02-01T12:00:00.000000Z", "simulated": True}
        else:
            assert (answer.code, answer.out, answer.err) == (expected.code, expected.out, expected.err)
    after = files(released.path)
    assert {path: after[path] for path in after if path not in known} == before


@pytest.mark.parametrize("name", sorted(WRITES.intersection(there())))
def test_what_writes_is_refused_in_the_past(shell: Shell, released: Workspace, name: str):
    """Exit 1 and code `past`, before any file is looked for; nothing changes."""
    before = files(released.path)
    answer = shell(*name.split(), *lines(released)[name], "--at", THEN)

    assert (answer.code, answer.error["code"]) == (1, "past")
    assert answer.error["message"].startswith("This is the past ")
    assert answer.error["next_step"].startswith("Back to today")
    assert files(released.path) == before


@pytest.mark.parametrize(
    "line",
    [
        ("rollback", "--env", "production", "--reason", "bad"),
        ("gate-rule", "--env", "production", "--margin", "0.01"),
    ],
    ids=" ".join,
)  # fmt: skip
def test_reading_commands_that_can_write_are_refused_when_they_do(shell: Shell, line: tuple[str, ...]):
    """A rollback that is none, and a rule that is only read, are answered."""
    answer = shell(*line, "--at", "event:9")
    assert (answer.code, answer.error["code"]) == (1, "past")


@pytest.mark.parametrize("name", sorted(TIMELESS.intersection(there())))
@pytest.mark.parametrize("is_first", [True, False])
def test_where_there_is_no_past_it_is_a_mistake_in_the_line(shell: Shell, released: Workspace, name: str, is_first):
    """Exit 2: nobody can verify a past apart from what follows, and a config file has no history here."""
    line = (*name.split(), *lines(released)[name])
    answer = shell("--at", THEN, *line) if is_first else shell(*line, "--at", THEN)
    assert (answer.code, answer.error["code"]) == (2, "usage")


@pytest.mark.parametrize("name", there())
def test_help_shows_the_past_where_it_is_taken(name: str):
    """Nobody is offered what would be refused."""
    shown = mlops(*name.split(), "--help").out
    assert ("--at TIME" in shown) == (name in READS)
    assert ("--tz ZONE" in shown) == (name in READS or name == "clock set")


def test_a_group_shows_the_past_if_one_of_its_commands_takes_it():
    """So that one finds it before the command as well."""
    assert "--at TIME" in mlops("--help").out and "--at TIME" in mlops("runs", "--help").out
    assert "--at TIME" not in mlops("config", "--help").out


def test_an_event_names_a_point_between_two_of_one_instant(shell: Shell, released: Workspace):
    """A simulated date stands still; the number of an event does not."""
    first = next(event["seq"] for event in released.log() if event["kind"] == "deployment.deploy")

    assert shell.get("timeline", "--env", "staging", "--at", f"event:{first - 1}") == []
    assert len(shell.get("--at", f"event:{first}", "timeline", "--env", "staging")) == 1


@pytest.mark.parametrize(
    "at, code",
    [("", "invalid"), ("noon", "invalid"), ("event:", "invalid"), ("event:x", "invalid"), ("event:-1", "invalid"),
     ("event:0", "not_yet"), ("event:99999", "not_yet"), ("2030-01-01", "not_yet"), (f"event:{10**30}", "invalid")],
)  # fmt: skip
def test_what_names_no_point_of_the_past_is_refused(shell: Shell, at: str, code: str):
    """An empty variable of a shell is no time either, and never means now."""
    answer = shell("log", "--at", at)
    assert (answer.code, answer.error["code"]) == (1, code)


def test_a_time_without_a_zone_is_read_as_utc_and_said(shell: Shell):
    """As `live-at` does it."""
    said = "has no offset and was read as UTC: 2024-02-01T12:00:00.000000Z"
    assert said in shell("log", "--at", THEN).err
    assert said not in shell("log", "--at", THEN, "--tz", "UTC").err
    assert said not in shell("log", "--at", "2024-02-01T12:00:00Z").err


def test_one_zone_is_meant_for_every_time_of_a_line(shell: Shell):
    """live-at has a time of its own; both are local then."""
    line = ("live-at", "2024-03-01 10:00", "--env", "production", "--at", "2024-03-01 10:00")

    berlin = shell.get(*line, "--tz", "Europe/Berlin")
    assert (berlin["at"], berlin["model"]["version"]) == ("2024-03-01T09:00:00.000000Z", "1.1.0")
    assert shell(*line, "--tz", "America/New_York").error["code"] == "not_yet"
    assert shell("--tz", "Europe/Berlin", *line).document == berlin


def test_a_zone_without_a_time_is_a_mistake_in_the_line(shell: Shell):
    """It would change nothing, and the person meant something."""
    assert shell("runs", "list", "--tz", "Europe/Berlin").code == 2
