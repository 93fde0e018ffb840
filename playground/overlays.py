"""Overlays: what one config becomes in each environment, and where each value comes from."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from mlops.base.environments import ENVIRONMENTS
from mlops.experiments import configs
from playground.first_config import SAMPLE_CONFIG


def shipped() -> dict[str, str]:
    """Return the overlays of the sample's config, by environment."""
    found = {name: configs.overlay_of(SAMPLE_CONFIG, name) for name in ENVIRONMENTS}
    return {name: path.read_text(encoding="utf-8") for name, path in found.items() if path}


def effective(text: str, overlays: Mapping[str, str]) -> pd.DataFrame:
    """Return the effective config of every environment with the origin of each value.

    Parameters
    ----------
    text : str
        A config.
    overlays : mapping of str to str
        The YAML that differs, by environment; empty text is no overlay.

    Returns
    -------
    DataFrame
        A row for each key; for each environment its value and its origin: the config, the overlay or the default.

    Raises
    ------
    ConfigError
        If the config or an overlay is wrong; it names the file and the line.

    Examples
    --------
    >>> table = effective("model: {type: dummy}\\n", {"staging": "training: {random_state: 7}\\n"}).set_index("key")
    >>> table.loc["training.random_state", ["production", "staging", "origin in staging"]].tolist()
    ['42', '7', 'config.staging.yaml']
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "config.yaml"
        path.write_text(text, encoding="utf-8")
        for environment, overlay in overlays.items():
            if overlay.strip():
                path.with_name(f"config.{environment}.yaml").write_text(overlay, encoding="utf-8")
        found = {environment: configs.load(path, environment) for environment in ENVIRONMENTS}
    keys = list(dict.fromkeys(key for config in found.values() for key in config.values))
    columns: dict[str, list[Any]] = {"key": keys}
    for environment, config in found.items():
        columns[environment] = [_spelled(config.values.get(key)) for key in keys]
        columns[f"origin in {environment}"] = [config.origins.get(key, "default") for key in keys]
    return pd.DataFrame(columns)


def differing(table: pd.DataFrame) -> pd.DataFrame:
    """Return the keys whose value is not the same in every environment."""
    return table[table[list(ENVIRONMENTS)].nunique(axis=1) > 1]


def side_by_side(table: pd.DataFrame) -> pd.DataFrame:
    """Return a column for each environment: the value, and whether it is the config's, its overlay's or the default.

    Examples
    --------
    >>> side_by_side(effective("model: {type: dummy}\\n", {"staging": "training: {random_state: 7}\\n"})).loc[
    ...     lambda table: table["key"] == "training.random_state"
    ... ].to_numpy().tolist()
    [['training.random_state', '42 · default', '7 · overlay', '42 · default']]
    """
    said = {name: table[f"origin in {name}"].map(_ORIGINS).fillna("overlay") for name in ENVIRONMENTS}
    return pd.DataFrame({"key": table["key"], **{name: table[name] + " · " + said[name] for name in ENVIRONMENTS}})


_ORIGINS = {"config.yaml": "config", "default": "default"}


def _spelled(value: Any) -> str:
    return "null" if value is None else str(value)
