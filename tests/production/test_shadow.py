"""Shadow: a silent candidate answers what the live model was asked, after it, and nobody hears it."""

from __future__ import annotations

import json
import threading
from collections import Counter
from itertools import count

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import accuracy_score, confusion_matrix, roc_auc_score

from mlops import Workspace, builtin
from mlops.base import locks
from mlops.base.errors import NotFoundError, PastError, RefusedError
from mlops.production import shadow as module
from mlops.production import shadow_answers
from tests.conftest import LOGISTIC, STUMP, customers_frame
from tests.production.conftest import ask, cohort, plain

CANDIDATE = "churn_model@1.0.0"


@pytest.fixture
def silent(released: Workspace) -> Workspace:
    """On 1 March 2024: churn_model 1.1.0 is live, and 1.0.0 answers silently beside it."""
    released.shadow.start(CANDIDATE)
    return released


def by_hand(ws: Workspace, ref: str, frame: pd.DataFrame) -> np.ndarray:
    """Return what scikit-learn says of customers, asked without any door."""
    model = ws.models.load(ref)
    known = frame[model.signature.names].copy()
    known["online"] = known["online"].astype(float)
    return model.pipeline.predict_proba(known)[:, 1]


def said(ws: Workspace) -> list[dict]:
    """Return all lines of the candidates' log, oldest first."""
    return [*shadow_answers.log(ws._ledger, ws._artifacts)][::-1]


# What it says


def test_it_answers_what_was_asked_and_the_report_is_that_of_scikit_learn(silent):
    """Agreement, both ways of flipping and the shift of the score, counted by hand; then nothing waits."""
    frame = cohort(3, 300)
    ask(silent, frame)
    assert (silent.shadow.report().n, silent.shadow.report().waiting) == (0, 300)
    assert silent.shadow.follow() == 300
    report = silent.shadow.report()
    live, other = by_hand(silent, "churn_model@1.1.0", frame), by_hand(silent, CANDIDATE, frame)
    table = confusion_matrix(live >= 0.5, other >= 0.5)
    moves = {(one["from"], one["to"]): one["n"] for one in report.moves}
    assert (report.n, report.waiting, report.refused) == (300, 0, 0)
    assert (report.agree, report.flipped) == (np.trace(table), table[0, 1] + table[1, 0])
    assert moves == {pair: table[pair] for pair in ((0, 1), (1, 0)) if table[pair]}
    assert report.agreement[0] < report.agree / 300 < report.agreement[1]
    shift = report.score_shift
    assert shift["mean"] == pytest.approx((other - live).mean(), abs=1e-12)
    assert (shift["least"], shift["most"]) == ((other - live).min(), (other - live).max())
    assert shift["low"] < shift["mean"] < shift["high"] and sum(shift["bins"]["counts"]) == 300
    assert [one["id"] for one in report.answers] == frame["customer_id"][(live >= 0.5) != (other >= 0.5)][
        ::-1
    ].tolist()[:200]
    assert silent.verify()["problems"] == []


def test_both_are_timed_alike_on_the_first_rows_of_a_block(silent):
    """Seconds of the same rows; the ratio has an interval, and how it was measured is said."""
    ask(silent, cohort(3, 30))
    silent.shadow.follow()
    times = silent.shadow.report().latency
    assert times["n"] == shadow_answers.TIMED
    assert 0 < times["live"]["median"] <= times["live"]["p95"]
    assert times["low"] < times["ratio"] < times["high"]
    assert "alone and in turns" in times["how"]


def test_each_time_is_that_of_its_own_model(silent, monkeypatch):
    """They are asked in turns, and never taken for each other."""
    seconds = {"1.0.0": 0.5, "1.1.0": 0.25}
    monkeypatch.setattr(shadow_answers, "_seconds", lambda model, row: seconds[model.version.version])
    ask(silent, cohort(3, 30))
    silent.shadow.follow()
    times = silent.shadow.report().latency
    assert (times["live"]["median"], times["candidate"]["p95"], times["ratio"]) == (0.25, 0.5, pytest.approx(2))


def test_few_rows_are_said_to_be_few(silent):
    """With the count and the rule; from a hundred on nothing is said."""
    ask(silent, cohort(3, 3))
    silent.shadow.follow()
    assert "both answered 3, and under 100" in silent.shadow.report().too_few
    ask(silent, cohort(4, 97))
    silent.shadow.follow()
    assert silent.shadow.report().too_few is None


def test_a_file_that_production_answered_is_answered_too(silent, arrive):
    """In an artifact beside its answers, once; the digits are those of asking row by row."""
    frame = arrive(3)
    assert silent.shadow.report().waiting == 600
    assert (silent.shadow.follow(), silent.shadow.follow()) == (600, 0)
    pairs = silent.shadow.pairs()
    assert pairs["id"].to_pylist() == frame["customer_id"].tolist()
    alone = [silent.predict(CANDIDATE, row).scores["churn_probability"] for row in plain(frame.head(20))]
    assert pairs["silent"].to_pylist()[:20] == alone
    assert silent.shadow.report().answers[0]["batch_id"] == silent.batches.list()[0].batch_id
    assert silent.verify()["problems"] == []


def test_only_what_the_live_model_was_asked_counts(silent, tmp_path):
    """Not what a version was asked by its number, not another environment, and nothing from before it began."""
    row = plain(cohort(3, 1))[0]
    silent.predict("churn_model@1.1.0", row)
    silent.predict("churn_model@staging", row)
    assert silent.shadow.follow() == 0
    silent.shadow.stop()
    silent.predict("@production", row)
    silent.shadow.start(CANDIDATE)
    assert silent.shadow.follow() == 0


def test_what_was_asked_before_can_be_answered_as_well(released, arrive):
    """`back` takes all that was ever asked under that name; requests and files."""
    arrive(3)
    ask(released, cohort(4, 5))
    released.shadow.start(CANDIDATE, back=True)
    assert (released.shadow.follow(), released.shadow.report().n) == (605, 605)


# Who was right


def test_once_outcomes_are_known_it_is_told_who_was_right(silent, arrive, told):
    """By hand: the table of right and wrong, accuracy and AUC of both; each difference with a paired interval."""
    frame = arrive(3)
    silent.shadow.follow()
    told(frame, "2024-04-02T00:00:00Z")
    assert silent.shadow.report().outcomes is None
    silent.set_clock("2024-04-03T00:00:00Z")
    known = silent.shadow.report().outcomes
    truth = frame["churn"].to_numpy()
    scores = [by_hand(silent, ref, frame) for ref in ("churn_model@1.1.0", CANDIDATE)]
    right = [(one >= 0.5) == truth for one in scores]
    assert (known.known, known.answers, known.learned) == (600, 600, 0)
    assert known.right == {
        "both": (right[0] & right[1]).sum(),
        "live": (right[0] & ~right[1]).sum(),
        "candidate": (~right[0] & right[1]).sum(),
        "neither": (~right[0] & ~right[1]).sum(),
    }
    accuracy, auc = known.metrics["accuracy"], known.metrics["auc"]
    assert [accuracy["live"], accuracy["candidate"]] == [accuracy_score(truth, one >= 0.5) for one in scores]
    assert [auc["live"], auc["candidate"]] == [roc_auc_score(truth, one) for one in scores]
    for one in (accuracy, auc):
        assert one["difference"] == one["candidate"] - one["live"]
        assert one["low"] < one["difference"] < one["high"] < 0 and one["verdict"] == "worse"


def test_who_one_of_both_learned_from_tells_nothing(silent, told):
    """Customers of the training are left out and counted; those of its test rows are new to it."""
    frame = customers_frame(600)
    silent.set_clock("2024-03-02T00:00:00Z")
    ask(silent, frame.head(100))
    silent.shadow.follow()
    silent.set_clock("2024-03-03T00:00:00Z")
    told(frame, "2024-03-02T12:00:00Z")
    run = silent.models.get(CANDIDATE).run_id
    answers = silent.runs.predictions(run)
    learned = set(answers[answers["part"] != "test"]["row"])
    known = silent.shadow.report().outcomes
    assert known.learned == len([row for row in range(100) if row in learned]) > 0
    assert known.known == 100 - known.learned


def test_of_each_customer_and_month_one_answer_is_judged(silent, told):
    """Whoever tries values on a form does not move who was right; every answer counts where decisions are compared."""
    frame = customers_frame(600)
    rows = silent.runs.predictions(silent.models.get(CANDIDATE).run_id)
    new = frame.iloc[sorted(rows[rows["part"] == "test"]["row"])].head(30)
    for day, changed in ((2, new), (3, new.assign(monthly_fee=1.0)), (4, new.assign(monthly_fee=900.0))):
        silent.set_clock(f"2024-03-0{day}T00:00:00Z")
        ask(silent, changed)
    silent.shadow.follow()
    silent.set_clock("2024-03-06T00:00:00Z")
    told(frame, "2024-03-05T00:00:00Z")
    report = silent.shadow.report()
    first = by_hand(silent, "churn_model@1.1.0", new)
    assert (report.n, report.outcomes.answers) == (90, 30)
    assert report.outcomes.known + report.outcomes.learned == 30
    assert report.outcomes.metrics["auc"]["live"] == roc_auc_score(new["churn"], first)


def test_few_outcomes_are_said_to_be_few(silent, arrive, told):
    """An AUC of a few positives has no interval."""
    frame = arrive(3)
    silent.shadow.follow()
    silent.set_clock("2024-04-03T00:00:00Z")
    told(frame[frame["churn"] == 0].head(30), "2024-04-02T00:00:00Z")
    auc = silent.shadow.report().outcomes.metrics["auc"]
    assert (auc["live"], auc["difference"], auc["low"], auc["verdict"]) == (None, None, None, "inconclusive")
    assert "Too few to tell" in auc["too_few"]


# Nobody hears it


def test_callers_get_the_same_bytes_with_and_without_it(released, tmp_path, monkeypatch):
    """Answers and log of two copies, of which one has a silent candidate that follows after every request."""
    rows, seen = plain(cohort(3, 10)), []
    beside = released.fork(tmp_path / "beside")
    beside.shadow.start(CANDIDATE)
    released.journal.write("test/other", {"so": "both have as many events"})
    for ws in (released, beside):
        numbers = count()
        monkeypatch.setattr("mlops.release.predictions.new_id", lambda prefix: f"{prefix}{next(numbers):010x}")  # noqa: B023
        answers = []
        for row in rows:
            answers.append(json.dumps(ws.predict("@production", row).as_dict()))
            if ws is beside:
                ws.shadow.follow()
        log = (ws.path / "predictions" / "open-1.jsonl").read_bytes()
        seen.append((answers, log))
    assert seen[0] == seen[1]
    assert beside.shadow.report().n == 10


def test_rows_that_it_cannot_answer_are_counted_and_named(released, tmp_path):
    """It learned from no missing fee; requests without one are answered by the live model alone."""
    frame = cohort(1).assign(monthly_fee=lambda one: one["monthly_fee"].fillna(40.0))
    frame.to_csv(tmp_path / "full.csv", index=False)
    released.datasets.add(tmp_path / "full.csv", "customers", message="no fee is missing")
    released.models.register(released.train(LOGISTIC, data="customers@2"), "churn_model", "1.2.0")
    released.shadow.start("churn_model@1.2.0")
    asked = cohort(3, 40)
    ask(released, asked)
    released.shadow.follow()
    asked.drop(columns="churn").to_csv(tmp_path / "ask.csv", index=False)
    released.batch_predict("@production", tmp_path / "ask.csv")
    released.shadow.follow()
    report, missing = released.shadow.report(), int(asked["monthly_fee"].isna().sum())
    assert missing and (report.n, report.refused) == (2 * (40 - missing), 2 * missing)
    [why] = report.refusals
    assert (why["field"], why["expected"], why["rows"]) == ("monthly_fee", "a number", 2 * missing)
    assert (report.waiting, released.shadow.follow()) == (0, 0)


@pytest.mark.parametrize(
    ("candidate", "error", "says"),
    [
        ("churn_model@1.1.0", RefusedError, "is live in production itself"),
        ("churn_model@9.9.9", NotFoundError, "has no version"),
        ("other_model@1.0.0", RefusedError, "is no version of churn_model"),
        ("churn_model@1.2.0", RefusedError, "needs 'extra'"),
        ("churn_model@1.3.0", RefusedError, "is rejected"),
    ],
)
def test_who_could_not_answer_in_its_place_is_refused_and_nothing_begins(released, tmp_path, candidate, error, says):
    """The value, the rule, the next step; the history stays as it was."""
    customers_frame().assign(extra=range(600)).to_csv(tmp_path / "extra.csv", index=False)
    released.datasets.add(tmp_path / "extra.csv", "customers", message="one column more")
    released.models.register(released.runs.list()[0], "other_model")
    released.models.register(released.train(STUMP, data="customers@2"), "churn_model", "1.2.0")
    released.models.register(released.runs.list()[1], "churn_model", "1.3.0")
    released.models.reject("churn_model@1.3.0", "bad")
    before = released.head()
    with pytest.raises(error, match=says):
        released.shadow.start(candidate)
    assert released.head() == before


def test_where_nothing_is_live_nothing_is_silent(ws, released):
    """Said before anything happens; and so is a name that was never followed."""
    with pytest.raises(NotFoundError, match="Nothing is live in production"):
        ws.shadow.start(CANDIDATE)
    with pytest.raises(NotFoundError, match="No silent candidate ever answered for churn_model in production"):
        released.shadow.report()
    for verb in (released.shadow.follow, released.shadow.stop):
        with pytest.raises(NotFoundError, match="No silent candidate answers for churn_model"):
            verb()


# When it begins and ends


def test_who_answers_already_goes_on_and_another_one_takes_its_place(silent):
    """A server that is started again begins nothing anew."""
    first = silent.shadow.now()
    head = silent.head()
    assert (silent.shadow.start(CANDIDATE), silent.head()) == (first, head)
    silent.models.register(silent.runs.list()[0], "churn_model", "1.4.0")
    second = silent.shadow.start("churn_model@1.4.0")
    ended = silent.shadow.list()[1]
    assert [one.shadow_id for one in silent.shadow.list()] == [second.shadow_id, first.shadow_id]
    assert (ended.reason, ended.until) == ("churn_model@1.4.0 answers instead", silent.now())
    assert silent.shadow.now() == second


def test_who_asks_again_for_what_was_asked_before_begins_nothing_anew(silent):
    """Only a candidate that did not look back begins again, to look back."""
    first = silent.shadow.now()
    second = silent.shadow.start(CANDIDATE, back=True)
    assert (first.after, second.after) == (first.event, 0) and first != second
    assert silent.shadow.start(CANDIDATE, back=True) == silent.shadow.start(CANDIDATE) == second


def test_it_ends_when_it_is_stopped_and_what_it_said_stays(silent):
    """The report is still there; what is asked later waits for nobody."""
    ask(silent, cohort(3, 5))
    silent.shadow.follow()
    silent.shadow.stop(reason="it finds fewer")
    ask(silent, cohort(4, 5))
    report = silent.shadow.report()
    assert (report.n, report.waiting, report.until, silent.shadow.now()) == (5, 0, silent.now(), None)


def test_it_ends_when_it_goes_live_after_answering_what_came_before(silent):
    """Then it would be compared with itself."""
    ask(silent, cohort(3, 5))
    silent.rollback("production", "back")
    ask(silent, cohort(4, 7))
    assert silent.shadow.follow() == 5
    assert (silent.shadow.now(), silent.shadow.list()[0].reason) == (None, "churn_model@1.0.0 went live")
    assert (silent.shadow.report().n, silent.shadow.report().model["version"]) == (5, "1.0.0")


def test_the_live_model_may_change_meanwhile_and_each_answer_is_compared_with_who_gave_it(silent):
    """Its versions are told apart, in requests and files of one look."""
    silent.models.register(silent.runs.list()[0], "churn_model", "1.5.0")
    ask(silent, cohort(3, 5))
    silent.deploy("churn_model@1.5.0", "production", "try", override="in a test")
    ask(silent, cohort(4, 6))
    silent.rollback("production", "again")
    ask(silent, cohort(5, 7))
    assert silent.shadow.follow() == 18
    report = silent.shadow.report()
    assert {one["version"]: one["n"] for one in report.versions} == {"1.1.0": 12, "1.5.0": 6}
    assert sum(one["flipped"] for one in report.versions) == report.flipped
    assert report.model["version"] == "1.1.0"


# Once, whatever happens


def test_two_who_follow_at_once_answer_each_request_once(silent, monkeypatch):
    """As two servers do, while requests come in."""
    monkeypatch.setattr(module, "BLOCK", 3)
    ends, errors = threading.Event(), []

    def follow() -> None:
        mine = Workspace.open(silent.path, create=False)
        while not ends.is_set():
            try:
                mine.shadow.follow()
            except Exception as error:
                errors.append(error)

    threads = [threading.Thread(target=follow) for _ in range(2)]
    for thread in threads:
        thread.start()
    asked = [one["prediction_id"] for one in ask(silent, cohort(3, 40))]
    ends.set()
    for thread in threads:
        thread.join()
    silent.shadow.follow()
    assert ([one["prediction_id"] for one in said(silent)], errors) == (asked, [])


def test_who_comes_second_has_nothing_to_do(silent):
    """The one who holds the lock answers; it is free again when that process ends."""
    ask(silent, cohort(3, 2))
    lock = silent.path / "tmp" / f"{silent.shadow.now().shadow_id}.lock"
    lock.parent.mkdir(exist_ok=True)
    held = locks.take(lock)
    assert silent.shadow.follow() == 0
    locks.drop(held, lock)
    assert silent.shadow.follow() == 2


def test_who_is_interrupted_goes_on_after_the_last_block(silent, monkeypatch):
    """What was said stays, what was not is said once."""
    monkeypatch.setattr(module, "BLOCK", 4)
    asked = [one["prediction_id"] for one in ask(silent, cohort(3, 10))]

    def stop(_: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        silent.shadow.follow(on_answers=stop)
    assert silent.shadow.report().waiting == 6
    assert silent.shadow.follow() == 6
    assert [one["prediction_id"] for one in said(silent)] == asked


def test_a_power_cut_that_takes_the_last_requests_takes_no_answer_twice(silent):
    """The candidate's log was on the disk, the newest requests were not yet."""
    asked = [one["prediction_id"] for one in ask(silent, cohort(3, 6))]
    silent.shadow.follow()
    log = silent.path / "predictions" / "open-1.jsonl"
    log.write_bytes(b"".join(log.read_bytes().splitlines(keepends=True)[:4]))
    asked += [one["prediction_id"] for one in ask(silent, cohort(4, 2))]
    assert silent.shadow.follow() == 2
    assert [one["prediction_id"] for one in said(silent)] == asked


# Other questions, other times


@pytest.mark.parametrize(("name", "other"), [("iris", "logistic_regression"), ("diabetes", "ridge")])
def test_several_classes_and_numbers_are_compared_alike(ws, name, other):
    """Of classes the score is that of what was answered; numbers have no decisions, but move."""
    version = builtin.add(ws, name)
    for kind in ("dummy", other):
        ws.models.register(ws.train(f"model: {{type: {kind}}}", data=version.ref), name)
    ws.deploy(f"{name}@1.0.0", "staging", "try")
    ws.shadow.start(f"{name}@1.1.0", "staging")
    ws.batch_predict(f"{name}@staging", data=version.ref)
    for row in ws.datasets.frame(version.ref).head(3).to_dict("records"):
        ws.predict(f"{name}@staging", row)
    ws.shadow.follow("staging")
    report, model = ws.shadow.report("staging"), ws.models.load(f"{name}@1.1.0")
    frame = ws.datasets.frame(version.ref)[model.signature.names]
    assert report.n == version.rows + 3
    if name == "iris":
        decided = model.pipeline.predict(frame)
        live = ws.models.load("iris@1.0.0").pipeline.predict(frame)
        flips = [(one, two) for one, two in zip(live, decided, strict=True) if one != two]
        flips += [(one, two) for one, two in zip(live[:3], decided[:3], strict=True) if one != two]
        assert {(one["from"], one["to"]): one["n"] for one in report.moves} == Counter(flips)
        assert report.score_shift["of"].startswith("probability of the")
        assert set(report.answers[0]["candidate"]["score"]) == {str(label) for label in model.signature.labels}
    else:
        shift = model.pipeline.predict(frame) - ws.models.load("diabetes@1.0.0").pipeline.predict(frame)
        assert (report.flipped, report.moves) == (report.n, ())
        assert report.score_shift["mean"] == pytest.approx(np.append(shift, shift[:3]).mean())


def test_the_past_tells_what_was_said_by_then_and_begins_nothing(silent):
    """What was asked but not answered by then waits."""
    silent.set_clock("2024-03-02T00:00:00Z")
    ask(silent, cohort(3, 5))
    silent.set_clock("2024-03-03T00:00:00Z")
    silent.shadow.follow()
    silent.set_clock("2024-03-04T00:00:00Z")
    then = silent.at("2024-03-02T12:00:00Z")
    assert (then.shadow.report().n, then.shadow.report().waiting) == (0, 5)
    assert silent.at("2024-03-03T12:00:00Z").shadow.report() == silent.shadow.report()
    for verb in (then.shadow.follow, then.shadow.stop, lambda: then.shadow.start(CANDIDATE)):
        with pytest.raises(PastError):
            verb()
