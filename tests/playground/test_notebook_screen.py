"""The notebook lab on the screen: guess first, then see; run cells, and take the config along."""

from __future__ import annotations

from contextlib import nullcontext
from types import SimpleNamespace

import pytest
from streamlit.testing.v1 import AppTest

from playground.notebook import becoming, prepared, running
from playground.ui.kit import session
from playground.ui.train import notebook
from playground.ui.train import notebook_cells as cells
from tests.screens import button, links_on, open_page, words_on


@pytest.fixture(scope="module", autouse=True)
def _workspace(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MLOPS_WORKSPACE", str(tmp_path_factory.mktemp("lab") / "workspace"))
        yield


def lab() -> AppTest:
    def script():
        from playground import ui
        from playground.ui.train import notebook

        ui.navigation()  # its links need the screens
        notebook.lab()

    return AppTest.from_function(script, default_timeout=120).run()


def shown(at: AppTest) -> str:
    """Return all words, and all blocks of code and output."""
    return "\n".join([words_on(at), *(block.value for block in at.code)])


@pytest.fixture(scope="module")
def revealed() -> AppTest:
    at = lab()
    at.session_state["notebook.guess"] = 3
    at.run()
    return button(at, "Reveal").click().run()


def test_nothing_is_revealed_before_a_guess():
    """Who sees the answer first learns nothing."""
    at = lab()

    assert not at.exception
    assert button(at, "Reveal").disabled
    assert "lie: leak" not in shown(at) and "The script it becomes" not in shown(at)


def test_after_a_guess_the_score_and_every_verdict_is_told(revealed):
    """The score is that of the judge, the guess is told beside it."""
    lies = sum(verdict.lie for verdict in prepared.prepared().verdicts)

    assert not revealed.exception
    assert f"{lies} of 7 numbers are lies" in shown(revealed) and "You said 3." in shown(revealed)
    assert all(words in shown(revealed) for _, _, words in cells.CAUSES.values())


def test_the_reveal_runs_nothing(monkeypatch, tmp_path):
    """What was judged beforehand is told at once: thirty learners who reveal together start no process."""
    monkeypatch.setenv("MLOPS_WORKSPACE", str(tmp_path / "workspace"))  # where nobody has guessed yet
    for module, name in ((running, "execute"), (becoming, "_mlops")):
        monkeypatch.setattr(module, name, lambda *_: pytest.fail("something was run"))
    at = lab()
    at.session_state["notebook.guess"] = 5
    at = button(at.run(), "Reveal").click().run()
    assert not at.exception and "5 of 7 numbers are lies" in shown(at)


def test_the_one_cell_that_made_the_gap_stands_first(revealed):
    """The number that the author was proud of, the honest one, and both cells."""
    gap = prepared.gap(prepared.prepared())
    assert [one.value for one in revealed.metric] == [gap.claimed, gap.honest]
    assert {gap.cell.source, gap.mended} <= {block.value for block in revealed.code}


def test_a_changed_notebook_is_judged_anew_and_says_so(monkeypatch):
    """Nothing prepared fits it, so it is run; the words say why one waits."""
    anew = prepared.prepared()
    monkeypatch.setattr(prepared, "prepared", lambda: None)
    monkeypatch.setattr(prepared, "judged", lambda: anew)
    said = []
    monkeypatch.setattr(notebook.st, "spinner", lambda text, **_: said.append(text) or nullcontext())
    monkeypatch.setattr(notebook, "_work", lambda _: SimpleNamespace(done=lambda: False, result=lambda: anew))
    assert notebook._judged() == anew and "was changed, so it is judged anew" in said[0]


def test_a_link_leads_into_the_lab(monkeypatch, tmp_path):
    """Also before there is any data; the tabs are free afterwards."""
    monkeypatch.setenv("MLOPS_WORKSPACE", str(tmp_path / "workspace"))
    at = open_page("train", open="notebook")
    assert "How many of these numbers are lies" in words_on(at) and "open" not in at.query_params
    at.session_state["train.tabs"] = "One run"
    assert "A run needs a version of the data" in words_on(at.run())
    at.session_state["train.tabs"] = "Notebook to script"
    at.query_params["open"] = "run"
    assert "A run needs a version of the data" in words_on(at.run()) and "open" not in at.query_params


def test_every_number_stands_beside_the_one_of_the_pipeline(revealed):
    """The table under the cells is complete."""
    table = revealed.table[-1].value

    assert list(table["Number"]) == [verdict.claim.name for verdict in prepared.prepared().verdicts]
    assert table.ne("").all(axis=None)


def test_in_order_another_number_comes_out_and_the_stored_one_is_named():
    """The difference is seen where it happens."""
    at = button(lab(), "Restart and run in order").click().run()

    assert "average net fee: 11.04" in shown(at)
    assert "The file says:] average net fee: 9.28" in shown(at).replace("\\", "")


def test_run_in_order_twice_shows_that_a_number_without_a_seed_changes():
    """A second look is a second run, not the first one remembered."""

    def gain(at):
        return [block.value for block in at.code if block.value.startswith("gain from")]

    at = button(lab(), "Restart and run in order").click().run()
    once = gain(at)
    at = button(at, "Restart and run in order").click().run()

    assert once and gain(at) != once


def test_a_cell_alone_in_a_fresh_process_fails_as_it_does_in_jupyter():
    """Nothing ran before it; the file's outputs return with one click."""
    at = lab().button(key="notebook.run.rate").click().run()
    assert "NameError" in at.error[0].value

    at = button(at, "As stored").click().run()
    assert not at.error


def test_cells_run_one_after_the_other_share_their_names():
    """Each click adds one cell to the order, which is run again from a fresh process."""
    at = lab()
    for cell in ("imports", "load", "fee", "fee"):
        at = at.button(key=f"notebook.run.{cell}").click().run()

    assert "average net fee: 9.28" in shown(at)
    assert at.session_state[session.ORDER.key] == ("imports", "load", "fee", "fee")


def test_an_order_that_grew_too_long_is_refused_in_words():
    """The lab stays usable."""
    at = lab()
    at.session_state[session.ORDER.key] = ("imports",) * 41
    at.run()

    assert not at.exception and "Restart the kernel" in at.error[0].value


def test_the_steps_lead_to_their_screens(revealed):
    """Where a cell goes is one click away."""
    assert set(notebook.STEPS_ON_SCREEN.values()) <= set(links_on(revealed))


def test_the_config_goes_to_the_editor(revealed):
    """What the notebook became can be trained as it stands."""
    at = button(revealed, "Open this config in the editor").click().run()

    assert not at.exception
    assert at.session_state[session.DRAFT.key] == becoming.CONFIG
