"""Releases: going back never lands on the wrong model, and a preview looks before it compares."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from mlops import Workspace
from mlops.base.errors import ConflictError, IntegrityError, InvalidError, NotFoundError, RefusedError
from mlops.release.gate import Gate
from tests.conftest import LOGISTIC, STUMP, customers_frame


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
    [why] = [check["why"] for check in retyped.releases.live("staging").gate["checks"] if check["name"] == "schema"]
    assert why == "Callers must now send, or send as another type: age."
    assert not retyped.deployments.preview("staging").compatible
    with pytest.raises(RefusedError, match="nor customers@2 has: age"):
        retyped.rollback("staging", "complaints")


def test_requests_that_the_other_model_refuses_are_not_compared(retyped):
    """A text where the earlier model takes a number is no crash."""
    now, before = (retyped.models.load(f"churn_model@{version}") for version in ("latest", "1.1.0"))
    assert retyped.predictions.what_if(now, before).compared == 0
    assert retyped.predictions.what_if(now, now).compared == 1


def test_a_rollback_never_lands_on_the_model_that_is_live(released):
    """First, second, first again: once the second is rejected, nothing earlier is left."""
    released.deploy("churn_model@1.0.0", "staging", "the old one, again")
    released.rollback("production", "complaints")
    released.models.reject("churn_model@1.1.0", "biased")

    with pytest.raises(RefusedError, match=r"All that was live in staging before is rejected \(1\.1\.0\)"):
        released.rollback("staging", "complaints")


def test_a_version_that_is_rejected_while_it_is_judged_does_not_go_live(released, monkeypatch):
    """The rejection came first, so the deployment is refused under the write lock, and nothing of it is recorded."""
    somebody_else, judge = Workspace.open(released.path), Gate.evaluate
    released.rollback("production", "complaints")
    released.rollback("staging", "complaints")

    def judge_slowly(*arguments):
        monkeypatch.undo()
        report = judge(*arguments)
        somebody_else.models.reject("churn_model@1.1.0", "biased")
        return report

    monkeypatch.setattr(Gate, "evaluate", judge_slowly)
    with pytest.raises(RefusedError, match="was rejected in the meantime"):
        released.deploy("churn_model@1.1.0", "development", "try")
    assert released.releases.timeline("development") == [] and released.log()[-1]["kind"] == "model.reject"


def test_a_release_while_a_rollback_is_judged_wins(released, monkeypatch):
    """The evidence is for a live model that is no longer live, so the rollback is refused under the write lock."""
    somebody_else, judge = Workspace.open(released.path), Gate.ill

    def judge_slowly(*arguments):
        monkeypatch.undo()
        answer = judge(*arguments)
        somebody_else.deployments.deploy("churn_model@1.0.0", "staging", "I was first")
        return answer

    monkeypatch.setattr(Gate, "ill", judge_slowly)
    with pytest.raises(ConflictError, match=r"churn_model@1\.0\.0 is live now"):
        released.rollback("staging", "complaints")
    assert [one.reason for one in released.releases.timeline("staging")][2:] == ["I was first"]


def test_a_model_that_answers_otherwise_than_when_it_was_trained_fails_and_is_never_live(released, monkeypatch):
    """Right bytes, other packages: the health check records a failed deployment, and what was live stays live."""
    model = released.models.register(released.train(LOGISTIC, seed=1), "churn_model")
    monkeypatch.setattr(LogisticRegression, "predict_proba", lambda self, rows: np.full((rows.shape[0], 2), 0.5))

    with pytest.raises(IntegrityError, match="failed its health check and never went live") as failed:
        released.deploy(model, "staging", "rehearsal")

    assert "requirements.txt" in failed.value.next_step
    last = released.releases.timeline("staging")[-1]
    assert (last.status, last.since, last.model["version"]) == ("failed", None, model.version)
    assert released.releases.live("staging").model["version"] == "1.1.0"


def test_a_model_that_cannot_answer_at_all_fails_in_words(released, monkeypatch):
    """Whatever comes out of another package's code is told, with the next step."""
    model = released.models.register(released.train(LOGISTIC, seed=1), "churn_model")
    monkeypatch.delattr(LogisticRegression, "predict_proba")

    with pytest.raises(IntegrityError, match="cannot answer its examples: AttributeError"):
        released.deploy(model, "development", "try")

    assert [one.status for one in released.releases.timeline("development")] == ["failed"]


# Several names


def test_a_release_of_one_name_leaves_the_others_live(two_live):
    """It replaces its own earlier version; the other name goes on, without an end in any answer."""
    before = two_live.releases.timeline("staging", "guest_model")

    back = two_live.rollback("staging", "complaints", model="churn_model")
    again = two_live.deploy("churn_model@1.1.0", "staging", "it was the network")

    assert [(one.model["name"], one.replaced["version"]) for one in (back, again)] == [
        *(("churn_model", "1.1.0"), ("churn_model", "1.0.0"))
    ]
    assert two_live.releases.timeline("staging", "guest_model") == before and before[-1].until is None
    assert [one.model["name"] for one in two_live.releases.all_live("staging")] == ["guest_model", "churn_model"]
    assert two_live.releases.newest_live("staging") == again


def test_a_release_of_another_name_is_no_conflict(two_live):
    """What a person saw live under this name still is; under the other it no longer is."""
    seen = {name: two_live.releases.live("staging", name).deployment_id for name in ("churn_model", "guest_model")}
    two_live.rollback("staging", "complaints", model="guest_model", expected=seen["guest_model"])

    assert (
        two_live.rollback("staging", "x", to="churn_model@1.0.0", expected=seen["churn_model"]).model["version"]
        == "1.0.0"
    )
    with pytest.raises(ConflictError, match="in the meantime: guest_model@1.0.0 is live now"):
        two_live.deploy("guest_model@1.1.0", "staging", "x", expected=seen["guest_model"])


def test_a_name_of_which_nothing_is_left_is_not_rolled_back_to_another_name(released):
    """Its stack holds its own versions only."""
    other = released.models.register(released.runs.list()[0], "other")
    released.deploy(other, "staging", "rehearsal")

    with pytest.raises(RefusedError, match="Nothing earlier was live in staging as other"):
        released.rollback("staging", "complaints", model="other")
    with pytest.raises(NotFoundError, match="'other' is not live in production; churn_model 1.1.0 is"):
        released.rollback("production", "complaints", model="other")


# Refusals


BAD = "model: {type: dummy}\ntraining: {test_size: 0.5}\n"
"""A model that the gate of production refuses."""


@pytest.mark.parametrize(
    ("act", "error", "said"),
    [
        (lambda ws: ws.deploy("@production", "production", "again"), ConflictError, "is live in production already"),
        (lambda ws: ws.deploy("churn_model@1.0.0", "production", " "), InvalidError, "without a reason"),
        (lambda ws: ws.deploy("churn_model@1.0.0", "prod", "x"), InvalidError, "'prod' is not an environment"),
        (lambda ws: ws.deploy("churn_model@7.0.0", "staging", "x"), NotFoundError, "has no version '7.0.0'"),
        (lambda ws: ws.deploy("churn_model@1.0.0", "staging", "x" * 2001), InvalidError, "at most 2000"),
        (lambda ws: ws.deploy("churn_model@1.0.0", "staging", "x", expected="d0"), ConflictError, "in the meantime"),
        (lambda ws: ws.rollback("production", ""), InvalidError, "without a reason"),
        (lambda ws: ws.rollback("development", "x"), NotFoundError, "Nothing is live in development"),
        (lambda ws: ws.rollback("production", "x", to="1.1.0"), ConflictError, "is live in production already"),
        (lambda ws: ws.rollback("production", "x", to="9.0.0"), NotFoundError, "These were: 1.0.0, 1.1.0"),
        (lambda ws: ws.rollback("production", "x", to="other@1.0.0"), NotFoundError, "'other@1.0.0' was never live"),
        (lambda ws: ws.rollback("production", "x", expected="d0"), ConflictError, "Somebody else changed production"),
    ],
)
def test_a_refused_release_changes_nothing(released, act, error, said):
    """The value and the rule are said, the next step too, and the history ends where it ended."""
    head = released.head()
    with pytest.raises(error, match=said) as refused:
        act(released)
    assert refused.value.next_step and released.head() == head


def test_a_release_that_the_gate_refuses_leaves_only_the_answer_of_the_gate(released):
    """One event more, and it deploys nothing; the next step names the command that would help."""
    model = released.models.register(released.train(BAD), "churn_model")
    before, head = released.releases.timeline("production"), released.head()
    with pytest.raises(RefusedError, match="has never been live in staging") as refused:
        released.deploy(model, "production", "hurry")
    assert [event["kind"] for event in released.log(head)] == ["gate.evaluate"]
    assert released.releases.timeline("production") == before
    assert f"mlops deploy {model.ref} --env staging" in refused.value.next_step


@pytest.mark.parametrize("to", ["1.0.0", "v1.0.0", "churn_model@1.0.0", "churn_model@v1.0.0"])
def test_a_rollback_may_name_its_target_as_people_write_it(released, to):
    """With or without v, with or without the name."""
    assert released.rollback("production", "complaints", to=to).model["version"] == "1.0.0"


def test_nobody_rolls_back_to_damaged_bytes(released):
    """What cannot be loaded cannot take over, and what is live stays live."""
    path = released.models.path("churn_model@1.0.0")
    path.unlink()
    path.write_bytes(b"something else")
    head = released.head()
    assert not released.deployments.preview("production").compatible
    with pytest.raises(RefusedError, match=r"churn_model@1\.0\.0 cannot take over production"):
        released.rollback("production", "complaints")
    assert released.head() == head and released.releases.live("production").model["version"] == "1.1.0"


def test_a_rollback_does_not_ask_for_statistics(released):
    """The earlier model is worse on the same rows, and in an emergency that is no reason to wait."""
    assert released.gate("churn_model@1.0.0").outcome == "fail"
    back = released.rollback("production", "wrong prices")
    assert (back.action, back.gate, back.replaced["version"]) == ("rollback", None, "1.1.0")


def test_the_preview_counts_requests_whatever_version_answered_them(two_live, monkeypatch):
    """The newest of this environment and name, or those since an instant; another name's or place's do not count."""
    rows = two_live.datasets.table("customers").slice(0, 5).to_pylist()
    for number, row in enumerate(rows):
        two_live.set_clock(f"2024-04-0{2 + number}T09:00:00Z")
        two_live.predict("churn_model@production", row)
        two_live.predict("churn_model@staging", row)
        two_live.predict("guest_model@production", row)
    two_live.rollback("production", "complaints", model="churn_model")
    two_live.deploy("churn_model@1.1.0", "production", "again")

    def compared(**how):
        return two_live.deployments.preview("production", model="churn_model", **how).compared

    assert (compared(), compared(since="2024-04-04T09:00:00Z")) == (5, 3)
    two_live.deploy("churn_model@1.0.0", "production", "another version answers now", override="on purpose")
    assert compared() == 5
    monkeypatch.setattr("mlops.release.predictions.WHAT_IF", 2)
    assert (compared(), compared(since="2024-04-04T09:00:00Z")) == (2, 3)


def test_the_preview_counts_the_answers_that_would_change(released):
    """On the requests that were logged for the live model, counted by hand; and the change of the metric is said."""
    rows = released.datasets.table("customers").slice(0, 12).to_pylist()
    for row in rows:
        released.predict("@production", row)
    preview = released.deployments.preview("production")
    answers = [
        [released.predict(f"churn_model@{version}", row).prediction for row in rows] for version in ("1.0.0", "1.1.0")
    ]
    assert (preview.compared, preview.flipped) == (12, sum(a != b for a, b in zip(*answers, strict=True)))
    change = preview.metric_change
    assert (change["metric"], change["rows"]) == ("auc", 300) and change["to"] - change["from"] == change["change"] < 0
