"""The registry: a name, a version that says what changed and is never used twice, and the bytes that were trained."""

from __future__ import annotations

import json
import re

import joblib
import pytest

from mlops.base.errors import ConflictError, IntegrityError, InvalidError, NotFoundError, RefusedError
from tests.conftest import STUMP, customers_frame

RIDGE = "model: {type: ridge}\ntraining: {test_size: 0.5}\n"


@pytest.fixture
def registered(trained):
    """A workspace with one finished run, registered as churn_model 1.0.0."""
    trained.models.register(trained.runs.list()[0], "churn_model")
    return trained


def replace(ws, path: str, content: bytes) -> None:
    """Change a file of one workspace; the bytes are shared with the workspace it was forked from."""
    (ws.path / path).unlink()
    (ws.path / path).write_bytes(content)


# Versions


@pytest.mark.parametrize(
    ("change", "version"),
    [
        ({}, "1.0.1"),
        ({"model.max_depth": 2}, "1.1.0"),
        ({"training.random_state": 7}, "1.1.0"),
        ({"features.exclude": ["region"]}, "2.0.0"),
    ],
    ids=["same config", "config", "seed", "features"],
)
def test_the_version_says_what_changed(registered, change, version):
    """First number: features; second: data or config; third: nothing at all."""
    run = registered.train(STUMP, overrides=change)
    assert registered.models.register(run, "churn_model").version == version


def test_new_data_is_a_new_minor_version(registered, tmp_path):
    """Also where the config is word for word the same."""
    customers_frame(seed=8).to_csv(tmp_path / "customers.csv", index=False)
    registered.datasets.add(tmp_path / "customers.csv", name="customers")
    assert registered.models.register(registered.train(STUMP), "churn_model").version == "1.1.0"


def test_other_roles_for_the_same_rows_are_a_new_minor_version(registered, customers_csv):
    """A class that is looked for instead of the other one is not the same config again."""
    registered.datasets.add(customers_csv, name="customers", positive="0")
    assert registered.models.register(registered.train(STUMP), "churn_model").version == "1.1.0"


@pytest.mark.parametrize(("target", "task", "model"), [("online", "binary", STUMP), ("churn", "regression", RIDGE)])
def test_a_name_stands_for_one_question(registered, tmp_path, target, task, model):
    """Another target or task is refused, records nothing and names what would do; a name of its own takes it."""
    customers_frame(seed=9).to_csv(tmp_path / "customers.csv", index=False)
    registered.datasets.add(tmp_path / "customers.csv", name="customers", target=target, task=task)
    run, before = registered.train(model), registered.head()

    with pytest.raises(RefusedError, match=rf"stands for churn \(binary\), .* {target} \({task}\)") as refused:
        registered.models.register(run, "churn_model")

    assert registered.head() == before and f"such as {target}_model" in refused.value.next_step
    assert registered.models.register(run, "other").version == "1.0.0"


def test_each_name_counts_for_itself(registered):
    """The first version of another model is 1.0.0, also for the same run."""
    assert registered.models.register(registered.runs.list()[0].run_id[:8], "other").ref == "other@1.0.0"


def test_the_next_version_follows_the_highest_not_the_newest(registered):
    """Numbers, not text: 10 is more than 9, and a fix of an old line does not turn the count back."""
    [run] = registered.runs.list()
    for version in ("1.9.0", "v1.10.0", "1.0.5"):
        registered.models.register(run, "churn_model", version)
    assert registered.models.get("churn_model@latest").version == "1.10.0"
    assert registered.models.register(run, "churn_model").version == "1.10.1"


@pytest.mark.parametrize("version", ["1.0.0", "v1.0.0"])
def test_a_version_is_never_reused(registered, version):
    """Not even after it was rejected; the message names one that is free."""
    registered.models.reject("churn_model@1.0.0", "biased")
    [run], before = registered.runs.list(), registered.head()
    with pytest.raises(ConflictError, match="churn_model 1.0.0 exists, and a version is never reused") as taken:
        registered.models.register(run, "churn_model", version)
    assert registered.head() == before
    free = re.search(r"\d+\.\d+\.\d+", taken.value.next_step).group()
    assert registered.models.register(run, "churn_model", free).version == free


@pytest.mark.parametrize(
    "version", ["", "1", "1.2", "01.0.0", "1.0.0-rc1", "V1.0.0", "vv1.0.0", "1.0.0\n", "-1.0.0", "1.0.9999999999"]
)
def test_what_is_no_semantic_version_is_refused(registered, version):
    """Three plain numbers."""
    with pytest.raises(InvalidError, match="is not a semantic version"):
        registered.models.register(registered.runs.list()[0], "churn_model", version)


# References


@pytest.mark.parametrize(
    ("ref", "version"),
    [
        ("churn_model", "1.1.0"),
        ("churn_model@latest", "1.1.0"),
        ("churn_model@1.0.0", "1.0.0"),
        ("churn_model@v1.0.0", "1.0.0"),
        ("churn_model@production", "1.1.0"),
        ("@production", "1.1.0"),
        ("@staging", "1.1.0"),
    ],
)
def test_a_version_is_found_by_number_by_latest_and_by_where_it_is_live(released, ref, version):
    """All spellings lead to the same record."""
    assert released.models.get(ref).ref == f"churn_model@{version}"


def test_what_is_live_is_another_one_after_a_rollback(released):
    """The reference follows; the numbers stay."""
    released.rollback("production", "complaints")
    assert released.models.get("churn_model@production").version == "1.0.0"
    assert [(model.version, model.live_in) for model in released.models.list()] == [
        ("1.1.0", ("staging",)),
        ("1.0.0", ("production",)),
    ]


def test_where_several_names_are_live_each_has_its_own_version(two_live):
    """NAME@production is that name's; @production alone would be a guess."""
    assert [two_live.models.get(f"{name}@production").ref for name in ("churn_model", "guest_model")] == [
        *("churn_model@1.1.0", "guest_model@1.1.0")
    ]
    assert {model.ref: model.live_in for model in two_live.models.list()} == {
        "guest_model@1.1.0": ("staging", "production"),
        "guest_model@1.0.0": (),
        "churn_model@1.1.0": ("staging", "production"),
        "churn_model@1.0.0": (),
    }
    with pytest.raises(InvalidError, match=r"Several models are live in production: churn_model 1\.1\.0, guest_model"):
        two_live.models.get("@production")
    with pytest.raises(NotFoundError, match=r"churn_model 1\.1\.0, guest_model 1\.1\.0 are"):
        two_live.models.get("other@production")


@pytest.mark.parametrize(
    ("ref", "said"),
    [
        ("", "names no model"),
        ("@latest", "names no model"),
        ("@development", "Nothing is live in development"),
        ("churn_model@development", "Nothing is live in development"),
        ("other@production", "'other' is not live in production; churn_model 1.1.0 is"),
        ("other", "No model is named 'other'. Registered: churn_model"),
        ("churn_model@9.9.9", "has no version '9.9.9'. It has: 1.0.0, 1.1.0"),
        ("churn_model@1.1", "has no version '1.1'"),
    ],
)
def test_a_reference_to_nothing_says_what_there_is(released, ref, said):
    """The value, and what would do."""
    with pytest.raises(NotFoundError, match=said) as missing:
        released.models.get(ref)
    assert missing.value.next_step


# Registering


def test_registering_links_the_bytes_of_the_run(registered):
    """One file with two names on the disk: nothing is dumped again, so nothing can differ."""
    [run] = registered.runs.list()
    model = registered.models.get("churn_model@1.0.0")
    assert registered.models.path(model.ref).samefile(registered.path / run.file("model.joblib"))
    assert (model.path, model.sha256) == ("models/churn_model/churn_model_v1.0.0.joblib", run.model_sha256)
    assert registered.verify()["ok"]


def test_beside_the_model_lie_its_facts(registered):
    """Whoever has only the two files knows where the model comes from, what it takes and how good it was."""
    [run] = registered.runs.list()
    facts = json.loads((registered.path / "models/churn_model/churn_model_v1.0.0.json").read_text())
    assert facts == registered.models.metadata("churn_model")
    assert (facts["run_id"], facts["data_version"], facts["metrics"]) == (
        run.run_id,
        "customers@1",
        run.metrics["test"],
    )
    assert [feature["name"] for feature in facts["signature"]["features"]] == facts["features"]
    assert not {"status", "live_in"} & set(facts), "what changes later is only in answers"


def test_a_card_has_three_fields_in_words(registered):
    """Purpose, owner and limits; others are refused before anything is recorded."""
    [run], card = registered.runs.list(), {"purpose": "call before they leave", "owner": "ada"}
    assert registered.models.register(run, "carded", card=card).card == card | {"limits": ""}
    before = registered.head()
    with pytest.raises(InvalidError, match="'colour' is no field of a card"):
        registered.models.register(run, "carded", card={"colour": "red"})
    assert registered.head() == before


def test_a_run_without_a_model_of_ours_cannot_be_registered(ws, tmp_path):
    """A foreign model file is kept with its run, and never gets a name under which it would be loaded."""
    joblib.dump({"any": "thing"}, tmp_path / "model.joblib")
    run = ws.runs.log("elsewhere", {}, {}, [tmp_path / "model.joblib"])
    with pytest.raises(
        RefusedError, match="is finished and has no model of ours: .* no lineage, and what has none is never deployed"
    ):
        ws.models.register(run, "churn_model")
    assert ws.models.list() == [] and not (ws.path / "models").exists()


def test_a_model_that_is_not_the_trained_one_is_not_registered(trained):
    """The file is looked at before it gets a name."""
    [run] = trained.runs.list()
    replace(trained, run.file("model.joblib"), b"another model")
    with pytest.raises(IntegrityError, match="is not the file that was trained"):
        trained.models.register(run, "churn_model")
    assert trained.models.list() == []


# Trust


def test_a_whole_chain_verifies(registered):
    """File, metadata, run and data, each with what was expected and what was found."""
    report = registered.models.verify("churn_model")
    assert report["ok"] and report["model"] == registered.models.get("churn_model").identity
    assert all(check["equal"] and check["expected"] == check["observed"] for check in report["checks"])


@pytest.mark.parametrize("what", ["model file", "metadata file", "data file"])
def test_the_broken_link_is_named(registered, what):
    """That one and no other."""
    model = registered.models.get("churn_model")
    path = {
        "model file": model.path,
        "metadata file": model.metadata_path,
        "data file": registered.datasets.get("customers").path,
    }[what]
    replace(registered, path, b"something else")
    report = registered.models.verify("churn_model")
    assert not report["ok"] and [check["what"] for check in report["checks"] if not check["equal"]] == [what]


class Trap:
    """Whoever unpickles this writes a file."""

    def __init__(self, path) -> None:
        self.path = path

    def __reduce__(self):
        return open, (str(self.path), "w")


@pytest.mark.parametrize("which", ["path", "metadata_path"])
def test_a_file_that_the_ledger_does_not_name_is_never_loaded(registered, tmp_path, which):
    """Loading a joblib file runs its code, so its bytes are checked before and not after."""
    joblib.dump(Trap(tmp_path / "sprung"), tmp_path / "trap.joblib")
    replace(registered, getattr(registered.models.get("churn_model"), which), (tmp_path / "trap.joblib").read_bytes())
    with pytest.raises(IntegrityError, match="is not the file that was recorded"):
        registered.models.load("churn_model")
    assert not (tmp_path / "sprung").exists()


# Rejecting


def test_a_rejected_version_stays_on_record_with_its_reason(registered):
    """It is marked, not removed, and says so wherever it is listed."""
    assert registered.models.why_rejected("churn_model@1.0.0") is None
    with pytest.raises(InvalidError, match="A rejection without a reason"):
        registered.models.reject("churn_model@1.0.0", " ")
    assert registered.models.reject("churn_model@1.0.0", "biased").status == "rejected"
    assert registered.models.why_rejected("churn_model") == "biased"
    assert [model.status for model in registered.models.list()] == ["rejected"]
    assert registered.log()[-1]["payload"]["changes"]["reject_reason"] == "biased" and registered.verify()["ok"]


def test_what_is_live_is_not_rejected(released):
    """First out of use, then out of favour; the next rollback then goes past it."""
    with pytest.raises(RefusedError, match="churn_model@1.1.0 is live in staging, production. Roll back first"):
        released.models.reject("@production", "biased")
    released.models.reject("churn_model@1.0.0", "biased")
    with pytest.raises(RefusedError, match=r"All that was live in production before is rejected \(1.0.0\)"):
        released.rollback("production", "complaints")


# Card, aliases, lineage


def test_a_card_is_completed_later_and_the_file_beside_the_model_stays(registered):
    """What was known at registration is a fact; what is said later is an event, and answers show it."""
    beside = registered.models.metadata("churn_model@1.0.0")
    assert registered.models.get("churn_model").unsaid == ("purpose", "owner", "limits")

    registered.models.describe("churn_model@1.0.0", purpose="whom to call", owner="lena")
    model = registered.models.describe("churn_model@1.0.0", owner="jo")

    assert model == registered.models.get("churn_model@1.0.0") == registered.models.list()[0]
    assert dict(model.card) == {"purpose": "whom to call", "owner": "jo", "limits": ""} and model.unsaid == ("limits",)
    assert registered.models.metadata("churn_model@1.0.0") == beside
    assert registered.log()[-1]["kind"] == "model.describe"


def test_a_version_in_hand_is_named_by_itself(registered):
    """As in deploying and judging: whoever holds a run or a version need not spell it out; what is known now counts."""
    model = registered.models.get("churn_model@1.0.0")
    registered.models.describe(model, owner="lena")
    registered.models.reject(model, "too simple")
    now = registered.models.get(model)
    assert (now.card["owner"], now.status, model.status) == ("lena", "rejected", "candidate")
    run = registered.runs.get(model.run_id)
    registered.runs.note(run.run_id, "rejected since")
    assert registered.runs.get(run).note == "rejected since"


def test_a_card_that_says_nothing_new_is_refused(registered):
    """And records nothing."""
    head = registered.head()
    with pytest.raises(InvalidError, match="completed by nothing"):
        registered.models.describe("churn_model")
    with pytest.raises(InvalidError, match="purpose"):
        registered.models.describe("churn_model", purpose="x" * 3000)
    assert registered.head() == head


def test_champion_and_challenger_are_what_is_live_in_production_and_staging(released):
    """They are no labels of their own that somebody would have to move."""
    released.rollback("production", "complaints")
    champion, challenger = (released.models.get(f"churn_model@{alias}") for alias in ("champion", "challenger"))
    assert (champion.ref, champion.aliases) == ("churn_model@1.0.0", ("champion",))
    assert (challenger.ref, challenger.aliases) == ("churn_model@1.1.0", ("challenger",))
    assert released.models.get("@champion") == released.models.get("@production") == champion
    assert released.lineage("churn_model@champion").ref == "churn_model@1.0.0"


def test_who_asks_the_champion_asks_production(released):
    """The request is logged as one to production."""
    row = released.models.metadata("@champion")["examples"][0]["row"]
    released.predict("churn_model@champion", {**row, "customer_id": "c1"})
    assert released.predictions.list()[0]["environment"] == "production"


@pytest.mark.parametrize("name", ["churn_model", "other_model"])
def test_a_file_without_lineage_is_never_deployed(registered, name):
    """Nobody knows what it came from, whoever put it there."""
    file = registered.path / f"models/{name}/{name}_v9.0.0.joblib"
    file.parent.mkdir(exist_ok=True)
    joblib.dump("a model from somewhere", file)
    head = registered.head()

    for act in (registered.deploy, registered.gate):
        with pytest.raises(NotFoundError, match="lies there, but no run of this workspace made it"):
            act(f"{name}@v9.0.0", "development", "it works on my machine")
    assert registered.head() == head and not registered.verify()["ok"]


def test_in_the_past_the_file_of_a_later_version_is_no_file_without_lineage(registered):
    """It was made here, only later: then there was no such version, and that is all there is to say."""
    [event] = [one for one in registered.log() if one["kind"] == "model.register"][:1]
    with pytest.raises(NotFoundError, match="No model is named 'churn_model'"):
        registered.at(event=event["seq"] - 1).models.get("churn_model@1.0.0")
