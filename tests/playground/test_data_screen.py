"""The Data screen: a learner's own file is read right or refused, asked about, and kept only then."""

from __future__ import annotations

import gzip
from typing import Any

import numpy as np
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from mlops import Workspace
from tests.screens import button, config, open_page, unfold, words_on


def upload(name: str, content: bytes) -> AppTest:
    """Open the Data screen and give it a file."""
    at = open_page("data")
    at.segmented_control(key="data.source").set_value("Your file").run()
    at.file_uploader[0].upload(name, content).run()
    return at


def choose(at: AppTest, label: str, value: Any) -> None:
    """Choose a value in the box, or among the buttons, of that label."""
    boxes = [*at.selectbox, *at.segmented_control, *at.text_input, *at.number_input]
    next(box for box in boxes if box.label.replace("\\", "") == label).set_value(value).run()


def leavers(rows: int = 120) -> pd.DataFrame:
    """Return a small table with a yes or no, a quantity and three classes."""
    random = np.random.default_rng(2)
    age = random.integers(18, 80, rows)
    frame = pd.DataFrame({"age": age, "fee": random.normal(40, 9, rows).round(2)})
    frame["plan"] = random.choice(["basic", "plus", "family"], rows)
    frame["left"] = (random.random(rows) < 0.2 + age / 200).astype(int)
    return frame


def csv(frame: pd.DataFrame, **how: Any) -> bytes:
    return frame.to_csv(index=False, **how).encode()


def test_a_file_says_how_it_was_read(empty):
    """One line names encoding, separator, decimal mark, header and size; nothing is kept yet."""
    at = upload("export.csv", csv(leavers(), sep=";", decimal=",").replace(b"age", b"\xef\xbb\xbfage", 1))
    said = words_on(at).replace("\\", "")
    assert not at.exception
    assert "UTF-8" in said and "semicolon · decimal comma · header in line 1 · 120 rows · 4 columns" in said
    assert Workspace.open(empty).head() == 0


def test_a_file_that_must_be_told_how_to_be_read_is_read(empty):
    """Bytes that are no UTF-8 are asked about: the first lines and the corrections are there, and no form."""
    at = upload("Städte.csv", "Stadt;Preis\nKöln;1,5\nBonn;2,5\nUlm;3,5\n".encode("latin-1"))
    assert at.error and at.code and "Keep this version" not in [one.label for one in at.button]
    choose(at, "Encoding", "latin-1")
    choose(at, "Column to predict", "Preis")
    button(at, "Keep this version").click().run()
    assert list(Workspace.open(empty).datasets.frame("stadte@1")["Preis"]) == [1.5, 2.5, 3.5]


def test_an_unreadable_upload_is_refused_before_anything_is_asked(empty):
    """A picture with the name of a table gets a card, and no form."""
    at = upload("photo.csv", b"\x89PNG\r\n\x1a\n\x00\x00\xff\xfe")
    assert not at.exception and at.error
    assert "Keep this version" not in [one.label for one in at.button]


def test_a_compressed_file_is_read_like_a_plain_one(empty):
    """What a file is, its content tells."""
    at = upload("leavers.csv.gz", gzip.compress(csv(leavers())))
    assert not at.exception and not at.error and "120 rows · 4 columns" in words_on(at).replace("\\", "")


def test_the_positive_class_is_asked_where_the_values_contradict_each_other(empty):
    """1 in nearly all rows may mean that all is well: nothing is preselected, and nothing is kept before the answer."""
    frame = leavers()
    frame["risk"] = np.r_[np.zeros(30, int), np.ones(90, int)]
    at = upload("credit.csv", csv(frame))
    choose(at, "Column to predict", "risk")
    assert "Say which class to predict." in words_on(at) and button(at, "Keep this version").disabled
    choose(at, "Predict which risk?", 0)
    button(at, "Keep this version").click().run()
    assert Workspace.open(empty).datasets.get("credit@1").positive == 0


def test_other_roles_for_the_same_rows_are_kept_as_a_version_of_their_own(empty):
    """The screen says that only the roles differ, shows which, and makes the first one the newest again."""
    frame = leavers()
    at = upload("credit.csv", csv(frame))
    choose(at, "Column to predict", "left")
    button(at, "Keep this version").click().run()
    at = upload("credit.csv", csv(frame))
    choose(at, "Predict which left?", 0)
    button(at, "Keep this version").click().run()
    assert "credit@2 is kept: the same rows, other roles." in "".join(one.value for one in at.toast).replace("\\", "")

    at.session_state["data.tabs"] = "Difference"
    at.run()
    assert "Positive: 1 → **0**" in words_on(at)
    at.session_state["data.tabs"] = "Restore"
    at.run()
    button(at, "Make it the newest").click().run()
    kept = Workspace.open(empty).datasets.list()
    assert [one.positive for one in kept] == [1, 0, 1] and len({one.sha256 for one in kept}) == 1


def test_whole_numbers_may_be_classes_and_that_is_asked(empty):
    """Stars are a quantity or classes; the person says which."""
    frame = leavers().assign(stars=np.tile([1, 2, 3, 4, 5], 24))
    at = upload("stars.csv", csv(frame))
    choose(at, "Column to predict", "stars")
    assert "Say what to learn." in words_on(at)
    choose(at, "What to learn", "multiclass")
    button(at, "Keep this version").click().run()
    assert Workspace.open(empty).datasets.get("stars@1").task == "multiclass"


def test_a_leak_is_named_before_the_version_is_kept_and_left_out_of_its_config(empty):
    """The answer in another column is a warning with its way out, and the config takes it."""
    frame = leavers(400)
    frame["refund"] = np.where(frame["left"] == 1, frame["fee"], np.nan)
    at = upload("refunds.csv", csv(frame))
    choose(at, "Column to predict", "left")
    assert "refund" in words_on(at) and "may mislead" in words_on(at)
    button(at, "Keep this version").click().run()
    assert "exclude: [refund]" in config(open_page("train"))


def test_time_and_group_reach_the_config(empty):
    """A calendar splits by time; without one, an entity splits by itself."""
    frame = leavers().assign(month=np.repeat(["2023-09", "2023-10", "2023-11"], 40))
    at = upload("months.csv", csv(frame))
    choose(at, "Column to predict", "left")
    choose(at, "Time", "month")
    button(at, "Keep this version").click().run()
    assert Workspace.open(empty).datasets.get("months@1").time == "month"
    assert "split: latest" in config(open_page("train"))


def test_a_built_in_set_is_one_click(empty):
    """Its sentence says what it is, and what it is not."""
    at = open_page("data")
    at.segmented_control(key="data.source").set_value("Built-in").run()
    assert "textbook set" in words_on(at)
    at.button(key="data.builtin.iris").click().run()
    version = Workspace.open(empty).datasets.get("iris@1")
    assert not at.exception and (version.target, version.task, version.rows) == ("species", "multiclass", 150)


def test_a_column_can_be_given_another_type(empty):
    """A code that looks like a number is text if a person says so."""
    at = unfold(upload("codes.csv", csv(leavers().assign(code=np.arange(1000, 1120)))), "data.how")
    choose(at, "Type of a column", "code")
    choose(at, "is", "text")
    choose(at, "Column to predict", "left")
    button(at, "Keep this version").click().run()
    assert Workspace.open(empty).datasets.get("codes@1").column_types["code"] == "text"


@pytest.fixture
def two_versions(empty, tmp_path) -> Workspace:
    """A workspace with leavers@1, and leavers@2 in which fees rose and a plan is gone."""
    ws = Workspace.open(empty)
    for number, frame in enumerate((leavers(), leavers().assign(fee=lambda one: one["fee"] + 20, plan="plus"))):
        frame.insert(0, "id", range(len(frame)))
        (tmp_path / f"{number}.csv").write_bytes(csv(frame))
        ws.datasets.add(tmp_path / f"{number}.csv", "leavers", target="left", id="id")
    return ws


def open_tab(name: str) -> AppTest:
    """Open the Data screen at one of its tabs."""
    at = open_page("data")
    at.session_state["data.tabs"] = name
    return at.run()


def test_a_version_shows_its_profile(two_versions):
    """Every column in a line, what is worth knowing, and the chosen column large."""
    at = open_tab("Profile")
    assert not at.exception and at.get("plotly_chart")
    table = next(one.value for one in at.dataframe if "Distribution" in one.value)
    assert list(table["Column"]) == ["id", "age", "fee", "plan", "left"]
    assert sum(table.set_index("Column").loc["plan", "Distribution"]) == 120


def test_two_versions_are_drawn_side_by_side(two_versions):
    """Rows and cells are counted, and the columns that moved most come first."""
    at = open_tab("Difference")
    assert not at.exception
    assert {one.label: one.value for one in at.metric}["Rows changed"] == "120"
    assert at.multiselect[0].value == ["fee", "plan"] and len(at.get("plotly_chart")) == 2


def test_a_version_that_does_not_fit_says_why(two_versions, tmp_path):
    """A renamed column is a verdict with its way out, and the list can be taken along."""
    frame = leavers().rename(columns={"fee": "Fee!"})
    frame.insert(0, "id", range(len(frame)))
    (tmp_path / "3.csv").write_bytes(csv(frame))
    two_versions.datasets.add(tmp_path / "3.csv", "leavers")
    at = open_tab("Validation")
    said = words_on(at).replace("\\", "")
    assert not at.exception
    assert "does not fit" in said and "renamed column" in said and "Rename Fee! to fee." in said


def test_a_time_that_cannot_tell_the_order_is_not_offered_and_cannot_be_kept(empty):
    """The screen says why in its own words, and how the same file could have a time."""
    days = pd.date_range("2023-01-01", periods=120, freq="3D")
    at = upload("visits.csv", csv(leavers().assign(date=days.strftime("%m/%d/%Y 08:30"))))
    assert next(box for box in at.selectbox if box.label == "Time").value is None
    choose(at, "Column to predict", "left")
    choose(at, "Time", "date")

    said = words_on(at).replace("\\", "")
    assert "date is text such as '01/01/2023 08:30', whose order is not that of time" in said
    assert "Write it as 2024-01-31 08:30 in the file" in said and "--" not in said.split("order is not that")[1]
    assert button(at, "Keep this version").disabled
