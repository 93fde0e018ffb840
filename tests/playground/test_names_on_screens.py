"""Screens of a workspace in which two models are live: each is named, and one is chosen where one is meant."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mlops import Workspace
from playground import chain
from tests.screens import button, links_on, open_page, words_on


@pytest.fixture
def both(two_live, monkeypatch) -> Workspace:
    """A workspace with churn_model and guest_model, both live, on screen."""
    monkeypatch.setenv("MLOPS_WORKSPACE", str(two_live.path))
    return two_live


def test_another_name_is_rehearsed_before_it_is_released(released):
    """What waits in staging under one name is no rehearsal of another."""
    released.models.register(released.runs.list()[0], "other")
    found = replace(chain.read(released), production=None)
    about_other = chain.read(released, "other")

    assert found.staging.model["name"] == "churn_model"
    assert (about_other.staging, chain.next_step(about_other).says) == (None, "Rehearsing in staging")


def test_release_shows_each_and_goes_back_in_the_one_that_is_chosen(both):
    """Cards, history, preview, button and toast name the model."""
    at = open_page("release", view="Roll back")
    assert all(words_on(at).count(f"{name} v1\\.1\\.0") == 2 for name in ("churn\\_model", "guest\\_model"))
    at.segmented_control(key="release.of.production").set_value("guest_model").run()
    at.text_input(key="release.because").set_value("complaints").run()
    button(at, "Roll back to guest_model v1.0.0").click().run()

    assert not at.exception
    assert [one.value for one in at.toast] == [r"guest\_model v1\.0\.0 is live in production again\."]
    assert [both.releases.live("production", name).model["version"] for name in ("churn_model", "guest_model")] == [
        *("1.1.0", "1.0.0")
    ]


def test_the_gate_and_the_audit_log_name_the_model(both):
    """Which model was asked about, and with which version of its own name it was compared."""
    at = open_page("release")
    at.selectbox(key="release.model").set_value("churn_model@1.0.0").run()
    at.button(key="release.gate").click().run()
    assert r"churn\_model v1\.0\.0 against churn\_model v1\.1\.0" in words_on(at)
    at.session_state["view"] = "Audit log"
    at.run()

    log = next(frame.value for frame in at.dataframe if "what happened" in frame.value)
    said = " ".join(log["what happened"])
    assert log["what happened"][0].startswith("checked churn_model v1.0.0 for production beside v1.1.0")
    assert all(f"released {one.name} v{one.version} to production" in said for one in both.models.list())


def test_what_was_live_then_names_all_that_were(both):
    """Two answers, each with its chain."""
    at = open_page("release", view="Go to", on="2024-04-01", at="00:00", tz="UTC", env="production")
    at.run()
    before = open_page("release", view="Go to", on="2024-03-10", at="14:00", tz="UTC", env="production")

    assert [one.value.split("**")[1] for one in at.success] == [r"churn\_model v1\.1\.0", r"guest\_model v1\.1\.0"]
    assert [one.value.split("**")[1] for one in before.success] == [r"churn\_model v1\.1\.0"]
    assert links_on(at).count("Open its run") == 2


@pytest.mark.parametrize(
    ("day", "said"),
    [
        ("2024-04-01", r"1 April 2024, 23:00:00 has not come yet; it is 00:00:00 \(UTC\)."),
        ("2030-01-01", "1 January 2030 has not come yet; today is 1 April 2024."),
    ],
)
def test_a_day_that_has_not_come_is_neither_offered_nor_answered(both, day, said):
    """A sentence says so, and no card looks like an error."""
    at = open_page("release", view="Go to", on=day, at="23:00", tz="UTC", env="production")

    assert not at.exception and not at.error and not at.success
    assert [one.value.replace("\\", "") for one in at.info] == [said.replace("\\", "")]
    assert str(at.date_input(key="on").max) == "2024-04-01"


def test_predict_asks_which_of_two_live_models_is_meant(both):
    """The answer is that model's, also the same row in a file; it leaves when another model is chosen."""
    at = open_page("predict")
    at.segmented_control(key="live.model").set_value("churn_model").run()
    at.button(key="predict.ask").click().run()
    at.button(key="predict.same").click().run()

    assert not at.exception and "equal to the last digit" in words_on(at)
    assert "Answered and logged: **likely to" in words_on(at)
    assert r"churn\_model v1\.1\.0" in words_on(at)
    assert [(one["model"]["name"], one["environment"]) for one in both.predictions.list()] == [
        *[("churn_model", "production")]
    ]
    at.segmented_control(key="live.model").set_value("guest_model").run()
    assert "Answered and logged" not in words_on(at) and not at.exception


def test_monitor_counts_what_the_chosen_model_was_asked(both):
    """Requests and outcomes of the other one are not among them; who was asked about twice has one outcome."""
    for name, times in (("churn_model", 2), ("guest_model", 1)):
        row = both.models.metadata(name)["examples"][0]["row"]
        for _ in range(times):
            both.predict(f"{name}@production", row | {"customer_id": "c00001"})
    (both.path / "o.csv").write_text("customer_id,churn\nc00001,1\n")
    both.outcomes.add(both.path / "o.csv", "customers")

    at = open_page("monitor")
    of_guests = words_on(at).replace("\\", "")
    at.segmented_control(key="live.model").set_value("churn_model").run()
    of_customers = words_on(at).replace("\\", "")

    assert "guest_model v1.1.0 live" in of_guests and "1 answer · no outcomes known" in of_guests
    assert "churn_model v1.1.0 live" in of_customers and "2 answers · 1 outcome known" in of_customers


def test_a_run_of_another_question_is_offered_another_name(trained, monkeypatch, tmp_path):
    """The dataset's name stands for its first target; the button then is not refused."""
    monkeypatch.setenv("MLOPS_WORKSPACE", str(trained.path))
    trained.models.register(trained.runs.list()[0], "churn_model")
    trained.datasets.frame("customers").drop(columns="churn").to_csv(tmp_path / "c.csv", index=False)
    trained.datasets.add(tmp_path / "c.csv", "customers", target="online")
    trained.train("model: {type: dummy}\n", data="customers@2")
    at = open_page("release")
    at.button(key="release.register").click().run()

    assert not at.exception
    assert trained.models.list()[0].ref == "online_model@1.0.0"
