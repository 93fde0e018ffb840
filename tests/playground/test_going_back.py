"""Going back on the Release screen: any earlier version, what would change, and what happens next; and rejecting."""

from __future__ import annotations

import json

import pytest

from mlops import Workspace
from mlops.base.errors import InvalidError, RefusedError
from playground import rejection
from tests.conftest import STUMP, customers_frame
from tests.screens import button, open_page, words_on


@pytest.fixture
def busy(released, monkeypatch) -> Workspace:
    """Three versions were live in production, the last one is; 30 requests were answered by it."""
    released.set_clock("2024-03-15T18:00:00Z")
    model = released.models.register(released.train(STUMP, overrides={"model.n_estimators": 2}), "churn_model")
    released.deploy(model, "staging", "rehearsal")
    released.deploy(model, "production", "third", override="on purpose")
    rows = customers_frame(rows=30).drop(columns=["churn", "signed_up"])
    for row in json.loads(rows.to_json(orient="records")):
        released.predict("@production", row)
    monkeypatch.setenv("MLOPS_WORKSPACE", str(released.path))
    return released


def going_back():
    return open_page("release", view="Roll back")


def choose(at):
    return next(one for one in at.selectbox if one.label == "Go back to")


def test_any_earlier_version_can_be_chosen_and_the_preview_follows(busy):
    """Newest first, with when it was live and why; the sentence counts what that version would answer otherwise."""
    at = going_back()
    assert [option.split(" · ")[0] for option in choose(at).options] == ["v1.1.0", "v1.0.0"]
    assert choose(at).options[1] == "v1.0.0 · live 15 Jan 2024 09:00 – 1 Mar 2024 09:00 UTC · release"
    for version in ("1.1.0", "1.0.0"):
        at = choose(at).set_value(version).run()
        preview = busy.deployments.preview("production", to=version)
        assert not at.exception and preview.compared == 30
        said = f"{preview.flipped} of 30 logged requests" if preview.flipped else "answers all 30 logged requests"
        assert said in words_on(at) and f"Roll back to v{version}" in words_on(at)
    assert "stays grey, with the version that gave it" in words_on(at)


def test_a_request_that_comes_while_one_looks_is_counted(busy):
    """It is no event, and changes the preview all the same."""
    at = going_back()
    assert "30 logged requests" in words_on(at)
    row = busy.models.metadata("@production")["examples"][0]["row"]
    busy.predict("@production", row)
    assert "31 logged requests" in words_on(at.run())


def test_after_a_rollback_the_dots_rest_and_the_next_steps_are_said(busy):
    """What is live, why, what happens to requests and to what was sent; and a way to yet another version."""
    at = choose(going_back()).set_value("1.0.0").run()
    at.text_input(key="release.because").set_value("complaints since five").run()
    at = button(at, "Roll back to v1.0.0").click().run()
    assert busy.releases.live("production").model["version"] == "1.0.0"
    said = words_on(at).replace("\\", "")
    assert "complaints since five" in said and "every new request is answered by v1.0.0" in said
    assert (
        "What was already sent stays as it was" in said
        and "v1.0.0 answers all 30 logged requests as v1.2.0 does." in said
    )
    assert not any("Roll back to" in one.label for one in at.button)
    at = button(at, "Choose another version").click().run()
    assert choose(at).options[0].startswith("v1.2.0 · live") and "Roll back to v1.2.0" not in words_on(at)


def test_the_version_that_was_left_is_rejected_in_one_click(busy):
    """With a reason; in staging, where it is still live, the version before comes back for the same one."""
    at = going_back()
    at.text_input(key="release.because").set_value("complaints").run()
    at = button(at, "Roll back to v1.1.0").click().run()
    assert "still live in staging" in words_on(at)
    at = button(at, "Reject v1.2.0").click().run()
    assert "without a reason" in words_on(at) and busy.models.get("churn_model@1.2.0").status == "candidate"
    at.text_input(key="release.because.churn_model@1.2.0").set_value("wrong outcomes").run()
    at = button(at, "Reject v1.2.0").click().run()
    assert (busy.models.get("churn_model@1.2.0").status, busy.releases.live("staging").reason) == (
        *("rejected", "wrong outcomes"),
    )
    assert "v1\\.2\\.0 is rejected" in words_on(at) and "wrong outcomes" in words_on(at)
    at = button(at, "Choose another version").click().run()
    at = choose(at).set_value("1.2.0").run()
    assert "v1.2.0 · rejected · live" in choose(at).options[0] and button(at, "Roll back to v1.2.0").disabled


def test_the_only_version_has_no_way_back(trained, monkeypatch):
    """And says so, instead of a refusal."""
    model = trained.models.register(trained.runs.list()[0], "churn_model")
    trained.deploy(model, "staging", "rehearsal")
    monkeypatch.setenv("MLOPS_WORKSPACE", str(trained.path))
    at = going_back()
    at = at.segmented_control(key="release.environment").set_value("staging").run()
    assert not at.exception and "there is no way back yet" in words_on(at)


# Rejecting


def test_what_is_live_in_production_is_not_rejected(busy):
    """Nothing is rolled back for it either."""
    head = busy.head()
    with pytest.raises(RefusedError, match="is live in staging, production"):
        rejection.reject(busy, busy.models.get("@production"), "wrong")
    assert busy.head() == head and rejection.in_the_way(busy.models.get("@production"))


def test_a_rejection_needs_a_reason(busy):
    """As a release does, and nothing was rolled back before it was refused."""
    busy.rollback("production", "complaints")
    head = busy.head()
    with pytest.raises(InvalidError, match="without a reason"):
        rejection.reject(busy, busy.models.get("churn_model@1.2.0"), "  ")
    assert busy.head() == head


def test_a_version_is_rejected_on_its_page(busy):
    """Where it says why it is, for good."""
    at = open_page("model", ref="churn_model@1.0.0")
    at.session_state["model.tabs"] = "Reject"
    at.run()
    at.text_input(key="model.because.churn_model@1.0.0").set_value("too simple").run()
    at = button(at, "Reject v1.0.0").click().run()
    assert busy.models.get("churn_model@1.0.0").status == "rejected"
    assert "too simple" in words_on(at) and not any("Reject" in one.label for one in at.button)
    listed = words_on(open_page("release"))
    assert "v1\\.0\\.0 rejected" in listed and "too simple" in listed
