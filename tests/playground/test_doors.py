"""Three doors: what each answered is read from the workspace, and what is equal is told digit by digit."""

from __future__ import annotations

import pandas as pd
import pytest

from mlops import Workspace, sample
from mlops.models.signature import Signature
from playground import doors, one_row
from playground.doors import Answer, Door, Doors
from playground.ui.kit import session
from tests.screens import drawn_on, open_page, words_on

MODEL = {"name": "churn_model", "version": "1.1.0", "sha256": "0" * 64}


def three(*digits: str, versions: tuple[str, ...] = ("v1.1.0",) * 3) -> Doors:
    asked = zip(doors.TITLES.items(), digits, versions, strict=True)
    return Doors("Ada", "chance to leave", tuple(Door(name, title, *told) for (name, title), *told in asked))


@pytest.mark.parametrize(
    ("digits", "equal", "same"),
    [
        (("", "", ""), 0, None),
        (("0.25", "", ""), 0, None),
        (("0.25", "", "0.25"), 4, None),
        (("0.25", "0.25", "0.25"), 4, True),
        (("0.25", "0.257", "0.25"), 4, False),
        (("0.25", "0.25", "0.35"), 2, False),
    ],
)
def test_what_is_equal_is_counted_from_the_left(digits, equal, same):
    """A longer number is another one; as long as a door is open nothing is said of all."""
    found = three(*digits)
    assert (found.equal, found.same) == (equal, same)


def test_a_sentence_says_what_there_is_to_see():
    """Who has answered, what is left, and why digits differ."""
    assert three("0.25", "0.25", "0.25").sentence == "Ada: 0.25 through every door, equal to the last digit."
    assert three("0.25", "", "").sentence == "1 of 3 doors has answered; left: File and REST."
    apart = three("0.25", "0.31", "", versions=("v1.1.0", "v1.0.0", ""))
    assert apart.sentence.endswith("They differ: v1.0.0 and v1.1.0 answered.")
    assert three("0.25", "0.25", "").sentence == "2 of 3 doors have answered; left: REST."
    assert three("", "", "").sentence == "No door has answered yet."
    assert [*three("0.25", "", "").frame()["Answer"]] == ["0.25", "not yet", "not yet"]


def test_a_door_says_whom_it_is_for_until_it_has_answered():
    """Whoever never heard of REST learns who asks through it before pressing."""
    form, _, rest = doors.drawn("Ada", "chance", {"row": Answer(0.25, MODEL, "p1")}, {}).doors
    assert (form.note, rest.note) == ("1 row", "one at a time, by a program")


def test_what_is_to_be_guessed_does_not_leave_the_server():
    """Not in the picture, the sentence or the table."""
    given = {"row": Answer(0.42721839570364806, MODEL, "p1"), "file": Answer(0.42721839570364806, MODEL, "b1", 200, 2)}
    found = doors.drawn("Ada", "chance", given, {}, covered=True)
    assert "0.42" not in repr(found) + found.sentence + found.frame().to_csv()
    assert [door.asked for door in found.doors] == [True, True, False]
    assert found.doors[1].note == "198 answered + 2 rejected = 200 rows in"


def test_lenas_list_begins_with_rows_that_a_caller_can_send():
    """As plain values; those typed by hand come later."""
    rows = doors.listed(5)
    month = pd.read_csv(sample.FILE.with_name("customers_2024-01.csv"), nrows=5)
    assert [*rows] == [*month["customer_id"]]
    assert rows["c2401-0001"]["usage_hours"] is None and rows["c2401-0001"]["monthly_fee"] == 12.87
    assert {type(cell) for row in rows.values() for cell in row.values()} <= {str, int, float, bool, type(None)}


def asked(ws: Workspace, how_many: int = 3):
    """Return customers as a caller sends them, and as the model takes them."""
    metadata = ws.models.metadata("churn_model@1.1.0")
    rows = [{"customer_id": who, **row} for who, row in one_row.examples(metadata).items()][:how_many]
    return rows, [Signature.of(metadata["signature"]).row(row)[0] for row in rows]


def test_answers_are_found_by_the_row_that_was_asked_about(released, tmp_path):
    """Through the door they came, the newest first; another row is another customer, whatever it is called."""
    (first, second, _), (taken, *_) = asked(released)
    released.predict("churn_model@1.0.0", first)
    released.predict("@production", first)
    released.predict("@production", {**second, "customer_id": first["customer_id"]})
    model = released.models.load("churn_model@1.1.0")
    released.predictions.answer(model, [[first]], "production", door="rest")
    pd.DataFrame([second, first]).to_csv(tmp_path / "two.csv", index=False)
    released.batch_predict("@production", data=tmp_path / "two.csv")

    found = doors.answers(released, "churn_model", taken)
    assert {door: len(given) for door, given in found.items()} == {"row": 2, "file": 1, "rest": 1}
    form, older = found["row"]
    assert older.model["version"] == "1.0.0" and not form.is_that_of(older)
    assert form.is_that_of(found["file"][0]) and form.is_that_of(found["rest"][0])
    assert (found["file"][0].asked, found["file"][0].rejected) == (2, 0)


def test_of_files_answered_in_one_moment_the_last_comes_first(released, tmp_path):
    """A simulated day stands still; what was asked last is what somebody just saw."""
    (first, *_), (taken, *_) = asked(released)
    pd.DataFrame([first]).to_csv(tmp_path / "one.csv", index=False)
    released.batch_predict("@production", data=tmp_path / "one.csv")
    released.rollback("production", "to see what changes")
    before = released.head()
    released.batch_predict("@production", data=tmp_path / "one.csv")
    versions = [one.model["version"] for one in doors.answers(released, "churn_model", taken)["file"]]
    assert versions == ["1.0.0", "1.1.0"]
    assert len(doors.answers(released, "churn_model", taken, before)["file"]) == 1


def test_form_and_file_stand_under_one_another_on_screen(released, monkeypatch):
    """One click each; the digits are those of the log, and stay after another page."""
    monkeypatch.setenv("MLOPS_WORKSPACE", str(released.path))
    at = open_page("predict", open="doors")
    assert drawn_on(at, "doors")["said"] == "No door has answered yet."
    for door in ("row", "file"):
        at.button(key=f"predict.door.{door}").click().run()
        assert not at.exception and not at.error
    found = drawn_on(at, "doors")
    [logged] = released.predictions.list()
    assert [door["digits"] for door in found["doors"]] == [repr(logged["score"])] * 2 + [""]
    assert found["equal"] == len(repr(logged["score"])) and "Three doors" in words_on(at)
    assert {name.rpartition(".")[2] for name in at.session_state[session.TIMED.key]} == {"row", "file"}
    assert drawn_on(open_page("predict", open="doors"), "doors")["doors"] != []
