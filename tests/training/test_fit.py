"""Fitting in view: the same model as out of sight, and points that are true."""

from __future__ import annotations

import ast
import hashlib
import inspect
import io
from dataclasses import replace

import joblib
import numpy as np
import pytest
from sklearn import metrics
from threadpoolctl import threadpool_limits

from mlops.base.errors import Cancelled, InvalidError
from mlops.experiments import configs
from mlops.experiments.progress import Progress
from mlops.models import estimators
from mlops.training import fit, preparation, workers
from tests.conftest import LOGISTIC, STUMP

SMALL = {
    "gradient_boosting": {"n_estimators": 70, "max_depth": 2},
    "random_forest": {"n_estimators": 70},
    "hist_gradient_boosting": {"max_iter": 70},
}
COUNT = {"gradient_boosting": "n_estimators", "random_forest": "n_estimators", "hist_gradient_boosting": "max_iter"}
TASKS = ("binary", "multiclass", "regression")


@pytest.fixture(scope="module")
def rows():
    """Features and labels by split, for each task."""
    random = np.random.default_rng(3)
    features = {"train": random.normal(size=(300, 5)), "validation": random.normal(size=(80, 5))}
    pull = {
        part: matrix @ [1.0, -1.0, 0.5, 0, 0] + random.normal(size=len(matrix)) for part, matrix in features.items()
    }
    return features, {
        "binary": {part: np.where(values > 0, "yes", "no").astype(object) for part, values in pull.items()},
        "multiclass": {part: np.digitize(values, [-1, 1]) for part, values in pull.items()},
        "regression": pull,
    }


def fitted(type, task, rows, tell=lambda *_: None, **changes):
    features, labels = rows
    model = estimators.find(type).build(SMALL.get(type, {}) | changes, task, 5)
    fit.learn(type, model, features, labels[task], task, tell)
    return model


def plain(type, task, rows, **changes):
    features, labels = rows
    model = estimators.find(type).build(SMALL.get(type, {}) | changes, task, 5)
    with threadpool_limits(1):
        return model.fit(features["train"], labels[task]["train"])


def dumped(model) -> bytes:
    joblib.dump(model, buffer := io.BytesIO())
    return buffer.getvalue()


def points(type, task, rows, **changes) -> list[fit.Point]:
    told = []
    fitted(type, task, rows, lambda done, of, point: told.append(point), **changes)
    return [point for point in told if point]


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("type", SMALL)
def test_a_model_that_was_watched_is_the_same_byte_for_byte(rows, type, task):
    """As one call of scikit-learn's own fit gives it."""
    assert dumped(fitted(type, task, rows)) == dumped(plain(type, task, rows))


@pytest.mark.parametrize("task", TASKS)
def test_so_is_one_that_draws_rows(rows, task):
    """Each tree of this model sees another half of the rows."""
    half = {"subsample": 0.5}
    assert dumped(fitted("gradient_boosting", task, rows, **half)) == dumped(
        plain("gradient_boosting", task, rows, **half)
    )


@pytest.mark.parametrize("type", ["logistic_regression", "k_neighbors", "dummy"])
def test_a_type_without_iterations_is_fitted_and_tells_nothing(rows, type):
    """There is nothing between its beginning and its end."""
    assert points(type, "binary", rows) == []
    assert dumped(fitted(type, "binary", rows)) == dumped(plain(type, "binary", rows))


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("type", SMALL)
def test_a_point_is_what_a_model_of_so_many_trees_scores(rows, type, task):
    """Checked against models that were trained for fewer iterations, with scikit-learn's metrics."""
    features, labels = rows
    told, drawn = points(type, task, rows), {"train": fit.scored_rows(300, 80), "validation": slice(None)}
    for point in (told[0], told[len(told) // 2], told[-1]):
        model = plain(type, task, rows, **{COUNT[type]: point.iteration})
        for part in fit.PARTS:
            seen, truth = features[part][drawn[part]], labels[task][part][drawn[part]]
            if task == "regression":
                expected = metrics.root_mean_squared_error(truth, model.predict(seen))
            else:
                expected = metrics.log_loss(truth, model.predict_proba(seen), labels=model.classes_)
            assert getattr(point, part) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize(
    ("type", "most"), [("gradient_boosting", 60), ("random_forest", 20), ("hist_gradient_boosting", 60)]
)
def test_a_curve_has_few_points_and_ends_with_the_model(rows, type, most):
    """More than a screen can show would only cost time; the last point is that of the finished model."""
    told = points(type, "binary", rows)
    iterations = [point.iteration for point in told]
    assert len(told) == most and iterations == sorted(set(iterations)) and iterations[-1] == 70
    assert [point.iteration for point in points(type, "binary", rows, **{COUNT[type]: 2})] == [1, 2]


def test_every_tree_of_boosting_is_heard_of(rows):
    """So that a person who cancels need not wait for the next point."""
    heard = []
    fitted("gradient_boosting", "binary", rows, lambda done, of, _: heard.append((done, of)))
    assert heard == [(number, 70) for number in range(1, 71)]


def test_the_curve_of_a_histogram_boosting_comes_when_it_has_ended(rows):
    """Nothing public tells of its iterations while it learns, so nothing claims that some of them are done."""
    features, labels = rows
    model, heard = estimators.find("hist_gradient_boosting").build({"max_iter": 70}, "binary", 5), []

    def tell(done, of, point):
        heard.append((done, of, point.iteration, model.n_iter_))

    fit.learn("hist_gradient_boosting", model, features, labels["binary"], "binary", tell)
    assert [(done, of, trees) for done, of, _, trees in heard] == [(70, 70, 70)] * 60
    assert [iteration for _, _, iteration, _ in heard][:2] == [1, 2] and heard[-1][2] == 70


def test_nothing_that_scikit_learn_calls_private_is_used():
    """A new release of it may change whatever begins with an underscore."""
    used = [node for node in ast.walk(ast.parse(inspect.getsource(fit))) if isinstance(node, ast.Attribute)]
    private = {ast.unparse(node) for node in used if node.attr.startswith("_")}
    assert {name for name in private if not name.startswith("self.")} == set()


def test_a_boosting_that_ends_early_ends_its_curve_there():
    """On more than 10,000 rows scikit-learn stops a histogram boosting that does not get better."""
    random = np.random.default_rng(3)
    features = {"train": random.normal(size=(11_000, 2)), "validation": random.normal(size=(80, 2))}
    labels = {part: random.integers(0, 2, len(matrix)) for part, matrix in features.items()}
    sets, told = (features, {"binary": labels}), []
    model = fitted("hist_gradient_boosting", "binary", sets, lambda *all: told.append(all), max_iter=900)
    assert 1 < model.n_iter_ < 900 and dumped(model) == dumped(
        plain("hist_gradient_boosting", "binary", sets, max_iter=900)
    )
    done, of, point = told[-1]
    assert (done, of, point.iteration) == (model.n_iter_,) * 3
    assert point.validation == pytest.approx(
        metrics.log_loss(labels["validation"], model.predict_proba(features["validation"]))
    )


@pytest.mark.parametrize("type", SMALL)
def test_whoever_listens_can_end_it(rows, type):
    """What the listener raises arrives at the caller."""

    def stop(*_):
        raise Cancelled("enough", "go on")

    with pytest.raises(Cancelled, match="enough"):
        fitted(type, "binary", rows, stop)


def test_a_class_that_was_never_trained_costs_what_an_impossible_one_costs(rows):
    """A split in time can leave a class for later; the loss is large, but a number."""
    features, labels = rows
    later = {"train": labels["multiclass"]["train"], "validation": labels["multiclass"]["validation"] + 1}
    told = points("gradient_boosting", "multiclass", (features, {"multiclass": later}))
    assert all(1 < point.validation < -np.log(np.finfo(float).eps) for point in told)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")  # of numbers that are too large, which is the point
def test_a_model_that_diverges_is_given_up_with_the_reason(rows):
    """Each tree overshoots the one before it by more, until there is no number for the loss."""
    with pytest.raises(InvalidError, match="the model diverges"):
        points("gradient_boosting", "regression", rows, n_estimators=2000, learning_rate=10.0)


# A function of its arguments


def test_a_fit_knows_no_ledger_and_no_file():
    """Neither by name, nor by what is handed in: so it can run wherever its arguments can be brought."""
    imported = {
        f"{node.module}.{alias.name}"
        for node in ast.walk(ast.parse(inspect.getsource(fit)))
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    words = ("ledger", "artifacts", "workspace", "lifecycle", "Runs", "Datasets", "pathlib")
    assert not [name for name in imported if any(word in name for word in words)]
    assert list(inspect.signature(fit.fit).parameters) == ["config", "prepared", "progress"]


@pytest.mark.parametrize("recipe", [STUMP, LOGISTIC], ids=["dense", "sparse"])
def test_a_fit_gives_the_bytes_that_every_door_records(trained, recipe):
    """Called by hand, by `train`, by a worker or by a sweep; called again, it gives them again."""
    run = trained.train(recipe)
    queued = trained.submit(recipe, pool=_Nobody())
    workers.work(str(trained.path), queued.run_id, "ada")
    [trial] = trained.sweep(recipe, {"training.random_state": [42]}).trials
    config, version = configs.load(recipe), trained.datasets.get("customers@1")
    silent = Progress("by hand")
    prepared, _ = preparation.prepare(
        trained._ledger, trained._artifacts, version, config, replace(run, run_id="r0"), silent, anew=True
    )
    before = sorted(trained.path.rglob("*"))

    by_hand = [fit.fit(config, prepared, silent) for _ in range(2)]

    recorded = {(one.model_sha256, one.predictions_sha256) for one in (run, trained.runs.get(queued.run_id), trial)}
    assert recorded == {
        (hashlib.sha256(one.model).hexdigest(), hashlib.sha256(one.predictions).hexdigest()) for one in by_hand
    }
    assert by_hand[0].metrics == run.metrics and by_hand[0].rows_sha256 == run.rows_sha256
    assert sorted(trained.path.rglob("*")) == before


class _Nobody(workers.Pool):
    """A pool that starts nothing."""

    def adopt(self, *_):
        """Leave in the queue what waits there."""
