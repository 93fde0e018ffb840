"""The screen of a sweep: what is said before it starts, what it shows while it runs, and what it tells."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from mlops.models import estimators
from mlops.training import workers
from playground.ui.kit import session
from playground.ui.train import live
from tests.screens import button, links_on, open_page, words_on

CONFIG = "model: {type: gradient_boosting, n_estimators: 5}\ntraining: {test_size: 0.5}\n"
GRID = {"model.max_depth": [1, 2, 3], "model.learning_rate": [0.05, 0.5]}


@pytest.fixture
def place(trained, monkeypatch):
    """The workspace `trained`, on the screen; trainings run in this process and as they are asked for."""
    monkeypatch.setenv("MLOPS_WORKSPACE", str(trained.path))
    monkeypatch.setattr(workers.Pool, "adopt", lambda *_: None)
    return trained


def shown(config: str = CONFIG) -> AppTest:
    """Open the panel for a config, as the Train screen does."""

    def screen(config: str) -> None:
        from playground.ui.kit import shell
        from playground.ui.train import sweep

        shell.navigation()
        sweep.panel(config, "customers@1")

    return AppTest.from_function(screen, args=(config,), default_timeout=60).run()


def test_the_number_of_trials_is_said_before_the_start(place):
    """A beginner changes nothing and knows what one click does."""
    at = shown()

    assert "**9 trials**" in words_on(at) and "going by the last run" in words_on(at)
    assert not button(at, "Start 9 trials").disabled and [one.label for one in at.button] == ["Start 9 trials"]


def test_values_that_cannot_be_tried_are_named_before_the_start(place):
    """The message stands at the button, which waits."""
    at = shown()
    at.text_input(key="sweep.values.gradient_boosting.model.max_depth.False").set_value("2, deep").run()

    assert "deep" in words_on(at) and button(at, "Start").disabled


@pytest.mark.parametrize("values", ["", "2,,3", "2..100000"])
def test_what_to_write_instead_is_said_in_words_of_the_screen(place, values):
    """Nobody who types into a field is told of the options of a command."""
    at = shown()
    at.text_input(key="sweep.values.gradient_boosting.model.max_depth.False").set_value(values).run()
    (said,) = [one.value for one in at.markdown if ":red[" in one.value]

    assert ("with commas between" in said or "at random" in said) and "random N" not in said and "key\\=" not in said


def test_draws_come_from_ranges(place):
    """As many as asked for."""
    at = shown()
    at.segmented_control(key="sweep.how").set_value("Random draws").run()
    at.number_input(key="sweep.draws").set_value(7).run()

    assert "**7 trials**" in words_on(at)


@pytest.mark.parametrize("type", [one.name for one in estimators.ESTIMATORS if "binary" in one.tasks])
def test_every_model_type_has_something_to_try(place, type):
    """What is offered is valid as it stands, in a grid and in draws."""
    at = shown(f"model: {{type: {type}}}\n")
    listed = words_on(at)
    at.segmented_control(key="sweep.how").set_value("Random draws").run()

    assert not at.exception
    assert all("trials**" in said and ":red[" not in said for said in (listed, words_on(at)))


def test_one_click_starts_the_sweep_and_a_second_visit_finds_it(place):
    """What runs stands in the workspace, not in the session; the rest can be cancelled."""
    button(shown(), "Start 9 trials").click().run()
    workers.work(str(place.path), place.runs.queue()[0], "ada")
    at = shown()

    assert "1 of 9 trials" in at.get("progress")[0].proto.text
    button(at, "Cancel the rest").click().run()
    assert place.runs.queue() == [] and len(place.runs.list("status = 'cancelled'")) == 8


def test_the_next_few_that_wait_are_drawn_and_the_others_counted(place):
    """A sweep can have hundreds; each row asks for its place."""
    place.sweep(CONFIG, GRID, wait=False)
    at = open_page("train")

    assert [one.label for one in at.button].count("Cancel") == live.WAITING
    assert "and 1 more behind them" in words_on(at)


def test_the_newest_run_is_one_that_was_asked_for_alone(place):
    """The trials of a sweep that was cancelled are no answer to whoever trained one run."""
    sweep = place.sweep(CONFIG, GRID, wait=False)
    place.sweeps.cancel(sweep.sweep_id)
    alone = place.runs.list("status = 'finished'")[0].run_id
    said = words_on(open_page("train"))

    assert f"**{alone[:7]}**" in said and "It made no model" not in said


def test_a_double_click_starts_one_sweep(place, monkeypatch):
    """The second click is not a second wish."""
    monkeypatch.setattr(session, "DOUBLE_CLICK", 60.0)
    at = shown()
    button(at, "Start 9 trials").click().run()
    button(at, "Start 9 trials").click().run()

    assert len(place.runs.queue()) == 9


def test_a_config_that_is_wrong_is_said_in_place_of_the_form(place):
    """Nothing can be started."""
    at = shown("model: {type: nothing}\n")

    assert "nothing" in at.error[0].value and not at.button


def test_the_leaderboard_says_how_little_the_best_may_be_better(place):
    """On the page of a sweep, with the way to the best run."""
    sweep = place.sweep(CONFIG, GRID)
    at = open_page("sweep", id=sweep.sweep_id)

    said = words_on(at)
    assert "Best AUC" in said and "looks better than it is" in said and "Open the best" in links_on(at)
    assert list(at.dataframe[0].value["run"]) == [run.run_id[:7] for run in sweep.trials]


def test_a_sweep_goes_by_the_beginning_of_its_id(place):
    """The seven letters that the screen shows are enough; what is none says so."""
    sweep = place.sweep(CONFIG, {"model.max_depth": [1, 2]})

    assert "Best AUC" in words_on(open_page("sweep", id=sweep.sweep_id[:7]))
    assert "No sweep goes by that name here." in words_on(open_page("sweep", id="nothing"))


def test_before_the_first_sweep_its_page_says_so(place):
    """Nobody named one."""
    assert "No sweeps yet." in words_on(open_page("sweep"))


@pytest.mark.parametrize("tab", ["All parameters", "One by one", "What mattered"])
def test_every_view_of_a_sweep_has_its_charts(place, tab):
    """Real trials, also with levels that are no numbers."""
    sweep = place.sweep(CONFIG, {**GRID, "features.exclude": [["age"], []]}, random=8)
    at = open_page("sweep", id=sweep.sweep_id)
    at.session_state["sweep.tabs"] = tab
    at.run()

    assert not at.exception and len(at.get("plotly_chart")) == (3 if tab == "One by one" else 1)


def test_a_sweep_of_one_trial_has_nothing_to_draw_it_against(place):
    """Its leaderboard is all there is."""
    sweep = place.sweep(CONFIG, {"model.max_depth": [2]})
    at = open_page("sweep", id=sweep.sweep_id)

    assert not at.exception and len(at.get("plotly_chart")) == 1 and not at.get("tab")


def test_few_trials_warn_beside_what_mattered(place):
    """Six trials for two parameters are few."""
    sweep = place.sweep(CONFIG, GRID)
    at = open_page("sweep", id=sweep.sweep_id)
    at.session_state["sweep.tabs"] = "What mattered"
    at.run()

    assert "6 trials are few for 2 parameters" in at.warning[0].value


def test_a_sweep_of_which_nothing_finished_says_why(place):
    """No chart of nothing."""
    sweep = place.sweep("model: {type: k_neighbors}\n", {"model.n_neighbors": [8000, 9000]})
    at = open_page("sweep", id=sweep.sweep_id)

    assert not at.exception and "None of 2 trials finished" in words_on(at)
