"""A workspace of an older format: read as it is, brought up to date by one event, and answered as it always was."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from mlops import Workspace
from mlops.base.errors import NotFoundError
from mlops.base.formats import FORMAT
from mlops.data import outcomes
from mlops.training import pipeline, workers
from tests import old_workspace
from tests.shell import Shell


@pytest.fixture
def old(tmp_path: Path) -> Workspace:
    """A workspace as the program of format 1 left it; see `old_workspace`."""
    return old_workspace.opened(tmp_path / "old")


def lacks(now: dict, then: dict) -> dict:
    """Return what an answer said then and does not say now; new keys are no difference."""
    return {key: (value, now.get(key)) for key, value in then.items() if now.get(key, "no such key") != value}


def changed_answers(ws: Workspace) -> dict[str, object]:
    """Return, by question, what is answered otherwise than by the program of format 1."""
    shell, found = Shell(ws.path), {}
    for question, then in old_workspace.answers().items():
        command = question.split(" ")
        if command[0] == "live-at":  # an instant may have a space in it
            command = ["live-at", " ".join(command[1:-2]), *command[-2:]]
        now = shell.get(*command)
        if isinstance(then, list):
            differs = [difference for one, other in zip(now, then, strict=True) if (difference := lacks(one, other))]
        else:
            differs = lacks(now, then)
        if differs:
            found[question] = differs
    return found


def formats(ws: Workspace) -> tuple[int, int]:
    """Return the format of the ledger and of the marker: an older program refuses either."""
    with closing(sqlite3.connect(ws.path / "ledger.db")) as connection:
        (ledger,) = connection.execute("PRAGMA user_version").fetchone()
    return ledger, json.loads((ws.path / "WORKSPACE.json").read_text())["format"]


def test_an_old_workspace_answers_as_before_and_reading_changes_nothing(old):
    """Names that replaced each other, roles changed in place, two targets, old margins: all of it is still so."""
    before = hashlib.sha256((old.path / "ledger.db").read_bytes()).hexdigest()

    assert changed_answers(old) == {}
    assert old.verify()["ok"]

    assert hashlib.sha256((old.path / "ledger.db").read_bytes()).hexdigest() == before
    assert formats(old) == (1, 1)


def test_the_newest_of_a_name_are_so_many_also_where_names_replaced_each_other(old):
    """What another name replaced is no deployment of this one, and takes no place."""
    for environment, name in (("production", "churn_model"), ("production", "challenger"), ("staging", "churn_model")):
        whole = old.releases.timeline(environment, name)
        newest = [old.releases.timeline(environment, name, newest=most) for most in range(len(whole) + 2)]
        assert newest == [whole[max(len(whole) - most, 0) :] for most in range(len(whole) + 2)]


def test_the_first_write_brings_it_up_to_date_with_one_event(old):
    """Nothing that was recorded changes; every answer stays; older programs refuse it from now on."""
    before = old.log()

    old.runs.note(before[5]["subject"], "noted by a newer program")

    upgrade, note = old.log(since=len(before))
    assert old.log()[: len(before)] == before
    assert (upgrade["kind"], upgrade["at"], upgrade["payload"]["changes"]) == (
        "workspace.upgrade", before[-1]["at"], {"format": FORMAT},
    )  # fmt: skip
    assert note["kind"] == "run.note" and old.verify()["ok"] and formats(old) == (FORMAT, FORMAT)
    assert all("note" in differs for differs in changed_answers(old).values())


def test_a_refused_write_leaves_it_as_old_as_it_was(old):
    """What is refused changes nothing, the format neither."""
    before = old.head()
    with pytest.raises(NotFoundError):
        old.runs.note("r-nobody", "x")
    assert old.head() == before and formats(old) == (1, 1)


def test_a_marker_that_fell_behind_follows_when_the_workspace_is_opened(old):
    """Who brought the ledger up to date may have died before the marker was written."""
    marker = (old.path / "WORKSPACE.json").read_bytes()
    old.set_clock("2024-06-01T00:00:00Z")
    (old.path / "WORKSPACE.json").write_bytes(marker)

    assert Workspace.open(old.path).id == old.id

    assert formats(old) == (FORMAT, FORMAT) and old.verify()["ok"]
    assert [event["kind"] for event in old.log()].count("workspace.upgrade") == 1


def test_a_run_has_the_roles_that_were_in_force_when_it_began(old):
    """Roles changed in place then: each run is told with those it learned with, the one that waits with the last."""
    by_note = {run.note: run for run in old.runs.list()}
    roles = {
        note: run.roles and (run.roles["target"], run.roles["id"], run.roles["time"]) for note, run in by_note.items()
    }
    assert roles["rows have no names yet"] == ("churn", None, None)
    assert roles["was live in February"] == ("churn", "customer_id", None)
    assert roles["another target, the same version"] == roles["still waits"] == ("late", "customer_id", "signed_up")
    assert roles["more outcomes are known"] == ("churn", "customer_id", None)

    [difference] = [one for one in old.comparisons.compare(
        [by_note["rows have no names yet"].run_id, by_note["was live in February"].run_id]
    ).differs if one["key"] == "id"]  # fmt: skip
    assert difference == {"what": "data", "key": "id", "values": (None, "customer_id")}


def test_a_run_that_was_queued_in_an_old_workspace_is_trained_and_says_with_what(old):
    """It gets the roles of its beginning, and records them; outcomes of another target fill no gap of its own."""
    [waiting] = old.runs.queue()
    workers.work(str(old.path), waiting, "ada", leave=False)
    run = old.runs.get(waiting)
    assert (run.status, run.roles["target"]) == ("finished", "late")
    assert run.outcomes["known_until"] == run.queued_at and run.outcomes["sets"] == ()
    again = pipeline.repeat(old._ledger, old._artifacts, run)
    assert again["model_sha256"] == run.model_sha256 and old.verify()["ok"]


def test_a_set_of_outcomes_of_an_old_workspace_is_about_the_columns_it_has(old):
    """It says neither id nor target; its columns are named after them, and versions of another target get none of it."""
    late, churn = old.datasets.get("customers@1"), old.datasets.get("customers@2")
    sets = outcomes.known_sets(old._ledger, old._artifacts, churn, old.now())
    assert [(one.id, one.target, one.matched) for one in sets] == [("customer_id", "churn", None)] * 2
    assert outcomes.known_sets(old._ledger, old._artifacts, late, old.now()) == []


def test_roles_given_to_old_content_make_a_version_of_their_own(old, tmp_path):
    """What format 1 changed in place stays as it was; from now on other roles are another version."""
    before = old.datasets.get("customers@1")
    path = old.datasets.checkout("customers@1", tmp_path / "customers.csv")
    again = old.datasets.add(path, "customers")
    other = old.datasets.add(path, "customers", target="churn")
    assert (again.version, again.created) == (1, False)
    assert (other.version, other.sha256, other.target) == (3, before.sha256, "churn")
    assert old.datasets.get("customers@1") == before and old.verify()["ok"]


def test_a_run_of_an_old_workspace_can_be_repeated(old):
    """With the roles of its time, though the version has another target by now, and the outcomes known then."""
    for note in ("rows have no names yet", "was live in February", "more outcomes are known"):
        [run] = [one for one in old.runs.list() if one.note == note]
        again = pipeline.repeat(old._ledger, old._artifacts, run)
        assert (note, again["rows_sha256"]) == (note, run.as_dict()["rows_sha256"])


def test_a_fork_of_an_old_workspace_is_brought_up_to_date_by_itself(old, tmp_path):
    """The copy goes its own way; the original stays what it was."""
    fork = old.fork(tmp_path / "fork")
    fork.set_clock("2024-06-01T00:00:00Z")
    assert formats(fork) == (FORMAT, FORMAT) and fork.verify()["ok"] and formats(old) == (1, 1)


# Without the newer indexes


def without_indexes(ws: Workspace) -> Workspace:
    """Make a workspace one that the first program of format 2 left: the same records, without their newer indexes."""
    with closing(sqlite3.connect(ws.path / "ledger.db")) as connection:
        for index in ("deployments_of_place", "deployments_from_outside"):
            connection.execute(f"DROP INDEX {index}")
    return Workspace.open(ws.path)


def test_a_workspace_answers_the_same_without_its_indexes(two_live):
    """They only make an answer quick: what is live, was live and can be gone back to stays what it is."""

    def answers(ws: Workspace) -> list[object]:
        place, name = "production", "churn_model"
        return [
            ws.models.list(), ws.releases.all_live(place), ws.releases.timeline(place), ws.releases.live(place, name),
            ws.deployments.preview(place, model=name), ws.live_at("2024-03-15", model=name),
        ]  # fmt: skip

    before = answers(two_live)
    old = without_indexes(two_live)
    assert answers(old) == before and old.verify()["ok"]


def test_a_workspace_gets_the_indexes_that_it_lacks_without_an_event(two_live):
    """Nothing in its history means anything else than before; a fork of it goes the same way."""
    old, head = without_indexes(two_live), two_live.head()
    fork = old.fork(two_live.path.with_name("fork"))
    for ws in (old, fork):
        ws.runs.note(ws.runs.list()[0].run_id, "noted by a newer program")
        assert [event["kind"] for event in ws.log(since=head)] == ["run.note"]
        assert ws.verify()["ok"] and formats(ws) == (FORMAT, FORMAT)
    assert "deployments_of_place" in str(old._ledger.path.read_bytes())
