"""How values read on a screen: instants, hashes, intervals, configs."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError


def moment(instant: str | None) -> str:
    """Return an instant as a person reads it, in UTC and to the second.

    Examples
    --------
    >>> moment("2024-03-15T18:00:00.000000Z")
    '2024-03-15 18:00:00Z'
    """
    return "" if not instant else datetime.fromisoformat(instant).strftime("%Y-%m-%d %H:%M:%SZ")


def when(instant: str) -> str:
    """Return an instant as it stands in a sentence, in UTC.

    Examples
    --------
    >>> when("2024-03-15T18:00:00.000000Z")
    '15 March 2024, 18:00 UTC'
    """
    then = datetime.fromisoformat(instant)
    return f"{then.day} {then:%B %Y, %H:%M} UTC"


def date(instant: str) -> str:
    """Return the day of an instant, in UTC.

    Examples
    --------
    >>> date("2023-12-04T09:00:00.000000Z")
    'Mon 4 Dec 2023'
    """
    day = datetime.fromisoformat(instant)
    return f"{day:%a} {day.day} {day:%b %Y}"


def day(instant: str) -> str:
    """Return the day of an instant as short as it can be told, in UTC.

    Examples
    --------
    >>> day("2023-12-04T09:00:00.000000Z")
    '4 Dec 2023'
    """
    return date(instant).partition(" ")[2]


def local(seconds: float, zone: str | None) -> str:
    """Return a moment of wall time as a clock in that zone shows it; in UTC if the zone is not known here.

    Examples
    --------
    >>> local(1701680400, "Europe/Berlin"), local(1701680400, None)
    ('4 Dec 2023, 10:00', '4 Dec 2023, 09:00 UTC')
    """
    with suppress(ZoneInfoNotFoundError, ValueError):
        if zone:
            here = datetime.fromtimestamp(seconds, ZoneInfo(zone))
            return f"{here.day} {here:%b %Y, %H:%M}"
    here = datetime.fromtimestamp(seconds, UTC)
    return f"{here.day} {here:%b %Y, %H:%M} UTC"


def amount(value: float) -> str:
    """Return a number that a model foretells, with as many digits as say something.

    Examples
    --------
    >>> amount(13270.42), amount(41.5)
    ('13,270', '41.5')
    """
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"


def rule(asked: Mapping[str, Any]) -> str:
    """Return what a rule of the release check asks of a model beside the live one.

    Examples
    --------
    >>> [rule({"require": require, "margin": 0.02}) for require in ("not_worse", "better")]
    ['may lose at most 0.02', 'must be better']
    """
    return f"may lose at most {asked['margin']:g}" if asked["require"] == "not_worse" else "must be better"


def counted(many: int, what: str) -> str:
    """Return how many there are of something.

    Examples
    --------
    >>> counted(0, "run"), counted(1, "run"), counted(1200, "run")
    ('no runs', '1 run', '1,200 runs')
    """
    return f"{many:,} {what}{'' if many == 1 else 's'}" if many else f"no {what}s"


def row_noun(identity: str | None) -> str:
    """Return what a row is, as far as the column that names it tells.

    Examples
    --------
    >>> row_noun("customer_id"), row_noun("id"), row_noun(None)
    ('customer', 'row', 'row')
    """
    noun = (identity or "").lower().removesuffix("id").rstrip("_").replace("_", " ")
    return noun if noun and noun != (identity or "").lower() else "row"


def size(count: float) -> str:
    """Return bytes as people count them.

    Examples
    --------
    >>> size(900), size(4_200_000), size(3.1e9)
    ('1 kB', '4.2 MB', '3.1 GB')
    """
    unit, name = next((pair for pair in ((1e9, "GB"), (1e6, "MB")) if count >= pair[0]), (1e3, "kB"))
    return f"{count / unit:.1f} {name}" if unit > 1e3 else f"{max(round(count / unit), 1)} {name}"


def short(digest: str | None) -> str:
    """Return the first characters of a hash, enough to tell two apart.

    Examples
    --------
    >>> short("3f9c2a1b77d0")
    '3f9c2a1'
    """
    return (digest or "")[:7]


def version(model: Mapping[str, str], named: bool) -> str:
    """Return a recorded model by its version; by its name as well where there are several names.

    Examples
    --------
    >>> churn = {"name": "churn_model", "version": "1.2.0"}
    >>> version(churn, named=False), version(churn, named=True)
    ('v1.2.0', 'churn_model v1.2.0')
    """
    return f"{model['name']} v{model['version']}" if named else f"v{model['version']}"


def number(value: Any) -> str:
    """Return a metric as text; unknown is a dash, and thousands need no decimals.

    Examples
    --------
    >>> number(0.84123), number(None), number(4321.6)
    ('0.841', '–', '4,322')
    """
    if value is None:
        return "–"
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3f}"


def plain_number(value: float) -> str:
    """Return a value of the data as text: as many digits as tell it from its neighbours.

    Examples
    --------
    >>> plain_number(13.2049), plain_number(0.00123), plain_number(123456.7)
    ('13.20', '0.00123', '123,457')
    """
    if value and abs(value) < 0.1:
        return f"{value:.3g}"
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.2f}"


def signed(value: float, digits: int = 3) -> str:
    """Return a difference as text; what rounds to nothing has no sign.

    Examples
    --------
    >>> signed(0.0123), signed(-0.0004), signed(-2.5, 1)
    ('+0.012', '0.000', '-2.5')
    """
    return f"{value:+.{digits}f}" if round(value, digits) else f"{0:.{digits}f}"


def interval(bounds: Sequence[float] | None) -> str:
    """Return a 95 % interval as text.

    Examples
    --------
    >>> interval((0.81, 0.8567))
    '0.810 – 0.857'
    """
    return f"{number(bounds[0])} – {number(bounds[1])}" if bounds else ""


def metric_name(name: str) -> str:
    """Return a metric as people write it.

    Examples
    --------
    >>> metric_name("average_precision"), metric_name("auc")
    ('average precision', 'AUC')
    """
    return {"auc": "AUC", "f1": "F1", "rmse": "RMSE", "mae": "MAE", "r2": "R²", "brier": "Brier score"}.get(
        name, name.replace("_", " ")
    )


FIRST = ("auc", "precision", "recall", "accuracy", "rmse", "mae", "r2")
"""Metrics in the order of their use here."""


def score(metrics: Mapping[str, float | None]) -> str:
    """Return the metric by which a run is judged, as text; nothing where none is known.

    Examples
    --------
    >>> score({"recall": 0.5, "auc": 0.84123}), score({})
    ('AUC 0.841', '')
    """
    name = next((name for name in FIRST if metrics.get(name) is not None), None)
    return f"{metric_name(name)} {number(metrics[name])}" if name else ""


def json_text(value: Any) -> str:
    """Return a record as JSON that people read."""
    return json.dumps(value, indent=2, ensure_ascii=False)


def changes(made: Sequence[Mapping[str, Any]]) -> str:
    """Return changes as one line: the first in full, the others counted.

    Parameters
    ----------
    made : sequence of mapping
        ``{key, before, after}``, at least one.

    Examples
    --------
    >>> changes([{"key": "model.max_depth", "before": 4, "after": 6}])
    'config changed: model.max_depth 4 → 6'
    >>> changes([{"key": "data", "before": "customers@1", "after": "customers@2"}] * 2)
    'data changed: customers@1 → customers@2, and 1 more'
    """
    first, more = made[0], len(made) - 1
    what = "data changed:" if first["key"] == "data" else f"config changed: {first['key']}"
    return f"{what} {setting(first['before'])} → {setting(first['after'])}{f', and {more} more' if more else ''}"


def changed(made: Sequence[Mapping[str, Any]]) -> str:
    """Return changes of a config as a few words: the first by the last part of its key, the others counted.

    Examples
    --------
    >>> changed([{"key": "model.max_depth", "before": 4, "after": 6}] * 3)
    'max_depth 4 → 6, and 2 more'
    """
    first, more = made[0], len(made) - 1
    key = first["key"].rpartition(".")[2]
    return f"{key} {setting(first['before'])} → {setting(first['after'])}{f', and {more} more' if more else ''}"


def setting(value: Any, most: int = 40) -> str:
    """Return the value of a config key as text; absent is a dash, and a long one is cut.

    Examples
    --------
    >>> setting(None), setting(0.35), setting(["month"])
    ('–', '0.35', '[month]')
    """
    if value is None:
        return "–"
    text = f"[{', '.join(map(str, value))}]" if isinstance(value, (list, tuple)) else str(value)
    return text if len(text) <= most else f"{text[: most - 1]}…"
