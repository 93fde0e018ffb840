"""Every screen, on an empty and on a full workspace, through the app's own entry point."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from mlops import Workspace
from mlops.base import provenance
from mlops.experiments import configs, lifecycle
from mlops.experiments.progress import WAITS, Progress
from mlops.sample import FIRST_DAY
from mlops.training import workers
from playground import chain, course, screens
from playground.drawn_chain import KINDS
from playground.ui.kit import session
from tests.screens import (
    ROOT,
    build_the_chain,
    button,
    config,
    drawn_on,
    links_on,
    open_page,
    run_the_chain,
    train,
    unfold,
    wait_for_trainings,
    words_on,
    write,
)

NAMES = [screen.name for screen in screens.SCREENS]
VISIBLE = [screen.name for screen in screens.SCREENS if not screen.hidden]


@pytest.fixture(scope="module")
def chained(tmp_path_factory) -> Path:
    """A workspace with two runs, one model in production, and one logged prediction."""
    ws = Workspace.open(tmp_path_factory.mktemp("chained") / "workspace")
    build_the_chain(ws)
    ws.train(chain.SAMPLE_CONFIG, overrides={"model.max_depth": 2, "model.n_estimators": 20})
    example = ws.models.metadata("@production")["examples"][0]["row"]
    ws.predict("@production", example)
    return ws.path


@pytest.fixture
def full(chained, tmp_path, monkeypatch) -> Workspace:
    """A copy of that workspace, free to change."""
    ws = Workspace.open(chained).fork(tmp_path / "workspace")
    monkeypatch.setenv("MLOPS_WORKSPACE", str(ws.path))
    return ws


@pytest.mark.parametrize("name", NAMES)
def test_every_page_opens_on_an_empty_workspace(empty, name):
    """No exception, a title, and something that says what to do."""
    at = open_page(name)

    assert not at.exception
    assert at.title[0].value
    assert at.get("page_link") or at.button


@pytest.mark.parametrize("name", NAMES)
def test_every_page_opens_on_a_full_workspace(full, name):
    """No exception and no refusal."""
    runs = [run.run_id for run in full.runs.list()]
    at = open_page(name, id=runs[0], ref="churn_model@1.0.0", runs=",".join(runs))

    assert not at.exception
    assert not at.error
    assert at.title[0].value


def test_first_visit_has_one_primary_button_and_forty_words(empty):
    """Title, sentence, chain with its phases, and button together are at most forty words."""
    at = open_page("start")
    phases = [phase.name for phase in screens.PHASES]
    said = re.sub(r":[a-z-]+\[|:material/\w+:|\]|[·>:-]", " ", " ".join([words_on(at), *KINDS.values(), *phases]))

    assert [button.label for button in at.button if button.proto.type == "primary"] == ["Run the chain"]
    assert len(said.split()) <= 40


def test_running_the_chain_rehearses_in_staging_before_production(empty):
    """One click makes the whole chain; the next link leads to Predict."""
    at = run_the_chain(open_page("start"))

    ws = Workspace.open(empty)
    assert not at.exception
    released = [event for event in ws.log() if event["kind"] == "deployment.deploy"]
    assert [event["payload"]["changes"]["environment"] for event in released] == ["staging", "production"]
    assert "Ask about one customer" in links_on(at)


def test_what_run_the_chain_does_is_signed_by_the_button(empty):
    """It is nobody's own act: a checklist must not count it."""
    run_the_chain(open_page("start"))

    made = [event for event in Workspace.open(empty).log() if event["kind"].split(".")[0] not in ("clock", "journal")]
    assert made and {event["actor"] for event in made} == {"Run the chain"}


def test_running_the_chain_begins_the_tour_and_just_play_does_not(empty, tmp_path, monkeypatch):
    """Whoever just plays is asked nothing, and nothing is covered."""
    open_page("start").button(key="start.run").click().run()
    assert course.read(Workspace.open(empty)).current == "notebook"
    monkeypatch.setenv("MLOPS_WORKSPACE", str(tmp_path / "other"))
    at = open_page("start")
    at.button(key="start.play").click().run()
    wait_for_trainings(Workspace.open(tmp_path / "other"))
    said = words_on(at.run())

    assert course.read(Workspace.open(tmp_path / "other")).current is None
    assert re.search(r"Finds \*\*\d+\*\* of 100 leavers", said) and "guess first" not in said


def test_what_the_model_finds_stays_covered_until_it_was_guessed(empty):
    """Start says what the notebook claimed, and what is true once somebody committed to a guess."""
    at, ws = run_the_chain(open_page("start")), Workspace.open(empty)
    assert "guess first" in words_on(at) and not re.search(r"Finds \*\*\d", words_on(at))
    course.guess(ws, "notebook", 80)
    said = words_on(at.run())
    recall = ws.models.get("@production").metrics["recall"]

    assert f"Finds **{round(100 * recall)}** of 100 leavers. The notebook claimed **98**." in said


def test_three_clicks_lead_from_nothing_to_a_logged_prediction(empty):
    """Run the chain, follow the link, predict."""
    at = run_the_chain(open_page("start"))
    at.switch_page(str(ROOT / "pages" / "predict.py")).run()
    at.button(key="predict.ask").click().run()

    logged = Workspace.open(empty).predictions.list()
    assert len(logged) == 1
    assert logged[0]["prediction_id"] in words_on(at)


def test_a_chain_goes_on_after_a_reload_in_the_middle_of_its_training(empty):
    """By itself, as a reload is no answer to anything; the training is shown as it is, and nothing is done twice."""
    open_page("start").button(key="start.run").click().run()
    at, ws = open_page("start"), Workspace.open(empty)
    assert button(at, "Cancel") and button(at, "Run the chain").disabled
    wait_for_trainings(ws)
    assert not at.run().exception

    assert [run.status for run in ws.runs.list()] == ["finished"]
    assert ws.releases.live("production")


def test_a_step_that_another_tab_has_just_done_is_not_done_again(full):
    """Each tab looks anew when it is its turn; here every step was done since this one looked."""
    before = full.head()

    def tab() -> None:
        from playground.chain import LINKS
        from playground.ui.start import builder

        for step in LINKS.values():
            builder._act(step)

    assert not AppTest.from_function(tab).run().exception
    assert full.head() == before


def test_a_training_that_failed_is_not_begun_again_by_another_tab(empty):
    """Nor by a reload: why it failed is said there as well."""
    at, ws = open_page("start"), Workspace.open(empty)
    at.button(key="start.run").click().run()
    other = open_page("start")
    button(at, "Cancel").click().run()
    wait_for_trainings(ws)
    for tab in (other, at):
        assert "made no model" in words_on(tab.run())

    assert [run.status for run in ws.runs.list()] == ["cancelled"]


def test_a_chain_whose_training_is_cancelled_stops_and_says_so(empty):
    """It does not train again by itself; the next click does."""
    at, ws = open_page("start"), Workspace.open(empty)
    at.button(key="start.run").click().run()
    button(at, "Cancel").click().run()
    wait_for_trainings(ws)
    at.run()

    assert not at.exception and "made no model" in words_on(at) and "Cancelled" in words_on(at)
    assert [run.status for run in ws.runs.list()] == ["cancelled"]
    run_the_chain(at)
    assert ws.releases.live("production")


def test_misspelled_key_is_shown_at_its_line_with_the_suggestion(full):
    """The Train screen names the line and does not train."""
    at = open_page("train")
    text = config(at).replace("max_depth:", "max_dept:")
    write(at, text)
    line = next(number for number, line in enumerate(text.splitlines(), 1) if "max_dept:" in line)

    said = words_on(at)
    assert f"Line {line}" in said
    assert "max\\_depth" in said
    assert at.button(key="train.go").disabled


def test_training_names_the_changed_keys_and_keeps_the_result(full):
    """What differs from the last run stands beside the editor; afterwards its metrics do."""
    at = open_page("train")
    write(at, config(at).replace("n_estimators: 100", "n_estimators: 30"))
    assert "`model.n_estimators` 20 → **30**" in words_on(at)
    train(at)

    assert not at.exception
    assert full.runs.list()[0].params["model.n_estimators"] == 30
    assert "AUC · validation" in words_on(at)


def test_comparison_keeps_the_test_metrics_closed(full):
    """Choosing happens on validation rows; the test is opened on purpose."""
    at = open_page("compare")
    closed = next(expander for expander in at.expander if expander.label == "Test metrics")

    assert not closed.dataframe
    assert "model.max_depth" in str([frame.value.to_dict() for frame in at.dataframe])


def test_live_at_is_asked_by_a_link(full):
    """A question about a date is part of the URL."""
    at = open_page("release", view="Go to", on="2020-01-01", at="14:00", tz="America/New_York", env="production")
    at.run()

    assert not at.exception
    assert "Nothing was live in production" in words_on(at)


def test_promotion_without_a_reason_is_refused_with_a_card(full):
    """The card says the rule, and nothing is released."""
    run = full.runs.list()[0]
    full.models.register(run, name="churn_model")
    at = open_page("release")
    button(at, "Deploy to staging").click().run()

    assert "without a reason" in words_on(at)
    assert full.releases.live("staging").model["version"] == "1.0.0"


def test_rollback_previews_and_puts_the_earlier_model_back(full):
    """The button names its target; the history keeps both."""
    model = full.models.register(full.runs.list()[0], name="churn_model")
    full.deploy(model, environment="staging", reason="rehearsal")
    full.deploy(model, environment="production", reason="second release", override="smaller model, on purpose")
    at = open_page("release")
    at.session_state["view"] = "Roll back"
    at.run()
    at.text_input(key="release.because").set_value("complaints").run()
    button(at, "Roll back to v1.0.0").click().run()

    assert full.releases.live("production").model["version"] == "1.0.0"
    assert [one.action for one in full.releases.timeline("production")] == ["deploy", "deploy", "rollback"]


def test_uploaded_file_becomes_a_version_and_is_given_back(full):
    """What was kept can be downloaded with the same content hash."""
    from playground.ui.data.restore import checked_out

    at = open_page("data")
    at.segmented_control(key="data.source").set_value("Your file").run()
    content = full.datasets.frame("customers@1").head(500).to_csv(index=False).encode()
    at.file_uploader[0].upload("smaller.csv", content).run()
    button(at, "Keep this version").click().run()

    second = full.datasets.get("customers@2")
    restored = full.path.parent / "restored.csv"
    restored.write_bytes(checked_out(full, "customers@2"))
    assert not at.exception
    assert second.rows == 500
    assert full.datasets.add(restored, name="customers").created is False


def test_hostile_messages_are_shown_as_text(empty, customers_csv):
    """Markup in a message or in a link reaches the page escaped."""
    ws = Workspace.open(empty)
    ws.datasets.add(
        customers_csv, name="customers", target="churn", id="customer_id", message="<img src=x onerror=a()>"
    )
    at = open_page("data")
    asked = open_page("run", id="**x**[y](javascript:a())")

    assert not at.exception
    assert not any("<img" in element.value for element in at.markdown)
    assert asked.title[0].value.startswith("Run \\*\\*x\\*\\*")


def test_hostile_columns_and_ids_are_shown_as_text(empty, customers, tmp_path):
    """A learner's own column names and ids are data on the Predict screen, not markup."""
    hostile = customers.rename(columns={"age": ":red[age]", "region": "<b>region</b>"})
    hostile["customer_id"] = "**" + hostile["customer_id"] + "**"
    hostile.to_csv(tmp_path / "hostile.csv", index=False)
    ws = Workspace.open(empty)
    ws.datasets.add(tmp_path / "hostile.csv", name="customers", target="churn", id="customer_id")
    model = ws.models.register(ws.train("model: {type: logistic_regression}"), "churn_model")
    ws.deploy(model, "production", "straight", override="a test of the screen")
    at = open_page("predict")
    at.button(key="predict.ask").click().run()

    labels = [field["label"] for field in drawn_on(at, "one_row")["fields"]]
    assert not at.exception
    assert ":red[age]" in labels and "<b>region</b>" in labels  # the browser part sets text alone
    assert len(ws.predictions.list()) == 1


def test_two_workspaces_never_share_what_was_read(full, tmp_path, monkeypatch):
    """The cache is keyed by the workspace; another one sees nothing of the first."""
    assert "v1\\.0\\.0" in words_on(open_page("release"))
    monkeypatch.setenv("MLOPS_WORKSPACE", str(tmp_path / "other"))

    assert "Train one" in words_on(open_page("release"))


def test_starting_over_keeps_the_old_workspace_beside_the_new_one(full):
    """Nothing is deleted, and nothing of the old one stays on screen."""
    at = open_page("train")
    train(at)
    at.session_state["menu"] = True
    at.run()
    at.button(key="menu.reset").click().run()
    at.button(key="menu.sure").click().run()

    kept = Workspace.open(full.path.with_name("workspace-kept-1"), create=False)
    assert not at.exception
    assert kept.releases.live("production")
    assert Workspace.open(full.path, create=False).log() == []
    assert "Keep the first version" in links_on(at)


def test_a_folder_without_the_marker_is_never_moved(full):
    """What is not a workspace is left alone."""
    from mlops import MlopsError
    from playground import folders

    (full.path / "WORKSPACE.json").unlink()
    with pytest.raises(MlopsError, match="not a workspace"):
        folders.start_over(full)
    assert (full.path / "ledger.db").exists()


def test_own_data_finds_its_dataset_and_a_config_that_fits(full, tmp_path):
    """An upload beside the sample asks for its own target, and trains without touching the config."""
    frame = full.datasets.frame("customers@1").head(600)
    own = frame[["age", "monthly_fee", "churn"]].rename(columns={"churn": "Left?"})
    at = open_page("data")
    at.segmented_control(key="data.source").set_value("Your file").run()
    at.file_uploader[0].upload("My leavers.csv", own.to_csv(index=False).encode()).run()
    assert button(at, "Keep this version").disabled
    next(box for box in at.selectbox if box.label == "Column to predict").set_value("Left?").run()
    button(at, "Keep this version").click().run()
    at = open_page("train")
    train(at)

    assert not at.exception
    assert full.datasets.get("my_leavers@1").source == "my_leavers.csv"
    assert full.runs.list()[0].data["name"] == "my_leavers"


def test_config_that_was_edited_stays_when_other_data_is_chosen(full, customers_csv):
    """Only an untouched config follows the data."""
    full.datasets.add(customers_csv, name="others", target="churn", id="customer_id")
    at = open_page("train")
    assert "name: others" in config(at)
    edited = config(at).replace("max_depth: 3", "max_depth: 1")
    write(at, edited)
    at.selectbox(key="train.data").set_value("customers@1").run()

    assert config(at) == edited


class ScreenLeft(BaseException):
    """What a screen raises in a training when somebody opens another one."""


def abandon_a_training(ws: Workspace) -> None:
    """Leave a run as a screen leaves it that is closed in the middle."""

    def leave(step: object) -> None:
        raise ScreenLeft

    with pytest.raises(ScreenLeft):
        ws.train(chain.SAMPLE_CONFIG, on_step=leave)


def test_run_that_was_left_in_the_middle_says_so(full):
    """Train and the run's own page name what happened and what to do."""
    abandon_a_training(full)
    on_train = words_on(open_page("train"))
    left = full.runs.list()[0]
    on_run = words_on(open_page("run", id=left.run_id))

    assert left.status == "interrupted"
    assert "interrupted" in on_train
    assert "train again" in on_train
    assert "It made no model" in on_run


def test_the_page_of_a_run_that_waits_shows_no_other(full, monkeypatch):
    """The queue is on Train."""
    monkeypatch.setattr(workers.Pool, "adopt", lambda *_: None)
    first, second = (full.submit("model: {type: dummy}\n") for _ in range(2))
    said = words_on(open_page("run", id=second.run_id))

    assert f"**{second.run_id[:7]}**" in said and first.run_id[:7] not in said


def test_environments_begin_with_the_overlays_that_are_shipped_with_the_sample(full):
    """Two keys differ in development; own data has no overlays to begin with."""
    at = open_page("train")
    at.segmented_control(key="workbench.way").set_value("Environments").run()

    assert "**2 of" in words_on(at)


def test_what_another_process_submitted_has_a_place_behind_what_trains(full, monkeypatch):
    """The pool of this server knows nothing of it; the workspace does."""
    monkeypatch.setattr(workers.Pool, "adopt", lambda *_: None)
    first, second = (full.submit("model: {type: dummy}\n") for _ in range(2))
    assert "a worker is starting" in words_on(open_page("train"))

    with lifecycle.held(full._artifacts, first.run_id):
        lifecycle.claim(full._ledger, first.run_id, provenance.source_sha256(), provenance.software())
        said = words_on(open_page("train"))
        assert f"**{first.run_id[:7]}** " in said and "next in line" in said
        assert "next in line" in words_on(open_page("run", id=second.run_id))
        assert "a worker is starting" not in said
        Progress(first.run_id, window=lifecycle.file(full._artifacts, first.run_id, "progress")).wait()
        assert WAITS in words_on(open_page("train"))


def test_run_that_was_cancelled_before_it_began_has_a_page_and_its_config_back(full, monkeypatch):
    """It has no file, and is no error."""
    monkeypatch.setattr(workers.Pool, "adopt", lambda *_: None)
    run = full.submit("model: {type: gradient_boosting, n_estimators: 33}\n")
    full.runs.cancel(run.run_id)
    at = open_page("run", id=run.run_id)
    assert "It made no model" in words_on(at) and not at.error
    assert "Python None" not in at.table[0].value.to_string()

    button(at, "Edit its config").click().run()
    assert configs.load(config(at)).params == run.as_dict()["params"]


def test_comparison_of_different_rows_is_warned_about(full):
    """Two runs that were judged on different rows are not ranked."""
    full.train(chain.SAMPLE_CONFIG, overrides={"training.random_state": 7, "model.n_estimators": 5})
    at = open_page("compare")

    assert not at.exception
    assert "judged by other rows" in words_on(at)


def test_comparison_picks_a_partner_from_the_same_data(full, customers_csv):
    """Numbers of another dataset have nothing to say about a run."""
    run = full.runs.list()[0]
    full.datasets.add(customers_csv, name="others", target="churn", id="customer_id")
    full.train("model: {type: dummy}", data="others@1")
    at = open_page("compare", run=run.run_id)

    assert "judged by other rows" not in words_on(at)
    assert "r" + run.run_id[1:7] in words_on(at)


def test_model_is_registered_under_a_chosen_name_with_its_card(full):
    """What a person says about a model is kept with its version."""
    at = unfold(open_page("release"), "release.card")
    next(field for field in at.text_input if field.label == "Name").set_value("leavers").run()
    at.text_input(key="release.owner").set_value("Ada").run()
    at.button(key="release.register").click().run()

    model = full.models.get("leavers@1.0.0")
    assert not at.exception
    assert (model.card["owner"], model.card["purpose"]) == ("Ada", "")


def test_refused_release_goes_live_only_with_a_reason_of_its_own(full):
    """The override is asked for separately, and the history keeps it."""
    full.models.register(full.runs.list()[0], name="churn_model")
    at = open_page("release")
    button(at, "Run the release check").click().run()
    assert "Promote to production" not in words_on(at) and button(at, "Release it all the same").disabled
    assert full.releases.live("production").model["version"] == "1.0.0"
    at.text_input(key="release.override").set_value("the boss wants it").run()
    button(at, "Release it all the same").click().run()

    assert full.releases.live("production").override == "the boss wants it"


def test_outcomes_are_added_and_say_from_when_they_count(full):
    """Outcomes of a month that is not over change no number yet."""
    at = unfold(open_page("monitor"), "outcomes.add")
    at.button(key="outcomes.keep").click().run()

    assert not at.exception
    assert "They count from Wed 31 Jan 2024 on" in at.toast[0].value.replace("\\", "")
    assert full.outcomes.known("customers") == {}
    full.set_clock("2024-02-01T09:00:00Z")
    assert len(full.outcomes.known("customers")) == 3000


def test_month_without_outcomes_becomes_a_version_that_keeps_its_roles(full):
    """What a file does not hold yet is inherited from the version before."""
    at = open_page("data")
    next(one for one in at.selectbox if one.label == "Sample file").set_value("customers_2024-01.csv").run()
    button(at, "Keep this version").click().run()

    month = full.datasets.get("customers@2")
    assert not at.exception
    assert (month.target, month.id) == ("churn", "customer_id")


def test_sample_kept_first_starts_the_calendar_of_its_story(empty):
    """Whichever way the sample comes in, the year that follows its customers can still be lived through."""
    at = open_page("data")
    button(at, "Keep this version").click().run()

    ws = Workspace.open(empty, create=False)
    assert not at.exception
    assert ws.datasets.get("customers@1").target == "churn"
    assert ws.clock() == {"now": FIRST_DAY, "simulated": True}


def test_click_on_a_screen_that_is_out_of_date_rolls_nothing_back(full):
    """Whoever meant the release on their screen does not undo the one that came after it."""
    model = full.models.register(full.runs.list()[0], name="churn_model")
    full.deploy(model, environment="staging", reason="rehearsal")
    full.deploy(model, environment="production", reason="second release", override="on purpose")
    at = open_page("release")
    at.session_state["view"] = "Roll back"
    at.run()
    at.text_input(key="release.because").set_value("complaints").run()
    newest = full.models.register(full.runs.list()[0], name="churn_model")
    full.deploy(newest, "production", "somebody else's", override="on purpose")
    button(at, "Roll back to v1.0.0").click().run()

    assert not at.exception
    assert full.releases.live("production").reason == "somebody else's"
    assert "What is live has changed" in words_on(at)


def test_rollback_that_cannot_be_says_why(full):
    """A disabled button has its reason beside it."""
    frame = full.datasets.frame("customers@1").drop(columns="age")
    frame.to_csv(full.path / "ageless.csv", index=False)
    full.datasets.add(full.path / "ageless.csv", name="customers")
    model = full.models.register(full.train(chain.SAMPLE_CONFIG, data="customers@2"), name="churn_model")
    full.deploy(model, environment="production", reason="no ages any more", override="on purpose")
    at = open_page("release")
    at.session_state["view"] = "Roll back"
    at.run()

    assert button(at, "Roll back to v1.0.0").disabled
    assert "cannot go live again" in words_on(at)


def test_answer_leaves_when_its_customer_does(full):
    """Beside other values stands no answer that was given for different ones."""
    at = open_page("predict")
    at.button(key="predict.ask").click().run()
    answered, drawn = words_on(at), drawn_on(at, "one_row")
    of = (full.id, "churn_model", at.pills[0].value)
    row = {**drawn["row"], "age": (drawn["row"]["age"] or 30) + 1}
    at.session_state[session.ROW.key] = {"of": of, "row": row, "before": drawn["row"], "sent": 1}
    at.run()

    assert "Answered and logged: **likely to" in answered
    assert "Answered and logged" not in words_on(at) and drawn_on(at, "one_row")["row"] == row


def test_chain_that_is_refused_says_why_and_where_to_go_on(empty, customers_csv):
    """Data without a target stops the chain; no box stays lit, and the link leads to the screen that helps."""
    Workspace.open(empty).datasets.add(customers_csv, name="others")
    at = open_page("start")
    at.button(key="start.run").click().run()

    assert not at.exception
    assert "has no target" in words_on(at)
    assert links_on(at)[-1] == "Data"
    assert not at.button(key="start.run").disabled
