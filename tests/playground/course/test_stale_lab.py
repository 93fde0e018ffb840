"""The lab "The stale model": what its words and its two pictures claim is so, in half a year that was really lived."""

from __future__ import annotations

import shutil

import pandas as pd
import pytest

from mlops import Workspace
from mlops.base.errors import DataError, PastError, RefusedError
from playground import chain, company, course, race, staircase
from playground.calendar import end_of
from playground.course import acts
from playground.course.acts import MODEL
from playground.course.checks import decided, stale
from playground.course.verdict import Baseline
from tests.browser import executable, idle, served
from tests.playground.course.missions import mission
from tests.screens import button, open_page, words_on

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def _raced(_built, tmp_path_factory):
    """The lab as its solution leaves it, at the end of December, with the race run and the guess waived."""
    folder = tmp_path_factory.mktemp("raced") / "learner"
    shutil.copytree(_built("stale", True), folder)
    ws = Workspace.open(folder / "workspace", create=False, actor="ada")
    course.waive(ws, "stale", "rule")
    race.run(course.workspace(ws, "stale"), MODEL)
    return folder


@pytest.fixture
def raced(_raced, tmp_path):
    """A copy of it: the learner's own workspace."""
    shutil.copytree(_raced, tmp_path / "learner")
    return Workspace.open(tmp_path / "learner" / "workspace", create=False, actor="ada")


def test_the_staircase_knows_what_a_retraining_on_each_day_would_have_learned_from(raced):
    """Asked of the workspace as it was then: the picture and the button have one answer."""
    there = course.workspace(raced, "stale")
    found = staircase.read(there, MODEL)
    for month in ("2024-06", "2024-08", "2024-09", "2024-12"):
        then = max(one["at"] for one in there.log() if one["at"] <= end_of(month))
        asked = there.at(then).retraining.due("production", MODEL)
        assert tuple(one.ref(then) for one in found.learns_from(then)) == asked.months or not asked.due
    assert [(one.version, one.mine) for one in found.trainings] == [("1.0.0", False), ("1.1.0", False), ("1.2.0", True)]
    assert found.trainings[-1].months == ("2024-07", "2024-08")
    [july] = [one for one in found.stairs if one.fault]
    assert july.month == "2024-07" and july.repaired


def test_the_race_is_run_by_models_that_a_retraining_would_have_made(raced):
    """What the learner retrained at the end of September decides about October as what raced there: costs are real ones."""
    there = course.workspace(raced, "stale")
    found = race.read(there)
    own = there.monitoring.month("production", MODEL, "2024-10").month.outcomes
    decided = found.decided["2024-09"]["2024-10"]
    said = decided.missed + decided.alarms
    assert 1 - said / own.known == pytest.approx(own.metrics["accuracy"])
    assert set(found.stops) == {f"2024-{number:02}" for number in range(1, 11)}


def test_the_guess_about_the_rules_is_answered_by_the_race(raced):
    """Waiting for harm wins, moving inputs lose money, and the learner beats what never retraining costs."""
    found, [asked] = race.read(course.workspace(raced, "stale")), mission("stale").asks
    saved = {rule: found.saved(flags) for rule, flags in found.rules.items()}
    assert max(saved, key=saved.__getitem__) == asked.answer == "on_outcomes"
    assert saved["on_drift"] < saved["scheduled"] and saved["never"] == 0 < found.saved(["2024-04", "2024-09"])
    assert found.rules["never"] == () and found.rules["scheduled"] == found.stops
    assert "2024-08" not in found.rules["on_drift"] and "2024-08" in found.rules["on_outcomes"]


def test_whatever_the_learner_trained_the_flags_race_by_the_recipe_of_the_year(raced):
    """Else the learner's own config would move what every rule is held against."""
    there = course.workspace(raced, "stale")
    own = there.train("model: {type: dummy}\ntraining: {random_state: 1}\n")
    there.deploy(there.models.register(own, MODEL), "production", "to see what happens", override="to see")
    raced_by = race._Racing(there, MODEL, lambda says, part: None)._trained("2024-02").version
    first = there.runs.get(there.models.get(f"{MODEL}@1.0.0").run_id).params
    assert there.runs.get(raced_by.run_id).params["model.type"] == first["model.type"] != "dummy"


def test_before_any_outcome_is_known_a_race_is_refused(at):
    """With a sentence that says what to wait for."""
    with pytest.raises(RefusedError, match="No month has outcomes yet"):
        race.run(course.workspace(at("year"), "year"), MODEL)


def test_what_was_trained_before_the_lab_proves_nothing_and_where_no_outcomes_come_it_says_so(raced):
    """Releasing a colleague's version again is no retraining, and nobody is left to wait for what never comes."""
    there = course.workspace(raced, "stale")
    begun = course.read(raced).stops["stale"].baseline
    assert stale.retraining_proven(there, begun, MODEL, "2024-12").ok
    late = stale.retraining_proven(there, Baseline(there.head(), ""), MODEL, "2024-12")
    assert not late.ok and "that you trained" in late.observed and "begin the lab again" in late.why
    at_first = there.at(event=begun.event)
    assert "begin the lab again" not in stale.retraining_proven(at_first, begun, MODEL, "2024-12").why


def test_where_nothing_of_the_name_is_live_each_check_says_so(raced):
    """It is no fault of ours, and no tick."""
    there, begun = course.workspace(raced, "stale"), course.read(raced).stops["stale"].baseline
    asked = [
        stale.learned_no_fault(there, begun, "toy", "2024-07"),
        stale.retraining_proven(there, begun, "toy", "2024-12"),
        stale.month_repaired(there, begun, "toy", "2024-07"),
        decided.called_by_outcomes(there, begun, "toy", "stale", "august", "2024-08"),
        decided.retrained_on_known(there, begun, "toy", "2024-08"),
    ]
    assert not any(one.ok for one in asked)


def test_a_fault_is_learned_under_whatever_name_it_is_kept(at):
    """What counts is what stands in the rows: a table of one's own with July in it is July."""
    ws = at("stale")
    there = course.workspace(ws, "stale")
    acts.play_to(there, "2024-07")
    july = there.datasets.frame(stale.came(there, "2024-07", MODEL))
    rows = july.drop(columns=["churn"], errors="ignore").merge(pd.read_csv(company.FILES / "outcomes_2024-07.csv"))
    rows.iloc[1:].to_csv(ws.path / "mine.csv", index=False)
    mine = there.datasets.add(ws.path / "mine.csv", "mine", target="churn", id="customer_id")
    model = there.models.register(there.train(chain.SAMPLE_CONFIG, data=mine.ref), MODEL)
    there.deploy(model, "production", "July as it came", override="to see")
    [sound] = [one for one in course.check(ws, "stale").goals if one.id == "sound"]
    assert not sound.ok and "with the fault" in sound.observed


def test_the_past_is_raced_by_nobody_and_the_learners_work_stays_as_it_was(raced):
    """A race happens on a copy; its result alone is noted."""
    there = course.workspace(raced, "stale")
    with pytest.raises(PastError):
        race.run(there.at(event=there.head() - 1), MODEL)
    assert [one["kind"] for one in there.log()][-1].startswith("journal.") and len(there.models.list()) == 3


def test_the_export_of_the_new_system_is_refused_and_is_no_drift(raced):
    """What the extra of the lab asks to be tried."""
    there = course.workspace(raced, "stale")
    with pytest.raises(DataError, match="another schema"):
        there.batch_predict(f"{MODEL}@production", company.FILES / "crm_export.csv")
    found = there.drift(there.models.get(f"{MODEL}@production").data_version, company.FILES / "crm_export.csv")
    assert found.verdict == "data_error" and "crm_export.csv" in mission("stale").extra.text


def test_the_pictures_stand_where_retraining_is_decided_and_the_race_waits_for_the_guess(at, monkeypatch):
    """In the chapter of the lab alone; a fault is repaired where it is named."""
    ws = at("stale")
    company.next_month(course.workspace(ws, "stale"))
    monkeypatch.setenv("MLOPS_WORKSPACE", str(ws.path))
    screen = open_page("monitor", **{"in": "stale"})
    screen.session_state["monitor.tabs"] = "When to retrain"
    assert "What is known, and since when" in words_on(screen.run()) and "give the answer away" in words_on(screen)
    course.waive(ws, "stale", "rule")
    screen.session_state["monitor.tabs"] = "When to retrain"
    assert not button(screen.run(), "Race the rules").disabled

    screen.session_state["monitor.tabs"] = "Inputs"
    button(screen.run(), "Repair it, as a new version").click().run()
    screen.session_state["monitor.tabs"] = "Inputs"
    assert "customers@11 holds it repaired" in words_on(screen.run()) and not screen.exception
    assert next(one for one in course.check(ws, "stale").goals if one.id == "repaired").ok


@pytest.mark.browser
@pytest.mark.skipif(executable() is None, reason="no Chromium on this machine")
def test_the_day_is_moved_and_flags_are_set_without_asking_the_server(chromium, raced):
    """By mouse and by keyboard; what the sentence says is what the records say."""
    there = course.workspace(raced, "stale")
    found, ran = staircase.read(there, MODEL), race.read(there)
    course.leave(raced)  # its panel looks every few seconds whether anything happened
    with served(raced.path) as address:
        page = chromium.new_page(viewport={"width": 1400, "height": 1000}, reduced_motion="reduce")
        sent = []
        page.on("websocket", lambda socket: socket.on("framesent", lambda frame: sent.append(frame)))
        page.goto(f"{address}/monitor?in=stale")
        page.get_by_role("tab", name="When to retrain").click()
        day = page.get_by_role("slider", name="Day")
        day.wait_for()
        idle(page)
        before = len(sent)

        assert page.locator(".stairs .said").inner_text() == found.sentence
        for _ in range(3):
            day.press("ArrowLeft")
        assert page.locator(".stairs .said").inner_text() == found.said(end_of("2024-09"))
        assert page.locator(".stairs .taken.takes").count() == 2
        box = day.bounding_box()
        page.mouse.click(box["x"] + 0.25 * box["width"], box["y"] + 100)
        assert page.locator(".stairs .said").inner_text() == found.said(end_of("2024-02"))

        assert page.locator(".race .said").inner_text() == ran.sentence(["2024-04", "2024-09"])
        page.get_by_role("button", name="Retrain at the end of August 2024").press("Enter")
        assert page.locator(".race .said").inner_text() == ran.sentence(["2024-04", "2024-08", "2024-09"])
        assert page.evaluate("document.activeElement.shadowRoot?.activeElement?.dataset.month ?? ''") == "2024-08"
        page.get_by_role("button", name="As it was").click()
        assert page.locator(".race .said").inner_text() == ran.sentence(["2024-04", "2024-09"])
        assert len(sent) == before > 0
        page.close()
