"""Releases: going back never lands on the wrong model, and a preview looks before it compares."""

from __future__ import annotations

from tests.conftest import STUMP, customers_frame


def test_a_preview_compares_the_requests_that_both_models_can_answer(released, tmp_path):
    """A feature that has another type in the earlier model makes its requests incomparable, not a crash."""
    frame = customers_frame()
    frame["age"] = "a" + frame["age"].astype(str)
    frame.to_csv(csv := tmp_path / "other.csv", index=False)
    released.datasets.add(csv, "customers")
    model = released.models.register(released.train(STUMP), "churn_model")
    released.deploy(model, "staging", "ages are codes now")
    released.predict("@staging", released.models.metadata(model.ref)["examples"][0]["row"])

    preview = released.rollback_preview("staging")

    assert (preview.compared, preview.flipped) == (0, 0)
