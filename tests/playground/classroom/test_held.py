"""A reveal that is held: covered for all until the last one has guessed, or the teacher opens it."""

from __future__ import annotations

import pytest

from mlops.base.errors import ConflictError
from playground import course, say
from playground.classroom import book, together
from playground.course import acts, logbook

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


def test_a_hold_that_comes_after_the_last_guess_ends_at_once(class_at_freeze, monkeypatch):
    """The last one guessed while the teacher clicked: nobody would come to let it go."""
    ada, ben = class_at_freeze.seat("Ada"), class_at_freeze.seat("Ben")
    course.guess(ada, "freeze", "data", "pin")
    hold = book.hold

    def slowly(*arguments):
        course.guess(ben, "freeze", "data", "pin")
        return hold(*arguments)

    monkeypatch.setattr(book, "hold", slowly)
    together.hold(class_at_freeze.path, "freeze", "pin")
    assert not book.read(class_at_freeze.path).held


def test_nobody_waits_for_who_is_not_here(class_at_freeze):
    """Somebody went home; whoever comes back is waited for again."""
    together.hold(class_at_freeze.path, "freeze", "pin", "flips")
    course.guess(class_at_freeze.seat("Ada"), "freeze", "data", "pin")
    together.wait_for(class_at_freeze.path, class_at_freeze.keys["Ben"], here=False)
    assert book.read(class_at_freeze.path).held == ("freeze/flips",)
    together.wait_for(class_at_freeze.path, class_at_freeze.keys["Ben"], here=True)
    course.guess(class_at_freeze.seat("Ada"), "freeze", 300, "flips")
    assert book.read(class_at_freeze.path).held == ("freeze/flips",) and not book.read(class_at_freeze.path).away


def test_before_anybody_began_a_hold_stays(room):
    """A teacher holds it first, and then lets the class begin."""
    together.hold(room.path, "freeze", "pin")
    assert book.read(room.path).held == ("freeze/pin",)


def test_what_is_held_stays_covered_whatever_stop_is_on(class_at_freeze):
    """Also for who guessed and left the tour, went on, or left the stop out; without a hold the stop that is on covers."""
    ada = class_at_freeze.seat("Ada")

    def covered(ask: str = "pin") -> bool:
        return course.is_covered(ada, course.read(ada), "freeze", ask)

    assert covered()
    course.guess(ada, "freeze", "data", "pin")
    assert not covered() and covered("flips")
    together.hold(class_at_freeze.path, "freeze", "pin")
    assert covered()
    course.leave(ada)
    assert covered() and not covered("flips")
    logbook.write(ada, "freeze", status="skipped")
    assert covered()
    together.open_up(class_at_freeze.path, "freeze", "pin")
    assert not covered()


def test_what_is_held_is_in_no_sentence_to_say(room):
    """Whoever solved the stop waits for the class on Guide as well."""
    ada, ben = room.seat("Ada"), room.seat("Ben")
    for ws in (ada, ben):
        course.start(ws, "rollback")
    there = course.workspace(ada, "rollback")
    acts.carry_out(there, course.stop("rollback").mission.solution)
    course.waive(ada, "rollback", "sent")

    def ready() -> bool:
        return next(one.ready for one in say.sentences(ada) if one.stop == "rollback")

    assert ready()
    together.hold(room.path, "rollback", "sent")
    assert not ready()
    course.waive(ben, "rollback", "sent")
    assert ready()
