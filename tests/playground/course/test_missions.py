"""Missions: each one fails where it starts, passes by its solution and by other ways, and each check sees its fault."""

from __future__ import annotations

import calendar
import hashlib
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from mlops.base.errors import ConfigError
from mlops.release.lamps import lamps
from playground import chain, course, doors, say, screens
from playground.course import acts, budget, mission, seeds
from playground.course.fixtures import four_runs, march
from playground.ui.kit import panel
from tests.browser import executable, served
from tests.playground.course.missions import BUILT, FROM_SOLVED, LABS, MUTANTS, WAYS_TO_MISS, clean_the_list
from tests.playground.course.missions import mission as about

ROOT = Path(__file__).resolve().parents[3]
SLOW_LABS = {name for name, lab in LABS.items() if lab.SLOW}
LONG = {"serve", "year", *SLOW_LABS}
"""Those that start servers or live through a year, and labs that take their time."""
REAL = {stop: [pytest.mark.slow] for stop in {"config", *LONG}}
"""Those whose ways reproduce runs, each in a process of its own, and the long ones."""
FAULTS = [
    pytest.param(
        stop,
        goal,
        mutant,
        marks=REAL[stop] if stop in (SLOW_LABS if mutant in FROM_SOLVED else LONG) else [],
        id=f"{stop}-{goal}-{mutant.__name__.strip('_')}",
    )
    for stop, goal, mutant in WAYS_TO_MISS
]
WAYS = [
    pytest.param(stop, number, marks=REAL.get(stop, []))
    for stop in BUILT
    for number in range(len(about(stop).alternatives))
]


@pytest.fixture(params=[pytest.param(one, marks=pytest.mark.slow if one in SLOW_LABS else []) for one in BUILT])
def stop(request):
    """Each of them; what some labs begin from takes long to build."""
    return request.param


@pytest.fixture(params=[pytest.param(one, marks=REAL[one] if one in LONG else []) for one in BUILT])
def walked(request):
    """A stop whose solution is gone through once more; a year and a server take their time."""
    return request.param


@pytest.fixture(params=[pytest.param(one, marks=REAL[one] if one in SLOW_LABS else []) for one in BUILT])
def solved(request):
    """A stop of which the end is looked at; the solution of some labs takes its time."""
    return request.param


def fails(report):
    return [goal.id for goal in report.goals if not goal.ok]


def test_where_a_stop_starts_it_is_not_solved(at, stop):
    """Nobody is given a tick for what was there already."""
    ws = at(stop)
    assert not course.record(ws, stop).ok
    assert course.read(ws).stops[stop].status == "under_way"
    assert {one.state for one in panel.marks(course.check(ws, stop))} <= {"kept", "open"}


def test_the_solution_solves_it(at, solved):
    """Step by step, as it stands in the mission."""
    ws = at(solved, solved=True)
    assert fails(course.record(ws, solved)) == []
    assert course.read(ws).stops[solved].status == "solved"


@pytest.mark.parametrize(("stop", "number"), WAYS)
def test_any_other_valid_way_solves_it_as_well(at, stop, number):
    """Another order, more than was asked for, and what misspelt attempts left behind."""
    ws = at(stop)
    acts.carry_out(course.workspace(ws, stop), about(stop).alternatives[number])
    assert fails(course.record(ws, stop)) == []


@pytest.mark.parametrize(("stop", "goal", "mutant"), FAULTS)
def test_each_check_sees_its_own_fault_and_no_other(at, stop, goal, mutant):
    """And says what is there, what is wanted, why and where: right or wrong alone teaches little."""
    ws = at(stop, solved=mutant in FROM_SOLVED)
    there = course.workspace(ws, stop)
    mutant(there)
    report = course.check(ws, stop)
    assert fails(report) == [goal]
    [missed] = [one for one in report.goals if one.id == goal]
    assert all((missed.observed, missed.expected, missed.why, missed.where.text))
    assert missed.where.page in {screen.name for screen in screens.SCREENS}
    assert 0 < missed.where.event <= there.head()


def test_every_goal_has_such_a_fault():
    """A check that nothing can flip checks nothing."""
    assert set(MUTANTS) == {(stop, goal.id) for stop in BUILT for goal in about(stop).goals}


def test_in_no_state_on_the_way_a_goal_fails_without_words(at, walked):
    """After each step of the solution, also before the first."""
    ws = at(walked)
    for step in [None, *about(walked).solution]:
        acts.carry_out(course.workspace(ws, walked), [step] if step else [])
        for goal in course.check(ws, walked).goals:
            assert all((goal.observed, goal.expected, goal.why, goal.where.page, goal.where.text))
            assert goal.where.event is not None


def test_show_me_solves_a_copy_and_leaves_the_workspace_as_it_is(at, walked):
    """To the byte; it never counts, and it is never congratulated."""
    ws = at(walked)
    there = course.workspace(ws, walked)
    before = {folder: contents(folder) for folder in (ws.path, there.path)}
    shown = course.show_me(ws, walked)
    assert shown.report.ok and shown.folder not in (ws.path, there.path)
    assert {folder: contents(folder) for folder in before} == before
    assert course.read(ws).stops[walked].status == "demonstrated"
    assert not course.record(ws, walked).ok


def contents(folder):
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_whoever_was_shown_and_then_did_it_solved_it_with_hints(at):
    """The status says how it came about."""
    ws = at("notebook")
    course.show_me(ws, "notebook")
    acts.carry_out(ws, about("notebook").solution)
    course.record(ws, "notebook")
    assert course.read(ws).stops["notebook"].status == "with_hints"


def test_the_command_line_gives_the_verdict_of_the_package(at, walked):
    """Goal by goal, word by word, with the exit code of the verdict."""
    ws = at(walked)
    acts.carry_out(course.workspace(ws, walked), about(walked).solution[:1])
    report = course.record(ws, walked)
    line = [sys.executable, "-m", "mlops", "--workspace", str(ws.path), "course", "check", walked, "--json"]
    done = subprocess.run(line, cwd=ROOT, capture_output=True, text=True, check=False)
    keys = ("id", "ok", "observed", "expected", "why", "where")
    goals = [{key: goal.as_dict()[key] for key in keys} for goal in report.goals]
    assert (json.loads(done.stdout), done.returncode) == ({"id": walked, "ok": report.ok, "goals": goals}, 1)


@pytest.mark.slow
@pytest.mark.browser
@pytest.mark.skipif(executable() is None, reason="no Chromium on this machine")
@pytest.mark.parametrize("lab", ["stale", "production"])
def test_a_browser_gives_the_verdict_of_the_package(at, lab, chromium):
    """The labs that no journey walks through by hand: begun, the panel counts what is reached; done, it says so."""
    ws = at(lab)
    there, solution = course.workspace(ws, lab), about(lab).solution
    course.waive(ws, lab, about(lab).asks[0].id)
    with served(ws.path) as address:
        page = chromium.new_page()
        page.goto(f"{address}/guide?in={lab}")
        shown = page.locator(".st-key-panel")
        acts.carry_out(there, solution[:3])
        reached = [one.state for one in panel.marks(course.check(ws, lab))].count("reached")
        page.reload()
        shown.get_by_text(f"{reached} of {len(about(lab).goals)} goals").wait_for()
        acts.carry_out(there, solution[3:])
        page.reload()
        shown.get_by_role("strong").get_by_text("Solved").wait_for()
        page.close()
    assert course.read(ws).stops[lab].status == "solved"


def test_a_check_reads_little(at, solved, monkeypatch):
    """A panel asks with every click: it takes a few looks at the ledger, and one file at most."""
    from mlops.base.artifacts import Artifacts
    from mlops.base.ledger import Ledger

    ws = at(solved, solved=True)
    course.check(ws, solved)  # what is kept in memory is there
    looks, files = [], []
    real_look, real_read = Ledger._begin, Artifacts.read
    monkeypatch.setattr(Ledger, "_begin", lambda self, how: looks.append(how) or real_look(self, how))
    monkeypatch.setattr(Artifacts, "read", lambda self, *given: files.append(given[0]) or real_read(self, *given))
    course.check(ws, solved)
    assert set(looks) == {"BEGIN"} and len(looks) <= 40
    assert len(files) <= 2, files


# Words and minutes


def test_a_stop_asks_little_of_a_learner(stop):
    """Eight acts, ninety words and three trainings at most; a lab lists no acts, and tells a short story."""
    asked = about(stop)
    if course.stop(stop).is_lab:
        assert mission.count_words(asked.story) <= mission.LAB_STORY
        assert not asked.acts and len(asked.goals) <= mission.LAB_GOALS
        return
    assert len(asked.acts) <= mission.MOST_ACTS
    assert asked.words <= mission.MOST_WORDS
    assert sum(act.trains for act in asked.acts) <= mission.MOST_TRAININGS


def test_a_stop_fits_its_minutes(stop):
    """Reading, acting, guessing, and waiting in a class of thirty; in a lab alone, and searching for each goal."""
    assert budget.seconds(about(stop)) <= 60 * about(stop).minutes
    assert all(step.wait in ("", *budget.ALONE) for step in about(stop).solution)
    assert (about(stop).minutes, about(stop).title) == (course.stop(stop).minutes, course.stop(stop).title)
    assert all(act.wait in ("", *budget.WAITS) for act in about(stop).acts)
    assert all(wait.source for wait in (*budget.WAITS.values(), *budget.ALONE.values()))


def test_the_tour_fits_a_lesson():
    """Forty minutes: arriving, eight stops, closing."""
    assert 2 + sum(one.minutes for one in course.STOPS) + 2 == 40


def test_a_lab_happens_in_a_chapter_and_lasts_as_long_as_somebody_alone_stays_with_it():
    """Eight to fifteen minutes, or five for one that shows a single thing."""
    assert all(lab.scope == "chapter" and 5 <= lab.minutes <= 15 for lab in course.LABS)


def test_a_stop_says_what_is_real_and_what_is_simulated(stop):
    """Nothing is faked; what is simulated says so."""
    honest = about(stop).honesty
    assert honest.real and "calendar" in honest.simulated


def test_the_last_words_of_a_stop_are_a_question(stop):
    """Bound to what lies before the learner; and hints end where the steps are told."""
    assert about(stop).after.endswith("?") and about(stop).hints[0].text.endswith("?")
    assert len(about(stop).hints) == 3


def test_what_is_still_to_come_is_told_by_no_guess_and_no_goal():
    """Months pass in a lab, and which of them brings something is to be found out."""
    for lab in (lab for lab in course.LABS if lab.moves_time):
        told = [text for one in lab.mission.asks for text in (one.ask, one.explain, *replies(one))]
        told += [one.text for one in lab.mission.goals]
        assert not [text for text in told if {*calendar.month_name[1:]} & {*re.findall(r"[A-Z]\w+", text)}]


def replies(asked):
    return [text for option in asked.options for text in (option.text, option.reply)]


def test_neither_story_nor_goals_say_what_gives_the_lie_away():
    """That is the guess."""
    lab = about("lie")
    assert "hash" not in " ".join([lab.story, *(goal.text for goal in lab.goals)])


def test_links_of_a_mission_lead_to_screens_that_are_there(stop):
    """A link to nowhere is worse than none."""
    known = {screen.name for screen in screens.SCREENS}
    parts = (about(stop).start, *about(stop).acts, *about(stop).hints, *about(stop).questions)
    pages = [part.page for part in parts if part.page]
    assert set(pages) <= known


def test_each_sentence_for_the_boss_has_a_reply():
    """One holds; the others are answered as a boss would."""
    for stop in ("freeze", "rollback", "year"):
        boss = about(stop).boss
        assert boss.good in {option.id for option in boss.options} and all(option.reply for option in boss.options)


# What the words claim is so


@pytest.mark.parametrize(
    ("version", "asked"),
    [
        ("1.1.0", {"time": "2024-03-15 14:00", "environment": "production", "tz": "America/New_York"}),
        ("1.2.0", {"time": "2024-03-15 14:00", "environment": "production", "tz": "Europe/Berlin"}),
        ("1.3.0", {"time": "2024-03-15 14:00", "environment": "production", "tz": "UTC"}),
        ("1.6.0", {"time": "2024-03-15T14:00:00-05:00", "environment": "production"}),
        ("1.7.0", {"time": "2024-03-15 22:00", "environment": "production", "tz": "UTC"}),
        ("1.4.0", {"time": "2024-03-15 16:00", "environment": "staging", "tz": "UTC"}),
    ],
)
def test_each_answer_about_march_15_is_what_its_reply_says_it_is(at, version, asked):
    """A wrong answer is right to another question; its reply names that one."""
    there = course.workspace(at("rollback"), "rollback")
    assert there.live_at(**asked).model["version"] == version


def test_the_version_that_failed_never_served(at):
    """And the one that was only rehearsed neither."""
    there = course.workspace(at("rollback"), "rollback")
    states = {one.model["version"]: one.status for one in there.releases.timeline("production")}
    assert states["1.5.0"] == "failed" and "1.4.0" not in states


@pytest.mark.parametrize(
    ("said", "why"), [("0.57", "rounded"), ("0.58", "rounded"), ("0.22", "another"), ("no", "another")]
)
def test_a_number_that_is_not_the_one_of_the_replay_is_told_apart(at, said, why):
    """Cut off, or read off another line."""
    ws = at("rollback", solved=True)
    course.answer(ws, "rollback", "replay", said)
    [replayed] = [goal for goal in course.check(ws, "rollback").goals if goal.id == "replayed"]
    assert replayed.ok is False and f"That is {why}" in replayed.why


def test_every_answer_has_a_reply_of_its_own(at):
    """Wrong in six ways, six replies."""
    [live, _] = about("rollback").questions
    assert {option.id for option in live.options} == set(march.RECIPES) - {"1.0.0"}
    assert len({option.reply for option in live.options}) == len(live.options)


def test_the_corrected_cells_are_as_many_as_the_story_says(at):
    """Counted by the difference of the two versions."""
    ws = at("freeze", solved=True)
    found = course.guess(ws, "freeze", 100, ask="flips")
    assert 0 < found.answer < 3000 and "312 changed cells in 9,000 rows" in found.text
    assert "312 fees" in course.guess(ws, "freeze", "data").text


def test_each_reply_about_the_four_runs_is_so(at):
    """The survey is known of leavers alone, the export sat the exam of the others, and Jo's lead is gone on theirs."""
    there = course.workspace(at("compare"), "compare")
    november, few, export, small = reversed(there.runs.list())
    assert [run.name for run in (november, few, export, small)] == [name for _, name, *_ in four_runs.RUNS]
    added = there.datasets.diff("customers@1", "customers@2")
    assert [*added.columns_added] == [four_runs.SURVEY] and not added.cells_changed
    known = there.datasets.frame("customers@2").dropna(subset=[four_runs.SURVEY])
    assert set(known["churn"]) == {1} and [one["column"] for one in export.warnings] == [four_runs.SURVEY]
    judged = [run.rows_sha256["validation"] for run in (november, few, export, small)]
    assert len(set(judged[:3])) == 1 and judged[3] != judged[0]
    best = [run.metrics["validation"]["auc"] for run in (export, small, november, few)]
    assert best == sorted(best, reverse=True)
    again = there.comparisons.reevaluate([november.run_id, small.run_id])
    assert again.metrics[november.run_id]["auc"] > again.metrics[small.run_id]["auc"] and again.rows >= 200
    assert there.comparisons.difference(few.run_id, november.run_id).verdict == "better"


def test_the_story_of_the_promotion_is_so(at):
    """The lead, the edit at ten past two, a red lamp whose step puts it back, and a lead that is no certain one."""
    ws = at("promote")
    there = course.workspace(ws, "promote")
    jo, ravi = there.runs.list()
    lead = there.comparisons.difference(ravi.run_id, jo.run_id)
    assert f"by {lead.difference:.3f}." in about("promote").story
    [world] = [one for one in there.worlds.read().worlds if one.environment == "production"]
    assert world.written_at == "2024-01-29T02:10:00.000000Z"
    acts.register(there, "Jo")
    found = {one.id: one for one in lamps(there.gate("churn_model@1.1.0"))}
    assert (found["config"].outcome, found["config"].step) == ("fail", "put_config_back")
    assert not found["config"].refuses and found["better"].outcome == "pass"


def test_how_often_it_is_ahead_is_what_the_release_check_shows(at):
    """Nobody knows before it was asked; then both count the same shuffles."""
    ws = at("promote")
    assert course.guess(ws, "promote", 50).ready is False
    there = course.workspace(ws, "promote")
    acts.register(there, "Jo")
    acts.deploy(there, "staging", "rehearsal")
    report = there.gate("churn_model@1.1.0")
    ahead = sum(yours > live for live, yours in report.difference["draws"])
    found = course.reveal(ws, "promote")
    assert found.answer == ahead and 55 <= ahead <= 95 and "loses less than 0.02 is no luck" in found.text


def test_the_five_seeds_are_what_training_them_comes_to():
    """Two of them are trained anew; on rows of their own all five lie further apart than on the same ones."""
    kept, two = seeds.prepared(), seeds.train(seeds.SEEDS[:2])
    assert two.own == pytest.approx(kept.own[:2], abs=1e-3) and two.same == pytest.approx(kept.same[:2], abs=1e-3)
    assert (two.own_rows, two.same_rows) == (kept.own_rows, kept.same_rows) == (1440, 3000)
    spread = [max(numbers) - min(numbers) for numbers in (kept.own, kept.same)]
    assert spread[0] > 2 * spread[1], "most of the spread is who sits the exam"
    [asked] = about("config").asks
    assert asked.low < 1000 * min(kept.own) and 1000 * max(kept.own) < asked.high


def test_the_story_of_the_three_doors_is_so(at):
    """Jo's model is live, Ravi's can be gone back to, and of the two hundred rows the model cannot use two."""
    ws = at("serve")
    there = course.workspace(ws, "serve")
    assert [one.model["version"] for one in there.releases.timeline("production")] == ["1.0.0", "1.1.0"]
    acts.answer_list(there)
    [report] = there.batches.list()
    assert (report.input_rows, report.rows, report.rejected) == (200, 198, 2) and there.verify()["ok"]
    [rows] = [goal for goal in course.check(ws, "serve").goals if goal.id == "rows"]
    assert rows.ok and rows.observed == "200 rows in: 198 answered + 2 rejected"


def test_a_door_that_was_asked_of_another_version_is_told_apart(at):
    """Whoever rolls back in between sees other digits, and which version gave which."""
    ws = at("serve")
    there = course.workspace(ws, "serve")
    acts.ask_listed(there)
    acts.roll_back(there, "to see what changes")
    acts.answer_list(there)
    over_rest(there)
    same, _ = course.check(ws, "serve").goals
    assert not same.ok and same.observed.count("by v1.0.0") == 2 and "Form 0." in same.observed
    acts.ask_listed(there)
    assert course.check(ws, "serve").goals[0].ok, "what was asked before stands in nobody's way"


def over_rest(ws):
    """Answer the first on the list as a server does, without one."""
    live = ws.releases.live("production").model
    model = ws.models.load(f"{live['name']}@{live['version']}")
    ws.predictions.answer(model, [[*doors.listed(1).values()]], "production", door="rest")


def test_rows_that_were_thrown_away_in_silence_are_named(at):
    """Also where the list was answered as it is before: then it is not they who are lost."""
    ws = at("serve")
    there = course.workspace(ws, "serve")
    clean_the_list(there)
    _, rows = course.check(ws, "serve").goals
    assert not rows.ok
    assert rows.observed == "198 rows in: 198 answered + 0 rejected; in neither: c2401-0017, c2401-0141"
    acts.answer_list(there)
    assert course.check(ws, "serve").goals[1].ok


def test_a_list_that_a_version_was_asked_about_is_told_apart(at, tmp_path):
    """Nobody keeps those answers: they are not what production said."""
    ws = at("serve")
    there = course.workspace(ws, "serve")
    there.batch_predict("churn_model@1.1.0", data=doors.LIST, output=tmp_path / "out.csv")
    _, rows = course.check(ws, "serve").goals
    assert not rows.ok and "ask the one that is live" in rows.observed


def test_a_misspelt_key_is_refused_with_what_was_meant(at):
    """What the extra of stop 3 asks to be tried; nothing is recorded."""
    ws = at("config")
    before = ws.head()
    with pytest.raises(ConfigError, match="max_depth"):
        ws.train(chain.SAMPLE_CONFIG, overrides={"model.max_dept": 4})
    acts.misspell(ws, "model.max_dept", 4)
    assert ws.head() == before and "max_dept," in about("config").extra.text


def test_the_last_sentence_of_stop_3_counts_the_pins_that_moved(at):
    """Config and seed in this stop alone; with other data in between, three."""
    ws = at("config", solved=True)
    assert course.aha(ws, "config").endswith("you moved 2 today.")
    there = course.workspace(ws, "config")
    acts.keep_file(there, "customers_2023_corrected.csv")
    acts.train(there, "customers_2023_corrected.csv", {"model.n_estimators": 10})
    assert course.aha(ws, "config").endswith("you moved 3 today.")


def test_how_many_are_found_is_the_recall_of_the_run(at):
    """On the rows that the model in production has never seen."""
    ws = at("notebook", solved=True)
    assert course.reveal(ws, "notebook") is None
    found = course.waive(ws, "notebook")
    assert found.answer == round(100 * ws.models.get("@production").metrics["recall"])
    assert mission.NOTEBOOK in found.text and float(mission.NOTEBOOK) > 0.95


# Data, read strictly


TEXT = (mission.FOLDER / "notebook.yaml").read_text("utf-8")


@pytest.mark.parametrize(
    ("before", "after", "line_of", "says"),
    [
        ("minutes: 5", "minutes: five", "minutes:", "minutes: "),
        ("check: model_traced", "check: model_tracd", "id: notebook", "there is no check 'model_tracd'"),
        ("kind: milestone, check: live", "kind: milestones, check: live", "check: live_model_asked", "goals.2.kind"),
        ("aha:", "aah:", "id: notebook", "aha"),
        ("high: 100", "high: -1", "- id: found", "a guess has options, or a number"),
    ],
)
def test_a_mission_that_is_wrong_is_refused_with_line_and_field(before, after, line_of, says):
    """As a config is."""
    text = TEXT.replace(before, after)
    assert text != TEXT
    with pytest.raises(ConfigError) as refused:
        mission.read(text, "notebook.yaml")
    first = refused.value.details[0]
    assert says in str(refused.value) or says in str(refused.value.details)
    assert first["field"] and line_of in text.splitlines()[first["line"] - 1]


@pytest.mark.parametrize(
    ("marks", "value", "sound"),
    [
        (1, 820, True), (1, [820], False), (2, [800, 840], True), (2, [840, 800], False), (12, [820, 780] * 6, True),
        (12, [820] * 11, False), (12, [820] * 11 + [901], False), (12, 820, False),
    ],
)  # fmt: skip
def test_a_guess_is_one_number_two_in_order_or_a_line(marks, value, sound):
    """A line goes up and down as it likes; it has a number for each month, within its range."""
    asked = mission.Guess(id="x", ask="?", low=600, high=900, marks=marks, decimals=3, answer="known_year", explain="")
    assert asked.is_sound(value) is sound
    assert asked.said([820, 700, 790]) == "0.820 to 0.790"


def test_a_question_that_waits_for_its_day_is_asked_from_then_on():
    """On the calendar of where its stop happens; one without a day at once."""
    asked = mission.Question(id="may", ask="?", page="monitor", since="2024-05-31")
    days = ("2024-05-30T23:59:59.000000Z", "2024-05-31T00:00:00.000000Z", "2024-06-30T23:59:59.000000Z")
    assert [asked.is_due(day) for day in days] == [False, True, True]
    assert mission.Question(id="now", ask="?", page="monitor").is_due(days[0])


def test_no_word_of_a_mission_is_left_to_be_filled(stop):
    """Only the sentences of a guess and of the end have places, and they are filled when it is revealed."""
    aha = about(stop).aha.replace("{answer}", "3" if about(stop).aha_answer else "{answer}")
    texts = [about(stop).title, about(stop).story, aha, *(hint.text for hint in about(stop).hints)]
    assert not [text for text in texts if re.search(r"[{}]", text)]


TOLD = {"notebook": "found", "freeze": "flips", "promote": "ahead"}
"""Stop -> its guess about a number that its sentence for others has as well."""


def said_of(ws, stop):
    return next(one for one in say.sentences(ws) if one.stop == stop)


@pytest.mark.parametrize("stop", [pytest.param(one.id, marks=REAL.get(one.id, [])) for one in course.STOPS])
def test_a_solved_stop_has_a_sentence_for_others_with_its_numbers(at, stop):
    """No gap is left, and every number is on record there; as long as a guess is open, none of them is told."""
    ws = at(stop, solved=True)
    asks = about(stop).asks
    assert said_of(ws, stop).ready == (not asks)
    for ask in asks:
        course.waive(ws, stop, ask.id)
    found = said_of(ws, stop)
    assert found.ready and not found.needs and say.GAP not in f"{found.do} {found.dont}"
    assert found.chapter == (course.read(ws).stops[stop].chapter or "")
    assert found.facts and all(re.search(r"\d", value) for value in found.facts.values())
    if stop in TOLD:
        answer = course.reveal(ws, stop, TOLD[stop]).answer
        assert re.search(rf"\b{answer:,}\b", found.do), (answer, found.do)
