"""The config on the bench: text and form are one thing, environments name their origins, earlier configs come back."""

from __future__ import annotations

from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

from mlops import Workspace
from mlops.experiments import configs
from playground import overlays
from playground.first_config import SAMPLE_CONFIG
from playground.ui.kit import session
from playground.ui.kit.editor import typed
from playground.ui.train import live, training
from tests.conftest import STUMP
from tests.screens import button, open_page, words_on, write

SAMPLE = SAMPLE_CONFIG.read_text(encoding="utf-8")


@pytest.fixture
def bench(trained: Workspace, monkeypatch):
    """Open Train on a workspace with one run and show the config in one way."""
    monkeypatch.setenv("MLOPS_WORKSPACE", str(trained.path))

    def show(way: str, at=None):
        at = at or open_page("train")
        return at.segmented_control(key="workbench.way").set_value(way).run()

    return show


def control(at, kind: str, label: str):
    """Return the control of that kind and label."""
    return next(one for one in at.get(kind) if one.label == label)


def text_of(at) -> str:
    return at.session_state[session.DRAFT.key]


def test_the_form_edits_the_text_and_nothing_else(bench):
    """One line of the text is another one; its comment is still there."""
    at = bench("Form")
    before = text_of(at).splitlines()
    control(at, "number_input", "max_depth").set_value(6).run()

    changed = [(old, new) for old, new in zip(before, text_of(at).splitlines(), strict=True) if old != new]
    assert [(old.split("#")[1], new.split("#")[1]) for old, new in changed] == [(changed[0][0].split("#")[1],) * 2]
    assert configs.load(text_of(at) + "\n").params["model.max_depth"] == 6


def test_the_form_shows_what_the_text_says(bench):
    """Whoever edits the text finds it in the form."""
    at = open_page("train")
    at.session_state[session.DRAFT.key] = "model: {type: random_forest, n_estimators: 33}\n"
    at = bench("Form", at)

    assert control(at, "number_input", "n_estimators").value == 33
    assert control(at, "selectbox", "type").value == "random_forest"


def test_the_form_shows_a_share_to_its_last_digit(bench):
    """Rounded, it would say something else than the text."""
    at = bench("Form", write(bench("YAML"), "model: {type: dummy}\ntraining: {test_size: 0.255}\n"))
    share = control(at, "slider", "test_size")

    assert (share.value, share.proto.format % share.value) == (0.255, "0.255")


def test_another_type_leaves_no_key_behind_that_it_does_not_know(bench):
    """The config stays valid."""
    at = bench("Form")
    control(at, "selectbox", "type").set_value("k_neighbors").run()

    assert not at.exception and configs.load(text_of(at) + "\n").params["model.n_neighbors"] == 15
    assert not button(at, "Train").disabled


def test_a_seed_is_left_out_and_taken_again_in_the_form(bench):
    """No number says that there is none; the text says null, which is another thing than a line left out."""
    at = bench("Form")
    control(at, "checkbox", "Keep a seed").set_value(False).run()
    assert configs.load(text_of(at) + "\n").seed is None and "random_state: null" in text_of(at)
    assert not [one for one in at.number_input if one.label == "random_state"] and not button(at, "Train").disabled

    control(at, "checkbox", "Keep a seed").set_value(True).run()
    assert control(at, "number_input", "random_state").value == configs.load("model: {type: dummy}").seed


def test_a_value_that_cannot_be_is_named_and_does_not_train(bench):
    """The form writes what was typed; the check beside it says what is wrong."""
    at = bench("Form")
    control(at, "number_input", "max_depth").set_value(0).run()

    assert button(at, "Train").disabled and "max\\_depth" in words_on(at)


def test_a_value_that_cannot_be_is_taken_back_where_it_was_typed(bench):
    """The form has no place for it, and nobody is sent to the text for a slip of the hand."""
    at = bench("Form")
    before = text_of(at)
    control(at, "number_input", "n_estimators").set_value(0).run()
    button(at, "Take it back").click().run()

    assert text_of(at) == before and control(at, "number_input", "n_estimators").value == 100


def test_every_effective_value_names_its_origin():
    """The config, the overlay, or the default."""
    table = overlays.effective(SAMPLE, overlays.shipped()).set_index("key")

    assert table.loc["model.max_depth", "origin in development"] == "config.development.yaml"
    assert table.loc["model.max_depth", "origin in production"] == "config.yaml"
    assert table.loc["model.subsample", "origin in production"] == "default"
    assert list(overlays.differing(table.reset_index())["key"]) == ["model.n_estimators", "model.max_depth"]


def test_an_overlay_is_tried_on_screen(bench):
    """What is written into it is effective at once, and a mistake names overlay and line."""
    at = bench("Environments")
    at.text_area(key="overlay.production").set_value("training: {random_state: 7}").run()
    assert "**1 of" in words_on(at) and "keys differ" in words_on(at)
    at.text_area(key="overlay.production").set_value("training: {random_stat: 7}").run()
    assert "config.production.yaml, line 1" in at.error[0].value.replace("\\", "")


def test_the_config_of_an_earlier_run_is_put_back(bench, trained):
    """It is that run's own, and training it again makes the same model."""
    run = trained.runs.list()[0]
    at = bench("History")
    button(at, "Put it into the editor").click().run()

    assert configs.load(text_of(at)).params == run.as_dict()["params"]


def test_of_many_changed_keys_the_values_that_changed_are_named_first(bench):
    """The others are one click away, and the button keeps its place above them."""
    at = bench("Form")
    control(at, "selectbox", "type").set_value("hist_gradient_boosting").run()

    named = next(one.value for one in at.markdown if "→" in one.value).splitlines()
    assert any(line.startswith("`model.type`") for line in named) and len(named) == 4
    assert not any("**–**" in line for line in named)
    assert any(one.label.startswith("and ") for one in at.expander)


def test_of_a_thousand_problems_a_few_are_explained_and_the_others_counted(bench):
    """A text pasted from elsewhere does not bury the screen; every line of it is marked."""
    at = write(bench("YAML"), "model: {type: dummy}\n" + "".join(f"key_{number}: 1\n" for number in range(1000)))

    assert sum("There is no key" in one.value for one in at.markdown) == training.EXPLAINED
    assert "and 995 more, marked at their lines" in words_on(at)


def test_half_a_character_that_a_browser_sends_is_replaced():
    """It could neither be hashed nor kept, and every screen of the session would fail."""
    half = {"edited": {"revision": 0, "text": "name: \ud83d"}}

    assert typed("", 0, half) == "name: \ufffd"


@pytest.mark.parametrize("data", ["{name: customers, version: 9}", "{name: others}", "{name: customers@9}"])
def test_a_config_that_names_other_data_than_what_is_chosen_says_which_is_trained_on(bench, data):
    """What is chosen wins, as `--data` does; nobody has to find that out from the run."""
    warned = [one.value for one in write(bench("YAML"), f"model: {{type: dummy}}\ndata: {data}\n").markdown]

    assert any("The config names" in one and "trained on, is customers@1" in one for one in warned)


@pytest.mark.parametrize("data", ["{name: customers}", "{version: 1}", "{name: customers, version: 1}", "{}"])
def test_a_config_that_names_the_chosen_data_is_not_remarked_upon(bench, data):
    """Whether by name, by version, by both or not at all."""
    at = write(bench("YAML"), f"model: {{type: dummy}}\ndata: {data}\n")

    assert "The config names" not in words_on(at)


@pytest.mark.parametrize(
    ("mistake", "said", "meant"),
    [
        ("model: {type: dummy}\nfeatures: {exclude: [contrat]}", "customers@1 has no column 'contrat'", "contract"),
        ("model: {type: dummy}\ntraining: {group: customer}", "customers@1 has no column 'customer'", "customer_id"),
        ("model: {type: ridge}", "ridge cannot learn a binary target", "logistic_regression"),
    ],
)
def test_a_config_that_is_not_for_the_chosen_data_is_marked_before_anybody_trains(bench, mistake, said, meant):
    """A column that is not there, another task: the line, what is wrong, and what was meant."""
    at = write(bench("YAML"), f"{mistake}\n")
    told = words_on(at).replace("\\", "")

    assert said in told and meant in told.partition("Did you mean")[2]
    assert f"Line {len(mistake.splitlines())}" in told


def one_point():
    """Draw a training that has told of one iteration."""
    from playground.ui.train import live

    live.curve("r1", {"metric": "log_loss", "iteration": [50], "train": [0.2], "validation": [0.4]})


def test_one_point_is_no_curve():
    """Axes around a lonely star say nothing; the second point makes a line."""
    at = AppTest.from_function(one_point).run()

    assert not at.exception and not at.get("plotly_chart")


def just_begun():
    """Draw the newest run where nothing at work is known yet."""
    from playground.ui.kit import state
    from playground.ui.train import live

    live.ended(state.workspace().runs.list()[0])


def test_a_training_that_has_just_begun_is_not_said_to_have_made_no_model(trained, monkeypatch):
    """Between its record and its first sign of life it stands alone on the card."""
    monkeypatch.setenv("MLOPS_WORKSPACE", str(trained.path))
    monkeypatch.setattr(Workspace, "resume", lambda *_: None)  # a screen that opens gets a worker for what is queued
    queued = trained.submit(STUMP)
    assert "made no model" not in words_on(AppTest.from_function(just_begun).run())
    trained.runs.cancel(queued.run_id)
    assert "made no model" in words_on(AppTest.from_function(just_begun).run())


def test_a_run_that_ends_while_its_screen_is_drawn_is_said_to_be_over(trained, monkeypatch):
    """Read as running by one look and as ended by the next, it would be called running for good: nobody looks again."""
    monkeypatch.setenv("MLOPS_WORKSPACE", str(trained.path))
    [run] = trained.runs.list()
    before = [replace(run, status="running")]
    newest = live._last

    def read_before_it_ended(ws: Workspace):
        if not before:
            return newest(ws)
        trained.runs.note(run.run_id, "something happens meanwhile, as its end does")
        return [before.pop()]

    monkeypatch.setattr(live, "_last", read_before_it_ended)
    said = words_on(open_page("train"))

    assert not before and "running" not in said and f"**{run.run_id[:7]}**" in said
