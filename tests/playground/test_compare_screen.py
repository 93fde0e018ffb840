"""The Compare screen: find runs among thousands, say something about them, put some side by side."""

from __future__ import annotations

import json

import pandas as pd
import pytest

from mlops import Workspace
from mlops.training import workers
from playground import glossary, reference, run_table, theme
from playground.run_names import spoken
from playground.ui.compare import runs
from playground.ui.kit import session, steps
from tests.conftest import STUMP
from tests.screens import ROOT, button, links_on, open_page, unfold, words_on


@pytest.fixture(scope="module")
def _several(_trained: Workspace, tmp_path_factory) -> Workspace:
    ws = _trained.fork(tmp_path_factory.mktemp("several") / "trained")
    for depth in (2, 3):
        ws.train(STUMP, overrides={"model.max_depth": depth, "model.n_estimators": 5 * depth})
    return ws


@pytest.fixture
def several(_several: Workspace, tmp_path, monkeypatch) -> Workspace:
    """A workspace with three runs of different depth: 1, 2 and 3."""
    ws = _several.fork(tmp_path / "trained")
    monkeypatch.setenv("MLOPS_WORKSPACE", str(ws.path))
    return ws


def table(at):
    """Return the run table as it is shown."""
    return at.dataframe[0].value


def test_the_settings_that_differ_are_columns(several):
    """Nobody has to choose: what all runs share tells nothing."""
    shown = table(open_page("compare"))

    assert {"max_depth", "n_estimators"} <= set(shown.columns) and "test_size" not in shown
    assert list(shown["max_depth"]) == [3, 2, 1]


def test_a_whole_number_stays_whole_where_some_runs_have_none(several):
    """Nobody reads a depth of 3.000."""
    several.train("model: {type: logistic_regression}\n")
    depths = table(open_page("compare"))["max_depth"]

    assert str(depths.dtype) == "Int64" and depths.dropna().tolist() == [3, 2, 1]


def test_runs_of_another_workspace_are_said_and_left_out(several, released, monkeypatch):
    """Somebody put another workspace in the place of the one on screen."""
    at = open_page("compare")
    assert len(at.query_params["run"]) == 2
    monkeypatch.setenv("MLOPS_WORKSPACE", str(released.path))

    assert not at.run().exception and "No run starts with" in words_on(at)
    assert not at.run().exception and "No run starts with" not in words_on(at)


def test_plain_words_find_runs(several):
    """Every word must occur somewhere in the row."""
    several.runs.note(several.runs.list()[1].run_id, "Deeper trees")
    at = open_page("compare")

    at.text_input(key="compare.search").set_value("deeper gradient").run()

    assert list(table(at)["Note"]) == ["Deeper trees"] and "1 run found" in words_on(at)


def test_an_expression_finds_runs(several):
    """The language of runs list --where works here too."""
    at = open_page("compare")

    at.text_input(key="compare.search").set_value("params.model.max_depth >= 2").run()

    assert list(table(at)["max_depth"]) == [3, 2]


def test_an_expression_that_is_not_finished_hides_nothing(several):
    """What is missing is said in passing, for somebody is still typing."""
    at = open_page("compare")

    at.text_input(key="compare.search").set_value("max_depth > ").run()

    assert not at.error and not at.exception and len(table(at)) == 3
    assert "expected a value, found the end" in words_on(at)
    at.text_input(key="compare.search").set_value("depth > 1").run()
    assert "'depth' heads no column" in words_on(at) and len(table(at)) == 3


def test_a_search_that_is_not_understood_is_told_as_it_was_typed(several):
    """Nobody typed `params.`: what heads the columns is what a person knows."""
    at = open_page("compare")
    for typed in ("max_depth > ", "depth > 1"):
        said = words_on(at.text_input(key="compare.search").set_value(typed).run()).replace("\\", "")
        assert "params." not in said and "metrics." not in said and typed.split()[0] in said


def test_a_column_is_compared_by_what_it_is_called(several):
    """The head of a column is enough, and a part of a text."""
    line = several.train("model: {type: logistic_regression}\ntraining: {test_size: 0.5}\n").run_id
    auc = several.runs.get(line).metrics["validation"]["auc"]
    for text, found in {
        "max_depth >= 2": [3, 2], "model = logistic": [None], "model != logistic": [3, 2, 1],
        f"AUC >= {auc - 1e-9} and model = logistic": [None], "max_depth in (1, 3)": [3, 1],
    }.items():  # fmt: skip
        at = open_page("compare")
        at.text_input(key="compare.search").set_value(text).run()
        shown = table(at)
        depths = shown["max_depth"] if "max_depth" in shown else [None] * len(shown)
        assert [None if pd.isna(depth) else int(depth) for depth in depths] == found, text


def test_a_run_is_found_by_the_name_that_people_say(several):
    """It stands beside the id."""
    run_id = several.runs.list()[1].run_id
    at = open_page("compare")
    at.text_input(key="compare.search").set_value(spoken(run_id)).run()

    assert list(table(at)["Name"]) == [spoken(run_id)] and list(table(at)["Run"]) == [run_id[:7]]


def test_runs_that_made_no_model_are_behind_a_switch(several):
    """Nobody compares them; the switch says how many there are, and holds after a reload."""
    pool = workers.Pool(spare=False)
    pool.close()
    gone = several.submit(STUMP, pool=pool)
    several.runs.cancel(gone.run_id, wait=30)
    at = open_page("compare")
    assert len(table(at)) == 3
    [switch] = at.toggle
    assert switch.label == "Failed and cancelled (1)"
    switch.set_value(True).run()
    assert list(table(at)["Status"]).count("cancelled") == 1
    assert len(table(open_page("compare"))) == 4


def test_a_run_that_is_set_aside_stays_on_record_and_comes_back(several):
    """It is an event, and taking it back is another."""
    oldest = several.runs.list()[-1].run_id
    at = unfold(open_page("compare", run=oldest), "compare.annotate")
    button(at, "Set aside").click().run()
    head = several.head()

    assert several.runs.get(oldest).tags == {"aside": "yes"}
    at = open_page("compare")
    assert oldest[:7] not in list(table(at)["Run"]) and [one.label for one in at.toggle] == ["Set aside (1)"]
    at.toggle[0].set_value(True).run()
    assert oldest[:7] in list(table(at)["Run"]) and "Tags" not in table(at)
    button(unfold(open_page("compare", run=oldest), "compare.annotate"), "Take back").click().run()
    assert several.runs.get(oldest).tags == {} and several.head() == head + 1


def test_of_a_sweep_the_best_trial_is_in_sight_until_it_is_unfolded(several):
    """The others are one click away, and what a link names is in sight anyway."""
    sweep = several.sweep(STUMP, {"model.max_depth": [1, 2], "model.n_estimators": [1, 20]})
    best, *_, worst = (run.run_id for run in sweep.finished)
    pair = [run.run_id for run in several.runs.list()[-2:]]
    at = open_page("compare", run=pair)
    shown = table(at).set_index("Run")
    assert len(shown) == 4 and shown.loc[best[:7], "Sweep"] == f"best of 4, {sweep.sweep_id[:7]}"
    at.pills(key="compare.unfolded").set_value([sweep.sweep_id]).run()
    assert len(table(at)) == 7
    assert [*open_page("compare", run=pair).pills(key="compare.unfolded").value] == [sweep.sweep_id]
    at.pills(key="compare.unfolded").set_value([]).run()
    assert worst[:7] in list(table(open_page("compare", run=[worst, best]))["Run"])


def test_of_trials_that_sat_other_exams_none_is_called_the_best(several):
    """One of them stands for the sweep, for the table must fold; which rows it was judged by would decide who wins."""
    sweep = several.sweep(STUMP, {"training.test_size": [0.4, 0.5]})
    shown = set(table(open_page("compare"))["Sweep"].dropna())
    assert f"one of 2, {sweep.sweep_id[:7]}" in shown


def test_the_metric_over_the_runs_is_drawn_of_those_on_the_same_rows(several, apart):
    """The oldest first, with intervals; what was judged by other rows is counted, not drawn."""
    at = unfold(open_page("compare", run=apart[:2]), "compare.over")
    assert not at.exception and "nothing else in sight was judged by the same rows" in words_on(at)
    several.train(STUMP, overrides={"model.max_depth": 5})
    at = unfold(open_page("compare", run=apart[:2]), "compare.over")
    best = max(several.runs.list(f"run_id != '{apart[2]}'"), key=lambda run: run.metrics["validation"]["auc"])

    assert at.get("plotly_chart")[0].proto.alt == (
        f"AUC of 4 runs on the same validation rows; the best is {best.metrics['validation']['auc']:.3f}, "
        f"{best.run_id[:7]} {spoken(best.run_id)}"
    )
    assert "1 run judged by other rows: not drawn with these." in words_on(at)


def test_the_table_is_a_file_with_whole_ids(several):
    """What is on screen, without pictures, and nothing that a spreadsheet would run."""
    columns = ("params.model.max_depth",)
    written = run_table.file(runs._rows(several, columns, "max_depth > 1", ""), columns)

    assert list(written["Run"]) == [run.run_id for run in several.runs.list()[:2]]
    assert list(written["max_depth"]) == [3, 2] and not {"Pins", ""} & set(written.columns)
    assert [one.label for one in open_page("compare").download_button].count("Download the table") == 1


def test_a_pinned_run_comes_first_and_stays_pinned(several):
    """The pin is a tag of the run, so every door sees it."""
    oldest = several.runs.list()[-1].run_id
    at = unfold(open_page("compare", run=oldest), "compare.annotate")
    button(at, "Pin").click().run()

    assert table(open_page("compare"))["Run"].iloc[0] == oldest[:7]
    assert several.runs.get(oldest).tags["pinned"] == "yes"
    button(unfold(open_page("compare", run=oldest), "compare.annotate"), "Unpin").click().run()
    assert several.runs.get(oldest).tags == {}


def test_a_note_and_a_tag_are_kept(several):
    """Both are written by one form."""
    oldest = several.runs.list()[-1].run_id
    at = unfold(open_page("compare", run=oldest), "compare.annotate")
    next(box for box in at.text_input if box.label == "Note").set_value("a stump")
    at.text_area[0].set_value("team=growth\ntry = 2")
    button(at, "Save").click().run()

    run = several.runs.get(oldest)
    assert (run.note, run.tags) == ("a stump", {"team": "growth", "try": "2"})


def test_a_tag_is_taken_away_and_a_bad_one_changes_nothing(several):
    """A key that could not be searched is refused, and the note beside it is not written either."""
    oldest = several.runs.list()[-1].run_id
    several.runs.tag(oldest, "team", "growth")
    at = unfold(open_page("compare", run=oldest), "compare.annotate")
    next(box for box in at.text_input if box.label == "Note").set_value("a stump")
    at.text_area[0].set_value("!=1")
    button(at, "Save").click().run()
    assert at.error and (several.runs.get(oldest).note, several.runs.get(oldest).tags) == ("", {"team": "growth"})
    at.text_area[0].set_value("")
    button(at, "Save").click().run()

    assert several.runs.get(oldest).tags == {}


def test_no_test_metric_is_a_column_or_can_be_made_one(several):
    """They are opened on purpose, and not by looking at a table."""
    at = unfold(open_page("compare"), "compare.fields")

    assert not [field for field in at.multiselect(key="compare.columns").options if "test)" in field]
    assert "test" not in " ".join(table(at).columns)


def test_a_link_names_the_runs_compared(several):
    """They stay as they were picked; which one is the reference is no matter of their order."""
    newest, _, oldest = (run.run_id for run in several.runs.list())

    at = open_page("compare", run=[oldest, newest])

    assert at.query_params["run"] == [oldest, newest]
    assert f"{oldest[:7]}" in words_on(at)


def test_a_link_that_names_a_run_twice_compares_it_once(several):
    """A prefix is a name as well; the second run is another one."""
    newest, before, _ = (run.run_id for run in several.runs.list())
    at = open_page("compare", run=[newest, newest[:8]])

    assert not at.exception and at.query_params["run"] == [newest, before]


def test_what_is_no_run_is_said_and_the_others_are_compared(several):
    """One wrong letter in a link costs neither the table nor the comparison."""
    newest, _, oldest = (run.run_id for run in several.runs.list())
    at = open_page("compare", run=[oldest, "nobody", newest])

    assert "nobody" in at.error[0].value and len(table(at)) == 3
    assert at.query_params["run"] == [
        oldest,
        newest,
    ] and f"**newer {newest[:7]}** against older {oldest[:7]}" in words_on(at)


def test_a_search_that_is_none_leaves_the_comparison_alone(several):
    """Whoever types an expression is not sent back to the beginning at each letter."""
    at = open_page("compare")
    at.text_input(key="compare.search").set_value("params.model.max_depth >").run()

    assert "found the end" in words_on(at) and "can be luck" in words_on(at)


def test_the_runs_that_the_url_names_replace_those_that_were_ticked(several):
    """Back in the browser takes back a tick."""
    newest, before, oldest = (run.run_id for run in several.runs.list())
    at = open_page("compare", run=[before, newest])
    at.query_params["run"] = [before, oldest]
    at.run()

    assert at.query_params["run"] == [
        before,
        oldest,
    ] and f"**newer {before[:7]}** against older {oldest[:7]}" in words_on(at)


def test_nothing_is_ticked_again_for_whoever_unticked_all(several):
    """A search afterwards finds runs and picks none of them."""
    newest, before, _ = (run.run_id for run in several.runs.list())
    at = open_page("compare", run=[before, newest])
    of_table, _ = at.session_state[session.FIRST.key]
    at.session_state[of_table] = {"selection": {"rows": [], "columns": [], "cells": []}}
    at.run()
    at.text_input(key="compare.search").set_value("gradient").run()

    assert "run" not in at.query_params and "Tick two finished runs." in words_on(at)


def test_the_newest_two_of_one_dataset_are_compared_before_anybody_asks(several, tmp_path):
    """One run on new data is not like any other yet."""
    newest, before, _ = (run.run_id for run in several.runs.list())
    several.datasets.frame("customers@1").head(400).to_csv(tmp_path / "others.csv", index=False)
    several.datasets.add(tmp_path / "others.csv", name="others", target="churn")
    several.train(STUMP, data="others@1")

    assert open_page("compare").query_params["run"] == [before, newest]


def test_what_a_link_names_stands_on_top(several):
    """Nobody looks for the ticks among thousands of rows."""
    newest, before, oldest = (run.run_id[:7] for run in several.runs.list())

    assert list(table(open_page("compare", run=[oldest, before]))["Run"]) == [before, oldest, newest]


def test_a_run_is_called_better_only_if_the_interval_says_so(several):
    """Two stumps of almost the same strength differ by what can be luck."""
    assert "can be luck" in words_on(open_page("compare"))


@pytest.mark.parametrize("depths", [(2,), (2, 3)])
def test_where_few_rows_are_positive_the_screen_says_so_and_gives_no_verdict(trained, tmp_path, monkeypatch, depths):
    """One or two of the validation rows churn; two runs or three, the count and the rule stand where the verdict would."""
    rare = trained.datasets.frame("customers@1")
    rare["churn"] = (rare.index % 60 == 0).astype(int)
    rare.to_csv(tmp_path / "rare.csv", index=False)
    trained.datasets.add(tmp_path / "rare.csv", name="rare", target="churn")
    runs = [trained.train(STUMP, data="rare@1", overrides={"model.max_depth": depth}) for depth in (1, *depths)]
    monkeypatch.setenv("MLOPS_WORKSPACE", str(trained.path))

    said = words_on(open_page("compare", run=[run.run_id for run in runs]))

    assert said.count("too few rows to tell") == len(depths) and "fewer than 10" in said
    assert "can be luck" not in said


def test_three_runs_are_drawn_as_differences_to_the_reference(several):
    """The oldest is what the others are held against, in whatever order they were picked."""
    *newer, oldest = (run.run_id for run in several.runs.list())
    at = open_page("compare", run=[*newer, oldest])

    assert f"Against **older {oldest[:7]}**" in words_on(at)
    assert all(f"**newer {one[:7]}** :small" in words_on(at) for one in newer)
    assert "The best of 3 looks better than it is" in words_on(at)


def test_opening_the_test_metrics_is_counted(several):
    """They are shown after a click, and the click is on record."""
    at = unfold(open_page("compare"), "compare.test")
    before = len(at.dataframe)
    button(at, "Open and count it").click().run()

    assert len(at.dataframe) == before + 1
    assert [run.test_opened for run in several.runs.list()] == [1, 1, 0]


def test_a_run_that_did_not_finish_is_named_and_left_out(several):
    """It has nothing to compare."""
    pool = workers.Pool(spare=False)
    pool.close()
    gone = several.submit(STUMP, pool=pool)
    several.runs.cancel(gone.run_id, wait=30)
    at = open_page("compare", run=[gone.run_id, several.runs.list()[1].run_id])

    assert f"{gone.run_id[:7]} is cancelled: it has nothing to compare yet." in words_on(at)
    assert "Tick another finished run." in words_on(at)


def test_runs_are_told_apart_by_model_and_note(several):
    """An id says nothing; what differs is named as in a config, and as in a search."""
    newest = several.runs.list()[0].run_id
    several.runs.note(newest, "deep *trees*")
    at = open_page("compare")

    assert f"**newer {newest[:7]}** :small[{spoken(newest)} · gradient boosting · deep \\*trees\\*]" in words_on(at)
    differs = next(frame.value for frame in at.dataframe if "key" in frame.value)
    assert list(differs["key"]) == ["model.max_depth", "model.n_estimators"]


def test_a_setting_that_differs_is_spelled_as_on_other_screens(several):
    """A list is a list, as the chain strip has it."""
    several.train(STUMP, overrides={"features.exclude": ["age", "region"]})
    differs = next(frame.value for frame in open_page("compare").dataframe if "key" in frame.value)

    assert list(differs.set_index("key").loc["features.exclude"]) == ["[]", "[age, region]"]


def test_a_run_from_elsewhere_is_not_said_to_have_other_rows(several):
    """Nobody knows them; its name tells what it was, and there is nothing to press that cannot help."""
    logged = several.runs.log("by hand", {"depth": 10**30}, {"validation": {"auc": 0.9}})
    at = open_page("compare", run=[logged.run_id, several.runs.list()[1].run_id])

    assert not at.exception and f"**newer {logged.run_id[:7]}** :small[{spoken(logged.run_id)} · by hand]" in words_on(
        at
    )
    assert "not known here" in at.warning[0].value
    assert "Judge all of them again on the same rows" not in [one.label for one in at.button]


def test_runs_that_predict_different_things_are_not_judged_again(several, tmp_path):
    """No rows make them comparable, and the screen says why."""
    several.datasets.frame("customers@1").to_csv(tmp_path / "ages.csv", index=False)
    several.datasets.add(tmp_path / "ages.csv", name="ages", target="age")
    other = several.train("model: {type: ridge}\n", data="ages@1")
    at = open_page("compare", run=[several.runs.list()[1].run_id, other.run_id])

    assert "churn \\(binary\\) and age \\(regression\\)" in at.warning[0].value
    assert "Judge all of them again on the same rows" not in [one.label for one in at.button]


@pytest.mark.parametrize("chart", ["Precision and recall", "Calibration", "Scores", "Groups", "Training"])
def test_every_chart_has_its_table_and_says_what_it_shows(several, chart):
    """A link opens the chart it names; each has words for whoever does not see it."""
    at = open_page("compare", chart=chart)

    assert not at.exception and not at.error
    drawn = at.get("plotly_chart")
    assert drawn and all(one.proto.alt for one in drawn)
    assert [one for one in at.expander if one.label == "Table"]


def test_a_run_keeps_its_colour_where_the_baseline_is_not_drawn(several):
    """A regression learns in no iterations; the other run is drawn as the second, and named."""
    line = several.train("model: {type: logistic_regression}\ntraining: {test_size: 0.5}\n")
    tree = several.train(STUMP, overrides={"model.max_depth": 4}).run_id
    at = open_page("compare", run=[tree, line.run_id], chart="Training")
    drawn = json.loads(at.get("plotly_chart")[-1].proto.spec)["data"]

    assert {one["name"] for one in drawn if one.get("showlegend", True)} == {f"newer {tree[:7]}"}
    assert {(one.get("line") or one["marker"])["color"] for one in drawn} == {theme.SECOND}


@pytest.fixture
def apart(several) -> list[str]:
    """Three runs: two on the same rows, and one that kept more of them for its validation."""
    other = several.train(STUMP, overrides={"training.validation_size": 0.9})
    return [*(run.run_id for run in several.runs.list()[1:3]), other.run_id]


def test_runs_on_other_rows_are_neither_drawn_together_nor_ranked(several, apart):
    """No chart, no verdict, no table of metrics that holds both; what differs is still told."""
    at = open_page("compare", run=apart[1:])

    assert "not drawn together and not ranked" in at.warning[0].value
    assert not at.get("plotly_chart") and "Metrics on" not in words_on(at) and "can be luck" not in words_on(at)
    assert "training.validation_size" in list(next(one.value for one in at.dataframe if "key" in one.value)["key"])


def test_those_on_the_rows_of_the_reference_are_drawn_without_the_others(several, apart):
    """Of three runs two can be ranked, and the third is named."""
    at = open_page("compare", run=apart)
    drawn = json.loads(at.get("plotly_chart")[0].proto.spec)["data"]

    assert f"**newer {apart[2][:7]}** was judged by other rows" in at.warning[0].value
    assert {one["name"] for one in drawn} == {"chance", f"newer {apart[0][:7]}", f"older {apart[1][:7]}"}


def test_one_click_judges_all_of_them_again_on_the_same_rows(several, apart):
    """Rows that none has learned from, and none keeps for its test; then all are drawn, with the numbers of those rows."""
    at = open_page("compare", run=apart)
    button(at, "Judge all of them again on the same rows").click().run()
    called = reference.of(several, apart)
    found = several.comparisons.reevaluate(called.run_ids)

    assert not at.exception and not at.warning and f"on the same {found.rows} rows" in words_on(at)
    drawn = json.loads(at.get("plotly_chart")[-1].proto.spec)["data"]
    assert {one["name"] for one in drawn} == {"chance", *map(called.label, apart)}
    shown = next(one.value for one in at.dataframe if "AUC" in one.value and "run" in one.value)
    for run_id, (_, row) in zip(called.run_ids, shown.iterrows(), strict=True):
        assert row["run"] == called.label(run_id) and row["AUC"].startswith(f"{found.metrics[run_id]['auc']:.3f}")


def test_a_swap_holds_the_older_run_against_the_newer_one_and_keeps_the_words(several):
    """It is in the address, so a link shows the same; swapped again it is as before."""
    newest, before, _ = (run.run_id for run in several.runs.list())
    at = open_page("compare", run=[before, newest])
    button(at, "Swap").click().run()

    assert f"**older {before[:7]}** against newer {newest[:7]}" in words_on(at)
    assert at.query_params["against"] == newest
    button(at, "Swap").click().run()
    assert f"**newer {newest[:7]}** against older {before[:7]}" in words_on(at)


def test_every_metric_has_its_meaning_one_hover_away(several):
    """In the head of its column, from the glossary."""
    at = open_page("compare")
    [config] = [json.loads(one.proto.columns) for one in at.dataframe if "run" in one.value and "AUC" in one.value]

    assert config["AUC"]["help"] == glossary.METRICS["auc"] and config["recall"]["help"] == glossary.METRICS["recall"]


def test_slices_are_by_the_column_that_is_chosen(several):
    """Each level is a part."""
    at = open_page("compare", chart="Groups")
    next(box for box in at.selectbox if box.label == "Groups by").set_value("contract").run()

    assert "monthly" in at.get("plotly_chart")[-1].proto.spec


@pytest.mark.parametrize("chart", ["Scatter", "Parallel"])
def test_settings_are_drawn_against_the_metric_of_three_runs_or_more(several, chart):
    """Two runs are told by what differs."""
    ids = [run.run_id for run in several.runs.list()]

    assert chart not in open_page("compare", run=ids[:2]).segmented_control(key="chart").options
    at = open_page("compare", run=ids, chart=chart)
    assert not at.exception and "max_depth" in at.get("plotly_chart")[-1].proto.spec


def test_the_best_run_is_offered_for_registering_and_not_the_newest(several, apart):
    """Among those on the rows of the newest; one that was set aside is not; the one just opened comes first of all."""
    weak = several.train(STUMP)
    alike = [run for run in several.runs.list() if run.rows_sha256["validation"] == weak.rows_sha256["validation"]]
    best, second = sorted(alike, key=lambda run: -run.metrics["validation"]["auc"])[:2]
    assert best.run_id != weak.run_id == several.runs.list()[0].run_id
    at = open_page("release")
    chosen = at.selectbox(key="release.run")
    assert chosen.value == best.run_id
    auc = f"AUC {best.metrics['validation']['auc']:.3f}"
    assert f"{best.run_id[:7]} {spoken(best.run_id)} · {auc} · the best on its rows" in chosen.options
    several.runs.tag(best.run_id, "aside", "yes")
    assert open_page("release").selectbox(key="release.run").value == second.run_id
    at = open_page("run", id=weak.run_id)
    at.switch_page(str(ROOT / "pages" / "release.py")).run()
    assert at.selectbox(key="release.run").value == weak.run_id
    assert any(
        weak.run_id[:7] in one and one.endswith("just opened") for one in at.selectbox(key="release.run").options
    )


def test_a_step_that_an_earlier_run_did_leads_there_and_steps_tell_rows_in_and_out(several):
    """The first one here prepared the data for the next; what came before it left nothing in this cache."""
    newest, first, _ = (run.run_id for run in several.runs.list())
    at = open_page("run", id=newest)
    at.session_state["run.tabs"] = "Steps"
    at.run()

    assert f"load, validate, split, prepare: done by {first[:7]}, {spoken(first)}" in links_on(at)
    rows = {step.name: step.rows for step in steps.drawn(several.runs.get(newest).steps)}
    assert rows == {"load": "600 rows", "validate": "600 → 600", "split": "600 → 600", "prepare": "600 → 600",
                    "train": "600 → 240", "evaluate": "600 → 360", "package": ""}  # fmt: skip
    at = open_page("run", id=first)
    at.session_state["run.tabs"] = "Steps"
    assert not [one for one in links_on(at.run()) if "done by" in one]
