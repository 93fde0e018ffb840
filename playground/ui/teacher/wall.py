"""The wall on the teacher's page: over each stop a dot for each who is there, and a tile for each seat.

It looks every few seconds; what is read again is only what changed. A tile or a stop that is clicked is chosen.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import streamlit as st

from playground import course
from playground.classroom.book import Classroom
from playground.classroom.wall import Tile

_wall = st.components.v2.component(
    "class_wall",
    html='<div class="wall"></div>',
    css=Path(__file__).with_suffix(".css").read_text("utf-8"),
    js=Path(__file__).with_suffix(".js").read_text("utf-8"),
)


def draw(found: Sequence[Tile], book: Classroom, chosen: str, picked: str, key: str) -> tuple[str, str]:
    """Draw the wall; return the stop and the tile that somebody clicked at this moment, each empty if none."""
    clicked = _wall(
        data=data(found, book, chosen, picked), key=key, on_stop_change=lambda: None, on_tile_change=lambda: None
    )
    stop, tile = clicked.stop, clicked.tile
    return (stop if stop in {one.id for one in course.EVERY} else "", tile if tile in {one.id for one in found} else "")


def data(found: Sequence[Tile], book: Classroom, chosen: str, picked: str) -> dict[str, Any]:
    """Return what the browser has of a class."""
    return {
        "tiles": [{**one.as_dict(), "said": one.said} for one in found],
        "stops": [_stop(stop, found, book) for stop in course.EVERY if stop.number or _is_used(stop, found)],
        "chosen": chosen,
        "picked": picked,
        "said": said(found),
        "table": [row(one) for one in found],
    }


def _is_used(stop: course.Stop, found: Sequence[Tile]) -> bool:
    return any(stop.id == tile.stop or stop.id in tile.done for tile in found)


def _stop(stop: course.Stop, found: Sequence[Tile], book: Classroom) -> dict[str, Any]:
    behind = sum(stop.id in tile.done for tile in found)
    return {"id": stop.id, "number": stop.number, "title": stop.title, "open": book.is_open(stop.id), "behind": behind}


def said(found: Sequence[Tile]) -> str:
    """Return the wall in words.

    Examples
    --------
    >>> said([Tile("1", "Ada", "freeze", "Freeze the data", 2, guess="given"), Tile("2", "Seat 2")])
    '2 seats. 1 at stop 2. 1 guess given, 0 awaited.'
    """
    at = [(stop, sum(tile.stop == stop.id for tile in found)) for stop in course.EVERY]
    where = ", ".join(f"{count} at {stop.called}" for stop, count in at if count)
    given, waiting = (sum(tile.guess == kind for tile in found) for kind in ("given", "waiting"))
    guesses = f"{given} {'guess' if given == 1 else 'guesses'} given, {waiting} awaited" if given or waiting else ""
    seats = f"{len(found)} {'seat' if len(found) == 1 else 'seats'}"
    return ". ".join(filter(None, (seats, where, guesses))) + "."


def row(tile: Tile) -> dict[str, Any]:
    """Return a tile as a row of the table."""
    return {
        "Name": tile.name,
        "Stop": tile.title,
        "Goals": f"{tile.reached} of {tile.goals}" if tile.stop else "",
        "Guess": tile.guess,
        "Best honest AUC": None if tile.auc is None else f"{tile.auc:.4f}",
        "Live": tile.live,
        "Stops behind": len(tile.done),
    }
