"""Checks: who did it honestly in another way is passed, and what only looks solved is not."""

from __future__ import annotations

from decimal import Decimal

import pytest

from mlops import Workspace, sample
from mlops.base.errors import InvalidError
from mlops.base.events import GENESIS
from playground import chain, course
from playground.course import acts, people
from playground.course.checks import decided
from playground.course.verdict import Baseline

CONFIG = chain.SAMPLE_CONFIG
SMALL = {"model.n_estimators": 10}


def goal(ws, stop, name):
    """Return what is true about one goal."""
    [found] = [one for one in course.check(ws, stop).goals if one.id == name]
    return found


def released(ws, *, staging_first=True, trees=10):
    """Train, register and release a version of a model that has a name of its own."""
    if not ws.datasets.list():
        ws.datasets.add(sample.FILE, "telco", target="churn", id="customer_id")
    run = ws.train(chain.SAMPLE_CONFIG, overrides={"model.n_estimators": trees}, data="telco@1")
    model = ws.models.register(run, "my_model")
    for place in ("staging", "production") if staging_first else ("production", "staging"):
        ws.deploy(model, place, "by hand", override="I say so")


def test_a_rehearsal_after_the_release_is_none(at):
    """The calendar of the story stands still, so both have the same time; the events know which came first."""
    ws = at("notebook")
    released(ws, staging_first=False)
    assert len({one.at for place in ("staging", "production") for one in ws.releases.timeline(place)}) == 1
    assert goal(ws, "notebook", "live").ok is False

    released(ws, trees=12)
    assert goal(ws, "notebook", "live").ok


def test_an_answer_of_production_counts_after_the_next_release(at):
    """Who looks only at the end, after a second release, did ask the model that was in production."""
    ws = at("notebook")
    released(ws)
    acts.ask_customer(ws)
    released(ws, trees=12)
    assert goal(ws, "notebook", "asked").ok


def test_an_answer_of_staging_does_not_count_for_production(at):
    """Unless it is the same version that is live there."""
    ws = at("notebook")
    released(ws)
    run = ws.train(chain.SAMPLE_CONFIG, overrides={"model.n_estimators": 12}, data="telco@1")
    ws.deploy(ws.models.register(run, "my_model"), "staging", "rehearsal")
    acts.ask_customer(ws, "staging")
    assert goal(ws, "notebook", "asked").ok is False


def test_version_1_again_may_go_by_any_name(at):
    """The content is what counts: here it was kept under another name as well, and the first name went on."""
    ws = at("freeze")
    there = course.workspace(ws, "freeze")
    there.datasets.add(sample.FILE, "again", target="churn", id="customer_id")
    there.train(chain.SAMPLE_CONFIG, data="again@1")
    acts.keep_file(there, "customers_2023_corrected.csv")
    there.datasets.make_newest("customers@1")
    assert goal(ws, "freeze", "again").ok


def test_a_note_on_an_old_run_is_no_training(tmp_path):
    """Two equal runs were there before; to write on one of them is an act, and not the one that is asked for."""
    ws = Workspace.open(tmp_path / "workspace", actor="ada")
    sample.add(ws)
    runs = [ws.train(chain.SAMPLE_CONFIG, overrides=SMALL) for _ in range(2)]
    course.start(ws, "freeze")
    ws.runs.note(runs[1].run_id, "mine")
    ws.runs.tag(runs[1].run_id, "again", "yes")
    assert goal(ws, "freeze", "again").ok is False


def test_a_restored_version_is_trained_without_naming_it(at):
    """Made the newest, it is what a training takes."""
    ws = at("freeze")
    there = course.workspace(ws, "freeze")
    acts.keep_file(there, "customers_2023_corrected.csv")
    there.train(chain.SAMPLE_CONFIG)
    there.datasets.make_newest("customers@1")
    there.train(chain.SAMPLE_CONFIG)
    assert course.check(ws, "freeze").ok


@pytest.mark.parametrize("file", ["own", "corrected"])
def test_a_stop_about_the_sample_opens_a_chapter_where_its_name_stands_for_other_rows(tmp_path, file):
    """Its goals name contents, and its links version 1: where that is another one, they would lead astray."""
    ws, rows = Workspace.open(tmp_path / "workspace"), tmp_path / "mine.csv"
    rows.write_text("".join(sample.FILE.read_text().splitlines(keepends=True)[:2000]))
    kept = {"own": rows, "corrected": sample.FILE.with_name("customers_2023_corrected.csv")}[file]
    ws.datasets.add(kept, sample.NAME, target="churn", id="customer_id")
    ws.datasets.add(sample.FILE, sample.NAME)
    ws.train(chain.SAMPLE_CONFIG, overrides=SMALL)
    assert course.start(ws, "freeze").chapter


@pytest.mark.parametrize("data", ["the same file", "the same data"])
def test_another_model_of_the_bad_data_is_no_way_back(at, data):
    """The release check lets it pass: it compares with the bad one that is live."""
    ws = at("rollback")
    there = course.workspace(ws, "rollback")
    bad = there.models.get("churn_model@production")
    run = bad.run_id
    if data == "the same data":
        run = there.train(chain.SAMPLE_CONFIG, overrides=SMALL | {"model.n_estimators": 101}, data=bad.data_version)
    model = there.models.register(run, "churn_model")
    there.deploy(model, "staging", "rehearsal")
    assert there.deploy(model, "production", "mended").gate["outcome"] == "pass"

    restored = goal(ws, "rollback", "restored")
    assert restored.ok is False and bad.data_version in restored.observed


@pytest.mark.parametrize("said", ["v1.1.0", "V1.1.0", " 1.1.0 "])
def test_a_version_is_an_answer_with_its_v_or_without(at, said):
    """Screens show it."""
    ws = at("rollback")
    assert course.answer(ws, "rollback", "live", said).value == "1.1.0"
    assert goal(ws, "rollback", "told").ok
    with pytest.raises(InvalidError, match="none of the options"):
        course.answer(ws, "rollback", "live", "v1.1")


def test_a_probability_may_be_written_as_people_write_numbers(at):
    """With a comma, in percent, with zeros behind; every digit of it."""
    ws = at("rollback", solved=True)
    said = course.workspace(ws, "rollback").journal.read("course/rollback")["answers"]["replay"]
    percent = format(Decimal(said).scaleb(2), "f")
    for text in (said.replace(".", ","), f"{said}00", f"{percent}%", f"{percent.replace('.', ',')} %"):
        course.answer(ws, "rollback", "replay", text)
        assert goal(ws, "rollback", "replayed").ok, text
    for text in (percent, f"{percent[:-1]}%", "snan", "1e999999999", "%"):
        course.answer(ws, "rollback", "replay", text)
        assert goal(ws, "rollback", "replayed").ok is False, text


# Like with like


def four(ws):
    """Return the workspace of stop 4, and the runs of its story by name."""
    there = course.workspace(ws, "compare")
    return there, {run.name: run for run in there.runs.list()}


def candidate(ws, *runs):
    """Tag runs one after the other, and return what is true about the candidate."""
    there, _ = four(ws)
    for run in runs:
        there.runs.tag(run.run_id, "candidate", "yes")
    return goal(ws, "compare", "candidate")


@pytest.mark.parametrize(
    ("name", "seen"), [("new_export", "exit_survey"), ("small_trees", "rows"), ("few_trees", "on the same rows")]
)
def test_a_candidate_that_is_none_is_told_what_its_record_shows(at, name, seen):
    """The leaky one, the one with an exam of its own, the second best."""
    ws = at("compare")
    found = candidate(ws, four(ws)[1][name])
    assert found.ok is False and seen in found.observed


def test_the_recipe_of_jo_on_the_rows_of_the_others_is_judged_like_the_others(at):
    """It was no bad recipe: with as many trees as Ravi's it may be the one, whoever trained it."""
    ws = at("compare")
    there, _ = four(ws)
    again = {"model.n_estimators": 60, "model.max_depth": 2}
    assert candidate(ws, there.train(CONFIG, overrides=again, data="customers@1")).ok is False
    better = {"model.n_estimators": 160, "model.max_depth": 3}
    assert candidate(ws, there.train(CONFIG, overrides=better, data="customers@1")).ok


def test_the_new_export_without_its_survey_is_an_honest_run(at):
    """The column leaked, not the version: left out, the run is that of November, and as good."""
    ws = at("compare")
    there, runs = four(ws)
    clean = there.train(CONFIG, overrides={"features.exclude": ["month", "exit_survey"]}, data="customers@2")
    assert clean.model_sha256 == runs["november"].model_sha256 or clean.metrics == runs["november"].metrics
    assert candidate(ws, clean).ok


def test_a_run_that_is_trained_again_and_again_does_not_make_its_rows_the_usual_ones(at):
    """Three trainings of one recipe are one recipe; two others must have sat the exam as well."""
    ws = at("compare")
    there, runs = four(ws)
    for _ in range(2):
        there.train(CONFIG, overrides=SMALL, data="customers@1", seed=57)
    assert "validation rows" in candidate(ws, runs["small_trees"]).observed
    for trees in (20, 30):
        there.train(CONFIG, overrides={"model.n_estimators": trees}, data="customers@1", seed=57)
    assert candidate(ws, runs["small_trees"]).ok
    assert goal(ws, "compare", "trees").observed == "no answer yet"
    course.answer(ws, "compare", "trees", "rows")
    assert goal(ws, "compare", "trees").ok, "what was asked is about the runs that were there"


def test_of_two_candidates_the_one_tagged_last_is_meant(at):
    """Nobody has to find out how a tag is taken away."""
    ws = at("compare")
    _, runs = four(ws)
    assert candidate(ws, runs["small_trees"], runs["november"]).ok
    assert candidate(ws, runs["few_trees"]).ok is False


def test_a_note_must_be_the_learners_own_and_say_something(at):
    """Each run has one of its colleague."""
    ws = at("compare")
    there, runs = four(ws)
    candidate(ws, runs["november"])
    Workspace.open(there.path, create=False, actor=people.JO).runs.note(
        runs["november"].run_id, "the best one, says Jo"
    )
    assert goal(ws, "compare", "why").ok is False
    there.runs.note(runs["november"].run_id, "ok")
    assert "says little" in goal(ws, "compare", "why").why
    there.runs.note(runs["november"].run_id, "best on the same rows")
    assert goal(ws, "compare", "why").ok


# One recipe


def small(ws, **changes):
    """Train a small model on the sample, in the workspace of stop 3."""
    return course.workspace(ws, "config").train(CONFIG, overrides=SMALL | changes, data="customers@1")


def test_a_seed_or_a_name_is_no_key_of_the_config(at):
    """The seed is a pin of its own, and what a run is called makes no model."""
    ws = at("config")
    for changes in ({}, {"training.random_state": 7}, {"name": "again"}):
        small(ws, **{"model.max_depth": 2, **changes})
        found = goal(ws, "config", "one_key")
        assert found.ok is False
    assert "has the config of" in found.observed
    small(ws, **{"name": "deeper", "model.max_depth": 4})
    assert goal(ws, "config", "one_key").ok


def test_a_run_that_differs_in_two_keys_is_told_which(at):
    """With two, nobody knows which one did it."""
    ws = at("config")
    small(ws, **{"model.max_depth": 2})
    assert "2 keys (model.max_depth, model.n_estimators)" in goal(ws, "config", "one_key").observed


def test_one_key_that_moved_beside_the_seed_is_not_alone(at):
    """Whatever differs then may come from either."""
    ws = at("config")
    small(ws, **{"training.random_state": None})
    small(ws, **{"model.max_depth": 4})
    assert goal(ws, "config", "one_key").ok is False


def test_what_a_colleague_proved_is_not_proven_by_the_learner(at):
    """And one that came out otherwise proves nothing."""
    ws = at("config")
    there, run = course.workspace(ws, "config"), small(ws)
    with there._ledger.write() as tx:
        tx.append("run.reproduce", run.run_id, {"reproduced": {"verdict": "different", "first_divergence": "code"}})
    assert "different, first difference: code" in goal(ws, "config", "identical").observed
    assert Workspace.open(there.path, create=False, actor=people.JO).reproduce(run.run_id).verdict == "identical"
    assert goal(ws, "config", "identical").ok is False


def test_a_run_that_cannot_be_repeated_for_another_reason_is_not_the_unseeded_one(at):
    """Its seed was kept; something else was lost."""
    ws = at("config")
    there, run = course.workspace(ws, "config"), small(ws)
    with there._ledger.write() as tx:
        tx.append("run.reproduce", run.run_id, {"reproduced": {"verdict": "impossible", "first_divergence": "data"}})
    assert goal(ws, "config", "unseeded").observed.startswith(
        "every run here kept its seed; where the line random_state is left out"
    )


# A promotion


def promoted(ws, *, before=lambda there: None, actor="ada"):
    """Register Jo's run, put the edit back and release it; return the workspace of stop 5."""
    there = Workspace.open(course.workspace(ws, "promote").path, create=False, actor=actor)
    acts.put_back(there, "thresholds.churn", "nobody knows of it")
    acts.register(there, "Jo")
    acts.deploy(there, "staging", "rehearsal")
    before(there)
    acts.deploy(there, "production", "not worse on rows that neither had seen")
    return there


def test_where_it_starts_the_edit_is_named_with_both_values(at):
    """Who reads that knows which key, what runs, and what the file says."""
    found = goal(at("promote"), "promote", "config")
    assert "thresholds.churn runs as 0.35, the file says 0.6" in found.observed


def test_the_release_of_a_colleague_is_not_the_learners(at):
    """All goals about it wait for a release of the learner's own."""
    ws = at("promote")
    promoted(ws, actor=people.RAVI)
    found = {one.id: one.ok for one in course.check(ws, "promote").goals}
    assert found == {"traced": False, "card": False, "passed": False, "rule": True, "config": True}


def test_a_rule_that_was_moved_for_the_moment_of_the_check_is_not_the_rule_of_the_start(at):
    """Though it stands where it stood when one looks."""
    ws = at("promote")
    there = promoted(ws, before=lambda there: there.gate_rules.set("production", margin=0.05, reason="for today"))
    there.gate_rules.set("production", margin=0.02, reason="as it was")
    found = goal(ws, "promote", "rule")
    assert found.ok is False and "judged by another rule: it may lose at most 0.05" in found.observed


def test_a_rule_that_was_put_back_before_the_check_is_the_rule_of_the_start(at):
    """Half a minute of doubt is nobody's fault."""
    ws = at("promote")

    def doubt(there):
        for margin in (0.05, 0.02):
            there.gate_rules.set("production", margin=margin, reason="or not")

    promoted(ws, before=doubt)
    assert goal(ws, "promote", "rule").ok and goal(ws, "promote", "passed").ok


def test_a_config_file_that_says_nothing_valid_is_no_config_that_runs_as_written(at):
    """And the check says what is wrong with it, and does not break."""
    ws = at("promote", solved=True)
    acts.edit(course.workspace(ws, "promote"), "model.max_dept", 4)
    found = goal(ws, "promote", "config")
    assert found.ok is False and "max_dept" in found.observed


def test_a_name_of_its_own_that_went_live_beside_it_does_not_hide_what_is_meant(at):
    """A misspelt version in production is a leftover like any other."""
    ws = at("promote", solved=True)
    there = course.workspace(ws, "promote")
    acts.register(there, "Jo", name="chrun_model")
    for place in ("staging", "production"):
        there.deploy("chrun_model@1.0.0", place, "misspelt", override="oh")
    assert course.check(ws, "promote").ok


# A year that passes


@pytest.mark.parametrize(
    ("said", "ok", "observed"),
    [
        ([], False, "nothing was decided before the outcomes came"),
        ([("2024-05-30", "wait")], False, "nothing was decided"),
        ([("2024-05-31T23:59:59Z", "wait")], True, "wait, as it stood before 30 Jun 2024"),
        ([("2024-05-31T23:59:59Z", "wait"), ("2024-06-30T23:59:58Z", "repair")], True, "repair, as it stood"),
        ([("2024-05-31T23:59:59Z", "wait"), ("2024-06-30T23:59:59Z", "retrain")], True, "wait, as it stood"),
        ([("2024-06-30T23:59:59Z", "wait")], False, "nothing was decided"),
    ],
)
def test_a_decision_is_what_stood_when_the_outcomes_came(tmp_path, said, ok, observed):
    """Before the month is over nobody knows what came; once its outcomes are known there is nothing left to decide."""
    ws = Workspace.open(tmp_path / "workspace")
    ws.set_clock("2024-05-01")
    for time, value in said:
        ws.set_clock(time)
        acts.say(ws, "year", "may", value)
    ws.set_clock("2024-07-31")
    verdict = decided.decided_in_time(ws, Baseline(0, GENESIS), "year", "may", "2024-05")
    assert verdict.ok is ok and observed in verdict.observed


def test_what_was_said_too_early_is_not_said_again_by_another_answer(tmp_path):
    """The journal has all answers in each entry; only one that is new was said then."""
    ws = Workspace.open(tmp_path / "workspace")
    ws.set_clock("2024-05-01")
    acts.say(ws, "year", "may", "wait")
    ws.set_clock("2024-05-31T23:59:59Z")
    acts.say(ws, "year", "harm", "harmless")
    assert not decided.decided_in_time(ws, Baseline(0, GENESIS), "year", "may", "2024-05").ok


@pytest.mark.parametrize(("time", "observed"), [("2024-05-30", "is not over"), ("2024-05-31T23:59:59Z", "yet")])
def test_before_a_decision_is_due_or_made_it_is_said_what_is_missing(tmp_path, time, observed):
    """It is not late before the outcomes are there."""
    ws = Workspace.open(tmp_path / "workspace")
    ws.set_clock(time)
    verdict = decided.decided_in_time(ws, Baseline(0, GENESIS), "year", "may", "2024-05")
    assert not verdict.ok and observed in verdict.observed and "Begin the stop again" not in verdict.why
