"""Leaving: a file for each learner, which the class bears out or not, whatever comes back."""

from __future__ import annotations

import io
import json
import zipfile
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlops.base.errors import InvalidError
from playground import course, quiz
from playground.classroom import leaving
from playground.course import acts, logbook


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
    told = []
    content = leaving.packed(solved.path, lambda *so_far: told.append(so_far))
    assert told == [(0, 3), (1, 3), (2, 3)], "how far it is, seat by seat"
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
    assert found.said == "Ben: rollback: status: it says 'solved', the record 'under_way'"
    logbook.write(solved.seat("Ben"), "rollback", status="solved", solved_event=course.workspace(solved.seat("Ben"), "rollback").head())  # fmt: skip
    [found] = leaving.recheck(solved.path, json.dumps(dict(leaving.files(solved.path))["ben.json"]).encode())
    assert not found.ok and "restored" in found.said


@pytest.mark.parametrize(
    ("field", "forged"),
    [("guess", {"sent": "none"}), ("answers", {"live": "9.9.9"}), ("waived", ["sent"]), ("boss", "numbers"), ("hints", 0),
     ("solved_at", None), ("chapter", None), ("latched", {})],
)  # fmt: skip
def test_whatever_a_file_says_of_a_stop_is_held_against_the_record(solved, field, forged):
    """Not the verdict alone: what was guessed, answered and asked for as well."""
    course.guess(solved.seat("Ada"), "rollback", "all", "sent")
    logbook.write(solved.seat("Ada"), "rollback", hints=2)
    told = dict(leaving.files(solved.path))["ada.json"]
    told["stops"]["rollback"][field] = forged
    [found] = leaving.recheck(solved.path, json.dumps(told).encode())
    assert found.wrong and found.wrong[0].startswith(
        f"rollback: {field.replace('_', ' ')}: it says {forged!r}, the record"
    )


def test_a_file_says_itself_what_of_it_is_not_checked(solved):
    """How far the goals of a stop under way were, and what was shown: an event has neither; of a solved one they are asked again."""
    told = dict(leaving.files(solved.path))
    for name in ("ada.json", "ben.json"):
        claimed = told[name]["stops"]["rollback"]
        told[name]["stops"]["rollback"] = {**claimed, "report": None, "shown": not claimed["shown"]}
        assert leaving.recheck(solved.path, json.dumps(told[name]).encode())[0].ok
        assert "Not checked: report" in told[name]["checked"] and told[name]["checked"].endswith("and shown.")


def test_who_has_gone_on_since_has_claimed_nothing_wrong(solved):
    """The record is asked as it was after the event with which the file ends, also where a copy was shown since."""
    told = dict(leaving.files(solved.path))
    ben = solved.seat("Ben")
    course.answer(ben, "rollback", "live", "1.2.0")
    course.show_me(ben, "rollback")
    course.start(ben, "notebook")
    [found] = leaving.recheck(solved.path, json.dumps(told["ben.json"]).encode())
    assert found.ok


@pytest.mark.parametrize(
    ("forged", "said"),
    [({"name": "Mallory"}, "name: nobody was called 'Mallory' there"), ({"name": None}, "name: nobody was called None there"),
     ({"head": {"event": 3, "head_sha256": "0" * 64}}, "history: the event with which it ends is not in it"),
     ({"head": {"event": 10**30, "head_sha256": "0" * 64}}, leaving.NO_FILE)],
)  # fmt: skip
def test_a_file_under_another_name_or_of_another_history_is_found_out(solved, forged, said):
    """A neighbour's file is the neighbour's."""
    told = dict(leaving.files(solved.path))["ada.json"]
    [found] = leaving.recheck(solved.path, json.dumps({**told, **forged}).encode())
    assert (found.name, found.wrong) == ("Ada", (said,))


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
        {**told, "quiz": {**told["quiz"], "answers": {**told["quiz"]["answers"], "another": ["a", None]}}},
    ]
    found = [leaving.recheck(solved.path, json.dumps(claim).encode())[0] for claim in claims]

    assert told["quiz"]["right"] == 1 and found[0].ok
    assert found[1].wrong == ("quiz: it says 30 right, its answers 1", "quiz: it says passed, the record does not")
    assert found[2].wrong == (f"quiz: another answer to {first.id} is on record",)
    assert found[3].wrong == ("quiz: there is no question 'another'",)


@pytest.mark.parametrize("content", [b"", b"[]", b"no json", b'{"stops": {"x": 1}, "workspace": "w"}', b"[" * 100_000])
def test_what_is_no_such_file_is_said_to_be_none(room, content):
    """And breaks nothing."""
    [found] = leaving.recheck(room.path, content)
    assert not found.ok


def packed(*files: tuple[str, bytes]) -> bytes:
    """Return a zip of files."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files:
            archive.writestr(name, text)
    return content.getvalue()


@pytest.mark.parametrize(
    "size, count", [(leaving.MOST_BYTES + 1, 1), (leaving.MOST_BYTES, 11), (0, leaving.MOST_FILES + 1)]
)
def test_an_archive_that_would_fill_the_memory_is_refused(room, size, count):
    """Before anything of it is unpacked: one file that is too large, many that are together, too many."""
    content = packed(*((f"{number}.json", b"0" * size) for number in range(count)))
    with pytest.raises(InvalidError, match="At most"):
        leaving.recheck(room.path, content)


@settings(max_examples=150)
@given(st.data())
def test_a_zip_whose_bytes_are_not_as_they_were_written_breaks_nothing(tmp_path_factory, data):
    """A flipped bit, a tail cut off, a password: some of it is said to be no such file, or all."""
    content = bytearray(packed(("ada.json", b'{"stops": {}}'), ("ben.json", b"x" * 99)))
    for _ in range(data.draw(st.integers(0, 3))):
        content[data.draw(st.integers(0, len(content) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    cut = bytes(content[: data.draw(st.integers(0, len(content)))])
    with suppress(InvalidError):
        assert not any(one.ok for one in leaving.recheck(tmp_path_factory.getbasetemp() / "no room", cut))


def test_what_a_program_adds_that_packs_the_zip_again_is_passed_over(solved):
    """A Mac puts folders and hidden notes between the files."""
    files = [(f"class/{name}", json.dumps(told).encode()) for name, told in leaving.files(solved.path)]
    content = packed(("class/", b""), *files, ("__MACOSX/class/._ada.json", b"\0\5"), ("class/.DS_Store", b"\0"))
    assert [one.said for one in leaving.recheck(solved.path, content)] == [
        "Ada: all of it holds",
        "Ben: all of it holds",
    ]
    with pytest.raises(InvalidError, match="no file of a learner"):
        leaving.recheck(solved.path, packed(("class/", b""), ("class/.DS_Store", b"\0")))


def test_whose_workspace_cannot_be_read_is_named_in_the_zip(solved):
    """Nobody is left out in silence."""
    (solved.path / solved.keys["Ben"] / "ledger.db").write_bytes(b"no ledger")
    archive = zipfile.ZipFile(io.BytesIO(leaving.packed(solved.path)))
    assert archive.namelist() == ["ada.json", leaving.NOT_READ] and archive.read(leaving.NOT_READ) == b"Ben\n"
