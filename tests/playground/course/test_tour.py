"""The tour: stops are begun, left, begun again, skipped; chapters stand beside the own work and are never lost."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from mlops import MlopsError, Workspace, sample
from mlops.base.errors import ConflictError, InvalidError, NotFoundError, RefusedError
from playground import course
from playground.course import acts, fixtures, people
from tests.playground.course.missions import MUTANTS, mission
from tests.shell import Shell, mlops


def test_the_first_note_begins_the_calendar_of_the_story(ws):
    """Afterwards it could not go back to December 2023."""
    course.start(ws, "notebook")
    assert ws.clock() == {"now": sample.FIRST_DAY, "simulated": True}


def test_begun_again_a_stop_goes_on_where_it_was(at):
    """Whoever comes back loses nothing."""
    ws = at("notebook")
    course.guess(ws, "notebook", 60)
    before = course.read(ws).stops["notebook"]
    course.leave(ws)
    assert course.read(ws).current is None
    assert course.start(ws, "notebook") == before
    assert course.read(ws).current == "notebook"


def test_a_milestone_stays_reached(at):
    """Whatever is done afterwards."""
    ws = at("notebook")
    acts.run_the_chain(ws)
    course.record(ws, "notebook")
    with ws._ledger.write() as tx:
        tx.append("dataset.overwrite", "customers@1", {"sha256": "0" * 64})
    [traced] = [goal for goal in course.check(ws, "notebook").goals if goal.id == "traced"]
    assert traced.ok and "now " in traced.observed and traced.reached


def test_an_invariant_that_no_longer_holds_names_the_event_that_broke_it(at):
    """Whatever else happened since."""
    ws = at("rollback")
    there = course.workspace(ws, "rollback")
    acts.roll_back(there, "complaints")
    course.record(ws, "rollback")
    there.runs.note(there.runs.list(limit=1)[0].run_id, "harmless")
    there.deploy("churn_model@1.7.0", "production", "it was fine", override="trust me")
    broken = there.head()
    there.runs.note(there.runs.list(limit=1)[0].run_id, "harmless as well")
    [restored] = [goal for goal in course.check(ws, "rollback").goals if goal.id == "restored"]
    assert (restored.ok, restored.undone, restored.undone_by) == (False, True, broken)


def test_what_held_where_a_stop_began_is_kept_and_not_reached(at):
    """Nobody has to do anything for it; whoever breaks it hears which event did, also one that nobody looked at before."""
    ws = at("rollback")
    there = course.workspace(ws, "rollback")
    state, kept = (
        course.read(ws).stops["rollback"],
        {goal.id for goal in course.check(ws, "rollback").goals if goal.kept},
    )
    assert kept == {*state.kept} == {"history"}
    MUTANTS["rollback", "history"](there)
    [history] = [goal for goal in course.check(ws, "rollback").goals if goal.id == "history"]
    assert (history.ok, history.kept, history.undone) == (False, False, True)


def test_a_solved_stop_stays_solved(at):
    """It was, and the record says when."""
    ws = at("rollback", solved=True)
    course.record(ws, "rollback")
    there = course.workspace(ws, "rollback")
    there.deploy("churn_model@1.7.0", "production", "it was fine", override="trust me")
    assert course.record(ws, "rollback").ok
    state = course.read(ws).stops["rollback"]
    assert state.status == "solved" and state.solved_at


def test_a_stop_was_what_it_was(at):
    """In the past it is looked at as it was known then, and nothing is noted."""
    ws = at("notebook", solved=True)
    course.record(ws, "notebook")
    begun = ws.at(event=course.read(ws).stops["notebook"].baseline.event + 2)
    assert not course.check(begun, "notebook").ok and course.check(ws, "notebook").ok
    assert course.read(begun).stops["notebook"].status == "under_way"
    assert not course.record(begun, "notebook").ok


def test_a_check_in_the_chapter_is_the_check_from_the_own_work(at):
    """Whoever works in the chapter's folder asks there."""
    ws = at("rollback", solved=True)
    there = course.workspace(ws, "rollback")
    assert course.check(there, "rollback") == course.check(ws, "rollback")


def test_a_chapter_is_set_aside_whole_and_never_overwritten(at):
    """Begun again twice, all three are there, and what was done in each."""
    ws = at("rollback")
    acts.roll_back(course.workspace(ws, "rollback"), "first try")
    for _ in range(2):
        course.reset(ws, "rollback")
    folder = course.chapters_folder(ws)
    assert sorted(path.name for path in folder.iterdir()) == ["rollback", "rollback-1", "rollback-2"]
    first = Workspace.open(folder / "rollback-1", create=False)
    assert first.releases.live("production").reason == "first try" and first.verify()["ok"]
    assert course.read(ws).stops["rollback"].answers == {}


def test_a_chapter_of_other_work_in_the_same_place_is_set_aside(at):
    """Who started over meets no chapter of before, and loses none."""
    ws = at("rollback")
    ws.path.rename(ws.path.with_name("kept"))
    fresh = Workspace.open(ws.path)
    course.start(fresh, "rollback")
    assert (course.chapters_folder(fresh) / "rollback-1").is_dir()


def test_a_chapter_that_is_gone_is_begun_anew(at):
    """Nobody is stuck because a folder was thrown away."""
    ws = at("rollback")
    course.workspace(ws, "rollback").path.rename(ws.path.with_name("elsewhere"))
    course.start(ws, "rollback")
    assert not course.check(ws, "rollback").ok


def test_the_own_work_is_not_touched_by_what_happens_in_a_chapter(at):
    """Its calendar, its data and its releases are as they were."""
    ws = at("rollback", solved=True)
    assert {event["kind"] for event in ws.log()} == {"clock.set", "journal.write"}
    assert ws.now() == sample.FIRST_DAY


def test_a_stop_that_the_own_work_cannot_serve_happens_in_a_chapter(ws, customers_csv):
    """Also one of the first three, where somebody brought other data."""
    ws.datasets.add(customers_csv, name="customers", target="churn", id="customer_id")
    state = course.start(ws, "freeze")
    assert state.chapter == "freeze"
    assert course.workspace(ws, "freeze").datasets.get("customers@1").rows == 9000


def test_the_work_of_stop_1_serves_stop_2(at):
    """No chapter is needed, and the own run is the one that is made again."""
    ws = at("notebook", solved=True)
    course.record(ws, "notebook")
    assert course.start(ws, "freeze").chapter is None
    acts.carry_out(ws, mission("freeze").solution)
    assert course.record(ws, "freeze").ok
    assert course.read(ws).stops["notebook"].status == "solved"


def test_what_is_skipped_is_there_to_look_at_and_the_own_work_stays(at):
    """Its end is a chapter; a chapter that was under way is set aside."""
    ws = at("rollback")
    state = course.skip(ws, "rollback")
    assert state.status == "skipped" and course.check(ws, "rollback").ok
    assert course.workspace(ws, "rollback").releases.live("production").model["version"] == "1.6.0"
    assert (course.chapters_folder(ws) / "rollback-1").is_dir()
    assert {event["kind"] for event in ws.log()} == {"clock.set", "journal.write"}


def test_a_skipped_stop_can_be_done_after_all(at):
    """From its start, with nothing given."""
    ws = at("rollback")
    course.skip(ws, "rollback")
    state = course.reset(ws, "rollback")
    assert state.status == "under_way" and not course.check(ws, "rollback").ok


def test_what_was_done_before_a_stop_began_is_not_done_in_it(at):
    """Begun again, it asks for the act again; what is there stays there."""
    ws = at("notebook", solved=True)
    course.reset(ws, "notebook")
    assert [goal.ok for goal in course.check(ws, "notebook").goals] == [True, True, False]


def test_acts_of_others_are_not_the_learners(at):
    """Colleagues, the button of the chain, and who shows it on a copy sign for themselves."""
    ws = at("notebook", solved=True)
    mine = {event["kind"] for event in ws.log() if people.is_learner(event["actor"])}
    assert mine == {"clock.set", "journal.write"}
    there = Workspace.open(fixtures.ready("march_15"), create=False)
    assert not [event for event in there.log() if people.is_learner(event["actor"])]


def test_training_version_1_again_must_be_the_learners_own_act(at):
    """A colleague who does it ticks nothing."""
    ws = at("freeze")
    there = course.workspace(ws, "freeze")
    acts.carry_out(Workspace.open(there.path, create=False, actor=people.JO), mission("freeze").solution)
    assert [goal.ok for goal in course.check(ws, "freeze").goals] == [True, True, False]


def test_progress_leaves_as_one_document_that_can_be_checked_again(at):
    """Its verdicts are those of the workspace, and the hash of each start stands in the history."""
    ws = at("rollback", solved=True)
    course.record(ws, "rollback")
    told = course.export(ws)
    assert told["stops"]["rollback"]["status"] == "solved"
    assert course.recheck(ws, told) == []
    told["stops"]["rollback"]["baseline"]["head_sha256"] = "0" * 64
    [(stop, what)] = course.recheck(ws, told)
    assert stop == "rollback" and "did not begin" in what


def test_who_claims_too_much_is_found_out(at):
    """A status that the workspace does not bear out is named."""
    ws = at("rollback")
    told = course.export(ws)
    told["stops"]["rollback"]["status"] = "solved"
    assert [stop for stop, _ in course.recheck(ws, told)] == ["rollback"]


def test_the_situation_is_told_in_plain_text(at):
    """Goals with what is there and what is wanted, the chain, the last events."""
    ws = at("rollback")
    text = course.situation(ws, "rollback")
    assert "[ ] A known-good version serves" in text and "observed: v1.7.0" in text
    assert "data customers@2" in text and "run.note" in text and text.isprintable() is False
    assert max(map(len, text.splitlines())) < 400


def test_an_answer_that_was_given_can_be_corrected(at):
    """Its reply is there again after a reload."""
    ws = at("rollback")
    assert "14:00 UTC" in course.answer(ws, "rollback", "live", "1.3.0").text
    assert "Berlin" in course.answer(ws, "rollback", "live", "1.2.0").text
    assert course.replied(ws, "rollback", "live").value == "1.2.0"
    with pytest.raises(InvalidError, match="none of the options"):
        course.answer(ws, "rollback", "live", "9.9.9")
    with pytest.raises(NotFoundError, match="weather"):
        course.answer(ws, "rollback", "weather", "fine")


# Guesses


def test_a_result_stays_covered_until_somebody_guessed_or_would_not(at):
    """The guess comes first, and it is made once."""
    ws = at("notebook", solved=True)
    assert course.reveal(ws, "notebook") is None
    course.guess(ws, "notebook", 70)
    assert "You said 70" in course.reveal(ws, "notebook").text
    with pytest.raises(ConflictError):
        course.guess(ws, "notebook", 56)


@pytest.mark.parametrize(
    ("stop", "value"),
    [
        *[("notebook", 101), ("notebook", "many"), ("notebook", True), ("rollback", "so")],
        *[("config", 800), ("config", [800]), ("config", [840, 800]), ("config", [100, 800]), ("config", [True, 800])],
    ],
)
def test_a_guess_that_is_none_is_refused(at, stop, value):
    """And nothing is committed."""
    ws = at(stop)
    before = ws.head()
    with pytest.raises(InvalidError):
        course.guess(ws, stop, value)
    assert ws.head() == before


def test_a_spread_is_guessed_by_its_two_ends(at):
    """The lowest and the highest, and the answer has both."""
    ws = at("config")
    found = course.guess(ws, "config", [800, 850])
    assert found.answer == tuple(round(1000 * end(found.facts["own"])) for end in (min, max))
    assert found.text.startswith("You said 0.800 to 0.850; they came to 0.8")
    assert course.read(ws).stops["config"].guess == {"spread": (800, 850)}


def test_a_guess_that_comes_first_is_made_before_the_questions(at):
    """And what came of it stands above them."""
    ws = at("compare")
    asked = [one.first for one in mission("compare").asks]
    assert asked == [True] and course.guess(ws, "compare", "sure").right is False


def test_a_guess_before_the_training_waits_for_its_result(at):
    """It is committed at once; the answer comes when it is there."""
    ws = at("notebook")
    assert course.guess(ws, "notebook", 70).ready is False
    acts.run_the_chain(ws)
    assert course.reveal(ws, "notebook").ready


def test_two_guesses_are_made_one_after_the_other(at):
    """Without a name, the next open one is meant."""
    ws = at("freeze")
    assert course.guess(ws, "freeze", "code").right is False
    assert course.guess(ws, "freeze", 80).ask == "flips"


# Hints


def test_a_hint_opens_after_an_act_of_ones_own(at, monkeypatch):
    """Not before anything was tried."""
    from playground.course import guesses

    monkeypatch.setattr(guesses, "PATIENCE", 3600)  # on a busy machine the stop may have begun a minute ago
    ws = at("notebook")
    assert not course.may_hint(ws, "notebook")
    with pytest.raises(RefusedError, match="not open yet"):
        course.hint(ws, "notebook")
    ws.set_clock("2023-12-02T09:00:00Z")
    assert course.hint(ws, "notebook").text.endswith("?")
    assert not course.may_hint(ws, "notebook")


def test_a_hint_opens_after_a_check_that_failed(at):
    """Whoever asks and is told "not yet" may have one; and then solved it with hints."""
    ws = at("notebook")
    course.record(ws, "notebook", asked=True)
    course.hint(ws, "notebook")
    acts.carry_out(ws, mission("notebook").solution)
    course.record(ws, "notebook")
    assert course.read(ws).stops["notebook"].status == "with_hints"


def test_a_hint_opens_after_a_while(at, monkeypatch):
    """Somebody who only reads is not left alone."""
    from playground.course import guesses

    ws = at("notebook")
    monkeypatch.setattr(guesses, "PATIENCE", 0)
    for _ in range(3):
        course.hint(ws, "notebook")
    with pytest.raises(RefusedError, match="no more hints"):
        course.hint(ws, "notebook")


def test_the_boss_is_told_when_it_is_done(at):
    """Each sentence has its reply."""
    ws = at("rollback", solved=True)
    with pytest.raises(RefusedError):
        course.choose(ws, "rollback", "forward")
    course.record(ws, "rollback")
    assert course.choose(ws, "rollback", "never").good is False
    assert course.choose(ws, "rollback", "forward").good


# Fixtures


def test_a_fixture_is_built_once_and_copied(at):
    """A copy is independent, and takes what the folder of the fixture has."""
    first, second = fixtures.ready("march_15"), fixtures.ready("march_15")
    assert first == second and Workspace.open(first, create=False).verify()["ok"]
    there = course.workspace(at("rollback"), "rollback")
    acts.roll_back(there, "complaints")
    assert Workspace.open(first, create=False).releases.live("production").model["version"] == "1.7.0"


def test_what_was_said_about_threads_builds_a_fixture_of_its_own(monkeypatch):
    """Runs record it: a chapter that was built under another word would have other software than the learner's runs."""
    kept = fixtures.key.__wrapped__()
    monkeypatch.setenv("OMP_NUM_THREADS", "7")
    assert fixtures.key.__wrapped__() != kept


def test_a_stop_begins_at_once_where_its_fixture_has_been_built(at, monkeypatch):
    """Copying takes milliseconds: no process is started, nothing is trained."""
    ws = at("rollback")
    assert course.is_prepared("rollback")
    monkeypatch.setattr("subprocess.Popen", None)
    monkeypatch.setattr("mlops.training.pipeline.train", None)
    assert course.reset(ws, "rollback").chapter == "rollback"


def test_what_was_prepared_is_there_for_who_comes_later(tmp_path, monkeypatch):
    """Built by somebody else, before anybody asked."""
    monkeypatch.setenv("MLOPS_CHAPTERS", str(tmp_path))
    fixtures.prepare(["empty", "empty"])
    assert fixtures.is_ready("empty")
    [path] = [path for path in tmp_path.rglob("*") if path.name.startswith("empty") and path.is_dir()]
    assert Workspace.open(path, create=False).head() == 0


def test_a_fixture_that_cannot_be_built_leaves_nothing(tmp_path, monkeypatch):
    """And says why, in words for whoever wanted to begin."""
    monkeypatch.setenv("MLOPS_CHAPTERS", str(tmp_path))
    monkeypatch.setattr(fixtures, "ROOT", tmp_path)
    monkeypatch.delenv("PYTHONPATH", raising=False)  # the builder is to find no project
    fixtures.key.cache_clear()
    try:
        with pytest.raises(Exception, match="could not be built"):
            fixtures.ready("first_release")
        assert not fixtures.is_ready("first_release")
    finally:
        fixtures.key.cache_clear()


def test_march_is_as_the_story_has_it():
    """Each minute, in staging before production, the failed one never live, the bad one bad on what was asked."""
    there = Workspace.open(fixtures.ready("march_15"), create=False)
    served = [
        (one.at[5:16], one.model["version"]) for one in there.releases.timeline("production") if one.status == "live"
    ]
    assert served == [
        ("03-01T14:00", "1.0.0"), ("03-14T21:00", "1.1.0"), ("03-15T12:30", "1.2.0"), ("03-15T13:30", "1.3.0"),
        ("03-15T17:42", "1.1.0"), ("03-15T18:20", "1.6.0"), ("03-15T21:00", "1.7.0"),
    ]  # fmt: skip
    rehearsed = {one.model["version"]: one.at for one in there.releases.timeline("staging")}
    assert all(rehearsed[one.model["version"]] < one.at for one in there.releases.timeline("production"))
    assert there.now() == "2024-03-15T22:00:00.000000Z"


def test_the_bad_release_is_seen_in_ordinary_views():
    """On its run, on its release, in the answers, and in the data it learned from."""
    there = Workspace.open(fixtures.ready("march_15"), create=False)
    bad, before = there.models.get("churn_model@1.7.0"), there.models.get("churn_model@1.6.0")
    assert "17 complaints" in there.runs.get(bad.run_id).note
    assert bad.metrics["auc"] < 0.6 < before.metrics["auc"]
    live = there.releases.live("production")
    assert live.override and live.gate["outcome"] != "pass"
    assert there.datasets.diff("customers@1", "customers@2").cells_changed.keys() == {"churn"}
    called = {"1.6.0": [], "1.7.0": []}
    for request in there.predictions.list():
        called.setdefault(request["model"]["version"], []).append(request["answer"]["prediction"])
    assert len(called["1.7.0"]) >= 200 <= sum(map(len, called.values())) - len(called["1.7.0"])
    rates = {version: sum(answers) / len(answers) for version, answers in called.items()}
    assert rates["1.7.0"] < 0.5 * rates["1.6.0"]


# Two tabs, or a tab and a shell


def at_once(ws: Workspace, *deeds: Callable[[Workspace], object]) -> list[object]:
    """Let several do something at one seat at the same moment; return what each got, or what it was refused with."""
    begin = Barrier(len(deeds))

    def one(deed: Callable[[Workspace], object]) -> object:
        mine = Workspace.open(ws.path, create=False)
        begin.wait()
        try:
            return deed(mine)
        except MlopsError as problem:
            return problem

    with ThreadPoolExecutor(len(deeds)) as crowd:
        return [*crowd.map(one, deeds)]


def test_several_who_begin_a_stop_at_once_begin_it_once(ws):
    """In one chapter, that all of them have."""
    ws.resume()
    found = at_once(ws, *[lambda mine: course.start(mine, "rollback")] * 4)
    assert {one.status for one in found} == {"under_way"} and len({one.baseline for one in found}) == 1
    assert [path.name for path in course.chapters_folder(ws).iterdir()] == ["rollback"]
    assert not course.recheck(ws, course.export(ws))


def test_guesses_made_at_once_are_both_on_record_and_each_once(at):
    """Whoever reads that a guess is in finds it there; the second one for the same ask is refused."""
    ws = at("freeze")
    said = (("pin", "data"), ("flips", 100), ("pin", "code"), ("flips", 200))
    found = at_once(
        ws, *[lambda mine, ask=ask, value=value: course.guess(mine, "freeze", value, ask) for ask, value in said]
    )
    made = {one.ask: one.guess for one in found if isinstance(one, course.Reveal)}
    assert course.read(ws).stops["freeze"].guess == made and {*made} == {"pin", "flips"}
    assert sum(isinstance(one, ConflictError) for one in found) == 2


def test_answers_and_goals_noted_at_once_are_all_on_record(at):
    """None of them writes what it had read before the other one wrote."""
    ws = at("rollback", solved=True)
    course.reset(ws, "rollback")
    at_once(
        ws,
        lambda mine: course.answer(mine, "rollback", "live", "1.1.0"),
        lambda mine: course.answer(mine, "rollback", "replay", "0.5"),
        lambda mine: course.waive(mine, "rollback"),
        lambda mine: course.record(mine, "rollback", asked=True),
    )
    state = course.read(ws).stops["rollback"]
    assert {*state.answers} == {"live", "replay"} and state.waived == ("sent",)


def test_a_question_of_a_later_day_is_listed_from_that_day_on(at):
    """It would tell what comes; a shell says what the panel says."""
    ws = at("year")
    shell = Shell(ws.path)

    def listed():
        return [one["id"] for one in shell.get("course", "start", "year")["questions"]]

    assert listed() == [] and "?" not in mlops("--workspace", ws.path, "course", "start", "year").out
    course.workspace(ws, "year").set_clock("2024-05-31")
    assert listed() == ["may"] == [one.id for one in course.due(ws, "year")]
    course.workspace(ws, "year").set_clock("2024-06-30")
    assert listed() == ["may", "harm"]
