"""What the Predict screen is made of: a form for one customer, a file of many, and the same answer both ways."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import streamlit as st

from mlops import sample
from playground.chain import ROOT, Chain
from playground.ui.kit import acts, cards, session, state
from playground.ui.kit.uploads import uploaded

_CHOICES = ("Sample", "Your file")


def draw(chain: Chain) -> None:
    """Draw the file: choose, predict, take the answers and the rejected rows."""
    source, model = "Your file", chain.production.model["name"]
    if chain.learned_from == sample.NAME:
        source = st.segmented_control(
            "Source", _CHOICES, default="Sample", required=True, key="predict.source", label_visibility="collapsed"
        )
    file = _sample() if source == "Sample" else st.file_uploader("CSV or parquet", key="predict.upload")
    if acts.button(
        "Predict the file",
        "predict",
        type="primary",
        icon=":material/bolt:",
        key="predict.batch",
        disabled=file is None,
    ):
        with cards.errors(), uploaded(file) as path:
            session.FILE.set(_scored(model, path) | {"of": (model, file.name)})
    if file is not None and (result := session.FILE.get()) and result["of"] == (model, file.name):
        _batch_result(result)


def _scored(model: str, path: Path) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "predictions.csv"
        place = st.empty()
        report = state.workspace().batch_predict(
            f"{model}@production", data=path, output=out, on_progress=lambda rows: place.caption(f"{rows:,} rows")
        )
        place.empty()
        rejected = Path(f"{out}.rejected.csv")
        return {
            "report": report,
            "answers": out.read_bytes(),
            "rejected": rejected.read_bytes() if rejected.exists() else b"",
        }


def _batch_result(result: Mapping[str, Any]) -> None:
    report = result["report"]
    with st.grid(3, min_column_width=130):
        st.metric("Rows in", f"{report.input_rows:,}", border=True)
        st.metric("Answered", f"{report.rows:,}", border=True)
        st.metric("Rejected", f"{report.rejected:,}", border=True)
    with st.container(horizontal=True):
        cards.download_bytes(result["answers"], "predictions.csv", label="Answers")
        if report.rejected:
            cards.download_bytes(result["rejected"], "predictions.csv.rejected.csv", label="Rejected rows")


def _sample() -> Path:
    names = [path.name for path in sorted((ROOT / "sample_data").glob("customers_*-*.csv"))]
    return ROOT / "sample_data" / st.selectbox("Sample file", names, key="predict.sample")
