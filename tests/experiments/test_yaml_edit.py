"""The form edits the text: one value changes, everything else stays as it was written."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlops.experiments import configs
from mlops.experiments.yaml_edit import set_value, without
from playground.first_config import SAMPLE_CONFIG

SAMPLE = SAMPLE_CONFIG.read_text(encoding="utf-8")
CONFIGS = [
    SAMPLE,
    "model: {type: gradient_boosting, n_estimators: 5}\n",
    "model:\n  type: gradient_boosting\nthresholds:\n  churn: 0.5\n",
    "model:\n    max_depth: 2   # few\n    type: gradient_boosting",
    'thresholds: {"churn": 0.4}\n# the end\nmodel:\n  type: gradient_boosting\n\n# nothing more\n',
    "features:\n  exclude:\n  - month\n  - age\nmodel: {type: gradient_boosting}\n",
    "features:\n  exclude:  # no features\n    - month\nmodel: {type: gradient_boosting}\n",
    "model: {\n  type: gradient_boosting,  # small trees\n  n_estimators: 5,  # few\n}\n",
    "---\nmodel: {type: gradient_boosting,}\n...\n",
    "{model: {type: gradient_boosting}, training: {test_size: 0.3}}\n",
]
CHANGES = st.one_of(
    st.tuples(st.just("model.max_depth"), st.integers(1, 100)),
    st.tuples(st.just("model.learning_rate"), st.sampled_from([0.05, 0.1, 1.0])),
    st.tuples(st.just("training.random_state"), st.none() | st.integers(0, 10)),
    st.tuples(st.just("training.test_size"), st.sampled_from([0.1, 0.25])),
    st.tuples(st.just("features.exclude"), st.lists(st.sampled_from(["month", "two words", "ä: b", "#"]), max_size=3)),
    st.tuples(st.just("thresholds.churn"), st.sampled_from([0.2, 0.35])),
)


@pytest.mark.parametrize("config", CONFIGS)
@given(st.lists(CHANGES, min_size=1, max_size=4))
def test_a_text_that_was_edited_means_what_the_overrides_mean(config, changes):
    """Whatever the form sets, in whatever order, the config is that of --set."""
    text = config
    for key, value in changes:
        text = set_value(text, key, value)

    expected = configs.load(config + "\n", overrides=dict(changes))
    assert configs.load(text + "\n").params == expected.params


@given(CHANGES)
def test_comments_and_other_lines_stay(change):
    """Only one line differs, or lines were added; every comment is still there."""
    edited = set_value(SAMPLE, *change).splitlines()

    lost = [line for line in SAMPLE.splitlines() if line not in edited]
    assert len(lost) <= 1
    assert SAMPLE.count("#") <= "\n".join(edited).count("#")


@pytest.mark.parametrize("remark", ["", "  # no features"])
def test_a_list_of_lines_becomes_one_line_and_what_follows_stays(remark):
    """Also the remark about the next section."""
    before = f"features:\n  exclude:{remark}\n    - month\n\n# the model\nmodel: {{type: dummy}}\n"

    after = set_value(before, "features.exclude", ["age"])
    assert after.endswith("[age]\n\n# the model\nmodel: {type: dummy}\n") and remark in after


def test_a_comment_keeps_its_column():
    """A longer value takes the room of the spaces before the comment."""
    before = "model:\n  n_estimators: 5      # how many trees\n  type: gradient_boosting\n"

    assert set_value(before, "model.n_estimators", 1000).splitlines()[1] == "  n_estimators: 1000   # how many trees"


@pytest.mark.parametrize("config", CONFIGS)
def test_a_key_that_was_set_can_be_taken_away(config):
    """Afterwards the default holds again."""
    text = without(set_value(config, "model.min_samples_leaf", 7), "model.min_samples_leaf")

    assert configs.load(text + "\n").params == configs.load(config + "\n").params


def test_a_key_that_is_not_there_is_none_to_take_away():
    """The text stays."""
    assert without(SAMPLE, "model.alpha") == SAMPLE
