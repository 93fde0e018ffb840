"""The config that the editor starts with: the sample's own for the sample, the plainest one for other data."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mlops import sample
from mlops.data.quality.evidence import YAML_WORDS

SAMPLE_CONFIG = Path(__file__).resolve().parents[1] / "configs" / "churn.yaml"

_PLAIN = """\
# The config of one training: change a value here, not in the code.

name: {name}

data:
  name: {name}

{features}model:
  type: gradient_boosting    # small trees, each correcting the ones before it
  n_estimators: 100          # how many trees
  max_depth: 3               # how many questions in a row one tree may ask

training:
  test_size: 0.2             # rows kept aside for the final exam
{split}  random_state: 42           # fixes the split and the model: same config, same model
"""

_LEFT_OUT = ("leak", "id_as_feature", "constant", "all_missing")
"""Codes of the notes whose columns the config leaves out."""

_FEATURES = """\
features:
  exclude: {columns}    # {why}

"""

_THRESHOLD = """
thresholds:
  {target}: 0.5{space}# from this probability on a row counts as {positive}
"""


def is_sample(dataset: Any) -> bool:
    """Tell whether a dataset version is one of the sample, and not a learner's own data of that name.

    The config of the sample leaves out ``month``; where there is none it would be refused.
    """
    return dataset.name == sample.NAME and any(column["name"] == "month" for column in dataset.schema)


def text(dataset: Any) -> str:
    """Return the config to start with for a dataset version.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> roles = {"task": "binary", "target": "Churn", "positive": "Yes", "time": None, "group": None}
    >>> made = text(SimpleNamespace(name="telco", warnings=(), **roles))
    >>> made.splitlines()[-1]
    '  "Churn": 0.5               # from this probability on a row counts as "Yes"'
    """
    if is_sample(dataset):
        return SAMPLE_CONFIG.read_text("utf-8")
    config = _PLAIN.format(name=dataset.name, features=_features(dataset), split=_split(dataset))
    if dataset.task != "binary":
        return config
    # JSON is YAML: a quoted name stays one name, whatever characters it has.
    target = json.dumps(dataset.target, ensure_ascii=False)
    positive = json.dumps(dataset.positive, ensure_ascii=False)
    return config + _THRESHOLD.format(target=target, positive=positive, space=" " * max(2, 22 - len(target)))


def _features(dataset: Any) -> str:
    """Return the section that leaves out what the notes of the data warn about."""
    noted = {one["column"]: one["code"] for one in dataset.warnings if one["code"] in _LEFT_OUT}
    if not noted:
        return ""
    columns = json.dumps(list(noted), ensure_ascii=False).replace('"', "") if _plain(noted) else _json(noted)
    why = ", ".join(dict.fromkeys(code.replace("_", " ") for code in noted.values()))
    return _FEATURES.format(columns=columns, why=why)


def _split(dataset: Any) -> str:
    if dataset.time is not None:
        return "  split: latest              # the latest rows are the exam, as in life\n"
    noted = (one["column"] for one in dataset.warnings if one["code"] == "same_entity")
    group = dataset.group if dataset.group is not None else next(noted, None)
    return (
        f"  group: {json.dumps(group, ensure_ascii=False)}    # all its rows on one side\n" if group is not None else ""
    )


def _plain(names: Mapping[str, str]) -> bool:
    return all(re.fullmatch(r"[A-Za-z]\w*", name) and name.lower() not in YAML_WORDS for name in names)


def _json(names: Mapping[str, str]) -> str:
    return json.dumps(list(names), ensure_ascii=False)
