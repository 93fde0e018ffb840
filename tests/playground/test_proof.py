"""Proof on screens: the verdict in our words, the first difference, the checks, and five pins then and now."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, get_args

import pytest

from mlops import Workspace
from mlops.training import reproduce
from mlops.training.divergence import CAUSES
from playground import proof
from playground.jobs import jobs
from tests.conftest import STUMP
from tests.screens import button, open_page, unfold, words_on


@pytest.fixture(scope="module")
def _proven(_trained, tmp_path_factory) -> Workspace:
    ws = _trained.fork(tmp_path_factory.mktemp("proven") / "workspace")
    ws.train(STUMP, seed=None, note="without a seed")
    for run in ws.runs.list():
        ws.reproduce(run.run_id)
    return ws


@pytest.fixture
def proven(_proven, tmp_path, monkeypatch) -> Workspace:
    """A workspace in which a run was proven, and another one, without a seed, cannot be."""
    ws = _proven.fork(tmp_path / "workspace")
    monkeypatch.setenv("MLOPS_WORKSPACE", str(ws.path))
    return ws


@pytest.fixture
def seeded(proven) -> Any:
    return proven.runs.list()[1]


@pytest.fixture
def unseeded(proven) -> Any:
    return proven.runs.list()[0]


def told(run: Any, verdict: str, first: str | None = None, **more: Any) -> proof.Proof:
    """Return the proof of a run that came out otherwise: one check differs."""
    checks = [
        {**one, "equal": False, "observed": more.get("observed", "other")} if one["what"] == first else one
        for one in run.reproduced["checks"]
    ]
    what = {"verdict": verdict, "first_divergence": first, "checks": checks, **more}
    return proof.of(replace(run, reproduced={**run.reproduced, **what}))


def letters(found: proof.Proof) -> list[str]:
    return ["".join(bar.letter or "-" for bar in line.bars) for line in found.pins.lines]


def test_a_run_that_nobody_trained_again_has_no_proof(trained):
    """No badge, no verdict, only the button."""
    assert proof.of(trained.runs.list()[0]) is None and proof.badge(None) == ""


def test_an_identical_run_is_proven(seeded):
    """Every pin is as it was, and so is every byte."""
    found = proof.of(seeded)

    assert (found.title, found.proven) == ("Identical", True)
    assert letters(found) == ["AAAAA", "AAAAA"] and found.pins.first is None
    assert "to the last byte" in found.sentence
    assert [check.said for check in found.checks].count("different") == 0


def test_without_a_seed_it_says_why_it_cannot_be_repeated(unseeded):
    """That is an answer, in the words of the course."""
    found = proof.of(unseeded)

    assert found.title == "Cannot be repeated: no seed was kept" and not found.proven
    assert letters(found) == ["AAAA-", "AAAA-"] and found.pins.first == "seed"
    assert "seed" in found.sentence


@pytest.mark.parametrize("verdict", get_args(reproduce.Verdict))
def test_every_verdict_has_its_words(seeded, verdict):
    """Never the core's own: equivalent and within_tolerance tell a learner nothing."""
    found = told(seeded, verdict)

    assert found.proven == (verdict in reproduce.GOOD) == (proof.word(verdict) == proof.PROVEN)
    assert "_" not in found.title and "equivalent" not in found.title


@pytest.mark.parametrize("cause", CAUSES)
def test_every_cause_is_named_and_moves_the_pin_that_holds_it(seeded, cause):
    """The first difference stands in one sentence, and in the cell of its pin."""
    found = told(seeded, "different", cause, reasons={cause: "This is why."})
    word, pin = proof.WHAT[cause]

    assert found.sentence == f"First difference: {word}. This is why." and found.pins.first == pin
    assert [check.what for check in found.checks if check.equal is False] == [word]


def test_what_other_answers_mean_is_counted(seeded):
    """How many answers, and how many decisions."""
    numbers = {"rows": 600, "changed": 300, "flipped": 12, "largest": 0.4}
    found = told(seeded, "different", "package", reasons={"package": "numpy is another one."}, predictions=numbers)

    assert found.sentence.endswith("numpy is another one. 300 of 600 answers are others, 12 decided otherwise.")


def test_a_difference_that_did_no_harm_is_named_all_the_same(seeded):
    """The code moved, and every byte stayed: both are said."""
    found = told(seeded, "identical", "code", reasons={"code": "fit.py, line 3, is another one."})

    assert "First difference: code." in found.sentence and "In spite of it" in found.sentence and found.proven


# On screens


def test_the_run_shows_verdict_checks_and_pins(proven, seeded):
    """All of it stands on the page of the run."""
    at = open_page("run", id=seeded.run_id)

    assert not at.exception and ":green-badge[:material/verified: proven]" in words_on(at)
    assert ":green[:material/verified: Identical]" in words_on(at)
    [table] = [one.value for one in at.table if "Check" in one.value]
    assert list(table["Check"]) == [proof.WHAT[cause][0] for cause in CAUSES]
    assert set(table[""]) <= {":green[:material/check: equal]", ":gray[unknown]"}


def test_proven_is_said_wherever_the_run_is_shown(proven, seeded):
    """In the table of runs, in its pins, and at the version that was made of it."""
    model = proven.models.register(seeded, "churn_model")
    at = open_page("compare")
    table = next(one.value for one in at.dataframe if "Proof" in one.value).set_index("Run")

    assert list(table["Proof"]) == ["cannot be repeated", "proven"]
    assert "proven" in words_on(open_page("model", ref=model.ref))
    at.text_input(key="compare.search").set_value("proven").run()
    assert len(next(one.value for one in at.dataframe if "Proof" in one.value)) == 1


def test_reproduce_is_a_job_that_every_session_finds_again(trained, monkeypatch):
    """One click; after a reload it is still under way; what came out is an event of the run."""
    monkeypatch.setenv("MLOPS_WORKSPACE", str(trained.path))
    [run] = trained.runs.list()
    button(open_page("run", id=run.run_id), "Reproduce").click().run()
    again = open_page("run", id=run.run_id)
    assert button(again, "Cancel") and "Training it again" in words_on(again)

    assert jobs().settled(("reproduce", str(trained.path.absolute()), run.run_id))
    assert "Identical" in words_on(again.run())
    assert trained.runs.get(run.run_id).reproduced["verdict"] == "identical"
    assert len(trained.runs.list()) == 1


def test_compare_proves_the_runs_beside_each_other(proven):
    """One click away, with the words by which the screen calls them."""
    at = unfold(open_page("compare", run=[run.run_id for run in proven.runs.list()]), "compare.proof")

    assert not at.exception and "Identical" in words_on(at) and "no seed was kept" in words_on(at)


def test_the_past_proves_nothing_new(proven, seeded):
    """What was known then is shown; the button waits for today."""
    at = open_page("run", id=seeded.run_id, at=str(proven.head() - 2))

    assert button(at, "Back to today to reproduce it").disabled and "Identical" not in words_on(at)


def test_the_software_of_a_run_can_be_taken_and_is_held_against_other_software(proven, seeded):
    """Two files for two tools, and a difference that says what can matter."""
    at = open_page("run", id=seeded.run_id)
    at.session_state["run.tabs"] = "Software"
    at.run()
    names = [one.proto.label for one in at.get("download_button")]

    assert not at.exception and {"requirements.txt", "environment.yml"} <= {*names}
    assert "The same software: nothing differs." in words_on(at)


def test_an_equal_config_has_no_second_hash_and_a_seed_that_nobody_kept_is_not_called_different(seeded, unseeded):
    """The page has the hash with the seed in it, the check the one without; side by side they look like two configs."""
    rows = {one.what: one for one in proof.of(seeded).checks}
    assert rows["config"].then == rows["config"].now and rows["config"].then.endswith(" values")
    rows = {one.what: one for one in proof.of(unseeded).checks}
    assert (rows["seed"].then, rows["seed"].now, rows["seed"].said) == ("–", "–", "not kept")
