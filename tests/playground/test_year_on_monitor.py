"""Draw your year, on Monitor: the line first, then the months; and what waits for a decision lets no month pass."""

from __future__ import annotations

import json

import pytest

from mlops import Workspace
from mlops.base.errors import ConflictError, InvalidError
from playground import company, year
from tests.playground import companies
from tests.screens import open_page, words_on

LINE = [820] * 12


@pytest.fixture(scope="module")
def _played(tmp_path_factory):
    folder = tmp_path_factory.mktemp("company")
    files = companies.files(folder / "files")
    ws = companies.founded(folder / "founded", files)
    companies.play(ws, files, "2024-01")
    return ws


@pytest.fixture
def ws(_played, tmp_path, monkeypatch):
    """A small company at the end of January 2024: nobody knows yet what became of its customers."""
    ws = _played.fork(tmp_path / "company")
    monkeypatch.setenv("MLOPS_WORKSPACE", str(ws.path))
    return ws


def drawn(at):
    """Return what the browser has of the year; None where it is not drawn."""
    sent = [json.loads(one.proto.json) for one in at.get("bidi_component") if one.proto.component_name == "drawn_year"]
    return sent[0] if sent else None


def test_the_year_is_covered_until_a_line_was_drawn(ws):
    """Then the line stands there, with what came so far."""
    at = open_page("monitor")
    assert not at.exception and drawn(at)["covered"] and drawn(at)["guess"] == []

    year.keep(ws, year.STORY, LINE)
    after = drawn(open_page("monitor"))
    assert after["guess"] == LINE and not after["covered"]
    assert [one["version"] for one in after["months"][:2]] == ["1.0.0", ""] and after["known"] == 0


def test_a_line_is_drawn_once(ws):
    """It is a guess; and what is no line is refused, with nothing recorded."""
    with pytest.raises(InvalidError, match="no line through twelve months"):
        year.keep(ws, year.STORY, [820] * 3)
    year.keep(ws, year.STORY, LINE)
    with pytest.raises(ConflictError, match="is drawn"):
        year.keep(ws, year.STORY, [800] * 12)
    assert year.line(ws, year.STORY) == tuple(LINE)


def test_whoever_comes_after_the_first_outcomes_is_shown_them(ws, _played):
    """A line that is drawn when the map beside it tells the months would be no guess."""
    company.next_month(ws, files=_played.path.parent / "files")
    found = drawn(open_page("monitor"))
    assert not found["covered"] and found["known"] == 1 and found["guess"] == []


def test_in_the_past_nobody_draws(ws):
    """It records nothing."""
    at = open_page("monitor", at=str(ws.head() - 1))
    assert drawn(at) is None and "the past records nothing" in words_on(at)


def test_own_data_has_no_year(tmp_path, monkeypatch, own_model):
    """No customers are made up, so there are no twelve months to expect anything of."""
    monkeypatch.setenv("MLOPS_WORKSPACE", str(own_model.path))
    assert drawn(open_page("monitor")) is None


@pytest.fixture
def own_model(tmp_path):
    ws = Workspace.open(tmp_path / "own")
    rows = [f"{number},{number % 7},{int(number % 7 > 3)}" for number in range(300)]
    (tmp_path / "mine.csv").write_text("\n".join(["id,x,y", *rows]) + "\n")
    ws.datasets.add(tmp_path / "mine.csv", "mine", target="y", id="id")
    model = ws.models.register(ws.train("model: {type: logistic_regression}\n"), "mine_model")
    ws.deploy(model, "production", "first", override="nobody to rehearse with")
    return ws
