"""Datasets: every version is kept, its content is its identity, and its roles travel on."""

from __future__ import annotations

import json
import threading
from pathlib import Path

import pytest

from mlops.base.errors import DataError, IntegrityError, InvalidError, NotFoundError
from mlops.data import tables
from tests.base.test_records import HOSTILE_NAMES


@pytest.fixture
def csv(tmp_path):
    """Write text to a file and return its path."""

    def write(text: str, name: str = "file.csv") -> Path:
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return write


PEOPLE = "id,age,left\n1,30,no\n2,40,yes\n3,50,no\n"


def test_a_version_knows_all_about_its_content(ws, csv):
    """The record answers what it is, where it came from and what it is for."""
    version = ws.datasets.add(csv(PEOPLE), name="people", target="left", id="id", message="first people")
    assert (version.ref, version.rows, version.columns, version.source) == ("people@1", 3, 3, "file.csv")
    assert (version.target, version.id, version.task, version.positive) == ("left", "id", "binary", "yes")
    assert (version.parent, version.created, version.message) == (None, True, "first people")
    assert [warning["code"] for warning in version.warnings] == ["too_few_per_class"]
    assert version.column_types == {"id": "integer", "age": "integer", "left": "text"}
    assert ws.datasets.list() == [version] == [ws.datasets.get("people")]


def test_the_folder_can_be_read_without_this_program(ws, csv):
    """Beside the snapshot lies its metadata; both are named by the event."""
    version = ws.datasets.add(csv(PEOPLE), name="people")
    metadata = json.loads((ws.path / version.path.replace(".parquet", ".json")).read_text())
    assert metadata == version.as_dict()
    assert version.path == f"data/people/v1-{version.sha256[:6]}.parquet" and (ws.path / version.path).exists()


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_adding_what_was_checked_out_changes_nothing(trained, tmp_path, suffix):
    """Out and in again, in either format: the same version answers, and no event is written."""
    before = trained.log()
    path = trained.datasets.checkout("customers@1", tmp_path / f"out.{suffix}")
    again = trained.datasets.add(path, name="customers")
    assert (again.ref, again.created) == ("customers@1", False)
    assert trained.log() == before


def test_the_same_content_under_another_name_is_another_dataset_with_the_same_hash(ws, csv):
    """A name is a history; the hash is the content."""
    first, second = (ws.datasets.add(csv(PEOPLE), name=name) for name in ("people", "humans"))
    assert first.sha256 == second.sha256 and second.created and second.version == 1


def test_old_content_comes_back_as_the_version_it_was(ws, csv):
    """Going back to earlier content is naming it, not copying it."""
    for text in (PEOPLE, PEOPLE + "4,60,yes\n"):
        ws.datasets.add(csv(text), name="people")
    again = ws.datasets.add(csv(PEOPLE), name="people")
    assert (again.version, again.created, len(ws.datasets.list())) == (1, False, 2)


def test_roles_are_inherited_by_the_next_version(ws, csv):
    """Target, id, task and positive class are said once; the types of text columns too."""
    ws.datasets.add(csv("id,code,left\nx1,a1,0\nx2,b2,1\n"), name="people", target="left", id="id", positive="0")
    second = ws.datasets.add(csv("id,code,left\n7,1042,0\n8,1043,1\n9,1044,1\n"), name="people")
    assert (second.target, second.id, second.task, second.positive, second.parent) == ("left", "id", "binary", 0, 1)
    assert second.column_types == {"id": "text", "code": "text", "left": "integer"}


def test_other_roles_are_another_version_of_the_same_content(ws, csv):
    """What a run learned from is what it names, so naming the target later changes no version: it makes the next."""
    first = ws.datasets.add(csv(PEOPLE), name="people")
    second = ws.datasets.add(csv(PEOPLE), name="people", target="left")

    assert (second.version, second.created, second.parent, second.sha256) == (2, True, 1, first.sha256)
    assert ws.datasets.get("people@1") == first and first.target is None
    assert (ws.path / first.path).samefile(ws.path / second.path)  # and no byte is kept twice
    assert dict(ws.datasets.diff("people@1", "people@2").roles_changed) == {
        "target": (None, "left"), "task": (None, "binary"), "positive": (None, "yes"),
    }  # fmt: skip
    assert second.warnings[0]["message"].startswith("The same rows as people@1, other roles: target is 'left' (was")
    assert [event["kind"] for event in ws.log()] == ["dataset.add"] * 2 and ws.verify()["ok"]


def test_content_is_added_again_as_its_newest_version_or_the_one_with_the_roles(ws, csv):
    """Without roles nothing is asked of them; with roles, what is not given is as in the newest version."""
    for roles in ({"target": "left"}, {"id": "id"}, {"time": "age"}):
        ws.datasets.add(csv(PEOPLE), name="people", **roles)

    def again(**roles: str) -> tuple[int, bool]:
        version = ws.datasets.add(csv(PEOPLE), name="people", **roles)
        return version.version, version.created

    assert again() == again(target="left") == again(target="left", id="id", time="age", positive="yes") == (3, False)
    assert again(positive="no") == (4, True) and again(positive="yes") == (3, False)


def test_roles_of_different_people_come_together(ws, csv):
    """Whoever names the id inherits the time that somebody else has named in another version of the content."""
    first = ws.datasets.add(csv(PEOPLE), name="people", target="left")
    ws.datasets.add(csv(PEOPLE + "4,60,yes\n"), name="people", time="age")
    third = ws.datasets.add(csv(PEOPLE), name="people", id="id")
    assert (third.version, third.sha256, third.roles.time, third.roles.id) == (3, first.sha256, "age", "id")


def test_a_role_is_dropped_without_its_column_and_comes_back_with_it(ws, csv):
    """A file without the id says nothing against it; nobody has to name it again, and meanwhile rows have none."""
    ws.datasets.add(csv("id,age,shop,left\n1,30,a,no\n2,40,b,yes\n"), name="p", target="left", id="id", group="shop")
    second = ws.datasets.add(csv("age,left\n31,no\n41,yes\n"), name="p")
    third = ws.datasets.add(csv("id,age,shop,left\n1,32,a,no\n2,42,b,yes\n"), name="p")

    assert (second.id, second.group, second.target) == (None, None, "left")
    assert {("id_absent", "id"), ("group_absent", "shop")} <= {(one["code"], one["column"]) for one in second.warnings}
    assert (third.id, third.group, third.target, third.positive) == ("id", "shop", "left", "yes")


def test_a_target_without_its_column_is_awaited(ws, csv):
    """The outcomes of a new month come later: the version keeps its target, and says that it is not there."""
    first = ws.datasets.add(csv(PEOPLE), name="people", target="left", id="id")
    second = ws.datasets.add(csv("id,age\n4,60\n"), name="people")
    assert (first.target_absent, second.target_absent) == (False, True)
    assert (second.target, second.task, second.positive) == ("left", "binary", "yes")
    assert "target_absent" in {one["code"] for one in second.warnings}


def test_an_older_version_becomes_the_newest_again(ws, csv):
    """Its content and its roles, as the next version; nothing is kept twice, and what is the newest stays it."""
    first = ws.datasets.add(csv(PEOPLE), name="people", target="left", message="the good one")
    ws.datasets.add(csv(PEOPLE + "4,60,yes\n"), name="people", id="id")

    again = ws.datasets.make_newest("people@1", "the last rows were wrong")
    assert (again.version, again.created, again.parent, again.message) == (3, True, 2, "the last rows were wrong")
    assert (again.sha256, again.roles, again.schema) == (first.sha256, first.roles, first.schema)
    assert (ws.path / first.path).samefile(ws.path / again.path)

    same = ws.datasets.make_newest("people@1")
    assert (same.version, same.created, ws.datasets.get("people").version) == (3, False, 3)
    assert ws.datasets.add(csv(PEOPLE), name="people").version == 3 and ws.verify()["ok"]


def test_a_damaged_version_is_not_made_the_newest(ws, csv):
    """There is no content to go back to."""
    first = ws.datasets.add(csv(PEOPLE), name="people")
    ws.datasets.add(csv(PEOPLE + "4,60,yes\n"), name="people")
    (ws.path / first.path).unlink()
    with pytest.raises(IntegrityError, match="is not the file"):
        ws.datasets.make_newest("people@1")
    assert ws.head() == 2


def test_content_with_a_damaged_file_is_kept_anew_with_other_roles(ws, csv):
    """A file that lost its bytes is never linked again."""
    first = ws.datasets.add(csv(PEOPLE), name="people")
    (ws.path / first.path).unlink()
    second = ws.datasets.add(csv(PEOPLE), name="people", target="left")
    assert ws.datasets.table(second).num_rows == 3


def test_roles_given_at_once_are_all_kept(ws, csv):
    """Each is decided under the write lock: nobody overwrites what somebody else has said meanwhile."""
    path = csv("id,age,shop,left\n1,30,a,no\n2,40,b,yes\n3,50,b,no\n")
    ws.datasets.add(path, name="people")
    said = [{"target": "left"}, {"id": "id"}, {"time": "age"}, {"group": "shop"}]
    threads = [threading.Thread(target=lambda one=one: ws.datasets.add(path, name="people", **one)) for one in said]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    newest = ws.datasets.get("people")
    assert (newest.version, newest.target, newest.id, newest.time, newest.group) == (5, "left", "id", "age", "shop")


def test_without_a_target_nothing_is_told(ws, csv):
    """No column is guessed to be the target."""
    version = ws.datasets.add(csv(PEOPLE), name="people")
    assert (version.target, version.id, version.task, version.positive) == (None, None, None, None)


@pytest.mark.parametrize(
    ("values", "task", "positive"),
    [
        (["no", "yes", "no"], "binary", "yes"),
        (["0", "1", "1"], "binary", 1),
        (["True", "False", "False"], "binary", True),
        (["cat", "dog", "dog"], "binary", "cat"),
        (["cat", "dog", "cow"], "multiclass", None),
        (["1", "2", "3"], "regression", None),
        (["0.5", "1.5", "2.5"], "regression", None),
        (["0.5", "1.5", "1.5"], "regression", None),
        (["0.0", "1.0", "1.0"], "binary", 1.0),
    ],
)
def test_the_task_is_told_by_the_values_of_the_target(ws, csv, values, task, positive):
    """Two values are a yes or no, more numbers a regression, more words a choice."""
    rows = "".join(f"{number},{value}\n" for number, value in enumerate(values))
    version = ws.datasets.add(csv(f"id,y\n{rows}"), name="things", target="y")
    assert (version.task, version.positive) == (task, positive)


def test_a_guessed_positive_class_is_said(ws, csv):
    """Where no spelling says yes, the rarer class is taken, and a warning says so."""
    version = ws.datasets.add(csv("a,y\n1,cat\n2,dog\n3,dog\n"), name="pets", target="y")
    assert version.positive == "cat"
    assert version.warnings[0]["code"] == "positive_assumed" and "the rarer one" in version.warnings[0]["message"]


def test_what_was_cleaned_and_what_looks_odd_is_a_warning(ws, csv):
    """Missing codes, white space, repeated ids and a single class are said, each with its column."""
    text = "id,age,left\n1,?,no\n1, 40 ,no\n3,50,no\n"
    version = ws.datasets.add(csv(text), name="people", target="left", id="id")
    found = {(warning["code"], warning["column"]) for warning in version.warnings}
    assert {("missing", "age"), ("repeated_ids", "id"), ("single_class", "left")} <= found


# References


@pytest.mark.parametrize("ref", ["people@1", "people@v1"])
def test_a_version_is_found_with_or_without_v(ws, csv, ref):
    """People write both."""
    for text in (PEOPLE, PEOPLE + "4,60,yes\n"):
        ws.datasets.add(csv(text), name="people")
    assert ws.datasets.get(ref).version == 1
    assert ws.datasets.get("people").version == ws.datasets.get("people@latest").version == 2


def test_an_unknown_version_names_the_ones_that_exist(ws, csv):
    """The next step can be typed as it stands, also with two-digit versions."""
    for number in range(12):
        ws.datasets.add(csv(f"a,b\n1,{number}\n"), name="counts")
    with pytest.raises(NotFoundError, match=r"no version '99'. It has: 1, 2, .*, 12\.") as unknown:
        ws.datasets.get("counts@99")
    assert unknown.value.next_step == "Use counts@12."


def test_an_unknown_dataset_names_the_ones_that_exist(trained):
    """The value, what there is, and how to add one."""
    with pytest.raises(NotFoundError, match="No dataset is named 'costumers'. Known: customers") as unknown:
        trained.datasets.get("costumers@1")
    assert "mlops data add FILE --name costumers" in unknown.value.next_step


# Refusals change nothing


@pytest.mark.parametrize("name", HOSTILE_NAMES, ids=ascii)
def test_hostile_names_are_refused_before_anything_is_written(ws, csv, name):
    """No event, no file, and nothing outside the workspace."""
    before = sorted(ws.path.parent.rglob("*"))
    with pytest.raises(InvalidError, match="cannot name a dataset"):
        ws.datasets.add(ws.path / "unread.csv", name=name)
    assert ws.head() == 0 and sorted(ws.path.parent.rglob("*")) == before


@pytest.mark.parametrize(
    ("roles", "said"),
    [
        ({"target": "churn"}, "The target 'churn' is no column of this file. Columns: id, age, left"),
        ({"id": "nr"}, "The id 'nr' is no column"),
        ({"target": "id", "id": "id"}, "'id' cannot be both"),
        ({"target": "left", "task": "regression"}, "regression needs numbers"),
        ({"target": "age", "task": "binary"}, "holds 3 classes; a binary task has two"),
        ({"target": "left", "time": "age", "group": "age"}, "'age' cannot be both time and group"),
        ({"time": "born"}, "The time 'born' is no column"),
        ({"target": "left", "positive": "maybe"}, "The positive class 'maybe' is no value of 'left'"),
        ({"message": "x" * 2001}, "at most 2000"),
    ],
)
def test_roles_that_do_not_fit_are_refused_and_nothing_is_recorded(ws, csv, roles, said):
    """Each refusal shows the value and the rule, and leaves the history as it was."""
    with pytest.raises(InvalidError, match=said) as refused:
        ws.datasets.add(csv(PEOPLE), name="people", **roles)
    assert refused.value.next_step and ws.head() == 0 and not (ws.path / "data").exists()


@pytest.mark.parametrize(
    ("roles", "said"),
    [
        ({"target": "left", "id": "prediction"}, "The id 'prediction' has the name of a column of the answers"),
        ({"target": "left", "id": "left_probability"}, "has the name of a column of the answers"),
        ({"target": "born"}, "'born' holds a date; a target is a class or a number"),
        ({"target": "height", "task": "binary"}, "'height' holds 1.5; classes are words or whole numbers"),
    ],
)
def test_columns_that_cannot_have_a_role_are_refused(ws, csv, roles, said):
    """A date is no class, half a number neither, and an id must not be overwritten by the answer beside it."""
    path = csv("prediction,left_probability,born,height,left\n1,4,2024-01-31,1.5,no\n2,5,2024-02-29,2.0,yes\n")
    with pytest.raises(DataError, match=said) as refused:
        ws.datasets.add(path, name="people", **roles)
    assert refused.value.next_step and ws.head() == 0


@pytest.mark.parametrize(
    ("text", "said"), [("a,b\n1\n", "line 2"), ('a,b\n1,"x\n', "line 2: a quote"), ("", "is empty")]
)
def test_a_broken_file_is_refused_and_nothing_is_recorded(ws, csv, text, said):
    """A dataset version exists whole or not at all."""
    with pytest.raises(DataError, match=said):
        ws.datasets.add(csv(text), name="people")
    assert ws.head() == 0 and ws.datasets.list() == []


def test_changed_bytes_are_not_read_as_data(trained):
    """A snapshot that is not the recorded one is refused, wherever it is asked for."""
    version = trained.datasets.get("customers")
    (trained.path / version.path).unlink()
    (trained.path / version.path).write_bytes(b"PAR1 something else")
    for read in (trained.datasets.frame, lambda ref: trained.datasets.checkout(ref, trained.path / "out.csv")):
        with pytest.raises(IntegrityError, match=r"v1-.*\.parquet is not the file"):
            read("customers@1")


def test_a_checkout_needs_a_folder(trained, tmp_path):
    """The message names the folder; nothing is made behind the person's back."""
    with pytest.raises(InvalidError, match="does not exist"):
        trained.datasets.checkout("customers", tmp_path / "no" / "out.csv")
    assert not (tmp_path / "no").exists()


def test_the_same_bytes_added_at_once_become_one_version(ws, csv):
    """Four writers add one file: one version, one event, and one of them made it."""
    path, answers = csv(PEOPLE), []
    threads = [threading.Thread(target=lambda: answers.append(ws.datasets.add(path, name="people"))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {answer.ref for answer in answers} == {"people@1"}
    assert sum(answer.created for answer in answers) == 1 and ws.head() == 1


def test_a_frame_has_the_values_of_the_table(trained, customers):
    """What pandas sees is what was added."""
    frame = trained.datasets.frame("customers@1")
    assert list(frame.columns) == list(customers.columns)
    assert tables.content_sha256(trained.datasets.table("customers")) == trained.datasets.get("customers").sha256
    assert frame["age"].tolist() == customers["age"].tolist()


def test_a_column_keeps_its_type_where_every_value_fits_it(ws, tmp_path):
    """Another program saves whole numbers with gaps as 30.0 and drops leading zeros; nothing is retyped by that."""
    (tmp_path / "a.csv").write_text("id,age,code,fee\n1,30,007,1.5\n2,,012,2\n3,41,1,3\n")
    (tmp_path / "b.csv").write_text("id,age,code,fee\n1,30.0,7,1\n2,,12,2\n3,42.0,1,3\n")
    ws.datasets.add(tmp_path / "a.csv", "d", id="id")

    second = ws.datasets.add(tmp_path / "b.csv", "d")

    assert second.column_types == {"id": "integer", "age": "integer", "code": "text", "fee": "number"}
    assert "code stays text, as before; every value fits another type." in [one["message"] for one in second.warnings]
    assert ws.datasets.diff("d@1", "d@2").cells_changed == {"age": 1, "code": 2, "fee": 1}


def test_a_column_takes_another_type_where_one_value_does_not_fit(ws, tmp_path):
    """A half year is no whole number, and no value is lost to an old type."""
    (tmp_path / "a.csv").write_text("id,age\n1,30\n2,41\n")
    (tmp_path / "b.csv").write_text("id,age\n1,30.5\n2,41\n")
    ws.datasets.add(tmp_path / "a.csv", "d", id="id")

    assert ws.datasets.add(tmp_path / "b.csv", "d").column_types["age"] == "number"


def test_a_file_is_never_written_into_the_workspace(released):
    """What is recorded there never changes, whoever asks."""
    model = released.models.get("@production")
    for write in (
        lambda path: released.datasets.checkout("customers@1", path),
        lambda path: released.batch_predict("@production", released.path.with_name("rows.csv"), path),
    ):
        with pytest.raises(InvalidError, match="lies among the files of the workspace"):
            write(released.path / model.metadata_path)

    assert released.verify()["ok"]
