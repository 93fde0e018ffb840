"""Does its model answer alike: the card on the Software tab of a run."""

from __future__ import annotations

from mlops.base import provenance
from playground import parity
from playground.parity import Try
from playground.ui.kit.cards import plain
from tests.screens import open_page, words_on


def test_a_run_offers_to_answer_rows_and_shows_what_was_tried(trained, monkeypatch):
    """Where nothing differs there is nothing to choose, and the proof is one click away all the same."""
    [run] = trained.runs.list()
    packages = provenance.software()["packages"]
    monkeypatch.setenv("MLOPS_WORKSPACE", str(trained.path))
    at = open_page("run", id=run.run_id, open="software")
    assert not at.exception and "Answer 100 rows" in [one.label for one in at.button]
    found = Try(run.run_id, {}, packages, **counted(trained, run.run_id))
    trained.journal.write(parity.subject(run.run_id), {"tries": [found.as_dict()]})
    said = words_on(open_page("run", id=run.run_id, open="software"))
    assert found.equal and plain(found.said) in said


def counted(ws, run_id):
    told = parity.answered(ws, run_id)
    return {name: told[name] for name in ("rows", "differ", "flipped", "largest", "blank")}
