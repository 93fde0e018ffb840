"""What runs where: what a deployment keeps, which differences are meant, and how one is put back or written down."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from mlops import Workspace
from mlops.base.errors import ConflictError, NotFoundError, PastError, RefusedError, StorageError
from mlops.experiments import config_files
from tests.shell import Shell, mlops

CHURN = """\
# The config of one training.
model:
  type: gradient_boosting
  n_estimators: 1    # how many trees
  max_depth: 1
training: {test_size: 0.5}
thresholds:
  churn: 0.35    # from here on a customer counts as leaving
"""

AT_NIGHT = 1710468600
"""2024-03-15 02:10 UTC."""


def write(ws: Workspace, text: str, name: str = "churn.yaml") -> Path:
    """Write a config file of the workspace's own."""
    file = ws.path / "configs" / name
    file.parent.mkdir(exist_ok=True)
    file.write_text(text, encoding="utf-8")
    return file


@pytest.fixture(scope="module")
def _live(tmp_path_factory, _trained) -> Workspace:
    ws = _trained.fork(tmp_path_factory.mktemp("worlds") / "ws")
    model = ws.models.register(ws.train(write(ws, CHURN)), "churn_model")
    for environment in ("staging", "production"):
        ws.deploy(model, environment, "first release")
    return ws


@pytest.fixture
def live(_live, tmp_path) -> Workspace:
    """churn_model 1.0.0, trained from a file of the workspace, live in staging and production."""
    return _live.fork(tmp_path / "live")


@pytest.fixture
def edited(live) -> Workspace:
    """The same; at 02:10 somebody edited the threshold by hand."""
    file = write(live, CHURN.replace("0.35", "0.60"))
    os.utime(file, (AT_NIGHT, AT_NIGHT))
    return live


def verdicts(ws: Workspace) -> dict[str, str]:
    return {one.key: one.verdict for one in ws.worlds.read().differing}


# What a deployment keeps


def test_a_deployment_keeps_what_runs_and_what_its_file_said(live):
    """Both as they were at that moment, each with its hash."""
    kept, run = live.releases.live("production").config, live.runs.list()[0]
    assert kept["effective"] == kept["rendered"] and kept["effective"]["thresholds.churn"] == 0.35
    assert kept["effective_sha256"] == kept["rendered_sha256"] == run.config_sha256


def test_a_run_without_a_file_has_nothing_that_could_be_rendered(released):
    """It runs with what was recorded, and nothing says otherwise."""
    kept = released.releases.live("production").config
    assert (kept["rendered"], kept["rendered_sha256"], kept["file"]) == (None, None, None)
    assert kept["effective"]["model.type"] == "logistic_regression"
    assert released.worlds.judge("@production").outcome == "pass"
    assert not released.worlds.read("churn_model").unintended


def test_what_is_rendered_is_that_of_the_environment(live):
    """An overlay says what differs in one of them."""
    write(live, "model: {max_depth: 2}\n", "churn.development.yaml")
    kept = live.deploy("churn_model@1.0.0", "development", "to look at it").config
    assert (kept["effective"]["model.max_depth"], kept["rendered"]["model.max_depth"]) == (1, 2)


def test_a_rollback_keeps_it_as_well(live):
    """Each release is a moment of its own."""
    other = live.models.register(
        live.train(live.path / "configs/churn.yaml", overrides={"model.max_depth": 2}), "churn_model"
    )
    live.deploy(other, "staging", "a try")
    assert live.rollback("staging", "enough").config["effective"]["model.max_depth"] == 1


@pytest.mark.parametrize(
    "change", [Path.unlink, lambda file: file.write_text("model: {typ: ridge}\n")], ids=["gone", "no config"]
)
def test_a_file_that_says_nothing_valid_keeps_nobody_from_releasing(live, change):
    """What would run is the run's own config, which was checked; only nobody can tell what the file says."""
    change(live.path / "configs" / "churn.yaml")
    kept = live.deploy("churn_model@1.0.0", "development", "to look at it").config
    assert kept["rendered"] is None and "churn.yaml" in kept["problem"]
    assert live.worlds.judge("@production").outcome == "unknown"


def test_a_ledger_from_before_answers_all_the_same(live):
    """Its deployments kept no config: what runs is what their runs recorded."""
    with live._ledger.write() as tx:
        tx.append("deployment.deploy", live.releases.live("production").deployment_id, {"config": None})
    [staging, production] = live.worlds.read().worlds
    assert production.effective_sha256 == staging.effective_sha256 and production.rendered_sha256 is None
    assert verdicts(live) == {}


# Which differences are meant


def test_what_runs_as_its_file_says_differs_nowhere(live):
    """And its hash is that of the file."""
    assert verdicts(live) == {}
    assert {one.effective_sha256 == one.now_sha256 for one in live.worlds.read().worlds} == {True}
    assert live.worlds.judge("@production").why == "It runs with what churn.yaml says for production."


def test_an_edit_by_hand_is_named_with_its_hour(edited):
    """The file tells when it was written last; who did it, and why, it does not."""
    [found] = edited.worlds.read().unintended
    assert (found.key, found.values["production"]["state"]) == ("thresholds.churn", "edited")
    assert found.values["production"]["written_at"] == "2024-03-15T02:10:00.000000Z"
    assert found.why == "Staging and production: 0.35 runs; churn.yaml was edited since and says 0.6."


def test_the_check_of_a_config_is_a_finding_and_names_what_mends_it(edited):
    """Whoever edits a file for the next training has done nothing wrong: the release is not refused."""
    judged = edited.worlds.judge("churn_model@1.0.0")
    assert (judged.outcome, judged.step) == ("fail", "put_config_back")
    assert judged.why == "thresholds.churn: 0.35 runs; churn.yaml was edited since and says 0.6."
    assert edited.deploy("churn_model@1.0.0", "development", "all the same").status == "live"


def test_what_an_overlay_says_is_meant(live):
    """There people write down what is to differ."""
    write(live, "thresholds: {churn: 0.6}\n", "churn.production.yaml")
    assert verdicts(live) == {"thresholds.churn": "intended"}


def test_a_new_type_in_an_overlay_means_all_that_comes_with_it(live):
    """The parameters of the other type stand nowhere, and are meant."""
    write(live, "model: {type: logistic_regression}\n", "churn.production.yaml")
    assert set(verdicts(live).values()) == {"intended"} and "model.n_estimators" in verdicts(live)


def test_a_key_set_by_hand_in_training_is_not_meant(live):
    """No file has it, so nobody would find it there."""
    run = live.train(live.path / "configs/churn.yaml", overrides={"thresholds.churn": 0.6})
    live.deploy(live.models.register(run, "churn_model"), "staging", "a try")
    [found] = live.worlds.read().unintended
    assert found.why == "Staging: 0.6 runs, set by hand when it was trained; churn.yaml says 0.35."


def test_a_key_without_a_value_is_said_in_words(live):
    """Nobody who reads a release check must know what None is."""
    run = live.train(live.path / "configs/churn.yaml", overrides={"training.group": "region"})
    told = live.worlds.judge(live.models.register(run, "churn_model").ref)
    assert told.why == "training.group: 'region' runs, set by hand when it was trained; churn.yaml says no value."


def test_a_config_on_its_way_to_production_is_no_drift(live):
    """The file was changed for a training, which staging runs already."""
    file = write(live, CHURN.replace("max_depth: 1", "max_depth: 2"))
    live.deploy(live.models.register(live.train(file), "churn_model"), "staging", "rehearsal")
    assert verdicts(live) == {"model.max_depth": "on_its_way"}


def test_an_edit_that_a_registered_version_was_trained_with_is_on_its_way(live):
    """It waits for its release; what was edited after the training is still nobody's intention."""
    file = write(live, CHURN.replace("max_depth: 1", "max_depth: 2"))
    model = live.models.register(live.train(file), "churn_model")
    write(live, CHURN.replace("max_depth: 1", "max_depth: 2").replace("0.35", "0.2"))
    assert verdicts(live) == {"model.max_depth": "on_its_way", "thresholds.churn": "not_intended"}
    [depth] = [one for one in live.worlds.read().differing if one.key == "model.max_depth"]
    assert depth.why.endswith(f"churn.yaml says 2, which {model.ref} was trained with.")

    live.models.reject(model.ref, "too deep")
    assert verdicts(live)["model.max_depth"] == "not_intended"


def test_a_rehearsal_of_the_overlay_of_production_is_meant(live):
    """Staging runs what production is to run."""
    write(live, "thresholds: {churn: 0.6}\n", "churn.production.yaml")
    run = live.train(live.path / "configs/churn.yaml", environment="production")
    model = live.models.register(run, "churn_model")
    live.deploy(model, "staging", "rehearsal")
    assert verdicts(live) == {"thresholds.churn": "intended"}
    assert live.worlds.judge(model.ref, "production").outcome == "pass"
    assert live.worlds.judge(model.ref, "staging").outcome == "pass"


def test_a_threshold_that_only_the_overlay_says_is_one_key_and_meant(live):
    """The common file says none, so the one of everybody counts; its label is another one, and nobody edited it."""
    file = write(live, CHURN.partition("thresholds:")[0])
    write(live, "thresholds: {churn: 0.6}\n", "churn.production.yaml")
    model = live.models.register(live.train(file, environment="production"), "churn_model")
    live.deploy(model, "staging", "rehearsal")
    live.deploy(model, "production", "calls fewer", override="to try")
    found = live.worlds.read()
    [threshold] = found.differing
    assert (threshold.key, threshold.verdict) == ("thresholds.churn", "intended")
    assert threshold.values["staging"]["now"] == 0.5 and not found.unintended
    assert live.worlds.judge(model.ref, "staging").outcome == "pass"


def test_a_threshold_that_was_taken_out_of_the_file_is_one_edit_and_is_put_back(live):
    """What counts now is the one of everybody."""
    write(live, CHURN.partition("thresholds:")[0])
    [found] = live.worlds.read().unintended
    assert found.why == "Staging and production: 0.35 runs; churn.yaml was edited since and says 0.5."
    live.worlds.put_back("production", found.key)
    assert live.worlds.read().differing == ()


def test_another_version_elsewhere_is_no_drift(released, trained):
    """Without files, versions simply have other configs."""
    released.rollback("staging", "to compare")
    assert set(verdicts(released).values()) == {"on_its_way"}


def test_the_past_knows_what_ran_and_not_what_files_said(edited):
    """They are a person's, and nobody kept them."""
    past = edited.at(event=edited.head())
    assert [one.now_sha256 for one in past.worlds.read().worlds] == [None, None] and not past.worlds.read().differing
    with pytest.raises(PastError):
        past.worlds.put_back("production", "thresholds.churn")


# Put back, or written down


def test_what_was_edited_is_put_back_and_the_rest_of_the_file_stays(edited):
    """Word for word, and on record."""
    edit = edited.worlds.put_back("production", "thresholds.churn", "nobody knows why it was changed")
    assert (edit.before, edit.after, edit.files) == (0.6, 0.35, ("churn.yaml",))
    assert (edited.path / "configs/churn.yaml").read_text(encoding="utf-8") == CHURN
    assert verdicts(edited) == {} and edited.worlds.judge("@production").outcome == "pass"
    assert (edited.log()[-1]["kind"], edited.log()[-1]["subject"]) == ("config.put_back", "production/churn_model")


def test_an_edited_overlay_is_put_back_whether_the_key_stood_in_it_or_not(live):
    """A line that somebody added goes again; one that somebody changed says what it said."""
    overlay = write(live, "thresholds:\n  churn: 0.6\n", "churn.production.yaml")
    live.worlds.put_back("production", "thresholds.churn")
    assert verdicts(live) == {} and "churn" not in overlay.read_text(encoding="utf-8")

    overlay = write(live, "thresholds:\n  churn: 0.4  # as agreed\n", "churn.staging.yaml")
    live.deploy(live.models.register(live.train(live.path / "configs/churn.yaml"), "churn_model"), "staging", "again")
    overlay.write_text("thresholds:\n  churn: 0.6  # as agreed\n", encoding="utf-8")
    live.worlds.put_back("staging", "thresholds.churn")
    assert overlay.read_text(encoding="utf-8") == "thresholds:\n  churn: 0.4  # as agreed\n"


def test_before_the_first_release_the_rehearsal_says_what_the_file_said(live, tmp_path):
    """What nobody released to production yet was rendered for staging."""
    run = live.runs.list()[0]
    live.deploy(live.models.register(run, "other_model"), "staging", "rehearsal")
    write(live, CHURN.replace("0.35", "0.60"))
    assert live.worlds.put_back("production", "thresholds.churn", model="other_model").after == 0.35
    assert live.worlds.judge("other_model", "production").outcome == "pass"


def test_an_edit_before_a_rollback_is_put_back_to_what_was_trained(live):
    """The rollback found the edited file; what runs was trained before."""
    other = live.train(live.path / "configs/churn.yaml", overrides={"model.max_depth": 2})
    live.deploy(live.models.register(other, "churn_model"), "staging", "a try")
    write(live, CHURN.replace("0.35", "0.60"))
    live.rollback("staging", "enough")
    assert live.worlds.put_back("staging", "thresholds.churn").after == 0.35


def test_what_was_set_by_hand_and_edited_since_is_put_back_to_what_the_file_said(live):
    """Not to what runs: no file ever said that."""
    run = live.train(live.path / "configs/churn.yaml", overrides={"thresholds.churn": 0.6})
    live.deploy(live.models.register(run, "churn_model"), "staging", "a try")
    write(live, CHURN.replace("0.35", "0.50"))
    assert live.worlds.put_back("staging", "thresholds.churn").after == 0.35


def test_for_what_is_to_go_live_the_file_says_what_that_was_trained_with(live):
    """What is live may have been trained with yet another value."""
    file = write(live, CHURN.replace("max_depth: 1", "max_depth: 2"))
    candidate = live.models.register(live.train(file), "churn_model")
    write(live, CHURN.replace("max_depth: 1", "max_depth: 3"))
    assert live.worlds.put_back("production", "model.max_depth", version=candidate.ref).after == 2
    assert live.worlds.judge(candidate.ref).outcome == "pass"


def test_what_is_meant_moves_from_the_common_file_into_the_overlay(edited):
    """So the other environments keep theirs, and production has it from the next training on."""
    edit = edited.worlds.codify("production", "thresholds.churn", "fewer calls")
    assert edit.files == ("churn.yaml", "churn.production.yaml") and edit.after == 0.6
    assert (edited.path / "configs/churn.yaml").read_text(encoding="utf-8") == CHURN
    assert "churn: 0.6" in (edited.path / "configs/churn.production.yaml").read_text(encoding="utf-8")
    assert verdicts(edited) == {"thresholds.churn": "intended"}


def test_what_was_set_by_hand_becomes_what_the_overlay_says(live):
    """Then what runs is what is written."""
    run = live.train(live.path / "configs/churn.yaml", overrides={"thresholds.churn": 0.6})
    live.deploy(live.models.register(run, "churn_model"), "staging", "a try")
    live.worlds.codify("staging", "thresholds.churn", "staging is to call fewer")
    [staging, _] = live.worlds.read().worlds
    assert staging.effective_sha256 == staging.now_sha256 and verdicts(live) == {"thresholds.churn": "intended"}


def test_what_does_not_differ_is_neither_put_back_nor_written_down(live):
    """And nothing is recorded."""
    head = live.head()
    for act in (live.worlds.put_back, live.worlds.codify):
        with pytest.raises(ConflictError):
            act("production", "thresholds.churn")
        with pytest.raises(NotFoundError, match="is no key"):
            act("production", "model.trees")
    assert live.head() == head


def test_what_was_trained_without_a_file_has_none_to_write(released):
    """The error says what to do instead."""
    with pytest.raises(RefusedError, match="trained without a config file"):
        released.worlds.put_back("production", "model.type")


def test_a_file_that_cannot_be_written_leaves_no_event(edited, monkeypatch):
    """File and event are one act."""

    def full(*_: object) -> None:
        raise StorageError("The disk is full.", "Make room.")

    monkeypatch.setattr(config_files.outputs, "write", full)
    head = edited.head()
    with pytest.raises(StorageError):
        edited.worlds.put_back("production", "thresholds.churn")
    assert edited.head() == head and verdicts(edited) == {"thresholds.churn": "not_intended"}


def test_a_copy_has_config_files_of_its_own(edited, tmp_path):
    """As old as they are: what is put back in the copy stays as it was here."""
    copy = edited.fork(tmp_path / "copy")
    assert (copy.path / "configs/churn.yaml").stat().st_mtime == AT_NIGHT
    copy.worlds.put_back("production", "thresholds.churn")
    assert verdicts(copy) == {} and verdicts(edited) == {"thresholds.churn": "not_intended"}
    assert edited.verify()["problems"] == copy.verify()["problems"] == []


# The commands


def test_the_command_says_what_runs_where_and_exits_by_it(edited):
    """A difference that nobody meant is a negative verdict; one JSON document says all of it."""
    shell = Shell(edited.path)
    told = shell("config", "where")
    assert told.code == 1 and "not_intended" in [one["verdict"] for one in told.document["settings"]]

    edit = shell("config", "codify", "thresholds.churn", "--env", "production", "--reason", "fewer calls")
    assert edit.document["files"] == ["churn.yaml", "churn.production.yaml"]
    assert shell("config", "where").code == 0


def test_the_command_puts_back(edited):
    """And says which file it wrote."""
    told = mlops("--workspace", edited.path, "config", "put-back", "thresholds.churn", "--env", "production")
    assert told.out.startswith("churn.yaml: thresholds.churn is 0.35 in production, and was 0.6.")
    assert "Nothing differs." in mlops("--workspace", edited.path, "config", "where").out
