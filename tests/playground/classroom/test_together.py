"""Everybody at once: asked to come to a stop, and leaving with a file that can be checked again."""

from __future__ import annotations

import io
import json
import zipfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier

import pytest

from mlops.base.errors import InvalidError, NotFoundError
from playground import course, quiz
from playground.classroom import book, leaving, together
from playground.course import acts, logbook


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


# Leaving


@pytest.fixture
def solved(room):
    """Ada has solved a stop; Ben has begun it; the third did nothing."""
    ada, ben, _ = room.everybody
    for ws in (ada, ben):
        course.start(ws, "rollback")
    acts.carry_out(course.workspace(ada, "rollback"), course.stop("rollback").mission.solution)
    assert course.record(ada, "rollback").ok
    return room


def test_each_learner_leaves_with_one_file_that_the_class_bears_out(solved):
    """Only who began anything; the same bytes as long as nobody goes on."""
    content = leaving.packed(solved.path)
    assert content == leaving.packed(solved.path)
    assert zipfile.ZipFile(io.BytesIO(content)).namelist() == ["ada.json", "ben.json"]
    assert [(one.name, one.stops, one.ok) for one in leaving.recheck(solved.path, content)] == [("Ada", 1, True), ("Ben", 0, True)]  # fmt: skip


def test_nothing_about_a_learner_is_in_it_but_the_chosen_name(solved):
    """No key of a seat, no folder, no machine."""
    text = json.dumps(dict(leaving.files(solved.path)))
    assert '"name": "Ada"' in text
    assert not any(key in text for key in solved.keys.values()) and str(solved.path) not in text


def test_a_claim_that_the_workspace_does_not_bear_out_is_named(solved):
    """Whoever edits the file, or what it is about, is found."""
    told = dict(leaving.files(solved.path))
    told["ben.json"]["stops"]["rollback"]["status"] = "solved"
    [found] = leaving.recheck(solved.path, json.dumps(told["ben.json"]).encode())
    assert found.said.startswith("Ben: rollback: it says solved, the record under")
    logbook.write(solved.seat("Ben"), "rollback", status="solved", solved_event=course.workspace(solved.seat("Ben"), "rollback").head())  # fmt: skip
    [found] = leaving.recheck(solved.path, json.dumps(dict(leaving.files(solved.path))["ben.json"]).encode())
    assert not found.ok and "restored" in found.said


def test_the_quiz_leaves_with_the_learner_and_is_checked_again(solved):
    """Its answers are on record; what they come to is asked of the questions. Who goes on has claimed less."""
    first, second, *_ = quiz.questions()
    quiz.answer(solved.seat("Ada"), first.id, first.answer)
    told = dict(leaving.files(solved.path))["ada.json"]
    quiz.answer(solved.seat("Ada"), second.id, second.answer)
    claims = [
        told,
        {**told, "quiz": {**told["quiz"], "passed": True, "right": 30}},
        {**told, "quiz": {**told["quiz"], "answers": {first.id: [first.options[0].id, first.answer]}}},
        {
            **told,
            "quiz": {**told["quiz"], "right": 2, "answers": {first.id: [first.answer, None], "of old": ["a", None]}},
        },
    ]
    found = [leaving.recheck(solved.path, json.dumps(claim).encode())[0] for claim in claims]

    assert told["quiz"]["right"] == 1 and found[0].ok
    assert found[1].wrong == ("quiz: it says 30 right, its answers 1", "quiz: it says passed, the record does not")
    assert found[2].wrong == (f"quiz: another answer to {first.id} is on record",)
    assert found[3].wrong == ("quiz: there is no question 'of old'",)


@pytest.mark.parametrize("content", [b"", b"[]", b"no json", b'{"stops": {"x": 1}, "workspace": "w"}', b"[" * 100_000])
def test_what_is_no_such_file_is_said_to_be_none(room, content):
    """And breaks nothing."""
    [found] = leaving.recheck(room.path, content)
    assert not found.ok


def test_an_archive_that_would_fill_the_memory_is_refused(room):
    """Before anything of it is unpacked."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.json", b"0" * (leaving.MOST_BYTES + 1))
    with pytest.raises(InvalidError, match="At most"):
        leaving.recheck(room.path, content.getvalue())
