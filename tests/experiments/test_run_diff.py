"""The difference of two runs: causes, rows, answers, metrics and luck; and what cannot be compared says so."""

from __future__ import annotations

import dataclasses
import json
from collections import Counter
from pathlib import Path

import pytest

from mlops import Workspace
from mlops.base import provenance
from mlops.base.artifacts import Artifacts
from mlops.experiments import lifecycle, shared_rows, told_apart
from mlops.experiments.run_diff import RunDiff
from tests.conftest import LOGISTIC, STUMP, customers_frame
from tests.old_workspace import Nobody, opened

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def stump(trained) -> str:
    """The id of the run of `trained`."""
    return trained.runs.list()[0].run_id


def differing(found: RunDiff) -> set[str]:
    """Return the parts in which something differs."""
    no_parts = {"runs", "compared", "not_applicable"}
    return {name for name, part in found.as_dict().items() if name not in no_parts and part is not None}


def test_a_run_does_not_differ_from_itself(trained, stump):
    """Each part is null: nothing went in otherwise, no answer moved, no metric did; and the sentence says so."""
    found = trained.comparisons.diff(stump, stump)
    assert (differing(found), found.not_applicable, found.compared) == (set(), {}, 60)
    assert told_apart.sentence(found) == "Nothing differs: this is one run, held against itself."

    theirs = trained.runs.log("theirs", {}, {"test": {"auc": 0.5}}).run_id
    found = trained.comparisons.diff(theirs, theirs)
    assert (differing(found), found.not_applicable) == (set(), {})  # little is known of it, and it is itself


def test_the_same_training_again_differs_in_nothing(trained, stump):
    """Another id, another day; the same bytes."""
    found = trained.comparisons.diff(stump, trained.train(STUMP).run_id)
    assert (differing(found), found.not_applicable) == (set(), {})
    assert told_apart.sentence(found, "customer") == "Nothing differs: all 60 customers get the same answer."


def test_the_same_rows_with_other_roles_are_other_data(trained, stump, customers_csv):
    """Which column is no feature any more, and which class is looked for, is a cause like a changed cell."""
    trained.datasets.add(customers_csv, "customers", group="region", positive="0")
    found = trained.comparisons.diff(stump, trained.train(STUMP).run_id)
    assert (found.data["before"], found.data["after"]) == ("customers@1", "customers@2")
    assert found.data["roles_changed"] == {"group": (None, "region"), "positive": (1, 0)}
    assert (found.data["rows_added"], found.data["rows_removed"], found.data["rows_changed"]) == (0, 0, 0)
    assert told_apart.causes(found) == {"data": "what the columns of the data are for (group and positive)"}


def test_each_key_of_the_config_is_told_and_the_seed_is_a_part_of_its_own(trained, stump):
    """Together they are what the pins call config and seed."""
    other = trained.train(STUMP, seed=1, overrides={"model.max_depth": 2, "thresholds": {"churn": 0.3}})
    found = trained.comparisons.diff(stump, other.run_id)
    assert found.config == (
        {"key": "model.max_depth", "before": 1, "after": 2},
        {"key": "thresholds.churn", "before": 0.5, "after": 0.3},
    )
    assert found.seed == {"before": 42, "after": 1}
    assert told_apart.causes(found) == {"config": "2 keys of the config", "seed": "the seed"}


def test_a_run_without_a_seed_differs_from_one_with_it_and_two_without_differ_in_what_nobody_knows(trained, stump):
    """No seed is never passed off as an equal one."""
    first, second = (trained.train(STUMP, overrides={"training.random_state": None}).run_id for _ in range(2))
    assert trained.comparisons.diff(stump, first).seed == {"before": 42, "after": None}
    found = trained.comparisons.diff(first, second)
    assert found.seed is None and "drew its own luck" in found.not_applicable["seed"]
    assert told_apart.sentence(found).startswith("Nothing that was recorded differs, but no seed was kept; ")


def test_changed_answers_are_those_of_the_two_files(trained, stump):
    """Counted on the validation rows, each run at its own threshold; every flip stands there with both answers."""
    other = trained.train(LOGISTIC, overrides={"thresholds": {"churn": 0.3}})
    old, new = (
        table[table["part"] == "validation"].set_index("row")
        for table in map(trained.runs.predictions, (stump, other.run_id))
    )
    new = new.loc[old.index]
    flipped = (old["probability"] >= 0.5) != (new["probability"] >= 0.3)
    told = trained.comparisons.diff(stump, other.run_id).predictions
    assert told["flipped"] == flipped.sum() == len(told["answers"]) == sum(way["rows"] for way in told["moves"]) > 0
    assert told["changed"] == (old["probability"] != new["probability"]).sum() > 0
    assert told["largest"] == pytest.approx((old["probability"] - new["probability"]).abs().max())
    ids = customers_frame()["customer_id"]
    assert {one["row"]: dict(one) for one in told["answers"]} == {
        row: {
            "row": row,
            "id": ids[row],
            "truth": old["label"][row],
            "before": int(old["probability"][row] >= 0.5),
            "after": int(new["probability"][row] >= 0.3),
            "before_score": old["probability"][row],
            "after_score": new["probability"][row],
        }
        for row in old.index[flipped]
    }


def test_answers_have_every_row_of_both_and_those_first_that_flipped(trained, stump):
    """The table behind the count: flips, then the others, each group by how far a score moved."""
    found = trained.comparisons.answers(stump, trained.train(LOGISTIC).run_id)
    assert len(found) == 60 and found["flipped"].is_monotonic_decreasing
    assert all(group["moved"].is_monotonic_decreasing for _, group in found.groupby("flipped"))


def test_a_threshold_alone_flips_decisions_without_moving_a_score(trained, stump):
    """So no metric that ranks has changed, and there is no luck to ask about."""
    found = trained.comparisons.diff(stump, trained.train(STUMP, overrides={"thresholds": {"churn": 0.3}}).run_id)
    assert (found.predictions["changed"], found.predictions["largest"]) == (0, 0.0)
    assert found.predictions["flipped"] > 0 and found.luck is None and "luck" not in found.not_applicable
    assert "validation.auc" not in {one["metric"] for one in found.metrics}
    assert differing(found) == {"config", "predictions", "metrics"}


def test_metrics_are_those_recorded_their_difference_and_its_paired_interval(trained, stump):
    """After minus before, for every split; on the same rows the interval holds the difference."""
    other = trained.train(LOGISTIC)
    found = {one["metric"]: one for one in trained.comparisons.diff(stump, other.run_id).metrics}
    before, after = (trained.runs.get(run_id).metrics["validation"]["auc"] for run_id in (stump, other.run_id))
    told = trained.comparisons.difference(stump, other.run_id)
    assert found["validation.auc"] == {
        "metric": "validation.auc",
        "before": before,
        "after": after,
        "difference": after - before,
        "low": told.low,
        "high": told.high,
    }
    assert found["test.brier"]["low"] < found["test.brier"]["difference"] < found["test.brier"]["high"]
    assert found["train.auc"]["low"] is None


def test_rows_of_another_split_are_counted_and_luck_is_not_asked(trained, stump):
    """Answers are compared on the rows that both left for validation; the metrics do not rank the runs."""
    other = trained.train(STUMP, seed=1)
    found = trained.comparisons.diff(stump, other.run_id)
    kept = [
        set(table[table["part"] == "validation"]["row"])
        for table in map(trained.runs.predictions, (stump, other.run_id))
    ]
    assert found.rows["validation"] == {"before": 60, "after": 60, "shared": len(kept[0] & kept[1])}
    assert found.compared == len(kept[0] & kept[1])
    assert found.luck is None and "different rows" in found.not_applicable["luck"]
    assert {one["low"] for one in found.metrics} == {None}


def test_other_data_are_told_by_rows_cells_and_distributions(trained, stump, customers, tmp_path):
    """Ten customers fewer, and one who grew older; a column that did not move is not listed."""
    changed = customers.iloc[:590].copy()
    changed.loc[0, "age"] = 99
    changed.to_csv(tmp_path / "changed.csv", index=False)
    trained.datasets.add(tmp_path / "changed.csv", name="customers")
    found = trained.comparisons.diff(stump, trained.train(STUMP).run_id)
    told = {key: found.data[key] for key in ("rows_added", "rows_removed", "rows_changed", "cells_changed")}
    assert told == {"rows_added": 0, "rows_removed": 10, "rows_changed": 1, "cells_changed": {"age": 1}}
    assert found.data["changes"] == ({"id": "c00001", "column": "age", "before": 76, "after": 99},)
    assert found.data["distributions"]["age"]["after"]["max"] == 99
    assert told_apart.causes(found) == {"data": "1 cell and 10 rows of the data"}


def test_what_did_not_move_has_no_distribution_to_show(trained, stump, customers, tmp_path):
    """Only the columns that differ are listed."""
    customers.assign(age=customers["age"] + 1).to_csv(tmp_path / "older.csv", index=False)
    trained.datasets.add(tmp_path / "older.csv", name="customers")
    found = trained.comparisons.diff(stump, trained.train(STUMP).run_id)
    assert found.data["distributions"].keys() == {"age"}


def test_columns_that_came_went_or_changed_their_type_are_counted(trained, stump, customers, tmp_path):
    """The schema is a part of the data."""
    customers.assign(age=customers["age"] + 0.5, note="x").drop(columns="online").to_csv(
        tmp_path / "c.csv", index=False
    )
    trained.datasets.add(tmp_path / "c.csv", name="customers")
    told = trained.comparisons.diff(stump, trained.train(STUMP).run_id).data
    assert (told["columns_added"], told["columns_removed"]) == (("note",), ("online",))
    assert [dict(one) for one in told["columns_retyped"]] == [{"name": "age", "before": "integer", "after": "number"}]


def test_outcomes_that_became_known_are_a_cause(ws, customers, tmp_path):
    """The same file, learned from again after more was known of it."""
    for columns in (["customer_id", "churn"], [one for one in customers if one != "churn"]):
        customers[columns].to_csv(tmp_path / "c.csv", index=False)
        ws.datasets.add(
            tmp_path / "c.csv", "c", **({"target": "churn", "id": "customer_id"} if "churn" in columns else {})
        )
    for part in (customers[:400], customers[400:]):
        part[["customer_id", "churn"]].to_csv(tmp_path / "o.csv", index=False)
        ws.outcomes.add(tmp_path / "o.csv", "c")
        ws.train(STUMP, data="c@2")
    found = ws.comparisons.diff(*(run.run_id for run in reversed(ws.runs.list())))
    assert [len(one["sets"]) for one in found.data["outcomes_changed"]] == [1, 2]
    assert told_apart.causes(found) == {"data": "the outcomes that were known"}
    assert found.rows["train"]["after"] > found.rows["train"]["before"]


def test_a_run_from_elsewhere_says_why_it_has_no_answers(trained, stump):
    """Its metrics are compared all the same, and of its config what it said."""
    foreign = trained.runs.log("theirs", {"model.type": "x"}, {"validation": {"auc": 0.5}})
    found = trained.comparisons.diff(stump, foreign.run_id)
    assert differing(found) == {"config", "metrics", "model"}
    assert found.config == ({"key": "model.type", "before": "gradient_boosting", "after": "x"},)
    assert {*found.not_applicable} == {"data", "code", "software", "seed", "rows", "predictions", "luck"}
    assert all(foreign.run_id in why for why in found.not_applicable.values())
    assert {one["metric"]: one["after"] for one in found.metrics}["validation.auc"] == 0.5
    assert told_apart.sentence(found) == (
        "Of what was recorded, one thing differs: model.type of the config; what they answer cannot be compared."
    )


def test_a_logged_run_that_set_nothing_else_is_not_taken_for_one_without_settings(trained, stump):
    """Nobody knows its other keys: they are unknown, not gone."""
    found = trained.comparisons.diff(trained.runs.log("theirs", {}, {}).run_id, stump)
    assert found.config is None and "not the whole config" in found.not_applicable["config"]


def test_runs_that_did_not_finish_are_compared_in_what_went_in(trained, stump):
    """Queued, cancelled or failed: no answers, and the reason is the status."""
    queued = trained.submit(STUMP.replace("max_depth: 1", "max_depth: 2"), pool=Nobody())
    for status in ("queued", "cancelled"):
        found = trained.comparisons.diff(stump, queued.run_id)
        assert found.config == ({"key": "model.max_depth", "before": 1, "after": 2},) and found.data is None
        assert found.not_applicable["predictions"] == f"Run {queued.run_id} is {status} and has no answers to look at."
        trained.runs.cancel(queued.run_id) if status == "queued" else None


@pytest.mark.parametrize(("target", "flips"), [("contract", True), ("monthly_fee", False)])
def test_classes_and_numbers_are_told_apart_as_well(ws, customers, tmp_path, target, flips):
    """A predicted number moves; it does not flip."""
    customers.dropna().to_csv(tmp_path / "c.csv", index=False)
    ws.datasets.add(tmp_path / "c.csv", name="c", target=target, id="customer_id")
    pair = [ws.train(f"model: {{type: random_forest, n_estimators: {n}}}").run_id for n in (1, 9)]
    found = ws.comparisons.diff(*pair)
    told = found.predictions
    assert found.not_applicable == {} and told["changed"] > 0
    assert (told["flipped"] is not None) == flips and len(told["answers"]) == told["flipped" if flips else "changed"]
    assert all((one["before_score"] is not None) == flips for one in told["answers"])
    assert found.luck["metric"] == ("auc" if flips else "rmse")
    assert told_apart.sentence(found).endswith("get another decision." if flips else "get another number.")


def test_two_targets_have_no_common_answers(trained, stump, customers, tmp_path):
    """The same customers, asked something else."""
    customers.assign(note="x").to_csv(tmp_path / "c.csv", index=False)
    trained.datasets.add(tmp_path / "c.csv", name="customers", target="contract")
    found = trained.comparisons.diff(stump, trained.train(STUMP).run_id)
    assert found.predictions is None and found.compared is None
    assert "predict different targets or classes" in found.not_applicable["predictions"]


def test_datasets_of_different_names_have_no_common_rows(trained, stump, customers, tmp_path):
    """Customer 1 of one company is not customer 1 of another."""
    customers.iloc[:500].to_csv(tmp_path / "c.csv", index=False)
    trained.datasets.add(tmp_path / "c.csv", name="others", target="churn", id="customer_id")
    found = trained.comparisons.diff(stump, trained.train(STUMP, data="others").run_id)
    assert found.rows is None and "customers and others are different datasets" in found.not_applicable["rows"]
    assert told_apart.causes(found) == {"data": "the dataset (customers@1, others@1)"}


def test_the_same_content_has_the_same_rows_whatever_names_them(trained, stump, customers_csv):
    """In one content a row is its place, under another name and by another id as well."""
    for name, roles in (("others", {"id": "customer_id"}), ("nameless", {})):
        trained.datasets.add(customers_csv, name, target="churn", **roles)
        found = trained.comparisons.diff(stump, trained.train(STUMP, data=name).run_id)
        assert (found.rows, found.compared) == (None, 60)


def test_rows_that_are_named_by_different_things_are_not_matched(trained, stump, customers, tmp_path):
    """An id named later: whether a row is the same, nobody can tell; none shared would be a wrong answer."""
    customers.assign(policy=[f"p{one}" for one in customers.index]).to_csv(tmp_path / "c.csv", index=False)
    trained.datasets.add(tmp_path / "c.csv", "customers", id="policy")
    found = trained.comparisons.diff(stump, trained.train(STUMP).run_id)
    assert found.rows is None
    assert found.not_applicable["rows"] == (
        "customers@1 names its rows by customer_id, customers@2 by policy: nobody can tell which are the same."
    )


def test_source_that_was_not_kept_is_unknown_and_not_equal(trained, stump):
    """Of a run of an older program only the hash is known."""
    record = dict(trained.runs.get(stump).as_dict())
    del record["status"]
    older = {"run_id": "r00000older", "code": {"source_sha256": "0" * 64}, "predictions_sha256": None}
    with trained._ledger.write() as tx:
        lifecycle.move(tx, "r00000older", "finished", record | older)
    found = trained.comparisons.diff("r00000older", stump)
    assert found.code is None and "source of run r00000older was not kept" in found.not_applicable["code"]


@pytest.fixture
def edited(monkeypatch):
    """A program in which one line is another one, a file is gone and one is new; what was cached of it is forgotten."""
    source = dict(provenance.source())
    source["models/scoring.py"] = source["models/scoring.py"].replace(b"score >= threshold", b"score > threshold")
    source["new.py"] = source.pop("__main__.py")
    was = [provenance.source_sha256, provenance.packed_source]
    monkeypatch.setattr(provenance, "source", lambda: dict(sorted(source.items())))
    for one in was:
        monkeypatch.setattr(provenance, one.__name__, one.__wrapped__)


def test_code_is_a_unified_diff_of_the_source_that_ran(trained, stump, edited):
    """As git writes it: the line before, the line after, and files that came or went."""
    found = trained.comparisons.diff(stump, trained.train(STUMP).run_id)
    lines = found.code.splitlines()
    assert "--- a/mlops/models/scoring.py" in lines and "+++ b/mlops/models/scoring.py" in lines
    assert [line for line in lines if line.startswith("-    return [signature.positive if score >= threshold")]
    assert [line for line in lines if line.startswith("+    return [signature.positive if score > threshold")]
    assert {"--- a/mlops/__main__.py", "+++ /dev/null", "--- /dev/null", "+++ b/mlops/new.py"} < {*lines}
    added, removed = told_apart.lines(found.code)
    assert added == removed == 1 + len((ROOT / "mlops" / "__main__.py").read_text(encoding="utf-8").splitlines())
    assert told_apart.causes(found) == {"code": f"{added} lines of the code"}
    assert differing(found) == {"code"}


@pytest.mark.parametrize(
    ("package", "matters", "said"),
    [("numpy", True, "the version of numpy"), ("joblib", False, "software that cannot matter")],
)
def test_software_says_which_differences_can_matter(trained, stump, monkeypatch, package, matters, said):
    """A run on another package version, and why that can change a model or cannot."""
    now = provenance.software()
    other = {**now, "packages": {**now["packages"], package: "0.0.1"}}
    monkeypatch.setattr(provenance, "software", lambda: other)
    found = trained.comparisons.diff(stump, trained.train(STUMP).run_id)
    [one] = found.software
    assert (one["what"], one["before"], one["after"]) == (package, now["packages"][package], "0.0.1")
    assert one["matters"] == matters and one["why"]
    assert told_apart.causes(found) == {"software": said}


def test_every_file_of_two_runs_is_read_once(trained, stump, monkeypatch):
    """Rows, answers, intervals and luck come from the same look at what the runs answered."""
    other, reads, read = trained.train(LOGISTIC, seed=1).run_id, Counter(), Artifacts.read
    monkeypatch.setattr(Artifacts, "read", lambda self, path, sha256: reads.update([path]) or read(self, path, sha256))

    found = trained.comparisons.diff(stump, other)

    assert found.rows and found.predictions and found.metrics
    assert set(reads.values()) == {1} and f"experiments/{other}/predictions.parquet" in reads


def test_a_difference_in_the_past_is_that_of_then(trained, stump):
    """Also of a run that was still queued: then it had no answers."""
    queued = trained.submit(STUMP, pool=Nobody())
    then = trained.head()
    trained.runs.cancel(queued.run_id)
    found = trained.at(event=then).comparisons.diff(stump, queued.run_id)
    assert found.not_applicable["predictions"] == f"Run {queued.run_id} is queued and has no answers to look at."


def test_a_difference_is_plain_json_without_what_json_has_no_word_for(trained, stump):
    """Other programs read it: numbers are numbers, nothing is NaN, and it comes back as the same record."""
    found = trained.comparisons.diff(stump, trained.train(LOGISTIC, seed=1).run_id)
    text = json.dumps(found.as_dict(), allow_nan=False)
    assert RunDiff.of(json.loads(text)) == found
    assert {field.name for field in dataclasses.fields(RunDiff)} == json.loads(text).keys()


def test_more_flips_than_a_record_lists_are_all_in_the_table(trained, stump, monkeypatch):
    """The count is of all of them."""
    monkeypatch.setattr(shared_rows, "MAX_ANSWERS", 2)
    other = trained.train(LOGISTIC).run_id
    told = trained.comparisons.diff(stump, other).predictions
    assert (len(told["answers"]), told["flipped"]) == (2, trained.comparisons.answers(stump, other)["flipped"].sum())


def test_a_run_of_the_old_format_is_compared_with_one_of_today(tmp_path):
    """Roles, outcomes and rows are found as they were; of its code only the hash is known."""
    ws: Workspace = opened(tmp_path)
    old = next(run for run in ws.runs.list() if run.predictions_sha256)
    new = ws.train(STUMP, data=f"{old.data['name']}@{old.data['version']}")
    found = ws.comparisons.diff(old.run_id, new.run_id)
    assert found.compared and "was not kept" in found.not_applicable["code"]
