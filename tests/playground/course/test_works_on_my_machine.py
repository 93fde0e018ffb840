"""Works on my machine: what the lab tells is so, and its checks ask for a proof, not for a name."""

from __future__ import annotations

import pytest

from mlops.base import provenance
from mlops.base.errors import IntegrityError
from mlops.base.records import ref_of
from mlops.experiments import software
from mlops.release import health
from playground import course, parity, rebuilt
from playground.parity import Try
from tests.playground.course.labs.machine import _with_another_build


@pytest.fixture
def there(at):
    """The chapter, as it begins."""
    return course.workspace(at("machine"), "machine")


def ravis(ws):
    return ws.models.get("churn_model@1.1.0").run_id


def noted(ws, run_id, moved, differ):
    """Note a try as it is noted when it was carried out."""
    told = Try(run_id, dict.fromkeys(moved, "1+ravi.1"), {}, 100, differ, 0, 0.0, differ).as_dict()
    before = [one.as_dict() for one in parity.tries(ws, run_id)]
    ws.journal.write(parity.subject(run_id), {"tries": [*before, told]})


def isolated(ws):
    return next(one for one in course.check(ws, "machine").goals if one.id == "isolated").ok


def test_the_same_version_answered_the_same_customer_otherwise(there):
    """Both answers are on record; the later one is what the file says here, and the earlier one is not."""
    here, his = (there.predictions.replay(one["prediction_id"]) for one in asked(there, "c2402-0009"))
    assert (here.equal, his.equal) == (True, False)
    assert here.model == his.model and ref_of(his.model) == "churn_model@1.1.0"
    assert (here.logged["prediction"], his.logged["prediction"]) == (0, 1)


def test_another_name_that_went_live_beside_it_takes_no_bad_answer_away(at):
    """What is asked is about the model that answers the customers."""
    ws = at("machine")
    there = course.workspace(ws, "machine")
    run = there.train("model: {type: logistic_regression}\ntraining: {random_state: 1}\n", data="customers@1")
    there.deploy(there.models.register(run, "toy"), "production", "beside it", override="to see")
    noted(there, run.run_id, (), 0)
    found = {one.id: one for one in course.check(ws, "machine").goals}
    assert not found["pinned"].ok and "v1.1.0 is live" in found["pinned"].observed
    assert not found["parity"].ok and "v1.1.0 is live" in found["parity"].observed


@pytest.mark.slow
def test_a_build_of_ones_own_changes_no_answer_to_the_guess(at):
    """It is about what was released from Ravi's machine when the lab began."""
    ws = at("machine")
    before = course.waive(ws, "machine").answer
    _with_another_build(course.workspace(ws, "machine"))
    assert course.reveal(ws, "machine").answer == before > 0


def asked(ws, customer):
    return [one for one in ws.predictions.list() if one["id"] == customer]


def test_the_two_records_differ_in_five_places_of_which_three_can_matter(there):
    """They were made by really running with those packages; a server would not even begin with such a model."""
    found = software.differences(there.runs.get(ravis(there)).as_dict()["software"], provenance.software())
    assert {one.what for one in found} == {*rebuilt.BUILDS}
    assert sum(one.matters for one in found) == 3
    assert parity.movable(found) == {name: rebuilt.version(name) for name in rebuilt.BUILDS}
    with pytest.raises(IntegrityError, match="otherwise than when it was trained"):
        health.check(there.models.load("churn_model@1.1.0"))
    health.check(there.models.load("churn_model@1.0.0"))


def test_the_rows_that_differ_are_those_in_which_something_is_missing(at):
    """So the guess has its answer from the workspace, and a learner who looks at the rows finds the line."""
    ws = at("machine")
    found = parity.answered(course.workspace(ws, "machine"), ravis(course.workspace(ws, "machine")))
    assert found["rows"] == parity.ROWS and 20 < found["differ"] == found["blank"] < 80 and found["flipped"] > 0
    assert course.waive(ws, "machine").answer == found["differ"]


@pytest.mark.parametrize(
    ("tried", "ok"),
    [
        ([((), 42), (("scikit-learn",), 0)], True),
        ([(("scikit-learn",), 0), ((), 42)], True),
        ([(("scikit-learn",), 0)], False),
        ([((), 42), (("scikit-learn", "scipy"), 0)], False),
        ([((), 42), (("scipy",), 42)], False),
        ([((), 0), (("scipy",), 0)], False),
    ],
)
def test_a_package_is_found_where_it_alone_brings_back_what_is_lost_without_it(at, tried, ok):
    """In any order; two at once name nobody, and where nothing was lost nothing is brought back."""
    ws = at("machine")
    there = course.workspace(ws, "machine")
    for moved, differ in tried:
        noted(there, ravis(there), moved, differ)
    assert isolated(ws) is ok
