"""Software: what differs between two records, whether it can matter, and files that other tools read."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from mlops.base import provenance
from mlops.base.errors import IntegrityError
from mlops.experiments import software
from tests import old_workspace

KNOWN: dict[str, Any] = {
    "python": "3.11.7",
    "platform": "linux x86_64",
    "packages": {"numpy": "2.4.6", "joblib": "1.6.0", "scikit-learn": "1.9.1"},
    "blas": "openblas Haswell",
    "threads": {"fit": 1, "OMP_NUM_THREADS": None},
}


@pytest.mark.parametrize(
    ("changes", "what", "before", "after", "matters"),
    [
        ({"python": "3.12.1"}, "python", "3.11.7", "3.12.1", False),
        ({"platform": "darwin arm64"}, "platform", "linux x86_64", "darwin arm64", True),
        ({"blas": "openblas SkylakeX"}, "blas", "openblas Haswell", "openblas SkylakeX", True),
        ({"packages": {"numpy": "2.4.7"}}, "numpy", "2.4.6", "2.4.7", True),
        ({"packages": {"joblib": "1.5.2"}}, "joblib", "1.6.0", "1.5.2", False),
        ({"threads": {"fit": 2}}, "threads.fit", "1", "2", True),
        ({"threads": {"OMP_NUM_THREADS": "4"}}, "threads.OMP_NUM_THREADS", None, "4", False),
    ],
)
def test_a_difference_is_named_with_whether_it_can_matter(changes, what, before, after, matters):
    """Each by itself, with a reason."""
    other = {key: value | changes.get(key, {}) if isinstance(value, dict) else changes.get(key, value)
             for key, value in KNOWN.items()}  # fmt: skip
    [found] = software.differences(KNOWN, other)
    assert (found.what, found.before, found.after, found.matters) == (what, before, after, matters)
    assert found.why.endswith(".")


def test_equal_records_differ_in_nothing_and_what_matters_comes_first():
    """Both ways round."""
    assert software.differences(KNOWN, KNOWN) == ()
    other = {**KNOWN, "python": "3.12.1", "packages": {**KNOWN["packages"], "joblib": "1.5.2", "scikit-learn": "1.8.0"}}
    assert [one.what for one in software.differences(other, KNOWN)] == ["scikit-learn", "python", "joblib"]


def test_what_an_older_program_did_not_record_is_no_difference():
    """Neither a field nor a package: nobody knows what it was."""
    old = {"python": "3.11.7", "platform": "linux x86_64", "packages": {"numpy": "2.4.6"}}
    assert software.differences(old, KNOWN) == software.differences(KNOWN, old) == ()
    assert software.differences({}, KNOWN) == ()


def test_a_package_that_nobody_has_looked_at_can_matter():
    """Better a word too many."""
    before, after = ({"packages": {"newcomer": version}} for version in ("1.0", "1.1"))
    assert software.differences(before, after)[0].matters


def test_every_package_that_is_recorded_has_been_looked_at():
    """Whoever adds one says whether it can change a model; those that compute can, but for who writes and who counts."""
    assert {*provenance.PACKAGES} <= {*software.MATTERS}
    harmless = {name for name in provenance.COMPUTING if not software.MATTERS[name][0]}
    assert harmless == {"joblib", "threadpoolctl"}


def test_a_run_has_a_file_for_pip_and_one_for_conda(trained):
    """The same packages in both; conda's brings Python as well."""
    [run] = trained.runs.list()
    lines = trained.runs.text(run.run_id, "requirements.txt").splitlines()
    told = yaml.safe_load(trained.runs.text(run.run_id, "environment.yml"))
    assert {*lines} == {f"{name}=={version}" for name, version in run.software["packages"].items()}
    assert told["dependencies"] == [f"python={run.software['python']}", "pip", {"pip": lines}]


def test_a_run_from_before_there_was_a_file_for_conda_has_one_all_the_same(tmp_path):
    """It is written from what the run recorded; a run from elsewhere has none."""
    old = old_workspace.opened(tmp_path / "old")
    runs = {run.status: run for run in old.runs.list() if run.software or run.status == "finished"}
    text = old.runs.text(runs["finished"].run_id, "environment.yml")
    assert f"python={runs['finished'].software['python']}" in text
    logged = old.runs.log("elsewhere", {}, {"test": {"auc": 0.9}})
    with pytest.raises(IntegrityError, match="not named by any event"):
        old.runs.text(logged.run_id, "environment.yml")
