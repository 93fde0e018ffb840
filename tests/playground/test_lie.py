"""A lie: what the hashes of a copy give away, what recomputing hides, and what a kept hash tells nevertheless."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest

from mlops import Workspace
from mlops.base.errors import InvalidError, NotFoundError, PastError, RefusedError
from playground import lie

EVENTS = 6


@pytest.fixture
def ws(tmp_path):
    """A history of six notes."""
    ws = Workspace.open(tmp_path / "workspace", actor="ada")
    for number in range(1, EVENTS + 1):
        ws.journal.write(f"diary/{number}", {"note": f"day {number}"})
    return ws


def test_from_the_lie_on_no_hash_fits(ws):
    """Each holds those before it; the proof of the audit log names the event."""
    lie.tell(ws, 3, "note", "nothing happened")
    found = lie.read(ws)
    assert found.lies == (3,) and found.broken == tuple(range(3, len(found.links) + 1))
    assert "From 3 on, 5 of 7 hashes do not fit" in found.sentence
    report = lie.prove(ws)
    assert not report["ok"] and ("edited event", "event 3") in [
        (one["what"], one["where"]) for one in report["problems"]
    ]


@pytest.mark.parametrize("event", [1, 3, EVENTS])
def test_once_recomputed_the_copy_proves_itself(ws, event):
    """The records that come of the events agree with the lie as well; and every hash from there on is another one."""
    true = [one["sha256"] for one in ws.log()]
    lie.tell(ws, event, "who", "nobody")
    lie.tell(ws, event, "note", "day off")
    assert lie.recompute(ws) == len(lie.read(ws).links) - event + 1
    found = lie.read(ws)
    assert found.is_hidden and lie.prove(ws)["ok"]
    assert [one.event for one in found.links[:EVENTS] if one.sha256 != true[one.event - 1]] == [
        *range(event, EVENTS + 1)
    ]


def test_one_hash_that_is_recomputed_breaks_the_next(ws):
    """Until the last: a liar cannot stop halfway."""
    lie.tell(ws, 5, "note", "day off")
    first = [lie.read(ws).broken[0]]
    while lie.read(ws).broken:
        lie.recompute(ws, one=True)
        first += lie.read(ws).broken[:1]
    assert first == [5, 6, 7] and lie.prove(ws)["ok"]


def test_the_history_itself_only_notes_what_was_done(ws):
    """It proves itself, and says what it said."""
    before = ws.log()
    lie.tell(ws, 2, "note", "day off")
    lie.recompute(ws)
    assert ws.log()[:EVENTS] == before and ws.verify()["ok"]
    assert [one["subject"] for one in ws.log()[EVENTS:]] == ["copy", "copy"]


@pytest.mark.parametrize(("kept", "tells", "copied"), [(2, False, True), (3, True, False), (6, True, False)])
def test_a_hash_tells_of_lies_before_it_and_of_no_other(ws, kept, tells, copied):
    """One that was kept before the event is the same in the copy."""
    lie.tell(ws, 3, "note", "day off")
    lie.recompute(ws)
    lie.keep(ws, f" {ws.log()[kept - 1]['sha256'].upper()} ")
    found = lie.read(ws).kept
    assert (found.event, found.tells, found.copied) == (kept, tells, copied)


def test_a_hash_of_the_copy_proves_the_copy(ws):
    """And one of neither nothing at all; the beginning that screens show is enough."""
    lie.tell(ws, 3, "note", "day off")
    lie.recompute(ws)
    lie.keep(ws, lie.read(ws).links[-1].sha256[: lie.SHORTEST])
    assert lie.read(ws).kept.copied and not lie.read(ws).kept.tells
    lie.keep(ws, "0" * 64)
    assert lie.read(ws).kept == lie.Kept("0" * 64, None, copied=False)


def test_the_guards_stand_again_afterwards(ws):
    """Whoever opens the copy as a program does is refused as everywhere."""
    lie.tell(ws, 3, "note", "day off")
    with (
        closing(sqlite3.connect(lie.folder(ws) / "ledger.db")) as ledger,
        pytest.raises(sqlite3.IntegrityError, match="never"),
    ):
        ledger.execute("UPDATE events SET actor = 'x'")


def test_after_a_copy_was_thrown_away_the_next_one_is_true_again(ws):
    """It is kept under another name: nothing is ever removed."""
    lie.tell(ws, 3, "note", "day off")
    lie.throw_away(ws)
    assert lie.read(ws) is None
    lie.tell(ws, 4, "note", "day off")
    assert lie.read(ws).lies == (4,) and (ws.path / "lie-1").is_dir()


def test_what_cannot_be_is_refused_and_nothing_is_noted(ws):
    """With what is there instead."""
    before = ws.head()
    for wrong, what in (
        ((99, "who", "x"), NotFoundError), ((0, "who", "x"), NotFoundError), ((3, "reason", "x"), NotFoundError),
        ((3, "note", " day 3 "), InvalidError), ((3, "who", " "), InvalidError),
    ):  # fmt: skip
        with pytest.raises(what):
            lie.tell(ws, *wrong)
    for nothing in (lie.recompute, lie.throw_away):
        with pytest.raises(RefusedError):
            nothing(ws)
    for text in ("", "123456", "not a hash at all"):
        with pytest.raises(InvalidError, match="is no hash"):
            lie.keep(ws, text)
    with pytest.raises(PastError):
        lie.tell(ws.at(event=4), 3, "note", "day off")
    assert ws.head() == before and lie.read(ws) is None
