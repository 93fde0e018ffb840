"""What was live, and what lies under it: any history of releases, against a reader that is too simple to be wrong."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlops import Workspace
from mlops.base.errors import ConflictError, InvalidError, RefusedError
from mlops.release.releases import Deployment, Releases, release_stack

VERSIONS = ("1.0.0", "1.1.0", "2.0.0", "2.1.0")
MOVES = st.lists(st.tuples(st.sampled_from(["deploy", "rollback", "failed"]), st.sampled_from(VERSIONS)), max_size=12)


def model(version: str) -> dict[str, str]:
    return {"name": "m", "version": version, "sha256": version * 3}


def played(moves: list[tuple[str, str]]) -> list[dict[str, Any]]:
    """Turn moves into deployments one hour apart; a rollback goes only to what was live before."""
    history: list[dict[str, Any]] = []
    for hour, (move, version) in enumerate(moves):
        if move == "rollback" and version not in [one["model"]["version"] for one in history if one["since"]]:
            continue
        at = f"2024-03-{1 + hour // 24:02}T{hour % 24:02}:00:00.000000Z"
        history.append(
            {
                "deployment_id": f"d{hour:02}",
                "action": "rollback" if move == "rollback" else "deploy",
                "environment": "production",
                "model": model(version),
                "at": at,
                "since": None if move == "failed" else at,
                "status": "failed" if move == "failed" else "live",
            }
        )
    return history


def recorded(ws: Workspace, history: list[dict[str, Any]]) -> Releases:
    """Write deployments into the ledger as releases do, each at its own time."""
    with ws._ledger.write() as tx:
        tx.at = "2024-01-01T00:00:00.000000Z"
        for version in VERSIONS:
            tx.append("run.log", f"r{version}", {"run_id": f"r{version}", "data": {}, "config_sha256": ""})
            tx.append("model.register", f"m@{version}", {"name": "m", "version": version, "run_id": f"r{version}"})
    for record in history:
        with ws._ledger.write() as tx:
            tx.at = record["at"]
            tx.append(f"deployment.{record['action']}", record["deployment_id"], record)
    return Releases(ws._ledger)


def naive_live_at(history: list[dict[str, Any]], time: str) -> str | None:
    version = None
    for record in history:
        if record["since"] is not None and record["since"] <= time:
            version = record["model"]["version"]
    return version


def naive_stack(history: list[dict[str, Any]]) -> list[str]:
    stack: list[str] = []
    for record in history:
        if record["status"] == "live":
            version = record["model"]["version"]
            if record["action"] == "rollback" and version in stack[:-1]:
                newest = len(stack) - 2 - stack[:-1][::-1].index(version)
                stack = stack[: newest + 1]
            else:
                stack = [*stack, version]
    return stack


@given(moves=MOVES, minutes=st.integers(-90, 14 * 60))
def test_what_was_live_is_what_a_fold_of_the_history_says(tmp_path_factory: Any, moves: Any, minutes: int) -> None:
    """The row whose half-open interval holds the instant, for any history and any instant."""
    history = played(moves)
    releases = recorded(Workspace.open(tmp_path_factory.mktemp("w") / "w"), history)
    day, rest = divmod(minutes, 24 * 60)
    time = f"2024-{'03' if day >= 0 else '02'}-{1 + day if day >= 0 else 29:02}T{rest // 60:02}:{rest % 60:02}:00Z"

    answer = releases.live_at(time, "production")

    assert (answer.model or {}).get("version") == naive_live_at(history, answer.at)


@given(moves=MOVES)
def test_each_deployment_lasts_until_the_next_one_that_went_live(tmp_path_factory: Any, moves: Any) -> None:
    """No gap and no overlap; what failed was never live and ends nothing."""
    timeline = recorded(Workspace.open(tmp_path_factory.mktemp("w") / "w"), played(moves)).timeline("production")
    live = [one for one in timeline if one.status == "live"]

    assert [one.until for one in live] == [one.since for one in live[1:]] + [None] * bool(live)
    assert all(one.since is None and one.until is None for one in timeline if one.status == "failed")


@given(moves=MOVES)
def test_the_stack_under_the_live_model_is_what_rollbacks_would_bring_back(moves: Any) -> None:
    """A rollback takes off what lies above the model it names; the last one is live."""
    history = played(moves)

    stack = release_stack(history, "m")

    assert [entry["version"] for entry in stack] == naive_stack(history)


NAMED = st.lists(st.tuples(st.sampled_from("ab"), st.sampled_from(VERSIONS[:2])), max_size=8)


def together(releases: list[tuple[str, str]], old: int) -> list[dict[str, Any]]:
    """Turn releases of two names into records; the first `old` as format 1 wrote them: one replaces whatever is live."""
    history: list[dict[str, Any]] = []
    live: dict[str, dict[str, str]] = {}
    for hour, (name, version) in enumerate(releases):
        at, new = f"2024-03-01T{hour:02}:00:00.000000Z", {**model(version), "name": name}
        replaced = next(iter(live.values()), None) if hour < old else live.get(name)
        if hour < old:
            live.clear()
        live[name] = new
        one = {"deployment_id": f"d{hour:02}", "action": "deploy", "environment": "production", "status": "live"}
        history.append(one | {"model": new, "at": at, "since": at, "replaced": replaced})
    return history


@given(releases=NAMED, old=st.integers(0, 8), hour=st.integers(0, 9))
def test_a_release_ends_its_own_name_and_what_it_says_it_replaced(
    tmp_path_factory: Any, releases: Any, old: int, hour: int
) -> None:
    """Two names live side by side; where an old workspace says that one replaced the other, it did."""
    ws = Workspace.open(tmp_path_factory.mktemp("w") / "w")
    history = together(releases, old)
    with ws._ledger.write() as tx:
        tx.at = "2024-01-01T00:00:00.000000Z"
        tx.append("run.log", "r", {"run_id": "r", "data": {}, "config_sha256": ""})
        for name in "ab":
            for version in VERSIONS[:2]:
                tx.append("model.register", f"{name}@{version}", {"name": name, "version": version, "run_id": "r"})
        for record in history:
            tx.append("deployment.deploy", record["deployment_id"], record)
    time, then = f"2024-03-01T{hour:02}:00:00.000000Z", {}
    for record in history:
        if record["since"] <= time:
            then.pop((record["replaced"] or record["model"])["name"], None)
            then[record["model"]["name"]] = record["model"]["version"]

    answers = Releases(ws._ledger).all_live_at(time, "production")

    assert {one.model["name"]: one.model["version"] for one in answers} == then


def test_a_version_left_for_another_name_is_not_gone_back_to() -> None:
    """In a workspace of format 1 a rollback could leave the bad b for a; b's next version does not go back to it."""
    moves = [("deploy", "a", "1"), ("deploy", "b", "1"), ("rollback", "a", "1"), ("deploy", "b", "2")]
    history, before = [], None
    for action, name, version in moves[:3]:
        one = {"action": action, "status": "live", "model": {"name": name, "version": version}, "replaced": before}
        history.append(one)
        before = one["model"]
    history.append({"action": "deploy", "status": "live", "model": {"name": "b", "version": "2"}})

    assert [one["version"] for one in release_stack(history, "b")] == ["2"]
    assert [one["version"] for one in release_stack(history, "a")] == ["1", "1"]


def test_two_rollbacks_go_two_back_and_the_old_log_is_a_prefix(released: Workspace) -> None:
    """The second one does not return to the version that was just left; nothing is rewritten."""
    run = released.runs.list()[0]
    released.deploy(released.models.register(run, "churn_model"), "staging", "rehearsal")
    released.deploy("churn_model@latest", "production", "the same config again")
    before = released.log()

    versions = [released.rollback("production", "complaints").model["version"] for _ in range(2)]

    assert versions == ["1.1.0", "1.0.0"]
    assert released.log()[: len(before)] == before
    with pytest.raises(RefusedError, match="Nothing earlier was live in production"):
        released.rollback("production", "once more")


def test_a_rejected_version_is_never_rolled_back_to(released: Workspace) -> None:
    """The stack is gone through until a version is found that nobody rejected."""
    released.deploy(released.models.register(released.runs.list()[0], "churn_model"), "staging", "rehearsal")
    released.deploy("churn_model@latest", "production", "the same config again")
    released.models.reject("churn_model@1.1.0", "wrong fees")

    assert released.rollback("production", "complaints").model["version"] == "1.0.0"


def test_a_lost_race_is_told_and_changes_nothing(released: Workspace) -> None:
    """Who decided on what is no longer live is asked to look again."""
    seen = released.releases.live("production")
    released.rollback("production", "complaints")
    head = released.head()

    with pytest.raises(ConflictError, match="Somebody else changed production"):
        released.rollback("production", "complaints, too", expected=seen.deployment_id)

    assert released.head() == head


def test_the_preview_of_a_rollback_writes_nothing(released: Workspace) -> None:
    """It names target and compared rows, and the history ends where it ended."""
    head = released.head()

    preview = released.deployments.preview("production")

    assert (preview.target["version"], preview.compatible, released.head()) == ("1.0.0", True, head)


def test_an_instant_before_everything_has_no_model(released: Workspace) -> None:
    """Nothing live is an answer, with every key there."""
    answer = released.live_at("2020-01-01", "production")

    assert answer.model is None and answer.as_dict().keys() >= {"data", "run_id", "since", "until", "config_sha256"}


@pytest.mark.parametrize("time", ["2024-03-10 02:30", "2024-11-03 01:30"])
def test_a_time_that_daylight_saving_skipped_or_repeated_asks_which_is_meant(released: Workspace, time: str) -> None:
    """Guessing could name the wrong model."""
    with pytest.raises(InvalidError, match="it can mean"):
        released.live_at(time, "production", tz="America/New_York")


def test_the_newest_of_a_timeline_are_its_end_and_nothing_else_is_read(released, monkeypatch):
    """A screen that shows the newest few costs the same after a thousand deployments."""
    for number in range(4):
        released.deploy("churn_model@1.0.0" if number % 2 else "churn_model@1.1.0", "development", f"number {number}")
    whole, read = released.releases.timeline("development"), []
    monkeypatch.setattr(Deployment, "of", lambda record, real=Deployment.of: read.append(1) or real(record))
    newest = released.releases.timeline("development", newest=2)

    assert newest == whole[-2:] and len(read) == 2
    assert released.releases.timeline("development", newest=0) == []


def test_each_version_that_was_live_may_come_back_with_when_it_was_live_last(released):
    """Newest first, each once, without the live one; failed and other places do not count."""
    for to in ("1.0.0", "1.1.0"):
        released.rollback("production", "complaints", to=to)
    [earlier] = released.releases.earlier("production", "churn_model")
    timeline = released.releases.timeline("production")
    assert earlier == timeline[-2] and (earlier.model["version"], earlier.until) == ("1.0.0", timeline[-1].since)
    released.rollback("production", "complaints")
    assert [one.model["version"] for one in released.releases.earlier("production", "churn_model")] == ["1.1.0"]
    assert released.releases.earlier("development", "churn_model") == []
