"""Stops 2 to 8 in a real browser, from the first guess through to solved; the verdict is that of the package."""

from __future__ import annotations

import re

import pytest

from mlops import Workspace
from playground import course
from playground.course import acts
from tests.browser import executable, idle, served, settle

pytestmark = [
    pytest.mark.slow,
    pytest.mark.browser,
    pytest.mark.skipif(executable() is None, reason="no Chromium on this machine"),
]


@pytest.fixture
def page(chromium):
    """A page that belongs to no server yet; whatever goes wrong in it is kept in `page.errors`."""
    page = chromium.new_page(viewport={"width": 1400, "height": 1000})
    page.errors = []
    page.on("pageerror", lambda error: page.errors.append(str(error)))
    yield page
    page.context.close()


def panel(page):
    return page.locator(".st-key-panel")


def choose(page, option: str, button: str) -> None:
    """Choose one of the options in the panel, and press its button."""
    panel(page).get_by_text(option, exact=True).first.click()
    idle(page)
    panel(page).get_by_role("button", name=button, exact=True).first.click()
    idle(page)


def solved(page) -> None:
    panel(page).get_by_role("strong").get_by_text("Solved").wait_for()
    idle(page)


def test_the_second_stop_through_to_solved(page, tmp_path):
    """Two guesses, Jo's file kept, trained with, and version 1 again: the model has its old hash."""
    ws = Workspace.open(tmp_path / "workspace")
    course.start(ws, "notebook")
    acts.carry_out(ws, course.stop("notebook").mission.solution)
    course.record(ws, "notebook")
    course.start(ws, "freeze")
    with served(ws.path) as address:
        page.goto(f"{address}/data")
        panel(page).get_by_text("Which one moved?").first.wait_for()
        idle(page)
        choose(page, "code", "Guess")
        panel(page).get_by_text("Jo corrected 312 fees in place").wait_for()
        idle(page)  # until then the button of the first guess stands there as well
        panel(page).get_by_role("button", name="Show it without a guess").click()
        idle(page)

        page.get_by_label("Where is it from?").fill("from Jo, the shared folder")
        page.get_by_role("button", name="Keep this version").click()
        panel(page).get_by_text("1 of 3 goals").wait_for()
        idle(page)
        page.goto(f"{address}/train")
        page.get_by_role("button", name="Train", exact=True).click()
        panel(page).get_by_text("2 of 3 goals").wait_for()
        page.goto(f"{address}/data?version=customers%401")
        page.get_by_role("button", name="Train with it again").click()
        page.get_by_role("heading", name="Train", level=1).wait_for()
        idle(page)
        page.get_by_role("button", name="Train", exact=True).click()
        solved(page)
        assert "The hash is the identity" in panel(page).inner_text()
        assert re.search(r"it is \d+, from 312 changed cells in 9,000 rows", panel(page).inner_text())
        choose(page, "Because disks are cheap.", "Say it")
        panel(page).get_by_text("Then it is a habit.").wait_for()

    state = course.read(ws).stops["freeze"]
    assert (state.status, state.guess, state.waived, state.boss) == ("solved", {"pin": "code"}, ("flips",), "cheap")
    assert page.errors == []


def rewritten(page, before: str, after: str) -> None:
    """Change the config in the editor, and tell the app at once."""
    editor = page.get_by_role("textbox", name="Config as YAML")
    editor.wait_for()
    idle(page)
    text = editor.input_value()
    assert before in text
    editor.fill(text.replace(before, after))
    editor.press("Control+Enter")
    settle(page)


def test_the_third_stop_through_to_solved(page, tmp_path):
    """A spread that is marked by keyboard, one key moved, the run cooked again, and one without a seed that cannot be."""
    ws = Workspace.open(tmp_path / "workspace")
    for stop in ("notebook", "freeze"):
        course.start(ws, stop)
        acts.carry_out(ws, course.stop(stop).mission.solution)
        course.record(ws, stop)
    with served(ws.path) as address:
        page.goto(f"{address}/data")
        panel(page).get_by_role("button", name="Next: Config, not code").click()
        page.get_by_role("heading", name="Train", level=1).wait_for()
        lowest, highest = (panel(page).get_by_label(f"{end} of the five") for end in ("Lowest", "Highest"))
        highest.wait_for()
        idle(page)
        lowest.press("PageDown")
        highest.press("ArrowRight")
        highest.press("Enter")
        panel(page).get_by_text("most of the spread comes from who sits in the exam").wait_for()
        assert panel(page).locator("svg circle.dot").count() == 5

        rewritten(page, "max_depth: 3", "max_dept: 4")
        page.get_by_text("max_depth").first.wait_for()
        assert page.get_by_role("button", name="Train", exact=True).is_disabled()
        rewritten(page, "max_dept: 4", "max_depth: 4")
        page.get_by_role("button", name="Train", exact=True).click()
        panel(page).get_by_text("1 of 3 goals").wait_for()
        panel(page).get_by_role("link", name="Run, reproduce").click()
        page.get_by_role("button", name="Reproduce", exact=True).click()
        panel(page).get_by_text("2 of 3 goals").wait_for()

        panel(page).get_by_role("link", name="Train, the config").click()
        rewritten(page, "random_state: 42", "random_state: null")
        page.get_by_role("button", name="Train", exact=True).click()
        panel(page).get_by_role("link", name="Run, reproduce").click()
        page.get_by_role("button", name="Reproduce", exact=True).click()
        solved(page)
        assert "yours has five, and you moved 3 today" in panel(page).inner_text()
        assert page.get_by_text("no seed was kept").first.is_visible()

    state = course.read(ws).stops["config"]
    assert (state.status, state.chapter) == ("solved", None)
    assert [run.reproduced["verdict"] for run in ws.runs.list() if run.reproduced] == ["impossible", "identical"]
    assert page.errors == []


def test_the_fourth_stop_through_to_solved(page, tmp_path):
    """A guess, two faults that were found out, a second exam on the same rows, and a candidate with a reason."""
    ws = Workspace.open(tmp_path / "workspace")
    course.start(ws, "compare")
    there = course.workspace(ws, "compare")
    runs = {run.name: run.run_id for run in there.runs.list()}
    with served(ws.path) as address:
        page.goto(f"{address}/compare?in=compare")
        panel(page).get_by_text("Is the best number the best model?").first.wait_for()
        idle(page)
        choose(page, "Yes", "Guess")
        panel(page).get_by_text("the same exam without a cheat sheet").wait_for()
        choose(page, "Another is better", "Answer")
        panel(page).get_by_text("Which column makes it so?").wait_for()
        choose(page, "Knows the future", "Answer again")
        panel(page).get_by_text("Jo's small trees: why not?").first.wait_for()

        page.goto(f"{address}/compare?in=compare&run={runs['november']}&run={runs['small_trees']}")
        page.get_by_role("button", name=re.compile("on the same rows")).click()
        page.get_by_text("On the same 204 rows").first.wait_for()
        idle(page)
        choose(page, "Judged on other rows", "Answer")
        panel(page).get_by_text("2 of 4 goals").wait_for()

        page.get_by_role("button", name="Annotate").click()
        page.get_by_role("textbox", name="Tags").fill("candidate")
        page.get_by_role("textbox", name="Note").fill("best on the same rows, and no survey in it")
        page.get_by_role("button", name="Save").click()
        solved(page)

    state = course.read(ws).stops["compare"]
    assert (state.status, state.guess) == ("solved", {"best": "sure"})
    assert there.runs.get(runs["november"]).tags["candidate"] == "yes" and there.verify()["ok"]
    assert page.errors == []


def released(page, button: str, reason: str) -> None:
    """Say why, and press the button of a release."""
    page.get_by_role("button", name=button).wait_for()
    idle(page)
    page.get_by_label("Reason", exact=True).fill(reason)
    page.get_by_label("Reason", exact=True).press("Enter")
    idle(page)
    page.get_by_role("button", name=button).click()


def test_the_fifth_stop_through_to_solved(page, tmp_path):
    """A guess, a version, a rehearsal, six lamps, the edit put back, the card, production; the shuffle says how often."""
    ws = Workspace.open(tmp_path / "workspace")
    course.start(ws, "promote")
    there = course.workspace(ws, "promote")
    with served(ws.path) as address:
        page.goto(f"{address}/release?in=promote")
        panel(page).get_by_text("drawn anew 100 times: how often does Jo's run lead?").first.wait_for()
        idle(page)
        panel(page).get_by_role("slider").press("PageUp")
        panel(page).get_by_role("slider").press("Enter")
        panel(page).get_by_text("The answer comes with the goals below").wait_for()
        page.get_by_role("button", name="Register", exact=True).click()
        released(page, "Deploy to staging", "rehearsal")
        panel(page).get_by_text("v1.1.0 is in staging").wait_for()
        idle(page)
        page.get_by_role("button", name="Run the release check").click()
        page.get_by_text("Meant, or not meant?").wait_for()
        panel(page).get_by_text(re.compile(r"it is ahead in \d\d")).first.wait_for()
        idle(page)
        page.get_by_label("Why?").fill("nobody knows of it")
        page.get_by_role("button", name="Put it back").click()
        page.get_by_label("What is it for?").fill("Whom Lena calls each month")
        page.get_by_label("Who answers for it?").last.fill("Ada")
        page.get_by_label("When must it not be used?").last.fill("Customers of less than a month")
        page.get_by_role("button", name="Complete the card").click()
        page.get_by_text("Nothing stands in its way.").wait_for()
        released(page, "Promote to production", "not worse on rows that neither had seen")
        solved(page)

    state, live = course.read(ws).stops["promote"], there.releases.live("production")
    assert state.status == "solved" and live.model["version"] == "1.1.0"
    assert live.gate["outcome"] == "pass" and live.override is None and not there.worlds.read().unintended
    assert page.errors == []


def test_the_sixth_stop_through_to_solved(page, tmp_path):
    """The digits stay covered until they are guessed; three clicks, and all of them light up under one another."""
    ws = Workspace.open(tmp_path / "workspace")
    course.start(ws, "serve")
    there = course.workspace(ws, "serve")
    with served(ws.path) as address:
        page.goto(f"{address}/predict?in=serve&open=doors")
        panel(page).get_by_text("up to which digit are the answers equal?").first.wait_for()
        idle(page)
        page.get_by_role("button", name="Ask in the form").click()
        page.get_by_text("Guess first: it is covered").wait_for()
        assert not page.locator(".doors .digit").count()
        choose(page, "the 2nd", "Guess")
        panel(page).get_by_text("one of the doors had its own copy").wait_for()
        page.get_by_role("button", name="Answer the list").click()
        page.get_by_text("198 answered + 2 rejected = 200 rows in").first.wait_for()
        panel(page).get_by_text("1 of 2 goals").wait_for()
        page.get_by_role("button", name="Call over REST").click()
        solved(page)
        page.get_by_text("Equal to the last digit").wait_for()
        rest, form = there.predictions.list(2)
        assert (form["door"], rest["door"], form["score"]) == ("row", "rest", rest["score"])
        lit = page.locator(".doors .digits").evaluate_all(
            "all => all.map(one => [...one.querySelectorAll('.lit')].map(digit => digit.textContent).join(''))"
        )
        assert lit == [repr(form["score"])] * 3
        left = page.locator(".doors .door .digit:nth-child(5)").evaluate_all(
            "all => all.map(one => one.getBoundingClientRect().left)"
        )
        assert len(left) == 3 and len({*left}) == 1, "a digit stands under its like"

    state = course.read(ws).stops["serve"]
    assert (state.status, state.guess) == ("solved", {"digits": "second"}) and there.verify()["ok"]
    assert page.errors == []


def test_the_seventh_stop_through_to_solved(page, tmp_path):
    """Two wrong answers with a reply of their own, the right one, a replay to the last digit, and a way back."""
    ws = Workspace.open(tmp_path / "workspace")
    course.start(ws, "rollback")
    there = course.workspace(ws, "rollback")
    asked = next(one for one in there.predictions.list() if one["id"] == "c2403-0078" and "T18:00" in one["at"])
    with served(ws.path) as address:
        page.goto(f"{address}/release?in=rollback")
        panel(page).get_by_text("Which version was in production at 2 pm?").first.wait_for()
        idle(page)
        choose(page, "v1.3.0", "Answer")
        panel(page).get_by_text("That is 14:00 UTC.").wait_for()
        choose(page, "v1.4.0", "Answer again")
        panel(page).get_by_text("staging only").wait_for()
        choose(page, "v1.1.0", "Answer again")
        panel(page).get_by_text("the rollback of 17:42 UTC").wait_for()

        page.goto(f"{address}/predict?in=rollback&replay={asked['prediction_id']}")
        page.get_by_text("Equal to the last digit").wait_for()
        idle(page)
        digits = page.locator(".st-key-replay code").first.inner_text()
        panel(page).get_by_role("textbox").fill(digits[:4])
        panel(page).get_by_role("textbox").press("Enter")
        idle(page)
        panel(page).get_by_role("button", name="Answer", exact=True).click()
        panel(page).get_by_text("That is rounded").wait_for()
        panel(page).get_by_role("textbox").fill(digits)
        panel(page).get_by_role("textbox").press("Enter")
        idle(page)
        panel(page).get_by_role("button", name="Answer again").click()
        panel(page).get_by_text("2 of 3 goals, 1 holds so far").wait_for()
        choose(page, "yes", "Guess")
        panel(page).get_by_text("What was sent, was sent.").wait_for()

        page.reload()
        panel(page).get_by_text("2 of 3 goals, 1 holds so far").wait_for()
        panel(page).get_by_role("link", name="Release, Roll back").click()
        page.get_by_role("heading", name="Release", level=1).wait_for()
        idle(page)
        page.get_by_label("Reason").last.fill("complaints since five")
        page.get_by_role("button", name=re.compile("Roll back to")).click()
        solved(page)

    assert course.read(ws).stops["rollback"].status == "solved"
    assert there.releases.live("production").model["version"] == "1.6.0" and there.verify()["ok"]
    assert page.errors == []


def played(page, until: str) -> None:
    """Press Play on Monitor, and wait until the panel asks, or says, what comes at the stop after it."""
    page.get_by_role("button", name="Play", exact=True).click()
    panel(page).get_by_text(until).first.wait_for(timeout=240_000)
    idle(page)


def test_the_eighth_stop_through_to_solved(page, tmp_path):
    """A line by pointer and by key, two stops, two decisions, one retraining that passes, and December to show it."""
    ws = Workspace.open(tmp_path / "workspace")
    course.start(ws, "year")
    there = course.workspace(ws, "year")
    with served(ws.path) as address:
        page.goto(f"{address}/monitor?in=year")
        panel(page).get_by_text("Draw the AUC you expect, to December.").first.wait_for()
        picture = page.locator(".year svg.picture")
        picture.wait_for()
        idle(page)
        assert not page.get_by_role("button", name="Play", exact=True).count(), "nothing is told before the line"
        place = picture.bounding_box()
        page.mouse.move(place["x"] + 0.12 * place["width"], place["y"] + 0.35 * place["height"])
        page.mouse.down()
        page.mouse.move(place["x"] + 0.75 * place["width"], place["y"] + 0.4 * place["height"], steps=8)
        page.mouse.up()
        picture.get_by_role("slider", name="December").press("PageDown")
        picture.get_by_role("slider", name="December").press("Enter")
        panel(page).get_by_text("You said").first.wait_for()
        idle(page)

        played(page, "31 May. Inputs moved.")
        assert there.now().startswith("2024-05-31")
        choose(page, "wait", "Answer")
        played(page, "May's outcomes are known.")
        page.get_by_text("Decide first").first.wait_for(timeout=240_000)
        idle(page)
        assert there.now().startswith("2024-09-30")
        choose(page, "harmless", "Answer")
        choose(page, "retrain", "Answer")
        page.get_by_role("tab", name="When to retrain").click()
        page.get_by_role("button", name="Retrain now").click()
        panel(page).get_by_text("4 of 5 goals").wait_for(timeout=240_000)
        idle(page)
        played(page, "Drift is not harm")
        solved(page)
        assert re.search(r"is 0\.\d\d\d (below|above) your line", picture.locator("xpath=..").inner_text())
        choose(page, "It retrains whenever something changes.", "Say it")
        panel(page).get_by_text("On July's broken hours").wait_for()
        panel(page).get_by_role("button", name="Close: your own project").click()
        page.get_by_role("link", name="Take a model live").wait_for()  # the tour was begun at its end

    state, live = course.read(ws).stops["year"], there.releases.live("production")
    assert state.status == "solved" and len(state.guess["line"]) == 12 and state.answers["may"] == "wait"
    assert live.gate["outcome"] == "pass" and live.override is None and there.verify()["ok"]
    assert page.errors == []
