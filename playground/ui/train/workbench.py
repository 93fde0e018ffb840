"""The config on the bench: as text, as a form, as each environment sees it, and as earlier runs had it."""

from __future__ import annotations

import streamlit as st

from mlops import MlopsError
from mlops.experiments import configs
from playground import first_config
from playground.ui.kit import lists, state
from playground.ui.train import environments, form, history, live, training

WAYS = ("YAML", "Form", "Environments", "History")


def one_run(data: str) -> None:
    """Draw a config beside the run that it will make."""
    left, right = st.columns([3, 2], gap="medium")
    with left:
        text = draw(data)
    with right:
        button = st.container()  # it keeps its place, whatever is to be said about the config
        config, last = training.checked(text, data), state.chain().run
        with button:
            training.train(data, ready=config is not None)
        if config:
            training.named(config, data)
        if config and last:
            training.changes(config, data, last)
        live.panel()


def draw(data: str) -> str:
    """Draw one way to look at the config and return its text.

    Parameters
    ----------
    data : str
        The dataset version that is trained on.
    """
    way = st.segmented_control(
        "Show the config as", WAYS, default=WAYS[0], required=True, key="workbench.way", label_visibility="collapsed",
        persist_state="session",
    )  # fmt: skip
    if way == "YAML":
        return training.editor(data)
    text, dataset = training.text(data), lists.dataset(data)
    config = _config(text)
    if way == "History":
        history.history(config)
    elif config is None:
        form.unreadable()
    elif way == "Form":
        form.form(config, dataset)
    else:
        environments.environments(text, shipped=first_config.is_sample(dataset))
    return text


def _config(text: str) -> configs.Config | None:
    try:
        return configs.load(text)
    except MlopsError:
        return None
