"""Config: what a training is to do, and what of it is used. Values are changed in configs/, not in the code."""

from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[1]
"""The folder of this project: all paths in configs/project.yaml begin there."""

KNOWN = {
    "features": {"include", "exclude"},
    "training": {"test_size", "validation_size", "split", "group", "random_state"},
}
"""Sections with their keys. What `model` takes is said by its type, and `thresholds` has one entry of any name."""


def load_project():
    """Return the paths in configs/project.yaml: the data, config, model and experiment that are used."""
    paths = yaml.safe_load((ROOT / "configs" / "project.yaml").read_text(encoding="utf-8"))
    return {name: ROOT / path for name, path in paths.items()}


def load_config(path, environment=None):
    """Return a config; what differs in an environment is laid over it, such as config.staging.yaml."""
    path = Path(path)
    config = yaml.safe_load(path.read_text(encoding="utf-8"))
    if environment is not None:
        overlay = path.with_name(f"{path.stem}.{environment}{path.suffix}")
        for section, values in yaml.safe_load(overlay.read_text(encoding="utf-8")).items():
            whole = section == "thresholds" or values.get("type") not in (None, config[section].get("type"))
            config[section] = values if whole else config[section] | values
    return check_config(config)


def check_config(config):
    """Return a config, if all its keys mean something: a misspelt one would be ignored, and nobody would notice."""
    config.pop("gate", None)  # what a release had to show; nothing that a training reads
    unknown = set(config) - {*KNOWN, "model", "thresholds"}
    unknown |= {f"{section}.{key}" for section, keys in KNOWN.items() for key in set(config[section]) - keys}
    if unknown:
        raise ValueError(f"The config has unknown keys: {', '.join(sorted(unknown))}.")
    return config


def threshold_of(config):
    """Return the probability from which a row counts as positive."""
    return next(iter(config["thresholds"].values()), 0.5)
