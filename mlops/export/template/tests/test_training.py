"""Training: whoever trains again gets the same model, and the kept one is the one that was measured."""

import json

import numpy as np
import pyarrow.parquet as pq
import pytest

from src.config import load_config, load_project
from src.data import load_data
from src.features import prepare_features
from src.predict import load_model, scores_of
from src.train import save_model, train

PROJECT = load_project()
CONFIG = load_config(PROJECT["config"])
RUN = json.loads((PROJECT["experiment"] / "run.json").read_text(encoding="utf-8"))

unseeded = CONFIG["training"]["random_state"] is None
seeded = pytest.mark.skipif(unseeded, reason="It was trained without a seed: nobody can get the same model again.")


@pytest.fixture(scope="module")
def trained():
    """A training as the config says, now."""
    return train(CONFIG, PROJECT["data"])


@seeded
def test_training_again_gives_the_same_predictions(trained):
    """Data, config, code, packages and seed are those of the first training: so is the score of every row."""
    assert trained[1]["predictions_sha256"] == RUN["predictions_sha256"]


@seeded
def test_training_again_gives_the_same_metrics(trained):
    """As good as the model card says, on the same rows."""
    for part, found in trained[1]["metrics"].items():
        known = {metric: value for metric, value in RUN["metrics"][part].items() if value is not None}
        assert {metric: found[metric] for metric in known} == pytest.approx(known, rel=1e-9)


def test_the_kept_model_gave_the_recorded_predictions():
    """The file that answers is the one that was measured: every row of every part, to the last digit."""
    model, (table, rows, note) = load_model(PROJECT["model"]), load_data(PROJECT["data"])
    recorded = pq.read_table(PROJECT["experiment"] / "predictions.parquet").to_pandas()
    features, _ = prepare_features(table, note, CONFIG)
    scores = scores_of(model.pipeline, features.iloc[np.searchsorted(rows, recorded["row"])], model.signature)
    columns = [name for name in recorded.columns if name.startswith(("probability", "prediction"))]
    np.testing.assert_array_equal(scores.reshape(len(recorded), -1), recorded[columns].to_numpy())


def test_what_is_kept_can_be_loaded_and_a_changed_file_is_refused(trained, tmp_path):
    """A model file is checked against the hash beside it before it is loaded."""
    path = save_model("tried", *trained, CONFIG, folder=tmp_path)
    assert load_model(path).about["version"] == "tried"
    path.write_bytes(path.read_bytes() + b" ")
    with pytest.raises(ValueError, match="its hash is another one"):
        load_model(path)
