"""Figures of how well runs do: every line is seen in both themes."""

from __future__ import annotations

import pandas as pd

from playground.charts import scores


def test_no_line_of_a_training_is_faint():
    """Half transparent, blue on dark has a contrast of two; the thin line is told apart by its width."""
    points = {"run": "r1", "metric": "log_loss", "iteration": [1, 2], "train": [0.5, 0.4], "validation": [0.6, 0.5]}
    lines = [one for one in scores.training(pd.DataFrame(points)).data if one.mode == "lines"]

    assert [one.opacity for one in lines] == [None, None]
    assert lines[0].line.width > 2 * lines[1].line.width
