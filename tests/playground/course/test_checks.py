"""Checks: who did it honestly in another way is passed, and what only looks solved is not."""

from __future__ import annotations

from decimal import Decimal

import pytest

from mlops import Workspace, sample
from mlops.base.errors import InvalidError
from playground import chain, course
from playground.course import acts

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
