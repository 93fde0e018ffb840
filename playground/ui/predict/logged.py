"""Logged answers on the Predict screen: the newest ones, found by customer, and any of them replayed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import islice
from typing import Any

import pandas as pd
import streamlit as st

from mlops import Workspace
from mlops.base.records import ref_of
from mlops.data.described import title
from playground import dots, words
from playground.ui.kit import cards, lists, session, state
from playground.ui.kit.links import link

TITLE = "Logged answers"
"""Of the tab in which they are."""

SHOWN = 12
"""So many are listed; who looks for an older one finds it by its customer."""


def linked(tabs: str, titles: Mapping[str, str]) -> None:
    """Open the tab for who comes by a link: ``?replay=ID``, ``?open=logged``, ``?open=one``; then the tabs are theirs.

    Parameters
    ----------
    tabs : str
        Key of the tabs.
    titles : mapping
        Of the tabs before this one, by the word that opens it.
    """
    asked, opened = st.query_params.get("replay", ""), st.query_params.get("open")
    if opened in titles:
        session.hold(tabs, titles[opened])
    elif opened == "logged" or (asked and asked != session.REPLAYED.get()):
        session.hold(tabs, TITLE)
    if opened is not None:
        del st.query_params["open"]  # so that the same link opens it again
    session.REPLAYED.set(asked)


def any_there() -> bool:
    """Return whether anything was ever asked."""
    return bool(state.read_requests(_newest, 1))


def draw() -> None:
    """Draw what is replayed, if anything is, then the answers to choose from."""
    if asked := st.query_params.get("replay"):
        with cards.errors():
            _replayed(state.read_requests(_replay, asked), state.read_requests(_get, asked))
    find = st.text_input(
        "Find", key="predict.find", max_chars=100, icon=":material/search:", label_visibility="collapsed",
        placeholder="Customer, or the id of a prediction",
    )  # fmt: skip
    found = state.read_requests(_found, (find or "").strip(), SHOWN + 1)
    if not found:
        st.markdown(f":gray[{'Nobody asked about that' if find else 'Nothing was asked here yet'}.]")
    with st.grid(3, min_column_width=280):
        for request in found[:SHOWN]:
            _card(request, asked or "")
    if len(found) > SHOWN:
        st.caption(f"The newest {SHOWN}. Older ones are found by their customer.")


def _card(request: Mapping[str, Any], asked: str) -> None:
    answer, signature = request["answer"], lists.metadata(ref_of(request["model"]))["signature"]
    who = "a row" if request["id"] is None else str(request["id"])
    said = " ".join((dots.decided(answer["prediction"], signature), dots.score(answer, signature)))
    place = f" in {request['environment']}" if request["environment"] else ""
    with st.container(border=True, gap="xsmall", height="stretch"):
        with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
            st.markdown(f"**{cards.plain(who)}**", width="content")
            if st.button(
                "Replay", icon=":material/replay:", type="tertiary",
                key=f"predict.replay.{request['prediction_id']}", disabled=request["prediction_id"] == asked,
            ):  # fmt: skip
                st.query_params["replay"] = request["prediction_id"]
                st.rerun()
        st.markdown(f"{cards.plain(said)}, {cards.plain(lists.told(request['model']))}{cards.plain(place)}")
        st.caption(words.when(request["at"]))


def _replayed(again: Any, request: Mapping[str, Any]) -> None:
    """Draw an answer beside the one that the same version gives again, with all it came from."""
    signature = lists.metadata(ref_of(again.model))["signature"]
    version = next(one for one in lists.models() if one.identity == again.model)
    with st.container(border=True, key="replay"):
        who = "A row" if request["id"] is None else str(request["id"])
        st.markdown(f"**{cards.plain(who)}**, asked {words.when(again.at)}")
        sides = (("Sent then", again.logged), (f"{lists.told(again.model)} again, now", again.recomputed))
        for column, (said, answer) in zip(st.columns(2), sides, strict=True):
            with column, st.container(border=True, gap="xsmall"):
                st.caption(cards.plain(said))
                st.markdown(f"#### {cards.plain(dots.decided(answer['prediction'], signature))}")
                for name, digits in numbers(answer).items():
                    st.markdown(f":gray[{cards.plain(name)}] `{digits}`")
        st.markdown(
            cards.state_text("pass", "Equal to the last digit")
            if again.equal
            else cards.state_text("fail", "Not equal: the log says another answer than the model")
        )
        live = f"live in {' and '.join(version.live_in)}" if version.live_in else "no longer live"
        now = "rejected since" if version.status == "rejected" else live
        st.caption(f"Answered by exactly the version of then, which is {now}. A replay records nothing.")
        with st.container(horizontal=True):
            link("model", f"{again.model['name']} v{again.model['version']}", "deployed_code", ref=ref_of(again.model))
            link("run", f"Run {words.short(again.run_id)}", "science", id=again.run_id)
            link("data", ref_of(again.data), "database", version=ref_of(again.data))
        shown = st.expander("The row", icon=":material/table:", type="compact", on_change="rerun", key="replay.row")
        cards.inside(shown, lambda: _row(again, request["row"]))


def numbers(answer: Mapping[str, Any]) -> dict[str, str]:
    """Return every number of an answer with every digit, by its name.

    Examples
    --------
    >>> numbers({"churn_probability": 0.1 + 0.2, "prediction": 0, "threshold": 0.5})
    {'churn probability': '0.30000000000000004', 'threshold': '0.5'}
    >>> numbers({"prediction": 41.5, "threshold": None})
    {'prediction': '41.5'}
    """
    classes = {f"probability of {name}": value for name, value in (answer.get("probabilities") or {}).items()}
    single = {
        key.replace("_", " "): value
        for key, value in answer.items()
        if key.endswith("_probability") or (key in ("prediction", "threshold") and isinstance(value, float))
    }
    return {name: repr(value) for name, value in {**classes, **single}.items()}


def _row(again: Any, row: Mapping[str, Any]) -> None:
    said = lists.described(ref_of(again.data))
    values = ["missing" if value is None else str(value) for value in row.values()]
    table = pd.DataFrame({"Column": [title(said, name) for name in row], "Value": values})
    st.dataframe(table, hide_index=True, alt="The row that was asked about")
    cards.download(table, f"row-{again.prediction_id}")


def _newest(ws: Workspace, most: int) -> list[dict[str, Any]]:
    return ws.predictions.list(most)


def _found(ws: Workspace, find: str, most: int) -> Sequence[Mapping[str, Any]]:
    """Return the newest requests, or the newest of those about a customer or a prediction id that begins so."""
    if not find:
        return ws.predictions.list(most)
    asked = (
        one
        for one in ws.predictions.list()
        if one["prediction_id"].startswith(find) or find.casefold() in str(one["id"] or "").casefold()
    )
    return [*islice(asked, most)]


def _replay(ws: Workspace, prediction_id: str) -> Any:
    return ws.predictions.replay(prediction_id)


def _get(ws: Workspace, prediction_id: str) -> Mapping[str, Any]:
    return ws.predictions.get(prediction_id)
