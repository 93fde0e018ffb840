"""The Monitor screen: the verdict in words, the map of all months, and what is one click away."""

from __future__ import annotations

from types import SimpleNamespace

import pandas as pd
import pytest

from mlops import Workspace
from playground import company, playing
from playground.jobs import jobs
from playground.ui.monitor import inputs, outcomes
from tests.playground import companies
from tests.screens import button, links_on, open_page, words_on

ROWS = 900


@pytest.fixture(scope="module")
def _played(tmp_path_factory):
    folder = tmp_path_factory.mktemp("monitored")
    files = companies.files(folder / "files", rows=ROWS)
    ws = companies.founded(folder / "founded", files)
    begun = ws.fork(folder / "begun")
    companies.play(ws, files, "2024-02")
    ws.alerts.update()
    return files, begun, ws


@pytest.fixture
def ws(_played, tmp_path, monkeypatch):
    """The company at the end of February 2024, in which its fee has risen."""
    files, _, played = _played
    monkeypatch.setattr(company, "FILES", files)
    ws = played.fork(tmp_path / "company")
    monkeypatch.setenv("MLOPS_WORKSPACE", str(ws.path))
    return ws


def opened(tab: str = "", **query: str):
    """Open the screen, and one of its tabs."""
    at = open_page("monitor", **query)
    if tab:
        at.session_state["monitor.tabs"] = tab
        at.run()
    assert not at.exception
    return at


def verdict(at) -> str:
    """Return the verdict of the newest month."""
    return next(one.value for one in at.subheader if not one.value.startswith("Your "))


def test_before_the_first_month_it_says_so_and_lets_one_pass(_played, tmp_path, monkeypatch):
    """An empty map asks for the one thing to do."""
    begun = _played[1].fork(tmp_path / "begun")
    monkeypatch.setenv("MLOPS_WORKSPACE", str(begun.path))
    at = opened()

    assert "No month has passed yet." in words_on(at)
    assert not button(at, "Next month").disabled


def test_the_newest_month_is_told_in_words(ws):
    """What moved, by its name for people; and when one will know whether it did harm."""
    at = opened()

    assert "February 2024" in verdict(at)
    assert "Inputs moved: Monthly fee most" in words_on(at).replace("\\", "")
    assert "not known before 31 March 2024" in words_on(at)


def test_a_link_names_the_month_that_the_page_is_about_until_another_one_passes(ws):
    """After "Next month" one wants to see that one."""
    at = opened("Inputs", month="2023-12")
    assert "as the model knows them" in words_on(at).replace("\\", "")
    button(at, "Next month").click().run()
    assert jobs().settled(playing.name(ws.path))
    at.run()

    assert "March 2024" in verdict(at) and "month" not in at.query_params
    assert "Nothing new" in words_on(at)


def test_in_the_past_nothing_is_known_that_came_later(ws):
    """As it was at the end of January: two months, and outcomes of one."""
    january = next(one["seq"] for one in ws.log() if one["at"] > "2024-02" and one["kind"] == "clock.set") - 1
    at = opened(at=str(january))

    assert verdict(at).startswith(":gray[January 2024:]")
    assert "not known before 29 February 2024" in words_on(at)
    assert button(at, "Back to today to let a month pass").disabled


def test_inputs_are_a_table_with_both_p_values_and_say_how_many_alarms_luck_explains(ws):
    """The feature that moved most first; the size beside the p-value."""
    at = opened("Inputs", month="2024-02")
    table = next(one.value for one in at.dataframe if "PSI" in one.value)

    assert table["Feature"].iloc[0] == "Monthly fee (EUR)" and table["PSI"].iloc[0] > 0.25
    assert {"p", "p adjusted", "Rows before", "Rows now"} <= {*table.columns}
    assert "p-values are below 0.05" in words_on(at) and "Benjamini and Hochberg" in words_on(at)


def test_outcomes_are_drawn_over_months_and_the_estimate_is_scored(ws):
    """What is not known yet is no number; the estimate stands beside the truth."""
    report = ws.monitoring.report()
    table = outcomes.months(report)
    at = opened("Outcomes", month="2023-12")

    assert list(table["month"]) == ["Dec ’23", "Jan", "Feb"]
    assert table["value"].isna().tolist() == [False, False, True] and table["estimate"].notna().all()
    assert "The estimate without outcomes held in" in words_on(at)
    assert "How far scores can be believed" in words_on(at)


def test_an_alert_is_acknowledged_with_a_reason_that_stays_on_record(ws):
    """Without one it is refused; it stays until what it is about is over."""
    [alert] = [one for one in ws.alerts.list() if one.code == "inputs"]
    at = opened("Alerts")
    assert "Inputs moved: Monthly fee" in words_on(at).replace("\\", "")
    at.session_state[f"alerts.seen.{alert.id}"] = True
    at.run()
    button(at, "Acknowledge").click().run()
    assert "Say what you found" in words_on(at).replace("\\", "") and ws.alerts.list()[0].status == "open"

    at.text_input(key=f"alerts.because.{alert.id}").set_value("prices rose")
    button(at, "Acknowledge").click().run()

    assert not at.exception
    seen = next(one for one in ws.alerts.list() if one.id == alert.id)
    assert (seen.status, seen.reason) == ("acknowledged", "prices rose")
    assert "prices rose" in words_on(at)


def test_one_button_retrains_and_the_way_to_its_end_is_a_line_of_links(ws):
    """Window, run, version, check, promoted or refused; all of it on record, and a second click waits for new outcomes."""
    at = opened("When to retrain")
    assert "not due" in words_on(at) and "The last retraining" not in words_on(at)
    button(at, "Retrain now").click().run()
    assert jobs().settled(("retrain", str(ws.path.absolute()), "churn_model"))
    at.run()

    [done] = ws.retraining.list()
    said = words_on(at).replace("\\", "")
    assert not at.exception and done.by == ws.log(ws.head() - 1)[0]["actor"]
    assert {done.window, f"v{done.candidate.partition('@')[2]}"} <= {*links_on(at)}
    assert f"release check: {done.gate['outcome']}" in said and done.why in said
    assert ("promoted" in said) and ("not promoted" in said) != done.promoted


def test_the_rule_suggests_only_until_somebody_says_otherwise_and_why(ws):
    """Choosing sets nothing yet: the button does, with the reason."""
    at = opened("When to retrain")
    at.segmented_control(key="retrain.when.churn_model").set_value("on_outcomes").run()
    assert "a month late" in words_on(at) and ws.retraining.rule().when == "never"
    at.text_input(key="retrain.because.churn_model").set_value("harm is what counts").run()
    button(at, "Make it the rule").click().run()

    rule = ws.retraining.rule()
    assert not at.exception
    assert (rule.when, rule.act, rule.reason) == ("on_outcomes", "suggest", "harm is what counts")
    assert "harm is what counts" in words_on(at)


def test_bins_are_said_as_people_say_them():
    """The outer ones are open: what lies beyond is in them as well."""
    assert inputs.ranges([0, 10, 20.5, 30]) == ["below 10", "10 – 20.5", "20.5 and above"]
    assert inputs.ranges([1, 2]) == ["all"]
    shares = inputs.shares({"levels": ["web", 2.0], "reference": [3, 1], "current": [1, 1]})
    assert shares.equals(pd.DataFrame({"value": ["web", "2"], inputs.BEFORE: [0.75, 0.25], inputs.NOW: [0.5, 0.5]}))


def test_the_table_of_answers_has_as_many_as_the_line_at_the_top_says(ws, tmp_path):
    """Files are answered as well, and each is a row; those asked by a version's number answered nobody."""
    ws.batch_predict("churn_model@1.0.0", "customers@2", tmp_path / "answers.csv")
    at = opened("Answers")
    files = next(one.value for one in at.dataframe if "Answers" in one.value)

    assert files["Month"].tolist() == ["February 2024", "January 2024", "December 2023"]
    assert f"{files['Answers'].sum():,} answers" in words_on(at) and files["Answers"].sum() == 3 * ROWS
    assert "Nobody asked about a single row yet" in words_on(at)


def test_no_empty_axes_stand_where_nothing_is_known(tmp_path, monkeypatch):
    """Of several classes there is no estimate without outcomes either."""
    ws = Workspace.open(tmp_path / "own")
    rows = [f"{number},{number % 9},{'abc'[number % 9 // 3]}" for number in range(150)]
    (tmp_path / "mine.csv").write_text("\n".join(["id,x,kind", *rows]) + "\n")
    ws.datasets.add(tmp_path / "mine.csv", "mine", target="kind", id="id")
    model = ws.models.register(ws.train(companies.LOGISTIC.partition("features")[0]), "mine_model")
    ws.deploy(model, "production", "first", override="nobody to rehearse with")
    ws.batch_predict("@production", "mine@1")
    monkeypatch.setenv("MLOPS_WORKSPACE", str(ws.path))

    at = opened("Outcomes")
    assert "No outcomes are known yet" in words_on(at) and not at.get("plotly_chart")


def test_groups_of_a_month_wait_for_its_outcomes(ws):
    """It is not that they are too few."""
    assert "What each group of February 2024 did, its outcomes tell" in words_on(opened("Outcomes", month="2024-02"))
    assert "they are not known yet" not in words_on(opened("Outcomes", month="2023-12"))


def test_an_estimate_is_called_blind_only_where_it_missed():
    """And before any truth it says that it will be scored."""

    def told(*held):
        months = [SimpleNamespace(estimate=SimpleNamespace(held=one, error=-0.06)) for one in held]
        return outcomes.estimated(SimpleNamespace(months=months))

    assert "blind to a changed law" in told(True, False) and "in 1 of 2 months" in told(True, False)
    assert "blind" not in told(True)
    assert "as soon as outcomes come" in told(None)
