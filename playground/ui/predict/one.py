"""One row on the Predict screen: what if, what is asked for real, and the same answer both ways."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from mlops import MlopsError, Workspace
from mlops.base.records import ref_of
from playground import dots, lanes, one_row, words
from playground.chain import Chain, noun
from playground.one_row import OneRow, Side
from playground.ui.kit import acts, cards, lists, session, state, stops
from playground.ui.predict import one_row as form

EXAMPLE = "predict.example."
"""Beginning of the key of the choice with which row to begin; behind it comes the name of the model."""


@st.fragment
def draw(chain: Chain) -> None:
    """Draw one row, prefilled with a real one, and how the answer to it moves."""
    state.renew()
    live = chain.production.model
    metadata = lists.metadata(ref_of(live))
    signature, key = metadata["signature"], f"{EXAMPLE}{live['name']}"
    examples = one_row.examples(metadata)
    if session.held(key) not in examples:
        session.hold(key, next(iter(examples)))
    with st.container(horizontal=True, vertical_alignment="bottom", horizontal_alignment="distribute"):
        picked = st.pills(
            noun(chain).title(), [*examples], required=True, key=key, format_func=cards.plain, persist_state="session"
        )
        asked = acts.button("Predict", "predict", type="primary", icon=":material/bolt:", key="predict.ask")
    example, kept = examples[str(picked)], _kept(live["name"], str(picked), examples)
    row = _sent(signature, str(picked), kept)
    if asked:
        _ask(live["name"], row)
    answer = session.ANSWER.get()
    # An answer belongs to the model and the row it was given for; beside others, or in the past, it would be wrong.
    if state.event() is None and answer[:3] == (state.workspace().id, live["name"], row):
        _logged(live["name"], row, answer[3], signature)
    found = _found(chain, metadata, kept)
    form.draw(found, example, f"{ref_of(live)}.{picked}", kept["sent"], partial(_tell, kept))


def on_form(model: str, metadata: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """Return who is on the form of a model, and the row as a caller sends it."""
    examples = one_row.examples(metadata)
    picked = str(session.held(f"{EXAMPLE}{model}"))
    picked = picked if picked in examples else next(iter(examples))
    return picked, _sent(metadata["signature"], picked, _kept(model, picked, examples))


def _kept(model: str, picked: str, examples: Mapping[str, dict[str, Any]]) -> Mapping[str, Any]:
    """Return what is kept of the form about an example; another one begins anew."""
    of, example, kept = (state.workspace().id, model, picked), examples[picked], session.ROW.get()
    if kept.get("of") != of or {*kept["row"]} != {*example}:
        return {"of": of, "row": example, "before": None, "sent": 0}
    return kept


def _sent(signature: Mapping[str, Any], picked: str, kept: Mapping[str, Any]) -> dict[str, Any]:
    return {signature["id"]: picked, **kept["row"]} if signature["id"] else dict(kept["row"])


def _tell(kept: Mapping[str, Any], row: Mapping[str, Any], sent: int) -> None:
    """Keep a row that a person made; the ghost is the one that stood before this field began to move."""
    changed = _between(row, kept["row"])
    further = kept["before"] is not None and changed == _between(kept["row"], kept["before"])
    session.ROW.set({**kept, "row": row, "before": kept["before"] if further else kept["row"], "sent": sent})


def _between(row: Mapping[str, Any], before: Mapping[str, Any]) -> set[str]:
    return {name for name in row if row[name] != before[name]}


def _found(chain: Chain, metadata: Mapping[str, Any], kept: Mapping[str, Any]) -> OneRow:
    """Return the row with what is live, and yours where that is another model for the same question."""
    live, signature = chain.production.model, metadata["signature"]
    said = lists.described(metadata["data_version"])
    of = state.read(_fields, ref_of(live), metadata["data_version"])
    yours = state.read(_yours, live["name"])
    word = ("live", "yours") if yours else ("",)
    who = [(ref_of(live), lists.told(live)), *([yours] if yours else [])]
    row, before = ((*one.items(),) if one else None for one in (kept["row"], kept["before"]))
    sides = tuple(
        state.keep(_side, says, name, ref, row, before, of) for says, (ref, name) in zip(word, who, strict=True)
    )
    target = signature["target"]
    return OneRow(
        of, kept["row"], sides, signature["task"], one_row.about(signature, said), one_row.decisions(signature),
        state.keep(_scale, ref_of(live), metadata["data_version"]), str((said.get(target) or {}).get("unit") or ""),
    )  # fmt: skip


def _fields(ws: Workspace, ref: str, data: str) -> tuple[one_row.Field, ...]:
    signature = ws.models.metadata(ref)["signature"]
    return one_row.fields(signature, ws.datasets.profile(data), lists.described(data))


def _scale(ws: Workspace, ref: str, data: str) -> tuple[float, float]:
    """Return from where to where the gauge goes: probabilities, or what the target was in the data."""
    signature = ws.models.metadata(ref)["signature"]
    if signature["task"] != "regression":
        return 0.0, 1.0
    column = next(one for one in ws.datasets.profile(data).columns if one.name == signature["target"])
    return (column.distribution["min"], column.distribution["max"]) if column.distribution else (0.0, 1.0)


def _yours(ws: Workspace, name: str) -> tuple[str, str] | None:
    """Return the newest work, where it is another model than what is live and answers the same question."""
    found = lanes.read(ws, name)
    if not (found.live and found.yours) or found.yours.run.model_sha256 is None:
        return None
    if _answers_by(found.live.run) == _answers_by(found.yours.run):
        return None
    ours, theirs = (ws.runs.document(lane.run.run_id)["signature"] for lane in (found.live, found.yours))
    if any(ours[part] != theirs[part] for part in ("target", "task", "labels", "positive")):
        return None
    model, run_id = found.yours.model, found.yours.run.run_id
    return (model.ref, f"v{model.version}") if model else (run_id, f"run {words.short(run_id)}")


def _answers_by(run: Any) -> tuple[Any, ...]:
    """Return what makes the answers: the same model with another threshold decides otherwise."""
    return run.model_sha256, run.threshold


def _side(
    ws: Workspace, word: str, name: str, who: str, row: tuple[Any, ...], before: tuple[Any, ...] | None, of: Any
) -> Side:
    """Return what a model answers to a row, to the one before it, and to all that its fields could be."""
    signature = ws.models.metadata(who)["signature"] if "@" in who else ws.runs.document(who)["signature"]
    others, changed = one_row.asked(of, dict(row)), _between(dict(row), dict(before)) if before else set()
    ghost = [(name, dict(before)[name]) for name in changed] if before and len(changed) == 1 else []
    try:
        now, *told = ws.predictions.suppose(who, dict(row), [*others, *ghost])
    except MlopsError as problem:
        if before is not None:  # maybe it is the row before that has no answer, and so no ghost
            return _side(ws, word, name, who, row, None, of)
        return Side(word, name, None, refused=problem.message)
    if len(changed) > 1 and before:
        told += ws.predictions.suppose(who, dict(before))
    answer, *answers = one_row.answers([now, *told], signature)
    by_field: dict[str, tuple[one_row.Answer, ...]] = {}
    for (field, _), one in zip(others, answers, strict=False):
        by_field[field] = (*by_field.get(field, ()), one)
    was = answers[-1] if changed else None
    return Side(word, name, now["threshold"], answer, was, by_field, tuple(now["warnings"]))


def _ask(model: str, row: dict[str, Any]) -> None:
    session.ANSWER.set(())
    with cards.errors():
        prediction = state.workspace().predict(f"{model}@production", row)
        session.ANSWER.set((state.workspace().id, model, row, prediction.as_dict()))
        st.rerun()


def _logged(model: str, row: dict[str, Any], kept: Mapping[str, Any], signature: Mapping[str, Any]) -> None:
    """Draw what was answered for real, and where it stands now."""
    name, score = number_of(kept)
    version = lists.told({"name": model, "version": kept["model_version"]})
    said = " ".join(filter(None, (dots.decided(kept["prediction"], signature), dots.score(kept, signature))))
    about = f"**{cards.plain(said)}** by {cards.plain(version)} :small[:gray[{cards.plain(kept['prediction_id'])}]]"
    with st.container(border=True, key="predict-answer", gap="xsmall"):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f":green[:material/check_circle:] Answered and logged: {about}", width="content")
            same = (
                isinstance(score, float)
                and not stops.covered("doors")
                and acts.button("Same in a file?", "ask", icon=":material/csv:", key="predict.same", type="tertiary")
            )
        for warning in kept["warnings"]:
            st.warning(cards.plain(warning), icon=":material/warning:")
        if same:
            _same(model, row, score, name)


def number_of(answered: Mapping[str, Any]) -> tuple[str, float]:
    """Return the name, as in a file of answers, and the value of the number that an answer is about."""
    if "probabilities" in answered:
        likeliest = max(answered["probabilities"], key=answered["probabilities"].get)
        return f"probability_{likeliest}", answered["probabilities"][likeliest]
    name = next((key for key in answered if key.endswith("_probability")), "prediction")
    return name, answered[name]


def _same(model: str, row: dict[str, Any], alone: float, name: str) -> None:
    with cards.errors(), tempfile.TemporaryDirectory() as folder:
        one, out = Path(folder) / "one.csv", Path(folder) / "answer.csv"
        pd.DataFrame([row]).to_csv(one, index=False)
        state.workspace().batch_predict(f"{model}@production", data=one, output=out)
        in_file = float(pd.read_csv(out)[name][0])
        st.markdown(f"One row `{alone!r}`  \nIn a file `{in_file!r}`")
        st.markdown(
            cards.state_text("pass", "equal to the last digit")
            if in_file == alone
            else cards.state_text("fail", "different")
        )
