"""Configs: what a training is to do, checked before anything starts.

A config is a small YAML file. An *overlay* beside it (``churn.staging.yaml`` for ``churn.yaml``) holds the
keys that differ in one environment; ``--set`` holds the keys that differ once. Merged and completed with
defaults they are the *effective config*, whose hash is part of every run. Which data to train on is a link
of its own in the chain, and what a release must show changes no model: the sections `data` and `gate` are not part of
that hash.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import Field, ValidationError, field_validator, model_validator

from mlops.base import strict_yaml
from mlops.base.environments import check_environment
from mlops.base.errors import ConfigError, InvalidError, shown
from mlops.base.records import check_name, check_path, check_text, plain, sha256_of
from mlops.experiments import problems
from mlops.models.estimators import ModelConfig, Parameters

SET = "--set"
"""Origin of a key that no file has."""


class DataSection(Parameters):
    """Which data to train on."""

    name: str | None = None
    version: int | Literal["latest"] = "latest"
    path: str | None = None
    target: str | None = None
    id: str | None = None
    time: str | None = None
    group: str | None = None


class FeaturesSection(Parameters):
    """Which columns the model may look at; target and id never are among them."""

    include: list[str] | None = None
    exclude: list[str] = Field(default=[])


class TrainingSection(Parameters):
    """How rows are split and where randomness comes from."""

    test_size: Annotated[float, Field(gt=0, lt=1)] = 0.2
    validation_size: Annotated[float, Field(gt=0, lt=1)] = 0.2
    split: Literal["random", "latest"] = "random"
    group: str | None = None
    random_state: Annotated[int, Field(ge=0, lt=2**32)] | None = 42

    @model_validator(mode="after")
    def _one_way(self) -> TrainingSection:
        if self.split == "latest" and self.group is not None:
            raise ValueError("split: latest and a group exclude each other: who stays has rows on both sides of time")
        return self


class GateSection(Parameters):
    """What a candidate must show before production, where it asks for more than the environment does."""

    margin: Annotated[float, Field(ge=0, le=1)] = 0.02
    require: Literal["not_worse", "better"] = "not_worse"


class Schema(Parameters):
    """A whole config."""

    name: str | None = None
    data: DataSection = DataSection()
    features: FeaturesSection = FeaturesSection()
    model: ModelConfig
    training: TrainingSection = TrainingSection()
    thresholds: dict[str, Annotated[float, Field(gt=0, lt=1)]] = Field(default={})
    gate: GateSection = GateSection()

    @field_validator("name")
    @classmethod
    def _usable_name(cls, name: str | None) -> str | None:
        return name if name is None else check_name(name, "config")

    @field_validator("thresholds")
    @classmethod
    def _one_threshold(cls, thresholds: dict[str, float]) -> dict[str, float]:
        if len(thresholds) > 1:
            raise ValueError("thresholds has more than one entry; it takes exactly one, for the positive class")
        return thresholds


@dataclass(frozen=True)
class Config:
    """A valid, effective config and where each of its values comes from."""

    schema: Schema
    origins: Mapping[str, str]
    """For each dotted key: the file name, ``--set`` or ``default``."""
    file: Path | None = None
    """Where it was read; None for a config given as text."""

    @property
    def base(self) -> Path | None:
        """Folder that relative paths start from; None for a config given as text."""
        return self.file.parent if self.file else None

    @property
    def by_hand(self) -> list[str]:
        """The keys that no file has: they were set for this once."""
        return [key for key, origin in self.origins.items() if origin == SET]

    @property
    def params(self) -> dict[str, Any]:
        """The effective values by dotted key that make a model, as runs record them: without `data` and `gate`."""
        return without_gate(self.values)

    @property
    def values(self) -> dict[str, Any]:
        """All effective values by dotted key, without the data section."""
        return flatten(self.as_dict())

    @property
    def sha256(self) -> str:
        """Hash of the effective config; see `sha256_of_params`."""
        return sha256_of_params(self.params)

    @property
    def threshold(self) -> float:
        """Probability from which a row counts as positive."""
        return next(iter(self.schema.thresholds.values()), 0.5)

    @property
    def seed(self) -> int | None:
        """Seed of split and training; None means unseeded."""
        return self.schema.training.random_state

    def as_dict(self) -> dict[str, Any]:
        """Return the effective config as nested plain values."""
        values = self.schema.model_dump(exclude={"data", "name"})
        values["thresholds"] = values["thresholds"] or {"positive": 0.5}
        return values

    def yaml(self) -> str:
        """Return the effective config as YAML; of `gate` only what was said, for the environment decides the rest."""
        values = self.as_dict()
        values["gate"] = self.schema.gate.model_dump(exclude_unset=True)
        return yaml.dump(values, Dumper=_Dumper, sort_keys=False, allow_unicode=True)


class _Dumper(yaml.SafeDumper):
    """Writes text so that it is read as it was: PyYAML leaves some line ends of Unicode as they are, and loses them."""


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    escaped = '"' if set(text) & set("\x85\u2028\u2029") else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=escaped)


_Dumper.add_representer(str, _text)


def load(source: str | Path, environment: str | None = None, overrides: Mapping[str, Any] | None = None) -> Config:
    """Read, merge and check a config.

    Parameters
    ----------
    source : str or Path
        A file, or the YAML text itself: a str with a line break, or with a colon and a space.
    environment : str, optional
        Also merge the overlay of this environment, if the file has one beside it.
    overrides : mapping, optional
        Dotted keys and values that win over both, as ``--set`` gives them.

    Raises
    ------
    ConfigError
        With every problem in `details`: ``{line, field, message, suggestion}``.

    Examples
    --------
    >>> config = load("model: {type: gradient_boosting, max_depth: 5}", overrides={"model.max_depth": 4})
    >>> config.params["model.max_depth"], config.origins["model.max_depth"], config.params["training.test_size"]
    (4, '--set', 0.2)
    """
    return next(variants(source, [overrides or {}], environment))


def variants(
    source: str | Path, changes: Iterable[Mapping[str, Any]], environment: str | None = None
) -> Iterator[Config]:
    """Read a config once and yield it with each of several overrides, as `load` does with one.

    Examples
    --------
    >>> [config.threshold for config in variants("model: {type: dummy}", [{}, {"thresholds.yes": 0.3}])]
    [0.5, 0.3]
    """
    path, text = _source(source)
    texts = {path.name if path else "Config": text}
    if environment is not None:
        overlay = overlay_of(path, check_environment(environment))
        if overlay is not None:
            texts[overlay.name] = strict_yaml.read(overlay)
    layers = [(name, _parse(layer, name)) for name, layer in texts.items()]
    for overrides in changes:
        yield _checked([*layers, (SET, _nested(overrides))], path)


def merged(texts: Mapping[str, str]) -> Config:
    """Return the config that texts give, each laid over the ones before it, without asking any file.

    Parameters
    ----------
    texts : mapping of str to str
        YAML by the name that origins and errors give it.

    Examples
    --------
    >>> merged({"churn.yaml": "model: {type: dummy}", "churn.staging.yaml": "training: {test_size: 0.3}"}).by_hand
    []
    """
    return _checked([*((name, _parse(text, name)) for name, text in texts.items()), (SET, ({}, {}))], None)


def _checked(layers: list[tuple[str, _Parsed]], path: Path | None) -> Config:
    merged, origins = _merge(layers)
    try:
        schema = Schema.model_validate(merged)
    except ValidationError as error:
        lines: dict[str, int | None] = {key: line for _, (_, places) in layers for key, line in places.items()}
        lines |= dict.fromkeys(flatten(layers[-1][1][0]))  # a key of --set stands on no line
        found = problems.of_schema(error, Schema, lines)
        origin, files = origins.get(str(found[0]["field"])), [layer for layer, _ in layers[:-1]]
        raise strict_yaml.invalid(found, origin if origin in files else files[0]) from error
    effective = flatten(schema.model_dump())
    known = {key: origins.get(key, "default") for key in effective}
    return Config(schema, known, path)


def check(source: str | Path) -> dict[str, Any]:
    """Return ``{valid, problems}`` for a config instead of raising; a file that is not there has no verdict."""
    try:
        load(source)
    except ConfigError as error:
        if not error.details:
            raise
        return {"valid": False, "problems": [dict(detail) for detail in error.details]}
    return {"valid": True, "problems": []}


def diff(before: Config, after: Config) -> list[dict[str, Any]]:
    """Return ``[{key, before, after}]`` for every effective key that differs; absent is None.

    Examples
    --------
    >>> diff(load("model: {type: dummy}"), load("model: {type: dummy}\\ntraining: {test_size: 0.3}"))
    [{'key': 'training.test_size', 'before': 0.2, 'after': 0.3}]
    """
    trained_on = [flatten({"data": config.schema.data.model_dump()}) for config in (before, after)]
    return _diff(trained_on[0] | before.values, trained_on[1] | after.values)


def without_gate(params: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parameters that make a model: runs of format 1 also recorded what their release had to show.

    Examples
    --------
    >>> without_gate({"model.type": "dummy", "gate.margin": 0.02})
    {'model.type': 'dummy'}
    """
    return {key: value for key, value in params.items() if not key.startswith("gate.")}


def labelled_as(params: Mapping[str, Any], like: Mapping[str, Any]) -> dict[str, Any]:
    """Return parameters with their threshold under the label that others have: there is one, whatever it is called.

    Examples
    --------
    >>> labelled_as({"model.type": "dummy", "thresholds.positive": 0.5}, like={"thresholds.churn": 0.4})
    {'model.type': 'dummy', 'thresholds.churn': 0.5}
    """
    label = next(filter(is_threshold, like), None)
    return {label if label and is_threshold(key) else key: value for key, value in params.items()}


def is_threshold(key: str) -> bool:
    """Tell whether a dotted key is the threshold, by whatever label."""
    return key.startswith("thresholds.")


def sha256_of_params(params: Mapping[str, Any]) -> str:
    """Return the hash of the effective config of a run, by which runs of every format are compared.

    Examples
    --------
    >>> new, old = {"model.type": "dummy"}, {"model.type": "dummy", "gate.margin": 0.02}
    >>> sha256_of_params(new) == sha256_of_params(old)
    True
    """
    return sha256_of(without_gate(params))


def diff_params(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return ``[{key, before, after}]`` for every key of two configs whose value differs; absent is None.

    Examples
    --------
    >>> diff_params({"model.type": "dummy", "gate.margin": 0.02}, {"model.type": "ridge"})
    [{'key': 'model.type', 'before': 'dummy', 'after': 'ridge'}]
    """
    return _diff(without_gate(before), without_gate(after))


def _diff(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[dict[str, Any]]:
    one, other = plain(before), plain(after)  # a record keeps a list as a tuple
    return [
        {"key": key, "before": one.get(key), "after": other.get(key)}
        for key in dict.fromkeys([*one, *other])
        if one.get(key) != other.get(key)
    ]


def overlay_of(path: Path | None, environment: str) -> Path | None:
    """Return the overlay of an environment that lies beside a config file, if there is one."""
    if path is None:
        return None
    overlay = path.with_name(f"{path.stem}.{environment}{path.suffix}")
    return overlay if overlay.is_file() else None


def parse_override(text: str) -> tuple[str, Any]:
    """Read ``key=value`` as ``--set`` takes it; the value is a YAML scalar.

    Examples
    --------
    >>> parse_override("model.max_depth=4")
    ('model.max_depth', 4)
    """
    key, equals, value = text.partition("=")
    if not equals or not key.strip():
        raise InvalidError(f"{shown(text)} does not set anything.", "Write key=value, such as model.max_depth=4.")
    _nested({key: None})
    try:
        parsed, _ = strict_yaml.parse(f"value: {value}")
    except ConfigError as error:
        problem = error.details[0]
        raise InvalidError(f"{shown(text)} cannot be set: {problem['message']}.", error.next_step) from error
    if set(parsed) != {"value"}:
        raise InvalidError(f"{shown(text)} sets more than one key.", "Write key=value, such as model.max_depth=4.")
    return key.strip(), parsed["value"]


def flatten(values: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Return nested values by dotted key; lists stay whole.

    Examples
    --------
    >>> flatten({"model": {"type": "dummy"}, "seeds": [1, 2]})
    {'model.type': 'dummy', 'seeds': [1, 2]}
    """
    flat: dict[str, Any] = {}
    for key, value in values.items():
        if isinstance(value, Mapping):
            flat |= flatten(value, f"{prefix}{key}.")
        else:
            flat[f"{prefix}{key}"] = value
    return flat


# Where a config comes from

_Parsed = tuple[dict[str, Any], dict[str, int]]


def _source(source: str | Path) -> tuple[Path | None, str]:
    if isinstance(source, str) and ("\n" in source or ": " in source):
        return None, source
    path = check_path(source)
    return path, strict_yaml.read(path)


def _parse(text: str, where: str) -> _Parsed:
    """Return the mapping in a YAML text, and the line of each of its dotted keys."""
    values, lines = strict_yaml.parse(text, where)
    if not isinstance(values, dict):
        example = "model: {type: gradient_boosting}"
        raise strict_yaml.invalid(
            [strict_yaml.found(1, None, "A config is a mapping of keys to values", example)], where
        )
    return values, lines


def _nested(overrides: Mapping[str, Any]) -> _Parsed:
    values: dict[str, Any] = {}
    for dotted, value in overrides.items():
        for text in _texts([dotted, value]):
            check_text(text, "override", strict_yaml.MAX_BYTES)
        *parents, last = dotted.split(".")
        if len(parents) >= strict_yaml.MAX_DEPTH:
            raise InvalidError(f"{shown(dotted)} is nested deeper than any config needs.", "Check the key.")
        inner = values
        for parent in parents:
            inner = inner.setdefault(parent, {})
            if not isinstance(inner, dict):
                raise InvalidError(
                    f"{shown(dotted)} is set below {shown(parent)}, which is set to a value.", "Set one of them."
                )
        inner[last] = value
    return values, {}


def _texts(value: Any, depth: int = strict_yaml.MAX_DEPTH) -> Iterator[str]:
    """Yield every text in a value, as deep as configs are; what is deeper is refused as it is."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping) and depth:
        yield from _texts([*value.items()], depth - 1)
    elif isinstance(value, list | tuple) and depth:
        for item in value:
            yield from _texts(item, depth - 1)


def _merge(layers: list[tuple[str, _Parsed]]) -> tuple[dict[str, Any], dict[str, str]]:
    """Lay each layer over the ones before it; a new `model.type` starts its parameters afresh."""
    merged: dict[str, Any] = {}
    origins: dict[str, str] = {}
    for origin, (values, _) in layers:
        merged = _over(merged, values)
        origins |= dict.fromkeys(flatten(values), origin)
    # What a new type has swept away comes from nowhere, even where the new type has a key of that name.
    return merged, {key: origins[key] for key in flatten(merged)}


def _over(below: Any, above: Any) -> Any:
    """Return a value with another laid over it; of two mappings of different `type` only the upper one is left."""
    if not isinstance(below, dict) or not isinstance(above, dict):
        return above
    if above.get("type", below.get("type")) != below.get("type"):
        return above
    return below | {key: _over(below.get(key), value) for key, value in above.items()}
