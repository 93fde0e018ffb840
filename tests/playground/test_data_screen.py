"""The Data screen: a learner's own file is read right or refused, asked about, and kept only then."""

from __future__ import annotations

import gzip
import json
from typing import Any

import numpy as np
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from mlops import Workspace, sample
from tests.screens import button, config, open_page, unfold, words_on


def upload(name: str, content: bytes) -> AppTest:
    """Open the Data screen and give it a file."""
    at = open_page("data")
    at.session_state["data.tabs"] = "New version"
    at.run()
    at.segmented_control(key="data.source").set_value("Your file").run()
    at.file_uploader(key="data.upload").upload(name, content).run()
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
    """Rows and cells are counted; the changed values are drawn, and all rows on request, the columns that moved first."""
    at = open_tab("Difference")
    assert not at.exception
    assert "of 120 rows 120 changed, 0 removed, 0 added" in words_on(at)
    assert len(at.get("plotly_chart")) == 2 and not at.multiselect
    at = unfold(at, "data.all_rows")
    assert at.multiselect[0].value == ["fee", "plan"] and len(at.get("plotly_chart")) == 4


def test_what_the_newest_version_changed_is_the_first_sentence(two_versions):
    """In words, before any table, and open below: what one comes to see."""
    at = open_page("data")
    assert at.subheader[0].value.replace("\\", "").startswith(":gray[v2 from v1:] 120 cells of fee changed, ")
    assert at.session_state["data.tabs"] == "Difference" and drawn(at)["columns"][0]["label"] == "fee"


def drawn(at: AppTest) -> dict[str, Any]:
    """Return what the browser draws of changed cells."""
    [table] = [one for one in at.get("bidi_component") if one.proto.component_name == "changed_cells"]
    return json.loads(table.proto.json)


def test_what_was_just_kept_is_shown_beside_what_it_came_from(empty):
    """The click that keeps a second version opens what it changed."""
    frame = leavers()
    for rise in (0, 5):
        at = upload("leavers.csv", csv(frame.assign(id=range(len(frame)), fee=frame["fee"] + rise)))
        choose(at, "Column to predict", "left")
        choose(at, "Column that names a row", "id")
        button(at, "Keep this version").click().run()
    assert at.session_state["data.tabs"] == "Difference" and not at.exception
    assert "120 cells of fee changed, nothing else" in words_on(at).replace("\\", "")


def test_jos_file_kept_on_screen_differs_in_312_cells_and_in_no_role(empty):
    """A time that the first version did without is not chosen for the second one."""
    sample.add(Workspace.open(empty))
    at = open_page("data")
    assert next(box.value for box in at.selectbox if box.label == "Sample file") == "customers_2023_corrected.csv"
    button(at, "Keep this version").click().run()
    assert "312 cells of Monthly fee changed, nothing else" in words_on(at)


def test_a_link_names_the_two_versions_to_hold_against_each_other(two_versions):
    """What others point at opens as they saw it, also backwards."""
    at = open_page("data", version="leavers@1", against="leavers@2")
    assert at.session_state["data.tabs"] == "Difference"
    assert [box.value for box in at.selectbox][:2] == ["leavers@2", "leavers@1"]
    assert ":gray[v1 from v2:]" in words_on(at)


def test_an_earlier_version_is_trained_with_again(two_versions):
    """One click leads to Train, where it is chosen; the model of then is one more click away."""
    at = open_page("data", version="leavers@1")
    assert at.session_state["data.tabs"] == "Restore"
    button(at, "Train with it again").click().run()
    assert next(box.value for box in at.selectbox if box.label == "Data") == "leavers@1"
    assert at.title[0].value == "Train"


def check(version: str, content: bytes) -> str:
    """Give the Restore tab a file, and return what is said about it."""
    at = open_page("data", version=version)
    at.file_uploader(key="data.checked").upload("whatever.csv", content).run()
    assert not at.exception
    return "\n".join(one.value for kind in ("success", "warning", "info", "error") for one in at.get(kind))


def test_a_file_is_told_which_version_it_is_or_how_far_it_is_from_one(two_versions):
    """Asked, compared, and forgotten: no event is written."""
    before = two_versions.head()
    kept = two_versions.datasets.frame("leavers@1")
    said = [check("leavers@1", csv(frame)).replace("\\", "") for frame in (kept, kept.assign(fee=kept["fee"].clip(30)))]
    assert said[0] == "whatever.csv is leavers@1, to the last value."
    assert said[1].startswith("whatever.csv is none of the versions. Closest is **leavers@1**: ")
    assert said[1].endswith("cells of fee changed, nothing else.")
    assert "no row in common" in check("leavers@1", b"a,b\n1,2\n3,4\n")
    assert two_versions.head() == before


def test_labels_come_with_a_file_of_a_persons_own(empty):
    """A YAML file beside the data; a wrong one is refused with its line, and nothing is kept."""
    for words, kept in ((b"fees: {label: Fee}", 0), (b"fee: {label: Fee, unit: EUR}", 1)):
        at = upload("leavers.csv", csv(leavers()))
        choose(at, "Column to predict", "left")
        at.file_uploader[1].upload("columns.yaml", words).run()
        button(at, "Keep this version").click().run()
        assert len(Workspace.open(empty).datasets.list()) == kept
        assert bool(at.error) != bool(kept)
    assert Workspace.open(empty).datasets.get("leavers").described["fee"]["unit"] == "EUR"


def test_a_month_of_the_sample_is_described_as_far_as_it_has_columns(empty):
    """Its outcomes are not known yet, so nothing is said about them; the history comes first, then its correction."""
    at = open_page("data")
    box = next(box for box in at.selectbox if box.label == "Sample file")
    assert box.options[:2] == ["customers_2023.csv", "customers_2023_corrected.csv"]
    box.set_value("customers_2024-01.csv").run()
    button(at, "Keep this version").click().run()
    kept = Workspace.open(empty).datasets.get("customers")
    assert not at.exception and "churn" not in kept.described and kept.described["age"]["label"] == "Age"


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


def test_a_file_that_was_kept_is_what_is_trained_next(monkeypatch, tmp_path):
    """Also where another version was chosen before: whoever keeps a file means to learn from it."""
    monkeypatch.setenv("MLOPS_WORKSPACE", str(tmp_path / "workspace"))
    at = upload("own.csv", csv(leavers()))
    at.session_state["train.data"] = "own@0"
    choose(at, "Column to predict", "left")
    button(at, "Keep this version").click().run()
    assert at.session_state["train.data"] == "own@1"


@pytest.fixture
def waiting(monkeypatch, tmp_path) -> Workspace:
    """A workspace on screen with leavers@1, and leavers@2 whose outcomes nobody knows yet."""
    monkeypatch.setenv("MLOPS_WORKSPACE", str(tmp_path / "workspace"))
    ws, frame = Workspace.open(tmp_path / "workspace"), leavers(300).assign(nr=range(300))
    frame.to_csv(tmp_path / "leavers.csv", index=False)
    ws.datasets.add(tmp_path / "leavers.csv", "leavers", target="left", id="nr")
    frame.assign(nr=range(1000, 1300)).drop(columns="left").to_csv(tmp_path / "new.csv", index=False)
    ws.datasets.add(tmp_path / "new.csv", "leavers")
    return ws


def test_a_target_that_a_file_does_not_hold_is_not_shown_as_its_column(waiting):
    """At the file, in the list of versions: what is awaited is called so, and what the file is good for."""
    at = upload("leavers.csv", csv(leavers(90).assign(nr=range(2000, 2090)).drop(columns="left")))
    choose(at, "Dataset", "leavers")
    target = next(box for box in at.selectbox if box.label == "Column to predict")
    assert target.value == "left" and target.format_func("left") == "left, not known yet"
    assert target.format_func("age") == "age"
    assert "Good for predicting, not for training yet" in words_on(at)
    assert list(at.dataframe[0].value["Target"]) == ["left, not known yet", "left"]
    button(at, "Keep this version").click().run()
    assert "train.data" not in at.session_state


def test_a_version_that_waits_is_offered_for_its_outcomes_and_never_for_training(waiting, tmp_path):
    """Until enough of them are known: then it is the one to train on."""
    at = open_page("data")
    assert "leavers@2: none of 300 outcomes is known, 200 are needed." in words_on(at).replace("\\", "")
    at.session_state["data.tabs"] = "Restore"
    at.run()
    choose(at, "Version", "leavers@2")
    assert button(at, "Train with it again").disabled
    at = open_page("train")
    assert at.selectbox(key="train.data").options == ["leavers@1"]
    assert "leavers@2 is newer. Good for predicting, not for training yet." in words_on(at).replace("\\", "")

    lines = [f"{nr},{nr % 2}" for nr in range(1000, 1300)]
    (tmp_path / "outcomes.csv").write_text("\n".join(["nr,left", *lines]))
    at = unfold(open_page("data"), "outcomes.add")
    at.file_uploader(key="outcomes.upload").upload("outcomes.csv", (tmp_path / "outcomes.csv").read_bytes()).run()
    button(at, "Keep these outcomes").click().run()
    assert "not for training yet" not in words_on(at) and at.dataframe[0].value["Target"][0] == "left, 300 known"
    assert open_page("train").selectbox(key="train.data").value == "leavers@2"


def test_where_everything_waits_train_says_so_and_leads_to_the_outcomes(waiting, monkeypatch):
    """No version is offered that cannot be learned from."""
    few = waiting.path.parent / "few.csv"
    leavers(20).assign(nr=range(20)).to_csv(few, index=False)
    other = Workspace.open(waiting.path.parent / "other")
    other.datasets.add(few, "leavers", target="left", id="nr")
    other.datasets.add(waiting.path.parent / "new.csv", "leavers")
    monkeypatch.setenv("MLOPS_WORKSPACE", str(other.path))
    at = open_page("train")
    assert not at.exception and "Nothing is known yet to learn from" in words_on(at)


def test_a_link_opens_the_tab_it_names_whatever_tab_was_open(trained, monkeypatch):
    """A goal of a stop leads to where it is done, also on the screen that is on."""
    monkeypatch.setenv("MLOPS_WORKSPACE", str(trained.path))
    at = open_page("data")
    for tab, there in (("Restore", True), ("Profile", False), ("Restore", True)):
        at.query_params["open"] = tab
        labels = [one.label for one in at.run().button]
        assert ("Train with it again" in labels) == there and "open" not in at.query_params
