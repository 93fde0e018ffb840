"""Everybody at once: asked to come to a stop, each where they are."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier

import pytest

from mlops.base.errors import NotFoundError
from playground import course
from playground.classroom import book, together
from playground.course import acts


def test_everybody_is_asked_to_come_and_nobody_is_moved(room):
    """Neither which stop is on nor anything else of a seat changes: who sat down and never began waits for nobody."""
    ada, ben, _ = room.everybody
    course.start(ada, "notebook")
    course.start(ben, "rollback")
    acts.roll_back(course.workspace(ben, "rollback"), "complaints")
    before = [ws.log() for ws in (*room.everybody, course.workspace(ben, "rollback"))]

    together.bring_everyone(room.path, "freeze")
    assert [ws.log() for ws in (*room.everybody, course.workspace(ben, "rollback"))] == before
    assert [course.read(ws).current for ws in room.everybody] == ["notebook", "rollback", None]
    now = book.read(room.path)
    assert (now.brought, now.times) == ("freeze", 1) and together.asks_to_come(now)
    assert not together.asks_to_come(replace(now, since=now.since - together.LONG))


def test_bringing_opens_a_stop_that_was_closed(room):
    """Where all are open they stay open."""
    book.change(room.path, stops=("freeze",))
    together.bring_everyone(room.path, "notebook")
    assert book.read(room.path).stops == ("freeze", "notebook")
    book.change(room.path, stops=None)
    together.bring_everyone(room.path, "compare")
    assert book.read(room.path).stops is None


def test_two_teachers_who_bring_everybody_at_once_lose_nothing_of_each_other(room, monkeypatch):
    """Both stops are open, and of the second time everybody is told as well."""
    book.change(room.path, stops=())
    begin = Barrier(2)
    monkeypatch.setattr(course, "prepare", lambda name: begin.wait())
    with ThreadPoolExecutor(2) as teachers:
        [*teachers.map(together.bring_everyone, [room.path] * 2, ("serve", "rollback"))]
    now = book.read(room.path)
    assert {*now.stops} == {"serve", "rollback"} and now.times == 2 and now.brought == now.stops[-1]


def test_nobody_is_brought_where_there_is_no_stop(room):
    """Nothing is written."""
    with pytest.raises(NotFoundError):
        together.bring_everyone(room.path, "nowhere")
    assert not (room.path / book.FILE).exists()


def test_a_stop_that_is_left_out_waits_for_nobody(room):
    """Neither for its guesses: the others see what they guessed."""
    ada, ben, _ = room.everybody
    course.start(ada, "rollback")
    course.start(ben, "rollback")
    together.hold(room.path, "rollback", "sent")
    course.guess(ada, "rollback", "none", "sent")
    assert course.reveal(ada, "rollback", "sent").held
    course.skip(ben, "rollback")
    assert course.reveal(ada, "rollback", "sent").right
