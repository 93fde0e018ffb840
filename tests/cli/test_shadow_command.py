"""The command `shadow`: what the silent candidate would have answered, as one document."""

from __future__ import annotations

import pytest

from mlops import Workspace
from tests.shell import Shell, mlops

CONTRACT = ["model", "candidate", "n", "agree", "flipped", "score_shift", "latency", "outcomes"]


@pytest.fixture
def shell(released: Workspace) -> Shell:
    """A command line where churn_model 1.1.0 is live and was asked about a file."""
    table = released.datasets.table("customers@1").slice(0, 50)
    file = released.path.parent / "ask.csv"
    table.drop_columns("churn").to_pandas().to_csv(file, index=False)
    released.batch_predict("@production", file)
    return Shell(released.path)


def test_a_candidate_is_started_follows_is_told_about_and_stopped(shell):
    """Each prints the report, of which programs rely on the keys of the contract."""
    begun = shell.get("shadow", "--env", "production", "--start", "churn_model@1.0.0", "--back")
    assert (begun["n"], begun["waiting"]) == (0, 50)
    told = shell.get("shadow", "--env", "production", "--follow")
    assert set(CONTRACT) <= told.keys()
    assert (told["n"], told["agree"] + told["flipped"], told["outcomes"]) == (50, 50, None)
    assert (told["model"]["version"], told["candidate"]["version"]) == ("1.1.0", "1.0.0")
    assert told == shell.get("shadow", "--env", "production", "--model", "churn_model")
    ended = shell.get("shadow", "--env", "production", "--stop", "--reason", "it finds fewer")
    assert ended["until"] and {**ended, "until": None} == told


def test_people_read_what_programs_read(shell):
    """How many say the same, who flips which way, what one row takes, and that fifty are few."""
    shell("shadow", "--env", "production", "--start", "churn_model@1.0.0", "--back", "--follow")
    said = mlops("--workspace", shell.workspace, "shadow", "--env", "production").out
    assert "answered by both  50" in said and "1 -> 0" in said and "median of 10" in said
    assert "Too few to tell: both answered 50" in said


@pytest.mark.parametrize(
    ("line", "code", "says"),
    [
        (("--back",), 2, "--back goes with --start"),
        (("--stop", "--follow"), 2, "--stop stands alone"),
        (("--reason", "why"), 2, "--reason goes with it"),
        ((), 1, "No silent candidate ever answered for churn_model in production"),
        (("--start", "churn_model@1.1.0"), 1, "is live in production itself"),
        (("--follow", "--at", "2024-03-01T09:00:00Z"), 1, "This is the past"),
    ],
)
def test_what_cannot_be_done_is_said(shell, line, code, says):
    """A mistake in the line, and what the workspace refuses."""
    done = shell("shadow", "--env", "production", *line)
    assert done.code == code and says in done.error["message"]


def test_at_any_moment_it_tells_what_was_said_by_then(shell):
    """By number of the event; the candidate had answered nothing when it began."""
    shell("shadow", "--env", "production", "--start", "churn_model@1.0.0", "--back", "--follow")
    events = shell.get("log")
    begun = next(one["seq"] for one in events if one["kind"] == "shadow.start")
    counts = [shell.get("shadow", "--env", "production", "--at", f"event:{begun + more}")["n"] for more in (0, 1)]
    assert counts == [0, 50]
