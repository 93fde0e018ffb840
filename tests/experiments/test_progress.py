"""Progress: what others see of a training, and how they stop it."""

from __future__ import annotations

import json
import os
import time
from contextlib import suppress
from dataclasses import replace

import pytest

from mlops.base.errors import Cancelled
from mlops.experiments.progress import STEPS, Progress, look, look_now, partial, show

CURVE = {"metric": "log_loss", "iteration": [25], "train": [0.5], "validation": [0.6]}


@pytest.fixture
def window(tmp_path):
    return tmp_path / "r1.progress"


@pytest.fixture
def progress(tmp_path, window):
    return Progress("r1", None, window, tmp_path / "r1.cancel")


def test_a_training_shows_its_steps_and_its_log(progress, window):
    """From another process it looks the same as from inside."""
    progress.say("hello")
    with progress.step("load") as rows:
        rows(600)
    with progress.step("validate"):
        seen = look(window)
    assert [(step["name"], step["status"]) for step in seen.steps[:3]] == [
        ("load", "done"), ("validate", "running"), ("split", "waiting"),
    ]  # fmt: skip
    assert (seen.run_id, seen.step, seen.steps[0]["rows"], seen.fraction) == ("r1", "validate", 600, None)
    assert seen.log[0] == "hello" and seen.log[1].startswith("load      done") and seen.elapsed_s > 0


def test_the_time_left_is_unknown_until_an_iteration_is_done(progress):
    """Then it is what the others will take at the same pace; after the step it is unknown again."""
    with progress.step("train"):
        assert (progress.seen().fraction, progress.seen().remaining_s) == (None, None)
        progress.iteration(25, 100, CURVE)
        seen = progress.seen()
    assert seen.fraction == 0.25 and 0 < seen.remaining_s < 3 * seen.elapsed_s
    assert progress.seen().remaining_s is None
    assert dict(seen.training) == {"metric": "log_loss", "iteration": (25,), "train": (0.5,), "validation": (0.6,)}


def test_the_pace_is_that_of_the_iterations_and_not_of_the_fit_before_them(progress, monkeypatch):
    """Some types do something else first, such as sorting all values into bins."""
    clock = iter(range(0, 1000))
    monkeypatch.setattr(time, "perf_counter", lambda: next(clock))
    with progress.step("train"):
        for _ in range(500):
            time.perf_counter()
        progress.iteration(0, 4)
        assert progress.seen().remaining_s is None
        progress.iteration(2, 4)
        assert progress.seen().remaining_s < 50


def test_time_goes_on_while_there_is_nothing_new_to_show(progress, window):
    """A fit without iterations takes a minute, and looks alive."""
    with progress.step("train"):
        progress.iteration(1, 2)
        show(window, replace(progress.seen(), elapsed_s=1.0, remaining_s=8.0))
        os.utime(window, (time.time() - 5,) * 2)
        seen = look_now(window)
    assert seen.elapsed_s == pytest.approx(6, abs=1) and seen.remaining_s == pytest.approx(3, abs=1)
    assert look_now(window.with_name("none")) is None


def test_points_are_shown_a_few_times_a_second_and_all_at_the_end(progress, window):
    """A thousand iterations in a blink are not a thousand files."""
    curve = {**CURVE, "iteration": []}
    with progress.step("train"):
        for number in range(1, 1001):
            curve["iteration"].append(number)
            progress.iteration(number, 1000, curve)
        amid = look(window)
    assert amid.training is None or len(amid.training["iteration"]) < 1000
    assert look(window).training["iteration"] == tuple(range(1, 1001))


def test_whoever_asks_is_heard_when_the_next_step_begins(progress, tmp_path):
    """Not while one ends: what is done is done."""
    with progress.step("load"):
        (tmp_path / "r1.cancel").touch()
    with pytest.raises(Cancelled, match="Run r1 was cancelled"), progress.step("validate"):
        raise AssertionError("it began")
    assert [step["status"] for step in progress.as_list()][:3] == ["done", "failed", "waiting"]


def test_whoever_asks_is_heard_between_two_iterations(progress, tmp_path, monkeypatch):
    """As soon as it is time to look again."""
    monkeypatch.setattr("mlops.experiments.progress.INTERVAL", 0.0)
    with pytest.raises(Cancelled), progress.step("train"):
        (tmp_path / "r1.cancel").touch()
        progress.iteration(1, 2, CURVE)
    assert partial(progress.seen())["metrics"] == {"validation": {"log_loss": 0.6}}


def test_a_window_that_cannot_be_written_disturbs_nobody(tmp_path):
    """A full disk costs the view, not the training."""
    progress = Progress("r1", None, tmp_path / "gone" / "r1.progress")
    with progress.step("load"):
        pass
    assert look(tmp_path / "gone" / "r1.progress") is None and progress.steps["load"].status == "done"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x00" * 40,
        b"{",
        b"\xff",
        b"[]",
        b"null",
        b"{}",
        b'{"steps": [{}], "log": []}',
        b'{"steps": [], "log": [], "elapsed_s": Infinity}',
    ],
)
def test_a_window_that_is_damaged_shows_nothing(window, content):
    """By a power cut, or by another program; it is a view, not a record."""
    window.write_bytes(content)
    assert look(window) is None


def test_what_is_kept_of_a_training_that_ended_early(progress):
    """Its steps as far as they came; the one it was in has failed; without a point there is no metric."""
    with suppress(KeyboardInterrupt), progress.step("load"):
        raise KeyboardInterrupt
    kept = partial(progress.seen())
    assert kept["metrics"] == {} and kept["duration_s"] > 0
    assert [step["status"] for step in kept["steps"]] == ["failed"] + ["waiting"] * (len(STEPS) - 1)
    assert json.dumps(kept)
