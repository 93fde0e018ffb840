"""Pieces: a batch that is cut off goes on where it was, and ends as if nothing had happened."""

from __future__ import annotations

import random
import shutil
import time
from pathlib import Path

import pandas as pd
import pytest

from mlops import Workspace
from mlops.data.reading import delimited
from mlops.release import pieces
from mlops.release.batch import BatchReport
from tests.conftest import customers_frame
from tests.processes import Child

ROWS = 300


class Enough(Exception):
    """Somebody cancels."""


@pytest.fixture
def file(released, tmp_path, monkeypatch) -> Path:
    """A file of many blocks; some of its rows cannot be used. The calendar stands still, so answers can be compared."""
    monkeypatch.setattr(delimited, "BLOCK_BYTES", 2000)
    rows = customers_frame(ROWS, seed=11).drop(columns="churn").astype(object)
    rows.loc[[3, 120, 299], "age"] = ["old", None, 1e300]
    rows.to_csv(tmp_path / "rows.csv", index=False)
    released.set_clock("2030-01-01")
    return tmp_path / "rows.csv"


@pytest.fixture
def cut_off(released, file):
    """Score the file and cancel once so many rows are done; return how many these are."""

    def run(after: int, name: str = "out.csv", data: Path = file) -> int:
        done = [0]

        def watch(rows: int) -> None:
            done.append(int(rows))
            if rows >= after:
                raise Enough

        with pytest.raises(Enough):
            released.batch_predict("@production", data, data.with_name(name), watch)
        return done[-1]

    return run


def kept(ws: Workspace) -> list[Path]:
    return sorted((ws.path / "cache").glob("*.answers"))


def score(ws: Workspace, data: Path, name: str = "out.csv", ref: str = "@production") -> BatchReport:
    return ws.batch_predict(ref, data, data.with_name(name))


@pytest.mark.parametrize("name", ["out.csv", "out.parquet"])
def test_a_batch_that_was_cut_off_goes_on_and_ends_with_the_same_bytes(released, file, cut_off, name):
    """Answers, rejected rows and what the workspace keeps; nothing is there until all is, and nothing remains."""
    whole = score(released, file, f"whole.{name}")
    done = cut_off(150, name)
    assert not file.with_name(name).exists() and len(released.batches.list()) == 1 and kept(released)
    report = score(released, file, name)
    assert done - 3 <= report.resumed < ROWS and report.rows + report.rejected == ROWS and whole.resumed == 0
    for what in ("output_sha256", "rejected_sha256", "answers_sha256", "rows", "rejected", "positive", "warnings"):
        assert getattr(report, what) == getattr(whole, what)
    for end in ("", ".rejected.csv"):
        assert file.with_name(name + end).read_bytes() == file.with_name(f"whole.{name}{end}").read_bytes()
    assert kept(released) == [] and released.verify()["problems"] == released.verify()["leftovers"] == []


def test_what_was_answered_is_not_asked_again(released, file, cut_off, monkeypatch):
    """Only the rows that were not done yet."""
    asked: list[int] = []
    plain = pieces.scoring.asked
    monkeypatch.setattr(pieces.scoring, "asked", lambda *what: asked.append(what[1].num_rows) or plain(*what))
    cut_off(150)
    before = sum(asked)
    score(released, file)
    assert 150 <= before < ROWS == sum(asked)


def test_a_file_that_changed_meanwhile_gets_its_own_answers(released, file, cut_off):
    """Rows that are still the same are not asked again, any other is: a piece is named by what was asked."""
    cut_off(ROWS - 1)
    rows = pd.read_csv(file, dtype=object)
    rows.loc[0, "age"], rows.loc[0, "contract"] = "33", "yearly"
    rows.to_csv(file, index=False)
    report, plain = score(released, file), score(released, file, "plain.csv")
    assert 0 < report.resumed < ROWS - 10 and plain.resumed == 0
    assert report.output_sha256 == plain.output_sha256


def test_another_model_answers_anew(released, file, cut_off):
    """What a rollback puts in its place has said nothing yet."""
    cut_off(150)
    assert score(released, file, ref="churn_model@1.0.0").resumed == 0


@pytest.mark.parametrize("damage", [b"", b"x" * 32, None], ids=["empty", "short", "a byte"])
def test_a_damaged_piece_is_asked_again(released, file, cut_off, damage):
    """A power cut may leave less than was written."""
    whole = score(released, file, "whole.csv")
    cut_off(150)
    pieces = kept(released)
    for piece in pieces:
        data = piece.read_bytes()
        piece.write_bytes(data[:-1] + bytes([data[-1] ^ 1]) if damage is None else damage)
    report = score(released, file)
    assert pieces and report.resumed == 0 and report.output_sha256 == whole.output_sha256


def test_a_cache_that_takes_nothing_is_no_reason_to_fail(released, file):
    """A file lies where the folder would be: the batch is answered as ever."""
    shutil.rmtree(released.path / "cache", ignore_errors=True)
    (released.path / "cache").write_text("not a folder")
    assert score(released, file).rows == ROWS - 3


def test_progress_knows_its_share_and_what_was_there(released, file, cut_off):
    """From nothing to all of it."""
    cut_off(150)
    heard = []
    released.batch_predict("@production", file, file.with_name("out.csv"), heard.append)
    shares = [done.share for done in heard]
    assert shares == sorted(shares) and 0 < shares[0] < 0.5 and shares[-1] == pytest.approx(1, abs=0.02)
    assert heard[0].resumed > 0 and heard[-1] == ROWS


def _score_slowly(say, path: Path, data: Path) -> str:
    """Score in a process that is to be killed; a block takes a while, so that there is a middle."""
    delimited.BLOCK_BYTES = 2000
    ws = Workspace.open(path)
    say("begun")
    report = ws.batch_predict("@production", data, data.with_name("out.csv"), lambda _: time.sleep(0.01))
    return f"{report.resumed} {report.output_sha256} {report.rejected_sha256} {report.answers_sha256}"


@pytest.mark.slow
def test_killed_at_any_moment_it_goes_on(released, file):
    """Twenty times, wherever that is: in reading, asking, writing, or when the answer gets its name."""
    whole = score(released, file, "whole.csv")
    expected = f"{whole.output_sha256} {whole.rejected_sha256} {whole.answers_sha256}"
    draw, most, ended = random.Random(16), 0, 0
    for _ in range(20):
        child = Child(_score_slowly, released.path, file)
        child.go()
        assert child.hear() == "begun"
        said = child.wait(draw.uniform(0.0, 0.6))
        if not said:
            child.kill()
            child.wait()
            continue
        done, resumed_and_rest = said
        resumed, rest = resumed_and_rest.split(" ", 1)
        assert done == "done" and rest == expected
        most, ended = max(most, int(resumed)), ended + 1
    report = score(released, file)
    assert report.output_sha256 == whole.output_sha256 and max(most, report.resumed) > 0
    assert len(released.batches.list()) >= ended + 2
    assert released.verify()["problems"] == released.verify()["leftovers"] == [] == kept(released)
