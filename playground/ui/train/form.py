"""The config as a form: every control reads the text and edits it, so form and editor never differ."""

from __future__ import annotations

from typing import Any

import streamlit as st

from mlops.data.described import title
from mlops.experiments import configs
from mlops.experiments.pins import SEED
from mlops.experiments.yaml_edit import set_value, without
from mlops.models import estimators
from playground import trials
from playground.ui.kit import lists, session
from playground.ui.train import training


def form(config: configs.Config, dataset: Any) -> None:
    """Draw the keys that people change most; all others are in the text.

    Parameters
    ----------
    config : Config
        What the text says now.
    dataset : DatasetVersion
        The data that is trained on: it says which types and columns there are.
    """
    params = config.params
    left, right = st.columns(2, gap="medium")
    with left:
        _type(str(params["model.type"]), dataset.task or "binary")
        for key, value in params.items():
            if key.startswith("model.") and key != "model.type":
                _control(key, value, trials.MEANING.get(key.removeprefix("model."), ""))
    with right:
        _features(params["features.exclude"], dataset)
        _share("training.test_size", params["training.test_size"], "Share of the rows kept aside for the final exam.")
        _share("training.validation_size", params["training.validation_size"], "Share of the rest, to choose by.")
        _seed(params["training.random_state"])
        for key in (key for key in params if key.startswith("thresholds.") and dataset.task == "binary"):
            _share(_named(key, dataset), params[key], "From this probability on a row counts as positive.")


def unreadable() -> None:
    """Say that the text has no form while it is not valid, and offer to take back what the form did to it."""
    st.markdown(":gray[The config is not valid. Correct it as YAML first.]")
    before, after = session.FORMED.get()
    if after and after == training.draft():
        st.button("Take it back", icon=":material/undo:", key="form.undo", on_click=training.edit, args=(before,))


def _named(key: str, dataset: Any) -> str:
    """Return the key of the threshold; the default one is named after the target once it is set."""
    return f"thresholds.{dataset.target}" if key == "thresholds.positive" else key


def _type(type: str, task: Any) -> None:
    known = [one.name for one in estimators.ESTIMATORS if task in one.tasks]
    st.selectbox(
        "type", known, index=known.index(type) if type in known else None, key=_key("model.type"),
        help=trials.MEANING["type"], on_change=_take, args=("model.type",),
        format_func=lambda one: one.replace("_", " "),
    )  # fmt: skip


def _control(key: str, value: Any, meaning: str) -> None:
    """Draw one value: a number with its steps, or text as YAML spells it."""
    name, options = key.rpartition(".")[2], {"key": _key(key), "help": meaning, "on_change": _take, "args": (key,)}
    if isinstance(value, int):
        st.number_input(name, value=value, step=1, **options)
    elif isinstance(value, float):
        st.number_input(name, value=value, step=max(value / 10, 0.001), format="%g", **options)
    else:
        st.text_input(name, value="null" if value is None else str(value), **options)


def _share(key: str, value: float, meaning: str) -> None:
    name = key.replace("thresholds.", "threshold ").rpartition("training.")[2]
    st.slider(
        name, 0.01, 0.99, float(value), 0.01, format="%g", key=_key(key), help=meaning, on_change=_take, args=(key,)
    )


def _seed(value: Any) -> None:
    """Draw the seed, which a person may leave out: a number that is cleared would come back as it was."""
    st.checkbox(
        "Keep a seed", value is not None, key=_key("seeded"), on_change=_keep_seed,
        help="Without one, split and model are others every time, and the run cannot be repeated.",
    )  # fmt: skip
    if value is not None:
        _control(SEED, value, "Fixes the split and the model.")


def _keep_seed() -> None:
    usual = configs.load("model: {type: dummy}").seed  # of whoever says none
    _write(SEED, usual if session.held(_key("seeded")) else None)


def _features(excluded: Any, dataset: Any) -> None:
    columns = [column["name"] for column in dataset.schema if column["name"] not in (dataset.target, dataset.id)]
    said = lists.described(dataset.ref)
    left_out = [name for name in excluded or () if name in columns]
    st.multiselect(
        "columns left out", columns, default=left_out, key=_key("features.exclude"), on_change=_take,
        args=("features.exclude",), format_func=lambda name: title(said, name),
        help="What says when or who, or could not be known in time, is no feature.",
    )  # fmt: skip


def _key(key: str) -> str:
    # A new revision of the text makes new controls, which begin with what the text says.
    return f"form.{key}.{training.revision()}"


def _take(key: str) -> None:
    """Write what a person chose into the text."""
    value = session.held(_key(key))
    if isinstance(value, str) and key != "model.type":
        value = _read(value)
    _write(key, value)


def _write(key: str, value: Any) -> None:
    text = before = training.draft()
    if key == "model.type":
        known = estimators.find(value).parameters.model_fields
        for name in [one for one in configs.load(f"{text}\n").schema.model.model_fields_set if one not in known]:
            text = without(text, f"model.{name}")
    after = set_value(text, key, value)
    session.FORMED.set((before, after))
    training.edit(after)


def _read(text: str) -> Any:
    """Return what a person typed as YAML reads it; what YAML cannot read is text, and the check says what is wrong."""
    try:
        return configs.parse_override(f"value={text}")[1]
    except configs.InvalidError:
        return text
