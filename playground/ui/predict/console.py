"""The REST console on the Predict screen: a real server, its state, a click that calls it, code that does the same."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import streamlit as st

from mlops import Workspace
from mlops.base.records import ref_of
from mlops.serving.hosts import is_loopback
from playground import rest, servers, snippets
from playground.chain import Chain
from playground.rest import Called, Place, Seen
from playground.ui.kit import acts, cards, lists, session, state
from playground.ui.predict import one

TITLE = "REST"
"""Of the tab in which it is."""

LOOK = 1.0
"""Seconds between two looks at a server that runs."""

_wire = st.components.v2.component(
    "rest_console",
    html='<div class="room"><div class="console"></div></div>',
    css=Path(__file__).with_suffix(".css").read_text("utf-8"),
    js=Path(__file__).with_suffix(".js").read_text("utf-8"),
)


def draw(chain: Chain) -> None:
    """Draw the server of what is live, and what can be done with it."""
    live = chain.production.model
    if state.event() is not None:
        acts.button("Start a server", "start a server", key="rest.start")
        st.caption("A server answers with what is live today, so in the past none is started.")
        return
    place = Place(str(state.workspace().path.absolute()), _environment(live["name"]), live["name"])
    who, row = one.on_form(live["name"], lists.metadata(ref_of(live)))
    seen = _seen(place)
    with st.container(horizontal=True, key="rest-buttons", vertical_alignment="center"):
        _buttons(place, seen, who, row)
    _running(place, seen)
    if seen and seen.state == "answers":
        _far(seen)
        _snippets(seen, row)
    st.caption(
        "Over REST a program asks, and nobody sits at a screen. This server is real: it answers on the machine that "
        f"runs this app, and only there; it ends with the app, and after {rest.IDLE / 60:.0f} minutes without a call."
    )


def _environment(model: str) -> str:
    """Let a person choose where the version is live that answers, if it is live in several places."""
    live = state.read(_live_in, model)
    if len(live) < 2:
        return live[0]
    said = st.segmented_control(
        "Environment", live, default=live[0], required=True, key="predict.rest.environment", persist_state="session",
        label_visibility="collapsed",
    )  # fmt: skip
    return str(said)


def _live_in(ws: Workspace, model: str) -> tuple[str, ...]:
    return tuple(place for place in ("production", "staging") if ws.releases.live(place, model))


def _seen(place: Place) -> Seen | None:
    server = servers.of_app().of(place)
    return server.seen if server else None


def _buttons(place: Place, seen: Seen | None, who: str, row: Mapping[str, Any]) -> None:
    if seen and seen.state == "answers":
        called = acts.button("Call it", "call it", type="primary", icon=":material/bolt:", key="rest.call")
        st.markdown(f":gray[about {cards.plain(who)}, as on the form]", width="content")
        if called:
            with cards.errors():
                servers.of_app().start(place).call(row)
                st.rerun()
    elif not (seen and seen.state == "starts"):
        port = None
        if acts.button(
            "Start a server", "start a server", type="primary", icon=":material/power_settings_new:", key="rest.start"
        ):
            port = int(session.held("predict.rest.port") or 0)
        with st.popover("Port", icon=":material/tune:", key="rest.ports"):
            st.number_input(
                "Port, 0 for any that is free", 0, 65535, 0, key="predict.rest.port", persist_state="session",
            )  # fmt: skip
        if port is not None:
            with cards.errors():
                servers.of_app().start(place, port)
                st.rerun()
    if seen and seen.state != "ended":
        st.button("Stop", icon=":material/stop_circle:", key="rest.stop", on_click=servers.of_app().stop, args=(place,))
    if seen and seen.state == "answers" and not is_far(st.context.url):
        st.link_button("Its documentation", f"{seen.url}/docs", icon=":material/open_in_new:", type="tertiary")


def _running(place: Place, seen: Seen | None) -> None:
    """Draw the wire, and look again and again while a server runs; when it starts or ends, all is drawn anew."""
    runs = bool(seen and seen.state != "ended")

    @st.fragment(run_every=LOOK if runs else None)
    def look() -> None:
        now = _seen(place)
        if (now.state if now else None) != (seen.state if seen else None):
            st.rerun()
        _wire(data=wire(now, place), key="predict.wire")
        if now and now.trouble:
            st.warning(cards.plain(now.trouble), icon=":material/warning:")

    look()
    if seen and seen.called:
        shown = st.expander(
            "The last answer", icon=":material/data_object:", type="compact", on_change="rerun", key="rest.answer"
        )
        cards.inside(shown, lambda: st.json(dict(seen.called[0].answer)))


def wire(seen: Seen | None, place: Place) -> dict[str, Any]:
    """Return the server as the browser gets it."""
    now = seen or Seen("ended")
    return {
        "state": now.state if seen else "none", "url": now.url, "model": place.model, "environment": place.environment,
        "version": now.version and f"v{now.version}", "before": now.before and f"v{now.before}", "calls": now.calls,
        "why": now.why, "said": said(seen), "called": [_call(one) for one in now.called],
    }  # fmt: skip


def said(seen: Seen | None) -> str:
    """Return what there is to see.

    Examples
    --------
    >>> said(Seen("answers", version="1.1.0", before="1.2.0", calls=3))
    'v1.1.0 answers now, v1.2.0 before. 3 calls.'
    """
    if seen is None:
        return "No server runs."
    if seen.state == "starts":
        return "It starts: it loads the model and checks it."
    if seen.state == "ended":
        return seen.why
    calls = f"{seen.calls:,} call{'' if seen.calls == 1 else 's'}."
    if not seen.version:
        return f"Nothing is live here, so nothing answers. {calls}"
    return f"v{seen.version} answers now{f', v{seen.before} before' if seen.before else ''}. {calls}"


def _call(called: Called) -> dict[str, Any]:
    refused = called.answer.get("error")
    told = str(refused.get("message")) if isinstance(refused, Mapping) else ""
    return {
        "number": called.number, "status": called.status, "took": f"{called.milliseconds:.1f} ms",
        "version": called.version and f"v{called.version}",
        "answer": told or repr(one.number_of(called.answer)[1]), "ok": called.status == 200,
    }  # fmt: skip


def is_far(url: str | None) -> bool:
    """Tell whether a browser reached the app by another name than that of the machine itself.

    Examples
    --------
    >>> is_far("http://localhost:8501/predict"), is_far("http://127.0.0.1:8501"), is_far("http://[::1]:8501")
    (False, False, False)
    >>> is_far("http://192.168.1.7:8501"), is_far("https://class-pc.local/predict")
    (True, True)
    """
    return not is_loopback(urlsplit(url or "").hostname or "localhost")


def _far(seen: Seen) -> None:
    """Say that an address of this machine means another machine elsewhere."""
    if is_far(st.context.url):
        st.info(
            f"You look at this app from elsewhere, or by its name. {cards.plain(seen.url)} is the machine that runs "
            "it, so the code below works in a shell there, not on yours. Call it sends from there.",
            icon=":material/lan:",
        )


def _snippets(seen: Seen, row: Mapping[str, Any]) -> None:
    """Draw code that does what the button does."""
    names = [language.name for language in snippets.LANGUAGES]
    name = st.segmented_control(
        "Language", names, default=names[0], required=True, key="predict.language", persist_state="session",
        label_visibility="collapsed",
    )  # fmt: skip
    language = next(one for one in snippets.LANGUAGES if one.name == name)
    st.code(language.write(seen.url, row, bool(rest.token())), language=language.code, wrap_lines=True)
    token = f" It sends the secret in {snippets.SECRET}, which has to be set there." if rest.token() else ""
    st.caption(f"{language.said}{token}")
