"""Printed code: each listing is really run, breaks where it says, and runs once all is mended."""

from __future__ import annotations

import json

import pytest

from mlops.base.errors import InvalidError
from playground.notebook import listings, told
from playground.notebook.listings import LISTINGS
from tests import tools


def test_what_is_listed_fits_the_listings():
    """Whoever changes one runs them anew: python -m playground.notebook.listings PYTHON."""
    assert json.loads(listings.LISTED.read_text("utf-8"))["key"] == listings.key()
    assert {name: len(faults) for name, faults in listings.listed().items()} == {
        one.id: len(one.mends) for one in LISTINGS
    }


def test_every_fault_of_the_tutorials_is_among_them():
    """A key too many, one table for two names, helpers nobody wrote, an id that is scored, a version that is not so."""
    errors = " ".join(fault.error for faults in listings.listed().values() for fault in faults)
    for said in ("argument 'type'", "too many values to unpack", "'save_model' is not defined", "customer_id",
                 "'preprocess' is not defined", "v1.3.0 answered and said v1.2.0", "untrusted types"):  # fmt: skip
        assert said in errors


@pytest.mark.slow
@pytest.mark.parametrize("id", ["train", "batch", "api"])
def test_a_listing_breaks_today_where_it_is_said_to_break(id):
    """Line by line, with the packages of this project; once all is mended it runs."""
    found, _ = listings.run(listings.named(id))
    assert [fault.line for fault in found] == [fault.line for fault in listings.listed()[id]]
    assert [fault.error.partition(":")[0] for fault in found] == [
        fault.error.partition(":")[0] for fault in listings.listed()[id]
    ]


@pytest.mark.tools
def test_the_line_of_another_tool_breaks_with_the_version_that_is_named():
    """MLflow is no package of this project: the environment of other tools has it."""
    import shutil

    python = shutil.which("python", path=tools.environment()["PATH"])
    found, packages = listings.run(listings.named("track"), python)
    assert found == listings.listed()["track"] and packages["mlflow"] == listings.packages()["mlflow"]


@pytest.mark.slow
def test_a_listing_that_breaks_elsewhere_is_no_listing(tmp_path):
    """A fault that is only claimed is found out when it is run."""
    from dataclasses import replace

    one = listings.named("api")
    with pytest.raises(ValueError, match="broke at line 2, not at 3"):
        listings.run(replace(one, mends=(replace(one.mends[0], line=3),)))
    with pytest.raises(ValueError, match="does not run once all is mended"):
        listings.run(replace(one, mends=(replace(one.mends[0], text="    features = nothing"),)))


# What is told


def test_what_is_told_is_kept_and_can_be_told_anew(ws):
    """The last word counts; the others stay on record as events do."""
    assert not told.tell(ws, "causes", "model", "true")
    assert (told.read(ws).right("causes"), told.read(ws).wrong("causes")) == ([], ["model"])
    assert told.tell(ws, "causes", "model", "leak")
    assert told.tell(ws, "places", "load", "load") and told.tell(ws, "faults", "train-2", "5")
    found = told.read(ws)
    assert (found.right("causes"), found.wrong("causes"), found.causes) == (["model"], [], {"model": "leak"})
    assert (found.right("places"), found.right("faults")) == (["load"], ["train-2"])


def test_a_look_at_the_data_may_go_or_stay(ws):
    """Where two places are as good, either is right; the leak belongs nowhere."""
    assert told.tell(ws, "places", "contract", "dropped") and told.tell(ws, "places", "contract", "validate")
    assert not told.tell(ws, "places", "balance", "prepare") and told.tell(ws, "places", "balance", "dropped")


@pytest.mark.parametrize(
    ("part", "name", "said"),
    [
        ("causes", "nobody", "leak"),
        ("causes", "model", "bad luck"),
        ("places", "load", "fit"),
        ("faults", "api-1", "9"),
    ],
)
def test_what_nobody_asked_is_refused_and_nothing_is_noted(ws, part, name, said):
    """And what there is to say is listed."""
    with pytest.raises(InvalidError, match="is none of"):
        told.tell(ws, part, name, said)
    assert ws.head() == 0
