"""What the Predict screen is made of: a form for one customer, a file of many, and the same answer both ways."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from mlops import sample
from mlops.base.records import ref_of
from mlops.data.described import title
from playground.chain import ROOT, Chain, noun
from playground.ui.kit import acts, cards, lists, session, state
from playground.ui.kit.uploads import uploaded

_CHOICES = ("Sample", "Your file")


def one(chain: Chain) -> None:
    """Draw one row, prefilled with a real one, beside the button and the answer."""
    live = chain.production.model
    model, metadata = live["name"], lists.metadata(ref_of(live))
    identity, examples = metadata["signature"]["id"], [example["row"] for example in metadata["examples"]] or [{}]
    names = [str(example.get(identity) or f"Example {number}") for number, example in enumerate(examples, 1)]
    picked = st.pills(
        noun(chain).title(),
        names,
        default=names[0],
        required=True,
        key=f"predict.example.{model}",
        format_func=cards.plain,
    )
    number, said = names.index(str(picked)), lists.described(metadata["data_version"])
    row = {identity: names[number]} if identity else {}
    left, right = st.columns([3, 1], gap="large")
    with left, st.grid(3, min_column_width=140):
        for feature in metadata["signature"]["features"]:
            row[feature["name"]] = _field(feature, examples[number].get(feature["name"]), f"{model}.{number}", said)
    with right:
        if acts.button(
            "Predict", "predict", type="primary", icon=":material/bolt:", key="predict.ask", width="stretch"
        ):
            _ask(model, row)
        # An answer belongs to the model and the row it was given for; beside others it would be wrong.
        if (kept := session.ANSWER.get()) and kept[:2] == (model, row):
            _answer(*kept, metadata["signature"]["target"])


def _answer(name_of_model: str, row: dict[str, Any], kept: Mapping[str, Any], target: str) -> None:
    name, score = _score(kept)
    binary = name.endswith("_probability")
    with st.container(border=True):
        about = name if binary else target
        st.metric(cards.plain(about.replace("_", " ")), f"{score:.1%}" if binary else _short(kept["prediction"]))
        if binary:
            side = "at or above" if score >= kept["threshold"] else "below"
            st.markdown(
                f"{side.capitalize()} {kept['threshold']:g}: "
                f"**{cards.plain(target)} \\= {cards.plain(kept['prediction'])}**"
            )
        if "probabilities" in kept:
            _classes(kept["probabilities"])
        model = {"name": name_of_model, "version": kept["model_version"]}
        st.caption(f"{cards.plain(lists.told(model))} · {kept['prediction_id']}")
        for warning in kept["warnings"]:
            st.warning(cards.plain(warning), icon=":material/warning:")
        if isinstance(score, float) and acts.button(
            "Same in a file?", "ask", icon=":material/csv:", key="predict.same", type="tertiary"
        ):
            _same(name_of_model, row, kept, name)


def _classes(probabilities: Mapping[str, float]) -> None:
    """Draw the probability of every class, the likeliest first."""
    table = pd.DataFrame(sorted(probabilities.items(), key=lambda one: -one[1]), columns=["Class", "Probability"])
    st.dataframe(
        table, hide_index=True, alt="Probability of every class",
        column_config={"Probability": st.column_config.ProgressColumn(format="percent", min_value=0, max_value=1)},
    )  # fmt: skip


def batch(chain: Chain) -> None:
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


def _field(feature: Mapping[str, Any], value: Any, example: str, said: Mapping[str, Any]) -> Any:
    """Draw the field of one feature: what it is called, its unit, and what it means where somebody said so."""
    name, kind = feature["name"], feature["type"]
    label = cards.plain(title(said, name) if name in said else name.replace("_", " "))
    meaning = (said.get(name) or {}).get("meaning")
    about: dict[str, Any] = {"key": f"predict.{name}.{example}", "help": cards.plain(meaning) if meaning else None}
    if kind in ("integer", "number"):
        whole = kind == "integer"
        number = None if value is None else int(value) if whole else float(value)
        step, form = (1, None) if whole else (None, "%g")
        return st.number_input(label, value=number, step=step, placeholder="missing", format=form, **about)
    options: Sequence[Any] = [True, False] if kind == "boolean" else feature.get("levels") or []
    if not options:
        return st.text_input(label, value="" if value is None else str(value), **about) or None
    options = options if value is None or value in options else [*options, value]
    index = None if value is None else list(options).index(value)
    return st.selectbox(label, options, index=index, placeholder="missing", accept_new_options=kind == "text", **about)


def _ask(model: str, row: dict[str, Any]) -> None:
    session.ANSWER.set(None)
    with cards.errors():
        prediction = state.workspace().predict(f"{model}@production", row)
        session.ANSWER.set((model, row, prediction.as_dict()))
        st.rerun()


def _score(answered: Mapping[str, Any]) -> tuple[str, float]:
    """Return the name, as in a file of answers, and the value of the number that an answer is about."""
    if "probabilities" in answered:
        likeliest = max(answered["probabilities"], key=answered["probabilities"].get)
        return f"probability_{likeliest}", answered["probabilities"][likeliest]
    name = next((key for key in answered if key.endswith("_probability")), "prediction")
    return name, answered[name]


def _short(prediction: Any) -> str:
    if not isinstance(prediction, float):
        return str(prediction)
    return f"{prediction:,.0f}" if abs(prediction) >= 1000 else f"{prediction:.4g}"


def _same(model: str, row: dict[str, Any], kept: Mapping[str, Any], name: str) -> None:
    with cards.errors(), tempfile.TemporaryDirectory() as folder:
        one, out = Path(folder) / "one.csv", Path(folder) / "answer.csv"
        pd.DataFrame([row]).to_csv(one, index=False)
        state.workspace().batch_predict(f"{model}@production", data=one, output=out)
        in_file, alone = float(pd.read_csv(out)[name][0]), _score(kept)[1]
        st.markdown(f"One row `{alone!r}`  \nIn a file `{in_file!r}`")
        st.markdown(
            cards.state_text("pass", "equal to the last digit")
            if in_file == alone
            else cards.state_text("fail", "different")
        )


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
