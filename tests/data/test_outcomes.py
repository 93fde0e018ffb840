"""Labels: outcomes come later than the rows they belong to, and nobody may know them too early."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlops import Workspace
from mlops.base.errors import DataError, InvalidError
from tests.conftest import STUMP, customers_frame


@pytest.fixture
def people(ws, tmp_path):
    """A workspace with people@1: three rows, an id, and a target that is known for none of them."""
    (tmp_path / "people.csv").write_text("id,age,left\n1,30,0\n2,40,1\n3,50,0\n")
    ws.datasets.add(tmp_path / "people.csv", name="people", target="left", id="id")
    return ws


@pytest.fixture
def outcomes(tmp_path):
    """Write an outcomes file and return its path."""

    def write(text: str):
        path = tmp_path / "outcomes.csv"
        path.write_text(text)
        return path

    return write


def test_an_outcome_is_known_from_its_own_instant_on(people, outcomes):
    """A moment before it is not there; at the moment it is."""
    people.outcomes.add(outcomes("id,left,known_at\n1,1,2024-02-01T00:00:00\n2,0,2024-03-01T00:00:00\n"), "people")
    assert people.outcomes.known("people", at="2024-01-31T23:59:59.999999Z") == {}
    assert people.outcomes.known("people", at="2024-02-01T00:00:00.000000Z") == {1: 1}
    assert people.outcomes.known("people", at="2024-03-01T00:00:00.000000Z") == {1: 1, 2: 0}


FILE = st.lists(
    st.tuples(st.integers(1, 3), st.integers(0, 1), st.integers(1, 5)), min_size=1, unique_by=lambda outcome: outcome[0]
)


@given(st.lists(FILE, max_size=4, unique_by=lambda file: tuple(file)), st.integers(1, 6))
def test_what_is_known_is_the_latest_outcome_up_to_then(tmp_path_factory, files, today):
    """For each row the outcome with the latest date up to today; of outcomes with one date, that of the later file."""
    folder = tmp_path_factory.mktemp("labels")
    ws = Workspace.open(folder / "ws")
    (folder / "rows.csv").write_text("id,left\n1,0\n2,1\n3,0\n")
    ws.datasets.add(folder / "rows.csv", name="people", target="left", id="id")
    known: dict[int, tuple[int, int]] = {}
    for outcomes in files:
        lines = [f"{identity},{left},2024-01-0{day}" for identity, left, day in outcomes]
        (folder / "outcomes.csv").write_text("\n".join(["id,left,known_at", *lines, ""]))
        ws.outcomes.add(folder / "outcomes.csv", "people")
        known |= {
            identity: (day, left) for identity, left, day in outcomes if known.get(identity, (0, 0))[0] <= day <= today
        }
    assert ws.outcomes.known("people", at=f"2024-01-0{today}T00:00:00.000000Z") == {
        i: left for i, (_, left) in known.items()
    }


def test_outcomes_without_an_instant_are_known_when_it_is_said_or_now(people, outcomes):
    """`known_at` of the call fills the gaps; without it, it is the workspace's time."""
    people.set_clock("2030-05-01")
    first = people.outcomes.add(outcomes("id,left\n1,1\n"), "people")
    second = people.outcomes.add(outcomes("id,left,known_at\n2,1,\n3,0,2024-02-01\n"), "people", known_at="2024-01-01")
    assert first.known_from == first.known_until == "2030-05-01T00:00:00.000000Z"
    assert (second.known_from, second.known_until) == ("2024-01-01T00:00:00.000000Z", "2024-02-01T00:00:00.000000Z")


def test_the_same_outcomes_are_kept_once(people, outcomes):
    """Adding a file again answers with the first one; nothing is written."""
    path = outcomes("id,left,known_at\n1,1,2024-02-01\n")
    first = people.outcomes.add(path, "people")
    before = people.log()
    again = people.outcomes.add(path, "people")
    assert (again.labels_id, again.created, first.created) == (first.labels_id, False, True)
    assert people.log() == before


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("id,gone\n1,1\n", "no column 'left'. Columns: id, gone"),
        ("nr,left\n1,1\n", "no column 'id'"),
        ("id,left\n1,1\n1,0\n", "an id stands there more than once"),
        ("id,left\n1,\n2,1\n", "1 rows have no 'left'"),
        ("id,left\n,1\n2,1\n", "1 rows have no 'id'"),
        ("id,left\nx,1\n", "'id' is integer in the dataset, but text"),
        ("id,left\n1,yes\n", "'left' is integer in the dataset, but text"),
        ("id,left,known_at\n1,1,soon\n", "'known_at' must hold dates or instants"),
    ],
)
def test_outcomes_in_doubt_are_refused_and_nothing_is_recorded(people, outcomes, text, said):
    """Each refusal names the column and the rule."""
    before = people.log()
    with pytest.raises(DataError, match=said) as refused:
        people.outcomes.add(outcomes(text), "people")
    assert refused.value.next_step and people.log() == before


@pytest.fixture
def codes(ws, tmp_path):
    """A workspace with codes@1: twenty rows whose ids have leading zeros."""
    rows = pd.DataFrame({"id": [f"{number:05d}" for number in range(20)], "age": range(20), "left": [0, 1] * 10})
    rows.to_csv(tmp_path / "codes.csv", index=False)
    ws.datasets.add(tmp_path / "codes.csv", name="codes", target="left", id="id")
    return ws


def test_outcomes_that_lost_their_zeros_are_refused_and_the_damage_is_named(codes, outcomes):
    """None would ever be joined, and nobody would see it; also where only some are damaged."""
    before = codes.log()
    with pytest.raises(DataError, match="20 of 20 ids are known but for leading zeros: '0' is '00000' there"):
        codes.outcomes.add(outcomes("id,left\n" + "".join(f"{number},1\n" for number in range(20))), "codes")
    with pytest.raises(DataError, match="2 of 20 ids are known but for leading zeros"):
        codes.outcomes.add(
            outcomes("id,left\n7,1\n8,1\n" + "".join(f"{number:05d},1\n" for number in (*range(7), *range(9, 20)))),
            "codes",
        )
    assert codes.log() == before


def test_outcomes_of_other_rows_are_refused_and_the_count_is_said(codes, outcomes):
    """Half of them must be about rows of the dataset, in any of its versions; how many are is always in the answer."""
    text = "id,left\n" + "".join(f"{number:05d},1\n" for number in range(11, 30))
    with pytest.raises(DataError, match="of 19 ids, 9 are rows of codes, in any of its versions") as refused:
        codes.outcomes.add(outcomes(text), "codes")
    assert "as a version of codes first" in refused.value.next_step
    kept = codes.outcomes.add(outcomes(text + "00010,0\n"), "codes")
    assert (kept.rows, kept.matched) == (20, 10)


def test_outcomes_of_a_cohort_are_about_rows_of_its_version(codes, outcomes):
    """The newest version or an older one: each row has a place."""
    codes.datasets.add(outcomes("id,age\n" + "".join(f"{number:05d},30\n" for number in range(50, 60))), "codes")
    text = "id,left\n" + "".join(f"{number:05d},1\n" for number in (1, 2, 50, 51))
    assert codes.outcomes.add(outcomes(text), "codes").matched == 4


def test_ids_of_two_types_stop_no_training(ws, tmp_path, outcomes):
    """Numbers first, later codes with letters: both find their rows, and the later outcome of a row wins."""
    rows = pd.DataFrame({"id": range(60), "age": range(60), "left": [0, 1] * 30})
    rows.to_csv(tmp_path / "rows.csv", index=False)
    ws.datasets.add(tmp_path / "rows.csv", "people", target="left", id="id")
    ws.outcomes.add(outcomes("id,left,known_at\n1,0,2024-01-01\n2,0,2024-01-01\n"), "people")
    rows.assign(id=[*map(str, range(59)), "A7"]).drop(columns="left").to_csv(tmp_path / "rows.csv", index=False)
    ws.datasets.add(tmp_path / "rows.csv", "people")
    later = "".join(f"{number},{number % 2},2024-02-01\n" for number in range(2, 59))
    ws.outcomes.add(outcomes(f"id,left,known_at\n{later}A7,1,2024-02-01\n"), "people")
    run = ws.train(STUMP, data="people@2")
    learned = ws.runs.predictions(run.run_id).sort_values("row")
    assert learned["row"].tolist() == list(range(1, 60))
    assert learned["label"].tolist() == [0, *(number % 2 for number in range(2, 59)), 1]
    assert ws.train(STUMP, data="people@1").status == "finished"


def test_outcomes_fill_the_gaps_of_their_own_target_only(ws, tmp_path, outcomes):
    """A set names its id and target, and is joined to versions with the same two."""
    rows = pd.DataFrame({"id": range(60), "age": range(60), "left": [0, 1] * 30, "paid": [0, 1, 1] * 20})
    for target in ("left", "paid"):
        rows.assign(**{target: rows[target].where(rows["id"] < 50)}).to_csv(tmp_path / "rows.csv", index=False)
        ws.datasets.add(tmp_path / "rows.csv", "people", target=target, id="id")
    kept = ws.outcomes.add(outcomes("id,left\n" + "".join(f"{number},1\n" for number in range(50, 60))), "people@1")
    assert (kept.id, kept.target) == ("id", "left")
    assert len(ws.outcomes.known("people@1")) == 10 and ws.outcomes.known("people@2") == {}
    rows = {ref: len(ws.runs.predictions(ws.train(STUMP, data=ref).run_id)) for ref in ("people@1", "people@2")}
    assert rows == {"people@1": 60, "people@2": 50}


def test_outcomes_of_another_coding_fill_no_gap(ws, tmp_path, outcomes):
    """0 and 1 are no classes of a target that has become yes and no."""
    rows = pd.DataFrame({"id": range(60), "age": range(60), "left": [0, 1] * 30})
    rows.to_csv(tmp_path / "rows.csv", index=False)
    ws.datasets.add(tmp_path / "rows.csv", "people", target="left", id="id")
    ws.outcomes.add(outcomes("id,left\n" + "".join(f"{number},1\n" for number in range(50, 60))), "people")
    rows["left"] = rows["left"].map({0: "no", 1: "yes"}).where(rows["id"] < 50)
    rows.to_csv(tmp_path / "rows.csv", index=False)
    ws.datasets.add(tmp_path / "rows.csv", "people", positive="yes")
    learned = ws.runs.predictions(ws.train(STUMP, data="people@2").run_id)
    assert len(learned) == 50 and set(learned["label"]) == {"no", "yes"}


def test_outcomes_need_an_id_and_a_target(ws, tmp_path):
    """Without both they cannot find their rows; the next step says how to name them."""
    (tmp_path / "a.csv").write_text("id,left\n1,0\n")
    ws.datasets.add(tmp_path / "a.csv", name="a", target="left")
    with pytest.raises(InvalidError, match="a@1 has no id") as refused:
        ws.outcomes.add(tmp_path / "a.csv", "a")
    assert "--id" in refused.value.next_step


@pytest.mark.parametrize(
    "spelling", [{0: 0, 1: 1}, {0: "stays", 1: "leaves"}, {0: False, 1: True}], ids=["0/1", "text", "boolean"]
)
def test_a_version_without_its_target_learns_from_the_outcomes_known_now(ws, tmp_path, spelling):
    """Next month's customers come without outcome; training takes those that are known by then, and no other."""
    ws.set_clock("2024-06-01")
    for number, seed in ((1, 1), (2, 2)):
        frame = customers_frame(240, seed)
        frame["churn"] = frame["churn"].map(spelling)
        rows = frame if number == 1 else frame.drop(columns="churn")
        rows.to_csv(tmp_path / "rows.csv", index=False)
        ws.datasets.add(
            tmp_path / "rows.csv", name="customers", target="churn" if number == 1 else None, id="customer_id"
        )
    late = pd.Series("2024-03-01", frame.index).where(frame.index < 200, "2024-09-01")
    frame[["customer_id", "churn"]].assign(known_at=late).to_csv(tmp_path / "outcomes.csv", index=False)
    ws.outcomes.add(tmp_path / "outcomes.csv", "customers")
    run = ws.train(STUMP, data="customers@2")
    learned = ws.runs.predictions(run.run_id).sort_values("row")
    assert learned["row"].tolist() == list(range(200))
    assert learned["label"].tolist() == frame["churn"][:200].tolist()


def test_a_version_without_its_target_knows_the_type_of_its_outcomes(people, outcomes):
    """An earlier version tells it, so another spelling is refused now and not in the middle of a training."""
    people.datasets.add(outcomes("id,age\n1,31\n2,41\n3,51\n"), "people")
    with pytest.raises(DataError, match="'left' is integer in the dataset, but text in"):
        people.outcomes.add(outcomes("id,left\n1,stays\n2,leaves\n"), "people")


def test_outcomes_without_the_positive_class_are_no_training_data(ws, tmp_path):
    """The message names the class that is missing and those that are there."""
    rows = pd.DataFrame({"id": range(60), "age": range(60)})
    rows.assign(left=[0, 1] * 30).to_csv(tmp_path / "one.csv", index=False)
    ws.datasets.add(tmp_path / "one.csv", "people", target="left", id="id", positive="1")
    rows.assign(age=1).to_csv(tmp_path / "two.csv", index=False)
    rows[["id"]].assign(left=[0, 2] * 30).to_csv(tmp_path / "outcomes.csv", index=False)
    ws.datasets.add(tmp_path / "two.csv", "people")
    ws.outcomes.add(tmp_path / "outcomes.csv", "people")
    with pytest.raises(DataError, match="left is never 1, the positive class of people@2, but 0 or 2"):
        ws.train(STUMP, data="people@2")


def test_the_same_outcomes_added_at_once_are_kept_once(people, outcomes):
    """Whoever comes second finds them there."""
    path, together = outcomes("id,left\n1,0\n"), Barrier(4)

    def add(_):
        ws = Workspace.open(people.path)
        together.wait()
        return ws.outcomes.add(path, "people", "2024-01-01").created

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(add, range(4))) == [False, False, False, True]
