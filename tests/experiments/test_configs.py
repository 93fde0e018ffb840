"""Configs: each is checked before anything starts, and what is wrong is said with line, key and suggestion."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlops.base.errors import ConfigError, InvalidError
from mlops.base.records import freeze
from mlops.experiments import configs
from tests.base.test_records import HOSTILE_NAMES

ROOT = Path(__file__).parents[2]
MODULE = """\
model: {type: "gradient_boosting", n_estimators: 100, max_depth: 5}
training: {test_size: 0.2, random_state: 42}
thresholds: {churn: 0.35}
"""
COUNT, DEPTH = st.integers(1, 10_000), st.integers(1, 100)
SHARE = st.floats(0.001, 0.999)
RATE = st.floats(1e-8, 10)
MODELS = st.one_of(
    st.fixed_dictionaries({"type": st.just("logistic_regression")}, optional={"C": RATE, "class_weight": st.just("balanced")}),
    st.fixed_dictionaries({"type": st.just("ridge")}, optional={"alpha": RATE}),
    st.fixed_dictionaries({"type": st.just("random_forest")}, optional={"max_depth": st.none() | DEPTH, "max_features": st.just("log2") | SHARE}),
    st.fixed_dictionaries({"type": st.just("gradient_boosting")}, optional={"n_estimators": COUNT, "learning_rate": RATE, "subsample": SHARE}),
    st.fixed_dictionaries({"type": st.just("hist_gradient_boosting")}, optional={"max_iter": COUNT, "max_leaf_nodes": st.integers(2, 99)}),
    st.fixed_dictionaries({"type": st.just("k_neighbors")}, optional={"n_neighbors": COUNT}),
    st.fixed_dictionaries({"type": st.just("dummy")}),
)  # fmt: skip
LABELS = st.text(max_size=6).filter(str.isprintable) | st.sampled_from(["no", "1", "null", "a: b", "#"])
NAMES = st.lists(LABELS, max_size=3)
SPELLED = st.fixed_dictionaries(
    {"model": MODELS},
    optional={
        "training": st.fixed_dictionaries({}, optional={"test_size": SHARE, "random_state": st.none() | st.integers(0, 2**32 - 1)}),
        "features": st.fixed_dictionaries({}, optional={"include": NAMES, "exclude": NAMES}),
        "thresholds": st.dictionaries(LABELS, SHARE, min_size=1, max_size=1),
        "gate": st.fixed_dictionaries({}, optional={"margin": st.floats(0, 1)}),
    },
)  # fmt: skip


@given(SPELLED)
def test_an_effective_config_loads_to_itself(spelled):
    """What a run writes as config.yaml is a config again: same values, same hash."""
    import yaml

    config = configs.load(yaml.safe_dump(spelled) + "\n")
    again = configs.load(config.yaml())
    assert again.sha256 == config.sha256 and again.params == config.params
    assert configs.diff(config, again) == []


@pytest.mark.parametrize("names", [["a\x85b"], ["a\u2028b", "\u2029", "'\x85\""]], ids=ascii)
def test_a_name_with_a_line_end_of_unicode_is_kept_as_it_is(names):
    """PyYAML writes them so that it reads something else, and the run would not be the one that was asked for."""
    config = configs.load("model: {type: dummy}\n", overrides={"features.exclude": names})
    assert configs.load(config.yaml()).schema.features.exclude == names


def test_the_config_of_the_module_is_valid_word_for_word():
    """The example that learners know works, and means what it says."""
    config = configs.load(MODULE)
    assert config.params["model.max_depth"] == 5 and config.params["model.learning_rate"] == 0.1
    assert (config.threshold, config.seed) == (0.35, 42)


def test_the_shipped_configs_are_valid_in_every_environment():
    """The example and its overlays."""
    for environment in (None, "development", "staging", "production"):
        assert configs.load(ROOT / "configs" / "churn.yaml", environment).schema.model.type == "gradient_boosting"


def test_spelling_out_a_default_is_no_other_config():
    """The hash is of the effective values, not of the text; data and name are no part of it."""
    short = configs.load("model: {type: dummy}")
    spelled = configs.load(
        "name: a\ndata: {name: b}\ntraining: {random_state: 42, test_size: 0.2}\nmodel: {type: dummy}\n"
    )
    assert short.sha256 == spelled.sha256
    assert short.sha256 != configs.load("model: {type: dummy}\ntraining: {random_state: 43}").sha256


def test_each_value_knows_where_it_comes_from(tmp_path):
    """File, overlay, --set or default: the last word is named."""
    (tmp_path / "a.yaml").write_text("model: {type: ridge, alpha: 1.0}\ntraining: {test_size: 0.3}\n")
    (tmp_path / "a.staging.yaml").write_text("training: {test_size: 0.4}\n")
    config = configs.load(tmp_path / "a.yaml", "staging", {"model.alpha": 2.0})
    keys = ("model.type", "training.test_size", "model.alpha", "gate.margin")
    assert [config.origins[key] for key in keys] == ["a.yaml", "a.staging.yaml", "--set", "default"]
    assert [config.values[key] for key in keys] == ["ridge", 0.4, 2.0, 0.02]


def test_a_value_that_a_new_type_swept_away_is_a_default_again(tmp_path):
    """The depth of the old model is no origin of the new model's depth."""
    (tmp_path / "a.yaml").write_text("model: {type: gradient_boosting, max_depth: 5}\n")
    config = configs.load(tmp_path / "a.yaml", overrides={"model.type": "random_forest"})
    assert (config.params["model.max_depth"], config.origins["model.max_depth"]) == (None, "default")


def test_half_a_character_is_no_yaml():
    """Bytes of a terminal that are not UTF-8 are refused like any other unreadable text."""
    with pytest.raises(InvalidError, match="cannot be read as YAML"):
        configs.parse_override("name=caf\udce9")


def test_an_overlay_is_optional_but_the_environment_must_exist(tmp_path):
    """No overlay beside the file means no difference; a name that is no environment is refused."""
    (tmp_path / "a.yaml").write_text("model: {type: dummy}\n")
    assert configs.load(tmp_path / "a.yaml", "staging").sha256 == configs.load(tmp_path / "a.yaml").sha256
    with pytest.raises(InvalidError, match="'live' is not an environment"):
        configs.load(tmp_path / "a.yaml", "live")


def test_another_model_type_starts_its_parameters_afresh():
    """`--set model.type=dummy` does not drag the depth of the old type along."""
    config = configs.load(MODULE, overrides={"model.type": "dummy"})
    assert [key for key in config.params if key.startswith("model.")] == ["model.type"]


def test_a_diff_names_every_key_that_differs():
    """Keys that only one of them has count as None in the other."""
    before, after = configs.load("model: {type: dummy}"), configs.load("model: {type: ridge}\ngate: {margin: 0.1}")
    assert configs.diff(before, after) == [
        {"key": "model.type", "before": "dummy", "after": "ridge"},
        {"key": "gate.margin", "before": 0.02, "after": 0.1},
        {"key": "model.alpha", "before": None, "after": 1.0},
    ]


def test_a_list_that_a_record_keeps_differs_in_nothing_from_that_of_a_file():
    """A record is frozen, with tuples; a key of lists that is equal must not be named as the one that was edited."""
    params = configs.load("features: {exclude: [month]}\nmodel: {type: dummy}").params
    assert configs.diff_params(freeze(params), params) == []


@pytest.mark.parametrize(
    ("text", "pair"),
    [
        ("model.max_depth=4", ("model.max_depth", 4)),
        ("training.random_state=null", ("training.random_state", None)),
        ("model.max_depth=", ("model.max_depth", None)),
        ("a=b=c", ("a", "b=c")),
        ("features.exclude=[a, b]", ("features.exclude", ["a", "b"])),
    ],
)
def test_an_override_is_a_key_and_a_yaml_value(text, pair):
    """The first equals sign parts them."""
    assert configs.parse_override(text) == pair


@pytest.mark.parametrize("text", ["model.max_depth", "=4", ""])
def test_an_override_without_key_or_equals_is_refused(text):
    """The next step shows the form."""
    with pytest.raises(InvalidError, match="does not set anything"):
        configs.parse_override(text)


@pytest.mark.parametrize(
    ("text", "line", "field", "message", "suggestion"),
    [
        ("model:\n  type: gradient_boosting\n  max_deph: 5\n", 3, "model.max_deph", "no key 'model.max_deph'", "max_depth"),
        ("model: {type: dummy}\ntrainig: {}\n", 2, "trainig", "no key 'trainig'", "training"),
        ("modle: {type: dummy}\n", 1, "modle", "no key 'modle'", "model"),
        ("model:\n  type: gradient_bosting\n", 2, "model.type", "'gradient_bosting', but must be one of", "gradient_boosting"),
        ("training: {}\n", None, "model", "'model' is missing", None),
        ("model: {}\n", 1, "model.type", "must be one of", None),
        ("model: dummy\n", 1, "model", "must be a mapping", None),
        ("model: {type: dummy}\ntraining:\n  test_size: 1.5\n", 3, "training.test_size", "less than 1", None),
        ("model: {type: dummy}\ntraining:\n  test_size: .nan\n", 3, "training.test_size", "reads .nan as nan", None),
        ("model: {type: ridge, alpha: .inf}\n", 1, "model.alpha", "reads .inf as inf", None),
        ("model:\n  type: ridge\n  alpha: 1e5\n", 3, "model.alpha", "valid number", "100000"),
        ("model:\n  type: k_neighbors\n  n_neighbors: '7'\n", 3, "model.n_neighbors", "valid integer", "7"),
        ("model:\n  type: k_neighbors\n  n_neighbors: true\n", 3, "model.n_neighbors", "valid integer", None),
        ("model: {type: dummy}\nthresholds: {a: 0.1, b: 0.2}\n", 2, "thresholds", "exactly one", None),
        ("model: {type: dummy}\nthresholds: {a: 1.0}\n", 2, "thresholds.a", "less than 1", None),
        ("name: ../evil\nmodel: {type: dummy}\n", 1, "name", "'../evil' cannot name a config", None),
        ("name: '🎉'\nmodel: {type: dummy}\n", 1, "name", "starts with a letter. Try 'config'", None),
        ("model: {type: dummy}\nmodel: {type: ridge}\n", 2, "model", "a second time", None),
        ("model: {type: dummy}\non: 1\n", 2, "on", "'on' is not text", "'on'"),
        ("model: {type: dummy}\n1: 1\n", 2, "1", "'1' is not text", "'1'"),
        ("- a\n- b\n", 1, None, "a mapping of keys", "model: {type: gradient_boosting}"),
        ("model: {type: dummy\n", 2, None, "", None),
        ("a: &x 1\n", 1, None, "Anchors and aliases", None),
        ("model: !!python/object/apply:os.system ['true']\n", 1, None, "The tag", None),
        ("model: {type: dummy}\n---\nmodel: {type: ridge}\n", 2, None, "one YAML document", None),
        ("a: " + "[" * 25 + "]" * 25 + "\n", 1, None, "nested deeper", None),
        ("a: [" + "1, " * 5000 + "]\n", 1, None, "longer than any config", None),
        ("a: " + "x" * 70_000 + "\n", 1, None, "more than 64 KiB", None),
        ("a: \x07\n", 1, None, "cannot be read as YAML", None),
    ],
)  # fmt: skip
def test_every_problem_is_named_with_line_key_and_suggestion(text, line, field, message, suggestion):
    """The same text through `check` and `load`: one lists the problem, the other raises it."""
    (problem, *_) = configs.check(text)["problems"]
    assert (problem["line"], problem["field"], problem["suggestion"]) == (line, field, suggestion)
    assert message in problem["message"]
    with pytest.raises(ConfigError) as refused:
        configs.load(text)
    assert refused.value.next_step and dict(refused.value.details[0]) == problem
    assert refused.value.message.endswith(".") and not refused.value.message.endswith("..")


def test_several_problems_are_told_at_once():
    """Nobody corrects a file one error at a time."""
    report = configs.check("model:\n  type: ridge\n  alpha: -1\n  beta: 2\ntraining:\n  test_size: 2\n")
    assert [problem["line"] for problem in report["problems"]] == [3, 4, 6]


def test_a_problem_of_an_override_stands_on_no_line():
    """The file is not to blame for what --set says."""
    with pytest.raises(ConfigError) as refused:
        configs.load("model: {type: ridge}\n", overrides={"model.alpha": -1})
    assert refused.value.details[0]["line"] is None and refused.value.details[0]["field"] == "model.alpha"


def test_overrides_that_contradict_each_other_are_refused():
    """A value and a key below it cannot both be set."""
    with pytest.raises(InvalidError, match="'model.type' is set below 'model'"):
        configs.load("model: {type: dummy}\n", overrides={"model": "x", "model.type": "y"})


@pytest.mark.parametrize("name", [name for name in HOSTILE_NAMES if name and "\0" not in name], ids=ascii)
def test_hostile_config_names_are_problems_of_the_config(name):
    """A name ends up in a list and perhaps in a path, so it has the rules of all names."""
    import yaml

    report = configs.check(yaml.safe_dump({"name": name, "model": {"type": "dummy"}}))
    assert not report["valid"] and report["problems"][0]["field"] == "name"


def test_a_file_that_cannot_be_read_is_a_config_error(tmp_path):
    """Missing, or not UTF-8."""
    (tmp_path / "latin.yaml").write_bytes("name: ä\n".encode("latin-1"))
    with pytest.raises(ConfigError, match="is not UTF-8"):
        configs.load(tmp_path / "latin.yaml")
    with pytest.raises(ConfigError, match="No such file"):
        configs.load(tmp_path / "none.yaml")
