"""Releases: going back never lands on the wrong model, and a preview looks before it compares."""

from __future__ import annotations

import pytest

from mlops import Workspace
from mlops.errors import RefusedError
from tests.conftest import STUMP, customers_frame


@pytest.fixture
def retyped(released, tmp_path):
    """A workspace whose staging has a model that takes age as text, and one logged request of it."""
    frame = customers_frame()
    frame["age"] = "a" + frame["age"].astype(str)
    frame.to_csv(csv := tmp_path / "other.csv", index=False)
    released.datasets.add(csv, "customers")
    model = released.models.register(released.train(STUMP), "churn_model")
    released.deploy(model, "staging", "ages are codes now")
    released.predict("@staging", released.models.metadata(model.ref)["examples"][0]["row"])
    return released


def test_a_feature_of_another_type_is_another_feature(retyped):
    """The gate says that callers must send it so now, and nobody goes back to a type that nothing has any more."""
    [why] = [check["why"] for check in retyped.live("staging").gate["checks"] if check["name"] == "schema"]
    assert why == "Callers must now send, or send as another type: age."
    assert not retyped.rollback_preview("staging").compatible
    with pytest.raises(RefusedError, match="nor customers@2 has: age"):
        retyped.rollback("staging", "complaints")


def test_requests_that_the_other_model_refuses_are_not_compared(retyped):
    """A text where the earlier model takes a number is no crash."""
    now, before = (retyped.models.load(f"churn_model@{version}") for version in ("latest", "1.1.0"))
    assert retyped.predictions.what_if(now, before) == (0, 0)
    assert retyped.predictions.what_if(now, now) == (1, 0)


def test_a_rollback_never_lands_on_the_model_that_is_live(released):
    """First, second, first again: once the second is rejected, nothing earlier is left."""
    released.deploy("churn_model@1.0.0", "staging", "the old one, again")
    released.rollback("production", "complaints")
    released.models.reject("churn_model@1.1.0", "biased")

    with pytest.raises(RefusedError, match="Nothing earlier was live in staging"):
        released.rollback("staging", "complaints")


def test_a_version_that_is_rejected_while_it_is_judged_does_not_go_live(released):
    """The rejection came first, so the deployment is refused under the write lock, and nothing of it is recorded."""
    somebody_else, judge = Workspace.open(released.path), released.releases._gate.evaluate
    released.rollback("production", "complaints")
    released.rollback("staging", "complaints")

    def judge_slowly(*arguments):
        report = judge(*arguments)
        somebody_else.models.reject("churn_model@1.1.0", "biased")
        return report

    released.releases._gate.evaluate = judge_slowly
    with pytest.raises(RefusedError, match="was rejected in the meantime"):
        released.deploy("churn_model@1.1.0", "development", "try")
    assert released.timeline("development") == [] and released.log()[-1]["kind"] == "model.reject"
