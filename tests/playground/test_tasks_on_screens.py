"""A choice and a number go the whole way on the screens, as a yes or no does."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from mlops import Workspace
from tests.screens import button, config, drawn_on, open_page, train, unfold, words_on, write


def penguins(rows: int = 300) -> pd.DataFrame:
    """Return three species with their measures, a few of them missing."""
    random = np.random.default_rng(4)
    kinds = random.integers(0, 3, rows)
    frame = pd.DataFrame({"bill (mm)": (38 + 5 * kinds + random.normal(0, 1.5, rows)).round(1)})
    frame["mass"] = 3500 + 700 * (kinds == 2) + random.integers(-300, 300, rows)
    frame["island"] = random.choice(["north", "south"], rows)
    frame["species"] = np.array(["Adelie", "Chinstrap", "Gentoo"])[kinds]
    return frame.mask(random.random(frame.shape) < 0.01).dropna(subset="species")


def insurance(rows: int = 300) -> pd.DataFrame:
    """Return what people cost their insurance: dollars, few of them many."""
    random = np.random.default_rng(5)
    frame = pd.DataFrame(
        {"age": random.integers(18, 65, rows), "smoker": random.choice(["yes", "no"], rows, p=[0.2, 0.8])}
    )
    dollars = 250 * frame["age"] + 21000 * (frame["smoker"] == "yes") + random.exponential(2000, rows)
    return frame.assign(charges=dollars.round(2))


def walk(frame: pd.DataFrame, target: str, folder: Path) -> Workspace:
    """Take a file from upload to two runs, on the screens as far as they are needed."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MLOPS_WORKSPACE", str(folder))
        at = open_page("data")
        at.segmented_control(key="data.source").set_value("Your file").run()
        at.file_uploader[0].upload("own.csv", frame.to_csv(index=False).encode()).run()
        choice = next(box for box in at.selectbox if box.label == "Column to predict")
        choice.set_value(target).run()
        button(at, "Keep this version").click().run()
        for depth in ("3", "2"):
            at = open_page("train")
            quick = config(at).replace("n_estimators: 100", "n_estimators: 5")
            write(at, quick.replace("max_depth: 3", f"max_depth: {depth}"))
            train(at)
            assert not at.exception and not at.error, [card.value for card in at.error]
    return Workspace.open(folder, create=False)


@pytest.fixture(scope="module")
def classes(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """Two runs that tell penguins apart."""
    return walk(penguins(), "species", tmp_path_factory.mktemp("classes") / "workspace")


@pytest.fixture(scope="module")
def numbers(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """Two runs that foretell what people cost their insurance."""
    return walk(insurance(), "charges", tmp_path_factory.mktemp("numbers") / "workspace")


@pytest.fixture
def species(classes: Workspace, empty: Path) -> Workspace:
    """A copy of the first, on screen."""
    return classes.fork(empty)


@pytest.fixture
def charges(numbers: Workspace, empty: Path) -> Workspace:
    """A copy of the second, on screen."""
    return numbers.fork(empty)


def release(ws: Workspace) -> None:
    model = ws.models.register(ws.runs.list()[0], "own")
    ws.deploy(model, "staging", "rehearsal")
    ws.deploy(model, "production", "first", override="a small file")


def ask() -> AppTest:
    at = open_page("predict")
    at.button(key="predict.ask").click().run()
    assert not at.exception and not at.error
    return at


@pytest.mark.parametrize("shown", ["species", "charges"])
def test_every_screen_opens(request, shown):
    """With two runs and a live model of a task that is no yes or no."""
    ws = request.getfixturevalue(shown)
    release(ws)
    run, model = ws.runs.list()[0].run_id, "own@1.0.0"
    for name, query in {"start": {}, "train": {}, "compare": {}, "release": {}, "monitor": {}, "guide": {}}.items():
        assert not open_page(name, **query).exception, name
    assert not open_page("run", id=run).exception and not open_page("model", ref=model).exception


def test_classes_are_compared_by_what_is_taken_for_what(species):
    """A matrix for each run, and no ROC, threshold or positive class."""
    assert species.datasets.list()[0].task == "multiclass" and "thresholds" not in config(open_page("train"))
    at = open_page("compare")
    assert len(at.get("plotly_chart")) == 2 and "validation rows right" in words_on(at)


def test_every_class_has_its_charts(species):
    """One class against the rest, or all of them beside each other."""
    at = open_page("compare")
    for chart in ("ROC by class", "Precision and recall by class", "Calibration", "Scores", "Groups"):
        at.segmented_control(key="chart").set_value(chart).run()

        assert not at.exception and at.get("plotly_chart")
        assert at.segmented_control(key="chart").value == chart


def test_a_choice_answers_with_every_class(species):
    """The likeliest class, each one's probability, and the same in a file."""
    release(species)
    at = ask()
    drawn = drawn_on(at, "one_row")
    [now] = [side["now"] for side in drawn["sides"]]
    assert drawn["decisions"] == ["species = Adelie", "species = Chinstrap", "species = Gentoo"]
    assert sum(now["numbers"]) == pytest.approx(1)
    assert now["decided"] == max(range(3), key=now["numbers"].__getitem__)
    assert f"**{drawn['decisions'][now['decided']]} " in words_on(at).replace("\\", "")
    button(at, "Same in a file?").click().run()
    assert "equal to the last digit" in words_on(at)


def test_numbers_are_compared_by_how_far_they_are_off(charges):
    """Predicted against actual, in the unit of the target."""
    at = open_page("compare")
    assert len(at.get("plotly_chart")) == 1 and "RMSE" in list(at.dataframe[0].value)


def test_a_number_answers_with_a_number(charges):
    """No probability and no threshold; the same in a file."""
    release(charges)
    at = ask()
    drawn = drawn_on(at, "one_row")
    [now] = [side["now"] for side in drawn["sides"]]
    low, high = drawn["scale"]
    assert low < now["numbers"][0] < high and now["decided"] is None and drawn["sides"][0]["threshold"] is None
    assert "Answered and logged: **charges " in words_on(at) and "%" not in drawn["about"]
    button(at, "Same in a file?").click().run()
    assert "equal to the last digit" in words_on(at)


def test_a_small_file_says_how_it_can_go_live_all_the_same(charges):
    """Under 200 unseen rows nothing is decided by numbers: a person gives a reason, which stays on record."""
    charges.deploy(charges.models.register(charges.runs.list()[0], "own"), "staging", "rehearsal")
    at = open_page("release")
    assert "Release it in spite of the check" not in words_on(at)
    button(at, "Run the release check").click().run()
    unfold(at, "release.details")
    assert "Under 200 a comparison means nothing" in words_on(at).replace("\\", "")
    at.text_input(key="release.override").set_value("60 rows are all there are").run()
    button(at, "Release it all the same").click().run()
    assert charges.releases.live("production").override == "60 rows are all there are"
