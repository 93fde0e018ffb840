"""Verify names whatever is not as the workspace made it: in the ledger, in the open log, and beside the files it knows."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from mlops import Workspace
from mlops.base import verify
from mlops.base.artifacts import Artifacts
from mlops.base.leftovers import Publication
from mlops.base.records import canonical_json
from mlops.base.verify import Unsealed
from mlops.release import request_log


def sql(ws: Workspace, *statements: str) -> None:
    """Change the ledger behind its back."""
    with closing(sqlite3.connect(ws.path / "ledger.db", isolation_level=None)) as connection:
        for statement in statements:
            connection.execute(statement)


def named(ws: Workspace) -> list[tuple[str, str]]:
    """Return what and where of all problems."""
    report = ws.verify()
    assert report["ok"] is not bool(report["problems"])
    return [(problem["what"], problem["where"]) for problem in report["problems"]]


# The ledger


@pytest.mark.parametrize(
    ("statements", "where"),
    [
        (["DROP INDEX facts_by_value"], ["index facts_by_value"]),
        (["DROP TRIGGER events_are_not_changed"], ["trigger events_are_not_changed"]),
        (["DROP INDEX facts_by_value", "CREATE INDEX facts_by_value ON facts (key)"], ["index facts_by_value"]),
        (["CREATE INDEX more ON facts (value)"], ["index more"]),
        (["CREATE TABLE more (secret TEXT)"], ["table more"]),
        (["CREATE TRIGGER more AFTER INSERT ON events BEGIN DELETE FROM facts; END"], ["trigger more"]),
        (["ALTER TABLE facts ADD COLUMN more ANY"], ["table facts"]),
    ],
)
def test_a_changed_schema_is_named(ws, statements, where):
    """An index, a trigger or a table that is not as this program makes it, is gone, or was added."""
    sql(ws, *statements)
    assert named(ws) == [("schema", one) for one in where]


def test_an_index_that_says_something_else_than_its_table_is_named(trained):
    """A search would find by the index what is not so; the derived tables alone look right."""
    where = "WHERE name = 'facts_by_value'"
    with closing(sqlite3.connect(trained.path / "ledger.db", isolation_level=None)) as connection:
        [kept] = connection.execute(f"SELECT * FROM sqlite_schema {where}").fetchall()
        truth = connection.execute("SELECT value, subject FROM facts WHERE key = 'metrics.test.auc'").fetchall()
        forge = "UPDATE facts SET value = ? WHERE key = 'metrics.test.auc' AND subject = ?"
        connection.executemany(forge, [(0.999, subject) for _, subject in truth])
        connection.execute("PRAGMA writable_schema = ON")
        connection.execute(f"DELETE FROM sqlite_schema {where}")
    with closing(sqlite3.connect(trained.path / "ledger.db", isolation_level=None)) as connection:
        connection.executemany(forge, truth)
        connection.execute("PRAGMA writable_schema = ON")
        connection.execute("INSERT INTO sqlite_schema VALUES (?, ?, ?, ?, ?)", kept)
    assert len(trained.runs.list("metrics.test.auc = 0.999")) == 1
    assert ("damaged ledger", "ledger.db") in named(trained)


def test_pages_that_sqlite_cannot_read_are_named(trained):
    """Damage in the middle of the file ends no verification: what can be read is still looked over."""
    with open(trained.path / "ledger.db", "r+b") as file:
        file.seek(4096 * 3)
        file.write(b"\0" * 4096 * 2)
    assert "damaged ledger" in {what for what, _ in named(trained)}


# The open log


@pytest.fixture
def asked(released) -> Path:
    """The open log of the workspace `released`, with five requests."""
    row = released.models.metadata("@production")["examples"][0]["row"]
    for _ in range(5):
        released.predict("@production", row)
    return released.path / "predictions" / "open-1.jsonl"


@pytest.mark.parametrize(
    ("change", "line"),
    [
        (lambda lines: [lines[0], lines[1].replace(b'"environment":"production"', b'"environment":null'), *lines[2:]], 2),
        (lambda lines: [*lines[:4], lines[4].replace(b'"after":', b'"after":1')], 5),
        (lambda lines: [lines[0], *lines[2:]], 2),
        (lambda lines: lines[1:], 1),
        (lambda lines: [lines[0], lines[2], lines[1], *lines[3:]], 2),
        (lambda lines: [*lines, lines[4]], 6),
        (lambda lines: [*lines, b'{"forged":true}\n'], 6),
        (lambda lines: [*lines, b"nothing at all\n"], 6),
        (lambda lines: [*lines[:4], lines[4].replace(b'":', b'": ')], 5),
    ],
    ids=["edit", "edit the last", "delete", "delete the first", "reorder", "duplicate", "forge", "garbage", "spaces"],
)  # fmt: skip
def test_a_logged_request_that_is_not_as_it_was_written_is_named(released, asked, change, line):
    """The first line that differs, or stands where it was not written, by its number."""
    assert released.verify()["ok"]
    asked.write_bytes(b"".join(change(asked.read_bytes().splitlines(keepends=True))))
    assert named(released)[0] == ("request log", f"predictions/open-1.jsonl line {line}")


def unchained(log: Path) -> None:
    """Write a log as programs of format 1 did: without hashes."""
    requests = [json.loads(line) for line in log.read_bytes().splitlines()]
    without = ({key: one[key] for key in one if key != "sha256"} for one in requests)
    log.write_text("".join(canonical_json(one) + "\n" for one in without))


def test_the_log_of_an_older_program_goes_on_and_is_chained_from_then_on(released, asked):
    """Its lines carry no hashes; once a newer line follows them, none of them can be changed either."""
    sql(released, "PRAGMA user_version = 1")
    unchained(asked)
    assert released.verify()["ok"]
    released.predict("@production", released.models.metadata("@production")["examples"][0]["row"])
    assert released.verify()["ok"] and len(released.predictions.list()) == 6
    asked.write_bytes(asked.read_bytes().replace(b'"production"', b'"nowhere"', 1))
    assert named(released) == [("request log", "predictions/open-1.jsonl line 6")]


def test_a_log_of_this_program_without_its_hashes_is_named(released, asked):
    """Whoever takes all of them away makes it no older one."""
    sql(released, "PRAGMA user_version = 2")
    unchained(asked)
    assert named(released)[0] == ("request log", "predictions/open-1.jsonl line 1")


def test_half_a_line_at_the_end_is_a_leftover(released, asked):
    """Nobody had its answer; the next request takes its place."""
    whole = asked.read_bytes()
    asked.write_bytes(whole + whole[:100])
    report = released.verify()
    assert (report["problems"], report["leftovers"]) == ([], ["predictions/open-1.jsonl line 6"])
    released.predict("@production", released.models.metadata("@production")["examples"][0]["row"])
    report = released.verify()
    assert (report["problems"], report["leftovers"], len(released.predictions.list())) == ([], [], 6)


def test_a_log_that_was_sealed_and_not_removed_is_a_leftover(released, asked, monkeypatch):
    """It is a segment as well, until the next request."""
    row, data = released.models.metadata("@production")["examples"][0]["row"], asked.read_bytes()
    monkeypatch.setattr(request_log, "SEAL_AT", len(data))
    released.predict("@production", row)
    released.predictions.sync()
    [segment] = (released.path / "predictions").glob("s*.jsonl")
    asked.write_bytes(segment.read_bytes())
    assert (released.verify()["problems"], released.verify()["leftovers"]) == ([], ["predictions/open-1.jsonl"])
    released.predict("@production", row)
    assert (released.verify()["leftovers"], asked.exists()) == ([], False)
    asked.write_bytes(data)  # not what was sealed
    assert named(released) == [("unknown file", "predictions/open-1.jsonl")]


# Files


@pytest.mark.parametrize(
    "path",
    [
        "data/customers/v9-000000.parquet",
        "experiments/r0000000000/model.joblib",
        "models/planted.joblib",
        "predictions/s0000000000.jsonl",
        "predictions/open-2.jsonl",
        "cache/planted.joblib",
        "tmp/planted",
        "data/.hidden",
    ],
)
def test_a_planted_file_is_named(released, path):
    """No event names it, and it is not where we keep what no event names."""
    file = released.path / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(b"planted")
    assert named(released) == [("unknown file", path)]
    released.runs.log("the next writer", {}, {})
    assert file.read_bytes() == b"planted" and named(released) == [("unknown file", path)]


@pytest.mark.skipif(sys.platform == "win32", reason="not everybody may make links and pipes there")
def test_a_link_and_a_pipe_are_files_too(released):
    """A link to a folder is not followed, and nobody waits for what a pipe has to say."""
    (released.path / "data" / "away").symlink_to(released.path.parent)
    model = released.path / released.models.get("churn_model@1.0.0").path
    model.unlink()
    os.mkfifo(model)
    os.mkfifo(released.path / "models" / "pipe")
    at = {where for _, where in named(released)}
    assert at == {"data/away", "models/pipe", model.relative_to(released.path).as_posix()}


def test_what_a_user_keeps_beside_our_folders_is_no_problem(released):
    """Such as the output of a batch."""
    (released.path / "scores.csv").write_text("mine")
    assert released.verify()["ok"]


def test_what_is_under_way_is_neither_a_problem_nor_left(trained):
    """A training, and a file that waits."""
    seen = []
    with trained._artifacts.stage() as stage:
        stage.write("a", b"1")
        trained.train("model: {type: dummy}\n", on_step=lambda _: seen.append(trained.verify()))
    assert len(seen) == 14 and {(report["ok"], *report["leftovers"]) for report in seen} == {(True,)}


def test_a_name_that_is_given_before_its_event_is_no_problem(trained):
    """It stands in the list until the event is committed, or until the transaction fails and takes it back."""
    with trained._artifacts.stage() as stage:
        publication = Publication(trained._artifacts)
        publication.add({"experiments/r0123456789/a": stage.write("a", b"1")})
        publication.add({"experiments/r0123456789/b": stage.write("b", b"2")})
        report = trained.verify()
        publication.withdraw()
    assert report["ok"] and report["leftovers"] == ["experiments/r0123456789/a", "experiments/r0123456789/b"]
    assert trained.verify()["leftovers"] == []


def test_what_is_recorded_during_a_verification_is_no_problem(trained, tmp_path):
    """A file that an event names after the copy of the ledger was taken, and a log that was begun."""
    (tmp_path / "more.txt").write_text("more")

    class Slow(Artifacts):
        """Somebody logs a run with a file while the first file is hashed."""

        def hash(self, path: str) -> str | None:
            if trained.head() == before:
                trained.runs.log("meanwhile", {}, {}, files=[tmp_path / "more.txt"])
            return super().hash(path)

    def requests(*_: object) -> Unsealed:
        return Unsealed(("predictions/open-1.jsonl",))

    before = trained.head()
    (trained.path / "predictions").mkdir()
    (trained.path / "predictions" / "open-1.jsonl").touch()
    report = verify.verify(trained._ledger, Slow(trained.path), trained.id, requests)
    assert (report["problems"], report["leftovers"], report["events"]) == ([], [], before)
    assert trained.head() == before + 1


# What killed processes leave

KILLED = """
import os, sys
from mlops import Workspace
from mlops.experiments import lifecycle
ws = Workspace.open(sys.argv[1])
with lifecycle.held(ws._artifacts, "r0123456789"), ws._artifacts.stage() as stage, ws._ledger.write() as tx:
    waits, named = stage.write("waits", b"1"), stage.write("named", b"2")
    tx.append("thing.add", "t1", {}, {"experiments/r0123456789/a": named})
    os._exit(9)
"""


def kill(ws: Workspace) -> None:
    """Let a process publish a file, and end it before the event is committed."""
    assert subprocess.run([sys.executable, "-c", KILLED, str(ws.path)], check=False).returncode == 9


def test_what_a_killed_process_left_goes_with_the_next_writer(trained):
    """Until then it is named as left over, which is no problem; nothing else goes, not even beside it."""
    (trained.path / "experiments" / "r0123456789").mkdir()
    kill(trained)
    report = trained.verify()
    assert report["ok"] and "experiments/r0123456789/a" in report["leftovers"] and len(report["leftovers"]) == 5
    (beside := trained.path / "experiments" / "r0123456789" / "b").write_bytes(b"planted")
    trained.runs.note(trained.runs.list()[0].run_id, "the next writer")
    assert beside.exists() and named(trained) == [("unknown file", "experiments/r0123456789/b")]
    assert trained.verify()["leftovers"] == [] and list(trained._artifacts.tmp.iterdir()) == []


def test_a_list_that_names_what_an_event_names_takes_nothing(trained):
    """Every list is such a one once its event is committed; and nobody's list reaches our own files."""
    version = trained.datasets.get("customers@1")
    forged = [version.path, "ledger.db", "WORKSPACE.json", "../customers.csv", "/etc/hosts", "tmp/x", 7]
    (trained.path / "ledger.db-names").write_text(f'{json.dumps(forged)}\n["experiments/r')
    (trained.path.with_name("customers.csv")).touch()
    trained.runs.log("the next writer", {}, {})
    assert trained.verify()["problems"] == [] and trained.path.with_name("customers.csv").exists()


def test_a_stage_whose_process_lives_is_left_alone(trained):
    """However many others write meanwhile."""
    with trained._artifacts.stage() as stage:
        staged = stage.write("a", b"1")
        trained.runs.log("another writer", {}, {})
        with trained._ledger.write() as tx:
            tx.append("thing.add", "t1", {}, {"things/a": staged})
    assert (trained.path / "things" / "a").read_bytes() == b"1" and trained.verify()["leftovers"] == []
