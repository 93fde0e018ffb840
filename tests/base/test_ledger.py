"""The ledger: history is appended, never rewritten, and whoever rewrites it anyway is found out."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable
from contextlib import closing

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlops import Workspace
from mlops.base.errors import BusyError, IntegrityError, NotFoundError, StorageError
from mlops.base.records import canonical_json, sha256_of

COLUMNS = ["at", "recorded_at", "actor", "kind", "subject", "payload", "prev_sha256", "sha256"]


@pytest.fixture(scope="module")
def fork(_released, tmp_path_factory) -> Callable[[], Workspace]:
    """Make forks of a workspace with releases, as many as an example needs."""
    folder = tmp_path_factory.mktemp("ledger")
    numbers = iter(range(10_000))
    return lambda: _released.fork(folder / str(next(numbers)))


def tamper(ws: Workspace, *statements: str) -> None:
    """Change the database behind the ledger's back, and cover the traces: the triggers that forbid it are there again."""
    with closing(sqlite3.connect(ws.path / "ledger.db", isolation_level=None)) as connection:
        triggers = connection.execute("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'").fetchall()
        for name, _ in triggers:
            connection.execute(f"DROP TRIGGER {name}")
        for statement in [*statements, *(sql for _, sql in triggers)]:
            connection.execute(statement)


def problems(ws: Workspace) -> list[dict[str, str]]:
    report = ws.verify()
    assert report["ok"] is not bool(report["problems"])
    return report["problems"]


def an_event(data: st.DataObject, ws: Workspace) -> int:
    return data.draw(st.integers(1, ws.head()))


def test_an_honest_history_verifies(fork):
    """Chain, derived tables and every file are recomputed, and all agree."""
    ws = fork()
    report = ws.verify()
    assert (report["ok"], report["problems"], report["events"]) == (True, [], ws.head())
    assert report["artifacts"] > 20 and len(report["head_sha256"]) == 64


@given(st.data(), st.sampled_from(COLUMNS))
@settings(max_examples=25)
def test_an_edited_event_is_named(fork, data, column):
    """Whatever field of whatever event is changed, the first problem is that event."""
    ws = fork()
    seq = an_event(data, ws)
    tamper(ws, f"UPDATE events SET {column} = substr({column}, 2) || '~' WHERE seq = {seq}")
    assert problems(ws)[0]["where"] == f"event {seq}"


@given(st.data())
@settings(max_examples=15)
def test_a_removed_event_is_named(fork, data):
    """A gap is named by its number; a missing end is told by what it had derived."""
    ws = fork()
    seq, last = an_event(data, ws), ws.head()
    subject = ws.log(seq - 1)[0]["subject"]
    tamper(ws, f"DELETE FROM events WHERE seq = {seq}")
    first = problems(ws)[0]
    assert first["where"] == f"event {seq}" if seq < last else subject in first["where"]


@given(st.data())
@settings(max_examples=15)
def test_reordered_events_are_named(fork, data):
    """Exchanging two events breaks the chain at the earlier one."""
    ws = fork()
    one, two = sorted(data.draw(st.lists(st.integers(1, ws.head()), min_size=2, max_size=2, unique=True)))
    swap = "UPDATE events SET seq = {1} WHERE seq = {0}"
    tamper(ws, swap.format(one, -1), swap.format(two, one), swap.format(-1, two))
    assert problems(ws)[0]["where"] == f"event {one}"


@given(st.data(), st.booleans())
@settings(max_examples=15)
def test_a_duplicated_event_is_named(fork, data, at_the_end):
    """A copy of an event is no event, neither under its own number nor under the next free one."""
    ws = fork()
    seq = an_event(data, ws)
    number = ws.head() + 1 if at_the_end else seq
    rest = ", ".join(COLUMNS)
    tamper(
        ws,
        "CREATE TABLE copy AS SELECT * FROM events",
        f"INSERT INTO copy SELECT {number}, {rest} FROM events WHERE seq = {seq}",
        "DROP TABLE events",
        "ALTER TABLE copy RENAME TO events",
    )
    named = [problem["where"] for problem in problems(ws)]
    assert (f"event {number}" if at_the_end else f"event {seq + 1}") in named


@given(st.data(), st.integers(1, 255))
@settings(max_examples=30)
def test_any_flipped_byte_of_any_artifact_is_named(fork, data, mask):
    """One changed byte in one file: verify names this file and nothing else."""
    ws = fork()
    with ws._ledger.read() as view:
        paths = [path for (path,) in view.connection.execute("SELECT path FROM artifacts WHERE size > 0 ORDER BY path")]
    path = data.draw(st.sampled_from(paths))
    content = bytearray((ws.path / path).read_bytes())
    content[data.draw(st.integers(0, len(content) - 1))] ^= mask
    (ws.path / path).unlink()  # the file is shared with the workspace this one was forked from
    (ws.path / path).write_bytes(content)
    assert [(problem["what"], problem["where"]) for problem in problems(ws)] == [("artifact", path)]


@given(st.data())
@settings(max_examples=10)
def test_an_event_that_was_edited_and_hashed_anew_breaks_the_chain(fork, data):
    """Whoever knows how to compute one hash would have to compute all that follow: the next event names the old one."""
    ws = fork()
    seq = data.draw(st.integers(1, ws.head() - 1))
    event = ws.log(seq - 1)[0]
    fields = [event["seq"], event["at"], event["recorded_at"], "mallory", event["kind"], event["subject"]]
    rehashed = sha256_of([*fields, canonical_json(event["payload"]), event["prev_sha256"]])
    tamper(ws, f"UPDATE events SET actor = 'mallory', sha256 = '{rehashed}' WHERE seq = {seq}")
    assert [(problem["what"], problem["where"]) for problem in problems(ws)] == [("broken chain", f"event {seq + 1}")]


def test_a_lost_artifact_is_named(fork):
    """A file that is gone is a problem like one that changed."""
    ws = fork()
    path = ws.datasets.get("customers").path
    (ws.path / path).unlink()
    assert [(problem["where"], problem["observed"]) for problem in problems(ws)] == [(path, "no file")]


@pytest.mark.parametrize(
    ("statement", "named"),
    [
        ("UPDATE records SET record = replace(record, '0.7', '0.9') WHERE noun = 'run'", "records: run"),
        ("DELETE FROM records WHERE noun = 'model'", "records: model churn_model@1.0.0"),
        ("INSERT INTO records VALUES ('model', 'ghost@1.0.0', 99, '{}')", "records: model ghost@1.0.0"),
        ("UPDATE facts SET value = 0.99 WHERE key = 'metrics.test.auc'", "metrics.test.auc"),
        (
            "UPDATE artifacts SET sha256 = printf('%064d', 0) WHERE path LIKE 'data/%.parquet'",
            "artifacts: data/customers",
        ),
    ],
)
def test_derived_tables_cannot_disagree_with_history(fork, statement, named):
    """Better figures or a made-up model in the derived tables are noticed, and named."""
    ws = fork()
    tamper(ws, statement)
    assert any(problem["what"] == "derived table" and named in problem["where"] for problem in problems(ws))


def test_removing_the_end_and_all_it_derived_shows_only_against_a_kept_hash(ws):
    """Said openly: a history that is cut back cleanly verifies, but its head is another one."""
    ws.runs.log("first", {}, {})
    shorter = ws.fork(ws.path.with_name("shorter"))
    ws.runs.log("second", {}, {})
    assert shorter.verify()["ok"]
    assert shorter.verify()["head_sha256"] != ws.verify()["head_sha256"]


def test_an_exchanged_ledger_is_noticed(ws, tmp_path):
    """The ledger of another workspace does not pass for this one's."""
    other = Workspace.open(tmp_path / "other")
    (ws.path / "ledger.db").write_bytes((other.path / "ledger.db").read_bytes())
    assert problems(ws)[0]["what"] == "workspace id"


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE events SET actor = 'nobody'",
        "DELETE FROM events",
        "INSERT OR REPLACE INTO events SELECT * FROM events WHERE seq = 1",
    ],
)
def test_a_connection_of_the_ledger_cannot_rewrite_history(ws, statement):
    """Triggers refuse every statement that changes or removes an event."""
    ws.runs.log("r", {}, {})
    before = ws.log()
    with pytest.raises(StorageError, match="never rewritten"), ws._ledger.write() as tx:
        tx.connection.execute(statement)
    assert ws.log() == before


def test_a_transaction_happens_whole_or_not_at_all(ws):
    """An error after an append takes the event, its record and its file's name back."""
    with pytest.raises(RuntimeError), ws._artifacts.stage() as stage, ws._ledger.write() as tx:
        tx.append("run.log", "r1", {"name": "x"}, {"experiments/r1/a": stage.write("a", b"1")})
        raise RuntimeError
    report = ws.verify()
    assert (ws.head(), ws.runs.list(), report["ok"], report["artifacts"]) == (0, [], True, 0)
    with pytest.raises(IntegrityError, match="not named by any event"), ws._ledger.read() as view:
        view.artifact("experiments/r1/a")


def test_a_record_is_the_merge_of_its_events(ws):
    """Each event says what changed; the record knows all of it."""
    run = ws.runs.log("r", {"a": 1}, {})
    ws.runs.note(run.run_id, "good")
    ws.runs.tag(run.run_id, "team", "blue")
    assert ws.runs.get(run.run_id).as_dict() == {**run.as_dict(), "note": "good", "tags": {"team": "blue"}}
    assert [event["kind"] for event in ws.log()] == ["run.log", "run.note", "run.tag"]


def test_writers_at_the_same_time_wait_for_each_other(ws):
    """Four writers, one history: nothing is lost, numbers are contiguous, the chain holds."""
    threads = [
        threading.Thread(target=lambda: [ws.runs.log(f"{n}", {}, {}) for n in range(5)]) for _ in range(4)
    ]  # fmt: skip
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [event["seq"] for event in ws.log()] == list(range(1, 21)) and ws.verify()["ok"]


def test_events_since_a_number_are_the_ones_after_it(released):
    """A reader that knows the history up to a number asks only for the rest."""
    everything = released.log()
    assert released.log(since=3) == everything[3:] and released.log(since=len(everything)) == []


def test_ids_may_be_shortened_while_they_are_unique(ws):
    """A prefix finds its run; none or several are refused with the latest ids."""
    runs = [ws.runs.log(f"{n}", {}, {}) for n in range(20)]
    assert ws.runs.get(runs[3].run_id[:10]) == runs[3]
    with pytest.raises(NotFoundError, match="More than one run starts with 'r'") as several:
        ws.runs.get("r")
    assert runs[-1].run_id in several.value.message
    for absent in ("", "x9"):
        with pytest.raises(NotFoundError, match="Latest:"):
            ws.runs.get(absent)


def test_a_ledger_of_a_newer_program_is_refused(ws):
    """An old program would misread it, so it does not try."""
    tamper(ws, "PRAGMA user_version = 99")
    with pytest.raises(StorageError, match="format 99") as refused:
        Workspace.open(ws.path)
    assert "Update" in refused.value.next_step


def test_a_file_that_is_no_ledger_is_a_storage_error(ws):
    """A damaged database is said in words, with what to do."""
    (ws.path / "ledger.db").write_bytes(b"this is no database" * 100)
    with pytest.raises(StorageError, match="could not be used"):
        ws.log()


# Sessions


def test_a_session_has_one_connection_and_short_looks(ws):
    """Others can write between its looks; a look within a look is the same, and nothing it began is left open."""
    with ws._ledger.session() as session:
        with session.read() as view, session.read() as within:
            assert within.connection is view.connection is session._connection and within.head() == view.head()
        ws.runs.log("by somebody else", {}, {})
        with session.read() as view:
            assert view.head()[0] == 1
        with pytest.raises(ZeroDivisionError), session.write() as tx:
            tx.append("note.keep", "n", {"text": str(1 // 0)})
        with session.write() as tx:
            assert tx.connection is session._connection
            tx.append("note.keep", "n", {"text": "kept"})
    assert [event["kind"] for event in ws.log()] == ["run.log", "note.keep"] and ws.verify()["ok"]


def test_a_session_leaves_no_lock_behind_where_another_one_writes(ws):
    """Who is told to wait has begun nothing: the next look is a new one."""
    with ws._ledger.session() as session, ws._ledger.write() as tx:
        session._connection.execute("PRAGMA busy_timeout = 0")
        with pytest.raises(BusyError), session.write():
            pass
        assert not session._connection.in_transaction
        tx.append("note.keep", "n", {"text": "kept"})
    assert ws.head() == 1
