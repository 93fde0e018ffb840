"""Labs on screen: what differs where, a lie on a copy, each solved by its buttons; and what is covered until a guess."""

from __future__ import annotations

import json

import pytest

from mlops import Workspace
from playground import course, lie, parity, proof
from playground.parity import Try
from playground.ui.kit.cards import plain
from tests.screens import button, drawn_on, open_page, words_on


@pytest.fixture
def begun(tmp_path, monkeypatch):
    """Return a function that begins a lab in a workspace on screen, with its guess waived."""

    def begin(lab: str, waived: bool = True) -> Workspace:
        ws = Workspace.open(tmp_path / "workspace", actor="ada")
        monkeypatch.setenv("MLOPS_WORKSPACE", str(ws.path))
        course.start(ws, lab)
        if waived:
            course.waive(ws, lab)
        return ws

    return begin


def release(lab, view):
    return open_page("release", **{"in": lab, "view": view})


def goals(ws, lab):
    return {goal.id: goal.ok for goal in course.check(ws, lab).goals}


def press(at, label):
    button(at, label).click().run()
    assert not at.exception
    return at


@pytest.mark.slow
def test_the_lab_about_configs_is_solved_with_what_the_screen_offers(begun):
    """An edit is put back, what was agreed is written down, and what was wrongly written down can be taken back."""
    ws = begun("configs")
    at = release("configs", "What runs where")
    assert "3 keys differ**, and no overlay says so" in words_on(at)
    at.button(key="worlds.meant.model.subsample").click().run()
    assert goals(ws, "configs")["gone"] is False
    there = course.workspace(ws, "configs")
    there.rollback("staging", "the afternoon is over")
    at = release("configs", "What runs where")
    assert "asks for 0.5" in words_on(at)
    at.text_input(key="worlds.because.staging.model.subsample").set_value("it was not").run()
    at.button(key="worlds.back.staging.model.subsample").click().run()
    at.button(key="worlds.back.model.min_samples_leaf").click().run()
    at.button(key="worlds.meant.model.learning_rate").click().run()
    assert not at.exception and "nothing unintended" in words_on(at)
    assert goals(ws, "configs") == {"told": False, "written": True, "gone": True, "runs": True, "heard": True}


def test_how_many_differ_stays_covered_until_the_guess(begun):
    """The table would give it away."""
    begun("configs", waived=False)
    at = release("configs", "What runs where")
    assert "Guess first" in words_on(at) and "not meant" not in words_on(at)


@pytest.mark.slow
def test_the_lab_about_a_lie_is_solved_with_what_the_screen_offers(begun):
    """A link is chosen, changed, hidden; then the hash that was kept tells."""
    ws = begun("lie")
    there = course.workspace(ws, "lie")
    kept = there.log()[-1]["sha256"]
    at = release("lie", "Audit log")
    chain = drawn_on(at, "lie_links")
    assert chain["state"] == "true" and len(chain["links"]) == there.head()
    assert at.text_input(key=f"lie.text.{chain['chosen']}.override").value  # what is chosen can be told otherwise
    lie.tell(there, 92, "override", "the release check agreed")
    at.run()
    assert drawn_on(at, "lie_links")["state"] == "broken" and "Recompute the next hash" in words_on(at)
    press(at, "Recompute the next hash")
    press(at, "Prove the copy")
    assert "Found: broken chain, event 93" in words_on(at)
    at.button(key="lie.all").click().run()
    press(at, "Prove the copy")
    assert "prove each other. And it lies." in words_on(at)
    at.text_input(key="lie.kept").set_value(kept).run()
    press(at, "Hold it against the copy")
    assert drawn_on(at, "lie_links")["state"] == "found" and "the copy has another: found out" in words_on(at)
    assert goals(ws, "lie") == {"lied": True, "hidden": True, "caught": True, "kept": True}
    press(at, "Throw the copy away")
    assert drawn_on(at, "lie_links")["state"] == "true"


def test_outside_of_its_lab_the_audit_log_shows_no_copy(released, monkeypatch):
    """The chain belongs to the lab; what is drawn of it is plain JSON."""
    monkeypatch.setenv("MLOPS_WORKSPACE", str(released.path))
    course.start(released, "lie")
    course.waive(released, "lie")
    own = open_page("release", view="Audit log")
    assert len(own.dataframe[0].value) > 5 and "Hide a lie, on a copy" not in words_on(own)
    assert json.dumps(drawn_on(release("lie", "Audit log"), "lie_links"))


def test_what_gives_a_lie_away_is_asked_before_it_can_be_tried(begun):
    """The copy would tell: it proves itself."""
    ws = begun("lie", waived=False)
    at = release("lie", "Audit log")
    assert "Guess first" in words_on(at) and "Hide a lie, on a copy" not in words_on(at)
    course.guess(ws, "lie", "nothing")
    assert "Hide a lie, on a copy" in words_on(at.run())


def test_how_many_rows_are_answered_otherwise_is_covered_until_the_guess(begun):
    """They are answered before: the try tells."""
    ws = begun("machine", waived=False)
    there = course.workspace(ws, "machine")
    his = there.models.get("churn_model@1.1.0").run_id
    tried = Try(his, {}, {}, 100, 58, 3, 0.2, 7)
    there.journal.write(parity.subject(his), {"tries": [tried.as_dict()]})
    at = open_page("run", id=his, open="software", **{"in": "machine"})
    assert "Guess first" in words_on(at) and plain(tried.said) not in words_on(at)
    course.waive(ws, "machine")
    assert plain(tried.said) in words_on(at.run())


def test_whether_a_number_comes_again_is_covered_until_the_guess(begun):
    """On the card of the run, and beside its name."""
    ws = begun("repeat", waived=False)
    there = course.workspace(ws, "repeat")
    [his] = there.runs.list("name = 'ravis_best'")
    there.reproduce(his.run_id)
    title = plain(proof.of(there.runs.get(his.run_id)).title)
    at = open_page("run", id=his.run_id, **{"in": "repeat"})
    badge = proof.badge("impossible")
    assert "Guess first" in words_on(at) and title not in words_on(at) and badge not in words_on(at)
    course.waive(ws, "repeat")
    assert title in words_on(at.run()) and badge in words_on(at)
