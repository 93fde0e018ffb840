"""The shipped notebook: a valid file whose outputs really came from a messy session, and a runner that keeps it inside."""

from __future__ import annotations

import json
import os
import re
import sys
import time
from pathlib import Path

import pytest

from mlops.base.errors import InvalidError, RefusedError
from mlops.experiments import configs
from mlops.experiments.progress import STEPS
from playground.notebook import becoming, judging, prepared, running
from playground.notebook.nbformat import SHIPPED, read, shipped
from sample_data import notebook as evening
from tests.test_architecture import SCREENS, imports

UNSEEDED = "gain"


def printed(order, cell, **how) -> str:
    """Return all that a cell left in a run."""
    [ran] = [one for one in running.run(order, **how) if one.cell == cell]
    return "".join(output.text for output in ran.outputs)


# The file


def test_the_notebook_has_what_nbformat_4_5_asks_for():
    """Jupyter opens it."""
    document = json.loads(SHIPPED.read_text(encoding="utf-8"))
    ids = [cell["id"] for cell in document["cells"]]

    assert (document["nbformat"], document["nbformat_minor"]) == (4, 5)
    assert len(set(ids)) == len(ids) and all(re.fullmatch(r"[a-zA-Z0-9_-]{1,64}", one) for one in ids)
    assert all({"cell_type", "id", "metadata", "source"} <= set(cell) for cell in document["cells"])
    code = [cell for cell in document["cells"] if cell["cell_type"] == "code"]
    assert all({"execution_count", "outputs"} <= set(cell) for cell in code)


def test_living_the_evening_again_gives_the_shipped_file_but_for_the_draw_without_a_seed():
    """Anyone can prove where the stored outputs come from."""
    stored, again = json.loads(SHIPPED.read_text(encoding="utf-8")), evening.document()
    for cell in [*stored["cells"], *again["cells"]]:
        if cell["id"] == UNSEEDED:
            assert "gain from the usage trend:" in cell.pop("outputs")[0]["text"][0]

    assert again == stored


def test_counts_are_out_of_order_and_have_gaps():
    """The counts alone tell that it was not run from top to bottom."""
    assert shipped().in_order != shipped().as_it_was
    assert shipped().gaps == (5, 10)


def test_a_file_of_another_format_is_refused(tmp_path):
    """A notebook of format 3 keeps its cells elsewhere."""
    (tmp_path / "old.ipynb").write_text('{"nbformat": 3, "worksheets": []}', encoding="utf-8")

    with pytest.raises(ValueError, match="no notebook of nbformat 4"):
        read(tmp_path / "old.ipynb")


# The runner


def test_cells_share_names_and_an_error_does_not_stop_the_next():
    """A kernel is one namespace, and lives on after an error."""
    first, failed, after = running.execute(["a = 1", "missing", "a + 1"])

    assert first == ()
    assert [output.kind for output in failed] == ["error"] and "'missing' is not defined" in failed[0].text
    assert [(output.kind, output.text) for output in after] == [("result", "2")]


def test_a_run_without_its_forerunners_fails():
    """A fresh process knows nothing of another run."""
    assert "NameError" in printed(["rate"], "rate")


def test_the_same_run_is_not_run_twice():
    """Thirty learners share one run."""
    assert running.run(["imports"]) is running.run(["imports"])


def test_only_cells_of_the_shipped_notebook_run():
    """There is no way in for code that somebody typed."""
    with pytest.raises(InvalidError, match=re.escape("no cell 'print(1)'")):
        running.run(["print(1)"])


def test_too_many_cells_are_refused():
    """An order can be clicked together, so it has an end."""
    with pytest.raises(InvalidError, match="more than 40"):
        running.run(["imports"] * 41)


@pytest.mark.skipif(os.name != "posix", reason="process groups are POSIX")
def test_at_the_time_limit_everything_that_a_cell_started_is_ended(tmp_path):
    """A child of a cell does not outlive the run."""
    mark = tmp_path / "mark"
    child = f"import time, pathlib; time.sleep(1.5); pathlib.Path({str(mark)!r}).touch()"
    source = f"import subprocess, sys\nsubprocess.run([sys.executable, '-c', {child!r}])"

    with pytest.raises(RefusedError, match="more than 1 s"):
        running.execute([source], seconds=1)
    time.sleep(1)
    assert not mark.exists()


def test_a_cell_that_ends_the_process_is_told():
    """No answer is not an empty answer."""
    with pytest.raises(RefusedError, match="after 1 of 2 cells"):
        running.execute(["1", "import os, sys; sys.__stdout__.flush(); os._exit(1)"])


def test_a_run_leaves_no_file_and_sees_no_variable_of_this_process(monkeypatch):
    """The folder is thrown away; a token of the server stays with the server."""
    monkeypatch.setenv("MLOPS_TOKEN", "secret")
    [[where], [token]] = running.execute(["import os\nos.getcwd()", "os.environ.get('MLOPS_TOKEN', 'unknown')"])

    assert not Path(where.text.strip("'")).exists()
    assert token.text == "'unknown'"


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the system knows no such limit")
def test_a_cell_that_asks_for_too_much_memory_gets_an_error():
    """The machine belongs to all learners."""
    [[output]] = running.execute([f"held = bytearray({2 * running.MEMORY})"])

    assert output.text.startswith("MemoryError")


def test_the_kernel_stands_alone():
    """What may call exec knows nothing of this project, and is started, never imported."""
    assert {name.split(".")[0] for name in imports(running.KERNEL)} <= sys.stdlib_module_names
    assert [path.name for path in SCREENS if any(name.endswith("notebook.kernel") for name in imports(path))] == []


# The judge


@pytest.fixture(scope="module")
def verdicts():
    """What is prepared: that it fits, and that a fresh judge says the same, is told below."""
    return {verdict.claim.name: verdict for verdict in prepared.prepared().verdicts}


def test_five_of_seven_numbers_are_lies_and_each_has_its_cause(verdicts):
    """The causes come out of the runs; no cell is named as guilty in the code that decides."""
    assert {name: verdict.cause for name, verdict in verdicts.items()} == {
        "churn rate": "true",
        "churn of monthly contracts": "true",
        "average net fee": "hidden state",
        "customers to win back": "order",
        "AUC": "leak",
        "leavers found": "hidden state",
        "gain from the usage trend": "no seed",
    }
    assert sum(verdict.lie for verdict in verdicts.values()) == 5


def test_a_leak_comes_out_every_time_and_falls_when_the_split_comes_first(verdicts):
    """A number can be reproduced to the last digit and still be a lie."""
    evidence = {one.how: one for one in verdicts["AUC"].evidence}
    split_first = evidence["split first, then repeat leavers"]

    assert evidence["from top to bottom, three times"].same and evidence["by execution count"].same
    assert float(split_first.value) < float(verdicts["AUC"].claim.value) - 0.1
    assert float(evidence["part of the rows asked about that was learned from"].value) > 0.3


def test_a_cell_that_ran_twice_is_proven_by_running_it_twice(verdicts):
    """The stored number comes out again, so this is the state that was hidden."""
    assert [one.how for one in verdicts["average net fee"].evidence if one.same] == ["this cell run twice"]


def test_a_deleted_cell_is_found_by_what_nothing_defines(verdicts):
    """The error names what is missing, and the count that no cell shows."""
    why = verdicts["leavers found"].why

    assert (
        "'cutoff' is not defined" in why and "with cutoff 0.35" in why and "no cell of the file has the count 10" in why
    )


def test_a_number_out_of_order_comes_out_in_the_order_of_counts(verdicts):
    """From top to bottom it is another one."""
    assert [one.same for one in verdicts["customers to win back"].evidence] == [False, True]


@pytest.mark.parametrize(
    ("fresh", "by_count", "split_first", "cause"),
    [
        (["1", "1"], "1", "1", "true"),
        (["1", "2"], "1", "1", "no seed"),
        (["2", "2"], "1", "1", "order"),
        (["2", "2"], "2", "2", "hidden state"),
        (["1", "1"], "1", "2", "leak"),
    ],
)
def test_each_cause_is_decided_by_what_came_out(fresh, by_count, split_first, cause):
    """Stored is 1."""
    assert judging.cause_of("1", fresh, by_count, split_first) == cause


# What was judged beforehand


def test_what_is_prepared_fits_the_notebook_its_data_and_the_judge():
    """Whoever changes one of them judges anew: python -m playground.notebook."""
    assert prepared.prepared() is not None
    assert json.loads(prepared.PREPARED.read_text("utf-8"))["key"] == prepared.key()


@pytest.mark.slow
def test_what_is_prepared_is_what_a_fresh_judge_says(verdicts):
    """Claim by claim and run by run, but for the draws without a seed, which nobody can have again."""
    fresh = {verdict.claim.name: verdict for verdict in judging.judge()}
    free = {name for name, verdict in fresh.items() if verdict.cause == "no seed"}
    assert list(verdicts) == list(fresh) and len(free) == 1
    for name in verdicts.keys() - free:
        assert verdicts[name] == fresh[name]
    [drawn, again] = [one[name] for one in (verdicts, fresh) for name in free]
    seeded = [[one for one in verdict.evidence if one.how.startswith("same split")] for verdict in (drawn, again)]
    assert (drawn.cause, seeded[0]) == (again.cause, seeded[1]) and seeded[0]
    assert prepared.prepared().mended == judging.mended()
    assert prepared.prepared().pipeline == becoming.numbers()


def test_another_notebook_has_nothing_prepared(monkeypatch, tmp_path):
    """Nor has other data, or another judge; ends of lines of another system make no other notebook."""
    files = [tmp_path / f"{number}.{path.suffix}" for number, path in enumerate(prepared.MADE_FROM)]
    for path, file in zip(prepared.MADE_FROM, files, strict=True):
        file.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    monkeypatch.setattr(prepared, "MADE_FROM", files)
    assert prepared.prepared.__wrapped__() is not None
    for file in files:
        kept = file.read_bytes()
        file.write_bytes(kept + b" ")
        assert prepared.prepared.__wrapped__() is None
        file.write_bytes(kept)


def test_one_cell_made_the_gap(verdicts):
    """With it mended and all others as they were, the number falls to where the honest ones are."""
    gap = prepared.gap(prepared.prepared())
    split_first = next(one.value for one in verdicts["AUC"].evidence if one.how.startswith("split first"))
    assert (gap.name, gap.claimed, gap.cell.id) == ("AUC", verdicts["AUC"].claim.value, "balance")
    assert float(gap.honest) < 0.85 < 0.95 < float(gap.claimed) and abs(float(gap.honest) - float(split_first)) < 0.01


# The script


def test_every_code_cell_has_a_place_of_the_real_pipeline():
    """Steps and keys that are named exist."""
    keys = {"data.name", *configs.load(becoming.CONFIG).params}

    assert list(becoming.PLACES) == list(shipped().in_order)
    assert {place.step for place in becoming.PLACES.values()} <= {"", *STEPS}
    assert {place.key for place in becoming.PLACES.values()} <= {"", *keys}


def test_the_pipeline_gives_each_claim_a_number_and_agrees_where_the_notebook_was_right(verdicts):
    """True numbers stay, the leaky one falls to what other months can confirm."""
    found = prepared.prepared().pipeline
    claimed = {verdict.claim.cell: verdict for verdict in verdicts.values()}

    assert found.keys() == claimed.keys()
    assert all(found[cell] == one.claim.value for cell, one in claimed.items() if not one.lie)
    assert float(found["model"].split()[0]) < 0.9
    assert float(found["gain"].split("(")[1].split()[0]) < 0  # the interval holds nought: it can be luck


def test_a_pipeline_that_fails_is_told(tmp_path):
    """No number is shown in place of one that could not be had."""
    with pytest.raises(RefusedError, match="ended with 1"):
        becoming._mlops(tmp_path / "workspace", "train", "--config", tmp_path / "missing.yaml")
