"""Limits: what a seat may take, refused before anything is lost, with what to do; without a class there are none."""

from __future__ import annotations

import pytest

from mlops import MlopsError, Workspace
from playground import folders, limits, seats
from tests.conftest import STUMP
from tests.screens import button, open_page, unfold, write


@pytest.fixture
def seat(trained, tmp_path, monkeypatch):
    """The workspace `trained` at a seat of a class."""
    monkeypatch.setenv("MLOPS_WORKSPACES", str(tmp_path / "room"))
    key = seats.take(tmp_path / "room")
    home = tmp_path / "room" / key
    trained.path.rename(home.rename(home.with_name("empty")).with_name(key))
    return Workspace.open(home)


def test_a_sweep_that_would_keep_the_class_waiting_is_refused_whole(seat, monkeypatch, idle):
    """None of it is queued, and the button says what is too much; one training more is none too many."""
    monkeypatch.setenv("MLOPS_SEAT_RUNS", "3")
    limits.before_training(seat, seat.path, 3)
    with pytest.raises(MlopsError, match="4 trainings at a time .* may have 3"):
        limits.before_training(seat, seat.path, 4)

    at = write(open_page("train", ws=seat.path.name), STUMP)
    for _ in range(4):
        at.session_state["kept.session.clicked"] = {}
        at.button(key="train.go").click().run()
    assert (
        "4 trainings at a time are too many" in at.error[0].value and "wait until some have ended" in at.error[0].value
    )
    assert len(seat.runs.queue()) == 3


def test_a_place_that_is_full_takes_no_data_no_training_and_no_copy(seat, monkeypatch, customers_csv):
    """What is there can be looked at still."""
    monkeypatch.setenv("MLOPS_SEAT_MB", "1")
    free = 1_000_000 - folders.taken(seat.path)
    limits.before_keeping(seat.path, free)
    with pytest.raises(MlopsError, match="1 MB on this machine; .* and this needs"):
        limits.before_keeping(seat.path, free + 1)
    (seat.path / "ballast").write_bytes(bytes(free + 1))
    for refused in (
        lambda: limits.before_keeping(seat.path),
        lambda: limits.before_training(seat, seat.path),
        lambda: limits.before_another(seat.path),
    ):
        with pytest.raises(MlopsError, match="can be looked at"):
            refused()
    at = open_page("data", ws=seat.path.name)
    button(at, "Keep this version").click().run()
    assert "can be looked at" in at.error[0].value and len(seat.datasets.list()) == 1


def test_what_a_copy_shares_counts_once(seat):
    """Files never change, so a copy links them: only its ledger is its own."""
    before = folders.taken(seat.path)
    folders.fork(seat)

    assert before < folders.taken(seat.path) < 1.9 * before


def test_so_many_workspaces_are_kept_and_no_more(seat, monkeypatch):
    """Who may keep no more goes on in one of those; nothing is thrown away for them."""
    monkeypatch.setenv("MLOPS_SEAT_KEPT", "2")
    folders.fork(seat)
    folders.start_over(seat)
    at = unfold(open_page("start", ws=seat.path.name), "menu")
    button(at, "Start over").click().run()
    button(at, "Begin anew").click().run()

    assert "2 workspaces are kept at this place" in at.error[0].value and "Reopen" in at.error[0].value
    assert [one.number for one in folders.kept(seat.path)] == [1]
    button(at, "Reopen").click().run()
    assert Workspace.open(seat.path).runs.list() and not at.exception


def test_without_a_class_nobody_is_limited(trained, monkeypatch):
    """The machine is that of whoever started the app."""
    for name in limits.VARIABLES.values():
        monkeypatch.setenv(name, "1")
    limits.before_training(trained, trained.path, 500)
    limits.before_another(trained.path)
    assert limits.of_a_seat() is None


@pytest.mark.parametrize("said", ["0", "many", "-1", "1e3"])
def test_a_limit_that_is_no_number_is_said(seat, monkeypatch, said):
    """To whoever does something first."""
    monkeypatch.setenv("MLOPS_SEAT_MB", said)
    with pytest.raises(MlopsError, match="MLOPS_SEAT_MB is .* no number"):
        limits.before_keeping(seat.path)


def test_readme_names_every_limit():
    """Whoever starts a class finds them there."""
    from tests.browser import ROOT

    readme = (ROOT / "README.md").read_text("utf-8")
    assert all(name in readme for name in limits.VARIABLES.values())
