"""Whoever else is at work in the same workspace: one wins, the others are told, and nothing is lost or torn."""

from __future__ import annotations

import random
from collections import Counter
from contextlib import suppress
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from mlops import Workspace
from mlops.base.errors import ConflictError, RefusedError
from mlops.release import request_log
from mlops.release.releases import release_stack
from tests.conftest import STUMP
from tests.processes import together

pytestmark = pytest.mark.slow

FIRST, SECOND = "churn_model@1.0.0", "churn_model@1.1.0"


def _open(path: Path) -> Workspace:
    return Workspace.open(path, create=False, actor="ada")


def _answers(said: list[list[Any]]) -> list[Any]:
    """Return what children answered; none may have been refused."""
    assert [what[0] for what in said] == ["done"] * len(said), said
    return [what[1] for what in said]


# Releases


def _deploy(_: Any, path: Path, ref: str, expected: str) -> str:
    return _open(path).deploy(ref, "staging", "race", expected=expected).deployment_id


def _rollback(_: Any, path: Path, to: str | None, expected: str) -> str:
    return _open(path).rollback("staging", "race", to=to, expected=expected).deployment_id


def _release(say: Any, path: Path, move: str, ref: str | None, expected: str) -> str:
    return (_deploy if move == "deploy" else _rollback)(say, path, ref, expected)


def _moves(ws: Workspace, seed: int) -> list[tuple[str, str | None]]:
    """Return four releases, each possible as things are now, in an order that the seed decides."""
    other = SECOND if ws.releases.live("staging").model["version"] == "1.0.0" else FIRST
    moves = [("deploy", other), ("deploy", other), ("rollback", other), ("deploy", other)]
    if len(release_stack([one.as_dict() for one in ws.releases.timeline("staging")], "churn_model")) > 1:
        moves[3] = ("rollback", None)
    return random.Random(seed).sample(moves, k=4)


def test_four_who_release_at_once_have_one_winner(released):
    """60 rounds: one of four goes live, three are told of the conflict, and history is one line without gaps."""
    ws = released
    for number in range(60):
        before, log = ws.releases.timeline("staging"), ws.log()
        moves = _moves(ws, seed=number)
        said = together(_release, [(ws.path, *move, before[-1].deployment_id) for move in moves])

        winners = [what[1] for what in said if what[0] == "done"]
        losers = [what[:2] for what in said if what[0] != "done"]
        assert losers == [["refused", "ConflictError"]] * 3, (number, moves, said)
        assert [one.deployment_id for one in ws.releases.timeline("staging")[len(before) :]] == winners
        assert ws.releases.live("staging").deployment_id == winners[0]
        assert ws.log()[: len(log)] == log
    live = [one for one in ws.releases.timeline("staging") if one.status == "live"]
    assert len(live) == 2 + 60
    assert [one.until for one in live] == [*(one.since for one in live[1:]), None]
    assert ws.verify()["problems"] == []


def _hurry(_: Any, path: Path, who: int) -> list[str]:
    """Deploy and roll back as fast as it goes, and take what is live as it comes; return what went live."""
    ws, luck, done = _open(path), random.Random(who), list[str]()
    while len(done) < 10:
        with suppress(ConflictError, RefusedError):  # somebody was faster, or nothing earlier is left
            if luck.random() < 0.6:
                done.append(ws.deploy(luck.choice((FIRST, SECOND)), "staging", f"by {who}").deployment_id)
            else:
                done.append(ws.rollback("staging", f"by {who}").deployment_id)
    return done


def test_four_who_deploy_and_roll_back_without_pause_write_one_history(released):
    """Forty steps of four processes: none lost, none twice, each takes over from the one before it, to the event."""
    before = released.releases.timeline("staging")
    answers = _answers(together(_hurry, [(released.path, who) for who in range(4)]))

    history = released.releases.timeline("staging")
    added = history[len(before) :]
    assert history[: len(before) - 1] == before[:-1]
    assert sorted(one.deployment_id for one in added) == sorted(one for some in answers for one in some)
    assert len({one.deployment_id for one in added}) == 40
    for who, own in enumerate(answers):
        assert [one.deployment_id for one in added if one.reason == f"by {who}"] == own
    for earlier, later in pairwise(history[len(before) - 1 :]):
        assert (later.replaced, earlier.until) == (earlier.model, later.since)
        assert later.model != earlier.model
    assert [one.until for one in history].count(None) == 1
    events = released.log()
    assert [event["seq"] for event in events] == [*range(1, len(events) + 1)]
    subjects = [event["subject"] for event in events if event["kind"].startswith("deployment.")]
    assert len(subjects) == len({*subjects})
    ended = [one.ended_by for one in released.releases.moves("staging")]
    assert ended[:-1] == [one.event for one in released.releases.moves("staging")][1:]
    assert released.verify()["problems"] == []


def _release_own(_: Any, path: Path, name: str, expected: str) -> str:
    ws = _open(path)
    to = "1.0.0" if ws.releases.live("staging", name).model["version"] == "1.1.0" else "1.1.0"
    return ws.deploy(f"{name}@{to}", "staging", "race", expected=expected).deployment_id


def test_two_who_release_two_names_at_once_both_win(two_live):
    """15 rounds of four, two for each name: one winner for each, and no name ends the other's time of being live."""
    names = ("churn_model", "guest_model")
    for number in range(15):
        seen = {name: two_live.releases.live("staging", name).deployment_id for name in names}
        said = together(_release_own, [(two_live.path, name, seen[name]) for name in names * 2])

        won = [[what[0] for what in said[at::2]].count("done") for at in (0, 1)]
        assert won == [1, 1] and {what[0] for what in said} == {"done", "refused"}, (number, said)
    for name in names:
        live = two_live.releases.timeline("staging", name)
        assert len(live) == 2 + 15
        assert [one.until for one in live] == [*(one.since for one in live[1:]), None]
    assert two_live.verify()["problems"] == []


# Data


def _add(_: Any, path: Path, csv: Path) -> list[Any]:
    version = _open(path).datasets.add(csv, "customers", target="churn", id="customer_id")
    return [version.ref, version.created]


def test_eight_writers_of_the_same_bytes_make_one_version(ws, customers_csv):
    """Exactly one is told that it created the version."""
    answers = _answers(together(_add, [(ws.path, customers_csv)] * 8))

    assert {ref for ref, _ in answers} == {"customers@1"}
    assert [created for _, created in answers].count(True) == 1
    assert [version.ref for version in ws.datasets.list()] == ["customers@1"]
    assert [event["kind"] for event in ws.log()] == ["dataset.add"]
    assert ws.verify()["problems"] == []


def test_eight_writers_of_different_bytes_make_eight_versions(ws, customers, tmp_path):
    """Numbers are given once each, and each version knows the one before it."""
    files = [tmp_path / f"customers_{number}.csv" for number in range(8)]
    for number, file in enumerate(files):
        customers.drop(index=number).to_csv(file, index=False)
    answers = _answers(together(_add, [(ws.path, file) for file in files]))

    assert sorted(answers) == [[f"customers@{number}", True] for number in range(1, 9)]
    assert [version.parent for version in ws.datasets.list()] == [7, 6, 5, 4, 3, 2, 1, None]
    assert ws.verify()["problems"] == []


def _name_role(_: Any, path: Path, csv: Path, roles: dict[str, str]) -> int:
    return _open(path).datasets.add(csv, "customers", **roles).version


def test_two_who_change_roles_at_once_lose_nothing(ws, customers_csv):
    """20 rounds: one names the time and one the group; the newest version has both, whoever came first."""
    for number in range(20):
        name = Workspace.open(ws.path.with_name(f"round-{number}"), actor="ada")
        name.datasets.add(customers_csv, "customers", target="churn", id="customer_id")
        said = [{"time": "signed_up"}, {"group": "region"}]
        answers = _answers(together(_name_role, [(name.path, customers_csv, one) for one in said]))

        assert sorted(answers) == [2, 3]
        newest = name.datasets.get("customers")
        assert (newest.target, newest.id, newest.time, newest.group) == ("churn", "customer_id", "signed_up", "region")
        assert name.verify()["problems"] == []


# Notes and tags


def _annotate(_: Any, path: Path, run_id: str, who: int) -> None:
    ws = _open(path)
    for number in range(25):
        ws.runs.note(run_id, f"note {number} of {who}")
        ws.runs.tag(run_id, f"tag_{number}_of_{who}", str(number))


def test_notes_and_tags_of_four_processes_are_all_there(trained):
    """Tags add up, no note is missing in history, and the last one stands."""
    (run,) = trained.runs.list()
    _answers(together(_annotate, [(trained.path, run.run_id, who) for who in range(4)]))

    tags = {f"tag_{number}_of_{who}": str(number) for number in range(25) for who in range(4)}
    notes = [event["payload"]["changes"]["note"] for event in trained.log() if event["kind"] == "run.note"]
    assert trained.runs.get(run.run_id).tags == tags
    assert sorted(notes) == sorted(f"note {number} of {who}" for number in range(25) for who in range(4))
    assert trained.runs.get(run.run_id).note == notes[-1]
    assert trained.verify()["problems"] == []


# Training


def _train(_: Any, path: Path) -> str:
    return _open(path).train(STUMP).model_sha256


def test_four_trainings_of_one_config_give_one_model(trained):
    """They share the prepared data, whoever stores it first."""
    (first,) = trained.runs.list()
    answers = _answers(together(_train, [(trained.path,)] * 4))

    assert set(answers) == {first.model_sha256}
    assert Counter(run.status for run in trained.runs.list()) == {"finished": 5}
    assert trained.verify()["problems"] == []


def test_a_process_that_finds_the_data_prepared_gives_the_same_model(trained):
    """Byte for byte: the second process has never fitted the preprocessing that it stores with the model."""
    (first,) = trained.runs.list()
    answers = [*_answers(together(_train, [(trained.path,)])), *_answers(together(_train, [(trained.path,)]))]

    assert [run.steps[0]["cached"] for run in trained.runs.list()] == [True, False, False]
    assert answers == [first.model_sha256] * 2


# Predictions


def _predict(_: Any, path: Path, row: dict[str, Any], seal_at: int) -> list[str]:
    request_log.SEAL_AT = seal_at
    ws, asked = _open(path), []
    for _ in range(50):
        asked.append(ws.predict("@production", row).prediction_id)
        if len(asked) % 5 == 0:
            ws.predictions.sync()
    return asked


@pytest.mark.parametrize("seal_at", [request_log.SEAL_AT, 20_000], ids=["one file", "many seals"])
def test_requests_of_four_processes_are_all_logged(released, seal_at):
    """200 answers, 200 whole lines, each once, also while files are sealed."""
    row = released.models.metadata(SECOND)["examples"][0]["row"]
    answers = _answers(together(_predict, [(released.path, row, seal_at)] * 4))

    logged = released.predictions.list()
    assert sorted(request["prediction_id"] for request in logged) == sorted(one for some in answers for one in some)
    assert len(logged) == 200
    assert all(request["answer"]["model_version"] == "1.1.0" and request["row"] for request in logged)
    lines = [line for file in released.path.glob("predictions/*.jsonl") for line in file.read_bytes().splitlines()]
    assert len(lines) == 200
    assert released.verify()["problems"] == []


def test_a_file_is_sealed_only_when_it_is_full(released):
    """Two who fill a file at the same time seal it once, not the next one as well."""
    row = released.models.metadata(SECOND)["examples"][0]["row"]
    _answers(together(_predict, [(released.path, row, 5_000)] * 4))

    sealed = [file.stat().st_size for file in released.path.glob("predictions/s*.jsonl")]
    assert len(sealed) > 4
    assert min(sealed) > 5_000


def _predict_or_release(_: Any, path: Path, row: dict[str, Any], releases: bool) -> list[str]:
    """Release twelve times, or ask until most of these have happened: however fast a machine does either."""
    request_log.SEAL_AT = 20_000
    ws, asked = _open(path), []
    if not releases:
        before = len(ws.releases.timeline("production"))
        while not asked or len(ws.releases.timeline("production")) < before + 9:
            asked += _predict(_, path, row, 20_000)
        return asked
    for turn in range(12):
        ws.deploy((FIRST, SECOND)[turn % 2], "production", "drill", override="a drill")
    return []


def test_requests_stay_in_order_while_others_release_and_seal(released):
    """Each stands after the event it says, and none before one that came earlier."""
    row = released.models.metadata(SECOND)["examples"][0]["row"]
    for one in (FIRST, SECOND):
        released.deploy(one, "staging", "rehearsal")
    answers = _answers(together(_predict_or_release, [(released.path, row, who == 0) for who in range(3)]))

    logged = released.predictions.list()
    assert sorted(one["prediction_id"] for one in logged) == sorted(one for some in answers for one in some)
    after = [one["after"] for one in logged[::-1]]
    assert after == sorted(after) and len({*after}) > 5
    assert len([*released.path.glob("predictions/s*.jsonl")]) > 2 and released.verify()["problems"] == []


def _predict_and_look(_: Any, path: Path, row: dict[str, Any]) -> list[int]:
    request_log.SEAL_AT = 5_000
    ws, seen = _open(path), []
    for _ in range(15):
        asked = ws.predict("@production", row).prediction_id
        ws.predictions.sync()
        logged = [request["prediction_id"] for request in ws.predictions.list()]
        assert logged.count(asked) == 1
        assert len({*logged}) == len(logged)
        seen.append(len(logged))
    return seen


def test_a_reader_sees_what_is_logged_also_while_others_seal(released):
    """Nobody misses the own request, or sees one twice, or fewer than before."""
    row = released.models.metadata(SECOND)["examples"][0]["row"]
    for seen in _answers(together(_predict_and_look, [(released.path, row)] * 4)):
        assert all(before < after for before, after in pairwise(seen))


# Workspaces


def _create(_: Any, path: Path) -> list[Any]:
    ws = Workspace.open(path, actor="ada")
    return [ws.id, ws.datasets.list(), ws.verify()["ok"]]


@pytest.mark.parametrize("attempt", range(10))
def test_four_who_create_a_workspace_get_the_same_one(tmp_path, attempt):
    """One makes it, all open it."""
    path = tmp_path / "new"
    answers = _answers(together(_create, [(path,)] * 4))

    ws = _open(path)
    assert answers == [[ws.id, [], True]] * 4
    assert sorted(file.name for file in path.iterdir()) == [".gitignore", "WORKSPACE.json", "ledger.db"]


def _fork(_: Any, path: Path, to: Path) -> str:
    return _open(path).fork(to).id


@pytest.mark.parametrize("attempt", range(10))
def test_two_forks_to_one_folder_have_one_winner(released, tmp_path, attempt):
    """The other is told; the folder holds one whole copy."""
    said = together(_fork, [(released.path, tmp_path / "fork")] * 2)

    assert sorted(what[0] for what in said) == ["done", "refused"], said
    assert next(what[1] for what in said if what[0] == "refused") == "ConflictError"
    fork = _open(tmp_path / "fork")
    assert fork.id == next(what[1] for what in said if what[0] == "done")
    assert fork.log() == released.log()
    assert fork.verify()["problems"] == []
