"""Scoring: from rows to probabilities to predictions, in one way for every door."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import joblib
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlops import Workspace
from mlops.base.artifacts import Artifacts
from mlops.base.errors import IntegrityError
from mlops.data import tables
from mlops.models import scoring
from mlops.models.matrix import Cells
from mlops.models.scoring import decide, probabilities
from mlops.models.signature import Signature


def signature(task: str, labels: tuple, positive=None) -> Signature:
    return Signature.of(
        {"features": (), "target": "y", "task": task, "labels": labels, "positive": positive, "ignored": ()}
    )


YES_OR_NO = signature("binary", ("no", "yes"), "yes")


@given(st.floats(0, 1), st.floats(0.01, 0.99))
def test_a_probability_at_the_threshold_counts_as_positive(score, threshold):
    """Not less is enough: the threshold belongs to the positive side."""
    assert decide(np.array([score]), YES_OR_NO, threshold) == ["yes" if score >= threshold else "no"]
    assert decide(np.array([threshold]), YES_OR_NO, threshold) == ["yes"]


@pytest.mark.parametrize(
    ("labels", "positive", "negative"),
    [((0, 1), 1, 0), ((0, 1), 0, 1), ((False, True), True, False), (("a", "b"), "a", "b"), ((1.5, 2.5), 2.5, 1.5)],
)
def test_predictions_are_spelled_as_the_target_is(labels, positive, negative):
    """A label keeps its own type, and either class may be the positive one."""
    predicted = decide(np.array([0.9, 0.1]), signature("binary", labels, positive), 0.5)
    assert predicted == [positive, negative]
    assert [type(label) for label in predicted] == [type(positive)] * 2


def test_of_several_classes_the_most_likely_wins():
    """The threshold is for two classes only."""
    choice = signature("multiclass", ("a", "b", "c"))
    assert decide(np.array([[0.2, 0.5, 0.3], [0.6, 0.1, 0.3]]), choice, 0.99) == ["b", "a"]


def test_a_regression_answers_the_number():
    """As plain floats, ready for JSON."""
    [answer] = decide(np.array([1.25]), signature("regression", ()), 0.5)
    assert (answer, type(answer)) == (1.25, float)


@pytest.mark.parametrize(
    ("task", "labels", "shape"), [("binary", (0, 1), (0,)), ("multiclass", (0, 1, 2), (0, 3)), ("regression", (), (0,))]
)
def test_no_rows_have_no_scores(task, labels, shape):
    """An empty block of a file asks the model nothing."""
    learned = signature(task, labels, 1 if task == "binary" else None)
    scores = probabilities(None, Cells.of_rows([], learned), learned)
    assert scores.shape == shape and decide(scores, learned, 0.5) == []


def test_rows_become_what_training_saw(released):
    """Plain values and the table of the dataset give the same cells: types, order and missing values."""
    model, table = released.models.load("@production"), released.datasets.table("customers")
    rows = [dict(reversed(row.items())) for row in table.slice(0, 50).to_pylist()]
    cells, expected = Cells.of_rows(rows, model.signature), tables.frame_of(table.slice(0, 50), model.signature.names)
    texts = [one["name"] for one in model.signature.features if one["type"] == "text"]
    whole = Cells.of_table(table.slice(0, 50), model.signature)
    assert np.isnan(cells.numbers).any() and max(len(levels) for levels, _ in whole.texts) < 50
    for one in (cells, whole):
        assert one.shape == expected.shape and one.numbers.dtype == float
        np.testing.assert_array_equal(one.numbers, expected.drop(columns=texts).to_numpy())
        for name, (levels, places) in zip(texts, one.texts, strict=True):
            assert [levels[place] for place in places] == expected[name].where(expected[name].notna(), None).tolist()


def test_the_probability_is_that_of_the_positive_class_also_where_it_is_the_first(trained, customers_csv):
    """Predicting the zeros gives the complement of predicting the ones."""
    trained.datasets.add(customers_csv, name="stayers", target="churn", id="customer_id", positive="0")
    kept, left = (
        trained.runs.predictions(trained.train("model: {type: logistic_regression}\n", data=data).run_id)["probability"]
        for data in ("stayers", "customers")
    )
    np.testing.assert_allclose(kept + left, 1)


# Models in memory


@pytest.fixture
def work(monkeypatch) -> list[str]:
    """The joblib files that are read, and "unpickled" for each that is loaded; nothing is in memory at first."""
    done: list[str] = []
    read, load = Artifacts.read, joblib.load

    def reading(self: Artifacts, path: str, sha256: str) -> bytes:
        done.extend([path] if path.endswith(".joblib") else [])
        return read(self, path, sha256)

    monkeypatch.setattr(Artifacts, "read", reading)
    monkeypatch.setattr(joblib, "load", lambda file: done.append("unpickled") or load(file))
    monkeypatch.setattr(scoring, "_kept", {})
    return done


@pytest.fixture
def row(released) -> dict:
    return dict(released.models.metadata("@production")["examples"][0]["row"])


def test_a_model_that_was_asked_once_is_neither_read_nor_loaded_again(released, row, work):
    """By nobody of this process: not for the next row, a file, a what-if, the gate; nor loaded for another workspace."""
    answer = released.predict("@production", row)
    live, other = released.models.path("@production"), released.models.load("churn_model@1.0.0")
    asked = [path.rpartition("/")[2] for path in work]
    assert asked == [live.name, "unpickled", "churn_model_v1.0.0.joblib", "unpickled"]

    again = Workspace.open(released.path)
    assert again.predict("@production", row).scores == answer.scores
    assert again.predictions.what_if(again.models.load("@production"), other).compared == 2
    assert again.gate("churn_model@1.0.0").rows and len(work) == len(asked)
    fork = released.fork(released.path.parent / "fork")
    assert fork.predict("@production", row).scores == answer.scores and work.count("unpickled") == 2


def in_place(file):
    """One bit, the size as before."""
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    file.write_bytes(data)


@pytest.mark.parametrize("damage", [in_place, lambda file: file.unlink(), lambda file: file.write_bytes(b"")])
def test_a_file_that_was_changed_after_the_first_answer_is_noticed(released, row, work, damage):
    """What is in memory is not what is there; once the file is as it was, the model answers as before."""
    answer, file = released.predict("@production", row), released.models.path("@production")
    good = file.read_bytes()
    damage(file)
    for _ in range(2):
        with pytest.raises(IntegrityError, match="not the file that was recorded"):
            released.predict("@production", row)
    file.write_bytes(good)
    assert released.predict("@production", row).scores == answer.scores and work.count("unpickled") == 1


def test_what_another_process_makes_live_answers_the_next_row(released, row):
    """A model in memory is asked only as long as it is the live one."""
    assert released.predict("@production", row).model_version == "1.1.0"
    line = ["rollback", "--env", "production", "--reason", "complaints", "--workspace", str(released.path)]
    subprocess.run([sys.executable, "-m", "mlops", *line], check=True, capture_output=True)
    assert released.predict("@production", row).model_version == "1.0.0"


def test_the_models_that_were_asked_last_stay_in_memory(released, row, work, monkeypatch):
    """A few at a time, for a forest can fill the memory."""
    monkeypatch.setattr(scoring, "KEPT", 1)
    for ref in ("churn_model@1.0.0", "churn_model@1.1.0", "churn_model@1.1.0", "churn_model@1.0.0"):
        released.predict(ref, row)
    assert work.count("unpickled") == 3 and len(scoring._kept) == 1


def test_threads_share_a_model(released, work):
    """Rows that are asked at once get the answers they get one after the other."""
    model = released.models.get("@production")
    parts = [released.datasets.table("customers").slice(start, 20) for start in range(64)]

    def asked(part):
        loaded = released.models.load(model)
        return probabilities(loaded.pipeline, Cells.of_table(part, loaded.signature), loaded.signature).tolist()

    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(asked, parts))
    assert together == [asked(part) for part in parts] and len(scoring._kept) == 1
