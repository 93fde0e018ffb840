"""The shipped notebook: a valid file whose outputs really came from a messy session, and a runner that keeps it inside."""

from __future__ import annotations

import json
import os
import re
import time
from pathlib import Path

import pytest

from mlops.errors import InvalidError, RefusedError
from playground.notebook import running
from playground.notebook.reading import SHIPPED, read, shipped
from sample_data import notebook as evening

ROOT = Path(__file__).resolve().parents[1]
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
    child = f"import time, pathlib; time.sleep(3); pathlib.Path({str(mark)!r}).touch()"
    source = f"import subprocess, sys\nsubprocess.run([sys.executable, '-c', {child!r}])"

    with pytest.raises(RefusedError, match="more than 1 s"):
        running.execute([source], seconds=1)
    time.sleep(3)
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
