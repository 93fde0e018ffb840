"""The notebook lab: it runs from top to bottom as it is handed out, signs, and what it signed can be looked at again."""

from __future__ import annotations

import ast
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from mlops import Workspace, sample
from playground import notebook_lab
from tests.screens import open_page, words_on

ROOT = Path(__file__).resolve().parents[2]


def code(document: bytes) -> list[str]:
    """Return what runs, cell by cell."""
    cells = json.loads(document)["cells"]
    return ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]


def carry_out(document: bytes, folder: Path) -> subprocess.CompletedProcess:
    """Run the cells in their order, in a process that knows nothing but where the file lies."""
    script = folder / "cells.py"
    script.write_text("\n".join(code(document)), encoding="utf-8")
    known = {name: said for name, said in os.environ.items() if not name.startswith(("PYTHONPATH", "MLOPS_"))}
    return subprocess.run(
        [sys.executable, str(script)], cwd=folder, env=known, capture_output=True, text=True, check=False
    )


@pytest.fixture(scope="module")
def _lived(tmp_path_factory):
    """Somebody downloaded it from Guide, and let it run."""
    folder = tmp_path_factory.mktemp("notebook")
    own = Workspace.open(folder / "own", actor="ada")
    return folder, own, carry_out(notebook_lab.pointed(ROOT, own.path), folder)


@pytest.fixture
def signed(_lived, tmp_path):
    """The workspace that was signed, and the one in which the notebook worked, beside each other."""
    folder, own, _ = _lived
    there = Workspace.open(folder / "own-notebook-1", create=False).fork(tmp_path / "own-notebook-1")
    copy = own.fork(tmp_path / "own")
    copy.journal.write(notebook_lab.SUBJECT, {"folder": str(there.path)})
    return copy, there


# The file


def test_the_file_is_made_of_its_source_and_keeps_no_outputs():
    """Whoever changes a cell makes it anew: python -m playground.notebook_lab."""
    assert notebook_lab.NOTEBOOK.read_text(encoding="utf-8") == notebook_lab.made()
    assert not any(
        cell.get("outputs") or cell.get("execution_count") for cell in json.loads(notebook_lab.made())["cells"]
    )


def test_it_needs_the_package_and_not_the_app():
    """Nothing of the screens is imported: it works where nobody ever starts them."""
    trees = [ast.parse(source) for source in code(notebook_lab.NOTEBOOK.read_bytes())]
    nodes = [node for tree in trees for node in ast.walk(tree)]
    names = {name.name for node in nodes if isinstance(node, ast.Import) for name in node.names}
    names |= {node.module for node in nodes if isinstance(node, ast.ImportFrom)}
    assert names == {"os", "sys", "json", "pathlib", "pandas", "mlops", "mlops.export"}


def test_handed_out_it_knows_where_the_project_lies_and_whom_to_sign_for():
    """Whatever a path is made of; as a file it knows neither."""
    own = Path('/tmp/Lena\'s "place"')
    names: dict[str, str] = {}
    exec("\n".join(code(notebook_lab.pointed(ROOT, own))[0].splitlines()[:2]), names)
    assert (names["CHECKOUT"], names["SIGN_IN"]) == (str(ROOT.absolute()), str(own.absolute()))
    exec("\n".join(code(notebook_lab.pointed(ROOT, None))[0].splitlines()[:2]), names)
    assert names["SIGN_IN"] is None


# Top to bottom


@pytest.mark.slow
def test_it_runs_from_top_to_bottom_and_tells_what_is_so(_lived):
    """Guesses left open, everything else as it is handed out."""
    _, _, ran = _lived
    assert ran.returncode == 0, ran.stderr
    told = ran.stdout.splitlines()
    assert {
        "It is 312. (You did not guess.)", "It is impossible. (You did not guess.)", "It is no. (You did not guess.)",
        "It is all of them. (You did not guess.)", "It is 1.1.0. (You did not guess.)", "now: 1.0.0",
        "answered again by 1.0.0 - equal to the last digit: True", "It is data_error. (You did not guess.)",
    } <= set(told)  # fmt: skip
    assert [line for line in told if line.startswith("verified: True")]


@pytest.mark.slow
def test_the_workspace_it_was_pointed_at_is_signed_and_otherwise_as_it_was(_lived):
    """Its calendar has begun where the story does, so that the tour can still follow."""
    _, own, _ = _lived
    assert [(one["kind"], one["subject"]) for one in own.log()] == [
        ("clock.set", "clock"), ("journal.write", "notebook_lab"),
    ]  # fmt: skip
    assert own.now() == sample.FIRST_DAY and own.verify()["ok"]


# The proof


@pytest.mark.slow
def test_who_reached_the_last_cell_is_done_in_both_workspaces(signed):
    """The evidence says what was done, and where it can be looked at."""
    for ws in signed:
        found = notebook_lab.done(ws)
        assert found.ok and "a run trained again, identically" in found.evidence and "own-notebook-1" in found.evidence
        assert ws.log(found.event - 1)[0]["kind"] == "journal.write"


def test_who_never_signed_is_not(ws):
    """And hears what would do it."""
    assert notebook_lab.done(ws) == notebook_lab.Done(
        False, "Download the notebook in Guide, Notebook lab, and run it to its last cell."
    )


@pytest.mark.slow
def test_a_signature_under_other_events_proves_nothing(signed):
    """The hash is of one history alone."""
    own, _ = signed
    own.journal.write(notebook_lab.SUBJECT, {"sha256": "0" * 64})
    assert not notebook_lab.done(own).ok and "another history" in notebook_lab.done(own).evidence


@pytest.mark.slow
@pytest.mark.parametrize(
    ("kind", "missing"), [("run.reproduce", "a run trained again"), ("deployment.rollback", "a rollback")]
)
def test_who_signs_before_the_end_hears_what_is_missing(signed, kind, missing):
    """The events before the signed one count, and no others."""
    own, there = signed
    first = next(one for one in there.log() if one["kind"] == kind)
    [before] = there.log(first["seq"] - 2)[:1]
    own.journal.write(notebook_lab.SUBJECT, {"event": before["seq"], "sha256": before["sha256"]})
    assert missing in notebook_lab.done(own).evidence and not notebook_lab.done(own).ok


@pytest.mark.slow
def test_what_is_not_here_any_more_cannot_be_looked_at_again(signed):
    """Then nothing is claimed, and the evidence says why."""
    own, there = signed
    shutil.rmtree(there.path)
    found = notebook_lab.done(own)
    assert not found.ok and found.event and "not here any more" in found.evidence


# In the guide


def test_the_guide_hands_it_out_and_says_whether_it_was_signed(empty):
    """Its parts are those of the file, and what is not signed yet says what signs."""
    at = open_page("guide", part="Notebook lab")
    said = words_on(at)
    assert not at.exception and "Not signed yet" in said and "1. Freeze the data" in said
    assert [one.proto.label for one in at.get("download_button")] == ["The notebook"]


def test_in_a_class_no_folder_of_the_server_is_handed_out(tmp_path, monkeypatch):
    """The notebook runs on another machine there, which has no such folder."""
    monkeypatch.setenv("MLOPS_WORKSPACES", str(tmp_path / "class"))
    assert "tell your teacher" in words_on(open_page("guide", part="Notebook lab"))
