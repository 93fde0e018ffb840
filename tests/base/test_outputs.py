"""Outputs: what a command writes for somebody is a file of theirs, and nothing else is touched."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from mlops import Workspace
from mlops.base import outputs
from mlops.base.errors import InvalidError
from tests.conftest import customers_frame
from tests.shell import Shell, mlops

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def rows(tmp_path):
    """Sixty customers in a file."""
    customers_frame(60).to_csv(tmp_path / "rows.csv", index=False)
    return tmp_path / "rows.csv"


@pytest.fixture
def doors(released, rows):
    """Every way in which a workspace writes a file of the user's choice."""
    return (
        lambda path: released.datasets.checkout("customers@1", path),
        lambda path: released.batch_predict("@production", rows, path),
    )


def everything(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def check_refused(doors, path, says) -> None:
    for door in doors:
        with pytest.raises(InvalidError, match=says):
            door(path)


@pytest.mark.parametrize(
    "name",
    ["WORKSPACE.json", "workspace.JSON", "ledger.db", "Ledger.db", "ledger.db-journal", "ledger.db.", "WORKSPACE.lock",
     "data/out.csv", "DATA/customers/out.csv", "experiments/x", "models/x", "predictions/x", "cache/x", "tmp/x"],
)  # fmt: skip
def test_no_workspace_is_written_into_from_another(doors, tmp_path, name):
    """Its marker, its ledger, what SQLite would take for its journal, and its folders, whatever the case."""
    other = Workspace.open(tmp_path / "other")
    (other.path / name).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / "link.csv").symlink_to(other.path / name)
    before = everything(other.path)

    check_refused(doors, other.path / name, "lies among the files of the workspace '.*other'")
    check_refused(doors, tmp_path / "link.csv", "lies among the files of the workspace '.*other'")
    with pytest.raises(InvalidError, match="lies among the files"):
        Workspace.open(other.path / "data" / "workspace")
    assert everything(other.path) == before and other.verify()["ok"]


def test_beside_them_it_may(doors, released):
    """A workspace can be the folder in which somebody works."""
    for door in doors:
        door(released.path / "database.csv")
    assert (released.path / "database.csv").is_file() and released.verify()["ok"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="Windows has no pipes in folders")
@pytest.mark.parametrize("name", ["out.csv", "out.csv.rejected.csv"])
def test_a_pipe_is_no_file(doors, tmp_path, name):
    """Replacing it would take it from whoever waits at its other end. The same holds for devices."""
    os.mkfifo(tmp_path / name)
    (tmp_path / "link").symlink_to(tmp_path / name)
    check_refused(doors if name == "out.csv" else doors[1:], tmp_path / "out.csv", "is a pipe or a device, not a file")
    check_refused(doors, tmp_path / "link", "is a pipe or a device, not a file")
    assert (tmp_path / name).is_fifo()


def test_a_link_stays_and_what_it_names_is_written(doors, tmp_path):
    """As every other program does it. One that leads in a circle is refused."""
    (tmp_path / "real.csv").write_text("old")
    (tmp_path / "link.csv").symlink_to("real.csv")
    (tmp_path / "circle.csv").symlink_to("circle.csv")
    for door in doors:
        door(tmp_path / "link.csv")
        assert (tmp_path / "link.csv").is_symlink() and "customer_id" in (tmp_path / "real.csv").read_text()
        (tmp_path / "real.csv").write_text("old")
    check_refused(doors, tmp_path / "circle.csv", "not a file")


def test_another_name_of_a_ledger_gives_way_and_the_ledger_stays(doors, released, tmp_path):
    """A hard link is a name of the user's: the name is replaced, and not what it shared."""
    os.link(released.path / "ledger.db", tmp_path / "out.csv")
    for door in doors:
        door(tmp_path / "out.csv")
    assert "customer_id" in (tmp_path / "out.csv").read_text() and released.verify()["ok"]


def test_what_was_checked_is_checked_again_before_it_is_replaced(tmp_path):
    """Scoring a million rows takes its time, and a folder can have become a link meanwhile."""
    other = Workspace.open(tmp_path / "other")
    (tmp_path / "mine").mkdir()
    path = outputs.check(tmp_path / "mine" / "ledger.db")
    (tmp_path / "mine").rmdir()
    (tmp_path / "mine").symlink_to(other.path)
    with pytest.raises(InvalidError, match="lies among the files"):
        outputs.write(path, b"")
    assert other.verify()["ok"]


def test_rejected_rows_that_somebody_else_keeps_are_left_and_named(released, rows, tmp_path):
    """What an earlier file of ours left there goes; what is not ours was never promised to anybody."""
    mine = tmp_path / "out.csv.rejected.csv"
    mine.write_text("my notes")
    report = released.batch_predict("@production", rows, tmp_path / "out.csv")
    assert mine.read_text() == "my notes" and report.rejected_output is None
    assert mine.name in report.warnings[0] and "was left as it is" in report.warnings[0]


# Standard output


def test_a_dash_is_standard_output(released):
    """The bytes that a file would hold, and nothing but them; what is said goes to the side."""
    line = [sys.executable, "-m", "mlops", "--workspace", released.path, "data", "checkout", "customers@1", "-o", "-"]
    done = subprocess.run(line, cwd=ROOT, capture_output=True, check=True)
    written = released.datasets.checkout("customers@1", released.path / "out.csv").read_bytes()
    assert done.stdout == written and b"customers@1, 600 rows" in done.stderr


def test_answers_go_there_too_and_the_first_bad_row_is_named(released, rows, tmp_path, monkeypatch):
    """There is no name beside a dash for a second file."""
    monkeypatch.chdir(tmp_path)
    frame = customers_frame(60).astype(object)
    frame.loc[[7, 9], "age"] = "old"
    frame.to_csv(rows, index=False)
    line = ("batch-predict", "--model", "@production", "--data", rows, "--output", "-")
    answer = mlops("--workspace", released.path, *line)
    assert answer.code == 0 and len(answer.out.splitlines()) == 59 and answer.out.startswith("customer_id,")
    assert (
        "2 rows could not be used and were left out: 'age' of row 7 should be an integer, but is 'old'." in answer.err
    )
    assert not [path for path in tmp_path.iterdir() if path.name.startswith("-")]
    assert (newest := released.batches.list()[0]).output == "-" and newest.rejected_output is None


@pytest.mark.parametrize(
    "line", ["data checkout customers@1 -o -", "batch-predict --model @production --data rows.csv --output -"]
)
def test_one_standard_output_is_not_for_two(released, rows, monkeypatch, line):
    """One JSON document is promised there, and the answers would be another."""
    monkeypatch.chdir(rows.parent)
    refused = Shell(released.path)(*line.split())
    assert refused.code == 2 and "both want standard output" in refused.error["message"]
    assert released.batches.list() == []
