"""The wall: what a teacher sees of each seat, and what it costs to look again."""

from __future__ import annotations

import time

import pytest

from mlops import Workspace
from playground import course, seats
from playground.classroom import answer_key, book, given, together, wall
from playground.course.checks import alike
from tests.playground.classroom.conftest import Room


def tile(room: Room, name: str) -> wall.Tile:
    """Return the tile of somebody."""
    return next(one for one in wall.tiles(room.path) if one.id == wall.id_of(room.keys[name]))


def test_a_tile_says_who_where_and_whether_the_guess_is_given(room):
    """A name that nobody gave is the number of the seat; a tile leads to no seat."""
    ada = room.seat("Ada")
    course.start(ada, "notebook")
    assert tile(room, "Ada").said == "Ada: stop 1, 0 of 3 goals, guess not given yet"
    course.guess(ada, "notebook", 60)
    assert tile(room, "Ada").guess == "given" and tile(room, "").said == "Seat 3: at no stop"
    assert not any(key in repr(wall.tiles(room.path)) for key in room.keys.values())
    assert wall.key_of(room.path, tile(room, "Ben").id) == room.keys["Ben"] and wall.key_of(room.path, "x") == ""


def test_what_is_live_is_that_of_the_chapter_that_is_on(room):
    """In the own work of this learner nothing is live yet."""
    ada = room.seat("Ada")
    course.start(ada, "rollback")
    there = course.workspace(ada, "rollback")
    assert tile(room, "Ada").live == "v1.7.0"
    there.rollback("production", reason="complaints since 17:00")
    assert tile(room, "Ada").live == "v1.6.0" and tile(room, "Ada").auc is None


def test_the_best_auc_is_an_honest_one(room, trained):
    """A number with a leak, or of other rows, is none to be proud of; here of the learner's own runs."""
    course.start(room.seat("Ada"), "compare")
    there = course.workspace(room.seat("Ada"), "compare")
    copied = room.path / room.keys["Ben"]
    copied.rename(room.path / "away")
    there.fork(copied)
    numbers = {one.name: one.metrics["validation"]["auc"] for one in there.runs.list("status = 'finished'")}
    assert tile(room, "Ben").auc < max(numbers.values()) and tile(room, "Ben").auc in numbers.values()


def test_two_of_one_name_are_told_apart_and_a_seat_that_is_damaged_hides_nobody(room):
    """It says that it cannot be read, and not where it lies: the key stands in its folder's name."""
    seats.call(room.path, room.keys["Ben"], "Ada")
    (room.path / room.keys[""] / "ledger.db").write_bytes(b"no ledger")
    first, second, third = wall.tiles(room.path)
    assert (first.name, second.name) == ("Ada", "Ada (2)") and third.said == "Seat 3: its workspace cannot be read"
    seats.call(room.path, room.keys[""], "Ada (2)")
    assert [one.name for one in wall.tiles(room.path)] == ["Ada", "Ada (2)", "Ada (2) (2)"]


def test_a_seat_that_breaks_in_an_unexpected_way_hides_nobody(room, monkeypatch):
    """The class is looked at without it."""
    honest = alike.best_honest

    def breaks(ws: Workspace) -> float | None:
        return honest(ws) if ws.path.name != room.keys["Ben"] else {}["key"]

    monkeypatch.setattr(alike, "best_honest", breaks)
    assert [bool(one.trouble) for one in wall.tiles(room.path)] == [False, True, False]


def test_a_tile_says_that_nobody_waits_for_it(room):
    """And its guess is awaited no more."""
    course.start(room.seat("Ada"), "notebook")
    together.wait_for(room.path, room.keys["Ada"], here=False)
    assert (
        tile(room, "Ada").said == "Ada: not here, stop 1, 0 of 3 goals"
        and not given.guesses(room.path, "notebook")[0].awaited
    )


def test_thirty_seats_are_looked_at_again_in_a_moment(room):
    """Where nothing happened, nothing is read but how far each history is."""
    for _ in range(27):
        Workspace.open(room.path / seats.take(room.path))
    for one in book.seats(room.path)[:10]:
        course.start(Workspace.open(one), "notebook")
    wall.tiles(room.path)
    spent = []
    for _ in range(5):
        began = time.process_time()
        assert len(wall.tiles(room.path)) == 30
        spent.append(time.process_time() - began)
    assert min(spent) < 0.1


# What was guessed


def test_guesses_are_counted_and_come_in_no_order_that_tells_whose_they_are(room):
    """Of a number in ten parts of its line; what is right is told only where it was asked for."""
    for ws, value in zip(room.everybody, (80, 20, 81), strict=True):
        course.start(ws, "notebook")
        course.guess(ws, "notebook", value)
    [found] = given.guesses(room.path, "notebook")
    assert (found.values, found.count, found.awaited, found.answer) == ((20, 80, 81), 3, 0, None)
    assert {bar.text: bar.count for bar in found.bars if bar.count} == {"20 to 30": 1, "80 to 90": 2}


def test_options_lines_and_ends_are_what_the_class_said(room):
    """One did without, and one has said nothing."""
    ada, ben, _ = room.everybody
    for ws in room.everybody:
        course.start(ws, "notebook")
    for ws in (ada, ben):
        course.start(ws, "rollback")
    course.guess(ada, "rollback", "all", "sent")
    course.waive(ben, "rollback", "sent")
    together.hold(room.path, "rollback", "sent")
    sent = given.guesses(room.path, "rollback", answers=True)[0]
    assert [(bar.text, bar.count, bar.right) for bar in sent.bars] == [("yes", 1, False), ("no", 0, True)]
    assert (sent.waived, sent.awaited, sent.held, sent.said) == (1, 1, True, "1 guessed: yes (1). 1 did without. 1 has not yet.")  # fmt: skip


def test_answers_to_a_question_are_counted_and_the_key_is_that_of_the_solution(room):
    """Each wrong one has its own reply: the class talks about what it confused."""
    for ws, said in zip(room.everybody, ("1.3.0", "1.1.0", "v1.3.0"), strict=True):
        course.start(ws, "rollback")
        course.answer(ws, "rollback", "live", said)
    live = next(one for one in given.guesses(room.path, "rollback", answers=True) if one.ask == "live")
    assert {bar.text: bar.count for bar in live.bars if bar.count} == {"v1.3.0": 2, "v1.1.0": 1}
    assert [bar.text for bar in live.bars if bar.right] == ["v1.1.0"] == [live.answer]


def test_of_answers_that_anybody_may_write_a_class_reads_numbers_alone(room):
    """Neither a joke nor a name stands on the projector in large type: only how many wrote something else."""
    for ws, said in zip(room.everybody, ("0.8190", "Ben did it", "1" * 99), strict=True):
        course.start(ws, "rollback")
        course.answer(ws, "rollback", "replay", said)
    found = next(one for one in given.guesses(room.path, "rollback", answers=True) if one.ask == "replay")
    assert {bar.text: bar.count for bar in found.bars} == {given.OTHER: 2, "0.8190": 1}


def test_a_line_is_drawn_over_those_of_the_others_in_its_own_numbers(room):
    """Whole thousandths in the journal, fractions on the axis."""
    course.start(room.seat("Ada"), "year")
    course.guess(room.seat("Ada"), "year", [820] * 12, "line")
    [line] = [one for one in given.guesses(room.path, "year") if one.kind == "line"]
    assert line.values == ((0.82,) * 12,) and (line.low, line.high) == (0.6, 0.9) and not line.bars
    assert line.said == "1 guessed: January 0.820, December 0.820."


def test_a_computation_that_breaks_takes_nothing_off_the_projector(room, monkeypatch):
    """What the class said stands there without what is right, and says so."""
    course.start(room.seat("Ada"), "notebook")
    course.guess(room.seat("Ada"), "notebook", 60)
    monkeypatch.setitem(given.ANSWERS, "found_of_100", lambda ws, baseline: {}["key"])
    [found] = given.guesses(room.path, "notebook", answers=True)
    assert (found.values, found.answer) == ((60,), None) and found.said.endswith("not known at any seat yet.")
    assert "known" not in given.guesses(room.path, "notebook")[0].said


@pytest.mark.parametrize("stop", [one.id for one in course.EVERY])
def test_every_stop_and_lab_has_its_guesses_and_an_answer_key(room, stop):
    """A new one is on the teacher's page without further work, with what is said to each wrong answer."""
    course.start(room.seat("Ada"), "notebook")
    about, key = course.stop(stop).mission, answer_key.of(stop)
    asked = given.guesses(room.path, stop, answers=True)
    assert [one.ask for one in asked] == [one.id for one in (*about.asks, *about.questions)]
    assert all(one.awaited == 1 and not one.count for one in asked)
    assert all(one.right for one in key.asks) and key.steps and key.talk
    assert all(reply for one in key.asks for _, reply in one.others)
