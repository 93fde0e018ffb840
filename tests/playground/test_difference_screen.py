"""The page of everything that differs between two runs: it begins with one sentence, and whatever runs it is given."""

from __future__ import annotations

import pytest

from mlops import MlopsError, Workspace
from mlops.base import provenance
from mlops.experiments.run_diff import RunDiff
from playground.drawn_chain import DrawnChain, Node
from playground.ui.difference import consequences
from playground.ui.kit import chain as chain_view
from tests.conftest import LOGISTIC, STUMP, customers_frame
from tests.old_workspace import opened
from tests.screens import links_on, open_page, unfold, words_on


@pytest.fixture
def shown(released, monkeypatch) -> Workspace:
    """The released workspace on screen: a stump that was live, and a better one that is."""
    monkeypatch.setenv("MLOPS_WORKSPACE", str(released.path))
    return released


def page(*runs: str):
    """Open the page of two runs."""
    at = open_page("difference", runs=",".join(runs))
    assert not at.exception
    return at


def plain(markdown: str) -> str:
    """Return what a person reads where characters are escaped."""
    return markdown.replace("\\", "")


def pair(ws: Workspace) -> list[str]:
    """Return the ids of the two runs, the older one first."""
    return [run.run_id for run in reversed(ws.runs.list())]


def test_it_begins_with_one_sentence_then_causes_then_what_came_of_them(shown):
    """What is equal is one line at the end, and everything is there to take along."""
    at = page(*pair(shown))
    heads = [plain(one.value) for one in at.subheader]
    flipped = shown.comparisons.diff(*pair(shown)).predictions["flipped"]
    assert heads == [
        f"One thing differs: {len(shown.comparisons.diff(*pair(shown)).config)} keys of the config; {flipped} of 60 "
        "customers get another decision.",
        "Why", "What came of it",
    ]  # fmt: skip
    said = words_on(at)
    assert f"Of {flipped} decisions that changed, " in said
    assert "Equal: data, code, software, seed and the rows of each part" in said.replace("\\", "")
    assert "Not known" not in said
    assert {one.label for one in at.get("download_button")} >= {"All of it as JSON", "Every row with both answers"}


def test_runs_are_called_as_on_compare(shown):
    """Live is the reference, whichever of the two stands first; swapped is the other way round."""
    older, live = pair(shown)
    for runs, first in (((older, live), f"Yours **{older[:7]}**"), ((live, older), f"Live **{live[:7]}**")):
        assert next(label for label in links_on(page(*runs)) if "**" in label).startswith(first)


def test_the_table_behind_the_lines_has_every_flip(shown):
    """Both answers, the truth, and who was right."""
    at = unfold(page(*pair(shown)), "difference.flips")
    flips = next(one.value for one in at.dataframe if "Really" in one.value)
    assert len(flips) == shown.comparisons.diff(*pair(shown)).predictions["flipped"]
    assert set(flips["Right"]) <= {"live", "yours"} and flips["Customer"].str.startswith("c").all()


def test_every_cause_has_its_card(shown, tmp_path, monkeypatch):
    """Cells, lines of code, packages with what can matter, keys, seeds."""
    frame = customers_frame()
    frame.loc[:11, "age"] += 1
    frame.to_csv(tmp_path / "c.csv", index=False)
    shown.datasets.add(tmp_path / "c.csv", "customers")
    source = {**provenance.source(), "new.py": b"x = 1\n"}
    monkeypatch.setattr(provenance, "source", lambda: source)
    for cached in (provenance.source_sha256, provenance.packed_source):
        monkeypatch.setattr(provenance, cached.__name__, cached.__wrapped__)
    known = provenance.software()
    other = {**known, "packages": {**known["packages"], "numpy": "0.1", "joblib": "0.1"}}
    monkeypatch.setattr(provenance, "software", lambda: other)
    run = shown.train(LOGISTIC, seed=5, overrides={"thresholds": {"churn": 0.4}})
    at = page(pair(shown)[1], run.run_id)
    said = plain(words_on(at))
    assert plain(at.subheader[0].value).startswith(
        "Five things differ: 12 cells of the data, 1 line of the code, the version"
    )
    assert "12 cells of age changed, nothing else" in said and "1 line added, no lines removed, in 1 file" in said
    assert "2 differences, 1 of which can matter" in said and "thresholds.churn  0.5" in said
    assert "42 :gray[→] **5**" in said and "Judged on other rows" in said
    assert "+x = 1" in [line for one in at.code for line in one.value.splitlines()]
    assert "Judge both on the same rows" in links_on(at)


def test_one_run_twice_says_so_and_offers_to_choose(shown):
    """No empty sections."""
    run_id = pair(shown)[0]
    at = page(run_id, run_id)
    assert [plain(one.value) for one in at.subheader] == ["Nothing differs: this is one run, held against itself."]
    assert "Choose two runs" in links_on(at)


@pytest.mark.parametrize("status", ["logged", "queued", "cancelled", "failed"])
def test_runs_without_answers_say_why(shown, idle, status):
    """What went in is compared all the same."""
    if status == "logged":
        run = shown.runs.log("elsewhere", {"model.type": "other"}, {"validation": {"auc": 0.7}})
    elif status == "failed":
        with pytest.raises(MlopsError, match="Use 240 at most"):
            shown.train("model: {type: k_neighbors, n_neighbors: 900}\ntraining: {test_size: 0.5}\n")
        run = shown.runs.list()[0]
    else:
        run = shown.submit(STUMP, pool=idle)
        if status == "cancelled":
            shown.runs.cancel(run.run_id)
    at = page(pair(shown)[0], run.run_id)
    assert not at.error
    assert "what they answer cannot be compared" in at.subheader[0].value
    assert "Not known: " in words_on(at)


@pytest.mark.parametrize("target", ["contract", "monthly_fee"])
def test_classes_and_numbers_have_their_own_pictures(ws, customers, tmp_path, monkeypatch, target):
    """Classes are counted by where they go; numbers are drawn against each other."""
    customers.dropna().to_csv(tmp_path / "c.csv", index=False)
    ws.datasets.add(tmp_path / "c.csv", name="c", target=target, id="customer_id")
    runs = [ws.train(f"model: {{type: random_forest, n_estimators: {n}}}").run_id for n in (1, 5)]
    monkeypatch.setenv("MLOPS_WORKSPACE", str(ws.path))
    at = page(*runs)
    assert not at.error
    if target == "contract":
        moves = next(one.value for one in at.dataframe if "Rows" in one.value)
        assert moves["Rows"].sum() == ws.comparisons.diff(*runs).predictions["flipped"]
    else:
        assert any("answers-" in str(chart.proto.id) for chart in at.get("plotly_chart"))


def test_targets_that_differ_are_no_error(two_live, monkeypatch):
    """Customers and guests: the dataset differs, and nothing else is claimed."""
    monkeypatch.setenv("MLOPS_WORKSPACE", str(two_live.path))
    runs = [run.run_id for run in two_live.runs.list()]
    at = page(runs[0], runs[-1])
    assert not at.error and "the dataset" in at.subheader[0].value


def test_runs_of_the_old_format_are_drawn(tmp_path, monkeypatch):
    """Of their code only a hash is known."""
    ws = opened(tmp_path)
    old = next(run for run in ws.runs.list() if run.predictions_sha256)
    new = ws.train(STUMP, data=f"{old.data['name']}@{old.data['version']}")
    monkeypatch.setenv("MLOPS_WORKSPACE", str(ws.path))
    at = page(old.run_id, new.run_id)
    assert not at.error and "Not known: code" in words_on(at)


def test_a_link_to_no_run_or_to_one_alone_leads_to_compare(shown):
    """The one that it names is ticked there."""
    assert page("r0nothing", "r1nothing").error
    at = page(pair(shown)[0])
    assert "Choose them" in links_on(at)


def test_in_the_past_it_is_as_it_was(shown):
    """A run that came later is not known then."""
    older, newer = pair(shown)
    first = next(event["seq"] for event in shown.log() if event["kind"] == "run.start" and event["subject"] == newer)
    at = open_page("difference", runs=f"{older},{newer}", at=str(first - 1))
    assert not at.exception and at.error and newer in at.error[0].value


def test_compare_a_run_and_the_chain_lead_there(shown, idle):
    """One link everywhere, with both runs in it."""
    older, live = pair(shown)
    [link] = [one for one in open_page("compare").get("page_link") if one.proto.label == "Everything that differs"]
    assert f"runs={live}%2C{older}" in link.proto.query_string
    at = open_page("run", id=older)
    assert f"What differs from live {live[:7]}" in links_on(at)
    [link] = [one for one in open_page("run", id=live).get("page_link") if one.proto.label.startswith("What differs")]
    assert f"runs={live}%2C{older}" in link.proto.query_string, "what is live is held against nothing"
    queued = shown.submit(STUMP, pool=idle)
    shown.runs.cancel(queued.run_id)
    assert any(label.startswith("What differs from ") for label in links_on(open_page("run", id=queued.run_id)))


def test_the_chain_has_a_mark_where_live_and_yours_are_two_runs():
    """It names both; where there is one run, or the other one is still at work, there is none."""
    live = Node("run:r1", "run", state="done", lanes=("live",), query={"id": "r1"})
    yours = Node("run:r2", "run", state="done", lanes=("yours",), query={"id": "r2"})
    both = Node("run:r1", "run", state="done", lanes=("live", "yours"), query={"id": "r1"})
    running = Node("run:r2", "run", state="running", lanes=("yours",), query={"id": "r2"})
    assert chain_view._apart(DrawnChain((live, yours), ())).query == {"runs": "r1,r2"}
    for nodes in ((both,), (live,), (live, running)):
        assert chain_view._apart(DrawnChain(nodes, ())) is None


def test_cells_that_are_known_in_part_are_not_counted():
    """Where the record lists a thousand of more changed cells, nobody can say of a row that none of it changed."""
    cells = [{"id": "c1", "column": "fee", "before": 1, "after": 2}]
    for many, known in ((1, (("c1", "fee", 1, 2),)), (2, ())):
        found = RunDiff.of({"data": {"cells_changed": {"fee": many}, "changes": cells}})
        assert consequences._complete_cells(found) == known
