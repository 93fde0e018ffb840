"""A reveal that is held: covered for all until the last one has guessed, or the teacher opens it."""

from __future__ import annotations

import pytest

from mlops.base.errors import ConflictError
from playground import course
from playground.classroom import book, together
from playground.course import logbook

HELD = "freeze/pin"


@pytest.fixture
def class_at_freeze(room):
    """Two of three have begun; the third only came in."""
    for name in ("Ada", "Ben"):
        ws = room.seat(name)
        logbook.write(ws, "freeze", baseline={"event": 1, "head_sha256": "0" * 64}, status="under_way")
        logbook.turn_to(ws, "freeze")
    return room


def test_a_guess_that_is_held_is_kept_and_tells_nothing_until_all_have_guessed(class_at_freeze):
    """Neither to who makes it nor to who asks again; who never began keeps nobody waiting."""
    ada, ben = class_at_freeze.seat("Ada"), class_at_freeze.seat("Ben")
    together.hold(class_at_freeze.path, "freeze", "pin")
    for found in (course.guess(ada, "freeze", "code", "pin"), course.reveal(ada, "freeze", "pin")):
        assert (found.guess, found.held, found.ready, found.answer, found.right, found.text) == ("code", True, False, None, None, "")  # fmt: skip

    assert course.guess(ben, "freeze", "data", "pin").right
    assert course.reveal(ada, "freeze", "pin").right is False and not book.read(class_at_freeze.path).held


def test_who_does_without_or_leaves_the_stop_out_is_not_waited_for(class_at_freeze):
    """And is shown nothing earlier than the others."""
    ada, ben = class_at_freeze.seat("Ada"), class_at_freeze.seat("Ben")
    together.hold(class_at_freeze.path, "freeze", "pin")
    assert course.waive(ada, "freeze", "pin").answer is None
    logbook.write(ben, "freeze", status="skipped")
    assert course.reveal(ada, "freeze", "pin").held  # nobody has said so yet
    course.guess(ben, "freeze", "data", "pin")
    assert course.reveal(ada, "freeze", "pin").answer == "data"


def test_the_teacher_opens_what_is_held_whoever_still_thinks(class_at_freeze):
    """Only what was guessed is shown: who has not guessed still may."""
    ada, ben = class_at_freeze.seat("Ada"), class_at_freeze.seat("Ben")
    together.hold(class_at_freeze.path, "freeze", "pin")
    course.guess(ada, "freeze", "data", "pin")
    together.open_up(class_at_freeze.path, "freeze", "pin")
    assert course.reveal(ada, "freeze", "pin").right and course.reveal(ben, "freeze", "pin") is None


def test_one_guess_is_held_and_not_its_neighbour(class_at_freeze):
    """Each is another moment of the lesson."""
    ada = class_at_freeze.seat("Ada")
    together.hold(class_at_freeze.path, "freeze", "pin")
    assert not course.guess(ada, "freeze", 300, "flips").held


def test_where_all_have_guessed_there_is_nothing_to_hold(class_at_freeze):
    """It would never open again by itself."""
    for name in ("Ada", "Ben"):
        course.guess(class_at_freeze.seat(name), "freeze", "data", "pin")
    with pytest.raises(ConflictError, match="Everybody who takes part"):
        together.hold(class_at_freeze.path, "freeze", "pin")


def test_a_seat_that_cannot_be_read_keeps_nobody_waiting(class_at_freeze):
    """It would never guess."""
    together.hold(class_at_freeze.path, "freeze", "pin")
    (class_at_freeze.path / class_at_freeze.keys["Ben"] / "ledger.db").write_bytes(b"no ledger")
    assert course.guess(class_at_freeze.seat("Ada"), "freeze", "data", "pin").right
