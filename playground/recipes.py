"""The recipe that the editor starts with: the sample's own for the sample, the plainest one for other data."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from mlops import sample

SAMPLE_CONFIG = Path(__file__).resolve().parents[1] / "configs" / "churn.yaml"

_PLAIN = """\
# The recipe of one training: change a value here, not in the code.

name: {name}

data:
  name: {name}

model:
  type: gradient_boosting    # small trees, each correcting the ones before it
  n_estimators: 100          # how many trees
  max_depth: 3               # how many questions in a row one tree may ask

training:
  test_size: 0.2             # rows kept aside for the final exam
  random_state: 42           # fixes the split and the model: same recipe, same cake
"""

_THRESHOLD = """
thresholds:
  {target}: 0.5{space}# from this probability on a row counts as {positive}
"""


def text(dataset: Any) -> str:
    """Return the recipe to start with for a dataset version.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> made = text(SimpleNamespace(name="telco", task="binary", target="Churn", positive="Yes"))
    >>> made.splitlines()[-1]
    '  "Churn": 0.5               # from this probability on a row counts as "Yes"'
    """
    if dataset.name == sample.NAME:
        return SAMPLE_CONFIG.read_text("utf-8")
    recipe = _PLAIN.format(name=dataset.name)
    if dataset.task != "binary":
        return recipe
    # JSON is YAML: a quoted name stays one name, whatever characters it has.
    target = json.dumps(dataset.target, ensure_ascii=False)
    positive = json.dumps(dataset.positive, ensure_ascii=False)
    return recipe + _THRESHOLD.format(target=target, positive=positive, space=" " * max(2, 22 - len(target)))
