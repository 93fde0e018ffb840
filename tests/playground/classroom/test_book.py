"""The book of a class: what its teacher decided, whoever asks and however it comes to harm."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path
from threading import Barrier

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlops import Workspace
from mlops.base.errors import RefusedError, StorageError
from playground import course, folders
from playground.classroom import book, secret
from playground.classroom.book import Classroom

NAMES = st.lists(st.text(st.characters(codec="utf-8"), max_size=9), max_size=3).map(tuple)
BOOKS = st.builds(
    book.Classroom,
    held=NAMES,
    stops=st.none() | NAMES,
    hidden=NAMES,
    spotlight=st.text("ab"),
    times=st.integers(0, 9),
    since=st.floats(0, 4e9),
    away=NAMES,
)


@settings(max_examples=20)
@given(BOOKS)
def test_what_is_decided_is_read_as_it_was(tmp_path_factory, decided):
    """None is not nothing: all stops are open, or none is."""
    room = tmp_path_factory.mktemp("room")
    assert book.change(room, **{name: getattr(decided, name) for name in asdict(decided)}) == book.read(room) == decided


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"held": 7}', '{"held": "ab"}', '{"stops": [7]}', '{"times": true}', "[" * 100_000]
)
def test_a_book_that_was_damaged_keeps_nobody_from_anything(tmp_path, text):
    """No error on thirty screens: nothing is held, closed or hidden."""
    (tmp_path / book.FILE).write_text(text, encoding="utf-8")
    assert book.read(tmp_path) == book.NOTHING


def test_a_book_that_cannot_be_read_at_this_moment_is_not_written_anew(tmp_path, monkeypatch):
    """What was decided would be lost; whoever only reads is kept from nothing meanwhile."""
    book.change(tmp_path, hidden=("monitor",))
    with monkeypatch.context() as busy:
        busy.setattr(Path, "read_text", _busy)
        assert book.read(tmp_path) == book.NOTHING
        with pytest.raises(StorageError, match=r"class\.json cannot be read: Sharing violation"):
            book.hold(tmp_path, "freeze/pin")
    assert book.read(tmp_path) == Classroom(hidden=("monitor",))


def _busy(path, *arguments):
    raise PermissionError(13, "Sharing violation")


def test_what_is_on_the_projector_moves_no_learner_s_screen(tmp_path):
    """Thirty screens are drawn again for what they show."""
    before = book.moment(tmp_path)
    book.change(tmp_path, spotlight="a", shown="freeze/pin", told=True, named=True, away=("a",))
    assert book.moment(tmp_path) == before
    book.hold(tmp_path, "freeze/pin")
    assert book.moment(tmp_path) != before


def test_two_who_decide_at_once_both_do(tmp_path):
    """A learner whose guess lets go of one result takes back nothing of what the teacher writes."""
    begin = Barrier(8)

    def decide(number: int) -> None:
        for time in range(20):
            begin.wait()
            book.hold(tmp_path, f"stop/{number}-{time}")

    with ThreadPoolExecutor(8) as crowd:
        [*crowd.map(decide, range(8))]
    assert len(book.read(tmp_path).held) == 160


def test_a_workspace_is_in_the_class_beside_whose_book_it_lies(room):
    """A seat, a chapter of it; a workspace elsewhere is in none."""
    book.change(room.path, hidden=("monitor",))
    ada = room.seat("Ada")
    chapter = course.chapters_folder(ada) / "rollback"
    assert book.of(ada.path) == book.of(chapter) == book.read(room.path)
    assert book.of(room.path.parent / "workspace") == book.NOTHING


def test_a_seat_is_there_once_and_a_chapter_is_no_seat(room):
    """Nor is a copy, or what was put aside."""
    for name in ("chapters", "kept-1"):
        (room.path / f"{room.keys['Ada']}.{name}").mkdir()
    assert [path.name for path in book.seats(room.path)] == [*room.keys.values()]


def test_whoever_starts_over_keeps_their_number(room):
    """What they put aside is as old as their seat; in the middle of a lesson nobody becomes another one."""
    room.seat("Ada").journal.write("course", {"current": None})
    folders.start_over(room.seat("Ada"))
    assert [path.name for path in book.seats(room.path)] == [*room.keys.values()]


def test_a_stop_that_is_not_open_cannot_be_begun_or_skipped_and_says_who_opens_it(room):
    """One that had begun goes on: nobody's work is taken away."""
    ada, ben = room.seat("Ada"), room.seat("Ben")
    course.start(ada, "notebook")
    book.change(room.path, stops=("freeze",))
    for refused in (course.start, course.skip, course.reset):
        with pytest.raises(RefusedError, match=r"Stop 1 is not open in your class yet\."):
            refused(ben, "notebook")
    assert course.start(ada, "notebook").status == "under_way" and course.read(ben).current is None


def test_nothing_open_is_not_everything_open(room):
    """A teacher who closed every stop waits for the right moment."""
    book.change(room.path, stops=())
    assert not course.is_open(room.seat("Ada"), "notebook")


def test_outside_a_class_every_stop_is_open(tmp_path):
    """Whoever learns alone has no teacher to ask."""
    ws = Workspace.open(tmp_path / "workspace")
    assert all(course.is_open(ws, one.id) for one in course.EVERY)


# The key


def test_the_key_is_made_once_also_by_several_servers_at_once(tmp_path):
    """The link on the console stays good when the server starts again."""
    with ThreadPoolExecutor(8) as servers:
        [key] = {*servers.map(secret.key, [tmp_path] * 24)}
    assert secret.opens(tmp_path, key) and (tmp_path / secret.FILE).stat().st_mode & 0o077 in (0, 0o066)


@pytest.mark.parametrize("said", ["", "a" * 32, "é" * 32, "\n"])
def test_who_does_not_know_the_key_is_nobody(tmp_path, said):
    """Nor is anybody where there is no key: an empty file opens to nobody."""
    assert not secret.opens(tmp_path, said)
    secret.key(tmp_path)
    assert not secret.opens(tmp_path, said)
    (tmp_path / secret.FILE).write_text("", encoding="utf-8")
    assert not secret.opens(tmp_path, said) and not secret.opens(tmp_path, "")


def test_a_key_that_was_cut_off_opens_to_nobody(tmp_path):
    """A power cut while it was made: the next start makes another one."""
    (tmp_path / secret.FILE).write_text("abc\n", encoding="utf-8")
    assert not secret.opens(tmp_path, "abc") and secret.opens(tmp_path, secret.key(tmp_path))
