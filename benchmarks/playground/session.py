"""A browser's session without a browser: it sends what a click sends, and waits until the server has drawn the page."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from streamlit.components.v2.bidi_component.main import _make_trigger_id
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.sync.client import ClientConnection, connect


class Session:
    """One person at one page."""

    def __init__(self, connection: ClientConnection, page: str, query: str) -> None:
        self._connection = connection
        self._page = page
        self._states: dict[str, WidgetState] = {}
        self._query = query
        self._hash = ""
        self.widgets: dict[tuple[str, str], Any] = {}
        """``(kind, label)`` -> what was drawn last."""
        self._fragments: dict[str, str] = {}
        self.components: dict[str, tuple[Any, str]] = {}
        """Name of an own component -> as it was drawn last, and its fragment."""
        self.errors: list[str] = []
        """Exceptions that the page showed."""
        self.again: tuple[str, float] | None = None
        """The fragment that asks to be run again by itself, and after how many seconds."""
        self.texts: list[str] = []
        """The markdown drawn by the last run."""
        self.links: list[str] = []
        """What the links to other pages said that it drew."""

    @property
    def seat(self) -> str:
        """The key of the seat that the address says, in a class."""
        return self._query.partition("ws=")[2].partition("&")[0]

    def rerun(self, fragment: str = "", trigger: WidgetState | None = None) -> float:
        """Ask for a rerun and return the seconds until the page stands."""
        message = BackMsg()
        request = message.rerun_script
        request.query_string, request.fragment_id = self._query, fragment
        request.page_script_hash = self._hash
        request.page_name = self._page
        request.widget_states.widgets.extend([*self._states.values(), *([trigger] if trigger else [])])
        began = time.perf_counter()
        self._connection.send(message.SerializeToString())
        self._receive()
        return time.perf_counter() - began

    def set(self, kind: str, label: str, **value: Any) -> float:
        """Set a widget, as moving or typing does, and return the seconds until the page stands."""
        widget = self.widgets[kind, label]
        state = WidgetState(id=widget.id)
        for name, content in value.items():
            if isinstance(content, list):
                getattr(state, name).data.extend(content)
            else:
                setattr(state, name, content)
        self._states[widget.id] = state
        return self.rerun(self._fragments.get(widget.id, ""))

    def click(self, label: str) -> float:
        """Press a button and return the seconds until the page stands."""
        button = self.widgets["button", label]
        return self.rerun(self._fragments.get(button.id, ""), WidgetState(id=button.id, trigger_value=True))

    def tell(self, component: str, event: str, value: Any) -> float:
        """Let an own component tell of something, and return the seconds until the page stands."""
        drawn, fragment = self.components[component]
        state = WidgetState(id=_make_trigger_id(drawn.id, "events"))
        state.json_trigger_value = json.dumps([{"event": event, "value": value}])
        return self.rerun(fragment, state)

    def _receive(self) -> None:
        asked: tuple[str, float] | None = None
        while True:
            message = ForwardMsg()
            message.ParseFromString(self._connection.recv(timeout=60))
            kind = message.WhichOneof("type")
            if kind == "new_session":
                self.texts.clear()
                self.links.clear()
                asked = None
            elif kind == "auto_rerun":
                asked = message.auto_rerun.fragment_id, message.auto_rerun.interval
            elif kind == "navigation":
                self._hash = message.navigation.page_script_hash
            elif kind == "page_info_changed":
                self._query = message.page_info_changed.query_string
            elif kind == "delta" and message.delta.WhichOneof("type") == "new_element":
                self._element(message.delta.new_element, message.delta.fragment_id)
            elif kind == "script_finished" and message.script_finished != ForwardMsg.FINISHED_EARLY_FOR_RERUN:
                if message.script_finished == ForwardMsg.FINISHED_SUCCESSFULLY:  # of the whole page
                    self.again = asked
                return

    def _element(self, element: Any, fragment: str) -> None:
        kind = element.WhichOneof("type")
        drawn = getattr(element, kind)
        if kind == "exception":
            self.errors.append(f"{drawn.type}: {drawn.message}")
        if kind == "markdown":
            self.texts.append(drawn.body)
        if kind == "page_link":
            self.links.append(drawn.label)
        if kind == "bidi_component":
            self.components[drawn.component_name] = drawn, fragment
        if hasattr(drawn, "id") and hasattr(drawn, "label"):
            self.widgets[kind, drawn.label] = drawn
            self._fragments[drawn.id] = fragment


@contextmanager
def session(address: str, page: str = "", query: str = "", cookie: str = "") -> Iterator[Session]:
    """Open a page and yield the session once the page stands.

    Parameters
    ----------
    address : str
        Of the app: ``http://localhost:8501``.
    page : str
        Its path, without the slash.
    query : str
        What stands behind the question mark of the URL.
    cookie : str
        What the browser remembers, ``name=value``.
    """
    where, headers = f"{address.replace('http', 'ws')}/_stcore/stream", {"Cookie": cookie} if cookie else {}
    with connect(where, max_size=None, compression=None, additional_headers=headers) as connection:
        opened = Session(connection, page, query)
        opened.rerun()
        yield opened
