"""Live: what a ledger says is live becomes what answers, if it can."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from mlops import Workspace
from mlops.base.errors import IntegrityError, InvalidError, MlopsError, NotFoundError, RefusedError
from mlops.release import health
from mlops.serving import live as lives
from mlops.serving.counters import Counters
from mlops.serving.live import Answering, Live
from tests.conftest import LOGISTIC


def version(live: Live) -> str | None:
    return live.current and live.current.loaded.version.ref


def counted(counters: Counters, name: str) -> float | None:
    return counters.registry.get_sample_value(f"mlops_{name}")


def spoil(ws: Workspace, ref: str) -> tuple[Path, bytes]:
    """Damage the file of a model; return what puts it right again."""
    path = ws.models.path(ref)
    whole = path.read_bytes()
    path.unlink()  # its bytes may be linked from other places
    path.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    return path, whole


@pytest.fixture
def live(released: Workspace) -> Live:
    """Follows production, where churn_model 1.1.0 is live; it looks when it is told to."""
    live = Live(released, "production")
    live.look()
    return live


# What is live answers


def test_a_deployment_or_rollback_by_any_program_is_what_answers_at_the_next_look(released, live):
    """The server's own workspace wrote neither."""
    elsewhere, told = Workspace.open(released.path), []
    live.on_swap.append(told.append)

    rolled = elsewhere.rollback("production", "complaints")
    live.look()
    assert version(live) == "churn_model@1.0.0" and live.current.deployment_id == rolled.deployment_id

    again = elsewhere.deploy("churn_model@1.1.0", "production", "repaired", override="a rehearsal")
    live.look()
    assert live.current == told[-1]
    assert (version(live), live.current.since) == ("churn_model@1.1.0", again.since)


def test_what_does_not_concern_it_swaps_nothing(released, live):
    """Another environment, another event: what answers is the very same object."""
    before = live.current
    released.rollback("staging", "a rehearsal")
    live.look()

    assert live.current is before


def test_nothing_live_is_no_error_and_the_first_deployment_gives_the_name(two_live, tmp_path):
    """A server may be there before the model; once it has a name, it keeps to it."""
    live = Live(two_live, "development")
    live.look()
    assert (live.model, live.current, live.trouble) == (None, None, None)

    two_live.deploy("guest_model@1.0.0", "development", "try")
    live.look()
    two_live.deploy("churn_model@1.1.0", "development", "try")
    live.look()
    assert (live.model, version(live)) == ("guest_model", "guest_model@1.0.0")


def test_of_several_names_one_must_be_said(two_live):
    """Which of them was meant is not guessed, and a name that nobody registered is refused."""
    with pytest.raises(InvalidError, match="churn_model 1.1.0, guest_model 1.1.0"):
        Live(two_live, "production")
    with pytest.raises(NotFoundError, match="Registered: churn_model, guest_model"):
        Live(two_live, "production", "chrun_model")

    for name in ("churn_model", "guest_model"):
        live = Live(two_live, "production", name)
        live.look()
        assert version(live) == f"{name}@1.1.0"


def test_a_thread_follows_by_itself(released):
    """Started, it needs nobody who tells it to look; that a second is enough is seen in `test_swaps`."""
    live, swapped = Live(released, "production"), threading.Event()
    live.start()
    try:
        live.on_swap.append(lambda now: swapped.set())
        Workspace.open(released.path).rollback("production", "complaints")
        assert swapped.wait(60) and version(live) == "churn_model@1.0.0"
    finally:
        live.stop()


def test_a_listener_that_fails_does_not_end_the_following(released, caplog):
    """It is said, and the next deployment is seen."""
    live, seen = Live(released, "production"), threading.Event()

    def failing(now: Answering) -> None:
        if seen.is_set() or now.loaded.version.version == "1.0.0":
            seen.set()
            raise RuntimeError("a fault of ours")

    live.on_swap.append(failing)
    live.start()
    try:
        released.rollback("production", "complaints")
        assert seen.wait(60)
        swapped = threading.Event()
        live.on_swap[:] = [lambda now: swapped.set()]
        released.deploy("churn_model@1.1.0", "production", "repaired", override="a rehearsal")
        assert swapped.wait(60)
    finally:
        live.stop()
    assert "a fault of ours" in caplog.text


def test_what_answers_goes_on_while_the_next_one_is_checked(released, live, monkeypatch):
    """Loading, checking and warming happen aside: nobody waits for them, and nobody is answered by half a version."""
    seen = []
    check = health.check
    monkeypatch.setattr(health, "check", lambda model: (seen.append(version(live)), check(model)))

    released.rollback("production", "complaints")
    live.look()
    assert seen[-1] == "churn_model@1.1.0"
    assert version(live) == "churn_model@1.0.0"


# What cannot answer


def test_a_damaged_version_never_replaces_a_good_one_and_is_tried_again(released, live, monkeypatch):
    """The trouble names version, deployment time and cause; the repaired file answers without another deployment."""
    counters = Counters()
    counters.watch(live)
    said: list[str | None] = []
    live.on_trouble.append(said.append)
    rolled = released.rollback("production", "complaints")
    path, whole = spoil(released, "churn_model@1.0.0")
    before = live.current

    for number in range(3):
        live.look()
        released.journal.write("beside", {"number": number})
    live.look()
    assert live.current is before
    assert f"churn_model@1.0.0 is live since {rolled.since} and cannot answer: " in live.trouble
    assert [said, counted(counters, "failed_loads_total"), counted(counters, "trouble")] == [[live.trouble], 1, 1]

    path.write_bytes(whole)
    monkeypatch.setattr(lives, "AGAIN", 0.0)
    live._again = 0.0
    live.look()
    assert (version(live), live.trouble, said[-1]) == ("churn_model@1.0.0", None, None)
    assert [counted(counters, "swaps_total"), counted(counters, "trouble")] == [1, 0]


def test_a_version_that_answers_otherwise_than_it_did_never_replaces_a_good_one(released, live, monkeypatch):
    """The server's packages can be others than those of the program that deployed."""
    released.rollback("production", "complaints")
    released.deploy("churn_model@1.1.0", "production", "repaired", override="a rehearsal")
    monkeypatch.setattr(LogisticRegression, "predict_proba", lambda self, rows: np.full((rows.shape[0], 2), 0.5))
    live.look()
    assert "answers 3 of its 3 examples otherwise" in live.trouble

    monkeypatch.setattr(LogisticRegression, "predict_proba", lambda self, rows: {}["no such thing"])
    live._again = 0.0
    live.look()
    assert "cannot answer its examples: KeyError" in live.trouble
    assert version(live) == "churn_model@1.1.0"


def test_a_deployment_that_failed_or_was_refused_changes_nothing(released, live, monkeypatch):
    """It never was live, so there is no trouble to tell."""
    model = released.models.register(released.train(LOGISTIC, seed=1), "churn_model")
    monkeypatch.setattr(LogisticRegression, "predict_proba", lambda self, rows: np.full((rows.shape[0], 2), 0.5))
    with pytest.raises(IntegrityError, match="failed its health check"):
        released.deploy(model, "staging", "rehearsal")
    with pytest.raises(RefusedError, match="does not pass the gate"):
        released.deploy(model, "production", "release")
    released.models.reject("churn_model@1.0.0", "a leak was found")
    with pytest.raises(MlopsError, match="is rejected"):
        released.rollback("production", "complaints")
    before = live.current
    live.look()

    assert (live.current, live.trouble) == (before, None)


# A ledger that cannot be read


def test_while_the_ledger_cannot_be_read_what_answers_goes_on(released, live):
    """Moved away, damaged, put back: it is told while it lasts, and what happened meanwhile is seen afterwards."""
    ledger, aside = released.path / "ledger.db", released.path / "ledger.aside"
    before = live.current
    released.rollback("production", "complaints")

    os.replace(ledger, aside)
    live.look()
    assert live.current is before and "What is live cannot be told" in live.trouble

    ledger.write_bytes(b"SQLite format 3\0" + bytes(4096))
    live.look()
    assert live.current is before and "What is live cannot be told" in live.trouble

    os.replace(aside, ledger)
    live.look()
    assert (version(live), live.trouble) == ("churn_model@1.0.0", None)

    os.replace(ledger, aside)
    live.look()
    os.replace(aside, ledger)
    live.look()
    assert live.trouble is None, "nothing has happened, and still it can be told again"


def test_a_workspace_in_which_nothing_is_live_any_more_answers_nothing(released, live, tmp_path):
    """Where somebody put an older copy in the place of the ledger, the ledger is right."""
    Workspace.open(tmp_path / "fresh")
    os.replace(tmp_path / "fresh" / "ledger.db", released.path / "ledger.db")
    live.look()

    assert live.current is None
